//! Files: uploaded once, examined before anything is done with them, and named in later requests by their identifier.
//!
//! The paths answer in the shape of OpenAI's files API with what was found beside it, so its clients upload as they are.

use crate::http::body::receive;
use crate::http::error::{self, ApiError};
use crate::http::ledger::read_error;
use crate::http::{App, Identified};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use sekisho_domain::grade::GradeScale;
use sekisho_domain::register::Register;
use sekisho_gate::identify::Caller;
use sekisho_gate::inbound::Unreadable;
use sekisho_gate::upload::{ENDPOINT, StoredFile, Uploaded};
use sekisho_store::FileRow;
use serde_json::{Value, json};
use std::convert::Infallible;

/// Most files that are listed.
const MOST_LISTED: u64 = 1_000;

/// What a form holds.
struct Form {
    name: String,
    bytes: Bytes,
    grade: Option<String>,
}

pub(in crate::http) async fn upload(
    State(app): State<App>,
    Identified(caller): Identified,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let form = match form(&app, &headers, body).await {
        Ok(form) => form,
        Err(problem) => return error::stopped(app.gate.refuse_unread(&caller, ENDPOINT, 0, problem).await),
    };
    let keep = app.config.keep_files;
    match app.gate.upload(&caller, &form.name, form.bytes, form.grade.as_deref(), keep).await {
        Ok(Uploaded { row, stored }) => match register(&app) {
            Ok(register) => (StatusCode::OK, Json(shown(&row, &stored, scale(&register), false))).into_response(),
            Err(error) => error.into_response(),
        },
        Err(stopped) => error::stopped(stopped),
    }
}

pub(in crate::http) async fn list(
    State(app): State<App>,
    Identified(caller): Identified,
) -> Result<Json<Value>, ApiError> {
    let register = register(&app)?;
    let files = app.store.files(&caller.person, app.world.now(), MOST_LISTED).await.map_err(read_error)?;
    let mut data = Vec::with_capacity(files.len());
    for (row, content) in files {
        data.push(shown(&row, &read(&content)?, scale(&register), false));
    }
    Ok(Json(json!({ "object": "list", "data": data, "has_more": false })))
}

pub(in crate::http) async fn show(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let register = register(&app)?;
    let (row, stored) = find(&app, &caller, &id).await?;
    Ok(Json(shown(&row, &stored, scale(&register), true)))
}

pub(in crate::http) async fn destroy(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let (row, _) = find(&app, &caller, &id).await?;
    let destroyed = app.journal.destroy_file(&row.id, &caller.person).await;
    destroyed.map_err(|e| ApiError::unavailable(&e.to_string()))?;
    Ok(Json(json!({ "id": row.id, "object": "file", "deleted": true })))
}

async fn find(app: &App, caller: &Caller, id: &str) -> Result<(FileRow, StoredFile), ApiError> {
    let (row, content) = app.store.file(id, &caller.person, app.world.now()).await.map_err(read_error)?;
    Ok((row, read(&content)?))
}

fn read(content: &[u8]) -> Result<StoredFile, ApiError> {
    serde_json::from_slice(content).map_err(|e| ApiError::inside(&e))
}

fn register(app: &App) -> Result<std::sync::Arc<Register>, ApiError> {
    app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))
}

fn scale(register: &Register) -> GradeScale {
    register.organization().map_or_else(GradeScale::national, |body| body.grades.clone())
}

fn shown(row: &FileRow, stored: &StoredFile, scale: GradeScale, with_text: bool) -> Value {
    let level = scale.level(row.grade);
    let mut shown = json!({
        "id": row.id, "object": "file", "bytes": row.bytes, "filename": stored.file.name, "purpose": "user_data",
        "created_at": row.created_at.as_second(), "expires_at": row.expires_at.as_second(), "status": "processed",
        "grade": { "code": level.code, "label": level.label, "sensitive": level.sensitive },
        "found": stored.found, "unseen": stored.file.unseen, "invisible_removed": stored.file.invisible,
        "characters": stored.file.text.chars().count(),
    });
    if let (true, Some(map)) = (with_text, shown.as_object_mut()) {
        map.insert("text".into(), stored.file.text.as_str().into());
    }
    shown
}

/// Reads `multipart/form-data` with one `file` and, if wanted, its `grade`.
async fn form(app: &App, headers: &HeaderMap, body: Body) -> Result<Form, Unreadable> {
    let bad = |ja: String, en: String| Unreadable { code: "INVALID_FORM", param: Some("file".into()), ja, en };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(|e| {
        let ja = "ファイルは multipart/form-data の項目 `file` として送ってください（curl なら -F file=@資料.docx）。";
        bad(ja.to_owned(), format!("send the file as `file` in multipart/form-data: {e}"))
    })?;
    let body = receive(body, &app.config.limits).await?;
    let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let (mut file, mut grade) = (None, None);
    let broken = |e: multer::Error| {
        bad(format!("フォームを読めません（途中で切れています）: {e}"), format!("the form is broken: {e}"))
    };
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") if file.is_none() => {
                let name = field.file_name().unwrap_or("file").to_owned();
                file = Some((name, field.bytes().await.map_err(broken)?));
            }
            Some("file") => {
                return Err(bad("ファイルは一度に一つだけ送ってください。".into(), "send one file at a time".into()));
            }
            Some("grade") => grade = Some(field.text().await.map_err(broken)?).filter(|text| !text.trim().is_empty()),
            _ => {}
        }
    }
    let (name, bytes) =
        file.ok_or_else(|| bad("フォームに項目 `file` がありません。".into(), "the form has no field `file`".into()))?;
    Ok(Form { name, bytes, grade })
}
