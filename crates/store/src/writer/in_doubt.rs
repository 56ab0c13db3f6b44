//! What follows a commit that the database did not answer: it is looked up before anyone is told.

use super::{Writer, in_time};
use crate::batch::{Batch, Edge, Lock};
use crate::journal::{Job, JournalError};
use sekisho_ledger::hash::Hash;
use std::time::{Duration, Instant};

/// How often, while it is not known whether a commit took effect, the database is asked.
const ASK_AGAIN: Duration = Duration::from_millis(200);
/// How long that is asked for. Nobody who waits is told anything meanwhile.
const ASK_FOR: Duration = Duration::from_secs(60);

impl Writer {
    /// Whether a commit that was not answered took effect. Nobody who waits for it is told before that is known: a use that
    /// was refused for want of a record, and has one, would be open for ever.
    ///
    /// Whoever comes meanwhile is told that nothing can be written.
    pub(super) async fn took_effect(&mut self, size: u64, root: Hash) -> bool {
        let begun = Instant::now();
        self.kinds.forget();
        self.engine.renew();
        self.turn_away();
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

    /// Answers everyone who waits to write: not now. The end of the program and signatures are no records.
    pub(super) fn turn_away(&mut self) {
        let mut waiting = Vec::new();
        while let Ok(job) = self.jobs.try_recv() {
            match job {
                Job::Stop { .. } | Job::Checkpoint { .. } => self.kept.push(job),
                job => waiting.push(job),
            }
        }
        self.pulse.failed(waiting.len());
        let mut batch = Batch::default();
        batch.take(waiting);
        batch.fail(&JournalError::Unavailable("the database does not answer".into()));
    }
}
