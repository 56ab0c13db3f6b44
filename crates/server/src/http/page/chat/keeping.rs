//! Where conversations are kept: personal papers that nobody but their owner opens.

use super::conversation::Conversation;
use crate::http::App;
use crate::http::page::act::keep;
use crate::http::page::error::PageError;
use jiff::Timestamp;
use sekisho_domain::id::PersonId;
use sekisho_store::{Paper, PaperRow};

const KIND: &str = "conversation";
/// Most conversations that are listed and searched.
const MOST: u64 = 5_000;
/// How often a change is made again when another page was first.
const TRIES: usize = 10;

/// A conversation with its name.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) changed_at: Timestamp,
    pub(super) conversation: Conversation,
}

fn read(paper: &Paper) -> Result<Conversation, PageError> {
    serde_json::from_slice(&paper.content).map_err(|error| {
        tracing::error!(%error, "a conversation cannot be read");
        PageError::Inside
    })
}

async fn paper(app: &App, owner: &PersonId, id: &str) -> Result<Option<Paper>, PageError> {
    Ok(app.store.paper(KIND, id).await?.filter(|paper| paper.row.owner == *owner))
}

/// Opens one's own. Another's is not there.
pub(super) async fn open(app: &App, owner: &PersonId, id: &str) -> Result<Kept, PageError> {
    let paper = paper(app, owner, id).await?.ok_or(PageError::Missing)?;
    Ok(Kept { id: id.to_owned(), changed_at: paper.row.changed_at, conversation: read(&paper)? })
}

/// All of one's own, changed last first. Those in which nothing was said yet are left out.
pub(super) async fn all(app: &App, owner: &PersonId) -> Result<Vec<Kept>, PageError> {
    let mut all = Vec::new();
    for paper in app.store.papers_of(KIND, owner, MOST).await? {
        let conversation = read(&paper)?;
        if !conversation.messages.is_empty() {
            all.push(Kept { id: paper.row.id, changed_at: paper.row.changed_at, conversation });
        }
    }
    Ok(all)
}

/// Begins one; `false` when it exists.
pub(super) async fn begin(
    app: &App,
    owner: &PersonId,
    id: &str,
    conversation: &Conversation,
) -> Result<bool, PageError> {
    let now = app.world.now();
    let row = PaperRow {
        kind: KIND.to_owned(),
        id: id.to_owned(),
        owner: owner.clone(),
        personal: true,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    keep(app, row, conversation).await
}

/// Changes one's own, on its newest version.
pub(super) async fn change<T>(
    app: &App,
    owner: &PersonId,
    id: &str,
    mut change: impl FnMut(&mut Conversation) -> T,
) -> Result<T, PageError> {
    for _ in 0..TRIES {
        let paper = paper(app, owner, id).await?.ok_or(PageError::Missing)?;
        let mut conversation = read(&paper)?;
        let outcome = change(&mut conversation);
        let row = PaperRow { version: paper.row.version + 1, changed_at: app.world.now(), ..paper.row };
        if keep(app, row, &conversation).await? {
            return Ok(outcome);
        }
    }
    tracing::error!(id, "a conversation kept changing");
    Err(PageError::Unavailable)
}

/// Destroys one's own.
pub(super) async fn destroy(app: &App, owner: &PersonId, id: &str) -> Result<(), PageError> {
    Ok(app.journal.destroy_paper(KIND, id, owner).await?)
}
