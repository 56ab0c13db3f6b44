//! 運営委員会: meetings with agenda, recusals, quorum, votes and minutes. Its decisions, and nothing else, make and end
//! registrations here.
//!
//! Quorum, recusal and majority are our design; what the 基本規程 itself says of them is to be checked (要確認).

mod consequences;
mod public_part;

pub use public_part::PublicPart;

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use super::party::{PartyKind, SchemeRole};
use crate::command::StepMeeting;
use crate::event::{Event, MeetingStepped};
use crate::id::{FilingId, MeetingId, PartyId, PersonId};
use crate::refusal::Refusal;
use consequences::consequences;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is decided about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "about", rename_all = "snake_case", deny_unknown_fields)]
pub enum AgendaItem {
    /// An application for registration.
    Filing {
        /// Which.
        filing: FilingId,
    },
    /// An audit firm's application.
    Firm {
        /// Which.
        firm: PartyId,
    },
    /// A registration: its suspension, its end, or the end of its suspension.
    Registration {
        /// Its number.
        number: String,
    },
    /// Something else.
    Other {
        /// What.
        title: String,
    },
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// Registered: a service or a firm.
    Register {
        /// Number of the registration; for a new service alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
    },
    /// Refused.
    Refuse,
    /// Put off.
    Defer,
    /// 一時停止.
    Suspend,
    /// The suspension ends.
    Lift,
    /// 取消.
    Remove,
    /// Noted.
    Note,
}

impl Outcome {
    /// What people call it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Register { .. } => "登録",
            Self::Refuse => "不登録",
            Self::Defer => "継続審議",
            Self::Suspend => "一時停止",
            Self::Lift => "一時停止の解除",
            Self::Remove => "取消",
            Self::Note => "了承",
        }
    }
}

/// How members voted on the outcome that is recorded. Refusing and putting off may be recorded as well where a proposal to
/// register found no majority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Votes {
    /// For.
    pub approve: u32,
    /// Against.
    pub against: u32,
    /// Neither.
    pub abstain: u32,
}

/// A step of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum MeetingStep {
    /// Called.
    Convene {
        /// On which day.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        day: Date,
        /// Members who must be present and not recused: more than half of the committee at least.
        quorum: u32,
    },
    /// Put off to another day.
    Move {
        /// To which day.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        day: Date,
    },
    /// A registration or another matter is put on the agenda; applications are docketed by their own step.
    Add {
        /// What.
        item: AgendaItem,
    },
    /// Opened.
    Open {
        /// Members present.
        present: BTreeSet<PersonId>,
    },
    /// A member takes no part in an item.
    Recuse {
        /// Who.
        member: PersonId,
        /// Of what.
        item: AgendaItem,
    },
    /// Decided.
    Decide {
        /// About what.
        item: AgendaItem,
        /// What.
        outcome: Outcome,
        /// By which votes.
        votes: Votes,
    },
    /// Closed, with its minutes.
    Minutes {
        /// Number of the minutes.
        number: String,
        /// SHA-256 of the minutes.
        sha256: String,
    },
    /// Called off.
    Cancel,
}

/// State of a meeting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingState {
    /// Called.
    #[default]
    Convened,
    /// Open.
    Open,
    /// Closed.
    Closed,
    /// Called off.
    Cancelled,
}

impl MeetingState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Convened => "開催予定",
            Self::Open => "開催中",
            Self::Closed => "終了",
            Self::Cancelled => "中止",
        }
    }
}

/// A decision, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resolution {
    /// What.
    pub outcome: Outcome,
    /// By which votes.
    pub votes: Votes,
    /// Members present and not recused.
    pub taking_part: u32,
    /// On.
    pub on: Date,
}

/// A meeting as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Meeting {
    /// The day.
    pub day: Date,
    /// Members needed.
    pub quorum: u32,
    /// State.
    pub state: MeetingState,
    /// Matters added by hand. Docketed applications are found by [`agenda`].
    pub added: BTreeSet<AgendaItem>,
    /// Members present.
    pub present: BTreeSet<PersonId>,
    /// Who takes no part in what.
    #[serde(serialize_with = "as_pairs")]
    pub recused: BTreeMap<AgendaItem, BTreeSet<PersonId>>,
    /// Decisions.
    #[serde(serialize_with = "as_pairs")]
    pub decisions: BTreeMap<AgendaItem, Resolution>,
    /// Number and SHA-256 of the minutes.
    pub minutes: Option<(String, String)>,
}

/// JSON has no keys but texts.
fn as_pairs<S: serde::Serializer, V: Serialize>(map: &BTreeMap<AgendaItem, V>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(map)
}

impl Default for Meeting {
    fn default() -> Self {
        Self {
            day: Date::MIN,
            quorum: 0,
            state: MeetingState::Convened,
            added: BTreeSet::new(),
            present: BTreeSet::new(),
            recused: BTreeMap::new(),
            decisions: BTreeMap::new(),
            minutes: None,
        }
    }
}

impl Meeting {
    /// Members who take part in an item.
    pub fn taking_part(&self, item: &AgendaItem) -> u32 {
        let recused = self.recused.get(item);
        let count = self.present.iter().filter(|p| recused.is_none_or(|r| !r.contains(p))).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

impl Record for Meeting {
    type Step = MeetingStep;

    fn fold(&mut self, step: &MeetingStep, stamp: &Stamp) {
        match step {
            MeetingStep::Convene { day, quorum } => *self = Self { day: *day, quorum: *quorum, ..Self::default() },
            MeetingStep::Move { day } => self.day = *day,
            MeetingStep::Add { item } => {
                self.added.insert(item.clone());
            }
            MeetingStep::Open { present } => {
                self.present.clone_from(present);
                self.state = MeetingState::Open;
            }
            MeetingStep::Recuse { member, item } => {
                self.recused.entry(item.clone()).or_default().insert(member.clone());
            }
            MeetingStep::Decide { item, outcome, votes } => {
                let taking_part = self.taking_part(item);
                let resolution = Resolution { outcome: outcome.clone(), votes: *votes, taking_part, on: stamp.on };
                self.decisions.insert(item.clone(), resolution);
            }
            MeetingStep::Minutes { number, sha256 } => {
                self.minutes = Some((number.clone(), sha256.clone()));
                self.state = MeetingState::Closed;
            }
            MeetingStep::Cancel => self.state = MeetingState::Cancelled,
        }
    }
}

/// Everything on the agenda of a meeting: what was docketed, and what was added.
pub fn agenda(scheme: &super::scheme::Scheme, id: &MeetingId) -> BTreeSet<AgendaItem> {
    let filings = scheme.filings.all().filter(|(_, f)| f.meeting.as_ref() == Some(id));
    let firms = scheme.firms.all().filter(|(_, f)| f.meeting.as_ref() == Some(id));
    let mut items: BTreeSet<AgendaItem> =
        filings.map(|(filing, _)| AgendaItem::Filing { filing: filing.clone() }).collect();
    items.extend(firms.map(|(firm, _)| AgendaItem::Firm { firm: firm.clone() }));
    // What a meeting put off stays on its agenda, though it is docketed for a later one.
    let own = scheme.meetings.now(id).into_iter().flat_map(|m| m.added.iter().chain(m.decisions.keys()));
    items.extend(own.cloned());
    items
}

/// A meeting that can still take something on its agenda.
pub(super) fn open_for_agenda(acting: &Acting<'_>, id: &MeetingId, item: &AgendaItem) -> Result<(), Refusal> {
    let Some(meeting) = acting.scheme.meetings.now(id) else {
        return Err(Refusal::unknown("会議", "meeting", id));
    };
    if meeting.decisions.contains_key(item) {
        return Err(Refusal::wrong_state(
            "この会議はこの議題を既に扱いました。次の会議に付議してください。",
            "the meeting has dealt with this already; docket it for a later one",
        ));
    }
    if matches!(meeting.state, MeetingState::Convened | MeetingState::Open) {
        return Ok(());
    }
    Err(Refusal::wrong_state(
        format!("この会議は{}です。ほかの会議に付議してください。", meeting.state.label()),
        "the meeting is over; docket it for another",
    ))
}

/// People of the committee.
fn members<'a>(acting: &Acting<'a>) -> BTreeSet<&'a PersonId> {
    let operators = acting.scheme.parties.all().filter(|(_, p)| p.kind == PartyKind::Operator);
    operators.flat_map(|(_, p)| p.holders(SchemeRole::CommitteeMember)).collect()
}

pub(crate) fn decide(acting: &Acting<'_>, command: StepMeeting) -> Result<Vec<Event>, Refusal> {
    let chronicle = acting.scheme.meetings.get(&command.meeting);
    let on = acting.day(command.on, chronicle.and_then(|c| c.last()).map(|last| last.stamp.on))?;
    let secretariat = acting.operator(&[SchemeRole::Secretariat]);
    let own = match (&command.step, acting.person) {
        // A member may say so of themselves.
        (MeetingStep::Recuse { member, .. }, Some(person)) if member == person => {
            acting.operator(&[SchemeRole::CommitteeMember])
        }
        _ => None,
    };
    let role = may(secretariat.or(own), "会議の運営は事務局だけができます。")?;
    if let Some(rule) = &command.rule {
        acting.acquainted(rule, on)?;
    }
    let all = members(acting);
    let enough = u32::try_from(all.len() / 2 + 1).unwrap_or(u32::MAX);
    let nothing = Meeting::default();
    let now = match (&command.step, chronicle.map(|c| c.now())) {
        (MeetingStep::Convene { .. }, Some(_)) => return Err(Refusal::exists("会議", "meeting", &command.meeting)),
        (MeetingStep::Convene { quorum, .. }, None) => {
            let most = u32::try_from(all.len()).unwrap_or(u32::MAX);
            if *quorum < enough || *quorum > most {
                return Err(Refusal::invalid(
                    format!("定足数は委員 {most} 人の過半数（{enough} 人）以上、{most} 人以下にしてください。"),
                    format!("the quorum must be more than half of the {most} members: {enough} to {most}"),
                ));
            }
            &nothing
        }
        (_, None) => return Err(Refusal::unknown("会議", "meeting", &command.meeting)),
        (_, Some(now)) => now,
    };
    let fits = match &command.step {
        MeetingStep::Convene { .. } => true,
        MeetingStep::Move { .. } | MeetingStep::Cancel => now.state == MeetingState::Convened,
        MeetingStep::Add { .. } => matches!(now.state, MeetingState::Convened | MeetingState::Open),
        MeetingStep::Open { .. } => now.state == MeetingState::Convened,
        MeetingStep::Recuse { .. } => matches!(now.state, MeetingState::Convened | MeetingState::Open),
        MeetingStep::Decide { .. } | MeetingStep::Minutes { .. } => now.state == MeetingState::Open,
    };
    if !fits {
        return Err(Refusal::wrong_state(
            format!("今の状態（{}）の会議では行えません。", now.state.label()),
            format!("this step does not follow from the state `{:?}`", now.state).to_lowercase(),
        ));
    }
    let listed = |item: &AgendaItem| agenda(acting.scheme, &command.meeting).contains(item);
    let undecided = |item: &AgendaItem| {
        if now.decisions.contains_key(item) {
            return Err(Refusal::wrong_state("この議題は決定済みです。", "this item is decided already"));
        }
        if listed(item) {
            return Ok(());
        }
        Err(Refusal::wrong_state("この会議の議題にありません。", "this is not on the agenda of the meeting"))
    };
    let mut events = Vec::new();
    match &command.step {
        MeetingStep::Convene { day, .. } | MeetingStep::Move { day } if *day < on => {
            return Err(Refusal::invalid(
                format!("会議の日 {day} が招集の日 {on} より前です。"),
                format!("the meeting's day {day} lies before {on}, on which it is called"),
            ));
        }
        MeetingStep::Add { item } if listed(item) => {
            return Err(Refusal::wrong_state("既にこの会議の議題にあります。", "this is on the agenda already"));
        }
        MeetingStep::Add { item } => match item {
            AgendaItem::Registration { number } => {
                if acting.register.registration(number).is_none() {
                    return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", number));
                }
            }
            AgendaItem::Other { title } => acting.words("議題", "the title of the item", title, 200)?,
            AgendaItem::Filing { .. } | AgendaItem::Firm { .. } => {
                return Err(Refusal::wrong_state(
                    "申請は、申請の画面から付議してください。",
                    "an application is docketed by its own step",
                ));
            }
        },
        MeetingStep::Open { present } => {
            if on < now.day {
                return Err(Refusal::invalid(
                    format!("会議の日は {} です。その日より前には開けません。", now.day),
                    format!("the meeting is on {}; it cannot be opened before", now.day),
                ));
            }
            if let Some(stranger) = present.iter().find(|p| !all.contains(p)) {
                return Err(Refusal::unknown("運営委員", "member of the committee", stranger));
            }
        }
        MeetingStep::Recuse { member, item } => {
            if !all.contains(member) {
                return Err(Refusal::unknown("運営委員", "member of the committee", member));
            }
            undecided(item)?;
        }
        MeetingStep::Decide { item, outcome, votes } => {
            undecided(item)?;
            quorate(now, enough, item, *votes, outcome)?;
            events = consequences(acting, &command, item, outcome, role, on)?;
        }
        MeetingStep::Minutes { number, sha256 } => {
            acting.words("議事録の番号", "the number of the minutes", number, 60)?;
            acting.digest("議事録", "the minutes", sha256)?;
        }
        _ => {}
    }
    let own = MeetingStepped { meeting: command.meeting, role, on, rule: command.rule, step: command.step };
    events.insert(0, Event::MeetingStepped(own));
    Ok(events)
}

/// Enough members take part, each has one vote, and the votes carry the outcome. The committee may have grown since the
/// meeting was called: more than half of it is needed on the day (our reading of a quorum).
fn quorate(now: &Meeting, enough: u32, item: &AgendaItem, votes: Votes, outcome: &Outcome) -> Result<(), Refusal> {
    let taking_part = now.taking_part(item);
    let quorum = now.quorum.max(enough);
    if taking_part < quorum {
        return Err(Refusal::wrong_state(
            format!("定足数 {quorum} 人に足りません（出席し、忌避していない委員は {taking_part} 人）。"),
            format!("the quorum is {quorum}; {taking_part} members take part"),
        ));
    }
    let cast = votes.approve.saturating_add(votes.against).saturating_add(votes.abstain);
    if cast != taking_part {
        return Err(Refusal::invalid(
            format!("票の合計 {cast} が、議決に加わる委員 {taking_part} 人と合いません。"),
            format!("{cast} votes were cast, but {taking_part} members take part"),
        ));
    }
    let carried = votes.approve.saturating_mul(2) > taking_part;
    if !carried && !matches!(outcome, Outcome::Refuse | Outcome::Defer) {
        return Err(Refusal::wrong_state(
            format!("賛成 {} 票では、議決に加わる委員 {taking_part} 人の過半数になりません。", votes.approve),
            "less than half of those who take part voted for it",
        ));
    }
    Ok(())
}
