//! Which column of a table means what: found by its heading, chosen by people, and kept for the next time.

use super::{Line, Sheet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A field that an import wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Its name in the mapping.
    pub(crate) field: &'static str,
    /// What people call it.
    pub(crate) label: &'static str,
    /// Headings under which it is met.
    pub(crate) headings: &'static [&'static str],
    /// Nothing can be imported without it.
    pub(crate) required: bool,
}

/// The mapping: where the headings stand, and the heading of each field. Kept as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Columns {
    /// Name of the worksheet; empty takes the first.
    #[serde(default)]
    pub(crate) sheet: String,
    /// Number of the row with the headings; 0 takes the row in which most of them are found.
    #[serde(default)]
    pub(crate) head: u64,
    /// Heading of each field.
    pub(crate) headings: BTreeMap<String, String>,
}

/// Headings are compared without spaces, line breaks and width.
fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

impl Columns {
    /// The table the mapping speaks of.
    pub(crate) fn sheet<'s>(&self, sheets: &'s [Sheet]) -> Option<&'s Sheet> {
        if self.sheet.is_empty() { sheets.first() } else { sheets.iter().find(|s| s.name == self.sheet) }
    }

    /// The line of headings, with its place among the lines.
    pub(crate) fn head<'s>(&self, sheet: &'s Sheet, wanted: &[Wanted]) -> Option<(usize, &'s Line)> {
        let lines = sheet.lines.iter().enumerate();
        if self.head > 0 {
            return lines.into_iter().find(|(_, line)| line.number == self.head);
        }
        let known: Vec<String> = wanted
            .iter()
            .flat_map(|w| w.headings.iter().map(|h| plain(h)))
            .chain(self.headings.values().map(|h| plain(h)))
            .collect();
        let found = |line: &Line| line.cells.iter().filter(|cell| known.contains(&plain(cell))).count();
        // The first of those with most headings: `max_by_key` takes the last, so from behind.
        lines
            .take(50)
            .map(|(at, line)| (found(line), at, line))
            .rev()
            .max_by_key(|(count, ..)| *count)
            .map(|(_, at, line)| (at, line))
    }

    /// Fills in fields that have no heading yet, by the headings under which they are met.
    pub(crate) fn guessed(mut self, head: &Line, wanted: &[Wanted]) -> Self {
        for field in wanted {
            let chosen = self.headings.get(field.field).is_some_and(|h| !h.is_empty());
            let met = |cell: &&String| field.headings.iter().any(|heading| plain(heading) == plain(cell));
            if let (false, Some(cell)) = (chosen, head.cells.iter().find(met)) {
                self.headings.insert(field.field.to_owned(), cell.clone());
            }
        }
        self
    }

    /// Column numbers of the fields; a field without a column is left out.
    pub(crate) fn places(&self, head: &Line) -> BTreeMap<String, usize> {
        let place = |heading: &String| head.cells.iter().position(|cell| plain(cell) == plain(heading));
        self.headings
            .iter()
            .filter(|(_, heading)| !heading.is_empty())
            .filter_map(|(field, heading)| Some((field.clone(), place(heading)?)))
            .collect()
    }
}

/// Required fields that have no column.
pub(crate) fn lacking(places: &BTreeMap<String, usize>, wanted: &[Wanted]) -> Vec<&'static str> {
    wanted.iter().filter(|w| w.required && !places.contains_key(w.field)).map(|w| w.label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::read;

    const WANTED: [Wanted; 2] = [
        Wanted { field: "number", label: "登録番号", headings: &["登録番号", "No."], required: true },
        Wanted { field: "until", label: "有効期限", headings: &["有効期限"], required: true },
    ];

    #[test]
    fn headings_are_found_below_a_title_and_by_what_was_chosen() {
        let sheets = read("架空リスト\n作成日,2026-11-30\n登録 番号,期限\nK-1,2027-01-31\n".as_bytes()).unwrap();
        let columns = Columns::default();
        let (at, head) = columns.head(&sheets[0], &WANTED).unwrap();
        assert_eq!((at, head.number), (2, 3));
        let columns = columns.guessed(head, &WANTED);
        assert_eq!(lacking(&columns.places(head), &WANTED), ["有効期限"]);
        let mut chosen = columns;
        chosen.headings.insert("until".into(), "期限".into());
        assert_eq!(chosen.places(head), BTreeMap::from([("number".into(), 0), ("until".into(), 1)]));
        assert!(lacking(&chosen.places(head), &WANTED).is_empty());
    }
}
