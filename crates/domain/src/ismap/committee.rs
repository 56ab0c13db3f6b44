//! 運営委員会: meetings with agenda, recusals, quorum, votes and minutes. Its decisions, and nothing else, make and end
//! registrations here.

use super::chronicle::{Record, Stamp};
use super::deciding::{Acting, may};
use super::filing::{FilingKind, FilingState, FilingStep};
use super::firm::{FirmState, FirmStep, term_until};
use super::party::{PartyKind, SchemeRole};
use super::registration::{ListStatus, Registration};
use super::statement::StatementStep;
use super::term::computed_expiry;
use crate::command::StepMeeting;
use crate::event::{Event, FilingStepped, FirmStepped, MeetingStepped, RegistrationStatusChanged, StatementStepped};
use crate::id::{FilingId, MeetingId, PartyId, PersonId};
use crate::refusal::Refusal;
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

/// How members voted.
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
            if *quorum < enough {
                return Err(Refusal::invalid(
                    format!("定足数は委員 {} 人の過半数（{enough} 人）以上にしてください。", all.len()),
                    format!("the quorum must be more than half of the {} members: {enough}", all.len()),
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
    let mut events = Vec::new();
    match &command.step {
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
        MeetingStep::Recuse { member, .. } => {
            if !all.contains(member) {
                return Err(Refusal::unknown("運営委員", "member of the committee", member));
            }
        }
        MeetingStep::Decide { item, outcome, votes } => {
            if !agenda(acting.scheme, &command.meeting).contains(item) {
                return Err(Refusal::wrong_state(
                    "この会議の議題にありません。",
                    "this is not on the agenda of the meeting",
                ));
            }
            if now.decisions.contains_key(item) {
                return Err(Refusal::wrong_state("この議題は決定済みです。", "this item is decided already"));
            }
            quorate(now, item, *votes, outcome)?;
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

fn quorate(now: &Meeting, item: &AgendaItem, votes: Votes, outcome: &Outcome) -> Result<(), Refusal> {
    let taking_part = now.taking_part(item);
    if taking_part < now.quorum {
        return Err(Refusal::wrong_state(
            format!("定足数 {} 人に足りません（出席し、忌避していない委員は {taking_part} 人）。", now.quorum),
            format!("the quorum is {}; {taking_part} members take part", now.quorum),
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

/// What follows from a decision, in the same commit.
fn consequences(
    acting: &Acting<'_>,
    command: &StepMeeting,
    item: &AgendaItem,
    outcome: &Outcome,
    role: Option<SchemeRole>,
    on: Date,
) -> Result<Vec<Event>, Refusal> {
    let rule = command.rule.clone();
    let unfit = || {
        Refusal::invalid(
            format!("この議題に「{}」の決定はできません。", outcome.label()),
            "this outcome does not fit the item",
        )
    };
    match item {
        AgendaItem::Other { .. } => match outcome {
            Outcome::Note | Outcome::Defer => Ok(Vec::new()),
            _ => Err(unfit()),
        },
        AgendaItem::Registration { number } => {
            if matches!(outcome, Outcome::Note | Outcome::Defer) {
                return Ok(Vec::new());
            }
            acting.cites(rule.as_ref(), on)?;
            let Some(row) = acting.register.registration(number) else {
                return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", number));
            };
            let status = match (outcome, row.status) {
                (Outcome::Suspend, ListStatus::Listed) => ListStatus::Suspended,
                (Outcome::Lift, ListStatus::Suspended) => ListStatus::Listed,
                (Outcome::Remove, ListStatus::Listed | ListStatus::Suspended) => ListStatus::Removed,
                _ => return Err(unfit()),
            };
            let event = RegistrationStatusChanged { number: number.clone(), status, on };
            Ok(vec![Event::RegistrationStatusChanged(event)])
        }
        AgendaItem::Firm { firm } => {
            let docketed = acting.scheme.firms.now(firm).is_some_and(|f| f.state == FirmState::Docketed);
            if !docketed {
                return Err(Refusal::wrong_state("この監査機関は付議中ではありません。", "the firm is not docketed"));
            }
            let step = match outcome {
                Outcome::Register { number: None } => {
                    acting.cites(rule.as_ref(), on)?;
                    // A renewed term follows the last one without a gap, also where it is decided after the last
                    // one's end: until then the renewal kept that alive (our reading).
                    let last = acting.scheme.firms.now(firm).filter(|f| f.renewal_filed_on.is_some());
                    let from = last.and_then(|f| f.until?.tomorrow().ok()).unwrap_or(on);
                    FirmStep::Registered { from, until: term_until(from)? }
                }
                Outcome::Refuse => FirmStep::Rejected,
                Outcome::Defer => return Ok(Vec::new()),
                _ => return Err(unfit()),
            };
            Ok(vec![Event::FirmStepped(FirmStepped { firm: firm.clone(), role, on, rule, step })])
        }
        AgendaItem::Filing { filing } => application(acting, command, filing, outcome, role, on),
    }
}

fn application(
    acting: &Acting<'_>,
    command: &StepMeeting,
    id: &FilingId,
    outcome: &Outcome,
    role: Option<SchemeRole>,
    on: Date,
) -> Result<Vec<Event>, Refusal> {
    let meeting = command.meeting.clone();
    let (Some(filing), rule) = (acting.scheme.filings.now(id), command.rule.clone()) else {
        return Err(Refusal::unknown("登録申請", "application for registration", id));
    };
    let Some(form) = &filing.form else {
        return Err(Refusal::unknown("登録申請", "application for registration", id));
    };
    if filing.state != FilingState::Docketed {
        return Err(Refusal::wrong_state("この申請は付議中ではありません。", "the application is not docketed"));
    }
    let step = |step| Event::FilingStepped(FilingStepped { filing: id.clone(), role, on, rule: rule.clone(), step });
    let number = match outcome {
        Outcome::Defer => return Ok(vec![step(FilingStep::Deferred { meeting })]),
        Outcome::Refuse => {
            let mut events = vec![step(FilingStep::Refused { meeting })];
            events.extend(super::filing::undone(acting, filing, form, role));
            return Ok(events);
        }
        Outcome::Register { number } => number,
        _ => {
            return Err(Refusal::invalid(
                "登録申請に対する決定は、登録、不登録、継続審議のどれかです。",
                "an application is registered, refused or put off",
            ));
        }
    };
    acting.cites(rule.as_ref(), on)?;
    // The technical review is a result of its own: an audit does not show that the 基本言明要件 are met (登録規則 6.1).
    if filing.basic_met != Some(true) {
        return Err(Refusal::wrong_state(
            "技術的審査で基本言明要件を満たすとされていないため、登録できません。",
            "the technical review did not find the 基本言明要件 met",
        )
        .under("登録規則 6.1"));
    }
    let (Some(statement), Some(engagement)) =
        (acting.scheme.statements.now(&form.statement), acting.scheme.engagements.now(&form.engagement))
    else {
        return Err(Refusal::unknown("言明書", "statement", &form.statement));
    };
    let Some(valid_until) = computed_expiry(statement.to) else {
        return Err(Refusal::invalid("有効期限を計算できません。", "the expiry lies beyond the calendar"));
    };
    let before = match &form.kind {
        FilingKind::New => None,
        FilingKind::Renewal { number } => acting.register.registration(number),
    };
    let number = match (&form.kind, number) {
        (FilingKind::Renewal { number }, None) => number.clone(),
        (FilingKind::New, Some(number)) => {
            acting.words("登録番号", "the registration number", number, 60)?;
            if acting.register.registration(number).is_some() {
                return Err(Refusal::exists("登録番号", "registration number", number));
            }
            number.clone()
        }
        (FilingKind::Renewal { .. }, Some(_)) => {
            return Err(Refusal::invalid("更新では登録番号は変わりません。", "a renewal keeps its number"));
        }
        (FilingKind::New, None) => {
            return Err(Refusal::invalid(
                "新しい登録の登録番号を入力してください。",
                "name the new registration's number",
            ));
        }
    };
    if valid_until < on {
        return Err(Refusal::wrong_state(
            format!("監査対象期間の末日 {} から計算した有効期限 {valid_until} は過ぎています。", statement.to),
            format!("the expiry computed from the audit period, {valid_until}, has passed"),
        )
        .under("基本規程 3.5"));
    }
    let party = acting.scheme.parties.now(&form.party);
    let firm = acting.scheme.parties.now(&engagement.firm);
    let d = &form.disclosures;
    let mut row = before.cloned().unwrap_or_else(|| {
        let name = party.and_then(|p| p.offerings.get(&form.offering)).cloned().unwrap_or_default();
        Registration::listed(number.clone(), form.scheme, name, on, valid_until)
    });
    row.scheme = form.scheme;
    row.csp_name = party.map(|p| p.name.clone()).unwrap_or_default();
    row.corporate_number = party.map(|p| p.corporate_number.clone()).unwrap_or_default();
    row.audit_firm = firm.map(|p| p.name.clone()).unwrap_or_default();
    row.audit_period = Some((statement.from, statement.to));
    row.valid_until = valid_until;
    row.renewal_filed_on = None;
    row.governing_law.clone_from(&d.governing_law);
    row.jurisdiction.clone_from(&d.jurisdiction);
    row.foreign_law_risk.clone_from(&d.foreign_law_risk);
    row.offering = Some(form.offering.clone());
    row.statement = Some(form.statement.clone());
    row.decided_by = Some(meeting.clone());
    // What the statement publishes is copied by whoever holds its content, in the same command.
    if let Some(public) = &command.public {
        row.scope = public.scope.clone();
        row.service_models.clone_from(&public.service_models);
        row.statement_scope.clone_from(&public.statement_scope);
        row.ai_information.clone_from(&public.ai_information);
        row.subsequent_events.clone_from(&public.subsequent_events);
        row.objectives.clone_from(&public.objectives);
    }
    let mut events =
        vec![step(FilingStep::Registered { number: number.clone(), meeting }), Event::RegistrationRecorded(row)];
    if let Some(earlier) = before.and_then(|r| r.statement.clone()).filter(|earlier| *earlier != form.statement) {
        let superseded = StatementStepped { statement: earlier, role, step: StatementStep::Superseded };
        events.push(Event::StatementStepped(superseded));
    }
    let published =
        StatementStepped { statement: form.statement.clone(), role, step: StatementStep::Published { number } };
    events.push(Event::StatementStepped(published));
    Ok(events)
}

/// The part of a statement that is published (登録規則 3.8), as the decision puts it on the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PublicPart {
    /// Regions, sub-services, generative AI.
    pub scope: super::registration::DeclaredScope,
    /// 言明の対象範囲 in words.
    pub statement_scope: String,
    /// IaaS, PaaS, SaaS.
    pub service_models: BTreeSet<String>,
    /// What is said of generative AI.
    pub ai_information: String,
    /// 後発事象.
    pub subsequent_events: String,
    /// Implemented objectives among the 基本言明要件.
    pub objectives: BTreeSet<String>,
}

impl PublicPart {
    /// Takes the public part out of a content.
    pub fn of(catalogue: &super::catalogue::Catalogue, content: &super::statement::StatementContent) -> Self {
        use super::criterion::Level;
        use super::statement::Decision;
        let adopted = |id| content.answers.get(&id).is_some_and(|a| a.decision == Some(Decision::Adopted));
        let basic = |c: &&super::criterion::Criterion| {
            c.id.level() == Level::Objective
                && adopted(c.id)
                && (c.flag_basic || catalogue.details(c.id).any(|d| d.flag_basic && adopted(d.id)))
        };
        let s = &content.service;
        Self {
            scope: super::registration::DeclaredScope {
                regions: s.regions.clone(),
                sub_services: s.sub_services.clone(),
                generative_ai: s.generative_ai,
            },
            statement_scope: s.scope.clone(),
            service_models: s.service_models.clone(),
            ai_information: s.ai_information.clone(),
            subsequent_events: s.subsequent_events.clone(),
            objectives: catalogue.criteria.iter().filter(basic).map(|c| c.id.to_string()).collect(),
        }
    }
}
