//! What was not taken, why, and where the first of each kind stand.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::line::Defect;

/// Why a line was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// In none of the formats, and no line of the file was before.
    UnknownFormat,
    /// Not divided as the format of the lines around it says.
    Shape,
    /// The time cannot be read.
    Time,
    /// The time has no year, and nothing says which.
    YearUnknown,
    /// The client cannot be read.
    Client,
    /// The status cannot be read.
    Status,
    /// A size cannot be read.
    Size,
    /// The address asked for cannot be read.
    Target,
    /// Longer than a line may be.
    TooLong,
    /// It holds a NUL byte, as files have them after a crash.
    NulByte,
    /// The last line, which breaks off.
    Unfinished,
}

impl From<Defect> for Reason {
    fn from(defect: Defect) -> Self {
        match defect {
            Defect::Shape => Self::Shape,
            Defect::Time => Self::Time,
            Defect::YearUnknown => Self::YearUnknown,
            Defect::Client => Self::Client,
            Defect::Status => Self::Status,
            Defect::Size => Self::Size,
            Defect::Target => Self::Target,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownFormat => "in no known format; name the format, or give a mapping of its columns",
            Self::Shape => {
                "not divided as the format says; look whether fields were added or a space stands in an address"
            }
            Self::Time => "the time cannot be read",
            Self::YearUnknown => "the time has no year; say when the log was written",
            Self::Client => "the client cannot be read",
            Self::Status => "the status cannot be read",
            Self::Size => "a size is no number",
            Self::Target => "the address asked for cannot be read",
            Self::TooLong => "longer than a line may be; raise the limit if such lines are real",
            Self::NulByte => "holds a NUL byte, as files do after a crash of the machine that wrote them",
            Self::Unfinished => "the last line breaks off",
        })
    }
}

impl Reason {
    /// The same in Japanese.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::UnknownFormat => "どの形式とも合いません。形式を指定するか、列の対応表を渡してください。",
            Self::Shape => "形式どおりに区切られていません。項目の追加や、URL の中の空白がないか確かめてください。",
            Self::Time => "日時を読めません。",
            Self::YearUnknown => "日時に年がありません。ログが書かれた時期を指定してください。",
            Self::Client => "端末を読めません。",
            Self::Status => "状態コードを読めません。",
            Self::Size => "大きさが数ではありません。",
            Self::Target => "アクセス先を読めません。",
            Self::TooLong => "行が長すぎます。実際にある行なら、上限を上げてください。",
            Self::NulByte => "NUL バイトがあります（記録中に機械が止まったときなどに残ります）。",
            Self::Unfinished => "最後の行が途中で切れています。",
        }
    }
}

/// Where a line stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, as it was named or found.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// Its first byte, from 0; of a compressed file, in what came out of it.
    pub offset: u64,
}

/// Lines that were not taken: all counted, the first of each reason with their places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejects {
    /// How many for each reason.
    pub counts: BTreeMap<Reason, u64>,
    /// Where the first ones are.
    pub places: BTreeMap<Reason, Vec<Place>>,
}

impl Rejects {
    pub(crate) fn add(&mut self, reason: Reason, most_places: usize, place: impl FnOnce() -> Place) {
        let count = self.counts.entry(reason).or_default();
        *count = count.saturating_add(1);
        if usize::try_from(*count).is_ok_and(|count| count <= most_places) {
            self.places.entry(reason).or_default().push(place());
        }
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.counts.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Both together; places of the earlier come first and stay within the larger number of the two.
    pub(crate) fn merge(&mut self, later: Self) {
        for (reason, count) in later.counts {
            let sum = self.counts.entry(reason).or_default();
            *sum = sum.saturating_add(count);
        }
        for (reason, places) in later.places {
            let kept = self.places.entry(reason).or_default();
            let most = kept.len().max(places.len());
            kept.extend(places);
            kept.truncate(most);
        }
    }
}
