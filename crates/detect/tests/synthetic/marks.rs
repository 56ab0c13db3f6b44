//! Marks of secrecy and grade as documents carry them.

use super::dice::Dice;

const MARKS: &[(&str, &[&str])] = &[
    ("MK-01", &["特定秘密"]),
    ("MK-02", &["重要経済安保情報"]),
    ("MK-03", &["特別防衛秘密", "特防秘"]),
    ("MK-04", &["極秘", "秘", "時限秘", "㊙"]),
    ("MK-05", &["機密性２情報", "機密性3情報", "機密性２"]),
    ("MK-06", &["自治体機密性３Ｂ", "自治体機密性2", "自治体機密性3A"]),
    ("MK-07", &["C3I2A2", "完全性２"]),
    ("MK-08", &["取扱注意", "厳重取扱注意", "部外秘", "社外秘", "関係者限り", "庁内限り"]),
    ("MK-09", &["複製禁止", "転送禁止", "暗号化必須"]),
    ("MK-10", &["TLP:RED", "TLP:AMBER+STRICT"]),
    ("MK-11", &["TOP SECRET", "SECRET//NOFORN"]),
];

/// The rule of a mark and a document that carries it.
pub(crate) fn document(dice: &mut Dice) -> (&'static str, String) {
    let (rule, words) = dice.pick(MARKS);
    let word = dice.pick(words);
    let body = "会議の概要\n\n町の図書館を改修する計画を話し合った。\n";
    let text = match dice.throw(6) {
        0 => format!("【{word}】\n{body}"),
        1 => format!("{word}\n{body}"),
        2 => format!("　　　　　　　　{word}\n{body}"),
        3 => format!("資料１\n【{word}】会議資料\n{body}"),
        4 => format!("{body}\n（{word}）\n"),
        _ => format!("{body}　〔{word}〕\n"),
    };
    (rule, text)
}

/// The rule of a mark and the name of a file that carries it.
pub(crate) fn file_name(dice: &mut Dice) -> (&'static str, String) {
    let (rule, words) = dice.pick(MARKS);
    let word = dice.pick(words).replace("//", " ").replace(':', "：");
    let name = match dice.throw(8) {
        0 => format!("【{word}】会議資料.docx"),
        1 => format!("会議資料_{word}.docx"),
        2 => format!("{word}_会議資料.xlsx"),
        3 => format!("({word})会議資料.pdf"),
        4 => format!("会議資料（{word}）.pdf"),
        5 => format!("20251122-{word}-会議資料.pptx"),
        6 => format!("{word}　会議資料 v2.docx"),
        _ => format!("会議資料 {word}.pdf"),
    };
    (rule, name)
}
