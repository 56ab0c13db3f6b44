//! Nothing panics, no text is lost, and what is taken as it stands stands.

use crate::citation::{Draft, Passage, Shelf, Show, Style, Verdict, check, extract, passages_block};
use crate::unit::UnitId;
use proptest::prelude::*;

pub(super) fn passage(number: usize, text: &str) -> Passage {
    Passage {
        number, unit: UnitId::new(format!("F/{number}")), cite: format!("架空法第{number}条"), text: text.into()
    }
}

/// Text that is rich in what this module reads.
fn text() -> impl Strategy<Value = String> {
    let tokens = [
        "「",
        "」",
        "『",
        "』",
        "“",
        "”",
        "\"",
        "[1]",
        "[2-3]",
        "【1】",
        "[",
        "]",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "# ",
        "|",
        "|-|\n",
        "（",
        "）",
        "。",
        "、",
        "…",
        "（略）",
        "三十日",
        "5条",
        "第",
        "の二",
        "ない",
        "ただし",
        "する",
        "できる",
        "甲",
        "乙は",
        "**",
        "~~",
        "```\n",
        "<b>",
        "　",
        " ",
        "不",
        "\\",
        "一・五",
        ",",
        "=",
        "========",
        "\u{202e}",
        "é",
        "ず",
    ];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(tokens.to_vec()), 0..60).prop_map(|t| t.concat()),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn any_text_is_read_whole_and_checked(answer in text(), stored in text(), other in text()) {
        let draft = Draft::read(&answer);
        let joined: String = draft.pieces().iter().map(|piece| draft.text(piece.range())).collect();
        prop_assert_eq!(&joined, &answer);
        let passages = [passage(1, &stored), passage(2, &other)];
        let shelf = Shelf::new(&passages);
        for show in [Show::Struck, Show::Omitted] {
            let checked = check(&answer, &shelf, &Style { show, link: Some("#c".into()) });
            let counts = checked.coverage;
            prop_assert_eq!(counts.statements, counts.supported + counts.unsupported + counts.struck);
        }
        passages_block(&passages);
    }

    #[test]
    fn sentences_taken_as_they_stand_stand(stored in text(), term in text()) {
        let passages = [passage(1, &stored)];
        let shelf = Shelf::new(&passages);
        let checker = crate::citation::quotation::Checker::new(&shelf);
        for span in extract(&stored, &[&term, "甲", "三十日", "。"]) {
            let quoted = &stored[span.range];
            prop_assert!(checker.check(quoted, Some(&[(1, shelf.get(1).unwrap())])).is_ok(), "{:?}", quoted);
        }
    }
}

/// A megabyte where the code is optimised, less where a test should not last a minute.
const SIZE: usize = if cfg!(debug_assertions) { 60_000 } else { 1_000_000 };

#[test]
fn a_megabyte_of_anything_takes_bounded_time() {
    let long = "架空の事業者は、三十日以内に届け出なければならない。".repeat(40);
    let passages: Vec<Passage> = (1..=20).map(|n| passage(n, &long)).collect();
    let shelf = Shelf::new(&passages);
    let units = [
        "「",
        "」",
        "『「",
        "[",
        "[1]",
        "[1-100]",
        "（",
        "…",
        "「…",
        "「甲乙丙丁」[1]\n",
        "「する。…できる…」[2]。",
        "\"",
        "|",
        "> ",
        ">",
        "**",
        "一",
        "1,",
        "第一条の",
        "ない",
        "=",
        "「架空の事業者は、三…届け出」[1-20]。",
        "「甲乙丙丁です」[1-20]\n",
    ];
    for unit in units {
        let answer = unit.repeat(SIZE / unit.len());
        let checked = check(&answer, &shelf, &Style::default());
        assert!(checked.coverage.statements <= answer.len(), "{unit}");
        let one = [passage(1, &answer)];
        let shelf = Shelf::new(&one);
        check(&format!("「{}」[1]「三十日以内に届け出」[1]", unit.repeat(50)), &shelf, &Style::default());
        extract(&answer, &["三十日", unit]);
        passages_block(&one);
    }
}

#[test]
fn a_verdict_is_debuggable() {
    let passages = [passage(1, "甲は、乙とする。")];
    let checked = check("「甲は、乙とする。」[1]", &Shelf::new(&passages), &Style::default());
    assert!(matches!(checked.statements[0].verdict, Verdict::Supported { .. }), "{checked:?}");
}
