//! 監査: those of my firm, of my statements, or, for the operator, those that were filed; on any day.

use super::super::as_of::AsOf;
use super::super::frame;
use super::wording::today;
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
use sekisho_domain::id::EngagementId;
use sekisho_domain::ismap::engagement::{Engagement, EngagementState};
use sekisho_domain::ismap::party::PartyKind;
use sekisho_domain::ismap::statement::StatementState;
use sekisho_domain::register::Register;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ismap/audit/engagements.html")]
struct ListPage {
    frame: Frame,
    q: Field,
    state: Field,
    as_of: Field,
    past: Option<String>,
    /// Signed statements without an audit, for their provider: identifier and name.
    proposable: Vec<(String, String)>,
    table: Table,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
}

/// A row: who, about what, and as it stands on the day.
struct Row {
    id: EngagementId,
    service: String,
    firm: String,
    then: Engagement,
}

pub(super) fn tone(state: EngagementState) -> Tone {
    use EngagementState as S;
    match state {
        S::Reported | S::Closed => Tone::Good,
        S::FindingsOpen | S::CspResponse => Tone::Look,
        S::Withdrawn => Tone::Bad,
        _ => Tone::Plain,
    }
}

fn row(register: &Register, id: EngagementId, then: Engagement) -> Row {
    let scheme = register.scheme();
    let stated = scheme.statements.now(&then.statement);
    let provider = stated.and_then(|s| scheme.parties.now(&s.party));
    let service = stated.and_then(|s| provider?.offerings.get(&s.offering)).cloned().unwrap_or_default();
    let firm = scheme.parties.now(&then.firm).map(|p| p.name.clone()).unwrap_or_default();
    Row { id, service, firm, then }
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    as_of: AsOf,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let (register, _) = today(&app)?;
    let scheme = register.scheme();
    let past = as_of.day();
    let states: Vec<(String, EngagementState)> = STATES.map(|s| (format!("{s:?}").to_lowercase(), s)).to_vec();
    let wanted = states.iter().find(|(key, _)| *key == which.state).map(|(_, state)| *state);
    let rows: Vec<Row> = scheme
        .engagements
        .chronicles()
        .filter(|(id, _)| scheme.may_read_engagement(signed.person(), id))
        .filter_map(|(id, c)| Some((id, past.map_or_else(|| Some(c.now().clone()), |day| c.as_of(day))?)))
        .filter(|(_, then)| wanted.is_none_or(|state| then.state == state))
        .map(|(id, then)| row(&register, id.clone(), then))
        .filter(|row| asked.finds(&[&row.service, &row.firm]))
        .collect();
    let slice = asked.slice(
        rows,
        &[
            ("service", &|one, other| one.service.cmp(&other.service)),
            ("firm", &|one, other| one.firm.cmp(&other.firm)),
            ("state", &|one, other| (one.then.state as u8).cmp(&(other.then.state as u8))),
        ],
    );
    let columns = [
        Column::sorted("service", "サービス"),
        Column::plain("種類"),
        Column::sorted("firm", "監査機関"),
        Column::sorted("state", "状態"),
        Column::plain("契約日"),
        Column::plain("報告日"),
    ];
    let empty = "あなたに関わる監査はありません。言明書に署名した事業者が監査機関に依頼すると、ここに並びます。";
    let table = Table::new("/ismap/engagements", ("監査", empty), &columns, &asked, slice, |row| {
        let mut path = format!("/ismap/engagements/{}", row.id);
        if let Some(day) = past {
            path.push_str(&format!("?as_of={day}"));
        }
        vec![
            Cell::link(path, row.service),
            Cell::text(row.then.kind.label()),
            Cell::text(row.firm),
            Cell::tag(tone(row.then.state), row.then.state.label()),
            Cell::text(row.then.contracted_on.map(day).unwrap_or_default()),
            Cell::text(row.then.reported_on.map(day).unwrap_or_default()),
        ]
    })
    .keeping("state", &which.state)
    .keeping("as_of", as_of.given());
    if let Some(file) = table.file("engagements")? {
        return Ok(file);
    }
    let own = scheme.party_of(signed.person()).and_then(|id| Some((id, scheme.parties.now(id)?)));
    let provider = own.filter(|(_, party)| party.kind == PartyKind::Csp);
    let proposable = provider.into_iter().flat_map(|(id, party)| {
        let signed = scheme.statements.all().filter(|(_, s)| s.party == *id && s.state == StatementState::Signed);
        signed.map(|(statement, s)| {
            let name = party.offerings.get(&s.offering).cloned().unwrap_or_default();
            (statement.to_string(), format!("{name}（{}〜{}）", day(s.from), day(s.to)))
        })
    });
    let mut choices = vec![Choice::new("", "すべて")];
    choices.extend(states.iter().map(|(key, state)| Choice::new(key.clone(), state.label())));
    let shown = ListPage {
        proposable: proposable.collect(),
        frame: frame(&app, &signed, "/ismap/engagements", "監査", &[]).await?.wide(),
        q: Field::input("search", "q", "サービス・監査機関").optional().value(&asked.q),
        state: Field::select("state", "状態", choices).value(&which.state),
        as_of: Field::input("date", "as_of", "いつの時点").optional().value(as_of.given()),
        past: past.map(day),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}

const STATES: [EngagementState; 10] = [
    EngagementState::Proposed,
    EngagementState::IndependenceChecked,
    EngagementState::Contracted,
    EngagementState::Planned,
    EngagementState::Fieldwork,
    EngagementState::FindingsOpen,
    EngagementState::CspResponse,
    EngagementState::Reported,
    EngagementState::Closed,
    EngagementState::Withdrawn,
];
