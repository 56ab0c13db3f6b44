//! 調達時の参照 (machine I): what somebody looked for on the list on a day, and what they saw, kept as a record; and the
//! request to a provider for the annex of its statement, which is not public (登録規則 3.8) and which a provider has pledged to
//! show in procurement (3.5(1)). Keeping look-ups is our design.

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use super::incident::provider_of;
use super::party::{PartyKind, SchemeRole};
use crate::command::{StepAnnex, StepLookUp};
use crate::event::{AnnexStepped, Event, LookUpStepped};
use crate::id::PersonId;
use crate::refusal::Refusal;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most rows of one look-up that are recorded one by one.
pub const MOST_ROWS: usize = 200;

/// The only step of a look-up: it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum LookUpStep {
    /// Looked up. The rows follow from the register, so only the page gives this step.
    Record {
        /// What for.
        purpose: String,
        /// What was asked, in words.
        query: String,
        /// The day that was asked about.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        day: Date,
        /// Rows seen: number with the SHA-256 of the row as it was seen.
        #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, String>))]
        rows: BTreeMap<String, String>,
        /// What was decided on it; empty when nothing was.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        decision: String,
    },
}

/// A look-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LookUp {
    /// What for.
    pub purpose: String,
    /// What was asked.
    pub query: String,
    /// The day that was asked about.
    pub day: Date,
    /// Rows seen.
    pub rows: BTreeMap<String, String>,
    /// What was decided on it.
    pub decision: String,
    /// By whom.
    pub by: Option<PersonId>,
}

impl Default for LookUp {
    fn default() -> Self {
        Self {
            purpose: String::new(),
            query: String::new(),
            day: Date::MIN,
            rows: BTreeMap::new(),
            decision: String::new(),
            by: None,
        }
    }
}

impl Record for LookUp {
    type Step = LookUpStep;

    fn fold(&mut self, step: &LookUpStep, stamp: &Stamp) {
        let LookUpStep::Record { purpose, query, day, rows, decision } = step;
        *self = Self {
            purpose: purpose.clone(),
            query: query.clone(),
            day: *day,
            rows: rows.clone(),
            decision: decision.clone(),
            by: Some(stamp.actor.clone()),
        };
    }
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepLookUp) -> Result<Vec<Event>, Refusal> {
    if acting.scheme.look_ups.now(&command.look_up).is_some() {
        return Err(Refusal::exists("参照の記録", "look-up", &command.look_up));
    }
    let role = procures(acting)?;
    let LookUpStep::Record { purpose, query, day, rows, decision } = &command.step;
    acting.words("目的", "the purpose", purpose, 400)?;
    acting.words("検索の条件", "the query", query, 1_000)?;
    acting.day(Some(*day), None)?;
    if !decision.is_empty() {
        acting.words("判断", "the decision", decision, 1_000)?;
    }
    if rows.len() > MOST_ROWS {
        return Err(Refusal::invalid(
            format!("記録できる行は {MOST_ROWS} 件までです（今は {} 件）。条件を絞ってください。", rows.len()),
            format!("at most {MOST_ROWS} rows are recorded; narrow the query"),
        ));
    }
    for (number, sha256) in rows {
        if acting.register.registration(number).is_none() {
            return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", number));
        }
        acting.digest("リストの行", "the row", sha256)?;
    }
    Ok(vec![Event::LookUpStepped(LookUpStepped { look_up: command.look_up, role, step: command.step })])
}

/// Everybody of the body may look something up for a procurement; providers and firms do not procure.
fn procures(acting: &Acting<'_>) -> Result<Option<SchemeRole>, Refusal> {
    let party = acting.own_party().and_then(|id| acting.scheme.parties.now(id).map(|p| (id, p.kind)));
    let capacity = match party {
        None => Some(None),
        Some((id, PartyKind::ProcuringBody)) => acting.holding(id, &[SchemeRole::Procurer]),
        Some((_, PartyKind::Operator)) => acting.operator(&[SchemeRole::Secretariat]),
        Some((_, PartyKind::Csp | PartyKind::AuditFirm)) => None,
    };
    may(capacity, "調達のための参照を記録できるのは、調達する機関の人だけです。")
}

/// A step of a request for the annex (別添) of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnnexStep {
    /// Asked for.
    Request {
        /// Of which registration.
        number: String,
        /// What for.
        purpose: String,
    },
    /// Given, until a day.
    Grant {
        /// Last day on which it may be read.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        until: Date,
    },
    /// Not given.
    Refuse,
}

/// State of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnexState {
    /// Asked for.
    #[default]
    Requested,
    /// Given.
    Granted,
    /// Not given.
    Refused,
    /// Given once; the last day is past. Follows from the calendar.
    Expired,
}

impl AnnexState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Requested => "請求中",
            Self::Granted => "閲覧できる",
            Self::Refused => "断られた",
            Self::Expired => "閲覧期間の終了",
        }
    }
}

/// A request as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AnnexRequest {
    /// Of which registration.
    pub number: String,
    /// What for.
    pub purpose: String,
    /// Who asked.
    pub by: Option<PersonId>,
    /// State as the last step left it.
    pub state: AnnexState,
    /// Last day on which it may be read.
    pub until: Option<Date>,
}

impl AnnexRequest {
    /// State on a day.
    pub fn state_on(&self, day: Date) -> AnnexState {
        match self.state {
            AnnexState::Granted if self.until.is_none_or(|until| day > until) => AnnexState::Expired,
            state => state,
        }
    }
}

impl Record for AnnexRequest {
    type Step = AnnexStep;

    fn fold(&mut self, step: &AnnexStep, stamp: &Stamp) {
        match step {
            AnnexStep::Request { number, purpose } => {
                *self = Self {
                    number: number.clone(),
                    purpose: purpose.clone(),
                    by: Some(stamp.actor.clone()),
                    ..Self::default()
                };
            }
            AnnexStep::Grant { until } => {
                self.until = Some(*until);
                self.state = AnnexState::Granted;
            }
            AnnexStep::Refuse => self.state = AnnexState::Refused,
        }
    }
}

pub(crate) fn decide_annex(acting: &Acting<'_>, command: StepAnnex) -> Result<Vec<Event>, Refusal> {
    let now = acting.scheme.annexes.now(&command.annex);
    let role = match (&command.step, now) {
        (AnnexStep::Request { .. }, Some(_)) => {
            return Err(Refusal::exists("別添の請求", "annex request", &command.annex));
        }
        (AnnexStep::Request { number, purpose }, None) => {
            let role = procures(acting)?;
            acting.words("目的", "the purpose", purpose, 400)?;
            if acting.register.registration(number).is_none() {
                return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", number));
            }
            if provider_of(acting, number).is_none() {
                return Err(Refusal::wrong_state(
                    "この登録の事業者はこのシステムに登録されていません。事業者に直接請求してください。",
                    "the provider is not a party here; ask it directly",
                ));
            }
            role
        }
        (_, None) => return Err(Refusal::unknown("別添の請求", "annex request", &command.annex)),
        (step, Some(now)) => {
            let head = provider_of(acting, &now.number).and_then(|p| acting.holding(p, &[SchemeRole::CspHead]));
            let role = may(head, "別添を見せるかどうかは、事業者の言明責任者だけが決められます。")?;
            if now.state != AnnexState::Requested {
                return Err(Refusal::wrong_state("この請求には既に答えています。", "the request is answered already"));
            }
            if let AnnexStep::Grant { until } = step
                && *until < acting.today
            {
                return Err(Refusal::invalid(
                    "閲覧できる最後の日は今日以後にしてください。",
                    "`until` must not lie in the past",
                ));
            }
            role
        }
    };
    Ok(vec![Event::AnnexStepped(AnnexStepped { annex: command.annex, role, step: command.step })])
}
