//! Renaming and deleting a conversation.

use super::conversation::Said;
use super::keeping;
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

/// Longest title.
const MOST_CHARS: usize = 100;

#[derive(Template)]
#[template(path = "chat/rename.html")]
struct RenamePage {
    frame: Frame,
    id: String,
    title: Field,
}

#[derive(Template)]
#[template(path = "chat/delete.html")]
struct DeletePage {
    frame: Frame,
    id: String,
    title: String,
    messages: usize,
}

async fn frame(app: &App, signed: &SignedIn, id: &str, below: &str, what: &'static str) -> Result<Frame, PageError> {
    let path = format!("/chat/{id}");
    let frame = Frame::new(app, Some(signed), &path, what).await?;
    Ok(frame.below(&[("/", "ホーム"), ("/chat", "チャット"), (&path, below)]))
}

pub(super) async fn rename(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let kept = keeping::open(&app, signed.person(), &id).await?;
    let title = kept.conversation.title;
    let frame = frame(&app, &signed, &id, &title, "題名を変更する").await?;
    let title = Field::text("title", "題名", "off").value(&title);
    Ok(page(StatusCode::OK, &RenamePage { frame, id, title }))
}

pub(super) async fn renamed(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let kept = keeping::open(&app, signed.person(), &id).await?;
    let title = fields.line("title");
    let wrong = match title.chars().count() {
        0 => Some("題名を入力してください。".to_owned()),
        1..=MOST_CHARS => None,
        _ => Some(format!("題名は {MOST_CHARS} 文字までにしてください。")),
    };
    // A title is kept as a message is: without what must not be kept.
    let clean = app.gate.for_keeping(title);
    let wrong = wrong.or_else(|| {
        (clean.as_deref() != Some(title))
            .then(|| "題名に、保存できない情報（個人番号、認証情報など）があります。消してください。".to_owned())
    });
    if let Some(text) = wrong {
        let problems = vec![Problem::at("title", text)];
        let frame = frame(&app, &signed, &id, &kept.conversation.title, "題名を変更する").await?;
        let title = Field::text("title", "題名", "off").value(title).told(&problems);
        let renaming = RenamePage { frame: frame.wrong(problems), id, title };
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &renaming));
    }
    keeping::change(&app, signed.person(), &id, |known| known.title = title.to_owned()).await?;
    Ok(go(&format!("/chat/{id}?done=renamed")))
}

pub(super) async fn delete(
    State(app): State<App>,
    Seen(signed): Seen,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let kept = keeping::open(&app, signed.person(), &id).await?;
    let (title, messages) = (kept.conversation.title, kept.conversation.messages.len());
    let frame = frame(&app, &signed, &id, &title, "会話を削除する").await?;
    Ok(page(StatusCode::OK, &DeletePage { frame, id, title, messages }))
}

pub(super) async fn deleted(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, .. }: Submitted,
) -> Result<Response, PageError> {
    let kept = keeping::open(&app, signed.person(), &id).await?;
    for message in &kept.conversation.messages {
        if let Said::Person(question) = &message.said {
            for file in &question.files {
                app.journal.destroy_file(&file.id, signed.person()).await?;
            }
        }
    }
    keeping::destroy(&app, signed.person(), &id).await?;
    Ok(go("/chat/history?done=deleted"))
}
