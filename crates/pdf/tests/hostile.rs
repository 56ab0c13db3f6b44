//! Texts of people who mean no good, or of machines that went wrong. None may panic, and none may take time out of
//! proportion: each of these would not end within a test's patience if it took quadratic time.

#![expect(clippy::unwrap_used, reason = "a test may panic; helpers stand outside #[test]")]

use proptest::prelude::*;
use sekisho_detect::document::{Limits, PartKind, read};
use sekisho_pdf::{Block, Cell, Chart, ChartKind, Document, Mark, Table, print};

/// The same text at every place a document has.
fn everywhere(text: &str) -> Document {
    let cell = |is_figure| Cell { text: text.to_owned(), is_figure };
    let mark = |value| Mark { name: text.to_owned(), value, figure: text.to_owned() };
    let chart = |kind| {
        let marks = vec![mark(Some(1)), mark(None), mark(Some(u64::MAX))];
        Block::Chart(Chart { caption: text.to_owned(), alternative: text.to_owned(), kind, marks })
    };
    Document {
        title: text.to_owned(),
        author: text.to_owned(),
        made: None,
        footer: text.to_owned(),
        blocks: vec![
            Block::Heading(1, text.to_owned()),
            Block::Heading(9, text.to_owned()),
            Block::Paragraph(text.to_owned()),
            Block::List(vec![text.to_owned()]),
            Block::Table(Table {
                summary: text.to_owned(),
                head: vec![text.to_owned(), text.to_owned()],
                rows_are_named: true,
                rows: vec![vec![cell(false), cell(true), cell(false)]],
            }),
            chart(ChartKind::Bars),
            chart(ChartKind::Columns),
            chart(ChartKind::Line),
        ],
    }
}

fn words(bytes: &[u8]) -> String {
    let read = read("hostile.pdf", bytes, &Limits::default()).unwrap();
    read.parts.iter().filter(|part| part.kind == PartKind::Body).map(|part| part.text.as_str()).collect()
}

#[test]
fn texts_that_mean_no_good_are_printed_with_a_mark_for_what_cannot_be() {
    for text in [
        "\u{0}\u{1}\u{7f}\u{85}\u{9f}",
        "\u{202e}逆\u{2066}順\u{2069}",
        "שלום مرحبا ไทย",
        "e\u{301}\u{302}\u{303} か\u{3099}\u{309a} \u{301}",
        "👩‍👩‍👧‍👦🏳️‍🌈🇯🇵",
        "\u{feff}\u{fffe}\u{ffff}\u{fffd}\u{10ffff}\u{e000}",
        "(\\)<</Type/Page>>endobj\r\nxref %%EOF stream",
        "𠮟る𩸽\u{e0100}",
        "＝cmd|'/C calc'!A0",
        "\n\n\r\r\n\n",
        "　　　",
    ] {
        let printed = print(&everywhere(text)).unwrap_or_else(|why| panic!("{text:?}: {why}"));
        let back = words(&printed);
        let lacking = text.chars().any(|one| one.is_control() && !one.is_whitespace());
        assert!(!lacking || back.contains('〓'), "{text:?} reads {back:?}");
    }
}

#[test]
fn a_word_of_a_hundred_thousand_characters_is_broken_over_pages() {
    let long = "Z".repeat(100_000);
    let document = Document { blocks: vec![Block::Paragraph(long.clone())], ..Document::default() };
    let printed = print(&document).unwrap();
    assert_eq!(words(&printed).matches('Z').count(), long.len());
    let in_a_cell = Table { rows: vec![vec![Cell { text: long.clone(), is_figure: true }; 2]], ..Table::default() };
    let document = Document { title: long.clone(), blocks: vec![Block::Table(in_a_cell)], ..Document::default() };
    print(&document).unwrap();
}

#[test]
fn ten_thousand_rows_and_a_hundred_columns_are_printed() {
    let row =
        |at: usize| (0..4).map(|column| Cell { text: format!("{at}の{column}"), is_figure: column > 0 }).collect();
    let head = (0..4).map(|column| format!("列{column}")).collect();
    let table = Table { head, rows: (0..10_000).map(row).collect(), rows_are_named: true, ..Table::default() };
    print(&Document { blocks: vec![Block::Table(table)], ..Document::default() }).unwrap();
    let wide =
        Table { rows: vec![vec![Cell { text: "広い表".to_owned(), is_figure: false }; 100]], ..Table::default() };
    print(&Document { blocks: vec![Block::Table(wide)], ..Document::default() }).unwrap();
    let marks = vec![Mark { name: "日".to_owned(), value: Some(1), figure: "1".to_owned() }; 100_000];
    for kind in [ChartKind::Bars, ChartKind::Columns, ChartKind::Line] {
        let chart = Chart { caption: String::new(), alternative: String::new(), kind, marks: marks.clone() };
        print(&Document { blocks: vec![Block::Chart(chart)], ..Document::default() }).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_text_is_printed(text in "\\PC{0,60}|[\\x00-\\x{10ffff}]{0,40}") {
        prop_assert!(print(&everywhere(&text)).is_ok());
    }
}
