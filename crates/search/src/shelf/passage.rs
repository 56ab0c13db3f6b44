//! Passages: a long unit cut at its lines and sentences, so that length does not hide what one part of it says.

/// About how many characters a passage holds.
const SIZE: usize = 1_000;

/// Cuts a text into passages; at least one, empty if the text is.
pub(super) fn passages(text: &str) -> Vec<&str> {
    let mut passages = Vec::new();
    let (mut begin, mut length) = (0, 0);
    let mut cut = |begin: &mut usize, end: usize, length: &mut usize| {
        if let Some(passage) = text.get(*begin..end).filter(|passage| !passage.is_empty()) {
            passages.push(passage);
        }
        (*begin, *length) = (end, 0);
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let chars = line.chars().count();
        if length > 0 && length + chars > SIZE {
            cut(&mut begin, at, &mut length);
        }
        if chars > 2 * SIZE {
            for (offset, c) in line.char_indices() {
                length += 1;
                if length >= SIZE && c == '。' || length >= 2 * SIZE {
                    cut(&mut begin, at + offset + c.len_utf8(), &mut length);
                }
            }
        } else {
            length += chars;
        }
        at += line.len();
    }
    cut(&mut begin, text.len(), &mut length);
    if passages.is_empty() {
        passages.push(text);
    }
    passages
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn given_a_short_text_then_it_is_one_passage() {
        assert_eq!(passages("第一項\n第二項"), ["第一項\n第二項"]);
        assert_eq!(passages(""), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_long(text in "([あ漢。]{0,1500}\n?){0,6}") {
            let cut = passages(&text);
            prop_assert_eq!(cut.concat(), text.as_str());
            prop_assert!(cut.iter().all(|passage| passage.chars().count() <= 3 * SIZE));
        }
    }
}
