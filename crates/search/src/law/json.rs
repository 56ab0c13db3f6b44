//! The trees of the law API, version 2: `{"tag", "attr", "children"}`, bare or within an answer.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::error::{DEEPEST, LARGEST, MOST_ELEMENTS, Position, ReadError};
use super::tree::{self, Element, Node};

/// What an answer says of the law beside its text.
#[derive(Debug, Default)]
pub(crate) struct Answer<'a> {
    pub(crate) root: Option<Element<'a>>,
    pub(crate) law: LawInfo,
    pub(crate) revision: RevisionInfo,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct LawInfo {
    pub(crate) law_id: Option<String>,
    pub(crate) promulgation_date: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct RevisionInfo {
    pub(crate) law_revision_id: Option<String>,
    pub(crate) abbrev: Option<String>,
    pub(crate) amendment_enforcement_date: Option<String>,
    pub(crate) amendment_law_id: Option<String>,
}

/// Reads an answer.
///
/// # Errors
/// For files too large, not JSON, of another shape, or too deep.
pub(crate) fn parse(bytes: &[u8]) -> Result<Answer<'_>, ReadError> {
    if bytes.len() > LARGEST {
        return Err(ReadError::TooLarge { bytes: bytes.len() });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let broken = |error: &serde_json::Error| ReadError::BrokenJson {
        at: Position { line: error.line().max(1), column: error.column().max(1) },
        what: without_place(&error.to_string()),
    };
    let count = Cell::new(0);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    // serde_json itself refuses more than 128 levels, two of which make one element.
    let answer = deserializer.deserialize_map(AnswerVisitor { count: &count });
    match answer.and_then(|answer| deserializer.end().map(|()| answer)) {
        Ok(answer) => Ok(answer),
        Err(error) if error.to_string().starts_with(TOO_DEEP) => {
            Err(ReadError::TooDeep { at: Position { line: error.line().max(1), column: error.column().max(1) } })
        }
        Err(error) => Err(broken(&error)),
    }
}

const TOO_DEEP: &str = "more than a law";

fn without_place(message: &str) -> String {
    message.split_once(" at line ").map_or(message, |(what, _)| what).to_owned()
}

struct AnswerVisitor<'c> {
    count: &'c Cell<usize>,
}

impl<'de> Visitor<'de> for AnswerVisitor<'_> {
    type Value = Answer<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer of the law API with `law_full_text`, or a tree with `tag` and `children`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Answer<'de>, A::Error> {
        let mut answer = Answer::default();
        let mut bare = Element::default();
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match &*key.0 {
                "law_info" => answer.law = map.next_value::<Option<LawInfo>>()?.unwrap_or_default(),
                "revision_info" => answer.revision = map.next_value::<Option<RevisionInfo>>()?.unwrap_or_default(),
                "law_full_text" => match map.next_value_seed(NodeSeed { count: self.count, depth: 0 })? {
                    Some(Node::Element(root)) => answer.root = Some(root),
                    Some(Node::Text(_)) => {
                        return Err(A::Error::custom("`law_full_text` is not a tree; it was asked for as XML"));
                    }
                    None => {}
                },
                "code" => answer.code = map.next_value::<Option<Text<'de>>>()?.map(|code| code.0.into_owned()),
                "message" => answer.message = map.next_value::<Option<Text<'de>>>()?.map(|text| text.0.into_owned()),
                key => {
                    let key = key.to_owned();
                    fill(&mut bare, &key, &mut map, self.count, 0)?;
                }
            }
        }
        if answer.root.is_none() && !bare.tag.is_empty() {
            answer.root = Some(bare);
        }
        Ok(answer)
    }
}

/// A text, borrowed from the file where it has no escapes.
struct Text<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }
            fn visit_bool<E>(self, yes: bool) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(if yes { "true" } else { "false" })))
            }
        }
        deserializer.deserialize_any(V)
    }
}

struct NodeSeed<'c> {
    count: &'c Cell<usize>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Option<Node<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Option<Node<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or an element with `tag`, `attr` and `children`")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Node::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut element = Element::default();
        while let Some(key) = map.next_key::<Text<'de>>()? {
            fill(&mut element, &key.0, &mut map, self.count, self.depth)?;
        }
        Ok(Some(Node::Element(element)))
    }
}

/// One field of an element.
fn fill<'de, A: MapAccess<'de>>(
    element: &mut Element<'de>,
    key: &str,
    map: &mut A,
    count: &Cell<usize>,
    depth: usize,
) -> Result<(), A::Error> {
    match key {
        "tag" => element.tag = map.next_value::<Text<'de>>()?.0,
        "attr" => map.next_value_seed(AttributesSeed(&mut element.attributes))?,
        "children" => map.next_value_seed(ChildrenSeed { count, depth, children: &mut element.children })?,
        _ => {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
}

struct AttributesSeed<'e, 'de>(&'e mut Vec<(&'static str, Cow<'de, str>)>);

impl<'de> DeserializeSeed<'de> for AttributesSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AttributesSeed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the attributes of an element")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match tree::attribute(&key.0) {
                Some(name) => {
                    if let Some(value) = map.next_value::<Option<Text<'de>>>()? {
                        self.0.push((name, value.0));
                    }
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct ChildrenSeed<'e, 'c, 'de> {
    count: &'c Cell<usize>,
    depth: usize,
    children: &'e mut Vec<Node<'de>>,
}

impl<'de> DeserializeSeed<'de> for ChildrenSeed<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ChildrenSeed<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the children of an element")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let seed = || NodeSeed { count: self.count, depth: self.depth + 1 };
        while let Some(node) = items.next_element_seed(seed())? {
            // Everything counts: texts and elements without a name fill memory as well as any other.
            self.count.set(self.count.get() + 1);
            if self.count.get() > MOST_ELEMENTS || self.depth >= DEEPEST {
                return Err(A::Error::custom(TOO_DEEP));
            }
            self.children.extend(node);
        }
        Ok(())
    }
}
