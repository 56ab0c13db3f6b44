//! 利用報告: the page, its files, and the bundle with which anyone counts again.

use crate::browser::Browser;
use crate::house::{House, sekisho, text};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _};
use std::path::Path;

const LOCAL: &str = "kakuu-local";
const OPEN: &str = "kakuu-open";
const MARKED: &str = "【機密性2情報】次の議事録を要約してください。電話は 03-5253-1111 です。";

/// A body in which six people used something, one of them often, and two were refused.
fn used() -> House {
    let house = House::with_accounts();
    for _ in 0..6 {
        house.by("staff").chat(LOCAL, "要約してください。").used();
    }
    let register = house.register();
    let staff = register.person(&house.person("staff").parse().unwrap()).unwrap();
    let mut others: Vec<_> = ["approver", "ciso", "caio"].into_iter().map(|role| house.by(role)).collect();
    for name in ["p-ichi", "p-ni"] {
        let content = json!({ "person": name, "department": staff.department, "post": staff.post });
        house.must("admin", "person.join", &content);
        let key = house.issue_key(name, &format!("sekisho_{}", name.repeat(8)), json!({}));
        others.push(house.by_key(&key));
    }
    for other in others {
        other.chat(LOCAL, "電話は 03-5253-1111 です。").used();
    }
    for role in ["staff", "approver"] {
        assert_eq!(house.by(role).chat(OPEN, MARKED).status, 403);
    }
    house
}

#[track_caller]
fn shown(browser: &mut Browser, path: &str) -> String {
    let reply = browser.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.text()
}

#[test]
fn the_page_says_what_was_used_with_charts_and_files() {
    let house = used();
    let mut auditor = Browser::signed_in(&house, "auditor");
    let page = shown(&mut auditor, "/oversight/report");
    for text in [
        "<dt>利用者数</dt><dd>6</dd>",
        "<dt>利用回数</dt><dd>11</dd>",
        "<dt>利用者一人当たりの回数</dt><dd>1.8</dd>",
        "<dt>拒否</dt><dd>2</dd>",
        "アプリ別の利用",
        "直接の利用（API）",
        "職級別の利用",
        "検出",
        "role=\"img\"",
        "台帳と一緒に",
        "name=\"from\" type=\"date\"",
        "name=\"to\" type=\"date\"",
        "name=\"unit\"",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("非表示"), "the auditor reads single records: {page}");
    let figures: Value = serde_json::from_str(&shown(&mut auditor, "/oversight/report?format=json")).unwrap();
    assert_eq!(figures["whole"]["uses"], 11, "{figures}");
    assert_eq!(figures["distribution"][1]["people"], 5, "{figures}");
    assert_eq!(figures["distribution"][2]["people"], 1, "{figures}");
    let phone = figures["findings"].as_array().unwrap().iter().find(|f| f["rule"].as_str().unwrap().contains("PHONE"));
    assert_eq!(phone.unwrap()["amount"]["requests"], 7, "{figures}");
    assert!(shown(&mut auditor, "/oversight/report?format=md").contains("| 利用回数 | 11 |"));
    let csv = shown(&mut auditor, "/oversight/report?format=csv");
    assert!(csv.starts_with('\u{feff}') && csv.contains("\r\n概要,,利用回数,11\r\n"), "{csv}");
    let html = shown(&mut auditor, "/oversight/report?format=html");
    assert!(html.contains("<svg") && !html.contains("<script") && !html.contains(" src=") && !html.contains("<link"));
    let book = auditor.get("/oversight/report?format=xlsx");
    let mut book = zip::ZipArchive::new(Cursor::new(book.body.clone())).unwrap();
    let mut sheets = String::new();
    book.by_name("xl/workbook.xml").unwrap().read_to_string(&mut sheets).unwrap();
    assert!(sheets.contains("職級別の利用"), "{sheets}");
    assert_printed(&mut auditor);
    // A unit has its own figures; one that does not exist, and days that are none, are said at their fields.
    let soumu = figures["by"]["department"][0]["name"].as_str().unwrap();
    let of_unit: Value =
        serde_json::from_str(&shown(&mut auditor, &format!("/oversight/report?unit={soumu}&format=json"))).unwrap();
    assert!(of_unit["whole"]["uses"].as_u64().unwrap() <= 11 && of_unit["scope"]["unit"] == soumu, "{of_unit}");
    for (query, problem) in [
        ("unit=no-such", "部局を一覧から選んでください"),
        ("from=yesterday", "日付を 2026-04-01 の形で"),
        ("from=2026-05-01&to=2026-04-01", "終わりの日を、初めの日より後に"),
        ("from=1990-01-01", "期間は 5 年まで"),
    ] {
        let reply = auditor.get(&format!("/oversight/report?{query}"));
        assert!(reply.status == 422 && reply.text().contains(problem), "{query}: {}", reply.text());
    }
}

/// The PDF is one file with everything the page shows, tagged, and reads back as it was written.
#[track_caller]
fn assert_printed(reader: &mut Browser) {
    let reply = reader.get("/oversight/report?format=pdf");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/pdf")));
    let named = reply.header("content-disposition").unwrap_or_default();
    assert!(named.contains("use-report-") && named.contains(".pdf"), "{named}");
    for mark in ["<pdfuaid:part>1</pdfuaid:part>", "/Lang(ja)", "/S/Figure", "/Scope/Row"] {
        assert!(reply.body.windows(mark.len()).any(|window| window == mark.as_bytes()), "{mark}");
    }
    let limits = sekisho_detect::document::Limits::default();
    let read = sekisho_detect::document::read("report.pdf", &reply.body, &limits).unwrap();
    let text: String =
        read.parts.iter().flat_map(|part| part.text.chars()).filter(|one| !one.is_whitespace()).collect();
    for words in [
        "利用報告",
        "作成日",
        "利用者数6",
        "利用回数11",
        "直接の利用（API）",
        "職級別の利用",
        "日別の推移",
        "数え方",
        "1/",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// Given a report for someone who may not read single records, then no group of fewer than five people has a figure in any
/// of its formats, and the ledger is not among its files.
#[test]
fn who_may_not_read_single_records_sees_no_small_group() {
    let house = used();
    let mut approver = Browser::signed_in(&house, "approver");
    let page = shown(&mut approver, "/oversight/report");
    assert!(page.contains("<dt>利用者数</dt><dd>6</dd>") && page.contains("非表示"), "{page}");
    assert!(!page.contains("台帳と一緒に"), "{page}");
    let figures: Value = serde_json::from_str(&shown(&mut approver, "/oversight/report?format=json")).unwrap();
    assert_eq!(figures["fewest"], 5);
    assert_eq!(figures["distribution"][2]["people"], Value::Null, "{figures}");
    assert!(
        figures["by"]["department"]
            .as_array()
            .unwrap()
            .iter()
            .all(|g| { g["amount"].is_null() || g["amount"]["people"].as_u64().unwrap() >= 5 })
    );
    let zip = approver.get("/oversight/report?format=zip");
    assert!(!zip.body.starts_with(b"PK"), "only who takes the ledger along gets it with a report");
    let mut staff = Browser::signed_in(&house, "staff");
    assert_eq!(staff.get("/oversight/report").status, 403);
}

fn unpack(bytes: &[u8], to: &Path) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.to_vec())).unwrap();
    archive.extract(to).unwrap();
}

/// Given a report with its ledger, when it is verified elsewhere, then every figure is counted again; and when one figure
/// is changed, then that one is named.
#[test]
fn a_figure_that_does_not_follow_from_the_ledger_is_named() {
    let house = used();
    let mut auditor = Browser::signed_in(&house, "auditor");
    let zip = auditor.get("/oversight/report?format=zip");
    // What comes after the report is in the ledger and not in its figures.
    house.by("staff").chat(LOCAL, "要約してください。").used();
    let folder = house.place("report");
    unpack(&zip.body, &folder);
    let folder = folder.join("ledger");
    let verified = sekisho(&["--json", "ledger", "verify", &text(&folder)]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let said: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(said["report"]["differences"], json!([]), "{said}");
    let file = folder.join("report.json");
    let report = std::fs::read_to_string(&file).unwrap();
    let mut changed: Value = serde_json::from_str(&report).unwrap();
    changed["whole"]["uses"] = json!(12);
    std::fs::write(&file, changed.to_string()).unwrap();
    let verified = sekisho(&["--json", "ledger", "verify", &text(&folder)]);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");
    let said: Value = serde_json::from_slice(&verified.stdout).unwrap();
    let expected = json!([{ "place": "/whole/uses", "reported": 12, "counted": 11 }]);
    assert_eq!((&said["ok"], &said["report"]["differences"]), (&json!(false), &expected), "{said}");
    for (broken, code) in [("{", 2), ("{\"format\":\"x\"}", 2)] {
        std::fs::write(&file, broken).unwrap();
        assert_eq!(sekisho(&["ledger", "verify", &text(&folder)]).status.code(), Some(code));
    }
    changed["whole"]["uses"] = json!(11);
    changed["entries"] = json!(99_999);
    std::fs::write(&file, changed.to_string()).unwrap();
    let verified = sekisho(&["--json", "ledger", "verify", &text(&folder)]);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");
    assert!(String::from_utf8_lossy(&verified.stdout).contains("99999 entries"), "{verified:?}");
}

/// Tokens cost what the price list says on the day of the use, and whoever counts again comes to the same.
#[test]
fn what_it_cost_is_told_by_model_and_by_the_price_of_the_day() {
    let house = House::with_accounts();
    let mut auditor = Browser::signed_in(&house, "auditor");
    let figures = |browser: &mut Browser| -> Value {
        serde_json::from_str(&shown(browser, "/oversight/report?format=json")).unwrap()
    };
    house.by("staff").chat(LOCAL, "要約してください。").used();
    assert_eq!(figures(&mut auditor)["costs"], Value::Null, "without a price list nothing costs anything");
    let service = house.register().service_of_model(LOCAL).unwrap().service.service.to_string();
    let price = json!({ "service": service, "model": LOCAL, "input": 300, "output": 900 });
    house.must("manager", "price.set", &price);
    let told = figures(&mut auditor);
    let tokens = |name: &str| told["whole"][name].as_u64().unwrap();
    let cost = tokens("input_tokens") * 300 + tokens("output_tokens") * 900;
    assert_eq!(told["costs"], json!([{ "model": LOCAL, "micro_yen": cost, "unpriced_tokens": 0 }]), "{told}");
    assert!(cost > 0);
    // A price of tomorrow counts for the tokens of tomorrow alone.
    let tomorrow = house.today().tomorrow().unwrap();
    let dearer = json!({ "service": service, "model": LOCAL, "input": 600, "output": 1800, "from": tomorrow });
    house.must("manager", "price.set", &dearer);
    house.pass(24 * 60 * 60);
    house.by("staff").chat(LOCAL, "要約してください。").used();
    let mut auditor = Browser::signed_in(&house, "auditor");
    let both = shown(
        &mut auditor,
        &format!("/oversight/report?from={}&to={tomorrow}&format=json", tomorrow.yesterday().unwrap()),
    );
    let both: Value = serde_json::from_str(&both).unwrap();
    let all = both["whole"]["input_tokens"].as_u64().unwrap();
    let second = (all - tokens("input_tokens")) * 600
        + (both["whole"]["output_tokens"].as_u64().unwrap() - tokens("output_tokens")) * 1800;
    assert_eq!(both["costs"][0]["micro_yen"], cost + second, "{both}");
    let page = shown(&mut auditor, "/oversight/report");
    assert!(page.contains("モデル別の費用"), "{page}");
}

/// Given budgets of a department and of a permit, when a report is made, then it says how much of each was used, in all
/// formats; whoever counts the ledger again comes to the same; and a figure that was changed is named.
#[test]
fn what_was_used_of_a_budget_is_told_and_follows_from_the_ledger() {
    let house = House::with_accounts();
    let department = house.register().person(&house.person("staff").parse().unwrap()).unwrap().department.to_string();
    let service = house.register().service_of_model(LOCAL).unwrap().service.service.to_string();
    let price = json!({ "service": service, "model": LOCAL, "input": 300, "output": 900 });
    house.must("manager", "price.set", &price);
    for (budget, unit, period, limit) in [("uses", "uses", "day", 2), ("yen", "yen", "month", 1_000)] {
        let set = json!({ "budget": budget, "for": { "department": department }, "unit": unit, "period": period,
                          "limit": limit, "force": "soft" });
        house.must("manager", "budget.set", &set);
    }
    house.by("staff").chat(LOCAL, "要約してください。").used();
    house.by("staff").chat(LOCAL, "もう一度お願いします。").used();
    house.pass(24 * 60 * 60);
    house.by("staff").chat(LOCAL, "要約してください。").used();
    let mut auditor = Browser::signed_in(&house, "auditor");
    let told: Value = serde_json::from_str(&shown(&mut auditor, "/oversight/report?format=json")).unwrap();
    let of = |budget: &str| {
        let all = told["budgets"].as_array().unwrap();
        all.iter().find(|figures| figures["budget"] == budget).unwrap_or_else(|| panic!("{told}")).clone()
    };
    let yesterday = house.today().yesterday().unwrap();
    let uses = of("uses");
    assert_eq!((&uses["amount"], &uses["used_up"]), (&json!(3), &json!(1)), "{told}");
    assert_eq!(uses["fullest"], json!({ "begin": yesterday, "amount": 2, "ceiling": 2 }), "{told}");
    assert_eq!(of("yen")["amount"], told["costs"][0]["micro_yen"], "{told}");
    assert!(of("yen")["amount"].as_u64().unwrap() > 0);
    let page = shown(&mut auditor, "/oversight/report");
    assert!(page.contains("予算に対する利用") && page.contains("100.0%"), "{page}");
    let folder = house.place("report");
    unpack(&auditor.get("/oversight/report?format=zip").body, &folder);
    let folder = folder.join("ledger");
    let verify = || {
        let verified = sekisho(&["--json", "ledger", "verify", &text(&folder)]);
        (verified.status.code(), serde_json::from_slice::<Value>(&verified.stdout).unwrap())
    };
    let (code, said) = verify();
    assert_eq!((code, &said["report"]["differences"]), (Some(0), &json!([])), "{said}");
    let file = folder.join("report.json");
    let mut changed: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    changed["budgets"][0]["amount"] = json!(1);
    std::fs::write(&file, changed.to_string()).unwrap();
    let (code, said) = verify();
    assert_eq!((code, &said["report"]["differences"][0]["place"]), (Some(1), &json!("/budgets/0/amount")), "{said}");
}
