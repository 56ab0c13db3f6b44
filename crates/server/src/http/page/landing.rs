//! The landing page and the answers to a load balancer.

use super::door::visitor;
use super::error::PageError;
use super::frame::{Frame, page};
use super::home;
use crate::account::Standing;
use crate::http::App;
use crate::metrics::is_ready;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing {
    frame: Frame,
    services: usize,
    permits: usize,
    rules: Vec<String>,
    size: u64,
    checkpoint: String,
    vkey: String,
}

pub(in crate::http) async fn landing(State(app): State<App>, headers: HeaderMap) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let visitor = visitor(&app, &headers).await;
    if let Some(signed) = visitor.as_ref().filter(|signed| signed.standing == Standing::Full) {
        return home::show(&app, signed).await;
    }
    let (size, checkpoint) = app.store.checkpoint().await?.unwrap_or_default();
    let landing = Landing {
        frame: Frame::new(&app, visitor.as_ref(), "/", "生成AIの利用は、すべてこの関所を通ります").await?,
        services: register.services().filter(|s| !s.withdrawn).count(),
        permits: register.permits().count(),
        rules: register.rule_sets().map(|set| format!("{}（{}）", set.title, set.edition)).collect(),
        size,
        checkpoint,
        vkey: app.store.vkey().to_owned(),
    };
    Ok(page(StatusCode::OK, &landing))
}

/// One file for the browser; each area of pages has its own here.
const STYLE: &str = concat!(
    include_str!("../../../templates/style.css"),
    include_str!("../../../templates/chat/style.css"),
    include_str!("../../../templates/apps/style.css"),
    include_str!("../../../templates/desk/style.css"),
    include_str!("../../../templates/ds920/style.css"),
    include_str!("../../../templates/ismap/style.css"),
    include_str!("../../../templates/ismap/criteria/style.css"),
    include_str!("../../../templates/ismap/statement/style.css"),
    include_str!("../../../templates/ismap/audit/style.css"),
    include_str!("../../../templates/ismap/operator/style.css"),
    include_str!("../../../templates/ismap/list/style.css"),
    include_str!("../../../templates/oversight/style.css"),
    include_str!("../../../templates/research/style.css"),
    include_str!("../../../templates/setup/style.css"),
);

pub(in crate::http) async fn style() -> Response {
    unchanging("text/css; charset=utf-8", STYLE)
}

pub(in crate::http) async fn icon() -> Response {
    unchanging("image/svg+xml", include_str!("../../../templates/icon.svg"))
}

fn unchanging(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, text).into_response()
}

pub(in crate::http) async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready means: the register is fresh enough to decide on, and the program was not asked to stop.
pub(in crate::http) async fn readyz(State(app): State<App>) -> Response {
    match is_ready(&app.journal, &app.leaving) {
        Ok(()) => (StatusCode::OK, "ready\n").into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}
