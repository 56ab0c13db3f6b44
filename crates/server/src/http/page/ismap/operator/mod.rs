//! The operator: reception, review, committee, incidents, notices, deadlines, parties.

use crate::http::App;
use crate::http::page::places::Place;
use axum::Router;

pub(in crate::http::page) const PLACES: &[Place] = &[];

pub(in crate::http::page) fn routes() -> Router<App> {
    Router::new()
}
