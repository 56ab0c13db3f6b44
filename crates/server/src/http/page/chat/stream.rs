//! Sending with the page's script: the answer as it comes. What the gate stops is answered with the same page as without.

use super::keeping::{self, Kept};
use super::refused::Halted;
use super::show::{self, View};
use super::turn::{self, Draft, Told};
use crate::account::SignedIn;
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::form::{Fields, Submitted};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream;
use serde_json::{Value, json};
use std::convert::Infallible;
use tokio::sync::mpsc;

pub(super) async fn begin(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    send(app, signed, None, fields).await
}

pub(super) async fn go_on(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let kept = keeping::open(&app, signed.person(), &id).await?;
    send(app, signed, Some(kept), fields).await
}

async fn send(app: App, signed: SignedIn, known: Option<Kept>, fields: Fields) -> Result<Response, PageError> {
    let draft = Draft::of(&app, &signed, &fields);
    let turn = match turn::prepare(&app, &signed, known.as_ref(), &draft, true).await? {
        Ok(turn) => turn,
        Err(problems) => {
            let view = View { problems, draft, status: StatusCode::UNPROCESSABLE_ENTITY, ..View::of(known.as_ref()) };
            return show::page_of(&app, &signed, view).await;
        }
    };
    let to = format!("/chat/{}", turn.id);
    if !turn.reserve(&app).await? {
        let known = event("done", &json!({ "to": to }));
        return Ok(events(Body::from(known)));
    }
    let (tell, mut told) = mpsc::unbounded_channel();
    let _task = app.tasks.spawn(turn::run(app.clone(), turn.clone(), tell));
    match told.recv().await {
        Some(Told::Stopped(stopped)) => {
            let halted = Halted::of(&app, &turn, &draft, *stopped).await?;
            show::halted(&app, &signed, known.as_ref(), draft, halted).await
        }
        Some(Told::Failed(error)) => Err(error),
        None => Err(PageError::Inside),
        Some(first) => Ok(events(told_on(first, told, to))),
    }
}

/// The rest of a turn as events, the last of them after its record.
fn told_on(first: Told, told: mpsc::UnboundedReceiver<Told>, to: String) -> Body {
    let state = (Some(first), told, to);
    Body::from_stream(stream::unfold(state, |(first, mut told, to)| async move {
        let next = match first {
            Some(first) => first,
            None => told.recv().await?,
        };
        let bytes = match next {
            Told::Begun(place) => event("begun", &json!({ "conversation": to, "to": format!("{to}?at={place}") })),
            Told::Text(text) => event("text", &json!({ "text": text })),
            Told::Done(place) => event("done", &json!({ "to": format!("{to}?at={place}") })),
            Told::Stopped(_) | Told::Failed(_) => event("failed", &json!({ "to": to })),
        };
        Some((Ok::<_, Infallible>(bytes), (None, told, to)))
    }))
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

fn events(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}
