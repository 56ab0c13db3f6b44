//! Kanji numerals as figures, where they count something: 第五条 and 第5条 are one place, 一般 is no number.

/// What may follow a number that counts or orders.
fn is_counter(c: char) -> bool {
    matches!(
        c,
        '条' | '項'
            | '号'
            | '章'
            | '節'
            | '款'
            | '目'
            | '編'
            | '年'
            | '月'
            | '日'
            | '円'
            | '人'
            | '回'
            | '期'
            | '割'
            | '分'
            | '歳'
            | '時'
            | '箇'
            | '個'
            | 'か'
            | 'ヶ'
            | 'パ'
            | '%'
            | '倍'
            | '件'
            | '次'
            | '表'
            | '級'
            | '種'
            | '以'
            | '未'
            | '隻'
            | 'メ'
            | 'キ'
            | '平'
            | '立'
            | '週'
            | '世'
            | '類'
            | '部'
            | '口'
            | '株'
            | '通'
            | '名'
            | '台'
            | '万'
            | '億'
            | '兆'
    )
}

fn figure(c: char) -> Option<u64> {
    "〇一二三四五六七八九".chars().position(|f| f == c).and_then(|at| u64::try_from(at).ok())
}

/// Whether a character can stand in a kanji numeral.
pub(crate) fn is_kanji_figure(c: char) -> bool {
    matches!(
        c,
        '〇' | '一'
            | '二'
            | '三'
            | '四'
            | '五'
            | '六'
            | '七'
            | '八'
            | '九'
            | '十'
            | '百'
            | '千'
            | '万'
            | '億'
            | '兆'
    )
}

/// The value of a whole kanji numeral; `None` if it is none (千万 alone counts, 万 alone does not) or too large.
pub(crate) fn value(numeral: &[char]) -> Option<u64> {
    if numeral.iter().all(|c| figure(*c).is_some()) {
        return numeral.iter().try_fold(0_u64, |sum, c| sum.checked_mul(10)?.checked_add(figure(*c)?));
    }
    let (mut whole, mut section, mut digit): (u64, u64, Option<u64>) = (0, 0, None);
    for c in numeral {
        if let Some(f) = figure(*c) {
            if digit.is_some_and(|d| d != 0) {
                return None;
            }
            digit = Some(f);
            continue;
        }
        let small = match c {
            '十' => Some(10),
            '百' => Some(100),
            '千' => Some(1000),
            _ => None,
        };
        if let Some(unit) = small {
            section = section.checked_add(digit.take().unwrap_or(1).checked_mul(unit)?)?;
            continue;
        }
        let large: u64 = match c {
            '万' => 10_000,
            '億' => 100_000_000,
            '兆' => 1_000_000_000_000,
            _ => return None,
        };
        let before = section.checked_add(digit.take().unwrap_or(0))?;
        if before == 0 {
            return None;
        }
        whole = whole.checked_add(before.checked_mul(large)?)?;
        section = 0;
    }
    whole.checked_add(section)?.checked_add(digit.unwrap_or(0))
}

/// The two characters before a numeral.
#[derive(Clone, Copy)]
pub(crate) struct Before {
    pub(crate) last: Option<char>,
    pub(crate) second: Option<char>,
}

impl Before {
    /// 第五条, 第五条の二, 第五条の二の三: what orders.
    fn orders(self) -> bool {
        let branch =
            |c: char| is_kanji_figure(c) || c.is_ascii_digit() || matches!(c, '条' | '章' | '節' | '款' | '項' | '号');
        self.last == Some('第') || (self.last == Some('の') && self.second.is_some_and(branch))
    }
}

/// Whether a numeral that stands between these is a number and not part of a word.
pub(crate) fn counts(before: Before, numeral: &[char], after: Option<char>) -> bool {
    match numeral {
        // 一部, 二人: a single figure is a number before those counters alone that make no other word with it.
        [_] => {
            before.orders()
                || after.is_some_and(|c| matches!(c, '条' | '項' | '号' | '円' | '年' | '月' | '日' | '箇' | '歳'))
        }
        _ => before.orders() || numeral.len() > 2 || after.is_some_and(is_counter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<u64> {
        value(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn given_numerals_then_their_value() {
        assert_eq!(of("五"), Some(5));
        assert_eq!(of("三十六"), Some(36));
        assert_eq!(of("七百九"), Some(709));
        assert_eq!(of("二〇二五"), Some(2025));
        assert_eq!(of("一億二千万"), Some(120_000_000));
        assert_eq!(of("万"), None);
        assert_eq!(of("九九九九九九九九九九九九九九九九九九九九九九"), None);
    }
}
