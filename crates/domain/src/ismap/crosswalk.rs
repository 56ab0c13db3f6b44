//! What makes a crosswalk whole: every item of both versions stands in it, each relation is possible, nothing stands twice.

use super::catalogue::{Catalogue, Crosswalk, CrosswalkLine, Relation};
use super::criterion::CriterionId;
use std::collections::{BTreeMap, BTreeSet};

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 5] = [Self::Equal, Self::Wider, Self::Narrower, Self::Overlapping, Self::None];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Equal => "同じ",
            Self::Wider => "要求が増えた",
            Self::Narrower => "要求が減った",
            Self::Overlapping => "一部が重なる",
            Self::None => "対応なし",
        }
    }
}

/// What is wrong with a crosswalk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CrosswalkFault {
    /// The earlier version has no such item.
    #[error("the earlier version has no `{0}`")]
    UnknownFrom(CriterionId),
    /// The later version has no such item.
    #[error("the later version has no `{0}`")]
    UnknownTo(CriterionId),
    /// A line without any item, or with a relation that its items do not allow.
    #[error("the relation does not fit: `none` goes with one item, every other relation with two")]
    Relation,
    /// A pair stands twice.
    #[error("the pair `{0}` and `{1}` stands twice")]
    Twice(CriterionId, CriterionId),
    /// An item is said to have no counterpart and has one in another line.
    #[error("`{0}` has a counterpart in one line and none in another")]
    Contradicts(CriterionId),
    /// An item of the earlier version stands nowhere.
    #[error("`{0}` of the earlier version stands nowhere")]
    LeftOutFrom(CriterionId),
    /// An item of the later version stands nowhere.
    #[error("`{0}` of the later version stands nowhere")]
    LeftOutTo(CriterionId),
}

impl CrosswalkFault {
    /// The same for people, with what to do.
    pub fn ja(&self) -> String {
        match self {
            Self::UnknownFrom(id) => {
                format!("元の版に {id} はありません。元の版の一覧で番号を確かめてください。")
            }
            Self::UnknownTo(id) => format!("後の版に {id} はありません。後の版の一覧で番号を確かめてください。"),
            Self::Relation => {
                "番号の組と関係が合いません。「対応なし」は片方の番号だけの行に、ほかの関係は両方の番号がある行に付けてください。".to_owned()
            }
            Self::Twice(from, to) => format!("{from} と {to} の組が二度あります。どちらかの行を除いてください。"),
            Self::Contradicts(id) => {
                format!("{id} は、対応なしの行と対応のある行の両方にあります。どちらかを除いてください。")
            }
            Self::LeftOutFrom(id) => {
                format!("元の版の {id} がどの行にもありません。行を加え、対応がなければ「対応なし」としてください。")
            }
            Self::LeftOutTo(id) => {
                format!("後の版の {id} がどの行にもありません。行を加え、対応がなければ「対応なし」としてください。")
            }
        }
    }
}

impl Crosswalk {
    /// Everything that is wrong, with the place of the line it is wrong in; `None` where the whole is meant.
    pub fn check(&self, from: &Catalogue, to: &Catalogue) -> Vec<(Option<usize>, CrosswalkFault)> {
        let mut faults = Vec::new();
        let (mut pairs, mut sides) = (BTreeSet::new(), [BTreeMap::new(), BTreeMap::new()]);
        for (at, line) in self.lines.iter().enumerate() {
            let mut fault = |fault| faults.push((Some(at), fault));
            if let Some(id) = line.from.filter(|id| from.get(*id).is_none()) {
                fault(CrosswalkFault::UnknownFrom(id));
            }
            if let Some(id) = line.to.filter(|id| to.get(*id).is_none()) {
                fault(CrosswalkFault::UnknownTo(id));
            }
            if !line.fits() {
                fault(CrosswalkFault::Relation);
            }
            if let (Some(from), Some(to)) = (line.from, line.to)
                && !pairs.insert((from, to))
            {
                fault(CrosswalkFault::Twice(from, to));
            }
            for (id, side) in [line.from, line.to].into_iter().zip(&mut sides) {
                let Some(id) = id else { continue };
                let related = line.relation != Relation::None;
                if side.insert(id, related).is_some_and(|before| before != related) {
                    fault(CrosswalkFault::Contradicts(id));
                }
            }
        }
        let [earlier, later] = &sides;
        let left_out = |side: &BTreeMap<CriterionId, bool>, all: &Catalogue| -> Vec<CriterionId> {
            all.criteria.iter().map(|c| c.id).filter(|id| !side.contains_key(id)).collect()
        };
        faults.extend(left_out(earlier, from).into_iter().map(|id| (None, CrosswalkFault::LeftOutFrom(id))));
        faults.extend(left_out(later, to).into_iter().map(|id| (None, CrosswalkFault::LeftOutTo(id))));
        faults
    }
}

impl CrosswalkLine {
    /// The relation is one that the items allow.
    pub fn fits(&self) -> bool {
        match (self.from, self.to) {
            (None, None) => false,
            (Some(_), Some(_)) => self.relation != Relation::None,
            _ => self.relation == Relation::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ismap::criterion::Criterion;

    fn catalogue(ids: &[&str]) -> Catalogue {
        let criterion = |id: &&str| Criterion {
            id: id.parse().unwrap(),
            raw_id: String::new(),
            text: "架空の要求".into(),
            flag_provider: false,
            flag_basic: false,
            audit_group: String::new(),
            cycle_years: None,
        };
        Catalogue::new(BTreeMap::new(), ids.iter().map(criterion).collect()).unwrap()
    }

    fn line(from: &str, to: &str, relation: Relation) -> CrosswalkLine {
        CrosswalkLine { from: from.parse().ok(), to: to.parse().ok(), relation }
    }

    #[test]
    fn the_draft_by_number_is_whole_and_one_with_holes_is_told_where() {
        let (one, two) = (catalogue(&["5.1.1", "5.1.1.1", "5.1.1.2"]), catalogue(&["5.1.1", "5.1.1.1", "5.1.1.3"]));
        let mut draft = Crosswalk::by_number(&one, &two);
        assert_eq!(draft.check(&one, &two), []);
        assert_eq!(draft.lines.len(), 4, "one gone, one new, two carried on");
        draft.lines.pop();
        let id = |text: &str| text.parse().unwrap();
        assert_eq!(draft.check(&one, &two), [(None, CrosswalkFault::LeftOutTo(id("5.1.1.3")))]);
        draft.lines.push(line("5.1.1.2", "5.1.1.3", Relation::None));
        draft.lines.push(line("9.9.9", "", Relation::None));
        draft.lines.push(line("5.1.1", "5.1.1", Relation::Equal));
        draft.lines.push(line("5.1.1.1", "", Relation::None));
        draft.lines.push(line("", "", Relation::Equal));
        assert_eq!(
            draft.check(&one, &two),
            [
                (Some(3), CrosswalkFault::Relation),
                (Some(4), CrosswalkFault::UnknownFrom(id("9.9.9"))),
                (Some(5), CrosswalkFault::Twice(id("5.1.1"), id("5.1.1"))),
                (Some(6), CrosswalkFault::Contradicts(id("5.1.1.1"))),
                (Some(7), CrosswalkFault::Relation),
            ]
        );
    }
}
