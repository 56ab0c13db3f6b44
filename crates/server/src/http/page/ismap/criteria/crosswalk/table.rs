//! The crosswalk as a table: taken out as a file, brought back as one, corrected in a form.

use super::Pair;
use crate::http::page::form::Fields;
use crate::http::page::frame::Problem;
use crate::http::page::list::{Cell, Column};
use crate::sheet::{self, Columns, Wanted, lacking};
use sekisho_domain::ismap::catalogue::{Catalogue, Crosswalk, CrosswalkLine, Relation};
use sekisho_domain::ismap::criterion::CriterionId;
use std::collections::BTreeSet;

/// Columns of the file.
pub(super) const COLUMNS: [Column; 5] = [
    Column::plain("元の版の番号"),
    Column::plain("元の版の本文"),
    Column::plain("関係"),
    Column::plain("後の版の番号"),
    Column::plain("後の版の本文"),
];

const WANTED: [Wanted; 3] = [
    Wanted { field: "from", label: "元の版の番号", headings: &["元の版の番号"], required: true },
    Wanted { field: "relation", label: "関係", headings: &["関係"], required: true },
    Wanted { field: "to", label: "後の版の番号", headings: &["後の版の番号"], required: true },
];

/// A relation in a form.
pub(super) fn key(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "equal",
        Relation::Wider => "wider",
        Relation::Narrower => "narrower",
        Relation::Overlapping => "overlapping",
        Relation::None => "none",
    }
}

/// A line of the file.
pub(super) fn cells(pair: &Pair, line: &CrosswalkLine) -> Vec<Cell> {
    let number = |id: Option<CriterionId>| Cell::text(id.map(|id| id.to_string()).unwrap_or_default());
    let text = |catalogue: &Catalogue, id: Option<CriterionId>| {
        Cell::text(id.and_then(|id| catalogue.get(id)).map(|c| c.text.clone()).unwrap_or_default())
    };
    vec![
        number(line.from),
        text(&pair.one, line.from),
        Cell::text(line.relation.label()),
        number(line.to),
        text(&pair.two, line.to),
    ]
}

/// A crosswalk, and the place at which each of its lines stood in the form; `None` for one that was added.
type Corrected = (Crosswalk, Vec<Option<usize>>);

/// The crosswalk with what a form says of the lines it shows.
pub(super) fn corrected(now: &Crosswalk, fields: &Fields) -> Result<Corrected, Vec<Problem>> {
    let mut lines = now.lines.clone();
    let mut problems = Vec::new();
    for (field, value) in fields.iter() {
        let place = |prefix: &str| field.strip_prefix(prefix).and_then(|place| place.parse::<usize>().ok());
        if let Some(line) = place("to_").and_then(|place| lines.get_mut(place)) {
            match value.trim() {
                "" => line.to = None,
                text => match CriterionId::parse(text) {
                    Ok(id) => line.to = Some(id),
                    Err(bad) => problems.push(Problem::at(field.to_owned(), bad.ja())),
                },
            }
        }
        if let Some(line) = place("relation_").and_then(|place| lines.get_mut(place)) {
            match Relation::ALL.into_iter().find(|relation| key(*relation) == value) {
                Some(relation) => line.relation = relation,
                None => problems.push(Problem::at(field.to_owned(), "関係を選んでください。")),
            }
        }
    }
    if problems.is_empty() { Ok(whole(now, lines)) } else { Err(problems) }
}

/// Gives an item of the later version a line of its own when the line it stood in now leads elsewhere, and takes such a
/// line away when the item has found its place.
fn whole(before: &Crosswalk, after: Vec<CrosswalkLine>) -> Corrected {
    let found: BTreeSet<CriterionId> = after.iter().filter(|l| l.from.is_some()).filter_map(|l| l.to).collect();
    let stays = |line: &CrosswalkLine| line.from.is_some() || line.to.is_some_and(|id| !found.contains(&id));
    let (mut places, mut lines) = (Vec::new(), Vec::new());
    for (place, line) in after.into_iter().enumerate().filter(|(_, line)| stays(line)) {
        places.push(Some(place));
        lines.push(line);
    }
    let there: BTreeSet<CriterionId> = lines.iter().filter_map(|line| line.to).collect();
    let lost: BTreeSet<CriterionId> =
        before.lines.iter().filter_map(|l| l.to).filter(|id| !there.contains(id)).collect();
    for id in lost {
        places.push(None);
        lines.push(CrosswalkLine { from: None, to: Some(id), relation: Relation::None });
    }
    (Crosswalk { lines }, places)
}

/// Reads the file that was brought back; what is wrong is told with its line.
pub(super) fn read(bytes: &[u8], from: &Catalogue, to: &Catalogue) -> Result<Crosswalk, Vec<String>> {
    let sheets = sheet::read(bytes).map_err(|error| vec![error.ja])?;
    let columns = Columns::default();
    let none = || vec!["表に見出しの行がありません。この画面から保存した CSV の形にしてください。".to_owned()];
    let sheet = columns.sheet(&sheets).ok_or_else(none)?;
    let (at, head) = columns.head(sheet, &WANTED).ok_or_else(none)?;
    let places = columns.guessed(head, &WANTED).places(head);
    let lacking = lacking(&places, &WANTED);
    if !lacking.is_empty() {
        return Err(vec![format!(
            "「{}」の列がありません。この画面から保存した CSV の見出しのままにしてください。",
            lacking.join("」「")
        )]);
    }
    let (mut lines, mut numbers, mut rejects) = (Vec::new(), Vec::new(), Vec::new());
    for line in sheet.lines.iter().skip(at + 1) {
        let cell =
            |field: &str| places.get(field).and_then(|at| line.cells.get(*at)).map(String::as_str).unwrap_or_default();
        let mut id = |field: &str| match cell(field) {
            "" => None,
            text => {
                CriterionId::parse(text).map_err(|bad| rejects.push(format!("{} 行目: {}", line.number, bad.ja()))).ok()
            }
        };
        let (from, to) = (id("from"), id("to"));
        let word = cell("relation");
        let relation = Relation::ALL.into_iter().find(|r| r.label() == word || key(*r) == word);
        match relation {
            Some(relation) => {
                lines.push(CrosswalkLine { from, to, relation });
                numbers.push(line.number);
            }
            None => {
                let all = Relation::ALL.map(Relation::label).join("」「");
                rejects.push(format!("{} 行目: 関係は「{all}」のどれかで書いてください。", line.number));
            }
        }
    }
    let crosswalk = Crosswalk { lines };
    if rejects.is_empty() {
        rejects = crosswalk
            .check(from, to)
            .into_iter()
            .map(|(at, fault)| match at.and_then(|at| numbers.get(at)) {
                Some(number) => format!("{number} 行目: {}", fault.ja()),
                None => fault.ja(),
            })
            .collect();
    }
    if rejects.is_empty() { Ok(crosswalk) } else { Err(rejects) }
}
