//! What is looked up when the metrics are asked for: how the journal, the gate and the database stand now.

use crate::sharing::Sharing;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use sekisho_gate::pipeline::Gate;
use sekisho_store::{Journal, Store};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// How many witnesses stand how to this ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Attendance {
    pub(super) cosigning: u32,
    pub(super) failing: u32,
    pub(super) refusing: u32,
}

/// Where it is looked up.
pub(super) struct Standing {
    pub(super) journal: Journal,
    pub(super) gate: Arc<Gate>,
    pub(super) store: Store,
    pub(super) leaving: CancellationToken,
    pub(super) sharing: Option<Arc<Sharing>>,
    /// Seconds since 1970 at which the program opened its data.
    pub(super) started: f64,
    /// As it was read last; `None` while it could not be.
    pub(super) attendance: Arc<Mutex<Option<Attendance>>>,
}

impl std::fmt::Debug for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Standing").finish_non_exhaustive()
    }
}

type Labels = [(&'static str, &'static str)];

/// Writes one gauge: each sample with its labels. Without a sample its name and help are still there.
fn gauge<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (&'a Labels, f64)>,
) -> Result<(), std::fmt::Error> {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in samples {
        if labels.is_empty() {
            ConstGauge::new(value).encode(metric)?;
            return Ok(());
        }
        ConstGauge::new(value).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}

/// Counts stay far below 2^53.
fn float(n: u64) -> f64 {
    n as f64
}

impl Collector for Standing {
    fn encode(&self, mut to: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let journal = self.journal.status();
        let none: &Labels = &[];
        let mut one = |name: &str, help: &str, value: f64| gauge(&mut to, name, help, [(none, value)]);
        one("process_start_time_seconds", "When the program opened its data, in seconds since 1970", self.started)?;
        one(
            "sekisho_ready",
            "1 while /readyz says ready",
            f64::from(u8::from(is_ready(&self.journal, &self.leaving).is_ok())),
        )?;
        one("sekisho_uses_under_way", "Uses being worked on", float(self.gate.count_under_way() as u64))?;
        one("sekisho_streams_open", "Answers being streamed", float(self.gate.open_streams() as u64))?;
        one(
            "sekisho_journal_queue_waiting",
            "Records that wait for the journal's writer",
            float(journal.waiting as u64),
        )?;
        one(
            "sekisho_register_age_seconds",
            "How long ago the register was known to be the newest",
            journal.register_age.as_secs_f64(),
        )?;
        one("sekisho_register_position", "Position of the register in the ledger", float(journal.position))?;
        one("sekisho_ledger_size", "Entries in the ledger, as this node has seen it", float(journal.size))?;
        one("sekisho_ledger_signed_size", "Entries the newest signed checkpoint covers", float(journal.signed))?;
        one(
            "sekisho_ledger_unsigned_seconds",
            "How long entries have waited for a signature; 0 while all are signed",
            journal.unsigned_for.as_secs_f64(),
        )?;
        one("sekisho_ledger_signer", "1 while this node signs checkpoints", f64::from(u8::from(journal.signs)))?;
        let last = journal.last_signed.map(|ago| (none, ago.as_secs_f64()));
        let help = "How long ago the signed size grew; absent until this process has seen it";
        gauge(&mut to, "sekisho_ledger_last_signature_seconds", help, last)?;
        let attendance = *self.attendance.lock().unwrap_or_else(PoisonError::into_inner);
        let states = attendance
            .into_iter()
            .flat_map(|all| [("cosigning", all.cosigning), ("failing", all.failing), ("refusing", all.refusing)]);
        let states: Vec<_> = states.map(|(state, count)| ([("state", state)], f64::from(count))).collect();
        let help = "Witnesses by how they stand to this ledger; refusing: they have seen another one";
        gauge(&mut to, "sekisho_witnesses", help, states.iter().map(|(labels, value)| (&labels[..], *value)))?;
        let pools = self
            .store
            .connections()
            .into_iter()
            .flatten()
            .zip(["write", "read"])
            .flat_map(|(pool, name)| [(name, "used", pool.used), (name, "idle", pool.idle)]);
        let pools: Vec<_> =
            pools.map(|(pool, state, count)| ([("pool", pool), ("state", state)], f64::from(count))).collect();
        let help = "Connections to PostgreSQL; absent on SQLite";
        gauge(
            &mut to,
            "sekisho_database_connections",
            help,
            pools.iter().map(|(labels, value)| (&labels[..], *value)),
        )?;
        self.shelves(&mut to)?;
        let build = [("version", env!("CARGO_PKG_VERSION"))];
        gauge(&mut to, "sekisho_build_info", "The program's version", [(&build[..], 1.0)])
    }
}

impl Standing {
    /// The shelves that nodes share.
    fn shelves(&self, to: &mut DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let all = self.sharing.as_ref().map(|sharing| sharing.standing());
        let all: Vec<_> = all.iter().flatten().map(|one| ([("corpus", one.corpus.name())], one)).collect();
        let seconds = |at: jiff::Timestamp| at.as_duration().as_secs_f64();
        let served = |one: &crate::sharing::Standing| one.generation.map(|(number, _)| float(number));
        let published = |one: &crate::sharing::Standing| one.generation.map(|(_, made_at)| seconds(made_at));
        let looked = |one: &crate::sharing::Standing| one.looked.map(seconds);
        let ahead = |one: &crate::sharing::Standing| Some(f64::from(u8::from(one.ahead)));
        let mut each = |name: &str, help: &str, value: &dyn Fn(&crate::sharing::Standing) -> Option<f64>| {
            let samples = all.iter().filter_map(|(labels, one)| Some((&labels[..], value(one)?)));
            gauge(to, name, help, samples)
        };
        each("sekisho_search_generation", "Generation of the shared shelf that this node serves", &served)?;
        let help = "When the generation that is served was published, in seconds since 1970";
        each("sekisho_search_published_time_seconds", help, &published)?;
        let help = "When this node last knew that it had the newest generation, in seconds since 1970";
        each("sekisho_search_looked_time_seconds", help, &looked)?;
        each("sekisho_search_unpublished", "1 while this node has imports that are not published", &ahead)?;
        let troubles: Vec<_> = all
            .iter()
            .filter_map(|(_, one)| Some([("corpus", one.corpus.name()), ("code", one.trouble.as_ref()?.code)]))
            .collect();
        let help = "1 while the newest generation cannot be had, by why; this node serves its copy";
        gauge(to, "sekisho_search_trouble", help, troubles.iter().map(|labels| (&labels[..], 1.0)))
    }
}

/// Whether a load balancer may send requests here; otherwise why not.
pub(crate) fn is_ready(journal: &Journal, leaving: &CancellationToken) -> Result<(), String> {
    if leaving.is_cancelled() {
        return Err("leaving".into());
    }
    match journal.register() {
        Ok(register) if register.organization().is_some() => Ok(()),
        Ok(_) => Err("the body is not established".into()),
        Err(error) => Err(error.to_string()),
    }
}
