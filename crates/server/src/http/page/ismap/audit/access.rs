//! Who looks at an audit, and from which side: the firm sees its file, the provider the findings that were handed over
//! and the report, the operator what was filed.

use super::wording::overtaken;
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::frame::Problem;
use crate::http::page::words::day;
use crate::ismap::documents;
use crate::ismap::working::{self, Draft};
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::id::{EngagementId, PersonId};
use sekisho_domain::ismap::catalogue::Catalogue;
use sekisho_domain::ismap::caution;
use sekisho_domain::ismap::chronicle::Chronicle;
use sekisho_domain::ismap::engagement::{AuditFile, Engagement, EngagementState, EngagementStep};
use sekisho_domain::ismap::party::SchemeRole;
use sekisho_domain::ismap::statement::{Statement, StatementContent};
use sekisho_domain::register::Register;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Roles that work on an audit's file.
const TEAM: [SchemeRole; 3] = [SchemeRole::AuditExec, SchemeRole::AuditLead, SchemeRole::AuditMember];
/// Roles that lead an audit.
const LEADS: [SchemeRole; 2] = [SchemeRole::AuditExec, SchemeRole::AuditLead];

/// From which side somebody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The firm that audits.
    Firm,
    /// The provider that is audited.
    Provider,
    /// Whoever runs the scheme, once the application with it is filed.
    Operator,
}

/// An audit as somebody may see it.
pub(super) struct Audit<'r> {
    pub(super) id: EngagementId,
    pub(super) register: &'r Register,
    pub(super) chronicle: &'r Chronicle<Engagement>,
    pub(super) now: &'r Engagement,
    pub(super) statement: &'r Statement,
    pub(super) side: Side,
    roles: BTreeSet<SchemeRole>,
}

impl<'r> Audit<'r> {
    /// The audit, if the person may see it; else it does not exist for them.
    pub(super) fn seen(register: &'r Register, person: &PersonId, id: &str) -> Result<Self, PageError> {
        let id = EngagementId::new(id).map_err(|_| PageError::Missing)?;
        let scheme = register.scheme();
        if !scheme.may_read_engagement(person, &id) {
            return Err(PageError::Missing);
        }
        let chronicle = scheme.engagements.get(&id).ok_or(PageError::Missing)?;
        let now = chronicle.now();
        let statement = scheme.statements.now(&now.statement).ok_or(PageError::Missing)?;
        let own = scheme.party_of(person);
        let side = match own {
            Some(own) if *own == now.firm => Side::Firm,
            Some(own) if *own == statement.party => Side::Provider,
            _ => Side::Operator,
        };
        Ok(Self { id, register, chronicle, now, statement, side, roles: scheme.roles_of(person) })
    }

    pub(super) fn path(&self) -> String {
        format!("/ismap/engagements/{}", self.id)
    }

    /// A page below the audit's own.
    pub(super) fn below(&self, page: &str) -> String {
        format!("{}/{page}", self.path())
    }

    /// What it is called on pages.
    pub(super) fn title(&self) -> String {
        format!("{}の{}", self.service(), self.now.kind.label())
    }

    pub(super) fn service(&self) -> String {
        let party = self.register.scheme().parties.now(&self.statement.party);
        let known = party.and_then(|p| p.offerings.get(&self.statement.offering));
        known.cloned().unwrap_or_else(|| self.statement.offering.to_string())
    }

    pub(super) fn party_name(&self, id: &sekisho_domain::id::PartyId) -> String {
        self.register.scheme().parties.now(id).map_or_else(|| id.to_string(), |party| party.name.clone())
    }

    /// Holds one of these roles for the firm.
    fn of_firm(&self, roles: &[SchemeRole]) -> bool {
        self.side == Side::Firm && roles.iter().any(|role| self.roles.contains(role))
    }

    pub(super) fn is_lead(&self) -> bool {
        self.of_firm(&LEADS)
    }

    pub(super) fn is_exec(&self) -> bool {
        self.of_firm(&[SchemeRole::AuditExec])
    }

    /// Acts for the provider.
    pub(super) fn is_provider(&self) -> bool {
        let acts = [SchemeRole::CspStaff, SchemeRole::CspHead].iter().any(|role| self.roles.contains(role));
        self.side == Side::Provider && acts
    }

    /// May change the scope: what is reported is what was planned.
    pub(super) fn may_plan(&self) -> bool {
        use EngagementState as S;
        self.is_lead() && matches!(self.now.state, S::Contracted | S::Planned | S::Fieldwork | S::CspResponse)
    }

    /// May write evaluations and findings.
    pub(super) fn may_evaluate(&self) -> bool {
        use EngagementState as S;
        self.of_firm(&TEAM) && matches!(self.now.state, S::Fieldwork | S::FindingsOpen | S::CspResponse)
    }

    /// May change and settle findings: not while they are with the provider, who would answer another text or none.
    pub(super) fn may_judge(&self) -> bool {
        self.may_evaluate() && self.now.state != EngagementState::FindingsOpen
    }

    /// May take evidence in. The domain takes it after the report as well; the file is closed by then.
    pub(super) fn may_take_evidence(&self) -> bool {
        self.of_firm(&TEAM)
            && (self.may_evaluate() || matches!(self.now.state, EngagementState::Contracted | EngagementState::Planned))
    }

    /// The file is shown to this side: always to the firm, to the others once it is reported.
    pub(super) fn shows_file(&self) -> bool {
        self.side == Side::Firm || self.now.report.is_some()
    }

    /// SHA-256 of the content of the statement that was signed.
    pub(super) fn statement_sha256(&self) -> String {
        self.statement.content.as_ref().map(|c| c.sha256().to_owned()).unwrap_or_default()
    }

    /// The file as a new one.
    pub(super) fn blank(&self) -> AuditFile {
        AuditFile { statement_sha256: self.statement_sha256(), ..AuditFile::default() }
    }

    /// The file as this side sees it: the working one for the firm until it is reported, then the one that was.
    pub(super) async fn file(&self, app: &App) -> Result<AuditFile, PageError> {
        if let Some(report) = &self.now.report {
            return Ok(documents::read(app, report.sha256()).await?);
        }
        if self.side != Side::Firm {
            return Err(PageError::Missing);
        }
        Ok(working::load(app, Draft::AuditFile, self.id.as_str()).await?.unwrap_or_else(|| self.blank()))
    }

    /// The file as it was when findings were last handed to the provider.
    pub(super) async fn raised(&self, app: &App) -> Result<Option<AuditFile>, PageError> {
        let raised = self.chronicle.steps().rev().find_map(|s| match &s.step {
            EngagementStep::RaiseFindings { sha256, .. } => Some(sha256),
            _ => None,
        });
        Ok(match raised {
            Some(sha256) => Some(documents::read(app, sha256).await?),
            None => None,
        })
    }

    /// Changes the working file; a change that says `Err` keeps nothing. Nor is anything kept once the audit has moved on
    /// since it was looked at: what was allowed then may not be now.
    pub(super) async fn change(
        &self,
        app: &App,
        by: &PersonId,
        change: impl Fn(&mut AuditFile) -> Result<(), Problem>,
    ) -> Result<Result<AuditFile, Problem>, PageError> {
        let id = self.id.as_str();
        let moved_on = || {
            let register = app.journal.register().ok();
            let now = register.as_ref().and_then(|r| r.scheme().engagements.now(&self.id));
            now.is_none_or(|now| now.state != self.now.state)
        };
        let change = |file: &mut AuditFile| if moved_on() { Err(overtaken()) } else { change(file) };
        Ok(working::change(app, by, Draft::AuditFile, id, || self.blank(), change).await?)
    }

    /// What the statement says of every item, and the criteria it is pinned to.
    pub(super) async fn statement(&self, app: &App) -> Result<(Arc<Catalogue>, StatementContent), PageError> {
        let catalogue = documents::catalogue(app, self.register, &self.statement.catalogue).await?;
        Ok((catalogue, documents::read(app, &self.statement_sha256()).await?))
    }

    /// What to look at: the period, the firm's term, a late report.
    pub(super) fn cautions(&self, today: Date) -> Vec<String> {
        let mut all = Vec::new();
        let over =
            matches!(self.now.state, EngagementState::Reported | EngagementState::Closed | EngagementState::Withdrawn);
        let to = self.statement.to;
        if !over && today <= to {
            all.push(format!("監査対象期間は {} までです。報告できるのはその翌日からです。", day(to)));
        }
        let expected = to.checked_add(3.months()).unwrap_or(to);
        let until = self.register.scheme().firms.now(&self.now.firm).and_then(|firm| firm.until);
        if let Some(until) = until.filter(|until| !over && *until < expected) {
            all.push(format!(
                "監査機関の登録期間は {} までで、報告の目安（{}）より前に終わります。更新の申請を先に済ませてください。",
                day(until),
                day(expected)
            ));
        }
        let late = (self.now.state != EngagementState::Withdrawn)
            .then(|| caution::of_engagement(self.register.scheme(), self.now, today))
            .flatten();
        all.extend(late.map(|c| c.ja));
        all
    }
}
