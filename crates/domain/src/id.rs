//! Identifiers. The ledger knows people, services and permits by these alone; what they are called is directory data.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an identifier: use 1 to 64 of a-z, 0-9, `-`, `_`, `.`, starting with a letter or digit")]
pub struct BadId(pub String);

fn check(text: &str) -> Result<(), BadId> {
    let first = text.bytes().next();
    let starts_well = first.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let body_is_plain =
        text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'));
    if starts_well && body_is_plain && text.len() <= 64 { Ok(()) } else { Err(BadId(text.chars().take(80).collect())) }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(transparent)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Checks the form of the text; says nothing of whether such a thing exists.
            pub fn new(text: impl AsRef<str>) -> Result<Self, BadId> {
                check(text.as_ref())?;
                Ok(Self(text.as_ref().into()))
            }

            /// The identifier as shared text, without a copy.
            pub fn shared(&self) -> std::sync::Arc<str> {
                self.0.clone()
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::new(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// 機関等: one public body.
    OrganizationId
);
id!(
    /// An app made by a member of staff.
    AppId
);
id!(
    /// 部局.
    DepartmentId
);
id!(
    /// 職員等, as the ledger knows them: a keyed pseudonym whose mapping lives in the directory and can be destroyed.
    PersonId
);
id!(
    /// 外部サービス.
    ServiceId
);
id!(
    /// The name a caller gives in `model`; unique over the whole service register.
    ModelId
);
id!(
    /// 利用申請.
    ApplicationId
);
id!(
    /// 承認.
    PermitId
);
id!(
    /// An API key (never the secret itself).
    KeyId
);
id!(
    /// 利用: one use of AI.
    UseId
);
id!(
    /// 予算.
    BudgetId
);
id!(
    /// 廃棄の停止.
    HoldId
);
id!(
    /// 廃棄: one list of content to be destroyed, from draft to certificate.
    DisposalId
);
id!(
    /// 開示請求への対応.
    DisclosureId
);
id!(
    /// A set of rules in one edition, such as `toitsu-r3`.
    RuleSetId
);

id!(
    /// 当事者: a company or body that takes part in ISMAP.
    PartyId
);
id!(
    /// A cloud service that a provider wants on the ISMAP list.
    OfferingId
);
id!(
    /// A version of a rule document of the scheme.
    RuleDocumentId
);
id!(
    /// A version of 管理基準.
    CatalogueId
);
id!(
    /// 言明書.
    StatementId
);
id!(
    /// 監査.
    EngagementId
);
id!(
    /// LIU の事前申請.
    PreliminaryId
);
id!(
    /// 登録申請.
    FilingId
);
id!(
    /// 運営委員会の会議.
    MeetingId
);
id!(
    /// An incident of a registered service.
    IncidentId
);
id!(
    /// 変更の届出.
    NoticeId
);
id!(
    /// 調達時の参照.
    LookUpId
);
id!(
    /// 別添の請求.
    AnnexId
);

macro_rules! unnamed {
    ($($name:ident),* $(,)?) => { $(
        impl $name {
            /// Stands where a record has no name yet: no real identifier is equal to it.
            pub(crate) fn unnamed() -> Self {
                Self("".into())
            }
        }
    )* };
}
unnamed!(PartyId, OfferingId, CatalogueId, StatementId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_short_plain_ascii() {
        assert!(PersonId::new("p-0a1b").is_ok());
        for bad in ["", "-x", "A", "課長", "a b", &"x".repeat(65), "a/b"] {
            assert!(PersonId::new(bad).is_err(), "{bad:?} must not pass");
        }
    }

    #[test]
    fn a_bad_identifier_does_not_come_in_through_json() {
        assert!(serde_json::from_str::<ServiceId>("\"../etc\"").is_err());
        assert_eq!(serde_json::to_string(&ServiceId::new("kakuu-cloud").unwrap()).unwrap(), "\"kakuu-cloud\"");
    }
}
