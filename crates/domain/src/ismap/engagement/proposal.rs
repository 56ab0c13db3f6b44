//! 対象範囲の案: which items of a statement a firm may take up, and how deep, before it decides itself.
//!
//! A first audit weighs the design, a renewal the operation; items follow a cycle of years by their group, and an
//! additional or ordered audit looks at what changed (read in secondary accounts: a proposal, never a rule). Groups and
//! cycles are what the imported catalogue says of its items.

use super::EngagementKind;
use super::file::Scope;
use crate::ismap::catalogue::Catalogue;
use crate::ismap::criterion::{Criterion, CriterionId, Level};
use crate::ismap::statement::{Answer, Decision, StatementContent};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The chapter of the management criteria, which follow a cycle under the ISMS relief alone.
const MANAGEMENT: u16 = 4;
/// The chapter of governance, which follows no cycle.
const GOVERNANCE: u16 = 3;

/// What was audited in an earlier period.
#[derive(Debug, Clone)]
pub struct PastAudit {
    /// Last day of its period.
    pub to: Date,
    /// Items, and how deep.
    pub scope: BTreeMap<CriterionId, Scope>,
}

/// What a proposal is made for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What kind of audit.
    pub kind: EngagementKind,
    /// The relief for bodies with an ISMS is used.
    pub isms: bool,
    /// Centred on the basic items, as for LIU.
    pub basic_only: bool,
    /// Which renewal this is, from 1; the groups of a cycle take turns by it.
    pub turn: u32,
    /// Earlier audits of the service, as far as they are known here.
    pub past: &'a [PastAudit],
}

/// Why an item is in a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// A first audit takes every item.
    First,
    /// No cycle is known of it, or it has none.
    EveryYear,
    /// It is its group's turn, or its cycle is over.
    Due,
    /// Its control changed in a way that counts.
    Changed,
    /// No known audit has looked at it.
    NeverAudited,
}

impl Why {
    /// The same for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::First => "初回",
            Self::EveryYear => "毎年",
            Self::Due => "今年の番",
            Self::Changed => "統制変更",
            Self::NeverAudited => "未監査",
        }
    }
}

/// Items that are stated as adopted, at the depth at which audits look: details, and objectives without an adopted one.
pub fn auditable<'a>(
    catalogue: &'a Catalogue,
    statement: &'a StatementContent,
) -> impl Iterator<Item = (&'a Criterion, &'a Answer)> {
    let adopted = |id: CriterionId| statement.answers.get(&id).filter(|a| a.decision == Some(Decision::Adopted));
    catalogue.criteria.iter().filter_map(move |criterion| {
        let answer = adopted(criterion.id)?;
        let stands = criterion.id.level() == Level::Detail
            || !catalogue.details(criterion.id).any(|detail| adopted(detail.id).is_some());
        stands.then_some((criterion, answer))
    })
}

/// A proposal: items with their depth, and why each is there.
pub fn propose(
    catalogue: &Catalogue,
    statement: &StatementContent,
    wanted: &Wanted<'_>,
) -> BTreeMap<CriterionId, (Scope, Why)> {
    let groups = groups(catalogue);
    let both = Scope { design: true, operating: true };
    let operating = Scope { design: false, operating: true };
    auditable(catalogue, statement)
        .filter(|(criterion, _)| !wanted.basic_only || criterion.flag_basic)
        .filter_map(|(criterion, answer)| {
            let changed = answer.changed.iter().any(|change| change.counts());
            let taken = match wanted.kind {
                EngagementKind::Initial => (Scope { design: true, operating: criterion.flag_basic }, Why::First),
                _ if changed => (both, Why::Changed),
                EngagementKind::Additional | EngagementKind::ReAudit => return None,
                EngagementKind::Renewal => match due(criterion, statement.to, wanted, &groups)? {
                    Why::NeverAudited => (both, Why::NeverAudited),
                    why => (operating, why),
                },
            };
            Some((criterion.id, taken))
        })
        .collect()
}

/// Places of the groups among those of the same cycle.
type Groups<'a> = BTreeMap<(u8, &'a str), u32>;

fn groups(catalogue: &Catalogue) -> Groups<'_> {
    let known = catalogue.criteria.iter().filter_map(|c| Some((c.cycle_years?, c.audit_group.as_str())));
    let known: BTreeSet<(u8, &str)> = known.collect();
    let mut places: BTreeMap<u8, u32> = BTreeMap::new();
    let mut all = BTreeMap::new();
    for (cycle, group) in known {
        let place = places.entry(cycle).or_default();
        all.insert((cycle, group), *place);
        *place += 1;
    }
    all
}

/// Whether a renewal takes up an item whose control did not change.
fn due(criterion: &Criterion, to: Date, wanted: &Wanted<'_>, groups: &Groups<'_>) -> Option<Why> {
    let chapter = criterion.id.chapter();
    let cycle = match criterion.cycle_years {
        Some(years) if years > 1 && chapter != GOVERNANCE && (chapter != MANAGEMENT || wanted.isms) => years,
        _ => return Some(Why::EveryYear),
    };
    let last = wanted.past.iter().filter(|past| past.scope.contains_key(&criterion.id)).map(|past| past.to).max();
    match last {
        None if !wanted.past.is_empty() => return Some(Why::NeverAudited),
        Some(last) if i32::from(to.year()) - i32::from(last.year()) >= i32::from(cycle) => return Some(Why::Due),
        _ => {}
    }
    let place = groups.get(&(cycle, criterion.audit_group.as_str())).copied().unwrap_or(0);
    let cycle = u32::from(cycle);
    (wanted.turn.saturating_sub(1) % cycle == place % cycle).then_some(Why::Due)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ismap::statement::{ControlChange, ServiceProfile};
    use jiff::civil::date;

    fn criterion(id: &str, group: &str, cycle: Option<u8>) -> Criterion {
        let id: CriterionId = id.parse().unwrap();
        Criterion {
            id,
            raw_id: String::new(),
            text: "架空の項目".into(),
            flag_provider: false,
            flag_basic: id.says_basic(),
            audit_group: group.into(),
            cycle_years: cycle,
        }
    }

    fn catalogue() -> Catalogue {
        let criteria = vec![
            criterion("3.1.1", "", None),
            criterion("3.1.1.1", "A", Some(3)),
            criterion("4.1.1", "", None),
            criterion("4.1.1.1", "A", Some(3)),
            criterion("4.1.1.2", "B", Some(3)),
            criterion("5.1.1", "", None),
            criterion("5.1.1.1", "A", Some(3)),
            criterion("5.1.1.2", "B", Some(3)),
            criterion("5.1.1.3", "C", Some(3)),
            criterion("5.1.1.4.B", "", Some(1)),
            criterion("6.1.1", "", None),
            criterion("6.1.1.1", "", None),
        ];
        Catalogue::new(BTreeMap::new(), criteria).unwrap()
    }

    fn statement() -> StatementContent {
        let adopted = Answer { decision: Some(Decision::Adopted), control: "手順".into(), ..Answer::default() };
        let mut answers: BTreeMap<CriterionId, Answer> =
            catalogue().criteria.iter().map(|c| (c.id, adopted.clone())).collect();
        let left_out =
            Answer { decision: Some(Decision::Excluded), reason: "該当なし".into(), ..Answer::default() };
        answers.insert("6.1.1.1".parse().unwrap(), left_out);
        StatementContent {
            catalogue: crate::id::CatalogueId::new("kakuu").unwrap(),
            from: date(2026, 4, 1),
            to: date(2027, 3, 31),
            service: ServiceProfile::default(),
            answers,
        }
    }

    fn wanted(kind: EngagementKind) -> Wanted<'static> {
        Wanted { kind, isms: false, basic_only: false, turn: 1, past: &[] }
    }

    fn told(statement: &StatementContent, wanted: &Wanted<'_>) -> Vec<String> {
        let depth = |scope: Scope| match (scope.design, scope.operating) {
            (true, true) => "整運",
            (true, false) => "整",
            (false, true) => "運",
            (false, false) => "なし",
        };
        let line = |(id, (scope, why)): (CriterionId, (Scope, Why))| format!("{id} {} {}", depth(scope), why.label());
        propose(&catalogue(), statement, wanted).into_iter().map(line).collect()
    }

    #[test]
    fn given_a_first_audit_when_proposed_then_the_design_of_every_adopted_item_and_the_operation_of_basic_ones() {
        let first = told(&statement(), &wanted(EngagementKind::Initial));
        assert_eq!(first.len(), 8, "{first:?}");
        assert!(first.contains(&"5.1.1.1 整 初回".to_owned()), "{first:?}");
        assert!(first.contains(&"5.1.1.4.B 整運 初回".to_owned()), "{first:?}");
        // The detail is not adopted, so its objective stands for itself.
        assert!(first.contains(&"6.1.1 整 初回".to_owned()), "{first:?}");
        assert!(!first.iter().any(|line| line.starts_with("6.1.1.1") || line.starts_with("5.1.1 ")), "{first:?}");
    }

    #[test]
    fn given_renewals_when_proposed_then_groups_of_a_cycle_take_turns_and_governance_comes_every_year() {
        let of = |turn: u32| told(&statement(), &Wanted { turn, ..wanted(EngagementKind::Renewal) });
        let always = ["3.1.1.1 運 毎年", "4.1.1.1 運 毎年", "4.1.1.2 運 毎年"];
        for (turn, item) in [(1, "5.1.1.1"), (2, "5.1.1.2"), (3, "5.1.1.3"), (4, "5.1.1.1")] {
            let all = of(turn);
            for line in always.into_iter().chain(["5.1.1.4.B 運 毎年"]) {
                assert!(all.contains(&line.to_owned()), "turn {turn}: {all:?}");
            }
            let turns: Vec<&String> = all.iter().filter(|line| line.ends_with("今年の番")).collect();
            assert_eq!(turns, [&format!("{item} 運 今年の番")], "turn {turn}: {all:?}");
        }
    }

    #[test]
    fn given_the_isms_relief_when_a_renewal_is_proposed_then_management_follows_the_cycle_too() {
        let relief = Wanted { isms: true, turn: 1, ..wanted(EngagementKind::Renewal) };
        let all = told(&statement(), &relief);
        assert!(all.contains(&"4.1.1.1 運 今年の番".to_owned()), "{all:?}");
        assert!(!all.iter().any(|line| line.starts_with("4.1.1.2")), "{all:?}");
        assert!(all.contains(&"3.1.1.1 運 毎年".to_owned()), "{all:?}");
    }

    #[test]
    fn given_known_audits_when_a_cycle_is_over_or_an_item_is_new_then_it_is_due_whatever_the_turn() {
        let id = |text: &str| text.parse::<CriterionId>().unwrap();
        let scope = Scope { design: true, operating: true };
        let past = |year: i16, ids: &[&str]| PastAudit {
            to: date(year, 3, 31),
            scope: ids.iter().map(|text| (id(text), scope)).collect(),
        };
        let known = [past(2024, &["5.1.1.1", "5.1.1.2", "4.1.1.1", "4.1.1.2"]), past(2026, &["5.1.1.2"])];
        // The turn is that of C, which nobody has audited; the turn of none of the others.
        let all = told(&statement(), &Wanted { turn: 3, past: &known, ..wanted(EngagementKind::Renewal) });
        assert!(all.contains(&"5.1.1.1 運 今年の番".to_owned()), "{all:?}");
        assert!(!all.iter().any(|line| line.starts_with("5.1.1.2")), "{all:?}");
        assert!(all.contains(&"5.1.1.3 整運 未監査".to_owned()), "{all:?}");
    }

    #[test]
    fn given_changes_when_an_additional_audit_is_proposed_then_it_takes_what_counts_as_a_change_alone() {
        let mut changed = statement();
        let mut change = |id: &str, what| {
            changed.answers.get_mut(&id.parse().unwrap()).unwrap().changed.insert(what);
        };
        change("5.1.1.1", ControlChange::Operation);
        change("5.1.1.2", ControlChange::NewManager);
        for kind in [EngagementKind::Additional, EngagementKind::ReAudit] {
            assert_eq!(told(&changed, &wanted(kind)), ["5.1.1.1 整運 統制変更"], "{kind:?}");
        }
        let renewal = told(&changed, &Wanted { turn: 3, ..wanted(EngagementKind::Renewal) });
        assert!(renewal.contains(&"5.1.1.1 整運 統制変更".to_owned()), "{renewal:?}");
        assert!(!renewal.iter().any(|line| line.starts_with("5.1.1.2")), "{renewal:?}");
    }

    #[test]
    fn given_an_audit_for_liu_when_proposed_then_it_is_centred_on_basic_items() {
        let liu = Wanted { basic_only: true, ..wanted(EngagementKind::Initial) };
        assert_eq!(told(&statement(), &liu), ["5.1.1.4.B 整運 初回"]);
    }
}
