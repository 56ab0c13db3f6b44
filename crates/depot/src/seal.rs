//! The seal of manifests: a MAC under a key that all nodes of an installation have and nobody else.

use ring::hmac;

/// What separates this use of the key from others.
const USE: &[u8] = b"sekisho depot manifest v1";

/// Seals manifests and knows them again.
#[derive(Clone)]
pub struct Seal(hmac::Key);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// The seal that follows from a secret of the installation. The secret cannot be had from it.
    pub fn of(secret: &[u8; 32]) -> Self {
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), USE);
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// The seal on a text, in hexadecimal digits.
    pub(crate) fn on(&self, text: &str) -> String {
        crate::file::hex(hmac::sign(&self.0, text.as_bytes()).as_ref())
    }

    /// Whether this is the seal on a text.
    pub(crate) fn is_on(&self, text: &str, seal: &str) -> bool {
        // Both are as long as each other and public; what is secret is the key.
        ring::hmac::verify(&self.0, text.as_bytes(), &unhex(seal)).is_ok()
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
