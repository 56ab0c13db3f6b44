//! Places that a question names outright: 民法709条, 番号法第9条第1項, 所得税法施行令３６条の２.

use super::address::Address;
use super::article_number::ArticleNumber;
use super::law_id::LawId;
use super::name::Names;

/// A place that a question names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The law.
    pub law: LawId,
    /// The article.
    pub article: ArticleNumber,
    /// The place in it; empty for the whole article.
    pub address: Address,
}

/// The most places that one question names.
const MOST: usize = 20;

/// The places a question names, in its order; in each of the laws that share the name. A law's name without an article names no place.
pub fn places(question: &str, names: &dyn Names) -> Vec<Asked> {
    let mut places: Vec<Asked> = Vec::new();
    for (span, laws) in names.find_all(question) {
        let mut rest = after_name(question.get(span.end..).unwrap_or_default());
        while let Some((article, length)) = article(rest).filter(|_| places.len() < MOST) {
            rest = rest.get(length..).unwrap_or_default();
            let (address, length) = Address::leading(rest);
            rest = rest.get(length..).unwrap_or_default();
            for law in &laws {
                let place = Asked { law: (*law).clone(), article, address: address.clone() };
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            let Some(next) = after_comma(rest) else { break };
            rest = next;
        }
        if places.len() >= MOST {
            break;
        }
    }
    places.truncate(MOST);
    places
}

/// What follows a law's name, its number in brackets, blanks and の.
fn after_name(rest: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || matches!(c, '」' | '』' | '　' | '-' | '/');
    let mut rest = rest.trim_start_matches(blank);
    for (open, close) in [('（', '）'), ('(', ')')] {
        if let Some(inside) = rest.strip_prefix(open)
            && let Some((_, after)) = inside.split_once(close)
        {
            rest = after;
        }
    }
    let rest = rest.trim_start_matches(blank);
    rest.strip_prefix('の').unwrap_or(rest).trim_start_matches(blank)
}

/// What follows where one place ends and another of the same law may begin.
fn after_comma(rest: &str) -> Option<&str> {
    ["及び", "並びに", "又は", "若しくは", "、", ",", "，", "・", "と", "や"]
        .iter()
        .find_map(|comma| rest.strip_prefix(comma))
}

/// An article at the beginning, 条 and all; or, as people type, a bare number at the end of a word.
fn article(text: &str) -> Option<(ArticleNumber, usize)> {
    if let Some(found) = ArticleNumber::leading(text) {
        return Some(found);
    }
    let (mut value, mut length) = (0_u32, 0);
    for c in text.chars() {
        let Some(digit) = figure(c) else { break };
        value = value.checked_mul(10)?.checked_add(digit)?;
        length += c.len_utf8();
    }
    let next = text.get(length..).unwrap_or_default().chars().next();
    let ends = next.is_none_or(|c| c.is_whitespace() || matches!(c, '、' | '。' | '?' | '？'));
    if length == 0 || !ends { None } else { Some((ArticleNumber::plain(value)?, length)) }
}

fn figure(c: char) -> Option<u32> {
    match c {
        '0'..='9' => c.to_digit(10),
        '０'..='９' => (c as u32).checked_sub('０' as u32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::name::{LawNames, NameTable};
    use super::*;

    fn asked(question: &str) -> Vec<String> {
        let law = |id: &str, title: &str, short: &[&str]| LawNames {
            law_id: LawId::new(id).unwrap(),
            title: title.to_owned(),
            number: None,
            short: short.iter().map(|name| (*name).to_owned()).collect(),
        };
        let table = NameTable::new([
            law("399AC0000000001", "架空港湾法", &["架港法"]),
            law("399CO0000000001", "架空港湾法施行令", &[]),
        ]);
        places(question, &table).iter().map(|p| format!("{}/{}{}", p.law, p.article.key(), p.address)).collect()
    }

    #[test]
    fn given_a_place_in_any_writing_then_it_is_read() {
        for question in [
            "架空港湾法第七百九条",
            "架空港湾法709条",
            "架空港湾法７０９",
            "架港法の第709条とは",
            "架空港湾法（平成三年法律第一号）第709条",
        ] {
            assert_eq!(asked(question), ["399AC0000000001/709"], "{question}");
        }
        assert_eq!(asked("架港法第9条第1項"), ["399AC0000000001/9第一項"]);
        assert_eq!(asked("架空港湾法施行令36条の2"), ["399CO0000000001/36_2"]);
    }

    #[test]
    fn given_several_places_then_all_in_order() {
        assert_eq!(
            asked("架空港湾法第五条及び第七条と架空港湾法施行令3条"),
            ["399AC0000000001/5", "399AC0000000001/7", "399CO0000000001/3"]
        );
    }

    #[test]
    fn given_a_law_alone_or_a_number_of_something_else_then_no_place() {
        assert!(asked("架空港湾法の目的").is_empty());
        assert!(asked("架空港湾法は3人").is_empty());
        assert!(asked("架空港湾法 30万円").is_empty());
    }
}
