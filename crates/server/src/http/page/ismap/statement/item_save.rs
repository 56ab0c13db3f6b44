//! Saving one item while one writes: what the editor's script sends. Below the page, with its form's token; the answer is
//! JSON. A clash, or a text that is too long, saves nothing and says so.

use super::items::{self, anchor, field, in_words};
use super::opened::open;
use super::saving::{closed, take};
use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::statement::{Answer, Edit, Seen, validate};
use serde_json::{Value, json};

pub(super) async fn submit(
    State(app): State<App>,
    Path((id, criterion)): Path<(String, String)>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    let opened = open(&app, &register, &signed, &id, None).await?;
    let criterion = CriterionId::parse(&criterion).map_err(|_| PageError::Missing)?;
    if !opened.own || opened.catalogue.get(criterion).is_none() {
        return Err(PageError::Missing);
    }
    if !opened.writes() {
        return Ok(answer(StatusCode::CONFLICT, json!({ "closed": closed(&opened) })));
    }
    let mut typed = items::read(&fields);
    typed.retain(|id, _| *id == criterion);
    let Some(one) = typed.get(&criterion) else { return Err(PageError::Unreadable) };
    let long = items::too_long(criterion, &one.edit);
    if !long.is_empty() {
        let errors: Vec<Value> = long.iter().map(|p| json!({ "field": p.field, "text": p.text })).collect();
        return Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, json!({ "errors": errors })));
    }
    let (content, mut clashes) = take(&app, signed.person(), &opened, &typed).await?;
    let nothing = Answer::default();
    let now = content.answers.get(&criterion).unwrap_or(&nothing);
    let seen = Seen::of(now).to_string();
    if let Some(clash) = clashes.remove(&criterion) {
        let standing = Edit::of(&clash.now);
        let part = |part: &_| json!({ "field": format!("{}-{}", anchor(criterion), field(*part)), "label": part.label(), "now": in_words(&standing, *part) });
        let parts: Vec<Value> = clash.parts.iter().map(part).collect();
        return Ok(answer(StatusCode::CONFLICT, json!({ "clash": parts, "seen": seen })));
    }
    let validation = validate(&opened.catalogue, &content);
    let here = validation.problems.iter().filter(|p| p.criterion == Some(criterion));
    let problems: Vec<String> = here.map(|p| format!("（{}）{}", p.rule, p.ja)).collect();
    let counts = validation.completeness;
    let meter = format!(
        "{} 項目のうち {} 項目（{}%）に問題がありません。採用 {}、非採用 {}、未決定 {}、指摘 {} 件。",
        counts.items,
        counts.sound,
        counts.percent(),
        counts.adopted,
        counts.excluded,
        counts.items - counts.decided,
        validation.errors().count(),
    );
    let saved = json!({
        "saved": true, "seen": seen, "problems": problems, "meter": meter, "sound": counts.sound,
        "left_out_by_head": now.overridden_by.is_some(),
    });
    Ok(answer(StatusCode::OK, saved))
}

fn answer(status: StatusCode, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
