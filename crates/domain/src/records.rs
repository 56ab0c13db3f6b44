//! 公文書: how long what was written in a use is kept, when it must not be destroyed, how it is destroyed, and how it is
//! disclosed.
//!
//! No public document says how long prompts and answers are kept (domain rules §6), so what the body has not said is the
//! program's own proposal: one year as 未判定, which counts as 行政文書. The record of a use in the ledger is another
//! matter and never goes: two clocks, one for the content and none for the metadata.
//!
//! Whether the content of a use may be destroyed follows from the ledger alone ([`Records::is_disposable`]), so a list
//! of content to be destroyed is proved by counting it again, and a certificate by the same.

pub mod disclosure;
pub mod disposal;
pub mod hold;
mod listing;
pub mod made;
pub mod retention;

use crate::id::{CaseId, DepartmentId, DisclosureId, DisposalId, HoldId, UseId};
use crate::organization::DepartmentTree;
use disclosure::Disclosure;
use disposal::{Disposal, DisposalState};
use hold::{Hold, Scope};
use imbl::ordmap::DiffItem;
use imbl::{HashMap, OrdMap};
use jiff::civil::Date;
use made::Made;
use retention::{Classification, Schedule, Term};
use std::collections::BTreeSet;

/// What decides about content: the schedule, what single uses were found to be, and what must not be destroyed. Cheap to
/// copy: a disposal keeps the ground it stood on, and later ones can tell what it took.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    pub(crate) schedule: Schedule,
    pub(crate) classified: OrdMap<UseId, Classification>,
    pub(crate) holds: OrdMap<HoldId, Hold>,
    pub(crate) disclosures: OrdMap<DisclosureId, Disclosure>,
    pub(crate) departments: DepartmentTree,
    /// Open リスクケース by the uses they keep as evidence.
    pub(crate) preserved: OrdMap<UseId, BTreeSet<CaseId>>,
}

impl Ground {
    /// 保存期間表.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// What a use was found to be, if somebody looked.
    pub fn classification(&self, of: &UseId) -> Option<&Classification> {
        self.classified.get(of)
    }

    /// Single uses of which something else holds on the two grounds: what they were found to be, or that a case keeps
    /// them. Grounds of one ledger share what did not change, so this costs what changed.
    pub fn changed_since<'g>(&'g self, earlier: &'g Self) -> BTreeSet<&'g UseId> {
        fn of<'m, V>(item: DiffItem<'m, 'm, UseId, V>) -> &'m UseId {
            match item {
                DiffItem::Add(of, _) | DiffItem::Remove(of, _) => of,
                DiffItem::Update { new: (of, _), .. } => of,
            }
        }
        let classified = earlier.classified.diff(&self.classified).map(of);
        classified.chain(earlier.preserved.diff(&self.preserved).map(of)).collect()
    }

    /// How long the content of a use is kept.
    pub fn term(&self, made: &Made) -> Term {
        self.schedule.term(made, self.classified.get(&made.of))
    }

    /// Last day of the retention of a use's content.
    pub fn kept_until(&self, made: &Made) -> Date {
        self.term(made).last_day(made.day())
    }

    /// All holds that were ever placed, by identifier.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values()
    }

    /// All requests for disclosure, by identifier.
    pub fn disclosures(&self) -> impl Iterator<Item = &Disclosure> {
        self.disclosures.values()
    }

    /// What keeps the content of a use from being destroyed, in words for people.
    pub fn held_by(&self, made: &Made) -> Option<String> {
        let holds = self.holds.values().filter(|hold| hold.is_in_force());
        if let Some(hold) = holds.into_iter().find(|hold| self.covers(&hold.scope, &hold.departments, made)) {
            return Some(format!("廃棄の停止 {}（{}）", hold.hold, hold.title));
        }
        if let Some(case) = self.preserved.get(&made.of).and_then(|cases| cases.first()) {
            return Some(format!("リスクケース {case}（証拠の保全）"));
        }
        let open = self.disclosures.values().filter(|disclosure| disclosure.is_open());
        let of = open.into_iter().find(|disclosure| self.covers(&disclosure.scope, &disclosure.departments, made));
        of.map(|disclosure| format!("開示請求 {}", disclosure.disclosure))
    }

    /// A scope holds the use. Departments are those below the scope's when it was placed (`then`), and those below them
    /// now: a department that moves away takes nothing of what is held with it.
    pub fn covers(&self, scope: &Scope, then: &BTreeSet<DepartmentId>, made: &Made) -> bool {
        scope.covers(made, |department| {
            then.contains(department) || self.departments.is_below(department, &scope.departments)
        })
    }

    fn is_over(&self, made: &Made, as_of: Date) -> bool {
        self.kept_until(made) < as_of && self.held_by(made).is_none()
    }
}

/// All that the register knows of retention, disposal and disclosure.
#[derive(Debug, Clone, Default)]
pub struct Records {
    pub(crate) ground: Ground,
    pub(crate) erased: HashMap<UseId, ()>,
    pub(crate) disposals: OrdMap<DisposalId, Disposal>,
    /// One more than the index of the last entry that changed what may be destroyed.
    pub(crate) changed: u64,
    /// The same, what was said of single uses left out.
    pub(crate) changed_for_all: u64,
    /// One more than the index of the last entry that placed a department.
    pub(crate) placed: u64,
}

impl Records {
    /// What decides about content.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// One more than the index of the last entry that changed what may be destroyed: a list that was counted on an
    /// earlier register may be wrong.
    pub fn changed(&self) -> u64 {
        self.changed
    }

    /// The same, what was said of single uses left out: those can be looked at one by one.
    pub fn changed_for_all(&self) -> u64 {
        self.changed_for_all
    }

    /// One more than the index of the last entry that moved a department: what a scope holds may have changed.
    pub fn placed(&self) -> u64 {
        self.placed
    }

    /// A hold.
    pub fn hold(&self, id: &HoldId) -> Option<&Hold> {
        self.ground.holds.get(id)
    }

    /// A request for disclosure.
    pub fn disclosure(&self, id: &DisclosureId) -> Option<&Disclosure> {
        self.ground.disclosures.get(id)
    }

    /// A disposal.
    pub fn disposal(&self, id: &DisposalId) -> Option<&Disposal> {
        self.disposals.get(id)
    }

    /// All disposals, by identifier.
    pub fn disposals(&self) -> impl Iterator<Item = &Disposal> {
        self.disposals.values()
    }

    /// The disposal that is destroying content now.
    pub fn running(&self) -> Option<&Disposal> {
        self.disposals.values().find(|disposal| matches!(disposal.state, DisposalState::Running { .. }))
    }

    /// Some hold or request for disclosure is open.
    pub fn anything_holds(&self) -> bool {
        self.ground.holds().any(Hold::is_in_force) || self.ground.disclosures().any(Disclosure::is_open)
    }

    /// The content of a use was destroyed, by an order of its own or by a disposal.
    pub fn is_erased(&self, made: &Made) -> bool {
        self.erased.contains_key(&made.of) || self.disposals.values().any(|disposal| disposal.took(made))
    }

    /// The content of a use may be destroyed as of a day: its retention is over, nothing holds it, and it is not
    /// destroyed already.
    pub fn is_disposable(&self, made: &Made, as_of: Date) -> bool {
        self.ground.is_over(made, as_of) && !self.is_erased(made)
    }

    /// Stops what is destroying content: whatever came must be looked at first.
    pub(crate) fn halt(&mut self, step: &disposal::DisposalStep) {
        let Some(running) = self.running().map(|disposal| disposal.disposal.clone()) else { return };
        if let Some(disposal) = self.disposals.get_mut(&running)
            && let DisposalState::Running { ground, entries } = &disposal.state
        {
            disposal.state = DisposalState::Halted { ground: ground.clone(), entries: *entries };
            disposal.history.push(step.clone());
        }
    }

    /// The disposal that is destroying content now has this use on its list.
    pub(crate) fn is_being_destroyed(&self, made: &Made) -> bool {
        self.running().is_some_and(|disposal| disposal.lists(made))
    }
}
