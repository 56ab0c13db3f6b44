//! Any catalog, ours or another's: controls that are numbered as the criteria are become a [`Catalogue`], wherever they
//! stand; the others are told one by one.

use super::{CatalogueMeta, document};
use crate::document::{Document, Model};
use crate::error::ImportError;
use crate::names;
use crate::read::{Node, Props, Reader};
use crate::report::{Report, Why};
use crate::written;
use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::{Catalogue, CatalogueFault, MOST};
use sekisho_domain::ismap::criterion::{Criterion, CriterionId, LONGEST_TEXT, Level};
use std::collections::{BTreeMap, BTreeSet};

/// What was made of a catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedCatalogue {
    /// What the register is to know of it. A catalog from elsewhere is named after its UUID.
    pub meta: CatalogueMeta,
    /// The items; what keeps them from being a catalogue, such as that there are none.
    pub catalogue: Result<Catalogue, Vec<CatalogueFault>>,
    /// What is not in them.
    pub report: Report,
}

/// Makes a version of the criteria of a catalog. Nothing is dropped without a note.
pub fn import_catalog(document_read: &Document) -> Result<ImportedCatalogue, ImportError> {
    let reader = Reader::default();
    let catalog = document_read.open(&reader, Model::Catalog)?;
    let mut head = written::head(&catalog)?;
    let (title, version, mut props) = (head.title()?, head.version()?, head.props);
    let id = props.parsed("catalogue", |text| CatalogueId::new(text).ok())?;
    let foreign = format!("oscal-{}", catalog.peek("uuid").unwrap_or_default().to_lowercase());
    let otherwise =
        || CatalogueId::new(&foreign).map_err(|_| catalog.form("UUID のある catalog", "a catalog with a uuid"));
    let meta = CatalogueMeta {
        id: id.map_or_else(otherwise, Ok)?,
        title,
        version,
        effective_from: props.parsed("effective-from", |t| t.parse().ok())?,
        effective_to: props.parsed("effective-to", |t| t.parse().ok())?,
        fictional: props.parsed("fictional", |t| t.parse().ok())?.unwrap_or(false),
        last_modified: head.last_modified,
    };
    let mut found = Found::default();
    groups(&catalog, &mut found)?;
    controls(&catalog, &mut found)?;
    let catalogue = Catalogue::new(found.chapters.clone(), found.placed());
    let again = catalogue.as_ref().ok().and_then(|c| document(&meta, c).ok());
    let mut report = reader.report(document_read.root(), again.as_ref().map(Document::root));
    report.notes.extend(document_read.notes().iter().cloned());
    Ok(ImportedCatalogue { meta, catalogue, report })
}

#[derive(Default)]
struct Found<'a> {
    chapters: BTreeMap<u16, String>,
    criteria: Vec<(Node<'a>, Criterion)>,
}

impl Found<'_> {
    /// The items that make a catalogue together; the others are told about.
    fn placed(self) -> Vec<Criterion> {
        let of_objective = |c: &Criterion| (c.id.level() == Level::Objective).then(|| c.id.objective());
        let objectives: BTreeSet<[u16; 3]> = self.criteria.iter().filter_map(|(_, c)| of_objective(c)).collect();
        let mut seen = BTreeSet::new();
        let mut placed = Vec::new();
        for (node, criterion) in self.criteria {
            let length = criterion.text.chars().count();
            if !objectives.contains(&criterion.id.objective()) {
                node.tell(Why::Orphan);
            } else if criterion.text.trim().is_empty() || length > LONGEST_TEXT {
                node.tell(Why::NoText);
            } else if placed.len() >= MOST {
                node.tell(Why::TooMany);
            } else if !seen.insert(criterion.id.numbers()) {
                node.tell(Why::Twice);
            } else {
                placed.push(criterion);
            }
        }
        placed
    }
}

fn groups<'a>(parent: &Node<'a>, found: &mut Found<'a>) -> Result<(), ImportError> {
    for group in parent.list("groups")? {
        let mut props = group.props()?;
        let of_id = group.peek("id").filter(|id| id.starts_with("ismap-chapter-")).and_then(names::chapter);
        let number = match of_id {
            Some(number) => Some(number),
            None => group.peek_prop("label").and_then(names::chapter),
        };
        if let Some(number) = number.filter(|n| !found.chapters.contains_key(n)) {
            if of_id.is_none() {
                props.oscal("label")?;
            }
            let title = group.need_text("title")?;
            let exact = props.ours("title")?;
            if group.peek_ours("untitled").is_none() {
                found.chapters.insert(number, exact.unwrap_or_else(|| title.to_owned()));
            }
        }
        groups(&group, found)?;
        controls(&group, found)?;
    }
    Ok(())
}

fn controls<'a>(parent: &Node<'a>, found: &mut Found<'a>) -> Result<(), ImportError> {
    for control in parent.list("controls")? {
        let id = control.need_peek("id")?;
        let label = control.peek_prop("label");
        match names::criterion(id).or_else(|| label.and_then(names::criterion)) {
            Some(number) => {
                let criterion = criterion(&control, number)?;
                found.criteria.push((control.clone(), criterion));
            }
            None => control.tell(Why::NotOurNumber),
        }
        controls(&control, found)?;
    }
    Ok(())
}

fn criterion(control: &Node<'_>, id: CriterionId) -> Result<Criterion, ImportError> {
    let mut props = control.props()?;
    let truth = |text: &str| text.parse::<bool>().ok();
    let flag_basic = props.parsed("basic-requirement", truth)?.unwrap_or(id.says_basic());
    let flag_provider = props.parsed("provider", truth)?.unwrap_or(id.says_provider());
    let raw_id = match props.ours("raw-id")? {
        Some(raw_id) => raw_id,
        None => number_as_written(control, &mut props, id)?,
    };
    let mut text = String::new();
    for part in control.unread_list("parts")? {
        if part.peek("name") == Some("statement") {
            prose(&part, &mut text)?;
        }
    }
    if text.is_empty() {
        text = control.need_text("title")?.to_owned();
    }
    Ok(Criterion {
        id,
        raw_id,
        text,
        flag_provider,
        flag_basic,
        audit_group: props.ours("audit-group")?.unwrap_or_default(),
        cycle_years: props.parsed("cycle-years", |t| t.parse().ok())?,
    })
}

/// A number that was written otherwise, such as with a leading `A.`, is kept as it was.
fn number_as_written(control: &Node<'_>, props: &mut Props<'_>, id: CriterionId) -> Result<String, ImportError> {
    let own = id.to_string();
    if control.peek_prop("label").is_some() {
        let label = props.oscal("label")?;
        return Ok(label.filter(|label| *label != own).unwrap_or_default());
    }
    let name = control.need_peek("id")?;
    if name.starts_with("ismap-") || names::criterion(name).is_none() {
        return Ok(String::new());
    }
    control.get("id")?;
    Ok(if name == own { String::new() } else { name.to_owned() })
}

/// The text of a statement; its items follow, each on a line of its own.
fn prose(part: &Node<'_>, text: &mut String) -> Result<(), ImportError> {
    part.take();
    if let Some(own) = part.text_of("prose")? {
        if !text.is_empty() {
            text.push('\n');
        }
        if let Some(label) = part.props()?.oscal("label")? {
            text.push_str(&label);
            text.push(' ');
        }
        text.push_str(own);
    }
    for below in part.list("parts")? {
        prose(&below, text)?;
    }
    Ok(())
}
