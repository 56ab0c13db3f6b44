//! Recall on generated documents: every structured identifier, in every width and joint, in running text, tables
//! and broken lines. All persons, numbers and sentences are made up here.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic; helpers stand outside #[test]")]

mod generator;

use std::sync::LazyLock;

use proptest::prelude::*;
use sekisho_detect::{Confidence, Detector, Finding, rules};

use self::generator::dice::Dice;
use self::generator::documents::{Planted, document, folded};
use self::generator::makers::MAKERS;
use self::generator::{long, marks, people, secrets};

static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);

#[test]
fn every_identifier_is_found_wherever_it_stands() {
    let mut dice = Dice(20_251_122);
    for round in 0..120 {
        for maker in MAKERS {
            let specimen = maker(&mut dice);
            let Planted { text, span } = document(&mut dice, &specimen);
            let findings = DETECTOR.scan(&text);
            let found = findings.iter().find(|finding| finding.rule == specimen.rule && finding.span == span);
            let Some(found) = found else {
                panic!("round {round}: {} {:?} in {text:?}: {findings:?}", specimen.rule, &text[span]);
            };
            assert!(found.confidence >= Confidence::Medium, "{text:?}: {found:?}");
            if specimen.rule == "ID-MYNUMBER" {
                assert_eq!(found.confidence, Confidence::High, "{text:?}: {found:?}");
            }
            let kept = |c: &char| c.is_ascii_alphanumeric();
            let read: String = folded(&text[found.span.clone()]).chars().filter(kept).collect();
            assert_eq!(read, specimen.groups.concat().chars().filter(kept).collect::<String>());
        }
    }
}

/// Fails when more than `allowed` of a hundred are missed.
fn few_missed(of: usize, allowed: usize, missed: &[String]) {
    assert!(missed.len() * 100 <= of * allowed, "{} of {of}: {missed:#?}", missed.len());
}

#[test]
fn names_addresses_and_births_are_found_after_their_labels() {
    let mut dice = Dice(1_922);
    let mut missed = Vec::new();
    for _ in 0..500 {
        for maker in people::MAKERS {
            let specimen = maker(&mut dice);
            let Planted { text, span } = document(&mut dice, &specimen);
            if !DETECTOR.scan(&text).iter().any(|finding| finding.rule == specimen.rule && finding.span == span) {
                missed.push(text);
            }
        }
    }
    few_missed(2000, 1, &missed);
}

#[test]
fn names_addresses_and_births_are_found_in_sentences() {
    let mut dice = Dice(1_923);
    let mut missed = Vec::new();
    for _ in 0..2000 {
        let (rule, head, value, tail) = people::in_a_sentence(&mut dice);
        let text = format!("{head}{value}{tail}");
        let span = head.len()..head.len() + value.len();
        if !DETECTOR.scan(&text).iter().any(|finding| finding.rule == rule && finding.span == span) {
            missed.push(text);
        }
    }
    few_missed(2000, 1, &missed);
}

#[test]
fn every_key_is_found() {
    let mut dice = Dice(1_924);
    let mut missed = Vec::new();
    for _ in 0..2000 {
        let (rule, text, span) = secrets::document(&mut dice);
        if !DETECTOR.scan(&text).iter().any(|finding| finding.rule == rule && finding.span == span) {
            missed.push(text);
        }
    }
    few_missed(2000, 0, &missed);
}

#[test]
fn every_mark_is_found_as_documents_carry_it() {
    let mut dice = Dice(1_925);
    let mut missed = Vec::new();
    for _ in 0..1000 {
        let (rule, text) = marks::document(&mut dice);
        let found = |finding: &Finding| finding.rule == rule && finding.confidence >= Confidence::Medium;
        if !DETECTOR.scan(&text).iter().any(found) {
            missed.push(text);
        }
    }
    few_missed(1000, 0, &missed);
}

#[test]
fn every_mark_in_the_name_of_a_file_is_found() {
    let mut dice = Dice(1_926);
    let mut missed = Vec::new();
    for _ in 0..1000 {
        let (rule, name) = marks::file_name(&mut dice);
        let found = |finding: &Finding| finding.rule == rule && finding.confidence >= Confidence::Medium;
        if !DETECTOR.scan_name(&name).iter().any(found) {
            missed.push(name);
        }
    }
    few_missed(1000, 0, &missed);
}

#[test]
fn every_row_of_a_long_table_is_read() {
    let mut dice = Dice(7);
    let columns: Vec<&str> = MAKERS.iter().map(|maker| maker(&mut dice).label).collect();
    let mut text = format!("氏名,{}\n", columns.join(","));
    let mut expected = Vec::new();
    for _ in 0..50 {
        text.push_str("川北 春子");
        for maker in MAKERS {
            let specimen = maker(&mut dice);
            if matches!(specimen.rule, "ID-INSURED" | "ID-MUNICIPALITY" | "ID-POSTAL") {
                continue;
            }
            text.push(',');
            let number = specimen.groups.join("-");
            expected.push((specimen.rule, text.len()..text.len() + number.len()));
            text.push_str(&number);
        }
        text.push('\n');
    }
    let findings = DETECTOR.scan(&text);
    for (rule, span) in expected {
        assert!(
            findings.iter().any(|finding| finding.rule == rule
                && finding.span == span
                && finding.confidence >= Confidence::Medium),
            "{rule} {:?}: {:?}",
            &text[span.clone()],
            findings.iter().filter(|finding| finding.span.start == span.start).collect::<Vec<_>>()
        );
    }
}

#[test]
fn ordinary_sentences_hold_nothing() {
    let text = "町は令和７年度に図書館を改修する。事業費は1,250万円、工期は2025年4月1日から2026年3月31日まで。\n\
        第4条第2項の規定により、3.5％を上限とする。会議は14:30から、出席は12人。資料は別添1-2、図3-4を参照。\n\
        特定秘密の保護に関する法律と個人情報保護法の違いを秘書課が説明した。電話は内線で回す。";
    assert!(DETECTOR.scan(text).iter().all(|finding| finding.confidence == Confidence::Low));
}

fn holds_together(text: &str, findings: &[Finding]) -> Result<(), TestCaseError> {
    for finding in findings {
        prop_assert!(finding.span.start < finding.span.end);
        prop_assert!(text.get(finding.span.clone()).is_some(), "{:?} of {} bytes", finding.span, text.len());
        prop_assert!(!finding.evidence.is_empty());
        prop_assert!(rules().iter().any(|rule| rule.id == finding.rule));
    }
    prop_assert!(findings.is_sorted_by_key(|finding| finding.span.start));
    Ok(())
}

/// Pieces that the checks look at, to be strung together at random.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9０-９]{1,13}",
        "[-‐–ー－ 　\t\n()（）.,、:@/_T+〒]{1,2}",
        "[A-Za-zＡ-Ｚ]{1,4}",
        "[\u{200B}\u{200D}\u{202E}\u{FE0F}\u{E0100}\u{E0041}\u{FEFF}\u{3164}]{1,2}",
        "[【〔［「】〕］」(㊙秘書極特定機密性自治体２３AＢ時裏情報]{1,4}",
        prop::sample::select(vec![
            "個人番号",
            "基礎年金番号",
            "口座",
            "旅券",
            "被保険者記号・番号",
            "保険者番号",
            "電話",
            "特定秘密",
            "特定秘密指定",
            "自治体機密性",
            "極秘",
            "TLP:",
            "C2I2A2",
            "://",
            "sk-",
            "eyJ",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "-----END ",
            "password=",
            "AKIA",
            "::",
            "TOP SECRET",
            "𝟗𝟖",
            "ﾏｲﾅﾝﾊﾞｰ",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_scanned_without_panic_and_spans_are_sound(text in any::<String>()) {
        holds_together(&text, &DETECTOR.scan(&text))?;
    }

    #[test]
    fn any_string_of_meaningful_pieces_is_too(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let findings = DETECTOR.scan(&text);
        holds_together(&text, &findings)?;
        prop_assert_eq!(findings, DETECTOR.scan(&text));
    }

    #[test]
    fn bytes_read_lossily_are_too(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        holds_together(&text, &DETECTOR.scan(&text))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_gives_what_one_scan_gives(seed in any::<u64>(), longest in 1_usize..12_000, bytes in 100_usize..80_000) {
        let mut dice = Dice(seed);
        let text = long::text(&mut dice, bytes);
        let whole = DETECTOR.scan(&text);
        let pieces = long::streamed(&DETECTOR, &text, &mut dice, longest);
        let difference = long::difference(&text, &whole, &pieces);
        prop_assert!(difference.is_none(), "{}", difference.unwrap_or_default());
    }
}
