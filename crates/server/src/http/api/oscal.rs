//! `/api/oscal/…`: records of ISMAP as OSCAL documents, and what a document from elsewhere would become here.

use crate::http::body::receive;
use crate::http::error::ApiError;
use crate::http::{App, Identified};
use crate::ismap::oscal::{NotTaken, model, take};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sekisho_domain::day::in_japan;
use sekisho_oscal::{Document, Model, Note, import_catalog, import_ssp};
use serde_json::{Value, json};

pub(in crate::http) async fn show(
    State(app): State<App>,
    Identified(caller): Identified,
    Path((word, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let Some(model) = model(&word) else {
        let known = Model::ALL.map(Model::key).join("、");
        return Err(ApiError::missing(&format!("OSCAL のモデル。使えるのは {known} / no such model")));
    };
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let today = in_japan(app.world.now());
    match take(&app, &register, &caller.person, today, model, &id).await {
        Ok(taken) => {
            let mut response = taken.bytes.into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(response)
        }
        Err(NotTaken::Missing) => {
            Err(ApiError::missing(&format!("{word} `{}`", id.chars().take(80).collect::<String>())))
        }
        Err(NotTaken::Document(error)) => Err(error.into()),
        Err(NotTaken::Export(error)) => Err(ApiError::invalid("NOT_OSCAL", format!("{} ({error})", error.ja()))),
    }
}

/// Reads a document: its model, what would be carried over, and every part that would not. Nothing is recorded.
pub(in crate::http) async fn check(
    State(app): State<App>,
    Identified(_): Identified,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    let body = receive(body, &app.config.limits).await.map_err(|problem| ApiError::unreadable(None, problem))?;
    let answer = tokio::task::spawn_blocking(move || looked_into(&body)).await;
    answer.map_err(|e| ApiError::inside(&e))?.map(Json)
}

fn looked_into(bytes: &[u8]) -> Result<Value, ApiError> {
    let bad = |error: sekisho_oscal::ImportError| ApiError::invalid("NOT_OSCAL", format!("{} ({error})", error.ja()));
    let document = Document::read(bytes).map_err(bad)?;
    let mut notes: Vec<Value> = document.notes().iter().map(shown).collect();
    let mut answer = serde_json::Map::new();
    answer.insert("model".into(), document.model().key().into());
    answer.insert("title".into(), document.title().into());
    match document.model() {
        Model::Catalog => {
            let read = import_catalog(&document).map_err(bad)?;
            notes.extend(read.report.notes.iter().map(shown));
            match &read.catalogue {
                Ok(catalogue) => {
                    answer.insert("counts".into(), json!(catalogue.counts()));
                }
                Err(faults) => {
                    let faults = faults.iter().map(|f| json!({ "ja": f.ja(), "en": f.to_string() }));
                    answer.insert("faults".into(), faults.collect());
                }
            }
        }
        Model::SystemSecurityPlan => {
            let read = import_ssp(&document).map_err(bad)?;
            notes.extend(read.report.notes.iter().map(shown));
            answer.insert("answers".into(), read.content.answers.len().into());
        }
        _ => {}
    }
    answer.insert("notes".into(), notes.into());
    Ok(answer.into())
}

fn shown(note: &Note) -> Value {
    json!({ "path": note.path, "found": note.found, "ja": note.why.ja(), "en": note.why.en() })
}
