use crate::{Desk, demo};
use serde_json::json;

#[test]
fn given_a_folder_of_laws_then_all_are_taken_once() {
    let desk = Desk::new();
    let folder = demo("law").display().to_string();
    let (code, said) = desk.import(&["laws", &folder]);
    assert_eq!((code, &said["new"], &said["rejects"]), (0, &json!(8), &json!([])), "{said:#}");
    let (code, again) = desk.import(&["laws", &folder]);
    assert_eq!((code, &again["unchanged"], &again["written"]["units"]), (0, &json!(8), &json!(0)), "{again:#}");
    let found = desk.run(&["--json", "search", "自動運航船の安全確認", "--data", "data", "--corpus", "law"]);
    assert!(String::from_utf8_lossy(&found.stdout).contains("505AC0000009001/5_2"), "{found:?}");
}

#[test]
fn given_meetings_and_pages_then_all_are_taken_once() {
    let desk = Desk::new();
    let folder = demo("diet").display().to_string();
    let (code, said) = desk.import(&["diet", &folder]);
    // 34 entries, of which two are headers; three questions and three answers.
    assert_eq!((code, &said["new"], &said["written"]["units"]), (0, &json!(5), &json!(38)), "{said:#}");
    assert_eq!(desk.import(&["diet", &folder]).1["unchanged"], 5);
}

#[test]
fn given_something_broken_then_it_is_told_by_place_and_the_rest_is_taken() {
    let desk = Desk::new();
    let law = std::fs::read(demo("law").join("503AC0000009004_20220401_000000000000000.xml")).unwrap();
    desk.write("laws/503AC0000009004_20220401_000000000000000.xml", &law);
    desk.write("laws/503AC0000009005_20220401_000000000000000.xml", &law[..900]);
    desk.write("laws/pict/a.jpg", b"\xff\xd8\xff");
    let (code, said) = desk.import(&["laws", "laws", "nowhere"]);
    assert_eq!((code, &said["new"], &said["passed_over"]), (1, &json!(1), &json!(1)), "{said:#}");
    let rejects = said["rejects"].as_array().unwrap();
    assert_eq!(rejects.len(), 2, "{said:#}");
    assert!(rejects[0]["file"].as_str().unwrap().contains("nowhere"));
    assert!(rejects[1]["line"].as_u64().unwrap() > 1 && rejects[1]["column"].is_u64(), "{said:#}");
    let told = desk.run(&["--lang", "ja", "import", "laws", "laws", "--data", "data"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("変わらず 1") && told.contains("取り直してください"), "{told}");
}

#[test]
fn given_documents_then_their_grade_and_readers_go_with_them() {
    let desk = Desk::new();
    desk.write("規程/文書.txt", "第1章　総則\nこの規程は、架空市の文書の取扱いを定める。");
    desk.write("規程/壊れた.docx", b"PK\x03\x04broken");
    let arguments = ["documents", "規程", "--grade", "機密性2", "--readers", "dept-a,dept-b"];
    let (code, said) = desk.import(&arguments);
    assert_eq!((code, &said["new"]), (1, &json!(1)), "{said:#}");
    assert_eq!(said["rejects"].as_array().unwrap().len(), 1);
    assert_eq!(desk.import(&arguments).1["unchanged"], 1);
    // The same folder from elsewhere is the same document.
    let elsewhere = desk.path("規程").display().to_string();
    assert_eq!(
        desk.import(&["documents", &elsewhere, "--grade", "機密性2", "--readers", "dept-a,dept-b"]).1["unchanged"],
        1
    );
    assert_eq!(desk.import(&["documents", "規程", "--readers", "dept-a,"]).0, 2, "an empty mark is surely not meant");
}

#[test]
fn given_a_document_that_says_nothing_any_more_then_its_old_text_goes() {
    let desk = Desk::new();
    let write = |bytes: &[u8]| desk.write("規程/文書.txt", bytes);
    let import = || desk.import(&["documents", "規程", "--readers", "dept-a"]);
    let text = "第1章　総則\nこの規程は、架空市の文書の取扱いを定める。".as_bytes();
    let gone: [(&[u8], i32); 3] = [(b"", 0), (b"PK\x03\x04broken", 1), (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 0)];
    for (bytes, expected) in gone {
        write(text);
        assert_eq!(import().1["new"], 1);
        write(bytes);
        let (code, said) = import();
        assert_eq!((code, &said["changed"]), (expected, &json!(1)), "{said:#}");
        assert!(said["notes"].to_string().contains("検索から除きました"), "{said:#}");
        assert_eq!(import().1["changed"], 0);
    }
}

#[test]
fn given_the_name_of_a_document_then_it_is_removed() {
    let desk = Desk::new();
    desk.write("資料/人事/文書.txt", "架空市の文書の取扱いを定める。");
    // Named by another folder, the same file is another document.
    assert_eq!(desk.import(&["documents", "資料", "資料/人事"]).1["new"], 2);
    let (code, said) = desk.import(&["documents", "--remove", "人事/文書.txt", "--remove", "どこにもない.txt"]);
    assert_eq!((code, &said["changed"]), (1, &json!(1)), "{said:#}");
    assert_eq!(said["rejects"][0]["file"], "どこにもない.txt");
    let (_, said) = desk.import(&["documents", "資料", "資料/人事"]);
    assert_eq!((&said["unchanged"], &said["new"]), (&json!(1), &json!(1)), "{said:#}");
    assert_eq!(desk.import(&["documents", "資料", "--remove", "人事/文書.txt"]).0, 2, "one or the other");
}
