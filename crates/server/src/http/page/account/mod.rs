//! Signing in, and one's own account.

mod code;
mod enrol;
mod me;
mod password;
mod second_factor;
mod sessions;
mod sign_in;

pub(super) use enrol::{differ, new_password};

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::routing::{get, post};

pub(super) const PLACES: &[Place] = &[
    Place::new("/signin", Who::Anyone),
    Place::new("/enrol/{token}", Who::Anyone),
    Place::new("/signin/code", Who::AnySession),
    Place::new("/signout", Who::AnySession),
    Place::new("/me/second-factor", Who::AnySession),
    Place::in_menu("/me", Who::SignedIn, "マイページ"),
    Place::new("/me/sessions", Who::SignedIn),
    Place::new("/me/password", Who::SignedIn),
];

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
