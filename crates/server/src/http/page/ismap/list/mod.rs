//! The list: look-up, comparison, import of the published copy, publication.

use crate::http::App;
use crate::http::page::places::Place;
use axum::Router;

pub(in crate::http::page) const PLACES: &[Place] = &[];

pub(in crate::http::page) fn routes() -> Router<App> {
    Router::new()
}
