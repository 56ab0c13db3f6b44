//! 審査: what waits for an approver, and for the CAIO.

use super::applications::{last_moved, waits_since};
use super::due::{TARGET, due, waited};
use super::wording;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::{self, Departments, Names};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::RiskStanding;
use sekisho_domain::id::PersonId;
use sekisho_domain::permit::{Application, ApplicationState};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "desk/review.html")]
struct QueuePage {
    frame: Frame,
    q: Field,
    show: Field,
    target: usize,
    table: Table,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    show: String,
}

const SHOWN: [(&str, &str); 6] = [
    ("waiting", "審査を待っている申請"),
    ("late", "目安の日を過ぎた申請"),
    ("risk", "AI統括責任者の判断を待っている申請"),
    ("returned", "差し戻した申請"),
    ("decided", "決まった申請"),
    ("all", "すべて"),
];

pub(super) async fn queue(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let approves = register.holds(signed.person(), Role::Approver);
    let first = if approves { "waiting" } else { "risk" };
    let show = if SHOWN.iter().any(|(key, _)| *key == which.show) { which.show.as_str() } else { first };
    let named: BTreeSet<PersonId> = match asked.q.as_str() {
        "" => BTreeSet::new(),
        words => app.store.find_people(words, 200).await?.into_iter().map(|known| known.person).collect(),
    };
    let rows: Vec<&Application> = register
        .applications()
        .filter(|a| belongs(&register, show, a, today))
        .filter(|a| {
            asked.q.is_empty()
                || named.contains(&a.applicant)
                || asked.finds(&[
                    &a.draft.purpose,
                    &wording::services(&register, &a.draft.services),
                    a.application.as_str(),
                ])
        })
        .collect();
    let slice = asked.slice(
        rows,
        &[
            ("", &|one, other| waits_since(one).cmp(&waits_since(other))),
            ("purpose", &|one, other| one.draft.purpose.cmp(&other.draft.purpose)),
            ("waiting", &|one, other| waits_since(one).cmp(&waits_since(other))),
            ("grade", &|one, other| one.draft.ceiling.cmp(&other.draft.ceiling)),
            ("state", &|one, other| one.state.label().cmp(other.state.label())),
            ("changed", &|one, other| last_moved(one).cmp(&last_moved(other))),
        ],
    );
    let applicants: Vec<&PersonId> = slice.rows.iter().map(|a| &a.applicant).collect();
    let names = Names::of(&app, applicants).await?;
    let departments = Departments::all(&app).await?;
    let columns = [
        Column::sorted("purpose", "業務"),
        Column::plain("申請者"),
        Column::plain("部局"),
        Column::plain("サービス"),
        Column::sorted("grade", "格付"),
        Column::sorted("waiting", "待ち日数"),
        Column::plain("目安の日"),
        Column::sorted("state", "状態"),
        Column::plain("リスク"),
    ];
    let empty = "審査を待っている申請はありません。職員が「利用申請」から提出すると、ここに並びます。";
    let table = Table::new("/review", ("申請", empty), &columns, &asked, slice, |a| {
        row(&register, &names, &departments, today, a)
    })
    .keeping("show", if show == first { "" } else { show });
    if let Some(file) = table.file("review")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/review", "審査").await?.below(&[("/", "ホーム")]).wide();
    let shown = QueuePage {
        frame,
        q: Field::input("search", "q", "業務・サービス・申請者").optional().value(&asked.q),
        show: Field::select("show", "表示", SHOWN.map(|(key, label)| Choice::new(key, label)).to_vec()).value(show),
        target: TARGET,
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}

fn came_in(application: &Application) -> Option<Date> {
    waits_since(application).map(in_japan)
}

fn belongs(register: &Register, show: &str, application: &Application, today: Date) -> bool {
    let waits = application.state == ApplicationState::Submitted;
    match show {
        "waiting" => waits,
        "late" => waits && came_in(application).is_some_and(|from| due(from) < today),
        "risk" => {
            let open = matches!(application.state, ApplicationState::Submitted | ApplicationState::Approved { .. });
            open && register.risk_standing(application, today) == RiskStanding::PossiblyHigh
        }
        "returned" => application.state == ApplicationState::Returned,
        "decided" => matches!(application.state, ApplicationState::Approved { .. } | ApplicationState::Refused),
        _ => true,
    }
}

fn row(register: &Register, names: &Names, departments: &Departments, today: Date, a: &Application) -> Vec<Cell> {
    let waits = a.state == ApplicationState::Submitted;
    let from = came_in(a).filter(|_| waits);
    let department = register.person(&a.applicant).map(|person| departments.get(&person.department));
    let (risk_tone, risk) = wording::risk(register.risk_standing(a, today));
    vec![
        Cell::link(format!("/review/{}", a.application), a.draft.purpose.clone()),
        Cell::text(names.get(&a.applicant)),
        Cell::text(department.unwrap_or_default()),
        Cell::text(wording::services(register, &a.draft.services)),
        Cell::text(words::grade(register, a.draft.ceiling)),
        Cell::text(from.map(|from| format!("{} 日", waited(from, today))).unwrap_or_default()),
        match from.map(due) {
            Some(due) if due < today => Cell::tag(Tone::Bad, words::day(due)),
            Some(due) => Cell::text(words::day(due)),
            None => Cell::text(""),
        },
        Cell::tag(wording::state(&a.state), a.state.label()),
        Cell::tag(risk_tone, risk),
    ]
}
