//! DS-920 (デジタル庁の生成AI調達・利活用ガイドライン): what a body records of the risk of each use case, of procurement and
//! contract checks, and of リスクケース.
//!
//! None of the primary text was read for this. What follows secondary accounts says so (grade S), the rest is general
//! knowledge (K) or this program's own proposal (D); nothing here is shown as an official requirement. Hence tables,
//! question sets and deadlines are data that a body replaces by its own.

pub mod checklist;
pub mod clock;
pub mod judgement;
pub mod risk_case;
pub mod risk_table;

use crate::entry::Governance;
use crate::event::{ChecklistCompleted, QuestionSetAdopted};
use crate::id::{ApplicationId, CaseId, ChecklistId, QuestionSetId, UseId};
use crate::permit::{Draft, RiskSheet};
use checklist::{AdoptedSet, CompletedSheet, SetKind};
use clock::{AdoptedClocks, Clock};
use imbl::{OrdMap, Vector};
use jiff::Timestamp;
use jiff::civil::Date;
use judgement::RiskRecord;
use risk_case::{CaseStep, RiskCase};
use risk_table::{AdoptedTable, RiskLevel, RiskTable};
use std::collections::BTreeSet;

/// All records under DS-920: a part of the register.
#[derive(Debug, Clone, Default)]
pub struct Ds920 {
    tables: Vector<AdoptedTable>,
    risks: OrdMap<ApplicationId, RiskRecord>,
    sets: Vector<AdoptedSet>,
    checklists: OrdMap<ChecklistId, Vector<CompletedSheet>>,
    clocks: Vector<AdoptedClocks>,
    cases: OrdMap<CaseId, RiskCase>,
    /// Open cases by the uses they keep as evidence.
    preserved: OrdMap<UseId, BTreeSet<CaseId>>,
}

impl Ds920 {
    /// Risk tables that were adopted, oldest first.
    pub fn tables(&self) -> impl DoubleEndedIterator<Item = &AdoptedTable> {
        self.tables.iter()
    }

    /// The risk table that counts on a day: of those in force by then, the one of the latest day. `None` is the program's own.
    pub fn table_on(&self, day: Date) -> Option<&RiskTable> {
        // Of two from the same day the one adopted last.
        self.tables
            .iter()
            .map(|adopted| &adopted.table)
            .filter(|table| table.from <= day)
            .max_by_key(|table| table.from)
    }

    /// What the table of a day makes of a sheet. Advisory: the CAIO decides.
    pub fn result_on(&self, sheet: &RiskSheet, day: Date) -> RiskLevel {
        self.table_on(day).map_or_else(|| sheet.standing().into(), |table| table.result(sheet))
    }

    /// What was recorded of an application's risk beside the application itself.
    pub fn risk(&self, application: &ApplicationId) -> Option<&RiskRecord> {
        self.risks.get(application)
    }

    /// Question sets that were adopted, oldest first.
    pub fn sets(&self) -> impl DoubleEndedIterator<Item = &AdoptedSet> {
        self.sets.iter()
    }

    /// The question set of a kind that counts now. `None` is the program's own.
    pub fn set_in_force(&self, kind: SetKind) -> Option<&AdoptedSet> {
        self.sets.iter().rev().find(|adopted| adopted.kind == kind)
    }

    /// An adopted question set.
    pub fn set(&self, id: &QuestionSetId) -> Option<&AdoptedSet> {
        self.sets.iter().find(|adopted| adopted.set == *id)
    }

    /// Completed sheets, each with every completion, oldest first.
    pub fn checklists(&self) -> impl Iterator<Item = (&ChecklistId, &Vector<CompletedSheet>)> {
        self.checklists.iter()
    }

    /// The last completion of a sheet.
    pub fn checklist(&self, id: &ChecklistId) -> Option<&CompletedSheet> {
        self.checklists.get(id)?.last()
    }

    /// Every completion of a sheet, oldest first.
    pub fn checklist_history(&self, id: &ChecklistId) -> impl DoubleEndedIterator<Item = &CompletedSheet> {
        self.checklists.get(id).into_iter().flatten()
    }

    /// Lists of deadlines that were set, oldest first.
    pub fn clock_lists(&self) -> impl DoubleEndedIterator<Item = &AdoptedClocks> {
        self.clocks.iter()
    }

    /// The deadlines that count on a day; the program's own where nothing was set.
    pub fn clocks_on(&self, day: Date) -> Vec<Clock> {
        let set = self.clocks.iter().filter(|list| list.from <= day).max_by_key(|list| list.from);
        set.map_or_else(clock::builtin, |list| list.clocks.clone())
    }

    /// A case.
    pub fn case(&self, id: &CaseId) -> Option<&RiskCase> {
        self.cases.get(id)
    }

    /// All cases, by identifier.
    pub fn cases(&self) -> impl Iterator<Item = &RiskCase> {
        self.cases.values()
    }

    /// Open cases by the uses they keep as evidence.
    pub(crate) fn preserved(&self) -> &OrdMap<UseId, BTreeSet<CaseId>> {
        &self.preserved
    }

    /// The first open case that keeps a use as evidence.
    pub(crate) fn preserving(&self, of: &UseId) -> Option<&CaseId> {
        self.preserved.get(of)?.iter().next()
    }

    pub(crate) fn adopt_table(&mut self, entry: &Governance, table: RiskTable) {
        let (by, reason) = (entry.actor.clone(), entry.reason.clone());
        self.tables.push_back(AdoptedTable { at: entry.at, by, reason, table });
    }

    pub(crate) fn adopt_set(&mut self, entry: &Governance, e: &QuestionSetAdopted) {
        self.sets.push_back(AdoptedSet {
            at: entry.at,
            by: entry.actor.clone(),
            reason: entry.reason.clone(),
            set: e.set.clone(),
            kind: e.kind,
            title: e.title.clone(),
            edition: e.edition.clone(),
            sha256: e.sha256.clone(),
            questions: e.questions,
        });
    }

    pub(crate) fn complete(&mut self, entry: &Governance, e: &ChecklistCompleted) {
        let done =
            CompletedSheet { at: entry.at, by: entry.actor.clone(), reason: entry.reason.clone(), sheet: e.clone() };
        self.checklists.entry(e.sheet.clone()).or_default().push_back(done);
    }

    pub(crate) fn set_clocks(&mut self, entry: &Governance, from: Date, clocks: Vec<Clock>) {
        let (by, reason) = (entry.actor.clone(), entry.reason.clone());
        self.clocks.push_back(AdoptedClocks { at: entry.at, by, reason, from, clocks });
    }

    pub(crate) fn risk_mut(&mut self, application: &ApplicationId) -> &mut RiskRecord {
        self.risks.entry(application.clone()).or_default()
    }

    /// An older kind of decision speaks last: what was judged before it no longer counts.
    pub(crate) fn decided_the_old_way(&mut self, application: &ApplicationId) {
        if let Some(record) = self.risks.get_mut(application) {
            record.judged = None;
            record.changed = None;
            record.earlier.clear();
        }
    }

    /// The application came in again: a judgement covers it only as far as nothing of weight changed.
    pub(crate) fn resubmitted(&mut self, application: &ApplicationId, before: &Draft, after: &Draft, at: Timestamp) {
        if let Some(record) = self.risks.get_mut(application)
            && judgement::is_material(before, after)
        {
            // The sheet of the new content counts, not one given for the old.
            let outgrown = record.sheet.take();
            record.outgrow(outgrown);
            record.changed = Some(at);
        }
    }

    /// `None` when the case is not known and the step does not begin one.
    pub(crate) fn step_case(&mut self, entry: &Governance, id: &CaseId, step: &CaseStep) -> Option<()> {
        let before = match (self.cases.get(id), step) {
            (None, CaseStep::Report { .. }) => None,
            (None, _) => return None,
            (Some(case), _) => Some(case.clone()),
        };
        let case = RiskCase::after(before, entry, id, step)?;
        let kept = |case: &RiskCase, of: &UseId| !case.is_closed() && case.uses.contains(of);
        for of in case.uses.iter().chain(step.released()) {
            let mut keepers = self.preserved.get(of).cloned().unwrap_or_default();
            if kept(&case, of) {
                keepers.insert(id.clone());
            } else {
                keepers.remove(id);
            }
            if keepers.is_empty() {
                self.preserved.remove(of);
            } else {
                self.preserved.insert(of.clone(), keepers);
            }
        }
        self.cases.insert(id.clone(), case);
        Some(())
    }
}
