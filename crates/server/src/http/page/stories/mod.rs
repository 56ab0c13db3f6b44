//! 事例: written by staff, accepted by somebody else, read by everybody.

mod edit;
mod list;
mod read;
mod review;

pub(super) use list::waiting;

use super::error::PageError;
use super::places::{Place, Who};
use crate::http::App;
use crate::story::{Kept, PAPER};
use axum::Router;
use axum::routing::get;
use sekisho_domain::id::StoryId;
use sekisho_domain::person::Role;
use sekisho_store::Paper;

/// Who accepts stories of others.
const REVIEWERS: &[Role] = &[Role::ServiceManager, Role::Approver, Role::Ciso, Role::Caio];

pub(super) const PLACES: &[Place] = &[
    Place::in_menu("/stories", Who::SignedIn, "事例"),
    Place::new("/stories/new", Who::SignedIn),
    Place::new("/stories/{id}", Who::SignedIn),
    Place::new("/stories/{id}/edit", Who::SignedIn),
    Place::new("/stories/{id}/review", Who::Holding(REVIEWERS)),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/stories", get(list::list))
        .route("/stories/new", get(edit::new).post(edit::begin))
        .route("/stories/{id}", get(read::show).post(read::retract))
        .route("/stories/{id}/edit", get(edit::show).post(edit::submit))
        .route("/stories/{id}/review", get(review::show).post(review::submit))
}

/// What a paper holds.
fn content(paper: &Paper) -> Result<Kept, PageError> {
    serde_json::from_slice(&paper.content).map_err(|error| {
        tracing::error!(%error, id = paper.row.id, "a story cannot be read");
        PageError::Inside
    })
}

/// The paper of a story, whoever wrote it.
async fn paper(app: &App, id: &str) -> Result<Option<(Paper, Kept)>, PageError> {
    StoryId::new(id).map_err(|_| PageError::Missing)?;
    let Some(paper) = app.store.paper(PAPER, id).await? else { return Ok(None) };
    let kept = content(&paper)?;
    Ok(Some((paper, kept)))
}
