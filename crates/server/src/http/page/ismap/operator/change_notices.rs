//! 変更の届出の一覧.

use super::super::as_of::AsOf;
use super::super::frame;
use super::incidents::takes_part;
use super::{seeing, wording};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::id::{NoticeId, PersonId};
use sekisho_domain::ismap::change_notice::{ChangeNotice, NoticeKind, NoticeState};
use sekisho_domain::ismap::party::PartyKind;
use sekisho_domain::register::Register;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ismap/operator/change_notices.html")]
struct ListPage {
    frame: Frame,
    past: Option<String>,
    filters: Vec<Field>,
    /// The person prepares notices.
    files: bool,
    table: Table,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
}

/// What a notice is, with its class by 管理基準 2.2.4.
pub(super) fn class(kind: &NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Control { .. } if kind.counts_as_control_change() => "統制変更に当たる",
        NoticeKind::Control { .. } => "統制変更に当たらない",
        NoticeKind::Listed { .. } => "登録情報の変更",
    }
}

/// A notice that is still being written is its provider's alone.
pub(super) fn sees(register: &Register, person: &PersonId, notice: &ChangeNotice) -> bool {
    match notice.state {
        NoticeState::Drafted => seeing::provides(register, person, &notice.number),
        _ => seeing::told_of(register, person, &notice.number),
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
    let scheme = register.scheme();
    if !takes_part(&register, signed.person()) {
        return Err(PageError::Missing);
    }
    let as_of = past.day();
    let mut rows: Vec<(NoticeId, ChangeNotice)> = match as_of {
        Some(on) => scheme.notices.as_of(on).map(|(id, n)| (id.clone(), n)).collect(),
        None => scheme.notices.all().map(|(id, n)| (id.clone(), n.clone())).collect(),
    };
    let service = |number: &str| register.registration(number).map(|r| r.service_name.clone()).unwrap_or_default();
    rows.retain(|(_, n)| sees(&register, signed.person(), n));
    rows.retain(|(_, n)| which.state == "all" || n.state != NoticeState::Closed);
    rows.retain(|(_, n)| asked.q.is_empty() || asked.finds(&[&n.text, &n.number, &service(&n.number)]));
    let slice = asked.slice(
        rows,
        &[
            ("filed", &|one, other| other.1.filed_on.cmp(&one.1.filed_on)),
            ("number", &|one, other| one.1.number.cmp(&other.1.number)),
        ],
    );
    let columns = [
        Column::plain("変更の内容"),
        Column::sorted("number", "登録"),
        Column::plain("サービス"),
        Column::plain("分類"),
        Column::plain("状態"),
        Column::sorted("filed", "届出日"),
        Column::plain("変更の日"),
        Column::plain("対応"),
    ];
    let query = if as_of.is_some() { format!("?as_of={}", past.given()) } else { String::new() };
    let empty = "変更の届出はありません。";
    let table =
        Table::new("/ismap/change-notices", ("変更の届出", empty), &columns, &asked, slice, |(id, notice)| {
            let first: String = notice.text.lines().next().unwrap_or("").chars().take(60).collect();
            vec![
                Cell::link(format!("/ismap/change-notices/{id}{query}"), first),
                Cell::text(notice.number.clone()),
                Cell::text(service(&notice.number)),
                Cell::text(class(&notice.kind)),
                Cell::tag(wording::notice_tone(notice.state), notice.state.label()),
                Cell::text(notice.filed_on.map(day).unwrap_or_default()),
                Cell::text(day(notice.effective_on)),
                Cell::text(notice.outcome.map_or("", |outcome| outcome.label())),
            ]
        })
        .keeping("state", &which.state)
        .keeping("as_of", past.given());
    if let Some(file) = table.file("change-notices")? {
        return Ok(file);
    }
    let shown = ListPage {
        past: as_of.map(day),
        filters: vec![
            Field::input("search", "q", "内容・登録番号・サービス").optional().value(&asked.q),
            Field::select("state", "状態", vec![Choice::new("", "終わっていないもの"), Choice::new("all", "すべて")])
                .value(&which.state),
            Field::input("date", "as_of", "過去の日の時点").optional().value(past.given()),
        ],
        files: seeing::acts_for(&register, signed.person(), PartyKind::Csp).is_some(),
        table,
        frame: frame(&app, &signed, "/ismap/change-notices", "変更の届出", &[]).await?.wide(),
    };
    Ok(page(StatusCode::OK, &shown))
}
