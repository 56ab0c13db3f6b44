//! Excel: the workbook around its sheets.

use std::collections::HashMap;

use super::cells::{Formats, plain};
use super::package::{MANY, Package, Relation};
use super::sheet::read_sheet;
use super::xml::{Node, walk};
use crate::document::{PartKind, Unreadable};

/// A sheet as the workbook lists it.
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) part: String,
    pub(super) hidden: bool,
}

/// Reads the workbook that begins with the part `main`.
pub(super) fn read(package: &mut Package<'_, '_>, main: &str) -> Result<(), Unreadable> {
    let relations = package.relations(main)?;
    let target = |kind: &str| relations.iter().find(|r| r.kind == kind && !r.outside).map(|r| r.target.clone());
    let mut formats = match target("styles") {
        Some(part) => match package.part(&part)? {
            Some(xml) => Formats::read(package.at(), &part, &xml)?,
            None => Formats::default(),
        },
        None => Formats::default(),
    };
    let strings = match target("sharedStrings") {
        Some(part) => shared_strings(package, &part)?,
        None => Strings::default(),
    };
    let by_id: HashMap<&str, &Relation> = relations.iter().map(|r| (r.id.as_str(), r)).collect();
    let mut sheets = Vec::new();
    let (mut names, mut name, mut meaning) = (String::new(), String::new(), None);
    if let Some(xml) = package.part(main)? {
        walk(package.at(), main, &xml, |node| {
            match node {
                Node::Start(tag) => match tag.name() {
                    "workbookPr" => {
                        formats.from_1904 = tag.get("date1904").is_some_and(|v| v == "1" || v == "true");
                    }
                    "sheet" => {
                        let id = tag.get("id").unwrap_or_default();
                        let part = by_id.get(id.as_str()).map(|r| r.target.clone()).unwrap_or_default();
                        if sheets.len() >= MANY {
                            return Err(package.at().broken(main, "too many sheets"));
                        }
                        let hidden = tag.get("state").is_some_and(|state| state != "visible");
                        sheets.push(Sheet { name: tag.get("name").unwrap_or_default(), part, hidden });
                    }
                    "definedName" => {
                        meaning = Some(String::new());
                        name = tag.get("name").unwrap_or_default();
                        if let Some(comment) = tag.get("comment") {
                            names.push_str(&format!("{name}: {comment}\n"));
                        }
                    }
                    _ => {}
                },
                Node::Text(text) => {
                    if let Some(meaning) = &mut meaning {
                        meaning.push_str(text);
                    }
                }
                Node::End("definedName") => {
                    let meaning = meaning.take().filter(|_| !name.starts_with("_xlnm."));
                    names.extend(meaning.map(|meaning| format!("{name}: {meaning}\n")));
                }
                _ => {}
            }
            Ok(())
        })?;
    }
    let list: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    package.push(PartKind::Name, "シート名", list.join("\n"))?;
    for sheet in &sheets {
        read_sheet(package, sheet, &strings, &formats)?;
    }
    package.push(PartKind::Hidden, "名前の定義", names)?;
    for name in package.names_under("xl/persons/") {
        let Some(xml) = package.part(&name)? else { continue };
        let mut people = Vec::new();
        walk(package.at(), &name, &xml, |node| {
            if let Node::Start(tag) = node {
                people.extend(tag.get("displayName"));
            }
            Ok(())
        })?;
        package.people.extend(people);
    }
    for name in package.names_under("xl/pivotcache/").into_iter().filter(|name| name.ends_with(".xml")) {
        pivot_cache(package, &name)?;
    }
    Ok(())
}

/// The texts that cells refer to by number: one behind the other, with the places where they end.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let begin = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(begin as usize..*self.ends.get(index)? as usize)
    }
}

/// Reads the shared texts. Readings (furigana) are kept apart.
fn shared_strings(package: &mut Package<'_, '_>, part: &str) -> Result<Strings, Unreadable> {
    let mut strings = Strings::default();
    let Some(xml) = package.part(part)? else { return Ok(strings) };
    let mut readings = String::new();
    let (mut in_text, mut in_reading) = (false, false);
    walk(package.at(), part, &xml, |node| {
        match node {
            Node::Start(tag) => match tag.name() {
                "rPh" => in_reading = true,
                "t" => in_text = true,
                _ => {}
            },
            Node::Text(more) if in_text => if in_reading { &mut readings } else { &mut strings.text }.push_str(more),
            Node::End("rPh") => {
                in_reading = false;
                readings.push('\n');
            }
            Node::End("t") => in_text = false,
            Node::End("si") => {
                let end = u32::try_from(strings.text.len()).map_err(|_| package.too_much_text())?;
                strings.ends.push(end);
            }
            _ => {}
        }
        Ok(())
    })?;
    package.push(PartKind::Hidden, "ふりがな", readings)?;
    Ok(strings)
}

/// What a pivot table keeps of its source, which often is more than the table shows.
fn pivot_cache(package: &mut Package<'_, '_>, part: &str) -> Result<(), Unreadable> {
    let Some(xml) = package.part(part)? else { return Ok(()) };
    let mut values = String::new();
    walk(package.at(), part, &xml, |node| {
        match node {
            Node::Start(tag) => {
                let shared = tag.name() == "x";
                for value in ["v", "name", "caption"].iter().filter_map(|key| tag.get(key)).filter(|_| !shared) {
                    values.push_str(&plain(&value));
                    values.push('\t');
                }
            }
            Node::End("r" | "cacheField") => values.push('\n'),
            _ => {}
        }
        if values.len() > package.text_left() { Err(package.too_much_text()) } else { Ok(()) }
    })?;
    package.push(PartKind::Hidden, "ピボットテーブルの元データ", values)
}
