//! Small groups: whose figures would speak of single people. Only those who may read single records see them.

use super::READERS;
use sekisho_domain::id::PersonId;
use sekisho_domain::register::Register;
use sekisho_domain::use_report::small_groups;

pub(in crate::http::page) use small_groups::FEWEST;

/// Said in place of a figure.
pub(super) const HIDDEN: &str = "5 人未満のため非表示";

/// Whether this person may read single records, and so everything here.
pub(in crate::http::page) fn sees_all(register: &Register, person: &PersonId) -> bool {
    register.holds_any(person, READERS)
}

/// Which figures to hide, given the people behind each.
pub(super) fn hidden(people: &[u64]) -> Vec<bool> {
    small_groups::hidden(people, FEWEST)
}
