//! Apps: forms that make a prompt, ours, the staff's own and those of others.

mod answer;
mod controls;
mod list;
mod received;
mod refused;
mod run;

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::routing::get;

pub(super) const PLACES: &[Place] =
    &[Place::in_menu("/apps", Who::SignedIn, "アプリ"), Place::new("/apps/{id}", Who::SignedIn)];

pub(super) fn routes() -> Router<App> {
    Router::new().route("/apps", get(list::show)).route("/apps/{id}", get(run::show).post(run::submit))
}
