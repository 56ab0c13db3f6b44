//! The whole statement as a table: to read, to print, to save as CSV or XLSX, and to go on with in a spreadsheet.

use super::editor::{Head, framed};
use super::items::{changes, decision};
use super::opened::open;
use super::service::in_words;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, page};
use crate::http::page::ismap::as_of::AsOf;
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words::day;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::ismap::criterion::Criterion;
use sekisho_domain::ismap::statement::{self, Answer, StatementContent};

/// Heading of the column with what the table saw, which an import merges by.
pub(super) const MARK: &str = "印";

const COLUMNS: [Column; 10] = [
    Column::plain("項目番号"),
    Column::plain("区分"),
    Column::plain("基本言明要件"),
    Column::plain("管理基準の本文"),
    Column::plain("採否"),
    Column::plain("個別管理策"),
    Column::plain("理由"),
    Column::plain("前回の監査からの変更"),
    Column::plain("変更の内容"),
    Column::plain(MARK),
];

#[derive(Template)]
#[template(path = "ismap/statement/answers.html")]
struct AnswersPage {
    frame: Frame,
    head: Head,
    past: Option<String>,
    service: Vec<(&'static str, String)>,
    sha256: Option<String>,
    q: Field,
    table: Table,
}

fn cells(criterion: &Criterion, content: &StatementContent, writes: bool) -> Vec<Cell> {
    let nothing = Answer::default();
    let answer = content.answers.get(&criterion.id).unwrap_or(&nothing);
    let mut cells = vec![
        Cell::text(criterion.id.to_string()),
        Cell::text(criterion.id.level().label()),
        Cell::text(if criterion.flag_basic { "○" } else { "" }),
        Cell::text(criterion.text.clone()),
        Cell::text(decision(answer.decision)),
        Cell::text(answer.control.clone()),
        Cell::text(answer.reason.clone()),
        Cell::text(changes(answer.changed.iter())),
        Cell::text(answer.change_note.clone()),
    ];
    if writes {
        cells.push(Cell::text(statement::Seen::of(answer).to_string()));
    }
    cells
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    as_of: AsOf,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let past = as_of.day();
    let opened = open(&app, &register, &signed, &id, past).await?;
    let content = opened.said()?;
    // The mark is of use in a file that comes back, and nowhere else.
    let marks = opened.writes() && asked.exports();
    let wanted = |criterion: &&Criterion| {
        let number = criterion.id.to_string();
        let answer = content.answers.get(&criterion.id);
        let texts = answer.map_or(["", ""], |a| [a.control.as_str(), a.reason.as_str()]);
        asked.q.is_empty() || asked.finds(&[&number, &criterion.text, texts[0], texts[1]])
    };
    let slice = asked.slice(opened.catalogue.criteria.iter().filter(wanted).collect(), &[]);
    let columns = if marks { &COLUMNS[..] } else { COLUMNS.split_last().map_or(&COLUMNS[..], |(_, rest)| rest) };
    let to = format!("/ismap/statements/{}/answers", opened.id);
    let table =
        Table::new(to, ("項目ごとの言明", "項目がありません。"), columns, &asked, slice, |criterion| {
            cells(criterion, content, marks)
        })
        .keeping("as_of", past.map_or("", |_| as_of.given()));
    if let Some(file) = table.file(&format!("statement-{}", opened.id))? {
        return Ok(file);
    }
    let mut service = in_words(&content.service);
    service.retain(|(_, text)| !text.is_empty());
    let shown = AnswersPage {
        frame: framed(&app, &signed, &register, &opened, "一覧・書き出し").await?,
        head: Head::of(&register, &opened),
        past: past.map(day),
        service,
        sha256: opened.statement.content.as_ref().map(|content| content.sha256().to_owned()),
        q: Field::input("search", "q", "番号・本文・回答の言葉").optional().value(&asked.q),
        table,
    };
    Ok(page(StatusCode::OK, &shown))
}
