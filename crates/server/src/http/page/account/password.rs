//! Changing one's password. Every other session ends with it.

use super::enrol::{differ, new_password};
use super::sign_in::{from, go_with, locked, locked_text};
use crate::account::{ChangeRefused, SignedIn, change_password};
use crate::http::App;
use crate::http::identity::Peer;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, page};
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

#[derive(Template)]
#[template(path = "account/password.html")]
struct PasswordPage {
    frame: Frame,
    login: String,
    present: Field,
    fields: [Field; 2],
    form_token: String,
}

async fn form(app: &App, signed: &SignedIn, problems: Vec<Problem>) -> Result<PasswordPage, PageError> {
    let frame = Frame::new(app, Some(signed), "/me/password", "パスワードの変更").await?;
    let frame = frame.below(&[("/", "ホーム"), ("/me", "マイページ")]).wrong(problems);
    let present = Field::password("present", "いまのパスワード", "current-password").told(&frame.problems);
    let fields = new_password(&frame.problems);
    let (login, form_token) = (signed.login.clone(), signed.form_token.clone());
    Ok(PasswordPage { frame, login, present, fields, form_token })
}

pub(in crate::http::page) async fn show(State(app): State<App>, Seen(signed): Seen) -> Result<Response, PageError> {
    Ok(page(StatusCode::OK, &form(&app, &signed, Vec::new()).await?))
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let mut problems = Vec::new();
    if fields.get("present").is_empty() {
        problems.push(Problem::at("present", "いまのパスワードを入力してください。"));
    }
    problems.extend(differ(&fields));
    if !problems.is_empty() {
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(&app, &signed, problems).await?));
    }
    let source = from(&app, peer, &headers);
    let (field, text) = match change_password(&app, &signed, fields.get("present"), fields.get("new"), source).await {
        Ok(secret) => return Ok(go_with("/me?done=password", Some(&secret), &app.config.signin)),
        Err(ChangeRefused::Present) => ("present", "いまのパスワードが違います。".to_owned()),
        Err(ChangeRefused::New(text)) => ("new", text.to_owned()),
        Err(ChangeRefused::Locked(until)) => {
            let problems = vec![Problem::at("present", locked_text(until))];
            let told = page(StatusCode::TOO_MANY_REQUESTS, &form(&app, &signed, problems).await?);
            return Ok(locked(told, &app, until));
        }
        Err(ChangeRefused::Failed(error)) => return Err(error.into()),
    };
    let problems = vec![Problem::at(field.to_owned(), text)];
    Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(&app, &signed, problems).await?))
}
