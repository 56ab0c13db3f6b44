//! 職員等 and the roles of 統一基準R3 4.2.2: who may govern, who may use, and who may not be both.

use crate::grade::Grade;
use crate::id::{DepartmentId, KeyId, PermitId, PersonId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A governing role. Everyone active is 職員等 and may apply; these come on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the installation: people, keys, services. Never approves.
    Administrator,
    /// 統括情報セキュリティ責任者.
    Ciso,
    /// 許可権限者 (地方公共団体: 情報セキュリティ責任者).
    Approver,
    /// 外部サービス管理者.
    ServiceManager,
    /// AI統括責任者.
    Caio,
    /// 監査人: reads, never changes.
    Auditor,
    /// 文書管理者: retention, disposal and disclosure of what was written.
    RecordsManager,
}

impl Role {
    /// What people call the role.
    pub fn label(self) -> &'static str {
        match self {
            Self::Administrator => "システム管理者",
            Self::Ciso => "統括情報セキュリティ責任者",
            Self::Approver => "許可権限者",
            Self::ServiceManager => "外部サービス管理者",
            Self::Caio => "AI統括責任者",
            Self::Auditor => "監査人",
            Self::RecordsManager => "文書管理者",
        }
    }

    /// Roles that one person may not hold together: who runs the machine, who permits and who audits stay apart.
    pub fn excludes(self, other: Self) -> bool {
        use Role::{Administrator, Approver, Auditor};
        matches!(
            (self, other),
            (Administrator, Approver | Auditor)
                | (Approver, Administrator | Auditor)
                | (Auditor, Administrator | Approver)
        )
    }
}

/// What the register knows of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Pseudonym.
    pub person: PersonId,
    /// 部局.
    pub department: DepartmentId,
    /// Code of the post, such as `kakaricho`; empty when the body does not grade posts.
    pub post: String,
    /// Governing roles.
    pub roles: BTreeSet<Role>,
    /// False once the person has left: keys stop working, history stays.
    pub active: bool,
}

/// An API key: the hash of 32 random bytes, never the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Key {
    /// Identifier.
    pub key: KeyId,
    /// SHA-256 of the secret, lower-case hex.
    pub hash: String,
    /// Whose key it is.
    pub person: PersonId,
    /// The one permit the key is bound to; without one, the permit is found by the model asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<PermitId>,
    /// Grade that counts as declared when a request declares none (TK-CLS-1: a prompt needs a declared grade).
    pub declared: Grade,
    /// Last moment the key works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub valid_until: Option<Timestamp>,
    /// Set when the key was revoked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_runs_who_permits_and_who_audits_stay_apart() {
        assert!(Role::Administrator.excludes(Role::Approver));
        assert!(Role::Approver.excludes(Role::Administrator));
        assert!(Role::Auditor.excludes(Role::Administrator));
        assert!(!Role::Approver.excludes(Role::ServiceManager));
    }
}
