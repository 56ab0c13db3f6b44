//! The walk over the ledger: every entry once, with the rows that stand beside it, a piece at a time.

use super::beside::Beside;
use super::code::{self, Area};
use super::folder::Keys;
use super::ledger::Read;
use super::report::Findings;
use super::uses;
use jiff::{SignedDuration, Timestamp};
use sekisho_domain::entry::{Entry, Governance};
use sekisho_domain::records::disposal::DisposalState;
use sekisho_domain::records::made::Made;
use sekisho_domain::register::Register;
use sekisho_domain::replay;
use sekisho_gate::record::{ANSWER, REQUEST, binding};
use sekisho_ledger::checkpoint::Checkpoint;
use sekisho_ledger::hash::{commitment, leaf_hash};
use sekisho_ledger::tile::TileId;
use sekisho_ledger::tree::Tree;
use sekisho_store::{EngineError, Inspection, KeptUse, opens};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Entries of a piece.
const PIECE: u64 = 512;
/// How far an entry may lie before the one ahead of it: a use carries the time at which it came, and may have waited.
const SLACK: SignedDuration = SignedDuration::from_mins(10);
/// How far ahead of this machine's clock another one may be.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);
/// The longest name of the trail; longer ones are not kept.
const LONGEST_NAME: usize = 200;

/// A content that must or may lie in the store.
struct Sealed {
    binding: String,
    commitment: String,
    must: bool,
    of: Option<Made>,
    gone: bool,
}

pub(super) struct Walk<'a> {
    look: &'a Inspection,
    keys: &'a Keys,
    now: Timestamp,
    tree: Tree,
    /// The tree follows no more: an entry is missing.
    torn: bool,
    /// A root was false: those behind it are too, and are not told again.
    false_root: bool,
    register: Register,
    /// Leaves that differ from their stored tile, and tiles that differ.
    leaves: Vec<u64>,
    tiles: Vec<TileId>,
    absent: Vec<(u64, String, Option<Made>)>,
    last: Option<Timestamp>,
    through: BTreeMap<String, u64>,
    checkpoints: u64,
    contents: u64,
    uses: u64,
}

/// What one thing spoken of adds to the sum of its entry.
pub(super) fn weight(subject: &str, at: i64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (subject, at).hash(&mut hasher);
    hasher.finish()
}

impl<'a> Walk<'a> {
    pub(super) fn new(look: &'a Inspection, keys: &'a Keys, now: Timestamp) -> Self {
        Self {
            look,
            keys,
            now,
            tree: Tree::new(),
            torn: false,
            false_root: false,
            register: Register::default(),
            leaves: Vec::new(),
            tiles: Vec::new(),
            absent: Vec::new(),
            last: None,
            through: BTreeMap::new(),
            checkpoints: 0,
            contents: 0,
            uses: 0,
        }
    }

    pub(super) async fn run(&mut self, read: &mut Read, findings: &mut Findings) -> Result<(), EngineError> {
        let rows = self.look.private().await?;
        self.through = rows.disposals.into_iter().map(|(id, (.., through))| (id, through)).collect();
        let size = read.head.size;
        let mut from = 0;
        while from < size {
            let to = (from + PIECE).min(size);
            self.piece(read, from, to, findings).await?;
            from = to;
        }
        self.ended(read, findings);
        self.left_out(read, findings).await?;
        findings.looked(Area::Ledger, "checkpoints", self.checkpoints);
        findings.looked(Area::Uses, "uses", self.uses);
        findings.looked(Area::Content, "contents", self.contents);
        Ok(())
    }

    async fn piece(&mut self, read: &mut Read, from: u64, to: u64, findings: &mut Findings) -> Result<(), EngineError> {
        let mut page = self.look.page(from, to).await?;
        let entries = std::mem::take(&mut page.entries);
        let rows: BTreeMap<u64, KeptUse> = std::mem::take(&mut page.uses).into_iter().map(|r| (r.opened, r)).collect();
        let mut parsed = Vec::with_capacity(entries.len());
        let mut next = from;
        let mut notes = page.checkpoints.iter().peekable();
        for (index, governance, body) in &entries {
            for missing in next..*index {
                findings.add(&code::ENTRY_MISSING, format!("ledger_entry {missing}"), "");
                self.torn = true;
            }
            next = index + 1;
            self.grow(*index, body).await?;
            while let Some((size, note)) = notes.next_if(|(size, _)| *size <= next) {
                self.checkpoint(*size, note, findings);
            }
            self.memory(next, findings);
            match Entry::read(body) {
                Ok(entry) if matches!(entry, Entry::Governance(_)) != *governance => {
                    findings.add(&code::ENTRY_ALTERED, format!("ledger_entry {index}"), "governance");
                    parsed.push((*index, entry));
                }
                Ok(entry) => parsed.push((*index, entry)),
                Err(error) => findings.add(&code::ENTRY_UNREADABLE, format!("ledger_entry {index}"), error),
            }
        }
        for missing in next..to {
            findings.add(&code::ENTRY_MISSING, format!("ledger_entry {missing}"), "");
            self.torn = true;
        }
        // Ends speak of rows that stand elsewhere.
        let elsewhere: BTreeSet<u64> = parsed.iter().filter_map(|(_, entry)| begun_at(entry)).collect();
        let elsewhere: Vec<u64> = elsewhere.into_iter().filter(|index| *index < from || *index >= to).collect();
        let others = self.look.uses_at(&elsewhere).await?;
        let mut beside = Beside { rows: &rows, others: &others, page: &page, here: BTreeSet::new() };
        let mut sealed = BTreeMap::new();
        for (index, entry) in &parsed {
            self.entry(read, *index, entry, &mut beside, &mut sealed, findings);
        }
        beside.leftover(findings);
        self.sealed(from, to, sealed, findings).await
    }

    async fn grow(&mut self, index: u64, body: &[u8]) -> Result<(), EngineError> {
        if self.torn {
            return Ok(());
        }
        let mut completed = Vec::new();
        self.tree.append_with(leaf_hash(body), &mut |id, hashes| completed.push((id, hashes)));
        for (id, hashes) in completed {
            let stored = self.look.tile(id.level, id.index).await?;
            if stored.as_deref() == Some(hashes.as_slice()) {
                continue;
            }
            if id.level == 0
                && let Some(stored) = &stored
                && stored.len() == hashes.len()
            {
                let first = index + 1 - 256;
                let pairs = stored.as_chunks::<32>().0.iter().zip(hashes.as_chunks::<32>().0);
                self.leaves.extend((first..).zip(pairs).filter(|(_, (one, other))| one != other).map(|(at, _)| at));
            }
            self.tiles.push(id);
        }
        Ok(())
    }

    fn checkpoint(&mut self, size: u64, note: &str, findings: &mut Findings) {
        self.checkpoints += 1;
        let Some(verifier) = &self.keys.verifier else { return };
        let place = format!("ledger_checkpoint {size}");
        match Checkpoint::open(note.as_bytes(), verifier) {
            Err(error) => findings.add(&code::CHECKPOINT_FALSE, place, error),
            Ok(signed) if signed.size != size => {
                findings.add(&code::CHECKPOINT_FALSE, place, format!("size {}", signed.size));
            }
            Ok(signed) if !self.torn && !self.false_root && size == self.tree.size() => {
                if signed.root != self.tree.root() {
                    self.false_root = true;
                    findings.add(&code::CHECKPOINT_FALSE, place, "root");
                }
            }
            Ok(_) => {}
        }
    }

    fn memory(&self, size: u64, findings: &mut Findings) {
        if let Some(memory) = &self.keys.memory
            && memory.size == size
            && !self.torn
            && memory.root != self.tree.root()
        {
            findings.add(&code::LEDGER_FORKED, "keys/last-signed", format!("root at {size}"));
        }
    }

    fn time(&mut self, index: u64, at: Timestamp, findings: &mut Findings) {
        if self.last.is_some_and(|last| last.duration_since(at) > SLACK) {
            findings.add(&code::TIME_BACKWARDS, format!("ledger_entry {index}"), at);
        }
        if at.duration_since(self.now) > AHEAD {
            findings.add(&code::TIME_AHEAD, format!("ledger_entry {index}"), at);
        }
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }

    fn entry(
        &mut self,
        read: &mut Read,
        index: u64,
        entry: &Entry,
        beside: &mut Beside<'_>,
        sealed: &mut BTreeMap<u64, Sealed>,
        findings: &mut Findings,
    ) {
        let at = match entry {
            Entry::Governance(entry) => entry.at,
            Entry::UseOpened(entry) => entry.at,
            Entry::UseClosed(entry) => entry.at,
            Entry::UseRefused(entry) => entry.at,
            Entry::UseAborted(entry) => entry.at,
        };
        self.time(index, at, findings);
        read.newest = Some(read.newest.map_or(at, |newest| newest.max(at)));
        if index == read.head.checkpoint.as_ref().map_or(0, |(size, _)| *size) {
            read.unsigned = Some((index, at));
        }
        match entry {
            Entry::Governance(entry) => {
                if let Err(error) = self.register.apply(index, entry) {
                    findings.add(&code::ENTRY_UNREADABLE, format!("ledger_entry {index}"), error);
                }
                read.subjects.insert(index, subjects(entry));
                beside.trail(index, entry, findings);
            }
            Entry::UseOpened(entry) => {
                self.uses += 1;
                read.open.insert(index);
                let must = uses::opened(index, entry, &replay::consider(&self.register, &entry.data.request));
                beside.beginning(&must, true, findings);
                beside.reasons(&must, &[], findings);
                uses::count(&mut read.found, &must, &entry.data.findings, 0);
                let must_keep = uses::keeps_request(&entry.data.request, entry.data.redacted);
                let content = (binding(&entry.data.id, REQUEST), entry.data.commitment.clone(), must_keep);
                sealed.insert(index, self.expected(read, content, uses::made(&must)));
            }
            Entry::UseRefused(entry) => {
                self.uses += 1;
                let considered = entry.data.request.as_ref().map(|r| replay::consider(&self.register, r));
                let must = uses::refused(index, entry, considered.as_ref());
                beside.beginning(&must, entry.data.request.is_some(), findings);
                beside.reasons(&must, &uses::reasons(entry), findings);
                uses::count(&mut read.found, &must, &entry.data.findings, 0);
                if !entry.data.commitment.is_empty() {
                    let request = entry.data.request.as_ref();
                    let must_keep = request.is_some_and(|r| uses::keeps_request(r, entry.data.redacted));
                    let content = (binding(&entry.data.id, REQUEST), entry.data.commitment.clone(), must_keep);
                    sealed.insert(index, self.expected(read, content, uses::made(&must)));
                }
            }
            Entry::UseClosed(entry) => {
                let place = format!("ledger_entry {index}");
                if !read.open.remove(&entry.data.opened) {
                    findings.add(&code::USE_PAIR_WRONG, place, entry.data.id.as_str());
                }
                let row = beside.row(entry.data.opened);
                let of = row.as_ref().and_then(uses::made);
                if let Some(row) = row {
                    beside.differs(&row, &uses::end(index, entry, &row), findings);
                    uses::count(&mut read.found, &row, &entry.data.findings, 2);
                }
                let must_keep = uses::keeps_answer(entry);
                let content = (binding(&entry.data.id, ANSWER), entry.data.commitment.clone(), must_keep);
                sealed.insert(index, self.expected(read, content, of));
            }
            Entry::UseAborted(entry) => {
                if !read.open.remove(&entry.data.opened) {
                    findings.add(&code::USE_PAIR_WRONG, format!("ledger_entry {index}"), entry.data.id.as_str());
                }
                if let Some(row) = beside.row(entry.data.opened) {
                    beside.differs(&row, &uses::aborted(index, entry, &row), findings);
                }
            }
        }
    }

    fn expected(&self, read: &Read, (binding, commitment, must): (String, String, bool), of: Option<Made>) -> Sealed {
        let gone = of.as_ref().is_some_and(|made| self.was_destroyed(&read.register, made));
        Sealed { binding, commitment, must, of, gone }
    }

    /// An erasure, a finished disposal, or the part of one that has got so far took it.
    fn was_destroyed(&self, register: &Register, made: &Made) -> bool {
        let records = register.records();
        let begun =
            |state: &DisposalState| matches!(state, DisposalState::Running { .. } | DisposalState::Halted { .. });
        records.is_erased(made)
            || records
                .disposals()
                .filter(|one| begun(&one.state) && one.lists(made))
                .any(|one| self.through.get(one.disposal.as_str()).is_some_and(|through| made.opened < *through))
    }

    async fn sealed(
        &mut self,
        from: u64,
        to: u64,
        mut expected: BTreeMap<u64, Sealed>,
        findings: &mut Findings,
    ) -> Result<(), EngineError> {
        let (look, key) = (self.look, &self.keys.content);
        let mut contents = 0;
        look.sealed(from, to, |index, sealed| {
            contents += 1;
            let place = format!("sealed {index}");
            let Some(one) = expected.remove(&index) else {
                return findings.add(&code::CONTENT_ORPHAN, place, "");
            };
            if one.gone {
                findings.add(&code::CONTENT_NOT_DESTROYED, place.as_str(), &one.binding);
            }
            let Some(key) = key else { return };
            match opens(key, &one.binding, sealed) {
                Err(_) => findings.add(&code::CONTENT_CLOSED, place, &one.binding),
                Ok(opening) if commitment(&opening.salt, &opening.bytes).to_hex() != one.commitment => {
                    findings.add(&code::CONTENT_FALSE, place, &one.binding);
                }
                Ok(_) => {}
            }
        })
        .await?;
        self.contents += contents;
        let absent = expected.into_iter().filter(|(_, one)| one.must && !one.gone);
        self.absent.extend(absent.map(|(index, one)| (index, one.binding, one.of)));
        // One more than can be shown is enough to say that there are more.
        self.absent.truncate(10_000);
        Ok(())
    }

    /// What the whole tree says of what was found on the way.
    fn ended(&self, read: &Read, findings: &mut Findings) {
        let head = &read.head;
        let follows =
            !self.torn && self.tree.size() == head.size && self.tree.root().as_bytes().as_slice() == head.root;
        if follows || self.torn {
            for id in &self.tiles {
                if follows {
                    findings.add(&code::TILE_WRONG, format!("ledger_tile {} {}", id.level, id.index), "");
                }
            }
        } else if self.leaves.is_empty() {
            findings.add(&code::LEDGER_HEAD, "ledger_head", format!("root at {}", head.size));
        } else {
            for index in &self.leaves {
                findings.add(&code::ENTRY_ALTERED, format!("ledger_entry {index}"), "leaf hash");
            }
        }
        let full: u64 = (1..8).map(|level| head.size.checked_shr(8 * level).unwrap_or(0)).sum();
        if head.tiles > full {
            findings.add(&code::TILE_WRONG, "ledger_tile", format!("{} rows, {full} full tiles", head.tiles));
        }
    }

    /// Contents that were not there: an erasure may have come since the register was folded.
    async fn left_out(&self, read: &mut Read, findings: &mut Findings) -> Result<(), EngineError> {
        if self.absent.is_empty() {
            return Ok(());
        }
        let now = self.look.head().await?.map_or(read.head.size, |head| head.size);
        read.fold(self.look, now).await?;
        let through = self.look.private().await?.disposals;
        for (index, binding, of) in &self.absent {
            let records = read.register.records();
            let gone = of.as_ref().is_some_and(|made| {
                self.was_destroyed(&read.register, made)
                    || records.disposals().any(|one| {
                        one.lists(made) && through.get(one.disposal.as_str()).is_some_and(|(.., to)| made.opened < *to)
                    })
            });
            if !gone {
                findings.add(&code::CONTENT_MISSING, format!("sealed {index}"), binding);
            }
        }
        Ok(())
    }
}

fn begun_at(entry: &Entry) -> Option<u64> {
    match entry {
        Entry::UseClosed(entry) => Some(entry.data.opened),
        Entry::UseAborted(entry) => Some(entry.data.opened),
        _ => None,
    }
}

fn subjects(entry: &Governance) -> u64 {
    let at = entry.at.as_microsecond();
    let names = entry.event.names();
    let names = names.iter().filter(|name| name.len() <= LONGEST_NAME);
    names.fold(0, |sum, name| sum.wrapping_add(weight(name, at)))
}
