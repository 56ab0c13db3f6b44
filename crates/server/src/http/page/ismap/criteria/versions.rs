//! `/ismap/criteria`: every version with its state on a day.

use super::wording;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, page};
use crate::http::page::ismap::as_of::AsOf;
use crate::http::page::ismap::frame;
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::{CatalogueRow, may_keep};

#[derive(Template)]
#[template(path = "ismap/criteria/versions.html")]
struct VersionsPage {
    frame: Frame,
    as_of: Field,
    past: Option<String>,
    keeps: bool,
    table: Table,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    let past = as_of.day();
    let on = past.unwrap_or(today);
    let all = &register.scheme().catalogues;
    let rows: Vec<(CatalogueId, CatalogueRow)> = match past {
        Some(day) => all.as_of(day).map(|(id, row)| (id.clone(), row)).collect(),
        None => all.all().map(|(id, row)| (id.clone(), row.clone())).collect(),
    };
    let rows = rows.into_iter().filter(|(id, row)| asked.finds(&[id.as_str(), &row.title, &row.version])).collect();
    let slice = asked.slice(
        rows,
        &[
            ("from", &|one: &(CatalogueId, CatalogueRow), other| other.1.effective_from.cmp(&one.1.effective_from)),
            ("title", &|one, other| one.1.title.cmp(&other.1.title)),
            ("id", &|one, other| one.0.cmp(&other.0)),
        ],
    );
    let columns = [
        Column::sorted("title", "名称"),
        Column::plain("版"),
        Column::sorted("id", "識別子"),
        Column::plain(if past.is_some() { "その日の状態" } else { "状態" }),
        Column::sorted("from", "施行日"),
        Column::plain("末日"),
        Column::plain("統制目標"),
        Column::plain("詳細管理策"),
        Column::plain("基本言明要件"),
        Column::plain("提供者特有"),
        Column::plain("種類"),
    ];
    let about = (
        "管理基準の版",
        "管理基準はまだありません。「管理基準を取り込む」から、手元の XLSX か CSV を取り込んでください。",
    );
    let kept = past.map(|day| format!("?as_of={day}")).unwrap_or_default();
    let table = Table::new("/ismap/criteria", about, &columns, &asked, slice, |(id, row)| {
        vec![
            Cell::link(format!("/ismap/criteria/{id}{kept}"), row.title.clone()),
            Cell::text(row.version.clone()),
            Cell::text(id.as_str()),
            wording::state(row.effective_from, row.effective_to, on),
            Cell::text(day(row.effective_from)),
            Cell::text(wording::last(row.effective_to)),
            Cell::text(row.counts.objectives.to_string()),
            Cell::text(row.counts.details.to_string()),
            Cell::text(row.counts.basic.to_string()),
            Cell::text(row.counts.provider.to_string()),
            if row.fictional {
                Cell::tag(Tone::Look, "架空（実演・試験用）")
            } else {
                Cell::text("取り込んだ基準")
            },
        ]
    })
    .keeping("as_of", as_of.given());
    if let Some(file) = table.file("criteria-versions")? {
        return Ok(file);
    }
    let shown = VersionsPage {
        frame: frame(&app, &signed, "/ismap/criteria", "管理基準", &[]).await?.wide(),
        as_of: Field::input("date", "as_of", "過去のある日の終わりに分かっていた内容を見る")
            .optional()
            .value(as_of.given()),
        past: past.map(day),
        keeps: may_keep(&register, signed.person()),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}
