//! From an application to a permit to its suspension, and what each step lets through.

use crate::client::{CHAT, chat};
use crate::house::House;
use crate::stand_in::{StandIn, completion};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The scenario of the project's brief. The refused prompt must not reach the model's server; that the server can be
/// reached, and that the counter counts, the same test shows.
#[test]
fn given_a_permit_for_grade_1_on_standard_terms_when_grade_2_arrives_then_it_is_refused_and_nothing_leaves() {
    let upstream = StandIn::answering(&completion("はい"));
    let house = House::with(&upstream);
    let staff = house.by("staff");
    // A 約款型 service that lies behind the stand-in's port. TLS is never reached: what counts is that nobody connects.
    let service = json!({
        "service": "open-net", "name": "架空公開サービス", "provider": "架空社", "form": "standard_terms",
        "terms": { "url": "https://example.invalid/terms", "sha256": "ab".repeat(32) },
        "models": [{ "model": "open-net-1", "upstream_model": "x", "generative": true }],
        "region": "jp", "governing_law": "JP", "hosting_route": "internet",
        "upstream": { "wire": "open_ai", "base_url": format!("https://127.0.0.1:{}/v1", upstream.port) },
    });
    house.must("manager", "service.register", &service);
    let draft = house.draft("open-net", "公表資料の下調べ", "kikaku", 0);
    let applied = house.must("staff", "application.submit", &draft);
    assert_eq!(house.approve("approver", &applied["events"][0]["data"]["application"]).status, 201);

    for model in ["open-net-1", "kakuu-open"] {
        let reply = staff.chat(model, "【機密性2情報】次の議事録を要約してください");
        let error = reply.error(403, "STANDARD_TERMS");
        assert_eq!(error["type"], "policy_denied");
        assert_eq!(error["use"], reply.used());
        let reason = &error["reasons"][0];
        assert_eq!((&reason["clause"], &reason["code"]), (&json!("統一基準R3 4.2.1"), &json!("STANDARD_TERMS")));
        for field in ["rule", "document", "clause", "title", "explanation", "remedy"] {
            assert!(reason[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {reason}");
        }
        let entry = house.refusal(&reply.used(), "STANDARD_TERMS");
        assert_eq!(entry["data"]["decision"]["outcome"], "deny");
        assert_eq!(entry["data"]["grade"], 1, "the mark raised the grade");
        assert_eq!(entry["data"]["request"]["declared"], 0, "though nothing was declared");
    }
    assert_eq!(upstream.connections(), 0, "a refused prompt leaves nothing behind upstream");

    // The same words without the mark go out: to an address that a service of 約款型 may not have, so not to the server.
    let reply = staff.chat("open-net-1", "公表資料を要約してください");
    reply.error(502, "upstream_address_refused");
    assert_eq!(house.recorded(&reply.used())["use"]["outcome"], "upstream_error");
    assert_eq!(upstream.connections(), 0, "a private address is for what the body runs itself");
    assert_eq!(staff.chat("kakuu-open", "公表資料を要約してください").status, 200);
    // The counter counts.
    assert_eq!(staff.chat("kakuu-upstream", "要約してください").said(), "はい");
    assert_eq!((upstream.connections(), upstream.seen().len()), (1, 1));
}

#[test]
fn without_a_permit_nothing_passes_and_with_an_approved_application_it_does() {
    let house = House::demo();
    let applicant = house.by("applicant");
    let reply = applicant.chat("kakuu-open", "公表資料を要約してください");
    let error = reply.error(403, "NO_APPROVAL");
    assert_eq!(error["reasons"][0]["clause"], "統一基準R3 4.2.2(2)(b)");
    house.refusal(&reply.used(), "NO_APPROVAL");
    assert_eq!(applicant.models(), Vec::<String>::new());

    let draft = house.draft("kakuu-open", "審査基準の下調べ", "shinsa", 0);
    let mut unread = draft.clone();
    unread["terms_read"] = json!({});
    applicant.command("application.submit", &unread).error(409, "TERMS_NOT_READ");
    let applied = house.must("applicant", "application.submit", &draft);
    let application = &applied["events"][0]["data"]["application"];

    // Nobody but the approver approves; least of all who applied or who runs the machine.
    for role in ["applicant", "staff", "admin", "manager", "ciso", "caio", "auditor"] {
        house.approve(role, application).error(403, "NOT_ALLOWED");
    }
    applicant.chat("kakuu-open", "まだ承認されていない").error(403, "NO_APPROVAL");
    assert_eq!(house.approve("approver", application).status, 201);
    house.approve("approver", application).error(409, "WRONG_STATE");

    assert_eq!(applicant.chat("kakuu-open", "公表資料を要約してください").status, 200);
    assert_eq!(applicant.models(), ["kakuu-open"]);
    // The permit is for one service, up to its ceiling.
    applicant.chat("kakuu-cloud", "公表資料を要約してください").error(403, "NO_APPROVAL");
    applicant.chat("kakuu-open", "【機密性2情報】").error(403, "STANDARD_TERMS");
}

#[test]
fn who_applies_never_approves_even_as_an_approver() {
    let house = House::demo();
    let draft = house.draft("kakuu-open", "承認者自身の業務", "kanbo", 0);
    let applied = house.must("approver", "application.submit", &draft);
    let application = &applied["events"][0]["data"]["application"];
    let error = house.approve("approver", application).error(403, "SEPARATION_OF_DUTIES");
    assert_eq!((&error["type"], &error["clause"]), (&json!("command_refused"), &json!("統一基準R3 4.2.2(2)(b)")));
    let all = house.by("approver").get("/api/applications").ok();
    let found = all["applications"].as_array().unwrap().iter().find(|a| a["application"] == *application).unwrap();
    assert_eq!(found["state"]["state"], "submitted", "a refused command changes nothing");
    // The roles that would go round it cannot be given to one person either.
    let grant = |role: &str, person: &str| json!({ "person": house.person(person), "role": role });
    house.by("admin").command("role.grant", &grant("approver", "admin")).error(403, "SEPARATION_OF_DUTIES");
    house.by("admin").command("role.grant", &grant("administrator", "approver")).error(403, "SEPARATION_OF_DUTIES");
}

#[test]
fn nobody_applies_before_the_regulation_has_its_four_parts() {
    let house = House::fresh();
    let admin = house.by("admin");
    house.must("admin", "person.join", &json!({ "person": "p-ciso", "department": "joho", "post": "shingikan" }));
    house.must("admin", "role.grant", &json!({ "person": "p-ciso", "role": "ciso" }));
    let ciso = house.by_key(&house.issue_key("p-ciso", "secret-of-the-ciso", json!({})));
    let service = json!({
        "service": "local", "name": "庁内モデル", "provider": "架空市", "form": "self_operated",
        "models": [{ "model": "local-1", "upstream_model": "extractive", "generative": true }],
        "region": "jp", "governing_law": "JP", "hosting_route": "on-premises", "upstream": { "wire": "extractive" },
    });
    house.must("admin", "service.register", &service);
    let draft = house.draft("local", "文書の要約", "joho", 0);
    // Before a rule set is adopted there is nothing that could allow anything.
    let reply = admin.chat("local-1", "要約してください");
    assert_eq!(reply.status, 403, "{}", reply.text());
    let parts = ["scope_of_work", "approval", "management", "operation"];
    for (enacted, part) in parts.into_iter().enumerate() {
        let error = admin.command("application.submit", &draft).error(409, "REGULATION_INCOMPLETE");
        assert_eq!(error["clause"], "統一基準R3 4.2.2(1)(a)");
        let missing = ciso.get("/api/regulation").ok()["missing"].as_array().unwrap().len();
        assert_eq!(missing, 4 - enacted);
        let enactment = json!({ "part": part, "title": "規程", "version": "1", "document": "cd".repeat(32) });
        admin.command("regulation.enact", &enactment).error(403, "NOT_ALLOWED");
        assert_eq!(ciso.command("regulation.enact", &enactment).status, 201);
    }
    assert_eq!(admin.command("application.submit", &draft).status, 201);
    let reply = admin.chat("local-1", "要約してください");
    assert_eq!(reply.status, 403, "an application is not a permit, and no rule set is in force: {}", reply.text());
    house.refusal(&reply.used(), reply.json()["error"]["code"].as_str().unwrap());
}

#[test]
fn a_change_against_the_permit_suspends_it_at_once_and_names_what_changed() {
    let house = House::demo();
    let staff = house.by("staff");
    let permit = house.permit("kakuu-cloud");
    let passes = || assert_eq!(staff.chat("kakuu-cloud", "会議の資料を要約してください").status, 200);
    let before = house.service("kakuu-cloud")["terms"]["sha256"].as_str().unwrap()[..12].to_owned();
    passes();

    let new = "0123456789ab".to_owned() + &"ef".repeat(26);
    let terms = json!({ "url": "https://example.invalid/kakuu-cloud/terms-2", "sha256": new });
    let content = json!({ "service": "kakuu-cloud", "terms": terms });
    staff.command("service.change_terms", &content).error(403, "NOT_ALLOWED");
    passes();
    let events = house.must("manager", "service.change_terms", &content);
    assert_eq!(kinds(&events), ["service.terms_changed", "permit.suspended"], "{events}");
    assert!(events["events"][1]["reason"].as_str().unwrap().contains("約款"), "{events}");

    let reply = staff.chat("kakuu-cloud", "会議の資料を要約してください");
    let error = reply.error(403, "PERMIT_SUSPENDED");
    let explanation = error["reasons"][0]["explanation"].as_str().unwrap();
    for part in ["約款", before.as_str(), "0123456789ab"] {
        assert!(explanation.contains(part), "{part} is missing: {explanation}");
    }
    house.refusal(&reply.used(), "PERMIT_SUSPENDED");
    assert!(!staff.models().contains(&"kakuu-cloud".to_owned()));
    // Other permits stand.
    assert_eq!(staff.chat("kakuu-local", "要約してください").status, 200);

    for role in ["staff", "manager", "admin", "ciso"] {
        house.by(role).command("permit.reapprove", &json!({ "permit": permit })).error(403, "NOT_ALLOWED");
    }
    house.must("approver", "permit.reapprove", &json!({ "permit": permit }));
    passes();

    let mut moved = house.service("kakuu-cloud");
    moved["region"] = "us".into();
    let events = house.must("manager", "service.change", &moved);
    assert_eq!(kinds(&events), ["service.changed", "permit.suspended"], "{events}");
    let error = staff.chat("kakuu-cloud", "会議の資料を要約してください").error(403, "PERMIT_SUSPENDED");
    let said = error["reasons"][0]["explanation"].as_str().unwrap();
    assert!(said.contains("処理する地域（jp → us）"), "{said}");
    moved["region"] = "jp".into();
    house.must("manager", "service.change", &moved);
    house.must("approver", "permit.reapprove", &json!({ "permit": permit }));
    passes();

    let status = json!({ "number": "KAKUU-0001", "status": "suspended", "on": house.today() });
    let events = house.must("manager", "registration.change_status", &status);
    assert_eq!(kinds(&events).last().map(String::as_str), Some("permit.suspended"), "{events}");
    let error = staff.chat("kakuu-cloud", "【機密性2情報】会議の資料").error(403, "SUSPENDED");
    let codes = |error: &Value| -> Vec<String> {
        error["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&error), ["SUSPENDED", "PERMIT_SUSPENDED"], "all reasons, the weightier first: {error}");
    let said = error["reasons"][1]["explanation"].as_str().unwrap();
    assert!(said.contains("ISMAP登録") && said.contains("一時停止"), "{said}");
    // Approving again does not make the registration effective.
    house.must("approver", "permit.reapprove", &json!({ "permit": permit }));
    let error = staff.chat("kakuu-cloud", "【機密性2情報】会議の資料").error(403, "SUSPENDED");
    assert_eq!(codes(&error), ["SUSPENDED"]);
}

fn kinds(events: &Value) -> Vec<String> {
    events["events"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_revoked_permit_lets_nothing_through_and_stays_revoked() {
    let house = House::demo();
    let staff = house.by("staff");
    let permit = json!({ "permit": house.permit("kakuu-cloud") });
    house.by("staff").command("permit.revoke", &permit).error(403, "NOT_ALLOWED");
    house.must("ciso", "permit.revoke", &permit);
    let reply = staff.chat("kakuu-cloud", "会議の資料");
    house.refusal(&reply.used(), reply.error(403, "NO_APPROVAL")["code"].as_str().unwrap());
    house.by("approver").command("permit.reapprove", &permit).error(409, "WRONG_STATE");
    house.by("ciso").command("permit.revoke", &permit).error(409, "WRONG_STATE");
    // Named by hand it is told as what it is.
    let named = staff.request("POST", CHAT).header("x-sekisho-permit", house.permit("kakuu-cloud"));
    let error = named.json(&chat("kakuu-cloud", "会議の資料")).send().error(403, "NO_APPROVAL");
    assert!(error["reasons"][0]["explanation"].as_str().unwrap().contains("取り消"), "{error}");
}

/// A request waits for a change of the register no longer than for its own record, whoever changes what.
#[test]
fn requests_and_changes_that_meet_each_other_both_end_and_the_ledger_agrees() {
    let house = House::demo();
    let permit = json!({ "permit": house.permit("kakuu-local") });
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let staff = house.by("staff");
            scope.spawn(move || {
                for _ in 0..15 {
                    let reply = staff.chat("kakuu-local", "要約してください");
                    match reply.status {
                        200 => {}
                        403 => drop(reply.error(403, "PERMIT_SUSPENDED")),
                        // The register kept changing under it: nothing was recorded, nothing was sent.
                        _ => drop(reply.error(503, "LEDGER_UNAVAILABLE")),
                    }
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..8 {
                house.must("manager", "permit.suspend", &permit);
                house.must("approver", "permit.reapprove", &permit);
            }
        });
    });
    assert!(begun.elapsed() < Duration::from_secs(100));
    // The house's last look at the books decides every one of them again, on the register of its own place.
}
