//! The scripts of Japanese text.

/// A kanji, or the sign that repeats one.
pub(crate) fn is_kanji(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '々' | '〇' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// A hiragana letter.
pub(crate) fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}')
}

/// A katakana letter or the long vowel, of either width.
pub(crate) fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30A1}'..='\u{30FA}' | 'ー' | '\u{FF66}'..='\u{FF9F}')
}

/// Either kana.
pub(crate) fn is_kana(c: char) -> bool {
    is_hiragana(c) || is_katakana(c)
}

/// A katakana letter as hiragana; anything else as it is.
pub(crate) fn hiragana(c: char) -> char {
    match u32::from(c) {
        code @ 0x30A1..=0x30F6 => char::from_u32(code - 0x60).unwrap_or(c),
        _ => c,
    }
}

/// A Japanese letter of any script.
pub(crate) fn is_japanese(c: char) -> bool {
    is_kanji(c) || is_kana(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_told_apart() {
        assert!("漢々髙﨑".chars().all(is_kanji));
        assert!("カーｱﾟ".chars().all(is_katakana));
        assert!("ひゃ".chars().all(is_hiragana));
        assert!(!"A1、　".chars().any(is_japanese));
        assert_eq!("タロウー".chars().map(hiragana).collect::<String>(), "たろうー");
    }
}
