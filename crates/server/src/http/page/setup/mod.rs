//! The first run: from nothing to a body that can use its first service; people, departments, 規程 and rules.

mod departments;
mod first;
mod import;
mod people;
mod person;
mod regulation;
mod rules;
mod start;

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::routing::{get, post};
use sekisho_domain::person::Role;

const ADMINISTRATOR: Who = Who::Holding(&[Role::Administrator]);
/// Those who have something to set up.
const STARTERS: Who = Who::Holding(&[Role::Administrator, Role::Ciso]);

pub(super) const PLACES: &[Place] = &[
    Place::new("/setup/{token}", Who::Anyone),
    Place::in_menu("/start", STARTERS, "設定"),
    Place::in_menu("/people", ADMINISTRATOR, "職員"),
    Place::new("/people/new", ADMINISTRATOR),
    Place::new("/people/import", ADMINISTRATOR),
    Place::new("/people/{id}", ADMINISTRATOR),
    Place::new("/people/{id}/move", ADMINISTRATOR),
    Place::new("/people/{id}/leave", ADMINISTRATOR),
    Place::new("/people/{id}/roles", ADMINISTRATOR),
    Place::new("/people/{id}/invite", ADMINISTRATOR),
    Place::new("/departments", ADMINISTRATOR),
    Place::new("/regulation", Who::SignedIn),
    Place::new("/rules", Who::SignedIn),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/setup/{token}", get(first::show).post(first::submit))
        .route("/start", get(start::show))
        .route("/people", get(people::show))
        .route("/people/new", get(people::form).post(people::submit))
        .route("/people/import", get(import::show).post(import::submit))
        .route("/people/{id}", get(person::show))
        .route("/people/{id}/move", post(person::relocate))
        .route("/people/{id}/leave", post(person::leave))
        .route("/people/{id}/roles", post(person::roles))
        .route("/people/{id}/invite", post(person::invite))
        .route("/departments", get(departments::show).post(departments::submit))
        .route("/regulation", get(regulation::show).post(regulation::submit))
        .route("/rules", get(rules::show).post(rules::submit))
}
