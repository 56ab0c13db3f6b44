//! Recall on generated documents: every structured identifier, in every width and joint, in running text, tables
//! and broken lines. All persons, numbers and sentences are made up here.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic; helpers stand outside #[test]")]

use std::sync::LazyLock;

use proptest::prelude::*;
use sekisho_detect::identifier::{corporate_number, driver_licence, health_insurance, municipality, my_number};
use sekisho_detect::identifier::{payment_card, resident_record};
use sekisho_detect::{Confidence, Detector, Finding, fold, rules};

static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);

/// A linear congruential generator: the same seed gives the same documents everywhere.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn digit(&mut self) -> u8 {
        u8::try_from(self.throw(10)).unwrap()
    }

    fn digits<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.digit())
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.throw(choices.len())]
    }

    fn capital(&mut self) -> char {
        char::from(b'A' + u8::try_from(self.throw(26)).unwrap())
    }
}

/// One made-up identifier.
struct Specimen {
    rule: &'static str,
    label: &'static str,
    /// Groups as they are usually written; joined with nothing, a dash, a blank or a line break.
    groups: Vec<String>,
    /// Whether it is also written in one piece.
    solid: bool,
}

fn text_of(digits: &[u8]) -> String {
    digits.iter().map(u8::to_string).collect()
}

fn split(digits: &[u8], lengths: &[usize]) -> Vec<String> {
    let mut rest = digits;
    lengths
        .iter()
        .map(|&length| {
            let (group, tail) = rest.split_at(length);
            rest = tail;
            text_of(group)
        })
        .collect()
}

fn specimen(rule: &'static str, label: &'static str, groups: Vec<String>) -> Specimen {
    Specimen { rule, label, groups, solid: true }
}

type Maker = fn(&mut Dice) -> Specimen;

const MAKERS: &[Maker] = &[
    |dice| {
        let mut body = dice.digits::<11>();
        body[0] = 1 + body[0] % 9;
        let number = [&body[..], &[my_number::check_digit(&body)]].concat();
        specimen("ID-MYNUMBER", dice.pick(&["個人番号", "マイナンバー", "My Number"]), split(&number, &[4, 4, 4]))
    },
    |dice| {
        let body = dice.digits::<12>();
        let number = [&[corporate_number::check_digit(&body)], &body[..]].concat();
        specimen("ID-CORPORATE", "法人番号", split(&number, &[1, 4, 4, 4]))
    },
    |dice| {
        let mut body = dice.digits::<10>();
        body[0] = 1 + body[0] % 9;
        let number = [&body[..], &resident_record::check_digits(&body)[..1]].concat();
        specimen("ID-RESIDENT-CODE", "住民票コード", split(&number, &[5, 6]))
    },
    |dice| {
        let mut body = dice.digits::<10>();
        body[0] = 3;
        body[1] = 0;
        let number = [&body[..], &[driver_licence::check_digit(&body), 0]].concat();
        specimen("ID-LICENCE", dice.pick(&["運転免許証の番号", "免許証番号"]), split(&number, &[4, 4, 4]))
    },
    |dice| {
        let number = format!("{}{}{}", dice.capital(), dice.capital(), text_of(&dice.digits::<7>()));
        specimen("ID-PASSPORT", dice.pick(&["旅券番号", "パスポート番号"]), vec![number])
    },
    |dice| {
        let head = format!("{}{}", dice.capital(), dice.capital());
        let number = format!("{head}{}{}{}", text_of(&dice.digits::<8>()), dice.capital(), dice.capital());
        specimen("ID-RESIDENCE-CARD", "在留カード番号", vec![number])
    },
    |dice| specimen("ID-PENSION", "基礎年金番号", split(&with_head(dice.digits::<10>(), 1), &[4, 6])),
    |dice| specimen("ID-EMPLOYMENT", "雇用保険被保険者番号", split(&with_head(dice.digits::<11>(), 1), &[4, 6, 1])),
    |dice| {
        let body = [&[0, 6], &dice.digits::<5>()[..]].concat();
        let number = [&body[..], &[health_insurance::check_digit(&body)]].concat();
        specimen("ID-INSURER", "保険者番号", vec![text_of(&number)])
    },
    |dice| specimen("ID-INSURED", "被保険者証の記号", vec![text_of(&with_head(dice.digits::<4>(), 2))]),
    |dice| {
        let mut body = dice.digits::<5>();
        body[0] = 1;
        let number = [&body[..], &[municipality::check_digit(&body)]].concat();
        specimen("ID-MUNICIPALITY", "団体コード", vec![text_of(&number)])
    },
    |dice| {
        specimen("ID-ACCOUNT", dice.pick(&["口座番号", "普通預金"]), vec![text_of(&with_head(dice.digits::<7>(), 1))])
    },
    |dice| {
        let mut number = [&[4], &dice.digits::<15>()[..]].concat();
        number[15] = (0..10).find(|&last| payment_card::luhn(&[&number[..15], &[last]].concat())).unwrap();
        specimen("ID-CARD", "カード番号", split(&number, &[4, 4, 4, 4]))
    },
    |dice| {
        let mut number = dice.digits::<11>();
        number[..4].copy_from_slice(&[0, 9, 0, 3]);
        specimen("ID-PHONE", dice.pick(&["電話番号", "携帯", "ＴＥＬ"]), split(&number, &[3, 4, 4]))
    },
    |dice| {
        let mut number = dice.digits::<10>();
        number[..3].copy_from_slice(&[0, 3, 5]);
        specimen("ID-PHONE", "電話番号", split(&number, &[2, 4, 4]))
    },
    |dice| {
        let groups = split(&dice.digits::<7>(), &[3, 4]);
        Specimen { solid: false, ..specimen("ID-POSTAL", "郵便番号", groups) }
    },
    |dice| {
        let user = format!("{}.{}", dice.pick(&["hanako", "taro", "x_y+z"]), dice.throw(1000));
        specimen("ID-EMAIL", "メール", vec![format!("{user}@{}", dice.pick(&["example.lg.jp", "mail-1.example.com"]))])
    },
    |dice| {
        let number = format!("198.51.{}.{}", 100 + dice.throw(100), dice.throw(256));
        specimen("ID-IP", "接続元", vec![number])
    },
];

fn with_head<const N: usize>(mut digits: [u8; N], head: u8) -> [u8; N] {
    digits[0] = head;
    digits
}

fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap() } else { c })
        .collect()
}

fn written(dice: &mut Dice, specimen: &Specimen) -> String {
    const JOINTS: &[&str] =
        &["", "-", "‐", "‑", "–", "—", "−", "ー", "－", " ", "　", "\n", "\r\n", "-\n", " - ", "\u{200B}-"];
    let alone = specimen.groups.len() == 1;
    let joint = loop {
        let joint = dice.pick(JOINTS);
        let dashed = joint.chars().any(fold::is_dash);
        if alone || if joint.is_empty() { specimen.solid } else { specimen.rule != "ID-POSTAL" || dashed } {
            break joint;
        }
    };
    let groups: Vec<String> = if dice.throw(2) == 0 {
        specimen.groups.clone()
    } else {
        specimen.groups.iter().map(|group| full_width(group)).collect()
    };
    groups.join(joint)
}

/// A document, with the place of the identifier.
fn embedded(dice: &mut Dice, label: &str, number: &str) -> (String, usize) {
    let frames: &[(&str, &str, &str)] = &[
        ("北町の窓口で受け付けた届には、", "は", "と記されていた。係は内容を確かめた。"),
        ("申請者の", "：", "。以上のとおり申し出ます。"),
        ("", "\n", "\n"),
        ("| 項目 | 値 |\n| --- | --- |\n| ", " | ", " |\n| 備考 | なし |"),
        ("氏名\t備考\t", "\n川北 春子\tなし\t", "\n"),
        ("\"", "\",\"", "\",\"川北 春子\"\n"),
        ("（", "　", "）を確認した"),
        ("令和７年１１月２２日、係員２名で", "「", "」を照合した。"),
    ];
    let (head, middle, tail) = dice.pick(frames);
    let text = format!("{head}{label}{middle}{number}{tail}");
    let at = head.len() + label.len() + middle.len();
    (text, at)
}

fn folded(text: &str) -> String {
    text.chars().map(|c| fold::digit(c).map_or_else(|| fold::width(c), |d| char::from(b'0' + d))).collect()
}

#[test]
fn every_identifier_is_found_wherever_it_stands() {
    let mut dice = Dice(20_251_122);
    for round in 0..120 {
        for maker in MAKERS {
            let specimen = maker(&mut dice);
            let number = written(&mut dice, &specimen);
            let (text, at) = loop {
                let (text, at) = embedded(&mut dice, specimen.label, &number);
                // A free number has no form of its own: it is known only by the word directly before it.
                if specimen.rule != "ID-INSURED" || !text.starts_with("氏名\t") {
                    break (text, at);
                }
            };
            let findings = DETECTOR.scan(&text);
            let found = findings
                .iter()
                .find(|finding| finding.rule == specimen.rule && finding.span == (at..at + number.len()));
            let Some(found) = found else {
                panic!("round {round}: {} {number:?} in {text:?}: {findings:?}", specimen.rule);
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
