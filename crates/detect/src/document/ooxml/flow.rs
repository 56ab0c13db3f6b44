//! Running text of Word and of drawings (PowerPoint, charts, shapes in Excel): paragraphs of runs, tables, text boxes.
//!
//! WordprocessingML and DrawingML name these alike (`p`, `r`, `t`, `tc`, `tr`), so one walk reads both. A paragraph is
//! gathered whole before it is written down, so that a number that a writer split over several runs comes out unbroken,
//! with deleted and hidden runs taken out of it and kept apart.

use std::collections::{BTreeSet, HashSet};

use super::xml::{Node, Tag, walk};
use crate::document::Unreadable;
use crate::document::reading::At;

/// The text of one part, by how a reader sees it.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// What a reader sees; a paragraph ends a line, the cells of a row are separated by tabs.
    pub(super) body: String,
    /// What a reader does not see: hidden runs, alternative texts, field codes, tooltips.
    pub(super) hidden: String,
    /// Deleted text of tracked changes.
    pub(super) deleted: String,
    /// Who commented or changed something.
    pub(super) people: BTreeSet<String>,
}

/// Styles that hide what they are set on, by id.
pub(super) type HidingStyles = HashSet<String>;

/// Reads the running text of a part.
pub(super) fn flow(at: &At, part: &str, xml: &str, hiding: &HidingStyles) -> Result<Flow, Unreadable> {
    let mut walker = Walker::new(hiding);
    walk(at, part, xml, |node| {
        match node {
            Node::Start(tag) => walker.start(tag),
            Node::End(name) => walker.end(name),
            Node::Text(text) => walker.text(text),
        }
        Ok(())
    })?;
    Ok(walker.finish())
}

#[derive(Default)]
struct Paragraph {
    seen: String,
    hidden: String,
    deleted: String,
    ruby: String,
    code: String,
    shaded: bool,
    hides: bool,
}

#[derive(Default)]
struct Run {
    hidden: bool,
    white: bool,
    shaded: bool,
}

struct Walker<'s> {
    hiding: &'s HidingStyles,
    flow: Flow,
    paragraphs: Vec<Paragraph>,
    runs: Vec<Run>,
    /// Where each open cell began, and whether it is shaded.
    cells: Vec<(usize, bool)>,
    /// Open shapes, whether each is hidden, and how many are.
    shapes: Vec<bool>,
    hidden_shapes: usize,
    /// Texts of `mc:Fallback`, which mostly repeat the choice before them.
    fallback: Vec<String>,
    in_text: bool,
    in_code: bool,
    run_properties: usize,
    paragraph_properties: usize,
    deleting: usize,
    falling_back: usize,
    ruby: usize,
}

impl<'s> Walker<'s> {
    fn new(hiding: &'s HidingStyles) -> Self {
        Self {
            hiding,
            flow: Flow::default(),
            paragraphs: Vec::new(),
            runs: Vec::new(),
            cells: Vec::new(),
            shapes: Vec::new(),
            hidden_shapes: 0,
            fallback: Vec::new(),
            in_text: false,
            in_code: false,
            run_properties: 0,
            paragraph_properties: 0,
            deleting: 0,
            falling_back: 0,
            ruby: 0,
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let name = tag.name();
        if self.run_properties > 0 || self.paragraph_properties > 0 {
            self.property(name, tag);
            return;
        }
        match name {
            "rPr" => self.run_properties = 1,
            "pPr" => self.paragraph_properties = 1,
            "p" => self.paragraphs.push(Paragraph::default()),
            "r" => self.runs.push(Run::default()),
            "t" | "delText" | "v" | "text" => self.in_text = true,
            "instrText" | "delInstrText" => self.in_code = true,
            "tc" => self.cells.push((self.flow.body.len(), false)),
            "shd" if is_dark(tag) => {
                if let Some((_, shaded)) = self.cells.last_mut() {
                    *shaded = true;
                }
            }
            "del" | "moveFrom" => self.deleting += 1,
            "Fallback" => self.falling_back += 1,
            "rt" => self.ruby += 1,
            "sp" | "wsp" | "cxnSp" | "graphicFrame" | "pic" | "shape" | "rect" => self.shapes.push(false),
            "tab" | "ptab" => self.add("\t"),
            "br" | "cr" => self.add("\n"),
            "noBreakHyphen" => self.add("-"),
            _ => {}
        }
        self.attributes(name, tag);
    }

    fn end(&mut self, name: &str) {
        if self.run_properties > 0 {
            self.run_properties -= 1;
            return;
        }
        if self.paragraph_properties > 0 {
            self.paragraph_properties -= 1;
            return;
        }
        match name {
            "p" => self.end_paragraph(),
            "r" => drop(self.runs.pop()),
            "t" | "delText" | "v" | "text" => {
                self.in_text = false;
                if self.paragraphs.is_empty() {
                    self.line_end();
                }
            }
            "instrText" | "delInstrText" => self.in_code = false,
            "tc" => self.end_cell(),
            "tr" if self.flow.body.ends_with('\t') => {
                self.flow.body.pop();
                self.flow.body.push('\n');
            }
            "del" | "moveFrom" => self.deleting = self.deleting.saturating_sub(1),
            "Fallback" => self.falling_back = self.falling_back.saturating_sub(1),
            "rt" => self.ruby = self.ruby.saturating_sub(1),
            "sp" | "wsp" | "cxnSp" | "graphicFrame" | "pic" | "shape" | "rect" => {
                self.hidden_shapes -= usize::from(self.shapes.pop().unwrap_or(false));
            }
            _ => {}
        }
    }

    /// Inside the properties of a run or a paragraph: what hides it.
    fn property(&mut self, name: &str, tag: &Tag<'_>) {
        let of_run = self.run_properties > 0;
        if of_run {
            self.run_properties += 1
        } else {
            self.paragraph_properties += 1
        }
        let run = if of_run { self.runs.last_mut() } else { None };
        match (name, run) {
            ("vanish" | "webHidden", Some(run)) => run.hidden |= tag.is_on(),
            ("color", Some(run)) => run.white |= tag.get("val").is_some_and(|v| v.eq_ignore_ascii_case("FFFFFF")),
            // Half points: nobody reads letters of two points and less.
            ("sz", Some(run)) => {
                run.hidden |= tag.get("val").and_then(|v| v.parse::<u32>().ok()).is_some_and(|size| size <= 4);
            }
            ("shd", Some(run)) => run.shaded |= is_dark(tag),
            ("highlight", Some(run)) => run.shaded |= tag.is_on(),
            ("rStyle", Some(run)) => run.hidden |= tag.get("val").is_some_and(|v| self.hiding.contains(&v)),
            ("pStyle", None) => {
                let hides = tag.get("val").is_some_and(|v| self.hiding.contains(&v));
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.hides |= hides;
                }
            }
            ("shd", None) if is_dark(tag) => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.shaded = true;
                }
            }
            _ => {}
        }
        self.attributes(name, tag);
    }

    /// Texts that stand in attributes.
    fn attributes(&mut self, name: &str, tag: &Tag<'_>) {
        let keep: &[&str] = match name {
            "docPr" | "cNvPr" => &["descr", "title"],
            "hlinkClick" | "hlinkHover" | "hyperlink" => &["tooltip"],
            "fldSimple" => &["instr"],
            "docVar" | "alias" | "tag" | "default" | "helpText" | "statusText" => &["val"],
            "listItem" => &["displayText", "value"],
            "textpath" => &["string"],
            "shape" | "rect" => &["alt"],
            "comment" | "ins" | "del" | "moveFrom" | "moveTo" | "cmAuthor" | "author" | "person" => {
                for key in ["author", "name", "displayName"] {
                    self.flow.people.extend(tag.get(key).filter(|value| !value.is_empty()));
                }
                return;
            }
            _ => return,
        };
        for value in keep.iter().filter_map(|key| tag.get(key)).filter(|value| !value.trim().is_empty()) {
            match name {
                // Word art: this is how watermarks are set, and everybody sees them.
                "textpath" => push_line(&mut self.flow.body, &value),
                "fldSimple" if is_plain_field(&value) => {}
                _ => push_line(&mut self.flow.hidden, &value),
            }
        }
        if name == "cNvPr"
            && tag.get("hidden").is_some_and(|v| v == "1" || v == "true")
            && let Some(hidden) = self.shapes.last_mut()
        {
            self.hidden_shapes += usize::from(!*hidden);
            *hidden = true;
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_code {
            if let Some(paragraph) = self.paragraphs.last_mut() {
                paragraph.code.push_str(text);
            }
        } else if self.in_text {
            self.add(text);
        }
    }

    fn add(&mut self, text: &str) {
        let hidden_shape = self.hidden_shapes > 0;
        let Some(paragraph) = self.paragraphs.last_mut() else {
            if self.in_text {
                let out = if hidden_shape { &mut self.flow.hidden } else { &mut self.flow.body };
                out.push_str(text);
            }
            return;
        };
        let run = self.runs.last();
        let shaded = paragraph.shaded
            || run.is_some_and(|run| run.shaded)
            || self.cells.last().is_some_and(|&(_, shaded)| shaded)
            || !self.shapes.is_empty();
        let hidden = hidden_shape || paragraph.hides || run.is_some_and(|run| run.hidden || (run.white && !shaded));
        let out = if self.deleting > 0 {
            &mut paragraph.deleted
        } else if self.ruby > 0 {
            &mut paragraph.ruby
        } else if hidden {
            &mut paragraph.hidden
        } else {
            &mut paragraph.seen
        };
        out.push_str(text);
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else { return };
        push_line(&mut self.flow.hidden, &paragraph.hidden);
        push_line(&mut self.flow.deleted, &paragraph.deleted);
        if !is_plain_field(&paragraph.code) {
            push_line(&mut self.flow.hidden, paragraph.code.trim());
        }
        if self.falling_back > 0 {
            self.fallback.extend([paragraph.seen, paragraph.ruby].into_iter().filter(|text| !text.trim().is_empty()));
        } else {
            push_line(&mut self.flow.body, &paragraph.seen);
            // Readings of names stand in a line of their own, so that they do not break the names.
            push_line(&mut self.flow.body, &paragraph.ruby);
        }
    }

    fn end_cell(&mut self) {
        let Some((begun, _)) = self.cells.pop() else { return };
        if self.flow.body.len() > begun && self.flow.body.ends_with('\n') {
            self.flow.body.pop();
        }
        self.flow.body.push('\t');
    }

    fn line_end(&mut self) {
        for out in [&mut self.flow.body, &mut self.flow.hidden] {
            if !out.is_empty() && !out.ends_with('\n') && !out.ends_with('\t') {
                out.push('\n');
            }
        }
    }

    fn finish(mut self) -> Flow {
        while !self.paragraphs.is_empty() {
            self.end_paragraph();
        }
        let seen: HashSet<&str> = self.flow.body.lines().collect();
        let mut unseen = String::new();
        for line in self.fallback.iter().filter(|line| !seen.contains(line.trim_end_matches('\n'))) {
            push_line(&mut unseen, line);
        }
        self.flow.hidden.push_str(&unseen);
        self.flow
    }
}

/// A shading other than none and white.
fn is_dark(tag: &Tag<'_>) -> bool {
    tag.get("fill").is_some_and(|fill| !matches!(fill.to_ascii_uppercase().as_str(), "AUTO" | "FFFFFF" | ""))
        || tag.get("themeFill").is_some()
}

/// Field codes that only count, refer and align. Others hold addresses and texts.
fn is_plain_field(code: &str) -> bool {
    const PLAIN: [&str; 16] = [
        "PAGE",
        "NUMPAGES",
        "SECTIONPAGES",
        "PAGEREF",
        "REF",
        "NOTEREF",
        "STYLEREF",
        "SEQ",
        "TOC",
        "DATE",
        "TIME",
        "SECTION",
        "FORMTEXT",
        "FORMCHECKBOX",
        "FORMDROPDOWN",
        "=",
    ];
    let code = code.trim();
    code.is_empty() || (code.is_ascii() && code.split_whitespace().next().is_some_and(|first| PLAIN.contains(&first)))
}

fn push_line(out: &mut String, line: &str) {
    if !line.trim().is_empty() {
        out.push_str(line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inner: &str) -> Flow {
        let xml = format!("<w:document xmlns:w=\"w\"><w:body>{inner}</w:body></w:document>");
        flow(&At::top("a"), "p", &xml, &HidingStyles::from(["隠".to_owned()])).unwrap()
    }

    fn run(properties: &str, text: &str) -> String {
        format!("<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>")
    }

    #[test]
    fn a_number_in_several_runs_is_unbroken() {
        let flow = read(&format!("<w:p>{}{}{}</w:p>", run("<w:b/>", "1234"), run("", "5678"), run("<w:i/>", "9018")));
        assert_eq!(flow.body, "123456789018\n");
    }

    #[test]
    fn what_is_deleted_or_hidden_is_kept_apart() {
        let flow = read(
            "<w:p><w:r><w:t>残る</w:t></w:r><w:del w:author=\"架空 花子\"><w:r><w:delText>消えた</w:delText></w:r></w:del>\
             <w:r><w:rPr><w:vanish/></w:rPr><w:t>隠し</w:t></w:r><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>文</w:t></w:r>\
             <w:r><w:rPr><w:color w:val=\"ffffff\"/></w:rPr><w:t>白</w:t></w:r><w:r><w:rPr><w:rStyle w:val=\"隠\"/></w:rPr>\
             <w:t>様式</w:t></w:r></w:p>",
        );
        assert_eq!(flow.body, "残る文\n");
        assert_eq!(flow.deleted, "消えた\n");
        assert_eq!(flow.hidden, "隠し白様式\n");
        assert!(flow.people.contains("架空 花子"));
    }

    #[test]
    fn white_on_dark_is_seen() {
        let flow = read(&format!(
            "<w:tbl><w:tr><w:tc><w:tcPr><w:shd w:fill=\"1F3864\"/></w:tcPr><w:p>{}</w:p></w:tc></w:tr></w:tbl>",
            run("<w:color w:val=\"FFFFFF\"/>", "見出し")
        ));
        assert_eq!(flow.body, "見出し\n");
        assert_eq!(flow.hidden, "");
    }

    #[test]
    fn cells_are_separated_by_tabs_and_rows_end_lines() {
        let cell = |text: &str| format!("<w:tc><w:p>{}</w:p></w:tc>", run("", text));
        let empty = "<w:tc><w:p/></w:tc>";
        let flow = read(&format!(
            "<w:tbl><w:tr>{}{empty}{}</w:tr><w:tr>{empty}{}</w:tr></w:tbl>",
            cell("氏名"),
            cell("番号"),
            cell("山田")
        ));
        assert_eq!(flow.body, "氏名\t\t番号\n\t山田\n");
    }

    #[test]
    fn a_text_box_does_not_break_its_paragraph_and_is_not_doubled() {
        let text_box = "<w:txbxContent><w:p><w:r><w:t>箱の中</w:t></w:r></w:p></w:txbxContent>";
        let flow = read(&format!(
            "<w:p><w:r><w:t>前</w:t></w:r><w:r><mc:AlternateContent><mc:Choice>{text_box}</mc:Choice><mc:Fallback>\
             {text_box}<w:p><w:r><w:t>別の文</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:r>\
             <w:r><w:t>後</w:t></w:r></w:p>"
        ));
        assert_eq!(flow.body, "箱の中\n前後\n");
        assert_eq!(flow.hidden, "別の文\n");
    }

    #[test]
    fn readings_fields_watermarks_and_alternative_texts_are_found() {
        let flow = read(
            "<w:p><w:r><w:ruby><w:rt><w:r><w:t>やま</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>山</w:t></w:r></w:rubyBase>\
             </w:ruby></w:r><w:r><w:t>田</w:t></w:r><w:r><w:instrText> HYPERLINK \"mailto:a@example.jp\" </w:instrText></w:r></w:p>\
             <w:p><w:r><w:instrText> PAGE </w:instrText></w:r><w:r><v:shape><v:textpath string=\"取扱注意\"/></v:shape></w:r>\
             <wp:docPr descr=\"庁舎の図\"/></w:p>",
        );
        assert_eq!(flow.body, "山田\nやま\n取扱注意\n");
        assert_eq!(flow.hidden, "HYPERLINK \"mailto:a@example.jp\"\n庁舎の図\n");
    }
}
