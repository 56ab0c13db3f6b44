//! What can be wrong with an exported ledger, and where.

use crate::checkpoint::CheckpointError;
use crate::entry::EntryError;
use crate::hash::Hash;
use crate::note::NoteError;
use crate::tile::BundleError;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file at fault, relative to the bundle.
    pub file: String,
    /// The entry at fault, where it can be known.
    pub entry: Option<u64>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What can be wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The file should be there and is not.
    Missing,
    /// The file, folder or link should not be there.
    Unexpected,
    /// A folder, a link or a device stands where a file should.
    NotAFile,
    /// The file cannot be read; the text says why.
    Unreadable(String),
    /// The file has a length, in bytes, that it cannot rightly have.
    Length {
        /// The length found.
        found: u64,
        /// The length demanded, or the greatest allowed.
        limit: u64,
    },
    /// The key file is not one line with a verifier key.
    Key(String),
    /// The key file holds another key than the one trusted.
    OtherKey,
    /// A checkpoint is malformed or its signature does not hold.
    Checkpoint(CheckpointError),
    /// A witness's signature is missing or does not hold.
    Witness(NoteError),
    /// Fewer witnesses have cosigned than the policy asks for. The ledger may be whole; it is not vouched for enough.
    Quorum {
        /// Those who have, and when: seconds since 1970.
        cosigned: Vec<(String, u64)>,
        /// Those who have not.
        missing: Vec<String>,
        /// The greatest enclosed older checkpoint that enough have cosigned.
        older: Option<u64>,
    },
    /// An older checkpoint lies under the name of another size.
    Misnamed {
        /// The size it states.
        size: u64,
    },
    /// Two signed checkpoints of one size have different roots: the log has told two stories.
    Fork {
        /// The size.
        size: u64,
        /// Where the other checkpoint is found.
        other: String,
    },
    /// A signed checkpoint is larger than the bundle's own: history was cut short.
    Rollback {
        /// Size of the bundle's checkpoint.
        size: u64,
        /// The larger size.
        seen: u64,
        /// Where the larger checkpoint is found.
        other: String,
    },
    /// The first entries of the bundle are not those an older checkpoint was signed for.
    OtherHistory {
        /// The older checkpoint's size.
        size: u64,
    },
    /// The manifest is not what follows from the other files.
    Manifest,
    /// The file, or the manifest, was changed: the manifest states another SHA-256 for it.
    Sum,
    /// The lengths in the bundle do not fit.
    Bundle(BundleError),
    /// The bundle has another number of entries than its name says.
    Count {
        /// The number found.
        found: usize,
        /// The number its name says.
        named: u16,
    },
    /// The entry is another than the one the signed root vouches for.
    EntryChanged,
    /// The entry was signed into the log and yet is not an entry.
    NotAnEntry(EntryError),
    /// A hash in a tile is another than the one the signed root vouches for.
    HashChanged {
        /// Position in the tile, from 0.
        position: u64,
        /// The first and last entry below it.
        entries: (u64, u64),
    },
    /// Tile and entries differ, and the files above do not tell which is wrong.
    Disagree {
        /// The other file.
        with: String,
    },
    /// Tile and entries agree, but the signed root vouches for others.
    SubtreeChanged {
        /// The first and last entry.
        entries: (u64, u64),
    },
    /// The entries give another root than the signed one.
    Root {
        /// The root of the entries in the bundle.
        computed: Hash,
        /// The root that was signed.
        signed: Hash,
    },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let file = &self.file;
        match &self.kind {
            FaultKind::Missing => write!(f, "{file} is missing"),
            FaultKind::Unexpected => write!(f, "unexpected file `{file}`"),
            FaultKind::NotAFile => write!(f, "{file} is not a regular file"),
            FaultKind::Unreadable(why) => write!(f, "{file} cannot be read: {why}"),
            FaultKind::Length { found, limit } => write!(f, "{file} has {found} bytes instead of {limit}"),
            FaultKind::Key(why) => write!(f, "{file} is not a verifier key: {why}"),
            FaultKind::OtherKey => write!(f, "{file} is not the trusted key"),
            FaultKind::Checkpoint(why) => write!(f, "{file} does not hold: {why}"),
            FaultKind::Witness(why) => write!(f, "{file} lacks a witness: {why}"),
            FaultKind::Quorum { cosigned, missing, .. } => {
                let (have, all) = (cosigned.len(), cosigned.len() + missing.len());
                write!(f, "{file} is cosigned by {have} of {all} witnesses, fewer than the policy's quorum")
            }
            FaultKind::Misnamed { size } => write!(f, "{file} is the checkpoint of {size} entries"),
            FaultKind::Fork { size, other } => {
                write!(f, "fork: {file} and {other} are both signed for {size} entries and differ")
            }
            FaultKind::Rollback { size, seen, other } => {
                write!(f, "rollback: {file} covers {size} entries, but {other} covers {seen}")
            }
            FaultKind::OtherHistory { size } => {
                write!(f, "{file} was signed for other entries: the first {size} here have another root")
            }
            FaultKind::Manifest => write!(f, "{file} does not fit the other files"),
            FaultKind::Sum => write!(f, "{file} does not have the sum that manifest.json states"),
            FaultKind::Bundle(why) => write!(f, "{file} is malformed: {why}"),
            FaultKind::Count { found, named } => write!(f, "{file} has {found} entries instead of {named}"),
            FaultKind::EntryChanged => match self.entry {
                Some(entry) => write!(f, "entry {entry} in {file} is not what was recorded"),
                None => write!(f, "an entry in {file} is not what was recorded"),
            },
            FaultKind::NotAnEntry(why) => match self.entry {
                Some(entry) => write!(f, "entry {entry} in {file} should not have been recorded: {why}"),
                None => write!(f, "an entry in {file} should not have been recorded: {why}"),
            },
            FaultKind::HashChanged { position, entries: (first, last) } if first == last => {
                write!(f, "hash {position} in {file} (entry {first}) was changed")
            }
            FaultKind::HashChanged { position, entries: (first, last) } => {
                write!(f, "hash {position} in {file} (entries {first} to {last}) was changed")
            }
            FaultKind::Disagree { with } => match self.entry {
                Some(entry) => write!(f, "{file} and {with} differ about entry {entry}; which is wrong is not known"),
                None => write!(f, "{file} and {with} differ; which is wrong is not known"),
            },
            FaultKind::SubtreeChanged { entries: (first, last) } => {
                write!(f, "entries {first} to {last} in {file} are not what was recorded; their tile was changed too")
            }
            FaultKind::Root { computed, signed } => write!(
                f,
                "{file} is not signed for these entries: their root is {}, the signed root is {}",
                computed.to_base64(),
                signed.to_base64()
            ),
        }
    }
}
