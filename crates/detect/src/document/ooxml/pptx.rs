//! PowerPoint.

use std::collections::{HashMap, HashSet};

use super::flow::{HidingStyles, flow};
use super::package::{Package, Relation};
use super::xml::{Node, walk};
use crate::document::{PartKind, Unreadable};

/// Reads the presentation that begins with the part `main`: its slides in the order in which they are shown, each with
/// its notes and comments.
pub(super) fn read(package: &mut Package<'_, '_>, main: &str) -> Result<(), Unreadable> {
    let relations = package.relations(main)?;
    let by_id: HashMap<&str, &Relation> = relations.iter().map(|r| (r.id.as_str(), r)).collect();
    let (mut order, mut known) = (Vec::new(), HashSet::new());
    if let Some(xml) = package.part(main)? {
        walk(package.at(), main, &xml, |node| {
            if let Node::Start(tag) = node
                && tag.name() == "sldId"
            {
                // `id` is a number of the slide, `r:id` the relation: the attribute that a relation answers to counts.
                let ids = tag.attributes().filter(|(key, _)| key == "id").map(|(_, id)| id);
                let targets = ids.filter_map(|id| by_id.get(id.as_str()).map(|relation| relation.target.as_str()));
                order.extend(targets.filter(|target| known.insert(*target)));
            }
            Ok(())
        })?;
    }
    for (number, target) in (1..).zip(order) {
        slide(package, number, target)?;
    }
    // Slides that the order does not name, and what was commented without a slide.
    for (beginning, kind, place) in
        [("ppt/slides/slide", PartKind::Hidden, "順番にないスライド"), ("ppt/comments/", PartKind::Comment, "コメント")]
    {
        for name in package.names_under(beginning).into_iter().filter(|name| name.ends_with(".xml")) {
            package.read_flow(kind, place, &name, &HidingStyles::new())?;
        }
    }
    masters(package)
}

/// What stands on masters and layouts, each line once: dozens of layouts repeat the same prompts.
fn masters(package: &mut Package<'_, '_>) -> Result<(), Unreadable> {
    let (mut seen, mut body, mut hidden) = (HashSet::new(), String::new(), String::new());
    for beginning in ["ppt/slidemasters/", "ppt/slidelayouts/", "ppt/notesmasters/", "ppt/handoutmasters/"] {
        for name in package.names_under(beginning).into_iter().filter(|name| name.ends_with(".xml")) {
            let Some(xml) = package.part(&name)? else { continue };
            let text = flow(package.at(), &name, &xml, &HidingStyles::new())?;
            for (from, to) in [(text.body, &mut body), (text.hidden, &mut hidden)] {
                for line in from.lines().filter(|line| !line.trim().is_empty()) {
                    if seen.insert(line.to_owned()) {
                        to.push_str(line);
                        to.push('\n');
                    }
                }
            }
        }
    }
    package.push(PartKind::HeaderFooter, "マスターとレイアウト", body)?;
    package.push(PartKind::Hidden, "マスターとレイアウト", hidden)
}

fn slide(package: &mut Package<'_, '_>, number: usize, part: &str) -> Result<(), Unreadable> {
    let place = format!("スライド {number}");
    let relations = package.relations(part)?;
    let Some(xml) = package.part(part)? else { return Ok(()) };
    let mut hidden = false;
    walk(package.at(), part, &xml, |node| {
        if let Node::Start(tag) = node
            && tag.name() == "sld"
        {
            hidden = tag.get("show").is_some_and(|show| show == "0" || show == "false");
        }
        Ok(())
    })?;
    let text = flow(package.at(), part, &xml, &HidingStyles::new())?;
    package.push_flow(if hidden { PartKind::Hidden } else { PartKind::Body }, &place, text)?;
    for relation in relations.iter().filter(|relation| !relation.outside) {
        let kind = match relation.kind.as_str() {
            "notesSlide" => PartKind::Notes,
            "comments" => PartKind::Comment,
            "chart" | "diagramData" => PartKind::Body,
            _ => continue,
        };
        package.read_flow(kind, &place, &relation.target, &HidingStyles::new())?;
    }
    Ok(())
}
