use super::*;
use crate::shelf::Shelf;
use crate::unit::Corpus;

fn part(place: &str, text: &str) -> Part {
    Part { place: place.into(), text: text.into() }
}

#[test]
fn given_headings_then_each_begins_a_unit() {
    let long = "架空の規程である。".repeat(30);
    let text = format!("第1章　総則\n{long}\n第2章　文書\n{long}");
    let units = units("規程/文書.docx", &[part("", &text)], &Mark::default());
    assert_eq!(units.iter().map(|unit| unit.caption.as_str()).collect::<Vec<_>>(), ["第1章　総則", "第2章　文書"]);
    assert_eq!((units[1].title.as_str(), units[1].id.as_str()), ("文書", "規程/文書.docx#2"));
}

#[test]
fn given_pages_and_cells_then_pages_are_parted_and_cells_are_not() {
    let parts = [
        part("1ページ", "甲"),
        part("2ページ", "乙"),
        part("シート「一覧」 A1", "丙"),
        part("シート「一覧」 B12", "丁"),
    ];
    let units = units("a.pdf", &parts, &Mark::default());
    let told: Vec<_> = units.iter().map(|unit| (unit.number.as_str(), unit.text.as_str())).collect();
    assert_eq!(told, [("1ページ", "甲"), ("2ページ", "乙"), ("シート「一覧」", "丙\n丁")]);
}

#[test]
fn given_a_text_without_end_then_units_are_bounded_and_nothing_is_lost() {
    let text = "架空".repeat(10_000) + "。" + &"漢字です。".repeat(2_000);
    let units = units("a.txt", &[part("", &text)], &Mark::default());
    assert!(units.iter().all(|unit| unit.text.chars().count() <= 2_000));
    assert_eq!(units.iter().map(|unit| unit.text.as_str()).collect::<String>(), text);
}

#[test]
fn given_a_document_then_it_is_put_once_with_its_grade_and_readers() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path(), Corpus::Document).unwrap();
    let take = |text: &str, readers: &[&str]| {
        let mark = Mark { grade: "機密性2".into(), readers: readers.iter().map(|r| (*r).to_owned()).collect() };
        let document = Document { name: "規程/a.txt".into(), parts: vec![part("", text)] };
        let mut import = Import::begin(&shelf, mark).unwrap();
        import.put(&document).unwrap();
        import.finish().unwrap()
    };
    assert_eq!(take("架空の規程", &["dept-a"]).new, 1);
    assert_eq!(take("架空の規程", &["dept-a"]).unchanged, 1);
    assert_eq!(take("架空の規程", &["dept-b"]).changed, 1, "another reader is another state");
    let unit = shelf.read().group("規程/a.txt").unwrap().pop().unwrap();
    assert_eq!((unit.grade.as_str(), unit.readers), ("機密性2", vec!["dept-b".to_owned()]));
    let emptied = take("", &[]);
    assert_eq!((emptied.changed, emptied.notes.len()), (1, 2), "what it said goes, and its readers");
    assert!(shelf.read().group("規程/a.txt").unwrap().is_empty());
    assert_eq!(take("", &[]).changed, 0);
}

#[test]
fn given_two_documents_of_one_name_then_the_first_counts_and_the_other_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path(), Corpus::Document).unwrap();
    let document = |text: &str| Document { name: "規程/a.txt".into(), parts: vec![part("", text)] };
    let take = |texts: [&str; 2]| {
        let mut import = Import::begin(&shelf, Mark::default()).unwrap();
        texts.iter().for_each(|text| import.put(&document(text)).unwrap());
        let report = import.finish().unwrap();
        assert_eq!(report.rejects.len(), 1);
        shelf.read().group("規程/a.txt").unwrap().pop().map(|unit| unit.text)
    };
    assert_eq!(take(["架空", ""]).as_deref(), Some("架空"));
    assert_eq!(take(["架空", "別の架空"]).as_deref(), Some("架空"), "unchanged, and not replaced by the other");
    assert_eq!(take(["", "架空"]), None);
}
