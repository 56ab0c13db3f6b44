//! The form of an application: whose, which service, which statement and audit, what is disclosed and pledged.

use crate::id::{EngagementId, OfferingId, PartyId, PreliminaryId, StatementId};
use crate::ismap::registration::Scheme as ListScheme;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is disclosed with an application (登録規則 3.4 (1) to (4)).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Disclosures {
    /// (1) capital ties and officers.
    pub capital_and_officers: String,
    /// (2) the risk that foreign law reaches the information.
    pub foreign_law_risk: String,
    /// (3) governing law.
    pub governing_law: String,
    /// (3) jurisdiction.
    pub jurisdiction: String,
    /// (4) penetration and vulnerability tests by third parties.
    pub tests: String,
}

/// What is pledged (登録規則 3.5 and 3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pledge {
    /// 3.5(1): details and staff on request in procurement.
    DetailsOnRequest,
    /// 3.5(2): serious incidents reported without delay.
    IncidentsWithoutDelay,
    /// 3.5(3): changes notified without delay.
    ChangesWithoutDelay,
    /// 3.6: cooperates with the 申合せ on IT procurement.
    ProcurementCooperation,
}

impl Pledge {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::DetailsOnRequest, Self::IncidentsWithoutDelay, Self::ChangesWithoutDelay, Self::ProcurementCooperation];

    /// Its article.
    pub fn article(self) -> &'static str {
        match self {
            Self::DetailsOnRequest => "登録規則 3.5(1)",
            Self::IncidentsWithoutDelay => "登録規則 3.5(2)",
            Self::ChangesWithoutDelay => "登録規則 3.5(3)",
            Self::ProcurementCooperation => "登録規則 3.6",
        }
    }

    /// What is pledged, in our words.
    pub fn label(self) -> &'static str {
        match self {
            Self::DetailsOnRequest => "調達の求めに応じ、言明の詳細と従事者の所属・専門性・実績・国籍の情報を提供する",
            Self::IncidentsWithoutDelay => "重大なインシデントを遅滞なく運営委員会に報告する",
            Self::ChangesWithoutDelay => "重大な統制の変更や登録情報の変更を遅滞なく届け出る",
            Self::ProcurementCooperation => "IT 調達に係る申合せに協力する",
        }
    }
}

/// First application or renewal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FilingKind {
    /// First.
    New,
    /// Of a registration.
    Renewal {
        /// Its number.
        number: String,
    },
}

/// The application's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FilingForm {
    /// First or renewal.
    pub kind: FilingKind,
    /// ISMAP or LIU.
    pub scheme: ListScheme,
    /// Whose.
    pub party: PartyId,
    /// Which service.
    pub offering: OfferingId,
    /// The audited statement.
    pub statement: StatementId,
    /// The audit.
    pub engagement: EngagementId,
    /// The pre-application of an LIU application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preliminary: Option<PreliminaryId>,
    /// SHA-256 of the internal audit's report: handed in for LIU.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub internal_audit_sha256: String,
    /// 登録規則 3.4.
    pub disclosures: Disclosures,
    /// 登録規則 3.5 and 3.6.
    pub pledges: BTreeSet<Pledge>,
}
