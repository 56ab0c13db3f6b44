//! The chat: conversations with a model, through the gate.

use super::places::Place;
use crate::http::App;
use axum::Router;

pub(super) const PLACES: &[Place] = &[];

pub(super) fn routes() -> Router<App> {
    Router::new()
}
