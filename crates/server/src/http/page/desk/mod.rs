//! The permit desk: from an application to a permit, and the register of services.

use super::places::Place;
use crate::http::App;
use axum::Router;

pub(super) const PLACES: &[Place] = &[];

pub(super) fn routes() -> Router<App> {
    Router::new()
}
