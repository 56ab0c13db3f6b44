//! Small groups: whose figures would speak of single people. Only those who may read single records see them.

use super::READERS;
use sekisho_domain::id::PersonId;
use sekisho_domain::register::Register;

/// A group of fewer people is not shown.
pub(super) const FEWEST: u64 = 5;

/// Said in place of a figure.
pub(super) const HIDDEN: &str = "5 人未満のため非表示";

/// Whether this person may read single records, and so everything here.
pub(super) fn sees_all(register: &Register, person: &PersonId) -> bool {
    READERS.iter().any(|role| register.holds(person, *role))
}

/// Which figures to hide, given the people behind each. When it would be one alone, which is what is left of the sum, the
/// smallest of the others goes with it.
pub(super) fn hidden(people: &[u64]) -> Vec<bool> {
    let mut hidden: Vec<bool> = people.iter().map(|n| (1..FEWEST).contains(n)).collect();
    if hidden.iter().filter(|one| **one).count() == 1 {
        let shown = people.iter().enumerate().filter(|(_, n)| **n >= FEWEST);
        if let Some((at, _)) = shown.min_by_key(|(_, n)| **n)
            && let Some(one) = hidden.get_mut(at)
        {
            *one = true;
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::hidden;

    #[test]
    fn no_small_group_is_shown_or_left_over() {
        assert_eq!(hidden(&[9, 0, 5]), [false, false, false]);
        assert_eq!(hidden(&[9, 4, 7, 3]), [false, true, false, true]);
        assert_eq!(hidden(&[9, 4, 7]), [false, true, true]);
        assert_eq!(hidden(&[1]), [true]);
        assert_eq!(hidden(&[]), [false; 0]);
    }
}
