//! What a log learns from a witness's answer.

use super::AddCheckpoint;
use crate::checkpoint::parse_number;
use crate::note::{NoteError, SignatureLine, Verifier};

/// The longest answer that is read, in bytes.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// An answer as it came.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

/// A cosignature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The signature line, its newline included, to be appended to the checkpoint.
    pub line: String,
    /// When the witness cosigned: seconds since 1970.
    pub at: u64,
}

/// What an answer means for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The witness cosigned.
    Cosigned(Cosignature),
    /// The witness stands elsewhere: ask again with a proof from this size.
    AskFrom(u64),
    /// The witness cosigned more entries than this log has: its end was lost or taken away, or another process has signed
    /// further meanwhile, which the log must find out.
    Ahead {
        /// How many it cosigned.
        theirs: u64,
    },
    /// The witness cosigned another tree: the log has two histories.
    Fork {
        /// The size up to which the witness knows another history.
        theirs: u64,
    },
    /// The witness does not know this log (404).
    UnknownLog,
    /// The witness knows this log under another key (403).
    UnknownKey,
    /// It answered 200 and the cosignature does not hold.
    FalseCosignature(NoteError),
    /// It answered with something the protocol does not know here.
    Unexpected(u16),
}

/// Reads the answer to a request.
///
/// The status alone accuses nobody: that the request was well made (a proof that leads from the log's own old root to its
/// new one) is for the log to be sure of before it believes [`Verdict::Fork`].
#[must_use]
pub fn weigh(request: &AddCheckpoint, witness: &Verifier, answer: Answer<'_>) -> Verdict {
    let (old, size) = (request.old_size(), request.checkpoint().size);
    match answer.status {
        200 => cosignature(request, witness, answer.body).map_or_else(Verdict::FalseCosignature, Verdict::Cosigned),
        403 => Verdict::UnknownKey,
        404 => Verdict::UnknownLog,
        409 => match size_of(answer.body) {
            Some(theirs) if theirs > size => Verdict::Ahead { theirs },
            Some(theirs) if theirs != old => Verdict::AskFrom(theirs),
            Some(theirs) if theirs == size => Verdict::Fork { theirs },
            // The specification asks for no body when the roots differ at one size.
            None if old == size => Verdict::Fork { theirs: size },
            _ => Verdict::Unexpected(409),
        },
        // A proof from nothing is empty and cannot be wrong.
        422 if old > 0 => Verdict::Fork { theirs: old },
        other => Verdict::Unexpected(other),
    }
}

fn size_of(body: &[u8]) -> Option<u64> {
    std::str::from_utf8(body).ok()?.strip_suffix('\n').and_then(parse_number)
}

/// The witness's own line among those it answered with. Lines of other keys are passed over.
fn cosignature(request: &AddCheckpoint, witness: &Verifier, body: &[u8]) -> Result<Cosignature, NoteError> {
    const WRONG: NoteError = NoteError::Malformed("not lines with signatures");
    if body.len() > MAX_ANSWER_BYTES {
        return Err(NoteError::TooLong);
    }
    let lines = std::str::from_utf8(body).ok().and_then(|body| body.strip_suffix('\n')).ok_or(WRONG)?;
    for line in lines.split('\n') {
        let signature = SignatureLine::parse(line)?;
        if signature.claims(witness) {
            let at = request.note().with(signature).cosigned_at(witness)?;
            return Ok(Cosignature { line: format!("{line}\n"), at });
        }
    }
    Err(NoteError::NotSigned(witness.name().to_owned()))
}
