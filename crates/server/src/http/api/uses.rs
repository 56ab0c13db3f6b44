//! Records of use: the row, its entries, their proofs; sealed content after two persons agreed.

use crate::http::error::ApiError;
use crate::http::ledger::{may_read, read_error};
use crate::http::{App, Identified};
use axum::Json;
use axum::extract::{Path, Query, State};
use sekisho_domain::id::UseId;
use sekisho_gate::record::{ANSWER, REQUEST, binding};
use sekisho_store::{ReadError, UseRow};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Paging: newest first, before an index.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Page {
    before: Option<u64>,
    limit: Option<u64>,
}

pub(in crate::http) async fn list(
    State(app): State<App>,
    Identified(caller): Identified,
    Query(page): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    may_read(&app, &caller.person)?;
    let rows =
        app.store.uses_before(page.before.unwrap_or(u64::MAX), page.limit.unwrap_or(100)).await.map_err(read_error)?;
    let next = rows.last().map(|row| row.opened);
    Ok(Json(json!({ "uses": rows.iter().map(shown).collect::<Vec<_>>(), "next_before": next })))
}

pub(in crate::http) async fn show(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let row = row(&app, &id).await?;
    if row.person != caller.person {
        may_read(&app, &caller.person)?;
    }
    let mut entries = Vec::new();
    let mut indexes = vec![row.opened];
    indexes.extend((row.closed > 0).then_some(row.closed));
    for index in indexes {
        let bytes = app.store.entry(index).await.map_err(read_error)?;
        let entry = String::from_utf8(bytes).map_err(|e| ApiError::inside(&e))?;
        let entry = RawValue::from_string(entry).map_err(|e| ApiError::inside(&e))?;
        // The newest signed checkpoint may not reach here yet; a second later it does.
        let proof = match app.store.prove(index).await {
            Ok(proof) => Some(proof.to_text()),
            Err(ReadError::Missing(_)) => None,
            Err(error) => return Err(read_error(error)),
        };
        entries.push(json!({ "index": index, "entry": entry, "proof": proof }));
    }
    Ok(Json(json!({ "use": shown(&row), "entries": entries })))
}

/// Opens sealed content: one person asked, another agreed, and the one who asked reads. Both acts are entries.
pub(in crate::http) async fn content(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let row = row(&app, &id).await?;
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let agreed = register
        .content_access(&row.id)
        .is_some_and(|access| access.granted_by.is_some() && access.requested_by == caller.person);
    if !agreed {
        return Err(ApiError::forbidden(
            "内容を読むには、請求（content.request）と別の人の同意（content.grant）が必要です。読めるのは請求した人だけです。",
            "content opens after `content.request` and another person's `content.grant`, for the one who asked",
        ));
    }
    let mut parts = Vec::new();
    for (index, part) in [(row.opened, REQUEST), (row.closed, ANSWER)] {
        if part == ANSWER && index == 0 {
            continue;
        }
        match app.store.open_sealed(index, &binding(&row.id, part)).await {
            Ok(opening) => parts.push(json!({
                "part": part, "entry": index, "salt": sekisho_gate::identify::hex(&opening.salt),
                "text": String::from_utf8_lossy(&opening.bytes),
            })),
            Err(ReadError::Missing(_)) => parts.push(json!({ "part": part, "entry": index, "kept": false })),
            Err(error) => return Err(read_error(error)),
        }
    }
    Ok(Json(json!({ "use": row.id, "content": parts })))
}

async fn row(app: &App, id: &str) -> Result<UseRow, ApiError> {
    let id = UseId::new(id).map_err(|_| ApiError::missing("利用記録"))?;
    app.store.use_row(&id).await.map_err(read_error)
}

fn shown(row: &UseRow) -> Value {
    json!({
        "use": row.id, "opened": row.opened, "at": row.at, "person": row.person, "department": row.department,
        "permit": row.permit, "service": row.service, "model": row.model, "endpoint": row.endpoint, "grade": row.grade,
        "node": row.node, "outcome": row.outcome.as_str(), "code": row.code,
        "closed": (row.closed > 0).then_some(row.closed), "closed_at": row.closed_at,
        "input_tokens": row.input_tokens, "output_tokens": row.output_tokens,
    })
}
