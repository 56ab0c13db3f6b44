//! The parties of ISMAP: who comes in where.

use crate::browser::Browser;
use crate::house::House;

#[test]
fn given_someone_who_acts_for_a_provider_then_ismap_opens_and_the_bodys_own_pages_do_not() {
    let house = House::with_scheme();
    let mut csp = Browser::signed_in(&house, "csp-head");
    assert_eq!(csp.get("/ismap").status, 200);
    assert!(csp.get("/ismap").text().contains("架空クラウド株式会社"));
    assert_eq!(csp.get("/").header("location"), Some("/ismap"));
    for closed in ["/chat", "/permits", "/services", "/apps", "/oversight", "/regulation"] {
        assert_eq!(csp.get(closed).status, 403, "{closed}");
    }
    let mut staff = Browser::signed_in(&house, "staff");
    assert_eq!((staff.get("/chat").status, staff.get("/ismap").status), (200, 200));
}

#[test]
fn given_the_records_when_a_provider_asks_the_api_then_it_sees_its_own_and_what_is_public() {
    let house = House::with_scheme();
    let all = |who: &str, kind: &str| {
        let reply = house.by(who).get(&format!("/api/ismap/{kind}"));
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["records"].as_array().unwrap().len()
    };
    assert_eq!(all("csp", "parties"), 6);
    assert_eq!(all("csp", "criteria"), 1);
    assert_eq!((all("csp", "firms"), all("csp", "meetings")), (0, 0));
    let missing = house.by("csp").get("/api/ismap/nothing");
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("registrations"), "{}", missing.text());
    // What was known two days ago: nothing.
    let before = house.today().yesterday().unwrap().yesterday().unwrap();
    let reply = house.by("csp").get(&format!("/api/ismap/parties?as_of={before}"));
    assert_eq!(reply.json()["records"].as_array().unwrap().len(), 0);
}

#[test]
fn given_a_step_that_speaks_of_a_content_then_the_api_does_not_take_it() {
    let house = House::with_scheme();
    let content = serde_json::json!({
        "catalogue": "x",
        "step": { "do": "adopt", "title": "架空", "version": "1", "effective_from": "2026-01-01", "sha256": "0".repeat(64),
                  "counts": { "objectives": 1, "details": 1, "basic": 0, "provider": 0 } },
    });
    let reply = house.by("secretariat").command("criteria.step", &content);
    assert_eq!(
        (reply.status, reply.json()["error"]["code"].as_str()),
        (400, Some("BY_PAGES_ONLY")),
        "{}",
        reply.text()
    );
}

#[test]
fn given_other_parties_when_a_provider_asks_the_api_then_it_learns_their_names_and_of_their_services_what_is_published()
{
    let house = House::with_scheme();
    crate::scheme_year::filed(&house);
    crate::scheme_year::registered(&house, "f-1", "kai-1", Some("KAKUU-2026-01"));
    let all = |who: &str, kind: &str| house.by(who).get(&format!("/api/ismap/{kind}")).ok()["records"].clone();
    let record = |who: &str, kind: &str, id: &str| {
        let all = all(who, kind);
        all.as_array().unwrap().iter().find(|r| r["id"] == id).unwrap()["record"].clone()
    };
    let (own, others) = (record("csp2", "parties", "mihon-data"), record("csp2", "parties", "kakuu-cloud"));
    assert!(own["members"].as_object().unwrap().len() > 1 && own["offerings"]["mihon-sfa"].is_string(), "{own}");
    assert_eq!(others["name"], "架空クラウド株式会社");
    assert!(others["members"] == serde_json::json!({}) && others["offerings"] == serde_json::json!({}), "{others}");
    assert_eq!(house.by("csp2").get("/api/ismap/parties/kakuu-cloud").status, 404);
    assert_eq!(house.by("secretariat").get("/api/ismap/parties/kakuu-cloud").status, 200);
    for path in ["/api/ismap/registrations", "/api/registrations"] {
        let told = |who: &str| house.by(who).get(path).text();
        // The provider's own and the body's staff see what was disclosed with the application, others do not.
        assert!(told("csp").contains("東京地方裁判所") && told("staff").contains("東京地方裁判所"), "{path}");
        let published = told("csp2");
        assert!(published.contains("KAKUU-2026-01") && !published.contains("東京地方裁判所"), "{path}: {published}");
    }
    // Nor by the pages: not on the row, not beside others, not by what a filter finds, and not by the history.
    let mut own = Browser::signed_in(&house, "csp");
    let mut others = Browser::signed_in(&house, "csp2");
    for path in ["/ismap/list/KAKUU-2026-01", "/ismap/list/compare?number=KAKUU-2026-01"] {
        let (own, others) = (own.get(path).text(), others.get(path).text());
        assert!(own.contains("東京地方裁判所") && others.contains("KAKUU-2026-01"), "{path}");
        assert!(!others.contains("東京地方裁判所"), "{path}: {others}");
    }
    let found = |browser: &mut Browser| browser.get("/ismap/list?law=日本").text().contains("KAKUU-2026-01");
    assert!(found(&mut own) && !found(&mut others));
    let history = |browser: &mut Browser| {
        let page = browser.get("/ismap/list/KAKUU-2026-01").text();
        page.split("<ol class=\"history\">").nth(1).unwrap().split("</ol>").next().unwrap().to_owned()
    };
    let (told, published) = (history(&mut own), history(&mut others));
    let recorder = told.split('、').nth(1).unwrap().split('<').next().unwrap();
    assert!(!recorder.is_empty() && published.contains("記録した") && !published.contains(recorder), "{published}");
}

#[test]
fn given_the_key_of_a_provider_or_a_firm_then_the_bodys_own_api_is_closed_to_it() {
    let house = House::with_scheme();
    for who in ["csp", "audit-lead"] {
        let by = house.by(who);
        for closed in
            ["/api/services", "/api/permits", "/api/departments", "/api/uses", "/api/files", "/v1/models", "/api/rules"]
        {
            let reply = by.get(closed);
            assert_eq!(reply.status, 403, "{who} {closed}: {}", reply.text());
        }
        for open in ["/api/me", "/api/ismap/parties", "/api/registrations"] {
            assert_eq!(by.get(open).status, 200, "{who} {open}");
        }
        let chat = by.chat("kakuu-local", "要約してください");
        assert_eq!(chat.status, 403, "{who}: {}", chat.text());
    }
    // Whoever procures for the body is of the body.
    assert_eq!(house.by("procurer").get("/api/services").status, 200);
}
