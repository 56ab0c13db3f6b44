//! A month of a fictional proxy, so that the page on shadow use has something to show.

use crate::installation::Installation;
use crate::shadow;

const LOG: &[u8] = include_bytes!("../../demo/shadow/access.log");

/// Reads the log in, unless something was read before.
///
/// # Errors
/// It could not be kept.
pub async fn logs(installation: &Installation) -> anyhow::Result<()> {
    let (kept, version) = shadow::kept::load(installation).await?;
    if version > 0 {
        return Ok(());
    }
    let options = shadow::options(installation);
    let outcome = tokio::task::spawn_blocking(|| shadow::read_bytes(options, "access.log", LOG)).await??;
    let mut kept = kept;
    shadow::merge(&mut kept, outcome);
    shadow::kept::keep(installation, kept, version).await?;
    Ok(())
}
