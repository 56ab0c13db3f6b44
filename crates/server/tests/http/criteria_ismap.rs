//! Rule documents and criteria: imported by page and by API in every form a table comes in, refused line by line,
//! compared, related, and known as of any past day.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::{House, sekisho, text};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

const ONE: &str = include_str!("../../ismap/criteria-example.csv");
const NEXT: &str = include_str!("../../ismap/criteria-example-next.csv");
const IMPORT: &str = "/ismap/criteria/import";

fn cp932(text: &str) -> Vec<u8> {
    let (bytes, _, unmapped) = encoding_rs::SHIFT_JIS.encode(text);
    assert!(!unmapped, "the example is written in characters that CP932 has");
    bytes.into_owned()
}

fn xlsx(text: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("表紙").unwrap().write_string(0, 0, "架空の表紙").unwrap();
    let sheet = book.add_worksheet().set_name("基準").unwrap();
    for (row, line) in (0u32..).zip(text.lines()) {
        for (column, cell) in (0u16..).zip(line.split(',')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// The second version through the API, or a dry run of it.
fn send(house: &House, who: &str, more: &str, bytes: impl Into<Vec<u8>>) -> Reply {
    let title = "%E6%9E%B6%E7%A9%BA%E3%81%AE%E5%9F%BA%E6%BA%96";
    let path =
        format!("/api/ismap/import/criteria?id=mihon-2&title={title}&edition=2&effective_from={}{more}", house.today());
    let request = house.by(who).request("POST", &path).header("content-type", "application/octet-stream");
    request.bytes(bytes).send()
}

/// How many versions there are.
fn versions(house: &House) -> usize {
    house.register().scheme().catalogues.len()
}

/// A form with a file as a browser sends it.
fn parcel(browser: &mut Browser, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Reply {
    let page = browser.get(path).text();
    let token = hidden(&page, "token");
    parcel_of(browser, path, &token, fields, file)
}

fn parcel_of(
    browser: &Browser,
    path: &str,
    token: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> Reply {
    let mut body = Vec::new();
    for (name, value) in [("token", token)].iter().chain(fields) {
        let part = format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    if let Some((name, bytes)) = file {
        let head = format!("content-disposition: form-data; name=\"upload\"; filename=\"{name}\"");
        body.extend(format!("--x\r\n{head}\r\ncontent-type: text/csv\r\n\r\n").into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    browser.request("POST", path).header("content-type", "multipart/form-data; boundary=x").bytes(body).send()
}

fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    page.split(&mark).nth(1).unwrap_or_else(|| panic!("no {name}: {page}")).split('"').next().unwrap().to_owned()
}

/// Sends the second version through the page: looked at, then imported with what the page showed.
fn by_page(house: &House, who: &str, file: (&str, &[u8])) -> (String, Reply) {
    let mut browser = Browser::signed_in(house, who);
    let today = house.today().to_string();
    let facts = [("title", "架空の基準"), ("edition", "第2版"), ("id", "mihon-2"), ("effective_from", today.as_str())];
    let mut fields = vec![("act", "look")];
    fields.extend(facts);
    let looked = parcel(&mut browser, IMPORT, &fields, Some(file));
    assert_eq!(looked.status, 200, "{}", looked.text());
    let page = looked.text();
    assert_eq!(versions(house), 1, "looking imports nothing");
    let (kept, seen, token) = (hidden(&page, "kept"), hidden(&page, "seen"), hidden(&page, "token"));
    let mut fields = vec![("act", "import"), ("kept", kept.as_str()), ("seen", seen.as_str())];
    fields.extend(facts);
    let mapped = mapping(&page);
    fields.extend(mapped.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let imported = parcel_of(&browser, IMPORT, &token, &fields, None);
    (page, imported)
}

/// What the selects of the mapping show, and the row of headings.
fn mapping(page: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for select in page.split("<select id=\"").skip(1) {
        let select = select.split("</select>").next().unwrap();
        let name = select.split('"').next().unwrap();
        let chosen = select.split("<option value=\"").find(|option| option.contains("\" selected>"));
        if let (true, Some(chosen)) = (name.starts_with("col_") || name == "sheet", chosen) {
            all.push((name.to_owned(), chosen.split('"').next().unwrap().to_owned()));
        }
    }
    let head = page.split("name=\"head\" type=\"number\" value=\"").nth(1).unwrap();
    all.push(("head".to_owned(), head.split('"').next().unwrap().to_owned()));
    all
}

#[test]
fn given_a_table_in_utf8_cp932_or_xlsx_when_a_keeper_imports_it_by_api_then_the_same_is_recorded() {
    for (who, bytes) in [("secretariat", NEXT.into()), ("manager", cp932(NEXT)), ("ciso", xlsx(NEXT))] {
        let house = House::with_scheme();
        let looked = send(&house, who, "&dry_run=true", bytes.clone());
        assert_eq!(looked.status, 200, "{who}: {}", looked.text());
        let looked = looked.json();
        assert_eq!(looked["against"], "mihon-1");
        let count = |kind: &str| looked["difference"][kind].as_array().unwrap().len();
        assert_eq!((count("new"), count("gone"), count("changed")), (4, 2, 3));
        assert_eq!(looked["counts"], json!({ "objectives": 40, "details": 93, "basic": 32, "provider": 21 }));
        assert_eq!((&looked["dry_run"], &looked["rejects"]), (&json!(true), &json!([])));
        assert_eq!(versions(&house), 1, "a dry run imports nothing");

        let imported = send(&house, who, "", bytes.clone());
        assert_eq!(imported.status, 201, "{who}: {}", imported.text());
        assert_eq!(imported.json()["sha256"], looked["sha256"]);
        let record = house.by("csp").get("/api/ismap/criteria/mihon-2").ok();
        assert_eq!(record["record"]["fictional"], true, "its title says so");
        assert_eq!(record["record"]["sha256"], looked["sha256"], "the same content, in whatever form it came");
        let stamp = &record["steps"][0]["stamp"];
        assert_eq!(stamp["documents"], json!([sekisho_gate::identify::hex(&sha256(&bytes))]), "{stamp}");
        let content = house.by("csp").get("/api/ismap/criteria/mihon-2/content").ok();
        let criteria = content["catalogue"]["criteria"].as_array().unwrap();
        assert!(criteria.iter().any(|c| c["id"] == "12.1.1.4.PB" && c["flag_basic"] == true), "{content}");
        assert_eq!(content["catalogue"]["chapters"]["16"], "事故への対応");
        // The same again is a conflict, not a second version.
        assert_eq!(send(&house, who, "", bytes).error(409, "EXISTS")["type"], "command_refused");
        assert_eq!(versions(&house), 2);
    }
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).to_vec()
}

#[test]
fn given_a_table_in_any_form_when_a_keeper_imports_it_by_page_then_it_was_shown_first() {
    for (name, bytes) in [("次.csv", NEXT.as_bytes().to_vec()), ("次.csv", cp932(NEXT)), ("次.xlsx", xlsx(NEXT))] {
        let house = House::with_scheme();
        let (page, imported) = by_page(&house, "secretariat", (name, &bytes));
        for expected in
            ["新しい項目 4、なくなった項目 2、変わった項目 3", "いま読んでいるファイル: 次.", "value=\"第2版\""]
        {
            assert!(page.contains(expected), "{expected}: {page}");
        }
        assert_eq!(imported.header("location"), Some("/ismap/criteria/mihon-2?done=imported"), "{}", imported.text());
        let mut csp = Browser::signed_in(&house, "csp");
        let page = csp.get("/ismap/criteria/mihon-2").text();
        assert!(
            page.contains("架空の基準です") && page.contains("3.1.1.1") && page.contains("取り込みました（統制目標 40")
        );
        assert!(!page.contains("末日を記録する"), "not for a provider: {page}");
    }
}

#[test]
fn given_columns_under_other_names_when_they_are_chosen_then_they_are_kept_for_the_next_import() {
    let house = House::with_scheme();
    let odd = NEXT.replacen("項目番号,章の名称,本文", "符号,部,求めること", 1);
    let mut browser = Browser::signed_in(&house, "manager");
    let today = house.today().to_string();
    let facts = [("title", "架空の基準"), ("edition", "2"), ("id", "mihon-2"), ("effective_from", today.as_str())];
    let mut fields = vec![("act", "look")];
    fields.extend(facts);
    let reply = parcel(&mut browser, IMPORT, &fields, Some(("odd.csv", odd.as_bytes())));
    let page = reply.text();
    assert_eq!(reply.status, 422, "{page}");
    assert!(page.contains("「項目番号」「本文」にあたる列がありません"), "{page}");
    assert!(page.contains("<option value=\"求めること\""), "the headings are there to choose: {page}");
    assert!(page.contains("value=\"架空の基準\""), "nothing typed is lost");
    let (kept, token) = (hidden(&page, "kept"), hidden(&page, "token"));
    let chosen = [("col_id", "符号"), ("col_chapter", "部"), ("col_text", "求めること"), ("head", "2")];
    let mut fields = vec![("act", "look"), ("kept", kept.as_str())];
    fields.extend(facts);
    fields.extend(chosen);
    let page = parcel_of(&browser, IMPORT, &token, &fields, None).text();
    let seen = hidden(&page, "seen");
    // What is imported is what was shown: with another column it is shown again first.
    fields[0] = ("act", "import");
    fields.push(("seen", &seen));
    let mut other = fields.clone();
    other.push(("col_group", "-"));
    let again = parcel_of(&browser, IMPORT, &token, &other, None);
    assert!(again.status == 422 && again.text().contains("前に示したものから変わりました"), "{}", again.text());
    assert_eq!(parcel_of(&browser, IMPORT, &token, &fields, None).status, 303);
    // Sent twice, it is one version.
    assert_eq!(parcel_of(&browser, IMPORT, &token, &fields, None).status, 303);
    assert_eq!(versions(&house), 2);
    // Now the API reads such a table without being told.
    let more = "&dry_run=true&against=mihon-2";
    let path = format!("/api/ismap/import/criteria?id=mihon-3&title=x&edition=3&effective_from={today}{more}");
    let reply = house.by("ciso").request("POST", &path).bytes(odd.clone()).send().ok();
    assert_eq!(reply["columns"]["headings"]["text"], "求めること", "{reply}");
    assert_eq!(reply["difference"], json!({ "new": [], "gone": [], "changed": [] }));
}

#[test]
fn given_faults_when_a_table_is_sent_then_each_is_told_with_its_line_and_nothing_is_recorded() {
    let house = House::with_scheme();
    let head = "項目番号,本文,基本言明要件\n5.1.1,目標,\n";
    for (what, rows, line, column, remedy) in [
        ("twice", "5.1.1.1,詳細,\n5.1.1.1,詳細,\n", 4, "項目番号", "3 行目にもあります"),
        ("twice with another suffix", "5.1.1.1,詳細,\n5.1.1.1.B,詳細,○\n", 4, "項目番号", "どちらかの行を除いて"),
        ("no number", "5.1.x,詳細,\n", 3, "項目番号", "3 つか 4 つの数字"),
        ("without an objective", "9.9.9.1,詳細,\n", 3, "項目番号", "統制目標 9.9.9 がありません"),
        ("without a text", "5.1.1.1,,\n", 3, "本文", "本文を確かめて"),
        ("an unknown flag", "5.1.1.1,詳細,たぶん\n", 3, "基本言明要件", "○"),
    ] {
        let reply = send(&house, "secretariat", "", format!("{head}{rows}"));
        let error = reply.error(422, "REJECTED");
        let rejects = error["rejects"].as_array().unwrap();
        assert_eq!(rejects.len(), 1, "{what}: {error}");
        assert_eq!((&rejects[0]["line"], &rejects[0]["column"]), (&json!(line), &json!(column)), "{what}");
        assert!(rejects[0]["message"].as_str().unwrap().contains(remedy), "{what}: {error}");
        assert!(!rejects[0]["message_en"].as_str().unwrap().is_empty());
    }
    let broken = xlsx(NEXT);
    for (what, bytes, remedy) in [
        ("a workbook cut off", broken[..broken.len() / 2].to_vec(), "Excel"),
        ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "XLSX"),
        ("no encoding", b"\xe9\xa0\x85\xff\xfe\x80\x80,\xfd\n".to_vec(), "保存し直し"),
        ("no table", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "保存し直し"),
        ("nothing", Vec::new(), "見出し"),
        ("other columns", "あ,い\n1,2\n".into(), "「項目番号」「本文」"),
    ] {
        let error = send(&house, "secretariat", "", bytes.clone()).error(422, "REJECTED");
        assert!(error["rejects"][0]["message"].as_str().unwrap().contains(remedy), "{what}: {error}");
        assert_eq!(error["rejects"][0]["line"], Value::Null, "{what}");
        let mut browser = Browser::signed_in(&house, "secretariat");
        let reply = parcel(&mut browser, IMPORT, &[("act", "look"), ("title", "打った名称")], Some(("x", &bytes)));
        let page = reply.text();
        assert!(reply.status == 422 && page.contains(remedy) && page.contains("打った名称"), "{what}: {page}");
        assert!(!page.contains("value=\"import\""), "{what}: nothing to import");
    }
    let wrong =
        house.by("ciso").request("POST", "/api/ismap/import/criteria?id=import&effective_from=x").bytes(NEXT).send();
    let error = wrong.error(400, "INVALID_PARAMETER");
    for field in ["`id`", "`title`", "`edition`", "`effective_from`"] {
        assert!(error["message"].as_str().unwrap().contains(field), "{error}");
    }
    assert_eq!(versions(&house), 1);
}

#[test]
fn given_somebody_who_keeps_no_criteria_when_they_import_then_they_are_refused() {
    let house = House::with_scheme();
    for who in ["staff", "admin", "auditor", "csp", "csp-head", "approver"] {
        send(&house, who, "", NEXT).error(403, "NOT_ALLOWED");
        send(&house, who, "&dry_run=true", NEXT).error(403, "NOT_ALLOWED");
    }
    let mut csp = Browser::signed_in(&house, "csp");
    assert_eq!(csp.get(IMPORT).status, 403);
    let page = csp.get("/ismap/criteria").text();
    assert!(page.contains("架空の管理基準") && !page.contains(IMPORT), "{page}");
    let token = hidden(&page, "token");
    let reply = parcel_of(&csp, IMPORT, &token, &[("act", "look")], Some(("x.csv", NEXT.as_bytes())));
    assert_eq!(reply.status, 403);
    assert_eq!(csp.post("/ismap/criteria/mihon-1", &[("token", &token), ("effective_to", "2027-03-31")]).status, 422);
    // A document of others is no table of mine, even by its hash.
    let hash = house.register().scheme().catalogues.all().next().unwrap().1.sha256.clone();
    let mut secretariat = Browser::signed_in(&house, "secretariat");
    let reply = parcel(&mut secretariat, IMPORT, &[("act", "look"), ("kept", &hash)], None);
    assert!(reply.text().contains("ファイルを選んでください"), "{}", reply.text());
    assert_eq!(versions(&house), 1);
}

#[test]
fn given_two_versions_then_their_difference_and_the_items_are_found_and_what_is_saved_can_be_imported() {
    let house = House::with_scheme();
    assert_eq!(send(&house, "secretariat", "", NEXT).status, 201);
    let mut csp = Browser::signed_in(&house, "csp");
    let page = csp.get("/ismap/criteria/mihon-1/difference/mihon-2").text();
    for expected in ["違い（9 件", "三年以上残す", "6.2.1.2", "13.2.2.1.B", "本文"] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let page = csp.get("/ismap/criteria/mihon-1/difference/mihon-2?kind=gone").text();
    assert!(page.contains("違い（2 件") && !page.contains("13.2.2"), "{page}");
    let count = |csp: &mut Browser, query: &str| {
        let page = csp.get(&format!("/ismap/criteria/mihon-2?{query}")).text();
        let rest = page.split("<caption>項目（").nth(1).map(|rest| rest.split(' ').next().unwrap().to_owned());
        rest.map_or(0, |count| count.parse::<usize>().unwrap())
    };
    assert_eq!(count(&mut csp, ""), 133);
    assert_eq!(count(&mut csp, "level=objective"), 40);
    assert_eq!(count(&mut csp, "mark=basic"), 32);
    assert_eq!(count(&mut csp, "chapter=13&level=detail"), 5);
    assert_eq!(count(&mut csp, "q=%E5%AD%A6%E7%BF%92"), 1, "学習");
    assert!(count(&mut csp, "group=A") > 10);
    // Saved as it is shown, it is the same version again.
    let saved = csp.get("/ismap/criteria/mihon-2?format=csv");
    let more = format!("?id=again&title=x&edition=3&effective_from={}&dry_run=1&against=mihon-2", house.today());
    let reply = house.by("ciso").request("POST", &format!("/api/ismap/import/criteria{more}")).bytes(saved.body).send();
    assert_eq!(reply.ok()["difference"], json!({ "new": [], "gone": [], "changed": [] }));
}

#[test]
fn given_a_crosswalk_when_it_is_corrected_then_it_is_recorded_whole_or_not_at_all() {
    let house = House::with_scheme();
    assert_eq!(send(&house, "secretariat", "", NEXT).status, 201);
    let path = "/ismap/criteria/mihon-1/crosswalk/mihon-2";
    let mut secretariat = Browser::signed_in(&house, "secretariat");
    let page = secretariat.get(path).text();
    assert!(page.contains("未記録") && page.contains("対応表（135 行、1 / 3 ページ）"), "{page}");
    // Line by line: a number that is not there is told at its line, and what was typed stays.
    let wrong = [("act", "record"), ("to_0", "99.1.1"), ("relation_0", "equal")];
    let reply = parcel(&mut secretariat, path, &wrong, None);
    let told = reply.text();
    assert!(reply.status == 422 && told.contains("後の版に 99.1.1 はありません"), "{told}");
    assert!(told.contains("id=\"to_0-problem\"") && told.contains("value=\"99.1.1\""), "{told}");
    assert_eq!(recorded(&house), None);
    let reply = parcel(&mut secretariat, path, &[("act", "keep"), ("relation_0", "wider")], None);
    assert_eq!(reply.status, 303, "{}", reply.text());
    // As a table.
    let csv = String::from_utf8(secretariat.get(&format!("{path}?format=csv")).body).unwrap();
    assert!(csv.lines().nth(1).unwrap().contains("要求が増えた"), "{csv}");
    let unknown = csv.replacen("要求が増えた", "だいたい同じ", 1);
    let reply = parcel(&mut secretariat, path, &[("act", "replace")], Some(("x.csv", unknown.as_bytes())));
    assert!(reply.status == 422 && reply.text().contains("2 行目: 関係は"), "{}", reply.text());
    let holes: String = csv.lines().filter(|line| !line.contains("13.2.2.1.B")).map(|l| format!("{l}\n")).collect();
    let reply = parcel(&mut secretariat, path, &[("act", "replace")], Some(("x.csv", holes.as_bytes())));
    assert!(reply.status == 422 && reply.text().contains("13.2.2.1.B がどの行にもありません"), "{}", reply.text());
    let cut = csv.replacen("要求が増えた", "要求が減った", 1);
    assert_eq!(parcel(&mut secretariat, path, &[("act", "replace")], Some(("x.csv", cut.as_bytes()))).status, 303);
    let reply = parcel(&mut secretariat, path, &[("act", "record"), ("reason", "確かめた")], None);
    assert_eq!(reply.header("location"), Some("/ismap/criteria/mihon-1?done=crosswalk"), "{}", reply.text());
    assert!(recorded(&house).is_some());
    assert!(secretariat.get(path).text().contains("記録済み"));
    // Others read it and change nothing.
    let mut csp = Browser::signed_in(&house, "csp");
    let page = csp.get(path).text();
    assert!(page.contains("要求が減った") && !page.contains("value=\"record\""), "{page}");
    assert_eq!(parcel(&mut csp, path, &[("act", "record")], None).status, 403);
}

fn recorded(house: &House) -> Option<String> {
    let record = house.by("ciso").get("/api/ismap/criteria/mihon-1").ok();
    record["record"]["crosswalks"]["mihon-2"].as_str().map(str::to_owned)
}

#[test]
fn given_steps_of_later_days_then_an_earlier_day_knows_nothing_of_them() {
    let house = House::with_scheme();
    let first = house.today();
    house.pass(2 * 24 * 3_600);
    let second = house.today();
    assert_eq!(send(&house, "secretariat", "", NEXT).status, 201);
    let mut manager = Browser::signed_in(&house, "manager");
    let last = second.to_string();
    let reply = manager.submit("/ismap/criteria/mihon-1", &[("effective_to", "2020-01-01"), ("reason", "誤り")]);
    assert!(reply.status == 422 && reply.text().contains("より前です"), "{}", reply.text());
    let reply = manager.submit("/ismap/criteria/mihon-1", &[("effective_to", &last), ("reason", "次の版の施行")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let mut csp = Browser::signed_in(&house, "csp");
    assert!(csp.get("/ismap/criteria").text().contains("mihon-2"));
    let then = csp.get(&format!("/ismap/criteria?as_of={first}")).text();
    assert!(then.contains("mihon-1") && !then.contains("mihon-2") && then.contains("定めなし"), "{then}");
    assert_eq!(csp.get(&format!("/ismap/criteria/mihon-2?as_of={first}")).status, 404);
    let then = csp.get(&format!("/ismap/criteria/mihon-1?as_of={first}")).text();
    assert!(then.contains("の終わりに分かっていた内容です") && !then.contains("次の版の施行"), "{then}");
    house.pass(24 * 3_600);
    let mut csp = Browser::signed_in(&house, "csp");
    let now = csp.get("/ismap/criteria/mihon-1").text();
    assert!(now.contains("次の版の施行") && now.contains(">終了<"), "{now}");
}

#[test]
fn given_rule_documents_then_only_what_was_read_is_official_and_k_is_to_be_checked() {
    let house = House::with_scheme();
    let mut secretariat = Browser::signed_in(&house, "secretariat");
    let list = secretariat.get("/ismap/rules").text();
    assert!(list.contains("クラウドサービス登録規則") && list.contains(">要確認<"), "{list}");
    assert!(!list.contains(">原文を確認した<"));
    let page = secretariat.get("/ismap/rules/toroku-kisoku").text();
    assert!(page.contains("公式の要件としては示しません"), "{page}");
    let typed = [
        ("title", "架空規程"),
        ("version", "第9版"),
        ("document", "kakuu-9"),
        ("effective_from", "2026-04-01"),
        ("evidence", "P"),
    ];
    // P without the file that was read is refused, and nothing typed is lost.
    let reply = parcel(&mut secretariat, "/ismap/rules", &typed, None);
    let page = reply.text();
    assert!(
        reply.status == 422 && page.contains("id=\"evidence-problem\"") && page.contains("value=\"第9版\""),
        "{page}"
    );
    let reply = parcel(&mut secretariat, "/ismap/rules", &typed, Some(("規程.pdf", b"fictional")));
    assert_eq!(reply.header("location"), Some("/ismap/rules/kakuu-9?done=recorded"), "{}", reply.text());
    let page = secretariat.get("/ismap/rules/kakuu-9").text();
    let hash = sekisho_gate::identify::hex(&sha256(b"fictional"));
    assert!(page.contains(&hash) && page.contains(">原文を確認した<"), "{page}");
    assert!(!page.contains("公式の要件としては示しません"));
    let reply = secretariat.submit("/ismap/rules/kakuu-9", &[("effective_to", "2026-05-01"), ("reason", "改定")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = secretariat.get("/ismap/rules/kakuu-9").text();
    assert!(page.contains(">終了<") && page.contains("改定"), "{page}");
    let mut csp = Browser::signed_in(&house, "csp");
    let page = csp.get("/ismap/rules").text();
    assert!(page.contains("架空規程") && !page.contains("規程類を記録する"), "{page}");
    let token = hidden(&page, "token");
    let mut other = typed;
    other[2] = ("document", "kakuu-10");
    assert_eq!(parcel_of(&csp, "/ismap/rules", &token, &other, Some(("x", b"y"))).status, 422);
    assert!(house.by("csp").get("/api/ismap/rule-documents/kakuu-10").status == 404);
}

#[test]
fn given_the_command_line_when_a_table_is_refused_then_it_says_where_and_ends_with_one() {
    let house = House::with_scheme();
    let file = |name: &str, content: &str| {
        std::fs::write(house.place(name), content).unwrap();
        text(&house.place(name))
    };
    let import = |file: &str, more: &[&str]| {
        let (url, key) = (format!("http://{}", house.address), &house.demo.keys["secretariat"]);
        let mut all = vec!["--lang", "ja", "import", "criteria", file, "--id", "mihon-2", "--title", "架空の基準"];
        all.extend(["--edition", "2", "--effective-from", "2026-04-01", "--url", &url, "--key", key]);
        all.extend(more);
        sekisho(&all)
    };
    let bad = file("bad.csv", "項目番号,本文\n5.1.1,目標\n9.9.9.1,詳細\n");
    let refused = import(&bad, &[]);
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("3（項目番号）") && said.contains("統制目標 9.9.9"), "{said}");
    let refused = import(&bad, &["--json"]);
    let answer: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!((refused.status.code(), &answer["error"]["rejects"][0]["line"]), (Some(1), &json!(3)));
    let good = file("good.csv", NEXT);
    let looked = import(&good, &["--dry-run"]);
    let said = String::from_utf8_lossy(&looked.stdout).into_owned();
    assert!(looked.status.success() && said.contains("試し読み") && said.contains("なくなった項目: 2"), "{said}");
    assert_eq!(versions(&house), 1);
    let imported = import(&good, &[]);
    assert!(imported.status.success(), "{imported:?}");
    assert_eq!(versions(&house), 2);
    assert!(ONE.contains("架空") && NEXT.contains("架空"));
}
