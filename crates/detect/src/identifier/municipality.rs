//! 全国地方公共団体コード (ID-MUNICIPALITY). Public, no personal data.

use super::{LABEL, Page, found, weighted_sum};
use crate::finding::{Confidence, Finding, Signal};
use crate::keyword::Topic;
use crate::number::Window;

/// The check digit of the five digits of prefecture and municipality.
pub fn check_digit(body: &[u8; 5]) -> u8 {
    let remainder = weighted_sum(body, &[6, 5, 4, 3, 2]) % 11;
    u8::try_from((11 - remainder) % 10).unwrap_or(0)
}

/// Whether six digits can be the code of a local public body.
pub fn is_valid(digits: &[u8]) -> bool {
    let Some((body, [check])) = digits.split_first_chunk::<5>() else { return false };
    let [tens, ones, ..] = body;
    (1..=47).contains(&(tens * 10 + ones)) && check_digit(body) == *check
}

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if !window.solid() || !is_valid(window.digits) || !window.clean() {
        return None;
    }
    let keyword = page.near(Topic::Municipality, &window.span, 3 * LABEL)?;
    found("ID-MUNICIPALITY", Signal::PublicIdentifier, window, Confidence::High, vec!["check digit", keyword])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::shared;
    use crate::identifier::digits;

    #[test]
    fn published_codes_are_valid() {
        for code in ["131016", "011002", "182079"] {
            assert!(is_valid(&digits(code)), "{code}");
        }
        assert!(!is_valid(&digits("131017")));
        assert!(!is_valid(&digits("13101")));
    }

    #[test]
    fn the_keyword_is_needed() {
        assert!(shared().scan("番号131016").is_empty());
        assert_eq!(shared().scan("団体コード：131016")[0].signal, Signal::PublicIdentifier);
    }
}
