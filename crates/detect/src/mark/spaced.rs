//! Writing that hides a mark from a plain search: letters that stand apart, words of a file name joined by signs.

use std::ops::Range;

use super::place::{CLOSING, OPENING};
use crate::fold;

/// The name of a file as lines, so that what its separators part stands alone; of the same length in bytes.
///
/// A separator between two Latin letters joins them into one word, as in `CLIENT_SECRET`, and is left.
pub(crate) fn name_in_lines(name: &str) -> String {
    let mut lines = String::with_capacity(name.len());
    let mut chars = name.chars().peekable();
    let mut last = None;
    while let Some(c) = chars.next() {
        let separator =
            matches!(c, '_' | '-' | '.' | '＿' | '－' | '．' | '・' | ',' | '、' | '~' | '～') || c.is_whitespace();
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        if separator && !(latin(last) && latin(chars.peek().copied())) {
            lines.extend(std::iter::repeat_n('\n', c.len_utf8()));
        } else {
            lines.push(c);
        }
        last = Some(c);
    }
    lines
}

/// The longest letter-spaced mark, in letters.
const LONGEST_SPACED: usize = 16;

/// Lines whose letters stand apart, as in `極　秘`: their span and their letters drawn together.
pub(crate) fn spaced_lines(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let begin = start;
        start += line.len();
        let inner = line.trim();
        let letters = spaced(inner)?;
        let from = begin + (line.len() - line.trim_start().len());
        Some((from..from + inner.len(), letters))
    })
}

fn spaced(line: &str) -> Option<String> {
    let inner = line.trim_matches(|c: char| OPENING.contains(c) || CLOSING.contains(c)).trim();
    let mut chars = inner.chars();
    let first = chars.next().filter(|c| !c.is_ascii())?;
    chars.next().filter(|&c| fold::is_space(c))?;
    let mut letters = String::from(first);
    let mut count = 1;
    let mut blank = true;
    for c in chars {
        if fold::is_space(c) {
            blank = true;
        } else if blank && count < LONGEST_SPACED {
            letters.push(c);
            count += 1;
            blank = false;
        } else {
            return None;
        }
    }
    (count > 1).then_some(letters)
}
