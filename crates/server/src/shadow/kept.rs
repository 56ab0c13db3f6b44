//! What scans have found so far, who stands behind the pseudonyms, and how far the logs were read: one paper, so that what
//! was counted and how far one came are kept together or not at all.

use crate::installation::Installation;
use bytes::Bytes;
use sekisho_domain::command::INSTALLATION;
use sekisho_domain::id::PersonId;
use sekisho_shadow::{Findings, Opening, Positions};
use sekisho_store::{Body, JournalError, PaperRow, RANDOM_BYTES, ReadError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Kind and name of the paper.
const KIND: &str = "shadow";
const NAME: &str = "kept";
/// How often one begins again because somebody else was first.
const AGAIN: usize = 5;
/// How hard it is packed: rows are much alike.
const LEVEL: i32 = 3;
/// The most bytes it may unpack to.
const LARGEST: usize = 1 << 30;

/// What is kept of scans.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) findings: Option<Findings>,
    /// By pseudonym. Shown one by one, to who may and says why.
    pub(crate) openings: BTreeMap<String, Opening>,
    pub(crate) positions: Option<Positions>,
    /// SHA-256 of the files that were sent to the page, lower-case hex: the same file counts once.
    #[serde(default)]
    pub(crate) uploads: BTreeSet<String>,
}

/// Why nothing was kept or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("what was kept of scans cannot be read: {0}")]
    Damaged(String),
    #[error("somebody else keeps scans at this moment; try again")]
    Busy,
}

fn damaged(error: impl std::fmt::Display) -> KeepError {
    KeepError::Damaged(error.to_string())
}

fn owner() -> Result<PersonId, KeepError> {
    PersonId::new(INSTALLATION).map_err(damaged)
}

/// What is kept, with the version it was read in; 0 when there is nothing.
///
/// # Errors
/// [`KeepError`].
pub(crate) async fn load(app: &Installation) -> Result<(Kept, u64), KeepError> {
    let Some(paper) = app.store.paper(KIND, NAME).await? else { return Ok((Kept::default(), 0)) };
    let work = move || {
        let bytes = zstd::bulk::decompress(&paper.content, LARGEST).map_err(damaged)?;
        Ok::<_, KeepError>((serde_json::from_slice(&bytes).map_err(damaged)?, paper.row.version))
    };
    app.tasks.spawn_blocking(work).await.map_err(damaged)?
}

/// Keeps what became of the version that was read; `false` when somebody else was first.
async fn keep(app: &Installation, kept: Kept, read: u64) -> Result<bool, KeepError> {
    let work = move || {
        let bytes = serde_json::to_vec(&kept).map_err(damaged)?;
        zstd::bulk::compress(&bytes, LEVEL).map_err(damaged)
    };
    let content = app.tasks.spawn_blocking(work).await.map_err(damaged)??;
    let now = app.world.now();
    let row = PaperRow {
        kind: KIND.to_owned(),
        id: NAME.to_owned(),
        owner: owner()?,
        personal: false,
        version: read + 1,
        created_at: now,
        changed_at: now,
    };
    let mut random = [0; RANDOM_BYTES];
    app.world.random(&mut random);
    Ok(app.journal.keep_paper(row, &Body::new(Bytes::from(content), &random)).await?)
}

/// Changes what is kept, again from the newest state when somebody else was first; `change` says whether it fits that
/// state.
///
/// # Errors
/// [`KeepError::Busy`] when it does not, or when others are always first.
pub(crate) async fn change(app: &Installation, mut change: impl FnMut(&mut Kept) -> bool) -> Result<(), KeepError> {
    for _ in 0..AGAIN {
        let (mut kept, version) = load(app).await?;
        if !change(&mut kept) {
            break;
        }
        if keep(app, kept, version).await? {
            return Ok(());
        }
    }
    Err(KeepError::Busy)
}

/// Destroys all of it.
///
/// # Errors
/// [`KeepError`].
pub(crate) async fn destroy(app: &Installation) -> Result<(), KeepError> {
    Ok(app.journal.destroy_paper(KIND, NAME, &owner()?).await?)
}
