//! XML to a tree: no document type, no entities of its own, no endless depth.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::error::{DEEPEST, LARGEST, MOST_ELEMENTS, Position, ReadError};
use super::tree::{self, Element, Node};

/// The root of a file.
///
/// # Errors
/// For files too large, not UTF-8, not well-formed, too deep, or with entities of their own.
pub(crate) fn parse(bytes: &[u8]) -> Result<Element<'_>, ReadError> {
    if bytes.len() > LARGEST {
        return Err(ReadError::TooLarge { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ReadError::NotUtf8 { at: Position::of(bytes, error.valid_up_to()) })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Building::new(text).run()
}

struct Building<'a> {
    text: &'a str,
    open: Vec<Element<'a>>,
    root: Option<Element<'a>>,
    count: usize,
}

impl<'a> Building<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, open: Vec::new(), root: None, count: 0 }
    }

    fn run(mut self) -> Result<Element<'a>, ReadError> {
        let mut reader = Reader::from_str(self.text);
        loop {
            let before = offset(reader.buffer_position());
            let event = reader.read_event().map_err(|error| self.broken(reader.error_position(), error.to_string()))?;
            match event {
                Event::Start(start) => {
                    let element = self.element(&start, before)?;
                    self.open.push(element);
                }
                Event::Empty(start) => {
                    let element = self.element(&start, before)?;
                    self.close(element);
                }
                Event::End(_) => {
                    if let Some(element) = self.open.pop() {
                        self.close(element);
                    }
                }
                Event::Text(text) => self.text(text.into_inner()),
                Event::CData(text) => self.text(text.into_inner()),
                Event::GeneralRef(reference) => {
                    let character = match &*reference {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        name => reference.resolve_char_ref().ok().flatten().ok_or_else(|| {
                            ReadError::UnknownEntity { at: self.position(before), name: name.to_owned() }
                        })?,
                    };
                    self.text(Cow::Owned(character.to_string()));
                }
                Event::DocType(_) => {
                    return Err(self.broken(before as u64, "a document type is not allowed here".to_owned()));
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if let Some(open) = self.open.last() {
            return Err(self.broken(self.text.len() as u64, format!("the file breaks off within `{}`", open.tag)));
        }
        self.root.ok_or(ReadError::NoLaw { wanted: "Law" })
    }

    fn element(&mut self, start: &BytesStart<'a>, offset: usize) -> Result<Element<'a>, ReadError> {
        self.count += 1;
        if self.open.len() >= DEEPEST || self.count > MOST_ELEMENTS {
            return Err(ReadError::TooDeep { at: self.position(offset) });
        }
        let mut attributes = Vec::new();
        // The check for doubles is quadratic.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.broken(offset as u64, error.to_string()))?;
            if let Some(name) = tree::attribute(attribute.key.local_name().into_inner()) {
                let value = unescape(&attribute.value).map_or_else(|_| attribute.value.to_string(), Cow::into_owned);
                attributes.push((name, Cow::Owned(value)));
            }
        }
        let tag = known(start.local_name().into_inner());
        Ok(Element { tag, attributes, children: Vec::new(), offset })
    }

    fn close(&mut self, element: Element<'a>) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None if self.root.is_none() => self.root = Some(element),
            None => {}
        }
    }

    fn text(&mut self, text: Cow<'a, str>) {
        let Some(parent) = self.open.last_mut() else { return };
        // Line breaks with indentation stand between elements, never within a sentence.
        if text.starts_with(['\n', '\r']) && text.trim_ascii().is_empty() {
            return;
        }
        match parent.children.last_mut() {
            Some(Node::Text(before)) => before.to_mut().push_str(&text),
            _ => parent.children.push(Node::Text(text)),
        }
    }

    fn position(&self, offset: usize) -> Position {
        Position::of(self.text.as_bytes(), offset)
    }

    fn broken(&self, offset_in_text: u64, what: String) -> ReadError {
        ReadError::BrokenXml { at: self.position(offset(offset_in_text)), what }
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// The names met most, without an allocation each.
fn known<'a>(name: &str) -> Cow<'a, str> {
    const KNOWN: &[&str] = &[
        "Sentence",
        "ParagraphSentence",
        "Paragraph",
        "ParagraphNum",
        "Item",
        "ItemTitle",
        "ItemSentence",
        "Column",
        "Article",
        "ArticleTitle",
        "ArticleCaption",
        "TableColumn",
        "TableRow",
        "Subitem1",
        "Subitem1Title",
        "Subitem1Sentence",
        "Subitem2",
        "Subitem2Title",
        "Subitem2Sentence",
        "Ruby",
        "Rt",
        "SupplProvision",
    ];
    KNOWN
        .iter()
        .find(|known| **known == name)
        .map_or_else(|| Cow::Owned(name.to_owned()), |known| Cow::Borrowed(*known))
}
