//! Apps: forms that make a prompt, ours, the staff's own and those of others.

use super::places::Place;
use crate::http::App;
use axum::Router;

pub(super) const PLACES: &[Place] = &[];

pub(super) fn routes() -> Router<App> {
    Router::new()
}
