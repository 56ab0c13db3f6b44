//! Folding: spellings of one thing become one. Full and half width, old and present kanji, kanji numerals that count
//! and figures, capitals. What is folded is looked up and never shown.

use unicode_normalization::UnicodeNormalization;

use super::{glyph, numeral};

/// The folded form of a text.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let chars: Vec<char> =
        if text.chars().all(is_plain) { text.chars().map(simple).collect() } else { text.nfkc().map(simple).collect() };
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if !numeral::is_kanji_figure(c) {
            folded.push(c);
            at += 1;
            continue;
        }
        let rest = chars.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|c| numeral::is_kanji_figure(**c)).count();
        let run = rest.get(..length).unwrap_or_default();
        let back = |by: usize| at.checked_sub(by).and_then(|i| chars.get(i)).copied();
        let before = numeral::Before { last: back(1), second: back(2) };
        match numeral::counts(before, run, rest.get(length).copied()).then(|| numeral::value(run)).flatten() {
            Some(value) => folded.push_str(&value.to_string()),
            None => folded.extend(run),
        }
        at += length;
    }
    folded
}

/// Whether NFKC leaves a character alone, or [`simple`] does what it would; so that most texts need no more.
pub(super) fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='~' | '\u{3001}'..='\u{3096}' | '\u{30A1}'..='\u{30FE}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF01}'..='\u{FF5E}' | '\u{3000}')
}

pub(super) fn simple(c: char) -> char {
    match c {
        'A'..='Z' => c.to_ascii_lowercase(),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).map_or(c, |c| c.to_ascii_lowercase()),
        '\u{3000}' => ' ',
        '\u{4E00}'..='\u{9FFF}' => glyph::present(c),
        '\u{2010}'..='\u{2015}' | '−' => '-',
        c if c.is_ascii() || matches!(c, '\u{3001}'..='\u{30FE}') => c,
        c => c.to_lowercase().next().unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_spellings_of_one_place_then_they_fold_to_one() {
        for text in ["第五条の二第三項", "第5条の2第3項", "第５条の２第３項", "第五條の二第三項"]
        {
            assert_eq!(fold(text), "第5条の2第3項", "{text}");
        }
        assert_eq!(fold("令和七年一月二十四日"), fold("令和7年1月24日"));
        assert_eq!(fold("ＮＨＫ、ｶﾅ"), "nhk、カナ");
    }

    #[test]
    fn given_words_with_numerals_in_them_then_they_stay_words() {
        assert_eq!(fold("一般の第三者及び一部の三権"), "一般の第3者及び一部の三権");
    }
}
