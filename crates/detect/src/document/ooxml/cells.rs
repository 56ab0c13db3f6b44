//! What a cell shows: numbers as Excel writes them down, and the formats that change which digits are seen.
//!
//! A number of twelve digits is stored as `1.23456789018E11`, and one that begins with zero has lost its zero and gets it
//! back by a format such as `000000000000`. A detector must see what the reader sees.

use std::collections::HashMap;

use super::xml::{Node, walk};
use crate::document::Unreadable;
use crate::document::reading::At;

/// How the numbers of a cell are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Format {
    /// Digits as they are.
    #[default]
    General,
    /// A serial number that is shown as a date, a time or both.
    Date,
    /// Digits put into places, such as `000-0000`.
    Mask(Vec<Place>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Always a digit.
    Zero,
    /// A digit if there is one.
    Digit,
    Literal(char),
}

/// The formats of a workbook, by the index that cells refer to.
#[derive(Debug, Default)]
pub(super) struct Formats {
    by_style: Vec<Format>,
    /// Whether days are counted from 1904 (old Macintosh) instead of 1900.
    pub(super) from_1904: bool,
}

impl Formats {
    pub(super) fn read(at: &At, part: &str, xml: &str) -> Result<Self, Unreadable> {
        let mut codes: HashMap<String, String> = HashMap::new();
        let mut by_style = Vec::new();
        let mut in_cells = false;
        walk(at, part, xml, |node| {
            match node {
                Node::Start(tag) => match tag.name() {
                    "numFmt" => {
                        codes
                            .insert(tag.get("numFmtId").unwrap_or_default(), tag.get("formatCode").unwrap_or_default());
                    }
                    "cellXfs" => in_cells = true,
                    // Excel has 65,490 at most.
                    "xf" if in_cells && by_style.len() < 1 << 17 => {
                        let id = tag.get("numFmtId").unwrap_or_default();
                        by_style.push(match codes.get(&id) {
                            Some(code) => Format::parse(code),
                            None => Format::built_in(id.parse().unwrap_or(0)),
                        });
                    }
                    _ => {}
                },
                Node::End("cellXfs") => in_cells = false,
                _ => {}
            }
            Ok(())
        })?;
        Ok(Self { by_style, from_1904: false })
    }

    /// What a cell of this style shows for a number.
    pub(super) fn show(&self, style: usize, number: &str) -> String {
        let plain = plain(number);
        match self.by_style.get(style) {
            Some(Format::Date) => date(number, self.from_1904).unwrap_or(plain),
            Some(Format::Mask(places)) => mask(places, &plain).unwrap_or(plain),
            _ => plain,
        }
    }
}

impl Format {
    /// The formats that need no declaration; those of Japanese dates are among them.
    fn built_in(id: u32) -> Self {
        match id {
            14..=22 | 27..=36 | 45..=47 | 50..=58 => Self::Date,
            _ => Self::General,
        }
    }

    fn parse(code: &str) -> Self {
        let mut places = Vec::new();
        let mut only_places = true;
        let mut date = false;
        let mut characters = code.chars();
        while let Some(c) = characters.next() {
            match c {
                ';' => break,
                '"' => places.extend(characters.by_ref().take_while(|&c| c != '"').map(Place::Literal)),
                '\\' => places.extend(characters.next().map(Place::Literal)),
                '[' => drop(characters.by_ref().find(|&c| c == ']')),
                '_' | '*' => drop(characters.next()),
                '0' => places.push(Place::Zero),
                '#' => places.push(Place::Digit),
                '-' | ' ' | '(' | ')' | '+' | '/' | ':' => places.push(Place::Literal(c)),
                'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'e' | 'g' => {
                    date = true;
                    only_places = false;
                }
                _ => only_places = false,
            }
        }
        let zeros = places.iter().filter(|&&place| place == Place::Zero).count();
        let digits = zeros + places.iter().filter(|&&place| place == Place::Digit).count();
        match () {
            () if date && digits == 0 && !code.eq_ignore_ascii_case("General") => Self::Date,
            () if only_places && (zeros >= 2 || (digits >= 2 && places.len() > digits)) => Self::Mask(places),
            () => Self::General,
        }
    }
}

/// The number without an exponent; as it is when it has none or would be longer than any identifier.
pub(super) fn plain(number: &str) -> String {
    let number = number.trim();
    let Some((mantissa, exponent)) = number.split_once(['E', 'e']) else { return number.to_owned() };
    let Some(exponent) = exponent.parse::<i32>().ok().filter(|exponent| (-20..=30).contains(exponent)) else {
        return number.to_owned();
    };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let point = i32::try_from(whole.len()).unwrap_or(0) + exponent;
    let padded = if point <= 0 {
        format!("{}{digits}", "0".repeat(usize::try_from(1 - point).unwrap_or(0)))
    } else {
        let missing = usize::try_from(point).unwrap_or(0).saturating_sub(digits.len());
        format!("{digits}{}", "0".repeat(missing))
    };
    let (whole, fraction) = padded.split_at(usize::try_from(point.max(1)).unwrap_or(1).min(padded.len()));
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn mask(places: &[Place], plain: &str) -> Option<String> {
    if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let first = places.iter().position(|place| !matches!(place, Place::Literal(_)))?;
    let mut digits = plain.chars().rev().filter(|_| plain != "0");
    let mut shown = Vec::new();
    for (index, place) in places.iter().enumerate().rev() {
        match place {
            Place::Literal(c) => shown.push(*c),
            Place::Zero => shown.push(digits.next().unwrap_or('0')),
            Place::Digit => shown.extend(digits.next()),
        }
        if index == first {
            shown.extend(digits.by_ref());
        }
    }
    Some(shown.into_iter().rev().collect())
}

/// The day and time of a serial number. Excel counts from 1900 and believes that 1900 was a leap year.
fn date(number: &str, from_1904: bool) -> Option<String> {
    let serial: f64 = number.trim().parse().ok().filter(|serial| (0.0..2_958_466.0).contains(serial))?;
    let serial = if from_1904 { serial + 1462.0 } else { serial };
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked above")]
    let (days, minutes) = (serial.floor() as i64, ((serial - serial.floor()) * 1440.0).round() as i64);
    let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
    if days == 0 {
        return Some(time);
    }
    // Days since 0000-03-01 in the Gregorian calendar, after Howard Hinnant's `civil_from_days`.
    let days = days - if days > 60 { 25_569 } else { 25_568 } + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let day = format!("{year}/{month:02}/{day:02}");
    Some(if minutes == 0 { day } else { format!("{day} {time}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_written_out() {
        assert_eq!(plain("1.23456789018E11"), "123456789018");
        assert_eq!(plain("1.23456789018E+11"), "123456789018");
        assert_eq!(plain("1.5E-3"), "0.0015");
        assert_eq!(plain("-2E2"), "-200");
        assert_eq!(plain("1234.5"), "1234.5");
        assert_eq!(plain("1E999999999"), "1E999999999");
        assert_eq!(plain("E5"), "E5");
    }

    #[test]
    fn zeros_that_a_format_shows_are_seen() {
        let shown = |code: &str, number: &str| match Format::parse(code) {
            Format::Mask(places) => mask(&places, number).unwrap(),
            other => panic!("{other:?}"),
        };
        assert_eq!(shown("000000000000", "12345678901"), "012345678901");
        assert_eq!(shown("000\\-0000", "1000001"), "100-0001");
        assert_eq!(shown("000-0000-0000;-0", "9000000000"), "090-0000-0000");
        assert_eq!(shown("\"第\"000\"号\"", "7"), "第007号");
        assert_eq!(Format::parse("#,##0"), Format::General);
        assert_eq!(Format::parse("0.00"), Format::General);
        assert_eq!(Format::parse("General"), Format::General);
    }

    #[test]
    fn serial_numbers_are_shown_as_days() {
        assert_eq!(Format::parse("[$-411]ggge\"年\"m\"月\"d\"日\""), Format::Date);
        assert_eq!(Format::parse("yyyy/mm/dd"), Format::Date);
        assert_eq!(date("45383", false).unwrap(), "2024/04/01");
        assert_eq!(date("1", false).unwrap(), "1900/01/01");
        assert_eq!(date("43921.5", true).unwrap(), "2024/04/01 12:00");
        assert_eq!(date("0.75", false).unwrap(), "18:00");
        assert_eq!(date("-1", false), None);
    }
}
