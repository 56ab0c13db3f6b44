//! 登録申請の一覧: everything that was filed for the operator, its own for a provider, with the clock of six months.

use super::super::as_of::AsOf;
use super::super::frame;
use super::{seeing, wording};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::FilingId;
use sekisho_domain::ismap::Scheme as ListScheme;
use sekisho_domain::ismap::filing::{Filing, FilingForm, FilingKind, FilingState};
use sekisho_domain::ismap::party::PartyKind;
use sekisho_domain::register::Register;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ismap/operator/filings.html")]
struct ListPage {
    frame: Frame,
    filters: Vec<Field>,
    past: Option<String>,
    /// The person prepares applications.
    files: bool,
    table: Table,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
    #[serde(default)]
    turn: String,
}

/// All states, by the key of the filter.
const STATES: [(&str, FilingState); 13] = [
    ("draft", FilingState::Draft),
    ("filed", FilingState::Filed),
    ("check", FilingState::AcceptanceCheck),
    ("returned", FilingState::Returned),
    ("accepted", FilingState::Accepted),
    ("review", FilingState::TechnicalReview),
    ("inquiry", FilingState::Inquiry),
    ("reviewed", FilingState::Reviewed),
    ("docketed", FilingState::Docketed),
    ("deferred", FilingState::Deferred),
    ("registered", FilingState::Registered),
    ("refused", FilingState::Refused),
    ("withdrawn", FilingState::Withdrawn),
];

/// Who is waited for, by the key of the filter.
const TURNS: [(&str, &str); 5] = [
    ("csp", "事業者"),
    ("reception", "受理担当"),
    ("reviewer", "技術審査担当"),
    ("secretariat", "事務局"),
    ("committee", "運営委員会"),
];

/// The service of an application, as people call it.
pub(super) fn title(register: &Register, form: &FilingForm) -> String {
    let party = register.scheme().parties.now(&form.party);
    party.and_then(|p| p.offerings.get(&form.offering)).cloned().unwrap_or_else(|| form.offering.to_string())
}

/// The name of a party.
pub(super) fn party_name(register: &Register, id: &sekisho_domain::id::PartyId) -> String {
    register.scheme().parties.now(id).map_or_else(|| id.to_string(), |p| p.name.clone())
}

/// First application or renewal, ISMAP or LIU.
pub(super) fn kind(form: &FilingForm) -> String {
    let list = match form.scheme {
        ListScheme::Ismap => "ISMAP",
        ListScheme::Liu => "ISMAP-LIU",
    };
    match &form.kind {
        FilingKind::New => format!("{list} 新規"),
        FilingKind::Renewal { number } => format!("{list} 更新（{number}）"),
    }
}

/// How the clock of six months stands.
pub(super) fn clock(register: &Register, filing: &Filing, today: Date) -> Option<(Date, i32)> {
    let due = filing.decision_due(register.scheme().settings().clock_pauses, today)?;
    Some((due, (due - today).get_days()))
}

/// Days left, with how it is meant.
pub(super) fn left(days: i32) -> (Tone, String) {
    match days {
        ..0 => (Tone::Bad, format!("{} 日超過", days.unsigned_abs())),
        0..=30 => (Tone::Look, format!("あと {days} 日")),
        _ => (Tone::Good, format!("あと {days} 日")),
    }
}

/// Applications the person may see, as they are or were.
fn seen(register: &Register, person: &sekisho_domain::id::PersonId, as_of: Option<Date>) -> Vec<(FilingId, Filing)> {
    let scheme = register.scheme();
    let own = scheme.party_of(person);
    let operator = scheme.is_operator(person);
    let mine = |filing: &Filing| {
        let party = filing.form.as_ref().map(|form| &form.party);
        (own.is_some() && own == party) || (operator && filing.filed_on.is_some())
    };
    match as_of {
        Some(day) => scheme.filings.as_of(day).filter(|(_, f)| mine(f)).map(|(id, f)| (id.clone(), f)).collect(),
        None => scheme.filings.all().filter(|(_, f)| mine(f)).map(|(id, f)| (id.clone(), f.clone())).collect(),
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
    past: AsOf,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let now = in_japan(app.world.now());
    let as_of = past.day();
    let today = as_of.unwrap_or(now);
    let wanted = STATES.iter().find(|(key, _)| *key == which.state).map(|(_, state)| *state);
    let turn = TURNS.iter().find(|(key, _)| *key == which.turn).map(|(_, who)| *who);
    let mut rows = seen(&register, signed.person(), as_of);
    rows.retain(|(_, f)| match (wanted, which.state.as_str()) {
        (Some(state), _) => f.state == state,
        (None, "all") => true,
        (None, _) => !f.state.is_over(),
    });
    rows.retain(|(_, f)| turn.is_none_or(|who| wording::turn(f.state) == who));
    rows.retain(|(id, f)| {
        let Some(form) = f.form.as_ref().filter(|_| !asked.q.is_empty()) else { return asked.q.is_empty() };
        asked.finds(&[&title(&register, form), &party_name(&register, &form.party), &kind(form), id.as_str()])
    });
    let due = |row: &(FilingId, Filing)| clock(&register, &row.1, today).map_or(Date::MAX, |(due, _)| due);
    let slice = asked.slice(
        rows,
        &[
            ("due", &|one, other| due(one).cmp(&due(other)).then_with(|| one.1.filed_on.cmp(&other.1.filed_on))),
            ("filed", &|one, other| one.1.filed_on.cmp(&other.1.filed_on)),
            ("state", &|one, other| one.1.state.cmp(&other.1.state)),
        ],
    );
    let columns = [
        Column::plain("サービス"),
        Column::plain("事業者"),
        Column::plain("種別"),
        Column::sorted("state", "状態"),
        Column::plain("次に動く人"),
        Column::sorted("filed", "申請日"),
        Column::plain("受理日"),
        Column::sorted("due", "決定の目安"),
        Column::plain("残り"),
    ];
    let empty = "申請はありません。事業者が申請すると、ここに並びます。";
    let query = if past.given().is_empty() { String::new() } else { format!("?as_of={}", past.given()) };
    let table = Table::new("/ismap/filings", ("登録申請", empty), &columns, &asked, slice, |(id, f)| {
        let on = |date: Option<Date>| Cell::text(date.map(day).unwrap_or_default());
        let clock = clock(&register, &f, today).filter(|_| !f.state.is_over());
        let (name, party, what) = match &f.form {
            Some(form) => (title(&register, form), party_name(&register, &form.party), kind(form)),
            None => (id.to_string(), String::new(), String::new()),
        };
        vec![
            Cell::link(format!("/ismap/filings/{id}{query}"), name),
            Cell::text(party),
            Cell::text(what),
            Cell::tag(wording::filing_tone(f.state), f.state.label()),
            Cell::text(wording::turn(f.state)),
            on(f.filed_on),
            on(f.accepted_on),
            on(clock.map(|(due, _)| due)),
            match clock.map(|(_, days)| left(days)) {
                Some((tone, text)) => Cell::tag(tone, text),
                None => Cell::text(""),
            },
        ]
    })
    .keeping("state", &which.state)
    .keeping("turn", &which.turn)
    .keeping("as_of", past.given());
    if let Some(file) = table.file("filings")? {
        return Ok(file);
    }
    let mut states = vec![Choice::new("", "進行中のもの"), Choice::new("all", "すべて")];
    states.extend(STATES.map(|(key, state)| Choice::new(key, state.label())));
    let mut turns = vec![Choice::new("", "すべて")];
    turns.extend(TURNS.map(|(key, who)| Choice::new(key, who)));
    let shown = ListPage {
        frame: frame(&app, &signed, "/ismap/filings", "登録申請", &[]).await?.wide(),
        filters: vec![
            Field::input("search", "q", "サービス・事業者").optional().value(&asked.q),
            Field::select("state", "状態", states).value(&which.state),
            Field::select("turn", "次に動く人", turns).value(&which.turn),
            Field::input("date", "as_of", "過去の日の時点").optional().value(past.given()),
        ],
        past: as_of.map(day),
        files: seeing::acts_for(&register, signed.person(), PartyKind::Csp).is_some(),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}
