//! ISMAP registrations: as much of the scheme as a decision needs.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// State of a registration on a given day (as the gate sees it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RegistrationState {
    /// No registration is known for the service.
    None,
    /// In force.
    Active,
    /// Past `valid_until` with a renewal filed in time and not yet decided: still effective.
    Continuing,
    /// Over.
    Expired,
    /// 一時停止.
    Suspended,
    /// 取消, 辞退 or end of the service.
    Removed,
}

impl RegistrationState {
    /// The registration counts on that day.
    pub fn is_effective(self) -> bool {
        matches!(self, Self::Active | Self::Continuing)
    }

    /// What people call the state.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "登録なし",
            Self::Active => "登録中",
            Self::Continuing => "更新審査中",
            Self::Expired => "有効期限切れ",
            Self::Suspended => "一時停止",
            Self::Removed => "削除",
        }
    }
}

/// ISMAP or ISMAP-LIU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// ISMAP.
    Ismap,
    /// ISMAP-LIU: SaaS for small-risk work.
    Liu,
}

/// What the committee last said; dates do the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ListStatus {
    /// On the list.
    Listed,
    /// 一時停止.
    Suspended,
    /// 取消, 辞退 or end of the service.
    Removed,
}

/// 言明の対象範囲, in the parts a request can leave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclaredScope {
    /// Regions named.
    pub regions: BTreeSet<String>,
    /// Sub-services named; empty when the registration names none.
    #[serde(default)]
    pub sub_services: BTreeSet<String>,
    /// Generative-AI features are within the scope.
    pub generative_ai: bool,
}

/// One row of the published list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registration {
    /// Registration number, as published.
    pub number: String,
    /// ISMAP or LIU.
    pub scheme: Scheme,
    /// クラウドサービス事業者.
    pub csp_name: String,
    /// Name of the service on the list.
    pub service_name: String,
    /// 言明の対象範囲.
    pub scope: DeclaredScope,
    /// First day on the list.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub registered_on: Date,
    /// Last day of validity, included (official date; it wins over a computed one).
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub valid_until: Date,
    /// Status on the list.
    pub status: ListStatus,
    /// Day a renewal was filed and not yet decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub renewal_filed_on: Option<Date>,
    /// Open incidents, by their names.
    #[serde(default)]
    pub incidents: BTreeSet<String>,
}

impl Registration {
    /// State on a day in Asia/Tokyo. The expiry day itself still counts.
    pub fn state_on(&self, day: Date) -> RegistrationState {
        match self.status {
            ListStatus::Removed => RegistrationState::Removed,
            ListStatus::Suspended => RegistrationState::Suspended,
            ListStatus::Listed if day < self.registered_on => RegistrationState::None,
            ListStatus::Listed if day <= self.valid_until => RegistrationState::Active,
            ListStatus::Listed => match self.renewal_filed_on {
                Some(filed) if filed <= self.valid_until => RegistrationState::Continuing,
                _ => RegistrationState::Expired,
            },
        }
    }
}

/// Expiry computed from the end of the audit period: one year and four months from the day after it, counted as
/// Civil Code 143 counts (the day before the corresponding day, or the last day of a month without one).
///
/// Returns `None` only beyond the calendar's end.
pub fn computed_expiry(audit_period_end: Date) -> Option<Date> {
    let start = audit_period_end.checked_add(1.day()).ok()?;
    let sixteen_months: Span = 16.months();
    let there = start.checked_add(sixteen_months).ok()?;
    // jiff clamps to the last day of a shorter month; then there is no corresponding day and that last day counts.
    if there.day() == start.day() { there.checked_sub(1.day()).ok() } else { Some(there) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// Vectors of the domain notes, section 3.
    #[test]
    fn expiry_is_sixteen_months_after_the_audit_period_counted_as_the_civil_code_counts() {
        for (end, expiry) in [
            (date(2024, 3, 31), date(2025, 7, 31)),
            (date(2025, 9, 30), date(2027, 1, 31)),
            (date(2024, 10, 31), date(2026, 2, 28)),
            (date(2025, 10, 30), date(2027, 2, 28)),
            (date(2025, 12, 31), date(2027, 4, 30)),
            (date(2024, 2, 29), date(2025, 6, 30)),
            (date(2025, 6, 15), date(2026, 10, 15)),
        ] {
            assert_eq!(computed_expiry(end), Some(expiry), "{end}");
        }
    }

    fn listed(renewal_filed_on: Option<Date>) -> Registration {
        Registration {
            number: "KAKUU-0001".into(),
            scheme: Scheme::Ismap,
            csp_name: "架空クラウド株式会社".into(),
            service_name: "架空クラウド".into(),
            scope: DeclaredScope::default(),
            registered_on: date(2025, 4, 1),
            valid_until: date(2026, 7, 31),
            status: ListStatus::Listed,
            renewal_filed_on,
            incidents: BTreeSet::new(),
        }
    }

    #[test]
    fn the_expiry_day_itself_is_valid_and_the_next_is_not() {
        let r = listed(None);
        assert_eq!(r.state_on(date(2025, 3, 31)), RegistrationState::None);
        assert_eq!(r.state_on(date(2026, 7, 31)), RegistrationState::Active);
        assert_eq!(r.state_on(date(2026, 8, 1)), RegistrationState::Expired);
    }

    #[test]
    fn a_renewal_filed_in_time_keeps_it_effective_and_one_filed_late_does_not() {
        assert_eq!(listed(Some(date(2026, 7, 31))).state_on(date(2026, 12, 1)), RegistrationState::Continuing);
        assert_eq!(listed(Some(date(2026, 8, 1))).state_on(date(2026, 12, 1)), RegistrationState::Expired);
    }
}
