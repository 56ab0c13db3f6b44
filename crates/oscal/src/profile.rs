//! A choice of the criteria as a profile: 基本言明要件, or all of a version, on which statements rest.

use crate::catalog::CatalogueMeta;
use crate::document::{Document, Model};
use crate::error::ExportError;
use crate::names;
use crate::written::{Empty, Import, Metadata, Property, WithIds};
use sekisho_domain::ismap::catalogue::Catalogue;
use serde::Serialize;

/// Which items a profile chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// 基本言明要件: the items that are marked so.
    Basic,
    /// Every item: the base of a statement.
    All,
}

impl Selection {
    /// How its files and props name it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::All => "all",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Basic => "基本言明要件",
            Self::All => "すべての項目",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Profile {
    uuid: String,
    metadata: Metadata,
    imports: Vec<Imported>,
    merge: Merge,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Imported {
    #[serde(flatten)]
    import: Import,
    #[serde(skip_serializing_if = "Option::is_none")]
    include_all: Option<Empty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include_controls: Vec<WithIds>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Merge {
    as_is: bool,
}

/// The name under which a profile is referred to.
pub(crate) fn kind(selection: Selection) -> &'static str {
    match selection {
        Selection::Basic => "profile-basic",
        Selection::All => "profile-all",
    }
}

/// Writes a choice of the criteria.
pub fn export_profile(
    meta: &CatalogueMeta,
    catalogue: &Catalogue,
    selection: Selection,
) -> Result<Vec<u8>, ExportError> {
    let basic = catalogue.criteria.iter().filter(|c| c.flag_basic);
    let with_ids: Vec<String> = match selection {
        Selection::Basic => basic.map(|c| names::control_id(c.id)).collect(),
        Selection::All => Vec::new(),
    };
    if selection == Selection::Basic && with_ids.is_empty() {
        return Err(ExportError::Nothing {
            model: Model::Profile,
            what_ja: "基本言明要件の印の付いた項目",
            what_en: "an item that is marked as a basic requirement",
        });
    }
    let title = format!("{} {}", meta.title, selection.title());
    let props = meta.props().into_iter().chain([Property::ours("selection", selection.key())]);
    let modified = names::instant(meta.last_modified)?;
    let profile = Profile {
        uuid: names::uuid(kind(selection), &[meta.id.as_str(), &modified]),
        metadata: Metadata::new(&title, &meta.version, meta.last_modified, props)?,
        imports: vec![Imported {
            import: Import::of("catalog", meta.id.as_str()),
            include_all: (selection == Selection::All).then_some(Empty {}),
            include_controls: if with_ids.is_empty() { Vec::new() } else { vec![WithIds { with_ids }] },
        }],
        merge: Merge { as_is: true },
    };
    Document::of(Model::Profile, &profile)?.write()
}
