//! What a caller hands to the gate, and what comes out of it: an answer, or why there is none.

use crate::examine::Found;
use crate::identify::Caller;
use crate::inbound::Unreadable;
use crate::relay::listed;
use crate::spending::Standing;
use crate::trace_parent::TraceParent;
use crate::upstream::{Endpoint, Explained, Whole};
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use sekisho_domain::decision::Decision;
use sekisho_domain::id::UseId;
use sekisho_domain::usage::FindingCount;
use tokio::sync::mpsc;

/// What narrows a request, from headers; `metadata` of the body says the same and headers win.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// `x-sekisho-permit`.
    pub permit: Option<String>,
    /// `x-sekisho-grade`.
    pub grade: Option<String>,
    /// `x-sekisho-purpose`.
    pub purpose: Option<String>,
    /// `x-sekisho-inherits`: uses and files the request builds on, by comma.
    pub inherits: Option<String>,
    /// `x-sekisho-confirm`: the token of the refusal that asked.
    pub confirm: Option<String>,
    /// `x-sekisho-reason`: why what was asked may go.
    pub reason: Option<String>,
}

/// One request of an identified caller.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who.
    pub caller: Caller,
    /// Where it came in.
    pub endpoint: Endpoint,
    /// The body as received.
    pub body: Bytes,
    /// What narrows it.
    pub narrowing: Narrowing,
    /// The trace the caller's request belongs to.
    pub trace: Option<TraceParent>,
}

/// An answer that may go to the caller.
#[derive(Debug)]
pub enum Passed {
    /// In one piece; its closing record is durable.
    Whole {
        /// The use.
        id: UseId,
        /// The answer.
        answer: Whole,
        /// What was found.
        told: TellOfFindings,
    },
    /// As it comes. The last event follows the closing record.
    Stream {
        /// The use.
        id: UseId,
        /// Status.
        status: u16,
        /// Headers.
        headers: Vec<(HeaderName, HeaderValue)>,
        /// Events.
        events: mpsc::Receiver<Bytes>,
        /// What was found in the request; what is found in the answer follows as a comment at its end.
        told: TellOfFindings,
    },
}

/// Findings that did not stop a use, as the caller is told of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TellOfFindings {
    /// In the request, by rule.
    pub request: Vec<FindingCount>,
    /// Rules whose findings were masked.
    pub masked: Vec<String>,
    /// In the answer, by rule.
    pub answer: Vec<FindingCount>,
    /// Budgets that run out or are used up: this too is told and did not stop the use.
    pub budgets: Vec<Standing>,
}

impl TellOfFindings {
    /// `ID-PHONE=2,ID-EMAIL=1`, of the request.
    pub fn in_request(&self) -> String {
        listed(&self.request)
    }

    /// `soumu-month=812/1000,mine=9/10`: what is spent and the limit of each budget that runs out.
    pub fn of_budgets(&self) -> String {
        self.budgets.iter().map(Standing::in_short).collect::<Vec<_>>().join(",")
    }

    /// The same of the answer.
    pub fn in_answer(&self) -> String {
        listed(&self.answer)
    }
}

/// Why there is no answer. Each of these is recorded, save that nothing can be written at all.
#[derive(Debug)]
pub enum Stopped {
    /// Refused by the rules.
    Refused {
        /// The use.
        id: UseId,
        /// All reasons.
        decision: Box<Decision>,
        /// What was found, and where.
        found: Vec<Found>,
        /// What confirms what was asked; `None` when nothing was.
        confirm: Option<String>,
    },
    /// The request cannot be read.
    Unreadable {
        /// The use.
        id: UseId,
        /// What is wrong.
        problem: Unreadable,
    },
    /// The upstream failed.
    Upstream {
        /// The use.
        id: UseId,
        /// What to tell the caller.
        explained: Box<Explained>,
    },
    /// No record, no request.
    Unavailable {
        /// For the log.
        inside: String,
    },
}
