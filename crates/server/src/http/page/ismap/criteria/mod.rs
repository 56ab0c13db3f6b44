//! 管理基準と規程類: versions, import, difference, crosswalk.

mod crosswalk;
mod difference;
mod import;
mod mapping;
mod rule;
mod rules;
mod version;
mod versions;
mod wording;

use crate::http::App;
use crate::http::page::error::PageError;
use crate::http::page::places::{Place, Who};
use axum::Router;
use axum::routing::get;
use sekisho_domain::id::CatalogueId;
use sekisho_domain::ismap::catalogue::CatalogueRow;
use sekisho_domain::ismap::chronicle::Chronicle;
use sekisho_domain::register::Register;

pub(in crate::http::page) const PLACES: &[Place] = &[
    Place::new("/ismap/criteria", Who::SignedIn),
    Place::new("/ismap/criteria/import", Who::SignedIn),
    Place::new("/ismap/criteria/{id}", Who::SignedIn),
    Place::new("/ismap/criteria/{id}/difference/{other}", Who::SignedIn),
    Place::new("/ismap/criteria/{id}/crosswalk/{to}", Who::SignedIn),
    Place::new("/ismap/rules", Who::SignedIn),
    Place::new("/ismap/rules/{id}", Who::SignedIn),
];

pub(in crate::http::page) fn routes() -> Router<App> {
    Router::new()
        .route("/ismap/criteria", get(versions::show))
        .route("/ismap/criteria/import", get(import::show).post(import::submit))
        .route("/ismap/criteria/{id}", get(version::show).post(version::submit))
        .route("/ismap/criteria/{id}/difference/{other}", get(difference::show))
        .route("/ismap/criteria/{id}/crosswalk/{to}", get(crosswalk::show).post(crosswalk::submit))
        .route("/ismap/rules", get(rules::show).post(rules::submit))
        .route("/ismap/rules/{id}", get(rule::show).post(rule::submit))
}

/// The way down to the pages of versions.
const TRAIL: (&str, &str) = ("/ismap/criteria", "管理基準");

/// A version by its name in the address.
fn version_of<'r>(register: &'r Register, id: &str) -> Result<(CatalogueId, &'r Chronicle<CatalogueRow>), PageError> {
    let id = CatalogueId::new(id).map_err(|_| PageError::Missing)?;
    let chronicle = register.scheme().catalogues.get(&id).ok_or(PageError::Missing)?;
    Ok((id, chronicle))
}
