//! One transaction's worth of entries, and the edge of the tree they grow.

use crate::StoreError;
use crate::accounts::{AccountChange, forget_account};
use crate::bundle::{Bundle, Table};
use crate::engine::{EngineResult, Tx, Value};
use crate::files::FileChange;
use crate::journal::{Committed, DirectoryChange, Job, JournalError, Pending, UseChange};
use crate::kinds::Kinds;
use crate::papers::{PaperChange, forget_papers};
use crate::records::Step;
use crate::trail::{TrailRow, keep_trail};
use crate::uses::{self, UseRow};
use crate::witnesses::WitnessChange;
use sekisho_domain::command;
use sekisho_domain::entry::{Entry, Governance};
use sekisho_domain::event::Event;
use sekisho_domain::id::{DepartmentId, PersonId, UseId};
use sekisho_domain::refusal::Refusal;
use sekisho_domain::register::Register;
use sekisho_ledger::entry::EntryBytes;
use sekisho_ledger::hash::{Hash, leaf_hash};
use sekisho_ledger::tile::{MemoryTiles, TileId};
use sekisho_ledger::tree::Tree;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Where the ledger stands. The row is there: only its size and root change.
const HEAD: Table = Table {
    name: Cow::Borrowed("ledger_head (only_one,size,root,signed_size)"),
    columns: 4,
    then: "ON CONFLICT (only_one) DO UPDATE SET size=excluded.size,root=excluded.root",
};
const ENTRIES: Table = Table::new("ledger_entry (idx,governance,body)", 3);
const TILES: Table = Table::new("ledger_tile (level,n,hashes)", 3);
const SEALED: Table = Table::new("sealed (entry,box)", 2);
/// Entries read at once while folding.
const PAGE: u64 = 4096;
/// Entries of a tile.
const WIDTH: u64 = 256;

/// The right edge of the tree and the register at the same point.
#[derive(Clone, Default)]
pub(crate) struct Edge {
    tree: Tree,
    register: Arc<Register>,
    /// Entries before this index have been looked at for the register.
    folded: u64,
    /// What had been signed when this was last in step with the database.
    signed: u64,
}

/// Whether a look at the head takes the writer's lock.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lock {
    /// To append: nobody else can until the transaction ends.
    Write,
    /// To look.
    Read,
}

impl Lock {
    pub(crate) fn sql(self, tx: &Tx) -> &'static str {
        match (self, tx) {
            (Self::Write, Tx::Postgres(_)) => {
                "SELECT size, root, signed_size FROM ledger_head WHERE only_one = 1 FOR UPDATE"
            }
            // SQLite's writer holds the whole file from its first moment.
            (Self::Write, Tx::Sqlite(_)) | (Self::Read, _) => {
                "SELECT size, root, signed_size FROM ledger_head WHERE only_one = 1"
            }
        }
    }
}

impl Edge {
    pub(crate) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// How many entries were signed when this was last in step with the database.
    pub(crate) fn signed(&self) -> u64 {
        self.signed
    }

    /// So many are signed now.
    pub(crate) fn was_signed(&mut self, size: u64) {
        self.signed = self.signed.max(size);
    }

    pub(crate) fn root(&self) -> Hash {
        self.tree.root()
    }

    pub(crate) fn register(&self) -> Arc<Register> {
        self.register.clone()
    }

    /// Brings the edge to the head of the database; to write, `lock` the head first.
    pub(crate) async fn catch_up(&mut self, tx: &mut Tx, lock: Lock) -> Result<(), StoreError> {
        let size = self.catch_up_tree(tx, lock).await?;
        if self.folded < size {
            self.fold(tx, size).await?;
        }
        Ok(())
    }

    /// The same without the register.
    pub(crate) async fn catch_up_tree(&mut self, tx: &mut Tx, lock: Lock) -> Result<u64, StoreError> {
        let rows = tx.fetch(lock.sql(tx), vec![]).await?;
        let Some(head) = rows.first() else { return Err(StoreError::Head { size: 0 }) };
        let (size, root) = (head.uint(0)?, head.bytes(1)?);
        self.signed = head.uint(2)?;
        let known = self.tree.size();
        // A ledger does not shrink: this is another one, and what was folded of the old one does not count.
        let grown = size.checked_sub(known).ok_or(StoreError::Head { size })?;
        if grown > WIDTH {
            if known > 0 && restore(tx, known).await?.root() != self.tree.root() {
                return Err(StoreError::Head { size });
            }
            self.tree = restore(tx, size).await?;
        } else if grown > 0 {
            self.grow(tx, size).await?;
        }
        if self.tree.root().as_bytes().as_slice() != root {
            return Err(StoreError::Head { size });
        }
        Ok(size)
    }

    /// Appends what another node appended: between two looks that is little, and restoring reads far more.
    async fn grow(&mut self, tx: &mut Tx, size: u64) -> Result<(), StoreError> {
        let from = self.tree.size();
        let sql = "SELECT body FROM ledger_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx";
        let rows = tx.fetch(sql, vec![Value::from(from), Value::from(size)]).await?;
        if rows.len() as u64 != size - from {
            return Err(StoreError::Head { size });
        }
        for row in rows {
            self.tree.append(leaf_hash(&row.bytes(0)?));
        }
        Ok(())
    }

    async fn fold(&mut self, tx: &mut Tx, size: u64) -> Result<(), StoreError> {
        let register = Arc::make_mut(&mut self.register);
        loop {
            let rows = tx
                .fetch(
                    "SELECT idx, body FROM ledger_entry WHERE governance = 1 AND idx >= $1 AND idx < $2 ORDER BY idx LIMIT $3",
                    vec![Value::from(self.folded), Value::from(size), Value::from(PAGE)],
                )
                .await?;
            let full = rows.len() as u64 == PAGE;
            for row in &rows {
                let (index, body) = (row.uint(0)?, row.bytes(1)?);
                let entry = Entry::read(&body).map_err(|e| StoreError::Fold { index, detail: e.to_string() })?;
                if let Entry::Governance(entry) = entry {
                    register.apply(index, &entry).map_err(|e| StoreError::Fold { index, detail: e.to_string() })?;
                }
                self.folded = index + 1;
            }
            if !full {
                self.folded = size;
                return Ok(());
            }
        }
    }

    /// The root this tree had at an earlier size; none at a size it has not reached.
    pub(crate) async fn root_at(&self, tx: &mut Tx, size: u64) -> Result<Option<Hash>, StoreError> {
        if size == self.tree.size() {
            return Ok(Some(self.tree.root()));
        }
        if size > self.tree.size() {
            return Ok(None);
        }
        Ok(Some(restore(tx, size).await?.root()))
    }

    fn append(&mut self, leaf: Hash, tiles: &mut Vec<(TileId, Vec<u8>)>) -> u64 {
        let index = self.tree.size();
        self.tree.append_with(leaf, &mut |id, bytes| tiles.push((id, bytes)));
        index
    }
}

/// Rebuilds the edge of a tree of a given size from the full tiles and the last entries.
async fn restore(tx: &mut Tx, size: u64) -> Result<Tree, StoreError> {
    let last = tx
        .fetch(
            "SELECT body FROM ledger_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx",
            vec![Value::from(size - size % WIDTH), Value::from(size)],
        )
        .await?;
    let mut leaves = Vec::with_capacity(last.len());
    for row in &last {
        leaves.push(leaf_hash(&row.bytes(0)?));
    }
    let mut tiles = MemoryTiles::new();
    for id in Tree::restore_tiles(size) {
        load_tile(tx, id, &mut tiles).await?;
    }
    Tree::restore(size, &leaves, &tiles).map_err(|_| StoreError::Head { size })
}

/// Reads a full tile into memory; a missing one shows when it is needed.
pub(crate) async fn load_tile(tx: &mut Tx, id: TileId, into: &mut MemoryTiles) -> EngineResult<()> {
    let rows = tx
        .fetch(
            "SELECT hashes FROM ledger_tile WHERE level = $1 AND n = $2",
            vec![Value::from(u64::from(id.level)), Value::from(id.index)],
        )
        .await?;
    if let Some(row) = rows.first() {
        let _ = into.insert(TileId::full(id.level, id.index), row.bytes(0)?);
    }
    Ok(())
}

/// Keeps a signed checkpoint and moves the mark of what was signed, forward only.
pub(crate) async fn keep_checkpoint(tx: &mut Tx, size: u64, note: &str) -> EngineResult<()> {
    tx.execute(
        "UPDATE ledger_head SET signed_size = $1 WHERE only_one = 1 AND signed_size <= $2",
        vec![Value::from(size), Value::from(size)],
    )
    .await?;
    tx.execute(
        "INSERT INTO ledger_checkpoint (size, note) VALUES ($1,$2) ON CONFLICT (size) DO NOTHING",
        vec![Value::from(size), Value::from(note)],
    )
    .await?;
    Ok(())
}

type AppendDone = oneshot::Sender<Result<u64, JournalError>>;
type KeepDone = oneshot::Sender<Result<u64, JournalError>>;
type GovernDone = oneshot::Sender<Result<Result<Committed, Refusal>, JournalError>>;

enum Answer {
    Appended(AppendDone, Result<u64, JournalError>),
    Governed(GovernDone, Result<Committed, Refusal>),
    /// With the place of the change among those of the batch, or why it is not among them.
    Kept(KeepDone, Result<usize, JournalError>),
}

/// A private row on its way in or out: nothing of the ledger.
#[derive(Debug)]
pub(crate) enum Keep {
    File(FileChange),
    Account(AccountChange),
    Paper(PaperChange),
    Destruction(Step),
    Witness(WitnessChange),
}

impl Keep {
    fn erases(&self) -> bool {
        match self {
            Self::File(change) => change.erases(),
            Self::Account(_) | Self::Witness(_) => false,
            Self::Paper(change) => change.erases(),
            Self::Destruction(_) => true,
        }
    }

    /// Returns how many rows it changed.
    async fn write(self, tx: &mut Tx) -> EngineResult<u64> {
        match self {
            Self::File(change) => change.write(tx).await,
            Self::Account(change) => change.write(tx).await,
            Self::Paper(change) => change.write(tx).await,
            Self::Destruction(change) => change.write(tx).await,
            Self::Witness(change) => change.write(tx).await,
        }
    }
}

/// What one transaction writes, and who waits for it.
#[derive(Default)]
pub(crate) struct Batch {
    waiting: Vec<Job>,
    answers: Vec<Answer>,
    entries: Vec<(u64, bool, Vec<u8>)>,
    tiles: Vec<(TileId, Vec<u8>)>,
    sealed: Vec<(u64, Vec<u8>)>,
    uses: Vec<UseRow>,
    trail: Vec<TrailRow>,
    erased: Vec<UseId>,
    forgotten: Vec<PersonId>,
    directory: Vec<DirectoryChange>,
    private: Vec<Keep>,
    /// How many rows each private change touched, in their order.
    changed: Vec<u64>,
    left: Vec<PersonId>,
    destroys: bool,
    recorded: bool,
}

impl Batch {
    pub(crate) fn take(&mut self, jobs: Vec<Job>) {
        self.waiting = jobs;
    }

    /// The batch destroys something: its earlier states must go too before anyone is told.
    pub(crate) fn erases(&self) -> bool {
        self.destroys || !self.erased.is_empty() || !self.forgotten.is_empty() || !self.left.is_empty()
    }

    /// The batch made entries of the ledger, which has a tree that tells whether they are there.
    pub(crate) fn entries_written(&self) -> bool {
        self.recorded
    }

    /// The batch decides something that other nodes should learn of at once.
    pub(crate) fn governs(&self) -> bool {
        !self.trail.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.private.is_empty()
    }

    /// The openings of the uses that are to end.
    pub(crate) fn ends(&self) -> Vec<u64> {
        let end = |job: &Job| match job {
            Job::Append { pending, .. } => match &pending.change {
                UseChange::End(row) => Some(row.opened),
                UseChange::New(_) => None,
            },
            _ => None,
        };
        self.waiting.iter().filter_map(end).collect()
    }

    /// Grows the edge by every job, in the order in which they came. A use ends once: `ended` are those that have.
    pub(crate) fn append(&mut self, edge: &mut Edge, mut ended: HashSet<u64>) {
        for job in std::mem::take(&mut self.waiting) {
            match job {
                Job::Append { pending, done } => {
                    let result = self.append_use(edge, *pending, &mut ended);
                    self.answers.push(Answer::Appended(done, result));
                }
                Job::Govern { occasion, command, directory, accounts, done } => {
                    let result = command::decide(&edge.register, &occasion, *command)
                        .and_then(|entries| self.append_governance(edge, entries));
                    if result.is_ok() {
                        self.directory.extend(directory);
                        self.private.extend(accounts.into_iter().map(Keep::Account));
                    }
                    self.answers.push(Answer::Governed(done, result));
                }
                Job::Keep { change, done } => {
                    // The register is that of the ledger's head, and the lock is held.
                    let running = edge.register.records().running().map(|disposal| &disposal.disposal);
                    if matches!(&change, Keep::Destruction(change) if running != Some(&change.disposal)) {
                        self.answers.push(Answer::Kept(done, Err(JournalError::NotRunning)));
                        continue;
                    }
                    self.answers.push(Answer::Kept(done, Ok(self.private.len())));
                    self.private.push(change);
                }
                Job::Checkpoint { .. } | Job::Stop { .. } => {}
            }
        }
    }

    fn append_use(&mut self, edge: &mut Edge, pending: Pending, ended: &mut HashSet<u64>) -> Result<u64, JournalError> {
        if let UseChange::End(row) = &pending.change
            && !ended.insert(row.opened)
        {
            return Err(JournalError::Ended);
        }
        if pending.decided_at.is_some_and(|position| position != edge.register.position()) {
            return Err(JournalError::Stale);
        }
        let index = edge.append(pending.leaf, &mut self.tiles);
        edge.folded = index + 1;
        self.entries.push((index, false, pending.entry));
        self.sealed.extend(pending.sealed.map(|sealed| (index, sealed)));
        self.uses.push(match pending.change {
            UseChange::New(mut row) => {
                row.opened = index;
                row
            }
            UseChange::End(mut row) => {
                row.closed = index;
                row
            }
        });
        Ok(index)
    }

    fn append_governance(&mut self, edge: &mut Edge, entries: Vec<Governance>) -> Result<Committed, Refusal> {
        let unfit = |detail: String| {
            Refusal::new(
                "TOO_LARGE",
                format!("記録できる形になりませんでした: {detail}"),
                format!("this cannot be recorded: {detail}"),
            )
        };
        let mut bodies = Vec::with_capacity(entries.len());
        for entry in &entries {
            let value = entry.to_value().map_err(|e| unfit(e.to_string()))?;
            bodies.push(EntryBytes::of(&value).map_err(|e| unfit(e.to_string()))?);
        }
        let first = edge.size();
        // Fold on a copy first: either every entry of the command stands, or none.
        let mut register = (*edge.register).clone();
        for (index, entry) in (first..).zip(&entries) {
            register.apply(index, entry).map_err(|e| unfit(e.to_string()))?;
        }
        edge.register = Arc::new(register);
        for (body, entry) in bodies.into_iter().zip(&entries) {
            let index = edge.append(body.leaf_hash(), &mut self.tiles);
            edge.folded = index + 1;
            self.entries.push((index, true, body.into_bytes()));
            self.trail.push(TrailRow::of(index, entry));
            match &entry.event {
                Event::ContentErased(e) => self.erased.push(e.of.clone()),
                Event::PersonForgotten(e) => self.forgotten.push(e.person.clone()),
                Event::PersonLeft(e) => self.left.push(e.person.clone()),
                _ => {}
            }
        }
        Ok(Committed { entries, first })
    }

    /// Writes everything but the commit.
    pub(crate) async fn write(&mut self, tx: &mut Tx, edge: &Edge, kinds: &mut Kinds) -> EngineResult<()> {
        self.recorded = !self.entries.is_empty();
        let mut bundle = Bundle::default();
        if self.recorded {
            let head = (edge.size(), edge.root());
            bundle.add(tx, HEAD, std::iter::once(head), |(size, root), v| {
                v.extend([Value::Int(1), Value::from(size), Value::Bytes(root.as_bytes().to_vec()), Value::Int(0)]);
            })?;
        }
        bundle.add(tx, ENTRIES, self.entries.drain(..), |(index, governance, body), v| {
            v.extend([Value::from(index), Value::Int(i64::from(governance)), Value::Bytes(body)]);
        })?;
        bundle.add(tx, TILES, self.tiles.drain(..), |(id, hashes), v| {
            v.extend([Value::from(u64::from(id.level)), Value::from(id.index), Value::Bytes(hashes)]);
        })?;
        bundle.add(tx, SEALED, self.sealed.drain(..), |(entry, sealed), v| {
            v.extend([Value::from(entry), Value::Bytes(sealed)]);
        })?;
        let (ends, new): (Vec<_>, Vec<_>) = self.uses.drain(..).partition(|row| row.closed != 0);
        let reasons = new.iter().flat_map(|row| row.reasons.iter().map(move |reason| (row, reason)));
        bundle.add(tx, uses::REASONS, reasons, |(row, reason), v| {
            v.extend([
                Value::from(row.opened),
                Value::from(reason.as_str()),
                Value::Int(row.at.as_microsecond()),
                Value::Text(row.person.shared()),
                Value::from(row.department.as_ref().map_or("", DepartmentId::as_str)),
            ]);
        })?;
        let days = uses::Days::of(&new, &ends).numbered(kinds, tx).await?;
        bundle.add(tx, uses::DAYS, days.into_iter(), uses::Days::values)?;
        bundle.add(tx, uses::FINDINGS, uses::Found::of(&new, &ends).0.into_iter(), uses::Found::values)?;
        bundle.add(tx, uses::USES, uses::each_once(new, ends).into_iter(), |row, v| row.values(v))?;
        keep_trail(&mut bundle, tx, self.trail.drain(..))?;
        bundle.write(tx).await?;
        for id in &self.erased {
            let of = || vec![Value::from(id.as_str())];
            tx.execute("DELETE FROM sealed WHERE entry IN (SELECT opened FROM use_row WHERE use_id = $1)", of())
                .await?;
            tx.execute(
                "DELETE FROM sealed WHERE entry IN (SELECT closed FROM use_row WHERE use_id = $1 AND closed > 0)",
                of(),
            )
            .await?;
        }
        for person in &self.forgotten {
            let values = vec![Value::from(person.as_str())];
            tx.execute("DELETE FROM directory_person WHERE person = $1", values).await?;
            forget_papers(tx, person).await?;
        }
        for change in self.directory.drain(..) {
            keep_directory(tx, change).await?;
        }
        for person in &self.left {
            forget_account(tx, person).await?;
        }
        for change in self.private.drain(..) {
            let erases = change.erases();
            let rows = change.write(tx).await?;
            self.destroys |= erases && rows > 0;
            self.changed.push(rows);
        }
        Ok(())
    }

    /// Answers everyone after the sync.
    pub(crate) fn acknowledge(self) {
        for answer in self.answers {
            match answer {
                Answer::Appended(done, result) => drop(done.send(result)),
                Answer::Governed(done, result) => drop(done.send(Ok(result))),
                Answer::Kept(done, at) => drop(done.send(at.map(|at| self.changed.get(at).copied().unwrap_or(0)))),
            }
        }
    }

    /// Tells everyone that nothing was recorded.
    pub(crate) fn fail(self, error: &JournalError) {
        for answer in self.answers {
            match answer {
                // What the register refused stays refused, whatever the disk did.
                Answer::Governed(done, Err(refusal)) => drop(done.send(Ok(Err(refusal)))),
                Answer::Governed(done, Ok(_)) => drop(done.send(Err(error.clone()))),
                Answer::Appended(done, Err(stale)) => drop(done.send(Err(stale))),
                Answer::Appended(done, Ok(_)) => drop(done.send(Err(error.clone()))),
                Answer::Kept(done, _) => drop(done.send(Err(error.clone()))),
            }
        }
        for job in self.waiting {
            match job {
                Job::Append { done, .. } => drop(done.send(Err(error.clone()))),
                Job::Govern { done, .. } => drop(done.send(Err(error.clone()))),
                Job::Keep { done, .. } => drop(done.send(Err(error.clone()))),
                Job::Checkpoint { done } => drop(done.send(Err(error.clone()))),
                Job::Stop { done } => drop(done.send(())),
            }
        }
    }
}

async fn keep_directory(tx: &mut Tx, change: DirectoryChange) -> EngineResult<()> {
    match change {
        DirectoryChange::Person { person, name, mail, post } => {
            tx.execute(
                "INSERT INTO directory_person (person,name,mail,post) VALUES ($1,$2,$3,$4) ON CONFLICT (person) DO \
                 UPDATE SET name = excluded.name, mail = excluded.mail, post = excluded.post",
                vec![
                    Value::from(person.as_str()),
                    Value::Text(name.into()),
                    Value::Text(mail.into()),
                    Value::Text(post.into()),
                ],
            )
            .await?;
        }
        DirectoryChange::Department { department, name } => {
            tx.execute(
                "INSERT INTO directory_department (department,name) VALUES ($1,$2) ON CONFLICT (department) DO UPDATE \
                 SET name = excluded.name",
                vec![Value::from(department.as_str()), Value::Text(name.into())],
            )
            .await?;
        }
    }
    Ok(())
}
