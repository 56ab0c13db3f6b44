//! 住民票コード (ID-RESIDENT-CODE).

use super::{Page, found, monotonous, weighted_sum};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::Window;

/// The check digits that eleven-digit codes may carry: modulus 11 (DS-463-1). What a remainder of 0 gives is not
/// settled in the sources, so 0 and 1 are both accepted there.
pub fn check_digits(body: &[u8; 10]) -> &'static [u8] {
    match weighted_sum(body, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
        0 => &[0, 1],
        1 => &[0],
        2 => &[9],
        3 => &[8],
        4 => &[7],
        5 => &[6],
        6 => &[5],
        7 => &[4],
        8 => &[3],
        9 => &[2],
        _ => &[1],
    }
}

/// Whether eleven digits can be a 住民票コード.
pub fn is_valid(digits: &[u8]) -> bool {
    let Some((body, [check])) = digits.split_first_chunk::<10>() else { return false };
    !monotonous(digits) && check_digits(body).contains(check)
}

/// The ways it is written.
const SHAPES: &[&[u8]] = &[&[11], &[5, 6], &[6, 5], &[4, 4, 3], &[3, 4, 4], &[5, 5, 1], &[10, 1]];

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if !is_valid(window.digits) || !window.shape.is_one_of(SHAPES) {
        return None;
    }
    let clean = window.clean();
    if !clean && page.labels(Topic::ResidentCode, &window.span).is_none() {
        return None;
    }
    let keyword = page.spoken_for(Topic::ResidentCode, &window.span)?;
    let confidence = if clean { Confidence::High } else { Confidence::Medium };
    let signal = Signal::PersonalData(PersonalKind::ResidentRecordCode);
    found("ID-RESIDENT-CODE", signal, window, confidence, vec!["check digit", keyword])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::shared;
    use crate::identifier::digits;

    #[test]
    fn sample_codes_are_valid() {
        for code in ["24727059608", "24846016224", "25208017643"] {
            assert!(is_valid(&digits(code)), "{code}");
        }
    }

    #[test]
    fn wrong_codes_are_not() {
        for code in ["25208017644", "00000000000", "2520801764", ""] {
            assert!(!is_valid(&digits(code)), "{code}");
        }
    }

    #[test]
    fn the_keyword_is_needed() {
        let detector = shared();
        assert!(detector.scan("管理番号 24727059608").is_empty());
        let findings = detector.scan("住民票コード：２４７２７０５９６０８");
        assert_eq!(findings[0].rule, "ID-RESIDENT-CODE");
        assert_eq!(findings[0].confidence, Confidence::High);
    }
}
