//! 公文書: counting what may be destroyed, destroying it, and reading what was asked for. What may be done is decided in
//! the domain; this is the walk over the uses.

pub(crate) mod counting;
pub(crate) mod destroying;
pub(crate) mod masking;
pub(crate) mod readable;
pub(crate) mod recount;
pub(crate) mod scope;

use crate::installation::Installation;
use sekisho_domain::command::{ClassifyRecord, Command, EraseContent};
use sekisho_store::{JournalError, ReadError};

/// Uses looked at in one piece.
const PIECE: u64 = 2_000;

/// Why a walk over the uses broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WalkError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The program is stopping.
    #[error("the program is stopping")]
    Stopping,
}

/// Puts in what retention asks of the use a command speaks of. No caller says it: it follows from the use's record.
pub(crate) async fn with_facts(installation: &Installation, command: Command) -> Result<Command, ReadError> {
    Ok(match command {
        Command::EraseContent(EraseContent { of, .. }) => {
            let made = Some(installation.store.made(&of).await?);
            Command::EraseContent(EraseContent { of, made })
        }
        Command::ClassifyRecord(ClassifyRecord { of, status, .. }) => {
            let made = Some(installation.store.made(&of).await?);
            Command::ClassifyRecord(ClassifyRecord { of, status, made })
        }
        other => other,
    })
}
