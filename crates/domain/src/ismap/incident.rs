//! インシデント: 速報 and 確報 of a registered service (machine G). Day counts are the operator's setting; the program claims
//! none.

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use super::party::{PartyKind, SchemeRole};
use super::scheme::Settings;
use crate::command::StepIncident;
use crate::event::{Event, IncidentClosed, IncidentOpened, SchemeIncidentStepped};
use crate::id::PartyId;
use crate::refusal::Refusal;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A step of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum IncidentStep {
    /// It became known.
    Know {
        /// Of which registration.
        number: String,
        /// Title.
        title: String,
        /// Known to the provider on.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        known_on: Date,
    },
    /// 速報.
    FilePreliminary {
        /// SHA-256 of the report.
        sha256: String,
    },
    /// 確報.
    FileFinal {
        /// SHA-256 of the report.
        sha256: String,
    },
    /// The operator looks at it.
    Review,
    /// Closed.
    Close,
    /// A 再監査 is ordered (登録規則 13). The incident stays open to the gate until it is closed.
    OrderReAudit,
    /// The committee is asked to suspend. The incident stays open to the gate until it is closed: between the proposal and
    /// the decision nothing may look settled.
    ProposeSuspension,
}

/// State of an incident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Known; the 速報 is due.
    #[default]
    PrelimDue,
    /// 速報 filed; the 確報 is due.
    FinalDue,
    /// 確報 filed.
    FinalFiled,
    /// Looked at.
    UnderReview,
    /// Closed.
    Closed,
    /// A 再監査 was ordered; still open to the gate.
    ReAuditOrdered,
    /// The committee was asked to suspend; still open to the gate.
    SuspensionProposed,
}

impl IncidentState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::PrelimDue => "速報待ち",
            Self::FinalDue => "確報待ち",
            Self::FinalFiled => "確報済み",
            Self::UnderReview => "確認中",
            Self::Closed => "完了",
            Self::ReAuditOrdered => "再監査を求めた",
            Self::SuspensionProposed => "一時停止を付議",
        }
    }

    /// Nothing more happens to it.
    pub fn is_over(self) -> bool {
        self == Self::Closed
    }
}

/// An incident as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemeIncident {
    /// Of which registration.
    pub number: String,
    /// Title.
    pub title: String,
    /// Known to the provider on.
    pub known_on: Date,
    /// State.
    pub state: IncidentState,
    /// 速報 filed on.
    pub preliminary_on: Option<Date>,
    /// 確報 filed on.
    pub final_on: Option<Date>,
    /// A 再監査 was ordered.
    pub re_audit_ordered: bool,
}

impl Default for SchemeIncident {
    fn default() -> Self {
        Self {
            number: String::new(),
            title: String::new(),
            known_on: Date::MIN,
            state: IncidentState::PrelimDue,
            preliminary_on: None,
            final_on: None,
            re_audit_ordered: false,
        }
    }
}

impl SchemeIncident {
    /// The day by which the next report is due, where the operator has set a count of days.
    pub fn due(&self, settings: &Settings) -> Option<Date> {
        let days = match self.state {
            IncidentState::PrelimDue => settings.incident_prelim_days?,
            IncidentState::FinalDue => settings.incident_final_days?,
            _ => return None,
        };
        self.known_on.checked_add(i64::from(days).days()).ok()
    }
}

impl Record for SchemeIncident {
    type Step = IncidentStep;

    fn fold(&mut self, step: &IncidentStep, stamp: &Stamp) {
        use IncidentState as S;
        match step {
            IncidentStep::Know { number, title, known_on } => {
                *self = Self { number: number.clone(), title: title.clone(), known_on: *known_on, ..Self::default() };
            }
            IncidentStep::FilePreliminary { .. } => {
                self.preliminary_on = Some(stamp.on);
                self.state = S::FinalDue;
            }
            IncidentStep::FileFinal { .. } => {
                self.final_on = Some(stamp.on);
                self.state = S::FinalFiled;
            }
            IncidentStep::Review => self.state = S::UnderReview,
            IncidentStep::Close => self.state = S::Closed,
            IncidentStep::OrderReAudit => {
                self.re_audit_ordered = true;
                self.state = S::ReAuditOrdered;
            }
            IncidentStep::ProposeSuspension => self.state = S::SuspensionProposed,
        }
    }
}

/// The provider of a registration that the scheme here decided.
pub(super) fn provider_of<'a>(acting: &Acting<'a>, number: &str) -> Option<&'a PartyId> {
    let offering = acting.register.registration(number)?.offering.as_ref()?;
    let mut providers = acting.scheme.parties.all().filter(|(_, p)| p.kind == PartyKind::Csp);
    providers.find(|(_, p)| p.offerings.contains_key(offering)).map(|(id, _)| id)
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepIncident) -> Result<Vec<Event>, Refusal> {
    use IncidentState as S;
    let chronicle = acting.scheme.incidents.get(&command.incident);
    let known_on = match &command.step {
        IncidentStep::Know { known_on, .. } => Some(acting.day(Some(*known_on), None)?),
        _ => None,
    };
    let on = acting.day(command.on, chronicle.and_then(|c| c.last()).map(|last| last.stamp.on).or(known_on))?;
    if let Some(rule) = &command.rule {
        acting.acquainted(rule, on)?;
    }
    let number = match (&command.step, chronicle.map(|c| c.now())) {
        (IncidentStep::Know { .. }, Some(_)) => {
            return Err(Refusal::exists("インシデント", "incident", &command.incident));
        }
        (IncidentStep::Know { number, .. }, None) => number.clone(),
        (_, None) => return Err(Refusal::unknown("インシデント", "incident", &command.incident)),
        (_, Some(now)) => now.number.clone(),
    };
    let Some(row) = acting.register.registration(&number) else {
        return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", &number));
    };
    let provider =
        provider_of(acting, &number).and_then(|p| acting.holding(p, &[SchemeRole::CspStaff, SchemeRole::CspHead]));
    let operator = acting.operator(&[SchemeRole::Secretariat, SchemeRole::IpaReviewer, SchemeRole::IpaReception]);
    let state = chronicle.map(|c| c.now().state);
    let name = command.incident.to_string();
    let mut gate = None;
    let (role, fits) = match &command.step {
        IncidentStep::Know { title, .. } => {
            acting.words("インシデントの名称", "the title of the incident", title, 200)?;
            // The gate knows incidents by name: one that was opened by hand must not be closed with this one.
            if row.incidents.contains(&name) {
                return Err(Refusal::exists("インシデント", "incident", &name));
            }
            gate = Some(Event::IncidentOpened(IncidentOpened { number: number.clone(), incident: name }));
            (
                may(provider.or(operator), "インシデントを届け出られるのは、その登録の事業者と制度の運営者だけです。")?,
                true,
            )
        }
        IncidentStep::FilePreliminary { sha256 } => {
            acting.digest("速報", "the first report", sha256)?;
            (may(provider, "速報を出せるのは、その登録の事業者だけです。")?, state == Some(S::PrelimDue))
        }
        IncidentStep::FileFinal { sha256 } => {
            acting.digest("確報", "the final report", sha256)?;
            (may(provider, "確報を出せるのは、その登録の事業者だけです。")?, state == Some(S::FinalDue))
        }
        IncidentStep::Review => (may(operator, "確認は制度の運営者だけができます。")?, state == Some(S::FinalFiled)),
        IncidentStep::OrderReAudit | IncidentStep::ProposeSuspension => {
            let role = may(operator, "この手続は制度の運営者だけができます。")?;
            acting.cites(command.rule.as_ref(), on)?;
            (role, state == Some(S::UnderReview))
        }
        IncidentStep::Close => {
            let role = may(operator, "この手続は制度の運営者だけができます。")?;
            acting.cites(command.rule.as_ref(), on)?;
            gate = Some(Event::IncidentClosed(IncidentClosed { number: number.clone(), incident: name }));
            (role, matches!(state, Some(S::UnderReview | S::ReAuditOrdered | S::SuspensionProposed)))
        }
    };
    if !fits {
        let label = state.map_or("", IncidentState::label);
        return Err(Refusal::wrong_state(
            format!("今の状態（{label}）からは、この手続に進めません。"),
            "this step does not follow from the state of the incident",
        ));
    }
    let event = SchemeIncidentStepped { incident: command.incident, role, on, rule: command.rule, step: command.step };
    Ok([Some(Event::SchemeIncidentStepped(event)), gate].into_iter().flatten().collect())
}
