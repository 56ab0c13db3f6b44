//! What can go wrong between a node and the depot.

use std::path::PathBuf;

use jiff::Timestamp;
use sekisho_search::dense::VectorsError;
use sekisho_search::shelf::ShelfError;
use sekisho_search::unit::Corpus;

/// Why a shelf was not published or fetched. Whatever it is, the shelf of this node stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    /// It cannot be reached, or refuses.
    #[error("the depot cannot be used")]
    Store(#[from] object_store::Error),
    /// A manifest that is not believed.
    #[error("the manifest `{key}` in the depot is refused: {what}")]
    Manifest {
        /// Which.
        key: String,
        /// In what way.
        what: &'static str,
    },
    /// A file that is not what the manifest says.
    #[error("the file `{name}` of generation {number} is refused: {what}; publish the shelf again with `--whole`")]
    Damaged {
        /// Its name on the shelf.
        name: String,
        /// Of which generation.
        number: u64,
        /// In what way.
        what: &'static str,
    },
    /// It was made by a program of another version.
    #[error("generation {number} has an index of version {found}, this program reads {known}")]
    Version {
        /// Which.
        number: u64,
        /// Its version.
        found: String,
        /// Ours.
        known: &'static str,
    },
    /// Another came first.
    #[error("generation {theirs}, published by `{node}` at {made_at}, is not the one this shelf comes from ({})", from(*ours))]
    Conflict {
        /// Of which corpus.
        corpus: Corpus,
        /// The generation this shelf comes from.
        ours: Option<u64>,
        /// The newest.
        theirs: u64,
        /// Who published it.
        node: String,
        /// When.
        made_at: Timestamp,
    },
    /// The depot has less than it had.
    #[error("the depot had generation {known} and has now {}; if it was lost, publish the shelf again with `--whole`", found.map_or("none".into(), |n| n.to_string()))]
    Rollback {
        /// As this node has it.
        known: u64,
        /// As the depot has it.
        found: Option<u64>,
    },
    /// A file on this node.
    #[error("`{}` cannot be read or written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The shelf of this node.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// The vectors of this node.
    #[error(transparent)]
    Vectors(#[from] VectorsError),
    /// What cannot be written down.
    #[error("the manifest cannot be written")]
    Written(#[from] serde_json::Error),
    /// Reading what was fetched broke off.
    #[error("what was fetched could not be opened")]
    Opened(#[from] tokio::task::JoinError),
}

fn from(ours: Option<u64>) -> String {
    ours.map_or_else(|| "it was never published".to_owned(), |number| format!("generation {number}"))
}

impl DepotError {
    /// The kind, for metrics and pages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "unreached",
            Self::Manifest { .. } => "manifest",
            Self::Damaged { .. } => "damaged",
            Self::Version { .. } => "version",
            Self::Conflict { .. } => "conflict",
            Self::Rollback { .. } => "rollback",
            Self::Shelf(ShelfError::Busy { .. }) => "busy",
            Self::Opened(_) | Self::Shelf(_) | Self::Vectors(_) => "unopened",
            Self::File { .. } | Self::Written(_) => "disk",
        }
    }
}
