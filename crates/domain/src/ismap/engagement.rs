//! 監査: from the check of independence to the report (machine C), and what an audit file holds of every item.

mod file;
mod guards;
mod proposal;

pub use file::{
    AuditFile, Conclusion, Evaluation, Evidence, EvidenceKind, FileCounts, FileFault, Finding, FindingState, Method,
    Reported, Scope,
};
pub(crate) use guards::decide;
pub use proposal::{PastAudit, Wanted, Why, auditable as items_to_audit, propose};

use super::chronicle::{Record, Stamp};
use super::party::SchemeRole;
use crate::id::{PartyId, PersonId, StatementId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What kind of audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EngagementKind {
    /// The first: weighs the design (read in a published source).
    Initial,
    /// For a renewal: weighs the operation (read in a published source).
    Renewal,
    /// 追加監査: of what changed after the signature (our reading of when one is due).
    Additional,
    /// 再監査 (登録規則 13).
    ReAudit,
}

impl EngagementKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Initial, Self::Renewal, Self::Additional, Self::ReAudit];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Initial => "初回の監査",
            Self::Renewal => "更新の監査",
            Self::Additional => "追加監査",
            Self::ReAudit => "再監査",
        }
    }
}

/// The relief for bodies with an ISMS: the management criteria follow a cycle of several years (from 2024-08, renewals
/// alone; read in a secondary account). Every condition has to be confirmed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct IsmsRelief {
    /// The certificate is valid over the whole audit period.
    pub covers_period: bool,
    /// The certification body is recognised through IAF.
    pub iaf_recognised: bool,
    /// Its scope covers service and organisation.
    pub scope_covers: bool,
    /// The operator confirmed the fit before the audit began.
    pub confirmed_before_start: bool,
    /// SHA-256 of the certificate.
    pub certificate_sha256: String,
}

/// A step of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum EngagementStep {
    /// A provider asks a firm.
    Propose {
        /// The firm.
        firm: PartyId,
        /// The statement.
        statement: StatementId,
        /// What kind.
        kind: EngagementKind,
    },
    /// The firm declares its independence from the provider.
    CheckIndependence {
        /// Capital ties, in words; empty when there are none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        capital_ties: String,
        /// Ties of officers, in words; empty when there are none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        officer_ties: String,
    },
    /// Contracted.
    Contract,
    /// The plan: which items, how deep. Only the page that holds the file gives this step.
    Plan {
        /// SHA-256 of the plan and what was counted.
        counts: FileCounts,
        /// SHA-256 of the file.
        sha256: String,
        /// The relief that is used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        isms: Option<IsmsRelief>,
    },
    /// Work begins.
    Start,
    /// Findings were handed to the provider. Only the page that holds the file gives this step.
    RaiseFindings {
        /// How many are open.
        open: u32,
        /// SHA-256 of the file.
        sha256: String,
    },
    /// The provider answered. Only the page that holds the file gives this step.
    Respond {
        /// How many are still open.
        open: u32,
        /// SHA-256 of the file.
        sha256: String,
    },
    /// The 業務実施責任者 or the 業務執行責任者 signs the finished file.
    SignOff {
        /// SHA-256 of the file that is signed.
        sha256: String,
    },
    /// 実施結果報告書. Only the page that holds the file gives this step.
    Report {
        /// The finished file.
        content: Reported,
    },
    /// A document was taken in as evidence, sealed.
    Evidence {
        /// SHA-256.
        sha256: String,
        /// The day the evidence speaks of; not the day it was taken in, which is the record's.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        effective_on: Date,
    },
    /// Closed after the report.
    Close,
    /// Given up before the report.
    Withdraw,
}

/// State of an audit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngagementState {
    /// Asked.
    #[default]
    Proposed,
    /// Independent.
    IndependenceChecked,
    /// Contracted.
    Contracted,
    /// Planned.
    Planned,
    /// At work.
    Fieldwork,
    /// Findings are with the provider.
    FindingsOpen,
    /// The provider has answered.
    CspResponse,
    /// Reported.
    Reported,
    /// Closed.
    Closed,
    /// Given up, or not independent.
    Withdrawn,
}

impl EngagementState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Proposed => "依頼",
            Self::IndependenceChecked => "独立性確認済み",
            Self::Contracted => "契約済み",
            Self::Planned => "計画済み",
            Self::Fieldwork => "実施中",
            Self::FindingsOpen => "指摘事項あり",
            Self::CspResponse => "回答済み",
            Self::Reported => "報告済み",
            Self::Closed => "完了",
            Self::Withdrawn => "中止",
        }
    }
}

/// An audit as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Engagement {
    /// The firm.
    pub firm: PartyId,
    /// The statement.
    pub statement: StatementId,
    /// What kind.
    pub kind: EngagementKind,
    /// State.
    pub state: EngagementState,
    /// Declared independent on.
    pub independent_on: Option<Date>,
    /// Contracted on.
    pub contracted_on: Option<Date>,
    /// What the plan counts.
    pub plan: Option<FileCounts>,
    /// SHA-256 of the planned file.
    pub plan_sha256: String,
    /// The relief that is used.
    pub isms: Option<IsmsRelief>,
    /// Findings still open.
    pub open_findings: u32,
    /// Who signed which file, by role.
    pub sign_offs: BTreeMap<SchemeRole, (PersonId, String)>,
    /// The report.
    pub report: Option<Reported>,
    /// Reported on.
    pub reported_on: Option<Date>,
    /// Evidence: SHA-256 with the day it speaks of.
    pub evidence: BTreeMap<String, Date>,
}

impl Default for Engagement {
    fn default() -> Self {
        Self {
            firm: PartyId::unnamed(),
            statement: StatementId::unnamed(),
            kind: EngagementKind::Initial,
            state: EngagementState::Proposed,
            independent_on: None,
            contracted_on: None,
            plan: None,
            plan_sha256: String::new(),
            isms: None,
            open_findings: 0,
            sign_offs: BTreeMap::new(),
            report: None,
            reported_on: None,
            evidence: BTreeMap::new(),
        }
    }
}

impl Record for Engagement {
    type Step = EngagementStep;

    fn fold(&mut self, step: &EngagementStep, stamp: &Stamp) {
        use EngagementState as S;
        match step {
            EngagementStep::Propose { firm, statement, kind } => {
                *self = Self { firm: firm.clone(), statement: statement.clone(), kind: *kind, ..Self::default() };
            }
            EngagementStep::CheckIndependence { .. } => {
                self.independent_on = Some(stamp.on);
                self.state = S::IndependenceChecked;
            }
            EngagementStep::Contract => {
                self.contracted_on = Some(stamp.on);
                self.state = S::Contracted;
            }
            EngagementStep::Plan { counts, sha256, isms } => {
                self.plan = Some(*counts);
                self.plan_sha256.clone_from(sha256);
                self.isms.clone_from(isms);
                self.state = S::Planned;
                self.sign_offs.clear();
            }
            EngagementStep::Start => self.state = S::Fieldwork,
            EngagementStep::RaiseFindings { open, .. } => {
                self.open_findings = *open;
                self.state = S::FindingsOpen;
                self.sign_offs.clear();
            }
            EngagementStep::Respond { open, .. } => {
                self.open_findings = *open;
                self.state = S::CspResponse;
                self.sign_offs.clear();
            }
            EngagementStep::SignOff { sha256 } => {
                if let Some(role) = stamp.role {
                    self.sign_offs.insert(role, (stamp.actor.clone(), sha256.clone()));
                }
            }
            EngagementStep::Report { content } => {
                self.report = Some(content.clone());
                self.reported_on = Some(stamp.on);
                self.state = S::Reported;
            }
            EngagementStep::Evidence { sha256, effective_on } => {
                self.evidence.insert(sha256.clone(), *effective_on);
            }
            EngagementStep::Close => self.state = S::Closed,
            EngagementStep::Withdraw => self.state = S::Withdrawn,
        }
    }
}
