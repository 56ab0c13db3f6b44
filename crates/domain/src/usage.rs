//! 利用: the records of one use, from the decision to the end of the answer.
//!
//! Fields stand in canonical (alphabetical) order: a use entry is written straight from these structs, because two are
//! written on every request. The ledger checks the order on every append.

use crate::budget::Spent;
use crate::decision::{Decision, Outcome};
use crate::grade::Grade;
use crate::handling::Handled;
use crate::id::{KeyId, OrganizationId, PermitId, PersonId, ServiceId, UseId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where the declared grade came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredBy {
    /// The request named it in a header.
    Header,
    /// The request named it in OpenAI's `metadata`.
    Metadata,
    /// The key carries it.
    Key,
}

/// What the scan of a text amounts to, in the terms a decision uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    /// A key, password or other credential was found.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub credential: bool,
    /// The highest grade the marks speak of.
    pub detected: Grade,
    /// A 個人番号 was found.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub my_number: bool,
    /// The mark of 特定秘密 or the like was found.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub out_of_scope: bool,
    /// A mark that forbids sending, copying or passing on was found.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
}

impl Signals {
    /// Adds what another text of the same use amounts to: the highest grade and every flag count.
    pub fn join(&mut self, other: Self) {
        self.credential |= other.credential;
        self.detected = self.detected.max(other.detected);
        self.my_number |= other.my_number;
        self.out_of_scope |= other.out_of_scope;
        self.restricted |= other.restricted;
    }
}

/// How often a rule of detection hit. The text it hit is never recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingCount {
    /// Number of hits.
    pub count: u32,
    /// Rule of detection, such as `MK-05`.
    pub rule: String,
}

/// A request in the terms of the decision: together with the register it yields the same facts for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseRequest {
    /// The app it came through; empty for a direct call.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub app: String,
    /// When.
    pub at: Timestamp,
    /// Declared grade.
    pub declared: Grade,
    /// Who declared it.
    pub declared_by: DeclaredBy,
    /// `chat.completions`, `responses`, `embeddings`.
    pub endpoint: String,
    /// What was done about findings.
    #[serde(default, skip_serializing_if = "Handled::is_empty")]
    pub handled: Handled,
    /// Grade of what the request builds on.
    #[serde(default)]
    pub inherited: Grade,
    /// The uses and files it builds on, whose grade it inherits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<String>,
    /// The key used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
    /// The model asked for, cut to 200 characters.
    pub model: String,
    /// The permit named by key, header or metadata; without one it is found by person and model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<PermitId>,
    /// Who asks.
    pub person: PersonId,
    /// The purpose the request named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What the scan amounts to.
    pub signals: Signals,
    /// What had been spent of the budgets that bind this use, as the gate had counted at that moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spent: Vec<Spent>,
    /// Network zone; empty when none is configured.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
}

/// A decision as the ledger keeps it: enough to compare with a replay, without the explanations, which follow from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// Allow, conditional or deny.
    pub outcome: Outcome,
    /// `CODE rule` of each reason, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Position of the register: entries before it were folded.
    pub register: u64,
    /// Digest of the rules in force.
    pub rules: String,
}

impl DecisionRecord {
    /// Takes down a decision made at a position of the register.
    pub fn of(decision: &Decision, register: u64) -> Self {
        Self {
            outcome: decision.outcome,
            reasons: decision.reasons.iter().map(|r| format!("{} {}", r.code, r.rule)).collect(),
            register,
            rules: decision.rules.clone(),
        }
    }
}

/// What was decided and under which permit and service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// Bytes of the request's body.
    pub bytes: u64,
    /// Commitment to what was sent, SHA-256(salt ‖ body), lower-case hex; see `redacted`.
    pub commitment: String,
    /// The decision.
    pub decision: DecisionRecord,
    /// What was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingCount>,
    /// Highest of declared, inherited and detected grade.
    pub grade: Grade,
    /// Node that serves the request.
    pub node: String,
    /// The permit it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<PermitId>,
    /// Numbers and keys that must not be kept were taken out of what the commitment speaks of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// The request.
    pub request: UseRequest,
    /// The service it goes to; `None` when no registered service offers the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    /// The use.
    #[serde(rename = "use")]
    pub id: UseId,
}

fn is_lowest(grade: &Grade) -> bool {
    *grade == Grade::default()
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// Whole.
    Completed,
    /// The upstream answered with an error of its own.
    UpstreamError,
    /// The answer was cut short: time, size or a broken connection.
    Cut,
}

/// The end of a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// Bytes of the answer.
    pub bytes: u64,
    /// Commitment to the answer: SHA-256(salt ‖ body), lower-case hex.
    pub commitment: String,
    /// The highest grade the marks in the answer speak of.
    #[serde(default, skip_serializing_if = "is_lowest")]
    pub detected: Grade,
    /// Stable code of the failure; empty when there was none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// What was found in the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingCount>,
    /// How it ended.
    pub finish: Finish,
    /// The caller had gone before the end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hung_up: bool,
    /// Tokens in, as the upstream counted.
    pub input_tokens: u64,
    /// Index of the opening entry.
    pub opened: u64,
    /// Tokens out, as the upstream counted.
    pub output_tokens: u64,
    /// Numbers and keys that must not be kept were taken out of what the commitment speaks of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// Status the upstream answered with; 0 when there was no answer.
    pub status: u16,
    /// The use.
    #[serde(rename = "use")]
    pub id: UseId,
}

/// A refusal: by the rules, or because the request itself could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Bytes of the request's body that were read.
    pub bytes: u64,
    /// Stable code, such as `STANDARD_TERMS` or `INVALID_JSON`.
    pub code: String,
    /// Commitment to the request's body; empty when it was not read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commitment: String,
    /// The decision; `None` when the request never came so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionRecord>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingCount>,
    /// Highest of declared, inherited and detected grade.
    pub grade: Grade,
    /// Node that refused.
    pub node: String,
    /// Who asked.
    pub person: PersonId,
    /// Numbers and keys that must not be kept were taken out of what the commitment speaks of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// The request, as far as it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<UseRequest>,
    /// The service asked for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    /// The use.
    #[serde(rename = "use")]
    pub id: UseId,
}

/// A use that a crash left open, closed at the next start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aborted {
    /// Index of the opening entry.
    pub opened: u64,
    /// The use.
    #[serde(rename = "use")]
    pub id: UseId,
}

macro_rules! use_entry {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $data:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// When.
            pub at: Timestamp,
            /// What.
            pub data: $data,
            kind: std::borrow::Cow<'static, str>,
            /// For which body.
            pub org: OrganizationId,
            v: u32,
        }

        impl $name {
            /// Stable name of the entry.
            pub const KIND: &'static str = $kind;

            /// Makes the entry.
            pub fn new(at: Timestamp, org: OrganizationId, data: $data) -> Self {
                Self { at, data, kind: $kind.into(), org, v: crate::entry::VERSION }
            }

            /// The canonical bytes.
            pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
                serde_json::to_vec(self)
            }
        }
    };
}

use_entry!(
    /// Durable before anything leaves the building.
    UseOpened, "use.opened", Opened
);
use_entry!(
    /// Durable before the answer is declared complete.
    UseClosed, "use.closed", Closed
);
use_entry!(
    /// A refusal, recorded like any use.
    UseRefused, "use.refused", Refused
);
use_entry!(
    /// A use without an end.
    UseAborted, "use.aborted", Aborted
);
