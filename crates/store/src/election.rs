//! Which of several nodes signs checkpoints.
//!
//! The signer counts a beat up in the database, with the same transaction that keeps what it signed. Whoever sees the beat
//! stand still for longer than the signer takes between two of them takes the next epoch; one that was cut off and comes
//! back finds another epoch there and signs nothing. Only what a node itself saw on its own steady clock counts, so a clock
//! that jumps elects nobody.

use crate::engine::{EngineResult, Tx, Value};
use std::time::{Duration, Instant};

/// What stands in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stand {
    epoch: u64,
    beat: u64,
}

/// What one node knows of the election.
#[derive(Debug)]
pub(crate) struct Election {
    node: String,
    /// The epoch in which this node signs.
    mine: Option<u64>,
    seen: Option<(Stand, Instant)>,
    patience: Duration,
}

impl Election {
    /// For a node whose signer beats once an interval.
    pub(crate) fn new(node: String, interval: Duration) -> Self {
        Self { node, mine: None, seen: None, patience: interval + interval / 4 }
    }

    /// Looks at the signer's beat.
    pub(crate) async fn look(&mut self, tx: &mut Tx, now: Instant) -> EngineResult<()> {
        let rows = tx.fetch("SELECT epoch, beat FROM ledger_signer WHERE only_one = 1", vec![]).await?;
        if let Some(row) = rows.first() {
            self.saw(Stand { epoch: row.uint(0)?, beat: row.uint(1)? }, now);
        }
        Ok(())
    }

    fn saw(&mut self, stand: Stand, now: Instant) {
        if self.mine.is_some_and(|mine| mine != stand.epoch) {
            tracing::info!(node = self.node, epoch = stand.epoch, "another node signs checkpoints now");
            self.mine = None;
        }
        if self.seen.is_none_or(|(seen, _)| seen != stand) {
            self.seen = Some((stand, now));
        }
    }

    /// Whether this node is to sign: it is the signer, or the signer's beat has stood still for too long.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.mine.is_some()
            || self.seen.is_some_and(|(stand, since)| stand.epoch == 0 || now.duration_since(since) > self.patience)
    }

    /// Whether this node is the signer, as far as it knows.
    pub(crate) fn is_mine(&self) -> bool {
        self.mine.is_some()
    }

    /// Takes or keeps the office, under the ledger's lock: from here to the commit no other node can.
    pub(crate) async fn claim(&mut self, tx: &mut Tx, now: Instant) -> EngineResult<()> {
        self.look(tx, now).await?;
        let Some((stand, _)) = self.seen else { return Ok(()) };
        let epoch = if self.mine == Some(stand.epoch) { stand.epoch } else { stand.epoch + 1 };
        let next = Stand { epoch, beat: stand.beat + 1 };
        tx.execute(
            "UPDATE ledger_signer SET node = $1, epoch = $2, beat = $3 WHERE only_one = 1",
            vec![Value::from(self.node.as_str()), Value::from(next.epoch), Value::from(next.beat)],
        )
        .await?;
        if self.mine != Some(epoch) {
            tracing::info!(node = self.node, epoch, "this node signs checkpoints now");
        }
        (self.mine, self.seen) = (Some(epoch), Some((next, now)));
        Ok(())
    }

    /// Gives the office up: what was claimed was not committed, or nobody knows.
    pub(crate) fn doubt(&mut self) {
        self.mine = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn election() -> (Election, Instant) {
        (Election::new("a".into(), SECOND), Instant::now())
    }

    #[test]
    fn while_nobody_was_ever_signer_anybody_may_be() {
        let (mut election, now) = election();
        assert!(!election.is_due(now), "nothing was seen yet");
        election.saw(Stand { epoch: 0, beat: 0 }, now);
        assert!(election.is_due(now));
    }

    #[test]
    fn a_signer_whose_beat_goes_on_stays_and_one_whose_beat_stands_still_is_followed() {
        let (mut election, now) = election();
        for beat in 1..6 {
            let now = now + SECOND * beat;
            election.saw(Stand { epoch: 1, beat: beat.into() }, now);
            assert!(!election.is_due(now + SECOND));
        }
        let last = now + SECOND * 5;
        election.saw(Stand { epoch: 1, beat: 5 }, last + SECOND);
        assert!(!election.is_due(last + SECOND));
        assert!(election.is_due(last + SECOND * 3 / 2), "within two seconds after the last beat");
    }

    #[test]
    fn one_that_finds_another_epoch_signs_no_more() {
        let (mut election, now) = election();
        (election.mine, election.seen) = (Some(1), Some((Stand { epoch: 1, beat: 1 }, now)));
        assert!(election.is_due(now));
        election.saw(Stand { epoch: 2, beat: 2 }, now);
        assert!(!election.is_due(now));
    }
}
