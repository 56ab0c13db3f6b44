//! 法人番号, also as the registration number of a qualified invoice issuer (ID-CORPORATE). Public, no personal data.

use super::{Page, found, weighted_sum};
use crate::finding::{Confidence, Finding, Signal};
use crate::keyword::Topic;
use crate::number::Window;

/// The check digit, which stands first, of the twelve digits after it (省令70号 2条, as the tax agency computes it:
/// the sum is made first and the remainder by nine taken of the whole).
pub fn check_digit(body: &[u8; 12]) -> u8 {
    let sum = weighted_sum(body, &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
    u8::try_from(9 - sum % 9).unwrap_or(0)
}

/// Whether thirteen digits can be a 法人番号.
pub fn is_valid(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_first() else { return false };
    body.try_into().is_ok_and(|body: &[u8; 12]| check_digit(body) == *check)
}

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    let shapes: &[&[u8]] = &[&[13], &[1, 12], &[1, 4, 4, 4], &[1, 6, 6]];
    if !is_valid(window.digits) || !window.shape.is_one_of(shapes) {
        return None;
    }
    let mut evidence = vec!["check digit"];
    let invoice = window.preceded_by(page.text) == Some('T');
    if invoice {
        evidence.push("prefix T");
    }
    let keyword = page.spoken_for(Topic::Corporate, &window.span);
    evidence.extend(keyword);
    let confidence = if invoice || keyword.is_some() {
        Confidence::High
    } else if !window.clean() {
        return None;
    } else if window.solid() && window.starts_with(&[1]) {
        // Milliseconds since 1970 look like this.
        Confidence::Low
    } else {
        Confidence::Medium
    };
    found("ID-CORPORATE", Signal::PublicIdentifier, window, confidence, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::shared;
    use crate::identifier::digits;

    #[test]
    fn published_numbers_are_valid() {
        for number in ["7000012050002", "4011001098993", "7010705000725", "5835678256246", "2120901007402"] {
            assert!(is_valid(&digits(number)), "{number}");
        }
    }

    #[test]
    fn wrong_numbers_are_not() {
        for number in ["2835678256246", "0000012050002", "700001205000", ""] {
            assert!(!is_valid(&digits(number)), "{number}");
        }
    }

    #[test]
    fn it_is_public_and_no_card() {
        for (text, confidence) in [
            ("法人番号 7000012050002", Confidence::High),
            ("登録番号：T7000012050002", Confidence::High),
            ("Ｔ７００００１２０５０００２", Confidence::High),
            ("4011001098993", Confidence::Medium),
        ] {
            let findings = shared().scan(text);
            assert_eq!(findings.len(), 1, "{text}: {findings:?}");
            assert_eq!((findings[0].signal, findings[0].confidence), (Signal::PublicIdentifier, confidence), "{text}");
        }
    }
}
