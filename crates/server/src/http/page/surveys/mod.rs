//! アンケート: opened by those who govern, answered by staff, shown as figures.

mod answer;
mod list;
mod open;
mod results;

pub(super) use list::waiting;

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::routing::{get, post};
use sekisho_domain::person::Role;

/// Who opens and closes surveys.
const OPENERS: &[Role] = &[Role::Ciso, Role::Caio, Role::ServiceManager];

pub(super) const PLACES: &[Place] = &[
    Place::in_menu("/surveys", Who::SignedIn, "アンケート"),
    Place::new("/surveys/new", Who::Holding(OPENERS)),
    Place::new("/surveys/{id}", Who::SignedIn),
    Place::new("/surveys/{id}/close", Who::Holding(OPENERS)),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/surveys", get(list::list))
        .route("/surveys/new", get(open::form).post(open::submit))
        .route("/surveys/{id}", get(answer::show).post(answer::submit))
        .route("/surveys/{id}/close", post(results::close))
}
