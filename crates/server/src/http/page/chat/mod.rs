//! Chat: conversations that are one's own, every message through the gate.
//!
//! A conversation is a personal paper. What the gate refused is never kept: the draft lives in the form alone.

mod attach;
mod choice;
mod conversation;
mod export;
mod file_shown;
mod history;
mod keeping;
mod manage;
mod refused;
mod send;
mod show;
mod stream;
mod turn;
pub(super) mod word_file;

pub(crate) use conversation::uses_of;
pub(super) use export::Section;

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

pub(super) const PLACES: &[Place] = &[
    Place::in_menu("/chat", Who::SignedIn, "チャット"),
    Place::new("/chat/history", Who::SignedIn),
    Place::new("/chat/stream", Who::SignedIn),
    Place::new("/chat/files", Who::SignedIn),
    Place::new("/chat/{id}", Who::SignedIn),
    Place::new("/chat/{id}/stream", Who::SignedIn),
    Place::new("/chat/{id}/rename", Who::SignedIn),
    Place::new("/chat/{id}/delete", Who::SignedIn),
    Place::new("/chat/{id}/export", Who::SignedIn),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/chat", get(show::new).post(send::begin))
        .route("/chat/history", get(history::show))
        .route("/chat/stream", post(stream::begin))
        .route("/chat/files", post(attach::submit))
        .route("/chat/{id}", get(show::show).post(send::go_on))
        .route("/chat/{id}/stream", post(stream::go_on))
        .route("/chat/{id}/rename", get(manage::rename).post(manage::renamed))
        .route("/chat/{id}/delete", get(manage::delete).post(manage::deleted))
        .route("/chat/{id}/export", get(export::export))
}

/// The script of the chat page. Without it everything works but streaming, stopping and copying.
pub(in crate::http) async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("../../../../templates/chat/chat.js")).into_response()
}
