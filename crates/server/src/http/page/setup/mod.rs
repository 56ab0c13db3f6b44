//! The first run: from nothing to a body that can use its first service; people and accounts.

use super::places::Place;
use crate::http::App;
use axum::Router;

pub(super) const PLACES: &[Place] = &[];

pub(super) fn routes() -> Router<App> {
    Router::new()
}
