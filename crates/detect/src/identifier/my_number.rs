//! 個人番号 (ID-MYNUMBER).

use super::{LABEL, NEAR, Page, found, joined_on_purpose, monotonous, weighted_sum};
use crate::finding::{Confidence, Finding, Signal};
use crate::keyword::Topic;
use crate::number::{Joint, Window};

/// The check digit of the first eleven digits, after 総務省令85号 5条: the weighted sum modulo 11; a remainder of
/// 0 or 1 gives 0, any other is taken from 11.
pub fn check_digit(body: &[u8; 11]) -> u8 {
    let remainder = weighted_sum(body, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    if remainder <= 1 { 0 } else { u8::try_from(11 - remainder).unwrap_or(0) }
}

/// Whether twelve digits can be a 個人番号. Twelve equal digits are refused though some pass the arithmetic.
pub fn is_valid(digits: &[u8]) -> bool {
    let Some((body, [check])) = digits.split_first_chunk::<11>() else { return false };
    !monotonous(digits) && check_digit(body) == *check
}

/// The ways it is written; four and four with a date beside them would be too many.
const SHAPES: &[&[u8]] = &[&[12], &[4, 4, 4], &[4, 8], &[8, 4], &[6, 6], &[3, 3, 3, 3]];

pub(super) fn detect(page: &Page<'_>, window: &Window<'_>) -> Option<Finding> {
    if !is_valid(window.digits) || !window.shape.is_one_of(SHAPES) {
        return None;
    }
    // 192.168.100.200 has twelve digits too.
    if window.joint == Joint::Loose
        && (!window.shape.is(&[4, 4, 4]) || page.near(Topic::MyNumber, &window.span, NEAR).is_none())
    {
        return None;
    }
    let attached = attached(page, window);
    if attached && page.near(Topic::MyNumber, &window.span, LABEL).is_none() {
        return None;
    }
    let mut evidence = vec!["check digit"];
    let grouped = window.shape.is(&[4, 4, 4]) && window.joint < Joint::Break;
    if grouped {
        evidence.push("grouped 4-4-4");
    }
    let confidence = if let Some(keyword) = page.spoken_for(Topic::MyNumber, &window.span) {
        evidence.push(keyword);
        if attached { Confidence::Medium } else { Confidence::High }
    } else if !window.clean() || years(window) || window.digits.get(..6) == window.digits.get(6..) {
        return None;
    } else if grouped {
        Confidence::High
    } else if window.solid() && !minutes(window) || window.shape.is(&[12]) && !window.solid() {
        Confidence::Medium
    } else if window.solid() || joined_on_purpose(window.joint) {
        evidence.push("weak form");
        Confidence::Low
    } else {
        return None;
    };
    found("ID-MYNUMBER", Signal::MyNumber, window, confidence, evidence)
}

/// Whether letters touch the digits, as in a product code or a hash.
fn attached(page: &Page<'_>, window: &Window<'_>) -> bool {
    let touches = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    touches(window.preceded_by(page.text)) || touches(window.followed_by(page.text))
}

/// Whether the digits read as a date with hour and minute.
fn minutes(window: &Window<'_>) -> bool {
    window.looks_like_a_date() && window.value(8, 10) < 24 && window.value(10, 12) < 60
}

/// Whether three groups read as three years, as in the head of a table.
fn years(window: &Window<'_>) -> bool {
    window.joint == Joint::Space
        && [0, 4, 8].into_iter().all(|from| (1900..=2099).contains(&window.value(from, from + 4)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::shared;
    use crate::identifier::digits;

    fn found_in(text: &str) -> Vec<(Confidence, &str)> {
        shared()
            .scan(text)
            .into_iter()
            .filter(|finding| finding.signal == Signal::MyNumber)
            .map(|finding| (finding.confidence, &text[finding.span]))
            .collect()
    }

    #[test]
    fn published_numbers_are_valid() {
        for number in ["983205673214", "621498320257", "379474484458", "454972364860", "123456789018", "573538006840"] {
            assert!(is_valid(&digits(number)), "{number}");
        }
    }

    #[test]
    fn wrong_numbers_are_not() {
        for number in
            ["983205673210", "621498320258", "777777777777", "000000000000", "98320567321", "9832056732140", ""]
        {
            assert!(!is_valid(&digits(number)), "{number}");
        }
    }

    #[test]
    fn remainders_zero_and_one_give_zero() {
        assert_eq!(check_digit(&[4, 5, 4, 9, 7, 2, 3, 6, 4, 8, 6]), 0, "r = 0");
        assert_eq!(check_digit(&[5, 7, 3, 5, 3, 8, 0, 0, 6, 8, 4]), 0, "r = 1");
    }

    #[test]
    fn a_check_digit_alone_is_medium_and_a_keyword_makes_it_high() {
        assert_eq!(found_in("番号は983205673214です"), [(Confidence::Medium, "983205673214")]);
        assert_eq!(found_in("マイナンバーは983205673214です"), [(Confidence::High, "983205673214")]);
        assert_eq!(found_in("983205673214（個人番号）"), [(Confidence::High, "983205673214")]);
        assert_eq!(found_in("MyNumber:983205673214"), [(Confidence::High, "983205673214")]);
    }

    #[test]
    fn the_keyword_reaches_three_hundred_characters() {
        let near = format!("個人番号{}983205673214", "あ".repeat(300));
        let far = format!("個人番号{}983205673214", "あ".repeat(301));
        assert_eq!(found_in(&near)[0].0, Confidence::High);
        assert_eq!(found_in(&far)[0].0, Confidence::Medium);
    }

    #[test]
    fn grouping_by_four_raises_the_confidence() {
        for text in
            ["9832-0567-3214", "9832 0567 3214", "９８３２－０５６７－３２１４", "9832ー0567ー3214", "9832　0567　3214"]
        {
            assert_eq!(found_in(text), [(Confidence::High, text)], "{text}");
        }
    }

    #[test]
    fn line_breaks_and_boxes_are_read_through() {
        assert_eq!(found_in("個人番号 9832\n0567\n3214 氏名")[0], (Confidence::High, "9832\n0567\n3214"));
        assert_eq!(found_in("個人番号 9 8 3 2 0 5 6 7 3 2 1 4")[0].0, Confidence::High);
        assert_eq!(found_in("個人番号 98\u{200B}3205673214")[0].0, Confidence::High);
    }

    #[test]
    fn a_part_of_something_longer_is_none() {
        for text in [
            "1983205673214",
            "9832056732141",
            "3.983205673214",
            "a983205673214f",
            "AB-983205673214",
            "9832-0567-3214-1111",
            "9832 0567 3214 1111",
            "¥983205673214",
            "983205673214円",
        ] {
            assert!(found_in(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_time_stamp_is_weak_and_a_row_of_years_is_none() {
        // 2025-11-22 15:36 with a check digit that happens to hold
        let stamp = (0..60).map(|minute| format!("2025112215{minute:02}")).find(|text| is_valid(&digits(text)));
        assert_eq!(found_in(&stamp.unwrap())[0].0, Confidence::Low);
        let years = (1990..2090).map(|year| format!("1990 2000 {year}")).find(|text| is_valid(&digits(text)));
        assert!(found_in(&years.unwrap()).is_empty());
    }

    #[test]
    fn dates_beside_each_other_and_codes_near_the_keyword_are_none() {
        for text in ["マイナンバー 2023-12-22\n12", "マイナンバー\n2025-05-12\n2025-05-16"] {
            assert!(found_in(text).is_empty(), "{text}");
        }
        let code = format!("マイナンバー{}X983205673214_095", "あ".repeat(60));
        assert!(found_in(&code).is_empty());
    }

    #[test]
    fn a_list_under_one_heading_is_read_line_by_line() {
        let text = "個人番号\n9832 0567 3214\n6214 9832 0257\n3794 7448 4458\n";
        assert_eq!(found_in(text).len(), 3);
    }
}
