//! Clients under pseudonyms. Who they are stands in a table of its own, which the caller seals or throws away.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::text;

/// Under this name stand all clients that came after the limit was reached.
pub const OTHERS: &str = "その他";

/// Bytes of the hash that make a pseudonym: with 200,000 clients, two share one with a chance below one in 10^13.
const LENGTH: usize = 10;

/// The key of the pseudonyms. The same client has the same pseudonym under the same key, and another under another one;
/// without the key nobody can try out names.
#[derive(Clone)]
pub struct PseudonymKey([u8; 32]);

impl PseudonymKey {
    /// From 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn pseudonym(&self, kind: ClientKind, name: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            // A key of any length is taken, so this is never reached; a name must not stand here in clear all the same.
            return OTHERS.to_owned();
        };
        // The kind goes in as well: a user called `192.0.2.5` is not that machine.
        mac.update(match kind {
            ClientKind::User => b"user\0",
            ClientKind::Address => b"addr\0",
        });
        mac.update(name.as_bytes());
        let tag = mac.finalize().into_bytes();
        let hex: String = tag.iter().take(LENGTH).map(|byte| format!("{byte:02x}")).collect();
        format!("c-{hex}")
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(…)")
    }
}

/// By what a client is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// By the name of the user.
    User,
    /// By the address of the machine, where the log names no user.
    Address,
}

/// Who stands behind a pseudonym.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Opening {
    /// The pseudonym.
    pub pseudonym: String,
    /// By what the client is known.
    pub kind: ClientKind,
    /// The name in small letters, or the address.
    pub name: String,
}

/// A place in [`Clients`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ClientIndex(u32);

impl ClientIndex {
    /// Everybody who came after the limit.
    pub(crate) const OTHERS: Self = Self(u32::MAX);
}

/// The clients met so far.
#[derive(Debug)]
pub(crate) struct Clients {
    key: PseudonymKey,
    most: usize,
    /// As the log writes them, so that most lines need no decoding. Bounded as `openings` is.
    written: HashMap<(ClientKind, Box<[u8]>), ClientIndex>,
    known: HashMap<(ClientKind, String), ClientIndex>,
    openings: Vec<Opening>,
    damaged: u64,
}

impl Clients {
    pub(crate) fn new(key: PseudonymKey, most: usize) -> Self {
        Self { key, most, written: HashMap::new(), known: HashMap::new(), openings: Vec::new(), damaged: 0 }
    }

    /// The client of a line: the user if one is named, else the address. `office\yamada`, `yamada@office` and `yamada`
    /// are three clients: whether they are one person is for the directory to say.
    pub(crate) fn of(&mut self, user: &[u8], address: &[u8]) -> ClientIndex {
        let (kind, bytes) =
            if matches!(user, b"" | b"-") { (ClientKind::Address, address) } else { (ClientKind::User, user) };
        // A key made of borrowed parts cannot be looked up without an allocation; hits are few enough for it.
        let written = (kind, Box::from(bytes));
        if let Some(found) = self.written.get(&written) {
            return *found;
        }
        let name = match kind {
            ClientKind::User => {
                let decoded = text::decoded(&text::percent_decoded(bytes));
                self.damaged += u64::from(decoded.damaged);
                decoded.text.trim().to_lowercase()
            }
            ClientKind::Address => match address_of(bytes) {
                Some(address) => address.to_string(),
                None => text::decoded(bytes).text.to_lowercase(),
            },
        };
        let found = match self.known.get(&(kind, name.clone())) {
            Some(found) => *found,
            None if self.openings.len() >= self.most => return ClientIndex::OTHERS,
            None => {
                let index = ClientIndex(u32::try_from(self.openings.len()).unwrap_or(u32::MAX));
                self.openings.push(Opening { pseudonym: self.key.pseudonym(kind, &name), kind, name: name.clone() });
                self.known.insert((kind, name), index);
                index
            }
        };
        if self.written.len() < self.most.saturating_mul(2) {
            self.written.insert(written, found);
        }
        found
    }

    /// The user's name, if the client is known by one.
    pub(crate) fn user(&self, at: ClientIndex) -> Option<&str> {
        let opening = self.openings.get(at.0 as usize)?;
        (opening.kind == ClientKind::User).then_some(opening.name.as_str())
    }

    pub(crate) fn pseudonym(&self, at: ClientIndex) -> &str {
        self.openings.get(at.0 as usize).map_or(OTHERS, |opening| &opening.pseudonym)
    }

    /// User names that were neither UTF-8 nor CP932, each spelling once.
    pub(crate) fn damaged(&self) -> u64 {
        self.damaged
    }

    pub(crate) fn into_openings(self) -> Vec<Opening> {
        let mut openings = self.openings;
        openings.sort();
        openings
    }
}

/// An address as logs write it: alone, in brackets, with a port, an IPv4 one as IPv6.
pub(crate) fn address_of(bytes: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(bytes).ok()?;
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(text);
    let parsed =
        bare.parse::<IpAddr>().or_else(|_| bare.rsplit_once(':').map_or(bare, |(host, _)| host).parse::<IpAddr>());
    parsed.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients(most: usize) -> Clients {
        Clients::new(PseudonymKey::new([7; 32]), most)
    }

    #[test]
    fn given_the_known_answer_of_rfc_4231_then_the_hash_is_hmac_sha256() {
        let mut mac = Hmac::<Sha256>::new_from_slice(&[0x0b; 20]).unwrap();
        mac.update(b"Hi There");
        let hex: String = mac.finalize().into_bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "b0344c61");
    }

    #[test]
    fn given_one_client_in_several_spellings_then_it_has_one_pseudonym() {
        let mut clients = clients(10);
        let first = clients.of(b"Yamada", b"192.0.2.5");
        assert_eq!(clients.of(b"yamada", b"192.0.2.99"), first);
        let japanese = clients.of("山田".as_bytes(), b"");
        assert_eq!(clients.of(b"\x8eR\x93c", b""), japanese);
        assert_eq!(clients.of(b"%E5%B1%B1%E7%94%B0", b""), japanese);
        let machine = clients.of(b"-", b"192.0.2.5");
        assert_eq!(clients.of(b"", b"::ffff:192.0.2.5"), machine);
        assert_eq!(clients.of(b"", b"192.0.2.5:51234"), machine);
        let namesake = clients.of(b"192.0.2.5", b"");
        assert_ne!(clients.pseudonym(namesake), clients.pseudonym(machine));
        assert!(!clients.pseudonym(first).contains("yamada"));
        assert_eq!(clients.pseudonym(first).len(), 22);
    }

    #[test]
    fn given_another_key_then_the_pseudonyms_are_others() {
        let mut one = clients(10);
        let mut other = Clients::new(PseudonymKey::new([8; 32]), 10);
        let (a, b) = (one.of(b"yamada", b""), other.of(b"yamada", b""));
        assert_ne!(one.pseudonym(a), other.pseudonym(b));
        assert!(!format!("{:?}", PseudonymKey::new([8; 32])).contains('8'));
    }

    #[test]
    fn given_more_clients_than_the_limit_then_the_rest_are_the_others() {
        let mut clients = clients(2);
        for name in [b"a", b"b"] {
            assert_ne!(clients.of(name, b""), ClientIndex::OTHERS);
        }
        let late = clients.of(b"c", b"");
        assert_eq!(clients.pseudonym(late), OTHERS);
        assert_ne!(clients.of(b"a", b""), ClientIndex::OTHERS);
        assert_eq!(clients.into_openings().len(), 2);
    }
}
