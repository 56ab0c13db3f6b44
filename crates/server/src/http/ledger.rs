//! The ledger over HTTP, as C2SP `tlog-tiles` has it.

use super::error::ApiError;
use super::{App, Identified};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sekisho_domain::person::Role;
use sekisho_ledger::tile::{EntryBundleId, TileId};
use sekisho_store::ReadError;

/// Who may read entries: they name pseudonyms, purposes and times.
const READERS: [Role; 3] = [Role::Auditor, Role::Ciso, Role::Administrator];

pub(super) fn read_error(error: ReadError) -> ApiError {
    match error {
        ReadError::Missing(what) => ApiError::missing(&what),
        other => ApiError::inside(&other),
    }
}

fn text(body: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], body).into_response()
}

/// A full tile never changes.
fn binary(body: Vec<u8>, full: bool) -> Response {
    let cache = if full { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (headers, body).into_response()
}

pub(super) async fn checkpoint(State(app): State<App>) -> Result<Response, ApiError> {
    match app.store.checkpoint().await.map_err(read_error)? {
        Some((_, note)) => Ok(text(note)),
        None => Err(ApiError::missing("checkpoint")),
    }
}

pub(super) async fn vkey(State(app): State<App>) -> Response {
    text(format!("{}\n", app.store.vkey()))
}

pub(super) async fn tile(State(app): State<App>, Path(path): Path<String>) -> Result<Response, ApiError> {
    let path = format!("tile/{path}");
    let id = TileId::parse(&path).map_err(|_| ApiError::missing(&path))?;
    Ok(binary(app.store.tile(id).await.map_err(read_error)?, id.is_full()))
}

pub(super) async fn entries(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(path): Path<String>,
) -> Result<Response, ApiError> {
    may_read(&app, &caller.person)?;
    let path = format!("tile/entries/{path}");
    let id = EntryBundleId::parse(&path).map_err(|_| ApiError::missing(&path))?;
    Ok(binary(app.store.entries(id).await.map_err(read_error)?, id.is_full()))
}

pub(super) async fn proof(
    State(app): State<App>,
    Identified(_): Identified,
    Path(index): Path<u64>,
) -> Result<Response, ApiError> {
    Ok(text(app.store.prove(index).await.map_err(read_error)?.to_text()))
}

/// Lets readers of the ledger pass.
pub(super) fn may_read(app: &App, person: &sekisho_domain::id::PersonId) -> Result<(), ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    if register.holds_any(person, &READERS) {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "台帳の記録は監査人・統括情報セキュリティ責任者・システム管理者だけが読めます。",
        "entries are read by auditors, the CISO and administrators only",
    ))
}
