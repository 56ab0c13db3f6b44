//! Sealed content: what was sent and what came back, encrypted under a key of the installation.
//!
//! The ledger holds only `SHA-256(salt ‖ body)`. Salt and body lie here; destroying a row destroys both, and the
//! commitment in the ledger then says nothing about the text, while every proof stays valid.

use bytes::Bytes;
use chacha20poly1305::aead::{Aead, AeadInOut, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sekisho_ledger::hash::{Hash, commitment};
use zeroize::Zeroizing;

/// Length of the random part a body needs: 32 bytes of salt and 24 of nonce.
pub const RANDOM_BYTES: usize = 56;

const NONCE: usize = 24;

/// A body together with its fresh randomness, not yet encrypted.
#[derive(Clone)]
pub struct Body {
    /// What was sent or received.
    pub bytes: Bytes,
    salt: [u8; 32],
    nonce: [u8; 24],
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} bytes)", self.bytes.len())
    }
}

impl Body {
    /// Takes a body and [`RANDOM_BYTES`] of fresh randomness.
    pub fn new(bytes: Bytes, random: &[u8; RANDOM_BYTES]) -> Self {
        let mut salt = [0; 32];
        let mut nonce = [0; 24];
        let (first, second) = random.split_at(32);
        salt.copy_from_slice(first);
        nonce.copy_from_slice(second);
        Self { bytes, salt, nonce }
    }

    /// What the ledger holds of the body.
    pub fn commitment(&self) -> Hash {
        commitment(&self.salt, &self.bytes)
    }
}

/// An opened body: with the salt, anyone can recompute the commitment.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    /// The salt.
    pub salt: [u8; 32],
    /// The body.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opening({} bytes)", self.bytes.len())
    }
}

/// Why sealed content could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key of the installation is another one, or the row was altered.
    #[error("sealed content does not open with this key, or was altered")]
    Opening,
    /// The body could not be encrypted (too long for the cipher).
    #[error("the body could not be sealed")]
    Sealing,
}

/// The installation's key for sealed content.
#[derive(Clone)]
pub struct ContentKey(XChaCha20Poly1305);

impl std::fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContentKey")
    }
}

impl ContentKey {
    /// From 32 secret bytes.
    pub fn new(secret: &Zeroizing<[u8; 32]>) -> Self {
        Self(XChaCha20Poly1305::new(&(**secret).into()))
    }

    /// Encrypts a body for one use and part; a box moved to another use or part does not open.
    pub(crate) fn seal(&self, binding: &str, body: &Body) -> Result<Vec<u8>, SealError> {
        // Nonce, then salt and body encrypted where they stand, then the tag: one allocation, no plain text left behind.
        let mut sealed = Vec::with_capacity(NONCE + 32 + body.bytes.len() + 16);
        sealed.extend_from_slice(&body.nonce);
        sealed.extend_from_slice(&body.salt);
        sealed.extend_from_slice(&body.bytes);
        let plain = sealed.get_mut(NONCE..).ok_or(SealError::Sealing)?;
        let tag = self
            .0
            .encrypt_inout_detached(&XNonce::from(body.nonce), binding.as_bytes(), plain.into())
            .map_err(|_| SealError::Sealing)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Decrypts.
    pub(crate) fn open(&self, binding: &str, sealed: &[u8]) -> Result<Opening, SealError> {
        let (nonce, sealed) = sealed.split_first_chunk::<24>().ok_or(SealError::Opening)?;
        let payload = Payload { msg: sealed, aad: binding.as_bytes() };
        let plain = self.0.decrypt(&XNonce::from(*nonce), payload).map_err(|_| SealError::Opening)?;
        let (salt, bytes) = plain.split_first_chunk::<32>().ok_or(SealError::Opening)?;
        Ok(Opening { salt: *salt, bytes: bytes.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> ContentKey {
        ContentKey::new(&Zeroizing::new([byte; 32]))
    }

    #[test]
    fn a_box_opens_only_with_its_key_and_in_its_place() {
        let body = Body::new(Bytes::from("機密性2の本文"), &[7; RANDOM_BYTES]);
        let sealed = key(1).seal("u-1 request", &body).unwrap();
        let opening = key(1).open("u-1 request", &sealed).unwrap();
        assert_eq!(opening.bytes, body.bytes);
        assert_eq!(commitment(&opening.salt, &opening.bytes), body.commitment());
        assert_eq!(key(2).open("u-1 request", &sealed), Err(SealError::Opening));
        assert_eq!(key(1).open("u-2 request", &sealed), Err(SealError::Opening));
        assert_eq!(key(1).open("u-1 request", &sealed[..10]), Err(SealError::Opening));
    }
}
