//! 管理基準と規程類: versions, import, difference, crosswalk.

use crate::http::App;
use crate::http::page::places::Place;
use axum::Router;

pub(in crate::http::page) const PLACES: &[Place] = &[];

pub(in crate::http::page) fn routes() -> Router<App> {
    Router::new()
}
