//! What is counted beside the ledger, counted again: sums of days, findings of days, subjects of governance entries.

use super::code::{self, Area};
use super::ledger::Read;
use super::report::Findings;
use super::walk::weight;
use sekisho_store::{EngineError, Inspection};
use std::collections::BTreeMap;

pub(super) async fn look(look: &Inspection, read: &Read, findings: &mut Findings) -> Result<(), EngineError> {
    look.sums(|sums| {
        let place = format!("kind_sum {} {} {} {}", sums.day, sums.person, sums.service, sums.permit);
        let detail = format!("{:?} (uses: {:?})", sums.stored, sums.counted);
        findings.add(&code::SUMS_WRONG, place, detail);
    })
    .await?;
    of_detection(look, read, findings).await?;
    subjects(look, read, findings).await
}

async fn of_detection(look: &Inspection, read: &Read, findings: &mut Findings) -> Result<(), EngineError> {
    let stored = look.findings().await?;
    // Whoever wrote meanwhile is not in the entries that were read: then more may be stored, and never less.
    let grown = look.head().await?.is_some_and(|head| head.size != read.head.size);
    findings.looked(Area::Uses, "finding_sums", stored.len() as u64);
    let nothing = [0; 4];
    let mut differ = BTreeMap::new();
    for (key, counted) in &read.found {
        let is = stored.get(key).unwrap_or(&nothing);
        let less = is.iter().zip(counted).any(|(is, counted)| is < counted);
        if less || (is != counted && !grown) {
            differ.insert(key, (is, counted));
        }
    }
    if !grown {
        for (key, is) in stored.iter().filter(|(key, _)| !read.found.contains_key(*key)) {
            differ.insert(key, (is, &nothing));
        }
    }
    for ((day, department, rule), (is, counted)) in differ {
        let day = jiff::Timestamp::from_second(day * 86_400).map_or(String::new(), |at| at.strftime("%F").to_string());
        let place = format!("use_finding {day} {department} {rule}");
        findings.add(&code::FINDINGS_WRONG, place, format!("{is:?} (ledger: {counted:?})"));
    }
    Ok(())
}

async fn subjects(look: &Inspection, read: &Read, findings: &mut Findings) -> Result<(), EngineError> {
    let mut left = read.subjects.clone();
    look.subjects(read.head.size, |subject, at, index| {
        let sum = left.entry(index).or_default();
        *sum = sum.wrapping_sub(weight(subject, at));
    })
    .await?;
    findings.looked(Area::Uses, "governance_entries", read.subjects.len() as u64);
    for (index, _) in left.into_iter().filter(|(_, sum)| *sum != 0) {
        findings.add(&code::TRAIL_WRONG, format!("governance_subject {index}"), "");
    }
    Ok(())
}
