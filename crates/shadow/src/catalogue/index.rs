//! From a host to its service, for every line of a log: most hosts belong to none, so that must be the cheap answer.
//!
//! One walk from the end of the host to its beginning hashes what was passed; at each dot a small bit field says whether
//! any domain has that hash. Only then the map is asked.

use std::collections::HashMap;

/// Bits of the field, as a power of two. With a few hundred domains one suffix in two hundred passes by chance.
const BITS: u32 = 16;

#[derive(Debug, Clone, Copy)]
struct Found {
    service: u32,
    exact: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    sieve: Vec<u64>,
    domains: HashMap<Box<[u8]>, Found>,
}

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn place(hash: u64) -> (usize, u64) {
    let bit = hash >> (64 - BITS);
    ((bit >> 6) as usize, 1 << (bit & 63))
}

impl Index {
    /// Adds a domain in lower case; the service that has it already, if one has.
    pub(super) fn insert(&mut self, domain: &str, service: u32, exact: bool) -> Option<u32> {
        if self.sieve.is_empty() {
            self.sieve = vec![0; 1 << (BITS - 6)];
        }
        if let Some(other) = self.domains.get(domain.as_bytes()) {
            return Some(other.service);
        }
        let (word, bit) = place(domain.bytes().rev().fold(0, step));
        if let Some(word) = self.sieve.get_mut(word) {
            *word |= bit;
        }
        self.domains.insert(domain.as_bytes().into(), Found { service, exact });
        None
    }

    /// The longest domain that an ASCII host equals or lies below.
    pub(super) fn find(&self, host: &[u8]) -> Option<u32> {
        let mut hash = 0;
        let mut best = None;
        for (at, &byte) in host.iter().enumerate().rev() {
            if byte == b'.' && self.may_hold(hash) {
                best = self.ask(host.get(at + 1..)?, false).or(best);
            }
            hash = step(hash, byte);
        }
        if self.may_hold(hash) { self.ask(host, true).or(best) } else { best }
    }

    fn may_hold(&self, hash: u64) -> bool {
        let (word, bit) = place(hash);
        self.sieve.get(word).is_some_and(|word| word & bit != 0)
    }

    #[cold]
    fn ask(&self, suffix: &[u8], whole: bool) -> Option<u32> {
        let found = if suffix.iter().any(u8::is_ascii_uppercase) {
            self.domains.get(suffix.to_ascii_lowercase().as_slice())
        } else {
            self.domains.get(suffix)
        };
        found.filter(|found| whole || !found.exact).map(|found| found.service)
    }
}
