//! Two days of a law side by side: what changed comes first, with the changed words marked.

use super::toc;
use crate::http::page::words;
use jiff::civil::Date;
use sekisho_search::unit::Unit;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::HashMap;

/// Changed provisions that are shown.
const MOST: usize = 200;
/// Words of a provision that are compared one by one.
const WORDS: usize = 20_000;

/// A piece of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) changed: bool,
}

/// A provision on both days.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) label: String,
    /// What became of it, in a word.
    pub(super) what: &'static str,
    pub(super) before: Vec<Piece>,
    pub(super) after: Vec<Piece>,
}

/// Two days.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) days: (String, String),
    pub(super) changed: Vec<Changed>,
    pub(super) more: usize,
    pub(super) same: Vec<String>,
}

pub(super) fn compare(before: &[Unit], after: &[Unit], (one, other): (Date, Date)) -> Comparison {
    let mut old: HashMap<&str, &Unit> = before.iter().map(|unit| (unit.id.as_str(), unit)).collect();
    let (mut changed, mut same) = (Vec::new(), Vec::new());
    // What is not shown need not be compared word by word.
    let mut more = 0;
    for unit in after {
        match old.remove(unit.id.as_str()) {
            Some(known) if known.text == unit.text && known.caption == unit.caption => same.push(toc::label(unit)),
            _ if changed.len() == MOST => more += 1,
            Some(known) => {
                let (before, after) = differing(&whole(known), &whole(unit));
                changed.push(Changed { label: toc::label(unit), what: "改正", before, after });
            }
            None => {
                let after = vec![Piece { text: whole(unit), changed: true }];
                changed.push(Changed { label: toc::label(unit), what: "新設", before: Vec::new(), after });
            }
        }
    }
    for unit in before.iter().filter(|unit| old.contains_key(unit.id.as_str())) {
        if changed.len() == MOST {
            more += 1;
            continue;
        }
        let before = vec![Piece { text: whole(unit), changed: true }];
        changed.push(Changed { label: toc::label(unit), what: "削除", before, after: Vec::new() });
    }
    Comparison { days: (words::day(one), words::day(other)), changed, more, same }
}

fn whole(unit: &Unit) -> String {
    if unit.caption.is_empty() { unit.text.clone() } else { format!("（{}）\n{}", unit.caption, unit.text) }
}

/// The pieces of both texts.
fn differing(before: &str, after: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (one, other) = (split(before), split(after));
    if one.len().max(other.len()) > WORDS {
        let whole = |text: &str| vec![Piece { text: text.to_owned(), changed: true }];
        return (whole(before), whole(after));
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &one, &other) {
        let changed = !matches!(op, DiffOp::Equal { .. });
        push(&mut left, one.get(op.old_range()), changed);
        push(&mut right, other.get(op.new_range()), changed);
    }
    (left, right)
}

fn push(pieces: &mut Vec<Piece>, words: Option<&[&str]>, changed: bool) {
    let text = words.unwrap_or_default().concat();
    if !text.is_empty() {
        pieces.push(Piece { text, changed });
    }
}

/// Words as far as scripts part them: runs of kanji, of katakana, of figures and letters; hiragana one by one.
fn split(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        '\u{4E00}'..='\u{9FFF}' | '々' => 1,
        '\u{30A1}'..='\u{30FE}' => 2,
        c if c.is_alphanumeric() && !matches!(c, '\u{3041}'..='\u{3096}') => 3,
        _ => 0,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        let now = kind(c);
        if last.is_some_and(|last| last != now || now == 0) {
            words.extend(text.get(start..at));
            start = at;
        }
        last = Some(now);
    }
    words.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn unit(key: &str, text: &str) -> Unit {
        Unit { id: format!("x/{key}"), group: "x".into(), number: key.into(), text: text.into(), ..Unit::default() }
    }

    #[test]
    fn changed_articles_come_with_their_words_marked() {
        let before = [unit("1", "架空大臣に届け出る。"), unit("2", "同じ。"), unit("3", "消える。")];
        let after = [unit("1", "架空知事に届け出る。"), unit("2", "同じ。"), unit("4", "増える。")];
        let compared = compare(&before, &after, (date(2020, 1, 1), date(2025, 1, 1)));
        let what: Vec<(&str, &str)> = compared.changed.iter().map(|c| (c.label.as_str(), c.what)).collect();
        assert_eq!(what, [("1", "改正"), ("4", "新設"), ("3", "削除")]);
        assert_eq!(compared.same, ["2"]);
        let first = &compared.changed[0];
        assert_eq!(first.before[0], Piece { text: "架空大臣".into(), changed: true });
        assert_eq!(first.after[1], Piece { text: "に届け出る。".into(), changed: false });
    }
}
