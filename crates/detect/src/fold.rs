//! Folding of the ways one character is written in Japanese text, with the way back to the original.
//!
//! Three foldings, because they exclude each other: a long vowel `ー` is a dash inside a number and a letter
//! inside マイナンバー, and ㊙ must be seen before compatibility normalisation turns it into a plain 秘.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// The first digit of each row of ten, zero first, and of each row of nine that begins with one; with the hand the row
/// belongs to. Digits of different hands are not one number: ①1234 counts paragraphs, 10⁶ has an exponent.
const ROWS: &[(u32, u32, Hand)] = &[
    (0x0660, 0, Hand::Foreign),
    (0x06F0, 0, Hand::Foreign),
    (0x0966, 0, Hand::Foreign),
    (0x09E6, 0, Hand::Foreign),
    (0x0E50, 0, Hand::Foreign),
    (0x1_FBF0, 0, Hand::Foreign),
    (0x2080, 0, Hand::Lowered),
    (0x2460, 1, Hand::Ornamental),
    (0x2474, 1, Hand::Ornamental),
    (0x2488, 1, Hand::Ornamental),
    (0x24F5, 1, Hand::Ornamental),
    (0x2776, 1, Hand::Ornamental),
    (0x2780, 1, Hand::Ornamental),
    (0x278A, 1, Hand::Ornamental),
    (0x1_F101, 0, Hand::Ornamental),
];

/// How a digit is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// ASCII, full width or mathematical.
    Plain,
    /// Digits of other scripts.
    Foreign,
    /// Superscripts.
    Raised,
    /// Subscripts.
    Lowered,
    /// In circles or brackets, or with a point.
    Ornamental,
    /// Kanji.
    Kanji,
}

/// The digit a character stands for: ASCII, full width, mathematical, raised, lowered, circled, or of another script.
pub fn digit(c: char) -> Option<u8> {
    drawn_digit(c).map(|(digit, _)| digit)
}

/// The digit a character stands for, and how it is drawn.
pub(crate) fn drawn_digit(c: char) -> Option<(u8, Hand)> {
    let code = u32::from(c);
    let (value, hand) = match code {
        0x30..=0x39 => (code - 0x30, Hand::Plain),
        0x00..=0xB1 => return None,
        0xFF10..=0xFF19 => (code - 0xFF10, Hand::Plain),
        0x1_D7CE..=0x1_D7FF => ((code - 0x1_D7CE) % 10, Hand::Plain),
        // Kana and kanji are asked about most.
        0x3000..=0xFFFF => return None,
        0xB2 | 0xB3 => (code - 0xB0, Hand::Raised),
        0xB9 => (1, Hand::Raised),
        0x2070 | 0x2074..=0x2079 => (code - 0x2070, Hand::Raised),
        0x24EA | 0x24FF | 0x1_F100 | 0x1_F10B | 0x1_F10C => (0, Hand::Ornamental),
        _ => ROWS.iter().find_map(|&(start, first, hand)| {
            let value = code.checked_sub(start)? + first;
            (value <= 9).then_some((value, hand))
        })?,
    };
    u8::try_from(value).ok().map(|value| (value, hand))
}

/// The digit a kanji stands for where digits follow each other, as in 〇三－五二五三.
pub(crate) fn kanji_digit(c: char) -> Option<u8> {
    Some(match c {
        '〇' | '零' => 0,
        '一' | '壱' => 1,
        '二' | '弐' => 2,
        '三' | '参' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// Whether a character is used as a dash between groups of digits; the katakana long vowel is one of them.
pub fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{02D7}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{207B}'
                | '\u{208B}'
                | '\u{2796}'
                | '\u{3030}'
                | '\u{2212}'
                | '\u{2500}'
                | '\u{2501}'
                | '\u{30FC}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
                | '\u{FF70}'
    )
}

/// Whether a character is a space within a line, tabs excepted.
pub fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// The half-width form of a full-width ASCII character or ideographic space; any other character as it is.
pub fn width(c: char) -> char {
    match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        0x3000 => ' ',
        _ => c,
    }
}

/// A piece of text normalised character by character, which remembers where each character came from.
///
/// ㊙ is kept; everything else goes through compatibility normalisation (NFKC) on its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    text: String,
    /// For every byte of `text`, the original range of the character it belongs to.
    origin: Vec<(usize, usize)>,
}

impl Folded {
    /// Folds `text`, which stands at byte `base` of the original.
    pub fn new(text: &str, base: usize) -> Self {
        let mut folded = Self::default();
        for (at, c) in text.char_indices() {
            let origin = (base + at, base + at + c.len_utf8());
            if c.is_ascii() || c == '㊙' {
                folded.push(c, origin);
            } else {
                for normal in std::iter::once(c).nfkc() {
                    folded.push(normal, origin);
                }
            }
        }
        folded
    }

    fn push(&mut self, c: char, origin: (usize, usize)) {
        self.text.push(c);
        self.origin.resize(self.text.len(), origin);
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The range of the original text that `range` of the folded text came from.
    pub fn original(&self, range: Range<usize>) -> Option<Range<usize>> {
        let first = self.origin.get(range.start)?;
        let last = self.origin.get(range.end.checked_sub(1)?)?;
        Some(first.0..last.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_width_have_the_same_value() {
        assert_eq!("0９𝟗".chars().filter_map(digit).collect::<Vec<_>>(), [0, 9, 9]);
        assert_eq!("⁰²₃④⓪٥۶८❾⒏🄀".chars().filter_map(digit).collect::<Vec<_>>(), [0, 2, 3, 4, 0, 5, 6, 8, 9, 8, 0]);
        assert_eq!(digit('九'), None);
        assert_eq!(digit('⑩'), None, "ten is no digit");
        assert_eq!(kanji_digit('九'), Some(9));
    }

    #[test]
    fn every_dash_of_the_rule_base_is_one() {
        assert!("-‐‑–—−ー－".chars().all(is_dash));
        assert!(!is_dash('一'), "the numeral one is no dash");
    }

    #[test]
    fn folded_ranges_lead_back_to_the_original() {
        let text = "第㌢Ａ２";
        let folded = Folded::new(text, 0);
        assert_eq!(folded.as_str(), "第センチA2");
        let at = folded.as_str().find("A2").unwrap();
        let back = folded.original(at..at + 2).unwrap();
        assert_eq!(&text[back], "Ａ２");
        assert_eq!(folded.original(100..101), None);
        assert_eq!(folded.original(0..0), None);
    }

    #[test]
    fn the_secret_mark_survives_folding() {
        assert_eq!(Folded::new("㊙", 0).as_str(), "㊙");
    }
}
