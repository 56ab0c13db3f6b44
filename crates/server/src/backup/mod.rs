//! バックアップと復元: one encrypted file that holds the database and the keys, and the way back.
//!
//! The file is an age file (`age-encryption.org/v1`) around a tar archive: `manifest.json` with the digest of everything
//! that follows, `sekisho.db`, and what lies in `keys`, save the memory of what was signed last. That memory must not be old:
//! it is what keeps a restored copy from signing a second history, so whoever restores must say what was signed last.

pub(crate) mod archive;
pub(crate) mod locks;

use serde::{Deserialize, Serialize};

/// Name and version of the form.
pub(crate) const FORMAT: &str = "sekisho-backup/1";
/// The database in the archive.
pub(crate) const DATABASE: &str = "sekisho.db";
/// The first file of the archive.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The folder of keys.
pub(crate) const KEYS: &str = "keys";

/// What a back-up says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: String,
    /// Version of the program that wrote it.
    pub(crate) program: String,
    /// When, RFC 3339.
    pub(crate) made_at: String,
    /// Name of the log.
    pub(crate) origin: String,
    /// Verifier key of the log.
    pub(crate) vkey: String,
    /// Entries of the ledger, and the root over them.
    pub(crate) entries: u64,
    pub(crate) root: String,
    /// What follows in the archive.
    pub(crate) files: Vec<Member>,
}

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}
