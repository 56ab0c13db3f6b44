//! One sheet of a workbook.

use std::collections::HashSet;

use super::cells::Formats;
use super::flow::HidingStyles;
use super::package::{MANY, Package};
use super::rows::Rows;
use super::xlsx::{Sheet, Strings};
use super::xml::{Node, Tag, walk};
use crate::document::{PartKind, Unreadable};

/// Excel has no more columns.
const COLUMNS: usize = 16_384;

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

/// Reads a sheet with its drawings and comments.
pub(super) fn read_sheet(
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
    let (mut in_author, mut in_text) = (false, false);
    let mut author = String::new();
    walk(package.at(), part, &xml, |node| {
        match node {
            Node::Start(tag) => match tag.name() {
                "comment" | "threadedComment" if found.len() >= MANY => {
                    return Err(package.at().broken(part, "too many comments"));
                }
                "comment" | "threadedComment" => found.push((tag.get("ref").unwrap_or_default(), String::new())),
                "author" => in_author = true,
                "t" | "text" => in_text = true,
                _ => {}
            },
            Node::Text(text) if in_author => author.push_str(text),
            // Beside its text a comment says where its box stands.
            Node::Text(text) if in_text => {
                if let Some((_, comment)) = found.last_mut() {
                    comment.push_str(text);
                }
            }
            Node::End("author") => {
                in_author = false;
                people.push(std::mem::take(&mut author));
            }
            Node::End("t" | "text") => in_text = false,
            Node::Text(_) | Node::End(_) => {}
        }
        Ok(())
    })?;
    package.people.extend(people.into_iter().filter(|name| !name.is_empty()));
    for (cell, text) in found {
        package.push(PartKind::Comment, &format!("シート「{sheet}」 {cell}"), text)?;
    }
    Ok(())
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
}
