//! Witnesses: every cosignature against its checkpoint, and who has fallen silent.

use super::code::{self, Area};
use super::ledger::Read;
use super::report::Findings;
use crate::config::Config;
use jiff::{SignedDuration, Timestamp};
use sekisho_ledger::note::{Note, Verifier};
use sekisho_store::{EngineError, Inspection};

/// A witness is asked every hour at least; after a day somebody should look.
const SILENT: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn look(
    config: &Config,
    look: &Inspection,
    read: &Read,
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let mut count = 0;
    look.cosignatures(|size, witness, line, note| {
        count += 1;
        let place = format!("cosignature {size} {}", name(witness));
        match note {
            None => findings.add(&code::COSIGNATURE_ORPHAN, place, ""),
            Some(note) => {
                if let Err(why) = holds(witness, line, note) {
                    findings.add(&code::COSIGNATURE_FALSE, place, why);
                }
            }
        }
    })
    .await?;
    findings.looked(Area::Witnesses, "cosignatures", count);
    let lines = look.witnesses().await?;
    for line in lines.iter().filter(|line| !line.refusal.is_empty()) {
        findings.add(&code::WITNESS_REFUSES, format!("witness {}", name(&line.witness)), &line.refusal);
    }
    let newest = read.newest.unwrap_or(Timestamp::MIN);
    let mut speaking = 0;
    for witness in &config.witnesses.all {
        let vkey = witness.key.vkey();
        let line = lines.iter().find(|line| line.witness == vkey);
        let last = line.filter(|line| line.cosigned_at > 0);
        let last = last.and_then(|line| Timestamp::from_microsecond(line.cosigned_at).ok());
        if last.is_some_and(|last| newest.duration_since(last) <= SILENT) {
            speaking += 1;
        } else {
            let fault = line.map_or("", |line| line.fault.as_str());
            let detail = format!("{} {fault}", last.map_or("-".to_owned(), |at| at.to_string()));
            findings.add(&code::WITNESS_SILENT, format!("witness {}", witness.key.name()), detail);
        }
    }
    findings.looked(Area::Witnesses, "witnesses", config.witnesses.all.len() as u64);
    if speaking < config.witnesses.quorum {
        let detail = format!("{speaking} / {}", config.witnesses.quorum);
        findings.add(&code::QUORUM_MISSING, "ledger.quorum", detail);
    }
    Ok(())
}

/// The readable part of a verifier key.
fn name(vkey: &str) -> &str {
    vkey.split('+').next().unwrap_or_default()
}

fn holds(witness: &str, line: &str, note: &str) -> Result<(), String> {
    let key = Verifier::parse(witness).map_err(|error| error.to_string())?;
    let note = Note::parse(format!("{note}{line}").as_bytes()).map_err(|error| error.to_string())?;
    note.cosigned_at(&key).map(drop).map_err(|error| error.to_string())
}
