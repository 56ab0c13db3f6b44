//! The body of an `add-checkpoint` request: read by the witness, written by the log.

use crate::checkpoint::{Checkpoint, CheckpointError, parse_number};
use crate::hash::Hash;
use crate::note::{Note, Verifier};
use crate::proof::{ProofError, consistency_proof};
use crate::tile::TileReader;

/// The longest request that is read, in bytes: some tens of cosignatures, ten times what our logs send.
pub const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// The most lines of proof the specification allows.
pub const MAX_PROOF_LINES: usize = 63;

/// A body that is not an `add-checkpoint` request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// It is longer than [`MAX_REQUEST_BYTES`].
    #[error("the request is longer than {MAX_REQUEST_BYTES} bytes")]
    TooLong,
    /// It is not UTF-8.
    #[error("the request is not utf-8")]
    NotText,
    /// The first line is not `old` and a size.
    #[error("the first line must be `old`, a space and a size without leading zeros")]
    OldSize,
    /// A line of the proof is not a hash.
    #[error("line {0} is not a hash in canonical base64")]
    Hash(usize),
    /// The proof is too long.
    #[error("the proof has more than {MAX_PROOF_LINES} lines")]
    TooManyHashes,
    /// No empty line stands between proof and checkpoint.
    #[error("there is no empty line before the checkpoint")]
    NoCheckpoint,
    /// The checkpoint is malformed.
    #[error("the checkpoint is malformed: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// A log's wish that a witness cosign a checkpoint. Nothing in it is verified.
#[derive(Clone, Debug)]
pub struct AddCheckpoint {
    old_size: u64,
    proof: Vec<Hash>,
    text: String,
    note: Note,
    checkpoint: Checkpoint,
}

impl AddCheckpoint {
    /// A request with a proof made elsewhere. `note` is the whole signed checkpoint.
    ///
    /// # Errors
    /// [`RequestError`] when it could not be read again.
    pub fn new(old_size: u64, proof: Vec<Hash>, note: &str) -> Result<Self, RequestError> {
        if proof.len() > MAX_PROOF_LINES {
            return Err(RequestError::TooManyHashes);
        }
        let (text, note) = (note.to_owned(), Note::parse(note.as_bytes()).map_err(CheckpointError::from)?);
        let checkpoint = Checkpoint::parse_text(note.text())?;
        Ok(Self { old_size, proof, text, note, checkpoint })
    }

    /// The request a log makes: with the proof, from its own tree, that the checkpoint continues its first `old_size`
    /// entries.
    ///
    /// # Errors
    /// The proof cannot be made, or the note is no checkpoint.
    pub fn of_tree(reader: &dyn TileReader, old_size: u64, note: &str) -> Result<Self, OfTreeError> {
        let mut request = Self::new(old_size, Vec::new(), note)?;
        request.proof = consistency_proof(reader, old_size, request.checkpoint.size)?;
        Ok(request)
    }

    /// Reads a body, strictly.
    ///
    /// # Errors
    /// [`RequestError`] for all that the specification forbids.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        if body.len() > MAX_REQUEST_BYTES {
            return Err(RequestError::TooLong);
        }
        let body = std::str::from_utf8(body).map_err(|_| RequestError::NotText)?;
        let (first, mut rest) = body.split_once('\n').ok_or(RequestError::OldSize)?;
        let old_size = first.strip_prefix("old ").and_then(parse_number).ok_or(RequestError::OldSize)?;
        let mut proof = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n').ok_or(RequestError::NoCheckpoint)?;
            rest = after;
            if line.is_empty() {
                return Self::new(old_size, proof, rest);
            }
            if proof.len() == MAX_PROOF_LINES {
                return Err(RequestError::TooManyHashes);
            }
            proof.push(Hash::from_base64(line).map_err(|_| RequestError::Hash(proof.len() + 2))?);
        }
    }

    /// The body as it is sent.
    #[must_use]
    pub fn to_body(&self) -> String {
        let mut body = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            body.push_str(&hash.to_base64());
            body.push('\n');
        }
        body.push('\n');
        body.push_str(&self.text);
        body
    }

    /// Where the proof begins.
    #[must_use]
    pub fn old_size(&self) -> u64 {
        self.old_size
    }

    /// The hashes of the proof.
    #[must_use]
    pub fn proof(&self) -> &[Hash] {
        &self.proof
    }

    /// The signed checkpoint, word for word.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The checkpoint with the signatures of these keys alone, one for each that holds: what a witness keeps. Otherwise the
    /// log, or anyone on the way, could have it keep a note with more signatures than are ever read.
    #[must_use]
    pub fn signed_by(&self, keys: &[Verifier]) -> String {
        let lines = self.text.rsplit_once("\n\n").map(|(_, lines)| lines).unwrap_or_default();
        let mut kept = format!("{}\n", self.note.text());
        for key in keys.iter().filter(|key| self.note.verify(key).is_ok()) {
            let mut all = self.note.signatures().iter().zip(lines.lines());
            if let Some((_, line)) = all.find(|(signature, _)| signature.claims(key)) {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        kept
    }

    /// The signed checkpoint as a note.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// What the checkpoint says.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// A request that a log could not make.
#[derive(Debug, thiserror::Error)]
pub enum OfTreeError {
    /// The note is not a checkpoint.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The tree gives no such proof.
    #[error(transparent)]
    Proof(#[from] ProofError),
}
