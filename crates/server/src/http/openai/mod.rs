//! The OpenAI-compatible API. A handler receives the body, hands it to the gate and renders what comes back.

pub(super) mod models;

use super::body::receive;
use super::error;
use super::{App, Identified};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use sekisho_gate::call::{Call, Narrowing, Passed, TellOfFindings};
use sekisho_gate::inbound::Unreadable;
use sekisho_gate::pipeline::name;
use sekisho_gate::trace_parent::TraceParent;
use sekisho_gate::upstream::Endpoint;
use std::convert::Infallible;

pub(super) async fn chat_completions(app: State<App>, caller: Identified, headers: HeaderMap, body: Body) -> Response {
    pass(app, caller, &headers, body, Endpoint::ChatCompletions).await
}

pub(super) async fn responses(app: State<App>, caller: Identified, headers: HeaderMap, body: Body) -> Response {
    pass(app, caller, &headers, body, Endpoint::Responses).await
}

pub(super) async fn embeddings(app: State<App>, caller: Identified, headers: HeaderMap, body: Body) -> Response {
    pass(app, caller, &headers, body, Endpoint::Embeddings).await
}

async fn pass(
    State(app): State<App>,
    Identified(caller): Identified,
    headers: &HeaderMap,
    body: Body,
    endpoint: Endpoint,
) -> Response {
    let narrowing = match narrowing(headers) {
        Ok(narrowing) => narrowing,
        Err(problem) => return error::stopped(app.gate.refuse_unread(&caller, name(endpoint), 0, problem).await),
    };
    let body = match receive(body, &app.config.limits).await {
        Ok(body) => body,
        Err(problem) => return error::stopped(app.gate.refuse_unread(&caller, name(endpoint), 0, problem).await),
    };
    match app.gate.pass(Call { caller, endpoint, body, narrowing, trace: TraceParent::of(headers) }).await {
        Ok(passed) => render(passed),
        Err(stopped) => error::stopped(stopped),
    }
}

pub(crate) fn narrowing(headers: &HeaderMap) -> Result<Narrowing, Unreadable> {
    Ok(Narrowing {
        permit: once(headers, "x-sekisho-permit")?,
        grade: once(headers, "x-sekisho-grade")?,
        purpose: once(headers, "x-sekisho-purpose")?,
        inherits: once(headers, "x-sekisho-inherits")?,
        confirm: once(headers, "x-sekisho-confirm")?,
        reason: once(headers, "x-sekisho-reason")?,
    })
}

/// A header that may stand once only: two different grades would leave open which one counted.
pub(super) fn once(headers: &HeaderMap, name: &'static str) -> Result<Option<String>, Unreadable> {
    let mut all = headers.get_all(name).iter();
    let Some(value) = all.next() else { return Ok(None) };
    let unreadable = |code, ja: String, en: String| Unreadable { code, param: Some(name.to_owned()), ja, en };
    if all.next().is_some() {
        return Err(unreadable(
            "DUPLICATE_HEADER",
            format!("ヘッダー `{name}` が二つ以上あります。一つにしてください。"),
            format!("the header `{name}` may appear once only"),
        ));
    }
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) if text.len() <= 1_000 => Ok(Some(text.trim().to_owned())),
        _ => Err(unreadable(
            "INVALID_HEADER",
            format!("ヘッダー `{name}` を読めません。UTF-8 で 1,000 バイトまでにしてください。"),
            format!("the header `{name}` must be UTF-8 of at most 1,000 bytes"),
        )),
    }
}

fn render(passed: Passed) -> Response {
    match passed {
        Passed::Whole { id, answer, told } => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            let mut response = Response::new(Body::from(answer.body));
            *response.status_mut() = status;
            for (name, value) in answer.headers {
                response.headers_mut().insert(name, value);
            }
            error::add_use(&mut response, &id);
            add_findings(&mut response, &told);
            response
        }
        Passed::Stream { id, status, headers, events, told } => {
            let events = stream::unfold(events, |mut events| async {
                events.recv().await.map(|bytes: Bytes| (Ok::<_, Infallible>(bytes), events))
            });
            let mut response = Response::new(Body::from_stream(events));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            for (name, value) in headers {
                response.headers_mut().insert(name, value);
            }
            let headers = response.headers_mut();
            headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("text/event-stream; charset=utf-8"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
            error::add_use(&mut response, &id);
            add_findings(&mut response, &told);
            response
        }
    }
}

/// What was found and did not stop the request. A stream tells of its answer's findings in a comment at its end.
pub(super) fn add_findings(response: &mut Response, told: &TellOfFindings) {
    let lists = [
        ("x-sekisho-findings", told.in_request()),
        ("x-sekisho-masked", told.masked.join(",")),
        ("x-sekisho-answer-findings", told.in_answer()),
        ("x-sekisho-budget", told.of_budgets()),
    ];
    for (name, list) in lists {
        if let (false, Ok(value)) = (list.is_empty(), HeaderValue::from_str(&list)) {
            response.headers_mut().insert(name, value);
        }
    }
}
