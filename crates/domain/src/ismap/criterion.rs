//! 管理基準の項目: how an item is numbered, and what a catalogue holds of it.
//!
//! The text of the official criteria derives from JIS standards and is never shipped: operators import their own copy.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Longest text of an item, in characters.
pub const LONGEST_TEXT: usize = 8_000;

/// 統制目標 or 詳細管理策.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 統制目標: three numbers, such as `9.2.3`.
    Objective,
    /// 詳細管理策: four numbers, such as `12.2.1.15`.
    Detail,
}

impl Level {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Objective => "統制目標",
            Self::Detail => "詳細管理策",
        }
    }
}

/// Why a text is not the number of an item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the number of a criterion: three or four numbers with dots, then `.P`, `.B` or `.PB` at most, such as `9.2.3.11.PB`"
)]
pub struct BadCriterionId(pub String);

impl BadCriterionId {
    /// The same for people.
    pub fn ja(&self) -> String {
        format!(
            "`{}` は項目番号として読めません。`9.2.3` または `9.2.3.11.PB` のように、3 つか 4 つの数字を `.` でつなぎ、必要なら末尾に P・B・PB を付けてください。",
            self.0
        )
    }
}

/// The number of an item, in canonical form: without a leading `A.`. Ordered by its numbers, so that `5.1.1.10` follows
/// `5.1.1.9`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CriterionId {
    numbers: [u16; 4],
    suffix: Suffix,
}

/// What stands after the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Suffix {
    None,
    P,
    B,
    Pb,
}

impl CriterionId {
    /// Reads a number as people write it: full-width digits and a leading `A.` are understood.
    pub fn parse(text: &str) -> Result<Self, BadCriterionId> {
        let bad = || BadCriterionId(text.chars().take(80).collect());
        let narrow: String = text.trim().chars().map(narrow).collect();
        let rest = narrow.strip_prefix("A.").unwrap_or(&narrow);
        let mut numbers = [0u16; 4];
        let (mut count, mut suffix) = (0, Suffix::None);
        for part in rest.split('.') {
            if suffix != Suffix::None {
                return Err(bad());
            }
            match part {
                "P" => suffix = Suffix::P,
                "B" => suffix = Suffix::B,
                "PB" => suffix = Suffix::Pb,
                _ => {
                    let longest = if count < 3 { 2 } else { 3 };
                    let plain = !part.is_empty() && part.len() <= longest && part.bytes().all(|b| b.is_ascii_digit());
                    let place = numbers.get_mut(count).filter(|_| plain).ok_or_else(bad)?;
                    *place = part.parse().map_err(|_| bad())?;
                    if *place == 0 {
                        return Err(bad());
                    }
                    count += 1;
                }
            }
        }
        if count < 3 { Err(bad()) } else { Ok(Self { numbers, suffix }) }
    }

    /// 統制目標 or 詳細管理策.
    pub fn level(self) -> Level {
        if self.numbers[3] == 0 { Level::Objective } else { Level::Detail }
    }

    /// The chapter.
    pub fn chapter(self) -> u16 {
        self.numbers[0]
    }

    /// The numbers alone: three for an objective, the fourth zero.
    pub fn numbers(self) -> [u16; 4] {
        self.numbers
    }

    /// The numbers of the objective it belongs to (its own for an objective).
    pub fn objective(self) -> [u16; 3] {
        let [chapter, section, objective, _] = self.numbers;
        [chapter, section, objective]
    }

    /// The same number without its suffix, which comes before all that have one.
    pub fn without_suffix(self) -> Self {
        Self { suffix: Suffix::None, ..self }
    }

    /// The suffix says 提供者特有 (recalled, not confirmed: a default alone).
    pub fn says_provider(self) -> bool {
        matches!(self.suffix, Suffix::P | Suffix::Pb)
    }

    /// The suffix says 基本言明要件 (recalled, not confirmed: a default alone).
    pub fn says_basic(self) -> bool {
        matches!(self.suffix, Suffix::B | Suffix::Pb)
    }
}

/// Full-width letters, digits and dots as narrow ones.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | '．' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    }
}

impl fmt::Display for CriterionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.numbers;
        write!(f, "{a}.{b}.{c}")?;
        if d > 0 {
            write!(f, ".{d}")?;
        }
        f.write_str(match self.suffix {
            Suffix::None => "",
            Suffix::P => ".P",
            Suffix::B => ".B",
            Suffix::Pb => ".PB",
        })
    }
}

impl fmt::Debug for CriterionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CriterionId({self})")
    }
}

impl std::str::FromStr for CriterionId {
    type Err = BadCriterionId;
    fn from_str(text: &str) -> Result<Self, BadCriterionId> {
        Self::parse(text)
    }
}

impl Serialize for CriterionId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CriterionId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// An item of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Its number.
    pub id: CriterionId,
    /// Its number as the imported file wrote it, when that differs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub raw_id: String,
    /// What it asks for.
    pub text: String,
    /// 提供者特有, as imported.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flag_provider: bool,
    /// 基本言明要件, as imported.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flag_basic: bool,
    /// Group by importance, which decides in which year it is audited; empty when the file names none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub audit_group: String,
    /// Every how many years it is audited; `None` when the file does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle_years: Option<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_the_shapes_seen_are_read_and_written_back() {
        for text in ["9.2.3", "8.1.5.4.P", "9.2.3.11.PB", "13.2.3.7.P", "16.1.5.10", "7.2.2.18", "12.2.1.15"] {
            assert_eq!(CriterionId::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(CriterionId::parse(" A.9.2.3 ").unwrap().to_string(), "9.2.3");
        assert_eq!(CriterionId::parse("９．２．３．１１．ＰＢ").unwrap().to_string(), "9.2.3.11.PB");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "9",
            "9.2",
            "9.2.3.4.5",
            "9.2.3.P.4",
            "9.2.x",
            "9.2.3.",
            "9..3",
            "B.9.2.3",
            "9.2.3.1234",
            "123.1.1",
            "0.1.1",
            "9.2.3.11.PX",
            "9.2.3.11.P.B",
            "+9.2.3",
        ] {
            assert!(CriterionId::parse(text).is_err(), "{text:?} must not pass");
        }
    }

    #[test]
    fn ten_follows_nine_and_an_objective_comes_before_its_details() {
        let mut ids: Vec<CriterionId> =
            ["5.1.1.10", "5.1.1.9.PB", "5.1.1", "10.1.1", "5.1.2"].iter().map(|t| t.parse().unwrap()).collect();
        ids.sort();
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["5.1.1", "5.1.1.9.PB", "5.1.1.10", "5.1.2", "10.1.1"]);
    }
}
