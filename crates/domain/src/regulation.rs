//! 規定の整備 (統一基準R3 4.2.2(1)(a)): four parts that must exist before anyone may apply.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One of the four parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// (ア) 業務の範囲.
    ScopeOfWork,
    /// (イ) 許可権限者 and procedure.
    Approval,
    /// (ウ) 外部サービス管理者 and control of use.
    Management,
    /// (エ) 運用手順.
    Operation,
}

impl Part {
    /// All four, in the order of the clause.
    pub const ALL: [Self; 4] = [Self::ScopeOfWork, Self::Approval, Self::Management, Self::Operation];

    /// What people call the part.
    pub fn label(self) -> &'static str {
        match self {
            Self::ScopeOfWork => "(ア) 利用可能な業務の範囲",
            Self::Approval => "(イ) 許可権限者と申請手続",
            Self::Management => "(ウ) 外部サービス管理者の指名と利用状況の管理",
            Self::Operation => "(エ) 運用手順",
        }
    }
}

/// One enacted version of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enactment {
    /// Which part.
    pub part: Part,
    /// Title of the document.
    pub title: String,
    /// Version as the body counts it.
    pub version: String,
    /// SHA-256 of the document, lower-case hex.
    pub document: String,
}

/// The parts in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regulation(BTreeMap<Part, Enactment>);

impl Regulation {
    /// Puts a version of a part in force.
    pub fn enact(&mut self, enactment: Enactment) {
        self.0.insert(enactment.part, enactment);
    }

    /// Parts not yet enacted, in the order of the clause.
    pub fn missing(&self) -> Vec<Part> {
        Part::ALL.into_iter().filter(|part| !self.0.contains_key(part)).collect()
    }

    /// All four parts are in force.
    pub fn is_complete(&self) -> bool {
        self.missing().is_empty()
    }

    /// The enacted parts.
    pub fn parts(&self) -> impl Iterator<Item = &Enactment> {
        self.0.values()
    }
}
