//! The landing page and the answers to a load balancer.

use super::App;
use super::error::ApiError;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// No script, no frame, nothing from elsewhere.
const CSP: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing {
    organization: String,
    services: usize,
    permits: usize,
    rules: Vec<String>,
    size: u64,
    checkpoint: String,
    vkey: String,
}

pub(super) async fn landing(State(app): State<App>) -> Result<Response, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let (size, checkpoint) = match app.store.checkpoint().await {
        Ok(Some(signed)) => signed,
        Ok(None) => (0, String::new()),
        Err(error) => return Err(ApiError::inside(&error)),
    };
    let page = Landing {
        organization: register.organization().map_or_else(|| "（機関は未登録）".to_owned(), |o| o.name.clone()),
        services: register.services().filter(|s| !s.withdrawn).count(),
        permits: register.permits().count(),
        rules: register.rule_sets().map(|set| format!("{}（{}）", set.title, set.edition)).collect(),
        size,
        checkpoint,
        vkey: app.store.vkey().to_owned(),
    };
    let html = page.render().map_err(|e| ApiError::inside(&e))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer")),
    ];
    Ok((headers, html).into_response())
}

pub(super) async fn style() -> Response {
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))],
        include_str!("../../templates/style.css"),
    )
        .into_response()
}

pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready means: the register is fresh enough to decide on.
pub(super) async fn readyz(State(app): State<App>) -> Response {
    match app.journal.register() {
        Ok(register) if register.organization().is_some() => (StatusCode::OK, "ready\n").into_response(),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "the body is not established\n").into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}
