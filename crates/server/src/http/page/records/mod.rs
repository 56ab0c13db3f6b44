//! 文書管理: how long content is kept, what is held, what is destroyed, what is disclosed.

mod classify;
mod disclosure_file;
mod disclosures;
mod disposals;
mod holds;
mod overview;
mod review;
mod schedule;
mod scope_form;

pub(super) use classify::{By, OfRecord, of_record};

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::routing::{get, post};
use sekisho_domain::person::Role::{Auditor, Ciso, RecordsManager};

/// Who sees how records are kept.
const SEEING: Who = Who::Holding(&[RecordsManager, Ciso, Auditor]);
/// Who keeps them.
const KEEPING: Who = Who::Holding(&[RecordsManager]);

pub(super) const PLACES: &[Place] = &[
    Place::in_menu("/records", SEEING, "文書管理"),
    Place::new("/records/schedule", SEEING),
    Place::new("/records/holds", SEEING),
    Place::new("/records/holds/{id}/lift", SEEING),
    Place::new("/records/disposals", SEEING),
    Place::new("/records/disposals/{id}", SEEING),
    Place::new("/records/disposals/{id}/list.csv", SEEING),
    Place::new("/records/disclosures", SEEING),
    Place::new("/records/disclosures/{id}", SEEING),
    Place::new("/records/disclosures/{id}/uses/{of}", KEEPING),
    Place::new("/records/disclosures/{id}/file", KEEPING),
    Place::new("/records/disclosures/{id}/openings.json", KEEPING),
    Place::new("/me/uses/{id}/classify", Who::SignedIn),
    Place::new("/records/uses", KEEPING),
    Place::new("/records/uses/{id}", KEEPING),
    Place::new("/records/uses/{id}/classify", KEEPING),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/records", get(overview::show))
        .route("/records/schedule", get(schedule::show).post(schedule::submit))
        .route("/records/holds", get(holds::show).post(holds::place))
        .route("/records/holds/{id}/lift", post(holds::lift))
        .route("/records/disposals", get(disposals::list).post(disposals::draft))
        .route("/records/disposals/{id}", get(disposals::show).post(disposals::submit))
        .route("/records/disposals/{id}/list.csv", get(disposals::file))
        .route("/records/disclosures", get(disclosures::list).post(disclosures::open))
        .route("/records/disclosures/{id}", get(disclosures::show).post(disclosures::submit))
        .route("/records/disclosures/{id}/uses/{of}", get(review::show).post(review::submit))
        .route("/records/disclosures/{id}/file", post(disclosure_file::make))
        .route("/records/disclosures/{id}/openings.json", get(disclosure_file::openings))
        .route("/me/uses/{id}/classify", post(classify::mine))
        .route("/records/uses", get(classify::find))
        .route("/records/uses/{id}", get(classify::show))
        .route("/records/uses/{id}/classify", post(classify::of_others))
}
