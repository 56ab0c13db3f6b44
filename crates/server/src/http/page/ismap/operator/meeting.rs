//! One meeting: its agenda, who takes part, what was decided, its minutes.

use super::super::as_of::AsOf;
use super::super::history::{self, Past};
use super::super::{frame, step};
use super::acts::{self, Acts, Moved, Shown, Wanted};
use super::meetings::{committee, items};
use super::{meeting_acts, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::give;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, download, go, page};
use crate::http::page::upload::Parcel;
use crate::http::page::words::{Names, day};
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use sekisho_domain::command::{Command, StepMeeting};
use sekisho_domain::id::{MeetingId, PersonId};
use sekisho_domain::ismap::chronicle::Chronicle;
use sekisho_domain::ismap::committee::{AgendaItem, Meeting, MeetingState, MeetingStep};
use sekisho_domain::register::Register;

#[derive(Template)]
#[template(path = "ismap/operator/meeting.html")]
struct MeetingPage {
    frame: Frame,
    id: String,
    past: Option<String>,
    moment: Field,
    tone: &'static str,
    state: &'static str,
    facts: Vec<(&'static str, String)>,
    items: Vec<Item>,
    minutes: bool,
    acts: Acts,
    history: Vec<Past>,
}

/// One item of the agenda.
struct Item {
    title: String,
    href: Option<String>,
    recused: String,
    taking_part: String,
    /// What was decided.
    decision: String,
    /// Where it is decided.
    decide: Option<String>,
}

/// A meeting, for the operator alone.
pub(super) fn seen<'r>(
    register: &'r Register,
    person: &PersonId,
    id: &str,
) -> Result<(MeetingId, &'r Chronicle<Meeting>), PageError> {
    let id = MeetingId::new(id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().meetings.get(&id).ok_or(PageError::Missing)?;
    if register.scheme().is_operator(person) { Ok((id, chronicle)) } else { Err(PageError::Missing) }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    past: AsOf,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let done = match wanted.done.as_deref() {
        Some("convene") => Some("会議を招集しました。"),
        Some("move") => Some("開催日を変えました。"),
        Some("add") => Some("議題に加えました。"),
        Some("open") => Some("開会しました。議題ごとに決定を記録してください。"),
        Some("recuse") => Some("忌避を記録しました。"),
        Some("decide") => Some("決定を記録しました。"),
        Some("minutes") => Some("議事録を保管し、会議を閉じました。"),
        Some("cancel") => Some("会議を中止しました。"),
        _ => None,
    };
    let as_of = past.day();
    one(&app, &signed, &id, Shown { as_of, done, act: wanted.act, ..Shown::default() }).await
}

async fn one(app: &App, signed: &SignedIn, id: &str, shown: Shown<'_>) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let scheme = register.scheme();
    let (id, chronicle) = seen(&register, signed.person(), id)?;
    let then = match shown.as_of {
        Some(on) => Some(chronicle.as_of(on).ok_or(PageError::Missing)?),
        None => None,
    };
    let meeting = then.as_ref().unwrap_or_else(|| chronicle.now());
    let all = items(scheme, &id, meeting, shown.as_of);
    let members = committee(scheme);
    let people: Vec<&PersonId> =
        meeting.present.iter().chain(meeting.recused.values().flatten()).chain(members.iter()).collect();
    let names = Names::of(app, people).await?;
    let path = format!("/ismap/meetings/{id}");
    let title = format!("{}の会議", day(meeting.day));
    let frame = frame(app, signed, &path, title, &[("/ismap/meetings", "運営委員会の会議")]).await?;
    let frame = frame.wide().notice(shown.done).wrong(shown.problems.clone());
    let acts = match shown.as_of {
        Some(_) => Acts::none(path.clone()),
        None => {
            let possible = meeting_acts::all(app, &register, signed, (&id, meeting, &all), &names, &shown);
            Acts::choose(path.clone(), chronicle.steps().count(), possible, &shown.act)
        }
    };
    let decides = shown.as_of.is_none()
        && meeting.state == MeetingState::Open
        && super::seeing::operates(&register, signed.person(), sekisho_domain::ismap::party::SchemeRole::Secretariat);
    let list = |people: &std::collections::BTreeSet<PersonId>| {
        people.iter().map(|person| names.get(person)).collect::<Vec<_>>().join("、")
    };
    let item = |item: &AgendaItem| {
        let (title, href) = wording::item(&register, item);
        let resolution = meeting.decisions.get(item);
        let decided = resolution.map(|r| {
            let votes = r.votes;
            format!(
                "{}（{}、{} 人が加わり、賛成 {}・反対 {}・棄権 {}）",
                r.outcome.label(),
                day(r.on),
                r.taking_part,
                votes.approve,
                votes.against,
                votes.abstain
            )
        });
        let key: String = form_urlencoded::byte_serialize(wording::item_key(item).as_bytes()).collect();
        Item {
            title,
            href,
            recused: meeting.recused.get(item).map(&list).unwrap_or_default(),
            taking_part: match meeting.state {
                MeetingState::Convened => String::new(),
                _ => format!("{} 人", meeting.taking_part(item)),
            },
            decide: (decides && resolution.is_none()).then(|| format!("{path}/decide?item={key}")),
            decision: decided.unwrap_or_default(),
        }
    };
    let mut facts =
        vec![("開催日", day(meeting.day)), ("定足数", format!("{} 人（委員 {} 人）", meeting.quorum, members.len()))];
    if meeting.state == MeetingState::Convened {
        facts.push(("委員", list(&members)));
    } else if !meeting.present.is_empty() {
        facts.push(("出席", list(&meeting.present)));
    }
    if let Some((number, sha256)) = &meeting.minutes {
        facts.push(("議事録", format!("{number}（SHA-256 {sha256}）")));
    }
    let shown_page = MeetingPage {
        past: shown.as_of.map(day),
        moment: Field::input("date", "as_of", "過去の日の時点"),
        tone: match wording::meeting_tone(meeting.state).class() {
            "" => "tag",
            class => class,
        },
        state: meeting.state.label(),
        facts,
        items: all.iter().map(item).collect(),
        minutes: meeting.minutes.is_some(),
        acts,
        history: history::of(app, chronicle, shown.as_of, wording::meeting).await?,
        id: id.to_string(),
        frame,
    };
    Ok(page(shown.status, &shown_page))
}

pub(super) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (meeting, chronicle) = seen(&register, signed.person(), &id)?;
    let act = fields.get(acts::ACT).to_owned();
    match acts::moved(chronicle, &signed, &fields, wording::meeting_key) {
        Moved::No => {}
        Moved::ByThis => return Ok(go(&format!("/ismap/meetings/{meeting}?done={act}"))),
        Moved::Otherwise => return one(&app, &signed, &id, Shown::overtaken(&fields)).await,
    }
    let mut problems = Vec::new();
    let said = step::Said::read(&fields, &mut problems);
    let (Some((step, first)), true) = (meeting_acts::read(&fields, &mut problems), problems.is_empty()) else {
        return one(&app, &signed, &id, Shown::again(&fields, problems)).await;
    };
    let command = StepMeeting { meeting: meeting.clone(), on: said.on, rule: said.rule, public: None, step };
    match give(&app, &signed, Command::StepMeeting(command), &said.reason).await? {
        Ok(_) => Ok(go(&format!("/ismap/meetings/{meeting}?done={act}"))),
        Err(refusal) => one(&app, &signed, &id, Shown::refused(&fields, &refusal, first)).await,
    }
}

/// The minutes come as a file: kept as they are, and the meeting is closed.
pub(super) async fn upload(
    State(app): State<App>,
    Path(id): Path<String>,
    Parcel { signed, fields, file }: Parcel,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (meeting, chronicle) = seen(&register, signed.person(), &id)?;
    match acts::moved(chronicle, &signed, &fields, wording::meeting_key) {
        Moved::No => {}
        Moved::ByThis => return Ok(go(&format!("/ismap/meetings/{meeting}?done=minutes"))),
        Moved::Otherwise => return one(&app, &signed, &id, Shown::overtaken(&fields)).await,
    }
    let mut problems = Vec::new();
    let said = step::Said::read(&fields, &mut problems);
    let bytes = acts::chosen(file, "議事録", &mut problems);
    if let (Some(bytes), true) = (bytes, problems.is_empty()) {
        let sha256 = documents::sha256(&bytes);
        let step = MeetingStep::Minutes { number: fields.line("number").to_owned(), sha256: sha256.clone() };
        let command = StepMeeting { meeting: meeting.clone(), on: said.on, rule: said.rule, public: None, step };
        let command = Command::StepMeeting(command);
        match acts::give_file(&app, &signed, command, &said.reason, &bytes).await? {
            Ok(()) => return Ok(go(&format!("/ismap/meetings/{meeting}?done=minutes"))),
            Err(refusal) => problems.push(Problem::refused(acts::at(&refusal, "number"), &refusal)),
        }
    }
    one(&app, &signed, &id, Shown::again(&fields, problems)).await
}

/// The minutes as they were kept.
pub(super) async fn minutes(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (meeting, chronicle) = seen(&register, signed.person(), &id)?;
    let (_, sha256) = chronicle.now().minutes.as_ref().ok_or(PageError::Missing)?;
    let bytes = documents::open(&app, sha256).await?;
    Ok(download("application/octet-stream", &format!("minutes-{meeting}"), bytes))
}
