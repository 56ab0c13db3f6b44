//! What bytes are, by how they begin.

/// How a file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// With a tag.
    Tag,
    /// With an object or a list.
    Json,
    /// Neither.
    Other,
}

pub(super) fn begin(head: &[u8]) -> Begin {
    match without_mark(head).first() {
        Some(b'<') => Begin::Tag,
        Some(b'{' | b'[') => Begin::Json,
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

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()
}
