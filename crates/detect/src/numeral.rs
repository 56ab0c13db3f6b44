//! Whole numbers as dates and addresses write them: figures of any width, or kanji.

use crate::fold;
use crate::surroundings::{backwards, forwards};

/// The longest numeral that is read, in characters.
const LONGEST: usize = 7;

/// The value of one kanji figure, 〇 to 九.
fn figure(c: char) -> Option<u32> {
    "〇一二三四五六七八九".chars().position(|known| known == c).and_then(|at| u32::try_from(at).ok())
}

/// What a kanji multiplies by.
fn unit(c: char) -> Option<u32> {
    match c {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        _ => None,
    }
}

/// Whether a character can stand in a numeral.
pub(crate) fn is_numeral(c: char) -> bool {
    fold::digit(c).is_some() || is_kanji_numeral(c)
}

/// Whether a character can stand in a numeral written in kanji.
pub(crate) fn is_kanji_numeral(c: char) -> bool {
    figure(c).is_some() || unit(c).is_some()
}

/// The numeral that begins at `at`: its value and where it ends. Figures and kanji are not mixed.
pub(crate) fn read(text: &str, at: usize) -> Option<(u32, usize)> {
    let figures = fold::digit(forwards(text, at).next()?).is_some();
    let mut end = at;
    let (mut sum, mut last) = (0_u32, None);
    for (count, c) in forwards(text, at).enumerate() {
        if figures {
            let Some(digit) = fold::digit(c) else { break };
            last = Some(last.unwrap_or(0) * 10 + u32::from(digit));
        } else if let Some(digit) = figure(c) {
            last = Some(last.unwrap_or(0) * 10 + digit);
        } else if let Some(unit) = unit(c) {
            sum += last.take().unwrap_or(1).saturating_mul(unit);
        } else {
            break;
        }
        if count >= LONGEST {
            return None;
        }
        end += c.len_utf8();
    }
    (end > at).then_some((sum.saturating_add(last.unwrap_or(0)), end))
}

/// Where the numeral that ends at `end` begins.
pub(crate) fn start_before(text: &str, end: usize) -> Option<usize> {
    let figures = fold::digit(backwards(text, end).next()?).is_some();
    let length: usize = backwards(text, end)
        .take(LONGEST)
        .take_while(|&c| if figures { fold::digit(c).is_some() } else { is_kanji_numeral(c) })
        .map(char::len_utf8)
        .sum();
    (length > 0).then_some(end - length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_kanji_have_the_same_value() {
        for (text, value) in [
            ("55", 55),
            ("５５", 55),
            ("五十五", 55),
            ("五五", 55),
            ("十", 10),
            ("千二百二十六", 1226),
            ("二〇二五", 2025),
        ] {
            assert_eq!(read(text, 0), Some((value, text.len())), "{text}");
            assert_eq!(start_before(text, text.len()), Some(0), "{text}");
        }
        assert_eq!(read("12345678", 0), None, "too long");
        assert_eq!(read("円", 0), None);
    }
}
