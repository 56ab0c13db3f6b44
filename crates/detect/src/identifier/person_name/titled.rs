//! A name beside a title: 川北様 before it, 総務課長川北春子 after it.

use std::ops::Range;

use super::cue::{Title, precedes_a_title};
use super::dictionary::{Names, usual};
use super::row::Row;
use super::{begins, ends, finding, is_plain_kana, may_be_given, unlisted_surname};
use crate::finding::{Confidence, Finding};
use crate::fold;
use crate::identifier::address::places::{PREFECTURES, Places};
use crate::script::{is_kana, is_kanji, is_katakana};
use crate::surroundings::{after, backwards, before, forwards, suffix};

/// The name before a title.
pub(super) fn titled(
    text: &str,
    names: &Names,
    places: &Places,
    title: &Title,
    span: &Range<usize>,
) -> Option<Finding> {
    if after(text, span.end).is_some_and(|c| title.not_before.contains(c)) {
        return None;
    }
    let mut end = span.start;
    let mut near = before(text, end)?;
    if precedes_a_title(near) || fold::is_space(near) {
        end -= near.len_utf8();
        near = before(text, end)?;
    }
    if is_katakana(near)
        && title.follows_foreign_names()
        && let Some(start) = dotted_before(text, end)
    {
        let blank = text.get(start..end).is_some_and(|name| name.contains(fold::is_space));
        let confidence = if blank { Confidence::Low } else { Confidence::Medium };
        return Some(finding(start..end, confidence, vec!["two words in katakana", title.evidence]));
    }
    if !(is_kanji(near) && names.may_end_before_title(near) || is_kana(near)) {
        return None;
    }
    let row = Row::before(text, end);
    let length = row.len();
    let prior = |index: usize| match index.checked_sub(1) {
        Some(index) => row.letter(index),
        None => before(text, row.place(0)),
    };
    let full = (0..length).find(|&start| {
        begins(prior(start))
            && match row.blank {
                Some(blank) if blank > start => {
                    names.is_surname(row.slice(start, blank)) && names.is_given(row.slice(blank + 1, length))
                }
                _ => names.read_told(row.slice(start, length)).is_some(),
            }
    });
    if let Some(start) = full {
        let evidence = vec!["surname", "given name", title.evidence];
        return Some(finding(row.place(start)..end, Confidence::Medium, evidence));
    }
    if !title.is_office()
        && let Some((start, confidence)) = titled_by_form(names, &row, prior)
    {
        let evidence = vec!["surname", "form of a given name", title.evidence];
        return Some(finding(row.place(start)..end, confidence, evidence));
    }
    [3, 2, 4, 1].into_iter().filter_map(|count| length.checked_sub(count)).find_map(|start| {
        let surname = row.slice(start, length);
        let fits =
            begins(prior(start)) && names.stands_with_title(surname) && !is_place(text, places, &row, start, span);
        fits.then(|| finding(row.place(start)..end, Confidence::Low, vec!["surname", title.evidence]))
    })
}

/// A name before an honorific whose given name is not put together like one of the list: where it begins. It must
/// begin after something else than kanji.
fn titled_by_form(names: &Names, row: &Row, prior: impl Fn(usize) -> Option<char>) -> Option<(usize, Confidence)> {
    let length = row.len();
    (0..length).find_map(|start| {
        if prior(start).is_some_and(is_kanji) {
            return None;
        }
        match row.blank {
            Some(blank) if blank > start => {
                let (family, given) = (row.slice(start, blank), row.slice(blank + 1, length));
                let kanji = (1..=3).contains(&given.len()) && given.iter().copied().all(is_kanji);
                let known = names.is_surname(family) && (kanji || is_plain_kana(given));
                let formed = unlisted_surname(family) && names.is_given(given);
                (known || formed).then_some((start, Confidence::Medium))
            }
            _ => [2, 3].into_iter().find_map(|surname| {
                let given = row.slice(start + surname, length);
                let fits = names.is_surname(row.slice(start, start + surname)) && may_be_given(given);
                fits.then_some((start, Confidence::Low))
            }),
        }
    })
}

/// A full name directly after an office, as in 総務課長山田太郎.
pub(super) fn after_title(text: &str, names: &Names, title: &Title, end: usize) -> Option<Finding> {
    let mut start = end;
    if let Some(blank) = after(text, end).filter(|&c| fold::is_space(c)) {
        start += blank.len_utf8();
    }
    let mut next = forwards(text, start);
    let (first, second, third) = (next.next()?, next.next()?, next.next()?);
    if !title.is_office() || !names.may_begin(first) {
        return None;
    }
    let head = [usual(first), usual(second), usual(third)];
    let [a, b, _] = head;
    if !names.is_surname(&[a, b]) && !names.is_surname(&head) {
        return None;
    }
    let row = Row::after(text, start);
    let whole = row.blank.unwrap_or(row.len());
    let next = |index: usize| row.letter(index).or_else(|| after(text, row.place(index)));
    let full = (3..=whole.min(7)).rev().find(|&count| {
        let reading = names.read(row.slice(0, count)).filter(|reading| reading.surname > 1);
        reading.is_some_and(|reading| reading.sure) && ends(next(count))
    })?;
    Some(finding(start..row.place(full), Confidence::Medium, vec!["surname", "given name", title.evidence]))
}

/// Whether surname and title read as a place and its office: 千葉市長, 福島知事.
fn is_place(text: &str, places: &Places, row: &Row, start: usize, title: &Range<usize>) -> bool {
    let Some(word) = text.get(row.place(start)..title.start) else { return false };
    let office = suffix(text, title.start, 1);
    match office {
        "市" | "区" | "町" | "村" => places.is_municipality(&format!("{word}{office}")),
        "知" => PREFECTURES.iter().any(|name| name.starts_with(word)),
        _ => false,
    }
}

/// Where katakana words joined by middle dots begin that end at `end`.
fn dotted_before(text: &str, end: usize) -> Option<usize> {
    let (mut length, mut whole) = (0, 0);
    let (mut letters, mut dots) = (0, 0);
    for c in backwards(text, end).take(30) {
        length += c.len_utf8();
        match c {
            '・' | '･' | '＝' if letters > 0 => dots += 1,
            _ if fold::is_space(c) && letters > 1 && dots == 0 => dots += 1,
            _ if is_katakana(c) => {
                letters += 1;
                whole = length;
            }
            _ => break,
        }
    }
    let parts = |c: char| matches!(c, '・' | '･' | '＝') || fold::is_space(c);
    let inside = dots > 0 && text.get(end - whole..end).is_some_and(|name| name.contains(parts));
    (inside && letters > 3).then(|| end - whole)
}
