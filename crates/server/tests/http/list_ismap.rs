//! The published list: taken up, what stops by it, look-ups that verify later, and what is published.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;

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
