//! Audits on pages: who finds them, and what is told where nothing can be asked yet.

use crate::browser::Browser;
use crate::house::House;

#[test]
fn given_no_audit_when_its_parties_look_then_each_is_told_what_comes_first_and_no_other_record_exists() {
    let house = House::with_scheme();
    let mut provider = Browser::signed_in(&house, "csp");
    let list = provider.get("/ismap/engagements");
    assert_eq!(list.status, 200, "{}", list.text());
    assert!(list.text().contains("あなたに関わる監査はありません"), "{}", list.text());
    let new = provider.get("/ismap/engagements/new");
    assert_eq!(new.status, 200, "{}", new.text());
    assert!(new.text().contains("署名済みの言明書がありません"), "{}", new.text());
    // Only a provider asks for an audit.
    let mut lead = Browser::signed_in(&house, "audit-lead");
    assert_eq!(lead.get("/ismap/engagements/new").status, 404);
    for page in ["", "/plan", "/items", "/items/9.2.3", "/findings", "/evidence", "/evidence/00", "/report"] {
        let path = format!("/ismap/engagements/nothing{page}");
        assert_eq!(lead.get(&path).status, 404, "{path}");
    }
    assert_eq!(lead.get("/ismap/engagements?as_of=2026-01-01").status, 200);
}

/// The eight requirements, each described.
fn described(house: &House) -> Vec<(String, String)> {
    let requirements =
        ["corporation", "follows_rules", "corporate_number", "service_standard", "ethics", "exec", "lead", "team"];
    let mut fields: Vec<(String, String)> =
        requirements.iter().map(|r| (format!("ground.{r}"), "架空の証明による".to_owned())).collect();
    fields.push(("exec".into(), house.person("audit-exec").into()));
    fields.push(("lead".into(), house.person("audit-lead").into()));
    fields.extend(
        ["audit-exec", "audit-lead", "audit-member"].map(|who| (format!("team.{}", house.person(who)), "on".into())),
    );
    fields
}

fn sent<'f>(fields: &'f [(String, String)], act: &'static str, without: &str) -> Vec<(&'f str, &'f str)> {
    let mut all: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, _)| name != without)
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    all.push(("act", act));
    all
}

#[test]
fn given_a_firm_when_it_applies_by_pages_then_every_requirement_is_asked_for_and_the_committee_alone_registers_it() {
    let house = House::with_scheme();
    let (firm, form) = ("/ismap/firms/kakuu-kansa", "/ismap/firms/kakuu-kansa/form");
    let mut exec = Browser::signed_in(&house, "audit-exec");
    let mut other = Browser::signed_in(&house, "audit2-exec");
    let mut secretariat = Browser::signed_in(&house, "secretariat");
    assert_eq!((other.get(form).status, secretariat.get(form).status), (404, 404));
    for who in ["audit-member", "csp"] {
        assert_eq!(Browser::signed_in(&house, who).get(form).status, 404, "{who}");
    }
    let fields = described(&house);
    // A draft may lack something; handing it in may not.
    let drafted = exec.submit(form, &sent(&fields, "draft", "ground.ethics"));
    assert_eq!(drafted.status, 303, "{}", drafted.text());
    let refused = exec.submit(firm, &[("act", "submit")]);
    assert!(refused.status == 422 || !exec.get(firm).text().contains("value=\"submit\""), "{}", refused.text());
    assert_eq!(house.register().scheme().firms.all().count(), 1);
    assert_eq!(exec.submit(form, &sent(&fields, "draft", "")).status, 303);
    assert_eq!(exec.submit(firm, &[("act", "submit")]).status, 303);
    assert_eq!(other.get(firm).status, 404, "an application is between the firm and the operator");
    let mut reception = Browser::signed_in(&house, "reception");
    assert_eq!(reception.submit(firm, &[("act", "screen")]).status, 303);
    let silent = reception.submit(firm, &[("act", "return"), ("reason", "")]);
    assert_eq!(silent.status, 422);
    assert!(silent.text().contains("直すところを書いてください"), "{}", silent.text());
    assert!(!secretariat.get(firm).text().contains("value=\"docket\""), "no meeting to put it before");
    crate::scheme_year::convene(&house, "kai-0", house.today());
    assert_eq!(secretariat.submit(firm, &[("act", "docket"), ("meeting", "kai-0")]).status, 303);
    let shown = secretariat.get(firm).text();
    assert!(shown.contains("付議中") && shown.contains("架空の証明による"), "{shown}");
}

#[test]
fn given_a_work_of_higher_impact_when_it_is_assessed_then_the_pre_application_cannot_be_filed_and_a_small_one_can() {
    let house = House::with_scheme();
    let mut csp = Browser::signed_in(&house, "csp2");
    let mut procurer = Browser::signed_in(&house, "procurer");
    let mut asked = |impact: &str| {
        let begun = csp.submit("/ismap/preliminaries/new", &[("offering", "mihon-sfa"), ("works", "架空の業務\n\n")]);
        assert_eq!(begun.status, 303, "{}", begun.text());
        let path = begun.header("location").unwrap().split('?').next().unwrap().to_owned();
        assert_eq!(csp.submit(&path, &[("act", "request"), ("procurer", "kakuu-sho")]).status, 303);
        let lacking = procurer.submit(&path, &[("act", "assess"), ("information0", "公開情報")]);
        assert_eq!(lacking.status, 422);
        assert!(lacking.text().contains("「架空の業務」の影響度を選んでください"), "{}", lacking.text());
        let sheet = [
            ("act", "assess"),
            ("listed0.yes", "on"),
            ("information0", "公開情報"),
            ("c0", "1"),
            ("i0", impact),
            ("a0", "1"),
        ];
        let assessed = procurer.submit(&path, &sheet);
        assert_eq!(assessed.status, 303, "{}", assessed.text());
        path
    };
    let (low, high) = (asked("1"), asked("2"));
    let mut csp = Browser::signed_in(&house, "csp2-head");
    assert!(!csp.get(&high).text().contains("value=\"file\""), "not low, so nothing to file");
    assert_eq!(csp.submit(&low, &[("act", "file")]).status, 303);
    let mut reception = Browser::signed_in(&house, "reception");
    assert_eq!(reception.submit(&low, &[("act", "eligible")]).status, 303);
    assert!(reception.get(&low).text().contains("対象となる"));
    for who in ["csp", "audit-lead", "staff"] {
        assert_eq!(Browser::signed_in(&house, who).get(&low).status, 404, "{who}");
    }
}
