//! An audit on its pages, from the request to the report: who finds it, what is refused on the way, and what the provider
//! never sees.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use crate::scheme_year::{firm, period, signed};
use sekisho_domain::ismap::engagement::EngagementState;
use sekisho_domain::ismap::statement::StatementState;
use sha2::{Digest as _, Sha256};

/// What the firm writes down for itself.
const WORKING_NOTE: &str = "架空の作業メモ: 記録の抜けを疑う";

/// An audit that was contracted, with everybody who takes part signed in.
struct Work {
    house: House,
    path: String,
    csp: Browser,
    exec: Browser,
    lead: Browser,
}

/// The token of a page's forms.
#[track_caller]
fn token(browser: &mut Browser, path: &str) -> String {
    let reply = browser.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    let page = reply.text();
    page.split("name=\"token\" value=\"")
        .nth(2)
        .unwrap_or_else(|| panic!("{path} has no form: {page}"))
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

/// Sends a form of a page, with the token that the page gave.
#[track_caller]
fn send(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Reply {
    let token = token(browser, path);
    let mut all = vec![("token", token.as_str())];
    all.extend_from_slice(fields);
    browser.post(path, &all)
}

#[track_caller]
fn done(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) {
    let reply = send(browser, path, fields);
    assert_eq!(reply.status, 303, "{path} {fields:?}: {}", reply.text());
}

#[track_caller]
fn page(browser: &mut Browser, path: &str) -> String {
    let reply = browser.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.text()
}

/// The value of a hidden field.
#[track_caller]
fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    page.split(&mark).nth(1).unwrap_or_else(|| panic!("no {name}: {page}")).split('"').next().unwrap().to_owned()
}

impl Work {
    /// The plan takes in the three smallest items of chapter 10, and the work has begun.
    fn begun() -> Self {
        let house = House::with_scheme();
        firm(&house);
        signed(&house, "s-1", period(&house, 1), None);
        let (mut csp, mut exec, mut lead) = (
            Browser::signed_in(&house, "csp"),
            Browser::signed_in(&house, "audit-exec"),
            Browser::signed_in(&house, "audit-lead"),
        );
        let asked =
            csp.submit("/ismap/engagements/new", &[("statement", "s-1"), ("firm", "kakuu-kansa"), ("kind", "initial")]);
        assert_eq!(asked.status, 303, "{}", asked.text());
        let path = asked.header("location").unwrap().split('?').next().unwrap().to_owned();
        let tied =
            exec.submit(&path, &[("act", "independence"), ("capital_ties", "親会社が同じ"), ("officer_ties", "")]);
        assert_eq!(tied.status, 422);
        assert!(tied.text().contains("登録規則 3.4"), "{}", tied.text());
        for act in ["independence", "contract"] {
            let reply = exec.submit(&path, &[("act", act)]);
            assert_eq!(reply.status, 303, "{act}: {}", reply.text());
        }
        done(
            &mut lead,
            &format!("{path}/plan"),
            &[("act", "bulk"), ("bulk_chapter", "10"), ("bulk_group", ""), ("depth", "design")],
        );
        done(&mut lead, &format!("{path}/plan"), &[("act", "record"), ("reason", "")]);
        let reply = lead.submit(&path, &[("act", "start")]);
        assert_eq!(reply.status, 303, "{}", reply.text());
        Self { house, path, csp, exec, lead }
    }

    fn at(&self, page: &str) -> String {
        format!("{}/{page}", self.path)
    }

    /// Items in scope, in order.
    fn items(&mut self) -> Vec<String> {
        let path = self.at("items");
        let list = page(&mut self.lead, &path);
        list.split("name=\"item.").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }

    fn state(&self) -> EngagementState {
        let id = self.path.rsplit('/').next().unwrap().parse().unwrap();
        self.house.register().scheme().engagements.now(&id).unwrap().state
    }

    /// The first item is deficient, the others are fine.
    fn evaluated(&mut self) -> Vec<String> {
        let items = self.items();
        assert!(items.len() > 2, "{items:?}");
        let first = self.at(&format!("items/{}", items[0]));
        let refused = send(&mut self.lead, &first, &[("act", "save"), ("design", "deficient"), ("note", WORKING_NOTE)]);
        assert_eq!(refused.status, 422, "a deficiency without a finding");
        let finding = ("finding", "架空の記録が 4 月分しかない");
        done(&mut self.lead, &first, &[("act", "save"), ("design", "deficient"), ("note", WORKING_NOTE), finding]);
        let ticked: Vec<String> = items[1..].iter().map(|id| format!("item.{id}")).collect();
        let mut fields = vec![("act", "fine"), ("note", "手順書と記録を見た")];
        fields.extend(ticked.iter().map(|name| (name.as_str(), "on")));
        let path = self.at("items");
        done(&mut self.lead, &path, &fields);
        items
    }

    /// The finding is handed over, answered and kept for the report.
    fn answered(&mut self) {
        let path = self.at("findings");
        done(&mut self.lead, &path, &[("act", "raise")]);
        done(&mut self.csp, &path, &[("act", "respond"), ("response.F-1", "5 月分から記録を残す"), ("due.F-1", "")]);
        done(&mut self.lead, &format!("{path}?finding=F-1"), &[("act", "keep"), ("finding", "F-1")]);
    }

    fn sign(&mut self, who: fn(&mut Self) -> &mut Browser) -> Reply {
        let path = self.at("report");
        let browser = who(self);
        let shown = page(browser, &path);
        let sha256 = hidden(&shown, "sha256");
        send(browser, &path, &[("act", "sign"), ("sha256", &sha256)])
    }
}

#[test]
fn given_an_audit_when_it_goes_its_way_by_pages_then_the_report_makes_the_statement_audited() {
    let mut work = Work::begun();
    work.evaluated();
    let report = work.at("report");
    let shown = page(&mut work.lead, &report);
    assert!(shown.contains("F-1 が解消も報告書への記載もされていません"), "{shown}");
    assert!(shown.contains("結論が書かれていません") && !shown.contains("value=\"sign\""), "{shown}");
    work.answered();
    done(&mut work.lead, &report, &[("act", "opinion"), ("opinion", "発見事項を除き、言明のとおりである。")]);
    assert_eq!(work.sign(|w| &mut w.lead).status, 303);
    let unsigned = page(&mut work.exec, &report);
    assert!(!unsigned.contains("value=\"report\""), "one signature is not enough");
    assert_eq!(work.sign(|w| &mut w.exec).status, 303);
    // A change takes both signatures away, and what was shown before is not what would be reported.
    let before = hidden(&page(&mut work.exec, &report), "sha256");
    done(&mut work.lead, &report, &[("act", "opinion"), ("opinion", "改めた結論。")]);
    let refused = send(&mut work.exec, &report, &[("act", "report"), ("sha256", &before)]);
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("監査調書が変わりました") && refused.text().contains("署名し直してください"));
    for who in [(|w| &mut w.lead) as fn(&mut Work) -> &mut Browser, |w| &mut w.exec] {
        assert_eq!(work.sign(who).status, 303);
    }
    let sha256 = hidden(&page(&mut work.exec, &report), "sha256");
    done(&mut work.exec, &report, &[("act", "report"), ("sha256", &sha256)]);
    assert_eq!(work.state(), EngagementState::Reported);
    let register = work.house.register();
    let statement = register.scheme().statements.now(&"s-1".parse().unwrap()).unwrap();
    assert_eq!(statement.state, StatementState::Audited);
    // The report is the provider's to read now, and both sides take it along as OSCAL.
    assert!(page(&mut work.csp, &report).contains("改めた結論。"));
    let id = work.path.rsplit('/').next().unwrap();
    for model in ["assessment-plan", "assessment-results", "plan-of-action-and-milestones"] {
        for who in ["audit-lead", "csp"] {
            let taken = work.house.by(who).get(&format!("/api/oscal/{model}/{id}"));
            assert_eq!(taken.status, 200, "{who} {model}: {}", taken.text());
            assert!(taken.json().get(model).is_some(), "{who} {model}");
        }
        assert_eq!(work.house.by("csp2").get(&format!("/api/oscal/{model}/{id}")).status, 404, "{model}");
    }
    assert_eq!(work.house.by("csp").get("/api/oscal/system-security-plan/s-1").status, 200);
    assert_eq!(work.house.by("csp2").get("/api/oscal/system-security-plan/s-1").status, 404);
}

#[test]
fn given_an_audit_when_others_look_then_it_does_not_exist_and_the_provider_never_sees_the_working_notes() {
    let mut work = Work::begun();
    let items = work.evaluated();
    let below = ["", "/plan", "/items", &format!("/items/{}", items[0]), "/findings", "/evidence", "/report"];
    for who in ["audit2-exec", "csp2", "secretariat", "procurer", "staff"] {
        let mut other = Browser::signed_in(&work.house, who);
        for page in below {
            let path = format!("{}{page}", work.path);
            assert_eq!(other.get(&path).status, 404, "{who} {path}");
        }
    }
    for page in ["plan", "items", "evidence", "report"] {
        let path = work.at(page);
        assert_eq!(work.csp.get(&path).status, 404, "{path}");
    }
    let path = work.at("findings");
    assert!(!page(&mut work.csp, &path).contains("4 月分"), "a finding that was not handed over is the firm's");
    done(&mut work.lead, &path, &[("act", "raise")]);
    let shown = page(&mut work.csp, &path);
    assert!(shown.contains("4 月分しかない") && !shown.contains(WORKING_NOTE), "{shown}");
    let id = work.path.rsplit('/').next().unwrap();
    assert_eq!(work.house.by("csp").get(&format!("/api/oscal/assessment-results/{id}")).status, 404);
}

#[test]
fn given_findings_with_the_provider_then_the_firm_cannot_settle_them_and_the_provider_always_can_answer() {
    let mut work = Work::begun();
    let items = work.evaluated();
    let path = work.at("findings");
    done(&mut work.lead, &path, &[("act", "raise")]);
    assert_eq!(work.state(), EngagementState::FindingsOpen);
    assert!(!page(&mut work.lead, &path).contains("?finding=F-1"), "nothing to settle is offered");
    for act in ["resolve", "keep", "reopen", "edit"] {
        let refused = send(&mut work.lead, &path, &[("act", act), ("finding", "F-1"), ("text", "別の内容")]);
        assert_eq!(refused.status, 422, "{act}");
        assert!(refused.text().contains("事業者が回答しているところです"), "{act}: {}", refused.text());
    }
    // A finding that the firm writes meanwhile is not asked about.
    done(&mut work.lead, &path, &[("act", "new"), ("criterion", items[1].as_str()), ("text", "あとから見つけたこと")]);
    let asked = page(&mut work.csp, &path);
    assert!(asked.contains("response.F-1") && !asked.contains("F-2") && !asked.contains("あとから"), "{asked}");
    let lacking = send(&mut work.csp, &path, &[("act", "respond"), ("response.F-1", "")]);
    assert_eq!(lacking.status, 422);
    done(&mut work.csp, &path, &[("act", "respond"), ("response.F-1", "直す"), ("due.F-1", "")]);
    assert_eq!(work.state(), EngagementState::CspResponse);
    assert!(page(&mut work.lead, &path).contains("?finding=F-1"));
}

#[test]
fn given_concluded_items_when_others_are_ticked_with_them_then_nothing_of_them_is_changed() {
    let mut work = Work::begun();
    let items = work.evaluated();
    let ticked = format!("item.{}", items[0]);
    let path = work.at("items");
    let refused = send(&mut work.lead, &path, &[("act", "fine"), ("note", "上書き"), (&ticked, "on")]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("何も変えていません"), "{}", refused.text());
    let path = work.at(&format!("items/{}", items[0]));
    let first = page(&mut work.lead, &path);
    assert!(first.contains(WORKING_NOTE) && first.contains("value=\"deficient\" checked"), "{first}");
}

#[test]
fn given_evidence_when_it_is_taken_in_then_its_hash_is_the_files_and_its_day_is_its_own() {
    let mut work = Work::begun();
    let path = work.at("evidence");
    let bytes = "架空の議事録".as_bytes();
    let effective = work.house.today().yesterday().unwrap().to_string();
    let take = |work: &mut Work, title: &str, day: &str| {
        let token = token(&mut work.lead, &path);
        let mut body = String::new();
        for (name, value) in [
            ("token", token.as_str()),
            ("title", title),
            ("kind", "document"),
            ("effective_on", day),
            ("valid_until", ""),
        ] {
            body.push_str(&format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        }
        body.push_str("--x\r\ncontent-disposition: form-data; name=\"upload\"; filename=\"giji.txt\"\r\n\r\n");
        let mut body = body.into_bytes();
        body.extend(bytes);
        body.extend(b"\r\n--x--\r\n");
        work.lead.request("POST", &path).header("content-type", "multipart/form-data; boundary=x").bytes(body).send()
    };
    let tomorrow = work.house.today().tomorrow().unwrap().to_string();
    assert_eq!(take(&mut work, "議事録", &tomorrow).status, 422, "evidence of a day to come");
    let taken = take(&mut work, "議事録", &effective);
    assert_eq!(taken.status, 303, "{}", taken.text());
    let sha256: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
    let id = work.path.rsplit('/').next().unwrap().to_owned();
    let record = work.house.by("audit-lead").get(&format!("/api/ismap/engagements/{id}")).ok();
    assert_eq!(record["record"]["evidence"][&sha256], effective.as_str());
    let step = record["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(step["stamp"]["documents"][0], sha256.as_str());
    assert_eq!(step["stamp"]["on"], work.house.today().to_string(), "taken in today");
    // The same once more is no second piece, and says nothing else of it.
    let today = work.house.today().to_string();
    let again = take(&mut work, "別の題名", &today);
    assert_eq!(again.status, 422);
    assert!(again.text().contains("既に証跡として受け入れています"), "{}", again.text());
    let shown = page(&mut work.lead, &path);
    assert!(shown.contains("議事録") && !shown.contains("<td role=\"cell\" data-label=\"題名\">別の題名"), "{shown}");
    let file = work.at(&format!("evidence/{sha256}"));
    let given = work.lead.get(&file);
    assert_eq!((given.status, given.text().as_bytes()), (200, bytes));
    assert_eq!(work.csp.get(&file).status, 404, "for the firm alone");
}
