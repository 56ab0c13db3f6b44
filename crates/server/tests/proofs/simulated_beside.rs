//! What stands beside the ledger after a simulated history, counted again: the head, the sums of days, the findings, the
//! row of every use.

use crate::exported::Exported;
use sekisho_store::{Database, Inspection};
use std::collections::BTreeMap;
use std::path::Path;

/// What stands beside the ledger, held against it.
pub(crate) async fn beside(data: &Path, ledger: &Exported) -> Vec<String> {
    let look = Inspection::open(&Database::Sqlite(data.join("sekisho.db"))).await.expect("it opens");
    let mut faults = look.damage().await.expect("looked at");
    let head = look.head().await.expect("looked at").expect("a head");
    let size = ledger.entries.len() as u64;
    if (head.size, head.entries, head.signed) != (size, size, size) || !head.beyond.is_empty() {
        faults.push(format!("the head does not fit {size} entries: {head:?}"));
    }
    if head.tiles != size / 256 {
        faults.push(format!("{} tiles over {size} entries", head.tiles));
    }
    look.sums(|sums| faults.push(format!("counted otherwise: {sums:?}"))).await.expect("looked at");
    // Findings, by rule: in requests and in answers.
    let mut found: BTreeMap<String, [i64; 4]> = BTreeMap::new();
    for entry in &ledger.entries {
        let at = match entry["kind"].as_str() {
            Some("use.opened" | "use.refused") => 0,
            Some("use.closed") => 2,
            _ => continue,
        };
        for one in entry["data"]["findings"].as_array().into_iter().flatten() {
            let sums = found.entry(one["rule"].as_str().expect("a rule").to_owned()).or_default();
            sums[at] += 1;
            sums[at + 1] += one["count"].as_i64().expect("a count");
        }
    }
    let mut kept: BTreeMap<String, [i64; 4]> = BTreeMap::new();
    for ((_, _, rule), sums) in look.findings().await.expect("looked at") {
        for (all, one) in kept.entry(rule).or_default().iter_mut().zip(sums) {
            *all += one;
        }
    }
    if found != kept {
        faults.push(format!("findings: {kept:?} are kept, {found:?} are in the ledger"));
    }
    // The row of every use, against its entries.
    let page = look.page(0, size).await.expect("looked at");
    let uses = ledger.uses();
    if page.uses.len() != uses.len() {
        faults.push(format!("{} rows of {} uses", page.uses.len(), uses.len()));
    }
    for row in &page.uses {
        let Some(told) = uses.get(&row.id) else {
            faults.push(format!("a row of `{}`, which is not in the ledger", row.id));
            continue;
        };
        let begun: Vec<u64> = told.opened.iter().chain(&told.refused).copied().collect();
        let ended = told.closed.iter().chain(&told.aborted).next().copied().unwrap_or(0);
        let outcome = match row.outcome.as_str() {
            "refused" => told.refused.len(),
            "aborted" => told.aborted.len(),
            "completed" | "upstream_error" | "cut" => told.closed.len(),
            _ => 0,
        };
        if begun != [row.opened] || row.closed != ended || outcome != 1 {
            faults.push(format!("the row {row:?} is not {told:?}"));
        }
    }
    look.close().await;
    faults
}
