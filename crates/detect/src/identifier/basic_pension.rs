//! 基礎年金番号 (ID-PENSION): four and six digits, sometimes with the four of the 年金コード. No public check digit.

use super::{Page, found, joined_on_purpose};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::{Joint, Window};

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    let split = window.shape.is_one_of(&[&[4, 6], &[4, 6, 4]]);
    let solid = window.shape.is_one_of(&[&[10], &[14], &[10, 4]]);
    if !split && !solid || window.joint == Joint::Bracket || window.solid() && !window.clean() {
        return None;
    }
    let keyword = page.spoken_for(Topic::Pension, &window.span)?;
    let confidence = if page.labels(Topic::Pension, &window.span).is_some() {
        Confidence::High
    } else if split && joined_on_purpose(window.joint)
        || solid && window.solid() && !matches!(window.digits, [0, 1..=9, ..])
    {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    let signal = Signal::PersonalData(PersonalKind::BasicPension);
    found("ID-PENSION", signal, window, confidence, vec!["form 4-6", keyword])
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    #[test]
    fn the_keyword_is_needed() {
        let detector = shared();
        let text = "基礎年金番号：1234ー567890";
        let findings = detector.scan(text);
        assert_eq!(&text[findings[0].span.clone()], "1234ー567890");
        assert_eq!(findings[0].confidence, Confidence::High);
        assert_eq!(detector.scan("年金番号 １２３４５６７８９０")[0].rule, "ID-PENSION");
        assert_eq!(detector.scan("基礎年金番号・年金コード 1234-567890-1150")[0].span.len(), 16);
        assert!(detector.scan("整理番号：1234-567890").is_empty());
    }
}
