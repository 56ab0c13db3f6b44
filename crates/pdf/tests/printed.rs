//! What is printed is read again: by the gate's own reader, and by its tags.

#![expect(clippy::unwrap_used, reason = "a test may panic; helpers stand outside #[test]")]

use jiff::Timestamp;
use sekisho_detect::document::{Limits, PartKind, read};
use sekisho_pdf::{Block, Cell, Chart, ChartKind, Document, Mark, Table, print};

fn cell(text: &str) -> Cell {
    Cell { text: text.to_owned(), is_figure: false }
}

fn figure(text: &str) -> Cell {
    Cell { text: text.to_owned(), is_figure: true }
}

fn bars() -> Chart {
    let mark =
        |name: &str, value: Option<u64>, figure: &str| Mark { name: name.to_owned(), value, figure: figure.to_owned() };
    Chart {
        caption: "部局別の利用".to_owned(),
        alternative: "総務課 1,200、財政課 非表示、税務課 300".to_owned(),
        kind: ChartKind::Bars,
        marks: vec![
            mark("総務課", Some(1200), "1,200"),
            mark("財政課", None, "非表示"),
            mark("税務課", Some(300), "300"),
        ],
    }
}

fn table(rows: usize) -> Table {
    let row = |at: usize| vec![cell(&format!("第{at}課")), figure(&at.to_string()), figure("")];
    Table {
        summary: "部局別の利用回数".to_owned(),
        head: vec!["部局".to_owned(), "利用".to_owned(), "拒否".to_owned()],
        rows_are_named: true,
        rows: (1..=rows).map(row).collect(),
    }
}

fn report() -> Document {
    Document {
        title: "利用報告 2026年4月".to_owned(),
        author: "霞ヶ関市".to_owned(),
        made: Some("2026-05-01T00:00:00Z".parse::<Timestamp>().unwrap()),
        footer: "霞ヶ関市　利用報告".to_owned(),
        blocks: vec![
            Block::Paragraph("生成AIの利用を数えました。①「利用」は許可された利用です。".to_owned()),
            Block::Heading(1, "部局別".to_owned()),
            Block::Chart(bars()),
            Block::Table(table(3)),
            Block::Heading(1, "数え方".to_owned()),
            Block::List(vec!["利用は始まった日に数えます。".to_owned(), "職員数は今の数です。".to_owned()]),
        ],
    }
}

/// The body's text as the gate reads it, without spaces and line ends.
fn text(bytes: &[u8]) -> String {
    let read = read("report.pdf", bytes, &Limits::default()).unwrap();
    let body = read.parts.iter().filter(|part| part.kind == PartKind::Body);
    body.flat_map(|part| part.text.chars()).filter(|one| !one.is_whitespace()).collect()
}

/// How often something stands in the objects, which are not compressed.
fn times(bytes: &[u8], what: &str) -> usize {
    bytes.windows(what.len()).filter(|window| *window == what.as_bytes()).count()
}

#[test]
fn every_word_comes_back_in_the_order_it_was_written() {
    let printed = print(&report()).unwrap();
    let text = text(&printed);
    let mut from = 0;
    for expected in [
        "利用報告2026年4月",
        "生成AIの利用を数えました。①「利用」は許可された利用です。",
        "部局別",
        "総務課1,200財政課非表示税務課300",
        "部局別の利用",
        "部局利用拒否",
        "第1課1",
        "第2課2",
        "第3課3",
        "数え方",
        "・利用は始まった日に数えます。",
        "・職員数は今の数です。",
        "霞ヶ関市利用報告1/1",
    ] {
        let at = text[from..]
            .find(expected)
            .unwrap_or_else(|| panic!("`{expected}` does not follow in `{}`", &text[from..]));
        from += at + expected.len();
    }
}

#[test]
fn the_file_says_what_it_is_and_in_which_language() {
    let printed = print(&report()).unwrap();
    for (what, expected) in [
        ("/Lang(ja)", "the language"),
        ("/Marked true", "tagged"),
        ("/DisplayDocTitle true", "the title bar shows the title"),
        ("<pdfuaid:part>1</pdfuaid:part>", "PDF/UA-1"),
        ("D:20260501090000+09", "when it was made, as time in Japan"),
        ("/Tabs/S", "the order of reading is that of the tags"),
    ] {
        assert!(times(&printed, what) > 0, "{expected}: {what}");
    }
}

#[test]
fn tags_say_what_is_what() {
    let printed = print(&report()).unwrap();
    let tags = [
        ("H1", 1),
        ("H2", 2),
        ("P", 1),
        ("Figure", 1),
        ("Caption", 1),
        ("Table", 1),
        ("THead", 1),
        ("TBody", 1),
        ("TR", 4),
        // Three columns and three rows; the cells without a text are there too.
        ("TH", 6),
        ("TD", 6),
        ("L", 1),
        ("LI", 2),
        ("Lbl", 2),
        ("LBody", 2),
    ];
    for (tag, expected) in tags {
        let found = times(&printed, &format!("/S/{tag}/")) + times(&printed, &format!("/S/{tag}\n"));
        assert_eq!(found, expected, "{tag}");
    }
    assert_eq!((times(&printed, "/Scope/Column"), times(&printed, "/Scope/Row")), (3, 3));
}

#[test]
fn a_long_table_repeats_its_head_on_every_page_and_is_one_table_to_the_ear() {
    let document = Document { blocks: vec![Block::Table(table(150))], ..report() };
    let printed = print(&document).unwrap();
    let pages = times(&printed, "/Type/Page/");
    assert!((3..=6).contains(&pages), "{pages}");
    let text = text(&printed);
    assert_eq!(text.matches("部局利用拒否").count(), pages, "for the eye");
    assert_eq!((times(&printed, "/S/Table/"), times(&printed, "/Scope/Column")), (1, 3), "for the ear");
    for at in 1..=pages {
        assert!(text.contains(&format!("{at}/{pages}")), "page {at}");
    }
}

#[test]
fn the_same_document_gives_the_same_bytes_and_another_date_others() {
    let first = print(&report()).unwrap();
    assert!(first == print(&report()).unwrap());
    let later = Document { made: Some("2026-05-02T00:00:00Z".parse::<Timestamp>().unwrap()), ..report() };
    assert!(first != print(&later).unwrap());
    assert!(print(&Document { made: None, ..report() }).is_ok(), "a document without a date");
}

#[test]
fn a_document_without_anything_is_still_a_document() {
    let printed = print(&Document::default()).unwrap();
    assert!(text(&printed).starts_with("無題"));
    let empty = vec![
        Block::Heading(0, String::new()),
        Block::Heading(200, "深い".to_owned()),
        Block::Paragraph(" \n".to_owned()),
        Block::List(Vec::new()),
        Block::List(vec![String::new()]),
        Block::Table(Table::default()),
        Block::Table(Table { head: vec![String::new()], ..Table::default() }),
        Block::Table(Table { rows: vec![Vec::new(), vec![Cell::default(), Cell::default()]], ..Table::default() }),
        Block::Chart(Chart { marks: Vec::new(), ..bars() }),
        Block::Chart(Chart { caption: String::new(), alternative: String::new(), kind: ChartKind::Line, ..bars() }),
    ];
    let printed = print(&Document { blocks: empty, ..Document::default() }).unwrap();
    assert_eq!(times(&printed, "/S/H2/"), 1, "a heading skips no level");
}
