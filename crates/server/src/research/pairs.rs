//! Which speech answers which: the record does not say it, the order does.

use sekisho_search::unit::{Role, Unit};

/// A question with the speeches that answer it: places in the meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) asks: usize,
    pub(super) answers: Vec<usize>,
}

/// Mark at the end of the citation of a speech that asks.
const ASKS: &str = "【質問】";
/// Mark at the end of the citation of a speech that answers.
const ANSWERS: &str = "【答弁】";

/// The citation of a speech with what it is, so that whoever reads the passages can tell.
pub(super) fn marked(cite: &str, role: Role) -> String {
    format!("{cite}{}", if role == Role::Answers { ANSWERS } else { ASKS })
}

/// Whether a citation is that of a question.
pub(super) fn is_question(cite: &str) -> bool {
    cite.ends_with(ASKS)
}

/// The pairs of a meeting, in order. The chair only gives the floor; a second answer belongs to the same question.
pub(super) fn pairs(units: &[Unit]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut open: Option<Pair> = None;
    for (at, unit) in units.iter().enumerate() {
        match (unit.role, &mut open) {
            (Role::Answers, Some(pair)) => pair.answers.push(at),
            (Role::Answers, None) | (Role::Presides | Role::Other, _) => {}
            (Role::Asks, _) => {
                pairs.extend(open.take().filter(|pair| !pair.answers.is_empty()));
                open = Some(Pair { asks: at, answers: Vec::new() });
            }
        }
    }
    pairs.extend(open.filter(|pair| !pair.answers.is_empty()));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_speeches_makes_pairs() {
        let roles = [Role::Presides, Role::Asks, Role::Presides, Role::Answers, Role::Answers, Role::Asks, Role::Asks];
        let units: Vec<Unit> = roles.into_iter().map(|role| Unit { role, ..Unit::default() }).collect();
        assert_eq!(pairs(&units), [Pair { asks: 1, answers: vec![3, 4] }]);
        assert!(is_question(&marked("第1回国会", Role::Asks)) && !is_question(&marked("第1回国会", Role::Answers)));
    }
}
