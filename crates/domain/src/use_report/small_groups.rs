//! Small groups: whose figures would speak of single people. Only those who may read single records see them.

/// A group of fewer people is not shown.
pub const FEWEST: u64 = 5;

/// Which figures to hide, given the people behind each. When it would be one alone, which is what is left of the sum, the
/// smallest of the others goes with it.
pub fn hidden(people: &[u64], fewest: u64) -> Vec<bool> {
    let few = |n: u64| n > 0 && n < fewest;
    let mut hidden: Vec<bool> = people.iter().map(|n| few(*n)).collect();
    if hidden.iter().filter(|one| **one).count() == 1 {
        let shown = people.iter().enumerate().filter(|(_, n)| **n > 0 && !few(**n));
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
    use super::*;

    #[test]
    fn no_small_group_is_shown_or_left_over() {
        let hidden = |people: &[u64]| hidden(people, FEWEST);
        assert_eq!(hidden(&[9, 0, 5]), [false, false, false]);
        assert_eq!(hidden(&[9, 4, 7, 3]), [false, true, false, true]);
        assert_eq!(hidden(&[9, 4, 7]), [false, true, true]);
        assert_eq!(hidden(&[9, 4, 0]), [true, true, false]);
        assert_eq!(hidden(&[1]), [true]);
        assert_eq!(hidden(&[]), [false; 0]);
        assert_eq!(super::hidden(&[1, 2, 9], 0), [false; 3], "who may read single records sees all");
    }
}
