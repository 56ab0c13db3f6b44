//! 予算と単価: those that bind the caller with what is spent, and all of them for those who look after them.

use crate::budgets::{READERS, all, that_bind};
use crate::http::error::ApiError;
use crate::http::{App, Identified};
use axum::Json;
use axum::extract::State;
use sekisho_domain::budget::Budget;
use sekisho_domain::day::in_japan;
use sekisho_gate::spending::Standing;
use serde_json::{Value, json};

pub(in crate::http) async fn list(
    State(app): State<App>,
    Identified(caller): Identified,
) -> Result<Json<Value>, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let person = register.person(&caller.person).ok_or_else(ApiError::not_identified)?;
    let today = in_japan(app.world.now());
    let row = |budget: &Budget, standing: Option<&Standing>| {
        json!({
            "budget": budget, "spent": standing.map(|one| one.amount),
            "used": standing.map(|one| budget.in_unit(one.amount)), "begins_anew": budget.period.next(today),
        })
    };
    let mine = that_bind(&app, &register, person).await.map_err(|e| ApiError::inside(&e))?;
    let mine: Vec<Value> = mine.iter().map(|one| row(&one.budget, Some(one))).collect();
    if !register.holds_any(&caller.person, READERS) {
        return Ok(Json(json!({ "register": register.position(), "mine": mine })));
    }
    let budgets = all(&app, &register, &caller.person, today).await.map_err(|e| ApiError::inside(&e))?;
    let budgets: Vec<Value> = budgets
        .iter()
        .map(|(budget, standing)| {
            let mut row = row(budget, standing.as_ref());
            let history = register.budgets().get(&budget.budget);
            if let Some(members) = row.as_object_mut() {
                members.insert("history".into(), json!(history));
            }
            row
        })
        .collect();
    let prices: Vec<_> = register.prices().iter().collect();
    Ok(Json(json!({ "register": register.position(), "mine": mine, "budgets": budgets, "prices": prices })))
}
