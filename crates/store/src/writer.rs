//! The one writer of the ledger, with group commit.
//!
//! The writer takes all that waits, appends it in one transaction and answers each after the sync, so sixty-four waiters
//! share one. The row of the ledger's head is the writer's lock on both engines, so indexes stay dense and ordered
//! whoever appends.

mod in_doubt;
mod signing;

use crate::batch::{Batch, Edge, Lock};
use crate::election::Election;
use crate::engine::{Engine, EngineError, News, Tx, Value};
use crate::journal::{Job, JournalError, JournalSettings, Seen};
use crate::kinds::Kinds;
use crate::pulse::Pulse;
use crate::signing::CheckpointSigner;
use arc_swap::ArcSwap;
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
/// How long the database may take for one step of the writer. Then its connections are given up.
const STEP: Duration = Duration::from_secs(8);

pub(crate) struct Writer {
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
    /// What was asked for while everyone was turned away, and is no record: it is done all the same.
    kept: Vec<Job>,
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
    /// Folds the ledger and holds what this node signed before against it.
    pub(crate) async fn open(
        engine: Engine,
        (signer, node): (CheckpointSigner, &str),
        settings: JournalSettings,
        jobs: mpsc::Receiver<Job>,
    ) -> Result<Self, crate::StoreError> {
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
        let seen = Arc::new(ArcSwap::from_pointee(Seen { register: edge.register(), fresh_at: Instant::now() }));
        let pulse = Arc::new(Pulse::new(edge.size(), edge.signed(), Instant::now()));
        let news = engine.news().await?;
        Ok(Self {
            election,
            engine,
            signer,
            settings,
            jobs,
            seen,
            pulse,
            edge: Some(edge),
            kinds: Kinds::default(),
            signed: None,
            news,
            kept: Vec::new(),
        })
    }

    /// What it shows to everyone.
    pub(crate) fn shown(&self) -> (Arc<ArcSwap<Seen>>, Arc<Pulse>) {
        (self.seen.clone(), self.pulse.clone())
    }

    pub(crate) async fn run(mut self) {
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
                () = std::future::ready(()), if !self.kept.is_empty() => waiting.append(&mut self.kept),
                taken = self.jobs.recv_many(&mut waiting, BATCH) => {
                    if taken == 0 {
                        return;
                    }
                }
                () = self.news.arrives() => self.look_again().await,
                _ = follow.tick() => self.look_again().await,
            }
            if !waiting.is_empty()
                && let Some(done) = self.serve(std::mem::take(&mut waiting)).await
            {
                let _ = self.sign().await;
                let _ = done.send(());
                return;
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

    /// After an error: the last committed edge stays, for folding a large register anew may take longer than a step has.
    /// The next catch-up holds it against the head; where it does not follow from there, all is read again.
    fn lost(&mut self, error: &crate::StoreError) {
        if matches!(error, crate::StoreError::Head { .. } | crate::StoreError::Fold { .. }) {
            self.edge = None;
        }
        self.kinds.forget();
        if let Some(election) = &mut self.election {
            election.doubt();
        }
        if matches!(error, crate::StoreError::Engine(EngineError::Silent(_) | EngineError::Postgres(_))) {
            self.engine.renew();
        }
        if matches!(
            error,
            crate::StoreError::Engine(EngineError::Silent(_) | EngineError::Postgres(sqlx::Error::PoolTimedOut))
        ) {
            // They have waited for as long as a step may take, and would wait for the next one too.
            self.turn_away();
        }
    }

    async fn try_write(&mut self, batch: &mut Batch) -> Result<Written, crate::StoreError> {
        let mut edge = self.edge.clone().unwrap_or_default();
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
        let mut edge = self.edge.clone().unwrap_or_default();
        let mut tx = self.engine.read().await?;
        edge.catch_up(&mut tx, Lock::Read).await?;
        if let Some(election) = &mut self.election {
            election.look(&mut tx, Instant::now()).await?;
        }
        self.publish(&edge);
        self.edge = Some(edge);
        Ok(())
    }

    fn publish(&self, edge: &Edge) {
        let now = Instant::now();
        self.seen.store(Arc::new(Seen { register: edge.register(), fresh_at: now }));
        let signs = self.election.as_ref().is_none_or(Election::is_mine);
        self.pulse.saw(edge.size(), edge.signed(), signs, now);
    }
}
