//! Word.

use std::collections::HashMap;

use super::flow::HidingStyles;
use super::package::Package;
use super::xml::{Node, walk};
use crate::document::{PartKind, Unreadable};

/// Reads the document that begins with the part `main`.
pub(super) fn read(package: &mut Package<'_, '_>, main: &str) -> Result<(), Unreadable> {
    let relations = package.relations(main)?;
    let of_kind = |kind: &'static str| relations.iter().filter(move |r| r.kind == kind && !r.outside);
    let mut hiding = HidingStyles::new();
    for styles in of_kind("styles") {
        hiding.extend(hiding_styles(package, &styles.target)?);
    }
    package.read_flow(PartKind::Body, "本文", main, &hiding)?;
    const OTHERS: [(&str, PartKind, &str); 6] = [
        ("header", PartKind::HeaderFooter, "ヘッダー"),
        ("footer", PartKind::HeaderFooter, "フッター"),
        ("footnotes", PartKind::Footnote, "脚注"),
        ("endnotes", PartKind::Footnote, "文末脚注"),
        ("comments", PartKind::Comment, "コメント"),
        ("glossaryDocument", PartKind::Hidden, "文書パーツ"),
    ];
    for (kind, part_kind, place) in OTHERS {
        for relation in of_kind(kind) {
            package.relations(&relation.target)?;
            package.read_flow(part_kind, place, &relation.target, &hiding)?;
        }
    }
    Ok(())
}

/// The ids of the styles that hide text, on their own or through the style they are based on.
fn hiding_styles(package: &mut Package<'_, '_>, part: &str) -> Result<HidingStyles, Unreadable> {
    let mut hiding = HidingStyles::new();
    let Some(xml) = package.part(part)? else { return Ok(hiding) };
    let mut based_on: HashMap<String, Vec<String>> = HashMap::new();
    let mut style = String::new();
    walk(package.at(), part, &xml, |node| {
        if let Node::Start(tag) = node {
            match tag.name() {
                "style" => style = tag.get("styleId").unwrap_or_default(),
                "basedOn" => based_on.entry(tag.get("val").unwrap_or_default()).or_default().push(style.clone()),
                "vanish" if tag.is_on() && !style.is_empty() => drop(hiding.insert(style.clone())),
                _ => {}
            }
        }
        Ok(())
    })?;
    let mut new: Vec<String> = hiding.iter().cloned().collect();
    while let Some(style) = new.pop() {
        for child in based_on.remove(&style).unwrap_or_default() {
            if hiding.insert(child.clone()) {
                new.push(child);
            }
        }
    }
    Ok(hiding)
}
