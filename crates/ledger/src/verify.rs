//! Checking an exported ledger, offline: every byte of every file.
//!
//! The entries are read once, in order. Their hashes give the whole tree again; every tile file is
//! compared with it, and its root with the signed one. Only where something differs does the slow
//! part begin: which of the files is wrong? A tile is *authentic* if the signed root vouches for it:
//! the partial tiles of the right edge give the root, and each full tile's root stands in the tile
//! above it. So one goes down from the root to the place of the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::bundle::{CHECKPOINT, CHECKPOINTS, MANIFEST, VKEY, manifest, older_checkpoint_path};
use crate::checkpoint::{Checkpoint, CheckpointError, Origin, parse_number};
use crate::entry::{EntryError, check_entry};
use crate::hash::{Hash, leaf_hash, perfect_root, sha256, to_hashes};
use crate::note::{MAX_NOTE_BYTES, Note, NoteError, Verifier};
use crate::tile::{
    BundleError, EntryBundleId, MAX_BUNDLE_BYTES, TILE_WIDTH, TileId, decode_as_far_as_possible, partial_ids,
};
use crate::tree::{Tree, children, fold_peaks, peaks_of_edge};

const WIDTH: u64 = TILE_WIDTH as u64;

/// The most bytes `log.vkey` may have.
const MAX_VKEY_BYTES: u64 = 10_000;

/// The most older checkpoints a bundle may have; it bounds the verifier's memory.
const MAX_OLDER_CHECKPOINTS: usize = 1_000_000;

/// The bytes the manifest may have: for each older checkpoint its size and sum, and the rest.
const MAX_MANIFEST_BYTES: u64 = MAX_OLDER_CHECKPOINTS as u64 * 90 + 10_000;

/// How deep the folders of a bundle can be: seven parts of a tile's number, and what stands around.
const MAX_FOLDER_DEPTH: usize = 12;

/// What the verifier is to know beforehand.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// The log's key, from a source one trusts. Without it the bundle's own `log.vkey` is used,
    /// and the bundle shows no more than that it is consistent in itself.
    pub vkey: Option<String>,
    /// A signed checkpoint kept from earlier: the bundle must be a continuation of it.
    pub old_checkpoint: Option<Vec<u8>>,
    /// Keys of witnesses, each of which must have cosigned the checkpoint.
    pub witnesses: Vec<String>,
    /// Further files that may lie in the folder, as relative paths with `/`. They are left to the
    /// caller.
    pub also_expected: BTreeSet<String>,
    /// The folder is the plain copy of a `tlog-tiles` log: `log.vkey` and `manifest.json` may be
    /// missing. Then nothing shows that an older checkpoint was removed from it, or a witness's
    /// signature changed.
    pub plain: bool,
    /// After so many faults the verifier stops.
    pub max_faults: usize,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            vkey: None,
            old_checkpoint: None,
            witnesses: Vec::new(),
            also_expected: BTreeSet::new(),
            plain: false,
            max_faults: 100,
        }
    }
}

/// Sees what passes while a bundle is verified.
pub trait VerifyObserver {
    /// So many entries of so many are done.
    fn progress(&mut self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// An entry, in order. Entries found to be at fault are left out.
    ///
    /// What it says counts only if the verification succeeds in the end: the root is compared last.
    fn entry(&mut self, index: u64, entry: &[u8]) {
        let _ = (index, entry);
    }
}

/// Sees nothing.
impl VerifyObserver for () {}

/// A bundle in which everything agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The log.
    pub origin: Origin,
    /// Number of entries.
    pub size: u64,
    /// Root of their tree, signed by the log.
    pub root: Hash,
    /// The key with which the signatures were checked.
    pub vkey: String,
    /// Whether that key was given by the caller; else it came with the bundle, and anyone could
    /// have made both.
    pub vkey_trusted: bool,
    /// Sizes of the older checkpoints that were checked: those in the bundle, and the caller's.
    pub older_checkpoints: Vec<u64>,
    /// The witnesses asked for, and when each cosigned: seconds since 1970.
    pub cosigned: Vec<(String, u64)>,
    /// Names on signature lines of the checkpoint for which no key was given.
    pub unchecked_signatures: Vec<String>,
}

/// Why a bundle was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyFailure {
    /// The options make no sense: the bundle was not looked at.
    #[error("{what}: {reason}")]
    Options {
        /// Which option.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The bundle has faults.
    #[error("{}", summary(faults, *more))]
    Faults {
        /// The faults, in the order of finding; never empty.
        faults: Vec<Fault>,
        /// Whether the verifier stopped before it had looked at everything.
        more: bool,
    },
}

impl VerifyFailure {
    /// The faults found; none if the options were at fault.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Options { .. } => &[],
            Self::Faults { faults, .. } => faults,
        }
    }
}

fn summary(faults: &[Fault], more: bool) -> String {
    let mut text: Vec<String> = faults.iter().map(Fault::to_string).collect();
    if more {
        text.push("verification stopped here".to_owned());
    }
    text.join("\n")
}

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

/// Verifies an exported ledger: signatures, every tile, every entry, the root, the older
/// checkpoints, and that no file is missing or too many.
///
/// Memory stays bounded, whatever the folder holds, and the work is bounded by the files that are
/// really there, whatever the checkpoint claims.
///
/// # Errors
/// [`VerifyFailure`] with the faults found, each naming the file and, where it can be known, the
/// entry.
pub fn verify_dir(
    dir: &Path,
    options: &VerifyOptions,
    observer: &mut dyn VerifyObserver,
) -> Result<Verified, VerifyFailure> {
    let trusted = options.vkey.as_deref().map(|vkey| parse_key("trusted key", vkey)).transpose()?;
    let witnesses =
        options.witnesses.iter().map(|vkey| parse_key("witness key", vkey)).collect::<Result<Vec<_>, _>>()?;
    let mut run = Run { dir, options, faults: Vec::new(), more: false };
    let verified = run.all(trusted, &witnesses, observer)?;
    match verified {
        Some(verified) if run.faults.is_empty() => Ok(verified),
        _ => Err(VerifyFailure::Faults { faults: run.faults, more: run.more }),
    }
}

fn parse_key(what: &'static str, vkey: &str) -> Result<Verifier, VerifyFailure> {
    Verifier::parse(vkey.trim()).map_err(|error| VerifyFailure::Options { what, reason: error.to_string() })
}

/// A signed checkpoint other than the bundle's own.
struct Older {
    root: Hash,
    file: String,
}

struct Run<'a> {
    dir: &'a Path,
    options: &'a VerifyOptions,
    faults: Vec<Fault>,
    more: bool,
}

impl Run<'_> {
    /// `None` when it had to stop; then there is at least one fault.
    fn all(
        &mut self,
        trusted: Option<Verifier>,
        witnesses: &[Verifier],
        observer: &mut dyn VerifyObserver,
    ) -> Result<Option<Verified>, VerifyFailure> {
        let vkey_trusted = trusted.is_some();
        let Some(verifier) = self.key(trusted) else { return Ok(None) };
        let Some((note, checkpoint)) = self.checkpoint(&verifier) else { return Ok(None) };
        let mut cosigned = Vec::new();
        for witness in witnesses {
            match note.1.cosigned_at(witness) {
                Ok(time) => cosigned.push((witness.name().to_owned(), time)),
                Err(error) => self.fault(CHECKPOINT, None, FaultKind::Witness(error)),
            }
        }
        let mut older = BTreeMap::new();
        let sums = self.older_checkpoints(&verifier, &checkpoint, &mut older);
        self.kept_checkpoint(&verifier, &checkpoint, &mut older)?;
        self.manifest(&checkpoint, &note.0, &verifier, &sums);
        self.walk(checkpoint.size, &sums);
        if self.stop() || !self.entries(&checkpoint, &older, observer) {
            return Ok(None);
        }
        let known = |line: &&crate::note::SignatureLine| {
            !line.claims(&verifier) && !witnesses.iter().any(|witness| line.claims(witness))
        };
        let unchecked = note.1.signatures().iter().filter(known).map(|line| line.name().to_owned()).collect();
        Ok(Some(Verified {
            origin: checkpoint.origin,
            size: checkpoint.size,
            root: checkpoint.root,
            vkey: verifier.vkey(),
            vkey_trusted,
            older_checkpoints: older.into_keys().collect(),
            cosigned,
            unchecked_signatures: unchecked,
        }))
    }

    fn key(&mut self, trusted: Option<Verifier>) -> Option<Verifier> {
        let bytes = match read_file(self.dir, VKEY, MAX_VKEY_BYTES) {
            Ok(bytes) => bytes,
            Err(FaultKind::Missing) if self.options.plain && trusted.is_some() => return trusted,
            Err(kind) => {
                self.fault(VKEY, None, kind);
                return trusted;
            }
        };
        let own = String::from_utf8(bytes).map_err(|_| "not utf-8".to_owned()).and_then(|text| {
            match text.strip_suffix('\n') {
                Some(line) => Verifier::parse(line).map_err(|error| error.to_string()),
                None => Err("it must be one line with a newline at its end".to_owned()),
            }
        });
        match (own, trusted) {
            (Ok(own), None) => Some(own),
            (Ok(own), Some(trusted)) => {
                if own != trusted {
                    self.fault(VKEY, None, FaultKind::OtherKey);
                }
                Some(trusted)
            }
            (Err(why), trusted) => {
                self.fault(VKEY, None, FaultKind::Key(why));
                trusted
            }
        }
    }

    fn checkpoint(&mut self, verifier: &Verifier) -> Option<((Vec<u8>, Note), Checkpoint)> {
        let opened = read_file(self.dir, CHECKPOINT, MAX_NOTE_BYTES as u64).and_then(|bytes| {
            let note = Note::parse(&bytes).map_err(|error| FaultKind::Checkpoint(error.into()))?;
            let checkpoint = Checkpoint::open_note(&note, verifier).map_err(FaultKind::Checkpoint)?;
            Ok(((bytes, note), checkpoint))
        });
        opened.map_err(|kind| self.fault(CHECKPOINT, None, kind)).ok()
    }

    /// Reads `checkpoints/`, and answers with the sum of each file by its size.
    fn older_checkpoints(
        &mut self,
        verifier: &Verifier,
        checkpoint: &Checkpoint,
        older: &mut BTreeMap<u64, Older>,
    ) -> BTreeMap<u64, Hash> {
        let mut sums = BTreeMap::new();
        // A link or file of that name is reported by `walk`.
        let is_folder = fs::symlink_metadata(self.dir.join(CHECKPOINTS)).is_ok_and(|found| found.is_dir());
        let Ok(found) = fs::read_dir(self.dir.join(CHECKPOINTS)) else { return sums };
        if !is_folder {
            return sums;
        }
        let mut sizes = BTreeSet::new();
        for file in found.flatten() {
            // Other names are reported by `walk`.
            if let Some(size) = file.file_name().to_str().and_then(parse_number) {
                sizes.insert(size);
            }
            if sizes.len() > MAX_OLDER_CHECKPOINTS {
                let kind = FaultKind::Unreadable(format!("more than {MAX_OLDER_CHECKPOINTS} older checkpoints"));
                self.fault(CHECKPOINTS, None, kind);
                return sums;
            }
        }
        for size in sizes {
            if self.stop() {
                break;
            }
            let path = older_checkpoint_path(size);
            let bytes = match read_file(self.dir, &path, MAX_NOTE_BYTES as u64) {
                Ok(bytes) => bytes,
                Err(kind) => {
                    self.fault(&path, None, kind);
                    continue;
                }
            };
            sums.insert(size, sha256(&bytes));
            match Checkpoint::open(&bytes, verifier) {
                Ok(opened) if opened.size == size => self.compare(checkpoint, opened, path, older),
                Ok(opened) => self.fault(&path, None, FaultKind::Misnamed { size: opened.size }),
                Err(error) => self.fault(&path, None, FaultKind::Checkpoint(error)),
            }
        }
        sums
    }

    fn kept_checkpoint(
        &mut self,
        verifier: &Verifier,
        checkpoint: &Checkpoint,
        older: &mut BTreeMap<u64, Older>,
    ) -> Result<(), VerifyFailure> {
        if let Some(kept) = &self.options.old_checkpoint {
            let opened = Checkpoint::open(kept, verifier)
                .map_err(|error| VerifyFailure::Options { what: "old checkpoint", reason: error.to_string() })?;
            self.compare(checkpoint, opened, "the checkpoint kept from earlier".to_owned(), older);
        }
        Ok(())
    }

    /// Fits another signed checkpoint to the bundle's own and to those seen before.
    fn compare(&mut self, newest: &Checkpoint, other: Checkpoint, file: String, older: &mut BTreeMap<u64, Older>) {
        let size = other.size;
        if size > newest.size {
            let kind = FaultKind::Rollback { size: newest.size, seen: size, other: file };
            return self.fault(CHECKPOINT, None, kind);
        }
        if size == newest.size && other.root != newest.root {
            return self.fault(CHECKPOINT, None, FaultKind::Fork { size, other: file });
        }
        match older.get(&size) {
            Some(seen) if seen.root != other.root => {
                let seen = seen.file.clone();
                self.fault(&seen, None, FaultKind::Fork { size, other: file });
            }
            Some(_) => {}
            None => {
                older.insert(size, Older { root: other.root, file });
            }
        }
    }

    fn manifest(&mut self, checkpoint: &Checkpoint, note: &[u8], verifier: &Verifier, sums: &BTreeMap<u64, Hash>) {
        let found = match read_file(self.dir, MANIFEST, MAX_MANIFEST_BYTES) {
            Ok(found) => found,
            Err(FaultKind::Missing) if self.options.plain => return,
            Err(kind) => return self.fault(MANIFEST, None, kind),
        };
        let demanded = manifest(checkpoint, note, &verifier.vkey(), sums);
        if demanded.ok().as_deref() == Some(found.as_slice()) {
            return;
        }
        self.fault(MANIFEST, None, FaultKind::Manifest);
        // The manifest alone shows that an older checkpoint was taken away, or that a signature was
        // changed for which no key is at hand. Say so, if that is what it shows.
        let Ok(found) = serde_json::from_slice::<serde_json::Value>(&found) else { return };
        if let Some(listed) = found.get("checkpoints_sha256").and_then(serde_json::Value::as_object) {
            for size in listed.keys().filter_map(|size| parse_number(size)).filter(|size| !sums.contains_key(size)) {
                if self.stop() {
                    return;
                }
                self.fault(&older_checkpoint_path(size), None, FaultKind::Missing);
            }
            for (size, sum) in sums {
                let stated = listed.get(&size.to_string()).and_then(serde_json::Value::as_str);
                if stated.is_some_and(|stated| stated != sum.to_hex()) && !self.stop() {
                    self.fault(&older_checkpoint_path(*size), None, FaultKind::Sum);
                }
            }
        }
        let stated = found.get("checkpoint_sha256").and_then(serde_json::Value::as_str);
        if stated.is_some_and(|stated| stated != sha256(note).to_hex()) {
            self.fault(CHECKPOINT, None, FaultKind::Sum);
        }
    }

    /// Looks for what should not be there: other files, and links. Empty folders do no harm.
    fn walk(&mut self, size: u64, older: &BTreeMap<u64, Hash>) {
        let mut folders: Vec<(PathBuf, String)> = vec![(self.dir.to_owned(), String::new())];
        while let Some((folder, name)) = folders.pop() {
            let found = match fs::read_dir(&folder) {
                Ok(found) => found,
                Err(error) => {
                    self.fault(&name, None, FaultKind::Unreadable(error.to_string()));
                    continue;
                }
            };
            for item in found {
                if self.stop() {
                    return;
                }
                let item = match item {
                    Ok(item) => item,
                    Err(error) => {
                        self.fault(&name, None, FaultKind::Unreadable(error.to_string()));
                        break;
                    }
                };
                let path = match item.file_name().to_str() {
                    Some(last) if name.is_empty() => last.to_owned(),
                    Some(last) => format!("{name}/{last}"),
                    None => {
                        let path = format!("{name}/{}", item.file_name().to_string_lossy());
                        self.fault(&path, None, FaultKind::Unexpected);
                        continue;
                    }
                };
                let is_folder = item.file_type().is_ok_and(|kind| kind.is_dir());
                if self.is_expected(&path, size, older) {
                    // Whether it is a regular file is found when it is read.
                } else if is_folder && path.split('/').count() < MAX_FOLDER_DEPTH {
                    folders.push((item.path(), path));
                } else {
                    self.fault(&path, None, FaultKind::Unexpected);
                }
            }
        }
    }

    fn is_expected(&self, path: &str, size: u64, older: &BTreeMap<u64, Hash>) -> bool {
        if let Some(name) = path.strip_prefix("checkpoints/") {
            return parse_number(name).is_some_and(|size| older.contains_key(&size));
        }
        if let Ok(id) = EntryBundleId::parse(path) {
            return EntryBundleId::in_tree(id.index, size) == Some(id);
        }
        if let Ok(id) = TileId::parse(path) {
            return TileId::in_tree(id.level, id.index, size) == Some(id);
        }
        matches!(path, CHECKPOINT | VKEY | MANIFEST) || self.options.also_expected.contains(path)
    }

    /// The pass over all entries; `false` when it had to stop early.
    fn entries(
        &mut self,
        checkpoint: &Checkpoint,
        older: &BTreeMap<u64, Older>,
        observer: &mut dyn VerifyObserver,
    ) -> bool {
        let size = checkpoint.size;
        let mut tiles = Authentic::new(self.dir, checkpoint);
        let mut tree = Tree::new();
        let mut older = older.iter().peekable();
        let mut blamed = BTreeSet::new();
        let mut completed = Vec::new();
        self.compare_root(&tree, &mut older);
        for index in 0..size.div_ceil(WIDTH) {
            if self.stop() {
                return false;
            }
            observer.progress(index.saturating_mul(WIDTH), size);
            let Some(bundle) = EntryBundleId::in_tree(index, size) else { break };
            let before = self.faults.len();
            let Some(leaves) = self.leaves(bundle, &mut tiles, observer) else {
                self.more = true;
                return false;
            };
            if self.faults.len() > before {
                blamed.insert(index);
            }
            for leaf in leaves {
                tree.append_with(leaf, &mut |id, bytes| completed.push((id, bytes)));
                self.compare_root(&tree, &mut older);
            }
            for (id, bytes) in completed.drain(..) {
                self.compare_tile(id, &bytes, &mut tiles, &blamed);
            }
        }
        for (id, bytes) in tree.partial_tiles() {
            self.compare_tile(id, &bytes, &mut tiles, &blamed);
        }
        observer.progress(size, size);
        let computed = tree.root();
        if computed != checkpoint.root {
            self.fault(CHECKPOINT, None, FaultKind::Root { computed, signed: checkpoint.root });
        }
        true
    }

    fn compare_root<'o>(
        &mut self,
        tree: &Tree,
        older: &mut std::iter::Peekable<impl Iterator<Item = (&'o u64, &'o Older)>>,
    ) {
        if let Some((size, checkpoint)) = older.next_if(|(size, _)| **size == tree.size())
            && checkpoint.root != tree.root()
        {
            self.fault(&checkpoint.file, None, FaultKind::OtherHistory { size: *size });
        }
    }

    /// Reads one bundle and its tile of leaves, and settles where they differ. `None` when nothing
    /// tells what the leaves are.
    fn leaves(
        &mut self,
        bundle: EntryBundleId,
        tiles: &mut Authentic<'_>,
        observer: &mut dyn VerifyObserver,
    ) -> Option<Vec<Hash>> {
        let (file, first) = (bundle.path(), bundle.index.saturating_mul(WIDTH));
        let id = TileId { level: 0, index: bundle.index, width: bundle.width };
        let bytes =
            read_file(self.dir, &file, MAX_BUNDLE_BYTES as u64).map_err(|kind| self.fault(&file, None, kind)).ok();
        let tile = read_tile(self.dir, id).map_err(|kind| self.fault(&id.path(), None, kind)).ok();
        let (entries, malformed) = bytes.as_deref().map(decode_as_far_as_possible).unwrap_or_default();
        let whole = bytes.is_some() && malformed.is_none() && entries.len() == usize::from(bundle.width);
        let hashes: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();

        let agree = whole && tile.as_ref() == Some(&hashes);
        let authentic = if agree { Some(hashes.clone()) } else { tiles.tile(id) };
        let known = authentic.is_some();
        let Some(leaves) = authentic.or_else(|| tile.clone()).or_else(|| whole.then(|| hashes.clone())) else {
            if let Some(error) = malformed {
                self.fault(&file, Some(first + entries.len() as u64), FaultKind::Bundle(error));
            }
            return None;
        };

        if !agree && let Some(tile) = &tile {
            for (position, (found, leaf)) in (0u64..).zip(tile.iter().zip(&leaves)) {
                if found != leaf && !self.stop() {
                    let entry = first + position;
                    let kind = FaultKind::HashChanged { position, entries: (entry, entry) };
                    self.fault(&id.path(), Some(entry), kind);
                }
            }
        }
        let mut changed = false;
        for (index, ((entry, hash), leaf)) in (first..).zip(entries.iter().zip(&hashes).zip(&leaves)) {
            if hash == leaf {
                match check_entry(entry) {
                    Ok(()) => observer.entry(index, entry),
                    Err(error) if !self.stop() => self.fault(&file, Some(index), FaultKind::NotAnEntry(error)),
                    Err(_) => {}
                }
                continue;
            }
            // Once a length is wrong, all that follows is cut wrongly: the first one says it all.
            if !self.stop() && (whole || !changed) {
                let kind = if known { FaultKind::EntryChanged } else { FaultKind::Disagree { with: id.path() } };
                self.fault(&file, Some(index), kind);
            }
            changed = true;
        }
        if let Some(error) = malformed {
            let entry = first + entries.len() as u64;
            self.fault(&file, (!changed).then_some(entry), FaultKind::Bundle(error));
        } else if bytes.is_some() && !whole {
            let kind = FaultKind::Count { found: entries.len(), named: bundle.width };
            self.fault(&file, None, kind);
        }
        Some(leaves)
    }

    /// Compares a tile file with what the entries give; level 0 has been compared already.
    fn compare_tile(&mut self, id: TileId, computed: &[u8], tiles: &mut Authentic<'_>, blamed: &BTreeSet<u64>) {
        if id.level == 0 || self.stop() {
            return;
        }
        let found = read_tile(self.dir, id).map_err(|kind| self.fault(&id.path(), None, kind)).ok();
        let computed = to_hashes(computed).unwrap_or_default();
        if found.as_ref() == Some(&computed) {
            return;
        }
        let authentic = tiles.tile(id);
        let demanded = authentic.as_ref().unwrap_or(&computed);
        for (position, found) in (0u64..).zip(found.iter().flatten()) {
            let entries = entries_below(id, position);
            if demanded.get(position as usize) != Some(found) && !self.stop() {
                let kind = FaultKind::HashChanged { position, entries };
                self.fault(&id.path(), None, kind);
            }
        }
        // The levels above repeat what level 1 has said.
        if id.level == 1 {
            for (child, (computed, demanded)) in children(id).zip(computed.iter().zip(demanded)) {
                if computed != demanded && !blamed.contains(&child) && !self.stop() {
                    let entries = entries_below(TileId::full(0, child), 0);
                    let kind = FaultKind::SubtreeChanged { entries: (entries.0, entries.0 + WIDTH - 1) };
                    self.fault(&EntryBundleId::full(child).path(), None, kind);
                }
            }
        }
    }

    fn fault(&mut self, file: &str, entry: Option<u64>, kind: FaultKind) {
        let fault = Fault { file: file.to_owned(), entry, kind };
        // A folder in the place of a file is met by the walk and by the reading.
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn stop(&mut self) -> bool {
        let stop = self.faults.len() >= self.options.max_faults.max(1);
        self.more |= stop;
        stop
    }
}

/// The first and last entry below a hash of a tile.
fn entries_below(id: TileId, position: u64) -> (u64, u64) {
    let each = 1u64.checked_shl(u32::from(id.level) * 8).unwrap_or(u64::MAX);
    let first = id.index.saturating_mul(WIDTH).saturating_add(position).saturating_mul(each);
    (first, first.saturating_add(each - 1))
}

/// Tiles the signed root vouches for. Used only once a difference was found.
struct Authentic<'a> {
    dir: &'a Path,
    root: Hash,
    size: u64,
    /// The partial tiles by level; `None` when they could not be established, the outer `None`
    /// before anyone asked.
    edge: Option<Option<Vec<Vec<Hash>>>>,
    /// The last full tile looked at on each level: differences come in clusters.
    last: BTreeMap<u8, (u64, Option<Vec<Hash>>)>,
}

impl<'a> Authentic<'a> {
    fn new(dir: &'a Path, checkpoint: &Checkpoint) -> Self {
        Self { dir, root: checkpoint.root, size: checkpoint.size, edge: None, last: BTreeMap::new() }
    }

    /// The hashes that rightly belong into this tile. Recursion goes up, at most eight levels.
    fn tile(&mut self, id: TileId) -> Option<Vec<Hash>> {
        if !id.is_full() {
            if self.edge.is_none() {
                self.edge = Some(self.find_edge());
            }
            return self.edge.as_ref()?.as_ref()?.get(usize::from(id.level)).cloned();
        }
        if let Some((index, tile)) = self.last.get(&id.level)
            && *index == id.index
        {
            return tile.clone();
        }
        let found = self.find_full(id);
        self.last.insert(id.level, (id.index, found.clone()));
        found
    }

    fn find_full(&mut self, id: TileId) -> Option<Vec<Hash>> {
        let parent = TileId::in_tree(id.level + 1, id.index / WIDTH, self.size)?;
        let root = *self.tile(parent)?.get((id.index % WIDTH) as usize)?;
        let fits = |hashes: &Vec<Hash>| perfect_root(hashes) == Some(root);
        read_tile(self.dir, id).ok().filter(fits).or_else(|| self.as_below_says(id).into_iter().find(fits))
    }

    /// The partial tiles that together give the signed root: the files, or if one of them (or
    /// several) is wrong, what the files below it give.
    fn find_edge(&self) -> Option<Vec<Vec<Hash>>> {
        let gives_root = |tiles: &BTreeMap<u8, Vec<Hash>>| {
            let edge: Vec<Vec<Hash>> = (0..8).map(|level| tiles.get(&level).cloned().unwrap_or_default()).collect();
            (fold_peaks(&peaks_of_edge(&edge)) == self.root).then_some(edge)
        };
        let mut files = BTreeMap::new();
        let mut below = BTreeMap::new();
        for id in partial_ids(self.size) {
            let file = read_tile(self.dir, id).ok();
            let ways = self.as_below_says(id);
            let first = ways.first().cloned();
            files.insert(id.level, file.clone().or_else(|| first.clone())?);
            below.insert(id.level, (first.or(file)?, ways));
        }
        if let Some(edge) = gives_root(&files) {
            return Some(edge);
        }
        for (level, (_, ways)) in &below {
            let mut tiles = files.clone();
            for way in ways {
                tiles.insert(*level, way.clone());
                if let Some(edge) = gives_root(&tiles) {
                    return Some(edge);
                }
            }
        }
        gives_root(&below.into_iter().map(|(level, (first, _))| (level, first)).collect())
    }

    /// What a tile may hold by the files below it. At level 1 a tile below and its entries may say
    /// different things; where that happens in a few places only, every combination is given.
    fn as_below_says(&self, id: TileId) -> Vec<Vec<Hash>> {
        const FEW: usize = 8;
        let Some(below) = id.level.checked_sub(1) else {
            return self.leaves_of_entries(id.index, id.width).into_iter().collect();
        };
        let mut hashes = Vec::new();
        let mut in_doubt = Vec::new();
        for (position, index) in children(id).enumerate() {
            let of_tile = read_tile(self.dir, TileId::full(below, index)).ok().and_then(|tile| perfect_root(&tile));
            let of_entries = match below {
                0 => self.leaves_of_entries(index, TILE_WIDTH).and_then(|leaves| perfect_root(&leaves)),
                _ => None,
            };
            let Some(first) = of_tile.or(of_entries) else { return Vec::new() };
            hashes.push(first);
            if let Some(second) = of_entries.filter(|second| *second != first) {
                in_doubt.push((position, second));
            }
        }
        in_doubt.truncate(FEW);
        (0..1usize << in_doubt.len())
            .map(|choice| {
                let mut way = hashes.clone();
                for (bit, (position, second)) in in_doubt.iter().enumerate() {
                    if choice >> bit & 1 == 1
                        && let Some(hash) = way.get_mut(*position)
                    {
                        *hash = *second;
                    }
                }
                way
            })
            .collect()
    }

    fn leaves_of_entries(&self, index: u64, width: u16) -> Option<Vec<Hash>> {
        let path = EntryBundleId { index, width }.path();
        let bytes = read_file(self.dir, &path, MAX_BUNDLE_BYTES as u64).ok()?;
        match decode_as_far_as_possible(&bytes) {
            (entries, None) if entries.len() == usize::from(width) => {
                Some(entries.iter().map(|entry| leaf_hash(entry)).collect())
            }
            _ => None,
        }
    }
}

fn read_tile(dir: &Path, id: TileId) -> Result<Vec<Hash>, FaultKind> {
    let limit = id.byte_len() as u64;
    let bytes = read_file(dir, &id.path(), limit)?;
    let found = bytes.len() as u64;
    match to_hashes(&bytes) {
        Some(hashes) if found == limit => Ok(hashes),
        _ => Err(FaultKind::Length { found, limit }),
    }
}

/// Reads a file of at most `limit` bytes. Its kind and length are asked first: opening a pipe would
/// hang, and a huge file need not be read to be refused.
fn read_file(dir: &Path, relative: &str, limit: u64) -> Result<Vec<u8>, FaultKind> {
    let path = dir.join(relative);
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FaultKind::Missing,
        _ => FaultKind::Unreadable(error.to_string()),
    };
    let found = fs::symlink_metadata(&path).map_err(unreadable)?;
    if !found.is_file() {
        return Err(FaultKind::NotAFile);
    }
    if found.len() > limit {
        return Err(FaultKind::Length { found: found.len(), limit });
    }
    let mut bytes = Vec::with_capacity(found.len() as usize);
    let file = fs::File::open(&path).map_err(unreadable)?;
    // One byte more than allowed, should the file grow meanwhile.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(FaultKind::Length { found: bytes.len() as u64, limit });
    }
    Ok(bytes)
}
