//! What an exported ledger looks like on disk.
//!
//! ```text
//! checkpoint            the signed checkpoint, with any cosignatures
//! checkpoints/<size>    older signed checkpoints, if any
//! log.vkey              the log's verifier key, one line
//! manifest.json         what the bundle is, and the sums of the signed files
//! tile/<L>/<N>[.p/<W>]  the tree at the checkpoint's size
//! tile/entries/…        the entries
//! ```
//!
//! The bundle holds no time of its making: the same ledger exported twice gives the same bytes.

use std::collections::BTreeMap;

use serde_json::json;

use crate::checkpoint::Checkpoint;
use crate::hash::{Hash, sha256};
use crate::jcs::{JcsError, to_canonical};

/// File with the signed checkpoint.
pub const CHECKPOINT: &str = "checkpoint";

/// Folder with older signed checkpoints, each named by its size.
pub const CHECKPOINTS: &str = "checkpoints";

/// File with the log's verifier key.
pub const VKEY: &str = "log.vkey";

/// File that says what the bundle is.
pub const MANIFEST: &str = "manifest.json";

/// Name and version of this layout, as the manifest has it.
pub const FORMAT: &str = "sekisho-ledger-bundle/1";

/// Path of an older checkpoint in the bundle.
#[must_use]
pub fn older_checkpoint_path(size: u64) -> String {
    format!("{CHECKPOINTS}/{size}")
}

/// The manifest's exact bytes: canonical JSON that follows from the other files and from nothing
/// else, so that a changed byte in it, or in a signature nobody here can check, stands out.
///
/// `older` has the SHA-256 of each older checkpoint's file by its size.
pub(crate) fn manifest(
    checkpoint: &Checkpoint,
    note: &[u8],
    vkey: &str,
    older: &BTreeMap<u64, Hash>,
) -> Result<Vec<u8>, JcsError> {
    let older: serde_json::Map<_, _> =
        older.iter().map(|(size, sum)| (size.to_string(), sum.to_hex().into())).collect();
    to_canonical(&json!({
        "checkpoint_sha256": sha256(note).to_hex(),
        "checkpoints_sha256": older,
        "format": FORMAT,
        "origin": checkpoint.origin.as_str(),
        "root": checkpoint.root.to_base64(),
        // A size may exceed what a JSON number holds exactly.
        "size": checkpoint.size.to_string(),
        "vkey": vkey,
    }))
}
