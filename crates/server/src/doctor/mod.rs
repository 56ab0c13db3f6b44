//! 点検: everything an installation keeps, held against everything else it keeps. Reads alone, also beside a running server.
//!
//! Each area is a file here: it takes raw rows from the store's [`Inspection`] and says what does not fit as a [`Code`]
//! with a place. What cannot be looked at is said, and the rest is looked at all the same.

mod beside;
pub(crate) mod code;
mod database;
mod documents;
mod folder;
mod ledger;
mod library;
mod machine;
mod nodes;
mod people;
mod report;
mod sums;
mod tables;
mod uses;
mod walk;
mod witnesses;

pub(crate) use code::{Area, Code, Severity};
pub(crate) use report::{Finding, Findings, Report};

use crate::config::Config;
use jiff::Timestamp;
use sekisho_store::Inspection;

/// Looks at an installation.
pub(crate) async fn examine(config: &Config, now: Timestamp) -> Report {
    let mut findings = Findings::default();
    // The memory of what was signed is read before the ledger's head: what is signed is in the ledger by then.
    let keys = folder::look(config, &mut findings);
    machine::disk(config, &mut findings);
    library::look(config, &mut findings);
    match Inspection::open(&config.database).await {
        Ok(look) => {
            rows(config, &look, &keys, now, &mut findings).await;
            look.close().await;
        }
        Err(error) => {
            for area in [Area::Database, Area::Ledger, Area::Uses, Area::Content, Area::People, Area::Witnesses] {
                findings.unseen(area, &error);
            }
        }
    }
    findings.finish()
}

async fn rows(config: &Config, look: &Inspection, keys: &folder::Keys, now: Timestamp, findings: &mut Findings) {
    database::look(config, look, findings).await;
    match ledger::look(look, keys, now, findings).await {
        Ok(Some(mut read)) => {
            for (area, result) in [
                (Area::Uses, sums::look(look, &read, findings).await),
                (Area::Nodes, nodes::look(config, look, &read, now, findings).await),
                (Area::People, people::look(look, keys, &mut read, findings).await),
                (Area::Content, documents::look(look, keys, &read, findings).await),
                (Area::Witnesses, witnesses::look(config, look, &read, findings).await),
            ] {
                if let Err(error) = result {
                    findings.unseen(area, &error);
                }
            }
        }
        Ok(None) => {
            for area in [Area::Uses, Area::Nodes, Area::People, Area::Content, Area::Witnesses] {
                findings.unseen(area, &"the ledger has no head");
            }
        }
        Err(error) => {
            for area in [Area::Ledger, Area::Uses, Area::Nodes, Area::People, Area::Content, Area::Witnesses] {
                findings.unseen(area, &error);
            }
        }
    }
}
