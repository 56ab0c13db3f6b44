//! Numbers of a text by value, with their unit and bound: `三十日以内` is `30日以内`, `1,000円` is `千円`.
//!
//! Equal only when the unit is the same: 令和7年 is not 2025年, 百分の十 is not 10％, unless the passage says both. `三月` and
//! `3か月` are the same, since laws write the one and people the other. Numerals inside words (一般, 統一, 十分) are no numbers.

use super::fold::{Folded, is_numeral};
use std::borrow::Cow;
use std::collections::HashSet;

/// A number with what it counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Value {
    /// In units of 10⁻¹²; too large a number is the largest.
    scaled: u128,
    unit: Cow<'static, str>,
    /// Of 第五条の二: `[2]`.
    branch: Vec<u128>,
    /// 以上, 以下, 未満, 以内, 超 and the like.
    bound: Option<&'static str>,
}

/// The numbers of a text, each as it is written there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    written: Vec<(Value, String)>,
    known: HashSet<Value>,
}

const ONE: u128 = 1_000_000_000_000;
const UNITS: [(&str, &str); 70] = [
    ("か月", "月"),
    ("ヶ月", "月"),
    ("ケ月", "月"),
    ("箇月", "月"),
    ("カ月", "月"),
    ("ヵ月", "月"),
    ("月間", "月"),
    ("か年", "年"),
    ("箇年", "年"),
    ("ヶ年", "年"),
    ("年度", "年度"),
    ("年間", "年"),
    ("年", "年"),
    ("月", "月"),
    ("日間", "日"),
    ("日", "日"),
    ("円", "円"),
    ("条", "条"),
    ("項", "項"),
    ("号", "号"),
    ("章", "章"),
    ("節", "節"),
    ("款", "款"),
    ("編", "編"),
    ("%", "%"),
    ("パーセント", "%"),
    ("人", "人"),
    ("名", "人"),
    ("件", "件"),
    ("回", "回"),
    ("歳", "歳"),
    ("才", "歳"),
    ("時間", "時間"),
    ("時", "時"),
    ("分", "分"),
    ("秒", "秒"),
    ("週間", "週"),
    ("週", "週"),
    ("倍", "倍"),
    ("割", "割"),
    ("社", "社"),
    ("団体", "団体"),
    ("台", "台"),
    ("個", "個"),
    ("戸", "戸"),
    ("世帯", "世帯"),
    ("級", "級"),
    ("種", "種"),
    ("ページ", "頁"),
    ("頁", "頁"),
    ("ヘクタール", "ha"),
    ("平方メートル", "m2"),
    ("立方メートル", "m3"),
    ("キロメートル", "km"),
    ("メートル", "m"),
    ("キログラム", "kg"),
    ("グラム", "g"),
    ("トン", "t"),
    ("リットル", "l"),
    ("ドル", "ドル"),
    ("ポイント", "pt"),
    ("都道府県", "都道府県"),
    ("市町村", "市町村"),
    ("か国", "国"),
    ("カ国", "国"),
    ("か所", "所"),
    ("箇所", "所"),
    ("カ所", "所"),
    ("つ", "つ"),
    ("事業者", "事業者"),
];
const NUMBERED: [&str; 8] = ["条", "項", "号", "章", "節", "款", "編", "種"];
const BOUNDS: [(&str, &str); 9] = [
    ("以上", "以上"),
    ("以下", "以下"),
    ("未満", "未満"),
    ("以内", "以内"),
    ("を超え", "超"),
    ("超", "超"),
    ("以前", "以前"),
    ("以後", "以後"),
    ("以降", "以降"),
];
const ERAS: [&str; 5] = ["明治", "大正", "昭和", "平成", "令和"];

/// The numbers of a text.
pub(crate) fn values(folded: &Folded) -> Values {
    let text = folded.text();
    let mut out = Values::default();
    let (mut skip, mut before) = (enumerator(text), None);
    for (at, c) in text.char_indices() {
        let previous = before.replace(c);
        let rest = text.get(at..).unwrap_or("");
        if at < skip || !(is_numeral(c) || c == '元') {
            continue;
        }
        let era = ERAS.into_iter().find(|era| text.get(..at).is_some_and(|t| t.ends_with(era)));
        if c == '元' && era.is_none() {
            continue;
        }
        let (scaled, length) = if c == '元' { (ONE, c.len_utf8()) } else { number(rest) };
        skip = at + length;
        if c.is_ascii_digit() && previous.is_some_and(|p| p.is_ascii_alphabetic()) {
            continue;
        }
        if let Some(value) = value(rest, scaled, length, era, c) {
            let shown = rest.get(..value.1).unwrap_or(rest).to_owned();
            skip = skip.max(at + value.1);
            out.add(value.0, shown);
        }
    }
    out
}

/// The value a text begins with and its length, bound included.
fn value(rest: &str, scaled: u128, length: usize, era: Option<&str>, first: char) -> Option<(Value, usize)> {
    let mut end = length;
    let after = |end: usize| rest.get(end..).unwrap_or("");
    if ["一時", "十分"].iter().any(|word| rest.starts_with(word))
        && !after(end).starts_with("時間")
        && !["十分の", "十分ノ"].iter().any(|part| rest.starts_with(part))
    {
        return None;
    }
    let mut branch = Vec::new();
    let unit = if let Some(part) = after(end)
        .strip_prefix('分')
        .and_then(|part| part.strip_prefix(['の', 'ノ']))
        .filter(|part| part.starts_with(is_numeral))
    {
        let (part, length) = number(part);
        end += "分の".len() + length;
        Cow::Owned(format!("分の{part}"))
    } else if let Some((written, unit)) = UNITS.iter().find(|(written, _)| after(end).starts_with(written)) {
        end += written.len();
        while NUMBERED.contains(unit) {
            let Some(next) = after(end).strip_prefix(['の', 'ノ', '之']).filter(|next| next.starts_with(is_numeral))
            else {
                break;
            };
            let (part, length) = number(next);
            let behind = next.get(length..).unwrap_or("");
            if UNITS.iter().any(|(written, _)| behind.starts_with(written)) {
                break;
            }
            branch.push(part);
            // の, ノ and 之 take as many bytes.
            end += 'の'.len_utf8() + length;
        }
        match era {
            Some(era) if *unit == "年" => Cow::Owned(format!("{era}年")),
            _ => Cow::Borrowed(*unit),
        }
    } else if first.is_ascii_digit() {
        Cow::Borrowed("")
    } else {
        return None;
    };
    let bound = BOUNDS.iter().find(|(written, _)| after(end).starts_with(written));
    end += bound.map_or(0, |(written, _)| written.len());
    Some((Value { scaled, unit, branch, bound: bound.map(|(_, bound)| *bound) }, end))
}

/// The length of 「(1)」 or 「第1に、」 at the beginning: the writer's own counting.
fn enumerator(text: &str) -> usize {
    let inner = text.strip_prefix('(').or_else(|| text.strip_prefix('第')).unwrap_or(text);
    let digits = inner.len() - inner.trim_start_matches(is_numeral).len();
    let close = inner.get(digits..).unwrap_or("");
    let decimal = close.strip_prefix('.').is_some_and(|d| d.starts_with(|c: char| c.is_ascii_digit()));
    let ends = close.starts_with([')', '.']) && !decimal || text.starts_with('第') && close.starts_with(['に', '、']);
    if digits > 0 && ends { text.len() - close.len() } else { 0 }
}

/// Reads a numeral of either script or both (`1万5千`): its value and length.
fn number(text: &str) -> (u128, usize) {
    let (mut total, mut section) = (0_u128, 0_u128);
    let mut current: Option<u128> = None;
    let mut fraction: Option<u128> = None;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let rest = text.get(at + c.len_utf8()..).unwrap_or("");
        let digit = digit(c);
        if let Some(digit) = digit {
            match fraction {
                Some(place) => {
                    current = Some(current.unwrap_or(0).saturating_add(digit.saturating_mul(place)));
                    fraction = Some(place / 10);
                }
                None => {
                    current = Some(current.unwrap_or(0).saturating_mul(10).saturating_add(digit.saturating_mul(ONE)))
                }
            }
        } else if let Some(small) = power(c, &[('十', 10), ('百', 100), ('千', 1000)]) {
            section = section.saturating_add(current.take().unwrap_or(ONE).saturating_mul(small));
            fraction = None;
        } else if let Some(large) = power(c, &[('万', 10_000), ('億', 100_000_000), ('兆', 1_000_000_000_000)]) {
            let whole = section.saturating_add(current.take().unwrap_or(0));
            let whole = if whole == 0 { ONE } else { whole };
            total = total.saturating_add(whole.saturating_mul(large));
            section = 0;
            fraction = None;
        } else if c == ',' && current.is_some() && fraction.is_none() && thousands(rest) {
        } else if (c == '.' || c == '・') && current.is_some() && fraction.is_none() && rest.starts_with(digit_of) {
            fraction = Some(ONE / 10);
        } else {
            break;
        }
        end = at + c.len_utf8();
    }
    (total.saturating_add(section).saturating_add(current.unwrap_or(0)), end)
}

fn digit(c: char) -> Option<u128> {
    c.to_digit(10)
        .map(u128::from)
        .or_else(|| "〇一二三四五六七八九".chars().zip(0..).find(|(k, _)| *k == c).map(|(_, n)| n))
}

fn digit_of(c: char) -> bool {
    digit(c).is_some()
}

fn power(c: char, powers: &[(char, u128)]) -> Option<u128> {
    powers.iter().find(|(sign, _)| *sign == c).map(|(_, value)| *value)
}

fn thousands(rest: &str) -> bool {
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    digits == 3
}

impl Values {
    fn add(&mut self, value: Value, written: String) {
        self.known.insert(value.clone());
        self.known.insert(Value { bound: None, ..value.clone() });
        self.known.insert(Value { bound: None, unit: Cow::Borrowed(""), branch: Vec::new(), ..value.clone() });
        self.written.push((value, written));
    }

    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.written.extend(other.written);
        self.known.extend(other.known);
        self
    }

    /// Adds the numbers of paragraphs and items, which stand bare at the beginning of their lines (`２　…`, `一　…`), and 第一項,
    /// which is never written.
    pub(crate) fn with_line_numbers(mut self, source: &str) -> Self {
        let plain =
            |scaled, unit: &'static str| Value { scaled, unit: Cow::Borrowed(unit), branch: Vec::new(), bound: None };
        self.known.insert(plain(ONE, "項"));
        for line in source.lines() {
            let head: String = line.trim_start().chars().take(12).map(super::fold::fold).collect();
            let (scaled, length) = number(&head);
            if length > 0 && head.get(length..).is_some_and(|t| t.starts_with(char::is_whitespace)) {
                self.known.extend([plain(scaled, "項"), plain(scaled, "号")]);
            }
        }
        self
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// The first number that none of the others has, as written.
    pub(crate) fn missing_from(&self, others: &[&Values]) -> Option<&str> {
        let known = |value: &Value| others.iter().any(|other| other.known.contains(value));
        self.written.iter().find(|(value, _)| !known(value)).map(|(_, written)| written.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Values {
        values(&Folded::of(source))
    }

    fn missing(statement: &str, passage: &str) -> bool {
        read(statement).missing_from(&[&read(passage).with_line_numbers(passage)]).is_some()
    }

    #[test]
    fn equal_by_value() {
        for (statement, passage) in [
            ("30日", "三十日"),
            ("３０日以内", "三十日以内"),
            ("1,000円", "千円"),
            ("1万5千円", "一万五千円"),
            ("15,000円", "一万五千円"),
            ("第5条", "第五条"),
            ("第36条の2", "第三十六条の二"),
            ("第5条の2", "第五条ノ二"),
            ("第5条之2", "第五条の二"),
            ("3分の2", "三分ノ二"),
            ("令和7年", "令和七年"),
            ("令和元年", "令和1年"),
            ("2.5％", "二・五パーセント"),
            ("3か月", "三月"),
            ("二〇二五年", "2025年"),
            ("3分の2", "三分の二"),
            ("第2項", "１　甲\n２　乙"),
            ("第一項", "甲は、乙とする。"),
            ("第3号", "一　甲\n三　乙"),
            ("100人を超える", "百人を超え"),
            ("一般に、十分な統一的一時金の一部", ""),
            ("(1)届出", ""),
            ("30", "三十日"),
            ("A4判", ""),
        ] {
            assert!(!missing(statement, passage), "{statement} in {passage}: {:?}", read(statement));
        }
    }

    #[test]
    fn not_equal() {
        for (statement, passage) in [
            ("30日", "二十日"),
            ("30日", "三十月"),
            ("30日以上", "三十日以内"),
            ("30日以上", "三十日"),
            ("第5条", "第五条の二"),
            ("第5条の2", "第五条"),
            ("第5条", "第五条ノ二"),
            ("第5条の3", "第五条之二"),
            ("2025年", "令和七年"),
            ("10％", "百分の十"),
            ("1,000円", "一万円"),
            ("第2項", "甲は、乙とする。"),
            ("100人を超える", "百人以上"),
            ("5日", "十五日"),
            ("99999999999999999999999999999999999999999999円", "一円"),
        ] {
            assert!(missing(statement, passage), "{statement} in {passage}");
        }
    }
}
