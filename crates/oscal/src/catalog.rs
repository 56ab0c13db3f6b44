//! 管理基準 as a catalog: a group for each chapter, a control for each objective, below it a control for each detail.

mod import;

pub use import::{ImportedCatalogue, import_catalog};

use crate::document::{Document, Model};
use crate::error::ExportError;
use crate::names;
use crate::text;
use crate::written::{Metadata, Part, Property};
use jiff::Timestamp;
use jiff::civil::Date;
use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::{Catalogue, CatalogueRow};
use sekisho_domain::ismap::criterion::{Criterion, Level};
use serde::Serialize;
use std::collections::BTreeSet;

/// What the register knows of a version of the criteria.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueMeta {
    /// Identifier.
    pub id: CatalogueId,
    /// Title.
    pub title: String,
    /// Version, in the words of the document.
    pub version: String,
    /// First day in force; not known of catalogues from elsewhere.
    pub effective_from: Option<Date>,
    /// Last day in force.
    pub effective_to: Option<Date>,
    /// Not the official criteria.
    pub fictional: bool,
    /// When it was last changed.
    pub last_modified: Timestamp,
}

impl CatalogueMeta {
    /// Of a row of the register.
    pub fn of(id: CatalogueId, row: &CatalogueRow, last_modified: Timestamp) -> Self {
        Self {
            id,
            title: row.title.clone(),
            version: row.version.clone(),
            effective_from: Some(row.effective_from),
            effective_to: row.effective_to,
            fictional: row.fictional,
            last_modified,
        }
    }

    /// Props that tell which catalogue this is.
    pub(crate) fn props(&self) -> Vec<Property> {
        let day = |name, day: Option<Date>| day.map(|d| Property::ours(name, d));
        [
            Some(Property::ours("catalogue", &self.id)),
            day("effective-from", self.effective_from),
            day("effective-to", self.effective_to),
            self.fictional.then(|| Property::ours("fictional", "true")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[derive(Serialize)]
struct Catalog {
    uuid: String,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    id: String,
    class: &'static str,
    title: String,
    props: Vec<Property>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    controls: Vec<Control>,
}

#[derive(Serialize)]
struct Control {
    id: String,
    class: &'static str,
    title: String,
    props: Vec<Property>,
    parts: Vec<Part>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    controls: Vec<Control>,
}

/// Writes a version of the criteria.
pub fn export_catalog(meta: &CatalogueMeta, catalogue: &Catalogue) -> Result<Vec<u8>, ExportError> {
    document(meta, catalogue)?.write()
}

pub(crate) fn document(meta: &CatalogueMeta, catalogue: &Catalogue) -> Result<Document, ExportError> {
    let of_items = catalogue.criteria.iter().map(|c| c.id.chapter());
    let chapters: BTreeSet<u16> = catalogue.chapters.keys().copied().chain(of_items).collect();
    let metadata = Metadata::new(&meta.title, &meta.version, meta.last_modified, meta.props())?;
    let catalog = Catalog {
        uuid: names::uuid("catalog", &[meta.id.as_str(), &names::instant(meta.last_modified)?]),
        metadata,
        groups: chapters.into_iter().map(|chapter| group(catalogue, chapter)).collect(),
    };
    Document::of(Model::Catalog, &catalog)
}

fn group(catalogue: &Catalogue, chapter: u16) -> Group {
    let title = catalogue.chapters.get(&chapter);
    let otherwise = format!("第{chapter}章");
    let exact = match title {
        Some(title) => Property::exact("title", title),
        None => Some(Property::ours("untitled", "true")),
    };
    let mut controls: Vec<Control> = Vec::new();
    for item in catalogue.criteria.iter().filter(|c| c.id.chapter() == chapter) {
        let written = control(item);
        match controls.last_mut().filter(|_| item.id.level() == Level::Detail) {
            Some(objective) => objective.controls.push(written),
            None => controls.push(written),
        }
    }
    let label = [Property::oscal("label", chapter.to_string()), Property::oscal("sort-id", format!("{chapter:02}"))];
    Group {
        id: names::chapter_id(chapter),
        class: "chapter",
        title: title.map_or_else(|| otherwise.clone(), |t| text::line(t, &otherwise)),
        props: label.into_iter().chain(exact).collect(),
        controls,
    }
}

fn control(item: &Criterion) -> Control {
    let props = [
        Some(Property::oscal("label", item.id.to_string())),
        Some(Property::oscal("sort-id", names::sort_id(item.id))),
        Some(Property::ours("basic-requirement", item.flag_basic)),
        Some(Property::ours("provider", item.flag_provider)),
        Property::unless_empty("audit-group", &item.audit_group),
        item.cycle_years.map(|years| Property::ours("cycle-years", years)),
        Property::unless_empty("raw-id", &item.raw_id),
    ];
    Control {
        id: names::control_id(item.id),
        class: match item.id.level() {
            Level::Objective => "objective",
            Level::Detail => "detail",
        },
        title: text::headline(&item.text, &item.id.to_string()),
        props: props.into_iter().flatten().collect(),
        parts: vec![Part { id: names::statement_id(item.id), name: "statement", prose: item.text.clone() }],
        controls: Vec::new(),
    }
}
