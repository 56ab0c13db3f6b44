use crate::document::Unreadable;
use crate::document::reading::{At, Reading};
pub(super) fn bounded(_reading: &mut Reading<'_>, _at: &At, bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    Ok(bytes.to_vec())
}
