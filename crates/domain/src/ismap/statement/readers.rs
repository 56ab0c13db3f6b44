//! Which statements a person may read, found in one pass: as `Scheme::may_read_statement` says of each, which is too slow
//! for a list of all.

use super::StatementState;
use crate::id::{PersonId, StatementId};
use crate::ismap::look_up::AnnexState;
use crate::ismap::scheme::Scheme;
use jiff::civil::Date;
use std::collections::BTreeSet;

impl Scheme {
    /// Every statement that a person may read.
    pub fn readable_statements(&self, person: &PersonId, day: Date) -> BTreeSet<StatementId> {
        let own = self.party_of(person);
        let operator = self.is_operator(person);
        let filed =
            |state| matches!(state, StatementState::Filed | StatementState::Published | StatementState::Superseded);
        let statements = self.statements.all();
        let mut readable: BTreeSet<StatementId> = statements
            .filter(|(_, s)| own == Some(&s.party) || (operator && filed(s.state)))
            .map(|(id, _)| id.clone())
            .collect();
        let audited = self.engagements.all().filter(|(_, e)| own == Some(&e.firm));
        readable.extend(audited.map(|(_, e)| e.statement.clone()));
        let annexes = self.annexes.all().map(|(_, annex)| annex);
        let granted: BTreeSet<&str> = annexes
            .filter(|a| a.by.as_ref() == Some(person) && a.state_on(day) == AnnexState::Granted)
            .map(|a| a.number.as_str())
            .collect();
        if !granted.is_empty() {
            let filings = self.filings.all().map(|(_, filing)| filing);
            let of_number = filings.filter(|f| f.number.as_deref().is_some_and(|number| granted.contains(number)));
            readable.extend(of_number.filter_map(|f| f.form.as_ref()).map(|form| form.statement.clone()));
        }
        readable
    }
}
