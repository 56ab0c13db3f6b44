//! `/ismap/public`: what the scheme publishes, for anyone, as a page and as documents for programs. Only where whoever
//! runs the scheme is a party here, and only what 登録規則 3.8 and the list publish: no annex, no report, nothing about
//! foreign law.

use crate::http::App;
use crate::http::page::door::visitor;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, download, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words;
use crate::ismap::documents::sha256;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::Registration;
use sekisho_domain::ismap::party::PartyKind;
use sekisho_domain::register::Register;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Day {
    #[serde(default)]
    as_of: String,
}

#[derive(Template)]
#[template(path = "ismap/list/public.html")]
struct PublicPage {
    frame: Frame,
    q: Field,
    as_of: Field,
    table: Table,
}

/// The register, if whoever runs the scheme is a party here.
fn published(register: &Register) -> Result<(), PageError> {
    let runs = register.scheme().parties.all().any(|(_, party)| party.kind == PartyKind::Operator);
    if runs { Ok(()) } else { Err(PageError::Missing) }
}

fn rows<'r>(register: &'r Register, asked: &Day, today: Date) -> (Date, Vec<&'r Registration>) {
    match asked.as_of.trim().parse::<Date>().ok().filter(|day| *day < today) {
        Some(day) => (day, register.registrations_as_of(day).collect()),
        None => (today, register.registrations().collect()),
    }
}

pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
    Query(as_of): Query<Day>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    published(&register)?;
    let (day, all) = rows(&register, &as_of, in_japan(app.world.now()));
    let found = all.into_iter().filter(|row| asked.finds(&[&row.number, &row.service_name, &row.csp_name]));
    let slice = asked.slice(
        found.collect(),
        &[
            ("number", &|one: &&Registration, other: &&Registration| one.number.cmp(&other.number)),
            ("until", &|one, other| one.valid_until.cmp(&other.valid_until)),
        ],
    );
    let columns = [
        Column::sorted("number", "登録番号"),
        Column::plain("区分"),
        Column::plain("状態"),
        Column::plain("サービス"),
        Column::plain("事業者"),
        Column::plain("言明の対象範囲"),
        Column::plain("実施している統制目標"),
        Column::plain("監査対象期間"),
        Column::plain("後発事象"),
        Column::plain("登録日"),
        Column::sorted("until", "有効期限"),
    ];
    let empty = "登録されたサービスはまだありません。";
    let table = Table::new("/ismap/public", ("登録されたサービス", empty), &columns, &asked, slice, |row| {
        let period = row.audit_period.map(|(from, to)| format!("{from} から {to}")).unwrap_or_default();
        vec![
            Cell::text(row.number.clone()),
            Cell::text(row.scheme.label()),
            Cell::text(row.state_on(day).label()),
            Cell::text(row.service_name.clone()),
            Cell::text(row.csp_name.clone()),
            Cell::text(row.statement_scope.clone()),
            Cell::text(row.objectives.iter().map(String::as_str).collect::<Vec<_>>().join("、")),
            Cell::text(period),
            Cell::text(row.subsequent_events.clone()),
            Cell::text(words::day(row.registered_on)),
            Cell::text(words::day(row.valid_until)),
        ]
    })
    .keeping("as_of", &as_of.as_of);
    if let Some(file) = table.file("register")? {
        return Ok(file);
    }
    let visitor = visitor(&app, &headers).await;
    let shown = PublicPage {
        frame: Frame::new(&app, visitor.as_ref(), "/ismap/public", "クラウドサービス登録簿").await?.wide(),
        q: Field::input("search", "q", "サービス名・事業者名・番号").optional().value(&asked.q),
        as_of: Field::input("date", "as_of", "いつの時点（空欄は今日）").optional().value(&as_of.as_of),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// A row as programs read it.
fn published_row(row: &Registration, day: Date) -> Value {
    json!({
        "id": row.number, "scheme": row.scheme, "csp": row.csp_name, "corporate_number": row.corporate_number,
        "service": row.service_name, "service_model": row.service_models, "statement_scope": row.statement_scope,
        "sub_services": row.scope.sub_services, "regions": row.scope.regions,
        "generative_ai": row.scope.generative_ai, "ai_information": row.ai_information,
        "objectives_implemented": row.objectives, "audit_body": row.audit_firm,
        "audit_period": row.audit_period.map(|(from, to)| json!({ "start": from, "end": to })),
        "subsequent_events": row.subsequent_events, "registered_on": row.registered_on,
        "valid_until": row.valid_until, "status": row.state_on(day),
    })
}

/// Every status of a row with the day it began, the oldest first, as known at the end of a day.
fn statuses(register: &Register, number: &str, until: Date) -> Vec<Value> {
    let versions: Vec<(Date, &Registration)> = register
        .registration_history(number)
        .map(|version| (in_japan(version.at), &*version.row))
        .take_while(|(known, _)| *known <= until)
        .collect();
    let mut all: Vec<(Date, sekisho_domain::ismap::RegistrationState)> = Vec::new();
    for (at, (known, row)) in versions.iter().enumerate() {
        // What a version says counts from the day it was known; the first one from the day it names.
        let from = if at == 0 { row.registered_on.min(*known) } else { *known };
        let next = versions.get(at + 1).map_or(until.tomorrow().unwrap_or(until), |(next, _)| *next);
        let after = row.valid_until.checked_add(1.day()).unwrap_or(Date::MAX);
        for day in [from, row.registered_on, after] {
            let state = row.state_on(day);
            if (from..next).contains(&day) && all.last().is_none_or(|(last, then)| *then != state && *last <= day) {
                all.push((day, state));
            }
        }
    }
    all.into_iter().map(|(day, state)| json!({ "status_name": state, "start_date": day })).collect()
}

pub(super) async fn file(
    State(app): State<App>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Query(as_of): Query<Day>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    published(&register)?;
    let (day, all) = rows(&register, &as_of, in_japan(app.world.now()));
    let document = match name.as_str() {
        "register.json" => json!({
            "as_of": day, "register": all.iter().map(|row| published_row(row, day)).collect::<Vec<_>>(),
        }),
        "status-changelog.json" => {
            let one = |row: &&Registration| {
                let log =
                    json!({ "current_status": row.state_on(day), "statuses": statuses(&register, &row.number, day) });
                (row.number.clone(), log)
            };
            Value::Object(all.iter().map(one).collect())
        }
        "register.schema.json" => schema(),
        _ => return Err(PageError::Missing),
    };
    let bytes = format!("{document:#}\n").into_bytes();
    let tag = format!("\"{}\"", sha256(&bytes));
    let unchanged = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response =
        if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { download("application/json", &name, bytes) };
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_DISPOSITION);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// The form of `register.json`.
fn schema() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let day = json!({ "type": "string", "format": "date" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "register.json", "type": "object",
        "required": ["as_of", "register"], "additionalProperties": false,
        "properties": { "as_of": day, "register": { "type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["id", "scheme", "csp", "service", "registered_on", "valid_until", "status"],
            "properties": {
                "id": text, "scheme": { "enum": ["ismap", "liu"] }, "csp": text, "corporate_number": text,
                "service": text, "service_model": texts, "statement_scope": text, "sub_services": texts,
                "regions": texts, "generative_ai": { "type": "boolean" }, "ai_information": text,
                "objectives_implemented": texts, "audit_body": text,
                "audit_period": { "type": ["object", "null"], "properties": { "start": day, "end": day } },
                "subsequent_events": text, "registered_on": day, "valid_until": day,
                "status": { "enum": ["none", "active", "continuing", "expired", "suspended", "removed"] },
            },
        } } },
    })
}
