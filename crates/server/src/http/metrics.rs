//! `GET /metrics` on an address of its own. The public router does not know the path.

use super::App;
use super::serve::{LAST_ANSWERS, connections};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Serves the metrics until `stop` resolves.
pub async fn serve_metrics(app: App, listener: TcpListener, stop: impl Future<Output = ()>) {
    let (patience, tasks) = (app.config.limits.patience(), app.tasks.clone());
    let router = Router::new().route("/metrics", get(show)).with_state(app);
    let stop = async {
        stop.await;
        tokio::time::Instant::now() + LAST_ANSWERS
    };
    connections(router, patience, &tasks, listener, stop).await;
}

async fn show(State(app): State<App>) -> Response {
    match app.metrics.text(&app.store, &app.config.witnesses).await {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
