//! 監査: from the check of independence to the report (machine C), and what an audit file holds of every item.

mod file;
mod proposal;

pub use file::{
    AuditFile, Conclusion, Evaluation, Evidence, EvidenceKind, FileCounts, FileFault, Finding, FindingState, Method,
    Reported, Scope,
};
pub use proposal::{PastAudit, Wanted, Why, auditable as items_to_audit, propose};

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use super::party::{PartyKind, SchemeRole};
use super::statement::StatementState;
use crate::command::StepEngagement;
use crate::event::{EngagementStepped, Event, StatementStepped};
use crate::id::{PartyId, PersonId, StatementId};
use crate::ismap::statement::StatementStep;
use crate::refusal::Refusal;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What kind of audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EngagementKind {
    /// The first: weighs the design.
    Initial,
    /// For a renewal: weighs the operation.
    Renewal,
    /// 追加監査: of what changed after the signature.
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

/// A signed statement is audited, and a published one once more where a 再監査 was ordered.
fn auditable(state: StatementState, kind: EngagementKind) -> bool {
    state == StatementState::Signed || (state == StatementState::Published && kind == EngagementKind::ReAudit)
}

/// The firm is registered and in force on a day; what it takes is told otherwise.
fn effective(acting: &Acting<'_>, firm: &PartyId, on: Date, what: &str) -> Result<(), Refusal> {
    let known = acting.scheme.firms.now(firm);
    if known.is_some_and(|f| f.is_effective(on)) {
        return Ok(());
    }
    let state = known.map_or("登録なし", |f| f.state_on(on).label());
    let until = known.and_then(|f| f.until).map_or(String::new(), |d| format!("、期間の末日 {d}"));
    Err(Refusal::wrong_state(
        format!("{what} {on} に、監査機関 {firm} の登録が有効ではありません（{state}{until}）。登録が有効な監査機関でなければ進められません。"),
        format!("the audit firm `{firm}` is not effectively registered on {on}"),
    )
    .under("監査機関登録規則 3"))
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepEngagement) -> Result<Vec<Event>, Refusal> {
    use EngagementState as S;
    let chronicle = acting.scheme.engagements.get(&command.engagement);
    let cause = chronicle.and_then(|c| c.last()).map(|last| last.stamp.on);
    let on = acting.day(command.on, cause)?;
    let event = |role, step| {
        Event::EngagementStepped(EngagementStepped {
            engagement: command.engagement.clone(),
            role,
            on,
            rule: command.rule.clone(),
            step,
        })
    };
    let of_statement = |statement: &StatementId, role, step| {
        Event::StatementStepped(StatementStepped { statement: statement.clone(), role, step })
    };
    if let Some(rule) = &command.rule {
        acting.acquainted(rule, on)?;
    }
    let now = match (&command.step, chronicle.map(|c| c.now())) {
        (EngagementStep::Propose { .. }, Some(_)) => {
            return Err(Refusal::exists("監査", "engagement", &command.engagement));
        }
        (EngagementStep::Propose { firm, statement, kind }, None) => {
            let Some(stated) = acting.scheme.statements.now(statement) else {
                return Err(Refusal::unknown("言明書", "statement", statement));
            };
            let role = may(
                acting.holding(&stated.party, &[SchemeRole::CspStaff, SchemeRole::CspHead]),
                "監査を依頼できるのは、言明書の事業者だけです。",
            )?;
            if !auditable(stated.state, *kind) {
                return Err(Refusal::wrong_state(
                    format!("監査を依頼できるのは署名済みの言明書だけです（今の状態: {}）。", stated.state.label()),
                    "only a signed statement can be audited",
                ));
            }
            if acting.scheme.parties.now(firm).is_none_or(|p| p.kind != PartyKind::AuditFirm) {
                return Err(Refusal::unknown("監査機関", "audit firm", firm));
            }
            return Ok(vec![event(role, command.step.clone())]);
        }
        (_, None) => return Err(Refusal::unknown("監査", "engagement", &command.engagement)),
        (_, Some(now)) => now,
    };
    let exec = [SchemeRole::AuditExec];
    let leads = [SchemeRole::AuditExec, SchemeRole::AuditLead];
    let team = [SchemeRole::AuditExec, SchemeRole::AuditLead, SchemeRole::AuditMember];
    let of_firm = |roles: &[SchemeRole]| {
        may(acting.holding(&now.firm, roles), "この手続は、監査を行う監査機関の担当者だけができます。")
    };
    let wrong = || {
        Err(Refusal::wrong_state(
            format!("今の状態（{}）からは、この手続に進めません。", now.state.label()),
            format!("this step does not follow from the state `{:?}`", now.state).to_lowercase(),
        ))
    };
    let fits = match &command.step {
        EngagementStep::Propose { .. } => false,
        EngagementStep::CheckIndependence { .. } => now.state == S::Proposed,
        EngagementStep::Contract => now.state == S::IndependenceChecked,
        EngagementStep::Plan { .. } => matches!(now.state, S::Contracted | S::Planned),
        EngagementStep::Start => now.state == S::Planned,
        EngagementStep::RaiseFindings { .. } => matches!(now.state, S::Fieldwork | S::CspResponse),
        EngagementStep::Respond { .. } => now.state == S::FindingsOpen,
        EngagementStep::SignOff { .. } | EngagementStep::Report { .. } => {
            matches!(now.state, S::Fieldwork | S::CspResponse)
        }
        EngagementStep::Evidence { .. } => {
            !matches!(now.state, S::Proposed | S::IndependenceChecked | S::Closed | S::Withdrawn)
        }
        EngagementStep::Close => now.state == S::Reported,
        EngagementStep::Withdraw => !matches!(now.state, S::Reported | S::Closed | S::Withdrawn),
    };
    let role = match &command.step {
        EngagementStep::Respond { .. } => {
            let party = acting.scheme.statements.now(&now.statement).map(|s| &s.party);
            may(
                party.and_then(|p| acting.holding(p, &[SchemeRole::CspStaff, SchemeRole::CspHead])),
                "指摘事項に回答できるのは、監査を受ける事業者だけです。",
            )?
        }
        EngagementStep::Contract | EngagementStep::Report { .. } => of_firm(&exec)?,
        EngagementStep::Evidence { .. } => of_firm(&team)?,
        _ => of_firm(&leads)?,
    };
    if !fits {
        return wrong();
    }
    match &command.step {
        EngagementStep::CheckIndependence { capital_ties, officer_ties } => {
            if !capital_ties.trim().is_empty() || !officer_ties.trim().is_empty() {
                return Err(Refusal::new(
                    "NOT_INDEPENDENT",
                    "資本または役員の関係がある事業者の監査はできません。この依頼は中止してください。",
                    "a firm with ties of capital or officers to the provider cannot audit it; withdraw the engagement",
                )
                .under("登録規則 3.4"));
            }
        }
        EngagementStep::Contract => {
            effective(acting, &now.firm, on, "契約日")?;
            let state = acting.scheme.statements.now(&now.statement).map(|s| s.state);
            if !state.is_some_and(|state| auditable(state, now.kind)) {
                return Err(Refusal::wrong_state(
                    format!(
                        "この言明書の監査は契約できません（今の状態: {}）。",
                        state.map_or("", StatementState::label)
                    ),
                    "an audit of this statement cannot be contracted in its state",
                ));
            }
        }
        EngagementStep::Plan { isms: Some(isms), sha256, .. } => {
            acting.digest("監査計画", "the plan", sha256)?;
            if now.kind != EngagementKind::Renewal {
                return Err(Refusal::invalid(
                    "ISMS による軽減は、更新の監査だけで使えます。",
                    "the ISMS relief holds for renewals alone",
                ));
            }
            if !(isms.covers_period && isms.iaf_recognised && isms.scope_covers && isms.confirmed_before_start) {
                return Err(Refusal::invalid(
                    "ISMS による軽減には、4 つの条件（有効期間、IAF、適用範囲、開始前の確認）がすべて必要です。",
                    "the ISMS relief needs all four conditions",
                ));
            }
            acting.digest("ISMS の認証書", "the ISMS certificate", &isms.certificate_sha256)?;
        }
        EngagementStep::Plan { sha256, counts, .. } => {
            acting.digest("監査計画", "the plan", sha256)?;
            if counts.in_scope == 0 {
                return Err(Refusal::invalid(
                    "監査の対象とする項目がありません。",
                    "no item is in the scope of the audit",
                ));
            }
        }
        EngagementStep::SignOff { sha256 } => acting.digest("監査調書", "the audit file", sha256)?,
        EngagementStep::Evidence { sha256, effective_on } => {
            acting.digest("証跡", "the evidence", sha256)?;
            acting.day(Some(*effective_on), None)?;
        }
        EngagementStep::Report { content } => {
            effective(acting, &now.firm, on, "報告日")?;
            report(acting, now, content, on)?;
        }
        _ => {}
    }
    let mut events = vec![event(role, command.step.clone())];
    // A 再監査 looks at a statement that stays published.
    if acting.scheme.statements.now(&now.statement).is_some_and(|s| s.state == StatementState::Published) {
        return Ok(events);
    }
    match &command.step {
        EngagementStep::Contract => {
            let engagement = command.engagement.clone();
            events.push(of_statement(&now.statement, role, StatementStep::UnderAudit { engagement }));
        }
        EngagementStep::Report { .. } => {
            let engagement = command.engagement.clone();
            events.push(of_statement(&now.statement, role, StatementStep::Audited { engagement }));
        }
        _ => {}
    }
    Ok(events)
}

fn report(acting: &Acting<'_>, now: &Engagement, content: &Reported, on: Date) -> Result<(), Refusal> {
    let signed = |role| now.sign_offs.get(&role).is_some_and(|(_, sha)| sha == content.sha256());
    if !signed(SchemeRole::AuditLead) || !signed(SchemeRole::AuditExec) {
        return Err(Refusal::wrong_state(
            "報告には、業務実施責任者と業務執行責任者の両方が、いまの監査調書に署名している必要があります。",
            "the report needs the signatures of the lead and of the executive on this very file",
        ));
    }
    let Some(stated) = acting.scheme.statements.now(&now.statement) else {
        return Err(Refusal::unknown("言明書", "statement", &now.statement));
    };
    if on <= stated.to {
        return Err(Refusal::invalid(
            format!("報告日 {on} が監査対象期間の末日 {} より後ではありません。", stated.to),
            format!("the report is dated {on}, which is not after the end of the audit period, {}", stated.to),
        ));
    }
    let of_statement = stated.content.as_ref().map(|c| c.sha256());
    if of_statement != Some(content.statement_sha256()) {
        return Err(Refusal::wrong_state(
            "監査した言明書の内容が一致しません。",
            "the file audits another content of the statement",
        ));
    }
    if now.plan.is_some_and(|plan| plan.in_scope != content.counts().in_scope) {
        return Err(Refusal::wrong_state(
            "対象項目の数が計画と違います。計画を改めてから報告してください。",
            "the scope differs from the plan; plan anew before the report",
        ));
    }
    Ok(())
}
