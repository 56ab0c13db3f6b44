//! Law and Diet records: searched, read, compared, and collected into dossiers (調査メモ).
//!
//! What a reader may not see is left out before anything is scored, and everything that is read by its name passes
//! [`reader::Reader::may_read`].

mod article;
mod asked;
mod citation;
mod compare;
mod document;
mod filters;
mod hit;
mod labels;
mod law;
mod lines;
mod meaning;
mod meeting;
mod notes;
mod reader;
mod search;
mod sitting;
mod toc;
mod welcome;
mod written;

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub(super) const PLACES: &[Place] = &[
    Place::in_menu("/research", Who::SignedIn, "法令・国会"),
    Place::new("/research/law", Who::SignedIn),
    Place::new("/research/diet", Who::SignedIn),
    Place::new("/research/document", Who::SignedIn),
    Place::new("/research/law/{law}", Who::SignedIn),
    Place::new("/research/law/{law}/{article}", Who::SignedIn),
    Place::new("/research/diet/{meeting}", Who::SignedIn),
    Place::new("/research/document/{document}", Who::SignedIn),
    Place::new("/research/notes", Who::SignedIn),
    Place::new("/research/notes/add", Who::SignedIn),
    Place::new("/research/notes/{id}", Who::SignedIn),
    Place::new("/research/notes/{id}/export", Who::SignedIn),
    Place::new("/research/searches", Who::SignedIn),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/research", get(search::law))
        .route("/research/law", get(search::law))
        .route("/research/diet", get(search::diet))
        .route("/research/document", get(search::document))
        .route("/research/law/{law}", get(law::show))
        .route("/research/law/{law}/{article}", get(article::show))
        .route("/research/diet/{meeting}", get(meeting::show))
        .route("/research/document/{document}", get(document::show))
        .route("/research/notes", get(notes::list::show).post(notes::list::make))
        .route("/research/notes/add", get(notes::add::show).post(notes::add::submit))
        .route("/research/notes/{id}", get(notes::note::show).post(notes::note::submit))
        .route("/research/notes/{id}/export", get(notes::export::file))
        .route("/research/searches", get(notes::searches::show).post(notes::searches::submit))
}

/// The script of the search page. Without it everything works but results as one types.
pub(in crate::http) async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("../../../../templates/research/research.js")).into_response()
}
