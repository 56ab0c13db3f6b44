//! The rows that stand beside the entries of a piece of the ledger, each held against its entry.

use super::code;
use super::report::Findings;
use super::uses;
use sekisho_domain::entry::Governance;
use sekisho_store::{KeptUse, Page, TrailLine};
use std::collections::{BTreeMap, BTreeSet};

/// The rows beside the entries of a piece.
pub(super) struct Beside<'p> {
    pub(super) rows: &'p BTreeMap<u64, KeptUse>,
    pub(super) others: &'p BTreeMap<u64, KeptUse>,
    pub(super) page: &'p Page,
    /// Uses that begin in this piece.
    pub(super) here: BTreeSet<u64>,
}

impl Beside<'_> {
    pub(super) fn row(&self, opened: u64) -> Option<KeptUse> {
        self.rows.get(&opened).or_else(|| self.others.get(&opened)).cloned()
    }

    pub(super) fn differs(&self, row: &KeptUse, differs: &[(&'static str, String, String)], findings: &mut Findings) {
        if !differs.is_empty() {
            findings.add(&code::USE_ROW_WRONG, format!("use_row {} ({})", row.opened, row.id), uses::told(differs));
        }
    }

    pub(super) fn beginning(&mut self, must: &KeptUse, read: bool, findings: &mut Findings) {
        self.here.insert(must.opened);
        match self.rows.get(&must.opened) {
            Some(row) => self.differs(row, &uses::beginning(must, row, read), findings),
            None => findings.add(&code::USE_ROW_MISSING, format!("use_row {}", must.opened), &must.id),
        }
    }

    pub(super) fn reasons(&self, of: &KeptUse, must: &[String], findings: &mut Findings) {
        let kept = self.page.reasons.iter().filter(|(opened, ..)| *opened == of.opened);
        let kept: BTreeSet<&str> = kept
            .filter(|(_, _, at, person, department)| {
                *at == of.at && *person == of.person && *department == of.department
            })
            .map(|(_, reason, ..)| reason.as_str())
            .collect();
        let all = self.page.reasons.iter().filter(|(opened, ..)| *opened == of.opened).count();
        if kept != must.iter().map(String::as_str).collect() || kept.len() != all {
            let detail = format!("{} (ledger: {})", kept.into_iter().collect::<Vec<_>>().join(", "), must.join(", "));
            findings.add(&code::USE_REASON_WRONG, format!("use_reason {} ({})", of.opened, of.id), detail);
        }
    }

    pub(super) fn trail(&self, index: u64, entry: &Governance, findings: &mut Findings) {
        let must = TrailLine {
            index,
            at: entry.at.as_microsecond(),
            kind: entry.event.kind().to_owned(),
            actor: entry.actor.to_string(),
        };
        let is = self.page.trail.iter().find(|line| line.index == index);
        if is != Some(&must) {
            let detail = is.map_or_else(|| "missing".to_owned(), |is| format!("{} {}", is.kind, is.actor));
            findings.add(&code::TRAIL_WRONG, format!("governance_row {index}"), detail);
        }
    }

    /// Rows that belong to no entry.
    pub(super) fn leftover(&self, findings: &mut Findings) {
        for row in self.rows.values().filter(|row| !self.here.contains(&row.opened)) {
            findings.add(&code::USE_ROW_ORPHAN, format!("use_row {} ({})", row.opened, row.id), "");
        }
        for (opened, reason, ..) in self.page.reasons.iter().filter(|(opened, ..)| !self.here.contains(opened)) {
            findings.add(&code::USE_REASON_WRONG, format!("use_reason {opened}"), reason);
        }
    }
}
