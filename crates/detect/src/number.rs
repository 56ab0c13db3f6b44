//! Chains of digit groups: how a number is written, with its separators and its boundaries.

use std::ops::Range;

use crate::fold::{self, Hand};
use crate::invisible;
use crate::surroundings::{after, backwards, before, forwards};

/// How two groups are joined, from tight to loose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Joint {
    /// Nothing between the digits.
    None,
    /// A dash, with spaces or one line break beside it.
    Dash,
    /// A bracket, as in `03(5253)5364`.
    Bracket,
    /// A space.
    Space,
    /// A line break, a tab or the edge of a cell.
    Break,
    /// A point, a stroke, a wave or emphasis: what seldom stands within an identifier, and often between numbers.
    Loose,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
    first: usize,
    length: usize,
    next: Joint,
}

/// Consecutive groups that may be one number.
#[derive(Debug)]
pub(crate) struct Window<'c> {
    /// The digits' values, in order.
    pub(crate) digits: &'c [u8],
    /// The lengths of the groups; one-digit boxes count as one group.
    pub(crate) shape: Shape,
    /// The loosest joint within.
    pub(crate) joint: Joint,
    /// Where it stands in the original text.
    pub(crate) span: Range<usize>,
    text: &'c str,
    /// Whether no neighbouring group is joined as tightly as these are.
    whole: bool,
}

/// The lengths of up to five groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape([u8; MOST_GROUPS]);

impl Shape {
    fn of(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut shape = [0; MOST_GROUPS];
        for (place, length) in shape.iter_mut().zip(lengths) {
            *place = u8::try_from(length).unwrap_or(u8::MAX);
        }
        Self(shape)
    }

    /// Whether the groups have exactly these lengths.
    pub(crate) fn is(self, lengths: &[u8]) -> bool {
        self.0.starts_with(lengths) && self.0.iter().skip(lengths.len()).all(|&length| length == 0)
    }

    /// Whether the groups have one of these rows of lengths.
    pub(crate) fn is_one_of(self, rows: &[&[u8]]) -> bool {
        rows.iter().any(|row| self.is(row))
    }
}

/// The longest number any identifier has.
const LONGEST: usize = 19;
/// The most groups an identifier is written in.
const MOST_GROUPS: usize = 5;
/// When so many groups are waiting they are looked at, so that memory stays bounded.
const FULL: usize = 512;
/// The longest separator, in characters (a line break with indentation).
const LONGEST_SEPARATOR: usize = 12;

/// Groups of digits that are joined to each other.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    groups: Vec<Group>,
    digits: Vec<u8>,
    /// Groups before this index have been looked at.
    done: usize,
    /// Windows with fewer digits are of no interest.
    least: usize,
    /// How the digits are drawn.
    hand: Option<Hand>,
}

impl Chain {
    /// Reads the chain that begins at `start` and hands every window to `judge`, the longest first at each group;
    /// `judge` says whether it accepted the window, whose groups are then used up. Windows of fewer than `least`
    /// digits are passed over.
    /// Returns where the chain ends, and whether ignorable characters stood inside it.
    pub(crate) fn read(
        &mut self,
        text: &str,
        start: usize,
        least: usize,
        mut judge: impl FnMut(&Window<'_>) -> bool,
    ) -> (usize, bool) {
        self.groups.clear();
        self.digits.clear();
        self.done = 0;
        self.least = least;
        self.hand = after(text, start).and_then(drawn).map(|(_, hand)| hand);
        let mut at = start;
        let mut ignorable = false;
        loop {
            let (group, skipped) = self.group(text, at);
            ignorable |= skipped;
            let end = group.end;
            let counts = group.length <= 2 && self.digits.get(group.first) != Some(&0);
            self.groups.push(group);
            let Some((joint, next)) = self.hand.and_then(|hand| separator(text, end, hand, counts)) else {
                self.judge_all(text, 0, &mut judge);
                return (end, ignorable);
            };
            if let Some(last) = self.groups.last_mut() {
                last.next = joint;
            }
            at = next;
            if self.groups.len() >= FULL {
                self.judge_all(text, LONGEST + 1, &mut judge);
                self.forget();
            }
        }
    }

    fn group(&mut self, text: &str, start: usize) -> (Group, bool) {
        let first = self.digits.len();
        let mut length = 0;
        let mut end = start;
        let mut at = start;
        let mut pending = false;
        let mut ignorable = false;
        for c in forwards(text, start) {
            at += c.len_utf8();
            if let Some((value, hand)) = drawn(c)
                && Some(hand) == self.hand
            {
                length += 1;
                // A longer run is no identifier; its digits are counted, not kept.
                if length <= LONGEST + 1 {
                    self.digits.push(value);
                }
                end = at;
                ignorable |= pending;
            } else if invisible::splits_numbers(c) {
                pending = true;
            } else {
                break;
            }
        }
        (Group { start, end, first, length, next: Joint::None }, ignorable)
    }

    /// Drops what has been looked at, except the neighbour on the left.
    fn forget(&mut self) {
        let from = self.done.saturating_sub(1);
        let Some(digits) = self.groups.get(from).map(|group| group.first) else { return };
        self.groups.drain(..from);
        self.digits.drain(..digits);
        for group in &mut self.groups {
            group.first -= digits;
        }
        self.done -= from;
    }

    /// Looks at all groups except the last `keep`.
    fn judge_all(&mut self, text: &str, keep: usize, judge: &mut impl FnMut(&Window<'_>) -> bool) {
        let last = self.groups.len().saturating_sub(keep);
        while self.done < last {
            self.done += self.judge_from(text, self.done, judge).max(1);
        }
    }

    /// Returns how many groups were used up.
    fn judge_from(&self, text: &str, index: usize, judge: &mut impl FnMut(&Window<'_>) -> bool) -> usize {
        let groups = self.groups.get(index..).unwrap_or_default();
        if let Some(count) = self.boxes(index)
            && self.window(text, index, count).is_some_and(|window| judge(&window))
        {
            return count;
        }
        let (mut total, mut shortest, mut longest) = (0, 1, 0);
        for group in groups.iter().take(MOST_GROUPS) {
            total += group.length;
            if total > LONGEST {
                break;
            }
            longest += 1;
            if total < self.least {
                shortest = longest + 1;
            }
        }
        (shortest..=longest)
            .rev()
            .find(|&count| self.window(text, index, count).is_some_and(|window| judge(&window)))
            .unwrap_or(0)
    }

    /// The number of one-digit boxes beginning at `index`, when it is the whole row of them.
    fn boxes(&self, index: usize) -> Option<usize> {
        let single = |group: &Group| group.length == 1;
        let first = self.groups.get(index).filter(|group| single(group))?;
        let left = index.checked_sub(1).and_then(|at| self.groups.get(at));
        if left.is_some_and(|group| single(group) && group.next == first.next) {
            return None;
        }
        let mut count = 1;
        let mut joint = first.next;
        for group in self.groups.get(index + 1..)?.iter().take(LONGEST + 1) {
            if !single(group) || joint != first.next {
                break;
            }
            count += 1;
            joint = group.next;
        }
        (count > MOST_GROUPS && count <= LONGEST).then_some(count)
    }

    fn window<'c>(&'c self, text: &'c str, index: usize, count: usize) -> Option<Window<'c>> {
        let groups = self.groups.get(index..index + count)?;
        let (first, last) = (groups.first()?, groups.last()?);
        let digits = self.digits.get(first.first..last.first + last.length)?;
        let inner = groups.get(..count - 1)?.iter().map(|group| group.next).max().unwrap_or(Joint::None);
        let left = index.checked_sub(1).and_then(|at| self.groups.get(at)).map_or(Joint::None, |group| group.next);
        let span = first.start..last.end;
        let whole = free(left, inner) && free(last.next, inner);
        let shape =
            if count > MOST_GROUPS { Shape::of([count]) } else { Shape::of(groups.iter().map(|group| group.length)) };
        Some(Window { digits, shape, joint: inner, span, text, whole })
    }
}

/// Whether a neighbouring group joined by `outer` is clearly apart from a number held together by `inner`.
fn free(outer: Joint, inner: Joint) -> bool {
    match outer {
        Joint::None => true,
        Joint::Dash => false,
        Joint::Bracket | Joint::Space | Joint::Break | Joint::Loose => outer > inner,
    }
}

fn free_on_the_left(text: &str, start: usize, solid: bool) -> bool {
    let mut chars = backwards(text, start);
    let Some(near) = chars.next() else { return true };
    let far = chars.next().map(fold::width);
    match fold::width(near) {
        c if c.is_ascii_alphanumeric() => false,
        // A point before or after groups is none of a decimal number.
        '.' => !solid || !far.is_some_and(|c| c.is_ascii_digit()),
        '¥' | '$' | '€' | '£' | '\\' => false,
        _ if fold::is_dash(near) => !far.is_some_and(|c| c.is_ascii_alphanumeric()),
        _ => true,
    }
}

fn free_on_the_right(text: &str, end: usize, solid: bool) -> bool {
    let mut chars = forwards(text, end);
    let Some(near) = chars.next() else { return true };
    let far = chars.next().map(fold::width);
    match fold::width(near) {
        c if c.is_ascii_alphanumeric() => false,
        // A point before or after groups is none of a decimal number.
        '.' => !solid || !far.is_some_and(|c| c.is_ascii_digit()),
        '円' | '万' | '億' | '兆' | '千' | '百' | '人' | '件' | '個' | '%' | '株' => false,
        _ if fold::is_dash(near) => !far.is_some_and(|c| c.is_ascii_alphanumeric()),
        _ => true,
    }
}

/// A digit, and how it is drawn; here kanji count too.
fn drawn(c: char) -> Option<(u8, Hand)> {
    fold::drawn_digit(c).or_else(|| fold::kanji_digit(c).map(|digit| (digit, Hand::Kanji)))
}

/// What was seen between two groups.
#[derive(Debug, Default)]
struct Between {
    dashes: u8,
    breaks: u8,
    spaces: u8,
    brackets: u8,
    cells: u8,
    loose: u8,
    emphasis: u8,
}

impl Between {
    /// Takes one more character; `None` when it parts numbers.
    fn take(&mut self, c: char) -> Option<()> {
        let (count, most) = match c {
            '\n' => (&mut self.breaks, 1),
            '\r' => return Some(()),
            '\t' | '|' | '｜' => (&mut self.cells, 1),
            '(' | ')' | '（' | '）' => (&mut self.brackets, 2),
            '*' | '`' => (&mut self.emphasis, 8),
            '.' | '．' | '/' | '／' | '・' | '･' | '_' | '＿' | '~' | '～' | '〜' | '>' => (&mut self.loose, 1),
            _ if fold::is_dash(c) => (&mut self.dashes, 2),
            _ if fold::is_space(c) => (&mut self.spaces, if self.breaks > 0 { u8::MAX } else { 3 }),
            _ if invisible::splits_numbers(c) => return Some(()),
            _ => return None,
        };
        *count += 1;
        (*count <= most).then_some(())
    }

    fn joint(&self) -> Joint {
        if self.loose > 0 || self.dashes > 1 {
            Joint::Loose
        } else if self.dashes > 0 {
            Joint::Dash
        } else if self.breaks > 0 || self.cells > 0 {
            Joint::Break
        } else if self.brackets > 0 {
            Joint::Bracket
        } else if self.spaces > 0 {
            Joint::Space
        } else {
            Joint::Loose
        }
    }
}

/// The joint that begins at `end`, and where the next group of the same hand begins. `counts` says that the group may
/// be the number of a paragraph, as in `(1) 1234`.
fn separator(text: &str, end: usize, hand: Hand, counts: bool) -> Option<(Joint, usize)> {
    let mut at = end;
    let mut between = Between::default();
    for c in forwards(text, end).take(LONGEST_SEPARATOR) {
        if let Some((_, next)) = drawn(c) {
            return (next == hand).then(|| (between.joint(), at));
        }
        if counts && matches!(c, ')' | '）') && between.brackets == 0 {
            return None;
        }
        between.take(c)?;
        at += c.len_utf8();
    }
    None
}

impl Window<'_> {
    /// Whether both ends are free of anything that would make it part of something larger.
    pub(crate) fn clean(&self) -> bool {
        self.whole
            && free_on_the_left(self.text, self.span.start, self.solid())
            && free_on_the_right(self.text, self.span.end, self.solid())
    }

    /// The digits as a number's text would show them, for comparison with prefixes.
    pub(crate) fn starts_with(&self, prefix: &[u8]) -> bool {
        self.digits.starts_with(prefix)
    }

    /// Whether the number is written without separators.
    pub(crate) fn solid(&self) -> bool {
        self.joint == Joint::None
    }

    /// The value of the digits `from..to`.
    pub(crate) fn value(&self, from: usize, to: usize) -> u64 {
        self.digits
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .fold(0, |value, &digit| value.saturating_mul(10).saturating_add(u64::from(digit)))
    }

    /// Whether the digits begin like a date, year first.
    pub(crate) fn looks_like_a_date(&self) -> bool {
        self.digits.len() >= 8
            && (1900..=2099).contains(&self.value(0, 4))
            && (1..=12).contains(&self.value(4, 6))
            && (1..=31).contains(&self.value(6, 8))
    }

    /// The folded character just before the number.
    pub(crate) fn preceded_by(&self, text: &str) -> Option<char> {
        before(text, self.span.start).map(fold::width)
    }

    /// The folded character just after the number.
    pub(crate) fn followed_by(&self, text: &str) -> Option<char> {
        after(text, self.span.end).map(fold::width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape<const N: usize>(lengths: [usize; N]) -> Shape {
        Shape::of(lengths)
    }

    fn windows(text: &str) -> Vec<(Shape, Joint, bool)> {
        let mut seen = Vec::new();
        Chain::default().read(text, 0, 1, |window| {
            seen.push((window.shape, window.joint, window.clean()));
            false
        });
        seen
    }

    #[test]
    fn groups_are_joined_by_dashes_spaces_and_line_breaks() {
        assert_eq!(windows("12ー34")[0], (shape([2, 2]), Joint::Dash, true));
        assert_eq!(windows("12 34")[0], (shape([2, 2]), Joint::Space, true));
        assert_eq!(windows("12\r\n  34")[0], (shape([2, 2]), Joint::Break, true));
        assert_eq!(windows("12-\n34")[0], (shape([2, 2]), Joint::Dash, true));
        assert_eq!(windows("12、34")[0], (shape([2]), Joint::None, true));
        assert_eq!(windows("12\n\n34")[0], (shape([2]), Joint::None, true));
    }

    #[test]
    fn a_part_of_a_longer_row_is_not_clean() {
        let seen = windows("1234 5678 9012 3456");
        assert!(seen.contains(&(shape([4, 4, 4, 4]), Joint::Space, true)));
        assert!(seen.contains(&(shape([4, 4, 4]), Joint::Space, false)));
    }

    #[test]
    fn one_digit_boxes_are_one_number() {
        assert_eq!(windows("1 2 3 4 5 6 7 8")[0], (shape([8]), Joint::Space, true));
    }

    #[test]
    fn long_chains_keep_bounded_memory() {
        let text = "1234 ".repeat(10_000);
        let mut chain = Chain::default();
        chain.read(&text, 0, 1, |_| false);
        assert!(chain.groups.len() <= FULL && chain.digits.len() <= FULL * 4);
    }

    #[test]
    fn a_number_at_the_place_where_a_long_chain_is_cut_is_seen() {
        for lead in 485..520 {
            let text = format!("{}123456-654321", "77 ".repeat(lead));
            let mut seen = false;
            Chain::default().read(&text, 0, 1, |window| {
                seen |= window.shape.is(&[6, 6]) && window.clean();
                false
            });
            assert!(seen, "{lead}");
        }
    }
}
