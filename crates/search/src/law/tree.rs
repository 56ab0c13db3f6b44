//! A law as a tree of elements, the same from XML and from JSON.

use std::borrow::Cow;

/// An element. Nesting is bounded by [`super::DEEPEST`] when the tree is built, so that walking and dropping it by
/// recursion is safe.
#[derive(Debug, Default)]
pub(crate) struct Element<'a> {
    pub(crate) tag: Cow<'a, str>,
    pub(crate) attributes: Vec<(&'static str, Cow<'a, str>)>,
    pub(crate) children: Vec<Node<'a>>,
    /// The byte of the file where it begins; zero in JSON.
    pub(crate) offset: usize,
}

#[derive(Debug)]
pub(crate) enum Node<'a> {
    Element(Element<'a>),
    Text(Cow<'a, str>),
}

/// The attributes that mean something here; borders and writing directions are left behind.
pub(crate) const ATTRIBUTES: &[&str] = &[
    "Num",
    "Delete",
    "OldNum",
    "AmendLawNum",
    "Abbrev",
    "Kana",
    "Era",
    "Year",
    "PromulgateMonth",
    "PromulgateDay",
    "LawType",
    "src",
    "colspan",
    "rowspan",
];

/// The known spelling of an attribute's name, where it means something.
pub(crate) fn attribute(name: &str) -> Option<&'static str> {
    ATTRIBUTES.iter().copied().find(|known| *known == name)
}

impl<'a> Element<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element<'a>> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of a name, this one and all below it, in the order of the file.
    pub(crate) fn find(&self, tag: &str) -> Option<&Element<'a>> {
        if self.tag == tag { Some(self) } else { self.elements().find_map(|child| child.find(tag)) }
    }
}
