//! Deadlines of a リスクケース, as data. The days for 個人情報の漏えい等 are read for the private sector's rule alone; that
//! they hold for 行政機関等 is not confirmed (K). Days within the body are this program's proposal (D).

use super::risk_case::CaseKind;
use crate::decision::Evidence;
use crate::id::PersonId;
use crate::refusal::Refusal;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

/// Most deadlines of a list.
const MOST: usize = 100;
/// Most days of a deadline.
const MOST_DAYS: u16 = 365;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// 提供者（サービスの管理を担う部署）の受付.
    Receipt,
    /// AI統括責任者への報告.
    ToCaio,
    /// 速報.
    Preliminary,
    /// 確報.
    Final,
    /// 本人への通知.
    Notice,
}

impl Due {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Receipt, Self::ToCaio, Self::Preliminary, Self::Final, Self::Notice];

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Receipt => "提供者の受付",
            Self::ToCaio => "AI統括責任者への報告",
            Self::Preliminary => "速報",
            Self::Final => "確報",
            Self::Notice => "本人への通知",
        }
    }

    /// The name under which it is sent and stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::ToCaio => "to_caio",
            Self::Preliminary => "preliminary",
            Self::Final => "final",
            Self::Notice => "notice",
        }
    }
}

/// One deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Of which kind of case; of every kind when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CaseKind>,
    /// What is due.
    pub due: Due,
    /// Days, the day on which it became known being the first.
    pub days: u16,
    /// What it rests on.
    pub basis: String,
    /// How well that is known.
    pub evidence: Evidence,
}

impl Clock {
    /// The last day, counted from when it became known. That day is the first: of the two ways of counting, the one that
    /// ends earlier.
    pub fn last_day(&self, known: Date) -> Date {
        known.saturating_add(i64::from(self.days.saturating_sub(1)).days())
    }
}

/// A list of deadlines with who set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdoptedClocks {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Why, in the actor's words.
    pub reason: String,
    /// First day it counts, for cases that are open then too.
    pub from: Date,
    /// The deadlines.
    pub clocks: Vec<Clock>,
}

/// The program's own list.
pub fn builtin() -> Vec<Clock> {
    let private = "個人情報保護法 68条。日数は民間の規則（おおむね3〜5日、30日、不正の目的のおそれは60日）による。行政機関等の規則は要確認";
    let own = "本プログラムの案";
    let clock = |kind: Option<CaseKind>, due: Due, days: u16, basis: &str, evidence: Evidence| Clock {
        kind,
        due,
        days,
        basis: basis.to_owned(),
        evidence,
    };
    let (leak, wrongful, my_number) =
        (Some(CaseKind::PersonalData), Some(CaseKind::PersonalDataWrongful), Some(CaseKind::SpecificPersonalData));
    let number = "番号法 29条の4。日数は個人情報の漏えい等に合わせた。要確認";
    vec![
        clock(None, Due::Receipt, 2, own, Evidence::D),
        clock(None, Due::ToCaio, 3, own, Evidence::D),
        clock(leak, Due::Preliminary, 3, private, Evidence::K),
        clock(leak, Due::Final, 30, private, Evidence::K),
        clock(wrongful, Due::Preliminary, 3, private, Evidence::K),
        clock(wrongful, Due::Final, 60, private, Evidence::K),
        clock(my_number, Due::Preliminary, 3, number, Evidence::K),
        clock(my_number, Due::Final, 30, number, Evidence::K),
    ]
}

/// That a list can be kept: bounded, each deadline once, each with what it rests on.
pub fn check(clocks: &[Clock]) -> Result<(), Refusal> {
    if clocks.len() > MOST {
        return Err(Refusal::invalid(
            format!("期限は {MOST} 件までです。"),
            format!("at most {MOST} deadlines are allowed"),
        ));
    }
    for (at, clock) in clocks.iter().enumerate() {
        let line = at + 1;
        if clock.days == 0 || clock.days > MOST_DAYS {
            return Err(Refusal::invalid(
                format!("{line} 件目の期限の日数は 1 から {MOST_DAYS} で入力してください。"),
                format!("`days` of deadline {line} must lie between 1 and {MOST_DAYS}"),
            ));
        }
        crate::command::words("期限の根拠", "what a deadline rests on", &clock.basis, 300)?;
        if clocks.iter().take(at).any(|other| (other.kind, other.due) == (clock.kind, clock.due)) {
            return Err(Refusal::invalid(
                format!("{line} 件目の期限（{}）が二重にあります。一方を消してください。", clock.due.label()),
                format!("deadline {line} stands twice; remove one"),
            ));
        }
    }
    Ok(())
}
