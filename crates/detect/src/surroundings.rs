//! What stands beside a place in the text.

/// The character that ends at `at`.
pub(crate) fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// The character that begins at `at`.
pub(crate) fn after(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The characters before `at`, nearest first.
pub(crate) fn backwards(text: &str, at: usize) -> impl Iterator<Item = char> + '_ {
    text.get(..at).unwrap_or_default().chars().rev()
}

/// The characters from `at` on.
pub(crate) fn forwards(text: &str, at: usize) -> impl Iterator<Item = char> + '_ {
    text.get(at..).unwrap_or_default().chars()
}

/// Up to `count` characters before `at`, as a slice.
pub(crate) fn prefix(text: &str, at: usize, count: usize) -> &str {
    let head = text.get(..at).unwrap_or_default();
    let start = head.char_indices().rev().take(count).last().map_or(at, |(start, _)| start);
    text.get(start..at).unwrap_or_default()
}

/// Up to `count` characters from `at` on, as a slice.
pub(crate) fn suffix(text: &str, at: usize, count: usize) -> &str {
    let tail = text.get(at..).unwrap_or_default();
    let length = tail.char_indices().nth(count).map_or(tail.len(), |(end, _)| end);
    tail.get(..length).unwrap_or_default()
}

/// Whether at most `limit` characters lie between two places; looks at no more than `4 * limit` bytes.
pub(crate) fn within(text: &str, from: usize, to: usize, limit: usize) -> bool {
    let bytes = to.saturating_sub(from);
    if bytes <= limit {
        return true;
    }
    bytes <= limit.saturating_mul(4) && text.get(from..to).is_some_and(|between| between.chars().count() <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_counted_in_characters() {
        let text = "あいうえお";
        assert!(within(text, 0, 15, 5));
        assert!(!within(text, 0, 15, 4));
    }

    #[test]
    fn slices_stop_at_the_ends() {
        assert_eq!(prefix("あい", 6, 10), "あい");
        assert_eq!(prefix("あい", 6, 1), "い");
        assert_eq!(suffix("あい", 0, 1), "あ");
        assert_eq!(suffix("あい", 6, 1), "");
    }
}
