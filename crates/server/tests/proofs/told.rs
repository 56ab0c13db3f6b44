//! What clients of several nodes were told, to be held against the ledger.

use crate::exported;
use crate::house::{Client, UPSTREAM};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Where the nodes are reached now, as a load balancer knows it.
pub(crate) type Addresses = RwLock<Vec<Client>>;

/// What clients were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) answered: BTreeSet<String>,
    pub(crate) refused: BTreeSet<String>,
    pub(crate) unavailable: usize,
}

impl Told {
    pub(crate) fn add(&mut self, more: Self) {
        self.answered.extend(more.answered);
        self.refused.extend(more.refused);
        self.unavailable += more.unavailable;
    }

    /// Nothing is lost and nothing is there twice.
    pub(crate) fn agrees_with(&self, uses: &BTreeMap<String, exported::Told>) {
        for (id, seen) in uses {
            let begun = seen.opened.len() + seen.refused.len();
            let ended = seen.closed.len() + seen.aborted.len();
            assert_eq!((begun, ended), (1, seen.opened.len()), "{id}: {seen:?}");
        }
        for id in &self.answered {
            let seen = uses.get(id).unwrap_or_else(|| panic!("{id} was answered and is not recorded"));
            assert_eq!((seen.opened.len(), seen.closed.len()), (1, 1), "{id} was answered: {seen:?}");
        }
        for id in &self.refused {
            assert_eq!(uses.get(id).map(|seen| seen.refused.len()), Some(1), "{id} was refused");
        }
    }
}

/// Asks one node after the other until it is over, in several ways.
pub(crate) fn ask(addresses: &Addresses, over: &AtomicBool, number: usize) -> Told {
    let mut told = Told::default();
    for round in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let client = {
            let all = addresses.read().expect("a list");
            all[(number + round) % all.len()].clone()
        };
        let prompt = format!("client {number}, round {round}");
        let answer = match (number + round / 2) % 3 {
            0 => client.ask("no-such-model", &prompt, &[]),
            1 => client.ask_streamed(UPSTREAM, &prompt),
            _ => client.ask(UPSTREAM, &prompt, &[]),
        };
        let Ok(answer) = answer else {
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        match (answer.status, answer.use_id()) {
            (200, Some(id)) if !answer.text().contains("LEDGER_UNAVAILABLE") => drop(told.answered.insert(id)),
            (403, Some(id)) => drop(told.refused.insert(id)),
            (200 | 503, _) => {
                told.unavailable += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            (other, _) => panic!("{other}: {}", answer.text()),
        }
    }
    told
}

/// Ends the clients even when the test fails between them.
pub(crate) struct EndsWithThis<'a>(pub(crate) &'a AtomicBool);

impl Drop for EndsWithThis<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
