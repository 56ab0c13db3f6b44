//! 言明書 and 登録申請, as their provider writes them: from naming a service and beginning a statement to its signature, and
//! the application that follows the audit. Who else may read a statement reads what was signed, never a draft.

mod answers;
mod check;
mod difference;
mod editor;
mod filing;
mod filing_lacks;
mod filing_report;
mod gap;
mod import;
mod item_save;
mod items;
mod list;
mod new;
mod offerings;
mod opened;
mod record;
mod saving;
mod selection;
mod service;
mod sign;

use crate::http::App;
use crate::http::page::places::{Place, Who};
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

pub(in crate::http::page) const PLACES: &[Place] = &[
    Place::new("/ismap/offerings", Who::SignedIn),
    Place::new("/ismap/statements", Who::SignedIn),
    Place::new("/ismap/statements/new", Who::SignedIn),
    Place::new("/ismap/statements/{id}", Who::SignedIn),
    Place::new("/ismap/statements/{id}/items/{criterion}", Who::SignedIn),
    Place::new("/ismap/statements/{id}/service", Who::SignedIn),
    Place::new("/ismap/statements/{id}/check", Who::SignedIn),
    Place::new("/ismap/statements/{id}/gap", Who::SignedIn),
    Place::new("/ismap/statements/{id}/sign", Who::SignedIn),
    Place::new("/ismap/statements/{id}/answers", Who::SignedIn),
    Place::new("/ismap/statements/{id}/import", Who::SignedIn),
    Place::new("/ismap/statements/{id}/record", Who::SignedIn),
    Place::new("/ismap/statements/{id}/difference/{other}", Who::SignedIn),
    Place::new("/ismap/filings/new", Who::SignedIn),
    Place::new("/ismap/filings/{id}/edit", Who::SignedIn),
    Place::new("/ismap/filings/{id}/internal-audit", Who::SignedIn),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/ismap/offerings", get(offerings::show).post(offerings::submit))
        .route("/ismap/statements", get(list::show))
        .route("/ismap/statements/new", get(new::show).post(new::submit))
        .route("/ismap/statements/{id}", get(editor::show).post(saving::submit))
        .route("/ismap/statements/{id}/items/{criterion}", post(item_save::submit))
        .route("/ismap/statements/{id}/service", get(service::show).post(service::submit))
        .route("/ismap/statements/{id}/check", get(check::show).post(check::submit))
        .route("/ismap/statements/{id}/gap", get(gap::show))
        .route("/ismap/statements/{id}/sign", get(sign::show).post(sign::submit))
        .route("/ismap/statements/{id}/answers", get(answers::show))
        .route("/ismap/statements/{id}/import", get(import::show).post(import::submit))
        .route("/ismap/statements/{id}/record", get(record::show))
        .route("/ismap/statements/{id}/difference/{other}", get(difference::show))
        .route("/ismap/filings/new", get(filing::new).post(filing::begin))
        .route("/ismap/filings/{id}/edit", get(filing::edit).post(filing::save))
        .route("/ismap/filings/{id}/internal-audit", get(filing_report::show).post(filing_report::submit))
}

/// The script of the editor. Without it every item is saved with its form.
pub(in crate::http) async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("../../../../../templates/ismap/statement/statement.js")).into_response()
}
