//! `GET /v1/models`: only what the caller's permits reach today.

use crate::http::error::ApiError;
use crate::http::{App, Identified};
use axum::Json;
use axum::extract::State;
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::service::Wire;
use serde_json::{Value, json};

pub(in crate::http) async fn list(
    State(app): State<App>,
    Identified(caller): Identified,
) -> Result<Json<Value>, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let today = in_japan(app.world.now());
    let Some(person) = register.person(&caller.person) else { return Err(ApiError::not_identified()) };
    let mut models = Vec::new();
    // The search is called by its tools, not as a model.
    let is_model = |wire: Wire| wire != Wire::Library;
    for record in register.services().filter(|r| !r.withdrawn && is_model(r.service.upstream.wire)) {
        let service = &record.service;
        let permit = register.permits_on(&service.service).find(|permit| {
            caller.permit.as_ref().is_none_or(|bound| *bound == permit.permit)
                && permit.standing_on(today) == PermitStanding::Active
                && register.in_range(&permit.draft.users, person)
        });
        let Some(permit) = permit else { continue };
        for model in &service.models {
            models.push(json!({
                "id": model.model, "object": "model", "created": 0, "owned_by": service.provider,
                "sekisho": {
                    "service": service.service, "name": service.name, "form": service.form.label(),
                    "permit": permit.permit, "purpose": permit.draft.purpose,
                    "ceiling": register.organization().map(|o| o.grades.level(permit.draft.ceiling).label.clone()),
                },
            }));
        }
    }
    Ok(Json(json!({ "object": "list", "data": models })))
}
