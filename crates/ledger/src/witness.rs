//! Witnessing (C2SP `tlog-witness`): another party remembers how far a log had come, and countersigns only what continues
//! it.
//!
//! This is the whole rule and nothing else: what a request says ([`AddCheckpoint`]), whether a witness that remembers so
//! much may cosign it ([`AddCheckpoint::judge`]), and what a log learns from the answer ([`weigh`]). Sockets, clocks and
//! the memory itself belong to whoever runs the witness, who must keep the new state durably *before* the cosignature
//! leaves, and must let no other request for the same log in between.

mod answer;
mod request;

pub use answer::{Answer, Cosignature, MAX_ANSWER_BYTES, Verdict, weigh};
pub use request::{AddCheckpoint, MAX_PROOF_LINES, MAX_REQUEST_BYTES, OfTreeError, RequestError};

use crate::checkpoint::Checkpoint;
use crate::hash::{EMPTY_ROOT, Hash};
use crate::note::Verifier;
use crate::proof::{ProofError, verify_consistency};

/// The kind of content that tells a size, in answers of status 409.
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";

/// How far a witness has seen a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Number of entries.
    pub size: u64,
    /// Root of their tree.
    pub root: Hash,
}

impl Seen {
    /// What a witness remembers of a log it never cosigned.
    pub const NOTHING: Self = Self { size: 0, root: EMPTY_ROOT };
}

impl From<&Checkpoint> for Seen {
    fn from(checkpoint: &Checkpoint) -> Self {
        Self { size: checkpoint.size, root: checkpoint.root }
    }
}

/// Why a witness does not cosign.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The witness does not know a log of this name.
    #[error("no log `{0}` is known here")]
    UnknownOrigin(String),
    /// No signature is by a key that the witness knows of this log.
    #[error("the checkpoint is not signed by a key known of `{0}`")]
    NotSigned(String),
    /// The proof would begin behind its end.
    #[error("the old size {old} is greater than the checkpoint's, {size}")]
    OldAboveSize {
        /// The old size stated.
        old: u64,
        /// Size of the checkpoint.
        size: u64,
    },
    /// The proof does not begin where the witness stands.
    #[error("the old size {old} is not the one cosigned last, {remembered}")]
    OtherSize {
        /// The old size stated.
        old: u64,
        /// The size cosigned last.
        remembered: u64,
    },
    /// The checkpoint has the size cosigned last, and another root: the log has told two stories.
    #[error("another checkpoint of size {remembered} was cosigned before")]
    OtherRoot {
        /// The size.
        remembered: u64,
    },
    /// The proof does not show that the checkpoint continues what was cosigned last.
    #[error("the consistency proof does not hold: {0}")]
    Proof(ProofError),
}

impl Refusal {
    /// The status of the answer, as the specification has it.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::OldAboveSize { .. } => 400,
            Self::NotSigned(_) => 403,
            Self::UnknownOrigin(_) => 404,
            Self::OtherSize { .. } | Self::OtherRoot { .. } => 409,
            Self::Proof(_) => 422,
        }
    }

    /// The size cosigned last, which an answer of status 409 must tell.
    #[must_use]
    pub fn remembered(&self) -> Option<u64> {
        match self {
            Self::OtherSize { remembered, .. } | Self::OtherRoot { remembered } => Some(*remembered),
            _ => None,
        }
    }
}

impl AddCheckpoint {
    /// Whether a witness that knows these logs, and has seen this much of the one that asks, may cosign.
    ///
    /// The answer is what it must remember before the cosignature leaves. `logs` are keys of any logs; those named as the
    /// checkpoint's origin count.
    ///
    /// # Errors
    /// [`Refusal`], in the order of the specification.
    pub fn judge(&self, logs: &[Verifier], seen: &Seen) -> Result<Seen, Refusal> {
        let checkpoint = self.checkpoint();
        let origin = checkpoint.origin.as_str();
        // A cosignature of somebody who bears the log's name is not the log's signature.
        let mut keys = logs.iter().filter(|log| log.name() == origin && !log.is_witness()).peekable();
        if keys.peek().is_none() {
            return Err(Refusal::UnknownOrigin(origin.to_owned()));
        }
        if !keys.any(|key| Checkpoint::open_note(self.note(), key).is_ok()) {
            return Err(Refusal::NotSigned(origin.to_owned()));
        }
        let (old, size) = (self.old_size(), checkpoint.size);
        if old > size {
            return Err(Refusal::OldAboveSize { old, size });
        }
        if old != seen.size {
            return Err(Refusal::OtherSize { old, remembered: seen.size });
        }
        if old == size && checkpoint.root != seen.root {
            return Err(Refusal::OtherRoot { remembered: seen.size });
        }
        verify_consistency(seen.size, &seen.root, size, &checkpoint.root, self.proof()).map_err(Refusal::Proof)?;
        Ok(Seen::from(checkpoint))
    }
}

#[cfg(test)]
mod tests;
