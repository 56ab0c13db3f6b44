//! The rules one by one, with the reasons a reader is given.

use super::property::passage;
use crate::citation::{Kind, Passage, Reason, Shelf, Show, Standing, Style, Verdict, check};

fn handed() -> Vec<Passage> {
    vec![
        passage(
            1,
            "事業者は、三十日以内に届け出なければならない。ただし、国は、この限りでない。\n２　手数料は、千円とする。",
        ),
        passage(2, "甲は、申請することができるものと解してはならない。乙は、丙を保存する。丁は、戊を三年間保存する。"),
        passage(3, "許可を受けた者（法人を除く。）は、毎年、報告する。"),
    ]
}

fn verdict(answer: &str) -> Verdict {
    let passages = handed();
    let checked = check(answer, &Shelf::new(&passages), &Style::default());
    assert_eq!(checked.statements.len(), 1, "{checked:#?}");
    checked.statements[0].verdict.clone()
}

fn reason(answer: &str) -> Reason {
    match verdict(answer) {
        Verdict::Struck(mut reasons) => reasons.remove(0),
        other => panic!("{answer}: {other:?}"),
    }
}

#[test]
fn each_reason_is_given() {
    assert!(matches!(reason("「全く別の文章である。」[1]"), Reason::NotFound { nearest: None }));
    assert!(
        matches!(reason("「事業者は、四十日以内に届け出なければならない。」[1]"), Reason::AlteredNumber { nearest: Some(n), .. }
        if n.text == "事業者は、三十日以内に届け出なければならない。" && n.passage == 1)
    );
    assert!(matches!(reason("「第30日以内に届け出」[1]"), Reason::NotFound { .. } | Reason::AlteredNumber { .. }));
    assert!(matches!(reason("「事業者は、三十日以内に届け出てはならない。」[1]"), Reason::AlteredNegation { .. }));
    assert_eq!(
        reason("「事業者は、三十日以内に届け出なければならない。丁は、戊を三年間保存する。」[1][2]"),
        Reason::Joined
    );
    assert!(
        matches!(reason("「甲は、申請することができる」[2]"), Reason::CutBeforeNegation { tail } if tail.starts_with("ものと解して"))
    );
    assert!(matches!(reason("「許可を受けた者」[3]"), Reason::CutBeforeNegation { .. }));
    assert_eq!(reason("「乙は、丙を保存する。」[1]"), Reason::WrongPassage { stands_in: 2 });
    assert_eq!(reason("事業者は届け出る[1][9]。"), Reason::NoSuchPassage { number: 9 });
    assert_eq!(reason("「乙は、丙を保存する。」"), Reason::Uncited);
}

#[test]
fn quotations_that_stand() {
    for answer in [
        "「手数料は、千円とする。」[1]",
        "法は『三十日以内に』と定める【１】。",
        "「事業者は、…届け出なければならない。」[1]",
        "「乙は、丙を保存する。（略）」[1-2]",
        "> 丁は、戊を三年間保存する。[2]",
        "> 丁は、\n> 戊を三年間保存する。\n> ― 架空法第2条 [2]",
        "「**丁は、戊を三年間保存する**」と定める。（出典：[2]）",
        "「戊の保護」[2]。",
    ] {
        assert!(matches!(verdict(answer), Verdict::Supported { .. }), "{answer}: {:?}", verdict(answer));
    }
    let Verdict::Supported { quotations } = verdict("「事業者は、三十日以内に届け出なければならない。」[1]")
    else {
        panic!()
    };
    assert!(matches!(quotations[0], Standing::Found { passage: 1, proviso: true, .. }), "a proviso is told");
}

#[test]
fn own_words_are_held_to_the_numbers_only() {
    for answer in
        ["期限は30日以内である[1]。", "手数料は1,000円である[1]。", "架空法第1条第2項による[1]。", "届け出る[1]。"]
    {
        assert!(matches!(verdict(answer), Verdict::Supported { .. }), "{answer}");
    }
    for answer in
        ["期限は31日以内である[1]。", "期限は30日以上である[1]。", "手数料は1,000円である[2]。", "第5条による[1]。"]
    {
        assert!(matches!(reason(answer), Reason::AlteredNumber { .. }), "{answer}");
    }
    assert_eq!(verdict("届出は要らない。"), Verdict::Unsupported);
}

#[test]
fn statements_of_all_blocks() {
    let answer = "# 概要\n\n前文は、次のとおり[1]。\n\n> 手数料は、千円とする。\n\n- 一つ目[2]。\n1. 二つ目[3]。三つ目。\n\n\
                  | 項目 | 内容 |\n|---|---|\n| 手数料 | 千円[1] |\n\n## 届出は不要である\n";
    let passages = handed();
    let checked = check(answer, &Shelf::new(&passages), &Style::default());
    let kinds: Vec<Kind> = checked.statements.iter().map(|s| s.statement.kind).collect();
    use Kind::{Block, Cell, Heading, Item, Paragraph};
    assert_eq!(kinds, [Paragraph, Block, Item, Item, Item, Cell, Cell, Heading]);
    assert_eq!(checked.statements[1].statement.cited, [1], "under the marks of what leads to it");
    assert_eq!(checked.statements[5].statement.cited, [1], "under the marks of its row");
}

#[test]
fn the_report_strikes_lists_and_counts() {
    let passages = handed();
    let shelf = Shelf::new(&passages);
    let answer =
        "# 結論\n\n「手数料は、千円とする。」[1]「乙は、丙を保存しない。」[2]。届け出る。\n丁は3年間保存する[2]。";
    let style = Style { show: Show::Struck, link: Some("#cite-".into()) };
    let checked = check(answer, &shelf, &style);
    assert_eq!(checked.coverage.to_string(), "3の記述のうち1が出典で裏づけられています");
    assert!(
        checked
            .markdown
            .contains("~~「手数料は、千円とする。」\\[1\\]「乙は、丙を保存しない。」\\[2\\]。~~（否定又は限定の語が"),
        "{}",
        checked.markdown
    );
    assert!(checked.markdown.contains("届け出る。（出典なし）") && checked.markdown.contains("[\\[2\\]](#cite-2)"));
    let numbers: Vec<usize> = checked.references.iter().map(|r| r.number).collect();
    assert_eq!(numbers, [2], "only what supported statements cite, under its own number");
    let omitted = check(answer, &shelf, &Style { show: Show::Omitted, link: None });
    assert!(!omitted.markdown.contains("千円") && omitted.markdown.contains("届け出る。"));
}

#[test]
fn nothing_reads_otherwise_than_it_was_checked() {
    let passages = handed();
    let answer =
        "<b>&#x300C;偽&#x300D;</b>![x](http://a.example/?q) `~~`[1](http://a.example)\n\n[1]: http://a.example\n";
    let shown = check(answer, &Shelf::new(&passages), &Style::default()).markdown;
    for live in ["<b", "&#", "![x](", "[1](", "`~~`", "\n[1]:"] {
        assert!(!shown.replace("\\[", "\u{0}").replace("\\`", "\u{1}").contains(live), "{live} in {shown}");
    }
}

#[test]
fn a_title_that_states_nothing_is_no_statement() {
    let passages = handed();
    let checked = check("## 1. 手数料\n### 30日以内\n", &Shelf::new(&passages), &Style::default());
    assert_eq!(checked.coverage.statements, 1);
}

#[test]
fn the_head_of_a_table_is_judged_unless_it_names_only() {
    let passages = handed();
    let shelf = Shelf::new(&passages);
    let verdicts = |answer: &str| -> Vec<Verdict> {
        check(answer, &shelf, &Style::default()).statements.into_iter().map(|judged| judged.verdict).collect()
    };
    assert!(verdicts("| 項目 | 内容 |\n|---|---|\n").is_empty());
    for head in ["| 「全く別の文章である。」[1] | 内容 |\n|---|---|\n", "| 期限は31日以内である[1] |\n|-|\n"]
    {
        assert!(matches!(verdicts(head).as_slice(), [Verdict::Struck(_)]), "{head}");
    }
    let later = "| 項目 |\n|-|\n| 手数料[1] |\n| 「全く別の文章である。」[1] |\n|-|\n";
    assert!(matches!(verdicts(later).as_slice(), [_, Verdict::Struck(_)]), "no row but the first is a head");
}

#[test]
fn of_a_citation_no_half_number_stands() {
    let mut passages = handed();
    for passage in &mut passages {
        passage.cite = "架空法第15条".into();
    }
    let shelf = Shelf::new(&passages);
    let supported = |answer: &str| {
        let checked = check(answer, &shelf, &Style::default());
        matches!(checked.statements[0].verdict, Verdict::Supported { .. })
    };
    assert!(supported("「架空法第15条」[1]による。") && supported("「第15条」[1]による。"));
    assert!(!supported("「5条」[1]による。"));
}

#[test]
fn every_way_of_marking_a_quotation_is_one() {
    for (open, close) in [('”', '”'), ('〟', '〟'), ('《', '》'), ('\'', '\'')] {
        let answer = format!("法は{open}全く別の文章である{close}と定める[1]。");
        assert!(matches!(reason(&answer), Reason::NotFound { .. }), "{answer}");
        let answer = format!("法は{open}手数料は、千円とする。{close}と定める[1]。");
        assert!(matches!(verdict(&answer), Verdict::Supported { .. }), "{answer}");
    }
    for answer in ["It's the operators' fee[1]。", "A'と'96年に述べる。"] {
        assert!(!matches!(verdict(answer), Verdict::Struck(_)), "{answer}");
    }
}

#[test]
fn what_is_shown_as_a_block_quotation_is_judged_as_one() {
    assert!(matches!(reason("- > 全く別の文章である。[1]"), Reason::NotFound { .. }));
    assert!(matches!(reason("1. - > 全く別の文章である。[1]"), Reason::NotFound { .. }));
    assert!(matches!(verdict("- > 手数料は、千円とする。[1]"), Verdict::Supported { .. }));
}

#[test]
fn what_is_judged_as_own_words_is_not_shown_as_a_block_quotation() {
    let passages = handed();
    let shelf = Shelf::new(&passages);
    let shown = |answer: &str| check(answer, &shelf, &Style::default()).markdown;
    for own in ["別の説明[1]。", "2. 別の説明[1]。", "・別の説明[1]。", "| 別の説明[1]。 |"] {
        let answer = format!("> 手数料は、千円とする。[1]\n{own}");
        assert!(shown(&answer).contains("[1\\]\n\n"), "{}", shown(&answer));
        let answer = format!("> [1]\n{own}");
        assert!(shown(&answer).contains("[1\\]\n\n"), "{}", shown(&answer));
    }
    assert!(!shown("> 手数料は、\n> 千円とする。[1]").contains("\n\n"));
    assert!(!shown("別の説明\r> 偽[1]。\r\n").contains('\r'));
}

#[test]
fn a_proviso_that_follows_is_told_beside_the_quotation() {
    let passages = handed();
    let shelf = Shelf::new(&passages);
    let shown = |answer: &str| check(answer, &shelf, &Style::default()).markdown;
    let quoted = "事業者は、三十日以内に届け出なければならない。";
    assert_eq!(shown(&format!("「{quoted}」[1]と定める。")), format!("「{quoted}」（ただし書あり）\\[1\\]と定める。"));
    assert_eq!(shown(&format!("> {quoted}[1]\n")), format!("> {quoted}\\[1\\]（ただし書あり）\n"));
    assert!(!shown(&format!("「{quoted}ただし、国は、この限りでない。」[1]")).contains("ただし書あり"));
    assert!(!shown("「手数料は、千円とする。」[1]").contains("ただし書あり"));
}
