//! The text of sentences, tables and lists.

use super::error::{MOST_ODDITIES, Odd, Oddity};
use super::schema;
use super::tree::{Element, Node};

/// What stands for a picture.
const FIGURE: &str = "［図］";

/// Oddities as they are found, and where the reader is.
pub(crate) struct Notes<'f> {
    /// The file, for lines; empty for JSON.
    source: &'f [u8],
    path: Vec<String>,
    found: Vec<Oddity>,
    more: usize,
    /// The offset and line of what was found last.
    counted: (usize, usize),
}

impl<'f> Notes<'f> {
    pub(crate) fn new(source: &'f [u8]) -> Self {
        Self { source, path: Vec::new(), found: Vec::new(), more: 0, counted: (0, 1) }
    }

    /// Steps into an element; [`Self::path_out`] steps out of it.
    pub(crate) fn path_in(&mut self, element: &Element<'_>) {
        self.path.push(match element.get("Num") {
            Some(num) => format!("{}[{num}]", element.tag),
            None => element.tag.to_string(),
        });
    }

    pub(crate) fn path_out(&mut self) {
        self.path.pop();
    }

    pub(crate) fn odd(&mut self, element: &Element<'_>, what: Odd) {
        // A hostile file could have millions.
        if self.found.len() >= MOST_ODDITIES {
            self.more += 1;
            return;
        }
        let line = (!self.source.is_empty()).then(|| self.line(element.offset));
        self.found.push(Oddity { what, path: self.path.join("/"), line });
    }

    /// The line of an offset, counted on from the last.
    fn line(&mut self, offset: usize) -> usize {
        let (from, line) = if offset >= self.counted.0 { self.counted } else { (0, 1) };
        let between = self.source.get(from..offset.min(self.source.len())).unwrap_or_default();
        self.counted = (offset, line + between.iter().filter(|byte| **byte == b'\n').count());
        self.counted.1
    }

    /// Reports an element whose name the schema does not have.
    pub(crate) fn check(&mut self, element: &Element<'_>) {
        if !schema::has(&element.tag) {
            self.odd(element, Odd::UnknownElement(element.tag.to_string()));
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Oddity> {
        if self.more > 0 {
            self.found.push(Oddity { what: Odd::More(self.more), path: String::new(), line: None });
        }
        self.found
    }
}

/// The text of an element on one line.
///
/// Readings above characters are left out, powers and indices become ² and ₂, pictures ［図］, columns stand apart by a
/// full-width space, and a table within a sentence becomes rows of `｜`.
pub(crate) fn text(element: &Element<'_>, notes: &mut Notes<'_>) -> String {
    // Most sentences are one text.
    if let [Node::Text(only)] = element.children.as_slice() {
        let mut out = String::with_capacity(only.len());
        push(&mut out, only);
        return out;
    }
    let mut out = String::new();
    append(element, &mut out, notes);
    out
}

fn append(element: &Element<'_>, out: &mut String, notes: &mut Notes<'_>) {
    let mut column = false;
    for child in &element.children {
        let child = match child {
            Node::Text(text) => {
                push(out, text);
                continue;
            }
            Node::Element(child) => child,
        };
        match &*child.tag {
            "Rt" => {}
            "Sup" => shifted(&text(child, notes), "⁰¹²³⁴⁵⁶⁷⁸⁹", '^', out),
            "Sub" => shifted(&text(child, notes), "₀₁₂₃₄₅₆₇₈₉", '_', out),
            "Fig" => out.push_str(FIGURE),
            "Table" => rows(child, notes).iter().for_each(|row| out.push_str(&format!("｜{}｜", row.join("｜")))),
            "Column" => {
                if column {
                    out.push('　');
                }
                column = true;
                append(child, out, notes);
            }
            "Sentence" | "Ruby" | "Line" | "ArithFormula" | "QuoteStruct" => append(child, out, notes),
            _ => {
                notes.check(child);
                append(child, out, notes);
            }
        }
    }
}

/// Text of a file without the line breaks and indentation of the file.
fn push(out: &mut String, text: &str) {
    if !text.contains(['\n', '\r', '\t']) {
        out.push_str(text);
        return;
    }
    for line in text.split(['\n', '\r']) {
        out.push_str(line.trim_matches([' ', '\t']));
    }
}

fn shifted(text: &str, digits: &str, mark: char, out: &mut String) {
    let small: Option<String> = text
        .chars()
        .map(|c| c.to_digit(10).or_else(|| ('０'..='９').contains(&c).then(|| u32::from(c) - u32::from('０'))))
        .map(|digit| digit.and_then(|digit| digits.chars().nth(digit as usize)))
        .collect();
    match small {
        Some(small) => out.push_str(&small),
        None => {
            out.push(mark);
            out.push_str(text);
        }
    }
}

/// The text of an element on lines: tables as rows, items and list entries each on a line.
pub(crate) fn lines(element: &Element<'_>, notes: &mut Notes<'_>, out: &mut Vec<String>) {
    match &*element.tag {
        "Table" => table(element, notes, out),
        "Fig" => out.push(FIGURE.to_owned()),
        "Rt" => {}
        "Sentence" | "Line" | "Ruby" | "Sup" | "Sub" | "TableColumn" | "TableHeaderColumn" => {
            line(text(element, notes), out)
        }
        tag if tag.ends_with("Sentence") || tag.ends_with("Title") || tag.ends_with("Label") => {
            line(text(element, notes), out);
        }
        "RelatedArticleNum" | "ArithFormulaNum" | "ArticleCaption" | "ParagraphCaption" => {
            line(text(element, notes), out);
        }
        "Paragraph" | "Item" | "Class" => labelled(element, notes, out),
        tag if tag.starts_with("Subitem") => labelled(element, notes, out),
        _ => {
            notes.check(element);
            let mut run = String::new();
            for child in &element.children {
                match child {
                    Node::Text(text) => push(&mut run, text),
                    Node::Element(child) if matches!(&*child.tag, "Ruby" | "Sup" | "Sub" | "Line") => {
                        append(child, &mut run, notes);
                    }
                    Node::Element(child) => {
                        line(std::mem::take(&mut run), out);
                        lines(child, notes, out);
                    }
                }
            }
            line(run, out);
        }
    }
}

fn line(text: String, out: &mut Vec<String>) {
    if !text.is_empty() {
        out.push(text);
    }
}

/// A label and its sentence on one line, what stands below on lines of its own.
fn labelled(element: &Element<'_>, notes: &mut Notes<'_>, out: &mut Vec<String>) {
    let (mut label, mut sentence, mut below) = (String::new(), String::new(), Vec::new());
    for child in element.elements() {
        match child.tag.strip_prefix(&*element.tag) {
            Some("Title" | "Num") => label = text(child, notes),
            Some("Sentence") => sentence = text(child, notes),
            _ => lines(child, notes, &mut below),
        }
    }
    match (label.is_empty(), sentence.is_empty()) {
        (false, false) => out.push(format!("{label}　{sentence}")),
        _ => line(label + &sentence, out),
    }
    out.append(&mut below);
}

fn rows(table: &Element<'_>, notes: &mut Notes<'_>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for row in table.elements() {
        let cells = row.elements().map(|cell| {
            let mut lines_of_cell = Vec::new();
            let sentences = cell.elements().all(|child| matches!(&*child.tag, "Sentence" | "Column"));
            if sentences {
                line(text(cell, notes), &mut lines_of_cell);
            } else {
                cell.elements().for_each(|child| lines(child, notes, &mut lines_of_cell));
            }
            lines_of_cell.join("／").replace('|', "｜")
        });
        rows.push(cells.collect());
    }
    rows
}

/// Rows as lines of `| a | b |`, a rule below the first.
fn table(element: &Element<'_>, notes: &mut Notes<'_>, out: &mut Vec<String>) {
    for (index, cells) in rows(element, notes).iter().enumerate() {
        out.push(format!("| {} |", cells.join(" | ")));
        if index == 0 {
            out.push(format!("|{}", " --- |".repeat(cells.len())));
        }
    }
}
