//! Destroying what an approved list holds, step by step, each step with its trace in the database. Whoever stops the
//! program loses nothing: the walk goes on where it was.

use super::{PIECE, WalkError};
use crate::http::uses_of_conversation;
use crate::installation::Installation;
use jiff::Timestamp;
use sekisho_domain::command::{Actor, Command, CompleteDisposal, Occasion};
use sekisho_domain::day::begin_in_japan;
use sekisho_domain::id::{DisposalId, PersonId};
use sekisho_domain::records::disposal::{Certificate, Disposal, DisposalState};
use sekisho_domain::register::Register;
use sekisho_store::{JournalError, PaperRow, ReadError, Step};
use std::sync::Arc;

/// What conversations are kept as.
const CONVERSATION: &str = "conversation";

/// Destroys what a running disposal lists and writes the certificate in the name of who began it.
pub(crate) async fn run(installation: &Installation, disposal: &DisposalId, who: &PersonId) -> Result<(), WalkError> {
    match walk(installation, disposal).await {
        // A hold came: the certificate says how far it went.
        Ok(()) | Err(WalkError::Journal(JournalError::NotRunning)) => complete(installation, disposal, who).await,
        Err(error) => Err(error),
    }
}

fn running<'r>(register: &'r Register, id: &DisposalId) -> Result<(&'r Disposal, u64), WalkError> {
    match register.records().disposal(id) {
        Some(disposal) => match &disposal.state {
            DisposalState::Running { entries, .. } => Ok((disposal, *entries)),
            _ => Err(JournalError::NotRunning.into()),
        },
        None => Err(JournalError::NotRunning.into()),
    }
}

async fn walk(installation: &Installation, id: &DisposalId) -> Result<(), WalkError> {
    let register = installation.journal.register()?;
    let (disposal, end) = running(&register, id)?;
    let before = begin_in_japan(disposal.as_of).unwrap_or(Timestamp::MIN);
    let mut from = installation.store.disposal_progress(id).await?.through;
    loop {
        let rows = installation.store.made_from(from, before, PIECE).await?;
        let Some(last) = rows.last() else { break };
        from = last.made.opened + 1;
        let listed = rows.iter().filter(|row| disposal.lists(&row.made));
        let entries: Vec<u64> = listed
            .flat_map(|row| [Some(row.made.opened), Some(row.closed).filter(|closed| *closed > 0)])
            .flatten()
            .collect();
        if !entries.is_empty() {
            let step = Step { disposal: id.clone(), entries, papers: Vec::new(), through: from };
            installation.journal.destroy(step).await?;
        }
        if installation.tasks.is_closed() {
            return Err(WalkError::Stopping);
        }
    }
    conversations(installation, id, &register, before, end).await
}

/// Conversations that rested before the day and of which nothing is left: their text is the text of the uses.
async fn conversations(
    installation: &Installation,
    id: &DisposalId,
    register: &Arc<Register>,
    before: Timestamp,
    end: u64,
) -> Result<(), WalkError> {
    let mut after = None;
    loop {
        let found = installation.store.papers_unchanged_since(CONVERSATION, before, after.clone(), 200).await?;
        let Some((name, _, at)) = found.last() else { break };
        after = Some((*at, name.clone()));
        let mut papers = Vec::new();
        for (name, ..) in &found {
            papers.extend(spent(installation, id, register, name, before).await?);
        }
        if !papers.is_empty() {
            let step = Step { disposal: id.clone(), entries: Vec::new(), papers, through: end };
            installation.journal.destroy(step).await?;
        }
        if installation.tasks.is_closed() {
            return Err(WalkError::Stopping);
        }
    }
    // Also where nothing was destroyed the whole list was walked.
    let step = Step { disposal: id.clone(), entries: Vec::new(), papers: Vec::new(), through: end };
    installation.journal.destroy(step).await?;
    Ok(())
}

/// The conversation as it was read, if it still rests since before the day, and every use of it is destroyed, and there
/// is one.
async fn spent(
    installation: &Installation,
    id: &DisposalId,
    register: &Register,
    name: &str,
    before: Timestamp,
) -> Result<Option<PaperRow>, WalkError> {
    let records = register.records();
    let Some(disposal) = records.disposal(id) else { return Ok(None) };
    let paper = installation.store.paper(CONVERSATION, name).await?;
    let Some(paper) = paper.filter(|paper| paper.row.changed_at < before) else { return Ok(None) };
    let Some(uses) = uses_of_conversation(&paper.content) else { return Ok(None) };
    for of in &uses {
        match installation.store.made(of).await {
            Ok(made) if disposal.lists(&made) || records.is_erased(&made) => {}
            Ok(_) => return Ok(None),
            // A use without a row has no content of its own.
            Err(ReadError::Missing(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok((!uses.is_empty()).then_some(paper.row))
}

async fn complete(installation: &Installation, id: &DisposalId, who: &PersonId) -> Result<(), WalkError> {
    let done = installation.store.disposal_progress(id).await?;
    let certificate = Certificate { contents: done.contents, papers: done.papers, through: done.through };
    let occasion = Occasion {
        actor: Actor::Person(who.clone()),
        at: installation.world.now(),
        reason: String::new(),
        documents: Vec::new(),
        fresh: installation.world.fresh(),
    };
    let command = Command::CompleteDisposal(CompleteDisposal { disposal: id.clone(), certificate });
    if let Err(refusal) = installation.journal.govern(occasion, command, Vec::new()).await? {
        // Another walk of the same list was first, or whoever began it holds the role no longer: the page offers it anew.
        tracing::warn!(disposal = %id, %refusal, "the certificate was not written");
    }
    Ok(())
}
