//! `/ismap/look-ups`: what somebody looked for on the list and saw, kept; and a look whether the record still verifies.

use super::super::as_of::past_day;
use super::super::frame;
use super::address;
use super::filter::Filter;
use super::rows;
use crate::http::App;
use crate::http::page::act::{give, named_once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::{self, Names};
use crate::ismap::documents::sha256;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use sekisho_domain::command::{Command, StepLookUp};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{LookUpId, PersonId};
use sekisho_domain::ismap::Registration;
use sekisho_domain::ismap::chronicle::Chronicle;
use sekisho_domain::ismap::look_up::{LookUp, LookUpStep};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use std::collections::BTreeMap;

/// A row as it enters the record: its JSON in the order of its fields, without spaces. Sets are sorted, so the same row
/// always gives the same bytes.
fn digest(row: &Registration) -> Result<String, PageError> {
    let bytes = serde_json::to_vec(row).map_err(|error| {
        tracing::error!(%error, "a row could not be written down");
        PageError::Inside
    })?;
    Ok(sha256(&bytes))
}

/// The row as it was seen: known at that moment, and by the end of the day that was asked about.
fn as_seen<'r>(register: &'r Register, number: &str, at: Timestamp, day: Date) -> Option<&'r Registration> {
    let known = register.registration_history(number).take_while(|v| v.at <= at && in_japan(v.at) <= day);
    known.last().map(|version| &*version.row)
}

pub(super) async fn record(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let filter = Filter::of(&fields);
    past_day(&filter.as_of, today).map_err(PageError::NoDay)?;
    let mut seen = BTreeMap::new();
    for row in filter.rows(&register, signed.person(), today) {
        seen.insert(row.number.clone(), digest(&row)?);
    }
    let id = named_once(&app, &signed, &fields);
    let look_up = LookUpId::new(format!("l-{id}")).map_err(|_| PageError::Inside)?;
    let step = LookUpStep::Record {
        purpose: fields.line("purpose").to_owned(),
        query: filter.words(),
        day: filter.day(today),
        rows: seen,
        decision: fields.text("decision").trim().to_owned(),
    };
    let command = Command::StepLookUp(StepLookUp { look_up: look_up.clone(), step });
    match give(&app, &signed, command, "").await? {
        Ok(_) => Ok(go(&format!("/ismap/look-ups/{look_up}?done=recorded"))),
        // The same form sent twice: the record is there.
        Err(refusal) if refusal.code == "EXISTS" => Ok(go(&format!("/ismap/look-ups/{look_up}?done=recorded"))),
        Err(refusal) => {
            let field = match refusal.code {
                "INVALID" if fields.line("purpose").is_empty() || fields.line("purpose").chars().count() > 400 => {
                    "purpose"
                }
                "MUST_NOT_BE_KEPT" => "purpose",
                "INVALID" if fields.text("decision").chars().count() > 1_000 => "decision",
                _ => "",
            };
            let asked = Asked { q: filter.q.clone(), ..Asked::default() };
            rows::form(&app, &signed, &asked, &filter, &fields, vec![Problem::refused(field, &refusal)]).await
        }
    }
}

/// Who made it, and auditors and the CISO.
fn may_read(register: &Register, person: &PersonId, look_up: &LookUp) -> bool {
    look_up.by.as_ref() == Some(person) || reads_all(register, person)
}

fn reads_all(register: &Register, person: &PersonId) -> bool {
    register.holds_any(person, &[Role::Auditor, Role::Ciso])
}

#[derive(Template)]
#[template(path = "ismap/list/look_ups.html")]
struct ListPage {
    frame: Frame,
    all: bool,
    table: Table,
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let of = |chronicle: &Chronicle<LookUp>| chronicle.last().map(|step| step.stamp.at);
    let mine: Vec<(&LookUpId, &LookUp, Option<Timestamp>)> = register
        .scheme()
        .look_ups
        .chronicles()
        .map(|(id, chronicle)| (id, chronicle.now(), of(chronicle)))
        .filter(|(_, look_up, _)| may_read(&register, signed.person(), look_up))
        .filter(|(_, look_up, _)| asked.finds(&[&look_up.purpose, &look_up.query, &look_up.decision]))
        .collect();
    let slice =
        asked.slice(mine, &[("", &|one, other| other.2.cmp(&one.2)), ("when", &|one, other| one.2.cmp(&other.2))]);
    let people: Vec<&PersonId> = slice.rows.iter().filter_map(|(_, look_up, _)| look_up.by.as_ref()).collect();
    let names = Names::of(&app, people).await?;
    let columns = [
        Column::plain("目的"),
        Column::sorted("when", "記録した日"),
        Column::plain("いつの時点"),
        Column::plain("条件"),
        Column::plain("件数"),
        Column::plain("判断"),
        Column::plain("記録した人"),
    ];
    let empty = "参照の記録はまだありません。登録リストの「この検索を記録する」から残せます。";
    let table =
        Table::new("/ismap/look-ups", ("参照の記録", empty), &columns, &asked, slice, |(id, look_up, at)| {
            vec![
                Cell::link(format!("/ismap/look-ups/{id}"), look_up.purpose.clone()),
                Cell::text(at.map(|at| words::day(in_japan(at))).unwrap_or_default()),
                Cell::text(words::day(look_up.day)),
                Cell::text(look_up.query.clone()),
                Cell::text(look_up.rows.len().to_string()),
                Cell::text(look_up.decision.clone()),
                Cell::text(look_up.by.as_ref().map(|by| names.get(by)).unwrap_or_default()),
            ]
        });
    if let Some(file) = table.file("look-ups")? {
        return Ok(file);
    }
    let frame = frame(&app, &signed, "/ismap/look-ups", "参照の記録", &[("/ismap/list", "登録リスト")]).await?.wide();
    Ok(page(StatusCode::OK, &ListPage { frame, all: reads_all(&register, signed.person()), table }))
}

#[derive(Template)]
#[template(path = "ismap/list/look_up.html")]
struct OnePage {
    frame: Frame,
    when: String,
    who: String,
    day: String,
    query: String,
    decision: String,
    rows: Vec<Seen1>,
    broken: usize,
}

/// A row of the record.
struct Seen1 {
    href: String,
    number: String,
    name: String,
    state: &'static str,
    sha256: String,
    verifies: bool,
    since: &'static str,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let id = LookUpId::new(&id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().look_ups.get(&id).ok_or(PageError::Missing)?;
    let look_up = chronicle.now();
    if !may_read(&register, signed.person(), look_up) {
        return Err(PageError::Missing);
    }
    let at = chronicle.last().map_or(Timestamp::MIN, |step| step.stamp.at);
    let mut rows = Vec::with_capacity(look_up.rows.len());
    for (number, recorded) in &look_up.rows {
        let then = as_seen(&register, number, at, look_up.day);
        let verifies = match then {
            Some(row) => digest(row)? == *recorded,
            None => false,
        };
        let since = match (then, register.registration(number)) {
            (Some(then), Some(now)) if then == now => "変わっていません",
            (_, Some(_)) => "その後変わりました",
            (_, None) => "今はありません",
        };
        rows.push(Seen1 {
            href: format!("{}?as_of={}", address(number), look_up.day),
            number: number.clone(),
            name: then.map(|row| row.service_name.clone()).unwrap_or_default(),
            state: then.map_or("", |row| row.state_on(look_up.day).label()),
            sha256: recorded.clone(),
            verifies,
            since,
        });
    }
    let names = Names::of(&app, look_up.by.as_ref()).await?;
    let done = (asked.done.as_deref() == Some("recorded")).then_some("参照を記録しました。");
    let trail = [("/ismap/list", "登録リスト"), ("/ismap/look-ups", "参照の記録")];
    let shown = OnePage {
        frame: frame(&app, &signed, "/ismap/look-ups", look_up.purpose.clone(), &trail).await?.notice(done).wide(),
        when: words::day(in_japan(at)),
        who: look_up.by.as_ref().map(|by| names.get(by)).unwrap_or_default(),
        day: words::day(look_up.day),
        query: look_up.query.clone(),
        decision: look_up.decision.clone(),
        broken: rows.iter().filter(|row| !row.verifies).count(),
        rows,
    };
    Ok(page(StatusCode::OK, &shown))
}
