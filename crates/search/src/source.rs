//! Sources: files as the State publishes them, and the body's own, read into units and put on a shelf.
//!
//! An import goes through its files twice: first it learns what is there (the names of all laws, how many speeches each
//! meeting has), then it writes one group after the other. So it holds one group at a time, however large the archive,
//! and nothing of it is seen before all of it is. What cannot be read is a [`Reject`] with its place; the rest goes on.

pub mod diet;
pub mod document;
pub mod feed;
pub mod law;
mod place;
mod reason;
mod report;

pub use place::{Place, Reject};
pub use report::Report;

use sha2::Digest as _;

/// Counted up when the same file is read into other units, so that it is read again.
const READING: &[u8] = b"1\n";

/// A hash of everything that a group is read from.
fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = sha2::Sha256::new();
    hasher.update(READING);
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
