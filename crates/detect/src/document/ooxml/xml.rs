//! XML as office files contain it: no document type, no entities of its own, no endless depth.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};

use crate::document::reading::At;
use crate::document::{Unreadable, encoding};

/// What a walk meets. Names are without their prefixes: the prefixes are the writer's choice.
pub(super) enum Node<'x> {
    Start(&'x Tag<'x>),
    End(&'x str),
    Text(&'x str),
}

/// A start tag.
pub(super) struct Tag<'x>(BytesStart<'x>);

impl Tag<'_> {
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of an attribute, by its name without prefix.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let mut attributes = self.raw_attributes();
        attributes.find(|attribute| attribute.key.local_name().into_inner() == name).map(|attribute| value(&attribute))
    }

    /// Whether an on/off attribute (`val`) says on; its absence does.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.get("val").as_deref(), Some("0" | "false" | "off" | "none"))
    }

    /// All attributes, names without prefixes.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (String, String)> {
        self.raw_attributes().map(|attribute| (attribute.key.local_name().into_inner().to_owned(), value(&attribute)))
    }

    fn raw_attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let mut attributes = self.0.attributes();
        // The check for doubles is quadratic.
        attributes.with_checks(false);
        attributes.filter_map(Result::ok)
    }
}

/// The value with its references resolved; as it is written when one of them cannot be.
fn value(attribute: &Attribute<'_>) -> String {
    unescape(&attribute.value).map_or_else(|_| attribute.value.to_string(), Cow::into_owned)
}

/// The characters of an XML part: UTF-8 or, with a mark, UTF-16.
pub(super) fn characters(at: &At, part: &str, bytes: Vec<u8>) -> Result<String, Unreadable> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return encoding::decode(&bytes, usize::MAX).map_err(|_| at.broken(part, "UTF-16"));
    }
    String::from_utf8(bytes)
        .map_err(|e| at.broken(format!("{part}, byte {}", e.utf8_error().valid_up_to()), "not UTF-8"))
        .map(|text| text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// No office program nests deeper than some dozens; what is open is kept in memory.
const DEPTH: usize = 4096;

/// Walks through a part from its beginning to its end.
///
/// # Errors
/// What `visit` returns, and [`super::super::Reason::Broken`] for XML that is not well-formed, breaks off, or brings a
/// document type: entities of its own are how XML becomes a bomb, and no office program writes them.
pub(super) fn walk(
    at: &At,
    part: &str,
    xml: &str,
    mut visit: impl FnMut(Node<'_>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0_usize;
    loop {
        let event = reader.read_event();
        let place = || format!("{part}, byte {}", reader.buffer_position());
        let event = event.map_err(|e| at.broken(place(), e.to_string()))?;
        match event {
            Event::Start(start) => {
                depth += 1;
                if depth > DEPTH {
                    return Err(at.broken(place(), "it is nested too deep"));
                }
                visit(Node::Start(&Tag(start)))?;
            }
            Event::Empty(start) => {
                let tag = Tag(start);
                visit(Node::Start(&tag))?;
                visit(Node::End(tag.name()))?;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                visit(Node::End(end.local_name().into_inner()))?;
            }
            Event::Text(text) => visit(Node::Text(&text))?,
            Event::CData(text) => visit(Node::Text(&text))?,
            Event::GeneralRef(reference) => {
                let character = match &*reference {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    name => match reference.resolve_char_ref() {
                        Ok(Some(character)) => character,
                        _ => return Err(at.broken(place(), format!("unknown entity `{name}`"))),
                    },
                };
                visit(Node::Text(character.encode_utf8(&mut [0; 4])))?;
            }
            Event::DocType(_) => return Err(at.broken(place(), "a document type is not allowed here")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if depth > 0 => return Err(at.broken(place(), "it breaks off")),
            Event::Eof => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Reason;

    fn text(xml: &str) -> Result<String, Unreadable> {
        let mut all = String::new();
        walk(&At::top("a"), "p", xml, |node| {
            if let Node::Text(text) = node {
                all.push_str(text);
            }
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn references_to_characters_are_resolved() {
        assert_eq!(text("<a>&#x67B6;&#31354;<b><![CDATA[<省>]]></b>&amp;</a>").unwrap(), "架空<省>&");
    }

    #[test]
    fn a_document_type_is_refused_and_never_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"lol\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
        assert!(matches!(text(bomb).unwrap_err().reason, Reason::Broken { .. }));
        assert!(matches!(text("<a>&c;</a>").unwrap_err().reason, Reason::Broken { .. }));
    }

    #[test]
    fn xml_that_breaks_off_is_broken() {
        for xml in ["<a><b>文", "<a><b></a>", "<a", "<a>&#xD800;</a>"] {
            assert!(matches!(text(xml).unwrap_err().reason, Reason::Broken { .. }), "{xml}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |levels: usize| format!("{}架空{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert_eq!(text(&deep(DEPTH)).unwrap(), "架空");
        assert!(matches!(text(&deep(500_000)).unwrap_err().reason, Reason::Broken { .. }));
    }
}
