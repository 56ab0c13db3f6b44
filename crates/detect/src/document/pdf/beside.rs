//! What lies beside the pages: properties, annotations, form fields, the outline, embedded files and scripts.

use std::collections::HashSet;

use hayro_syntax::Pdf;
use hayro_syntax::object::dict::Dict;
use hayro_syntax::object::{Array, Object, ObjectIdentifier, Stream, String as PdfString};

use super::{streams, text_string};
use crate::document::reading::{At, Reading};
use crate::document::{PartKind, Reason, Unreadable, html};

/// Reads what is not on the pages. Every chain and tree is walked without recursion and each object once, so that one
/// that leads back to itself ends.
pub(super) struct Beside<'p> {
    pdf: &'p Pdf,
    root: Dict<'p>,
    looks: HashSet<ObjectIdentifier>,
}

impl<'p> Beside<'p> {
    pub(super) fn new(pdf: &'p Pdf) -> Self {
        let root = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()).unwrap_or_default();
        Self { pdf, root, looks: HashSet::new() }
    }

    /// How many pages the document says that it has.
    pub(super) fn declared_pages(&self) -> Option<usize> {
        self.root.get::<Dict<'_>>("Pages")?.get::<usize>("Count")
    }

    /// Title, author and so on, and the XMP packet.
    pub(super) fn properties(&self, reading: &mut Reading, at: &At) -> Result<(), Unreadable> {
        let metadata = self.pdf.metadata();
        let all = [
            ("Title", &metadata.title),
            ("Author", &metadata.author),
            ("Subject", &metadata.subject),
            ("Keywords", &metadata.keywords),
            ("Creator", &metadata.creator),
            ("Producer", &metadata.producer),
        ];
        let mut lines = String::new();
        for (name, value) in all {
            if let Some(value) = value {
                lines.push_str(&format!("{name}: {}\n", text_string(value)));
            }
        }
        if let Some(packet) = self.root.get::<Stream<'_>>("Metadata").and_then(|stream| stream.decoded_data().ok()) {
            let packet = html::text(&String::from_utf8_lossy(&packet));
            for line in packet.body.lines().map(str::trim).filter(|line| !line.is_empty()) {
                lines.push_str(line);
                lines.push('\n');
            }
        }
        reading.push(at, PartKind::Property, "プロパティ", lines)
    }

    /// What the annotations of a page say, where their links lead and which files they hold.
    pub(super) fn annotations(
        &self,
        reading: &mut Reading,
        at: &At,
        page: &Dict<'_>,
        place: &str,
    ) -> Result<(), Unreadable> {
        let (mut comments, mut links) = (String::new(), String::new());
        for annotation in page.get::<Array<'_>>("Annots").iter().flat_map(|list| list.iter::<Dict<'_>>()) {
            for key in ["Contents", "T", "Subj", "RC"] {
                // The name of a form field is not worth a comment, and fields are read as such.
                if key == "T" && annotation.contains_key("FT") {
                    continue;
                }
                if let Some(text) = text_of(&annotation, key) {
                    gather(reading, at, &mut comments, &text)?;
                }
            }
            if let Some(action) = annotation.get::<Dict<'_>>("A")
                && let Some(address) = text_of(&action, "URI")
            {
                gather(reading, at, &mut links, &address)?;
            }
        }
        reading.push(at, PartKind::Comment, &format!("{place} 注釈"), comments)?;
        reading.push(at, PartKind::Hidden, &format!("{place} リンク先"), links)
    }

    /// How stamps and free texts look: forms with content of their own. Each is returned once.
    pub(super) fn looks<'d>(&mut self, page: &Dict<'d>) -> Vec<Stream<'d>> {
        let mut looks = Vec::new();
        for annotation in page.get::<Array<'_>>("Annots").iter().flat_map(|list| list.iter::<Dict<'_>>()) {
            let Some(appearance) = annotation.get::<Dict<'_>>("AP") else { continue };
            let mut found = streams(&appearance, "N");
            if let Some(states) = appearance.get::<Dict<'_>>("N") {
                found.extend(states.keys().filter_map(|state| states.get::<Stream<'_>>(&*state)));
            }
            looks.extend(found.into_iter().filter(|stream| self.looks.insert(stream.obj_id())));
        }
        looks
    }

    /// The titles of the outline.
    pub(super) fn outlines(&self, reading: &mut Reading, at: &At) -> Result<(), Unreadable> {
        let mut titles = String::new();
        let mut seen = HashSet::new();
        let mut next: Vec<Dict<'_>> = self.root.get::<Dict<'_>>("Outlines").into_iter().collect();
        while let Some(item) = next.pop() {
            if item.obj_id().is_none_or(|id| !seen.insert(id)) {
                continue;
            }
            if let Some(title) = text_of(&item, "Title") {
                gather(reading, at, &mut titles, &title)?;
            }
            // The child is taken up before the sibling.
            next.extend(["Next", "First"].iter().filter_map(|key| item.get::<Dict<'_>>(*key)));
        }
        reading.push(at, PartKind::Property, "しおり", titles)
    }

    /// Names and values of form fields, and the data of XFA forms.
    pub(super) fn fields(&self, reading: &mut Reading, at: &At) -> Result<(), Unreadable> {
        let Some(form) = self.root.get::<Dict<'_>>("AcroForm") else { return Ok(()) };
        let mut lines = String::new();
        let mut seen = HashSet::new();
        let children = |dict: &Dict<'p>, key: &str| -> Vec<Dict<'p>> {
            dict.get::<Array<'_>>(key).map(|list| list.iter::<Dict<'_>>().collect()).unwrap_or_default()
        };
        let mut next = children(&form, "Fields");
        next.reverse();
        while let Some(field) = next.pop() {
            // A field that is written out in the list has the number of the object around it.
            if field.obj_id().is_none_or(|id| !seen.insert((id, field.data().as_ptr()))) {
                continue;
            }
            let values: Vec<String> = ["T", "TU", "V", "DV"].iter().filter_map(|key| text_of(&field, key)).collect();
            if !values.is_empty() {
                gather(reading, at, &mut lines, &values.join("\t"))?;
            }
            next.extend(children(&field, "Kids").into_iter().rev());
        }
        reading.push(at, PartKind::Body, "フォーム", lines)?;
        for stream in streams(&form, "XFA") {
            if let Ok(data) = stream.decoded_data() {
                let data = html::text(&String::from_utf8_lossy(&data));
                reading.push(at, PartKind::Hidden, "フォーム (XFA)", data.body)?;
            }
        }
        Ok(())
    }

    /// Embedded files, wherever they are attached, and scripts.
    pub(super) fn files(&self, reading: &mut Reading, at: &At) -> Result<(), Unreadable> {
        let mut seen = HashSet::new();
        for object in self.pdf.objects() {
            let Some(dict) = object.into_dict() else { continue };
            if let Some(script) = text_of(&dict, "JS") {
                reading.push(at, PartKind::Hidden, "スクリプト", script)?;
            }
            let mut specifications = vec![dict.clone()];
            specifications.extend(dict.get::<Dict<'_>>("FS"));
            for specification in specifications {
                let Some(files) = specification.get::<Dict<'_>>("EF") else { continue };
                let name = ["UF", "F"].iter().find_map(|key| text_of(&specification, key));
                let name = name.unwrap_or_else(|| "添付ファイル".to_owned());
                for file in ["UF", "F", "DOS", "Mac", "Unix"].iter().filter_map(|key| files.get::<Stream<'_>>(*key)) {
                    if !seen.insert(file.obj_id()) {
                        continue;
                    }
                    reading.members(at, 1)?;
                    reading.push(at, PartKind::Name, "添付ファイル", name.clone())?;
                    let inside = at.member(&name);
                    let Ok(data) = file.decoded_data() else {
                        return Err(inside.fail(Reason::Broken {
                            place: "PDF".into(),
                            detail: "the embedded file cannot be unpacked".into(),
                        }));
                    };
                    reading.unpacked(&inside, data.len())?;
                    reading.member(&inside, &data)?;
                }
            }
        }
        Ok(())
    }
}

/// Adds a line. Many entries may refer to one long text, so the bound is asked each time.
fn gather(reading: &Reading, at: &At, out: &mut String, line: &str) -> Result<(), Unreadable> {
    out.push_str(line);
    out.push('\n');
    if out.len() > reading.text_left() { Err(at.fail(reading.too_much_text())) } else { Ok(()) }
}

/// The text that an entry holds: a string, a name, a stream or a list of strings.
fn text_of(dict: &Dict<'_>, key: &str) -> Option<String> {
    let text = match dict.get::<Object<'_>>(key)? {
        Object::String(text) => text_string(text.as_bytes()),
        Object::Name(name) => text_string(name.as_ref()),
        Object::Stream(stream) => text_string(&stream.decoded_data().ok()?),
        Object::Array(list) => {
            let texts: Vec<String> = list.iter::<PdfString<'_>>().map(|text| text_string(text.as_bytes())).collect();
            texts.join("\n")
        }
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}
