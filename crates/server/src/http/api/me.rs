//! `GET /api/me`: who the register takes the caller for.

use crate::http::error::ApiError;
use crate::http::{App, Identified};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

pub(in crate::http) async fn show(
    State(app): State<App>,
    Identified(caller): Identified,
) -> Result<Json<Value>, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let person = register.person(&caller.person).ok_or_else(ApiError::not_identified)?;
    Ok(Json(json!({
        "person": person, "key": caller.key, "permit": caller.permit,
        "roles": person.roles.iter().map(|r| r.label()).collect::<Vec<_>>(),
        "register": register.position(),
    })))
}
