//! Who is told how each use passed: the log, the metrics, the traces.

use crate::metrics::Counted;
use crate::traces::Traces;
use sekisho_gate::passage::{Passage, Watch};

pub(crate) struct Observed {
    pub(crate) counted: Counted,
    pub(crate) traces: Option<Traces>,
}

impl Watch for Observed {
    fn passed(&self, passage: Passage) {
        let times = &passage.times;
        let millis = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX) as f64 / 1000.0;
        // One line for each use, without any of its text: the ledger is the record, this is for whoever runs the program.
        tracing::info!(
            target: "sekisho::use",
            id = passage.id.as_ref().map(|id| id.as_str()),
            endpoint = passage.endpoint,
            outcome = passage.outcome.name(),
            code = passage.outcome.code(),
            model = passage.destination.as_ref().map(|to| to.model.as_str()),
            streamed = passage.streamed,
            input_tokens = passage.usage.input_tokens,
            output_tokens = passage.usage.output_tokens,
            duration_ms = millis(times.whole()),
            gate_ms = millis(times.added()),
            "use ended"
        );
        self.counted.passed(&passage);
        if let Some(traces) = &self.traces {
            traces.take(passage);
        }
    }
}
