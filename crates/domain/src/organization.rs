//! 機関等 and 部局: the body itself, and the tree of its departments.

use crate::grade::GradeScale;
use crate::id::{DepartmentId, OrganizationId};
use imbl::HashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

/// How many levels of the tree are walked: it is shallow, and the bound only keeps a hostile ledger from looping.
const LEVELS: usize = 64;

/// The tree of departments. Copies share what did not change.
#[derive(Debug, Clone, Default)]
pub struct DepartmentTree(HashMap<DepartmentId, Department>);

impl DepartmentTree {
    /// A department.
    pub fn get(&self, id: &DepartmentId) -> Option<&Department> {
        self.0.get(id)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Department> {
        self.0.values()
    }

    pub(crate) fn place(&mut self, department: Department) {
        self.0.insert(department.department.clone(), department);
    }

    /// A department and those above it, the nearest first.
    pub fn with_those_above<'t>(&'t self, id: &'t DepartmentId) -> impl Iterator<Item = &'t DepartmentId> {
        std::iter::successors(Some(id), |id| self.0.get(*id)?.parent.as_ref()).take(LEVELS)
    }

    /// A department is one of `tops` or stands below one.
    pub fn is_below(&self, id: &DepartmentId, tops: &BTreeSet<DepartmentId>) -> bool {
        self.with_those_above(id).any(|id| tops.contains(id))
    }

    /// These departments and all below them.
    pub fn with_those_below(&self, tops: &BTreeSet<DepartmentId>) -> BTreeSet<DepartmentId> {
        let below = self.0.keys().filter(|id| !tops.is_empty() && self.is_below(id, tops));
        below.chain(tops).cloned().collect()
    }
}
