//! カード番号 (ID-CARD): Luhn check and a plausible issuer.

use super::{Page, corporate_number, found, joined_on_purpose, monotonous};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::{Joint, Window};

/// Whether the digits pass the Luhn check (ISO/IEC 7812-1): doubled at every second place from the right, the figures
/// added, the sum a multiple of ten.
pub fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([1, 2].into_iter().cycle())
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

fn issuer(window: &Window<'_>) -> bool {
    let (two, three, four) = (window.value(0, 2), window.value(0, 3), window.value(0, 4));
    match window.digits.len() {
        13 => window.starts_with(&[4]),
        14 => two == 36 || two == 38 || two == 39 || (300..=305).contains(&three),
        15 => two == 34 || two == 37,
        16 => {
            window.starts_with(&[4])
                || (51..=55).contains(&two)
                || (2221..=2720).contains(&four)
                || (3528..=3589).contains(&four)
                || other_issuers(two, three, four)
        }
        17..=18 => (3528..=3589).contains(&four) || other_issuers(two, three, four),
        19 => window.starts_with(&[4]) || (3528..=3589).contains(&four) || other_issuers(two, three, four),
        _ => false,
    }
}

fn other_issuers(two: u64, three: u64, four: u64) -> bool {
    four == 6011 || (644..=649).contains(&three) || two == 65 || two == 62
}

const GROUPED: &[&[u8]] = &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[6, 13]];

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    let grouped = window.shape.is_one_of(GROUPED);
    let whole = u8::try_from(window.digits.len()).is_ok_and(|length| window.shape.is(&[length]));
    if !(grouped || whole) || !luhn(window.digits) || monotonous(window.digits) || !issuer(window) {
        return None;
    }
    let mut evidence = vec!["Luhn check", "issuer prefix"];
    if grouped {
        evidence.push("grouped");
    }
    let keyword = page.spoken_for(Topic::Card, &window.span);
    evidence.extend(keyword);
    let confidence = if keyword.is_some() {
        Confidence::High
    } else if !window.clean() || window.joint >= Joint::Break {
        return None;
    } else if window.digits.len() == 13 {
        if corporate_number::is_valid(window.digits) {
            return None;
        }
        Confidence::Low
    } else if grouped && (joined_on_purpose(window.joint) || window.joint == Joint::Space) {
        Confidence::High
    } else {
        Confidence::Medium
    };
    let signal = Signal::PersonalData(PersonalKind::PaymentCard);
    found("ID-CARD", signal, window, confidence, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::shared;
    use crate::identifier::digits;

    #[test]
    fn common_test_numbers_pass_the_luhn_check() {
        for number in ["4111111111111111", "5555555555554444", "378282246310005", "3530111333300000", "490154203237518"]
        {
            assert!(luhn(&digits(number)), "{number}");
        }
    }

    #[test]
    fn wrong_numbers_do_not() {
        for number in ["4111111111111112", "4992739871", ""] {
            assert!(!luhn(&digits(number)), "{number}");
        }
    }

    #[test]
    fn the_issuer_must_be_plausible() {
        let detector = shared();
        let confidence = |text: &str| detector.scan(text).first().map(|finding| finding.confidence);
        assert_eq!(confidence("4111111111111111"), Some(Confidence::Medium));
        assert_eq!(confidence("４１１１－１１１１－１１１１－１１１１"), Some(Confidence::High));
        assert_eq!(confidence("カード番号378282246310005"), Some(Confidence::High));
        assert_eq!(confidence("3782 822463 10005"), Some(Confidence::High));
        assert_eq!(confidence("490154203237518"), None, "passes Luhn, but nobody issues it");
        assert_eq!(confidence("41111111111111111"), None);
        assert_eq!(confidence("0000000000000000"), None);
    }
}
