//! What a statement says: the service, the period, and for every item of the criteria whether it is adopted and how.

use super::super::criterion::CriterionId;
use crate::id::{CatalogueId, PersonId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// 採用 or 非採用.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// 採用.
    Adopted,
    /// 非採用.
    Excluded,
}

/// What kind of change a control went through since the last audit.
///
/// 管理基準 2.2.4 (read in a secondary account): the first six count as 統制変更; a new manager or an added region alone
/// does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ControlChange {
    /// 手続.
    Procedure,
    /// 実装.
    Implementation,
    /// 運用.
    Operation,
    /// 頻度.
    Frequency,
    /// 管理ツール.
    ManagingTool,
    /// 非採用から採用へ.
    NewlyAdopted,
    /// 担当者の交代だけ.
    NewManager,
    /// リージョンの追加だけ.
    AddedRegion,
}

impl ControlChange {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Procedure,
        Self::Implementation,
        Self::Operation,
        Self::Frequency,
        Self::ManagingTool,
        Self::NewlyAdopted,
        Self::NewManager,
        Self::AddedRegion,
    ];

    /// Counts as 統制変更.
    pub fn counts(self) -> bool {
        !matches!(self, Self::NewManager | Self::AddedRegion)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Procedure => "手続の変更",
            Self::Implementation => "実装の変更",
            Self::Operation => "運用の変更",
            Self::Frequency => "頻度の変更",
            Self::ManagingTool => "管理ツールの変更",
            Self::NewlyAdopted => "非採用から採用への変更",
            Self::NewManager => "担当者の交代のみ",
            Self::AddedRegion => "リージョンの追加のみ",
        }
    }
}

/// What is stated about one item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// 採用 or 非採用; `None` while undecided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// 個別管理策: how it is done.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub control: String,
    /// 非採用の理由.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The head of the provider let a basic item be left out, with its reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden_by: Option<PersonId>,
    /// How the control changed since the last audit; empty when it did not.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub changed: BTreeSet<ControlChange>,
    /// What changed, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub change_note: String,
}

/// The service as the statement describes it. The first part is published (登録規則 3.8), the rest goes with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceProfile {
    /// Name of the service.
    pub service_name: String,
    /// 言明の対象範囲, in words.
    pub scope: String,
    /// Regions.
    #[serde(default)]
    pub regions: BTreeSet<String>,
    /// Sub-services within the scope.
    #[serde(default)]
    pub sub_services: BTreeSet<String>,
    /// IaaS, PaaS, SaaS.
    #[serde(default)]
    pub service_models: BTreeSet<String>,
    /// Offers generative AI within the scope.
    #[serde(default)]
    pub generative_ai: bool,
    /// What is said of generative AI: which models, own or by external linkage.
    #[serde(default)]
    pub ai_information: String,
    /// 後発事象.
    #[serde(default)]
    pub subsequent_events: String,
}

/// The whole of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementContent {
    /// Version of the criteria.
    pub catalogue: CatalogueId,
    /// First day of the audit period.
    pub from: Date,
    /// Last day of the audit period.
    pub to: Date,
    /// The service.
    pub service: ServiceProfile,
    /// What is stated, by item.
    pub answers: BTreeMap<CriterionId, Answer>,
}

impl StatementContent {
    /// Carries last year's answers over to another period: texts stay; what counted as changed then, and what the head
    /// let be left out then, does not.
    pub fn carried_over(&self, catalogue: CatalogueId, from: Date, to: Date) -> Self {
        let mut next = Self { catalogue, from, to, ..self.clone() };
        for answer in next.answers.values_mut() {
            answer.changed.clear();
            answer.change_note.clear();
            answer.overridden_by = None;
        }
        next.service.subsequent_events.clear();
        next
    }
}
