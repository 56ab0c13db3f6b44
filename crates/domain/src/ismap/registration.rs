//! 登録: a row of the register, whether a published list said so or the committee decided it here. As much of the scheme
//! as the gate's decisions need, and what the list publishes besides.

use crate::id::{MeetingId, OfferingId, StatementId};
use crate::service::Model;
use jiff::civil::Date;
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
    /// Past `valid_until` with a renewal filed in time and not yet decided: still effective (基本規程 3.5).
    Continuing,
    /// Over.
    Expired,
    /// 一時停止 (the article is to be checked).
    Suspended,
    /// 取消, 辞退 or end of the service (the articles are to be checked).
    Removed,
}

impl RegistrationState {
    /// The registration counts on that day.
    pub fn is_effective(self) -> bool {
        matches!(self, Self::Active | Self::Continuing)
    }

    /// Every state, in the order people meet them.
    pub const ALL: [Self; 6] =
        [Self::Active, Self::Continuing, Self::Expired, Self::Suspended, Self::Removed, Self::None];

    /// The word for addresses and files.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Active => "active",
            Self::Continuing => "continuing",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
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

impl Scheme {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ismap => "ISMAP",
            Self::Liu => "ISMAP-LIU",
        }
    }
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

impl ListStatus {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Listed => "登録",
            Self::Suspended => "一時停止",
            Self::Removed => "削除",
        }
    }
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

impl DeclaredScope {
    /// What lies outside: where information is processed and what a model is, in words, as far as the scope does not
    /// name it.
    pub fn gaps(&self, region: &str, model: Option<&Model>) -> Vec<String> {
        let mut gaps = Vec::new();
        if !self.regions.contains(region) {
            gaps.push(region_in_words(region));
        }
        if model.is_some_and(|m| m.generative) && !self.generative_ai {
            gaps.push("生成AI機能".to_owned());
        }
        if let Some(part) = model.and_then(|m| m.sub_service.as_ref())
            && !self.sub_services.contains(part)
        {
            gaps.push(format!("サブサービス {part}"));
        }
        gaps
    }
}

/// How a region stands among what lies outside.
pub(crate) fn region_in_words(region: &str) -> String {
    format!("地域 {region}")
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
    /// 法人番号 of the provider; empty when the list does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub corporate_number: String,
    /// IaaS, PaaS, SaaS.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub service_models: BTreeSet<String>,
    /// 言明の対象範囲, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub statement_scope: String,
    /// What the list says of generative AI.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ai_information: String,
    /// 監査機関.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub audit_firm: String,
    /// 監査対象期間: first and last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub audit_period: Option<(Date, Date)>,
    /// 準拠法.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub governing_law: String,
    /// 裁判管轄.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub jurisdiction: String,
    /// The risk that foreign law reaches the information, as disclosed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub foreign_law_risk: String,
    /// Implemented objectives among the 基本言明要件, as published.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub objectives: BTreeSet<String>,
    /// 後発事象.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subsequent_events: String,
    /// The copy of the published list the row comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ListSource>,
    /// The service, where the scheme is run here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offering: Option<OfferingId>,
    /// The statement, where the scheme is run here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementId>,
    /// The meeting that decided, where the scheme is run here. A row with it is changed by the committee alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<MeetingId>,
}

/// A copy of the published list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListSource {
    /// SHA-256 of the file.
    pub sha256: String,
    /// Where it was published; empty when not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The day on which it was published or fetched: the list is as fresh as this.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub fetched_on: Date,
}

impl Registration {
    /// A row with nothing but what every row has.
    pub fn listed(number: String, scheme: Scheme, service_name: String, from: Date, until: Date) -> Self {
        Self {
            number,
            scheme,
            csp_name: String::new(),
            service_name,
            scope: DeclaredScope::default(),
            registered_on: from,
            valid_until: until,
            status: ListStatus::Listed,
            renewal_filed_on: None,
            incidents: BTreeSet::new(),
            corporate_number: String::new(),
            service_models: BTreeSet::new(),
            statement_scope: String::new(),
            ai_information: String::new(),
            audit_firm: String::new(),
            audit_period: None,
            governing_law: String::new(),
            jurisdiction: String::new(),
            foreign_law_risk: String::new(),
            objectives: BTreeSet::new(),
            subsequent_events: String::new(),
            source: None,
            offering: None,
            statement: None,
            decided_by: None,
        }
    }

    /// The row with what is published of it alone (登録規則 3.8): without what was disclosed with the application
    /// (登録規則 3.4) and without incidents that are looked at.
    pub fn published(&self) -> Self {
        Self {
            governing_law: String::new(),
            jurisdiction: String::new(),
            foreign_law_risk: String::new(),
            incidents: BTreeSet::new(),
            ..self.clone()
        }
    }

    /// Expiry computed from the end of the audit period; beside the official one, which wins.
    pub fn computed_until(&self) -> Option<Date> {
        super::term::computed_expiry(self.audit_period?.1)
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn listed(renewal_filed_on: Option<Date>) -> Registration {
        Registration {
            renewal_filed_on,
            ..Registration::listed(
                "KAKUU-0001".into(),
                Scheme::Ismap,
                "架空クラウド".into(),
                date(2025, 4, 1),
                date(2026, 7, 31),
            )
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
