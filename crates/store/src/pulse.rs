//! What the journal shows of itself while it works: how much waits, how old the register is, what is signed. Anybody reads
//! it at any time; neither the writer nor the database is asked.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Who is told of every batch. It is called by the writer while others wait for it, so it may only count.
pub trait JournalWatch: Send + Sync {
    /// So many jobs were written in one transaction, which took so long, the sync included.
    fn wrote(&self, jobs: usize, took: Duration);
    /// So many jobs were answered that nothing was recorded.
    fn failed(&self, jobs: usize);
}

/// How the journal stands at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalStatus {
    /// Jobs that wait for the writer.
    pub waiting: usize,
    /// How long ago the register was known to be the newest.
    pub register_age: Duration,
    /// Position of the register.
    pub position: u64,
    /// Entries in the ledger, as far as this node has seen.
    pub size: u64,
    /// Entries that the newest signed checkpoint covers.
    pub signed: u64,
    /// How long entries have waited for a signature; zero while all are signed.
    pub unsigned_for: Duration,
    /// How long ago the signed size was seen to grow; `None` before the first time.
    pub last_signed: Option<Duration>,
    /// Whether this node signs.
    pub signs: bool,
}

/// The part of it that the writer keeps up to date.
pub(crate) struct Pulse {
    begun: Instant,
    size: AtomicU64,
    signed: AtomicU64,
    signs: AtomicBool,
    /// Microseconds after `begun`; 0 for never, and for nothing unsigned.
    last_signed: AtomicU64,
    unsigned_since: AtomicU64,
    watch: OnceLock<Arc<dyn JournalWatch>>,
}

impl Pulse {
    pub(crate) fn new(size: u64, signed: u64, now: Instant) -> Self {
        let pulse = Self {
            begun: now,
            size: AtomicU64::new(size),
            signed: AtomicU64::new(signed),
            signs: AtomicBool::new(false),
            last_signed: AtomicU64::new(0),
            unsigned_since: AtomicU64::new(0),
            watch: OnceLock::new(),
        };
        if signed < size {
            pulse.unsigned_since.store(1, Ordering::Relaxed);
        }
        pulse
    }

    pub(crate) fn watch(&self, watch: Arc<dyn JournalWatch>) {
        // The first one stays: there is one program around a journal.
        let _ = self.watch.set(watch);
    }

    pub(crate) fn wrote(&self, jobs: usize, took: Duration) {
        if let Some(watch) = self.watch.get() {
            watch.wrote(jobs, took);
        }
    }

    pub(crate) fn failed(&self, jobs: usize) {
        if let (Some(watch), 1..) = (self.watch.get(), jobs) {
            watch.failed(jobs);
        }
    }

    /// The writer has seen this. Only the writer calls it, so the steps need not be one.
    pub(crate) fn saw(&self, size: u64, signed: u64, signs: bool, now: Instant) {
        let at = u64::try_from(now.saturating_duration_since(self.begun).as_micros()).unwrap_or(u64::MAX).max(1);
        let grew = signed > self.signed.swap(signed, Ordering::Relaxed);
        self.size.store(size, Ordering::Relaxed);
        self.signs.store(signs, Ordering::Relaxed);
        if grew {
            self.last_signed.store(at, Ordering::Relaxed);
        }
        if signed >= size {
            self.unsigned_since.store(0, Ordering::Relaxed);
        } else if grew || self.unsigned_since.load(Ordering::Relaxed) == 0 {
            // What is unsigned after a signature came later than the tree that was signed.
            self.unsigned_since.store(at, Ordering::Relaxed);
        }
    }

    pub(crate) fn status(
        &self,
        waiting: usize,
        (register_age, position): (Duration, u64),
        now: Instant,
    ) -> JournalStatus {
        let since = |mark: &AtomicU64| {
            let at = mark.load(Ordering::Relaxed);
            let passed = now.saturating_duration_since(self.begun);
            (at > 0).then(|| passed.saturating_sub(Duration::from_micros(at)))
        };
        JournalStatus {
            waiting,
            register_age,
            position,
            size: self.size.load(Ordering::Relaxed),
            signed: self.signed.load(Ordering::Relaxed),
            unsigned_for: since(&self.unsigned_since).unwrap_or_default(),
            last_signed: since(&self.last_signed),
            signs: self.signs.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn entries_wait_for_a_signature_from_when_they_were_seen_until_it_covers_them() {
        let begun = Instant::now();
        let pulse = Pulse::new(3, 3, begun);
        let unsigned = |at: u32| pulse.status(0, (Duration::ZERO, 0), begun + SECOND * at).unsigned_for;
        assert_eq!(unsigned(5), Duration::ZERO);
        pulse.saw(4, 3, true, begun + SECOND * 10);
        pulse.saw(9, 3, true, begun + SECOND * 12);
        assert_eq!(unsigned(15), SECOND * 5);
        pulse.saw(9, 5, true, begun + SECOND * 16);
        assert_eq!(unsigned(17), SECOND, "the rest came after the tree of five");
        pulse.saw(9, 9, true, begun + SECOND * 18);
        assert_eq!(unsigned(30), Duration::ZERO);
        let status = pulse.status(7, (SECOND, 2), begun + SECOND * 20);
        assert_eq!((status.last_signed, status.waiting, status.signs), (Some(SECOND * 2), 7, true));
    }

    #[test]
    fn what_was_unsigned_at_the_start_waits_from_the_start() {
        let begun = Instant::now();
        let status = Pulse::new(2, 1, begun).status(0, (Duration::ZERO, 0), begun + SECOND * 4);
        assert!(status.unsigned_for > SECOND * 3, "{status:?}");
        assert_eq!(status.last_signed, None);
    }
}
