//! The operator: reception, review, committee, incidents, notices, deadlines, parties.

mod acts;
mod consequence;
mod filing;
mod filing_acts;
mod filings;
mod seeing;
mod wording;

use crate::http::App;
use crate::http::page::places::{Place, Who};
use axum::Router;
use axum::routing::get;

pub(in crate::http::page) const PLACES: &[Place] = &[
    Place::new("/ismap/filings", Who::SignedIn),
    Place::new("/ismap/filings/{id}", Who::SignedIn),
];

pub(in crate::http::page) fn routes() -> Router<App> {
    Router::new()
        .route("/ismap/filings", get(filings::list))
        .route("/ismap/filings/{id}", get(filing::show).post(filing::submit))
}
