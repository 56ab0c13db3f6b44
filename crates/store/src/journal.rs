//! The journal: where everyone records, and what they see of its state.
//!
//! Everyone who has something to record waits in one queue for the one writer ([`crate::writer`]). An answer always
//! follows the sync.

use crate::accounts::AccountChange;
use crate::batch::Keep;
use crate::engine::Engine;
use crate::pulse::{JournalStatus, JournalWatch, Pulse};
use crate::sealed::{Body, ContentKey};
use crate::signing::CheckpointSigner;
use crate::uses::UseRow;
use crate::writer::Writer;
use arc_swap::ArcSwap;
use sekisho_domain::command::{Command, Occasion};
use sekisho_domain::entry::Governance;
use sekisho_domain::id::{DepartmentId, PersonId};
use sekisho_domain::refusal::Refusal;
use sekisho_domain::register::Register;
use sekisho_ledger::entry::EntryBytes;
use sekisho_ledger::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Waiting room; beyond it callers wait to enter.
const QUEUE: usize = 4096;

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
pub(crate) struct Seen {
    pub(crate) register: Arc<Register>,
    /// When the register was last known to be the newest.
    pub(crate) fresh_at: Instant,
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
        let (queue, jobs) = mpsc::channel(QUEUE);
        let writer = Writer::open(engine, (signer, node), settings, jobs).await?;
        let (seen, pulse) = writer.shown();
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
