//! Documents in which an identifier stands, as text, table, list or data.

use std::ops::Range;

use sekisho_detect::fold;

use super::dice::Dice;
use super::makers::Specimen;

pub(crate) fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap() } else { c })
        .collect()
}

pub(crate) fn written(dice: &mut Dice, specimen: &Specimen) -> String {
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

/// A document with an identifier in it.
pub(crate) struct Planted {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// What stands before the label, between label and value, and after the value.
const FRAMES: &[(&str, &str, &str)] = &[
    ("北町の窓口で受け付けた届には、", "は", "と記されていた。係は内容を確かめた。"),
    ("申請者の", "：", "。以上のとおり申し出ます。"),
    ("", "\n", "\n"),
    ("| 項目 | 値 |\n| --- | --- |\n| ", " | ", " |\n| 備考 | なし |"),
    ("番号\t備考\t", "\n7\tなし\t", "\n"),
    ("\"", "\",\"", "\",\"以上\"\n"),
    ("{\"", "\": \"", "\", \"備考\": null}"),
    ("（", "　", "）を確認した"),
    ("- **", "**: ", "\n- **備考**: なし\n"),
    ("令和７年１１月２２日、係員２名で", "「", "」を照合した。"),
];

/// Frames in which the label does not stand directly before the value.
const FAR: &str = "番号\t";

/// A document that says what the specimen is.
pub(crate) fn document(dice: &mut Dice, specimen: &Specimen) -> Planted {
    let value = written(dice, specimen);
    let (head, middle, tail) = loop {
        let frame = dice.pick(FRAMES);
        // A free number has no form of its own: it is known only by the word directly before it.
        // So is a name in kana.
        let label_only = specimen.rule == "ID-INSURED" || ["フリガナ", "氏名（カナ）"].contains(&specimen.label);
        if !label_only || !frame.0.starts_with(FAR) {
            break frame;
        }
    };
    let start = head.len() + specimen.label.len() + middle.len();
    let text = format!("{head}{}{middle}{value}{tail}", specimen.label);
    Planted { span: start..start + value.len(), text }
}

pub(crate) fn folded(text: &str) -> String {
    text.chars().map(|c| fold::digit(c).map_or_else(|| fold::width(c), |d| char::from(b'0' + d))).collect()
}
