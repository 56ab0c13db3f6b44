//! 検出の取扱い: every rule of detection with what is done about its findings, by default and by the body's word.

use crate::http::error::ApiError;
use crate::http::{App, Identified};
use axum::Json;
use axum::extract::State;
use sekisho_gate::handling::{Route, action, default_actions};
use serde_json::{Value, json};

pub(in crate::http) async fn list(State(app): State<App>, Identified(_): Identified) -> Result<Json<Value>, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let rows = sekisho_detect::rules().iter().map(|rule| {
        let (outside, inside) = default_actions(rule.id);
        json!({
            "rule": rule.id, "title": rule.title, "document": rule.source.document, "clause": rule.source.clause,
            "evidence": rule.evidence,
            "default": { "outside": outside, "inside": inside },
            "set": register.handling(rule.id),
            "in_force": {
                "outside": action(&register, rule.id, Route::Outside), "inside": action(&register, rule.id, Route::Inside),
            },
        })
    });
    Ok(Json(json!({ "register": register.position(), "handlings": rows.collect::<Vec<_>>() })))
}

/// A rule of detection that does not exist would never act: said at once, with the nearest one.
pub(in crate::http) fn known(rule: &str) -> Result<(), ApiError> {
    let rules = sekisho_detect::rules();
    if rules.iter().any(|known| known.id == rule) {
        return Ok(());
    }
    let nearest = rules.iter().map(|known| known.id).min_by_key(|known| strsim::damerau_levenshtein(rule, known));
    let rule: String = rule.chars().take(80).collect();
    let nearest = nearest.unwrap_or_default();
    Err(ApiError::missing(&format!(
        "検出の規則 `{rule}`。`{nearest}` のことですか。一覧: GET /api/handlings / did you mean `{nearest}`?"
    )))
}
