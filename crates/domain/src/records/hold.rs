//! 廃棄の停止: whatever its scope holds is not destroyed, whatever its retention says (PR-FOI).

use super::made::Made;
use crate::id::{DepartmentId, HoldId, PermitId, PersonId, ServiceId, UseId};
use crate::refusal::Refusal;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which uses: those that meet every condition that is given. Without any condition, all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Of these people.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub people: BTreeSet<PersonId>,
    /// Of these departments and those below them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub departments: BTreeSet<DepartmentId>,
    /// By these services.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub services: BTreeSet<ServiceId>,
    /// Under these permits.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub permits: BTreeSet<PermitId>,
    /// These very uses.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub uses: BTreeSet<UseId>,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub from: Option<Date>,
    /// Last day, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub until: Option<Date>,
}

impl Scope {
    /// Most names in one scope: more do not fit an entry, and nobody reads them.
    const MOST: usize = 500;

    /// The scope holds the use. `within` tells whether a department is one of the scope's or below one.
    pub(super) fn covers(&self, made: &Made, within: impl FnOnce(&DepartmentId) -> bool) -> bool {
        let day = made.day();
        let named = |given: bool, met: bool| !given || met;
        self.from.is_none_or(|from| day >= from)
            && self.until.is_none_or(|until| day <= until)
            && named(!self.people.is_empty(), self.people.contains(&made.person))
            && named(!self.services.is_empty(), made.service.as_ref().is_some_and(|s| self.services.contains(s)))
            && named(!self.permits.is_empty(), made.permit.as_ref().is_some_and(|p| self.permits.contains(p)))
            && named(!self.uses.is_empty(), self.uses.contains(&made.of))
            && (self.departments.is_empty() || made.department.as_ref().is_some_and(within))
    }

    /// The scope can hold something and fits an entry.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), Refusal> {
        if let (Some(from), Some(until)) = (self.from, self.until)
            && from > until
        {
            return Err(Refusal::invalid(
                format!("期間の初日（{from}）が末日（{until}）より後です。"),
                format!("the first day {from} lies after the last, {until}"),
            ));
        }
        let names = self.people.len() + self.departments.len() + self.services.len() + self.permits.len();
        if names + self.uses.len() > Self::MOST {
            return Err(Refusal::invalid(
                format!("対象の指定は合わせて {} 件までです。部局や期間でまとめてください。", Self::MOST),
                format!("at most {} names in a scope; use departments and days", Self::MOST),
            ));
        }
        Ok(())
    }
}

/// Why nothing of a scope may be destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HoldGround {
    /// 審査請求・訴訟.
    Dispute,
    /// 監査・検査.
    Audit,
    /// 調査・事故対応.
    Inquiry,
    /// 移管の協議.
    Transfer,
    /// Something else, which the reason says.
    Other,
}

impl HoldGround {
    /// Every ground.
    pub const ALL: [Self; 5] = [Self::Dispute, Self::Audit, Self::Inquiry, Self::Transfer, Self::Other];

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dispute => "dispute",
            Self::Audit => "audit",
            Self::Inquiry => "inquiry",
            Self::Transfer => "transfer",
            Self::Other => "other",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Dispute => "審査請求・訴訟",
            Self::Audit => "監査・検査",
            Self::Inquiry => "調査・事故への対応",
            Self::Transfer => "移管の協議",
            Self::Other => "その他",
        }
    }
}

/// One hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Identifier.
    pub hold: HoldId,
    /// What it is called.
    pub title: String,
    /// Why.
    pub ground: HoldGround,
    /// What it holds.
    pub scope: Scope,
    /// Its departments with all that lay below them when it was placed.
    pub departments: BTreeSet<DepartmentId>,
    /// Who placed it, when and with what reason.
    pub placed: (PersonId, Timestamp, String),
    /// Who lifted it, when and with what reason.
    pub lifted: Option<(PersonId, Timestamp, String)>,
}

impl Hold {
    /// Not lifted yet.
    pub fn is_in_force(&self) -> bool {
        self.lifted.is_none()
    }
}
