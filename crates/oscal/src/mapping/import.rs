//! A crosswalk out of a mapping collection.

use super::{CrosswalkMeta, Made, document, relation_key};
use crate::document::{Document, Model};
use crate::error::ImportError;
use crate::names;
use crate::read::{Node, Reader};
use crate::report::{Report, Why};
use crate::written;
use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::{Crosswalk, CrosswalkLine, Relation};
use sekisho_domain::ismap::criterion::CriterionId;

const RELATIONS: [Relation; 5] =
    [Relation::Equal, Relation::Wider, Relation::Narrower, Relation::Overlapping, Relation::None];

/// What was made of a mapping collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedCrosswalk {
    /// What the register is to know of it.
    pub meta: CrosswalkMeta,
    /// The lines: those that relate items first, then what is gone, then what is new.
    pub crosswalk: Crosswalk,
    /// What is not in it.
    pub report: Report,
}

/// Makes a crosswalk of the first mapping between two versions of our criteria. Nothing is dropped without a note.
pub fn import_mapping(document_read: &Document) -> Result<ImportedCrosswalk, ImportError> {
    let reader = Reader::default();
    let collection = document_read.open(&reader, Model::Mapping)?;
    let mut head = written::head(&collection)?;
    let provenance = collection.need("provenance")?;
    let keys = (provenance.need_text("method")?, provenance.need_text("status")?);
    let made = Made::ALL.into_iter().find(|m| m.keys() == keys);
    if made.is_none() {
        provenance.tell(Why::Value);
    }
    let mapping = collection.first("mappings")?;
    let meta = CrosswalkMeta {
        from: catalogue(&mapping.need("source-resource")?)?,
        to: catalogue(&mapping.need("target-resource")?)?,
        title: head.title()?,
        // What another tool made counts as a draft until people have looked at it.
        made: made.unwrap_or(Made::ByNumber),
        last_modified: head.last_modified,
    };
    let mut lines = Vec::new();
    for map in mapping.list("maps")? {
        map_lines(&map, &mut lines)?;
    }
    for id in gap(&mapping, "source-gap-summary")? {
        lines.push(CrosswalkLine { from: Some(id), to: None, relation: Relation::None });
    }
    for id in gap(&mapping, "target-gap-summary")? {
        lines.push(CrosswalkLine { from: None, to: Some(id), relation: Relation::None });
    }
    let crosswalk = Crosswalk { lines };
    let again = document(&meta, &crosswalk).ok();
    let mut report = reader.report(document_read.root(), again.as_ref().map(Document::root));
    report.notes.extend(document_read.notes().iter().cloned());
    Ok(ImportedCrosswalk { meta, crosswalk, report })
}

/// The version a resource is: our prop, or the name of a file of ours.
fn catalogue(resource: &Node<'_>) -> Result<CatalogueId, ImportError> {
    if let Some(id) = resource.props()?.parsed("catalogue", |t| CatalogueId::new(t).ok())? {
        return Ok(id);
    }
    let href = resource.need("href")?;
    let name = href.text()?.rsplit('/').next().unwrap_or_default();
    let name = name.strip_prefix("catalog-").unwrap_or(name);
    let name = name.strip_suffix(".json").unwrap_or(name).to_lowercase();
    CatalogueId::new(name)
        .map_err(|_| href.form("管理基準の版の識別子を含むファイル名", "a file name with the identifier of a version"))
}

/// One line for each pair of a source and a target.
fn map_lines(map: &Node<'_>, lines: &mut Vec<CrosswalkLine>) -> Result<(), ImportError> {
    let relationship = map.need("relationship")?;
    let text = relationship.text()?;
    let known = RELATIONS.into_iter().find(|r| relation_key(*r) == text);
    let relation = match (known, text) {
        (Some(relation), _) => relation,
        (None, "equivalent-to") => Relation::Equal,
        (None, _) => {
            relationship.tell(Why::Value);
            Relation::Overlapping
        }
    };
    let (sources, targets) = (items(map, "sources")?, items(map, "targets")?);
    for from in &sources {
        lines.extend(targets.iter().map(|to| CrosswalkLine { from: Some(*from), to: Some(*to), relation }));
    }
    Ok(())
}

fn items(map: &Node<'_>, key: &str) -> Result<Vec<CriterionId>, ImportError> {
    let mut ids = Vec::new();
    for item in map.list(key)? {
        match names::criterion(item.need_text("id-ref")?) {
            Some(id) => ids.push(id),
            None => item.tell(Why::NotOurNumber),
        }
    }
    Ok(ids)
}

fn gap(mapping: &Node<'_>, key: &str) -> Result<Vec<CriterionId>, ImportError> {
    let mut ids = Vec::new();
    let Some(summary) = mapping.get(key)? else { return Ok(ids) };
    for chosen in summary.list("unmapped-controls")? {
        for item in chosen.list("with-ids")? {
            match names::criterion(item.text()?) {
                Some(id) => ids.push(id),
                None => item.tell(Why::NotOurNumber),
            }
        }
    }
    Ok(ids)
}
