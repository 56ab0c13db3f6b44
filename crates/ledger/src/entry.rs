//! What may become a leaf.

use crate::hash::{Hash, leaf_hash};
use crate::jcs::{self, JcsError};

/// The longest entry in bytes: what the 16-bit length prefix of an entry bundle can express.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// The bytes of one entry: a JSON object in canonical form (RFC 8785), short enough to be logged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryBytes(Vec<u8>);

/// Bytes that cannot be an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The entry has more bytes than the bundle format can express.
    #[error("an entry of {0} bytes is too long; the limit is {MAX_ENTRY_BYTES}")]
    TooLong(usize),
    /// The entry is not a JSON object in canonical form.
    #[error(transparent)]
    NotCanonical(#[from] JcsError),
}

impl EntryBytes {
    /// Takes bytes that are a canonical JSON object of at most [`MAX_ENTRY_BYTES`].
    ///
    /// # Errors
    /// [`EntryError`] says whether the length or the form is at fault, and where.
    pub fn new(bytes: Vec<u8>) -> Result<Self, EntryError> {
        check_entry(&bytes)?;
        Ok(Self(bytes))
    }

    /// Writes a value as a canonical entry.
    ///
    /// # Errors
    /// As [`EntryBytes::new`]; also when the value cannot be written as canonical JSON.
    pub fn of<T: serde::Serialize + ?Sized>(value: &T) -> Result<Self, EntryError> {
        Self::new(jcs::to_canonical_of(value)?)
    }

    /// The entry's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Gives the bytes back.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The entry's hash as a leaf of the tree.
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        leaf_hash(&self.0)
    }
}

impl AsRef<[u8]> for EntryBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The test behind [`EntryBytes::new`], for bytes one does not own.
///
/// # Errors
/// As [`EntryBytes::new`].
pub fn check_entry(bytes: &[u8]) -> Result<(), EntryError> {
    if bytes.len() > MAX_ENTRY_BYTES {
        return Err(EntryError::TooLong(bytes.len()));
    }
    Ok(jcs::check_canonical(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_entry_is_65535_bytes() {
        let of_length = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8)).into_bytes();
        assert!(EntryBytes::new(of_length(MAX_ENTRY_BYTES)).is_ok());
        assert_eq!(EntryBytes::new(of_length(MAX_ENTRY_BYTES + 1)), Err(EntryError::TooLong(MAX_ENTRY_BYTES + 1)));
    }

    #[test]
    fn an_entry_is_an_object_in_canonical_form() {
        assert!(EntryBytes::new(b"{}".to_vec()).is_ok());
        assert!(EntryBytes::new(b"[]".to_vec()).is_err());
        assert!(EntryBytes::new(b"{\"a\": 1}".to_vec()).is_err());
        assert!(EntryBytes::new(Vec::new()).is_err());
    }
}
