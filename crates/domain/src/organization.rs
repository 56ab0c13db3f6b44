//! 機関等 and 部局: the body itself, and the tree of its departments.

use crate::grade::GradeScale;
use crate::id::{DepartmentId, OrganizationId};
use serde::{Deserialize, Serialize};

/// Which family of rules binds the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sector {
    /// 国の機関等: 統一基準群 binds.
    National,
    /// 地方公共団体: the Ministry's guideline, as 技術的助言.
    Municipal,
}

/// 機関等.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Identifier.
    pub organization: OrganizationId,
    /// Public name, such as 架空省.
    pub name: String,
    /// Family of rules.
    pub sector: Sector,
    /// The list of grades the body uses.
    pub grades: GradeScale,
}

/// 部局. Its name is directory data; the ledger holds the tree alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Department {
    /// Identifier.
    pub department: DepartmentId,
    /// The department above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<DepartmentId>,
}
