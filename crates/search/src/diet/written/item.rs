//! Numbers of items: 一の１の（２）.

use crate::diet::number::leading;
use serde::{Deserialize, Serialize};
use std::fmt;

/// In which script an item is numbered. A question's levels differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Script {
    /// 一
    Kanji,
    /// （一）
    KanjiInBrackets,
    /// １
    Digits,
    /// （１）
    DigitsInBrackets,
    /// ①
    Circled,
    /// ア
    Kana,
}

/// One level of an item's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Label {
    /// How it is written.
    pub script: Script,
    /// Its number, from 1.
    pub number: u32,
}

/// An item by its path: 一の１ is `[一, １]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Item(pub Vec<Label>);

/// The order of kana in lists.
const KANA: &str = "アイウエオカキクケコサシスセソタチツテト";
/// Highest number an item has; higher ones are years or sums.
const HIGHEST: u32 = 200;

impl Label {
    /// The label at the beginning of a text, and what follows.
    pub(super) fn leading(text: &str) -> Option<(Self, &str)> {
        let first = text.chars().next()?;
        if let Some(inside) = text.strip_prefix(['（', '(']) {
            let (number, rest) = leading(inside)?;
            let script = if is_kanji(inside) { Script::KanjiInBrackets } else { Script::DigitsInBrackets };
            return Self::numbered(script, number, rest.strip_prefix(['）', ')'])?);
        }
        let rest = text.get(first.len_utf8()..)?;
        if let Some(number) = u32::from(first).checked_sub(u32::from('①')).filter(|n| *n < 20) {
            return Some((Self { script: Script::Circled, number: number + 1 }, rest));
        }
        if let Some(at) = KANA.chars().position(|c| c == first) {
            return Self::numbered(Script::Kana, u32::try_from(at).ok()? + 1, rest);
        }
        let (number, rest) = leading(text)?;
        Self::numbered(if is_kanji(text) { Script::Kanji } else { Script::Digits }, number, rest)
    }

    fn numbered(script: Script, number: u32, rest: &str) -> Option<(Self, &str)> {
        (1..=HIGHEST).contains(&number).then_some((Self { script, number }, rest))
    }
}

fn is_kanji(text: &str) -> bool {
    text.chars().next().is_some_and(|c| !c.is_ascii_digit() && !('０'..='９').contains(&c))
}

impl Item {
    /// Whether this is the other item or stands within it.
    pub fn within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The item that a label names when it comes after this one: the next of its script, or one level below.
    pub(super) fn followed_by(&self, label: Label) -> Self {
        let level = if label.script == Script::Kanji {
            // 一 is always the outermost.
            0
        } else {
            self.0.iter().position(|l| l.script == label.script).unwrap_or(self.0.len())
        };
        let mut path: Vec<Label> = self.0.iter().take(level).copied().collect();
        path.push(label);
        Self(path)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wide = |n: u32| -> String {
            n.to_string().chars().filter_map(|c| char::from_u32(u32::from('０') + c.to_digit(10)?)).collect()
        };
        match self.script {
            Script::Kanji => f.write_str(&kanji(self.number)),
            Script::KanjiInBrackets => write!(f, "（{}）", kanji(self.number)),
            Script::Digits => f.write_str(&wide(self.number)),
            Script::DigitsInBrackets => write!(f, "（{}）", wide(self.number)),
            Script::Circled => write!(f, "{}", char::from_u32(u32::from('①') + self.number - 1).unwrap_or('〓')),
            Script::Kana => {
                let at = usize::try_from(self.number).unwrap_or(0).saturating_sub(1);
                write!(f, "{}", KANA.chars().nth(at).unwrap_or('〓'))
            }
        }
    }
}

/// 一 to 二百, as items are counted.
fn kanji(number: u32) -> String {
    const ONES: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let one = |n: u32| usize::try_from(n).ok().and_then(|n| ONES.get(n)).copied().unwrap_or("");
    let many = |n: u32, unit: &str| match n {
        0 => String::new(),
        1 => unit.to_owned(),
        _ => format!("{}{unit}", one(n)),
    };
    format!("{}{}{}", many(number / 100 % 10, "百"), many(number / 10 % 10, "十"), one(number % 10))
}

impl fmt::Display for Item {
    /// 一の１の（２）
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, label) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("の")?;
            }
            write!(f, "{label}")?;
        }
        Ok(())
    }
}
