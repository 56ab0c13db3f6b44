//! DS-920: the CAIO's judgement of risk, 調達・契約チェックシート, and リスクケース.

mod case;
mod cases;
mod clocks;
mod fill;
mod risk;
mod risks;
mod sets;
mod sheet;
mod sheets;
mod table;

use super::places::{Place, Who};
use crate::http::App;
use axum::Router;
use axum::routing::get;
use sekisho_domain::person::Role::{self, Approver, Auditor, Caio, Ciso, ServiceManager};

pub(super) use cases::{handlers as case_handlers, wait_for as cases_wait_for};
pub(super) use risks::waits as risk_waits;

/// Who sees how the risk of all uses is judged.
const OVERSEERS: &[Role] = &[Caio, Ciso, Approver, ServiceManager, Auditor];

pub(super) const PLACES: &[Place] = &[
    Place::in_menu("/risk", Who::Holding(OVERSEERS), "リスク判断"),
    Place::new("/risk/table", Who::Holding(OVERSEERS)),
    // The applicant, too, sees the judgement of their own application.
    Place::new("/risk/{id}", Who::SignedIn),
    Place::in_menu("/checklists", Who::SignedIn, "チェックシート"),
    Place::new("/checklists/new", Who::SignedIn),
    Place::new("/checklists/sets", Who::SignedIn),
    Place::new("/checklists/{id}", Who::SignedIn),
    Place::new("/checklists/{id}/fill", Who::SignedIn),
    Place::new("/checklists/{id}/export", Who::SignedIn),
    Place::in_menu("/cases", Who::SignedIn, "リスクケース"),
    Place::new("/cases/new", Who::SignedIn),
    Place::new("/cases/clocks", Who::SignedIn),
    Place::new("/cases/{id}", Who::SignedIn),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/risk", get(risks::list))
        .route("/risk/table", get(table::show).post(table::submit))
        .route("/risk/{id}", get(risk::show).post(risk::submit))
        .route("/checklists", get(sheets::list))
        .route("/checklists/new", get(sheets::new).post(sheets::begin))
        .route("/checklists/sets", get(sets::show).post(sets::adopt))
        .route("/checklists/{id}", get(sheet::show))
        .route("/checklists/{id}/fill", get(fill::show).post(fill::submit))
        .route("/checklists/{id}/export", get(sheet::export))
        .route("/cases", get(cases::list))
        .route("/cases/new", get(cases::new).post(cases::report))
        .route("/cases/clocks", get(clocks::show).post(clocks::submit))
        .route("/cases/{id}", get(case::show).post(case::submit))
}

/// What is said of how well something is known. Only what was read in the primary text may stand as a requirement.
fn grade(evidence: sekisho_domain::decision::Evidence) -> &'static str {
    use sekisho_domain::decision::Evidence;
    match evidence {
        Evidence::D => "本プログラムの案",
        other => other.label(),
    }
}
