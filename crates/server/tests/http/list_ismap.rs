//! The published list: taken up, what stops by it, look-ups that verify later, and what is published.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use crate::scheme_year as year;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use sekisho_domain::ismap::ListStatus;
use serde_json::Value;

const HEAD: &str = "登録番号,事業者名,サービス名,登録日,有効期限,状態\n";

fn list(status: &str, until: &str) -> String {
    format!("{HEAD}KAKUU-0001,架空クラウド株式会社,架空クラウド,2025-12-01,{until},{status}\n")
}

fn take_up(house: &House, role: &str, query: &str, body: impl Into<Vec<u8>>) -> Reply {
    let path = format!("/api/ismap/import/list?{query}");
    house.by(role).request("POST", &path).bytes(body.into()).send()
}

#[test]
fn given_a_list_that_suspends_a_registration_then_permits_stop_at_once_and_the_refusal_names_it() {
    let house = House::demo();
    let until = house.in_a_year().to_string();
    let dry = take_up(&house, "manager", "dry_run=true", list("一時停止", &until));
    assert_eq!(dry.status, 200, "{}", dry.text());
    assert!(!dry.json()["permits_suspended"].as_array().unwrap().is_empty(), "{}", dry.text());
    assert!(house.register().list_in_force().is_none(), "a dry run records nothing");
    let reply = take_up(&house, "manager", "", list("一時停止", &until));
    assert_eq!(reply.status, 201, "{}", reply.text());
    let refused = house.by("staff").chat("kakuu-cloud", "資料").error(403, "PERMIT_SUSPENDED");
    let told = refused["message"].as_str().unwrap();
    assert!(told.contains("KAKUU-0001") && told.contains("一時停止"), "{told}");
    // A list older than the one in force, a file that is no list, and somebody without the role.
    let older = take_up(&house, "manager", "fetched_on=2026-01-01", list("登録", &until));
    assert_eq!(older.status, 409, "{}", older.text());
    assert!(older.text().contains("2026-01-01"));
    take_up(&house, "manager", "", "PK\u{3}\u{4}broken").error(400, "NO_TABLE");
    take_up(&house, "staff", "", list("登録", &until)).error(403, "NOT_ALLOWED");
    let none = take_up(&house, "manager", "", format!("{HEAD}K-9,,x,2025-12-01,あした,登録\n"));
    assert_eq!((none.status, none.json()["rejects"].as_array().unwrap().len()), (422, 2), "{}", none.text());
}

#[test]
fn given_a_look_up_when_the_row_changes_then_the_record_still_verifies() {
    let house = House::with_scheme();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/ismap/list").text();
    let hidden = |name: &str| {
        let mark = format!("name=\"{name}\" value=\"");
        let section = page.split("id=\"record\"").nth(1).unwrap_or_else(|| panic!("{page}"));
        section.split(&mark).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (token, once) = (hidden("token"), hidden("once"));
    let fields = [("token", token.as_str()), ("once", once.as_str()), ("purpose", "架空の調達")];
    assert_eq!(staff.post("/ismap/look-ups", &[("token", &token), ("once", "x")]).status, 422, "a purpose is needed");
    let reply = staff.post("/ismap/look-ups", &fields);
    let to = reply.header("location").unwrap_or_else(|| panic!("{}", reply.text())).to_owned();
    assert!(staff.get(&to).text().contains("変わっていません"));
    let until = house.in_a_year().to_string();
    assert_eq!(take_up(&house, "manager", "", list("一時停止", &until)).status, 201);
    let text = staff.get(&to).text();
    assert!(text.contains("その後変わりました") && !text.contains("不一致"), "{text}");
    // Somebody else's record is none.
    assert_eq!(Browser::signed_in(&house, "applicant").get(&to).status, 404);
    assert_eq!(staff.get("/ismap/list/KAKUU-0001").status, 200);
    assert_eq!(staff.get("/ismap/list/compare?number=KAKUU-0001").status, 200);
}

#[test]
fn given_no_session_then_the_public_register_shows_the_public_part_alone() {
    let house = House::with_scheme();
    let mut anyone = Browser::new(&house);
    assert_eq!(anyone.get("/ismap/public").status, 200);
    let reply = anyone.get("/ismap/public/register.json");
    assert_eq!(reply.status, 200, "{}", reply.text());
    let row = &reply.json()["register"][0];
    assert_eq!(row["id"], "KAKUU-0001");
    assert!(row.get("foreign_law_risk").is_none() && row.get("incidents").is_none(), "{row}");
    assert_eq!(anyone.get("/ismap/list").status, 303);
    assert_eq!(anyone.get("/ismap/public/nothing.json").status, 404);
    // Without whoever runs the scheme nothing is published.
    let house = House::demo();
    assert_eq!(Browser::new(&house).get("/ismap/public").status, 404);
}

const IMPORT: &str = "/ismap/list/import";
const CHECK: &str = "/ismap/list/import/check";

/// Five rows, the last three of which cannot be taken.
fn five(until: &str) -> String {
    format!(
        "登録番号,事業者名,サービス名,登録日,有効期限,状態\n\
         KAKUU-0001,架空クラウド株式会社,架空クラウド,2025-12-01,{until},登録\n\
         KAKUU-0009,見本データ株式会社,見本①基盤（髙橋）,2025-12-01,{until},更新審査中\n\
         KAKUU-0010,見本データ株式会社,見本表計算,2025-12-01,2027-02-30,登録\n\
         KAKUU-0011,見本データ株式会社,見本文書,2025-12-01,{until},審議\n\
         KAKUU-0012,見本データ株式会社,担当者の個人番号 123456789018,2025-12-01,{until},登録\n"
    )
}

/// The same as a workbook whose days are days.
fn workbook(csv: &str) -> Vec<u8> {
    let day = Format::new().set_num_format("yyyy/mm/dd");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0u32..).zip(csv.lines()) {
        for (column, cell) in (0u16..).zip(line.split(',')) {
            match ExcelDateTime::parse_from_str(cell).ok().filter(|_| cell.starts_with("20")) {
                Some(at) => sheet.write_datetime_with_format(row, column, &at, &day).unwrap(),
                None => sheet.write_string(row, column, cell).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

/// Sends a file to the first step and gives the second.
#[track_caller]
fn looked_at(browser: &mut Browser, house: &House, name: &str, bytes: &[u8]) -> String {
    let today = house.today().to_string();
    let reply = browser.attach(IMPORT, &[("fetched_on", &today), ("source_url", "")], (name, bytes));
    assert_eq!((reply.status, reply.header("location")), (303, Some(CHECK)), "{}", reply.text());
    browser.get(CHECK).text()
}

/// A number of the figures above the second step.
#[track_caller]
fn figure(page: &str, label: &str) -> usize {
    let mark = format!("<dt>{label}</dt><dd>");
    page.split(&mark).nth(1).unwrap_or_else(|| panic!("{label}: {page}")).split('<').next().unwrap().parse().unwrap()
}

/// The number of the register's rows that are told.
fn numbers(house: &House) -> Vec<String> {
    house.register().registrations().map(|row| row.number.clone()).collect()
}

#[test]
fn given_a_list_in_any_form_when_it_is_taken_up_by_page_then_the_rows_are_the_same_and_lines_are_told() {
    let house = House::with_accounts();
    let mut manager = Browser::signed_in(&house, "manager");
    let csv = five(&house.in_a_year().to_string());
    let (cp932, _, unmapped) = encoding_rs::SHIFT_JIS.encode(&csv);
    assert!(!unmapped, "every character of the list is one of CP932");
    let with_mark = format!("\u{feff}{csv}");
    let forms: [(&str, Vec<u8>); 4] = [
        ("一覧.csv", csv.clone().into_bytes()),
        ("一覧-bom.csv", with_mark.into_bytes()),
        ("一覧-sjis.csv", cp932.into_owned()),
        ("一覧.xlsx", workbook(&csv)),
    ];
    let mut before = None;
    for (name, bytes) in &forms {
        let page = looked_at(&mut manager, &house, name, bytes);
        assert!(page.contains(name), "{page}");
        assert_eq!((figure(&page, "新しい行"), figure(&page, "読めない行の指摘")), (1, 3), "{name}: {page}");
        let rows = page.split("<tr role=\"row\"><th role=\"rowheader\"").skip(1);
        let rows: Vec<&str> = rows.map(|row| row.split("</tr>").next().unwrap()).collect();
        for (row, told) in rows.iter().zip([
            ["4 行目", "KAKUU-0010", "2027-02-30"],
            ["5 行目", "KAKUU-0011", "「審議」という状態"],
            ["6 行目", "KAKUU-0012", "個人番号"],
        ]) {
            assert!(told.iter().all(|told| row.contains(told)), "{name}: {told:?}: {row}");
        }
        assert!(!page.contains("123456789018"), "what must not be kept is not shown either: {page}");
        assert!(page.contains("KAKUU-0009 見本1基盤(髙橋)"), "{name}: {page}");
        // From the figures to the form everything is the same, whatever the file was.
        let content = page.split("<dl class=\"figures\">").nth(1).unwrap().split("<form").next().unwrap().to_owned();
        assert_eq!(*before.get_or_insert_with(|| content.clone()), content, "{name}");
        assert_eq!(numbers(&house), ["KAKUU-0001"], "a look takes nothing up");
    }
    // The last one, the workbook, is taken up; then the others change nothing any more.
    let reply = manager.submit(CHECK, &[("act", "import"), ("reason", "架空の月次の確認")]);
    let to = reply.header("location").unwrap_or_else(|| panic!("{}", reply.text()));
    assert_eq!(to, "/ismap/list/import?done=imported");
    assert_eq!(numbers(&house), ["KAKUU-0001", "KAKUU-0009"]);
    assert!(manager.get("/ismap/list/KAKUU-0009").text().contains("架空の月次の確認"), "the reason is kept");
    for (name, bytes) in &forms {
        let page = looked_at(&mut manager, &house, name, bytes);
        let figures = ["新しい行", "変わる行", "変わらない行", "一覧から消えた行"].map(|label| figure(&page, label));
        assert_eq!(figures, [0, 0, 2, 0], "{name}: {page}");
    }
    let reply = manager.submit(CHECK, &[("act", "drop")]);
    assert_eq!(reply.header("location"), Some("/ismap/list/import?done=dropped"));
    assert_eq!(manager.get(CHECK).status, 303, "nothing is on its way in any more");
}

/// The second step's form as it stands, with other values where they are given.
fn form(page: &str, given: &[(&str, &str)]) -> Vec<(String, String)> {
    let form = page.split("<form").find(|form| form.contains(&format!("action=\"{CHECK}\""))).unwrap();
    assert_eq!(page.matches(&format!("action=\"{CHECK}\"")).count(), 1, "one form, so that nothing typed is lost");
    let mut all: Vec<(String, String)> = Vec::new();
    for tag in form.split('<').filter(|tag| tag.starts_with("input ")) {
        let value = |name: &str| Some(tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0.to_owned());
        if !tag.contains("type=\"checkbox\"") || tag.contains(" checked") {
            all.push((value("name").unwrap(), value("value").unwrap()));
        }
    }
    for select in form.split("<select ").skip(1) {
        let name = select.split_once("name=\"").unwrap().1.split('"').next().unwrap();
        let options = select.split("</select>").next().unwrap();
        let chosen = options.split("<option value=\"").find(|option| option.contains(" selected>"));
        all.push((name.to_owned(), chosen.map_or("", |option| option.split('"').next().unwrap()).to_owned()));
    }
    let area = form.split("<textarea ").nth(1).unwrap().split_once('>').unwrap().1;
    all.push(("reason".to_owned(), area.split("</textarea>").next().unwrap().trim().to_owned()));
    for (name, value) in given {
        all.retain(|(known, _)| known != name);
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    all
}

fn send(browser: &mut Browser, form: &[(String, String)]) -> Reply {
    let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(CHECK, &fields)
}

#[test]
fn given_odd_headings_when_columns_are_chosen_then_nothing_typed_is_lost_and_the_mapping_is_kept() {
    let house = House::with_accounts();
    let mut manager = Browser::signed_in(&house, "manager");
    let until = house.in_a_year().to_string();
    assert_eq!(
        take_up(
            &house,
            "manager",
            "",
            format!("{}K-OLD,架空社,昔の基盤,2025-12-01,{until},登録\n", list("登録", &until))
        )
        .status,
        201
    );
    let odd = |status: &str| {
        format!(
            "架空の一覧\n登録番号,事業者名,呼び名,登録日,有効期限,状態\nKAKUU-0001,架空クラウド株式会社,架空クラウド,2025-12-01,{until},{status}\n"
        )
    };
    let page = looked_at(&mut manager, &house, "odd.csv", odd("一時停止").as_bytes());
    assert!(page.contains("サービス名の列が分かりません") && page.contains("<details open>"), "{page}");
    // A number that is none is told at its field; what was chosen and typed beside it stays.
    let typed = [("column.service_name", "呼び名"), ("reason", "架空の理由"), ("act", "map")];
    for wrong in ["三", "-1", "0", "2.5", "99"] {
        let reply = send(&mut manager, &form(&page, &[&typed[..], &[("head", wrong)]].concat()));
        let told = reply.text();
        assert_eq!(reply.status, 422, "{wrong}: {told}");
        assert!(
            told.contains("id=\"head-problem\"") && told.contains(&format!("value=\"{wrong}\"")),
            "{wrong}: {told}"
        );
        assert!(told.contains("<option value=\"呼び名\" selected>") && told.contains("架空の理由"), "{wrong}: {told}");
    }
    let reply = send(&mut manager, &form(&page, &[&typed[..], &[("head", "2")]].concat()));
    let page = reply.text();
    assert_eq!((reply.status, figure(&page, "一覧から消えた行"), figure(&page, "変わる行")), (200, 1, 1), "{page}");
    assert!(page.contains("架空の理由") && page.contains("<option value=\"呼び名\" selected>"), "{page}");
    // With 消えた行 ticked, a column is taken away: the tick stays, and the column is not found again by its heading.
    let reply = send(&mut manager, &form(&page, &[("remove.gone", "on"), ("column.status", ""), ("act", "map")]));
    let page = reply.text();
    assert_eq!((reply.status, figure(&page, "変わる行"), figure(&page, "変わらない行")), (200, 0, 1), "{page}");
    assert!(page.contains("name=\"remove.gone\" value=\"on\" checked") && page.contains("架空の理由"), "{page}");
    let chosen =
        |form: &[(String, String)], name: &str| form.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!(chosen(&form(&page, &[]), "column.status"), "", "{page}");
    // Without a number of the registration nothing can be taken up: what was typed waits until it can.
    let reply = send(&mut manager, &form(&page, &[("head", "1"), ("act", "map")]));
    let without = reply.text();
    assert!(without.contains("このままでは取り込めません") && without.contains("架空の理由"), "{without}");
    let reply = send(&mut manager, &form(&without, &[("head", "2"), ("act", "map")]));
    let page = reply.text();
    assert!(page.contains("name=\"remove.gone\" value=\"on\" checked") && page.contains("架空の理由"), "{page}");
    assert!(page.contains("<option value=\"呼び名\" selected>"), "{page}");
    // Columns that were changed and not looked at yet are not taken up unseen.
    let reply = send(&mut manager, &form(&page, &[("column.status", "状態"), ("act", "import")]));
    let again = reply.text();
    assert_eq!(reply.status, 422, "{again}");
    assert!(again.contains("もう一度「取り込む」を押してください"), "{again}");
    assert_eq!(figure(&again, "停止する承認"), 1, "{again}");
    assert_eq!(numbers(&house), ["K-OLD", "KAKUU-0001"]);
    let reply = send(&mut manager, &form(&again, &[("act", "import")]));
    assert_eq!(reply.header("location"), Some("/ismap/list/import?done=imported"), "{}", reply.text());
    let register = house.register();
    let status = |number: &str| register.registration(number).unwrap().status;
    assert_eq!((status("KAKUU-0001"), status("K-OLD")), (ListStatus::Suspended, ListStatus::Removed));
    assert!(manager.get("/ismap/list/K-OLD").text().contains("架空の理由"));
    // The second time nobody chooses anything.
    let page = looked_at(&mut manager, &house, "odd.csv", odd("登録").as_bytes());
    assert!(
        page.contains("<details><summary>列の対応") && page.contains("<option value=\"呼び名\" selected>"),
        "{page}"
    );
    assert_eq!(figure(&page, "変わる行"), 1, "{page}");
}

const DAY: i64 = 86_400;

/// Holds a value against as much of JSON Schema as the published schemas use.
fn fits(value: &Value, schema: &Value, at: &str) -> Result<(), String> {
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the check does not know the type {other}"),
    };
    let kinds = match &schema["type"] {
        Value::Null => vec![],
        Value::Array(kinds) => kinds.iter().collect(),
        kind => vec![kind],
    };
    if !kinds.is_empty() && !kinds.into_iter().any(is) {
        return Err(format!("{at}: {value} is not {}", schema["type"]));
    }
    if schema["format"] == "date" && value.as_str().unwrap().parse::<jiff::civil::Date>().is_err() {
        return Err(format!("{at}: {value} is no day"));
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        return Err(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    if let Some(map) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !map.contains_key(name.as_str().unwrap()) {
                return Err(format!("{at}: {name} is missing"));
            }
        }
        for (name, value) in map {
            match (&schema["properties"][name], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => return Err(format!("{at}: {name} is not told of")),
                (Value::Null, Value::Null) => {}
                (Value::Null, other) => fits(value, other, &format!("{at}.{name}"))?,
                (known, _) => fits(value, known, &format!("{at}.{name}"))?,
            }
        }
    }
    let mut items = value.as_array().into_iter().flatten().enumerate();
    items.try_for_each(|(n, item)| fits(item, &schema["items"], &format!("{at}[{n}]")))
}

/// Two rows, one of them with everything that a list can say.
fn two(house: &House, status: &str) -> String {
    let until = house.in_a_year();
    format!(
        "登録番号,事業者名,サービス名,登録日,有効期限,状態,地域,生成AI機能,監査対象期間,後発事象\n\
         KAKUU-0001,架空クラウド株式会社,架空クラウド,2025-12-01,{until},{status},jp,有,,\n\
         KAKUU-0009,見本データ株式会社,=見本基盤,2025-12-01,{until},登録,jp、架空西,無,2024-10-01～2025-09-30,架空の合併\n"
    )
}

#[test]
fn given_the_public_register_when_it_changes_then_files_follow_their_schemas_and_a_past_day_stays_as_it_was() {
    let house = House::with_scheme();
    let (mut anyone, first) = (Browser::new(&house), house.today());
    assert_eq!(take_up(&house, "manager", "", two(&house, "登録")).status, 201);
    house.pass(DAY);
    let files = ["register.json", "status-changelog.json", "register.csv", "register.xlsx"];
    let mut past = |name: &str| anyone.get(&format!("/ismap/public/{name}?as_of={first}"));
    let before: Vec<Reply> = files.iter().map(|name| past(name)).collect();
    assert_eq!(take_up(&house, "manager", "", two(&house, "一時停止")).status, 201);
    for days in [0, 1, 40] {
        house.pass(days * DAY);
        for (name, before) in files.iter().zip(&before) {
            let now = past(name);
            assert_eq!((now.status, now.header("etag")), (200, before.header("etag")), "{name}");
            // A workbook carries the moment at which it was made.
            assert!(now.body == before.body || *name == "register.xlsx", "{name}: {}", now.text());
        }
    }
    // What is asked for without a day has changed, and says so from the day on which it was known.
    for (name, before) in files.iter().zip(&before) {
        assert_ne!(anyone.get(&format!("/ismap/public/{name}")).header("etag"), before.header("etag"), "{name}");
    }
    let log = anyone.get("/ismap/public/status-changelog.json").json();
    let statuses = log["KAKUU-0001"]["statuses"].as_array().unwrap();
    let told: Vec<&str> = statuses.iter().map(|one| one["status_name"].as_str().unwrap()).collect();
    assert_eq!(
        (told, &log["KAKUU-0001"]["current_status"]),
        (vec!["active", "suspended"], &"suspended".into()),
        "{log}"
    );
    assert_eq!(statuses[1]["start_date"], first.tomorrow().unwrap().to_string());

    for name in ["register", "status-changelog"] {
        let schema = anyone.get(&format!("/ismap/public/{name}.schema.json")).json();
        for query in [String::new(), format!("?as_of={first}"), "?as_of=2020-01-01".to_owned()] {
            let document = anyone.get(&format!("/ismap/public/{name}.json{query}")).json();
            fits(&document, &schema, name).unwrap_or_else(|error| panic!("{query}: {error}"));
        }
        // The check finds what it looks for.
        let mut document = anyone.get(&format!("/ismap/public/{name}.json")).json();
        let place = if name == "register" { "/register/0" } else { "/KAKUU-0009" };
        document.pointer_mut(place).unwrap()["incidents"] = 1.into();
        assert!(fits(&document, &schema, name).unwrap_err().contains("not told of"));
        document.pointer_mut(place).unwrap().as_object_mut().unwrap().clear();
        assert!(fits(&document, &schema, name).unwrap_err().contains("is missing"));
    }
}

#[test]
fn given_named_files_of_the_public_register_then_they_are_linked_cached_and_refused_for_a_day_that_is_none() {
    let house = House::with_scheme();
    assert_eq!(take_up(&house, "manager", "", two(&house, "登録")).status, 201);
    house.pass(DAY);
    let mut anyone = Browser::new(&house);
    let yesterday = house.today().yesterday().unwrap();
    let links = |page: &str| -> Vec<String> {
        let all = page.split("href=\"/ismap/public/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        all.collect()
    };
    let names = ["register.csv", "register.xlsx", "register.json", "register.schema.json"];
    let names = [&names[..], &["status-changelog.json", "status-changelog.schema.json"]].concat();
    assert_eq!(links(&anyone.get("/ismap/public").text()), names);
    let dated = links(&anyone.get(&format!("/ismap/public?as_of={yesterday}")).text());
    assert_eq!(dated.iter().filter(|link| link.ends_with(&format!("?as_of={yesterday}"))).count(), 4, "{dated:?}");
    for name in &names {
        let path = format!("/ismap/public/{name}");
        let reply = anyone.get(&path);
        let kind = reply.header("content-type").unwrap().to_owned();
        assert_eq!(reply.status, 200, "{name}");
        match name.rsplit('.').next().unwrap() {
            "csv" => {
                assert!(
                    kind.starts_with("text/csv") && reply.body.starts_with("\u{feff}登録番号,".as_bytes()),
                    "{kind}"
                );
                assert!(
                    reply.text().contains("KAKUU-0009") && reply.text().contains(",'=見本基盤,"),
                    "{}",
                    reply.text()
                );
            }
            "xlsx" => assert!(kind.contains("spreadsheetml") && reply.body.starts_with(b"PK"), "{kind}"),
            _ => assert!(kind == "application/json" && reply.header("content-disposition").is_none(), "{kind}"),
        }
        let tag = reply.header("etag").unwrap().to_owned();
        let bare = tag.trim_start_matches("W/").to_owned();
        for known in [tag.clone(), bare.clone(), format!("W/{bare}"), format!("\"x\", W/{bare}"), "*".to_owned()] {
            let again = anyone.request("GET", &path).header("if-none-match", &known).send();
            assert_eq!((again.status, again.body.len()), (304, 0), "{name}: {known}");
            assert_eq!(again.header("etag"), Some(tag.as_str()), "{name}");
        }
        for other in ["\"x\"", "W/\"x\", \"y\"", ""] {
            assert_eq!(
                anyone.request("GET", &path).header("if-none-match", other).send().status,
                200,
                "{name}: {other}"
            );
        }
    }
    let tomorrow = house.today().tomorrow().unwrap().to_string();
    for (day, said) in
        [(tomorrow.as_str(), "まだ来ていません"), ("2026-13-01", "の形の日付"), ("x%22%3E", "の形の日付")]
    {
        let page = anyone.get(&format!("/ismap/public?as_of={day}"));
        let text = page.text();
        assert_eq!(page.status, 400, "{day}: {text}");
        assert!(text.contains(said) && text.contains("id=\"as_of-problem\""), "{day}: {text}");
        assert!(!text.contains("KAKUU-0001"), "rows of today are none of {day}: {text}");
        assert_eq!(anyone.get(&format!("/ismap/public?format=csv&as_of={day}")).status, 400);
        for name in ["register.json", "status-changelog.json", "register.csv", "register.xlsx"] {
            let error = anyone.get(&format!("/ismap/public/{name}?as_of={day}")).error(400, "INVALID_PARAMETER");
            assert!(error["param"] == "as_of" && error["message"].as_str().unwrap().contains(said), "{error}");
        }
    }
    let today = house.today();
    assert_eq!(anyone.get(&format!("/ismap/public/register.json?as_of={today}")).json()["as_of"], today.to_string());
}

/// Sends a form of a page that goes to another place, with its hidden fields.
#[track_caller]
fn sent(browser: &mut Browser, page: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
    let text = browser.get(page).text();
    let mark = format!("action=\"{action}\"");
    let form = text.split("<form").find(|form| form.contains(&mark)).unwrap_or_else(|| panic!("{page}: {text}"));
    let mut all = fields.to_vec();
    for input in form.split("</form>").next().unwrap().split("<input type=\"hidden\" ").skip(1) {
        let value = |name: &str| input.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap();
        if !fields.iter().any(|(known, _)| *known == value("name")) {
            all.push((value("name"), value("value")));
        }
    }
    browser.post(action, &all)
}

#[track_caller]
fn went_to(reply: &Reply) -> String {
    let to = reply.header("location").unwrap_or_else(|| panic!("{}: {}", reply.status, reply.text()));
    to.split('?').next().unwrap().to_owned()
}

#[test]
fn given_an_annex_that_is_asked_for_when_it_is_granted_then_it_is_read_until_the_day_by_who_asked_alone() {
    let house = House::with_scheme();
    year::filed(&house);
    year::registered(&house, "f-1", "kai-1", Some("KAKUU-0901"));
    let (row, statement) = ("/ismap/list/KAKUU-0901", "/ismap/statements/s-1");
    let mut procurer = Browser::signed_in(&house, "procurer");
    assert_eq!(procurer.get(statement).status, 404, "before it is granted");
    // A purpose is needed; who does not procure is not asked for one.
    let none = sent(&mut procurer, row, "/ismap/annexes", &[("purpose", " ")]);
    assert!(none.status == 422 && none.text().contains("id=\"purpose-problem\""), "{}", none.text());
    let mut head = Browser::signed_in(&house, "csp-head");
    assert!(!head.get(row).text().contains("action=\"/ismap/annexes\""));
    let asked = sent(&mut procurer, row, "/ismap/annexes", &[("purpose", "架空の調達の確認")]);
    let refused = went_to(&asked);
    let asked = sent(&mut procurer, row, "/ismap/annexes", &[("purpose", "架空の調達の再確認")]);
    let granted = went_to(&asked);
    assert_ne!(refused, granted);
    let page = procurer.get(&granted).text();
    assert!(page.contains("請求中") && page.contains("架空の調達の再確認"), "{page}");
    assert!(!page.contains("その日まで見せる") && !page.contains(statement), "who asks does not answer: {page}");
    let (until, yesterday) = (house.today().tomorrow().unwrap(), house.today().yesterday().unwrap());
    let day = until.to_string();
    let token =
        |page: &str| page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let by_hand = [("act", "grant"), ("until", day.as_str())];
    let own = procurer.post(&granted, &[&by_hand[..], &[("token", &token(&page))]].concat());
    assert!(own.status == 422 && own.text().contains("言明責任者だけ"), "{}", own.text());

    // To others neither request exists, to read or to answer.
    for who in ["csp2-head", "staff", "secretariat", "audit-lead"] {
        let mut other = Browser::signed_in(&house, who);
        let token = token(&other.get("/ismap").text());
        let list = other.get("/ismap/annexes").text();
        assert!(!list.contains("架空の調達"), "{who}: {list}");
        for request in [&refused, &granted] {
            assert_eq!(other.get(request).status, 404, "{who}");
            let fields = [&by_hand[..], &[("token", &token)]].concat();
            assert_eq!(other.post(request, &fields).status, 404, "{who}");
        }
    }
    // Of the provider, who writes for it sees the request; its head alone answers.
    assert!(!Browser::signed_in(&house, "csp").get(&granted).text().contains("その日まで見せる"));
    assert!(head.get("/ismap/annexes").text().contains("架空の調達の再確認"));
    assert_eq!(went_to(&head.submit(&refused, &[("act", "refuse"), ("until", "")])), refused);
    for (typed, said) in [("", "の形で入力"), ("あした", "の形で入力"), (&*yesterday.to_string(), "今日以後")]
    {
        let wrong = head.submit(&granted, &[("act", "grant"), ("until", typed)]);
        let text = wrong.text();
        assert!(wrong.status == 422 && text.contains(said) && text.contains("id=\"until-problem\""), "{typed}: {text}");
    }
    assert_eq!(went_to(&head.submit(&granted, &by_hand)), granted);
    // An answer is given once.
    let again = head.get(&granted).text();
    assert!(again.contains("閲覧できる") && !again.contains("その日まで見せる"), "{again}");

    let page = procurer.get(&refused).text();
    assert!(page.contains("断られた") && !page.contains(statement), "{page}");
    for days in 0..2 {
        house.pass(days * DAY);
        let mut procurer = Browser::signed_in(&house, "procurer");
        assert!(procurer.get(&granted).text().contains(&format!("href=\"{statement}\"")), "day {days}");
        let read = procurer.get(statement);
        assert!(read.status == 200 && read.text().contains("架空の手順書に従い"), "day {days}: {}", read.text());
        // Who may read may not write, and nobody else may read by it.
        assert_eq!(procurer.get(&format!("{statement}/sign")).status, 404);
        assert_eq!(Browser::signed_in(&house, "staff").get(statement).status, 404);
        assert_eq!(house.today() == until, days == 1);
    }
    house.pass(DAY);
    let mut procurer = Browser::signed_in(&house, "procurer");
    assert_eq!(procurer.get(statement).status, 404, "the day is past");
    let page = procurer.get(&granted).text();
    assert!(page.contains("閲覧期間の終了") && !page.contains(statement), "{page}");
}

/// The list with the declared scope of the demo's registration.
fn scope(house: &House, regions: &str, ai: &str) -> String {
    let until = house.in_a_year();
    format!(
        "登録番号,事業者名,サービス名,登録日,有効期限,状態,地域,生成AI機能\n\
         KAKUU-0001,架空クラウド株式会社,架空クラウド,2025-12-01,{until},登録,{regions},{ai}\n"
    )
}

#[test]
fn given_a_declared_scope_that_shrinks_then_the_permit_stops_with_what_fell_out_and_returns_by_reapproval_alone() {
    let house = House::with_accounts();
    let mut manager = Browser::signed_in(&house, "manager");
    let mut approver = Browser::signed_in(&house, "approver");
    let permit = format!("/permits/{}", house.permit("kakuu-cloud"));
    let asks = || house.by("staff").chat("kakuu-cloud", "会議の資料を要約してください");
    let waits = |manager: &mut Browser| manager.get(IMPORT).text().contains(&format!("href=\"{permit}\""));
    assert_eq!(take_up(&house, "manager", "", scope(&house, "jp", "有")).status, 201);
    assert_eq!(asks().status, 200, "the same scope stops nothing");
    for (less, gap) in [(scope(&house, "jp", "無"), "生成AI機能"), (scope(&house, "架空国", "有"), "jp")] {
        let dry = take_up(&house, "manager", "dry_run=true", less.clone()).json();
        assert!(dry["permits_suspended"][0]["changes"].as_str().unwrap().contains(gap), "{dry}");
        assert_eq!(asks().status, 200, "a dry run stops nothing");
        assert_eq!(take_up(&house, "manager", "", less).status, 201);
        let refused = asks();
        let error = refused.error(403, "PERMIT_SUSPENDED");
        house.refusal(&refused.used(), "PERMIT_SUSPENDED");
        let said = error["message"].as_str().unwrap();
        for part in ["KAKUU-0001", "言明の対象範囲", gap] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!house.by("staff").models().contains(&"kakuu-cloud".to_owned()));
        let page = manager.get(&permit).text();
        assert!(page.contains("KAKUU-0001 の対象外") && page.contains(gap), "{page}");
        // It is told under what the last copy stopped, and it is not waiting while the scope is as small as that.
        let page = manager.get(IMPORT).text();
        assert!(page.contains("前回の取込みで停止した承認") && !page.contains("再承認を待っている承認"), "{page}");

        // The scope returns: the use does not, until somebody approves it again.
        assert_eq!(take_up(&house, "manager", "", scope(&house, "jp", "有")).status, 201);
        asks().error(403, "PERMIT_SUSPENDED");
        assert!(waits(&mut manager) && manager.get(IMPORT).text().contains("再承認を待っている承認"));
        let reply = approver.submit(&permit, &[("act", "reapprove"), ("reapprove_reason", "対象範囲に戻った")]);
        assert_eq!(went_to(&reply), permit);
        assert!(!waits(&mut manager));
        assert_eq!(asks().status, 200);
    }
}

#[test]
fn given_a_day_that_is_none_or_to_come_then_no_page_answers_with_today_and_no_look_up_is_recorded() {
    let house = House::with_scheme();
    let tomorrow = house.today().tomorrow().unwrap();
    let mut secretariat = Browser::signed_in(&house, "secretariat");
    for path in
        ["list", "list/KAKUU-0001", "parties", "statements", "engagements", "firms", "criteria", "filings", "meetings"]
    {
        for (day, said) in [("きのう".to_owned(), "2026-11-30 の形"), (tomorrow.to_string(), "まだ来ていません")]
        {
            let reply = secretariat.get(&format!("/ismap/{path}?as_of={day}"));
            assert_eq!(reply.status, 400, "{path} {day}");
            assert!(reply.text().contains(said), "{path} {day}: {}", reply.text());
        }
        assert_eq!(secretariat.get(&format!("/ismap/{path}?as_of={}", house.today())).status, 200, "{path}");
    }
    let mut record = |day: &str| {
        sent(&mut secretariat, "/ismap/list", "/ismap/look-ups", &[("purpose", "架空の調達"), ("as_of", day)]).status
    };
    assert_eq!(record("きのう"), 400);
    assert_eq!(house.register().scheme().look_ups.chronicles().count(), 0);
    assert_eq!(record(""), 303);
    assert_eq!(house.register().scheme().look_ups.chronicles().count(), 1);
}
