//! Long texts with everything planted in them, and their pieces.

use sekisho_detect::{Detector, Finding, StreamScan};

use super::dice::Dice;
use super::{documents, makers, marks, people, secrets};

const SENTENCES: &[&str] = &[
    "町は来年度の図書館の開館時間を見直し、平日の夜間にも利用できるようにする考えである。",
    "委員からは、窓口の混雑を避けるため予約の仕組みを整えるべきだとの意見があった。\n",
    "令和７年度の事業費は1,250万円で、前年度より3.2％増えた。",
    "なお、詳細については別紙のとおりとし、必要に応じて見直すものとする。\n\n",
    "The plan was shown on 22 November 2025 and will be reviewed in 3 months.\n",
    "氏名,生年月日,住所,電話番号\n",
    "3 0 2 9 7\n",
    "\t12\t34\t56\n",
    "\u{200B}",
    "2019 2020 2021\n",
    "（特定秘密）\n",
    "個人番号",
    "極　秘\n",
    "。",
    " ",
    "\n",
];

/// A text of at least `bytes` bytes.
pub(crate) fn text(dice: &mut Dice, bytes: usize) -> String {
    let mut text = String::new();
    // How often something is planted changes from text to text.
    let rarity = 2 + dice.throw(12);
    while text.len() < bytes {
        match dice.throw(rarity) {
            0 => {
                let maker = dice.pick(makers::MAKERS);
                let specimen = maker(dice);
                text.push_str(&documents::document(dice, &specimen).text);
            }
            1 => match dice.throw(5) {
                0 => {
                    let maker = dice.pick(people::MAKERS);
                    let specimen = maker(dice);
                    text.push_str(&documents::document(dice, &specimen).text);
                }
                1 => {
                    let (_, head, value, tail) = people::in_a_sentence(dice);
                    text.extend([head, &value, tail]);
                }
                2 => text.push_str(&secrets::document(dice).1),
                3 => text.push_str(&marks::document(dice).1),
                // A number with no word near it.
                _ => {
                    let maker = dice.pick(makers::MAKERS);
                    let specimen = maker(dice);
                    text.push_str(&documents::written(dice, &specimen));
                }
            },
            _ => text.push_str(dice.pick(SENTENCES)),
        }
    }
    text
}

/// Scans the text in pieces of up to `longest` bytes.
pub(crate) fn streamed(detector: &Detector, text: &str, dice: &mut Dice, longest: usize) -> Vec<Finding> {
    let mut scan = StreamScan::new();
    let mut findings = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let cut = rest.ceil_char_boundary((1 + dice.throw(longest)).min(rest.len()));
        let (head, tail) = rest.split_at(cut);
        findings.extend(scan.push(detector, head));
        rest = tail;
    }
    findings.extend(scan.finish(detector));
    findings
}

/// The first place where two rows of findings differ.
pub(crate) fn difference(text: &str, whole: &[Finding], pieces: &[Finding]) -> Option<String> {
    let at = whole.iter().zip(pieces).position(|(a, b)| a != b).unwrap_or(whole.len().min(pieces.len()));
    if at == whole.len() && at == pieces.len() {
        return None;
    }
    let (a, b) = (whole.get(at), pieces.get(at));
    let start = a.into_iter().chain(b).map(|finding| finding.span.start).min().unwrap_or(0);
    let from = text.floor_char_boundary(start.saturating_sub(60));
    let until = text.floor_char_boundary((start + 120).min(text.len()));
    Some(format!("whole {a:?}, in pieces {b:?}, near {:?}", text.get(from..until)))
}
