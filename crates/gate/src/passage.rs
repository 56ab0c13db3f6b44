//! How one request passed the gate: its times, its end and its counts, for whoever watches (metrics, traces, the log).
//!
//! It holds no text of a request or an answer, no person and no key, and of models only those of the register: what is not
//! in it cannot get into a metric or a trace.

use crate::call::Stopped;
use crate::trace_parent::TraceParent;
use crate::upstream::{Target, Usage, WireFormat};
use jiff::Timestamp;
use sekisho_domain::id::UseId;
use sekisho_domain::usage::FindingCount;
use std::time::{Duration, Instant};

/// Who is told how each request passed. It is called in the request's own task, after its end: it may neither wait nor fail.
pub trait Watch: Send + Sync {
    /// One has passed, or was stopped.
    fn passed(&self, passage: Passage);
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Whole.
    Completed,
    /// The upstream failed, by this code of the program.
    UpstreamError(&'static str),
    /// The answer broke off, by this code of the program.
    Cut(&'static str),
    /// Refused by the rules. The code is the rule's, and a body writes rules of its own.
    Refused(String),
    /// It could not be read, by this code of the program.
    Unreadable(&'static str),
    /// No record could be written.
    Unavailable,
}

impl Outcome {
    /// One word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::UpstreamError(_) => "upstream_error",
            Self::Cut(_) => "cut",
            Self::Refused(_) => "refused",
            Self::Unreadable(_) => "unreadable",
            Self::Unavailable => "unavailable",
        }
    }

    /// The code the caller got.
    pub fn code(&self) -> &str {
        match self {
            Self::Completed => "OK",
            Self::UpstreamError(code) | Self::Cut(code) | Self::Unreadable(code) => code,
            Self::Refused(code) => code,
            Self::Unavailable => "LEDGER_UNAVAILABLE",
        }
    }
}

/// Where a permitted request went, as the register has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// What is spoken there.
    pub format: WireFormat,
    /// The model's name in the register.
    pub model: String,
    /// Host of the address; empty for what answers inside this program.
    pub host: String,
    /// Its port.
    pub port: Option<u16>,
}

impl Destination {
    pub(crate) fn of(target: &Target, model: &str) -> Self {
        // Nobody is called for these two, whatever stands in the register.
        let inside = matches!(target.format, WireFormat::Extractive | WireFormat::Library);
        let url = (!inside).then(|| reqwest::Url::parse(target.base_url.trim()).ok()).flatten();
        Self {
            format: target.format,
            model: model.to_owned(),
            host: url.as_ref().and_then(reqwest::Url::host_str).unwrap_or_default().to_owned(),
            port: url.and_then(|url| url.port_or_known_default()),
        }
    }
}

/// One request, from when the gate took it.
#[derive(Debug, Clone)]
pub struct Passage {
    /// The use; `None` only where not even a name could be made.
    pub id: Option<UseId>,
    /// Name of the endpoint in records.
    pub endpoint: &'static str,
    /// The caller's trace.
    pub trace: Option<TraceParent>,
    /// When it began.
    pub began: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// Where it went, once it was permitted.
    pub destination: Option<Destination>,
    /// Whether the answer came as a stream.
    pub streamed: bool,
    /// What was found in the request.
    pub in_request: Vec<FindingCount>,
    /// What was found in the answer.
    pub in_answer: Vec<FindingCount>,
    /// Tokens, as far as the upstream told.
    pub usage: Usage,
    /// What happened when.
    pub times: Times,
}

/// Times of a passage, counted from its beginning.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    clock: Instant,
    /// The opening was durable and the request went out.
    pub sent: Option<Duration>,
    /// The stream began.
    pub first_byte: Option<Duration>,
    /// The upstream's answer had ended.
    pub answered: Option<Duration>,
    /// The last record was durable.
    pub ended: Option<Duration>,
}

impl Times {
    fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    /// From the beginning to the last record.
    pub fn whole(&self) -> Duration {
        self.ended.unwrap_or_default()
    }

    /// How long the upstream took.
    pub fn upstream(&self) -> Option<Duration> {
        Some(self.answered?.saturating_sub(self.sent?))
    }

    /// How long the upstream took until its stream began.
    pub fn until_first_byte(&self) -> Option<Duration> {
        Some(self.first_byte?.saturating_sub(self.sent?))
    }

    /// What the gate added: everything before the request went out and after the answer had come.
    pub fn added(&self) -> Duration {
        self.whole().saturating_sub(self.upstream().unwrap_or_default())
    }
}

impl Passage {
    pub(crate) fn begin(began: Timestamp, endpoint: &'static str, trace: Option<TraceParent>) -> Self {
        let times = Times { clock: Instant::now(), sent: None, first_byte: None, answered: None, ended: None };
        Self {
            id: None,
            endpoint,
            trace,
            began,
            outcome: Outcome::Unavailable,
            destination: None,
            streamed: false,
            in_request: Vec::new(),
            in_answer: Vec::new(),
            usage: Usage::default(),
            times,
        }
    }

    pub(crate) fn sent(&mut self, destination: Destination) {
        self.destination = Some(destination);
        self.times.sent = Some(self.times.now());
    }

    pub(crate) fn stream_began(&mut self) {
        self.streamed = true;
        self.times.first_byte = Some(self.times.now());
    }

    pub(crate) fn answered(&mut self) {
        self.times.answered = Some(self.times.now());
    }

    /// The last record is durable, or will never be.
    pub(crate) fn end(&mut self, outcome: Outcome) {
        self.outcome = outcome;
        self.times.ended = Some(self.times.now());
    }

    pub(crate) fn stopped(&mut self, stopped: &Stopped) {
        self.end(match stopped {
            Stopped::Refused { decision, .. } => Outcome::Refused(decision.code().unwrap_or_default().to_owned()),
            Stopped::Unreadable { problem, .. } => Outcome::Unreadable(problem.code),
            Stopped::Upstream { explained, .. } => Outcome::UpstreamError(explained.code),
            Stopped::Unavailable { .. } => Outcome::Unavailable,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_added_what_the_upstream_did_not_take() {
        let millis = Duration::from_millis;
        let mut passage = Passage::begin(Timestamp::UNIX_EPOCH, "chat.completions", None);
        passage.times.ended = Some(millis(7));
        assert_eq!((passage.times.added(), passage.times.upstream()), (millis(7), None));
        passage.times.sent = Some(millis(4));
        passage.times.first_byte = Some(millis(10));
        passage.times.answered = Some(millis(104));
        passage.times.ended = Some(millis(107));
        assert_eq!((passage.times.added(), passage.times.upstream()), (millis(7), Some(millis(100))));
        assert_eq!(passage.times.until_first_byte(), Some(millis(6)));
    }
}
