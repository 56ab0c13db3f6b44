//! `/ismap/criteria/{id}/difference/{other}`: what is new, gone or changed from one version to another.

use super::{TRAIL, version_of, wording};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Choice, Field, Frame, page};
use crate::http::page::ismap::frame;
use crate::http::page::list::{Asked, Cell, Column, Table, Tone};
use crate::ismap::adoption::Difference;
use crate::ismap::documents;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "ismap/criteria/difference.html")]
struct DifferencePage {
    frame: Frame,
    from: (String, String),
    to: (String, String),
    counts: [usize; 3],
    kind: Field,
    q: Field,
    table: Table,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    kind: String,
}

/// A line: number, kind, what differs, before, after.
struct Row {
    id: String,
    kind: &'static str,
    what: String,
    before: String,
    after: String,
}

fn rows(difference: Difference) -> Vec<Row> {
    let Difference { new, gone, changed } = difference;
    let mut rows: Vec<Row> = new
        .into_iter()
        .map(|item| Row { id: item.id, kind: "new", what: String::new(), before: String::new(), after: item.text })
        .collect();
    rows.extend(gone.into_iter().map(|item| Row {
        id: item.id,
        kind: "gone",
        what: String::new(),
        before: item.text,
        after: String::new(),
    }));
    rows.extend(changed.into_iter().map(|item| Row {
        id: item.id,
        kind: "changed",
        what: item.what.join("・"),
        before: item.before,
        after: item.after,
    }));
    rows
}

const KINDS: [(&str, &str, Tone); 3] =
    [("new", "新しい", Tone::Good), ("gone", "なくなった", Tone::Bad), ("changed", "変わった", Tone::Look)];

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((id, other)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let (from, earlier) = version_of(&register, &id)?;
    let (to, later) = version_of(&register, &other)?;
    let one = documents::catalogue(&app, &register, &from).await?;
    let two = documents::catalogue(&app, &register, &to).await?;
    let difference = Difference::between(&one, &two);
    let counts = [difference.new.len(), difference.gone.len(), difference.changed.len()];
    let mut rows = rows(difference);
    rows.retain(|row| {
        (which.kind.is_empty() || row.kind == which.kind) && asked.finds(&[&row.id, &row.before, &row.after])
    });
    let number = |row: &Row| row.id.parse::<sekisho_domain::ismap::criterion::CriterionId>().ok();
    let slice = asked.slice(
        rows,
        &[
            ("id", &|one: &Row, other: &Row| number(one).cmp(&number(other))),
            ("kind", &|one: &Row, other: &Row| (one.kind, number(one)).cmp(&(other.kind, number(other)))),
        ],
    );
    let columns = [
        Column::sorted("id", "項目番号"),
        Column::sorted("kind", "違い"),
        Column::plain("変わったところ"),
        Column::plain("前の版の本文"),
        Column::plain("後の版の本文"),
    ];
    let path = format!("/ismap/criteria/{from}/difference/{to}");
    let table =
        Table::new(&*path, ("違い", "二つの版に違いはありません。"), &columns, &asked, slice, |row| {
            let (_, label, tone) = KINDS.iter().find(|(key, ..)| *key == row.kind).copied().unwrap_or_default();
            vec![
                Cell::text(row.id),
                Cell::tag(tone, label),
                Cell::text(row.what),
                Cell::text(row.before),
                Cell::text(row.after),
            ]
        })
        .keeping("kind", &which.kind);
    if let Some(file) = table.file(&format!("difference-{from}-{to}"))? {
        return Ok(file);
    }
    let mut kinds = vec![Choice::new("", "すべて")];
    kinds.extend(KINDS.iter().map(|(key, label, _)| Choice::new(*key, *label)));
    let (name, version) = (wording::name(earlier.now()), format!("/ismap/criteria/{from}"));
    let shown = DifferencePage {
        frame: frame(&app, &signed, &path, "版の違い", &[TRAIL, (&version, &name)]).await?.wide(),
        from: (from.to_string(), name),
        to: (to.to_string(), wording::name(later.now())),
        counts,
        kind: Field::select("kind", "違い", kinds).value(&which.kind),
        q: Field::input("search", "q", "番号・本文").optional().value(&asked.q),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}
