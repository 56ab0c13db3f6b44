//! リスク判断: the CAIO judges the risk of each use case, with the sheet, the table's result and, where the risk may be high,
//! what the advisory board said. The table advises; what the CAIO says counts.

use super::risk_table::RiskLevel;
use crate::id::{PersonId, RiskTableId};
use crate::permit::{Draft, RiskSheet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the CAIO decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The risk is not high.
    Low,
    /// The risk is high, and is accepted with what reduces it.
    HighAccepted,
    /// The risk is high, and uses wait for advice or for what reduces it.
    HighWaiting,
    /// The risk is high, and the use is not to be.
    HighRefused,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Low, Self::HighAccepted, Self::HighWaiting, Self::HighRefused];

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Low => "高リスクではないと判断",
            Self::HighAccepted => "高リスクと判断し、措置を条件に受け入れる",
            Self::HighWaiting => "高リスクと判断し、助言・措置を待つ（それまで使えない）",
            Self::HighRefused => "高リスクと判断し、この利用を認めない",
        }
    }

    /// The name under which it is sent and stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::HighAccepted => "high_accepted",
            Self::HighWaiting => "high_waiting",
            Self::HighRefused => "high_refused",
        }
    }
}

/// A judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The sheet that was judged.
    pub sheet: RiskSheet,
    /// The table that was asked; `None` is the program's own.
    pub table: Option<RiskTableId>,
    /// What it said.
    pub result: RiskLevel,
    /// What was decided.
    pub verdict: Verdict,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A step with the advisory board (先進的AI利活用アドバイザリーボード), whose secretariat is at デジタル庁.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum BoardStep {
    /// The CAIO reported.
    Report {
        /// 目的.
        purpose: String,
        /// リスクを減らす措置.
        mitigation: String,
        /// 品質の確保.
        quality: String,
    },
    /// Advice came.
    Advise {
        /// Point by point.
        items: Vec<String>,
    },
    /// A point is answered.
    Respond {
        /// Which, from 0 over all advice of the application.
        item: u16,
        /// What is done about it.
        response: String,
    },
}

impl BoardStep {
    /// What people call it.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Report { .. } => "アドバイザリーボードへの報告",
            Self::Advise { .. } => "アドバイザリーボードの助言",
            Self::Respond { .. } => "助言への対応",
        }
    }
}

/// A report to the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardReport {
    /// When.
    pub at: Timestamp,
    /// 目的.
    pub purpose: String,
    /// リスクを減らす措置.
    pub mitigation: String,
    /// 品質の確保.
    pub quality: String,
}

/// A point of advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// When it came.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
    /// What was done about it, and when that was said.
    pub response: Option<(Timestamp, String)>,
}

/// What is recorded of an application's risk beside the application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RiskRecord {
    /// A sheet that was given after the application's own.
    pub sheet: Option<RiskSheet>,
    /// Sheets that counted since the last judgement and were answered anew. Milder answers alone open nothing: the
    /// gravest of them counts until the CAIO has looked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<RiskSheet>,
    /// The judgement made last.
    pub judged: Option<Judgement>,
    /// Since when something of weight differs from what was judged.
    pub changed: Option<Timestamp>,
    /// Reports to the board.
    pub reports: Vec<BoardReport>,
    /// Advice of the board, point by point.
    pub advice: Vec<Advice>,
}

impl RiskRecord {
    /// A sheet is answered anew.
    pub(crate) fn outgrow(&mut self, sheet: Option<RiskSheet>) {
        self.earlier.extend(sheet.filter(|sheet| !self.earlier.contains(sheet)));
    }

    /// A judgement that no longer covers what stands now.
    pub fn is_stale(&self) -> bool {
        self.judged.is_some() && self.changed.is_some()
    }

    pub(crate) fn fold_board(&mut self, at: Timestamp, step: &BoardStep) {
        match step {
            BoardStep::Report { purpose, mitigation, quality } => self.reports.push(BoardReport {
                at,
                purpose: purpose.clone(),
                mitigation: mitigation.clone(),
                quality: quality.clone(),
            }),
            BoardStep::Advise { items } => {
                self.advice.extend(items.iter().map(|text| Advice { at, text: text.clone(), response: None }));
            }
            BoardStep::Respond { item, response } => {
                if let Some(advice) = self.advice.get_mut(usize::from(*item)) {
                    advice.response = Some((at, response.clone()));
                }
            }
        }
    }
}

/// Something differs that the judgement of a risk rests on: the sheet, the work, the services, who uses them or what
/// information they may handle. Dates and words of the applicant's own check are not.
pub fn is_material(before: &Draft, after: &Draft) -> bool {
    before.risk != after.risk
        || before.purpose != after.purpose
        || before.services != after.services
        || before.users != after.users
        || before.ceiling != after.ceiling
}
