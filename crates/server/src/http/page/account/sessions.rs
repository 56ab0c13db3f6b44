//! One's own sessions: where one is signed in, and how to end it there.

use super::sign_in::{Asked, go_with};
use crate::account::in_words;
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Frame, go, page};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_store::AccountChange;

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    frame: Frame,
    sessions: Vec<Shown>,
    form_token: String,
}

struct Shown {
    hash: String,
    agent: String,
    since: String,
    seen: String,
    until: String,
    here: bool,
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let now = app.world.now();
    let frame = Frame::new(&app, Some(&signed), "/me/sessions", "サインイン中の端末").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/me", "マイページ")]).done(asked.done.as_deref());
    let rows = app.store.sessions_of(signed.person(), now).await?;
    let live = rows.into_iter().filter(|row| now.duration_since(row.seen_at) < app.config.signin.idle);
    let sessions = live
        .map(|row| Shown {
            here: row.hash == signed.row.hash,
            since: in_words(row.created_at),
            seen: in_words(row.seen_at),
            until: in_words(row.expires_at),
            hash: row.hash,
            agent: row.agent,
        })
        .collect();
    Ok(page(StatusCode::OK, &SessionsPage { frame, sessions, form_token: signed.form_token.clone() }))
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let person = signed.person().clone();
    let hash = fields.get("session");
    if hash == "others" {
        let change = AccountChange::EndOthers { person, but: signed.row.hash.clone() };
        app.journal.keep_account(change).await?;
        return Ok(go("/me/sessions?done=ended-others"));
    }
    // Only one's own: the row names its person. One that has ended already is as ended as it should be.
    app.journal.keep_account(AccountChange::End { person, hash: hash.to_owned() }).await?;
    if hash == signed.row.hash {
        return Ok(go_with("/signin?done=signed-out", None, &app.config.signin));
    }
    Ok(go("/me/sessions?done=ended"))
}
