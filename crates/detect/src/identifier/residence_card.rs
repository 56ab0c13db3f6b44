//! 在留カード・特別永住者証明書の番号 (ID-RESIDENCE-CARD): two letters, eight digits, two letters.

use super::Page;
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::fold;
use crate::keyword::Topic;
use crate::number::Window;
use crate::surroundings::{after, backwards, before, forwards};

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if !window.solid() {
        return None;
    }
    let close = letters_before(page.text, window.span.start).zip(letters_after(page.text, window.span.end));
    let (start, end) = close.or_else(|| apart(page, window))?;
    let mut evidence = vec!["two letters, eight digits, two letters"];
    let keyword = page.spoken_for(Topic::ResidenceCard, &window.span);
    evidence.extend(keyword);
    Some(Finding {
        rule: "ID-RESIDENCE-CARD",
        signal: Signal::PersonalData(PersonalKind::ResidenceCard),
        span: start..end,
        confidence: if keyword.is_some() { Confidence::High } else { Confidence::Medium },
        evidence,
    })
}

/// Directly after its label the number may be parted by blanks or written small: `AB 12345678 CD`, `ab12345678cd`.
fn apart(page: &Page<'_>, window: &Window<'_>) -> Option<(usize, usize)> {
    page.labels(Topic::ResidenceCard, &window.span)?;
    let start = labelled_before(page.text, window.span.start)?;
    let gap = after(page.text, window.span.end).filter(|&c| fold::is_space(c) || fold::is_dash(c));
    let from = window.span.end + gap.map_or(0, char::len_utf8);
    let end = any_two_letters(forwards(page.text, from)).map(|length| from + length)?;
    Some((start, end))
}

/// Where two letters of either case before `at` begin, with at most one blank or dash between.
pub(super) fn labelled_before(text: &str, at: usize) -> Option<usize> {
    let gap = before(text, at).filter(|&c| fold::is_space(c) || fold::is_dash(c));
    let until = at - gap.map_or(0, char::len_utf8);
    any_two_letters(backwards(text, until)).map(|length| until - length)
}

fn any_two_letters(chars: impl Iterator<Item = char>) -> Option<usize> {
    let mut length = 0;
    for (place, c) in chars.take(3).enumerate() {
        let letter = fold::width(c).is_ascii_alphabetic();
        match place {
            0 | 1 if letter => length += c.len_utf8(),
            2 if !letter && !fold::width(c).is_ascii_digit() => {}
            _ => return None,
        }
    }
    (length >= 2).then_some(length)
}

/// Where exactly two capital letters before `at` begin.
pub(super) fn letters_before(text: &str, at: usize) -> Option<usize> {
    two_letters(backwards(text, at)).map(|length| at - length)
}

fn letters_after(text: &str, at: usize) -> Option<usize> {
    two_letters(forwards(text, at)).map(|length| at + length)
}

/// The bytes of exactly two capital letters, of either width, that stand apart from other letters and digits.
fn two_letters(chars: impl Iterator<Item = char>) -> Option<usize> {
    let (mut letters, mut length) = (0, 0);
    for (place, c) in chars.take(3).enumerate() {
        let folded = fold::width(c);
        match place {
            0 | 1 if folded.is_ascii_uppercase() => {
                letters += 1;
                length += c.len_utf8();
            }
            2 if !folded.is_ascii_alphanumeric() => {}
            _ => return None,
        }
    }
    (letters == 2).then_some(length)
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    #[test]
    fn the_form_is_found_between_japanese_letters() {
        let detector = shared();
        let text = "在留カード番号はAB12345678CDです";
        let findings = detector.scan(text);
        assert_eq!(&text[findings[0].span.clone()], "AB12345678CD");
        assert_eq!(findings[0].confidence, Confidence::High);
        assert_eq!(detector.scan("番号ＡＢ１２３４５６７８ＣＤ")[0].confidence, Confidence::Medium);
        assert_eq!(detector.scan("在留カード AB 12345678 CD")[0].confidence, Confidence::High);
        assert_eq!(detector.scan("在留カード番号：ab12345678cd")[0].confidence, Confidence::High);
        for text in ["XAB12345678CD", "AB12345678CDE", "AB1234567CD", "A12345678CD", "ab12345678cd", "B12345678CD"] {
            assert!(detector.scan(text).is_empty(), "{text}");
        }
    }
}
