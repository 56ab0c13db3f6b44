//! Which script a character belongs to.

/// The scripts that matter for cutting Japanese text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// Kanji and the marks that stand for one (々〆ヶ).
    Kanji,
    /// Hiragana, which carries mostly grammar.
    Hiragana,
    /// Katakana with the long-vowel mark.
    Katakana,
    /// Latin and other letters.
    Letter,
    /// Digits.
    Digit,
    /// Everything that separates.
    Gap,
}

/// The script of a folded character.
pub(crate) fn of(c: char) -> Script {
    match c {
        '0'..='9' => Script::Digit,
        'a'..='z' => Script::Letter,
        '\u{3041}'..='\u{3096}' => Script::Hiragana,
        '\u{30A1}'..='\u{30FA}' | 'ー' => Script::Katakana,
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => {
            Script::Kanji
        }
        '々' | '〆' | '〇' => Script::Kanji,
        c if c.is_numeric() => Script::Digit,
        c if c.is_alphabetic() => Script::Letter,
        _ => Script::Gap,
    }
}
