//! Oversight: what is used, what was refused, the record of each use, the ledger, and who governed how.

mod amounts;
mod attendance;
mod bundle;
mod content;
mod entry;
mod event_words;
mod governance;
mod ledger;
mod listing;
mod mine;
mod period;
mod record;
mod refusals;
mod report;
mod shadow;
mod small_groups;
mod usage;
mod uses;

pub(super) use period::exact;
pub(super) use record::again as record_again;
pub(super) use small_groups::FEWEST;

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::routing::{get, post};
use sekisho_domain::person::Role::{self, Administrator, Approver, Auditor, Caio, Ciso, ServiceManager};

/// Everyone who governs: figures without people.
const GOVERNING: Who = Who::Holding(&[Auditor, Ciso, Caio, ServiceManager, Approver, Administrator]);
/// Who reads what single people did.
const READING: Who = Who::Holding(READERS);
const READERS: &[Role] = &[Auditor, Ciso];
/// Who reads who governed how: those of the interface for programs, and the CAIO.
const TRAIL: Who = Who::Holding(&[Auditor, Ciso, Caio, Administrator]);
/// Who takes the whole ledger along.
const BUNDLE: Who = Who::Holding(TAKERS);
const TAKERS: &[Role] = &[Auditor, Ciso, Administrator];

pub(super) const PLACES: &[Place] = &[
    Place::in_menu("/oversight", GOVERNING, "利用状況"),
    Place::in_menu("/oversight/report", GOVERNING, "利用報告"),
    Place::in_menu("/oversight/shadow", GOVERNING, "シャドーIT"),
    Place::new("/oversight/shadow/{service}", READING),
    Place::new("/oversight/shadow/{service}/open", READING),
    Place::new("/oversight/by/{dimension}", GOVERNING),
    Place::new("/oversight/refusals", GOVERNING),
    Place::new("/oversight/uses", READING),
    Place::new("/oversight/uses/{id}", READING),
    Place::new("/oversight/uses/{id}/request", READING),
    Place::new("/oversight/uses/{id}/grant", READING),
    Place::new("/oversight/uses/{id}/content", READING),
    Place::new("/oversight/uses/{id}/content/{part}", READING),
    Place::new("/oversight/content", READING),
    Place::in_menu("/oversight/ledger", GOVERNING, "台帳"),
    Place::new("/oversight/ledger/bundle.zip", BUNDLE),
    Place::in_menu("/oversight/governance", TRAIL, "監査証跡"),
    Place::new("/oversight/entries/{index}", TRAIL),
    Place::new("/oversight/entries/{index}/json", TRAIL),
    Place::new("/oversight/entries/{index}/proof", TRAIL),
    Place::new("/me/uses", Who::SignedIn),
    Place::new("/me/uses/{id}", Who::SignedIn),
    Place::new("/me/uses/{id}/entries/{index}/json", Who::SignedIn),
    Place::new("/me/uses/{id}/entries/{index}/proof", Who::SignedIn),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/oversight", get(usage::show))
        .route("/oversight/report", get(report::show))
        .route("/oversight/shadow", get(shadow::show).post(shadow::read))
        .route("/oversight/shadow/{service}", get(shadow::service))
        .route("/oversight/shadow/{service}/open", post(shadow::open))
        .route("/oversight/by/{dimension}", get(amounts::list))
        .route("/oversight/refusals", get(refusals::show))
        .route("/oversight/uses", get(uses::list))
        .route("/oversight/uses/{id}", get(record::show))
        .route("/oversight/uses/{id}/request", post(content::request))
        .route("/oversight/uses/{id}/grant", post(content::grant))
        .route("/oversight/uses/{id}/content", get(content::open))
        .route("/oversight/uses/{id}/content/{part}", get(content::part))
        .route("/oversight/content", get(content::queue))
        .route("/oversight/ledger", get(ledger::show))
        .route("/oversight/ledger/bundle.zip", get(bundle::download))
        .route("/oversight/governance", get(governance::list))
        .route("/oversight/entries/{index}", get(entry::show))
        .route("/oversight/entries/{index}/json", get(entry::json))
        .route("/oversight/entries/{index}/proof", get(entry::proof))
        .route("/me/uses", get(mine::list))
        .route("/me/uses/{id}", get(mine::show))
        .route("/me/uses/{id}/entries/{index}/json", get(mine::json))
        .route("/me/uses/{id}/entries/{index}/proof", get(mine::proof))
}
