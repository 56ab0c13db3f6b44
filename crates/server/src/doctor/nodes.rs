//! Nodes: uses that were left open and by whom, and whether somebody signs.

use super::code::{self, Area};
use super::ledger::Read;
use super::report::Findings;
use crate::config::Config;
use jiff::{SignedDuration, Timestamp};
use sekisho_store::{EngineError, Inspection};
use std::collections::BTreeMap;

/// How long entries may wait for a signature before somebody should look.
const UNSIGNED: SignedDuration = SignedDuration::from_mins(1);
/// Open uses looked at in one statement.
const PIECE: usize = 400;

pub(super) async fn look(
    config: &Config,
    look: &Inspection,
    read: &Read,
    now: Timestamp,
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let mut running: BTreeMap<String, bool> = BTreeMap::new();
    let longest = SignedDuration::try_from(config.upstream.total).unwrap_or(SignedDuration::from_hours(1)) * 2;
    let open: Vec<u64> = read.open.iter().copied().collect();
    for some in open.chunks(PIECE) {
        for row in look.uses_at(some).await?.into_values() {
            let place = format!("use_row {} ({})", row.opened, row.id);
            if row.outcome != "open" {
                // Its end was written since the walk began, or the row speaks of an end that is none.
                if row.closed < read.head.size {
                    let detail = format!("outcome: {} (ledger: open)", row.outcome);
                    findings.add(&code::USE_ROW_WRONG, place, detail);
                }
                continue;
            }
            let runs = match running.get(&row.node) {
                Some(runs) => *runs,
                None => {
                    let runs = look.is_running(&row.node).await?;
                    running.insert(row.node.clone(), runs);
                    runs
                }
            };
            let since = Timestamp::from_microsecond(row.at).unwrap_or(Timestamp::MIN);
            if !runs || now.duration_since(since) > longest {
                let detail =
                    format!("{} {} ({}), {since}", row.person, row.node, if runs { "running" } else { "stopped" });
                findings.add(&code::USE_LEFT_OPEN, place, detail);
            }
        }
    }
    findings.looked(Area::Nodes, "open_uses", open.len() as u64);
    if let Some((index, at)) = read.unsigned
        && now.duration_since(at) > UNSIGNED
        && look.head().await?.is_none_or(|head| head.signed <= index)
    {
        let signer = look.signer().await?.filter(|(node, _)| !node.is_empty());
        let detail = match signer {
            Some((node, epoch)) => {
                let runs = if look.is_running(&node).await? { "running" } else { "stopped" };
                format!("{at}; signer {node} (epoch {epoch}, {runs})")
            }
            None => format!("{at}"),
        };
        findings.add(&code::NOT_SIGNED, format!("ledger_entry {index}"), detail);
    }
    Ok(())
}
