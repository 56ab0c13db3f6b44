//! The journal: the one writer of the ledger, with group commit.
//!
//! Everyone who has something to record waits in one queue. The writer takes all that waits, appends it in one
//! transaction and answers each after the sync, so sixty-four waiters share one. The row of the ledger's head is the
//! writer's lock on both engines, so indexes stay dense and ordered whoever appends. An answer always follows the sync.

use crate::accounts::AccountChange;
use crate::batch::{Batch, Edge, Keep, Lock};
use crate::election::Election;
use crate::engine::{Engine, EngineError, News, Tx, Value};
use crate::kinds::Kinds;
use crate::pulse::{JournalStatus, JournalWatch, Pulse};
use crate::reading::signed;
use crate::sealed::{Body, ContentKey};
use crate::signing::{CheckpointSigner, SigningError};
use crate::uses::UseRow;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use sekisho_domain::command::{Command, Occasion};
use sekisho_domain::entry::Governance;
use sekisho_domain::id::{DepartmentId, PersonId, UseId};
use sekisho_domain::refusal::Refusal;
use sekisho_domain::register::Register;
use sekisho_ledger::entry::EntryBytes;
use sekisho_ledger::hash::Hash;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Most records one sync carries: enough to share it widely, few enough that the first does not wait for the last.
const BATCH: usize = 512;
/// How often, and after what pause, an erasure tries to empty the database's log.
const FORGET_TRIES: usize = 100;
const FORGET_WAIT: Duration = Duration::from_millis(20);
/// Waiting room; beyond it callers wait to enter.
const QUEUE: usize = 4096;
/// How long the database may take for one step of the writer. Then its connections are given up.
const STEP: Duration = Duration::from_secs(8);
/// How often, while it is not known whether a commit took effect, the database is asked.
const ASK_AGAIN: Duration = Duration::from_millis(200);
/// How long that is asked for. Nobody who waits is told anything meanwhile.
const ASK_FOR: Duration = Duration::from_secs(60);

/// Why nothing was recorded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// The register moved on since the caller decided; decide again on the new one.
    #[error("the register has changed since the decision")]
    Stale,
    /// No record can be written.
    #[error("the ledger cannot be written: {0}")]
    Unavailable(String),
    /// The register is older than allowed because the ledger cannot be reached.
    #[error("the register is older than {0:?}; the ledger cannot be reached")]
    TooOld(Duration),
    /// The use has its end already: another node, or this one's last run, was taken for gone and its uses were ended.
    #[error("the use has ended already")]
    Ended,
    /// Content is destroyed only on the ground of a disposal that runs, and this one does not.
    #[error("the disposal does not run any more")]
    NotRunning,
}

/// The row of a use as it changes with its entry.
#[derive(Debug, Clone)]
pub enum UseChange {
    /// A new use: opened or refused by this entry.
    New(UseRow),
    /// A use opened before, now at its end.
    End(UseRow),
}

/// One use entry with what belongs to it.
#[derive(Debug)]
pub struct Record {
    /// The entry.
    pub entry: EntryBytes,
    /// The statistics row.
    pub change: UseChange,
    /// The body to seal with it, and what binds it to its place.
    pub sealed: Option<(String, Body)>,
    /// The position of the register the entry was decided on, when it must still be the newest.
    pub decided_at: Option<u64>,
}

/// Directory rows that go with a command.
#[derive(Debug, Clone)]
pub enum DirectoryChange {
    /// Who a person is.
    Person {
        /// Pseudonym.
        person: PersonId,
        /// Name.
        name: String,
        /// Mail address.
        mail: String,
        /// Post in words.
        post: String,
    },
    /// What a department is called.
    Department {
        /// Identifier.
        department: DepartmentId,
        /// Name.
        name: String,
    },
}

/// A decided and durable command.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Its entries, with the index of the first.
    pub entries: Vec<Governance>,
    /// Index of the first entry.
    pub first: u64,
}

pub(crate) enum Job {
    Append {
        pending: Box<Pending>,
        done: oneshot::Sender<Result<u64, JournalError>>,
    },
    Govern {
        occasion: Box<Occasion>,
        command: Box<Command>,
        directory: Vec<DirectoryChange>,
        accounts: Vec<AccountChange>,
        done: oneshot::Sender<Result<Result<Committed, Refusal>, JournalError>>,
    },
    Keep {
        change: Keep,
        done: oneshot::Sender<Result<u64, JournalError>>,
    },
    Checkpoint {
        done: oneshot::Sender<Result<String, JournalError>>,
    },
    Stop {
        done: oneshot::Sender<()>,
    },
}

/// A record made ready in its caller's task, so that the one writer only appends: hashed and sealed.
pub(crate) struct Pending {
    pub(crate) leaf: Hash,
    pub(crate) entry: Vec<u8>,
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) change: UseChange,
    pub(crate) decided_at: Option<u64>,
}

/// What everyone sees of the journal's state.
struct Seen {
    register: Arc<Register>,
    /// When the register was last known to be the newest.
    fresh_at: Instant,
}

/// A handle to the journal; clones share it.
#[derive(Clone)]
pub struct Journal {
    queue: mpsc::Sender<Job>,
    key: ContentKey,
    seen: Arc<ArcSwap<Seen>>,
    pulse: Arc<Pulse>,
    max_staleness: Duration,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("max_staleness", &self.max_staleness).finish_non_exhaustive()
    }
}

/// How the journal works.
#[derive(Debug, Clone, Copy)]
pub struct JournalSettings {
    /// How old the register may be while the ledger cannot be reached.
    pub max_staleness: Duration,
    /// How long entries may wait for a signed checkpoint.
    pub checkpoint_interval: Duration,
    /// How often to look for what other nodes appended.
    pub follow_interval: Duration,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            max_staleness: Duration::from_secs(5),
            checkpoint_interval: Duration::from_secs(1),
            follow_interval: Duration::from_millis(500),
        }
    }
}

impl Journal {
    /// Folds the ledger and starts the writer. The returned future is the writer; the caller runs it as a tracked task.
    pub(crate) async fn open(
        engine: Engine,
        key: ContentKey,
        (signer, node): (CheckpointSigner, &str),
        settings: JournalSettings,
    ) -> Result<(Self, impl Future<Output = ()> + Send + 'static), crate::StoreError> {
        let mut edge = Edge::default();
        let mut tx = engine.read().await?;
        edge.catch_up(&mut tx, Lock::Read).await?;
        let root = match signer.last() {
            Some(last) if last.size <= edge.size() => edge.root_at(&mut tx, last.size).await?,
            _ => None,
        };
        signer.check(edge.size(), root)?;
        let mut election = engine.is_shared().then(|| Election::new(node.to_owned(), settings.checkpoint_interval));
        if let Some(election) = &mut election {
            // Where nobody ever signed, this node does so at once.
            election.look(&mut tx, Instant::now()).await?;
        }
        drop(tx);
        let (queue, jobs) = mpsc::channel(QUEUE);
        let seen = Arc::new(ArcSwap::from_pointee(Seen { register: edge.register(), fresh_at: Instant::now() }));
        let pulse = Arc::new(Pulse::new(edge.size(), edge.signed(), Instant::now()));
        let news = engine.news().await?;
        let writer = Writer {
            election,
            engine,
            signer,
            settings,
            jobs,
            seen: seen.clone(),
            pulse: pulse.clone(),
            edge: Some(edge),
            kinds: Kinds::default(),
            signed: None,
            news,
        };
        Ok((Self { queue, key, seen, pulse, max_staleness: settings.max_staleness }, writer.run()))
    }

    /// The register, never older than allowed.
    pub fn register(&self) -> Result<Arc<Register>, JournalError> {
        let seen = self.seen.load();
        if seen.fresh_at.elapsed() > self.max_staleness {
            return Err(JournalError::TooOld(self.max_staleness));
        }
        Ok(seen.register.clone())
    }

    /// How it stands now.
    pub fn status(&self) -> JournalStatus {
        let seen = self.seen.load();
        let waiting = self.queue.max_capacity().saturating_sub(self.queue.capacity());
        self.pulse.status(waiting, (seen.fresh_at.elapsed(), seen.register.position()), Instant::now())
    }

    /// Tells someone of every batch from now on. The first who asks is told, and nobody else.
    pub fn watched_by(&self, watch: Arc<dyn JournalWatch>) {
        self.pulse.watch(watch);
    }

    /// Appends a use entry; returns its index once it is durable.
    pub async fn append(&self, record: Record) -> Result<u64, JournalError> {
        let seal = |(binding, body): &(String, Body)| self.key.seal(binding, body);
        let sealed = record.sealed.as_ref().map(seal).transpose();
        let pending = Pending {
            leaf: record.entry.leaf_hash(),
            entry: record.entry.into_bytes(),
            sealed: sealed.map_err(|e| JournalError::Unavailable(e.to_string()))?,
            change: record.change,
            decided_at: record.decided_at,
        };
        let (done, answer) = oneshot::channel();
        self.enqueue(Job::Append { pending: Box::new(pending), done }).await?;
        answer.await.map_err(|_| stopped())?
    }

    /// Decides a command under the ledger's lock on a register folded to the head; returns once it is durable.
    pub async fn govern(
        &self,
        occasion: Occasion,
        command: Command,
        directory: Vec<DirectoryChange>,
    ) -> Result<Result<Committed, Refusal>, JournalError> {
        self.govern_with(occasion, command, directory, Vec::new()).await
    }

    /// As [`Journal::govern`], with changes of accounts that are written if the command is accepted.
    pub async fn govern_with(
        &self,
        occasion: Occasion,
        command: Command,
        directory: Vec<DirectoryChange>,
        accounts: Vec<AccountChange>,
    ) -> Result<Result<Committed, Refusal>, JournalError> {
        let (done, answer) = oneshot::channel();
        let job = Job::Govern { occasion: Box::new(occasion), command: Box::new(command), directory, accounts, done };
        self.enqueue(job).await?;
        answer.await.map_err(|_| stopped())?
    }

    pub(crate) fn seal(&self, binding: &str, body: &Body) -> Result<Vec<u8>, JournalError> {
        self.key.seal(binding, body).map_err(|e| JournalError::Unavailable(e.to_string()))
    }

    /// Writes a private row; returns how many rows changed once that is durable.
    pub(crate) async fn keep(&self, change: Keep) -> Result<u64, JournalError> {
        let (done, answer) = oneshot::channel();
        self.enqueue(Job::Keep { change, done }).await?;
        answer.await.map_err(|_| stopped())?
    }

    /// Signs the present tree, if it grew since the last time; returns the newest signed checkpoint.
    pub async fn checkpoint(&self) -> Result<String, JournalError> {
        let (done, answer) = oneshot::channel();
        self.enqueue(Job::Checkpoint { done }).await?;
        answer.await.map_err(|_| stopped())?
    }

    /// Signs a last checkpoint and stops the writer.
    pub async fn stop(&self) {
        let (done, answer) = oneshot::channel();
        if self.queue.send(Job::Stop { done }).await.is_ok() {
            let _ = answer.await;
        }
    }

    async fn enqueue(&self, job: Job) -> Result<(), JournalError> {
        self.queue.send(job).await.map_err(|_| stopped())
    }
}

fn stopped() -> JournalError {
    JournalError::Unavailable("the journal has stopped".into())
}

struct Writer {
    engine: Engine,
    signer: CheckpointSigner,
    settings: JournalSettings,
    jobs: mpsc::Receiver<Job>,
    seen: Arc<ArcSwap<Seen>>,
    pulse: Arc<Pulse>,
    /// The tree's edge and the register, in step with the database; `None` after an error, until read again.
    edge: Option<Edge>,
    kinds: Kinds,
    signed: Option<(u64, String)>,
    /// Who signs, where several nodes could.
    election: Option<Election>,
    news: News,
}

/// How far a batch came.
enum Written {
    Whole,
    /// The commit was asked for and not answered: its tree, if it took effect, has this size and root.
    InDoubt {
        size: u64,
        root: Hash,
        error: EngineError,
    },
}

/// Uses looked up at once. A number of statements that differ in length would each be prepared.
const ENDS: usize = 64;

/// Of uses that are to end, those that have ended.
async fn already_ended(tx: &mut Tx, opened: Vec<u64>) -> Result<HashSet<u64>, EngineError> {
    let mut ended = HashSet::new();
    for some in opened.chunks(ENDS) {
        let Some(last) = some.last() else { break };
        let size = some.len().next_power_of_two();
        let places = (1..=size).map(|n| format!("${n}")).collect::<Vec<_>>().join(",");
        let sql = format!("SELECT opened FROM use_row WHERE opened IN ({places}) AND closed > 0");
        let padded = some.iter().chain(std::iter::repeat(last)).take(size).map(|opened| Value::from(*opened));
        for row in tx.fetch(&sql, padded.collect()).await? {
            ended.insert(row.uint(0)?);
        }
    }
    Ok(ended)
}

/// Runs a step of the writer that waits for the database.
async fn in_time<T>(step: impl Future<Output = Result<T, crate::StoreError>>) -> Result<T, crate::StoreError> {
    match tokio::time::timeout(STEP, step).await {
        Ok(done) => done,
        Err(_) => Err(EngineError::Silent(STEP).into()),
    }
}

impl Writer {
    async fn run(mut self) {
        let mut follow = tokio::time::interval(self.settings.follow_interval);
        follow.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut sign = tokio::time::interval(self.settings.checkpoint_interval);
        sign.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut waiting = Vec::with_capacity(BATCH);
        loop {
            // Due signatures come before waiting jobs: under full load the queue is never empty.
            tokio::select! {
                biased;
                _ = sign.tick() => {
                    if self.is_signer()
                        && let Err(error) = self.sign().await
                    {
                        tracing::error!(%error, "checkpoint not signed");
                        // It may have taken longer than the interval. If the next one were due at once, whoever waits to
                        // write would wait for as long as signing fails, and not be told that nothing can be written.
                        sign.reset();
                    }
                }
                taken = self.jobs.recv_many(&mut waiting, BATCH) => {
                    if taken == 0 {
                        return;
                    }
                    if let Some(done) = self.serve(std::mem::take(&mut waiting)).await {
                        let _ = self.sign().await;
                        let _ = done.send(());
                        return;
                    }
                }
                () = self.news.arrives() => self.look_again().await,
                _ = follow.tick() => self.look_again().await,
            }
        }
    }

    /// Writes all that waits in one transaction. Returns the stop signal when one was among it.
    async fn serve(&mut self, jobs: Vec<Job>) -> Option<oneshot::Sender<()>> {
        let mut stop = None;
        let mut sign = Vec::new();
        let mut work = Vec::with_capacity(jobs.len());
        for job in jobs {
            match job {
                Job::Stop { done } => stop = Some(done),
                Job::Checkpoint { done } => sign.push(done),
                other => work.push(other),
            }
        }
        if !work.is_empty() {
            self.write(work).await;
        }
        if !sign.is_empty() {
            let note = self.sign().await;
            for done in sign {
                let _ = done.send(note.clone());
            }
        }
        stop
    }

    async fn write(&mut self, work: Vec<Job>) {
        let (jobs, begun) = (work.len(), Instant::now());
        let mut batch = Batch::default();
        // The batch takes the jobs first, so that whatever fails below, everyone who waits gets an answer.
        batch.take(work);
        let outcome = match self.try_write(&mut batch).await {
            Ok(Written::Whole) => Ok(()),
            Ok(Written::InDoubt { size, root, error }) => {
                tracing::warn!(%error, "a commit was not answered");
                if self.took_effect(size, root).await { Ok(()) } else { Err(error.into()) }
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => {
                self.pulse.wrote(jobs, begun.elapsed());
                if batch.erases() {
                    self.forget_earlier_states().await;
                }
                batch.acknowledge();
            }
            Err(error) => {
                tracing::error!(%error, "no record could be written");
                self.pulse.failed(jobs);
                self.lost(&error);
                batch.fail(&JournalError::Unavailable(error.to_string()));
            }
        }
    }

    /// After an error nothing that was read before counts.
    fn lost(&mut self, error: &crate::StoreError) {
        self.edge = None;
        self.kinds.forget();
        if let Some(election) = &mut self.election {
            election.doubt();
        }
        if matches!(error, crate::StoreError::Engine(EngineError::Silent(_) | EngineError::Postgres(_))) {
            self.engine.renew();
        }
    }

    async fn try_write(&mut self, batch: &mut Batch) -> Result<Written, crate::StoreError> {
        let mut edge = self.edge.take().unwrap_or_default();
        let (engine, kinds) = (&self.engine, &mut self.kinds);
        let tx = in_time(async {
            let mut tx = engine.write().await?;
            edge.catch_up(&mut tx, Lock::Write).await?;
            let ended = already_ended(&mut tx, batch.ends()).await?;
            batch.append(&mut edge, ended);
            if batch.is_empty() {
                return Ok(None);
            }
            let governs = batch.governs();
            batch.write(&mut tx, &edge, kinds).await?;
            if governs {
                tx.tell_others().await?;
            }
            Ok(Some(tx))
        })
        .await?;
        if let Some(tx) = tx {
            let committed = match tokio::time::timeout(STEP, tx.commit()).await {
                Ok(committed) => committed,
                Err(_) => Err(EngineError::Silent(STEP)),
            };
            match committed {
                Ok(()) => {}
                Err(error) if self.engine.is_shared() && batch.entries_written() => {
                    return Ok(Written::InDoubt { size: edge.size(), root: edge.root(), error });
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.publish(&edge);
        self.edge = Some(edge);
        Ok(Written::Whole)
    }

    /// Whether a commit that was not answered took effect. Nobody who waits for it is told before that is known: a use that
    /// was refused for want of a record, and has one, would be open for ever.
    ///
    /// Whoever comes meanwhile is told that nothing can be written.
    async fn took_effect(&mut self, size: u64, root: Hash) -> bool {
        let begun = Instant::now();
        self.kinds.forget();
        self.engine.renew();
        loop {
            match in_time(self.holds(size, root)).await {
                Ok(holds) => return holds,
                Err(error) => {
                    tracing::warn!(%error, "whether a commit took effect is not known yet");
                    self.engine.renew();
                }
            }
            if begun.elapsed() > ASK_FOR {
                tracing::error!(
                    "whether a commit took effect was not learned; who waited for it is told that it did not"
                );
                return false;
            }
            self.turn_away();
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    /// Whether the ledger holds a tree. The head's lock comes first: while the lost transaction lives, it holds it.
    async fn holds(&self, size: u64, root: Hash) -> Result<bool, crate::StoreError> {
        let mut tx = self.engine.write().await?;
        let mut edge = Edge::default();
        edge.catch_up_tree(&mut tx, Lock::Write).await?;
        Ok(edge.root_at(&mut tx, size).await? == Some(root))
    }

    /// Answers everyone who waits to write: not now.
    fn turn_away(&mut self) {
        let mut waiting = Vec::new();
        while let Ok(job) = self.jobs.try_recv() {
            waiting.push(job);
        }
        self.pulse.failed(waiting.len());
        let mut batch = Batch::default();
        batch.take(waiting);
        batch.fail(&JournalError::Unavailable("the database does not answer".into()));
    }

    /// What was destroyed is committed; a reader may keep its old pages alive a moment longer.
    async fn forget_earlier_states(&self) {
        for _ in 0..FORGET_TRIES {
            match self.engine.forget_earlier_states() {
                Ok(true) => return,
                Ok(false) => tokio::time::sleep(FORGET_WAIT).await,
                Err(error) => {
                    tracing::error!(%error, "the database's log could not be emptied after an erasure");
                    return;
                }
            }
        }
        tracing::error!("a long read kept the database's log from being emptied after an erasure; it empties later");
    }

    async fn look_again(&mut self) {
        if let Err(error) = in_time(self.follow()).await {
            tracing::warn!(%error, "cannot follow the ledger");
            self.lost(&error);
        }
    }

    /// Looks at what others appended and renews the register's freshness.
    async fn follow(&mut self) -> Result<(), crate::StoreError> {
        let mut edge = self.edge.take().unwrap_or_default();
        let mut tx = self.engine.read().await?;
        edge.catch_up(&mut tx, Lock::Read).await?;
        if let Some(election) = &mut self.election {
            election.look(&mut tx, Instant::now()).await?;
        }
        self.publish(&edge);
        self.edge = Some(edge);
        Ok(())
    }

    /// Whether it falls to this node to sign at the next interval.
    fn is_signer(&self) -> bool {
        self.election.as_ref().is_none_or(|election| election.is_due(Instant::now()))
    }

    fn publish(&self, edge: &Edge) {
        let now = Instant::now();
        self.seen.store(Arc::new(Seen { register: edge.register(), fresh_at: now }));
        let signs = self.election.as_ref().is_none_or(Election::is_mine);
        self.pulse.saw(edge.size(), edge.signed(), signs, now);
    }

    /// Signs the tree when it has grown: memory beside the key first, then the database, compared and swapped. Whoever asks
    /// a node to sign now makes it the signer.
    async fn sign(&mut self) -> Result<String, JournalError> {
        let signed = if self.election.is_some() { in_time(self.sign_elected()).await } else { self.sign_alone().await };
        signed.map_err(|error| {
            self.lost(&error);
            JournalError::Unavailable(error.to_string())
        })
    }

    async fn sign_alone(&mut self) -> Result<String, crate::StoreError> {
        // Another process may have appended and signed since this one looked.
        self.follow().await?;
        let Some(edge) = &self.edge else { return Err(SigningError::Note("no tree".into()).into()) };
        let (size, root) = (edge.size(), edge.root());
        if let Some((signed, note)) = &self.signed
            && *signed == size
        {
            return Ok(note.clone());
        }
        let note = self.signer.sign(size, root)?;
        let mut tx = self.engine.write().await?;
        crate::batch::keep_checkpoint(&mut tx, size, &note).await?;
        tx.commit().await?;
        if let Some(mut edge) = self.edge.take() {
            edge.was_signed(size);
            self.publish(&edge);
            self.edge = Some(edge);
        }
        self.signed = Some((size, note.clone()));
        Ok(note)
    }

    /// Under the ledger's lock: no other node signs, or appends, before this is committed.
    async fn sign_elected(&mut self) -> Result<String, crate::StoreError> {
        let mut edge = self.edge.take().unwrap_or_default();
        let mut tx = self.engine.write().await?;
        edge.catch_up(&mut tx, Lock::Write).await?;
        if let Some(election) = &mut self.election {
            election.claim(&mut tx, Instant::now()).await?;
        }
        let (size, root) = (edge.size(), edge.root());
        let newest = signed(&mut tx).await?;
        if let Some((_, note)) = &newest {
            // What another node signed must be of this tree.
            let signed = self.signer.read(note)?;
            self.signer.check_against(&signed, size, edge.root_at(&mut tx, signed.size).await?)?;
        }
        let note = match newest {
            Some((signed, note)) if signed == size => note,
            _ => {
                let note = self.signer.sign(size, root)?;
                crate::batch::keep_checkpoint(&mut tx, size, &note).await?;
                note
            }
        };
        tx.commit().await?;
        edge.was_signed(size);
        self.publish(&edge);
        self.edge = Some(edge);
        self.signed = Some((size, note.clone()));
        Ok(note)
    }
}

/// A use that a crash left open.
#[derive(Debug, Clone)]
pub struct LeftOpen {
    /// Its row.
    pub row: UseRow,
}

impl LeftOpen {
    /// The use.
    pub fn id(&self) -> &UseId {
        &self.row.id
    }

    /// Its row as it will stand once closed as aborted.
    pub fn aborted(mut self, at: Timestamp) -> UseRow {
        self.row.outcome = crate::uses::UseOutcome::Aborted;
        self.row.code = "ABORTED".into();
        self.row.closed_at = Some(at);
        self.row
    }
}

/// Keeps the error types of the engine in one place.
pub(crate) type EngineResult<T> = Result<T, EngineError>;
