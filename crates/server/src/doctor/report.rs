//! What was found, bounded: of one kind the first few with their places, of the others the number.

use super::code::{Area, Code, Severity};
use std::collections::BTreeMap;

/// Findings of one code that are shown.
const SHOWN: u64 = 20;
/// Letters of a detail.
const DETAIL: usize = 300;

/// Something that does not fit.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) code: &'static Code,
    /// Which row, entry or file.
    pub(crate) place: String,
    /// What exactly, without contents of anybody.
    pub(crate) detail: String,
}

/// Findings as they come.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: Vec<Finding>,
    counts: BTreeMap<&'static str, (&'static Code, u64)>,
    looked: Vec<(Area, &'static str, u64)>,
    unseen: Vec<(Area, String)>,
}

/// What a look amounts to.
#[derive(Debug)]
pub(crate) struct Report {
    /// The gravest first.
    pub(crate) found: Vec<Finding>,
    /// Of which codes more were found than are shown, and how many more.
    pub(crate) more: Vec<(&'static Code, u64)>,
    /// What was looked at, and how many of it there are.
    pub(crate) looked: Vec<(Area, &'static str, u64)>,
    /// What could not be looked at, and why.
    pub(crate) unseen: Vec<(Area, String)>,
}

impl Findings {
    pub(crate) fn add(&mut self, code: &'static Code, place: impl Into<String>, detail: impl std::fmt::Display) {
        let (_, count) = self.counts.entry(code.id).or_insert((code, 0));
        *count += 1;
        if *count <= SHOWN {
            let detail = detail.to_string().chars().take(DETAIL).collect();
            self.found.push(Finding { code, place: place.into(), detail });
        }
    }

    /// So many of something were looked at.
    pub(crate) fn looked(&mut self, area: Area, what: &'static str, count: u64) {
        self.looked.push((area, what, count));
    }

    pub(crate) fn unseen(&mut self, area: Area, why: &dyn std::fmt::Display) {
        self.unseen.push((area, why.to_string()));
    }

    pub(crate) fn finish(mut self) -> Report {
        self.found.sort_by_key(|finding| (finding.code.severity, finding.code.area));
        let more = self.counts.into_values().filter(|(_, count)| *count > SHOWN);
        Report {
            more: more.map(|(code, count)| (code, count - SHOWN)).collect(),
            found: self.found,
            looked: self.looked,
            unseen: self.unseen,
        }
    }
}

impl Report {
    /// How many findings of a severity there are, those that are not shown included.
    pub(crate) fn count(&self, severity: Severity) -> u64 {
        let shown = self.found.iter().filter(|finding| finding.code.severity == severity).count() as u64;
        shown + self.more.iter().filter(|(code, _)| code.severity == severity).map(|(_, more)| more).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::code;
    use super::*;

    #[test]
    fn of_a_thousand_alike_some_are_shown_and_all_are_counted() {
        let mut findings = Findings::default();
        findings.add(&code::DISK_LOW, "data", "");
        for index in 0..1_000 {
            findings.add(&code::ENTRY_MISSING, format!("ledger_entry {index}"), "");
        }
        let report = findings.finish();
        assert_eq!(report.found.len(), 21);
        assert_eq!(report.found[0].code.id, "ENTRY_MISSING", "the gravest come first");
        assert_eq!(report.count(Severity::Broken), 1_000);
        assert_eq!(report.count(Severity::Warning), 1);
    }
}
