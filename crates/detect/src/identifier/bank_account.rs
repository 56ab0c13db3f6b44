//! 預貯金口座 (ID-ACCOUNT): branch and account, or symbol and number of the postal bank. No check digit.

use super::{Page, found};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::{Joint, Window};

const SHAPES: &[&[u8]] =
    &[&[7], &[8], &[3, 7], &[10], &[4, 3, 7], &[7, 7], &[14], &[4, 3, 8], &[5, 8], &[5, 1, 8], &[5, 7], &[13]];

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if !window.shape.is_one_of(SHAPES) || window.joint == Joint::None && !window.clean() {
        return None;
    }
    let keyword = page.spoken_for(Topic::Account, &window.span)?;
    let labelled = page.labels(Topic::Account, &window.span).is_some();
    let distinctive = window.shape.is_one_of(&[&[4, 3, 7], &[4, 3, 8], &[3, 7], &[5, 1, 8], &[5, 8]]);
    let confidence = if labelled && !window.looks_like_a_date() {
        Confidence::High
    } else if distinctive || window.shape.is(&[7]) || window.shape.is(&[8]) && !window.looks_like_a_date() {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    let signal = Signal::PersonalData(PersonalKind::BankAccount);
    found("ID-ACCOUNT", signal, window, confidence, vec!["form of an account", keyword])
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    #[test]
    fn the_keyword_is_needed() {
        let detector = shared();
        for text in [
            "普通預金 口座番号 1234567",
            "支店コード 123 口座番号：１２３４５６７",
            "振込先 0001-123-1234567",
            "貯金 記号番号 10320-1-12345671",
        ] {
            let findings = detector.scan(text);
            assert_eq!(findings.iter().filter(|finding| finding.rule == "ID-ACCOUNT").count(), 1, "{text}");
            assert!(findings.iter().any(|finding| finding.confidence >= Confidence::Medium), "{text}");
        }
        assert!(detector.scan("整理番号 1234567").is_empty());
    }
}
