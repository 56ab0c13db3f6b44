//! The uses that this process is working on. What is open in the ledger, and not among them, nobody will end: a crash, a
//! database that did not answer for too long, or a node that has gone left it.

use sekisho_domain::id::UseId;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct UsesUnderWay(Mutex<HashSet<UseId>>);

/// One of them, for as long as this lives.
pub(crate) struct UnderWay<'a> {
    all: &'a UsesUnderWay,
    id: UseId,
}

impl UsesUnderWay {
    /// Begins one: before anything of it can be in the ledger.
    pub(crate) fn begin(&self, id: &UseId) -> UnderWay<'_> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        UnderWay { all: self, id: id.clone() }
    }

    /// All of them at this moment.
    pub(crate) fn now(&self) -> Vec<UseId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(crate) fn holds(&self, id: &UseId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_under_way_until_its_work_ends_however_it_ends() {
        let (all, id) = (UsesUnderWay::default(), UseId::new("u-1").unwrap());
        let begun = all.begin(&id);
        assert!(all.holds(&id));
        assert_eq!((all.count(), all.now()), (1, vec![id.clone()]));
        drop(begun);
        assert!(!all.holds(&id));
    }
}
