//! `POST /api/ismap/import/list`: the published list, as the file it is; with `dry_run` only the difference it makes.

use crate::http::body::receive;
use crate::http::error::ApiError;
use crate::http::{App, Identified};
use crate::ismap::documents::sha256;
use crate::ismap::list_import::{self, Reading};
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use sekisho_domain::command::Command;
use sekisho_domain::day::in_japan;
use sekisho_domain::event::PermitSuspended;
use sekisho_domain::ismap::ListSource;
use sekisho_domain::ismap::list::{Difference, RowChange};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use serde::Deserialize;
use serde_json::{Value, json};

/// Who may take up a list.
pub(in crate::http) const IMPORTERS: [Role; 3] = [Role::ServiceManager, Role::Administrator, Role::Ciso];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Asked {
    #[serde(default)]
    source_url: String,
    #[serde(default)]
    fetched_on: String,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    remove_gone: bool,
    #[serde(default)]
    reason: String,
}

pub(in crate::http) async fn run(
    State(app): State<App>,
    Identified(caller): Identified,
    Query(asked): Query<Asked>,
    body: Body,
) -> Result<Response, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    if !register.holds_any(&caller.person, &IMPORTERS) {
        return Err(ApiError::forbidden(
            "リストを取り込めるのは、外部サービス管理者・管理者・統括情報セキュリティ責任者だけです。",
            "service managers, administrators and the CISO alone take up the list",
        ));
    }
    let bytes = receive(body, &app.config.limits).await.map_err(|problem| ApiError::unreadable(None, problem))?;
    let today = in_japan(app.world.now());
    let fetched_on: Date = match asked.fetched_on.trim() {
        "" => today,
        text => text.parse().map_err(|_| {
            let text = "取得した日（fetched_on）は 2026-11-30 の形で書いてください。 (`fetched_on` is a day such as 2026-11-30)";
            ApiError::invalid("INVALID_PARAMETER", text)
        })?,
    };
    if asked.reason.chars().count() > 2_000 {
        return Err(ApiError::invalid(
            "INVALID_PARAMETER",
            "理由は 2,000 文字までです。 (reason: at most 2,000 characters)",
        ));
    }
    let columns = list_import::mapping(&app).await?;
    let no_table =
        |error: &crate::sheet::SheetError| ApiError::invalid("NO_TABLE", format!("{} ({})", error.ja, error.en));
    let plan = list_import::plan(&app, &register, &bytes, columns, fetched_on).map_err(|error| no_table(&error))?;
    let reading = plan.reading.map_err(|error| no_table(&error))?;
    let source = ListSource { sha256: sha256(&bytes), url: asked.source_url.trim().to_owned(), fetched_on };
    let command = list_import::command(&reading, source, asked.remove_gone);
    let stops = match list_import::would_stop(&app, &register, &caller.person, command.clone()) {
        Ok(stops) => stops,
        // Every line was refused: the lines say more than the command could.
        Err(_) if reading.rows.is_empty() => Vec::new(),
        Err(refusal) => return Err(ApiError::refusal(&refusal)),
    };
    let mut answer = shown(&register, &reading, &command, &stops);
    let mut status = StatusCode::OK;
    if reading.rows.is_empty() {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        let text = "取り込める行がありません。行ごとの理由（rejects）を見て直してください。 (no row could be taken up; see `rejects`)";
        set(
            &mut answer,
            "error",
            json!({ "type": "invalid_request_error", "code": "NO_ROWS", "message": text, "param": null }),
        );
    } else if !asked.dry_run {
        let taken = list_import::take_up(&app, &caller.person, &bytes, command, asked.reason).await?;
        let committed = taken.map_err(|refusal| ApiError::refusal(&refusal))?;
        status = StatusCode::CREATED;
        set(&mut answer, "first", json!(committed.first));
        set(&mut answer, "entries", json!(committed.entries.len()));
    }
    set(&mut answer, "dry_run", json!(asked.dry_run));
    set(&mut answer, "sha256", json!(sha256(&bytes)));
    Ok((status, Json(answer)).into_response())
}

fn set(answer: &mut Value, name: &str, value: Value) {
    if let Some(map) = answer.as_object_mut() {
        map.insert(name.to_owned(), value);
    }
}

fn changes(changes: &[RowChange]) -> Vec<Value> {
    changes.iter().map(|c| json!({ "field": c.label, "before": c.before, "after": c.after })).collect()
}

fn shown(register: &Register, reading: &Reading, command: &Command, stops: &[PermitSuspended]) -> Value {
    let difference = Difference::of(register, &reading.rows, &reading.unread);
    let named = |number: &str, service: &str| json!({ "number": number, "service": service });
    let removed = matches!(command, Command::RecordList(list) if list.remove_gone);
    json!({
        "rows": reading.rows.len(),
        "new": difference.new.iter().map(|row| named(&row.number, &row.service_name)).collect::<Vec<_>>(),
        "changed": difference.changed.iter().map(|(row, c)| {
            json!({ "number": row.number, "service": row.service_name, "changes": changes(c) })
        }).collect::<Vec<_>>(),
        "unchanged": difference.unchanged,
        "decided_here": difference.decided_here.iter().map(|(row, c)| {
            json!({ "number": row.number, "service": row.service_name, "changes": changes(c) })
        }).collect::<Vec<_>>(),
        "gone": difference.gone.iter().map(|row| named(&row.number, &row.service_name)).collect::<Vec<_>>(),
        "gone_removed": removed,
        "rejects": reading.rejects,
        "notes": reading.notes,
        "permits_suspended": stops.iter().map(|stop| json!({
            "permit": stop.permit,
            "purpose": register.permit(&stop.permit).map(|permit| permit.draft.purpose.clone()),
            "changes": sekisho_domain::permit::describe(&stop.changes),
        })).collect::<Vec<_>>(),
    })
}
