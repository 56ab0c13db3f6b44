//! Entries: what the ledger holds. Governance entries carry an [`Event`]; use entries carry the life of one request.

use crate::event::{Event, EventError};
use crate::id::{OrganizationId, PersonId};
use crate::usage::{UseAborted, UseClosed, UseOpened, UseRefused};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Version of the envelope this program writes. Older ones are read for ever.
pub const VERSION: u32 = 1;

/// A governance entry: an event with who, when, why and on what ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Governance {
    /// Who did it; the installation itself acts under the pseudonym `sekisho`.
    pub actor: PersonId,
    /// When.
    pub at: Timestamp,
    /// For which body.
    pub organization: OrganizationId,
    /// Why, in the actor's words.
    pub reason: String,
    /// SHA-256 of attached documents, lower-case hex.
    pub documents: Vec<String>,
    /// The clause it carries out, in the document that binds the body; empty when it is a matter of running things.
    pub clause: String,
    /// What happened.
    pub event: Event,
}

/// Any entry of the ledger.
#[derive(Debug, Clone)]
pub enum Entry {
    /// Changes the register.
    Governance(Box<Governance>),
    /// A request was decided and may leave.
    UseOpened(Box<UseOpened>),
    /// Its answer, or its failure.
    UseClosed(Box<UseClosed>),
    /// A request was refused.
    UseRefused(Box<UseRefused>),
    /// A use that a crash left open.
    UseAborted(Box<UseAborted>),
}

/// Why bytes are not an entry this version understands.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Not the JSON of an envelope.
    #[error("not an entry: {0}")]
    Envelope(#[from] serde_json::Error),
    /// A newer envelope.
    #[error("entry version {0} is newer than this program reads ({VERSION})")]
    Version(u32),
    /// The event inside cannot be read.
    #[error(transparent)]
    Event(#[from] EventError),
}

/// Field order is canonical order: the writer relies on it.
#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    actor: &'a str,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    clause: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    docs: Vec<String>,
    kind: &'a str,
    org: &'a str,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    reason: std::borrow::Cow<'a, str>,
    v: u32,
}

/// What a reader looks at first.
#[derive(Deserialize)]
struct Peek<'a> {
    kind: &'a str,
    v: u32,
}

impl Governance {
    /// The entry as a JSON value; the ledger makes it canonical.
    pub fn to_value(&self) -> Result<serde_json::Value, serde_json::Error> {
        let data = self.event.data()?;
        let mut value = serde_json::json!({
            "actor": self.actor,
            "at": self.at,
            "data": data,
            "kind": self.event.kind(),
            "org": self.organization,
            "v": VERSION,
        });
        if let Some(map) = value.as_object_mut() {
            if !self.clause.is_empty() {
                map.insert("clause".into(), self.clause.as_str().into());
            }
            if !self.reason.is_empty() {
                map.insert("reason".into(), self.reason.as_str().into());
            }
            if !self.documents.is_empty() {
                map.insert("docs".into(), self.documents.clone().into());
            }
        }
        Ok(value)
    }
}

/// Kinds that do not change the register.
pub fn is_use(kind: &str) -> bool {
    kind.starts_with("use.")
}

impl Entry {
    /// Reads an entry.
    pub fn read(bytes: &[u8]) -> Result<Self, EntryError> {
        let peek: Peek<'_> = serde_json::from_slice(bytes)?;
        if peek.v > VERSION {
            return Err(EntryError::Version(peek.v));
        }
        Ok(match peek.kind {
            UseOpened::KIND => Self::UseOpened(Box::new(serde_json::from_slice(bytes)?)),
            UseClosed::KIND => Self::UseClosed(Box::new(serde_json::from_slice(bytes)?)),
            UseRefused::KIND => Self::UseRefused(Box::new(serde_json::from_slice(bytes)?)),
            UseAborted::KIND => Self::UseAborted(Box::new(serde_json::from_slice(bytes)?)),
            kind => {
                let envelope: Envelope<'_> = serde_json::from_slice(bytes)?;
                let bad_id = |e: crate::id::BadId| EntryError::Envelope(serde::de::Error::custom(e));
                Self::Governance(Box::new(Governance {
                    actor: PersonId::new(envelope.actor).map_err(bad_id)?,
                    at: envelope.at,
                    organization: OrganizationId::new(envelope.org).map_err(bad_id)?,
                    reason: envelope.reason.into_owned(),
                    documents: envelope.docs,
                    clause: envelope.clause.to_owned(),
                    event: Event::read(kind, envelope.data.get())?,
                }))
            }
        })
    }
}
