//! All records of the scheme, as the register holds them.

use super::catalogue::CatalogueRow;
use super::change_notice::ChangeNotice;
use super::chronicle::Chronicles;
use super::committee::Meeting;
use super::deciding::{Acting, may};
use super::engagement::{Engagement, EngagementState};
use super::filing::Filing;
use super::firm::Firm;
use super::incident::SchemeIncident;
use super::look_up::{AnnexRequest, LookUp};
use super::party::{Party, PartyKind, SchemeRole};
use super::preliminary::Preliminary;
use super::registration::Registration;
use super::rule_document::RuleDocument;
use super::statement::Statement;
use crate::command::SetScheme;
use crate::event::{Event, SchemeSet};
use crate::id::{
    AnnexId, CatalogueId, EngagementId, FilingId, IncidentId, LookUpId, MeetingId, NoticeId, OfferingId, PartyId,
    PersonId, PreliminaryId, RuleDocumentId, StatementId,
};
use crate::refusal::Refusal;
use imbl::HashMap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What the operator sets, because the program claims nothing it has not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Days from knowing an incident to its 速報; no date is computed while it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_prelim_days: Option<u16>,
    /// Days from knowing an incident to its 確報; no date is computed while it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_final_days: Option<u16>,
    /// The clock of six months stops while a question waits for its answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_pauses: bool,
    /// Days after which a copy of the published list is warned of as stale; 31 when not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_stale_days: Option<u16>,
}

/// All records of the scheme.
#[derive(Debug, Clone, Default)]
pub struct Scheme {
    /// 当事者.
    pub parties: Chronicles<PartyId, Party>,
    /// 規程類.
    pub rule_documents: Chronicles<RuleDocumentId, RuleDocument>,
    /// 管理基準の版.
    pub catalogues: Chronicles<CatalogueId, CatalogueRow>,
    /// 監査機関; the identifier is the party's.
    pub firms: Chronicles<PartyId, Firm>,
    /// 監査.
    pub engagements: Chronicles<EngagementId, Engagement>,
    /// 言明書.
    pub statements: Chronicles<StatementId, Statement>,
    /// LIU の事前申請.
    pub preliminaries: Chronicles<PreliminaryId, Preliminary>,
    /// 登録申請.
    pub filings: Chronicles<FilingId, Filing>,
    /// 運営委員会の会議.
    pub meetings: Chronicles<MeetingId, Meeting>,
    /// インシデント.
    pub incidents: Chronicles<IncidentId, SchemeIncident>,
    /// 変更の届出.
    pub notices: Chronicles<NoticeId, ChangeNotice>,
    /// 参照の記録.
    pub look_ups: Chronicles<LookUpId, LookUp>,
    /// 別添の請求.
    pub annexes: Chronicles<AnnexId, AnnexRequest>,
    pub(crate) settings: Settings,
    pub(crate) party_of: HashMap<PersonId, PartyId>,
}

impl Scheme {
    /// What the operator has set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The party a person acts for.
    pub fn party_of(&self, person: &PersonId) -> Option<&PartyId> {
        self.party_of.get(person)
    }

    /// The roles a person holds, for the one party they act for.
    pub fn roles_of(&self, person: &PersonId) -> BTreeSet<SchemeRole> {
        let party = self.party_of(person).and_then(|id| self.parties.now(id));
        party.and_then(|p| p.members.get(person)).cloned().unwrap_or_default()
    }

    /// The provider of a cloud service.
    pub fn provider_of(&self, offering: &OfferingId) -> Option<(&PartyId, &Party)> {
        self.parties.all().find(|(_, p)| p.kind == PartyKind::Csp && p.offerings.contains_key(offering))
    }

    /// The person acts for whoever runs the scheme.
    pub fn is_operator(&self, person: &PersonId) -> bool {
        let kind = self.party_of(person).and_then(|id| self.parties.now(id)).map(|p| p.kind);
        kind == Some(PartyKind::Operator)
    }

    /// Acts for a provider or an audit firm: takes part in the scheme and is no staff of the body.
    pub fn is_outsider(&self, person: &PersonId) -> bool {
        let kind = self.party_of(person).and_then(|id| self.parties.now(id)).map(|p| p.kind);
        matches!(kind, Some(PartyKind::Csp | PartyKind::AuditFirm))
    }

    /// A row of the list as somebody may see it: outsiders see of others' services what is published.
    pub fn seen_row<'r>(&self, person: &PersonId, row: &'r Registration) -> Cow<'r, Registration> {
        let provider = row.offering.as_ref().and_then(|offering| self.provider_of(offering)).map(|(id, _)| id);
        let own = provider.is_some() && provider == self.party_of(person);
        if self.is_outsider(person) && !own { Cow::Owned(row.published()) } else { Cow::Borrowed(row) }
    }

    /// A party as others may know it: its name and, of a provider, nothing that is not on the list yet.
    pub fn seen_party(&self, party: &Party) -> Party {
        Party { members: Default::default(), offerings: Default::default(), ..party.clone() }
    }

    /// May read a statement with its annex: its provider, the firm that audits it, the operator once it is filed, and
    /// whoever was granted the annex.
    pub fn may_read_statement(&self, person: &PersonId, id: &StatementId, day: jiff::civil::Date) -> bool {
        use super::statement::StatementState;
        let Some(statement) = self.statements.now(id) else { return false };
        let own = self.party_of(person);
        if own == Some(&statement.party) {
            return true;
        }
        // An audit that was given up shows its firm nothing any more.
        let audits =
            |e: &Engagement| e.statement == *id && Some(&e.firm) == own && e.state != EngagementState::Withdrawn;
        if self.engagements.all().any(|(_, e)| audits(e)) {
            return true;
        }
        let filed =
            matches!(statement.state, StatementState::Filed | StatementState::Published | StatementState::Superseded);
        if filed && self.is_operator(person) {
            return true;
        }
        let numbers: BTreeSet<&str> = self
            .filings
            .all()
            .filter(|(_, f)| f.form.as_ref().is_some_and(|form| form.statement == *id))
            .filter_map(|(_, f)| f.number.as_deref())
            .collect();
        self.annexes.all().any(|(_, a)| {
            a.by.as_ref() == Some(person)
                && a.state_on(day) == super::look_up::AnnexState::Granted
                && numbers.contains(a.number.as_str())
        })
    }

    /// May read an audit's file: the firm, the provider, and the operator once the application with it is filed.
    pub fn may_read_engagement(&self, person: &PersonId, id: &EngagementId) -> bool {
        let Some(engagement) = self.engagements.now(id) else { return false };
        let own = self.party_of(person);
        let provider = self.statements.now(&engagement.statement).map(|s| &s.party);
        if own == Some(&engagement.firm) || (own.is_some() && own == provider) {
            return true;
        }
        let filed = self
            .filings
            .all()
            .any(|(_, f)| f.filed_on.is_some() && f.form.as_ref().is_some_and(|form| form.engagement == *id));
        filed && self.is_operator(person)
    }

    /// May read an application: its provider, and the operator once it is filed.
    pub fn may_read_filing(&self, person: &PersonId, id: &FilingId) -> bool {
        let Some(filing) = self.filings.now(id) else { return false };
        let own = self.party_of(person);
        let provider = filing.form.as_ref().map(|f| &f.party);
        (own.is_some() && own == provider) || (filing.filed_on.is_some() && self.is_operator(person))
    }
}

pub(crate) fn decide_settings(acting: &Acting<'_>, command: SetScheme) -> Result<Vec<Event>, Refusal> {
    let capacity = acting.operator(&[SchemeRole::Secretariat]).or_else(|| acting.manager_of_services());
    let role = may(capacity, "設定は、事務局、外部サービス管理者または統括情報セキュリティ責任者だけができます。")?;
    Ok(vec![Event::SchemeSet(SchemeSet { role, settings: command.settings })])
}
