//! 報告 of the 申合せ at the browser: what is owed, what was sent to the byte, and what came back.

use crate::browser::Browser;
use crate::client::Reply;
use crate::desk::{as_refs, hidden};
use crate::house::House;
use sekisho_domain::returns::Answer;
use sekisho_domain::service::Consultation;
use sha2::{Digest as _, Sha256};

const FORM: &str = "/returns/new?service=kakuu-open&stage=in_use";

/// The hidden fields of the form that records; the one before it only makes a draft.
fn form(page: &str) -> Vec<(String, String)> {
    let sends = "method=\"post\" action=\"/returns/new\"";
    let form = page.split("<form").find(|form| form.contains(sends)).unwrap_or_else(|| panic!("{page}"));
    hidden(&format!("<form{form}"), "/returns/new")
}

/// Fills the form of a report and sends it; more fields come instead of those it has.
fn record(browser: &mut Browser, from: &str, more: &[(&str, &str)]) -> Reply {
    let mut fields = form(&browser.get(from).text());
    for (name, value) in more {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    browser.post("/returns/new", &as_refs(&fields))
}

fn sent(house: &House, text: &str) -> Vec<(String, String)> {
    let on = house.today().to_string();
    [("addressee", "架空の幹事会"), ("on", &on), ("way", "mail"), ("reference", "架空第2号"), ("text", text)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// Given a 約款型 service in use that nobody reported, then whoever sends reports is told so at home, finds a draft, and
/// what they record as sent comes back byte for byte under the hash of the ledger.
#[test]
fn from_the_reminder_to_the_text_that_was_sent() {
    let house = House::with_accounts();
    let mut manager = Browser::signed_in(&house, "manager");
    let home = manager.get("/").text();
    assert!(home.contains("申合せの報告の記録がないものが 1 件"), "{home}");
    assert!(home.contains("/returns?show=owed"), "{home}");
    let page = manager.get("/returns?show=owed").text();
    for part in
        ["架空オープンチャット", "公表資料の下調べ", "申合せ 2023-05-08 (1)", "未報告", "関所の設定", "（要確認）"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(
        page.contains("/returns/new?service=kakuu-open&amp;stage=in_use&amp;permit=")
            || page.contains("/returns/new?service=kakuu-open&#38;stage=in_use&#38;permit="),
        "{page}"
    );
    let page = manager.get(FORM).text();
    for part in ["# 生成AIサービスの報告: 利用の状況", "AI戦略推進関係省庁会議幹事会", "架空オープンチャット"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let text = "# 報告\r\n\r\n公表資料の下調べに使います。\r\n";
    let reply = record(&mut manager, FORM, &as_refs(&sent(&house, text)));
    assert_eq!(reply.status, 303, "{}", reply.text());
    let to = reply.header("location").unwrap().split('?').next().unwrap().to_owned();
    let page = manager.get(&to).text();
    let as_sent = text.replace("\r\n", "\n");
    let hash: String = Sha256::digest(as_sent.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    for part in [hash.as_str(), "架空第2号", "電子メール", "運用 四葉", "回答待ち"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let file = manager.get(&format!("{to}/sent"));
    assert_eq!((file.status, file.body.as_slice()), (200, as_sent.as_bytes()));
    assert!(!manager.get("/returns?show=owed").text().contains("公表資料の下調べ"));
    assert!(!manager.get("/").text().contains("申合せの報告の記録がない"));
    // 受領 ends the wait; a report of a use cannot be consented to.
    let on = house.today().to_string();
    let reply = manager.submit(&to, &[("answer", "consented"), ("on", &on)]);
    assert_eq!(reply.status, 422, "{}", reply.text());
    let reply = manager.submit(&to, &[("answer", "received"), ("on", &on), ("reference", "受第1号")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = manager.get("/returns?show=answered").text();
    assert!(page.contains("架空の幹事会") && page.contains("受領"), "{page}");
    // Who governs reads it; staff do not.
    let mut auditor = Browser::signed_in(&house, "auditor");
    assert_eq!(auditor.get(&format!("{to}/sent")).body, as_sent.as_bytes());
    assert!(!auditor.get(&to).text().contains("回答を記録する"));
    let mut staff = Browser::signed_in(&house, "staff");
    assert_eq!((staff.get("/returns").status, staff.get(&to).status), (403, 403));
}

/// Given a form that is sent twice or cannot be right, then one report is recorded, or none.
#[test]
fn one_form_is_one_report_and_nothing_unfit_is_kept() {
    let house = House::with_accounts();
    let mut manager = Browser::signed_in(&house, "manager");
    let count = || house.register().returns().count();
    let before = count();
    for (field, value) in [
        ("text", "個人番号 983205673214"),
        ("text", " "),
        ("on", "きのう"),
        ("way", "pigeon"),
        ("addressee", ""),
        ("reference", "個人番号 983205673214"),
    ] {
        let mut fields = sent(&house, "報告です");
        fields.retain(|(known, _)| known != field);
        fields.push((field.to_owned(), value.to_owned()));
        let reply = record(&mut manager, FORM, &as_refs(&fields));
        assert_eq!(reply.status, 422, "{field} {value}: {}", reply.text());
        assert!(reply.text().contains("報告です") || field == "text", "what was typed stays: {}", reply.text());
    }
    assert_eq!(count(), before);
    let mut fields = form(&manager.get(FORM).text());
    fields.extend(sent(&house, "報告です"));
    let (first, second) =
        (manager.post("/returns/new", &as_refs(&fields)), manager.post("/returns/new", &as_refs(&fields)));
    assert_eq!((first.status, second.status), (303, 303));
    let place = |reply: &Reply| reply.header("location").unwrap().split('?').next().unwrap().to_owned();
    assert_eq!(place(&first), place(&second));
    assert_eq!(count(), before + 1);
    assert!(!manager.get("/returns/new?service=kakuu-local&stage=in_use").text().contains("送ったもの"));
}

/// Given a service under consideration, when its report is recorded, then the service stands as reported; and 了解 that is
/// recorded on the service answers the report.
#[test]
fn a_consent_is_recorded_in_one_place_and_stands_in_both() {
    let house = House::with_accounts();
    let mut service = house.service("kakuu-cloud");
    service["service"] = "kakuu-new".into();
    service["name"] = "架空の新しいサービス".into();
    service["models"][0]["model"] = "kakuu-new-model".into();
    house.must("manager", "service.register", &service);
    let mut manager = Browser::signed_in(&house, "manager");
    let page = manager.get("/returns?show=owed").text();
    assert!(page.contains("架空の新しいサービス") && page.contains("申合せ 2023-05-08 (2)"), "{page}");
    let from = "/returns/new?service=kakuu-new&stage=considering";
    let reply = record(&mut manager, from, &as_refs(&sent(&house, "検討しています")));
    assert_eq!(reply.status, 303, "{}", reply.text());
    let id = "kakuu-new".parse().unwrap();
    assert_eq!(house.register().service(&id).unwrap().consultation, Consultation::Reported);
    let on = house.today().to_string();
    let page = manager.get("/services/kakuu-new").text();
    assert!(page.contains("/returns/new?service=kakuu-new"), "{page}");
    let form = page.split("<form").find(|form| form.contains("value=\"consult\"")).unwrap();
    let mut fields = hidden(&format!("<form{form}"), "/services/kakuu-new");
    for (name, value) in [("act", "consult"), ("consulted", "consented"), ("addressee", "架空の幹事会"), ("on", &on)]
    {
        fields.push((name.into(), value.into()));
    }
    let reply = manager.post("/services/kakuu-new", &as_refs(&fields));
    assert_eq!(reply.status, 303, "{}", reply.text());
    let register = house.register();
    let record = register.returns_on(&id).next().unwrap();
    assert_eq!(record.answers.iter().map(|one| one.answer).collect::<Vec<_>>(), [Answer::Consented]);
    assert!(manager.get("/services/kakuu-new").text().contains("報告への回答"));
}
