//! 電話番号 (ID-PHONE), domestic and with the country code.

use super::{Page, found, joined_on_purpose, monotonous};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::keyword::Topic;
use crate::number::{Joint, Window};

const MOBILE: &[&[u8]] = &[&[11], &[3, 4, 4], &[3, 8], &[7, 4]];
const FREE_DIAL: &[&[u8]] = &[&[10], &[4, 3, 3], &[4, 6], &[4, 2, 4], &[11], &[4, 3, 4], &[4, 7]];
const FIXED: &[&[u8]] = &[&[10], &[2, 4, 4], &[3, 3, 4], &[4, 2, 4], &[5, 1, 4], &[2, 8], &[3, 7], &[6, 4]];

/// What kind of number the digits can be, by the numbering plan.
enum Plan {
    Mobile,
    FreeDial,
    Fixed,
}

fn plan(digits: &[u8]) -> Option<Plan> {
    match digits {
        [0, 5..=9, 0, 1..=9, ..] if digits.len() == 11 => Some(Plan::Mobile),
        [0, 8, 0, 0, ..] if digits.len() == 11 => Some(Plan::FreeDial),
        [0, 1, 2, 0, ..] | [0, 5, 7, 0, ..] | [0, 9, 9, 0, ..] if digits.len() == 10 => Some(Plan::FreeDial),
        [0, 1..=9, ..] if digits.len() == 10 && !monotonous(digits.get(1..)?) => Some(Plan::Fixed),
        _ => None,
    }
}

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if window.preceded_by(page.text) == Some('+') {
        return international(page, window);
    }
    let plan = plan(window.digits)?;
    let shapes = match plan {
        Plan::Mobile => MOBILE,
        Plan::FreeDial => FREE_DIAL,
        Plan::Fixed => FIXED,
    };
    if !window.shape.is_one_of(shapes) {
        return None;
    }
    let mut evidence = vec!["numbering plan"];
    let keyword = page.spoken_for(Topic::Telephone, &window.span);
    evidence.extend(keyword);
    let distinctive = joined_on_purpose(window.joint) || matches!(plan, Plan::Mobile) && window.joint < Joint::Break;
    if window.joint == Joint::Loose && (keyword.is_none() || window.shape.is(&[4, 2, 4])) {
        return None;
    }
    let loose = window.joint == Joint::Loose;
    let confidence = match (keyword.is_some(), window.clean(), distinctive) {
        (true, true, _) if !loose => Confidence::High,
        (true, ..) if loose => Confidence::Medium,
        (true, false, true) | (false, true, true) => Confidence::Medium,
        (false, true, false) if window.joint == Joint::Space => Confidence::Low,
        _ => return None,
    };
    found("ID-PHONE", Signal::PersonalData(PersonalKind::Telephone), window, confidence, evidence)
}

fn international(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    let national = window.digits.strip_prefix(&[8, 1])?;
    let national = national.strip_prefix(&[0]).unwrap_or(national);
    let mut digits = vec![0];
    digits.extend(national);
    plan(&digits)?;
    let mut evidence = vec!["country code"];
    evidence.extend(page.spoken_for(Topic::Telephone, &window.span));
    found("ID-PHONE", Signal::PersonalData(PersonalKind::Telephone), window, Confidence::High, evidence)
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    fn confidence(text: &str) -> Option<Confidence> {
        shared().scan(text).iter().find(|finding| finding.rule == "ID-PHONE").map(|finding| finding.confidence)
    }

    #[test]
    fn numbers_are_found_in_the_usual_forms() {
        for text in [
            "電話０３（５２５３）５３６４",
            "TEL:03-5253-5364",
            "携帯は09012345678です",
            "電話番号 0352535364",
            "+81 3-5253-5364",
            "+81-90-1234-5678",
            "ＦＡＸ：０３ー５２５３ー５３６４",
            "連絡先 0120-123-456",
        ] {
            assert_eq!(confidence(text), Some(Confidence::High), "{text}");
        }
        for text in ["03-5253-5364", "(03)5253-5364", "090 1234 5678", "09012345678", "0465-12-3456"] {
            assert_eq!(confidence(text), Some(Confidence::Medium), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_none() {
        for text in ["1352535364", "0352535364", "03-5253-53641", "0000-00-0000", "01-23-2025", "x03-5253-5364y"] {
            assert_eq!(confidence(text), None, "{text}");
        }
    }
}
