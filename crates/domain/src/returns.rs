//! 報告: what a body tells of a service while it considers it, once 了解 was given, in use, when it changed and when it
//! ended; and to whom, by date.
//!
//! 申合せ 2023-05-08 (1) asks for a report of the use of services of 約款型, and (2) for a report while a service of
//! 個別契約 is considered, and for 了解. It sets no form and no day.

mod owed;
mod record;

pub use owed::{CHANGE, CONSIDERING, Ground, Owed, USE, are_asked_of, owed};
pub use record::{Answer, Answered, ReturnRecord, Way};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a report speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 検討中.
    Considering,
    /// 了解 was given.
    Consented,
    /// 利用中.
    InUse,
    /// 変更.
    Changed,
    /// 終了.
    Ended,
}

impl Stage {
    /// All of them, in the order of a service's life.
    pub const ALL: [Self; 5] = [Self::Considering, Self::Consented, Self::InUse, Self::Changed, Self::Ended];

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Considering => "considering",
            Self::Consented => "consented",
            Self::InUse => "in_use",
            Self::Changed => "changed",
            Self::Ended => "ended",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }

    /// What people call it.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Considering => "利用の検討",
            Self::Consented => "了解後の利用開始",
            Self::InUse => "利用の状況",
            Self::Changed => "変更",
            Self::Ended => "利用の終了",
        }
    }
}

/// 報告先, as it was from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressee {
    /// First day.
    pub since: Date,
    /// Its name.
    pub name: &'static str,
    /// The document that names it.
    pub document: &'static str,
    /// The document itself was read. `false` is 要確認: known from others who speak of it.
    pub confirmed: bool,
}

/// Those that are known, oldest first.
pub const ADDRESSEES: [Addressee; 2] = [
    Addressee {
        since: Date::constant(2023, 5, 8),
        name: "AI戦略チーム",
        document: "ChatGPT等の生成AIの業務利用に関する申合せ（2023年5月8日）",
        confirmed: true,
    },
    Addressee {
        since: Date::constant(2025, 3, 25),
        name: "AI戦略推進関係省庁会議幹事会",
        document: "同申合せ（第2.1版、2025年3月25日）",
        confirmed: false,
    },
];

/// To whom a body reports on a day; `None` before there was anyone.
pub fn addressee_on(day: Date) -> Option<&'static Addressee> {
    ADDRESSEES.iter().rev().find(|addressee| addressee.since <= day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addressee_is_that_of_the_day() {
        let on = |day: &str| addressee_on(day.parse().unwrap()).map(|addressee| addressee.name);
        assert_eq!(on("2023-05-07"), None);
        assert_eq!(on("2023-05-08"), Some("AI戦略チーム"));
        assert_eq!(on("2025-03-24"), Some("AI戦略チーム"));
        assert_eq!(on("2025-03-25"), Some("AI戦略推進関係省庁会議幹事会"));
        assert!(ADDRESSEES.is_sorted_by_key(|addressee| addressee.since));
        assert!(Stage::ALL.into_iter().all(|stage| Stage::named(stage.as_str()) == Some(stage)));
    }
}
