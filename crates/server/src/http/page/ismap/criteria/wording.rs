//! What versions, items and their steps are called.

use crate::http::page::list::{Cell, Tone};
use crate::http::page::words::day;
use jiff::civil::Date;
use sekisho_domain::decision::Evidence;
use sekisho_domain::ismap::catalogue::{CatalogueRow, CriteriaStep};
use sekisho_domain::ismap::rule_document::RuleDocumentStep;

/// The state of a version on a day.
pub(super) fn state(from: Date, to: Option<Date>, on: Date) -> Cell {
    if on < from {
        Cell::tag(Tone::Look, "施行前")
    } else if to.is_some_and(|last| last < on) {
        Cell::tag(Tone::Bad, "終了")
    } else {
        Cell::tag(Tone::Good, "施行中")
    }
}

/// The last day, once it is known.
pub(super) fn last(to: Option<Date>) -> String {
    to.map_or_else(|| "定めなし".to_owned(), day)
}

/// Title and version of a version.
pub(super) fn name(row: &CatalogueRow) -> String {
    format!("{} {}", row.title, row.version)
}

/// How far a rule document was checked: every grade, and what it means here.
pub(super) const EVIDENCE: [(&str, &str, Evidence); 4] = [
    ("P", "原文を確認した", Evidence::P),
    ("S", "二次資料で確認した", Evidence::S),
    ("K", "要確認", Evidence::K),
    ("D", "当機関の決まり", Evidence::D),
];

/// How far a rule document was checked, as a cell.
pub(super) fn evidence(evidence: Evidence) -> Cell {
    let label = EVIDENCE.iter().find(|(.., known)| *known == evidence).map_or("", |(_, label, _)| *label);
    let tone = match evidence {
        Evidence::P => Tone::Good,
        Evidence::K => Tone::Look,
        Evidence::S | Evidence::D => Tone::Plain,
    };
    Cell::tag(tone, label)
}

/// What a step of a version did.
pub(super) fn step(step: &CriteriaStep) -> String {
    match step {
        CriteriaStep::Adopt { counts, rule, .. } => {
            let rule = rule.as_ref().map(|rule| format!("、根拠 {rule}")).unwrap_or_default();
            format!("取り込みました（統制目標 {}、詳細管理策 {}{rule}）", counts.objectives, counts.details)
        }
        CriteriaStep::Close { effective_to } => format!("末日を {} と記録しました", day(*effective_to)),
        CriteriaStep::Crosswalk { to, lines, .. } => format!("{to} への対応表（{lines} 行）を記録しました"),
    }
}

/// What a step of a rule document did.
pub(super) fn rule_step(step: &RuleDocumentStep) -> String {
    match step {
        RuleDocumentStep::Record { effective_from, .. } => {
            format!("記録しました（施行日 {}）", day(*effective_from))
        }
        RuleDocumentStep::Close { effective_to } => format!("末日を {} と記録しました", day(*effective_to)),
    }
}
