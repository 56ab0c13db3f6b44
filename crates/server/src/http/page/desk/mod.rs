//! The permit desk: from an application to a permit, and the register of services.

mod applications;
mod apply;
mod decision;
mod due;
mod facts;
mod permit;
mod permits;
mod review;
mod sheet;
mod wording;

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::routing::{get, post};
use sekisho_domain::person::Role;

/// Who decides on applications, and on their risk.
const REVIEWERS: &[Role] = &[Role::Approver, Role::Caio];

pub(super) const PLACES: &[Place] = &[
    Place::in_menu("/applications", Who::SignedIn, "利用申請"),
    Place::new("/applications/{id}", Who::SignedIn),
    Place::new("/apply", Who::SignedIn),
    Place::new("/apply/discard", Who::SignedIn),
    Place::in_menu("/review", Who::Holding(REVIEWERS), "審査"),
    Place::new("/review/{id}", Who::Holding(REVIEWERS)),
    Place::in_menu("/permits", Who::SignedIn, "承認"),
    Place::new("/permits/{id}", Who::SignedIn),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/applications", get(applications::list))
        .route("/applications/{id}", get(applications::show).post(applications::withdraw))
        .route("/apply", get(apply::show).post(apply::submit))
        .route("/apply/discard", post(apply::discard))
        .route("/permits", get(permits::list))
        .route("/permits/{id}", get(permit::show).post(permit::submit))
        .route("/review", get(review::queue))
        .route("/review/{id}", get(decision::show).post(decision::submit))
}
