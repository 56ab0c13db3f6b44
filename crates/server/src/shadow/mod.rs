//! シャドーIT: what the logs of proxies and name servers tell of generative AI, beside what is permitted.
//!
//! The logs are read by `sekisho-shadow`. What stands here keeps what was found, and says which of it rests on a permit.

pub(crate) mod kept;
pub(crate) mod standing;

use crate::installation::Installation;
use kept::Kept;
use sekisho_shadow::{Catalogue, Options, Outcome, PseudonymKey, Scan, ScanError};
use std::ops::ControlFlow;

/// The options of a scan whose result is kept: pseudonyms by the key of this installation, so that the same client is the
/// same in every scan.
pub(crate) fn options(app: &Installation) -> Options {
    Options::new(PseudonymKey::new(**app.shadow_key), app.world.now())
}

/// Why an uploaded log was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRead {
    /// The catalogue or the options.
    #[error(transparent)]
    Catalogue(#[from] sekisho_shadow::catalogue::CatalogueError),
    /// The scan.
    #[error(transparent)]
    Scan(#[from] ScanError),
}

/// Reads one log that came as bytes; work for a thread of its own.
///
/// # Errors
/// [`NotRead`].
pub(crate) fn read_bytes(options: Options, name: &str, bytes: &[u8]) -> Result<Outcome, NotRead> {
    let mut scan = Scan::new(Catalogue::builtin()?, options)?;
    scan.read_stream(name, bytes, &mut |_| ControlFlow::Continue(()));
    Ok(scan.finish())
}

/// Adds what a scan found to what is kept. How far the logs were read is the caller's to say.
pub(crate) fn merge(kept: &mut Kept, outcome: &Outcome) {
    let findings = outcome.findings.clone();
    kept.findings = Some(match kept.findings.take() {
        Some(before) => before.merged_with(findings),
        None => findings,
    });
    for opening in &outcome.openings {
        kept.openings.insert(opening.pseudonym.clone(), opening.clone());
    }
}
