//! The numbers of articles and items, with their branches: 第五条の二, 第二号の三.

use std::fmt;
use std::str::FromStr;

use super::name::is_kanji;
use super::numeral;

/// How many branches deep a number may be: 第十八条の二十三の二の二の二 has five parts; none is known with more.
const MOST_PARTS: usize = 8;

/// A number with branches, ordered as law orders it: 五 < 五の二 < 五の三 < 六.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Branched([u16; MOST_PARTS]);

impl Branched {
    fn from_parts(parts: impl IntoIterator<Item = u32>) -> Option<Self> {
        let mut all = [0_u16; MOST_PARTS];
        let mut slots = all.iter_mut();
        let mut any = false;
        for part in parts {
            let part = u16::try_from(part).ok().filter(|part| *part > 0)?;
            *slots.next()? = part;
            any = true;
        }
        any.then_some(Self(all))
    }

    fn parts(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().take_while(|part| **part > 0).map(|part| u32::from(*part))
    }

    /// `5_2`, also with `-`, as attributes write it.
    fn from_key(key: &str) -> Option<Self> {
        let mut parts = Vec::with_capacity(2);
        for part in key.split(['_', '-']) {
            parts.push(numeral::whole(part)?);
        }
        Self::from_parts(parts)
    }

    /// The number, its unit and its branches at the beginning of a text that may begin with 第, and the bytes taken.
    fn leading(text: &str, unit: char) -> Option<(Self, usize)> {
        let mut rest = text.strip_prefix('第').unwrap_or(text);
        let (first, length) = numeral::leading(rest)?;
        rest = rest.get(length..)?;
        let mut parts = vec![first];
        let mut united = false;
        loop {
            if !united && let Some(after) = rest.strip_prefix(unit) {
                united = true;
                rest = after;
            }
            let Some((part, after)) = branch(rest, unit) else { break };
            parts.push(part);
            rest = after;
        }
        if !united {
            return None;
        }
        Some((Self::from_parts(parts)?, text.len() - rest.len()))
    }

    /// As [`Self::leading`], where the unit need not stand: 別表第一の二.
    fn loose(text: &str, unit: char) -> Option<(Self, usize)> {
        if let Some(found) = Self::leading(text, unit) {
            return Some(found);
        }
        let mut rest = text.strip_prefix('第').unwrap_or(text);
        let (first, length) = numeral::leading(rest)?;
        rest = rest.get(length..)?;
        let mut parts = vec![first];
        while let Some((part, after)) = branch(rest, unit) {
            parts.push(part);
            rest = after;
        }
        Some((Self::from_parts(parts)?, text.len() - rest.len()))
    }

    fn from_text(text: &str, unit: char) -> Option<Self> {
        Self::loose(text, unit).filter(|(_, length)| *length == text.len()).map(|(number, _)| number)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, unit: char) -> fmt::Result {
        for (index, part) in self.parts().enumerate() {
            f.write_str(if index == 0 { "第" } else { "の" })?;
            f.write_str(&numeral::to_kanji(part))?;
            if index == 0 {
                write!(f, "{unit}")?;
            }
        }
        Ok(())
    }

    fn key(&self) -> String {
        let parts: Vec<String> = self.parts().map(|part| part.to_string()).collect();
        parts.join("_")
    }
}

/// A branch, `の二`, and what follows it. There is no branch の一, so 第五条の一般 is none; and の二人 counts people.
fn branch(text: &str, unit: char) -> Option<(u32, &str)> {
    let after = text.strip_prefix(['の', 'ノ', '之'])?;
    let (number, length) = numeral::leading(after)?;
    let rest = after.get(length..)?;
    // Items speak of numbers of things far oftener than articles do, whose branches the words of a table follow directly
    // in some copies of the laws (第三条の二国民年金の…).
    let follows = unit == '条' || after.starts_with(|c: char| numeral::arabic(c).is_some()) || may_follow(rest);
    (number > 1 && !counts(rest) && follows).then_some((number, rest))
}

/// Whether a text begins with what the number before it counts.
fn counts(rest: &str) -> bool {
    const WORDS: [&str; 26] = [
        "か月",
        "か所",
        "か国",
        "か年",
        "カ月",
        "カ所",
        "カ国",
        "ケ月",
        "メートル",
        "ミリ",
        "センチ",
        "キロ",
        "グラム",
        "トン",
        "リットル",
        "ヘクタール",
        "パーセント",
        "ポイント",
        "ページ",
        "ドル",
        "大都市",
        "酸化",
        "等分",
        "次元",
        "重に",
        "世代",
    ];
    rest.starts_with([
        '人', '分', '種', '日', '月', '年', '箇', 'ヶ', 'ヵ', '回', '倍', '以', '者', 'つ', '週', '個', '社', '名',
        '級', '割', '期', '都', '般', '部', '定', '方', '件', '円', '項', '号', '未', '時', '頭', '台', '隻', '営',
        '歳', '億', '兆', '軒', '戸', '棟', '枚', '％', '%',
    ]) || WORDS.iter().any(|word| rest.starts_with(word))
}

/// Whether a text may follow the number of an item: an end, a mark, an ending, a subitem, another place.
fn may_follow(rest: &str) -> bool {
    const WORDS: [&str; 53] = [
        "条",
        "及",
        "又",
        "並",
        "若",
        "乃至",
        "中「",
        "中の",
        "中、",
        "本文",
        "前段",
        "後段",
        "前条",
        "前項",
        "前号",
        "各号",
        "各項",
        "各本条",
        "等の",
        "等に",
        "等を",
        "関係",
        "規定",
        "附則",
        "別表",
        "別記",
        "様式",
        "書式",
        "同条",
        "同項",
        "同号",
        "同表",
        "見出し",
        "末尾",
        "次条",
        "次項",
        "次号",
        "但書",
        "当該",
        "該当",
        "違反",
        "適用",
        "準用",
        "改正",
        "削除",
        "追加",
        "平成",
        "昭和",
        "令和",
        "規則",
        "政令",
        "省令",
        "令第",
    ];
    let Some(first) = rest.chars().next() else { return true };
    let law = rest.strip_prefix('法').is_some_and(|after| !after.starts_with('人'));
    first == '第' || !is_kanji(first) || law || WORDS.iter().any(|word| rest.starts_with(word))
}

/// The number of an article: 第五条の二 is `5_2`.
///
/// [`fmt::Display`] writes 第五条の二; [`ArticleNumber::key`] writes `5_2`. Parsed from either, from `5-2`, and from
/// 五条の二, 第5条の2, 第５条の２ or 五の二.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArticleNumber(Branched);

/// The number of an item, or the label of the table it is counted by: 第二号の三 is `2_3`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemNumber(Branched);

/// A text that is no number of an article or item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number such as 第五条の二 or `5_2`")]
pub struct NotANumber(String);

macro_rules! numbers {
    ($name:ident, $unit:literal) => {
        impl $name {
            /// A plain number without branches. `None` for zero and for numbers over 65,535.
            pub fn plain(number: u32) -> Option<Self> {
                Branched::from_parts([number]).map(Self)
            }

            /// As ids and attributes write it: `5_2`.
            pub fn key(&self) -> String {
                self.0.key()
            }

            /// The number itself and its branches, from the outside in: 5, 2.
            pub fn parts(&self) -> impl Iterator<Item = u32> + '_ {
                self.0.parts()
            }

            /// The number at the beginning of a text, and how many bytes it takes. Its unit must stand.
            pub fn leading(text: &str) -> Option<(Self, usize)> {
                Branched::leading(text, $unit).map(|(number, length)| (Self(number), length))
            }
        }

        impl FromStr for $name {
            type Err = NotANumber;

            fn from_str(text: &str) -> Result<Self, NotANumber> {
                let number = Branched::from_key(text).or_else(|| Branched::from_text(text, $unit));
                number.map(Self).ok_or_else(|| NotANumber(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write(f, $unit)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0.key())
            }
        }
    };
}

numbers!(ArticleNumber, '条');
numbers!(ItemNumber, '号');

impl ItemNumber {
    /// As [`Self::leading`], where the unit need not stand: 別表第一の二.
    pub(crate) fn loose(text: &str) -> Option<(Self, usize)> {
        Branched::loose(text, '号').map(|(number, length)| (Self(number), length))
    }
}

/// The first and, where several share one text (第三条から第五条まで　削除), the last of a `Num` attribute: `3:5`.
pub(crate) fn range(num: &str) -> Option<(ArticleNumber, Option<ArticleNumber>)> {
    match num.split_once(':') {
        Some((first, last)) => Some((first.parse().ok()?, Some(last.parse().ok()?))),
        None => Some((num.parse().ok()?, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(text: &str) -> ArticleNumber {
        text.parse().unwrap()
    }

    #[test]
    fn one_article_is_written_in_many_ways() {
        for text in ["5_2", "5-2", "第五条の二", "第5条の2", "第５条の２", "五条の二", "五の二", "第五ノ二条"]
        {
            assert_eq!(article(text).key(), "5_2", "{text}");
        }
        assert_eq!(article("5_2").to_string(), "第五条の二");
        assert_eq!(article("18_23_2").to_string(), "第十八条の二十三の二");
        assert_eq!("2_3".parse::<ItemNumber>().unwrap().to_string(), "第二号の三");
    }

    #[test]
    fn branches_stand_after_their_article_and_before_the_next() {
        let mut all = ["6", "5_10", "5_2_2", "5", "5_2", "10"].map(article);
        all.sort_unstable();
        assert_eq!(all.map(|number| number.key()), ["5", "5_2", "5_2_2", "5_10", "6", "10"]);
    }

    #[test]
    fn what_only_looks_like_a_branch_is_not_taken() {
        for (text, key, rest) in [
            ("第五条の一般社団法人", "5", "の一般社団法人"),
            ("第五条の二の規定", "5_2", "の規定"),
            ("第五条の二人以上", "5", "の二人以上"),
            ("第五条の二第三項", "5_2", "第三項"),
            ("第五条の四から", "5_4", "から"),
            ("第五条の四か月", "5", "の四か月"),
        ] {
            let (number, length) = ArticleNumber::leading(text).unwrap();
            assert_eq!((number.key().as_str(), &text[length..]), (key, rest), "{text}");
        }
    }

    #[test]
    fn a_number_of_something_is_no_branch() {
        for (text, rest) in [
            ("第三号の十八歳", "の十八歳"),
            ("第二号の二酸化炭素", "の二酸化炭素"),
            ("第二号の二等陸士", "の二等陸士"),
            ("第二号の二法人", "の二法人"),
            ("第二号の三メートル", "の三メートル"),
            ("第二号の三億円", "の三億円"),
            ("第3号の18歳", "の18歳"),
        ] {
            let (number, length) = ItemNumber::leading(text).unwrap();
            assert_eq!((number.parts().count(), &text[length..]), (1, rest), "{text}");
        }
        for (text, rest) in [
            ("第三条の三大都市", "の三大都市"),
            ("第三条の十八歳", "の十八歳"),
            ("第三条の二酸化炭素", "の二酸化炭素"),
            ("第三条の三億円", "の三億円"),
        ] {
            let (number, length) = ArticleNumber::leading(text).unwrap();
            assert_eq!((number.parts().count(), &text[length..]), (1, rest), "{text}");
        }
        for text in [
            "第二号の二イからハ",
            "第二号の二ニ規定",
            "第二号の二中「甲」",
            "第二号の二中の表",
            "第二号の二法第三条",
            "第二号の二及び",
            "第二号の二様式",
        ] {
            assert_eq!(ItemNumber::leading(text).unwrap().0.key(), "2_2", "{text}");
        }
        // As the cells of tables run together in some copies of the laws.
        for text in ["第三条の二国民年金", "第三条の二登録", "第三条の二各号", "第三条の二次条", "第3条の2解説"]
        {
            assert_eq!(ArticleNumber::leading(text).unwrap().0.key(), "3_2", "{text}");
        }
    }

    #[test]
    fn ranges_and_nonsense() {
        assert_eq!(range("3:5"), Some((article("3"), Some(article("5")))));
        for text in ["", "0", "条", "第条", "五条の", "1_2_3_4_5_6_7_8_9", "70000", "5__2"] {
            assert!(text.parse::<ArticleNumber>().is_err(), "{text}");
        }
    }
}
