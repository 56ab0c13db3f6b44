//! 対応表 as a mapping collection: each line that relates two items is a map; what has no counterpart is a gap.

mod import;

pub use import::{ImportedCrosswalk, import_mapping};

use crate::catalog::CatalogueMeta;
use crate::document::{Document, Model};
use crate::error::ExportError;
use crate::names;
use crate::written::{Metadata, Property, WithIds};
use jiff::Timestamp;
use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::{Crosswalk, CrosswalkLine, Relation};
use sekisho_domain::ismap::criterion::CriterionId;
use serde::Serialize;

/// Who made a crosswalk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Drawn up from the numbers alone: a draft.
    ByNumber,
    /// Looked through by people.
    ByPeople,
}

impl Made {
    /// Both.
    pub const ALL: [Self; 2] = [Self::ByNumber, Self::ByPeople];

    /// Method and status, as OSCAL names them.
    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::ByNumber => ("automation", "draft"),
            Self::ByPeople => ("hybrid", "complete"),
        }
    }
}

/// What the register knows of a crosswalk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrosswalkMeta {
    /// The earlier version.
    pub from: CatalogueId,
    /// The later version.
    pub to: CatalogueId,
    /// Title.
    pub title: String,
    /// Who made it.
    pub made: Made,
    /// When it was last changed.
    pub last_modified: Timestamp,
}

impl CrosswalkMeta {
    /// Between two versions of the register.
    pub fn between(from: &CatalogueMeta, to: &CatalogueMeta, made: Made, last_modified: Timestamp) -> Self {
        let title = format!("{} {} から {} への対応表", from.title, from.version, to.version);
        Self { from: from.id.clone(), to: to.id.clone(), title, made, last_modified }
    }
}

/// How the earlier item, the source, relates to the later one, the target.
pub(crate) fn relation_key(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "equal-to",
        // The later asks for more: the earlier is a part of it.
        Relation::Wider => "subset-of",
        Relation::Narrower => "superset-of",
        Relation::Overlapping => "intersects-with",
        Relation::None => "no-relationship",
    }
}

#[derive(Serialize)]
struct Collection {
    uuid: String,
    metadata: Metadata,
    provenance: Provenance,
    mappings: [Mapping; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Provenance {
    method: &'static str,
    matching_rationale: &'static str,
    status: &'static str,
    mapping_description: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Mapping {
    uuid: String,
    source_resource: Resource,
    target_resource: Resource,
    maps: Vec<Map>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_gap_summary: Option<Gap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_gap_summary: Option<Gap>,
}

#[derive(Serialize)]
struct Resource {
    r#type: &'static str,
    href: String,
    props: [Property; 1],
}

#[derive(Serialize)]
struct Map {
    uuid: String,
    relationship: &'static str,
    sources: [Item; 1],
    targets: [Item; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Item {
    r#type: &'static str,
    id_ref: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Gap {
    uuid: String,
    unmapped_controls: [WithIds; 1],
}

/// Writes a crosswalk. Lines without a counterpart are told as gaps, so that reading it back puts them last.
pub fn export_mapping(meta: &CrosswalkMeta, crosswalk: &Crosswalk) -> Result<Vec<u8>, ExportError> {
    document(meta, crosswalk)?.write()
}

pub(crate) fn document(meta: &CrosswalkMeta, crosswalk: &Crosswalk) -> Result<Document, ExportError> {
    let ids = [meta.from.as_str(), meta.to.as_str()];
    let (mut maps, mut gone, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for (at, line) in crosswalk.lines.iter().enumerate() {
        match line {
            CrosswalkLine { from: Some(from), to: Some(to), relation } => {
                maps.push(map(ids, maps.len(), *from, *to, *relation));
            }
            CrosswalkLine { from: Some(from), to: None, relation: Relation::None } => gone.push(*from),
            CrosswalkLine { from: None, to: Some(to), relation: Relation::None } => new.push(*to),
            _ => return Err(ExportError::CrosswalkLine(at + 1)),
        }
    }
    if maps.is_empty() {
        return Err(ExportError::Nothing {
            model: Model::Mapping,
            what_ja: "両方の版の項目を結ぶ行",
            what_en: "a line that relates items of both versions",
        });
    }
    let (method, status) = meta.made.keys();
    let modified = names::instant(meta.last_modified)?;
    let collection = Collection {
        uuid: names::uuid("mapping-collection", &[ids[0], ids[1], &modified]),
        metadata: Metadata::new(&meta.title, &modified, meta.last_modified, [])?,
        provenance: Provenance {
            method,
            matching_rationale: "semantic",
            status,
            mapping_description: "管理基準の版のあいだの項目の対応。",
        },
        mappings: [Mapping {
            uuid: names::uuid("mapping", &ids),
            source_resource: resource(&meta.from),
            target_resource: resource(&meta.to),
            maps,
            source_gap_summary: gap("source-gap", ids, &gone),
            target_gap_summary: gap("target-gap", ids, &new),
        }],
    };
    Document::of(Model::Mapping, &collection)
}

fn resource(id: &CatalogueId) -> Resource {
    Resource {
        r#type: "catalog",
        href: names::file_name("catalog", id.as_str()),
        props: [Property::ours("catalogue", id)],
    }
}

fn map(ids: [&str; 2], at: usize, from: CriterionId, to: CriterionId, relation: Relation) -> Map {
    let item = |id| [Item { r#type: "control", id_ref: names::control_id(id) }];
    let of = [ids[0], ids[1], &from.to_string(), &to.to_string(), &at.to_string()];
    Map { uuid: names::uuid("map", &of), relationship: relation_key(relation), sources: item(from), targets: item(to) }
}

fn gap(kind: &str, ids: [&str; 2], without: &[CriterionId]) -> Option<Gap> {
    let with_ids = without.iter().map(|id| names::control_id(*id)).collect();
    let gap = Gap { uuid: names::uuid(kind, &ids), unmapped_controls: [WithIds { with_ids }] };
    (!without.is_empty()).then_some(gap)
}
