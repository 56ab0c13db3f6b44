//! A name with neither title nor label: a whole run of kanji, a cell of a table, a name with its reading in brackets.

use std::ops::Range;

use super::dictionary::{Names, usual};
use super::row::Row;
use super::{ends, finding, kana_words};
use crate::finding::{Confidence, Finding};
use crate::fold;
use crate::identifier::Page;
use crate::keyword::Topic;
use crate::script::{is_hiragana, is_kana, is_kanji};
use crate::surroundings::{after, before, forwards};

/// The longest run of kanji that is looked at.
const LONGEST_RUN: usize = 7;

/// What the walk saw of a run of kanji that a surname may begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether a given name may end where the run ends.
    pub(crate) tail: bool,
    /// Whether a word for names stands anywhere in the text.
    pub(crate) headed: bool,
}

impl Run {
    /// The cheap look of whether anything here can be a name.
    pub(crate) fn promises(&self, bytes: &[u8]) -> bool {
        let count = (self.end - self.start) / 3;
        let beside = match bytes.get(self.end) {
            Some(b' ' | b'(') => true,
            // The ideographic blank; kana only in tables.
            Some(0xE3) => match bytes.get(self.end + 1) {
                Some(0x80) => bytes.get(self.end + 2) == Some(&0x80),
                Some(0x81..=0x83) => self.headed && count <= 3,
                _ => false,
            },
            Some(0xEF) => bytes.get(self.end + 1..self.end + 3) == Some(&[0xBC, 0x88]),
            _ => false,
        };
        count <= LONGEST_RUN && (beside || self.tail && (count > 2 || self.headed && count == 2))
    }
}

/// Looks at a whole run of kanji: a full name alone, a surname and a given name with a blank between, or a name with
/// its reading in brackets.
pub(crate) fn run(page: &Page<'_>, names: &Names, run: Run) -> Option<Finding> {
    let text = page.text;
    let Run { start, end, tail, headed } = run;
    let next = after(text, end);
    let mut buffer = ['\0'; LONGEST_RUN];
    let mut length = 0;
    for (place, c) in buffer.iter_mut().zip(text.get(start..end)?.chars()) {
        *place = usual(c);
        length += 1;
    }
    let row = buffer.get(..length)?;
    if headed
        && next.is_some_and(is_kana)
        && let Some(found) = kana_cell(page, names, row, start, end)
    {
        return Some(found);
    }
    let beside = match next {
        Some(blank) if fold::is_space(blank) && length <= 4 => spaced(page, names, row, start, end + blank.len_utf8()),
        Some(open @ ('(' | '（')) => in_brackets(text, names, row, start..end, end + open.len_utf8()),
        _ => None,
    };
    beside.or_else(|| (tail && length > 1).then(|| alone(page, names, row, start..end))?)
}

/// A full name that is a whole run of kanji; outside a table the surname has two characters at least.
fn alone(page: &Page<'_>, names: &Names, row: &[char], span: Range<usize>) -> Option<Finding> {
    let cell = in_a_cell(page.text, &span);
    if row.len() < 3 && !cell {
        return None;
    }
    let reading = names.read_told(row)?;
    let mut evidence = vec!["surname", "given name"];
    if cell && let Some(head) = page.spoken_for(Topic::Name, &span) {
        evidence.push(head);
        return Some(finding(span, Confidence::Medium, evidence));
    }
    (row.len() > 2 && reading.surname > 1 && reading.sure).then(|| finding(span, Confidence::Low, evidence))
}

/// A surname with a given name in kana that fills a cell under a head that speaks of names.
fn kana_cell(page: &Page<'_>, names: &Names, family: &[char], start: usize, end: usize) -> Option<Finding> {
    let edge = before(page.text, start).is_none_or(|c| matches!(c, '\n' | '\t' | ',' | '|' | '｜' | '"' | ' ' | '　'));
    if !edge || !names.is_surname(family) {
        return None;
    }
    let row = Row::after(page.text, start);
    let length = row.blank.unwrap_or(row.len());
    let span = start..row.place(length);
    if span.end <= end || !is_edge(after(page.text, span.end)) || names.read(row.slice(0, length)).is_none() {
        return None;
    }
    let head = page.spoken_for(Topic::Name, &span)?;
    Some(finding(span, Confidence::Medium, vec!["surname", "given name", head]))
}

/// A surname, one blank and a given name.
fn spaced(page: &Page<'_>, names: &Names, row: &[char], start: usize, given_at: usize) -> Option<Finding> {
    let text = page.text;
    if !names.is_surname(row) {
        return None;
    }
    let mut given = ['\0'; 5];
    let (mut count, mut end) = (0, given_at);
    let kana = after(text, given_at).is_some_and(is_kana);
    for (place, c) in given.iter_mut().zip(forwards(text, given_at)) {
        if !(is_kanji(c) || kana && is_kana(c)) {
            break;
        }
        *place = usual(c);
        count += 1;
        end += c.len_utf8();
    }
    let given = given.get(..count)?;
    if !names.is_given(given) || !ends(after(text, end)) {
        return None;
    }
    let span = start..end;
    let mut evidence = vec!["surname", "given name"];
    let cell = in_a_cell(text, &span);
    if cell && let Some(head) = page.spoken_for(Topic::Name, &span) {
        evidence.push(head);
        return Some(finding(span, Confidence::Medium, evidence));
    }
    (cell || row.len() > 1 && count > 1).then(|| finding(span, Confidence::Low, evidence))
}

/// Whether the span fills a cell, a line or brackets.
fn in_a_cell(text: &str, span: &Range<usize>) -> bool {
    is_edge(before(text, span.start)) && is_edge(after(text, span.end))
}

fn is_edge(c: Option<char>) -> bool {
    c.is_none_or(|c| "\n\r\t,|｜\"'、，　 （）()「」・/：:;；。.*-".contains(c))
}

/// A name with its reading in brackets.
fn in_brackets(text: &str, names: &Names, row: &[char], span: Range<usize>, inside: usize) -> Option<Finding> {
    if !after(text, inside).is_some_and(is_kana) {
        return None;
    }
    let (end, words) = kana_words(text, inside).or_else(|| {
        let length: usize = forwards(text, inside).take(14).take_while(|&c| is_hiragana(c)).map(char::len_utf8).sum();
        (length >= 12).then_some((inside + length, 1))
    })?;
    if !matches!(after(text, end), Some(')' | '）')) {
        return None;
    }
    let read = names.read(row).is_some_and(|reading| reading.surname > 1 || words == 2);
    let evidence = vec!["surname", "given name", "reading in brackets"];
    if read {
        return Some(finding(span, Confidence::Medium, evidence));
    }
    (words == 2 && (2..=6).contains(&row.len()))
        .then(|| finding(span, Confidence::Medium, vec!["kanji", "reading of two words in brackets"]))
}
