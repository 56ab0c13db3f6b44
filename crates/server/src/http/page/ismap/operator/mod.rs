//! The operator: reception, review, committee, incidents, notices, deadlines, parties.

mod acts;
mod consequence;
mod decide;
mod filing;
mod filing_acts;
mod filings;
mod matter;
mod meeting;
mod meeting_acts;
mod meetings;
mod minutes;
mod seeing;
mod wording;

use crate::http::App;
use crate::http::page::places::{Place, Who};
use axum::Router;
use axum::routing::{get, post};

pub(in crate::http::page) const PLACES: &[Place] = &[
    Place::new("/ismap/filings", Who::SignedIn),
    Place::new("/ismap/filings/{id}", Who::SignedIn),
    Place::new("/ismap/meetings", Who::SignedIn),
    Place::new("/ismap/meetings/{id}", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/upload", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/decide", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/agenda.md", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/minutes.md", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/minutes", Who::SignedIn),
];

pub(in crate::http::page) fn routes() -> Router<App> {
    Router::new()
        .route("/ismap/filings", get(filings::list))
        .route("/ismap/filings/{id}", get(filing::show).post(filing::submit))
        .route("/ismap/meetings", get(meetings::list).post(meetings::convene))
        .route("/ismap/meetings/{id}", get(meeting::show).post(meeting::submit))
        .route("/ismap/meetings/{id}/upload", post(meeting::upload))
        .route("/ismap/meetings/{id}/decide", get(decide::show).post(decide::submit))
        .route("/ismap/meetings/{id}/agenda.md", get(minutes::agenda))
        .route("/ismap/meetings/{id}/minutes.md", get(minutes::draft))
        .route("/ismap/meetings/{id}/minutes", get(meeting::minutes))
}
