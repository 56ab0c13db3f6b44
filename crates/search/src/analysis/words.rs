//! Words of a dictionary (Unicode's, inside `icu_segmenter`). Best on long questions, because a word counts once.

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use super::script::{self, Script};

/// The longest word, in bytes.
const LONGEST: usize = 96;

/// The segmenter; making one costs nothing, its data lies in the program.
pub(crate) fn segmenter() -> WordSegmenterBorrowed<'static> {
    WordSegmenter::new_dictionary(WordBreakInvariantOptions::default())
}

/// Calls `each` with every word of a folded text that carries meaning, in order. Words in hiragana alone are grammar
/// for the most part and left out, save longer ones.
pub fn words<'a>(folded: &'a str, mut each: impl FnMut(&'a str)) {
    let mut start = 0;
    for end in segmenter().segment_str(folded) {
        let word = folded.get(start..end).unwrap_or_default();
        start = end;
        if !word.is_empty() && word.len() <= LONGEST && carries_meaning(word) {
            each(word);
        }
    }
}

fn carries_meaning(word: &str) -> bool {
    let (mut hiragana, mut other) = (0_usize, false);
    for c in word.chars() {
        match script::of(c) {
            Script::Gap => {}
            Script::Hiragana => hiragana += 1,
            _ => other = true,
        }
    }
    other || hiragana > 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_text_then_words_without_grammar() {
        let mut found = Vec::new();
        words("所得税の申告について定める。", |word| found.push(word));
        assert_eq!(found, ["所得", "税", "申告", "定める"]);
    }
}
