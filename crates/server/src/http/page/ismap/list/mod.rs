//! The list: look-up, comparison, import of the published copy, publication.

mod annexes;
mod compare;
mod filter;
mod import;
mod look_ups;
mod mapping;
mod public;
mod published;
mod row;
mod rows;

use crate::http::App;
use crate::http::page::places::{Place, Who};
use axum::Router;
use axum::routing::get;
use sekisho_domain::person::Role;

/// Who takes up a copy of the list.
const IMPORTERS: &[Role] = &[Role::ServiceManager, Role::Administrator, Role::Ciso];

pub(in crate::http::page) const PLACES: &[Place] = &[
    Place::new("/ismap/list", Who::SignedIn),
    Place::new("/ismap/list/compare", Who::SignedIn),
    Place::new("/ismap/list/import", Who::Holding(IMPORTERS)),
    Place::new("/ismap/list/import/check", Who::Holding(IMPORTERS)),
    Place::new("/ismap/list/{number}", Who::SignedIn),
    Place::new("/ismap/look-ups", Who::SignedIn),
    Place::new("/ismap/look-ups/{id}", Who::SignedIn),
    Place::new("/ismap/annexes", Who::SignedIn),
    Place::new("/ismap/annexes/{id}", Who::SignedIn),
    Place::new("/ismap/public", Who::Anyone),
    Place::new("/ismap/public/{file}", Who::Anyone),
];

pub(in crate::http::page) fn routes() -> Router<App> {
    Router::new()
        .route("/ismap/list", get(rows::show))
        .route("/ismap/list/compare", get(compare::show))
        .route("/ismap/list/import", get(import::show).post(import::submit))
        .route("/ismap/list/import/check", get(import::check).post(import::decide))
        .route("/ismap/list/{number}", get(row::show))
        .route("/ismap/look-ups", get(look_ups::list).post(look_ups::record))
        .route("/ismap/look-ups/{id}", get(look_ups::show))
        .route("/ismap/annexes", get(annexes::list).post(annexes::request))
        .route("/ismap/annexes/{id}", get(annexes::show).post(annexes::answer))
        .route("/ismap/public", get(public::show))
        .route("/ismap/public/{file}", get(public::file))
}

/// The address of a row: a number may hold anything.
fn address(number: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    format!("/ismap/list/{}", number.bytes().map(byte).collect::<String>())
}
