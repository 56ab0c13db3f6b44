//! 言明書: what a provider states about every item of the criteria, signed by its head and then frozen.
//!
//! The content is the provider's and stays out of the ledger, which holds its hash. A change after the signature is a new
//! version.

mod content;
mod validation;

pub use content::{Answer, ControlChange, Decision, ServiceProfile, StatementContent};
pub(crate) use validation::sha256;
pub use validation::{Completeness, Severity, StatementProblem, Validated, Validation, overrides, validate};

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use super::party::{PartyKind, SchemeRole};
use crate::command::StepStatement;
use crate::event::{Event, StatementStepped};
use crate::id::{CatalogueId, EngagementId, FilingId, OfferingId, PartyId, PersonId, StatementId};
use crate::refusal::Refusal;
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

pub(crate) fn decide(acting: &Acting<'_>, command: StepStatement) -> Result<Vec<Event>, Refusal> {
    use StatementState as S;
    let chronicle = acting.scheme.statements.get(&command.statement);
    let writes = [SchemeRole::CspStaff, SchemeRole::CspHead];
    let only_own = "言明書を扱えるのは、その事業者の担当者と言明責任者だけです。";
    let role = match (&command.step, chronicle.map(|c| c.now())) {
        (StatementStep::Draft { .. }, Some(_)) => {
            return Err(Refusal::exists("言明書", "statement", &command.statement));
        }
        (StatementStep::Draft { party, .. }, None) => {
            let role = may(acting.holding(party, &writes), only_own)?;
            draft(acting, &command.step)?;
            role
        }
        (_, None) => return Err(Refusal::unknown("言明書", "statement", &command.statement)),
        (StatementStep::Sign { sha256 }, Some(now)) => {
            let role = may(
                acting.holding(&now.party, &[SchemeRole::CspHead]),
                "言明書に署名できるのは、事業者の言明責任者（経営者）だけです。",
            )?;
            match &now.content {
                Some(content) if now.state == S::Validated && content.sha256() == sha256 => role,
                Some(_) if now.state == S::Validated => {
                    return Err(Refusal::wrong_state(
                        "検証したあとで内容が変わっています。もう一度検証してから署名してください。",
                        "the content is not the one that was validated; validate it again",
                    ));
                }
                _ => {
                    return Err(Refusal::wrong_state(
                        format!("署名できるのは検証済みの言明書だけです（今の状態: {}）。", now.state.label()),
                        "only a validated statement can be signed",
                    ));
                }
            }
        }
        (step, Some(now)) => {
            let role = may(acting.holding(&now.party, &writes), only_own)?;
            let fits = match step {
                StatementStep::Validate { .. } => matches!(now.state, S::Draft | S::Validated),
                StatementStep::Reopen => now.state == S::Validated,
                StatementStep::Withdraw => {
                    matches!(now.state, S::Draft | S::Validated | S::Signed | S::UnderAudit | S::Audited)
                }
                // The rest follows from what happens to the audit and the application.
                _ => false,
            };
            if !fits {
                return Err(Refusal::wrong_state(
                    format!("今の状態（{}）からは、この手続に進めません。", now.state.label()),
                    format!("this step does not follow from the state `{:?}`", now.state).to_lowercase(),
                ));
            }
            role
        }
    };
    if let (StatementStep::Validate { content }, Some(now)) = (&command.step, chronicle.map(|c| c.now())) {
        pinned(acting, now, content)?;
    }
    Ok(vec![Event::StatementStepped(StatementStepped { statement: command.statement, role, step: command.step })])
}

/// A content speaks of what the statement was begun with, and only the provider's head let basic items be left out.
fn pinned(acting: &Acting<'_>, now: &Statement, content: &Validated) -> Result<(), Refusal> {
    if content.catalogue() != &now.catalogue {
        return Err(Refusal::invalid(
            format!(
                "この言明書は管理基準 {} に固定されています（検証した内容は {}）。",
                now.catalogue,
                content.catalogue()
            ),
            format!("the statement is pinned to `{}`, the content is on `{}`", now.catalogue, content.catalogue()),
        ));
    }
    let (from, to) = content.period();
    if (from, to) != (now.from, now.to) {
        return Err(Refusal::invalid(
            format!("この言明書の監査対象期間は {}〜{} です（検証した内容は {from}〜{to}）。", now.from, now.to),
            format!("the statement is on {} to {}, the content on {from} to {to}", now.from, now.to),
        ));
    }
    let heads = acting.scheme.parties.now(&now.party).map(|p| p.holders(SchemeRole::CspHead).collect::<Vec<_>>());
    let heads = heads.unwrap_or_default();
    if let Some(other) = content.overridden_by().iter().find(|by| !heads.contains(by)) {
        return Err(Refusal::new(
            "NOT_ALLOWED",
            format!("基本言明要件の非採用を確認した {other} は、この事業者の言明責任者ではありません。"),
            format!("`{other}` let a basic item be left out and is not the head of this provider"),
        ));
    }
    Ok(())
}

fn draft(acting: &Acting<'_>, step: &StatementStep) -> Result<(), Refusal> {
    let StatementStep::Draft { party, offering, catalogue, from, to, previous, changes_signed } = step else {
        return Ok(());
    };
    let offers = acting
        .scheme
        .parties
        .now(party)
        .is_some_and(|p| p.kind == PartyKind::Csp && p.offerings.contains_key(offering));
    if !offers {
        return Err(Refusal::unknown("この事業者のクラウドサービス", "cloud service of this provider", offering));
    }
    if acting.scheme.catalogues.now(catalogue).is_none() {
        return Err(Refusal::unknown("管理基準の版", "catalogue", catalogue));
    }
    // Longest period: twelve months, counted as terms are.
    let longest = super::term::last_day(*from, 12);
    if to < from || longest.is_some_and(|longest| *to > longest) {
        let longest = longest.map_or(String::new(), |day| day.to_string());
        return Err(Refusal::invalid(
            format!("監査対象期間 {from}〜{to} は 12 か月以内にしてください。{from} からなら {longest} までです。"),
            format!("the audit period {from} to {to} must not be longer than twelve months: {longest} at the latest"),
        ));
    }
    let Some(previous) = previous else {
        return if *changes_signed {
            Err(Refusal::invalid("変更する版を指定してください。", "name the version that is changed"))
        } else {
            Ok(())
        };
    };
    let Some(before) = acting.scheme.statements.now(previous) else {
        return Err(Refusal::unknown("前の言明書", "previous statement", previous));
    };
    if before.party != *party || before.offering != *offering {
        return Err(Refusal::invalid(
            "前の言明書は別のサービスのものです。",
            "the previous statement is about another service",
        ));
    }
    if *changes_signed && (!before.state.is_frozen() || before.state == StatementState::Withdrawn) {
        return Err(Refusal::wrong_state(
            format!("変更の対象は署名済みの版です（{previous} の今の状態: {}）。", before.state.label()),
            format!("only a signed version is changed by a new one; `{previous}` is not"),
        ));
    }
    if *changes_signed && (before.from, before.to) != (*from, *to) {
        return Err(Refusal::invalid(
            format!(
                "署名済みの版を変更する新しい版は、同じ監査対象期間 {}〜{} で作ってください。",
                before.from, before.to
            ),
            format!("a version that changes a signed one has its audit period, {} to {}", before.from, before.to),
        ));
    }
    Ok(())
}
