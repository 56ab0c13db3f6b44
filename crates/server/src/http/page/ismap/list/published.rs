//! The documents of the public register for programs, and their schemas.

use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::ismap::{Registration, RegistrationState};
use sekisho_domain::register::Register;
use serde_json::{Map, Value, json};

/// The version of JSON Schema in which both are written.
const SCHEMA: &str = "https://json-schema.org/draft/2020-12/schema";

/// `register.json`: every row as it was on a day.
pub(super) fn register(all: &[&Registration], day: Date) -> Value {
    json!({ "as_of": day, "register": all.iter().map(|row| published_row(row, day)).collect::<Vec<_>>() })
}

/// `status-changelog.json`: the status of every row on a day, and how it came to it.
pub(super) fn changelog(register: &Register, all: &[&Registration], day: Date) -> Value {
    let one = |row: &&Registration| {
        let log = json!({ "current_status": row.state_on(day), "statuses": statuses(register, &row.number, day) });
        (row.number.clone(), log)
    };
    Value::Object(all.iter().map(one).collect::<Map<_, _>>())
}

/// A row as programs read it.
fn published_row(row: &Registration, day: Date) -> Value {
    json!({
        "id": row.number, "scheme": row.scheme, "csp": row.csp_name, "corporate_number": row.corporate_number,
        "service": row.service_name, "service_model": row.service_models, "statement_scope": row.statement_scope,
        "sub_services": row.scope.sub_services, "regions": row.scope.regions,
        "generative_ai": row.scope.generative_ai, "ai_information": row.ai_information,
        "objectives_implemented": row.objectives, "audit_body": row.audit_firm,
        "audit_period": row.audit_period.map(|(from, to)| json!({ "start": from, "end": to })),
        "subsequent_events": row.subsequent_events, "registered_on": row.registered_on,
        "valid_until": row.valid_until, "status": row.state_on(day),
    })
}

/// Every status of a row with the day it began, the oldest first, as known at the end of a day.
fn statuses(register: &Register, number: &str, until: Date) -> Vec<Value> {
    let versions: Vec<(Date, &Registration)> = register
        .registration_history(number)
        .map(|version| (in_japan(version.at), &*version.row))
        .take_while(|(known, _)| *known <= until)
        .collect();
    let mut all: Vec<(Date, RegistrationState)> = Vec::new();
    for (at, (known, row)) in versions.iter().enumerate() {
        // What a version says counts from the day it was known; the first one from the day it names.
        let from = if at == 0 { row.registered_on.min(*known) } else { *known };
        let next = versions.get(at + 1).map_or(until.tomorrow().unwrap_or(until), |(next, _)| *next);
        let after = row.valid_until.checked_add(1.day()).unwrap_or(Date::MAX);
        for day in [from, row.registered_on, after] {
            let state = row.state_on(day);
            if (from..next).contains(&day) && all.last().is_none_or(|(last, then)| *then != state && *last <= day) {
                all.push((day, state));
            }
        }
    }
    all.into_iter().map(|(day, state)| json!({ "status_name": state, "start_date": day })).collect()
}

/// The form of `register.json`.
pub(super) fn register_schema() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let day = json!({ "type": "string", "format": "date" });
    json!({
        "$schema": SCHEMA, "title": "register.json", "type": "object",
        "required": ["as_of", "register"], "additionalProperties": false,
        "properties": { "as_of": day, "register": { "type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["id", "scheme", "csp", "service", "registered_on", "valid_until", "status"],
            "properties": {
                "id": text, "scheme": { "enum": ["ismap", "liu"] }, "csp": text, "corporate_number": text,
                "service": text, "service_model": texts, "statement_scope": text, "sub_services": texts,
                "regions": texts, "generative_ai": { "type": "boolean" }, "ai_information": text,
                "objectives_implemented": texts, "audit_body": text,
                "audit_period": { "type": ["object", "null"], "properties": { "start": day, "end": day } },
                "subsequent_events": text, "registered_on": day, "valid_until": day,
                "status": status(),
            },
        } } },
    })
}

/// The form of `status-changelog.json`.
pub(super) fn changelog_schema() -> Value {
    json!({
        "$schema": SCHEMA, "title": "status-changelog.json", "type": "object",
        "additionalProperties": {
            "type": "object", "additionalProperties": false, "required": ["current_status", "statuses"],
            "properties": { "current_status": status(), "statuses": { "type": "array", "items": {
                "type": "object", "additionalProperties": false, "required": ["status_name", "start_date"],
                "properties": { "status_name": status(), "start_date": { "type": "string", "format": "date" } },
            } } },
        },
    })
}

/// Every status a row can have.
fn status() -> Value {
    json!({ "enum": RegistrationState::ALL })
}
