//! Metrics for Prometheus. What is in them is counted anyway by anybody who runs the program: no person, no prompt, no
//! model, and labels from closed lists alone.

mod counted;
mod known;
mod standing;

pub(crate) use counted::Counted;
pub(crate) use standing::is_ready;

use crate::config::Witnesses;
use crate::sharing::Sharing;
use jiff::Timestamp;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::registry::Registry;
use sekisho_gate::pipeline::Gate;
use sekisho_store::{Journal, ReadError, Store};
use standing::{Attendance, Standing};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long the database may take to say how witnesses stand; without an answer the rest is shown.
const PATIENCE: Duration = Duration::from_secs(2);

/// Everything that is shown.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    attendance: Arc<Mutex<Option<Attendance>>>,
}

impl Metrics {
    pub(crate) fn new(
        counted: &Counted,
        (store, journal): (Store, Journal),
        gate: Arc<Gate>,
        (leaving, sharing): (CancellationToken, Option<Arc<Sharing>>),
        started: Timestamp,
    ) -> Self {
        let mut registry = Registry::default();
        counted.register(&mut registry);
        let attendance = Arc::new(Mutex::new(None));
        let started = started.as_duration().as_secs_f64();
        let standing = Standing { journal, gate, store, leaving, sharing, started, attendance: attendance.clone() };
        registry.register_collector(Box::new(standing));
        Self { registry, attendance }
    }

    /// All of them in the text exposition format.
    ///
    /// # Errors
    /// A metric could not be written down.
    pub(crate) async fn text(&self, store: &Store, witnesses: &Witnesses) -> Result<String, std::fmt::Error> {
        if !witnesses.all.is_empty() {
            let read = tokio::time::timeout(PATIENCE, attendance(store, witnesses)).await;
            let read = read.ok().and_then(Result::ok);
            *self.attendance.lock().unwrap_or_else(PoisonError::into_inner) = read;
        }
        let mut text = String::with_capacity(16 << 10);
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// How the witnesses stand, as the ledger's page counts them.
async fn attendance(store: &Store, witnesses: &Witnesses) -> Result<Attendance, ReadError> {
    let mut all = Attendance::default();
    for witness in &witnesses.all {
        let row = store.witness(&witness.key.vkey()).await?;
        let refuses = row.refusal.is_some_and(|refusal| row.size <= refusal.theirs);
        match (refuses, row.fault.is_some() || row.size == 0) {
            (true, _) => all.refusing += 1,
            (false, true) => all.failing += 1,
            (false, false) => all.cosigning += 1,
        }
    }
    Ok(all)
}
