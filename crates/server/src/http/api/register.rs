//! Lists of what is true now. Everyone sees services, registrations and rules; applications and permits are seen by
//! those they concern and those who govern.

use crate::http::error::ApiError;
use crate::http::{App, Identified};
use axum::Json;
use axum::extract::State;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::PersonId;
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use serde_json::{Value, json};
use std::sync::Arc;

type Answer = Result<Json<Value>, ApiError>;

fn now(app: &App) -> Result<Arc<Register>, ApiError> {
    app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))
}

fn governs(register: &Register, person: &PersonId) -> bool {
    let roles = [Role::Approver, Role::Ciso, Role::ServiceManager, Role::Caio, Role::Auditor, Role::Administrator];
    register.holds_any(person, &roles)
}

fn must_hold(register: &Register, person: &PersonId, roles: &[Role]) -> Result<(), ApiError> {
    if register.holds_any(person, roles) {
        return Ok(());
    }
    let names = roles.iter().map(|r| r.label()).collect::<Vec<_>>().join("・");
    Err(ApiError::forbidden(
        &format!("この一覧を見るには {names} の役割が必要です。"),
        "your roles do not open this list",
    ))
}

pub(in crate::http) async fn services(State(app): State<App>, Identified(_): Identified) -> Answer {
    let register = now(&app)?;
    let today = in_japan(app.world.now());
    let services = register.services().map(|record| {
        json!({ "record": record, "form": record.service.form.label(), "ismap_state": register.ismap_state(&record.service, today) })
    });
    Ok(Json(json!({ "register": register.position(), "services": services.collect::<Vec<_>>() })))
}

pub(in crate::http) async fn registrations(State(app): State<App>, Identified(caller): Identified) -> Answer {
    let register = now(&app)?;
    let today = in_japan(app.world.now());
    let seen = register.registrations().map(|row| register.scheme().seen_row(&caller.person, row));
    let rows = seen.map(|row| json!({ "registration": row, "state": row.state_on(today) }));
    Ok(Json(json!({ "register": register.position(), "registrations": rows.collect::<Vec<_>>() })))
}

pub(in crate::http) async fn rules(State(app): State<App>, Identified(_): Identified) -> Answer {
    let register = now(&app)?;
    let sets: Vec<_> = register.rule_sets().collect();
    let digest = register.rules().map(|rules| rules.digest().to_owned());
    Ok(Json(json!({ "register": register.position(), "digest": digest, "rule_sets": sets })))
}

pub(in crate::http) async fn regulation(State(app): State<App>, Identified(_): Identified) -> Answer {
    let register = now(&app)?;
    let parts: Vec<_> = register.regulation().parts().collect();
    let missing: Vec<_> = register.regulation().missing().iter().map(|p| p.label()).collect();
    Ok(Json(json!({ "register": register.position(), "parts": parts, "missing": missing })))
}

pub(in crate::http) async fn applications(State(app): State<App>, Identified(caller): Identified) -> Answer {
    let register = now(&app)?;
    let all = governs(&register, &caller.person);
    let mut rows: Vec<_> = register.applications().filter(|a| all || a.applicant == caller.person).collect();
    rows.sort_by(|a, b| a.application.cmp(&b.application));
    Ok(Json(json!({ "register": register.position(), "applications": rows })))
}

pub(in crate::http) async fn permits(State(app): State<App>, Identified(caller): Identified) -> Answer {
    let register = now(&app)?;
    let today = in_japan(app.world.now());
    let all = governs(&register, &caller.person);
    let person = register.person(&caller.person).ok_or_else(ApiError::not_identified)?;
    let mut rows: Vec<_> = register.permits().filter(|p| all || register.in_range(&p.draft.users, person)).collect();
    rows.sort_by(|a, b| a.permit.cmp(&b.permit));
    let rows: Vec<_> = rows
        .iter()
        .map(|p| json!({ "permit": p, "standing": p.standing_on(today), "risk": register.risk_of_permit(p, today) }))
        .collect();
    Ok(Json(json!({ "register": register.position(), "permits": rows })))
}

pub(in crate::http) async fn persons(State(app): State<App>, Identified(caller): Identified) -> Answer {
    let register = now(&app)?;
    must_hold(&register, &caller.person, &[Role::Administrator])?;
    let directory = app.store.directory().await.map_err(|e| ApiError::inside(&e))?;
    let rows = directory
        .iter()
        .map(|d| json!({ "person": register.person(&d.person), "name": d.name, "mail": d.mail, "post": d.post }));
    Ok(Json(json!({ "register": register.position(), "persons": rows.collect::<Vec<_>>() })))
}

pub(in crate::http) async fn departments(State(app): State<App>, Identified(_): Identified) -> Answer {
    let register = now(&app)?;
    let names = app.store.department_names().await.map_err(|e| ApiError::inside(&e))?;
    let mut rows: Vec<_> = register.departments().collect();
    rows.sort_by(|a, b| a.department.cmp(&b.department));
    let rows = rows
        .iter()
        .map(|d| json!({ "department": d.department, "parent": d.parent, "name": names.get(d.department.as_str()) }));
    Ok(Json(json!({ "register": register.position(), "departments": rows.collect::<Vec<_>>() })))
}

pub(in crate::http) async fn keys(State(app): State<App>, Identified(caller): Identified) -> Answer {
    let register = now(&app)?;
    let all = register.holds(&caller.person, Role::Administrator);
    let mut rows: Vec<_> = register.keys().filter(|k| all || k.person == caller.person).collect();
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(Json(json!({ "register": register.position(), "keys": rows })))
}
