//! The stored text nearest to a quotation that does not stand, so that a page can show the difference.

use super::fold::{Folded, is_numeral};
use super::negation::negations;
use std::collections::HashMap;

/// The nearest stored text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// Number of the passage.
    pub passage: usize,
    /// Its text there, as stored.
    pub text: String,
}

/// What sets a quotation apart from the nearest text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Difference {
    Number,
    Negation,
    Other,
}

/// Longer quotations are compared by their beginning.
const LONGEST: usize = 400;
/// How many characters more or fewer than the quotation the stored text may have.
const SLACK: usize = 24;
/// Letters in a row that must agree for a place to be considered.
const GRAM: usize = 3;
/// Uses of the same letters that are looked at.
const MOST_SEEDS: usize = 8;

/// The nearest place of a text: bytes of its folded form, the number of edits and what they touch.
pub(crate) fn nearest(stored: &Folded, quoted: &str) -> Option<(std::ops::Range<usize>, usize, Difference)> {
    let quoted: Vec<char> = quoted.chars().take(LONGEST).collect();
    let letters: Vec<(usize, char)> = stored.text().char_indices().collect();
    let diagonal = diagonal(&quoted, &letters)?;
    let from = diagonal.saturating_sub(SLACK);
    let window: Vec<(usize, char)> = letters.into_iter().skip(from).take(quoted.len() + 2 * SLACK).collect();
    let (start, end, edits, touched) = align(&quoted, &window);
    let begin = window.get(start)?.0;
    let last = window.get(end.checked_sub(1)?)?;
    let place = begin..last.0 + last.1.len_utf8();
    let found = stored.part(place.start, place.end);
    let written: String = quoted.iter().collect();
    let difference = if touched {
        Difference::Number
    } else if negations(found).len() != negations(&written).len() {
        Difference::Negation
    } else {
        Difference::Other
    };
    Some((place, edits, difference))
}

/// Where in the text a quotation would begin, by the letters they share.
fn diagonal(quoted: &[char], letters: &[(usize, char)]) -> Option<usize> {
    let mut grams: HashMap<&[char], Vec<usize>> = HashMap::new();
    for (at, gram) in quoted.windows(GRAM).enumerate() {
        let places = grams.entry(gram).or_default();
        if places.len() < MOST_SEEDS {
            places.push(at);
        }
    }
    let mut votes: HashMap<usize, u32> = HashMap::new();
    let text: Vec<char> = letters.iter().map(|(_, c)| *c).collect();
    for (at, gram) in text.windows(GRAM).enumerate() {
        for place in grams.get(gram).into_iter().flatten() {
            *votes.entry((at + LONGEST - place) / 8).or_default() += 1;
        }
    }
    // Of equal votes the first place, so that the answer does not depend on the map's order.
    let (bucket, _) = votes.into_iter().max_by_key(|(bucket, votes)| (*votes, std::cmp::Reverse(*bucket)))?;
    Some((bucket * 8).saturating_sub(LONGEST))
}

/// Edit distance with free ends in the text: its place there, the edits, and whether one of them touches a number.
fn align(quoted: &[char], window: &[(usize, char)]) -> (usize, usize, usize, bool) {
    let width = window.len() + 1;
    let mut row: Vec<usize> = vec![0; width];
    // 0 keep or replace, 1 only in the quotation, 2 only in the text.
    let mut ways: Vec<Vec<u8>> = Vec::with_capacity(quoted.len());
    for (line, wanted) in quoted.iter().enumerate() {
        let mut next = Vec::with_capacity(width);
        let mut way = Vec::with_capacity(width);
        next.push(line + 1);
        way.push(1);
        for ((pair, left), (_, c)) in row.windows(2).zip(0_usize..).zip(window) {
            let (slant, above) = match pair {
                [slant, above] => (*slant, *above),
                _ => (usize::MAX / 2, usize::MAX / 2),
            };
            let kept = slant + usize::from(c != wanted);
            let extra = above + 1;
            let missing = next.get(left).copied().unwrap_or(usize::MAX / 2) + 1;
            let best = kept.min(extra).min(missing);
            next.push(best);
            way.push(if best == kept {
                0
            } else if best == extra {
                1
            } else {
                2
            });
        }
        row = next;
        ways.push(way);
    }
    // Of equal ends the last, so that the text shown holds what the quotation lacks.
    let (end, edits) = row.iter().copied().enumerate().rev().min_by_key(|(_, e)| *e).unwrap_or((0, 0));
    let (mut line, mut at, mut touched) = (quoted.len(), end, false);
    while line > 0 {
        let wanted = quoted.get(line - 1).copied().unwrap_or(' ');
        let stored = at.checked_sub(1).and_then(|a| window.get(a)).map_or(' ', |(_, c)| *c);
        match ways.get(line - 1).and_then(|way| way.get(at)).copied().unwrap_or(1) {
            0 => {
                touched |= wanted != stored && (counts(wanted) || counts(stored));
                line -= 1;
                at = at.saturating_sub(1);
            }
            1 => {
                touched |= counts(wanted);
                line -= 1;
            }
            _ => {
                touched |= counts(stored);
                at = at.saturating_sub(1);
            }
        }
    }
    (at, end, edits, touched)
}

/// Letters of numbers and of their bounds (以上, 以下, 未満, 超える).
fn counts(c: char) -> bool {
    is_numeral(c) || "上下未満超".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_named() {
        let stored = Folded::of("甲は、乙とする。事業者は、三十日以内に届け出なければならない。丙は、届出を要しない。");
        for (quoted, found, difference) in [
            ("事業者は、四十日以内に届け出", "事業者は、三十日以内に届け出", Difference::Number),
            ("丙は、届出を要する。", "丙は、届出を要しない。", Difference::Negation),
            ("事業所は、三十日以内に届け出", "事業者は、三十日以内に届け出", Difference::Other),
        ] {
            let (place, edits, why) = nearest(&stored, quoted).unwrap();
            assert_eq!((stored.part(place.start, place.end), why), (found, difference));
            assert!(edits <= 3, "{edits}");
        }
        assert_eq!(nearest(&stored, "全く別の文章"), None);
    }
}
