//! Small groups: whose figures would speak of single people. Only those who may read single records see them.

/// A group of fewer people is not shown.
pub const FEWEST: u64 = 5;

/// Which figures to hide, given the people behind each. Where what is left of the sum would still tell of few people, the
/// smallest of the others go with them.
pub fn hidden(people: &[u64], fewest: u64) -> Vec<bool> {
    let few = |n: u64| n > 0 && n < fewest;
    let mut hidden: Vec<bool> = people.iter().map(|n| few(*n)).collect();
    let what_is_left = |hidden: &[bool]| -> (usize, u64) {
        let left = people.iter().zip(hidden).filter(|(_, hides)| **hides);
        left.fold((0, 0), |(groups, sum), (n, _)| (groups + 1, sum + n))
    };
    loop {
        // One group alone is what is left of the sum; and a few people in all of them say how many are in each.
        let (groups, sum) = what_is_left(&hidden);
        if groups == 0 || (groups > 1 && sum >= fewest) {
            return hidden;
        }
        let shown = people.iter().zip(&hidden).enumerate().filter(|(_, (n, hides))| **n > 0 && !**hides);
        let smallest = shown.min_by_key(|(_, (n, _))| **n).map(|(at, _)| at);
        match smallest.and_then(|at| hidden.get_mut(at)) {
            Some(one) => *one = true,
            None => return hidden,
        }
    }
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
        // Two groups of one would be told by their sum.
        assert_eq!(hidden(&[1, 1, 8, 9]), [true, true, true, false]);
        assert_eq!(hidden(&[1]), [true]);
        assert_eq!(hidden(&[]), [false; 0]);
        assert_eq!(super::hidden(&[1, 2, 9], 0), [false; 3], "who may read single records sees all");
    }
}
