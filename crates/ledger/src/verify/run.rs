//! The run over a folder: key and checkpoint, older checkpoints, the manifest, every entry, every tile, and files that should
//! not be there.

use super::authentic::{Authentic, entries_below, read_file, read_tile};
use super::{Fault, FaultKind, Verified, VerifyFailure, VerifyObserver, VerifyOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::bundle::{CHECKPOINT, CHECKPOINTS, MANIFEST, VKEY, manifest, older_checkpoint_path};
use crate::checkpoint::{Checkpoint, CheckpointError, parse_number};
use crate::entry::check_entry;
use crate::hash::{Hash, leaf_hash, sha256, to_hashes};
use crate::note::{MAX_NOTE_BYTES, Note, Verifier};
use crate::policy::{Policy, Witnessed};
use crate::tile::{EntryBundleId, MAX_BUNDLE_BYTES, TILE_WIDTH, TileId, decode_as_far_as_possible};
use crate::tree::{Tree, children};

const WIDTH: u64 = TILE_WIDTH as u64;

/// The most bytes `log.vkey` may have.
const MAX_VKEY_BYTES: u64 = 10_000;

/// The most older checkpoints a bundle may have; it bounds the verifier's memory.
const MAX_OLDER_CHECKPOINTS: usize = 1_000_000;

/// The bytes the manifest may have: for each older checkpoint its size and sum, and the rest.
const MAX_MANIFEST_BYTES: u64 = MAX_OLDER_CHECKPOINTS as u64 * 90 + 10_000;

/// How deep the folders of a bundle can be: seven parts of a tile's number, and what stands around.
const MAX_FOLDER_DEPTH: usize = 12;

/// A signed checkpoint other than the bundle's own.
struct Older {
    root: Hash,
    file: String,
}

pub(super) struct Run<'a> {
    pub(super) dir: &'a Path,
    pub(super) options: &'a VerifyOptions,
    pub(super) faults: Vec<Fault>,
    pub(super) more: bool,
    /// The greatest older checkpoint that the policy's quorum has cosigned.
    pub(super) witnessed: Option<u64>,
}

impl Run<'_> {
    /// `None` when it had to stop; then there is at least one fault.
    pub(super) fn all(
        &mut self,
        trusted: &[Verifier],
        witnesses: &[Verifier],
        observer: &mut dyn VerifyObserver,
    ) -> Result<Option<Verified>, VerifyFailure> {
        let vkey_trusted = !trusted.is_empty();
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
        let not_cosigned = self.quorum(&note.1, &mut cosigned);
        self.kept_checkpoint(&verifier, &checkpoint, &mut older)?;
        self.manifest(&checkpoint, &note.0, &verifier, &sums);
        self.walk(checkpoint.size, &sums);
        if self.stop() || !self.entries(&checkpoint, &older, observer) {
            return Ok(None);
        }
        let known = |line: &&crate::note::SignatureLine| {
            let mut asked = witnesses.iter().chain(self.options.policy.iter().flat_map(Policy::witnesses));
            !line.claims(&verifier) && !asked.any(|witness| line.claims(witness))
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
            not_cosigned,
            unchecked_signatures: unchecked,
        }))
    }

    /// Holds the checkpoint against the policy. Answers with those who did not cosign, and adds those who did.
    fn quorum(&mut self, note: &Note, cosigned: &mut Vec<(String, u64)>) -> Vec<String> {
        let Some(policy) = &self.options.policy else { return Vec::new() };
        match policy.judge(note) {
            Ok(witnessed) if witnessed.met => {
                cosigned.extend(witnessed.cosigned);
                witnessed.missing
            }
            Ok(Witnessed { cosigned, missing, .. }) => {
                let kind = FaultKind::Quorum { cosigned, missing, older: self.witnessed };
                self.fault(CHECKPOINT, None, kind);
                Vec::new()
            }
            Err(error) => {
                self.fault(CHECKPOINT, None, FaultKind::Witness(error));
                Vec::new()
            }
        }
    }

    /// The key to verify with: the bundle's own if it is among the trusted, or if none is named.
    fn key(&mut self, trusted: &[Verifier]) -> Option<Verifier> {
        let bytes = match read_file(self.dir, VKEY, MAX_VKEY_BYTES) {
            Ok(bytes) => bytes,
            Err(FaultKind::Missing) if self.options.plain && !trusted.is_empty() => return self.signer_among(trusted),
            Err(kind) => {
                self.fault(VKEY, None, kind);
                return self.signer_among(trusted);
            }
        };
        let own = String::from_utf8(bytes).map_err(|_| "not utf-8".to_owned()).and_then(|text| {
            match text.strip_suffix('\n') {
                Some(line) => Verifier::parse(line).map_err(|error| error.to_string()),
                None => Err("it must be one line with a newline at its end".to_owned()),
            }
        });
        match own {
            Ok(own) if trusted.is_empty() || trusted.contains(&own) => Some(own),
            Ok(_) => {
                self.fault(VKEY, None, FaultKind::OtherKey);
                self.signer_among(trusted)
            }
            Err(why) => {
                self.fault(VKEY, None, FaultKind::Key(why));
                self.signer_among(trusted)
            }
        }
    }

    /// The trusted key that the checkpoint claims to be signed by; the first where it claims none.
    fn signer_among(&self, trusted: &[Verifier]) -> Option<Verifier> {
        let note = read_file(self.dir, CHECKPOINT, MAX_NOTE_BYTES as u64).ok().and_then(|b| Note::parse(&b).ok());
        let claimed =
            note.and_then(|note| trusted.iter().find(|key| note.signatures().iter().any(|line| line.claims(key))));
        claimed.or_else(|| trusted.first()).cloned()
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
            let read = Note::parse(&bytes).map_err(CheckpointError::from);
            match read.and_then(|note| Ok((Checkpoint::open_note(&note, verifier)?, note))) {
                Ok((opened, note)) if opened.size == size => {
                    let judged = self.options.policy.as_ref().and_then(|policy| policy.judge(&note).ok());
                    if judged.is_some_and(|witnessed| witnessed.met) {
                        self.witnessed = self.witnessed.max(Some(size));
                    }
                    self.compare(checkpoint, opened, path, older);
                }
                Ok((opened, _)) => self.fault(&path, None, FaultKind::Misnamed { size: opened.size }),
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
