//! The uses of a request for disclosure: which are in its scope, what is left of their content, and in which the words
//! stand.

use super::readable::readable;
use super::{PIECE, WalkError};
use crate::installation::Installation;
use jiff::Timestamp;
use sekisho_domain::day::begin_in_japan;
use sekisho_domain::id::UseId;
use sekisho_domain::records::disclosure::{Disclosure, ScopeListing};
use sekisho_domain::records::disposal::Listed;
use sekisho_gate::record::{ANSWER, REQUEST, binding};
use sekisho_store::{MadeRow, ReadError};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// Most uses of one request: a longer list is nobody's to read.
pub(crate) const MOST: u64 = 50_000;

/// What is left of a use's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Left {
    /// There, and a word stands in it, or none was asked for.
    Found,
    /// There, and none of the words stands in it.
    NotFound,
    /// Destroyed, or never kept.
    Gone,
}

/// A use of the scope.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct InScope {
    pub(crate) of: UseId,
    pub(crate) opened: u64,
    pub(crate) closed: u64,
    pub(crate) at: Timestamp,
    pub(crate) left: Left,
    /// How many parts of its content there were.
    pub(crate) parts: u64,
}

/// All of them, as found at one time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Found {
    /// The list as an entry holds it.
    pub(crate) list: Listed,
    /// Entries before this index were looked at.
    pub(crate) entries: u64,
    /// Position of the register.
    pub(crate) counted_at: u64,
    pub(crate) at: Timestamp,
    pub(crate) uses: Vec<InScope>,
}

impl Found {
    pub(crate) fn count(&self, left: Left) -> u64 {
        self.uses.iter().filter(|one| one.left == left).count() as u64
    }
}

/// One part of a use's content, as it can be read.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) entry: u64,
    pub(crate) salt: [u8; 32],
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: String,
}

/// What is there of a use's content.
pub(crate) async fn parts(
    installation: &Installation,
    of: &UseId,
    opened: u64,
    closed: u64,
) -> Result<Vec<Part>, ReadError> {
    let mut parts = Vec::with_capacity(2);
    for (name, entry) in [(REQUEST, opened), (ANSWER, closed)] {
        if name == ANSWER && closed == 0 {
            continue;
        }
        match installation.store.open_sealed(entry, &binding(of, name)).await {
            Ok(opening) => {
                let text = readable(&opening.bytes);
                parts.push(Part { name, entry, salt: opening.salt, bytes: opening.bytes, text });
            }
            Err(ReadError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(parts)
}

/// Half and full width, and upper and lower case, are the same word to whoever asks for it.
pub(crate) fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Why the uses of a request are not listed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScopeError {
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// More than [`MOST`].
    #[error("more than {MOST} uses")]
    TooMany,
}

impl From<ReadError> for ScopeError {
    fn from(error: ReadError) -> Self {
        Self::Walk(error.into())
    }
}

/// Looks through every use of the scope.
pub(crate) async fn find(installation: &Installation, disclosure: &Disclosure) -> Result<Found, ScopeError> {
    let words: Vec<String> = disclosure.words.iter().map(|word| folded(word)).collect();
    let register = installation.journal.register().map_err(WalkError::from)?;
    let mut listing = ScopeListing::new(register.records().ground(), disclosure);
    let until = disclosure.scope.until.and_then(|day| day.tomorrow().ok()).and_then(begin_in_japan);
    let (before, mut from, mut uses) = (until.unwrap_or(Timestamp::MAX), 0, Vec::new());
    loop {
        let rows = installation.store.made_from(from, before, PIECE).await?;
        let Some(last) = rows.last() else { break };
        from = last.made.opened + 1;
        for row in rows {
            if listing.add(&row.made) {
                if uses.len() as u64 >= MOST {
                    return Err(ScopeError::TooMany);
                }
                uses.push(looked_through(installation, row, &words).await?);
            }
        }
        if installation.tasks.is_closed() {
            return Err(WalkError::Stopping.into());
        }
    }
    // Behind the last use that was seen nothing was looked at: another may have come since.
    let (at, counted_at) = (installation.world.now(), register.position());
    Ok(Found { list: listing.finish(), entries: from, counted_at, at, uses })
}

async fn looked_through(installation: &Installation, row: MadeRow, words: &[String]) -> Result<InScope, ReadError> {
    let parts = parts(installation, &row.made.of, row.made.opened, row.closed).await?;
    let stands = |part: &Part| {
        let text = folded(&part.text);
        words.iter().any(|word| text.contains(word))
    };
    let left = if parts.is_empty() {
        Left::Gone
    } else if words.is_empty() || parts.iter().any(stands) {
        Left::Found
    } else {
        Left::NotFound
    };
    let (of, opened, closed, at) = (row.made.of, row.made.opened, row.closed, row.made.at);
    Ok(InScope { of, opened, closed, at, left, parts: parts.len() as u64 })
}
