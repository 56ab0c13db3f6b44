//! Signing in with name and password, and signing out.

use crate::account::{Attempt, NotSignedIn, Secret, Standing, agent, in_words, sign_in};
use crate::config::SignIn;
use crate::http::App;
use crate::http::identity::{Peer, set_cookie, source};
use crate::http::page::door::visitor;
use crate::http::page::error::PageError;
use crate::http::page::form::{Entered, Submitted};
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::next;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use sekisho_store::AccountChange;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};

#[derive(Template)]
#[template(path = "account/sign_in.html")]
struct SignInPage {
    frame: Frame,
    fields: [Field; 2],
    next: String,
}

/// What may stand behind the `?`.
#[derive(Debug, Default, Deserialize)]
pub(in crate::http::page) struct Asked {
    #[serde(default)]
    pub(in crate::http::page) next: Option<String>,
    #[serde(default)]
    pub(in crate::http::page) done: Option<String>,
}

fn form(frame: Frame, login: &str, next: Option<&str>) -> SignInPage {
    let fields = [
        Field::text("login", "サインイン名", "username").value(login).told(&frame.problems),
        Field::password("password", "パスワード", "current-password").told(&frame.problems),
    ];
    SignInPage { fields, frame, next: next::safe(next).unwrap_or("").to_owned() }
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if let Some(signed) = visitor(&app, &headers).await {
        return Ok(go(&onward(signed.standing, asked.next.as_deref())));
    }
    let frame = Frame::new(&app, None, "/signin", "サインイン").await?.done(asked.done.as_deref());
    Ok(page(StatusCode::OK, &form(frame, "", asked.next.as_deref())))
}

/// The page that comes next.
pub(in crate::http::page) fn onward(standing: Standing, next: Option<&str>) -> String {
    match standing {
        Standing::Full => next::safe(next).unwrap_or("/me").to_owned(),
        Standing::Code => next::remembering("/signin/code", next),
        Standing::Enrol => next::remembering("/me/second-factor", next),
    }
}

/// Sends the browser on with a session, or without one.
pub(in crate::http::page) fn go_with(to: &str, secret: Option<&Secret>, settings: &SignIn) -> Response {
    let mut response = go(to);
    give(&mut response, secret, settings);
    response
}

/// Gives a browser its session with an answer.
pub(in crate::http::page) fn give(response: &mut Response, secret: Option<&Secret>, settings: &SignIn) {
    if let Some(cookie) = set_cookie(secret, settings) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Where a request comes from.
pub(in crate::http::page) fn from(app: &App, peer: Option<Extension<Peer>>, headers: &HeaderMap) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(Peer(address))| address);
    source(peer, headers, &app.config.signin)
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Entered(fields): Entered,
) -> Result<Response, PageError> {
    let (login, password) = (fields.get("login"), fields.get("password"));
    let next = Some(fields.get("next"));
    let mut problems = Vec::new();
    for (field, text, value) in [
        ("login", "サインイン名を入力してください。", login.trim()),
        ("password", "パスワードを入力してください。", password),
    ] {
        if value.is_empty() {
            problems.push(Problem::at(field.to_owned(), text.to_owned()));
        }
    }
    let frame = Frame::new(&app, None, "/signin", "サインイン").await?;
    if !problems.is_empty() {
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(frame.wrong(problems), login, next)));
    }
    let agent = agent(headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or(""));
    let attempt = Attempt { login, password, source: from(&app, peer, &headers), agent };
    match sign_in(&app, attempt).await {
        Ok((secret, standing)) => Ok(go_with(&onward(standing, next), Some(&secret), &app.config.signin)),
        Err(NotSignedIn::Wrong) => {
            let text =
                "サインイン名かパスワードが違います。続けて間違えると、しばらく受け付けなくなります。".to_owned();
            let problems = vec![Problem::at("login", text)];
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(frame.wrong(problems), login, next)))
        }
        Err(NotSignedIn::Locked(until)) => {
            let problems = vec![Problem::at("login", locked_text(until))];
            Ok(locked(page(StatusCode::TOO_MANY_REQUESTS, &form(frame.wrong(problems), login, next)), &app, until))
        }
        Err(error) => Err(error.into()),
    }
}

/// Until when the door is locked.
pub(in crate::http::page) fn locked_text(until: Timestamp) -> String {
    // Told to the minute, rounded up, so that it is true.
    let told = until.checked_add(jiff::SignedDuration::from_secs(59)).unwrap_or(until);
    format!(
        "サインインの失敗が続いたため、{} まで受け付けません。それまでは正しいパスワードでもサインインできません。心当たりがない場合は管理者に連絡してください。",
        in_words(told)
    )
}

/// Says so to programs too.
pub(in crate::http::page) fn locked(mut response: Response, app: &App, until: Timestamp) -> Response {
    let seconds = until.duration_since(app.world.now()).as_secs().max(1);
    if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

pub(in crate::http::page) async fn leave(
    State(app): State<App>,
    Submitted { signed, .. }: Submitted,
) -> Result<Response, PageError> {
    let change = AccountChange::End { person: signed.person().clone(), hash: signed.row.hash.clone() };
    app.journal.keep_account(change).await?;
    Ok(go_with("/signin?done=signed-out", None, &app.config.signin))
}
