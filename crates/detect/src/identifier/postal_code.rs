//! 郵便番号 (ID-POSTAL).

use super::{LABEL, Page, found};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::{Joint, Window};
use crate::surroundings::{prefix, suffix};

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    let split = window.shape.is(&[3, 4]) && window.joint == Joint::Dash;
    let blank = window.shape.is(&[3, 4]) && window.joint == Joint::Space;
    if !split && !blank && !window.shape.is(&[7]) {
        return None;
    }
    let signal = Signal::PersonalData(PersonalKind::PostalCode);
    let sign = prefix(page.text, window.span.start, 3);
    if sign.trim_end_matches([' ', '　', ':', '：']).ends_with('〒') {
        return found("ID-POSTAL", signal, window, Confidence::High, vec!["sign 〒"]);
    }
    if !window.clean() {
        return None;
    }
    if let Some(keyword) = page.labels(Topic::Postal, &window.span)
        && (split || keyword == "keyword 郵便番号")
    {
        return found("ID-POSTAL", signal, window, Confidence::High, vec!["form 3-4", keyword]);
    }
    if split && address_follows(page.text, window.span.end) {
        return found("ID-POSTAL", signal, window, Confidence::Medium, vec!["form 3-4", "address follows"]);
    }
    let keyword = page.near(Topic::Postal, &window.span, 3 * LABEL).filter(|_| split)?;
    found("ID-POSTAL", signal, window, Confidence::Medium, vec!["form 3-4", keyword])
}

/// Whether the next words name a prefecture or a municipality.
fn address_follows(text: &str, end: usize) -> bool {
    let next = suffix(text, end, 16).trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '、' | '"'));
    let name: String = next.chars().take_while(|c| ('\u{3005}'..='\u{9FFF}').contains(c)).take(9).collect();
    name.chars().skip(1).any(|c| "都道府県市区町村郡".contains(c))
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    #[test]
    fn a_sign_a_keyword_or_an_address_is_needed() {
        let detector = shared();
        let confidence = |text: &str| {
            detector.scan(text).iter().find(|finding| finding.rule == "ID-POSTAL").map(|finding| finding.confidence)
        };
        assert_eq!(confidence("〒100-0013"), Some(Confidence::High));
        assert_eq!(confidence("〒　１０００００１３"), None, "eight digits");
        assert_eq!(confidence("〒１０００013"), Some(Confidence::High));
        assert_eq!(confidence("郵便番号：１００－００１３"), Some(Confidence::High));
        assert_eq!(confidence("100-0013 東京都千代田区霞が関"), Some(Confidence::Medium));
        assert_eq!(confidence("品番 100-0013 を注文"), None);
        assert_eq!(confidence("100-0013-1 東京都"), None);
    }
}
