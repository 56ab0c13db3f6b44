//! Traces: each use as a few OpenTelemetry spans, sent to a collector by OTLP over HTTP.
//!
//! A request never waits for this and never fails by it: a passage is put into a bounded queue after its end, and what finds
//! no place there, or no collector, is given up and counted.

mod collector;
mod spans;

use crate::config::Config;
use crate::metrics::Counted;
use collector::Collector;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter as _;
use sekisho_gate::passage::Passage;
use sekisho_gate::upstream::SetupError;
use sekisho_gate::world::World;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Passages that may wait for the collector.
const QUEUE: usize = 2048;
/// Passages of one request to it.
const BATCH: usize = 256;
/// How long passages are gathered for one request.
const GATHER: Duration = Duration::from_millis(200);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the end of the program waits for the last ones.
const AT_THE_END: Duration = Duration::from_secs(5);

/// Why traces cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TracesError {
    #[error(transparent)]
    Client(#[from] SetupError),
    #[error(transparent)]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// The way to the collector. Clones share it.
#[derive(Clone)]
pub(crate) struct Traces {
    queue: mpsc::Sender<Passage>,
    counted: Counted,
    stop: CancellationToken,
    sending: TaskTracker,
}

impl Traces {
    /// With the configured collector; `None` where there is none.
    pub(crate) fn open(config: &Config, counted: &Counted, world: Arc<dyn World>) -> Result<Option<Self>, TracesError> {
        let Some(endpoint) = &config.operations.traces else { return Ok(None) };
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(config.extra_roots.as_deref(), PATIENCE)?)
            .with_endpoint(endpoint.as_str())
            .with_protocol(Protocol::HttpJson)
            .with_timeout(PATIENCE)
            .build()?;
        exporter.set_resource(
            &Resource::builder_empty()
                .with_attribute(KeyValue::new("service.name", "sekisho"))
                .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
                .with_attribute(KeyValue::new("service.instance.id", config.node.clone()))
                .build(),
        );
        let (queue, waiting) = mpsc::channel(QUEUE);
        let (stop, sending) = (CancellationToken::new(), TaskTracker::new());
        sending.spawn(send(exporter, waiting, world, counted.clone(), stop.clone()));
        Ok(Some(Self { queue, counted: counted.clone(), stop, sending }))
    }

    /// Takes a passage, or gives it up.
    pub(crate) fn take(&self, passage: Passage) {
        if !spans::is_wanted(&passage) {
            return;
        }
        if let Err(error) = self.queue.try_send(passage) {
            let (mpsc::error::TrySendError::Full(passage) | mpsc::error::TrySendError::Closed(passage)) = error;
            self.counted.spans_dropped.inc_by(spans::count(&passage));
        }
    }

    /// Sends what waits, within a few seconds.
    pub(crate) async fn finish(&self) {
        self.stop.cancel();
        self.sending.close();
        if tokio::time::timeout(AT_THE_END, self.sending.wait()).await.is_err() {
            tracing::warn!("the collector did not take the last traces in time");
        }
    }
}

async fn send(
    exporter: SpanExporter,
    mut waiting: mpsc::Receiver<Passage>,
    world: Arc<dyn World>,
    counted: Counted,
    stop: CancellationToken,
) {
    let mut failing = false;
    let mut passages = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            // What waits is sent first; then it ends.
            biased;
            taken = waiting.recv_many(&mut passages, BATCH) => if taken == 0 { return },
            () = stop.cancelled() => return,
        }
        if passages.len() < BATCH {
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                () = stop.cancelled() => {}
            }
            while passages.len() < BATCH
                && let Ok(passage) = waiting.try_recv()
            {
                passages.push(passage);
            }
        }
        let batch: Vec<_> = passages.drain(..).flat_map(|passage| spans::of(&passage, &*world)).collect();
        let count = batch.len() as u64;
        match exporter.export(batch).await {
            Ok(()) => {
                counted.spans_exported.inc_by(count);
                failing = false;
            }
            Err(error) => {
                counted.spans_dropped.inc_by(count);
                // Once, not with every batch: the metric goes on counting.
                if !failing {
                    tracing::warn!(%error, "the collector does not take traces");
                }
                failing = true;
            }
        }
    }
}
