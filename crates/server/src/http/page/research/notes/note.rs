//! A dossier: its items in order, each with citation, quotation and note.

use super::{Dossier, Item, Kept, NOTE, PAPER, TITLE, change, open, within};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use crate::http::page::frame::{Choice, Field, Frame, Problem, go, page};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http::page) struct Asked {
    #[serde(default)]
    done: String,
}

/// An item with its note's field.
struct Shown {
    item: Item,
    note: Field,
    first: bool,
    last: bool,
}

#[derive(Template)]
#[template(path = "research/note.html")]
struct NotePage {
    frame: Frame,
    path: String,
    version: u64,
    items: Vec<Shown>,
    title: Field,
    sure: Field,
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let kept = open(&app, &signed, &id).await?;
    let notice = match asked.done.as_str() {
        "made" => Some("調査メモを作りました。"),
        "added" => Some("調査メモに加えました。"),
        "changed" => Some("保存しました。"),
        _ => None,
    };
    render(&app, &signed, &kept, notice, Vec::new()).await
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let kept = open(&app, &signed, &id).await?;
    if fields.get("act") == "destroy" {
        if fields.chosen("sure").is_empty() {
            let text = "削除するときは「この調査メモを削除する」にチェックを入れてください。";
            return render(&app, &signed, &kept, None, vec![Problem::at("sure", text)]).await;
        }
        app.journal.destroy_paper(PAPER, &kept.row.id, &kept.row.owner).await?;
        return Ok(go("/research/notes?done=destroyed"));
    }
    let changed = match changed(&kept.dossier, &fields) {
        Ok(changed) => changed,
        Err(problem) => return render(&app, &signed, &kept, None, vec![problem]).await,
    };
    if changed == kept.dossier
        || fields.get("version") == kept.row.version.to_string() && change(&app, &kept, &changed).await?
    {
        return Ok(go(&format!("/research/notes/{id}?done=changed")));
    }
    let text = "この画面を開いた後に、別の画面で調査メモが変わりました。下はいまの内容です。確かめて、もう一度お試しください。";
    render(&app, &signed, &open(&app, &signed, &id).await?, None, vec![Problem::at("", text)]).await
}

/// The dossier after what the form asks for.
fn changed(dossier: &Dossier, fields: &Fields) -> Result<Dossier, Problem> {
    let mut dossier = dossier.clone();
    if fields.get("act") == "rename" {
        dossier.title = within(fields.line("title"), TITLE);
        let problem = || Problem::at("title", "調査メモの名前を入力してください。");
        return if dossier.title.is_empty() { Err(problem()) } else { Ok(dossier) };
    }
    let Some(at) = dossier.items.iter().position(|item| item.id == fields.get("item")) else {
        return Err(Problem::at("", "選んだ項目は、もうこの調査メモにありません。"));
    };
    match fields.get("act") {
        "up" if at > 0 => dossier.items.swap(at, at - 1),
        "down" if at + 1 < dossier.items.len() => dossier.items.swap(at, at + 1),
        "remove" => drop(dossier.items.remove(at)),
        "note" => {
            let note = within(&fields.text(&format!("note-{}", fields.get("item"))), NOTE);
            dossier.items.get_mut(at).into_iter().for_each(|item| item.note.clone_from(&note));
        }
        _ => {}
    }
    Ok(dossier)
}

async fn render(
    app: &App,
    signed: &SignedIn,
    kept: &Kept,
    notice: Option<&'static str>,
    problems: Vec<Problem>,
) -> Result<Response, PageError> {
    let count = kept.dossier.items.len();
    let items = kept.dossier.items.iter().enumerate().map(|(at, item)| Shown {
        note: Field::area(format!("note-{}", item.id), "メモ", 2).optional().value(&item.note),
        item: item.clone(),
        first: at == 0,
        last: at + 1 == count,
    });
    let status = Problem::status(&problems);
    let frame = Frame::new(app, Some(signed), "/research/notes", kept.dossier.title.clone()).await?;
    let trail = [("/", "ホーム"), ("/research/law", "法令・国会"), ("/research/notes", "調査メモ")];
    let shown = NotePage {
        path: format!("/research/notes/{}", kept.row.id),
        version: kept.row.version,
        items: items.collect(),
        title: Field::text("title", "調査メモの名前", "off").value(&kept.dossier.title).told(&problems),
        sure: Field::checks("sure", "削除の確認", vec![Choice::new("yes", "この調査メモを削除する")]).told(&problems),
        frame: frame.below(&trail).notice(notice).wrong(problems),
    };
    Ok(page(status, &shown))
}
