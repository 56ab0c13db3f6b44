//! 運営委員会の会議: the calendar, and how a meeting is convened.

use super::super::as_of::AsOf;
use super::super::frame;
use super::{seeing, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{ONCE, give, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepMeeting};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{MeetingId, PersonId};
use sekisho_domain::ismap::committee::{AgendaItem, Meeting, MeetingState, MeetingStep, agenda};
use sekisho_domain::ismap::party::{PartyKind, SchemeRole};
use sekisho_domain::ismap::scheme::Scheme;
use sekisho_domain::register::Register;
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "ismap/operator/meetings.html")]
struct ListPage {
    frame: Frame,
    past: Option<String>,
    moment: Field,
    table: Table,
    convene: Option<Vec<Field>>,
    once: String,
    months: String,
}

/// People of the committee.
pub(super) fn committee(scheme: &Scheme) -> BTreeSet<PersonId> {
    let operators = scheme.parties.all().filter(|(_, party)| party.kind == PartyKind::Operator);
    operators.flat_map(|(_, party)| party.holders(SchemeRole::CommitteeMember)).cloned().collect()
}

/// The agenda as it is, or as it was known at the end of a day; with what was decided there and put off since.
pub(super) fn items(scheme: &Scheme, id: &MeetingId, meeting: &Meeting, as_of: Option<Date>) -> BTreeSet<AgendaItem> {
    let mut items = match as_of {
        None => agenda(scheme, id),
        Some(day) => {
            let filings = scheme.filings.as_of(day).filter(|(_, f)| f.meeting.as_ref() == Some(id));
            let firms = scheme.firms.as_of(day).filter(|(_, f)| f.meeting.as_ref() == Some(id));
            let mut items: BTreeSet<AgendaItem> =
                filings.map(|(filing, _)| AgendaItem::Filing { filing: filing.clone() }).collect();
            items.extend(firms.map(|(firm, _)| AgendaItem::Firm { firm: firm.clone() }));
            items.extend(meeting.added.iter().cloned());
            items
        }
    };
    items.extend(meeting.decisions.keys().cloned());
    items
}

/// The next even months without a meeting: the committee meets every two months.
fn suggested(register: &Register, today: Date) -> Vec<Date> {
    let held = |first: Date| {
        register.scheme().meetings.all().any(|(_, m)| {
            m.state != MeetingState::Cancelled && (m.day.year(), m.day.month()) == (first.year(), first.month())
        })
    };
    let firsts = (0..12).filter_map(|ahead: i32| today.first_of_month().checked_add(ahead.months()).ok());
    firsts.filter(|first| first.month() % 2 == 0 && !held(*first)).take(3).collect()
}

async fn calendar(
    app: &App,
    signed: &SignedIn,
    (asked, past): (&Asked, &AsOf),
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let scheme = register.scheme();
    if !scheme.is_operator(signed.person()) {
        return Err(PageError::Missing);
    }
    let today = in_japan(app.world.now());
    let as_of = past.day();
    let rows: Vec<(MeetingId, Meeting)> = match as_of {
        Some(on) => scheme.meetings.as_of(on).map(|(id, m)| (id.clone(), m)).collect(),
        None => scheme.meetings.all().map(|(id, m)| (id.clone(), m.clone())).collect(),
    };
    let slice = asked.slice(rows, &[("", &|one, other| other.1.day.cmp(&one.1.day))]);
    let columns = [
        Column::plain("日"),
        Column::plain("状態"),
        Column::plain("議題"),
        Column::plain("決定"),
        Column::plain("定足数"),
        Column::plain("議事録"),
    ];
    let query = if as_of.is_some() { format!("?as_of={}", past.given()) } else { String::new() };
    let empty = "会議はまだ招集されていません。下の「会議を招集する」から始めてください。";
    let table = Table::new("/ismap/meetings", ("会議", empty), &columns, asked, slice, |(id, meeting)| {
        vec![
            Cell::link(format!("/ismap/meetings/{id}{query}"), day(meeting.day)),
            Cell::tag(wording::meeting_tone(meeting.state), meeting.state.label()),
            Cell::text(format!("{} 件", items(scheme, &id, &meeting, as_of).len())),
            Cell::text(format!("{} 件", meeting.decisions.len())),
            Cell::text(format!("{} 人", meeting.quorum)),
            Cell::text(meeting.minutes.map(|(number, _)| number).unwrap_or_default()),
        ]
    })
    .keeping("as_of", past.given());
    if let Some(file) = table.file("meetings")? {
        return Ok(file);
    }
    let status = Problem::status(&problems);
    let frame = frame(app, signed, "/ismap/meetings", "運営委員会の会議", &[]).await?.wide().wrong(problems);
    let members = committee(scheme).len();
    let months = suggested(&register, today);
    // The middle of the month, unless that is past.
    let proposed = months.first().and_then(|first| first.checked_add(14.days()).ok()).map(|day| day.max(today));
    let typed = |field: &str, known: String| {
        if given.get(field).is_empty() { known } else { given.get(field).to_owned() }
    };
    let convene =
        (as_of.is_none() && seeing::operates(&register, signed.person(), SchemeRole::Secretariat)).then(|| {
            vec![
                Field::input("date", "day", "開催日")
                    .value(&typed("day", proposed.map(|day| day.to_string()).unwrap_or_default()))
                    .told(&frame.problems),
                Field::input("number", "quorum", "定足数（人）")
                    .help(format!("委員は {members} 人です。過半数（{} 人）以上にしてください。", members / 2 + 1))
                    .value(&typed("quorum", (members / 2 + 1).to_string()))
                    .told(&frame.problems),
            ]
        });
    let shown = ListPage {
        past: as_of.map(day),
        moment: Field::input("date", "as_of", "過去の日の時点").value(past.given()),
        table,
        convene,
        once: if given.get(ONCE).is_empty() { once(app) } else { given.get(ONCE).to_owned() },
        months: months.iter().map(|m| m.strftime("%Y年%-m月").to_string()).collect::<Vec<_>>().join("、"),
        frame,
    };
    Ok(page(status, &shown))
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    past: AsOf,
) -> Result<Response, PageError> {
    calendar(&app, &signed, (&asked, &past), &Fields::default(), Vec::new()).await
}

pub(super) async fn convene(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    if !app.journal.register()?.scheme().is_operator(signed.person()) {
        return Err(PageError::Missing);
    }
    let mut problems = Vec::new();
    let on = fields.line("day").parse::<Date>();
    if on.is_err() {
        problems.push(Problem::at("day", "開催日を 2026-12-15 の形で入力してください。"));
    }
    let quorum = fields.line("quorum").parse::<u32>();
    if quorum.is_err() {
        problems.push(Problem::at("quorum", "定足数を数字で入力してください。"));
    }
    if let (Ok(on), Ok(quorum)) = (on, quorum) {
        let name: String = named_once(&app, &signed, &fields).chars().filter(char::is_ascii_alphanumeric).collect();
        let tail: String = name.chars().rev().take(6).collect();
        let meeting = MeetingId::new(format!("kaigi-{on}-{tail}")).map_err(|_| PageError::Unreadable)?;
        let step = MeetingStep::Convene { day: on, quorum };
        let command = StepMeeting { meeting: meeting.clone(), on: None, rule: None, public: None, step };
        match give(&app, &signed, Command::StepMeeting(command), "").await? {
            Ok(_) => return Ok(go(&format!("/ismap/meetings/{meeting}?done=convene"))),
            // The same form, sent twice.
            Err(refusal) if refusal.code == "EXISTS" => {
                return Ok(go(&format!("/ismap/meetings/{meeting}?done=convene")));
            }
            Err(refusal) => {
                let field = if refusal.code == "INVALID" { "quorum" } else { "" };
                problems.push(Problem::refused(field, &refusal));
            }
        }
    }
    calendar(&app, &signed, (&Asked::default(), &AsOf::default()), &fields, problems).await
}
