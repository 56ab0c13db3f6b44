//! The table of contents of a law, and the parts it is read in: a long law is shown a part at a time.

use super::hit::{key, part};
use super::lines::anchor;
use jiff::civil::Date;
use sekisho_search::unit::Unit;
use std::ops::Range;

/// Provisions after which a part ends with its chapter, and after which it ends in any case.
const PART: usize = 150;
const LONGEST: usize = 250;

/// A line of the contents.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) heading: bool,
}

/// What stands under one of the highest headings.
#[derive(Debug)]
pub(super) struct Chapter {
    pub(super) label: String,
    /// It stands in the part that is shown.
    pub(super) open: bool,
    pub(super) entries: Vec<Entry>,
}

/// The address of a provision within the whole law.
pub(super) fn within(unit: &Unit, as_of: Option<Date>) -> String {
    let day = as_of.map(|day| format!("as_of={day}&")).unwrap_or_default();
    let key = key(unit);
    format!("/research/law/{}?{day}at={}#{}", part(unit.work()), part(key), anchor(key))
}

/// The parts of a law, in order; never empty where there are units.
pub(super) fn parts(units: &[Unit]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, pair) in units.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let count = at + 1 - start;
        if count >= LONGEST || count >= PART && before.path.first() != after.path.first() {
            parts.push(start..at + 1);
            start = at + 1;
        }
    }
    if start < units.len() {
        parts.push(start..units.len());
    }
    parts
}

/// Puts provisions in order: as their source has them, else by their numbers.
pub(super) fn sort(units: &mut [Unit]) {
    units.sort_by_cached_key(|unit| {
        let key = key(unit);
        let numbers: Option<Vec<u32>> = key.split('_').map(|number| number.parse().ok()).collect();
        (unit.order, numbers.is_none(), numbers, key.to_owned())
    });
}

/// 第五条（届出）
pub(super) fn label(unit: &Unit) -> String {
    let number = if unit.number.is_empty() { key(unit) } else { unit.number.as_str() };
    let number = if number == "p" { "本文" } else { number };
    if unit.caption.is_empty() { number.to_owned() } else { format!("{number}（{}）", unit.caption) }
}

pub(super) fn chapters(units: &[Unit], shown: &Range<usize>, as_of: Option<Date>) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut path: &[String] = &[];
    for (at, unit) in units.iter().enumerate() {
        let top = unit.path.first().map_or("", String::as_str);
        if chapters.last().is_none() || path.first().map_or("", String::as_str) != top {
            let label = if top.is_empty() { "条文" } else { top };
            chapters.push(Chapter { label: label.to_owned(), open: false, entries: Vec::new() });
        }
        let Some(chapter) = chapters.last_mut() else { continue };
        chapter.open |= shown.contains(&at);
        for heading in headings(path, unit).into_iter().filter(|(level, _)| *level > 0) {
            chapter.entries.push(Entry { label: heading.1.to_owned(), href: within(unit, as_of), heading: true });
        }
        chapter.entries.push(Entry { label: label(unit), href: within(unit, as_of), heading: false });
        path = &unit.path;
    }
    chapters
}

/// The headings that begin with a unit, each with its level from 0.
pub(super) fn headings<'u>(before: &[String], unit: &'u Unit) -> Vec<(usize, &'u str)> {
    let same = before.iter().zip(&unit.path).take_while(|(one, other)| one == other).count();
    unit.path.iter().enumerate().skip(same).map(|(level, heading)| (level, heading.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(count: usize, of_chapter: usize) -> Vec<Unit> {
        let unit = |n: usize| Unit {
            id: format!("x/{n}"),
            group: "x".into(),
            path: vec![format!("第{}章", n / of_chapter)],
            ..Unit::default()
        };
        (0..count).map(unit).collect()
    }

    #[test]
    fn a_long_law_is_cut_at_its_chapters() {
        let units = law(400, 40);
        assert_eq!(parts(&units), [0..160, 160..320, 320..400]);
        assert_eq!(parts(&law(600, 1_000)), [0..250, 250..500, 500..600]);
        assert!(parts(&[]).is_empty());
        let chapters = chapters(&units, &(160..320), None);
        assert_eq!(chapters.len(), 10);
        assert_eq!(chapters.iter().filter(|chapter| chapter.open).count(), 4);
        assert_eq!(chapters[4].entries[0].href, "/research/law/x?at=160#a160");
    }
}
