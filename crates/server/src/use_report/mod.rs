//! 利用報告: figures in the words of people, as a page, PDF, Markdown, CSV, XLSX, one HTML file, JSON, or a bundle that
//! proves itself.
//!
//! The figures come from [`sekisho_domain::use_report`]; what stands here only names and draws them.

pub(crate) mod bundle;
pub(crate) mod chart;
mod names;
mod paper;
mod printed;
mod voices;
mod written;

pub(crate) use names::{Names, app_name};
pub(crate) use paper::{Paper, Section, paper, weekly};
pub(crate) use voices::survey;
pub(crate) use written::{Format, charts};

use crate::installation::Installation;
use sekisho_domain::register::Register;
use sekisho_domain::use_report::{Scope, UseReport};
use sekisho_store::{JournalError, ReadError};
use std::sync::Arc;

/// How often figures are read again because something was decided meanwhile.
const AGAIN: usize = 10;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotMade {
    /// The figures could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The ledger cannot be followed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The count broke off.
    #[error("the count broke off: {0}")]
    Broken(#[from] tokio::task::JoinError),
    /// The register changed with every reading.
    #[error("the register changes faster than figures can be read; try again")]
    Restless,
}

/// The figures of a scope, with the register they were counted with; counted aside, because a year takes its time.
///
/// # Errors
/// [`NotMade`].
pub(crate) async fn count(
    app: &Installation,
    scope: &Scope,
    fewest: u64,
) -> Result<(UseReport, Arc<Register>), NotMade> {
    // A few at a time: a year of a large body keeps a processor busy for seconds.
    let turn = app.replays.clone().acquire_owned().await.map_err(|_| NotMade::Restless)?;
    for attempt in 0..AGAIN {
        if attempt > 0 {
            // An entry of another process may be in the database and not yet here: whoever signs has followed it.
            app.journal.checkpoint().await?;
        }
        let register = app.journal.register()?;
        let (store, scope, of) = (app.store.clone(), scope.clone(), register.clone());
        let runtime = tokio::runtime::Handle::current();
        let work = move || runtime.block_on(store.use_report(&of, &scope, fewest));
        if let Some(report) = app.tasks.spawn_blocking(work).await?? {
            drop(turn);
            return Ok((report, register));
        }
    }
    Err(NotMade::Restless)
}
