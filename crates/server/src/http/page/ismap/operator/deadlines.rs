//! 期限: what falls due, the nearest first; one's own for a provider or a firm, everything for the operator.

use super::super::frame;
use super::filings::{left, party_name, title};
use super::seeing;
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
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::deadline::{self, Deadline, Due};
use sekisho_domain::register::Register;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ismap/operator/deadlines.html")]
struct ListPage {
    frame: Frame,
    filters: Vec<Field>,
    /// Counts of days for reports of incidents are not set.
    unset: bool,
    sets: bool,
    table: Table,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    within: String,
}

/// The person has to do with a deadline. Expiries of registrations are published, so the body's own staff see them all.
fn concerns(register: &Register, person: &PersonId, due: &Due) -> bool {
    let scheme = register.scheme();
    if scheme.is_operator(person) {
        return true;
    }
    let own = scheme.party_of(person);
    match due {
        Due::Renewal(number) => !register.scheme().is_outsider(person) || seeing::provides(register, person, number),
        Due::FirmTerm(firm) => own == Some(firm),
        Due::Decision(filing) => scheme.may_read_filing(person, filing),
        Due::AuditReport(engagement) => scheme.may_read_engagement(person, engagement),
        Due::Preliminary(incident) | Due::Final(incident) => {
            scheme.incidents.now(incident).is_some_and(|i| seeing::provides(register, person, &i.number))
        }
    }
}

/// Deadlines that the person has to do with.
pub(super) fn mine(register: &Register, person: &PersonId, today: Date) -> Vec<Deadline> {
    let all = deadline::all(register, today);
    all.into_iter().filter(|deadline| concerns(register, person, &deadline.due)).collect()
}

/// What falls due, of what, and where it is dealt with.
pub(super) fn words(register: &Register, due: &Due) -> (&'static str, String, String) {
    let scheme = register.scheme();
    let service = |number: &str| {
        let name = register.registration(number).map(|r| r.service_name.clone()).unwrap_or_default();
        format!("{number} {name}")
    };
    match due {
        Due::Renewal(number) => ("更新の申請（有効期限）", service(number), "/ismap/filings".to_owned()),
        Due::FirmTerm(firm) => ("監査機関の期間の末日", party_name(register, firm), format!("/ismap/firms/{firm}")),
        Due::Decision(filing) => {
            let form = scheme.filings.now(filing).and_then(|f| f.form.as_ref());
            let name = form.map_or_else(|| filing.to_string(), |form| title(register, form));
            ("申請の決定の目安", name, format!("/ismap/filings/{filing}"))
        }
        Due::AuditReport(engagement) => {
            let firm = scheme.engagements.now(engagement).map(|e| party_name(register, &e.firm)).unwrap_or_default();
            ("監査の報告の目安", format!("{engagement} {firm}"), format!("/ismap/engagements/{engagement}"))
        }
        Due::Preliminary(incident) | Due::Final(incident) => {
            let name = scheme.incidents.now(incident).map(|i| i.title.clone()).unwrap_or_default();
            let what = if matches!(due, Due::Preliminary(_)) { "速報" } else { "確報" };
            (what, name, format!("/ismap/incidents/{incident}"))
        }
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let mut rows = mine(&register, signed.person(), today);
    let within: Option<i32> = which.within.parse().ok();
    rows.retain(|deadline| within.is_none_or(|days| deadline.days_left <= days));
    rows.retain(|deadline| {
        let (what, of, _) = words(&register, &deadline.due);
        asked.q.is_empty() || asked.finds(&[what, &of])
    });
    let slice = asked.slice(rows, &[("on", &|one, other| one.on.cmp(&other.on))]);
    let columns = [
        Column::plain("対象"),
        Column::plain("何の期限か"),
        Column::sorted("on", "期限"),
        Column::plain("残り"),
        Column::plain("お知らせ"),
    ];
    let empty = "期限のあるものはありません。";
    let table = Table::new("/ismap/deadlines", ("期限", empty), &columns, &asked, slice, |deadline| {
        let (what, of, href) = words(&register, &deadline.due);
        let (tone, text) = left(deadline.days_left);
        let reminds = matches!(deadline.due, Due::Renewal(_) | Due::FirmTerm(_));
        vec![
            Cell::link(href, of),
            Cell::text(what),
            Cell::text(day(deadline.on)),
            Cell::tag(tone, text),
            match deadline.reminder().filter(|_| reminds && deadline.days_left >= 0) {
                Some(days @ 30) => Cell::tag(Tone::Bad, format!("{days} 日前")),
                Some(days) => Cell::tag(Tone::Look, format!("{days} 日前")),
                None => Cell::text(""),
            },
        ]
    })
    .keeping("within", &which.within);
    if let Some(file) = table.file("deadlines")? {
        return Ok(file);
    }
    let choices = [
        ("", "すべて"),
        ("0", "過ぎたもの・今日まで"),
        ("30", "30 日以内"),
        ("90", "90 日以内"),
        ("180", "180 日以内"),
    ];
    let settings = register.scheme().settings();
    let shown = ListPage {
        filters: vec![
            Field::input("search", "q", "対象").optional().value(&asked.q),
            Field::select("within", "いつまで", choices.map(|(key, label)| Choice::new(key, label)).to_vec())
                .value(&which.within),
        ],
        unset: settings.incident_prelim_days.is_none() || settings.incident_final_days.is_none(),
        sets: seeing::sees_settings(&register, signed.person()),
        table,
        frame: frame(&app, &signed, "/ismap/deadlines", "期限", &[]).await?.wide(),
    };
    Ok(page(StatusCode::OK, &shown))
}
