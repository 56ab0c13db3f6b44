//! The lists that entries of a ledger speak of, counted again from the entries themselves. A list stands behind the uses
//! it holds, so this is a second reading.

use indicatif::ProgressBar;
use sekisho_domain::entry::{Entry, Governance};
use sekisho_domain::event::Event;
use sekisho_domain::records::disclosure::DisclosureRecount;
use sekisho_domain::records::disposal::{DisposalRecount, DisposalState, Listed};
use sekisho_domain::records::made::Made;
use sekisho_domain::register::Register;
use sekisho_ledger::verify::VerifyObserver;

/// What is to be counted: gathered in the first reading.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// Each with the index of the entry that speaks of it.
    disposals: Vec<(u64, DisposalRecount)>,
    disclosures: Vec<DisclosureRecount>,
}

/// A list that would not follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfollowed {
    /// The disposal or the disclosure.
    pub(crate) of: String,
    pub(crate) said: Listed,
    pub(crate) counted: Listed,
}

impl Lists {
    /// Takes up the list an entry speaks of; `register` is that of the governance entries before it. What it speaks of
    /// must be known there: else it is said what is not.
    pub(crate) fn take(&mut self, register: &Register, index: u64, entry: &Governance) -> Option<String> {
        match &entry.event {
            Event::DisposalBegun(e) => {
                let approved = register
                    .records()
                    .disposal(&e.disposal)
                    .filter(|disposal| matches!(disposal.state, DisposalState::Approved) && disposal.list == e.list);
                match approved.and_then(|_| DisposalRecount::new(register, &e.disposal, e.list.clone())) {
                    Some(recount) => self.disposals.push((index, recount)),
                    None => {
                        return Some(format!("begins the disposal `{}` otherwise than it was approved", e.disposal));
                    }
                }
            }
            Event::DisposalApproved(e) => {
                let disposal = register.records().disposal(&e.disposal);
                let by_another = disposal.is_some_and(|disposal| {
                    matches!(disposal.state, DisposalState::Drafted) && disposal.drafted_by != entry.actor
                });
                if !by_another {
                    return Some(format!("approves the disposal `{}` without another person's draft", e.disposal));
                }
            }
            Event::DisposalCompleted(e) => {
                let reaches = match register.records().disposal(&e.disposal).map(|disposal| &disposal.state) {
                    Some(DisposalState::Running { entries, .. }) => e.certificate.through == *entries,
                    Some(DisposalState::Halted { entries, .. }) => e.certificate.through <= *entries,
                    _ => false,
                };
                if !reaches {
                    return Some(format!("the certificate of `{}` does not follow from what was begun", e.disposal));
                }
            }
            Event::DisclosureHandedOut(e) => match DisclosureRecount::new(register, &e.disclosure, &e.what) {
                Some(recount) => self.disclosures.push(recount),
                None => return Some(format!("answers the request `{}`, which nobody took up", e.disclosure)),
            },
            _ => {}
        }
        None
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.disposals.is_empty() && self.disclosures.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.disposals.len() + self.disclosures.len()
    }
}

/// The second reading.
pub(crate) struct SecondReading {
    pub(crate) bar: ProgressBar,
    register: Register,
    lists: Lists,
}

impl SecondReading {
    pub(crate) fn new(bar: ProgressBar, lists: Lists) -> Self {
        Self { bar, register: Register::default(), lists }
    }

    /// What would not follow.
    pub(crate) fn finish(self) -> Vec<Unfollowed> {
        let disposals = self.lists.disposals.into_iter().filter_map(|(_, recount)| recount.finish().err());
        let disposals = disposals.map(|e| Unfollowed { of: e.disposal.to_string(), said: e.said, counted: e.counted });
        let disclosures = self.lists.disclosures.into_iter().filter_map(|recount| recount.finish().err());
        let disclosures =
            disclosures.map(|e| Unfollowed { of: e.disclosure.to_string(), said: e.said, counted: e.counted });
        disposals.chain(disclosures).collect()
    }
}

impl VerifyObserver for SecondReading {
    fn progress(&mut self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    fn entry(&mut self, index: u64, bytes: &[u8]) {
        // What cannot be read, the first reading has said.
        let Ok(entry) = Entry::read(bytes) else { return };
        if let Some(made) = Made::of(&self.register, index, &entry) {
            for (begun, recount) in &mut self.lists.disposals {
                if index < *begun {
                    recount.add(&made);
                }
            }
            for recount in &mut self.lists.disclosures {
                recount.add(&made);
            }
        }
        if let Entry::Governance(entry) = &entry {
            let _ = self.register.apply(index, entry);
        }
    }
}
