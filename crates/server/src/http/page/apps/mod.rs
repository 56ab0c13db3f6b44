//! Apps: forms that make a prompt, ours, the staff's own and those of others.

mod answer;
mod carry;
mod controls;
mod edit;
mod list;
mod outside;
mod received;
mod refused;
mod review;
mod rows;
mod run;
mod share;

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::routing::get;

pub(super) const PLACES: &[Place] = &[
    Place::in_menu("/apps", Who::SignedIn, "アプリ"),
    Place::new("/apps/new", Who::SignedIn),
    Place::new("/apps/import", Who::SignedIn),
    Place::new("/apps/review", Who::Holding(list::REVIEWERS)),
    Place::new("/apps/review/{id}", Who::Holding(list::REVIEWERS)),
    Place::new("/apps/outside/new", Who::Holding(list::REGISTRARS)),
    Place::new("/apps/{id}", Who::SignedIn),
    Place::new("/apps/{id}/edit", Who::SignedIn),
    Place::new("/apps/{id}/export", Who::SignedIn),
    Place::new("/apps/{id}/share", Who::SignedIn),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/apps", get(list::show))
        .route("/apps/new", get(edit::begin).post(edit::make))
        .route("/apps/import", get(carry::show).post(carry::submit))
        .route("/apps/review", get(review::list))
        .route("/apps/review/{id}", get(review::show).post(review::submit))
        .route("/apps/outside/new", get(outside::show).post(outside::submit))
        .route("/apps/{id}", get(run::show).post(run::submit))
        .route("/apps/{id}/edit", get(edit::show).post(edit::change))
        .route("/apps/{id}/export", get(carry::export))
        .route("/apps/{id}/share", get(share::show).post(share::submit))
}
