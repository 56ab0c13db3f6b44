//! 雇用保険被保険者番号 (ID-EMPLOYMENT): four, six and one digits. A check digit exists; its formula is not published.

use super::{Page, found, joined_on_purpose};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::Window;

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    let split = window.shape.is(&[4, 6, 1]);
    if !split && !window.shape.is(&[11]) || window.solid() && !window.clean() {
        return None;
    }
    let keyword = page.spoken_for(Topic::EmploymentInsurance, &window.span)?;
    let confidence = if page.labels(Topic::EmploymentInsurance, &window.span).is_some() {
        Confidence::High
    } else if split && joined_on_purpose(window.joint) || window.solid() && !matches!(window.digits, [0, _, 0, ..]) {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    let signal = Signal::PersonalData(PersonalKind::EmploymentInsurance);
    found("ID-EMPLOYMENT", signal, window, confidence, vec!["form 4-6-1", keyword])
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    #[test]
    fn the_keyword_is_needed() {
        let detector = shared();
        let text = "雇用保険被保険者番号 １１１１－１１１１１１－１";
        let findings = detector.scan(text);
        assert_eq!(&text[findings[0].span.clone()], "１１１１－１１１１１１－１");
        assert_eq!((findings[0].rule, findings[0].confidence), ("ID-EMPLOYMENT", Confidence::High));
        assert_eq!(findings[0].evidence[1], "keyword 雇用保険被保険者番号");
        assert!(detector.scan("受付番号 1111-111111-1").is_empty());
    }
}
