//! The operator's side of ISMAP through its pages: reception, review, committee, incidents, notices, parties, deadlines.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use crate::scheme_year::{self as year, period};
use jiff::ToSpan as _;
use serde_json::{Value, json};

const DAY: i64 = 86_400;

/// Sends a form of a record's page, which shows one of several.
#[track_caller]
fn act(browser: &mut Browser, path: &str, key: &str, fields: &[(&str, &str)]) -> Reply {
    let mut all = vec![("act", key)];
    all.extend_from_slice(fields);
    browser.submit(path, &all)
}

/// As [`act`], and it is done.
#[track_caller]
fn acts(browser: &mut Browser, path: &str, key: &str, fields: &[(&str, &str)]) {
    let reply = act(browser, path, key, fields);
    assert_eq!(reply.status, 303, "{key}: {}", reply.text());
}

#[track_caller]
fn page(browser: &mut Browser, path: &str) -> String {
    let reply = browser.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.text()
}

/// A form with a file.
fn upload(browser: &mut Browser, path: &str, key: &str, fields: &[(&str, &str)], file: &str) -> Reply {
    let shown = page(browser, &format!("{path}?act={key}"));
    let hidden = |name: &str| {
        let of = shown.split("enctype=\"multipart/form-data\"").nth(1).unwrap_or_else(|| panic!("{shown}"));
        let value = of.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    };
    let mut body = String::new();
    let (token, seen) = (hidden("token"), hidden("seen"));
    let first = [("token", token.as_str()), ("seen", seen.as_str()), ("act", key)];
    for (name, value) in first.iter().chain(fields) {
        body.push_str(&format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    let head = "content-disposition: form-data; name=\"upload\"; filename=\"kakuu.txt\"";
    body.push_str(&format!("--x\r\n{head}\r\ncontent-type: text/plain\r\n\r\n{file}\r\n--x--\r\n"));
    let request = browser.request("POST", &format!("{path}/upload"));
    request.header("content-type", "multipart/form-data; boundary=x").bytes(body.into_bytes()).send()
}

/// The row of the register that the gate reads.
#[track_caller]
fn row(house: &House, number: &str) -> Value {
    let all = house.by("staff").get("/api/registrations").ok();
    let rows = all["registrations"].as_array().unwrap();
    rows.iter().find(|r| r["registration"]["number"] == number).unwrap_or_else(|| panic!("{all}")).clone()
}

fn record(house: &House, kind: &str, id: &str) -> Value {
    house.by("secretariat").get(&format!("/api/ismap/{kind}/{id}")).ok()["record"].clone()
}

/// The address of the only link below `path` on a page.
#[track_caller]
fn link(shown: &str, path: &str) -> String {
    let begin = format!("href=\"{path}/");
    let rest = shown.split(&begin).nth(1).unwrap_or_else(|| panic!("{shown}"));
    format!("{path}/{}", rest.split(['"', '?']).next().unwrap())
}

#[test]
fn given_an_application_when_it_goes_through_reception_review_and_committee_then_the_gate_sees_a_registration() {
    let house = House::with_scheme();
    year::filed(&house);
    let (mut reception, mut reviewer) =
        (Browser::signed_in(&house, "reception"), Browser::signed_in(&house, "reviewer"));
    let (mut csp, mut secretariat) = (Browser::signed_in(&house, "csp"), Browser::signed_in(&house, "secretariat"));
    // One and the same person may hold both roles, but not take both parts of one case.
    let both = json!({ "party": "unei", "step": { "do": "admit", "person": house.person("reception"), "role": "ipa_reviewer" } });
    house.must("secretariat", "party.step", &both);
    let path = "/ismap/filings/f-1";

    let shown = page(&mut csp, path);
    assert!(shown.contains("申請済み") && !shown.contains("受理確認を始める"), "{shown}");
    assert!(page(&mut reception, "/ismap").contains("が届きました。"));
    acts(&mut reception, path, "check", &[]);
    let reply = act(&mut reception, path, "return", &[]);
    assert!(reply.status == 422 && reply.text().contains("直してほしいところを入力してください。"), "{}", reply.text());
    acts(&mut reception, path, "accept", &[]);

    // The receptionist finds no button, is told why, and is refused when sending the form all the same.
    let shown = page(&mut reception, path);
    assert!(shown.contains("受理を担当したため") && !shown.contains("value=\"start\""), "{shown}");
    let token = shown.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let seen = house.register().scheme().filings.get(&"f-1".parse().unwrap()).unwrap().steps().count().to_string();
    let fields = [("token", token.as_str()), ("seen", seen.as_str()), ("act", "start")];
    let reply = reception.post(path, &fields);
    assert!(reply.status == 422 && reply.text().contains("受理を担当した人は"), "{}", reply.text());

    acts(&mut reviewer, path, "start", &[]);
    acts(&mut reviewer, path, "inquire", &[("question", "架空の冗長化はどうしていますか。")]);
    assert!(page(&mut csp, "/ismap").contains("照会が届いています"));
    acts(&mut csp, path, "answer", &[("answer", "二つの架空リージョンで動かしています。")]);
    let shown = page(&mut reviewer, path);
    assert!(shown.contains("二つの架空リージョンで動かしています。"), "{shown}");
    let reply = act(&mut reviewer, path, "review", &[("opinion", "書面で確かめた。")]);
    assert!(reply.status == 422 && reply.text().contains("書面で確かめた。</textarea>"), "{}", reply.text());
    acts(&mut reviewer, path, "review", &[("result", "met"), ("opinion", "書面で確かめた。")]);

    // No meeting can take it yet.
    assert!(page(&mut secretariat, path).contains("付議できる会議がありません"));
    let today = house.today().to_string();
    let reply = secretariat.submit("/ismap/meetings", &[("day", &today), ("quorum", "1")]);
    assert!(reply.status == 422 && reply.text().contains("過半数（2 人）以上"), "{}", reply.text());
    let reply = secretariat.submit("/ismap/meetings", &[("day", &today), ("quorum", "2")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let meeting = reply.header("location").unwrap().split('?').next().unwrap().to_owned();
    let id = meeting.rsplit('/').next().unwrap().to_owned();
    acts(&mut secretariat, path, "docket", &[("meeting", &id)]);
    acts(&mut secretariat, &meeting, "add", &[("title", "架空の報告")]);

    // Two of three are present, one of them has an interest: the application has no quorum.
    let [one, two, three] = ["member1", "member2", "member3"].map(|who| house.person(who).to_owned());
    let (present1, present2) = (format!("present.{one}"), format!("present.{two}"));
    acts(&mut secretariat, &meeting, "open", &[(&present1, "on"), (&present2, "on")]);
    let item = "filing:f-1";
    let mut member = Browser::signed_in(&house, "member2");
    assert!(!page(&mut member, &meeting).contains("決定する"));
    let reply = act(&mut member, &meeting, "recuse", &[("item", item), ("member", &two)]);
    assert!(reply.status == 422 && reply.text().contains("利害関係"), "{}", reply.text());
    acts(&mut member, &meeting, "recuse", &[("item", item), ("member", &two), ("reason", "申請した事業者に在籍していた")]);
    let decide = format!("{meeting}/decide?item=filing%3Af-1");
    let shown = page(&mut secretariat, &decide);
    assert!(shown.contains("定足数 2 人に足りません（出席し、忌避していない委員は 1 人）"), "{shown}");
    assert!(!shown.contains("value=\"preview\""), "{shown}");
    let token = shown.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [
        ("token", token.as_str()), ("item", item), ("outcome", "register"), ("number", "KAKUU-0001"), ("approve", "1"),
        ("against", "0"), ("abstain", "0"), ("rule", "toroku-kisoku"), ("article", "5"), ("stage", "confirm"),
    ];
    let reply = secretariat.post(&format!("{meeting}/decide"), &fields);
    assert!(reply.status == 422 && reply.text().contains("定足数 2 人に足りません"), "{}", reply.text());

    // The other matter is noted; the application goes on in the next meeting, with everybody.
    let other = [
        ("token", token.as_str()), ("item", "other:架空の報告"), ("outcome", "note"), ("approve", "2"), ("against", "0"),
        ("abstain", "0"), ("stage", "confirm"),
    ];
    assert_eq!(secretariat.post(&format!("{meeting}/decide"), &other).status, 303);
    let next = house.today().to_string();
    let reply = secretariat.submit("/ismap/meetings", &[("day", &next), ("quorum", "2")]);
    let second = reply.header("location").unwrap().split('?').next().unwrap().to_owned();
    assert_ne!(second, meeting);
    // The first meeting closes without a decision on it, so it goes to the next one.
    let reply = upload(&mut secretariat, &meeting, "minutes", &[("number", "架空第1号")], "架空の議事録");
    assert_eq!(reply.status, 303, "{}", reply.text());
    assert_eq!(record(&house, "meetings", &id)["minutes"][0], "架空第1号");
    let kept = secretariat.get(&format!("{meeting}/minutes"));
    assert_eq!((kept.status, kept.text().as_str()), (200, "架空の議事録"));
    let draft = secretariat.get(&format!("{meeting}/minutes.md")).text();
    assert!(draft.contains("- 忌避: 委員 二助") && draft.contains("- 決定: 了承"), "{draft}");
    assert!(secretariat.get(&format!("{meeting}/agenda.md")).text().contains("登録申請: 架空クラウドAI基盤"));
    let second_id = second.rsplit('/').next().unwrap().to_owned();
    acts(&mut secretariat, path, "docket", &[("meeting", &second_id)]);
    let present3 = format!("present.{three}");
    acts(&mut secretariat, &second, "open", &[(&present1, "on"), (&present2, "on"), (&present3, "on")]);

    // Votes that do not add up, and no rule: each told at its field. Nothing typed is lost.
    let decide = format!("{second}/decide");
    let mut form = vec![
        ("token", token.as_str()), ("item", item), ("outcome", "register"), ("number", "KAKUU-0001"), ("approve", "2"),
        ("against", "0"), ("abstain", "0"), ("reason", "審査の結果による"), ("stage", "preview"),
    ];
    let reply = secretariat.post(&decide, &form);
    let shown = reply.text();
    assert!(reply.status == 422 && shown.contains("票の合計 2 が、議決に加わる委員 3 人と合いません"), "{shown}");
    assert!(shown.contains("value=\"KAKUU-0001\"") && shown.contains("審査の結果による"), "{shown}");
    form[4].1 = "3";
    let reply = secretariat.post(&decide, &form);
    assert!(reply.status == 422 && reply.text().contains("根拠となる規程類と条項"), "{}", reply.text());
    form.extend([("rule", "toroku-kisoku"), ("article", "5")]);

    // What follows is told before anything is recorded.
    let reply = secretariat.post(&decide, &form);
    let shown = reply.text();
    let until = sekisho_domain::ismap::computed_expiry(period(&house, 1).1).unwrap();
    assert_eq!(reply.status, 200, "{shown}");
    for told in ["登録決定", "KAKUU-0001", "架空東", &until.strftime("%Y年%-m月%-d日").to_string(), "決定を記録する"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(record(&house, "filings", "f-1")["state"], "docketed");
    form[8].1 = "confirm";
    assert_eq!(secretariat.post(&decide, &form).status, 303);
    // Sent twice, it counts once.
    assert_eq!(secretariat.post(&decide, &form).status, 303);

    let row = row(&house, "KAKUU-0001");
    assert_eq!(row["state"], "active", "{row}");
    let row = &row["registration"];
    assert_eq!(row["valid_until"], json!(until));
    assert_eq!((&row["csp_name"], &row["audit_firm"]), (&json!("架空クラウド株式会社"), &json!("架空監査法人")));
    assert_eq!((&row["scope"]["regions"], &row["scope"]["generative_ai"]), (&json!(["架空東"]), &json!(true)));
    assert!(row["objectives"].as_array().is_some_and(|all| !all.is_empty()), "{row}");
    let shown = page(&mut csp, path);
    assert!(shown.contains("登録決定") && shown.contains("KAKUU-0001"), "{shown}");
}
