//! The operator: reception, review, committee, incidents, notices, deadlines, parties.

use super::acts;
pub(super) use filing_acts::meeting_choices;
mod change_notice;
mod change_notice_form;
mod change_notices;
mod consequence;
mod deadlines;
mod decide;
mod filing;
mod filing_acts;
mod filings;
mod incident;
mod incidents;
mod matter;
mod meeting;
mod meeting_acts;
mod meetings;
mod minutes;
mod parties;
mod party;
mod seeing;
mod settings;
mod waiting;
mod wording;

use crate::http::App;
use crate::http::page::places::{Place, Who};
use axum::Router;
use axum::routing::{get, post};

pub(in crate::http::page::ismap) use waiting::waiting;

pub(in crate::http::page) const PLACES: &[Place] = &[
    Place::new("/ismap/parties", Who::SignedIn),
    Place::new("/ismap/parties/{id}", Who::SignedIn),
    Place::new("/ismap/filings", Who::SignedIn),
    Place::new("/ismap/filings/{id}", Who::SignedIn),
    Place::new("/ismap/meetings", Who::SignedIn),
    Place::new("/ismap/meetings/{id}", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/upload", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/decide", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/agenda.md", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/minutes.md", Who::SignedIn),
    Place::new("/ismap/meetings/{id}/minutes", Who::SignedIn),
    Place::new("/ismap/incidents", Who::SignedIn),
    Place::new("/ismap/incidents/{id}", Who::SignedIn),
    Place::new("/ismap/incidents/{id}/upload", Who::SignedIn),
    Place::new("/ismap/incidents/{id}/documents/{sha256}", Who::SignedIn),
    Place::new("/ismap/change-notices", Who::SignedIn),
    Place::new("/ismap/change-notices/new", Who::SignedIn),
    Place::new("/ismap/change-notices/{id}", Who::SignedIn),
    Place::new("/ismap/change-notices/{id}/edit", Who::SignedIn),
    Place::new("/ismap/deadlines", Who::SignedIn),
    Place::new("/ismap/settings", Who::SignedIn),
];

pub(in crate::http::page) fn routes() -> Router<App> {
    Router::new()
        .route("/ismap/parties", get(parties::list).post(parties::enter))
        .route("/ismap/parties/{id}", get(party::show).post(party::submit))
        .route("/ismap/deadlines", get(deadlines::list))
        .route("/ismap/settings", get(settings::show).post(settings::submit))
        .route("/ismap/filings", get(filings::list))
        .route("/ismap/filings/{id}", get(filing::show).post(filing::submit))
        .route("/ismap/meetings", get(meetings::list).post(meetings::convene))
        .route("/ismap/meetings/{id}", get(meeting::show).post(meeting::submit))
        .route("/ismap/meetings/{id}/upload", post(meeting::upload))
        .route("/ismap/meetings/{id}/decide", get(decide::show).post(decide::submit))
        .route("/ismap/meetings/{id}/agenda.md", get(minutes::agenda))
        .route("/ismap/meetings/{id}/minutes.md", get(minutes::draft))
        .route("/ismap/meetings/{id}/minutes", get(meeting::minutes))
        .route("/ismap/incidents", get(incidents::list).post(incidents::know))
        .route("/ismap/incidents/{id}", get(incident::show).post(incident::submit))
        .route("/ismap/incidents/{id}/upload", post(incident::upload))
        .route("/ismap/incidents/{id}/documents/{sha256}", get(incident::document))
        .route("/ismap/change-notices", get(change_notices::list))
        .route("/ismap/change-notices/new", get(change_notice_form::begin).post(change_notice_form::submit))
        .route("/ismap/change-notices/{id}", get(change_notice::show).post(change_notice::submit))
        .route("/ismap/change-notices/{id}/edit", get(change_notice_form::edit).post(change_notice_form::submit_edit))
}
