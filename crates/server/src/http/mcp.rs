//! `/mcp`: MCP over streamable HTTP, without sessions: each request stands for itself and is identified by its key.

use super::App;
use super::body::receive;
use super::error::ApiError;
use crate::mcp::{ByHttp, Library};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use std::sync::Arc;

/// The service behind `/mcp`.
///
/// Which host a request names does not matter: nobody gets in without a key in a header, which no browser sends for a
/// foreign page. A request of a page (`Origin`) is refused altogether.
pub(super) fn service(app: App) -> StreamableHttpService<Library<ByHttp>, NeverSessionManager> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(app.config.limits.body_bytes)
        .disable_allowed_hosts()
        .enforce_origin_validation();
    let behind = ByHttp(app);
    StreamableHttpService::new(
        move || Ok(Library::new(behind.clone())),
        Arc::new(NeverSessionManager::default()),
        config,
    )
}

/// Receives a body under the program's own limits: the service behind knows none of time.
pub(super) async fn received(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match receive(body, &app.config.limits).await {
        Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(problem) => ApiError::unreadable(None, problem).into_response(),
    }
}
