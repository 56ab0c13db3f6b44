//! What bytes are, by how they begin.

/// Lines that are looked at behind the first.
const LOOKED_AT: usize = 8;

/// How a file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// With a tag.
    Tag,
    /// With an object or a list, or with a broken line before lines of objects.
    Json,
    /// Neither.
    Other,
}

pub(super) fn begin(head: &[u8]) -> Begin {
    match without_mark(head).first() {
        Some(b'<') => Begin::Tag,
        Some(b'{' | b'[') => Begin::Json,
        _ if only_objects_follow(head) => Begin::Json,
        _ => Begin::Other,
    }
}

/// Whether tags are those of a page.
pub(super) fn is_html(bytes: &[u8]) -> bool {
    let head = without_mark(bytes);
    let head = head.get(..1024).unwrap_or(head).to_ascii_lowercase();
    let has = |mark: &[u8]| head.windows(mark.len()).any(|window| window == mark);
    has(b"<!doctype html") || has(b"<html")
}

/// Whether a line is a JSON value and nothing else.
pub(super) fn is_whole_json(line: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(without_mark(line)).is_ok()
}

/// Whether one of the first lines is an object that begins and ends there. Only lines that are not set in are looked at:
/// those inside a value usually are.
pub(super) fn has_whole_line(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').skip(1).take(LOOKED_AT).any(is_object)
}

/// Whether the line behind the first is an object, and those behind it begin as one. The last may be cut off here.
fn only_objects_follow(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').skip(1).take(LOOKED_AT);
    let begins = |line: &[u8]| line.first().is_none_or(|byte| matches!(byte, b'{' | b'\r'));
    lines.next().is_some_and(is_object) && lines.all(begins)
}

fn is_object(line: &[u8]) -> bool {
    line.first() == Some(&b'{') && is_whole_json(line)
}

/// Whether a line is the mark of UTF-8 and nothing else, as an empty first line may be.
pub(super) fn is_mark(line: &str) -> bool {
    line.strip_prefix('\u{feff}').is_some_and(|rest| rest.trim().is_empty())
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()
}
