//! Lines of speeches (JSONL), as archives of records keep them.

use super::page::entry;
use super::{Item, MAX_LINE, Place, Reason, Reject};
use serde_json::Value;

/// Reads lines, one speech in each; empty lines say nothing. A line that cannot be read is a [`Reject`] with its number.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Result<Item, Reject>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.split(|b| *b == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty()).map(|(at, line)| {
        let place = Place::Line(at + 1);
        if line.len() > MAX_LINE {
            return Err(Reject { place, reason: Reason::TooLarge(line.len()) });
        }
        match serde_json::from_slice::<Value>(line) {
            Ok(value) => entry(&value, None, place),
            Err(error) => Err(Reject { place, reason: Reason::Json(error.to_string()) }),
        }
    })
}
