//! Excel.

use std::collections::{HashMap, HashSet};

use super::cells::{Formats, plain};
use super::flow::HidingStyles;
use super::package::{MANY, Package, Relation};
use super::xml::{Node, Tag, walk};
use crate::document::{PartKind, Unreadable};

/// Rows of one part: few enough to say where something stands, many enough to keep a heading near its column.
const BLOCK: u32 = 100;
/// Empty rows and columns that are kept in the text so that lines are rows and tabs are columns; wider gaps are closed.
const GAP: u32 = 20;
const COLUMNS: usize = 16_384;

struct Sheet {
    name: String,
    part: String,
    hidden: bool,
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
struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    fn get(&self, index: usize) -> Option<&str> {
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

/// Consecutive rows.
#[derive(Default)]
struct Rows {
    first: u32,
    last: u32,
    column: u32,
    text: String,
}

impl Rows {
    fn put(&mut self, row: u32, column: u32, value: &str) {
        if self.text.is_empty() {
            self.first = row;
            self.last = row;
            self.column = 0;
        }
        if row > self.last {
            for _ in self.last..row {
                self.text.push('\n');
            }
            self.last = row;
            self.column = 0;
        }
        let gap = column.saturating_sub(self.column);
        // Cells never run into each other, also when a file has them out of order.
        let least = u32::from(!self.text.is_empty() && !self.text.ends_with(['\n', '\t']));
        let tabs = if gap > GAP { 1 } else { gap.max(least) };
        self.text.extend((0..tabs).map(|_| '\t'));
        self.column = column;
        // A cell is one field of one line, whatever is in it.
        self.text.extend(value.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }));
    }

    fn is_done_before(&self, row: u32) -> bool {
        !self.text.is_empty()
            && (row >= self.first.saturating_add(BLOCK) || row > self.last.saturating_add(GAP) || row < self.last)
    }

    fn place(&self, sheet: &str) -> String {
        if self.first == self.last {
            format!("シート「{sheet}」 {} 行", self.first)
        } else {
            format!("シート「{sheet}」 {}〜{} 行", self.first, self.last)
        }
    }
}

#[derive(Default)]
struct Cell {
    column: u32,
    kind: String,
    style: usize,
    value: String,
    inline: String,
}

/// What a sheet is read into.
struct Grid<'s> {
    strings: &'s Strings,
    formats: &'s Formats,
    seen: Rows,
    hidden: Rows,
    /// By number; Excel has 16,384 columns.
    hidden_columns: Vec<bool>,
    /// Declarations of hidden columns so far; each may mark all of them.
    columns: usize,
    row: u32,
    row_hidden: bool,
    column: u32,
    cell: Cell,
    element: Element,
    formula: String,
    /// Formulas and conditions with texts in them.
    formulas: Vec<String>,
    known: HashSet<String>,
    header_footer: String,
    notes: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Value,
    Inline,
    Reading,
    Formula,
    HeaderFooter,
    Other,
}

fn read_sheet(
    package: &mut Package<'_, '_>,
    sheet: &Sheet,
    strings: &Strings,
    formats: &Formats,
) -> Result<(), Unreadable> {
    let relations = package.relations(&sheet.part)?;
    let Some(xml) = package.part(&sheet.part)? else { return Ok(()) };
    let visible = if sheet.hidden { PartKind::Hidden } else { PartKind::Body };
    let mut grid = Grid {
        strings,
        formats,
        seen: Rows::default(),
        hidden: Rows::default(),
        hidden_columns: Vec::new(),
        columns: 0,
        row: 0,
        row_hidden: false,
        column: 0,
        cell: Cell::default(),
        element: Element::Other,
        formula: String::new(),
        formulas: Vec::new(),
        known: HashSet::new(),
        header_footer: String::new(),
        notes: String::new(),
    };
    walk(package.at(), &sheet.part, &xml, |node| {
        match node {
            Node::Start(tag) => grid.start(tag),
            Node::Text(text) => grid.text(text),
            Node::End(name) => grid.end(name),
        }
        if grid.seen.text.len() + grid.hidden.text.len() > package.text_left() {
            return Err(package.too_much_text());
        }
        let next = grid.row;
        for (rows, kind) in [(&mut grid.seen, visible), (&mut grid.hidden, PartKind::Hidden)] {
            if rows.is_done_before(next) {
                flush(package, rows, kind, &sheet.name)?;
            }
        }
        Ok(())
    })?;
    flush(package, &mut grid.seen, visible, &sheet.name)?;
    flush(package, &mut grid.hidden, PartKind::Hidden, &sheet.name)?;
    let place = format!("シート「{}」", sheet.name);
    let lines: Vec<&str> = grid.header_footer.lines().filter(|line| !line.trim().is_empty()).collect();
    package.push(PartKind::HeaderFooter, &place, lines.join("\n"))?;
    package.push(PartKind::Hidden, &format!("{place} 数式"), grid.formulas.join("\n"))?;
    package.push(PartKind::Hidden, &place, grid.notes)?;
    for relation in relations.iter().filter(|relation| !relation.outside) {
        match relation.kind.as_str() {
            "comments" | "threadedComment" => comments(package, &relation.target, &sheet.name)?,
            "drawing" => {
                for inner in package.relations(&relation.target)?.iter().filter(|inner| inner.kind == "chart") {
                    package.read_flow(visible, &place, &inner.target, &HidingStyles::new())?;
                }
                package.read_flow(visible, &place, &relation.target, &HidingStyles::new())?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn flush(package: &mut Package<'_, '_>, rows: &mut Rows, kind: PartKind, sheet: &str) -> Result<(), Unreadable> {
    let rows = std::mem::take(rows);
    package.push(kind, &rows.place(sheet), rows.text)
}

impl Grid<'_> {
    fn start(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "row" => {
                self.row = tag.get("r").and_then(|r| r.parse().ok()).unwrap_or(self.row.saturating_add(1));
                self.row_hidden = is_true(tag.get("hidden"));
                self.column = 0;
            }
            "col" if is_true(tag.get("hidden")) && self.columns < COLUMNS => {
                self.columns += 1;
                let number = |key: &str| tag.get(key).and_then(|v| v.parse().ok()).unwrap_or(0).min(COLUMNS);
                let (min, max) = (number("min"), number("max"));
                self.hidden_columns.resize(self.hidden_columns.len().max(max + 1), false);
                self.hidden_columns.iter_mut().take(max + 1).skip(min).for_each(|hidden| *hidden = true);
            }
            "c" => {
                let column = tag.get("r").and_then(|r| column(&r)).unwrap_or(self.column.saturating_add(1));
                let style = tag.get("s").and_then(|s| s.parse().ok()).unwrap_or(0);
                self.cell = Cell { column, kind: tag.get("t").unwrap_or_default(), style, ..Cell::default() };
            }
            "v" => self.element = Element::Value,
            "t" if self.element != Element::Reading => self.element = Element::Inline,
            "rPh" => self.element = Element::Reading,
            "f" | "formula" | "formula1" | "formula2" => {
                self.element = Element::Formula;
                self.formula.clear();
            }
            "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => {
                self.element = Element::HeaderFooter;
            }
            "dataValidation" | "hyperlink" | "cfRule" | "tabColor" | "control" | "oleObject" => {
                for key in ["promptTitle", "prompt", "errorTitle", "error", "display", "tooltip", "text", "name"] {
                    if let Some(value) = tag.get(key) {
                        self.notes.push_str(&value);
                        self.notes.push('\n');
                    }
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        match self.element {
            Element::Value => self.cell.value.push_str(text),
            Element::Inline => self.cell.inline.push_str(text),
            Element::Formula => self.formula.push_str(text),
            Element::HeaderFooter => self.header_footer.push_str(text),
            Element::Reading | Element::Other => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "c" => self.end_cell(),
            "f" | "formula" | "formula1" | "formula2" => {
                // References and functions say nothing; texts in them do.
                if (self.formula.contains('"') || !self.formula.is_ascii()) && self.known.insert(self.formula.clone()) {
                    self.formulas.push(std::mem::take(&mut self.formula));
                }
                self.element = Element::Other;
            }
            "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => {
                self.header_footer = without_codes(&self.header_footer);
                self.header_footer.push('\n');
                self.element = Element::Other;
            }
            "v" | "rPh" => self.element = Element::Other,
            "t" if self.element != Element::Reading => self.element = Element::Other,
            _ => {}
        }
    }

    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        self.column = cell.column;
        let value = match cell.kind.as_str() {
            "s" => cell
                .value
                .trim()
                .parse()
                .ok()
                .and_then(|index: usize| self.strings.get(index))
                .unwrap_or_default()
                .to_owned(),
            "inlineStr" => cell.inline,
            "b" => if cell.value.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(),
            "str" | "e" | "d" => cell.value,
            _ if cell.value.is_empty() => cell.inline,
            _ => self.formats.show(cell.style, &cell.value),
        };
        if value.is_empty() {
            return;
        }
        let column = self.column;
        let hidden = self.row_hidden || self.hidden_columns.get(column as usize).is_some_and(|&hidden| hidden);
        let rows = if hidden { &mut self.hidden } else { &mut self.seen };
        rows.put(self.row, column.saturating_sub(1), &value);
    }
}

/// The number of the column in a reference such as `AB12`.
fn column(reference: &str) -> Option<u32> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters.take(4).fold(0_u32, |n, byte| n * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1);
    (column > 0).then_some(column)
}

fn is_true(value: Option<String>) -> bool {
    value.is_some_and(|value| value == "1" || value == "true")
}

/// A header or footer without its codes: `&C&"ＭＳ 明朝,標準"&12取扱注意 &P` is 取扱注意.
fn without_codes(coded: &str) -> String {
    let mut plain = String::new();
    let mut characters = coded.chars().peekable();
    while let Some(c) = characters.next() {
        if c != '&' {
            plain.push(c);
            continue;
        }
        match characters.next() {
            Some('&') => plain.push('&'),
            Some('L' | 'C' | 'R') => plain.push('\n'),
            Some('"') => drop(characters.by_ref().find(|&c| c == '"')),
            Some('K') => while characters.next_if(|c| c.is_ascii_hexdigit() || *c == '+').is_some() {},
            Some(c) if c.is_ascii_digit() => while characters.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    plain
}

/// Comments of either kind, each with its cell.
fn comments(package: &mut Package<'_, '_>, part: &str, sheet: &str) -> Result<(), Unreadable> {
    let Some(xml) = package.part(part)? else { return Ok(()) };
    let mut found: Vec<(String, String)> = Vec::new();
    let mut people = Vec::new();
    let mut in_author = false;
    let mut author = String::new();
    walk(package.at(), part, &xml, |node| {
        match node {
            Node::Start(tag) => match tag.name() {
                "comment" | "threadedComment" if found.len() >= MANY => {
                    return Err(package.at().broken(part, "too many comments"));
                }
                "comment" | "threadedComment" => found.push((tag.get("ref").unwrap_or_default(), String::new())),
                "author" => in_author = true,
                _ => {}
            },
            Node::Text(text) if in_author => author.push_str(text),
            Node::Text(text) => {
                if let Some((_, comment)) = found.last_mut() {
                    comment.push_str(text);
                }
            }
            Node::End("author") => {
                in_author = false;
                people.push(std::mem::take(&mut author));
            }
            Node::End(_) => {}
        }
        Ok(())
    })?;
    package.people.extend(people.into_iter().filter(|name| !name.is_empty()));
    for (cell, text) in found {
        package.push(PartKind::Comment, &format!("シート「{sheet}」 {cell}"), text)?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_headers_are_taken_out() {
        assert_eq!(
            without_codes("&L左&C&\"ＭＳ 明朝,標準\"&12取扱注意&R&P/&N && &KFF0000赤"),
            "\n左\n取扱注意\n/ & 赤"
        );
    }

    #[test]
    fn columns_are_counted() {
        assert_eq!(column("A1"), Some(1));
        assert_eq!(column("AB12"), Some(28));
        assert_eq!(column("XFD1"), Some(16_384));
        assert_eq!(column("1"), None);
    }

    #[test]
    fn lines_are_rows_and_tabs_are_columns() {
        let mut rows = Rows::default();
        rows.put(2, 0, "氏名");
        rows.put(2, 2, "番号\nと枝番");
        rows.put(4, 1, "架空");
        assert_eq!(rows.text, "氏名\t\t番号 と枝番\n\n\t架空");
        assert_eq!(rows.place("一覧"), "シート「一覧」 2〜4 行");
        assert!(!rows.is_done_before(5) && rows.is_done_before(102) && rows.is_done_before(40));
    }
}
