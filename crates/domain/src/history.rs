//! What happened to an application, a permit or a service, step by step, as the ledger has it.

use crate::ds920::judgement::Verdict;
use crate::entry::Governance;
use crate::id::PersonId;
use crate::permit::{Change, Draft, RiskSheet};
use jiff::Timestamp;
use std::sync::Arc;

/// What is done to a service, as its history calls it.
pub mod of_service {
    /// It entered the register.
    pub const REGISTERED: &str = "登録";
    /// It was described anew.
    pub const CHANGED: &str = "内容の変更";
    /// Its terms changed.
    pub const TERMS_CHANGED: &str = "約款・提供条件の変更";
    /// It is no longer offered.
    pub const WITHDRAWN: &str = "提供の終了";
    /// How far the consultation has come.
    pub const CONSULTATION: &str = "申合せの報告・了解";
    /// A report was sent.
    pub const RETURN_SENT: &str = "報告の送付";
    /// A report was answered.
    pub const RETURN_ANSWERED: &str = "報告への回答";
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub deed: Deed,
    /// By whom; the installation itself acts as `sekisho`.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why, in the actor's words.
    pub reason: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Handed in.
    Submitted,
    /// 差戻し.
    Returned,
    /// Handed in again.
    Resubmitted {
        /// The content that stood before.
        before: Arc<Draft>,
    },
    /// 取下げ.
    Withdrawn,
    /// 不承認.
    Refused,
    /// 承認.
    Approved,
    /// The CAIO's decision on a possibly high risk.
    RiskDecided {
        /// Accepted or not.
        accepted: bool,
    },
    /// The risk sheet was answered anew.
    RiskAnswered {
        /// The answers before, if there were any.
        before: Option<RiskSheet>,
        /// The answers now.
        after: RiskSheet,
    },
    /// The CAIO's judgement of the risk.
    RiskJudged {
        /// The sheet that was judged.
        sheet: RiskSheet,
        /// What was decided.
        verdict: Verdict,
    },
    /// Something passed with the advisory board, in words.
    RiskBoard {
        /// What.
        what: &'static str,
    },
    /// Suspended; by hand when nothing changed.
    Suspended {
        /// What changed under the permit.
        changes: Vec<Change>,
    },
    /// Approved again.
    Reapproved {
        /// What had changed since the last approval.
        changes: Vec<Change>,
    },
    /// Revoked for good.
    Revoked,
    /// A conditional reason counts as met.
    ConditionMet {
        /// Its code.
        code: String,
        /// Last day it counts.
        until: jiff::civil::Date,
    },
    /// Something of a service, in words.
    Service {
        /// What was done.
        what: &'static str,
        /// Of what it was.
        detail: String,
    },
}

impl Deed {
    /// What people call it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Submitted => "提出",
            Self::Returned => "差戻し",
            Self::Resubmitted { .. } => "再提出",
            Self::Withdrawn => "取下げ",
            Self::Refused => "不承認",
            Self::Approved => "承認",
            Self::RiskDecided { accepted: true } => "リスクの受入れ（AI統括責任者）",
            Self::RiskDecided { accepted: false } => "リスクを認めない（AI統括責任者）",
            Self::RiskAnswered { .. } => "高リスク判定シートへの答え直し",
            Self::RiskJudged { verdict: Verdict::Low, .. } => "高リスクではないと判断（AI統括責任者）",
            Self::RiskJudged { verdict: Verdict::HighAccepted, .. } => "リスクの受入れ（AI統括責任者）",
            Self::RiskJudged { verdict: Verdict::HighWaiting, .. } => "高リスクと判断、助言・措置待ち（AI統括責任者）",
            Self::RiskJudged { verdict: Verdict::HighRefused, .. } => "リスクを認めない（AI統括責任者）",
            Self::RiskBoard { what } => what,
            Self::Suspended { changes } if changes.is_empty() => "停止",
            Self::Suspended { .. } => "自動停止",
            Self::Reapproved { .. } => "再承認",
            Self::Revoked => "取消し",
            Self::ConditionMet { .. } => "条件を満たしたことの記録",
            Self::Service { what, .. } => what,
        }
    }
}

impl Step {
    /// The step an entry is.
    pub(crate) fn of(entry: &Governance, deed: Deed) -> Self {
        Self { deed, by: entry.actor.clone(), at: entry.at, reason: entry.reason.clone() }
    }
}
