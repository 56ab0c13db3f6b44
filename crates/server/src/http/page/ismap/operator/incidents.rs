//! インシデントの一覧, and the report that one became known.

use super::super::as_of::AsOf;
use super::super::frame;
use super::{seeing, wording};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{ONCE, give, named_once, once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepIncident};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{IncidentId, PersonId};
use sekisho_domain::ismap::incident::{IncidentState, IncidentStep, SchemeIncident};
use sekisho_domain::ismap::party::PartyKind;
use sekisho_domain::ismap::scheme::Settings;
use sekisho_domain::register::Register;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ismap/operator/incidents.html")]
struct ListPage {
    frame: Frame,
    past: Option<String>,
    filters: Vec<Field>,
    table: Table,
    know: Option<Vec<Field>>,
    once: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
}

/// Only who runs the scheme and providers have to do with incidents.
pub(super) fn takes_part(register: &Register, person: &PersonId) -> bool {
    register.scheme().is_operator(person) || seeing::acts_for(register, person, PartyKind::Csp).is_some()
}

/// Registrations that the person may report on, as choices.
pub(super) fn registrations(register: &Register, person: &PersonId) -> Vec<Choice> {
    let mine = register.registrations().filter(|row| seeing::told_of(register, person, &row.number));
    mine.map(|row| Choice::new(row.number.clone(), format!("{} {}", row.number, row.service_name))).collect()
}

/// By when the next report is due; said also when the operator has set no count of days.
pub(super) fn due(incident: &SchemeIncident, settings: &Settings) -> String {
    match (incident.state, incident.due(settings)) {
        (_, Some(due)) => day(due),
        (IncidentState::PrelimDue | IncidentState::FinalDue, None) => "日数は未設定".to_owned(),
        _ => String::new(),
    }
}

async fn overview(
    app: &App,
    signed: &SignedIn,
    (asked, which, past): (&Asked, &Which, &AsOf),
    given: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let scheme = register.scheme();
    if !takes_part(&register, signed.person()) {
        return Err(PageError::Missing);
    }
    let today = in_japan(app.world.now());
    let as_of = past.day();
    let mut rows: Vec<(IncidentId, SchemeIncident)> = match as_of {
        Some(on) => scheme.incidents.as_of(on).map(|(id, i)| (id.clone(), i)).collect(),
        None => scheme.incidents.all().map(|(id, i)| (id.clone(), i.clone())).collect(),
    };
    rows.retain(|(_, i)| seeing::told_of(&register, signed.person(), &i.number));
    rows.retain(|(_, i)| which.state == "all" || !i.state.is_over());
    let service = |number: &str| register.registration(number).map(|r| r.service_name.clone()).unwrap_or_default();
    rows.retain(|(_, i)| asked.q.is_empty() || asked.finds(&[&i.title, &i.number, &service(&i.number)]));
    let slice = asked.slice(
        rows,
        &[
            ("known", &|one, other| other.1.known_on.cmp(&one.1.known_on)),
            ("number", &|one, other| one.1.number.cmp(&other.1.number)),
        ],
    );
    let columns = [
        Column::plain("インシデント"),
        Column::sorted("number", "登録"),
        Column::plain("サービス"),
        Column::plain("状態"),
        Column::sorted("known", "知った日"),
        Column::plain("速報"),
        Column::plain("確報"),
        Column::plain("次の期限"),
    ];
    let query = if as_of.is_some() { format!("?as_of={}", past.given()) } else { String::new() };
    let empty = "インシデントの届出はありません。";
    let table =
        Table::new("/ismap/incidents", ("インシデント", empty), &columns, asked, slice, |(id, incident)| {
            let on = |date: Option<Date>| Cell::text(date.map(day).unwrap_or_default());
            vec![
                Cell::link(format!("/ismap/incidents/{id}{query}"), incident.title.clone()),
                Cell::text(incident.number.clone()),
                Cell::text(service(&incident.number)),
                Cell::tag(wording::incident_tone(incident.state), incident.state.label()),
                on(Some(incident.known_on)),
                on(incident.preliminary_on),
                on(incident.final_on),
                Cell::text(due(&incident, scheme.settings())),
            ]
        })
        .keeping("state", &which.state)
        .keeping("as_of", past.given());
    if let Some(file) = table.file("incidents")? {
        return Ok(file);
    }
    let status = Problem::status(&problems);
    let frame = frame(app, signed, "/ismap/incidents", "インシデント", &[]).await?.wide().wrong(problems);
    let told = &frame.problems;
    let choices = registrations(&register, signed.person());
    let know = (as_of.is_none() && !choices.is_empty()).then(|| {
        let typed = given.get("known_on");
        vec![
            Field::select("number", "登録", choices).value(given.get("number")).told(told),
            Field::text("title", "何が起きたか", "off").value(given.get("title")).told(told),
            Field::input("date", "known_on", "知った日")
                .value(if typed.is_empty() { today.to_string() } else { typed.to_owned() }.as_str())
                .told(told),
            Field::area("reason", "補足", 3).optional().value(given.get("reason")).told(told),
        ]
    });
    let shown = ListPage {
        past: as_of.map(day),
        filters: vec![
            Field::input("search", "q", "件名・登録番号・サービス").optional().value(&asked.q),
            Field::select("state", "状態", vec![Choice::new("", "終わっていないもの"), Choice::new("all", "すべて")])
                .value(&which.state),
            Field::input("date", "as_of", "過去の日の時点").optional().value(past.given()),
        ],
        table,
        know,
        once: if given.get(ONCE).is_empty() { once(app) } else { given.get(ONCE).to_owned() },
        frame,
    };
    Ok(page(status, &shown))
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
    past: AsOf,
) -> Result<Response, PageError> {
    overview(&app, &signed, (&asked, &which, &past), &Fields::default(), Vec::new()).await
}

pub(super) async fn know(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if !takes_part(&register, signed.person()) {
        return Err(PageError::Missing);
    }
    let mut problems = Vec::new();
    let number = fields.line("number").to_owned();
    if !seeing::told_of(&register, signed.person(), &number) {
        problems.push(Problem::at("number", "一覧にある登録を選んでください。"));
    }
    match fields.line("known_on").parse::<Date>() {
        Ok(known_on) if problems.is_empty() => {
            let incident = IncidentId::new(format!("inc-{}", named_once(&app, &signed, &fields)))
                .map_err(|_| PageError::Unreadable)?;
            let step = IncidentStep::Know { number, title: fields.line("title").to_owned(), known_on };
            let command = StepIncident { incident: incident.clone(), on: None, rule: None, step };
            match give(&app, &signed, Command::StepIncident(command), &fields.text("reason")).await? {
                Ok(_) => return Ok(go(&format!("/ismap/incidents/{incident}?done=know"))),
                Err(refusal) if refusal.code == "EXISTS" => {
                    return Ok(go(&format!("/ismap/incidents/{incident}?done=know")));
                }
                Err(refusal) => {
                    let field = match refusal.code {
                        "INVALID" if refusal.en.contains("has not come yet") => "known_on",
                        "INVALID" => "title",
                        "MUST_NOT_BE_KEPT" => "reason",
                        _ => "",
                    };
                    problems.push(Problem::refused(field, &refusal));
                }
            }
        }
        Ok(_) => {}
        Err(_) => problems.push(Problem::at("known_on", "知った日を 2026-11-30 の形で入力してください。")),
    }
    let nothing = (&Asked::default(), &Which::default(), &AsOf::default());
    overview(&app, &signed, nothing, &fields, problems).await
}
