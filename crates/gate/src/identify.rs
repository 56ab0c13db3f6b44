//! Identify: from the secret a caller shows to a person, a key and what the key carries.

use jiff::Timestamp;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{KeyId, PermitId, PersonId};
use sekisho_domain::register::Register;
use sha2::{Digest, Sha256};

/// Someone the register knows, with a key that works now or a session at a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub person: PersonId,
    /// By which key; `None` for a person at a browser.
    pub key: Option<KeyId>,
    /// The permit the key is bound to.
    pub permit: Option<PermitId>,
    /// The grade that counts as declared when the request declares none.
    pub declared: Grade,
    /// The app the request comes through; empty for a direct call.
    pub app: String,
}

impl Caller {
    /// A person with a session, who is recorded without a key.
    pub fn at_browser(person: PersonId, app: &str) -> Self {
        Self { person, key: None, permit: None, declared: Grade::default(), app: app.to_owned() }
    }
}

/// Why a secret does not identify anyone. The outside is told one thing only; the log is told which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotIdentified {
    /// No secret was shown.
    #[error("no key was shown")]
    NoKey,
    /// Nobody has this key.
    #[error("the key is not known")]
    UnknownKey,
    /// The key was revoked.
    #[error("the key is revoked")]
    Revoked,
    /// The key is past its last moment.
    #[error("the key has expired")]
    Expired,
    /// Its owner has left.
    #[error("the owner of the key has left")]
    Left,
}

/// SHA-256 of a secret in lower-case hex, as the register keeps it.
pub fn hash_of(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |n: u8| DIGITS.get(usize::from(n & 15)).copied().unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

/// Looks a secret up. Only its hash is compared, so timing tells nothing about the secret.
pub fn identify(register: &Register, secret: Option<&str>, now: Timestamp) -> Result<Caller, NotIdentified> {
    let secret = secret.filter(|s| !s.is_empty()).ok_or(NotIdentified::NoKey)?;
    let key = register.key_by_hash(&hash_of(secret)).ok_or(NotIdentified::UnknownKey)?;
    if key.revoked {
        return Err(NotIdentified::Revoked);
    }
    if key.valid_until.is_some_and(|until| now > until) {
        return Err(NotIdentified::Expired);
    }
    if !register.person(&key.person).is_some_and(|p| p.active) {
        return Err(NotIdentified::Left);
    }
    Ok(Caller {
        person: key.person.clone(),
        key: Some(key.key.clone()),
        permit: key.permit.clone(),
        declared: key.declared,
        app: String::new(),
    })
}
