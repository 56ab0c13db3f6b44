//! Which speech answers which: an import of the record has told it; rows of speeches alone have not, and the order does.

use sekisho_search::unit::{Role, Unit};
use std::collections::HashMap;

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

/// The pairs of a meeting, in order: as its record was read, where it was; else from the order of the speeches.
pub(super) fn pairs(units: &[Unit]) -> Vec<Pair> {
    let recorded = by_record(units);
    if recorded.is_empty() { by_order(units) } else { recorded }
}

fn by_record(units: &[Unit]) -> Vec<Pair> {
    let places: HashMap<&str, usize> = units.iter().enumerate().map(|(at, unit)| (unit.id.as_str(), at)).collect();
    let pair = |(asks, unit): (usize, &Unit)| {
        let answers: Vec<usize> = unit.answered_by.iter().filter_map(|id| places.get(id.as_str()).copied()).collect();
        (!answers.is_empty()).then_some(Pair { asks, answers })
    };
    units.iter().enumerate().filter_map(pair).collect()
}

/// The chair only gives the floor; a second answer belongs to the same question.
fn by_order(units: &[Unit]) -> Vec<Pair> {
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
    use sekisho_search::unit::UnitId;

    #[test]
    fn the_order_of_speeches_makes_pairs() {
        let roles = [Role::Presides, Role::Asks, Role::Presides, Role::Answers, Role::Answers, Role::Asks, Role::Asks];
        let units: Vec<Unit> = roles.into_iter().map(|role| Unit { role, ..Unit::default() }).collect();
        assert_eq!(pairs(&units), [Pair { asks: 1, answers: vec![3, 4] }]);
        let mut tied = units.clone();
        for (at, unit) in tied.iter_mut().enumerate() {
            unit.id = format!("speech-{at}");
        }
        // The record knows that the first answer was the second asker's.
        tied[5].answered_by = vec![UnitId::new("speech-3")];
        assert_eq!(pairs(&tied), [Pair { asks: 5, answers: vec![3] }]);
        assert!(is_question(&marked("第1回国会", Role::Asks)) && !is_question(&marked("第1回国会", Role::Answers)));
    }
}
