//! Drafts that several people write: a statement before its signature, an audit file before its report, a mapping of
//! columns. A change is made on the newest state and made again when somebody else was first, so nobody's work is lost.

use super::documents::DocumentError;
use crate::installation::Installation;
use bytes::Bytes;
use sekisho_domain::id::PersonId;
use sekisho_store::{Body, PaperRow, RANDOM_BYTES};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How often a change is tried again.
const TRIES: usize = 8;

/// What a draft is of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Draft {
    /// `StatementContent`, by the statement's identifier.
    Statement,
    /// `AuditFile`, by the engagement's identifier.
    AuditFile,
    /// `Columns`, by the name of the import.
    Columns,
    /// `Crosswalk`, by the identifiers of the two versions.
    Crosswalk,
    /// Files that somebody uploaded and has not imported yet, by whose they are.
    Uploads,
    /// A file on its way in, by the import and the person: kept already, and not yet taken up.
    Upload,
}

impl Draft {
    fn kind(self) -> &'static str {
        match self {
            Self::Statement => "statement-draft",
            Self::AuditFile => "audit-file",
            Self::Columns => "columns",
            Self::Crosswalk => "crosswalk-draft",
            Self::Uploads => "uploads",
            Self::Upload => "upload",
        }
    }
}

/// A draft as it stands; `None` when nobody has begun.
pub(crate) async fn load<T: DeserializeOwned>(
    app: &Installation,
    draft: Draft,
    id: &str,
) -> Result<Option<T>, DocumentError> {
    let Some(paper) = app.store.paper(draft.kind(), id).await? else { return Ok(None) };
    serde_json::from_slice(&paper.content).map(Some).map_err(|_| DocumentError::Damaged(id.to_owned()))
}

/// Changes a draft, or begins one from its default; returns it as it was kept. A change that says `Err` keeps nothing.
pub(crate) async fn change<T, E>(
    app: &Installation,
    by: &PersonId,
    draft: Draft,
    id: &str,
    begin: impl Fn() -> T,
    change: impl Fn(&mut T) -> Result<(), E>,
) -> Result<Result<T, E>, DocumentError>
where
    T: Serialize + DeserializeOwned,
{
    for _ in 0..TRIES {
        let now = app.world.now();
        let paper = app.store.paper(draft.kind(), id).await?;
        let (mut content, row) = match paper {
            Some(paper) => {
                let content =
                    serde_json::from_slice(&paper.content).map_err(|_| DocumentError::Damaged(id.to_owned()))?;
                (content, PaperRow { version: paper.row.version + 1, changed_at: now, ..paper.row })
            }
            None => {
                let row = PaperRow {
                    kind: draft.kind().to_owned(),
                    id: id.to_owned(),
                    owner: by.clone(),
                    personal: false,
                    version: 1,
                    created_at: now,
                    changed_at: now,
                };
                (begin(), row)
            }
        };
        if let Err(refused) = change(&mut content) {
            return Ok(Err(refused));
        }
        let bytes = serde_json::to_vec(&content).map_err(|_| DocumentError::Damaged(id.to_owned()))?;
        let mut random = [0; RANDOM_BYTES];
        app.world.random(&mut random);
        if app.journal.keep_paper(row, &Body::new(Bytes::from(bytes), &random)).await? {
            return Ok(Ok(content));
        }
    }
    Err(DocumentError::Missing(id.to_owned()))
}
