//! What the shelf holds already: the first unit of every revision, and what its law is called.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::revision::category_of;
use crate::law::name::LawNames;
use crate::law::{LawId, LawNumber};
use crate::unit::Unit;

/// A revision on the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) group: String,
    pub(super) from: Option<Date>,
    pub(super) until: Option<Date>,
    pub(super) category: Option<String>,
    pub(super) source: String,
}

/// The shelf as an import finds it.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) laws: BTreeMap<LawId, Vec<Held>>,
    names: BTreeMap<LawId, LawNames>,
    numbers: HashMap<LawNumber, LawId>,
    sources: HashMap<String, (LawId, Option<Date>)>,
}

impl Known {
    pub(super) fn of(mut heads: Vec<Unit>) -> Self {
        let mut known = Self::default();
        heads.sort_by_key(|unit| unit.from);
        for unit in heads {
            let Some(law) = LawId::new(unit.work()) else { continue };
            let number: Option<LawNumber> = unit.law_number.parse().ok();
            if let Some(number) = &number {
                known.numbers.insert(number.clone(), law.clone());
            }
            known.sources.insert(unit.source.clone(), (law.clone(), unit.from));
            let names = LawNames { law_id: law.clone(), title: unit.title.clone(), number, short: unit.also.clone() };
            merge(&mut known.names, names);
            let category = category_of(&unit).map(str::to_owned);
            let held = Held { group: unit.group, from: unit.from, until: unit.until, category, source: unit.source };
            known.laws.entry(law).or_default().push(held);
        }
        known
    }

    pub(super) fn by_number(&self, number: &LawNumber) -> Option<&LawId> {
        self.numbers.get(number)
    }

    /// The revision that was read from a source.
    pub(super) fn by_source(&self, source: &str) -> Option<&(LawId, Option<Date>)> {
        self.sources.get(source)
    }

    pub(super) fn names(&self) -> BTreeMap<LawId, LawNames> {
        self.names.clone()
    }
}

/// Adds the names of one more revision of a law: the title it has now, and those it had before.
pub(super) fn merge(all: &mut BTreeMap<LawId, LawNames>, names: LawNames) {
    let Some(known) = all.get_mut(&names.law_id) else {
        all.insert(names.law_id.clone(), names);
        return;
    };
    let before = std::mem::replace(&mut known.title, names.title);
    known.number = names.number.or(known.number.take());
    for name in std::iter::once(before).chain(names.short) {
        if name != known.title && !name.is_empty() && !known.short.contains(&name) {
            known.short.push(name);
        }
    }
}
