//! Carrying a statement on to another version of the criteria, by the crosswalk between the two.

use super::super::catalogue::{Crosswalk, Relation};
use super::content::{Answer, StatementContent};
use crate::id::CatalogueId;
use jiff::civil::Date;
use std::collections::BTreeMap;

impl StatementContent {
    /// Carries the answers over to another version of the criteria. An item that asks for the same keeps its decision;
    /// one that asks for something else keeps its texts alone, so that somebody decides. What has no item to go to stays
    /// in the earlier statement.
    pub fn carried_across(&self, catalogue: CatalogueId, crosswalk: &Crosswalk, from: Date, to: Date) -> Self {
        let carried = self.carried_over(catalogue, from, to);
        let mut answers: BTreeMap<_, Answer> = BTreeMap::new();
        for line in &crosswalk.lines {
            let (Some(earlier), Some(later)) = (line.from, line.to) else { continue };
            let Some(answer) = carried.beside(earlier) else { continue };
            let place = answers.entry(later).or_default();
            let joined = *place != Answer::default();
            for (text, more) in [(&mut place.control, &answer.control), (&mut place.reason, &answer.reason)] {
                if !text.is_empty() && !more.is_empty() {
                    text.push_str("\n\n");
                }
                text.push_str(more);
            }
            // Two decisions that come together are decided anew.
            place.decision = if line.relation == Relation::Equal && !joined { answer.decision } else { None };
        }
        answers.retain(|_, answer| *answer != Answer::default());
        Self { answers, ..carried }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Decision, Edit, ServiceProfile};
    use super::*;
    use crate::ismap::catalogue::CrosswalkLine;

    #[test]
    fn given_a_crosswalk_when_carried_then_only_equal_items_keep_their_decision() {
        let [old, new] = ["old", "new"].map(|id| CatalogueId::new(id).unwrap());
        let day = |text: &str| text.parse::<Date>().unwrap();
        let mut last = StatementContent {
            catalogue: old,
            from: day("2024-04-01"),
            to: day("2025-03-31"),
            service: ServiceProfile::default(),
            answers: BTreeMap::new(),
        };
        for (id, control) in [("5.1.1.1", "一"), ("5.1.1.2", "二"), ("5.1.1.3", "三"), ("5.1.1.4", "四")] {
            let edit = Edit { decision: Some(Decision::Adopted), control: control.into(), ..Edit::default() };
            last.edit(id.parse().unwrap(), None, &edit).unwrap();
        }
        let line =
            |from: &str, to: &str, relation| CrosswalkLine { from: from.parse().ok(), to: to.parse().ok(), relation };
        let crosswalk = Crosswalk {
            lines: vec![
                line("5.1.1.1", "6.1.1.1", Relation::Equal),
                line("5.1.1.2", "6.1.1.2", Relation::Wider),
                line("5.1.1.3", "6.1.1.2", Relation::Equal),
                line("5.1.1.4", "-", Relation::None),
                line("-", "6.1.1.9", Relation::None),
            ],
        };
        let next = last.carried_across(new, &crosswalk, day("2025-04-01"), day("2026-03-31"));
        let said = |id: &str| next.answers.get(&id.parse().unwrap()).map(|a| (a.decision, a.control.as_str()));
        assert_eq!(said("6.1.1.1"), Some((Some(Decision::Adopted), "一")));
        assert_eq!(said("6.1.1.2"), Some((None, "二\n\n三")));
        assert_eq!(next.answers.len(), 2);
    }
}
