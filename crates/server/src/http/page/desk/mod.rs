//! The permit desk: from an application to a permit, and the register of services.

mod applications;
mod apply;
mod budgets;
mod decision;
mod due;
mod facts;
mod inventory;
mod notices;
mod permit;
mod permits;
mod returns;
mod review;
mod service;
mod service_form;
mod services;
mod sheet;
pub(super) mod wording;

pub(super) use wording::{governs, standing as permit_standing};

pub(super) use notices::unread;
pub(super) use returns::{Reminded, reminded};

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
    Place::in_menu("/services", Who::SignedIn, "サービス"),
    Place::new("/services/new", Who::Holding(service::MANAGERS)),
    Place::new("/services/{id}", Who::SignedIn),
    Place::new("/services/{id}/change", Who::Holding(service::MANAGERS)),
    Place::new("/services/{id}/return", Who::Holding(service::MANAGERS)),
    Place::in_menu("/returns", Who::Holding(returns::READERS), "報告"),
    Place::new("/returns/new", Who::Holding(service::MANAGERS)),
    Place::new("/returns/{id}", Who::Holding(returns::READERS)),
    Place::new("/returns/{id}/sent", Who::Holding(returns::READERS)),
    Place::in_menu("/inventory", Who::Holding(inventory::WHO), "棚卸し"),
    Place::in_menu("/budgets", Who::Holding(budgets::WHO), "予算"),
    Place::in_menu("/notices", Who::SignedIn, "お知らせ"),
    Place::new("/notices/new", Who::Holding(notices::AUTHORS)),
    Place::new("/notices/{id}", Who::SignedIn),
    Place::new("/notices/{id}/readers", Who::Holding(notices::AUTHORS)),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/applications", get(applications::list))
        .route("/applications/{id}", get(applications::show).post(applications::withdraw))
        .route("/apply", get(apply::show).post(apply::submit))
        .route("/apply/discard", post(apply::discard))
        .route("/permits", get(permits::list))
        .route("/permits/{id}", get(permit::show).post(permit::submit))
        .route("/services", get(services::list))
        .route("/services/new", get(service_form::new).post(service_form::register_one))
        .route("/services/{id}", get(service::show).post(service::submit))
        .route("/services/{id}/return", get(returns::draft))
        .route("/services/{id}/change", get(service_form::change).post(service_form::change_one))
        .route("/returns", get(returns::list))
        .route("/returns/new", get(returns::new).post(returns::record))
        .route("/returns/{id}", get(returns::show).post(returns::answer))
        .route("/returns/{id}/sent", get(returns::sent))
        .route("/inventory", get(inventory::list))
        .route("/budgets", get(budgets::show).post(budgets::submit))
        .route("/notices", get(notices::list))
        .route("/notices/new", get(notices::new).post(notices::send))
        .route("/notices/{id}", get(notices::show).post(notices::confirm))
        .route("/notices/{id}/readers", get(notices::who_read))
        .route("/review", get(review::queue))
        .route("/review/{id}", get(decision::show).post(decision::submit))
}
