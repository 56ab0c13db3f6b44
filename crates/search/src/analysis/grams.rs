//! Pairs of characters within runs of one script: 消費税額 gives 消費, 費税, 税額. Hiragana is left out; letters and
//! figures stay whole. Best on short, exact questions.

use super::script::{self, Script};

/// The longest run of letters or figures that is one token, in bytes; what is longer is nobody's word.
const LONGEST: usize = 64;

/// Calls `each` with every token of a folded text, in order.
pub fn grams<'a>(folded: &'a str, mut each: impl FnMut(&'a str)) {
    let mut chars = folded.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        let kind = script::of(first);
        let mut previous = start;
        let mut end = start + first.len_utf8();
        let mut length = 1_usize;
        while let Some(&(at, c)) = chars.peek() {
            if script::of(c) != kind {
                break;
            }
            chars.next();
            end = at + c.len_utf8();
            length += 1;
            if matches!(kind, Script::Kanji | Script::Katakana) {
                each(folded.get(previous..end).unwrap_or_default());
            }
            previous = at;
        }
        match kind {
            Script::Kanji | Script::Katakana if length == 1 => each(folded.get(start..end).unwrap_or_default()),
            Script::Letter | Script::Digit if end - start <= LONGEST => {
                each(folded.get(start..end).unwrap_or_default())
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_text_then_pairs_of_one_script() {
        let mut found = Vec::new();
        grams("消費税のeltaxは第5条の県", |gram| found.push(gram));
        assert_eq!(found, ["消費", "費税", "eltax", "第", "5", "条", "県"]);
    }
}
