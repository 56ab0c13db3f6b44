//! Where records lie: SQLite or PostgreSQL behind one small door, the journal that writes the ledger, sealed content.
//!
//! The store knows how to keep; what may be kept is decided by `sekisho-domain`, and what proves it by
//! `sekisho-ledger`.

mod accounts;
mod batch;
mod bundle;
mod election;
mod engine;
mod export;
mod files;
mod inspection;
mod journal;
mod kinds;
mod moving;
mod nodes;
mod oversight;
mod papers;
mod postgres;
mod pulse;
mod reading;
mod records;
mod schema;
mod sealed;
mod signing;
mod snapshot;
mod spending;
mod sqlite;
mod trail;
mod use_report;
mod uses;
mod witnesses;
mod writer;

pub use accounts::{AccountChange, AccountRow, SessionRow};
pub use engine::{Connections, Database, EngineError, Synchronous};
pub use export::ExportError;
pub use files::FileRow;
pub use inspection::{
    Family, Head, Inspection, KeptPaper, KeptUse, Page, PrivateRows, Sums, TrailLine, WitnessLine, opens,
};
pub use journal::{Committed, DirectoryChange, Journal, JournalError, JournalSettings, Record, UseChange};
pub use moving::{MoveError, Moved, move_to_postgres};
pub use nodes::{Gone, NameError};
pub use oversight::{Amount, Dimension, UseFilter};
pub use papers::{Paper, PaperRow};
pub use postgres::{Password, Postgres};
pub use pulse::{JournalStatus, JournalWatch};
pub use reading::{DirectoryPerson, PermitUses, ReadError};
pub use records::{MadeRow, Progress, Step};
pub use schema::SchemaStep;
pub use sealed::{Body, ContentKey, Opening, RANDOM_BYTES, SealError};
pub use signing::{CheckpointSigner, SigningError};
pub use snapshot::{Snapshot, holds, look, restore_into};
pub use spending::Spender;
pub use trail::{Cursor, TrailFilter, TrailRow};
pub use uses::{LeftOpen, UseOutcome, UseRow};
pub use witnesses::{RefusalKind, WitnessChange, WitnessFault, WitnessRefusal, WitnessRow};

use engine::Engine;

/// Why an installation's data could not be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The head of the ledger does not follow from its entries and tiles.
    #[error(
        "the ledger's head at size {size} does not follow from its entries; restore a back-up or run `sekisho ledger verify` on an export"
    )]
    Head {
        /// Size at the head.
        size: u64,
    },
    /// A governance entry cannot be folded.
    #[error("entry {index} cannot be folded: {detail}")]
    Fold {
        /// Index of the entry.
        index: u64,
        /// Why.
        detail: String,
    },
    /// The tree may not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// An open installation: reads go here, writes through the [`Journal`].
#[derive(Debug, Clone)]
pub struct Store {
    engine: Engine,
    key: ContentKey,
    vkey: String,
}

impl Store {
    /// Opens the database, folds the register and hands back the journal together with its writer, which the caller
    /// runs as a task and stops with [`Journal::stop`].
    pub async fn open(
        database: &Database,
        synchronous: Synchronous,
        key: ContentKey,
        (signer, node): (CheckpointSigner, &str),
        settings: JournalSettings,
    ) -> Result<(Self, Journal, impl Future<Output = ()> + Send + 'static), StoreError> {
        let engine = Engine::open(database, synchronous).await?;
        trail::fill(&engine).await?;
        let vkey = signer.vkey();
        let (journal, writer) = Journal::open(engine.clone(), key.clone(), (signer, node), settings).await?;
        Ok((Self { engine, key, vkey }, journal, writer))
    }

    /// The verifier key of the log, to hand to outsiders.
    pub fn vkey(&self) -> &str {
        &self.vkey
    }

    /// Connections to the database, for writing and for reading; `None` where there is no pool of them (SQLite).
    pub fn connections(&self) -> Option<[Connections; 2]> {
        self.engine.connections()
    }

    /// Closes every connection; call it after the journal has stopped.
    pub async fn close(&self) {
        self.engine.close().await;
    }
}
