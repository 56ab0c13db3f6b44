//! One's own conversations, searched by what was said in them.

use super::keeping::{self, Kept};
use crate::account::in_words;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::{Field, Frame, page};
use crate::http::page::list::{Asked, Cell, Column, Table};
use crate::http::page::words;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "chat/history.html")]
struct HistoryPage {
    frame: Frame,
    search: Field,
    table: Table,
}

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let mut all = keeping::all(&app, signed.person()).await?;
    all.retain(|kept| {
        let known = &kept.conversation;
        let texts: Vec<&str> =
            [known.title.as_str(), known.purpose.as_str()].into_iter().chain(known.texts()).collect();
        asked.finds(&texts)
    });
    let slice = asked.slice(
        all,
        &[
            ("changed", &|one: &Kept, other: &Kept| other.changed_at.cmp(&one.changed_at)),
            ("title", &|one: &Kept, other: &Kept| one.conversation.title.cmp(&other.conversation.title)),
            ("purpose", &|one: &Kept, other: &Kept| one.conversation.purpose.cmp(&other.conversation.purpose)),
        ],
    );
    let columns = [
        Column::sorted("title", "題名"),
        Column::sorted("purpose", "業務"),
        Column::plain("申告した格付"),
        Column::plain("メッセージ"),
        Column::sorted("changed", "最後の更新"),
    ];
    let empty = "会話はまだありません。「新しい会話」から送ると、ここに残ります。自分にだけ見えます。";
    let table = Table::new("/chat/history", ("これまでの会話", empty), &columns, &asked, slice, |kept| {
        let known = &kept.conversation;
        vec![
            Cell::link(format!("/chat/{}", kept.id), known.title.clone()),
            Cell::text(known.purpose.clone()),
            Cell::text(words::grade(&register, known.grade)),
            Cell::text(format!("{} 件", known.messages.len())),
            Cell::text(in_words(kept.changed_at)),
        ]
    });
    if let Some(file) = table.file("conversations")? {
        return Ok(file);
    }
    let frame = Frame::new(&app, Some(&signed), "/chat/history", "これまでの会話").await?;
    let notice = (asked.done.as_deref() == Some("deleted")).then_some("会話を削除しました。");
    let frame = frame.below(&[("/", "ホーム"), ("/chat", "チャット")]).notice(notice);
    let search = Field::input("q", "題名と本文から探す", "search").value(&asked.q);
    Ok(page(StatusCode::OK, &HistoryPage { frame, search, table }))
}
