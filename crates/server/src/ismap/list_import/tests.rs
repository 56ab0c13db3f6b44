//! A list with everything that goes wrong in one.

use super::*;
use crate::sheet;

fn register() -> Register {
    Register::default()
}

fn reading(csv: &str) -> Reading {
    let sheets = sheet::read(csv.as_bytes()).unwrap();
    let shape = shape(&sheets, Columns::default());
    assert!(shape.lacking.is_empty(), "{:?}", shape.lacking);
    read(&sheets, &shape.columns, &register(), "2026-11-30".parse().unwrap()).unwrap()
}

const HEAD: &str = "登録番号,区分,事業者名,法人番号,サービス名,監査対象期間,登録日,有効期限,状態,地域,生成AI機能\n";

#[test]
fn given_a_list_then_good_rows_are_read_in_every_form_of_day() {
    let csv = format!(
        "{HEAD}K-1,ISMAP,架空社,8990000000001,架空基盤,2024-10-01～2025-09-30,令和7年12月1日,2027年1月31日,登録,東京、大阪,有\n\
         K-2,ISMAP-LIU,見本社,,見本業務,,２０２５/１２/１,2027/1/31,,東京,無\n"
    );
    let reading = reading(&csv);
    assert_eq!(reading.rejects, []);
    let [one, two] = &reading.rows[..] else { panic!("{reading:?}") };
    assert_eq!(one.valid_until.to_string(), "2027-01-31");
    assert_eq!(
        one.computed_until(),
        Some(one.valid_until),
        "the official day is the computed one, so nothing is noted"
    );
    assert!(reading.notes.is_empty(), "{:?}", reading.notes);
    assert!(one.scope.generative_ai && one.scope.regions.contains("大阪"));
    assert_eq!((two.scheme, two.registered_on.to_string().as_str()), (Scheme::Liu, "2025-12-01"));
}

#[test]
fn given_bad_lines_then_each_is_told_with_row_column_and_remedy_and_the_rest_is_read() {
    let csv = format!(
        "{HEAD}K-1,ISMAP,架空社,8990000000002,架空基盤,,2025-12-01,2027-01-31,登録,東京,有\n\
         K-2,FedRAMP,架空社,,架空基盤,,2025-12-01,2027-02-30,審議,東京,一部\n\
         ,ISMAP,架空社,,架空基盤,,2025-12-01,2027-01-31,登録,東京,有\n\
         K-4,ISMAP,架空社,,架空基盤,,2027-12-01,2027-01-31,登録,東京,有\n\
         K-5,ISMAP,架空社,,架空基盤,,2025-12-01,2027-01-31,登録,東京,有\n\
         K-5,ISMAP,架空社,,別のサービス,,2025-12-01,2027-01-31,登録,東京,有\n\
         K-6,ISMAP,架空社,,架空基盤,,2025-12-01,2027-01-31,登録,東京,有\n\
         K-6,ISMAP,架空社,,架空基盤,,2025-12-01,2027-01-31,登録,東京,有\n\
         ※注記\n"
    );
    let reading = reading(&csv);
    let told: Vec<(u64, &str)> = reading.rejects.iter().map(|r| (r.row, r.column)).collect();
    let expected = [
        (2, "法人番号"),
        (3, "区分"),
        (3, "有効期限"),
        (4, "登録番号"),
        (5, "有効期限"),
        (6, "登録番号"),
        (7, "登録番号"),
    ];
    assert_eq!(told, expected);
    assert!(reading.rejects.iter().all(|r| !r.wrong.is_empty() && !r.remedy.is_empty()));
    assert_eq!(reading.rows.iter().map(|r| r.number.as_str()).collect::<Vec<_>>(), ["K-6"]);
    assert_eq!(reading.unread, ["K-1", "K-2", "K-4", "K-5"].map(str::to_owned).into());
    assert!(reading.hides_numbers());
    assert!(reading.notes.iter().any(|n| n.row == 10), "a remark is told, not dropped: {:?}", reading.notes);
}

#[test]
fn given_an_official_expiry_that_differs_then_it_wins_and_the_difference_is_told() {
    let csv = format!(
        "{HEAD}K-1,ISMAP,架空社,,架空基盤,2024-10-01～2025-09-30,2025-12-01,2027-02-28,登録,東京,有\n\
         K-2,ISMAP,架空社,,架空基盤,2024-10-01～2025-09-30,2025-12-01,,登録,東京,有\n"
    );
    let reading = reading(&csv);
    assert_eq!(reading.rows[0].valid_until.to_string(), "2027-02-28");
    assert_eq!(reading.rows[1].valid_until.to_string(), "2027-01-31", "computed where none is given");
    assert!(reading.notes[0].text.contains("2027-02-28") && reading.notes[0].text.contains("2027-01-31"));
}

#[test]
fn given_other_headings_then_the_mapping_says_what_is_lacking_and_what_was_found() {
    let sheets = sheet::read("番号,会社,サービス名,登録日\nK-1,架空社,架空基盤,2025-12-01\n".as_bytes()).unwrap();
    let shape = shape(&sheets, Columns::default());
    assert_eq!(shape.lacking, ["事業者名"]);
    let mut columns = shape.columns;
    columns.headings.insert("csp_name".into(), "会社".into());
    let read = read(&sheets, &columns, &register(), "2026-11-30".parse().unwrap()).unwrap();
    // The mapping is whole; the row lacks a day.
    assert_eq!(read.rejects[0].column, "有効期限");
}
