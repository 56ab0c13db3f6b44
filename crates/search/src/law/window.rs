//! Short views of long texts, so that looking around a place takes no longer in a long text than in a short one.

/// The last characters of a text.
pub(crate) fn tail(text: &str, characters: usize) -> &str {
    let from = text.char_indices().rev().take(characters).last().map_or(text.len(), |(at, _)| at);
    text.get(from..).unwrap_or_default()
}

/// The first characters of a text.
pub(crate) fn head(text: &str, characters: usize) -> &str {
    let to = text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    text.get(..to).unwrap_or_default()
}
