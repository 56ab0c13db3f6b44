//! A month of a fictional proxy, so that the page on shadow use has something to show.

use crate::installation::Installation;
use crate::shadow;

const LOG: &[u8] = include_bytes!("../../demo/shadow/access.log");

/// Reads the log in, unless something was read before.
///
/// # Errors
/// It could not be kept.
pub async fn logs(installation: &Installation) -> anyhow::Result<()> {
    if shadow::kept::load(installation).await?.1 > 0 {
        return Ok(());
    }
    let options = shadow::options(installation);
    let outcome = tokio::task::spawn_blocking(|| shadow::read_bytes(options, "access.log", LOG)).await??;
    let add = |kept: &mut shadow::kept::Kept| {
        shadow::merge(kept, &outcome);
        true
    };
    Ok(shadow::kept::change(installation, add).await?)
}
