//! The one hash function of the ledger, and the three ways it is used.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// Length of a hash in bytes.
pub const HASH_BYTES: usize = 32;

/// A SHA-256 hash: of a leaf, of an inner node, of a commitment, or the root of a tree.
///
/// `Debug` and `Display` write it as lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; HASH_BYTES]);

/// Root of the tree without leaves: the SHA-256 of no bytes at all (RFC 6962, section 2.1).
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// A text that is not the Base 64 form of a hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 44 characters of canonical base64")]
pub struct HashTextError;

impl Hash {
    /// The hash's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// Standard Base 64 with padding, 44 characters: the form used in checkpoints and proofs.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads the form [`Hash::to_base64`] writes.
    ///
    /// # Errors
    /// Anything that `to_base64` would not have written: another length, missing padding, spaces,
    /// the URL alphabet, or spare bits that are not zero. Were those accepted, one hash would have
    /// several spellings and a changed byte could go unseen.
    pub fn from_base64(text: &str) -> Result<Self, HashTextError> {
        if text.len() != 44 {
            return Err(HashTextError);
        }
        let bytes = STANDARD.decode(text).map_err(|_| HashTextError)?;
        bytes.try_into().map(Self).map_err(|_| HashTextError)
    }

    /// Lower-case hexadecimal, 64 characters.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<[u8; HASH_BYTES]> for Hash {
    fn from(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }
}

/// Hash of a leaf: `SHA-256(0x00 ‖ entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0x00]);
    hasher.update(entry);
    Hash(hasher.finalize().into())
}

/// Hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
///
/// The two prefixes differ, so that no entry can pass for a node.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0x01]);
    hasher.update(left.0);
    hasher.update(right.0);
    Hash(hasher.finalize().into())
}

/// Commitment to a body that stays outside the log: `SHA-256(salt ‖ body)`.
///
/// The salt has 32 secret random bytes. Once salt and body are destroyed, nobody can find out from
/// the log what the body was, not even by guessing, and every proof stays valid.
#[must_use]
pub fn commitment(salt: &[u8; 32], body: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(body);
    Hash(hasher.finalize().into())
}

/// Plain SHA-256 of some bytes, for the sums in a bundle's manifest.
pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// Root of a perfect subtree, given its leaves: a power of two of them.
///
/// `None` for any other number of leaves.
pub(crate) fn perfect_root(leaves: &[Hash]) -> Option<Hash> {
    if !leaves.len().is_power_of_two() {
        return None;
    }
    let mut row = leaves.to_vec();
    while row.len() > 1 {
        row = row
            .chunks_exact(2)
            .filter_map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                _ => None,
            })
            .collect();
    }
    row.first().copied()
}

/// Cuts a tile's bytes into hashes; `None` if a rest remains.
pub(crate) fn to_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (chunks, rest) = bytes.as_chunks::<HASH_BYTES>();
    rest.is_empty().then(|| chunks.iter().copied().map(Hash).collect())
}

/// Joins hashes to a tile's bytes.
pub(crate) fn to_bytes(hashes: &[Hash]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(hashes.len() * HASH_BYTES);
    for hash in hashes {
        bytes.extend_from_slice(&hash.0);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_root_is_the_hash_of_nothing() {
        assert_eq!(sha256(b""), EMPTY_ROOT);
    }

    #[test]
    fn a_leaf_cannot_pass_for_a_node() {
        let (left, right) = (leaf_hash(b"a"), leaf_hash(b"b"));
        let mut as_entry = vec![0x01];
        as_entry.extend_from_slice(&left.0);
        as_entry.extend_from_slice(&right.0);
        assert_ne!(leaf_hash(&as_entry), node_hash(&left, &right));
    }

    #[test]
    fn a_commitment_depends_on_salt_and_body() {
        let sum = commitment(&[7; 32], b"body");
        assert_eq!(sum, sha256(&[[7u8; 32].as_slice(), b"body"].concat()));
        assert_ne!(sum, commitment(&[8; 32], b"body"));
        assert_ne!(sum, commitment(&[7; 32], b"bodz"));
    }

    #[test]
    fn base64_has_one_spelling_only() {
        let hash = leaf_hash(b"x");
        let text = hash.to_base64();
        assert_eq!(Hash::from_base64(&text), Ok(hash));
        // The last character before the padding carries two spare bits.
        let mut spelled_otherwise = text.clone().into_bytes();
        let spare = &mut spelled_otherwise[42];
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let value = alphabet.iter().position(|c| c == spare).unwrap();
        *spare = alphabet[value ^ 1];
        let spelled_otherwise = String::from_utf8(spelled_otherwise).unwrap();
        for wrong in [&text[..43], &format!("{text}\n"), &spelled_otherwise, "", &text.replace('=', "A")] {
            assert_eq!(Hash::from_base64(wrong), Err(HashTextError), "{wrong}");
        }
    }
}
