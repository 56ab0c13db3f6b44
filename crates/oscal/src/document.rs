//! A document of any of the seven models, kept whole: whatever we understand of it, it is written back as it was read.

mod parse;

use crate::error::{ExportError, ImportError};
use crate::names::OSCAL_VERSION;
use crate::read::{Node, Reader};
use crate::report::{Note, Why};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

pub use parse::{DEEPEST, LARGEST, MOST_VALUES};

/// A model of OSCAL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// 管理基準.
    Catalog,
    /// 基本言明要件, or all of a version.
    Profile,
    /// 言明書.
    SystemSecurityPlan,
    /// 監査計画.
    AssessmentPlan,
    /// 実施結果報告書.
    AssessmentResults,
    /// What stays to be mended.
    PlanOfAction,
    /// 対応表.
    Mapping,
}

impl Model {
    /// Every model.
    pub const ALL: [Self; 7] = [
        Self::Catalog,
        Self::Profile,
        Self::SystemSecurityPlan,
        Self::AssessmentPlan,
        Self::AssessmentResults,
        Self::PlanOfAction,
        Self::Mapping,
    ];

    /// The outermost key of its documents.
    pub fn key(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Profile => "profile",
            Self::SystemSecurityPlan => "system-security-plan",
            Self::AssessmentPlan => "assessment-plan",
            Self::AssessmentResults => "assessment-results",
            Self::PlanOfAction => "plan-of-action-and-milestones",
            Self::Mapping => "mapping-collection",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Catalog => "管理基準（catalog）",
            Self::Profile => "基本言明要件（profile）",
            Self::SystemSecurityPlan => "言明書（system-security-plan）",
            Self::AssessmentPlan => "監査計画（assessment-plan）",
            Self::AssessmentResults => "監査結果（assessment-results）",
            Self::PlanOfAction => "改善計画（plan-of-action-and-milestones）",
            Self::Mapping => "対応表（mapping-collection）",
        }
    }

    /// All keys, for a sentence.
    pub(crate) fn keys() -> String {
        Self::ALL.map(|m| format!("`{}`", m.key())).join(", ")
    }
}

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    model: Model,
    root: Value,
    notes: Vec<Note>,
}

impl Document {
    /// Reads a document of any of the seven models: well-formed JSON within bounds, no key twice, with the identity and
    /// metadata that every model has. Whether it fits the schema in every part is for a validator to say.
    pub fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let (root, numbers) = parse::parse(bytes)?;
        let Value::Object(outermost) = &root else {
            return Err(ImportError::Root { found: crate::read::shown(&root) });
        };
        let model = recognise(outermost)?;
        let version = identity(&root, model)?;
        let mut notes = Vec::new();
        if version != OSCAL_VERSION {
            let path = format!("{}.metadata.oscal-version", model.key());
            notes.push(Note { path, why: Why::Version, found: version });
        }
        notes.extend(numbers.into_iter().map(|(line, found)| Note {
            path: format!("{}（{line} 行 / line {line}）", model.key()),
            why: Why::Number,
            found,
        }));
        Ok(Self { model, root, notes })
    }

    /// A document of ours.
    pub(crate) fn of<T: Serialize>(model: Model, body: &T) -> Result<Self, ExportError> {
        let body = serde_json::to_value(body).map_err(|e| ExportError::Json(e.to_string()))?;
        let root = Value::Object(Map::from_iter([(model.key().to_owned(), body)]));
        Ok(Self { model, root, notes: Vec::new() })
    }

    /// Which model.
    pub fn model(&self) -> Model {
        self.model
    }

    /// Its title.
    pub fn title(&self) -> &str {
        self.body().get("metadata").and_then(|m| m.get("title")).and_then(Value::as_str).unwrap_or_default()
    }

    /// What was noted while it was read: another version of OSCAL, numbers written differently.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Writes the document: keys in the order they were read, indented by two spaces, one line break at the end. Reading
    /// that and writing it again gives the same bytes.
    pub fn write(&self) -> Result<Vec<u8>, ExportError> {
        let mut bytes = serde_json::to_vec_pretty(&self.root).map_err(|e| ExportError::Json(e.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The whole as JSON.
    pub fn root(&self) -> &Value {
        &self.root
    }

    fn body(&self) -> &Value {
        self.root.get(self.model.key()).unwrap_or(&Value::Null)
    }

    /// What stands below the outermost key, for reading; the document must be of the model that is expected.
    pub(crate) fn open<'a>(&'a self, reader: &'a Reader, expected: Model) -> Result<Node<'a>, ImportError> {
        if self.model != expected {
            return Err(ImportError::WrongModel { expected, found: self.model });
        }
        reader.open(&self.root).need(expected.key())
    }
}

fn recognise(outermost: &Map<String, Value>) -> Result<Model, ImportError> {
    let mut found = Model::ALL.into_iter().filter(|m| outermost.contains_key(m.key()));
    match (found.next(), found.next()) {
        (Some(model), None) => Ok(model),
        (Some(one), Some(other)) => Err(ImportError::TwoModels(one.key(), other.key())),
        (None, _) => {
            let keys: Vec<&str> = outermost.keys().map(String::as_str).take(5).collect();
            let found = if keys.is_empty() { "{}".to_owned() } else { keys.join(", ") };
            Err(ImportError::Root { found: crate::read::shortened(&found) })
        }
    }
}

/// Checks what every model must have, and answers the version of OSCAL.
fn identity(root: &Value, model: Model) -> Result<String, ImportError> {
    let reader = Reader::default();
    let body = reader.open(root).need(model.key())?;
    let uuid = body.need("uuid")?;
    if !is_uuid(uuid.text()?) {
        return Err(uuid.form("UUID（バージョン 4 か 5）", "a uuid of version 4 or 5"));
    }
    let metadata = body.need("metadata")?;
    metadata.need("title")?.text()?;
    metadata.need("version")?.text()?;
    let modified = metadata.need("last-modified")?;
    if modified.text()?.parse::<Timestamp>().is_err() {
        return Err(modified.form("時差の付いた日時（例: 2026-04-01T09:00:00+09:00）", "a date-time with a zone"));
    }
    let version = metadata.need("oscal-version")?;
    let text = version.text()?;
    let mut numbers = text.split(['.', '-']).map(str::parse::<u16>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(1)), Some(Ok(0..=2))) => Ok(text.to_owned()),
        _ => Err(ImportError::Version { path: version.path().to_owned(), found: crate::read::shortened(text) }),
    }
}

fn is_uuid(text: &str) -> bool {
    let canonical = text.len() == 36;
    canonical && uuid::Uuid::parse_str(text).is_ok_and(|u| matches!(u.get_version_num(), 4 | 5))
}
