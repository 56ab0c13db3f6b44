//! 規程類: the documents of the scheme by version, each with the days on which it is in force. Every decision cites one.

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use super::party::SchemeRole;
use crate::command::StepRuleDocument;
use crate::decision::Evidence;
use crate::event::{Event, RuleDocumentStepped};
use crate::id::RuleDocumentId;
use crate::refusal::Refusal;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An article of a rule document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// Which version of which document.
    pub document: RuleDocumentId,
    /// Article, as people cite it, such as `6.1`.
    pub article: String,
}

impl std::fmt::Display for Citation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.document, self.article)
    }
}

/// A step of a rule document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleDocumentStep {
    /// A version is known. Its text stays where it was published: only its hash is kept.
    Record {
        /// Title.
        title: String,
        /// Version, in the words of the document.
        version: String,
        /// First day in force.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        effective_from: Date,
        /// How far its content was checked.
        evidence: Evidence,
        /// SHA-256 of the file as it was read; empty when nobody has read it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        sha256: String,
        /// Where it was published.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        url: String,
    },
    /// Its last day in force is known.
    Close {
        /// Last day in force, included.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        effective_to: Date,
    },
}

/// A version of a rule document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleDocument {
    /// Title.
    pub title: String,
    /// Version.
    pub version: String,
    /// First day in force.
    pub effective_from: Date,
    /// Last day in force, once it is known.
    pub effective_to: Option<Date>,
    /// How far its content was checked: only `P` may be shown as an official requirement.
    pub evidence: Evidence,
    /// SHA-256 of the file; empty when nobody has read it.
    pub sha256: String,
    /// Where it was published.
    pub url: String,
}

impl Default for RuleDocument {
    fn default() -> Self {
        Self {
            title: String::new(),
            version: String::new(),
            effective_from: Date::MIN,
            effective_to: None,
            evidence: Evidence::K,
            sha256: String::new(),
            url: String::new(),
        }
    }
}

impl RuleDocument {
    /// In force on a day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }
}

impl Record for RuleDocument {
    type Step = RuleDocumentStep;

    fn fold(&mut self, step: &RuleDocumentStep, _: &Stamp) {
        match step {
            RuleDocumentStep::Record { title, version, effective_from, evidence, sha256, url } => {
                *self = Self {
                    title: title.clone(),
                    version: version.clone(),
                    effective_from: *effective_from,
                    effective_to: None,
                    evidence: *evidence,
                    sha256: sha256.clone(),
                    url: url.clone(),
                };
            }
            RuleDocumentStep::Close { effective_to } => self.effective_to = Some(*effective_to),
        }
    }
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepRuleDocument) -> Result<Vec<Event>, Refusal> {
    let role = acting.operator(&[SchemeRole::Secretariat]).or_else(|| acting.manager_of_services());
    let role = may(role, "規程類の記録は、事務局、外部サービス管理者または統括情報セキュリティ責任者だけができます。")?;
    let known = acting.scheme.rule_documents.now(&command.document);
    match (&command.step, known) {
        (RuleDocumentStep::Record { .. }, Some(_)) => {
            return Err(Refusal::exists("規程類", "rule document", &command.document));
        }
        (RuleDocumentStep::Record { title, version, sha256, evidence, url, .. }, None) => {
            acting.words("規程類の名称", "the title of the rule document", title, 200)?;
            acting.words("版", "the version", version, 100)?;
            if let Some((twin, _)) =
                acting.scheme.rule_documents.all().find(|(_, d)| d.title == *title && d.version == *version)
            {
                return Err(Refusal::exists("同じ名称と版の規程類", "rule document of this title and version", twin));
            }
            // It is shown as a link.
            if !url.is_empty() && (!(url.starts_with("https://") || url.starts_with("http://")) || url.len() > 2_000) {
                return Err(Refusal::invalid(
                    "規程類の URL は `https://` または `http://` から始まる 2000 文字までのものにしてください。",
                    "the URL begins with `https://` or `http://` and has 2000 characters at most",
                ));
            }
            if !sha256.is_empty() {
                acting.digest("規程類のファイル", "the file of the rule document", sha256)?;
            }
            if *evidence == Evidence::P && sha256.is_empty() {
                return Err(Refusal::invalid(
                    "原文を確認したとする（P）には、確認したファイルの SHA-256 が必要です。",
                    "evidence `P` says that the primary text was read: give the SHA-256 of the file that was read",
                ));
            }
        }
        (RuleDocumentStep::Close { .. }, None) => {
            return Err(Refusal::unknown("規程類", "rule document", &command.document));
        }
        (RuleDocumentStep::Close { effective_to }, Some(document)) => {
            if *effective_to < document.effective_from {
                return Err(Refusal::invalid(
                    format!("末日 {effective_to} が施行日 {} より前です。", document.effective_from),
                    format!("the last day {effective_to} lies before the first, {}", document.effective_from),
                ));
            }
        }
    }
    Ok(vec![Event::RuleDocumentStepped(RuleDocumentStepped { document: command.document, role, step: command.step })])
}
