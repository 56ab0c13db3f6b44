//! 保険者番号 (ID-INSURER) and 被保険者等記号・番号・枝番 (ID-INSURED).

use super::{Page, found, monotonous};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::{Joint, Window};
use crate::surroundings::prefix;

/// The check digit of an insurer number without it (five or seven digits): from the right the digits times 2, 1, 2 …,
/// the figures of the products added, and what is missing to the next ten.
pub fn check_digit(body: &[u8]) -> u8 {
    let sum: u32 = body
        .iter()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

/// Whether six or eight digits can be an insurer number.
pub fn is_valid(digits: &[u8]) -> bool {
    matches!(digits.len(), 6 | 8)
        && !monotonous(digits)
        && digits.split_last().is_some_and(|(check, body)| check_digit(body) == *check)
}

pub(super) fn insurer(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if !is_valid(window.digits) || !window.clean() {
        return None;
    }
    let keyword = page.spoken_for(Topic::Insurer, &window.span)?;
    let confidence = if page.labels(Topic::Insurer, &window.span).is_some() {
        Confidence::High
    } else if window.solid() && !window.looks_like_a_date() {
        Confidence::Medium
    } else {
        return None;
    };
    let signal = Signal::PersonalData(PersonalKind::Insurer);
    found("ID-INSURER", signal, window, confidence, vec!["check digit", keyword])
}

/// A free number that the words 記号, 番号 or 枝番 stand directly before, near a word for the insured.
pub(super) fn insured(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if window.digits.len() > 10 || window.joint > Joint::Dash || !page.keywords.any(Topic::Insured) {
        return None;
    }
    let whole = prefix(page.text, window.span.start, 10);
    let lead = whole.trim_end_matches(|c: char| c.is_whitespace() || ":：=＝|｜第\"',、「は*`→{".contains(c));
    if !["記号", "番号", "枝番"].iter().any(|word| lead.ends_with(word)) || lead.ends_with("電話番号") {
        return None;
    }
    // On a new line it must be a value alone, not the number of a paragraph.
    let moved = whole.get(lead.len()..).is_some_and(|gap| gap.contains('\n'));
    if moved && (window.digits.len() < 2 || !matches!(window.followed_by(page.text), None | Some('\r' | '\n'))) {
        return None;
    }
    let keyword = page.near(Topic::Insured, &window.span, 2 * super::LABEL)?;
    let signal = Signal::PersonalData(PersonalKind::Insured);
    found("ID-INSURED", signal, window, Confidence::Medium, vec!["directly after 記号, 番号 or 枝番", keyword])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::shared;
    use crate::identifier::digits;

    #[test]
    fn sample_numbers_are_valid() {
        for number in ["33120015", "06132013", "06139992", "138057"] {
            assert!(is_valid(&digits(number)), "{number}");
        }
    }

    #[test]
    fn wrong_numbers_are_not() {
        for number in ["33120016", "138058", "000000", "3312001", ""] {
            assert!(!is_valid(&digits(number)), "{number}");
        }
    }

    #[test]
    fn the_keyword_is_needed_and_the_insured_is_not_the_insurer() {
        let detector = shared();
        assert_eq!(detector.scan("保険者番号　０６１３２０１３")[0].rule, "ID-INSURER");
        assert!(detector.scan("管理番号 06132013").is_empty());
        assert!(detector.scan("被保険者番号 06132013").iter().all(|finding| finding.rule != "ID-INSURER"));
    }

    #[test]
    fn symbol_number_and_branch_of_an_insured_person() {
        let rules: Vec<_> =
            shared().scan("被保険者証 記号 12 番号 345 枝番 01").iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, ["ID-INSURED"; 3]);
        assert!(shared().scan("記号 12 番号 345").is_empty());
    }
}
