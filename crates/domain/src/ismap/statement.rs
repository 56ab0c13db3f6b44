//! 言明書: what a provider states about every item of the criteria, signed by its head and then frozen.
//!
//! The content is the provider's and stays out of the ledger, which holds its hash. A change after the signature is a new
//! version (machine B). What of it is published is 登録規則 3.8's matter.

mod carrying;
mod content;
mod editing;
mod guards;
mod readers;
mod validation;

pub use content::{Answer, ControlChange, Decision, ServiceProfile, StatementContent};
pub use editing::{Clash, Deed, Edit, LONGEST_CONTROL, LONGEST_REASON, Part, Seen};
pub(crate) use guards::decide;
pub(crate) use validation::sha256;
pub use validation::{Completeness, Severity, StatementProblem, Validated, Validation, overrides, validate};

use super::chronicle::{Record, Stamp};
use crate::id::{CatalogueId, EngagementId, FilingId, OfferingId, PartyId, PersonId, StatementId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A step of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum StatementStep {
    /// Begun.
    Draft {
        /// Whose.
        party: PartyId,
        /// About which service.
        offering: OfferingId,
        /// Against which version of the criteria.
        catalogue: CatalogueId,
        /// First day of the audit period.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        from: Date,
        /// Last day of the audit period.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        to: Date,
        /// The statement it carries on: last year's, or the version that this one changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<StatementId>,
        /// Changes a signed version of the same period: asks for an additional audit.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        changes_signed: bool,
    },
    /// Every rule for statements was found kept. Only the editor gives this step: it has the content.
    Validate {
        /// SHA-256 of the content and what was counted.
        content: Validated,
    },
    /// Back to the draft, to change something.
    Reopen,
    /// 経営者確認: signed and frozen.
    Sign {
        /// SHA-256 of the content that is signed: the one that was validated.
        sha256: String,
    },
    /// An audit of it was contracted.
    UnderAudit {
        /// Which.
        engagement: EngagementId,
    },
    /// The audit's report was issued.
    Audited {
        /// Which.
        engagement: EngagementId,
    },
    /// The audit was given up before its report: another can be contracted.
    AuditWithdrawn {
        /// Which.
        engagement: EngagementId,
    },
    /// Filed with an application.
    Filed {
        /// Which.
        filing: FilingId,
    },
    /// The application was decided against or taken back: it may be filed again.
    Unfiled,
    /// On the list, with the part that is public.
    Published {
        /// Registration number.
        number: String,
    },
    /// A later statement took its place.
    Superseded,
    /// Taken back.
    Withdraw,
}

/// State of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum StatementState {
    /// Being written.
    #[default]
    Draft,
    /// Found complete.
    Validated,
    /// Signed and frozen.
    Signed,
    /// An audit is under way.
    UnderAudit,
    /// The audit's report was issued.
    Audited,
    /// Part of an application.
    Filed,
    /// On the list.
    Published,
    /// A later one took its place.
    Superseded,
    /// Taken back.
    Withdrawn,
}

impl StatementState {
    /// Every state, in order.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::Validated,
        Self::Signed,
        Self::UnderAudit,
        Self::Audited,
        Self::Filed,
        Self::Published,
        Self::Superseded,
        Self::Withdrawn,
    ];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "作成中",
            Self::Validated => "検証済み",
            Self::Signed => "署名済み",
            Self::UnderAudit => "監査中",
            Self::Audited => "監査済み",
            Self::Filed => "申請中",
            Self::Published => "公開中",
            Self::Superseded => "後続あり",
            Self::Withdrawn => "取下げ",
        }
    }

    /// The content can no longer change.
    pub fn is_frozen(self) -> bool {
        !matches!(self, Self::Draft | Self::Validated)
    }
}

/// What the register knows of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Whose.
    pub party: PartyId,
    /// About which service.
    pub offering: OfferingId,
    /// Pinned version of the criteria.
    pub catalogue: CatalogueId,
    /// First day of the audit period.
    pub from: Date,
    /// Last day of the audit period.
    pub to: Date,
    /// The statement it carries on.
    pub previous: Option<StatementId>,
    /// Changes a signed version of the same period.
    pub changes_signed: bool,
    /// State.
    pub state: StatementState,
    /// What was validated last, while it holds.
    pub content: Option<Validated>,
    /// Who signed, once someone has.
    pub signed_by: Option<PersonId>,
    /// When it was signed.
    pub signed_on: Option<Date>,
    /// The audit of it.
    pub engagement: Option<EngagementId>,
}

impl Default for Statement {
    fn default() -> Self {
        Self {
            party: PartyId::unnamed(),
            offering: OfferingId::unnamed(),
            catalogue: CatalogueId::unnamed(),
            from: Date::MIN,
            to: Date::MIN,
            previous: None,
            changes_signed: false,
            state: StatementState::Draft,
            content: None,
            signed_by: None,
            signed_on: None,
            engagement: None,
        }
    }
}

impl Record for Statement {
    type Step = StatementStep;

    fn fold(&mut self, step: &StatementStep, stamp: &Stamp) {
        use StatementState as S;
        match step {
            StatementStep::Draft { party, offering, catalogue, from, to, previous, changes_signed } => {
                *self = Self {
                    party: party.clone(),
                    offering: offering.clone(),
                    catalogue: catalogue.clone(),
                    from: *from,
                    to: *to,
                    previous: previous.clone(),
                    changes_signed: *changes_signed,
                    ..Self::default()
                };
            }
            StatementStep::Validate { content } => {
                self.content = Some(content.clone());
                self.state = S::Validated;
            }
            StatementStep::Reopen => {
                self.content = None;
                self.state = S::Draft;
            }
            StatementStep::Sign { .. } => {
                self.signed_by = Some(stamp.actor.clone());
                self.signed_on = Some(stamp.on);
                self.state = S::Signed;
            }
            StatementStep::UnderAudit { engagement } => {
                self.engagement = Some(engagement.clone());
                self.state = S::UnderAudit;
            }
            StatementStep::AuditWithdrawn { .. } => {
                self.engagement = None;
                self.state = S::Signed;
            }
            StatementStep::Audited { .. } | StatementStep::Unfiled => self.state = S::Audited,
            StatementStep::Filed { .. } => self.state = S::Filed,
            StatementStep::Published { .. } => self.state = S::Published,
            StatementStep::Superseded => self.state = S::Superseded,
            StatementStep::Withdraw => self.state = S::Withdrawn,
        }
    }
}
