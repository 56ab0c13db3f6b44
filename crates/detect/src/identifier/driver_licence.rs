//! 運転免許証の番号 (ID-LICENCE).

use super::{Page, found, weighted_sum};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::Window;

/// The check digit, eleventh of twelve: 11 less the remainder by eleven, and of that the last figure. So a remainder
/// of 0 gives 1 and of 1 gives 0; 個人番号 differs there.
pub fn check_digit(body: &[u8; 10]) -> u8 {
    let remainder = weighted_sum(body, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    u8::try_from((11 - remainder) % 10).unwrap_or(0)
}

/// Whether twelve digits can be the number of a licence: the public safety commission in front, the check digit
/// in the eleventh place.
pub fn is_valid(digits: &[u8]) -> bool {
    let Some((body, [check, _reissues])) = digits.split_first_chunk::<10>() else { return false };
    let [tens, ones, ..] = body;
    is_commission(tens * 10 + ones) && check_digit(body) == *check
}

/// The numbers of the public safety commissions.
fn is_commission(number: u8) -> bool {
    matches!(number, 10..=14 | 20..=25 | 30 | 40..=55 | 60..=65 | 70..=74 | 80..=83 | 90..=97)
}

/// The ways it is written.
const SHAPES: &[&[u8]] = &[&[12], &[4, 4, 4], &[4, 8], &[8, 4], &[2, 10], &[2, 2, 6, 1, 1]];

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if !is_valid(window.digits) || !window.shape.is_one_of(SHAPES) {
        return None;
    }
    let clean = window.clean();
    if !clean && page.labels(Topic::Licence, &window.span).is_none() {
        return None;
    }
    let keyword = page.spoken_for(Topic::Licence, &window.span)?;
    let confidence = if clean { Confidence::High } else { Confidence::Medium };
    let signal = Signal::PersonalData(PersonalKind::DriverLicence);
    found("ID-LICENCE", signal, window, confidence, vec!["check digit", keyword])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::shared;
    use crate::identifier::{digits, my_number};

    #[test]
    fn computed_numbers_are_valid() {
        for number in ["301234567810", "451122334430"] {
            assert!(is_valid(&digits(number)), "{number}");
        }
    }

    #[test]
    fn wrong_numbers_are_not() {
        for number in ["301234567820", "991234567810", "30123456781", ""] {
            assert!(!is_valid(&digits(number)), "{number}");
        }
    }

    #[test]
    fn a_remainder_of_zero_gives_one_unlike_my_number() {
        assert_eq!(check_digit(&[0; 10]), 1);
        assert_eq!(my_number::check_digit(&[0; 11]), 0);
    }

    #[test]
    fn the_keyword_is_needed() {
        let detector = shared();
        let licence = |text: &str| detector.scan(text).iter().any(|finding| finding.rule == "ID-LICENCE");
        assert!(licence("運転免許証の番号 第301234567810号"));
        assert!(licence("免許証番号：3012 3456 7810"));
        assert!(!licence("受付番号 301234567810"));
    }
}
