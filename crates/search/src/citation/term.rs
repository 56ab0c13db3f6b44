//! A word in 「」 that is a term and quotes nobody: 「個人情報」.

use super::fold::{fold, is_numeral};

/// Longer ones are taken for quotations.
const LONGEST: usize = 8;

/// Whether text is a term: at most eight characters, none of them hiragana but の, no stop, blank or numeral, no prefix of
/// negation.
///
/// A term that the cited passage lacks is not struck: people put words in 「」 that no source has. Whatever could state
/// something (a particle, an ending, a number) is no term and must stand.
pub(crate) fn is_term(quoted: &str) -> bool {
    let could_state = |c: char| {
        ('\u{3041}'..='\u{3096}').contains(&c) && c != 'の'
            || is_numeral(fold(c))
            || c.is_whitespace()
            || "不未非無否、。,.!?…".contains(c)
    };
    quoted.chars().count() <= LONGEST && !quoted.contains(could_state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_and_what_states_something() {
        for term in ["個人情報", "個人情報の保護", "AI", ""] {
            assert!(is_term(term), "{term}");
        }
        for text in [
            "三十日以内",
            "届出を要する",
            "不適当",
            "許可、届出",
            "甲野　太郎君",
            "３号",
            "行政機関等匿名加工情報保護委員会",
        ] {
            assert!(!is_term(text), "{text}");
        }
    }
}
