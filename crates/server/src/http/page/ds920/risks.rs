//! What waits for the CAIO, and everything else that has a risk to judge.

use super::super::desk::wording;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::{self, Names};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::{PermitStanding, RiskStanding};
use sekisho_domain::permit::{Application, ApplicationState};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ds920/risks.html")]
struct RisksPage {
    frame: Frame,
    views: Vec<(&'static str, &'static str, bool)>,
    show: String,
    q: String,
    table: Table,
    in_force: Option<String>,
    judges: bool,
}

const VIEWS: [(&str, &str); 3] = [("waiting", "判断を待つもの"), ("judged", "判断したもの"), ("all", "すべて")];

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    show: String,
}

/// Under review, or with a permit that can still be used.
fn is_alive(register: &Register, application: &Application, today: Date) -> bool {
    match &application.state {
        ApplicationState::Submitted => true,
        ApplicationState::Approved { permit } => register.permit(permit).is_some_and(|permit| {
            !matches!(permit.standing_on(today), PermitStanding::Revoked | PermitStanding::Expired)
        }),
        ApplicationState::Returned | ApplicationState::Refused | ApplicationState::Withdrawn => false,
    }
}

/// The CAIO has something to say: the risk may be high and nobody judged it, or what was judged has changed since.
pub(in crate::http::page) fn waits(register: &Register, application: &Application, today: Date) -> bool {
    let record = register.ds920().risk(&application.application);
    is_alive(register, application, today)
        && register.risk_sheet(application).is_some()
        && (register.risk_standing(application, today) == RiskStanding::PossiblyHigh
            || record.is_some_and(sekisho_domain::ds920::judgement::RiskRecord::is_stale))
}

pub(super) async fn list(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let show = VIEWS.iter().find(|(known, _)| *known == wanted.show).map_or("waiting", |(known, _)| *known);
    let record = |a: &Application| register.ds920().risk(&a.application);
    let judged = |a: &Application| a.caio_accepted.is_some() || record(a).is_some_and(|r| r.judged.is_some());
    let belongs = |a: &&Application| match show {
        "waiting" => waits(&register, a, today),
        "judged" => judged(a),
        _ => is_alive(&register, a, today),
    };
    let found: Vec<&Application> = register.applications().filter(belongs).collect();
    let names = Names::of(&app, found.iter().map(|a| &a.applicant).collect::<Vec<_>>()).await?;
    let rows: Vec<&Application> =
        found.into_iter().filter(|a| asked.finds(&[&a.draft.purpose, &names.get(&a.applicant)])).collect();
    let since = |a: &&Application| a.history.last().map(|step| step.at);
    let by_time = |one: &&Application, other: &&Application| since(one).cmp(&since(other));
    let by_purpose = |one: &&Application, other: &&Application| one.draft.purpose.cmp(&other.draft.purpose);
    let slice = asked.slice(rows, &[("since", &by_time), ("purpose", &by_purpose)]);
    let columns = [
        Column::sorted("purpose", "業務"),
        Column::plain("申請者"),
        Column::plain("状態"),
        Column::plain("判定シート（A・B・C・D）"),
        Column::plain("判定表の結果（参考）"),
        Column::plain("いまの扱い"),
        Column::sorted("since", "最後の動き"),
    ];
    let about = ("リスクの判断", "ここに当てはまるものはありません。");
    let table = Table::new("/risk", about, &columns, &asked, slice, |a| {
        let sheet = register.risk_sheet(a);
        let (tone, standing) = wording::risk(register.risk_standing(a, today));
        let stale = record(a).is_some_and(sekisho_domain::ds920::judgement::RiskRecord::is_stale);
        vec![
            Cell::link(format!("/risk/{}", a.application), a.draft.purpose.clone()),
            Cell::text(names.get(&a.applicant)),
            Cell::text(a.state.label()),
            Cell::text(sheet.map_or_else(
                || "なし".to_owned(),
                |s| format!("{}・{}・{}・{}", s.users, s.work, s.learning, s.judgement),
            )),
            Cell::text(sheet.map_or("", |sheet| register.ds920().result_on(&sheet, today).label())),
            if stale {
                Cell::tag(Tone::Look, format!("判断の後に変更あり（{standing}）"))
            } else {
                Cell::tag(tone, standing)
            },
            Cell::text(a.history.last().map(|step| words::day(in_japan(step.at))).unwrap_or_default()),
        ]
    });
    let table = table.keeping("show", show);
    if let Some(file) = table.file("risks")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/risk", "リスク判断").await?.below(&[("/", "ホーム")]).wide();
    let shown = RisksPage {
        frame,
        views: VIEWS.iter().map(|(key, label)| (*key, *label, *key == show)).collect(),
        show: show.to_owned(),
        q: asked.q.clone(),
        table,
        in_force: register.ds920().table_on(today).map(|table| table.table.to_string()),
        judges: register.holds(signed.person(), Role::Caio),
    };
    Ok(page(StatusCode::OK, &shown))
}
