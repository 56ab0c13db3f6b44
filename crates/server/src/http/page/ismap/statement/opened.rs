//! A statement as a page opens it: its record, the items it is about, what it says, and what who looks may do.
//!
//! From its validation on the content is read by its hash from what was kept; before that it is the draft, which nobody but
//! the provider sees.

use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::error::PageError;
use crate::ismap::{documents, working};
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{PartyId, PersonId, StatementId};
use sekisho_domain::ismap::catalogue::{Catalogue, Crosswalk};
use sekisho_domain::ismap::party::{Party, PartyKind, SchemeRole};
use sekisho_domain::ismap::statement::{ServiceProfile, Statement, StatementContent, StatementState};
use sekisho_domain::register::Register;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A statement that the person may read.
pub(super) struct Opened {
    pub(super) id: StatementId,
    pub(super) statement: Statement,
    pub(super) catalogue: Arc<Catalogue>,
    /// What it says; `None` for a past day on which it was a draft.
    pub(super) content: Option<StatementContent>,
    /// Of the person's own party.
    pub(super) own: bool,
    /// The person writes for the provider, whatever the state.
    pub(super) member: bool,
    /// The person signs for the provider.
    pub(super) head: bool,
    /// A past day is looked at.
    pub(super) past: bool,
}

impl Opened {
    /// The content can be changed now.
    pub(super) fn writes(&self) -> bool {
        self.member && !self.past && self.statement.state == StatementState::Draft
    }

    /// What it says; a past day without any is a missing page.
    pub(super) fn said(&self) -> Result<&StatementContent, PageError> {
        self.content.as_ref().ok_or(PageError::Missing)
    }

    /// Name of the service, as its provider offers it.
    pub(super) fn service(&self, register: &Register) -> String {
        service(register, &self.statement)
    }
}

/// Name of a statement's service, as its provider offers it.
pub(super) fn service(register: &Register, statement: &Statement) -> String {
    let party = register.scheme().parties.now(&statement.party);
    let name = party.and_then(|party| party.offerings.get(&statement.offering));
    name.cloned().unwrap_or_else(|| statement.offering.to_string())
}

/// The provider somebody writes for; `None` for everybody else.
pub(super) fn provider<'r>(register: &'r Register, person: &PersonId) -> Option<(&'r PartyId, &'r Party)> {
    let scheme = register.scheme();
    let id = scheme.party_of(person)?;
    let party = scheme.parties.now(id).filter(|party| party.kind == PartyKind::Csp)?;
    let roles = party.members.get(person)?;
    [SchemeRole::CspStaff, SchemeRole::CspHead].iter().any(|role| roles.contains(role)).then_some((id, party))
}

/// Opens a statement, as it was known at the end of a day if one is asked about.
pub(super) async fn open(
    app: &App,
    register: &Register,
    signed: &SignedIn,
    id: &str,
    as_of: Option<Date>,
) -> Result<Opened, PageError> {
    let scheme = register.scheme();
    let person = signed.person();
    let id = StatementId::new(id).map_err(|_| PageError::Missing)?;
    if !scheme.may_read_statement(person, &id, in_japan(app.world.now())) {
        return Err(PageError::Missing);
    }
    let chronicle = scheme.statements.get(&id).ok_or(PageError::Missing)?;
    let statement = match as_of {
        Some(day) => chronicle.as_of(day).ok_or(PageError::Missing)?,
        None => chronicle.now().clone(),
    };
    let own = scheme.party_of(person) == Some(&statement.party);
    let member = provider(register, person).is_some_and(|(party, _)| *party == statement.party);
    let head = member && scheme.roles_of(person).contains(&SchemeRole::CspHead);
    let catalogue = documents::catalogue(app, register, &statement.catalogue).await?;
    let content = match &statement.content {
        Some(kept) => Some(documents::read(app, kept.sha256()).await?),
        None if as_of.is_some() => None,
        None if own => Some(draft(app, register, &id, &statement).await?),
        None => return Err(PageError::Missing),
    };
    Ok(Opened { id, statement, catalogue, content, own, member, head, past: as_of.is_some() })
}

/// The draft, or what a new one begins with.
async fn draft(
    app: &App,
    register: &Register,
    id: &StatementId,
    statement: &Statement,
) -> Result<StatementContent, PageError> {
    match working::load(app, working::Draft::Statement, id.as_str()).await? {
        Some(draft) => Ok(draft),
        None => first(app, register, statement).await,
    }
}

/// What a new statement begins with: the previous one's answers, or nothing.
pub(super) async fn first(
    app: &App,
    register: &Register,
    statement: &Statement,
) -> Result<StatementContent, PageError> {
    let (catalogue, from, to) = (statement.catalogue.clone(), statement.from, statement.to);
    let Some(before) = previous(app, register, statement).await? else {
        let service = ServiceProfile { service_name: service(register, statement), ..ServiceProfile::default() };
        return Ok(StatementContent { catalogue, from, to, service, answers: BTreeMap::new() });
    };
    if before.catalogue == catalogue {
        // A new version of the same period keeps what changed since the last audit.
        return Ok(if statement.changes_signed { before } else { before.carried_over(catalogue, from, to) });
    }
    let row = register.scheme().catalogues.now(&before.catalogue);
    let crosswalk = match row.and_then(|row| row.crosswalks.get(&catalogue)) {
        Some(sha256) => documents::read(app, sha256).await?,
        None => {
            let earlier = documents::catalogue(app, register, &before.catalogue).await?;
            let later = documents::catalogue(app, register, &catalogue).await?;
            Crosswalk::by_number(&earlier, &later)
        }
    };
    Ok(before.carried_across(catalogue, &crosswalk, from, to))
}

/// What the statement says that this one carries on: as it was signed, or else as it stands.
pub(super) async fn previous(
    app: &App,
    register: &Register,
    statement: &Statement,
) -> Result<Option<StatementContent>, PageError> {
    let Some(id) = &statement.previous else { return Ok(None) };
    let Some(before) = register.scheme().statements.now(id) else { return Ok(None) };
    match &before.content {
        Some(kept) => Ok(Some(documents::read(app, kept.sha256()).await?)),
        None => Ok(working::load(app, working::Draft::Statement, id.as_str()).await?),
    }
}
