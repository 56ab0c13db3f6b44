//! A list of uses as an entry holds it.

use crate::id::UseId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What is on a list: a number and a digest from which anyone who holds the ledger can tell whether their own count is
/// the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// SHA-256 over the uses in the order of the ledger, each followed by a line feed; lower-case hex.
    pub digest: String,
    /// How many uses.
    pub uses: u64,
}

/// Counts uses in the order of the ledger.
#[derive(Debug, Clone, Default)]
pub(super) struct UsesDigest {
    uses: u64,
    digest: Sha256,
}

impl UsesDigest {
    pub(super) fn add(&mut self, of: &UseId) {
        self.uses += 1;
        self.digest.update(of.as_str());
        self.digest.update(b"\n");
    }

    pub(super) fn finish(self) -> Listed {
        let digest = self.digest.finalize();
        let hex = digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
            for nibble in [byte >> 4, byte & 15] {
                hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
            hex
        });
        Listed { digest: hex, uses: self.uses }
    }
}
