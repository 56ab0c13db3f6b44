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
    assert!(shown.contains("二つの架空リージョンで動かしています。") && shown.contains("照会する"), "{shown}");
    // The provider and the receptionist find nothing of the reviewer's to press.
    for browser in [&mut csp, &mut reception] {
        let shown = page(browser, path);
        assert!(!shown.contains("照会する") && !shown.contains("審査の結果を記録する"), "{shown}");
    }
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
    acts(
        &mut member,
        &meeting,
        "recuse",
        &[("item", item), ("member", &two), ("reason", "申請した事業者に在籍していた")],
    );
    let decide = format!("{meeting}/decide?item=filing%3Af-1");
    let shown = page(&mut secretariat, &decide);
    assert!(shown.contains("定足数 2 人に足りません（出席し、忌避していない委員は 1 人）"), "{shown}");
    assert!(!shown.contains("value=\"preview\""), "{shown}");
    let token = shown.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [
        ("token", token.as_str()),
        ("item", item),
        ("outcome", "register"),
        ("number", "KAKUU-0901"),
        ("approve", "1"),
        ("against", "0"),
        ("abstain", "0"),
        ("rule", "toroku-kisoku"),
        ("article", "5"),
        ("stage", "confirm"),
    ];
    let reply = secretariat.post(&format!("{meeting}/decide"), &fields);
    assert!(reply.status == 422 && reply.text().contains("定足数 2 人に足りません"), "{}", reply.text());

    // The other matter is noted; the application goes on in the next meeting, with everybody.
    let other = [
        ("token", token.as_str()),
        ("item", "other:架空の報告"),
        ("outcome", "note"),
        ("approve", "2"),
        ("against", "0"),
        ("abstain", "0"),
        ("stage", "confirm"),
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
        ("token", token.as_str()),
        ("item", item),
        ("outcome", "register"),
        ("number", "KAKUU-0901"),
        ("approve", "2"),
        ("against", "0"),
        ("abstain", "0"),
        ("reason", "審査の結果による"),
        ("stage", "preview"),
    ];
    let reply = secretariat.post(&decide, &form);
    let shown = reply.text();
    assert!(reply.status == 422 && shown.contains("票の合計 2 が、議決に加わる委員 3 人と合いません"), "{shown}");
    assert!(shown.contains("value=\"KAKUU-0901\"") && shown.contains("審査の結果による"), "{shown}");
    form[4].1 = "3";
    let reply = secretariat.post(&decide, &form);
    assert!(reply.status == 422 && reply.text().contains("根拠となる規程類と条項"), "{}", reply.text());
    form.extend([("rule", "toroku-kisoku"), ("article", "5")]);

    // What follows is told before anything is recorded.
    let reply = secretariat.post(&decide, &form);
    let shown = reply.text();
    let until = sekisho_domain::ismap::computed_expiry(period(&house, 1).1).unwrap();
    assert_eq!(reply.status, 200, "{shown}");
    for told in ["登録決定", "KAKUU-0901", "架空東", &until.strftime("%Y年%-m月%-d日").to_string(), "決定を記録する"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(record(&house, "filings", "f-1")["state"], "docketed");
    form[8].1 = "confirm";
    assert_eq!(secretariat.post(&decide, &form).status, 303);
    // Sent twice, it counts once.
    assert_eq!(secretariat.post(&decide, &form).status, 303);

    let row = row(&house, "KAKUU-0901");
    assert_eq!(row["state"], "active", "{row}");
    let row = &row["registration"];
    assert_eq!(row["valid_until"], json!(until));
    assert_eq!((&row["csp_name"], &row["audit_firm"]), (&json!("架空クラウド株式会社"), &json!("架空監査法人")));
    assert_eq!((&row["scope"]["regions"], &row["scope"]["generative_ai"]), (&json!(["架空東"]), &json!(true)));
    assert!(row["objectives"].as_array().is_some_and(|all| !all.is_empty()), "{row}");
    let shown = page(&mut csp, path);
    assert!(shown.contains("登録決定") && shown.contains("KAKUU-0901"), "{shown}");
}

#[test]
fn given_a_registration_when_its_renewal_is_filed_in_time_then_it_continues_past_its_expiry_and_another_provider_sees_nothing()
 {
    let house = House::with_scheme();
    year::filed(&house);
    year::registered(&house, "f-1", "kai-1", Some("KAKUU-0901"));
    // Nearly at its end: 180, 90, 30 days before it the reminders are out.
    let until: jiff::civil::Date =
        row(&house, "KAKUU-0901")["registration"]["valid_until"].as_str().unwrap().parse().unwrap();
    let left = (until - house.today()).get_days();
    house.pass(i64::from(left - 20) * DAY);
    let mut csp = Browser::signed_in(&house, "csp");
    let shown = page(&mut csp, "/ismap/deadlines");
    assert!(shown.contains("KAKUU-0901") && shown.contains("30 日前") && shown.contains("あと 20 日"), "{shown}");
    assert!(csp.get("/ismap/deadlines?format=csv").text().contains("KAKUU-0901"));
    assert!(page(&mut csp, "/ismap").contains("KAKUU-0901"));

    year::audited(&house, "s-2", "e-2", period(&house, 1), Some("s-1"));
    year::file(&house, "f-2", "s-2", "e-2", Some("KAKUU-0901"));
    house.pass(40 * DAY);
    assert_eq!(row(&house, "KAKUU-0901")["state"], "continuing");

    // The clock: it runs through questions unless the operator says otherwise.
    let mut reception = Browser::signed_in(&house, "reception");
    acts(&mut reception, "/ismap/filings/f-2", "check", &[]);
    acts(&mut reception, "/ismap/filings/f-2", "accept", &[]);
    let mut reviewer = Browser::signed_in(&house, "reviewer");
    acts(&mut reviewer, "/ismap/filings/f-2", "start", &[]);
    acts(&mut reviewer, "/ismap/filings/f-2", "inquire", &[("question", "変わったところはありますか。")]);
    let due = |house: &House, more: i32| {
        let accepted: jiff::civil::Date =
            record(house, "filings", "f-2")["accepted_on"].as_str().unwrap().parse().unwrap();
        let due = sekisho_domain::ismap::last_day(accepted, 6).unwrap().checked_add(more.days()).unwrap();
        due.strftime("%Y年%-m月%-d日").to_string()
    };
    house.pass(10 * DAY);
    let mut secretariat = Browser::signed_in(&house, "secretariat");
    let shown = page(&mut secretariat, "/ismap/filings");
    assert!(shown.contains(&due(&house, 0)) && shown.contains("照会中"), "{shown}");
    let reply = secretariat.submit("/ismap/settings", &[("prelim", "0"), ("clock", "pauses")]);
    assert!(reply.status == 422 && reply.text().contains("1 以上の数字"), "{}", reply.text());
    let reply = secretariat.submit("/ismap/settings", &[("clock", "pauses"), ("reason", "架空の規程で確かめた")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let shown = page(&mut secretariat, "/ismap/filings/f-2");
    assert!(shown.contains(&due(&house, 10)), "{shown}");
    assert!(page(&mut secretariat, "/ismap/settings").contains("日数は未設定"));

    // As it was known before: on the day before the question there was none.
    let before = house.today().checked_sub(11.days()).unwrap();
    let shown = page(&mut secretariat, &format!("/ismap/filings/f-2?as_of={before}"));
    assert!(
        shown.contains("の終わりに分かっていた内容です") && !shown.contains("変わったところはありますか。"),
        "{shown}"
    );
    let shown = page(&mut secretariat, &format!("/ismap/filings?as_of={before}"));
    assert!(shown.contains("申請済み") && !shown.contains("照会中</span>"), "{shown}");

    // Another provider finds none of it, and cannot act on it.
    let mut other = Browser::signed_in(&house, "csp2-head");
    for path in [
        "/ismap/filings/f-2",
        "/ismap/meetings",
        "/ismap/meetings/kai-1",
        "/ismap/settings",
        "/ismap/parties/kakuu-cloud",
    ] {
        assert_eq!(other.get(path).status, 404, "{path}");
    }
    for path in
        ["/ismap/filings?state=all", "/ismap/deadlines", "/ismap/parties", "/ismap/incidents", "/ismap/change-notices"]
    {
        let shown = page(&mut other, path);
        assert!(!shown.contains("架空クラウドAI基盤") && !shown.contains("KAKUU-0901"), "{path}: {shown}");
    }
    let own = page(&mut other, "/ismap/filings");
    let token = own.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let reply = other.post("/ismap/filings/f-2", &[("token", &token), ("seen", "0"), ("act", "withdraw")]);
    assert_eq!(reply.status, 404);

    // Taken back, the renewal keeps nothing alive.
    let mut csp = Browser::signed_in(&house, "csp");
    acts(&mut csp, "/ismap/filings/f-2", "withdraw", &[]);
    assert_eq!(row(&house, "KAKUU-0901")["state"], "expired");
}

#[test]
fn given_a_registration_when_an_incident_is_reported_then_the_gate_knows_until_it_is_closed() {
    let house = House::with_scheme();
    year::filed(&house);
    year::registered(&house, "f-1", "kai-1", Some("KAKUU-0901"));
    let incidents = |house: &House| row(house, "KAKUU-0901")["registration"]["incidents"].as_array().unwrap().len();
    let mut csp = Browser::signed_in(&house, "csp");
    let today = house.today().to_string();
    let fields = [("number", "KAKUU-0901"), ("title", "架空の障害"), ("known_on", "きのう")];
    let reply = csp.submit("/ismap/incidents", &fields);
    assert!(reply.status == 422 && reply.text().contains("架空の障害"), "{}", reply.text());
    let fields = [("number", "KAKUU-0901"), ("title", "架空の障害"), ("known_on", today.as_str())];
    assert_eq!(csp.submit("/ismap/incidents", &fields).status, 303);
    assert_eq!(incidents(&house), 1);
    let shown = page(&mut csp, "/ismap/incidents");
    assert!(shown.contains("日数は未設定"), "{shown}");
    let path = link(&shown, "/ismap/incidents");

    let reply = upload(&mut csp, &path, "preliminary", &[], "");
    assert!(reply.status == 422 && reply.text().contains("空です"), "{}", reply.text());
    assert_eq!(upload(&mut csp, &path, "preliminary", &[], "架空の速報").status, 303);
    assert_eq!(upload(&mut csp, &path, "final", &[], "架空の確報").status, 303);
    let mut secretariat = Browser::signed_in(&house, "secretariat");
    let shown = page(&mut secretariat, &path);
    assert!(!shown.contains("速報を出す") && !shown.contains("確報を出す"), "{shown}");
    let document = link(&shown, &format!("{path}/documents"));
    assert_eq!(secretariat.get(&document).text(), "架空の速報");
    let mut other = Browser::signed_in(&house, "csp2");
    for hidden in [&path, &document] {
        assert_eq!(other.get(hidden).status, 404, "{hidden}");
    }
    acts(&mut secretariat, &path, "review", &[]);
    let reply = act(&mut secretariat, &path, "close", &[]);
    assert!(reply.status == 422 && reply.text().contains("根拠となる規程類と条項"), "{}", reply.text());

    // The committee is asked to suspend: at the next meeting it stands on the agenda.
    year::convene(&house, "kai-2", house.today());
    let rule = [("rule", "toroku-kisoku"), ("article", "13"), ("meeting", "kai-2")];
    acts(&mut secretariat, &path, "suspend", &rule);
    assert_eq!(record(&house, "meetings", "kai-2")["added"][0]["number"], "KAKUU-0901");
    let members: Vec<String> =
        ["member1", "member2", "member3"].iter().map(|who| format!("present.{}", house.person(who))).collect();
    let present: Vec<(&str, &str)> = members.iter().map(|field| (field.as_str(), "on")).collect();
    acts(&mut secretariat, "/ismap/meetings/kai-2", "open", &present);
    let shown = page(&mut secretariat, "/ismap/meetings/kai-2/decide?item=registration%3AKAKUU-0901");
    let token = shown.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = [
        ("token", token.as_str()),
        ("item", "registration:KAKUU-0901"),
        ("outcome", "suspend"),
        ("approve", "3"),
        ("against", "0"),
        ("abstain", "0"),
        ("rule", "toroku-kisoku"),
        ("article", "13"),
        ("stage", "confirm"),
    ];
    let reply = secretariat.post("/ismap/meetings/kai-2/decide", &form);
    assert_eq!(reply.status, 303, "{}", reply.text());
    assert_eq!((row(&house, "KAKUU-0901")["state"].clone(), incidents(&house)), (json!("suspended"), 1));
    acts(&mut secretariat, &path, "close", &rule[..2]);
    assert_eq!(incidents(&house), 0);
}

#[test]
fn given_a_notice_of_another_scope_when_it_is_resolved_then_the_list_says_so_and_its_class_was_told_before() {
    let house = House::with_scheme();
    year::filed(&house);
    year::registered(&house, "f-1", "kai-1", Some("KAKUU-0901"));
    let mut csp = Browser::signed_in(&house, "csp");
    let new = "/ismap/change-notices/new";
    let shown = page(&mut csp, &format!("{new}?number=KAKUU-0901"));
    let hidden = |name: &str| {
        let value = shown.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    };
    let (token, once) = (hidden("token"), hidden("once"));
    let today = house.today().to_string();
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all = vec![
            ("token", token.as_str()),
            ("once", once.as_str()),
            ("number", "KAKUU-0901"),
            ("text", "架空の変更"),
            ("effective_on", today.as_str()),
        ];
        all.extend_from_slice(more);
        all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    let mut send = |fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        csp.post(new, &fields)
    };
    // A new manager alone does not count; another procedure does.
    let class = [("kind", "control"), ("changes.new_manager", "on"), ("act", "classify")];
    assert!(send(with(&class)).text().contains("今の内容の分類: 統制変更に当たらない"));
    let class = [("kind", "control"), ("changes.new_manager", "on"), ("changes.procedure", "on"), ("act", "classify")];
    assert!(send(with(&class)).text().contains("今の内容の分類: 統制変更に当たる"));
    let reply =
        send(with(&[("kind", "control"), ("changes.procedure", "on"), ("criteria", "九の二"), ("act", "save")]));
    assert!(
        reply.status == 422 && reply.text().contains("「九の二」は管理策の番号として読めません"),
        "{}",
        reply.text()
    );
    let scope = [
        ("kind", "listed"),
        ("changes_scope.yes", "on"),
        ("regions", "架空西"),
        ("sub_services", "対話"),
        ("generative_ai", "no"),
        ("act", "save"),
    ];
    let reply = send(with(&scope));
    assert_eq!(reply.status, 303, "{}", reply.text());
    let path = reply.header("location").unwrap().split('?').next().unwrap().to_owned();

    // A draft is its provider's alone.
    let mut reception = Browser::signed_in(&house, "reception");
    assert_eq!(reception.get(&path).status, 404);
    let shown = page(&mut csp, &path);
    assert!(shown.contains("登録情報の変更") && shown.contains("架空西"), "{shown}");
    acts(&mut csp, &path, "file", &[]);
    acts(&mut reception, &path, "triage", &[]);
    let shown = page(&mut reception, &path);
    assert!(shown.contains("登録簿の行 KAKUU-0901 を書き換えます") && shown.contains("リージョン 架空西"), "{shown}");
    let rule = [("outcome", "list_updated"), ("rule", "toroku-kisoku"), ("article", "3.5(3)")];
    acts(&mut reception, &path, "resolve", &rule);
    let scope = row(&house, "KAKUU-0901")["registration"]["scope"].clone();
    assert_eq!((&scope["regions"], &scope["generative_ai"]), (&json!(["架空西"]), &json!(false)));
    acts(&mut reception, &path, "close", &[]);
    let mut other = Browser::signed_in(&house, "csp2");
    assert_eq!(other.get(&path).status, 404);
    assert!(!page(&mut other, &format!("{new}?number=KAKUU-0901")).contains("架空東"));
}

#[test]
fn given_the_parties_when_people_are_added_then_each_looks_after_its_own_and_nobody_acts_for_two() {
    let house = House::with_scheme();
    let mut admin = Browser::signed_in(&house, "admin");
    let wrong = [("kind", "csp"), ("name", "架空新会社"), ("party", "shin"), ("corporate_number", "1234567890123")];
    let reply = admin.submit("/ismap/parties", &wrong);
    assert!(reply.status == 422 && reply.text().contains("検査用数字が合いません"), "{}", reply.text());
    assert!(reply.text().contains("value=\"架空新会社\""));
    // People copy the number as it is printed.
    let right = [("kind", "csp"), ("name", "架空新会社"), ("party", "shin"), ("corporate_number", "7-0000-1205-0002")];
    assert_eq!(admin.submit("/ismap/parties", &right).status, 303);
    assert_eq!(record(&house, "parties", "shin")["corporate_number"], "7000012050002");

    let path = "/ismap/parties/shin";
    let shown = page(&mut admin, &format!("{path}?who=%E9%9B%B2%E5%B7%9D"));
    assert!(shown.contains("雲川 四季") && shown.contains("「架空クラウド株式会社」の人です。"), "{shown}");
    let token = shown.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (taken, free) = (house.person("csp").to_owned(), house.person("staff").to_owned());
    let admit = |who: &str| -> Vec<(String, String)> {
        [("token", token.as_str()), ("act", "admit"), ("person", who), ("role", "csp_head"), ("who", "雲川")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    };
    let mut send = |fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        admin.post(path, &fields)
    };
    let reply = send(admit(&taken));
    assert!(reply.status == 422 && reply.text().contains("二つの当事者を兼ねることはできません"), "{}", reply.text());
    assert_eq!(send(admit(&free)).status, 303);

    // The head of a provider finds only whose whole name is known, and does not name another head.
    let mut head = Browser::signed_in(&house, "csp-head");
    let own = "/ismap/parties/kakuu-cloud";
    let shown = page(&mut head, &format!("{own}?who=%E9%9B%B2"));
    assert!(shown.contains("その氏名の人は名簿に見つかりません"), "{shown}");
    let shown = page(&mut head, &format!("{own}?who=%E9%9B%B2%E5%B7%9D%E5%9B%9B%E5%AD%A3"));
    assert!(!shown.contains("value=\"csp_head\""), "{shown}");
    assert!(shown.contains("value=\"release\""), "{shown}");
    let mut staff = Browser::signed_in(&house, "csp");
    let shown = page(&mut staff, own);
    assert!(!shown.contains("value=\"release\"") && shown.contains("雲山 五郎"), "{shown}");
}
