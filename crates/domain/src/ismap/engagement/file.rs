//! 監査調書: which items are audited how deep, what was found of each, and what the provider answered.

use super::super::catalogue::Catalogue;
use super::super::criterion::CriterionId;
use super::super::statement::{Decision, StatementContent};
use crate::id::PersonId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// 監査手続の種類.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// 閲覧・観察.
    Examine,
    /// 質問.
    Interview,
    /// 再実施・テスト.
    Test,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Examine, Self::Interview, Self::Test];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Examine => "閲覧・観察",
            Self::Interview => "質問",
            Self::Test => "再実施",
        }
    }
}

/// How deep an item is audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// 整備状況評価.
    pub design: bool,
    /// 運用状況評価.
    pub operating: bool,
}

/// What was concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// As stated.
    Effective,
    /// Not as stated.
    Deficient,
    /// Cannot be looked at in this period, with the reason in the note.
    NotApplicable,
}

impl Conclusion {
    /// Every conclusion.
    pub const ALL: [Self; 3] = [Self::Effective, Self::Deficient, Self::NotApplicable];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Effective => "問題なし",
            Self::Deficient => "発見事項あり",
            Self::NotApplicable => "評価対象なし",
        }
    }
}

/// What was found of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// 整備状況.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design: Option<Conclusion>,
    /// 運用状況.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating: Option<Conclusion>,
    /// Methods used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<Method>,
    /// What was looked at and seen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// SHA-256 of evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Who looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
}

/// How far a finding has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Not answered.
    Open,
    /// Answered by the provider; the firm has not said whether it is enough.
    Answered,
    /// Mended.
    Resolved,
    /// Stays, and stands in the report.
    Reported,
}

impl FindingState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "未回答",
            Self::Answered => "回答あり",
            Self::Resolved => "解消",
            Self::Reported => "報告書に記載",
        }
    }
}

/// 発見事項.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Of which item.
    pub criterion: CriterionId,
    /// What is not as stated.
    pub text: String,
    /// What the provider answered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub response: String,
    /// By when the provider mends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// How far.
    pub state: FindingState,
}

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A document of the provider.
    Document,
    /// A record of an interview.
    Interview,
    /// A result of a test.
    TestResult,
    /// A certificate of another scheme.
    Certificate,
}

/// A document that was taken in. Its content lies sealed in the store, its hash in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Title.
    pub title: String,
    /// What it is.
    pub kind: EvidenceKind,
    /// The day it speaks of.
    pub effective_on: Date,
    /// The last day it counts; `None` when it does not age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
}

/// Everything a firm writes down about an audit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditFile {
    /// SHA-256 of the content of the statement that is audited.
    pub statement_sha256: String,
    /// Items in scope, and how deep.
    #[serde(default)]
    pub scope: BTreeMap<CriterionId, Scope>,
    /// What was found of each.
    #[serde(default)]
    pub evaluations: BTreeMap<CriterionId, Evaluation>,
    /// 発見事項, by a short name such as `F-1`.
    #[serde(default)]
    pub findings: BTreeMap<String, Finding>,
    /// Evidence, by SHA-256.
    #[serde(default)]
    pub evidence: BTreeMap<String, Evidence>,
    /// 結論, in words.
    #[serde(default)]
    pub opinion: String,
}

/// What a file counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileCounts {
    /// Items in scope.
    pub in_scope: u32,
    /// Of these, with an evaluation of the design.
    pub design: u32,
    /// Of these, with an evaluation of the operation.
    pub operating: u32,
}

/// Why a file is not ready to be reported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Nothing is in scope.
    #[error("no item is in scope")]
    Empty,
    /// An item in scope that the statement does not adopt, or that the catalogue does not hold.
    #[error("`{0}` is not adopted by the statement")]
    NotAdopted(CriterionId),
    /// An item without the evaluation that was planned.
    #[error("`{0}` is not evaluated as planned")]
    Unevaluated(CriterionId),
    /// A deficiency without a finding.
    #[error("`{0}` is deficient and has no finding")]
    NoFinding(CriterionId),
    /// A finding that is neither resolved nor for the report.
    #[error("finding `{0}` is still open")]
    OpenFinding(String),
    /// No conclusion.
    #[error("the file has no opinion")]
    NoOpinion,
}

impl FileFault {
    /// The same for people.
    pub fn ja(&self) -> String {
        match self {
            Self::Empty => "対象とする項目がありません。".to_owned(),
            Self::NotAdopted(id) => format!("{id} は言明書で採用されていません。対象から外してください。"),
            Self::Unevaluated(id) => format!("{id} の評価が計画どおりに済んでいません。"),
            Self::NoFinding(id) => format!("{id} は「発見事項あり」ですが、発見事項が書かれていません。"),
            Self::OpenFinding(name) => format!("発見事項 {name} が解消も報告書への記載もされていません。"),
            Self::NoOpinion => "結論が書かれていません。".to_owned(),
        }
    }
}

impl AuditFile {
    /// What the file counts.
    pub fn counts(&self) -> FileCounts {
        let count = |test: &dyn Fn(&Scope) -> bool| {
            u32::try_from(self.scope.values().filter(|s| test(s)).count()).unwrap_or(u32::MAX)
        };
        FileCounts { in_scope: count(&|_| true), design: count(&|s| s.design), operating: count(&|s| s.operating) }
    }

    /// Findings that wait for somebody.
    pub fn open_findings(&self) -> u32 {
        let open = |f: &&Finding| matches!(f.state, FindingState::Open | FindingState::Answered);
        u32::try_from(self.findings.values().filter(open).count()).unwrap_or(u32::MAX)
    }

    /// Items in scope that the statement does not adopt.
    pub fn scope_faults(&self, catalogue: &Catalogue, statement: &StatementContent) -> Vec<FileFault> {
        if self.scope.is_empty() {
            return vec![FileFault::Empty];
        }
        let adopted =
            |id: &CriterionId| statement.answers.get(id).is_some_and(|a| a.decision == Some(Decision::Adopted));
        let strange = |id: &&CriterionId| catalogue.get(**id).is_none() || !adopted(id);
        self.scope.keys().filter(strange).map(|id| FileFault::NotAdopted(*id)).collect()
    }

    /// What keeps the file from being reported.
    pub fn faults(&self, catalogue: &Catalogue, statement: &StatementContent) -> Vec<FileFault> {
        let mut faults = self.scope_faults(catalogue, statement);
        let nothing = Evaluation::default();
        for (id, scope) in &self.scope {
            let evaluation = self.evaluations.get(id).unwrap_or(&nothing);
            if (scope.design && evaluation.design.is_none()) || (scope.operating && evaluation.operating.is_none()) {
                faults.push(FileFault::Unevaluated(*id));
            }
            let deficient = [evaluation.design, evaluation.operating].contains(&Some(Conclusion::Deficient));
            if deficient && !self.findings.values().any(|f| f.criterion == *id) {
                faults.push(FileFault::NoFinding(*id));
            }
        }
        let open = self.findings.iter().filter(|(_, f)| matches!(f.state, FindingState::Open | FindingState::Answered));
        faults.extend(open.map(|(name, _)| FileFault::OpenFinding(name.clone())));
        if self.opinion.trim().is_empty() {
            faults.push(FileFault::NoOpinion);
        }
        faults
    }
}

/// That a file is finished: every item in scope evaluated, no finding left open. Made by [`Reported::new`] alone, or read
/// from the ledger, where only such are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Reported {
    sha256: String,
    statement_sha256: String,
    counts: FileCounts,
    findings_reported: u32,
}

impl Reported {
    /// Checks a file; what comes out names its hash. The bytes to keep come with it.
    pub fn new(
        catalogue: &Catalogue,
        statement: &StatementContent,
        file: &AuditFile,
    ) -> Result<(Self, Vec<u8>), Vec<FileFault>> {
        let faults = file.faults(catalogue, statement);
        if !faults.is_empty() {
            return Err(faults);
        }
        let bytes = serde_json::to_vec(file).map_err(|_| Vec::new())?;
        let stays = |f: &&Finding| f.state == FindingState::Reported;
        let reported = Self {
            sha256: super::super::statement::sha256(&bytes),
            statement_sha256: file.statement_sha256.clone(),
            counts: file.counts(),
            findings_reported: u32::try_from(file.findings.values().filter(stays).count()).unwrap_or(u32::MAX),
        };
        Ok((reported, bytes))
    }

    /// SHA-256 of the file.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// SHA-256 of the content of the statement.
    pub fn statement_sha256(&self) -> &str {
        &self.statement_sha256
    }

    /// What it counts.
    pub fn counts(&self) -> FileCounts {
        self.counts
    }

    /// Findings that stand in the report.
    pub fn findings_reported(&self) -> u32 {
        self.findings_reported
    }
}
