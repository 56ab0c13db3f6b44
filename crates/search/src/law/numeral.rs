//! Numbers as Japanese law writes them: 二十七, 二七, 27, ２７.

/// The number at the beginning of a text, and how many bytes it takes.
///
/// Kanji are read by place (百二十三) where a unit stands among them and digit by digit (一二三) where none does. Half
/// and full-width Arabic figures are read alike. `None` where no number stands, or one too large for any law.
pub(crate) fn leading(text: &str) -> Option<(u32, usize)> {
    let first = text.chars().next()?;
    if arabic(first).is_some() { by_digit(text, arabic) } else { kanji(text) }
}

/// The number that is the whole of a text.
pub(crate) fn whole(text: &str) -> Option<u32> {
    leading(text).filter(|(_, length)| *length == text.len()).map(|(number, _)| number)
}

/// A number in kanji by place: 36 is 三十六, 1000 is 千.
pub(crate) fn to_kanji(number: u32) -> String {
    if number == 0 {
        return "〇".to_owned();
    }
    let mut out = String::new();
    for (place, unit) in [(100_000_000, "億"), (10_000, "万"), (1, "")] {
        let group = number / place % 10_000;
        if group > 0 {
            below_ten_thousand(group, &mut out);
            out.push_str(unit);
        }
    }
    out
}

fn below_ten_thousand(number: u32, out: &mut String) {
    for (place, unit) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number / place % 10;
        // 千 and 百 and 十 stand without a 一 before them.
        if digit > 1 || (digit == 1 && place == 1) {
            out.push(digit_to_kanji(digit));
        }
        if digit > 0 {
            out.push_str(unit);
        }
    }
}

fn digit_to_kanji(digit: u32) -> char {
    match digit {
        1 => '一',
        2 => '二',
        3 => '三',
        4 => '四',
        5 => '五',
        6 => '六',
        7 => '七',
        8 => '八',
        9 => '九',
        _ => '〇',
    }
}

/// A figure of half or full width.
pub(crate) fn arabic(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(u32::from(c) - u32::from('0')),
        '０'..='９' => Some(u32::from(c) - u32::from('０')),
        _ => None,
    }
}

fn kanji_digit(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '○' => 0,
        '一' | '壱' => 1,
        '二' | '弐' => 2,
        '三' | '参' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

fn unit(c: char) -> Option<u32> {
    Some(match c {
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        '万' => 10_000,
        _ => return None,
    })
}

fn by_digit(text: &str, digit: impl Fn(char) -> Option<u32>) -> Option<(u32, usize)> {
    let mut number = 0_u32;
    let mut length = 0;
    for c in text.chars() {
        let Some(d) = digit(c) else { break };
        number = number.checked_mul(10)?.checked_add(d)?;
        length += c.len_utf8();
    }
    (length > 0).then_some((number, length))
}

fn kanji(text: &str) -> Option<(u32, usize)> {
    let run: usize =
        text.chars().take_while(|c| kanji_digit(*c).is_some() || unit(*c).is_some()).map(char::len_utf8).sum();
    let run_text = text.get(..run).filter(|run| !run.is_empty())?;
    if !run_text.chars().any(|c| unit(c).is_some()) {
        return by_digit(run_text, kanji_digit);
    }
    let (mut total, mut group, mut digit) = (0_u32, 0_u32, None::<u32>);
    let mut length = 0;
    for c in run_text.chars() {
        if let Some(d) = kanji_digit(c) {
            if digit.is_some() {
                // 百二三 is not one number by place: what follows the first digit belongs to something else.
                break;
            }
            digit = Some(d);
        } else if let Some(unit) = unit(c) {
            if unit == 10_000 {
                group = group.checked_add(digit.take().unwrap_or(0))?;
                total = total.checked_add(group.max(1).checked_mul(unit)?)?;
                group = 0;
            } else {
                group = group.checked_add(digit.take().unwrap_or(1).checked_mul(unit)?)?;
            }
        }
        length += c.len_utf8();
    }
    let number = total.checked_add(group)?.checked_add(digit.unwrap_or(0))?;
    Some((number, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_ways_of_writing_are_read() {
        for text in ["百二十七", "一二七", "127", "１２７"] {
            assert_eq!(whole(text), Some(127), "{text}");
        }
        assert_eq!(whole("千"), Some(1000));
        assert_eq!(whole("一万二千"), Some(12_000));
        assert_eq!(whole("昭"), None);
        assert_eq!(whole(""), None);
        assert_eq!(leading("三十条"), Some((30, 6)));
        assert_eq!(whole("99999999999999"), None, "larger than any law");
    }

    #[test]
    fn what_is_written_is_read_back() {
        for number in (1..3000).chain([10_000, 12_345, 99_999]) {
            assert_eq!(whole(&to_kanji(number)), Some(number), "{}", to_kanji(number));
        }
    }
}
