//! `/ismap/list`: what is on the list, searched and sorted, today or on any past day; and the way to a record of it.

use super::super::as_of::AsOf;
use super::super::frame;
use super::filter::Filter;
use super::{IMPORTERS, address};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::once;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Fields;
use crate::http::page::frame::{Field, Frame, Problem, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words;
use crate::ismap::freshness::{Freshness, freshness};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::look_up::MOST_ROWS;
use sekisho_domain::ismap::party::{PartyKind, SchemeRole};
use sekisho_domain::ismap::{Registration, RegistrationState};
use sekisho_domain::register::Register;
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "ismap/list/rows.html")]
struct ListPage {
    frame: Frame,
    past: Option<String>,
    fresh: Option<Freshness>,
    imports: bool,
    fields: Vec<Field>,
    narrowed: bool,
    table: Table,
    /// The form that records the look-up, where one may.
    record: Option<Record>,
}

struct Record {
    once: String,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    rows: usize,
    too_many: bool,
}

/// Whether somebody looks things up for a procurement: everybody of the body, its procurers, and the secretariat.
pub(super) fn procures(register: &Register, person: &PersonId) -> bool {
    let scheme = register.scheme();
    let roles = scheme.roles_of(person);
    match scheme.party_of(person).and_then(|id| scheme.parties.now(id)).map(|party| party.kind) {
        None => true,
        Some(PartyKind::ProcuringBody) => roles.contains(&SchemeRole::Procurer),
        Some(PartyKind::Operator) => roles.contains(&SchemeRole::Secretariat),
        Some(PartyKind::Csp | PartyKind::AuditFirm) => false,
    }
}

/// A state as a tag.
pub(super) fn tone(state: RegistrationState) -> Tone {
    match state {
        RegistrationState::Active => Tone::Good,
        RegistrationState::Continuing => Tone::Look,
        RegistrationState::Expired | RegistrationState::Suspended | RegistrationState::Removed => Tone::Bad,
        RegistrationState::None => Tone::Plain,
    }
}

fn joined(set: &std::collections::BTreeSet<String>) -> String {
    set.iter().map(String::as_str).collect::<Vec<_>>().join("、")
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(filter): Query<Filter>,
    _readable: AsOf,
) -> Result<Response, PageError> {
    form(&app, &signed, &asked, &filter, &Fields::default(), Vec::new()).await
}

/// The page, with what was typed into the form of the record if that was not taken.
pub(super) async fn form(
    app: &App,
    signed: &SignedIn,
    asked: &Asked,
    filter: &Filter,
    typed: &Fields,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let (day, past) = (filter.day(today), filter.past(today));
    let rows = filter.rows(&register, signed.person(), today);
    let count = rows.len();
    let slice = asked.slice(
        rows,
        &[
            ("", &|one: &Cow<'_, Registration>, other: &Cow<'_, Registration>| one.number.cmp(&other.number)),
            ("number", &|one, other| one.number.cmp(&other.number)),
            ("service", &|one, other| one.service_name.cmp(&other.service_name)),
            ("csp", &|one, other| one.csp_name.cmp(&other.csp_name)),
            ("until", &|one, other| one.valid_until.cmp(&other.valid_until)),
            ("registered", &|one, other| one.registered_on.cmp(&other.registered_on)),
        ],
    );
    let columns = [
        Column::sorted("service", "サービス"),
        Column::sorted("number", "登録番号"),
        Column::plain("区分"),
        Column::plain("状態"),
        Column::sorted("csp", "事業者"),
        Column::plain("モデル"),
        Column::plain("地域"),
        Column::plain("生成AI"),
        Column::sorted("registered", "登録日"),
        Column::sorted("until", "有効期限"),
    ];
    let empty = "リストに行がありません。「公表されたリストを取り込む」から取り込むと、ここに並びます。";
    let query = past.map(|day| format!("?as_of={day}")).unwrap_or_default();
    let mut table = Table::new("/ismap/list", ("登録されたサービス", empty), &columns, asked, slice, |row| {
        let state = row.state_on(day);
        vec![
            Cell::link(format!("{}{query}", address(&row.number)), row.service_name.clone()),
            Cell::text(row.number.clone()),
            Cell::text(row.scheme.label()),
            Cell::tag(tone(state), state.label()),
            Cell::text(row.csp_name.clone()),
            Cell::text(joined(&row.service_models)),
            Cell::text(joined(&row.scope.regions)),
            Cell::text(if row.scope.generative_ai { "含む" } else { "含まない" }),
            Cell::text(words::day(row.registered_on)),
            Cell::text(words::day(row.valid_until)),
        ]
    });
    let filters = filter.all();
    for (name, value, _) in filters.iter().filter(|(name, ..)| *name != "q") {
        table = table.keeping(name, value);
    }
    if let Some(file) = table.file("ismap-list")? {
        return Ok(file);
    }
    let record = procures(&register, signed.person()).then(|| Record {
        once: if typed.get("once").is_empty() { once(app) } else { typed.get("once").to_owned() },
        hidden: filters.iter().map(|(name, value, _)| (*name, (*value).to_owned())).collect(),
        fields: vec![
            Field::text("purpose", "何のための参照か", "off")
                .help("例: 文書要約サービスの調達に向けた候補の調査")
                .value(typed.get("purpose"))
                .told(&problems),
            Field::area("decision", "この結果での判断", 3)
                .help("まだ判断していなければ空欄のままで構いません。")
                .optional()
                .value(typed.get("decision"))
                .told(&problems),
        ],
        rows: count,
        too_many: count > MOST_ROWS,
    });
    let status = Problem::status(&problems);
    let frame = frame(app, signed, "/ismap/list", "登録リスト", &[]).await?.wide().wrong(problems);
    let shown = ListPage {
        frame,
        past: past.map(words::day),
        fresh: freshness(&register, day, today),
        imports: register.holds_any(signed.person(), IMPORTERS),
        fields: filter.fields(),
        narrowed: filters.iter().any(|(name, value, _)| *name != "q" && !value.is_empty()),
        table,
        record,
    };
    Ok(page(status, &shown))
}
