//! Pages: rendered here, working without script, under one frame and one set of headers.

mod code;
mod door;
mod enrol;
mod error;
mod form;
mod frame;
mod landing;
mod me;
mod next;
mod password;
mod second_factor;
mod sessions;
mod sign_in;

pub(super) use door::pass;
pub(super) use landing::{healthz, icon, landing, readyz, style};

use super::App;
use axum::Router;
use axum::routing::{get, post};

/// The pages of signing in and of one's own account.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/signin", get(sign_in::show).post(sign_in::submit))
        .route("/signin/code", get(code::show).post(code::submit))
        .route("/signout", post(sign_in::leave))
        .route("/enrol/{token}", get(enrol::show).post(enrol::submit))
        .route("/me", get(me::show))
        .route("/me/sessions", get(sessions::show).post(sessions::submit))
        .route("/me/password", get(password::show).post(password::submit))
        .route("/me/second-factor", get(second_factor::show).post(second_factor::submit))
}

/// Paths a session opens, and nothing else does.
pub(super) fn needs_session(path: &str) -> bool {
    matches!(path, "/me" | "/signin/code" | "/signout") || path.starts_with("/me/")
}

/// Open paths with a form that a browser sends before there is a session.
pub(super) fn is_entrance(path: &str) -> bool {
    path == "/signin" || path.starts_with("/enrol/")
}
