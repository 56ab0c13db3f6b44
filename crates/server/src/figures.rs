//! Figures of use, counted anew as often as the counting is cheap.
//!
//! What took long to count is shown again for twenty times as long: a page that many people look at costs the installation
//! a twentieth of one processor at most, and where little is used every look is a new count.

use jiff::Timestamp;
use sekisho_domain::day::in_japan;
use sekisho_store::{Amount, Dimension, ReadError, Store};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

/// How many times its cost a count is good for.
const WORTH: u32 = 20;
/// What is counted so fast is counted anew every time.
const CHEAP: Duration = Duration::from_millis(20);
/// Spans kept at once.
const SPANS: usize = 8;

/// Amounts of every grouping over one span.
pub(crate) type Amounts = Arc<BTreeMap<Dimension, Vec<Amount>>>;

/// What was counted before.
#[derive(Default)]
pub struct Figures {
    /// By first and last day. One counts at a time, and who waits finds the count of the one before.
    kept: Mutex<BTreeMap<(jiff::civil::Date, jiff::civil::Date), Kept>>,
}

struct Kept {
    amounts: Amounts,
    counted: Instant,
    cost: Duration,
}

impl std::fmt::Debug for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Figures")
    }
}

impl Figures {
    /// The amounts from one instant to another, whole days; counted aside, because a long span takes its time.
    pub(crate) async fn amounts(
        &self,
        store: &Store,
        tasks: &TaskTracker,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Amounts, ReadError> {
        let span = (in_japan(from), in_japan(to));
        let mut all = self.kept.lock().await;
        if let Some(kept) = all.get(&span)
            && kept.cost > CHEAP
            && kept.counted.elapsed() < kept.cost * WORTH
        {
            return Ok(kept.amounts.clone());
        }
        let begun = Instant::now();
        let (store, runtime) = (store.clone(), tokio::runtime::Handle::current());
        let work = move || runtime.block_on(store.amounts(from, to));
        let counted = tasks.spawn_blocking(work).await;
        let amounts = Arc::new(counted.map_err(|e| ReadError::Corrupt(format!("the count broke off: {e}")))??);
        if all.len() >= SPANS {
            all.clear();
        }
        let kept = Kept { amounts: amounts.clone(), counted: Instant::now(), cost: begun.elapsed() };
        all.insert(span, kept);
        Ok(amounts)
    }
}
