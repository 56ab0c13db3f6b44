//! Oversight: figures, single records, sealed content, the ledger to take along, who governed how.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::{House, sekisho, text};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{Cursor, Read as _, Write as _};

const LOCAL: &str = "kakuu-local";
const OPEN: &str = "kakuu-open";
const MARKED: &str = "【機密性2情報】次の議事録を要約してください";

#[track_caller]
fn shown(browser: &mut Browser, path: &str) -> String {
    let reply = browser.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.text()
}

/// The cells of a list's CSV, its heading first.
#[track_caller]
fn rows(browser: &mut Browser, path: &str) -> Vec<Vec<String>> {
    let text = shown(browser, path);
    let text = text.strip_prefix('\u{feff}').unwrap_or_else(|| panic!("{path}: {text}"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[track_caller]
fn asked(house: &House, role: &str, model: &str, text: &str) -> String {
    house.by(role).chat(model, text).used()
}

#[track_caller]
fn goes(reply: &Reply, to: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, Some(to)), "{}", reply.text());
}

#[test]
fn figures_are_the_uses_that_were_made() {
    let house = House::with_accounts();
    for _ in 0..3 {
        asked(&house, "staff", LOCAL, "要約してください。");
    }
    asked(&house, "approver", LOCAL, "要約してください。");
    asked(&house, "staff", OPEN, MARKED);
    house.by("staff").request("POST", crate::client::CHAT).bytes("{").send().error(400, "INVALID_JSON");
    let mut auditor = Browser::signed_in(&house, "auditor");
    let services = rows(&mut auditor, "/oversight/by/service?format=csv&period=1");
    let services: Vec<_> = services.iter().map(|row| (row[0].as_str(), &row[1..4])).collect();
    let figures = |a: &'static str, b: &'static str, c: &'static str| [a, b, c].map(str::to_owned);
    assert_eq!(services[1], ("架空省内モデル", &figures("4", "2", "0")[..]));
    assert!(services.contains(&("架空オープンチャット", &figures("0", "1", "1")[..])), "{services:?}");
    assert!(services.contains(&("（特定できない）", &figures("0", "1", "1")[..])), "{services:?}");
    for (dimension, name) in [("department", "企画課"), ("permit", "文書の要約と校正"), ("app", "直接の利用（API）")]
    {
        let found = rows(&mut auditor, &format!("/oversight/by/{dimension}?format=csv"));
        assert!(found.iter().any(|row| row[0] == name), "{found:?}");
    }
    let page = shown(&mut auditor, "/oversight?period=30");
    assert!(page.contains("<dt>利用</dt><dd>4</dd>") && page.contains("<dt>拒否</dt><dd>2</dd>"), "{page}");
    assert_eq!(auditor.get("/oversight/by/person").status, 404);
}

#[test]
fn what_would_speak_of_single_people_is_for_auditor_and_ciso_alone() {
    let house = House::with_accounts();
    asked(&house, "staff", LOCAL, "要約してください。");
    asked(&house, "staff", OPEN, MARKED);
    for role in ["caio", "manager", "approver", "admin"] {
        let mut browser = Browser::signed_in(&house, role);
        for path in ["/oversight", "/oversight/refusals", "/oversight/by/department", "/oversight/by/service"] {
            let page = shown(&mut browser, path);
            assert!(page.contains("5 人未満のため非表示"), "{role} {path}: {page}");
            assert!(!page.contains("/oversight/uses?"), "{role} {path}: {page}");
        }
        let found = rows(&mut browser, "/oversight/by/service?format=csv");
        assert!(found[1..].iter().flat_map(|row| &row[1..]).all(|cell| cell == "5 人未満のため非表示"), "{found:?}");
        for path in ["/oversight/uses", "/oversight/content"] {
            assert_eq!(browser.get(path).status, 403, "{role} {path}");
        }
    }
    let mut ciso = Browser::signed_in(&house, "ciso");
    assert!(!shown(&mut ciso, "/oversight").contains("非表示"));
}

#[test]
fn each_page_opens_for_its_roles_and_nobody_else() {
    let house = House::with_accounts();
    let id = asked(&house, "approver", LOCAL, "要約してください。");
    let use_page = format!("/oversight/uses/{id}");
    let governing = ["auditor", "ciso", "caio", "manager", "approver", "admin"];
    let reading = ["auditor", "ciso"];
    let places: [(&str, &[&str]); 10] = [
        ("/oversight", &governing),
        ("/oversight/by/app", &governing),
        ("/oversight/refusals", &governing),
        ("/oversight/ledger", &governing),
        ("/oversight/uses", &reading),
        (&use_page, &reading),
        ("/oversight/content", &reading),
        ("/oversight/ledger/bundle.zip", &["auditor", "ciso", "admin"]),
        ("/oversight/governance", &["auditor", "ciso", "caio", "admin"]),
        ("/oversight/entries/3", &["auditor", "ciso", "caio", "admin"]),
    ];
    for role in ["staff", "applicant", "auditor", "ciso", "caio", "manager", "approver", "admin"] {
        let mut browser = Browser::signed_in(&house, role);
        for (path, roles) in places {
            let wanted = if roles.contains(&role) { 200 } else { 403 };
            assert_eq!(browser.get(path).status, wanted, "{role} {path}");
        }
        for path in ["request", "grant"] {
            let reply = browser.post(&format!("{use_page}/{path}"), &[("reason", "x")]);
            assert_eq!(reply.status, 403, "{role} {path}: without the session's token nobody");
        }
    }
    // Entries of uses are no governance.
    let index = house.recorded(&id)["use"]["opened"].to_string();
    // A code counts once.
    house.pass(60);
    let mut admin = Browser::signed_in(&house, "admin");
    goes(&Browser::signed_in(&house, "ciso").get(&format!("/oversight/entries/{index}")), &use_page);
    for file in ["", "/json", "/proof"] {
        assert_eq!(admin.get(&format!("/oversight/entries/{index}{file}")).status, 404);
    }
}

#[test]
fn a_refusal_stands_under_its_rule_and_the_rule_leads_to_it() {
    let house = House::with_accounts();
    let id = asked(&house, "staff", OPEN, MARKED);
    asked(&house, "staff", LOCAL, "要約してください。");
    let reasons = house.recorded(&id)["entries"][0]["entry"]["data"]["decision"]["reasons"].clone();
    let mut auditor = Browser::signed_in(&house, "auditor");
    let found = rows(&mut auditor, "/oversight/refusals?format=csv&period=1");
    for reason in reasons.as_array().unwrap() {
        let (code, rule) = reason.as_str().unwrap().split_once(' ').unwrap();
        let row = found.iter().find(|row| row[1] == rule).unwrap_or_else(|| panic!("{rule}: {found:?}"));
        assert!(row[0].ends_with(&format!("（{code}）")) && row[4] == "1" && row[5] == "1", "{row:?}");
        assert!(!row[2].is_empty() && !row[3].is_empty(), "{row:?}");
    }
    let page = shown(&mut auditor, "/oversight/refusals");
    let link = page.split("href=\"").find(|part| part.contains("reason=STANDARD_TERMS")).unwrap();
    let link = link.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&");
    let listed = shown(&mut auditor, &link);
    assert_eq!(listed.matches("<th role=\"rowheader\"").count(), 1, "{listed}");
    assert!(listed.contains(&format!("/oversight/uses/{id}")), "{listed}");
    // And the record says why, on what ground, and decides the same again.
    let record = shown(&mut auditor, &format!("/oversight/uses/{id}"));
    assert!(record.contains("STANDARD_TERMS") && record.contains("統一基準R3 4.2.1"), "{record}");
    let again = shown(&mut auditor, &format!("/oversight/uses/{id}?replay=1"));
    assert!(again.contains("同じ判断になります") && !again.contains("違う判断"), "{again}");
}

#[test]
fn content_opens_for_the_one_who_asked_once_another_has_agreed() {
    let house = House::with_accounts();
    let id = asked(&house, "staff", LOCAL, "封緘される本文を要約してください。");
    house.ended(&id);
    let path = format!("/oversight/uses/{id}");
    let act = |name: &str| format!("{path}/{name}");
    let mut auditor = Browser::signed_in(&house, "auditor");
    let mut ciso = Browser::signed_in(&house, "ciso");
    let ask = |browser: &mut Browser, name: &str, field: &str, value: &str| {
        let page = browser.get(&path).text();
        let token = page.split_once("name=\"token\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        browser.post(&act(name), &[("token", &token), (field, value)])
    };
    // Without a reason, or with too long a one, nothing is asked and what was typed stays.
    let long = "あ".repeat(501);
    for reason in ["", "  ", &long] {
        let reply = ask(&mut auditor, "request", "reason", reason);
        assert_eq!(reply.status, 422);
        assert!(reply.text().contains("id=\"reason-problem\""), "{}", reply.text());
        assert!(reply.text().contains(reason.trim()));
    }
    assert_eq!(auditor.get(&act("content")).status, 404);
    // Nobody has asked: there is nothing to agree to.
    assert_eq!(ask(&mut ciso, "grant", "consent", "").status, 422);
    goes(&ask(&mut auditor, "request", "reason", "情報漏えいの調査 <b>"), &format!("{path}?done=asked"));
    // The same form sent again asks nothing more.
    goes(&ask(&mut auditor, "request", "reason", "情報漏えいの調査 <b>"), &format!("{path}?done=asked"));
    let refused = ask(&mut auditor, "grant", "consent", "");
    assert_eq!(refused.status, 422, "who asked cannot agree");
    assert!(refused.text().contains("請求した人は同意できません"), "{}", refused.text());
    // The other sees who asks and why, in the record and in the queue.
    for page in [shown(&mut ciso, &path), shown(&mut ciso, "/oversight/content")] {
        assert!(page.contains("監査 七海") && page.contains("情報漏えいの調査 &#60;b&#62;"), "{page}");
    }
    let reply = ask(&mut ciso, "request", "reason", "私も");
    assert_eq!(reply.status, 422, "{}", reply.text());
    for browser in [&mut auditor, &mut ciso] {
        assert_eq!(browser.get(&act("content")).status, 404);
        assert_eq!(browser.get(&act("content/request")).status, 404);
    }
    goes(&ask(&mut ciso, "grant", "consent", "必要と認める"), &format!("{path}?done=granted"));
    assert_eq!(ciso.get(&act("content")).status, 404, "who agreed does not read");
    let page = shown(&mut auditor, &act("content"));
    assert!(page.contains("封緘される本文") && page.matches("台帳の約束値と一致します").count() == 2, "{page}");
    assert!(!page.contains("一致しません"), "{page}");
    // The bytes and the salt give the commitment that the ledger holds.
    let recorded = house.recorded(&id);
    let salt = page.split_once("<dt>ソルト</dt><dd><code>").unwrap().1.split_once('<').unwrap().0.to_owned();
    let salt: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&salt[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let bytes = auditor.get(&act("content/request")).body;
    let computed = sekisho_ledger::hash::commitment(salt.as_slice().try_into().unwrap(), &bytes).to_hex();
    assert_eq!(recorded["entries"][0]["entry"]["data"]["commitment"], computed);
    // Erased, it is gone for the one who could read, and the page says so.
    house.must("ciso", "content.erase", &json!({ "use": id }));
    assert_eq!(auditor.get(&act("content")).status, 404);
    let page = shown(&mut auditor, &path);
    assert!(page.contains("内容は消去されています") && !page.contains("開封を請求する"), "{page}");
}

#[test]
fn a_content_that_was_altered_in_the_database_is_not_shown_as_recorded() {
    let house = House::with_accounts();
    let (one, other) = (asked(&house, "staff", LOCAL, "一つ目。"), asked(&house, "staff", LOCAL, "二つ目。"));
    house.must("auditor", "content.request", &json!({ "use": one }));
    house.must("ciso", "content.grant", &json!({ "use": one }));
    let index = |id: &str| house.recorded(id)["use"]["opened"].as_i64().unwrap();
    let (other, here) = (index(&other), index(&one));
    let swap = format!("UPDATE sealed SET box = (SELECT box FROM sealed WHERE entry = {other}) WHERE entry = {here}");
    house.database.execute(&[swap]);
    let reply = Browser::signed_in(&house, "auditor").get(&format!("/oversight/uses/{one}/content"));
    assert!(reply.status == 500 && !reply.text().contains("二つ目"), "{}", reply.text());
    // The doctor would name it at the end.
    house.abandoned();
}

#[test]
fn the_ledger_that_was_taken_along_verifies_and_a_changed_byte_shows() {
    let house = House::with_accounts();
    for _ in 0..4 {
        asked(&house, "staff", LOCAL, "要約してください。");
    }
    let mut auditor = Browser::signed_in(&house, "auditor");
    let page = shown(&mut auditor, "/oversight/ledger");
    assert!(page.contains(house.installation().store.vkey()), "{page}");
    let reply = auditor.get("/oversight/ledger/bundle.zip");
    assert_eq!(reply.header("content-type"), Some("application/zip"));
    assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"sekisho-ledger.zip\""));
    let mut archive = zip::ZipArchive::new(Cursor::new(reply.body)).unwrap();
    let out = house.place("unpacked");
    archive.extract(&out).unwrap();
    let ledger = out.join("ledger");
    let vkey = house.installation().store.vkey().to_owned();
    let verify = || sekisho(&["--json", "ledger", "verify", &text(&ledger), "--vkey", &vkey]);
    let verified = verify();
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let said: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!((&said["ok"], &said["uses"]["opened"]), (&json!(true), &json!(4)), "{said}");
    let file = ledger.join("tile/entries/000.p");
    let file = std::fs::read_dir(file).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::File::create(&file).unwrap().write_all(&bytes).unwrap();
    assert_eq!(verify().status.code(), Some(1));
    // Nothing of it stays on the disk.
    let left = std::fs::read_dir(house.data())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("bundle-"));
    assert_eq!(left.count(), 0);
}

#[test]
fn a_list_turns_its_pages_without_gap_or_repetition_and_its_file_is_the_whole() {
    let house = House::with_accounts();
    let mut made = BTreeSet::new();
    for n in 0..56 {
        let role = if n % 2 == 0 { "staff" } else { "approver" };
        made.insert(asked(&house, role, LOCAL, "要約してください。"));
    }
    let mut auditor = Browser::signed_in(&house, "auditor");
    let listed = |page: &str| -> Vec<String> {
        let links = page.split("<a href=\"/oversight/uses/").skip(1);
        links.map(|link| link.split_once('"').unwrap().0.to_owned()).collect()
    };
    let first = shown(&mut auditor, "/oversight/uses");
    let link = first.split("<a href=\"").find(|link| link.contains("もっと古いもの")).unwrap();
    let link = link.split_once('"').unwrap().0.to_owned();
    let second = shown(&mut auditor, &link);
    let (first, second) = (listed(&first), listed(&second));
    assert_eq!((first.len(), second.len()), (50, 6));
    let all: BTreeSet<String> = first.iter().chain(&second).cloned().collect();
    assert_eq!(all, made);
    let exported = rows(&mut auditor, "/oversight/uses?format=csv");
    let column = exported[0].iter().position(|name| name == "識別子").unwrap();
    let order: Vec<&String> = exported[1..].iter().map(|row| &row[column]).collect();
    assert_eq!(order, first.iter().chain(&second).collect::<Vec<_>>());
    let people = |browser: &mut Browser, filter: &str| -> Vec<String> {
        let found = rows(browser, &format!("/oversight/uses?format=csv&{filter}"));
        found[1..].iter().map(|row| row[1].clone()).collect()
    };
    let named = people(&mut auditor, "person=%E8%8A%B1%E5%AD%90&outcome=completed");
    assert!(named.len() == 28 && named.iter().all(|name| name == "企画 花子"), "{named:?}");
    let pseudonym = house.person("approver").to_owned();
    assert_eq!(people(&mut auditor, &format!("person={pseudonym}&department=kanbo")).len(), 28);
    for filter in ["outcome=refused", "person=%E8%AA%B0%E3%81%8B", "until=2020-01-01", "service=kakuu-open"] {
        assert_eq!(people(&mut auditor, filter), Vec::<String>::new(), "{filter}");
    }
    for bad in ["from=yesterday", "from=2026-11-02&until=2026-11-01", "service=%27%20OR%201%3D1"] {
        let reply = auditor.get(&format!("/oversight/uses?{bad}&format=csv"));
        assert_eq!(reply.status, 422, "{bad}");
    }
    assert!(auditor.get("/oversight/uses?from=yesterday").text().contains("value=\"yesterday\""));
    let book = auditor.get("/oversight/uses?format=xlsx").body;
    let mut book = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut sheet = String::new();
    book.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
    assert_eq!(sheet.matches("<row ").count(), 57);
}

#[test]
fn everyone_sees_their_own_uses_and_nobody_elses() {
    let house = House::with_accounts();
    let mine = asked(&house, "staff", LOCAL, "要約してください。");
    let refused = asked(&house, "staff", OPEN, MARKED);
    let theirs = asked(&house, "approver", LOCAL, "要約してください。");
    house.ended(&mine);
    let mut staff = Browser::signed_in(&house, "staff");
    let page = shown(&mut staff, "/me/uses");
    assert!(page.contains(&mine) && page.contains(&refused) && !page.contains(&theirs), "{page}");
    assert_eq!(rows(&mut staff, "/me/uses?format=csv").len(), 3);
    let record = shown(&mut staff, &format!("/me/uses/{mine}?replay=1"));
    assert!(record.contains("同じ判断になります") && !record.contains("開封"), "{record}");
    let index = |id: &str| house.recorded(id)["use"]["opened"].as_u64().unwrap();
    let (own, other) = (index(&mine), index(&theirs));
    for path in [
        format!("/me/uses/{theirs}"),
        format!("/me/uses/{theirs}/entries/{other}/json"),
        format!("/me/uses/{mine}/entries/{other}/json"),
        format!("/me/uses/{mine}/entries/{other}/proof"),
        "/me/uses/u-nothing".to_owned(),
        "/me/uses/%00".to_owned(),
    ] {
        assert_eq!(staff.get(&path).status, 404, "{path}");
    }
    // The two files prove the record to anyone who has the key.
    let base = house.place("entry");
    for (kind, extension) in [("json", "json"), ("proof", "tlog-proof")] {
        let reply = staff.get(&format!("/me/uses/{mine}/entries/{own}/{kind}"));
        std::fs::write(base.with_extension(extension), reply.body).unwrap();
    }
    let vkey = house.installation().store.vkey().to_owned();
    let check = || sekisho(&["ledger", "prove", "--check", &text(&base), "--vkey", &vkey]).status.code();
    assert_eq!(check(), Some(0));
    std::fs::write(base.with_extension("json"), b"{}").unwrap();
    assert_eq!(check(), Some(1));
}

#[test]
fn the_trail_names_every_act_of_governance_and_finds_it_by_who_what_and_about_what() {
    let house = House::with_accounts();
    let size: u64 = {
        let note = house.block_on(house.installation().journal.checkpoint()).unwrap();
        note.lines().nth(1).unwrap().parse().unwrap()
    };
    let entry = |index: u64| -> serde_json::Value {
        serde_json::from_slice(&house.block_on(house.installation().store.entry(index)).unwrap()).unwrap()
    };
    let all: Vec<(u64, serde_json::Value)> = (0..size).map(|index| (index, entry(index))).rev().collect();
    let mut auditor = Browser::signed_in(&house, "auditor");
    let found = |browser: &mut Browser, filter: &str| -> Vec<u64> {
        let rows = rows(browser, &format!("/oversight/governance?format=csv&{filter}"));
        rows[1..].iter().map(|row| row[0].parse().unwrap()).collect()
    };
    let expected = |wanted: &dyn Fn(&serde_json::Value) -> bool| -> Vec<u64> {
        all.iter().filter(|(_, entry)| wanted(entry)).map(|(index, _)| *index).collect()
    };
    assert_eq!(found(&mut auditor, ""), expected(&|_| true));
    let kind = expected(&|e| e["kind"] == "application.approved");
    assert_eq!(kind.len(), 4);
    assert_eq!(found(&mut auditor, "kind=application.approved"), kind);
    let (approver, admin, staff) = (house.person("approver"), house.person("admin"), house.person("staff"));
    assert_eq!(found(&mut auditor, "actor=%E4%B8%89%E6%81%B5"), expected(&|e| e["actor"] == approver));
    assert_eq!(
        found(&mut auditor, "group=administrators"),
        expected(&|e| e["actor"] == admin || e["actor"] == "sekisho")
    );
    assert_eq!(found(&mut auditor, "group=administrators&actor=%E4%B8%89%E6%81%B5"), Vec::<u64>::new());
    let about = expected(&|e| e["data"]["person"] == staff || e["data"]["applicant"] == staff);
    assert_eq!(found(&mut auditor, &format!("subject={staff}")), about);
    assert_eq!(found(&mut auditor, "until=2020-01-01"), Vec::<u64>::new());
    assert_eq!(auditor.get("/oversight/governance?subject=%E8%AA%B0").status, 422);
    // On pages of fifty, without gap or repetition.
    let (mut path, mut paged) = ("/oversight/governance".to_owned(), Vec::new());
    loop {
        let page = shown(&mut auditor, &path);
        let links = page.split("<a href=\"/oversight/entries/").skip(1);
        paged.extend(links.map(|link| link.split_once('"').unwrap().0.parse::<u64>().unwrap()));
        let Some(link) = page.split("<a href=\"").find(|link| link.contains("もっと古いもの")) else { break };
        path = link.split_once('"').unwrap().0.to_owned();
    }
    assert_eq!(paged, expected(&|_| true));
    let one = shown(&mut auditor, &format!("/oversight/entries/{}", kind[0]));
    assert!(one.contains("利用申請を承認した") && one.contains("統一基準R3 4.2.2(2)(b)"), "{one}");
    assert!(one.contains("業務と利用者の範囲、格付の上限が規程に合う"), "{one}");
}

#[test]
fn the_trail_is_made_anew_from_the_ledger_where_it_is_missing() {
    let house = House::with_accounts();
    let mut auditor = Browser::signed_in(&house, "auditor");
    let before = rows(&mut auditor, "/oversight/governance?format=csv");
    house.database.execute(&["DELETE FROM governance_row".to_owned(), "DELETE FROM governance_subject".to_owned()]);
    assert_eq!(rows(&mut auditor, "/oversight/governance?format=csv").len(), 1);
    let shown = sekisho(&["ledger", "export", "--data", &text(&house.data()), "--out", &text(&house.place("out"))]);
    assert_eq!(shown.status.code(), Some(0), "{shown:?}");
    assert_eq!(rows(&mut auditor, "/oversight/governance?format=csv"), before);
}
