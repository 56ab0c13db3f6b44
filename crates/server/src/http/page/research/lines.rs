//! The text of a provision as lines with anchors, its references as links.

use super::hit::{key, part};
use jiff::civil::Date;
use sekisho_search::law::{Address, ItemNumber};
use sekisho_search::unit::{Link, Unit};
use std::collections::HashSet;

/// A stretch of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) href: Option<String>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// `a709-2-1`; empty where the line has no address of its own.
    pub(super) id: String,
    pub(super) class: &'static str,
    pub(super) runs: Vec<Run>,
}

/// The anchor of a provision: `a709`.
pub(super) fn anchor(key: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' };
    std::iter::once('a').chain(key.chars().map(plain)).collect()
}

/// Where a line stands, counted on from line to line.
struct Counter {
    paragraph: String,
    item: String,
}

impl Counter {
    /// What the label of a line says: its class and its anchor below the provision's.
    fn step(&mut self, line: &str, first: bool) -> (&'static str, String) {
        let label = line.split_once('　').map_or("", |(label, _)| label);
        let short = !label.is_empty() && label.chars().count() <= 8;
        if let Some(number) = paragraph(label).filter(|_| short) {
            self.paragraph = number;
            self.item.clear();
            return ("paragraph", format!("-{}", self.paragraph));
        }
        if let Some(number) = item(label).filter(|_| short) {
            self.item = number;
            return ("law-item", format!("-{}-{}", self.paragraph, self.item));
        }
        let mut chars = label.chars();
        if let (Some(letter @ 'ア'..='ン'), None) = (chars.next(), chars.next()) {
            let item = if self.item.is_empty() { String::new() } else { format!("-{}", self.item) };
            return ("subitem", format!("-{}{item}-{letter}", self.paragraph));
        }
        ("paragraph", if first { format!("-{}", self.paragraph) } else { String::new() })
    }
}

/// The number of a paragraph's label: ２, 2.
fn paragraph(label: &str) -> Option<String> {
    let plain = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xfee0),
        '0'..='9' => Some(c),
        _ => None,
    };
    label.chars().map(plain).collect::<Option<String>>().filter(|number| !number.is_empty())
}

/// The key of an item's label: 一, 一の二.
fn item(label: &str) -> Option<String> {
    if !label.chars().all(|c| "一二三四五六七八九十百の".contains(c)) {
        return None;
    }
    let whole = match label.split_once('の') {
        Some((head, branch)) => format!("第{head}号の{branch}"),
        None => format!("第{label}号"),
    };
    ItemNumber::leading(&whole).filter(|(_, length)| *length == whole.len()).map(|(number, _)| number.key())
}

/// The lines of a unit; links keep the day the law is read on.
pub(super) fn lines(unit: &Unit, as_of: Option<Date>) -> Vec<Line> {
    let base = anchor(key(unit));
    let mut counter = Counter { paragraph: "1".to_owned(), item: String::new() };
    let mut known = HashSet::new();
    let mut start = 0;
    let mut lines = Vec::new();
    for line in unit.text.split_inclusive('\n') {
        let text = line.trim_end_matches('\n');
        let (class, below) = counter.step(text, lines.is_empty());
        let id = if below.is_empty() { String::new() } else { format!("{base}{below}") };
        let id = if known.insert(id.clone()) { id } else { String::new() };
        lines.push(Line { id, class, runs: runs(text, start, &unit.links, as_of) });
        start += line.len();
    }
    lines
}

/// The anchor of the line that a byte of the unit's text stands in, or of the nearest line before it that has one.
pub(super) fn anchor_at(unit: &Unit, byte: usize) -> Option<String> {
    let line = unit.text.get(..byte)?.matches('\n').count();
    let lines = lines(unit, None);
    let before = lines.get(..=line)?.iter().rev();
    before.map(|line| &line.id).find(|id| !id.is_empty()).cloned()
}

/// The paragraph and item of a line, as one cites it: 第二項第三号. Empty where the line has no address, and the
/// paragraph is left out where there is but one.
pub(super) fn within(unit: &Unit, line: usize) -> String {
    let lines = lines(unit, None);
    let base = anchor(key(unit));
    let places = |line: &Line| -> Vec<String> {
        let below = line.id.strip_prefix(&base).and_then(|rest| rest.strip_prefix('-')).unwrap_or_default();
        below.split('-').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let several = lines.iter().any(|line| places(line).first().is_some_and(|paragraph| paragraph != "1"));
    let place = lines.get(line).map(places).unwrap_or_default();
    let item = place.get(1).map(|key| match key.split_once('_') {
        Some((head, branch)) => format!("第{head}号の{}", branch.replace('_', "の")),
        None => format!("第{key}号"),
    });
    let address = Address {
        paragraph: place.first().and_then(|number| number.parse().ok()).filter(|_| several),
        item: item.and_then(|item| ItemNumber::leading(&item)).map(|(number, _)| number),
        subitems: place.get(2).cloned().into_iter().collect(),
    };
    address.to_string()
}

/// A line that begins at `start` of the unit's text, cut at its links.
fn runs(line: &str, start: usize, links: &[Link], as_of: Option<Date>) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    let mut push = |text: Option<&str>, href: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            runs.push(Run { text: text.to_owned(), href });
        }
    };
    for link in links {
        let (Some(from), Some(to)) = ((link.start as usize).checked_sub(start), (link.end as usize).checked_sub(start))
        else {
            continue;
        };
        // What was stored wrong is text.
        if from < at || to > line.len() || line.get(from..to).is_none_or(str::is_empty) {
            continue;
        }
        push(line.get(at..from), None);
        push(line.get(from..to), Some(target(link, as_of)));
        at = to;
    }
    push(line.get(at..), None);
    runs
}

/// Where a reference leads.
fn target(link: &Link, as_of: Option<Date>) -> String {
    let day = as_of.map(|day| format!("?as_of={day}")).unwrap_or_default();
    let Some((law, key)) = link.to.as_str().split_once('/') else {
        return format!("/research/law/{}{day}", part(link.to.as_str()));
    };
    let (address, _) = Address::leading(&link.within);
    let mut below = String::new();
    if !address.is_whole() {
        below = format!("#{}-{}", anchor(key), address.paragraph.unwrap_or(1));
        if let Some(item) = address.item {
            below.push_str(&format!("-{}", item.key()));
        }
    }
    format!("/research/law/{}/{}{day}{below}", part(law), part(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_search::unit::UnitId;

    fn unit(text: &str) -> Unit {
        Unit { id: "x/709".into(), group: "x".into(), text: text.into(), ..Unit::default() }
    }

    #[test]
    fn paragraphs_and_items_have_anchors() {
        let ids: Vec<String> =
            lines(&unit("架空は次による。\n一　甲\n一の二　乙\nイ　丙\n２　丁\n二　戊\n表の行"), None)
                .into_iter()
                .map(|line| line.id)
                .collect();
        assert_eq!(ids, ["a709-1", "a709-1-1", "a709-1-1_2", "a709-1-1_2-イ", "a709-2", "a709-2-2", ""]);
    }

    #[test]
    fn a_line_is_cited_by_paragraph_and_item() {
        let several = unit("次による。\n一の二　乙\nイ　丙\n２　丁");
        let cited: Vec<String> = (0..5).map(|line| within(&several, line)).collect();
        assert_eq!(cited, ["第一項", "第一項第一号の二", "第一項第一号の二イ", "第二項", ""]);
        assert_eq!(within(&unit("次による。\n三　乙"), 1), "第三号");
    }

    #[test]
    fn references_become_links_and_broken_ones_stay_text() {
        let mut unit = unit("前項\n第五条第二項第三号による。");
        let start = "前項\n".len();
        let link = |from: usize, to: usize| Link {
            start: u32::try_from(from).unwrap(),
            end: u32::try_from(to).unwrap(),
            to: UnitId::new("y/5"),
            within: "第二項第三号".into(),
        };
        unit.links = vec![link(start, start + "第五条第二項第三号".len()), link(1, 2), link(0, 9_999)];
        let lines = lines(&unit, None);
        assert_eq!(lines[1].runs[0].href.as_deref(), Some("/research/law/y/5#a5-2-3"));
        assert_eq!(lines[1].runs[1], Run { text: "による。".into(), href: None });
        assert_eq!(lines[0].runs, [Run { text: "前項".into(), href: None }]);
    }
}
