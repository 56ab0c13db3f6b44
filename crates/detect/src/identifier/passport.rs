//! 旅券番号 (ID-PASSPORT): two letters and seven digits.

use super::{
    Page,
    residence_card::{labelled_before, letters_before},
};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::Window;

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if !window.solid() || window.followed_by(page.text).is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let start = letters_before(page.text, window.span.start).or_else(|| {
        page.labels(Topic::Passport, &window.span)?;
        labelled_before(page.text, window.span.start)
    })?;
    let keyword = page.spoken_for(Topic::Passport, &window.span)?;
    Some(Finding {
        rule: "ID-PASSPORT",
        signal: Signal::PersonalData(PersonalKind::Passport),
        span: start..window.span.end,
        confidence: Confidence::High,
        evidence: vec!["two letters and seven digits", keyword],
    })
}

#[cfg(test)]
mod tests {
    use crate::detector::shared;

    #[test]
    fn the_form_and_the_keyword_are_needed() {
        let detector = shared();
        let text = "旅券番号はＴＲ１２３４５６７である";
        let findings = detector.scan(text);
        assert_eq!(&text[findings[0].span.clone()], "ＴＲ１２３４５６７");
        assert_eq!(detector.scan("パスポートXS1234567").len(), 1);
        assert_eq!(detector.scan("旅券番号tr1234567").len(), 1, "directly after its label in any case");
        assert_eq!(detector.scan("旅券番号：TR 1234567").len(), 1);
        for text in ["型番TR1234567", "型番tr1234567", "旅券番号ATR1234567", "旅券番号TR12345678", "旅券番号TR1234567A"]
        {
            assert!(detector.scan(text).is_empty(), "{text}");
        }
    }
}
