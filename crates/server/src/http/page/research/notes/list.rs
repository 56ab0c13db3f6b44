//! One's dossiers.

use super::{Dossier, MOST, PAPER, TITLE, all, new_row, within};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::act::{self, keep, named_once};
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use sekisho_domain::day::in_japan;

#[derive(Template)]
#[template(path = "research/notes.html")]
struct NotesPage {
    frame: Frame,
    table: Table,
    title: Field,
    once: String,
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    render(&app, &signed, &asked, "", act::once(&app), Vec::new()).await
}

pub(in crate::http::page) async fn make(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let title = within(fields.line("title"), TITLE);
    let mut problems = Vec::new();
    if title.is_empty() {
        problems.push(Problem::at("title", "調査メモの名前を入力してください。"));
    }
    if all(&app, &signed).await?.len() as u64 >= MOST {
        problems.push(Problem::at("", format!("調査メモは {MOST} 件までです。使わないものを削除してください。")));
    }
    if !problems.is_empty() {
        let once = fields.get(act::ONCE).to_owned();
        return render(&app, &signed, &Asked::default(), &title, once, problems).await;
    }
    let id = format!("d-{}", named_once(&app, &signed, &fields));
    keep(&app, new_row(&app, &signed, PAPER, id.clone()), &Dossier { title, items: Vec::new() }).await?;
    Ok(go(&format!("/research/notes/{id}?done=made")))
}

async fn render(
    app: &App,
    signed: &SignedIn,
    asked: &Asked,
    title: &str,
    once: String,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let mut kept = all(app, signed).await?;
    kept.retain(|kept| asked.finds(&[&kept.dossier.title]));
    let slice = asked.slice(kept, &[("", &|one, other| other.row.changed_at.cmp(&one.row.changed_at))]);
    let columns = [Column::plain("名前"), Column::plain("件数"), Column::plain("最後の変更")];
    let caption =
        ("調査メモ", "まだありません。下で作るか、検索の結果や条文の「調査メモに加える」から始めてください。");
    let table = Table::new("/research/notes", caption, &columns, asked, slice, |kept| {
        vec![
            Cell::link(format!("/research/notes/{}", kept.row.id), kept.dossier.title),
            Cell::text(format!("{} 件", kept.dossier.items.len())),
            Cell::text(words::day(in_japan(kept.row.changed_at))),
        ]
    });
    if let Some(file) = table.file("notes")? {
        return Ok(file);
    }
    let notice = (asked.done.as_deref() == Some("destroyed")).then_some("調査メモを削除しました。");
    let status = Problem::status(&problems);
    let title = Field::text("title", "新しい調査メモの名前", "off").value(title).told(&problems);
    let frame = Frame::new(app, Some(signed), "/research/notes", "調査メモ").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/research/law", "法令・国会")]).notice(notice).wrong(problems);
    Ok(page(status, &NotesPage { frame, table, title, once }))
}
