//! Numbers and dates as the Diet prints them: `二百十七`, `二一七`, `２１７`, `令和七年一月二十四日`.

use jiff::civil::Date;

/// Longest numeral that is read, in characters: what is longer counts nothing in the Diet.
const LONGEST: usize = 12;

/// Eras since the records begin, with the year before their first.
const ERAS: [(&str, i16); 5] = [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("大正", 1911), ("明治", 1867)];

fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => c.to_digit(10),
        '０'..='９' => Some(u32::from(c) - u32::from('０')),
        '〇' | '零' | '○' => Some(0),
        '一' => Some(1),
        '二' => Some(2),
        '三' => Some(3),
        '四' => Some(4),
        '五' => Some(5),
        '六' => Some(6),
        '七' => Some(7),
        '八' => Some(8),
        '九' => Some(9),
        _ => None,
    }
}

fn unit(c: char) -> Option<u32> {
    match c {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1_000),
        _ => None,
    }
}

/// The number a whole text stands for, in kanji with units (`二百十七`), kanji by place (`二一七`), full-width or plain
/// digits. `None` if anything else stands in it or it does not fit.
///
/// ```
/// use sekisho_search::diet::number::numeral;
/// assert_eq!(numeral("二百十七"), Some(217));
/// assert_eq!(numeral("一〇四"), Some(104));
/// assert_eq!(numeral("２１７"), Some(217));
/// assert_eq!(numeral("二百と"), None);
/// ```
pub fn numeral(text: &str) -> Option<u32> {
    if text.is_empty() || text.chars().count() > LONGEST {
        return None;
    }
    let (mut sum, mut place) = (0_u32, None::<u32>);
    for c in text.chars() {
        if let Some(d) = digit(c) {
            place = Some(place.unwrap_or(0).checked_mul(10)?.checked_add(d)?);
        } else {
            let times = place.take().unwrap_or(1);
            sum = sum.checked_add(times.checked_mul(unit(c)?)?)?;
        }
    }
    sum.checked_add(place.unwrap_or(0))
}

/// The numeral at the beginning of a text, and what follows it.
pub fn leading(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| digit(c).is_none() && unit(c).is_none()).unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    Some((numeral(number)?, rest))
}

/// The ordinal in `第…回`: `第二百十七回国会（常会）` is 217. A bare number is taken as well.
pub fn session(text: &str) -> Option<u16> {
    let text = text.trim();
    let number = match text.split_once('第') {
        Some((_, rest)) => leading(rest.trim_start()).filter(|(_, rest)| rest.trim_start().starts_with('回'))?.0,
        None => numeral(text)?,
    };
    u16::try_from(number).ok().filter(|n| *n > 0)
}

/// A date in a text: at the first name of an era (`令和七年一月二十四日`, `令和元年５月１日`), else at the first 年 behind a
/// western year (`2025年1月24日`), else the text's beginning in ISO form. Later ones are not looked for, so a text that first
/// says 令和七年度 has none by era. Days that are none (`二月三十日`) are no date.
pub fn date(text: &str) -> Option<Date> {
    in_era(text).or_else(|| western(text)).or_else(|| iso(text))
}

fn in_era(text: &str) -> Option<Date> {
    // The era that stands first, for `昭和…` may be spoken of after `令和…`.
    let (at, name, before) = ERAS.iter().filter_map(|(name, before)| Some((text.find(name)?, *name, *before))).min()?;
    let rest = text.get(at + name.len()..)?.trim_start();
    let (year, rest) = match rest.strip_prefix('元') {
        Some(rest) => (1, rest),
        None => leading(rest)?,
    };
    month_and_day(before.checked_add(i16::try_from(year).ok()?)?, rest)
}

fn western(text: &str) -> Option<Date> {
    let (before, rest) = text.split_once('年')?;
    let from = before.char_indices().rev().take(4).take_while(|(_, c)| digit(*c).is_some()).last()?.0;
    let year = i16::try_from(numeral(before.get(from..)?)?).ok().filter(|y| *y > 1800)?;
    month_and_day(year, &format!("年{rest}"))
}

fn month_and_day(year: i16, rest: &str) -> Option<Date> {
    let (month, rest) = leading(rest.trim_start().strip_prefix('年')?.trim_start())?;
    let (day, rest) = leading(rest.trim_start().strip_prefix('月')?.trim_start())?;
    rest.trim_start().strip_prefix('日')?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn iso(text: &str) -> Option<Date> {
    let text = text.trim();
    let day = text.get(..10)?;
    // `2025-02-05T09:00:00+09:00` is the day in Tokyo, which is what the records mean.
    day.replace('/', "-").parse().ok()
}

/// A date in its era, as citations write it: `令和7年2月5日`. Days before 明治6年 keep the western year.
pub fn era(date: Date) -> String {
    const BEGINS: [(&str, i16, i8, i8); 5] = [
        ("令和", 2019, 5, 1),
        ("平成", 1989, 1, 8),
        ("昭和", 1926, 12, 25),
        ("大正", 1912, 7, 30),
        ("明治", 1873, 1, 1),
    ];
    let day = (date.year(), date.month(), date.day());
    let era = BEGINS.iter().find(|(_, y, m, d)| day >= (*y, *m, *d)).and_then(|(name, ..)| {
        let before = ERAS.iter().find(|(era, _)| era == name)?.1;
        Some((*name, day.0 - before))
    });
    match era {
        Some((name, 1)) => format!("{name}元年{}月{}日", day.1, day.2),
        Some((name, year)) => format!("{name}{year}年{}月{}日", day.1, day.2),
        None => format!("{}年{}月{}日", day.0, day.1, day.2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    #[test]
    fn kanji_by_unit_and_by_place_full_width_and_plain_digits_are_one_number() {
        for text in ["二百十七", "二一七", "２１７", "217", "２１七"] {
            assert_eq!(numeral(text), Some(217), "{text}");
        }
        assert_eq!(numeral("千二百"), Some(1_200));
        assert_eq!(numeral("十"), Some(10));
        assert_eq!(numeral(""), None);
        assert_eq!(numeral(&"九".repeat(13)), None, "too long to be a number of anything");
        assert_eq!(numeral(&"九".repeat(12)), None, "does not fit");
    }

    #[test]
    fn sessions_are_ordinals() {
        assert_eq!(session("第二百十七回国会（常会）"), Some(217));
        assert_eq!(session("第217回"), Some(217));
        assert_eq!(session("001"), Some(1));
        assert_eq!(session("第三号"), None);
    }

    #[test]
    fn dates_are_read_in_every_form_the_records_use() {
        assert_eq!(date("令和七年一月二十四日提出"), Some(day(2025, 1, 24)));
        assert_eq!(date("令和 元年５月１日（水曜日）"), Some(day(2019, 5, 1)));
        assert_eq!(date("昭和二十二年六月六日"), Some(day(1947, 6, 6)));
        assert_eq!(date("2025年2月5日"), Some(day(2025, 2, 5)));
        assert_eq!(date("2025-02-05T09:00:00+09:00"), Some(day(2025, 2, 5)));
        assert_eq!(date("令和七年二月三十日"), None);
        assert_eq!(date("年"), None);
    }

    #[test]
    fn a_date_is_written_in_its_era() {
        assert_eq!(era(day(2025, 2, 5)), "令和7年2月5日");
        assert_eq!(era(day(2019, 4, 30)), "平成31年4月30日");
        assert_eq!(era(day(2019, 5, 1)), "令和元年5月1日");
        assert_eq!(era(day(1868, 1, 1)), "1868年1月1日");
    }
}
