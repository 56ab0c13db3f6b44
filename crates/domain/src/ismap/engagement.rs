//! 監査: from the check of independence to the report (machine C), and what an audit file holds of every item.

mod file;

pub use file::{
    AuditFile, Conclusion, Evaluation, Evidence, EvidenceKind, FileCounts, FileFault, Finding, FindingState, Method,
    Reported, Scope,
};

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use super::party::{PartyKind, SchemeRole};
use super::statement::StatementState;
use crate::command::StepEngagement;
use crate::event::{EngagementStepped, Event, StatementStepped};
use crate::id::{EngagementId, PartyId, PersonId, StatementId};
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

/// What kind of audit a statement can have in its state.
///
/// A signed statement is audited once. What changed after the signature has an additional audit where the version before
/// was audited (machine B); a published statement is audited once more where a 再監査 was ordered (登録規則 13). A renewal
/// weighs the operation of what was registered before, so it needs a statement that was.
fn auditable(acting: &Acting<'_>, id: &StatementId, kind: EngagementKind) -> Result<(), Refusal> {
    use EngagementKind as K;
    let Some(stated) = acting.scheme.statements.now(id) else {
        return Err(Refusal::unknown("言明書", "statement", id));
    };
    if kind == K::ReAudit {
        return if stated.state == StatementState::Published && re_audit_ordered(acting, id) {
            Ok(())
        } else {
            Err(Refusal::wrong_state(
                format!(
                    "再監査は、求められた登録の公開中の言明書だけに行えます（今の状態: {}）。",
                    stated.state.label()
                ),
                "a re-audit is of a published statement of whose registration one was ordered",
            )
            .under("登録規則 13"))
        };
    }
    if stated.state != StatementState::Signed {
        return Err(Refusal::wrong_state(
            format!(
                "監査を依頼・契約できるのは、署名済みでほかの監査を契約していない言明書だけです（今の状態: {}）。",
                stated.state.label()
            ),
            "only a signed statement without another audit can be audited",
        ));
    }
    let before = stated.previous.as_ref().and_then(|id| acting.scheme.statements.now(id));
    let audited_before = stated.changes_signed && before.is_some_and(|b| b.engagement.is_some());
    if (kind == K::Additional) != audited_before {
        return Err(Refusal::invalid(
            "追加監査は、監査した版を署名後に変更した言明書の監査です。監査の種類を選び直してください。",
            "an additional audit is of a version that changes an audited one, and such a version has no other",
        ));
    }
    let registered = acting.scheme.statements.all().any(|(_, s)| {
        s.offering == stated.offering && matches!(s.state, StatementState::Published | StatementState::Superseded)
    });
    if kind == K::Renewal && !registered {
        return Err(Refusal::invalid(
            "このサービスはまだ登録されていないため、更新の監査は行えません。初回の監査を選んでください。",
            "the service was never registered; its audit is an initial one",
        ));
    }
    Ok(())
}

/// An incident or a notice of change about the registration of this statement ended with the order of a 再監査.
fn re_audit_ordered(acting: &Acting<'_>, statement: &StatementId) -> bool {
    let of_this =
        |number: &str| acting.register.registration(number).is_some_and(|r| r.statement.as_ref() == Some(statement));
    let incidents = acting.scheme.incidents.all().any(|(_, i)| i.re_audit_ordered && of_this(&i.number));
    let outcome = Some(super::change_notice::NoticeOutcome::ReAudit);
    incidents || acting.scheme.notices.all().any(|(_, n)| n.outcome == outcome && of_this(&n.number))
}

/// A firm does not audit itself. One person acts for one party; that two parties are one corporation shows in their number.
fn one_corporation(acting: &Acting<'_>, firm: &PartyId, statement: &StatementId) -> bool {
    let number = |id: &PartyId| acting.scheme.parties.now(id).map(|p| p.corporate_number.as_str());
    let provider = acting.scheme.statements.now(statement).and_then(|s| number(&s.party));
    provider.is_some_and(|n| !n.is_empty()) && provider == number(firm)
}

/// The firm is in force on a day, as it stood on that day; if not, the dates are told (監査機関登録規則 3).
fn effective(acting: &Acting<'_>, firm: &PartyId, on: Date, what: &str) -> Result<(), Refusal> {
    let known = acting.scheme.firms.get(firm).and_then(|chronicle| chronicle.on(on));
    if known.as_ref().is_some_and(|f| f.is_effective(on)) {
        return Ok(());
    }
    let state = known.as_ref().map_or("登録なし", |f| f.state_on(on).label());
    let until = known.and_then(|f| f.until);
    let (ja, en) = until.map_or((String::new(), String::new()), |last| {
        (format!("、登録期間の末日 {last}"), format!("; its term ends on {last}"))
    });
    Err(Refusal::wrong_state(
        format!("{what} {on} に、監査機関 {firm} の登録が有効ではありません（{state}{ja}）。契約日と報告日の両方に登録が有効な監査機関でなければ進められません。"),
        format!("the audit firm `{firm}` is not effectively registered on {on}{en}; it has to be on the days of contract and of report"),
    )
    .under("監査機関登録規則 3"))
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepEngagement) -> Result<Vec<Event>, Refusal> {
    use EngagementState as S;
    let chronicle = acting.scheme.engagements.get(&command.engagement);
    let signed = match &command.step {
        EngagementStep::Propose { statement, .. } => acting.scheme.statements.now(statement).and_then(|s| s.signed_on),
        _ => None,
    };
    let cause = chronicle.and_then(|c| c.last()).map(|last| last.stamp.on).or(signed);
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
            auditable(acting, statement, *kind)?;
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
    let of_provider = || {
        let party = acting.scheme.statements.now(&now.statement).map(|s| &s.party);
        party.and_then(|p| acting.holding(p, &[SchemeRole::CspStaff, SchemeRole::CspHead]))
    };
    let fits = match &command.step {
        EngagementStep::Propose { .. } => false,
        EngagementStep::CheckIndependence { .. } => now.state == S::Proposed,
        EngagementStep::Contract => now.state == S::IndependenceChecked,
        // Anew as well while the work goes on: what is reported is what was planned.
        EngagementStep::Plan { .. } => {
            matches!(now.state, S::Contracted | S::Planned | S::Fieldwork | S::CspResponse)
        }
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
        EngagementStep::Respond { .. } => may(of_provider(), "指摘事項に回答できるのは、監査を受ける事業者だけです。")?,
        // Before the contract either side may think better of it.
        EngagementStep::Withdraw if matches!(now.state, S::Proposed | S::IndependenceChecked) => may(
            acting.holding(&now.firm, &leads).or_else(of_provider),
            "監査を取りやめられるのは、監査機関と、契約前なら事業者だけです。",
        )?,
        EngagementStep::Contract | EngagementStep::Report { .. } => of_firm(&exec)?,
        EngagementStep::Evidence { .. } => of_firm(&team)?,
        _ => of_firm(&leads)?,
    };
    if !fits {
        return Err(Refusal::wrong_state(
            format!("今の状態（{}）からは、この手続に進めません。", now.state.label()),
            format!("this step does not follow from the state `{:?}`", now.state).to_lowercase(),
        ));
    }
    still_audited(acting, &command.engagement, now, &command.step)?;
    match &command.step {
        EngagementStep::CheckIndependence { capital_ties, officer_ties } => {
            let tied = !capital_ties.trim().is_empty() || !officer_ties.trim().is_empty();
            if tied || one_corporation(acting, &now.firm, &now.statement) {
                return Err(Refusal::new(
                    "NOT_INDEPENDENT",
                    "資本または役員の関係がある事業者や、自らの監査はできません。この依頼は中止してください。",
                    "a firm audits neither itself nor a provider it has ties of capital or officers to; withdraw the engagement",
                )
                .under("登録規則 3.4"));
            }
        }
        EngagementStep::Contract => {
            effective(acting, &now.firm, on, "契約日")?;
            auditable(acting, &now.statement, now.kind)?;
        }
        EngagementStep::Plan { sha256, counts, isms } => {
            acting.digest("監査計画", "the plan", sha256)?;
            if counts.in_scope == 0 {
                return Err(Refusal::invalid(
                    "監査の対象とする項目がありません。",
                    "no item is in the scope of the audit",
                ));
            }
            if let Some(isms) = isms {
                relieved(acting, now, isms)?;
            }
        }
        EngagementStep::RaiseFindings { open, sha256 } => {
            acting.digest("監査調書", "the audit file", sha256)?;
            if *open == 0 {
                return Err(Refusal::invalid("未回答の発見事項がありません。", "no finding is open"));
            }
        }
        EngagementStep::Respond { sha256, .. } => acting.digest("監査調書", "the audit file", sha256)?,
        EngagementStep::SignOff { sha256 } => acting.digest("監査調書", "the audit file", sha256)?,
        EngagementStep::Evidence { sha256, effective_on } => {
            acting.digest("証跡", "the evidence", sha256)?;
            acting.day(Some(*effective_on), None)?;
        }
        EngagementStep::Report { content } => {
            effective(acting, &now.firm, on, "報告日")?;
            // The report is given here and now, so a day in the past helps no firm that is suspended by now.
            effective(acting, &now.firm, acting.today, "今日")?;
            report(acting, now, content, on)?;
        }
        _ => {}
    }
    let mut events = vec![event(role, command.step.clone())];
    let engagement = command.engagement.clone();
    let contracted = now.contracted_on.is_some();
    let follows = match &command.step {
        // A 再監査 looks at a statement that stays published.
        _ if now.kind == EngagementKind::ReAudit => None,
        EngagementStep::Contract => Some(StatementStep::UnderAudit { engagement }),
        EngagementStep::Report { .. } => Some(StatementStep::Audited { engagement }),
        EngagementStep::Withdraw if contracted && is_under_audit(acting, &command.engagement, now) => {
            Some(StatementStep::AuditWithdrawn { engagement })
        }
        _ => None,
    };
    events.extend(follows.map(|step| of_statement(&now.statement, role, step)));
    Ok(events)
}

/// The statement is under this very audit.
fn is_under_audit(acting: &Acting<'_>, id: &EngagementId, now: &Engagement) -> bool {
    let stated = acting.scheme.statements.now(&now.statement);
    stated.is_some_and(|s| s.state == StatementState::UnderAudit && s.engagement.as_ref() == Some(id))
}

/// After the contract the work goes on only while the statement is there to be audited: its provider may have taken it
/// back.
fn still_audited(
    acting: &Acting<'_>,
    id: &EngagementId,
    now: &Engagement,
    step: &EngagementStep,
) -> Result<(), Refusal> {
    let ends = matches!(step, EngagementStep::Withdraw | EngagementStep::Close | EngagementStep::Evidence { .. });
    let running = now.contracted_on.is_some() && now.reported_on.is_none() && !ends;
    if !running || now.kind == EngagementKind::ReAudit || is_under_audit(acting, id, now) {
        return Ok(());
    }
    let state = acting.scheme.statements.now(&now.statement).map_or("", |s| s.state.label());
    Err(Refusal::wrong_state(
        format!("この言明書は監査中ではなくなっています（今の状態: {state}）。監査を中止してください。"),
        "the statement is no longer under this audit; withdraw the engagement",
    ))
}

/// The relief for bodies with an ISMS: for renewals alone, under all four conditions (read in a secondary account).
fn relieved(acting: &Acting<'_>, now: &Engagement, isms: &IsmsRelief) -> Result<(), Refusal> {
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
    acting.digest("ISMS の認証書", "the ISMS certificate", &isms.certificate_sha256)
}

fn report(acting: &Acting<'_>, now: &Engagement, content: &Reported, on: Date) -> Result<(), Refusal> {
    let signed = |role| now.sign_offs.get(&role).is_some_and(|(_, sha)| sha == content.sha256());
    if !signed(SchemeRole::AuditLead) || !signed(SchemeRole::AuditExec) {
        return Err(Refusal::wrong_state(
            "報告には、業務実施責任者と業務執行責任者の両方が、いまの監査調書に署名している必要があります。",
            "the report needs the signatures of the lead and of the executive on this very file",
        ));
    }
    let people: Vec<_> = now.sign_offs.values().map(|(person, _)| person).collect();
    if people.windows(2).any(|two| two.first() == two.last()) {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "業務実施責任者と業務執行責任者の署名は、別の人が行ってください。",
            "the lead and the executive who sign are two people",
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
