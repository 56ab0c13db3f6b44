//! Files that want to fill the stack or the memory, and bytes that mean nothing.

use proptest::prelude::*;

use super::ACT;
use crate::law::name::{LawNames, NameTable};
use crate::law::reference::{Book, Spot};
use crate::law::{LawId, LawNumber, ReadError, RevisionName, asked, definition, delegation, read, read_json, read_xml};

#[test]
fn deep_nesting_is_refused() {
    let xml = "<Law>".repeat(1_000_000);
    assert!(matches!(read(xml.as_bytes()), Err(ReadError::TooDeep { .. })));
    let json = "{\"tag\":\"Law\",\"children\":[".repeat(100_000);
    assert!(read(json.as_bytes()).is_err());
}

#[test]
fn endless_elements_are_refused() {
    let xml = format!("<Law>{}</Law>", "<a/>".repeat(2_100_000));
    assert!(matches!(read(xml.as_bytes()), Err(ReadError::TooDeep { .. })));
    let json = format!("{{\"children\":[{}{{}}]}}", "{},".repeat(2_100_000));
    assert!(matches!(read(json.as_bytes()), Err(ReadError::TooDeep { .. })));
}

#[test]
fn a_million_oddities_are_counted() {
    let xml = format!("<Law><LawBody><MainProvision>{}</MainProvision></LawBody></Law>", "<a/>".repeat(50_000));
    let law = read(xml.as_bytes()).unwrap();
    assert_eq!(law.oddities.last().unwrap().to_string(), "and 49800 oddities more");
}

#[test]
fn a_document_type_is_refused() {
    let xml = "<!DOCTYPE Law [<!ENTITY a \"架空\">]><Law>&a;</Law>";
    assert!(matches!(read(xml.as_bytes()), Err(ReadError::BrokenXml { .. })));
}

#[test]
fn long_runs_of_marks_take_time_in_proportion() {
    let names = names();
    for text in [
        "（",
        "「",
        "第",
        "以下「",
        "」とは",
        "第五条及び",
        "第五条（",
        "で定め",
        "この",
        "昭和",
        "以下「法」という",
        "「x」とは",
        "法第五条",
        "第五条（第六条）",
        "架空法（以下「法」という。）",
        "同号イ",
        "一　前号\n",
        "架空法",
        "架空法（以下",
        "架空法（令和三年法律第一号",
        "昭和一年",
        "未知法第五条、同規則、",
    ] {
        let text = text.repeat(20_000);
        let units = [(Spot::Paragraphs, text.as_str())];
        let book = Book::new(LawId::new("399AC0000000001").unwrap(), "架空法", units, &names);
        book.references_in(Spot::Paragraphs, &text);
        definition::definitions(&text);
        delegation::delegations(&text);
    }
}

#[test]
fn a_question_that_names_a_thousand_places_names_twenty() {
    let places: Vec<String> = (1..60_000).map(|number| format!("第{number}条")).collect();
    assert_eq!(asked::places(&format!("架空法{}", places.join("、")), &names()).len(), 20);
}

fn names() -> NameTable {
    let law_id = LawId::new("399AC0000000001").unwrap();
    let number = "令和三年法律第一号".parse().ok();
    NameTable::new([LawNames { law_id, title: "架空法".to_owned(), number, short: Vec::new() }])
}

/// Text of the characters that mean something to the readers.
fn legal_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "第",
        "五",
        "条",
        "の",
        "二",
        "項",
        "号",
        "イ",
        "（",
        "）",
        "「",
        "」",
        "以下",
        "という",
        "とは",
        "をいう",
        "法",
        "架空法",
        "令",
        "同条",
        "同項",
        "同号",
        "前",
        "次条",
        "次項",
        "各",
        "附則",
        "別表",
        "から",
        "まで",
        "及び",
        "、",
        "。",
        "\n",
        "　",
        "２",
        "②",
        "一",
        "昭和",
        "年",
        "政令",
        "で定め",
        "この法律",
        "において",
        "x",
        "千万",
        "９９９９９９９９９９",
        "|",
        "\u{10ffff}",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_xml(&bytes);
        let _ = read_json(&bytes);
        let _ = crate::law::members(std::io::Cursor::new(&bytes)).map(Iterator::count);
    }

    #[test]
    fn no_cut_or_changed_law_panics(cut in 0..ACT.len(), at in 0..ACT.len(), byte in any::<u8>()) {
        let mut bytes = ACT.as_bytes().to_vec();
        bytes[at] = byte;
        if let Ok(law) = read(&bytes) {
            law.provisions.iter().for_each(|provision| { provision.rendered(); });
        }
        bytes.truncate(cut);
        let _ = read(&bytes);
    }

    #[test]
    fn no_text_panics_and_spans_are_of_the_text(text in legal_text()) {
        let names = names();
        let units = [(Spot::Article("5".parse().unwrap()), text.as_str())];
        let book = Book::new(LawId::new("399AC0000000001").unwrap(), "架空法施行規則", units, &names);
        for reference in book.references_in(Spot::Article("5".parse().unwrap()), &text) {
            prop_assert!(text.get(reference.span.clone()).is_some_and(|words| !words.is_empty()), "{:?}", reference);
        }
        for found in definition::definitions(&text) {
            prop_assert_eq!(text.get(found.span.clone()), Some(found.term.as_str()));
            prop_assert!(text.get(found.meaning.clone()).is_some());
        }
        for found in delegation::delegations(&text) {
            prop_assert!(text.get(found.span).is_some() && text.get(found.rule).is_some());
        }
        let _ = (LawNumber::leading(&text), RevisionName::parse(&text));
    }
}
