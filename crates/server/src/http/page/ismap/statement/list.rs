//! 言明書: one's own as a provider; for everybody else those they may read.

use super::editor::{period, version};
use super::opened::{provider, service};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::ismap::as_of::AsOf;
use crate::http::page::ismap::frame;
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::day;
use crate::ismap::{documents, working};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::StatementId;
use sekisho_domain::ismap::statement::{Statement, StatementContent, StatementState, validate};
use sekisho_domain::register::Register;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Drafts that a page of the list opens to say how far they have come.
const OPENED: usize = 3;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
}

#[derive(Template)]
#[template(path = "ismap/statement/list.html")]
struct ListPage {
    frame: Frame,
    past: Option<String>,
    provides: bool,
    q: Field,
    state: Field,
    as_of: Field,
    table: Table,
}

const COLUMNS: [Column; 6] = [
    Column::sorted("service", "サービス"),
    Column::sorted("party", "事業者"),
    Column::sorted("period", "監査対象期間"),
    Column::plain("管理基準"),
    Column::sorted("state", "状態"),
    Column::plain("整い具合"),
];

struct Row {
    id: StatementId,
    statement: Statement,
    service: String,
    party: String,
}

/// How far drafts have come: of a few, because each has to be opened.
async fn progress(app: &App, register: &Register, rows: &[Row]) -> Result<BTreeMap<StatementId, String>, PageError> {
    let mut told = BTreeMap::new();
    for row in rows.iter().filter(|row| row.statement.state == StatementState::Draft).take(OPENED) {
        let draft = working::load::<StatementContent>(app, working::Draft::Statement, row.id.as_str()).await?;
        let Some(draft) = draft else { continue };
        let catalogue = documents::catalogue(app, register, &row.statement.catalogue).await?;
        let counts = validate(&catalogue, &draft).completeness;
        told.insert(row.id.clone(), format!("{}%（{} / {} 項目）", counts.percent(), counts.sound, counts.items));
    }
    Ok(told)
}

fn tone(state: StatementState) -> Tone {
    match state {
        StatementState::Published => Tone::Good,
        StatementState::Draft | StatementState::Validated => Tone::Look,
        _ => Tone::Plain,
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let past = as_of.day();
    let scheme = register.scheme();
    let readable = scheme.readable_statements(signed.person(), today);
    let rows = readable.into_iter().filter_map(|id| {
        let chronicle = scheme.statements.get(&id)?;
        let statement = past.map_or_else(|| Some(chronicle.now().clone()), |day| chronicle.as_of(day))?;
        let party = scheme.parties.now(&statement.party).map(|party| party.name.clone()).unwrap_or_default();
        Some(Row { service: service(&register, &statement), party, id, statement })
    });
    let rows: Vec<Row> = rows
        .filter(|row| asked.finds(&[&row.service, &row.party]))
        .filter(|row| which.state.is_empty() || which.state == row.statement.state.label())
        .collect();
    let slice = asked.slice(
        rows,
        &[
            ("period", &|one: &Row, other: &Row| other.statement.to.cmp(&one.statement.to)),
            ("service", &|one, other| one.service.cmp(&other.service)),
            ("party", &|one, other| one.party.cmp(&other.party)),
            ("state", &|one, other| one.statement.state.cmp(&other.statement.state)),
        ],
    );
    let provides = provider(&register, signed.person()).is_some();
    let progress = if past.is_none() { progress(&app, &register, &slice.rows).await? } else { BTreeMap::new() };
    let empty = if provides {
        "言明書はまだありません。「言明書を作る」から始めてください。"
    } else {
        "あなたが読める言明書はありません。監査を担当するか、別添の閲覧が認められると、ここに並びます。"
    };
    let table = Table::new("/ismap/statements", ("言明書", empty), &COLUMNS, &asked, slice, |row| {
        let come = match (&row.statement.content, progress.get(&row.id)) {
            (Some(content), _) => format!("採用 {}、非採用 {}", content.adopted(), content.excluded()),
            (None, Some(told)) => told.clone(),
            (None, None) => "開いて確かめてください".to_owned(),
        };
        let href = match past {
            Some(_) => format!("/ismap/statements/{}/record?as_of={}", row.id, as_of.given()),
            None => format!("/ismap/statements/{}", row.id),
        };
        vec![
            Cell::link(href, row.service.clone()),
            Cell::text(row.party.clone()),
            Cell::text(period(&row.statement)),
            Cell::text(version(&register, &row.statement)),
            Cell::tag(tone(row.statement.state), row.statement.state.label()),
            Cell::text(come),
        ]
    })
    .keeping("state", &which.state)
    .keeping("as_of", past.map_or("", |_| as_of.given()));
    if let Some(file) = table.file("statements")? {
        return Ok(file);
    }
    let mut states = vec![Choice::new("", "すべて")];
    states.extend(StatementState::ALL.map(|state| Choice::new(state.label(), state.label())));
    let shown = ListPage {
        frame: frame(&app, &signed, "/ismap/statements", "言明書", &[]).await?.wide(),
        past: past.map(day),
        provides,
        q: Field::input("search", "q", "サービス・事業者").optional().value(&asked.q),
        state: Field::select("state", "状態", states).value(&which.state),
        as_of: Field::input("date", "as_of", "過去の日").optional().value(as_of.given()),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}
