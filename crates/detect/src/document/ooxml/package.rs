//! The parts of an office file, how they are connected, and which have been read.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::flow::{HidingStyles, flow};
use super::xml::{Node, characters, walk};
use crate::document::archive::Archive;
use crate::document::reading::{At, Reading};
use crate::document::{PartKind, Reason, Unreadable, html};

/// An office file that is open for reading. Names of parts compare without case, as the standard has it, and are in
/// small letters here.
pub(super) struct Package<'r, 'b> {
    reading: &'r mut Reading,
    at: &'r At,
    archive: Archive<'b>,
    index: HashMap<String, usize>,
    defaults: HashMap<String, String>,
    overrides: HashMap<String, String>,
    done: HashSet<String>,
    /// Who commented or changed something.
    pub(super) people: BTreeSet<String>,
}

/// Relations of one part and types of parts that are kept in memory. The largest office files have some ten thousand.
pub(super) const MANY: usize = 1 << 18;

/// How one part refers to another.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of the type, such as `slide`.
    pub(super) kind: String,
    /// The part, or the address when it lies outside.
    pub(super) target: String,
    pub(super) outside: bool,
}

impl<'r, 'b> Package<'r, 'b> {
    pub(super) fn open(reading: &'r mut Reading, at: &'r At, archive: Archive<'b>) -> Result<Self, Unreadable> {
        let names = archive.members().iter().map(|member| member.name.trim_start_matches('/').to_lowercase());
        let index: HashMap<String, usize> = names.zip(0..).collect();
        if index.len() != archive.members().len() {
            return Err(at.broken("ZIP", "two parts have the same name"));
        }
        let mut package = Self {
            reading,
            at,
            archive,
            index,
            defaults: HashMap::new(),
            overrides: HashMap::new(),
            done: HashSet::new(),
            people: BTreeSet::new(),
        };
        package.content_types()?;
        Ok(package)
    }

    pub(super) fn at(&self) -> &'r At {
        self.at
    }

    fn content_types(&mut self) -> Result<(), Unreadable> {
        let part = "[content_types].xml";
        let Some(xml) = self.part(part)? else { return Ok(()) };
        let (mut defaults, mut overrides) = (HashMap::new(), HashMap::new());
        walk(self.at, part, &xml, |node| {
            if let Node::Start(tag) = node
                && let Some(kind) = tag.get("ContentType")
            {
                if overrides.len() + defaults.len() >= MANY {
                    return Err(self.at.broken(part, "too many types"));
                }
                if let Some(name) = tag.get("PartName") {
                    overrides.insert(name.trim_start_matches('/').to_lowercase(), kind);
                } else if let Some(extension) = tag.get("Extension") {
                    defaults.insert(extension.to_lowercase(), kind);
                }
            }
            Ok(())
        })?;
        self.defaults = defaults;
        self.overrides = overrides;
        Ok(())
    }

    pub(super) fn content_type(&self, part: &str) -> &str {
        let extension = part.rsplit_once('.').map_or("", |(_, extension)| extension);
        self.overrides.get(part).or_else(|| self.defaults.get(extension)).map_or("", String::as_str)
    }

    /// The part that the document begins with.
    pub(super) fn main_part(&mut self) -> Result<Option<String>, Unreadable> {
        let relations = self.relations("")?;
        Ok(relations.into_iter().find(|relation| relation.kind == "officeDocument").map(|relation| relation.target))
    }

    /// The parts of which the names begin so, in the order of their numbers (`slide2` before `slide10`).
    pub(super) fn names_under(&self, beginning: &str) -> Vec<String> {
        let mut names: Vec<String> = self.index.keys().filter(|name| name.starts_with(beginning)).cloned().collect();
        names.sort_by_key(|name| (name.len(), name.clone()));
        names
    }

    /// The characters of an XML part, once: the second time and when there is no such part, nothing.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<String>, Unreadable> {
        match self.bytes(name)? {
            Some(bytes) => characters(self.at, name, bytes).map(Some),
            None => Ok(None),
        }
    }

    fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Unreadable> {
        let name = name.to_lowercase();
        let Some(&index) = self.index.get(&name) else { return Ok(None) };
        if !self.done.insert(name.clone()) {
            return Ok(None);
        }
        self.archive.unpack(self.reading, &self.at.member(&name), index).map(Some)
    }

    /// What a part refers to; the part named `""` is the package itself. Addresses outside are noted down.
    pub(super) fn relations(&mut self, part: &str) -> Result<Vec<Relation>, Unreadable> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") };
        let Some(xml) = self.part(&name)? else { return Ok(Vec::new()) };
        let mut relations = Vec::new();
        walk(self.at, &name, &xml, |node| {
            if let Node::Start(tag) = node
                && tag.name() == "Relationship"
            {
                if relations.len() >= MANY {
                    return Err(self.at.broken(&name, "too many relations"));
                }
                let outside = tag.get("TargetMode").is_some_and(|mode| mode == "External");
                let target = tag.get("Target").unwrap_or_default();
                relations.push(Relation {
                    id: tag.get("Id").unwrap_or_default(),
                    kind: tag.get("Type").unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned(),
                    target: if outside { target } else { resolve(folder, &target) },
                    outside,
                });
            }
            Ok(())
        })?;
        let outside: Vec<&str> = relations.iter().filter(|r| r.outside).map(|r| r.target.as_str()).collect();
        self.push(PartKind::Hidden, "リンク先", outside.join("\n"))?;
        Ok(relations)
    }

    pub(super) fn push(&mut self, kind: PartKind, place: &str, text: String) -> Result<(), Unreadable> {
        if text.trim().is_empty() { Ok(()) } else { self.reading.push(self.at, kind, place, text) }
    }

    pub(super) fn text_left(&self) -> usize {
        self.reading.text_left()
    }

    pub(super) fn too_much_text(&self) -> Unreadable {
        self.at.fail(self.reading.too_much_text())
    }

    /// Every text of an XML part, one line each with the name of its element, and every attribute that holds letters
    /// outside ASCII or a run of digits: for parts that are data.
    pub(super) fn leaves(&self, part: &str, xml: &str) -> Result<String, Unreadable> {
        let (mut lines, mut text) = (String::new(), String::new());
        walk(self.at, part, xml, |node| {
            match node {
                Node::Start(tag) => {
                    for (key, value) in tag.attributes() {
                        if key != "pid" && key != "fmtid" && !tag.name().is_empty() && is_telling(&value) {
                            lines.push_str(&format!("{key}: {value}\n"));
                        }
                    }
                    text.clear();
                }
                Node::Text(more) => text.push_str(more),
                Node::End(name) => {
                    if !text.trim().is_empty() {
                        lines.push_str(&format!("{name}: {}\n", text.trim()));
                    }
                    text.clear();
                }
            }
            Ok(())
        })?;
        Ok(lines)
    }

    /// Looks at every part that has not been read.
    pub(super) fn rest(&mut self) -> Result<(), Unreadable> {
        let mut names: Vec<String> = self.index.keys().cloned().collect();
        names.sort_by_key(|name| (name.len(), name.clone()));
        for name in names {
            if name.ends_with('/') || self.done.contains(&name) {
                continue;
            }
            self.left_over(&name)?;
        }
        let people: Vec<String> = std::mem::take(&mut self.people).into_iter().collect();
        self.push(PartKind::Property, "作成者・変更者", people.join("\n"))
    }

    fn left_over(&mut self, name: &str) -> Result<(), Unreadable> {
        // Form, not content: fonts, colours, the settings of a printer; and the small picture of the first page, whose
        // text has been read.
        const FORM: [&str; 14] = [
            "theme",
            "styles",
            "stylesWithEffects",
            "fonttable",
            "websettings",
            "tablestyles",
            "presprops",
            "viewprops",
            "calcchain",
            "printersettings",
            "thumbnail",
            "numbering",
            "sheetmetadata",
            "revisioninfo",
        ];
        if let Some(part) = name.strip_suffix(".rels") {
            let (folder, file) = part.rsplit_once("_rels/").unwrap_or(("", part));
            return self.relations(&format!("{folder}{file}")).map(drop);
        }
        let stem = name.rsplit('/').next().unwrap_or(name).split('.').next().unwrap_or(name);
        let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        if FORM.iter().any(|form| form.eq_ignore_ascii_case(stem))
            || name.ends_with(".fntdata")
            || name.ends_with(".odttf")
        {
            return Ok(());
        }
        let Some(bytes) = self.bytes(name)? else { return Ok(()) };
        if name.ends_with(".vml") {
            // Written by hand rather than as XML: read as leniently as a page.
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let page = html::text(&text);
            // Most of it says where a shape stands and how it behaves.
            let told: Vec<&str> =
                page.body.lines().chain(page.hidden.lines()).filter(|line| is_telling(line)).collect();
            return self.push(PartKind::Hidden, name, told.join("\n"));
        }
        if self.content_type(name).ends_with("xml") || name.ends_with(".xml") {
            let xml = characters(self.at, name, bytes)?;
            // Word, drawings and charts have paragraphs; everything else is data.
            let running = ["wordprocessingml", "drawingml", "office/word", "ms-word", "office/drawing"];
            if running
                .iter()
                .any(|kind| xml.get(..xml.floor_char_boundary(4096)).is_some_and(|head| head.contains(kind)))
            {
                let flow = flow(self.at, name, &xml, &HidingStyles::new())?;
                return self.push_flow(PartKind::Hidden, name, flow);
            }
            let lines = self.leaves(name, &xml)?;
            return self.push(PartKind::Hidden, name, lines);
        }
        let inside = self.at.member(name);
        if name.ends_with(".bin") && !bytes.starts_with(b"PK") {
            // Objects of other programs and macros. A file behind a password is refused; for the rest the policy decides.
            return match self.reading.member(&inside, &bytes) {
                Err(e) if e.reason == Reason::Encrypted => Err(e),
                _ => {
                    self.reading.unseen(inside.fail(Reason::Unsupported { format: "embedded object or macro".into() }));
                    Ok(())
                }
            };
        }
        self.reading.member(&inside, &bytes)
    }
}

/// Whether an attribute's value is worth a look: it says something in a language other than the format's, or has a run
/// of digits or an address in it.
fn is_telling(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (!value.is_ascii() || value.contains('@') || digits >= 7)
        && !value.starts_with("http://schemas.")
        && !value.starts_with('{')
}

/// The part that `target` names in a part of `folder`.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut steps: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.retain(|step| !step.is_empty());
    steps.join("/").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_resolved_as_paths() {
        assert_eq!(resolve("ppt/slides", "../notesSlides/notesSlide1.xml"), "ppt/notesslides/notesslide1.xml");
        assert_eq!(resolve("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("", "word/document.xml"), "word/document.xml");
        assert_eq!(resolve("xl", "../../../x"), "x");
    }
}
