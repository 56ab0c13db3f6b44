//! Finding a few bytes in many (Horspool), so that checking answers costs less than serving them.

/// Position of the first `needle` in `hay`.
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let (last, front) = needle.split_last()?;
    let mut skip = [needle.len(); 256];
    for (at, byte) in front.iter().enumerate() {
        if let Some(entry) = skip.get_mut(usize::from(*byte)) {
            *entry = front.len() - at;
        }
    }
    let mut at = 0;
    while let Some(window) = hay.get(at..at + needle.len()) {
        let end = *window.last()?;
        if end == *last && window == needle {
            return Some(at);
        }
        at += skip.get(usize::from(end)).copied()?;
    }
    None
}

/// Whether `hay` contains `needle`.
pub fn contains(hay: &[u8], needle: &[u8]) -> bool {
    find(hay, needle).is_some()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn agrees_with_the_plain_search() {
        let hay = b"abracadabra, \"stream\": true, abba";
        for from in 0..hay.len() {
            for to in from + 1..=hay.len() {
                let needle = &hay[from..to];
                let plain = hay.windows(needle.len()).position(|window| window == needle);
                assert_eq!(find(hay, needle), plain, "{needle:?}");
            }
        }
        assert_eq!(find(hay, b"abrz"), None);
        assert_eq!(find(b"", b"a"), None);
    }
}
