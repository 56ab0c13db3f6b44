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
    letters: [char; LONGEST],
    /// Where each letter begins, and where the last ends.
    places: [usize; LONGEST + 1],
    length: usize,
    /// The index of the one blank.
    pub(super) blank: Option<usize>,
}

impl Row {
    /// The letters that end at `end`.
    pub(super) fn before(text: &str, end: usize) -> Self {
        let mut row = Self::read(backwards(text, end), end, usize::wrapping_sub);
        let length = row.length;
        if let (Some(letters), Some(places)) = (row.letters.get_mut(..length), row.places.get_mut(..=length)) {
            letters.reverse();
            places.reverse();
        }
        row.blank = row.blank.map(|index| length - 1 - index);
        row
    }

    /// The letters from `start` on.
    pub(super) fn after(text: &str, start: usize) -> Self {
        Self::read(forwards(text, start), start, usize::wrapping_add)
    }

    /// Takes letters in one direction; one blank may stand between them.
    fn read(chars: impl Iterator<Item = char>, from: usize, step: fn(usize, usize) -> usize) -> Self {
        let mut row = Self { letters: ['\0'; LONGEST], places: [from; LONGEST + 1], length: 0, blank: None };
        let mut at = from;
        let (letters, places) = (&mut row.letters, &mut row.places);
        for ((letter, place), c) in letters.iter_mut().zip(places.iter_mut().skip(1)).zip(chars) {
            if fold::is_space(c) && row.blank.is_none() && row.length > 0 {
                row.blank = Some(row.length);
            } else if !is_japanese(c) {
                break;
            }
            at = step(at, c.len_utf8());
            *letter = usual(c);
            *place = at;
            row.length += 1;
        }
        row
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &[char] {
        self.letters.get(from..to.min(self.length)).unwrap_or_default()
    }

    pub(super) fn letter(&self, index: usize) -> Option<char> {
        self.letters.get(..self.length)?.get(index).copied()
    }

    /// Where the letter at `index` begins in the text.
    pub(super) fn place(&self, index: usize) -> usize {
        self.places.get(index.min(self.length)).copied().unwrap_or_default()
    }
}
