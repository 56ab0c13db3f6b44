//! What the register knows of an audit, as plan, results and plan of action all name it.

use crate::error::{ExportError, ImportError};
use crate::names;
use crate::read::{Node, Props};
use crate::written::{self, Metadata, Party, Property};
use jiff::Timestamp;
use jiff::civil::Date;
use sekisho_domain::id::{EngagementId, StatementId};
use sekisho_domain::ismap::engagement::EngagementKind;

/// What the register knows of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngagementMeta {
    /// Identifier.
    pub id: EngagementId,
    /// What kind.
    pub kind: EngagementKind,
    /// The statement that is audited.
    pub statement: StatementId,
    /// The firm.
    pub firm: Option<Party>,
    /// First day of the audit period.
    pub from: Date,
    /// Last day of the audit period.
    pub to: Date,
    /// When the file was last changed.
    pub last_modified: Timestamp,
}

/// The word for a kind of audit.
fn kind_key(kind: EngagementKind) -> &'static str {
    match kind {
        EngagementKind::Initial => "initial",
        EngagementKind::Renewal => "renewal",
        EngagementKind::Additional => "additional",
        EngagementKind::ReAudit => "re-audit",
    }
}

impl EngagementMeta {
    /// The head of a document about the audit. Its version is the instant of the last change: files have no other.
    pub(crate) fn metadata(&self, what: &str) -> Result<Metadata, ExportError> {
        let props = [
            Property::ours("engagement", &self.id),
            Property::ours("engagement-kind", kind_key(self.kind)),
            Property::ours("statement", &self.statement),
            Property::ours("audit-period-start", self.from),
            Property::ours("audit-period-end", self.to),
        ];
        let title = format!("{} {what}", self.kind.label());
        let version = names::instant(self.last_modified)?;
        let metadata = Metadata::new(&title, &version, self.last_modified, props)?;
        Ok(metadata.with("assessor", "監査機関", self.firm.as_ref()))
    }

    /// The UUID of a document about the audit.
    pub(crate) fn document_uuid(&self, kind: &str) -> Result<String, ExportError> {
        Ok(names::uuid(kind, &[self.id.as_str(), &names::instant(self.last_modified)?]))
    }

    /// The UUID of something within the audit.
    pub(crate) fn uuid(&self, kind: &str, name: &str) -> String {
        names::uuid(kind, &[self.id.as_str(), name])
    }

    /// Reads the head; what is missing in a document from elsewhere is taken from `otherwise`.
    pub(crate) fn read(document: &Node<'_>, otherwise: &Self) -> Result<Self, ImportError> {
        let head = written::head(document)?;
        let mut props = head.props;
        let kind = |text: &str| EngagementKind::ALL.into_iter().find(|k| kind_key(*k) == text);
        let day = |props: &mut Props<'_>, name: &str| props.parsed(name, |t| t.parse::<Date>().ok());
        Ok(Self {
            id: props.parsed("engagement", |t| t.parse().ok())?.unwrap_or_else(|| otherwise.id.clone()),
            kind: props.parsed("engagement-kind", kind)?.unwrap_or(otherwise.kind),
            statement: props.parsed("statement", |t| t.parse().ok())?.unwrap_or_else(|| otherwise.statement.clone()),
            firm: head.party.or_else(|| otherwise.firm.clone()),
            from: day(&mut props, "audit-period-start")?.unwrap_or(otherwise.from),
            to: day(&mut props, "audit-period-end")?.unwrap_or(otherwise.to),
            last_modified: head.last_modified,
        })
    }
}
