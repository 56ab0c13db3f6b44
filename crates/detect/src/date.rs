//! Dates of the calendar as Japanese documents write them, western and by era.

use std::ops::Range;

use crate::fold;
use crate::numeral;
use crate::surroundings::{after, backwards, forwards, suffix};

/// A date that was read. The day is not needed by anything yet; that it is a possible one is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: u32,
    pub(crate) span: Range<usize>,
}

/// The eras with the western year before their first.
const ERAS: &[(&str, u32)] = &[
    ("令和", 2018),
    ("平成", 1988),
    ("昭和", 1925),
    ("大正", 1911),
    ("明治", 1867),
    ("㋿", 2018),
    ("㍻", 1988),
    ("㍼", 1925),
    ("㍽", 1911),
    ("㍾", 1867),
    ("令", 2018),
    ("平", 1988),
    ("昭", 1925),
    ("大", 1911),
    ("明", 1867),
];

/// The letters that stand for an era.
fn letter(c: char) -> Option<u32> {
    match fold::width(c).to_ascii_uppercase() {
        'R' => Some(2018),
        'H' => Some(1988),
        'S' => Some(1925),
        'T' => Some(1911),
        'M' => Some(1867),
        _ => None,
    }
}

fn era(text: &str, at: usize) -> Option<(u32, usize)> {
    let tail = suffix(text, at, 2);
    let named = ERAS.iter().find(|(name, _)| tail.starts_with(name)).map(|(name, base)| (*base, at + name.len()));
    named.or_else(|| {
        let c = after(text, at)?;
        letter(c).map(|base| (base, at + c.len_utf8()))
    })
}

/// Where the era that ends at `at` begins.
pub(crate) fn era_before(text: &str, at: usize) -> Option<usize> {
    let head = text.get(..at)?;
    if let Some((name, _)) = ERAS.iter().find(|(name, _)| head.ends_with(name)) {
        return Some(at - name.len());
    }
    let mut chars = backwards(text, at);
    let c = chars.next()?;
    letter(c)?;
    let apart = !chars.next().is_some_and(|c| fold::width(c).is_ascii_alphanumeric());
    apart.then(|| at - c.len_utf8())
}

/// The most blanks beside a part of a date, as in `５５年　４月　１日`.
const BLANKS: usize = 2;

fn blanks(text: &str, at: usize) -> usize {
    at + forwards(text, at).take(BLANKS).take_while(|&c| fold::is_space(c)).map(char::len_utf8).sum::<usize>()
}

fn part(text: &str, at: usize) -> Option<(u32, usize)> {
    let at = blanks(text, at);
    if after(text, at) == Some('元') {
        return Some((1, at + '元'.len_utf8()));
    }
    numeral::read(text, at)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Year,
    Month,
    Day,
    Sign(char),
}

fn mark(text: &str, at: usize) -> Option<(Mark, usize)> {
    let at = blanks(text, at);
    let c = after(text, at)?;
    let mark = match fold::width(c) {
        '年' => Mark::Year,
        '月' => Mark::Month,
        '日' => Mark::Day,
        '.' | '．' | '・' | '･' => Mark::Sign('.'),
        '/' => Mark::Sign('/'),
        _ if fold::is_dash(c) => Mark::Sign('-'),
        _ => return None,
    };
    Some((mark, at + c.len_utf8()))
}

fn possible(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Two of the same marks round the month.
fn partners(first: Mark, second: Mark) -> bool {
    match (first, second) {
        (Mark::Year, Mark::Month) => true,
        (Mark::Sign(a), Mark::Sign(b)) => a == b,
        _ => false,
    }
}

/// The date that begins at `at`, with its year first: `1980年4月1日`, `S55.4.1`, `昭和五十五年四月一日`, `19800401`.
pub(crate) fn read(text: &str, at: usize) -> Option<Date> {
    after(text, at).filter(|&c| !fold::is_space(c))?;
    let (base, from) = era(text, at).map_or((None, at), |(base, end)| (Some(base), end));
    if let Some(date) = solid(text, at, base, blanks(text, from)) {
        return Some(date);
    }
    let (number, end) = part(text, from)?;
    let year = base.map_or(number, |base| base.saturating_add(number));
    let (first, end) = mark(text, end)?;
    let (month, end) = part(text, end)?;
    let (second, end) = mark(text, end)?;
    let (day, end) = part(text, end)?;
    if !partners(first, second) || !possible(month, day) || !(1868..=2100).contains(&year) {
        return None;
    }
    let end = match (first, mark(text, end)) {
        (Mark::Year, Some((Mark::Day, end))) => end,
        (Mark::Year, _) => return None,
        _ if after(text, end).is_some_and(|c| fold::digit(c).is_some()) => return None,
        _ => end,
    };
    Some(Date { year, span: at..end })
}

/// Eight figures, or six after an era: `19800401`, `S550401`.
fn solid(text: &str, at: usize, base: Option<u32>, from: usize) -> Option<Date> {
    let mut end = from;
    let mut digits = 0;
    let mut value = 0_u32;
    for c in forwards(text, from).take(9) {
        let Some(digit) = fold::digit(c) else { break };
        digits += 1;
        value = value.saturating_mul(10).saturating_add(u32::from(digit));
        end += c.len_utf8();
    }
    let year = match (base, digits) {
        (Some(base), 6) => base + value / 10_000,
        (None, 8) => value / 10_000,
        _ => return None,
    };
    (possible(value / 100 % 100, value % 100) && (1868..=2100).contains(&year)).then_some(Date { year, span: at..end })
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date in English order at `at`: `April 1, 1980`, `1 April 1980`, `04/01/1980`.
pub(crate) fn read_english(text: &str, at: usize) -> Option<Date> {
    let tail = suffix(text, at, 24);
    let mut words = tail.split([' ', ',', '.', '/', '-']).filter(|word| !word.is_empty());
    let (first, second, year) = (words.next()?, words.next()?, words.next()?);
    if !tail.starts_with(first) {
        return None;
    }
    let figures = year.bytes().take_while(u8::is_ascii_digit).count();
    let written = year.get(..figures).filter(|year| year.len() == 4)?;
    let year: u32 = written.parse().ok().filter(|year| (1868..=2100).contains(year))?;
    let month = |word: &str| {
        word.get(..3).is_some_and(|head| MONTHS.iter().any(|month| month.eq_ignore_ascii_case(head)))
            && word.bytes().all(|b| b.is_ascii_alphabetic())
    };
    let day = |word: &str| {
        word.trim_end_matches(|c: char| c.is_ascii_lowercase()).parse::<u32>().is_ok_and(|day| (1..=31).contains(&day))
    };
    let fits = month(first) && day(second) || day(first) && (month(second) || day(second));
    let end = tail.find(written)? + written.len();
    fits.then_some(Date { year, span: at..at + end })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(text: &str) -> Option<u32> {
        read(text, 0).filter(|date| date.span == (0..text.len())).map(|date| date.year)
    }

    #[test]
    fn western_and_era_dates_are_read_in_every_width() {
        for text in [
            "1980年4月1日",
            "１９８０年０４月０１日",
            "1980/4/1",
            "1980-04-01",
            "1980.4.1",
            "19800401",
            "昭和55年4月1日",
            "昭和５５年　４月　１日",
            "昭和五十五年四月一日",
            "昭55.4.1",
            "S55.4.1",
            "Ｓ５５．４．１",
            "s55/4/1",
            "㍼55年4月1日",
            "S550401",
            "一九八〇年四月一日",
        ] {
            assert_eq!(year(text), Some(1980), "{text}");
        }
        assert_eq!(year("平成元年1月8日"), Some(1989));
        assert_eq!(year("令和七年十一月二十二日"), Some(2025));
        for text in ["1980年13月1日", "1980/4-1", "1980年4月", "55.4.1", "198004011", "3.14.15"] {
            assert_eq!(year(text), None, "{text}");
        }
    }

    #[test]
    fn english_order_is_read() {
        for text in ["April 1, 1980", "1 April 1980", "Apr. 1st, 1980", "04/01/1980", "1-4-1980"] {
            assert_eq!(read_english(text, 0).map(|date| (date.year, date.span)), Some((1980, 0..text.len())), "{text}");
        }
        assert_eq!(read_english("about 12 people", 0), None);
    }

    #[test]
    fn the_era_before_a_figure_is_found() {
        assert_eq!(era_before("、昭和", 9), Some(3));
        assert_eq!(era_before("（S", 4), Some(3));
        assert_eq!(era_before("GPS", 3), None);
    }
}
