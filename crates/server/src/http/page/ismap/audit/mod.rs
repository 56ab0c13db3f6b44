//! 監査: engagements, from the proposal to the report.

mod access;
mod engagement;
mod engagements;
mod evidence;
mod findings;
mod firm_acts;
mod firm_form;
mod firms;
mod item;
mod items;
mod plan;
mod preliminaries;
mod propose;
mod report;
mod wording;

use crate::http::App;
use crate::http::page::places::{Place, Who};
use axum::Router;
use axum::routing::get;

pub(in crate::http::page) const PLACES: &[Place] = &[
    Place::new("/ismap/engagements", Who::SignedIn),
    Place::new("/ismap/engagements/new", Who::SignedIn),
    Place::new("/ismap/engagements/{engagement}", Who::SignedIn),
    Place::new("/ismap/engagements/{engagement}/plan", Who::SignedIn),
    Place::new("/ismap/engagements/{engagement}/items", Who::SignedIn),
    Place::new("/ismap/engagements/{engagement}/items/{criterion}", Who::SignedIn),
    Place::new("/ismap/engagements/{engagement}/findings", Who::SignedIn),
    Place::new("/ismap/engagements/{engagement}/evidence", Who::SignedIn),
    Place::new("/ismap/engagements/{engagement}/evidence/{sha256}", Who::SignedIn),
    Place::new("/ismap/engagements/{engagement}/report", Who::SignedIn),
    Place::new("/ismap/preliminaries", Who::SignedIn),
    Place::new("/ismap/preliminaries/new", Who::SignedIn),
    Place::new("/ismap/preliminaries/{preliminary}", Who::SignedIn),
    Place::new("/ismap/firms", Who::SignedIn),
    Place::new("/ismap/firms/{party}", Who::SignedIn),
    Place::new("/ismap/firms/{party}/form", Who::SignedIn),
];

pub(in crate::http::page) fn routes() -> Router<App> {
    Router::new()
        .route("/ismap/engagements", get(engagements::list))
        .route("/ismap/engagements/new", get(propose::show).post(propose::submit))
        .route("/ismap/engagements/{engagement}", get(engagement::show).post(engagement::submit))
        .route("/ismap/engagements/{engagement}/plan", get(plan::show).post(plan::submit))
        .route("/ismap/engagements/{engagement}/items", get(items::show).post(items::submit))
        .route("/ismap/engagements/{engagement}/items/{criterion}", get(item::show).post(item::submit))
        .route("/ismap/engagements/{engagement}/findings", get(findings::show).post(findings::submit))
        .route("/ismap/engagements/{engagement}/evidence", get(evidence::show).post(evidence::submit))
        .route("/ismap/engagements/{engagement}/evidence/{sha256}", get(evidence::open))
        .route("/ismap/engagements/{engagement}/report", get(report::show).post(report::submit))
        .route("/ismap/preliminaries", get(preliminaries::list))
        .route("/ismap/preliminaries/new", get(preliminaries::begin).post(preliminaries::draft))
        .route("/ismap/preliminaries/{preliminary}", get(preliminaries::show).post(preliminaries::submit))
        .route("/ismap/firms", get(firms::list))
        .route("/ismap/firms/{party}", get(firms::show).post(firms::submit))
        .route("/ismap/firms/{party}/form", get(firm_form::show).post(firm_form::submit))
}
