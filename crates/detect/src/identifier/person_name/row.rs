//! A few characters beside a cue, with their places in the text.

use super::dictionary::usual;
use crate::fold;
use crate::script::is_japanese;
use crate::surroundings::{backwards, forwards};

/// The longest name that is read, with its blank, in characters.
const LONGEST: usize = 9;

/// Letters in the order of the text; variant characters in their usual form.
#[derive(Debug)]
pub(super) struct Row {
    letters: Vec<char>,
    /// Where each letter begins, and where the last ends.
    places: Vec<usize>,
    /// The index of the one blank.
    pub(super) blank: Option<usize>,
}

impl Row {
    /// The letters that end at `end`.
    pub(super) fn before(text: &str, end: usize) -> Self {
        let (mut letters, mut places) = (Vec::with_capacity(LONGEST), Vec::with_capacity(LONGEST + 1));
        let mut at = end;
        let mut blank = None;
        places.push(at);
        for c in backwards(text, end).take(LONGEST) {
            if fold::is_space(c) && blank.is_none() && !letters.is_empty() {
                blank = Some(letters.len());
            } else if !is_japanese(c) {
                break;
            }
            at -= c.len_utf8();
            letters.push(usual(c));
            places.push(at);
        }
        letters.reverse();
        places.reverse();
        let blank = blank.map(|index| letters.len() - 1 - index);
        Self { letters, places, blank }
    }

    /// The letters from `start` on.
    pub(super) fn after(text: &str, start: usize) -> Self {
        let (mut letters, mut places) = (Vec::with_capacity(LONGEST), Vec::with_capacity(LONGEST + 1));
        let mut at = start;
        let mut blank = None;
        places.push(at);
        for c in forwards(text, start).take(LONGEST) {
            if fold::is_space(c) && blank.is_none() && !letters.is_empty() {
                blank = Some(letters.len());
            } else if !is_japanese(c) {
                break;
            }
            at += c.len_utf8();
            letters.push(usual(c));
            places.push(at);
        }
        Self { letters, places, blank }
    }

    pub(super) fn len(&self) -> usize {
        self.letters.len()
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &[char] {
        self.letters.get(from..to).unwrap_or_default()
    }

    pub(super) fn letter(&self, index: usize) -> Option<char> {
        self.letters.get(index).copied()
    }

    /// Where the letter at `index` begins in the text.
    pub(super) fn place(&self, index: usize) -> usize {
        self.places.get(index).or(self.places.last()).copied().unwrap_or_default()
    }
}
