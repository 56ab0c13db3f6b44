//! What clients were told, and will hold a ledger to.

use crate::exported::{Exported, Told};
use std::collections::{BTreeMap, BTreeSet};

/// Acknowledgements: answers that came whole.
#[derive(Debug, Default, Clone)]
pub(crate) struct Acknowledged {
    /// Answered uses.
    pub(crate) answered: BTreeSet<String>,
    /// Refusals.
    pub(crate) refused: BTreeSet<String>,
    /// Departments an administrator placed.
    pub(crate) departments: BTreeSet<String>,
}

impl Acknowledged {
    pub(crate) fn count(&self) -> usize {
        self.answered.len() + self.refused.len() + self.departments.len()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.refused.extend(other.refused);
        self.departments.extend(other.departments);
    }

    /// Those of them of which something is known.
    pub(crate) fn filtered(&self, known: impl Fn(&String) -> bool) -> Self {
        let of = |all: &BTreeSet<String>| all.iter().filter(|one| known(one)).cloned().collect();
        Self { answered: of(&self.answered), refused: of(&self.refused), departments: of(&self.departments) }
    }

    /// What a ledger lacks of them, or has twice.
    pub(crate) fn faults(&self, ledger: &Exported) -> Vec<String> {
        let mut faults = Vec::new();
        let uses = ledger.uses();
        for (id, told) in &uses {
            let begun = told.opened.len() + told.refused.len();
            let ended = told.closed.len() + told.aborted.len();
            if begun != 1 || ended > told.opened.len() {
                faults.push(format!("{id} stands there more than once: {told:?}"));
            }
        }
        for id in &self.answered {
            match uses.get(id) {
                None => faults.push(format!("{id} was answered and is not recorded")),
                Some(told) if (told.opened.len(), told.closed.len()) != (1, 1) => {
                    faults.push(format!("{id} was answered: {told:?}"));
                }
                Some(_) => {}
            }
        }
        for id in &self.refused {
            match uses.get(id) {
                None => faults.push(format!("{id} was refused and is not recorded")),
                Some(told) if told.refused.len() != 1 => faults.push(format!("{id} was refused: {told:?}")),
                Some(_) => {}
            }
        }
        let placed: BTreeSet<_> =
            ledger.of_kind("department.placed").filter_map(|e| e["data"]["department"].as_str()).collect();
        for department in &self.departments {
            if !placed.contains(department.as_str()) {
                faults.push(format!("`{department}` was acknowledged and is not recorded"));
            }
        }
        faults
    }

    /// Holds a ledger to it.
    pub(crate) fn hold(&self, ledger: &Exported, when: &str) -> BTreeMap<String, Told> {
        let faults = self.faults(ledger);
        assert!(faults.is_empty(), "{when}:\n{}", faults.join("\n"));
        ledger.uses()
    }
}
