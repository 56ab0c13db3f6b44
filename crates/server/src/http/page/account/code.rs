//! The second factor: a code of the phone, or a recovery code.

use super::sign_in::{Asked, from, go_with, locked, locked_text, onward};
use crate::account::{NotSignedIn, SignedIn, Standing, show_code};
use crate::http::App;
use crate::http::identity::Peer;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::next;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

#[derive(Template)]
#[template(path = "account/code.html")]
struct CodePage {
    frame: Frame,
    field: Field,
    next: String,
    form_token: String,
}

async fn form(app: &App, signed: &SignedIn, problems: Vec<Problem>, next: Option<&str>) -> Result<CodePage, PageError> {
    let frame = Frame::new(app, Some(signed), "/signin/code", "確認コード").await?.wrong(problems);
    let field = Field::text("code", "確認コード", "one-time-code")
        .help("認証アプリに表示されている 6 桁の数字です。端末を失くしたときは、回復コード（16 文字）を入力してください。")
        .told(&frame.problems);
    let next = next::safe(next).unwrap_or("").to_owned();
    Ok(CodePage { frame, field, next, form_token: signed.form_token.clone() })
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if signed.standing != Standing::Code {
        return Ok(go(&onward(signed.standing, asked.next.as_deref())));
    }
    Ok(page(StatusCode::OK, &form(&app, &signed, Vec::new(), asked.next.as_deref()).await?))
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let (code, next) = (fields.get("code"), Some(fields.get("next")));
    if signed.standing != Standing::Code {
        return Ok(go(&onward(signed.standing, next)));
    }
    let wrong = |text: String| vec![Problem::at("code", text)];
    if code.trim().is_empty() {
        let problems = wrong("確認コードを入力してください。".to_owned());
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(&app, &signed, problems, next).await?));
    }
    match show_code(&app, &signed, code, from(&app, peer, &headers)).await {
        Ok(secret) => Ok(go_with(&onward(Standing::Full, next), Some(&secret), &app.config.signin)),
        Err(NotSignedIn::Wrong) => {
            let text = "確認コードが違うか、使用済みです。次のコードに変わるのを待って入力してください。";
            let problems = wrong(text.to_owned());
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(&app, &signed, problems, next).await?))
        }
        Err(NotSignedIn::Locked(until)) => {
            let told = form(&app, &signed, wrong(locked_text(until)), next).await?;
            Ok(locked(page(StatusCode::TOO_MANY_REQUESTS, &told), &app, until))
        }
        Err(error) => Err(error.into()),
    }
}
