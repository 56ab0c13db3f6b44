//! What is counted while the program works. A count is a few additions, atomic or under
//! a lock of nanoseconds; nothing is allocated and nothing is asked of the journal, the database or the system.

use super::known;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use sekisho_domain::usage::FindingCount;
use sekisho_gate::passage::{Outcome, Passage};
use sekisho_store::JournalWatch;
use std::time::Duration;

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ending {
    outcome: &'static str,
    code: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Finding {
    rule: &'static str,
    side: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Direction {
    direction: &'static str,
}

/// Seconds of a whole use: an answer of the built-in model takes milliseconds, a long stream minutes.
const WHOLE: [f64; 15] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0];
/// Seconds the gate adds: two syncs and the scan.
const ADDED: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// Seconds of one transaction of the journal.
const COMMIT: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Records of one transaction; the journal takes 512 at most.
const BATCH: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// All counts. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    uses: Family<Ending, Counter>,
    whole: Histogram,
    added: Histogram,
    upstream: Histogram,
    first_byte: Histogram,
    findings: Family<Finding, Counter>,
    tokens: Family<Direction, Counter>,
    batch: Histogram,
    commit: Histogram,
    not_written: Counter,
    /// Spans the collector took.
    pub(crate) spans_exported: Counter,
    /// Spans that were given up: the queue was full, or the collector did not take them.
    pub(crate) spans_dropped: Counter,
}

impl Default for Counted {
    fn default() -> Self {
        let counted = Self {
            uses: Family::default(),
            whole: Histogram::new(WHOLE),
            added: Histogram::new(ADDED),
            upstream: Histogram::new(WHOLE),
            first_byte: Histogram::new(WHOLE),
            findings: Family::default(),
            tokens: Family::default(),
            batch: Histogram::new(BATCH),
            commit: Histogram::new(COMMIT),
            not_written: Counter::default(),
            spans_exported: Counter::default(),
            spans_dropped: Counter::default(),
        };
        // What is on the lists is there from the start, with nothing counted: only so does the first one show as a rise.
        for ending in [Outcome::Completed, Outcome::Unavailable] {
            drop(counted.uses.get_or_create(&label(&ending)));
        }
        for code in known::refusals() {
            drop(counted.uses.get_or_create(&Ending { outcome: "refused", code }));
        }
        for rule in known::rules() {
            for side in ["request", "answer"] {
                drop(counted.findings.get_or_create(&Finding { rule, side }));
            }
        }
        for direction in ["input", "output"] {
            drop(counted.tokens.get_or_create(&Direction { direction }));
        }
        counted
    }
}

fn label(outcome: &Outcome) -> Ending {
    let code = match outcome {
        Outcome::Completed => "OK",
        Outcome::UpstreamError(code) | Outcome::Cut(code) | Outcome::Unreadable(code) => code,
        Outcome::Refused(code) => known::refusal(code),
        Outcome::Unavailable => "LEDGER_UNAVAILABLE",
    };
    Ending { outcome: outcome.name(), code }
}

impl Counted {
    /// Counts a use that has ended.
    pub(crate) fn passed(&self, passage: &Passage) {
        self.uses.get_or_create(&label(&passage.outcome)).inc();
        let times = &passage.times;
        self.whole.observe(times.whole().as_secs_f64());
        self.added.observe(times.added().as_secs_f64());
        if let Some(upstream) = times.upstream() {
            self.upstream.observe(upstream.as_secs_f64());
        }
        if let Some(first) = times.until_first_byte() {
            self.first_byte.observe(first.as_secs_f64());
        }
        for (side, findings) in [("request", &passage.in_request), ("answer", &passage.in_answer)] {
            for FindingCount { count, rule } in findings {
                self.findings.get_or_create(&Finding { rule: known::rule(rule), side }).inc_by((*count).into());
            }
        }
        for (direction, tokens) in [("input", passage.usage.input_tokens), ("output", passage.usage.output_tokens)] {
            if tokens > 0 {
                self.tokens.get_or_create(&Direction { direction }).inc_by(tokens);
            }
        }
    }

    /// Names each of them with what it means.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("sekisho_uses", "Uses of AI that ended, by outcome and code", self.uses.clone());
        registry.register(
            "sekisho_use_duration_seconds",
            "From taking a use to its last durable record, whatever its outcome",
            self.whole.clone(),
        );
        registry.register(
            "sekisho_gate_added_seconds",
            "What the gate added to a use: all but the time of the upstream",
            self.added.clone(),
        );
        registry.register(
            "sekisho_upstream_duration_seconds",
            "From sending a request to the end of the upstream's answer or failure",
            self.upstream.clone(),
        );
        registry.register(
            "sekisho_upstream_first_byte_seconds",
            "From sending a request to the beginning of a streamed answer",
            self.first_byte.clone(),
        );
        registry.register(
            "sekisho_findings",
            "Findings in requests and answers, by rule of detection",
            self.findings.clone(),
        );
        registry.register("sekisho_tokens", "Tokens as upstreams counted them", self.tokens.clone());
        registry.register(
            "sekisho_journal_batch_size",
            "Records that one transaction of the journal wrote",
            self.batch.clone(),
        );
        registry.register(
            "sekisho_journal_commit_seconds",
            "One transaction of the journal, its sync included",
            self.commit.clone(),
        );
        registry.register(
            "sekisho_journal_failures",
            "Records that could not be written; their requests were answered 503",
            self.not_written.clone(),
        );
        registry.register("sekisho_traces_exported", "Spans the collector took", self.spans_exported.clone());
        registry.register(
            "sekisho_traces_dropped",
            "Spans given up: too many waited, or the collector did not take them",
            self.spans_dropped.clone(),
        );
    }
}

impl JournalWatch for Counted {
    fn wrote(&self, jobs: usize, took: Duration) {
        self.batch.observe(f64::from(u32::try_from(jobs).unwrap_or(u32::MAX)));
        self.commit.observe(took.as_secs_f64());
    }

    fn failed(&self, jobs: usize) {
        self.not_written.inc_by(jobs as u64);
    }
}
