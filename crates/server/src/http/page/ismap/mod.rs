//! ISMAP: what each party does, below `/ismap`. What a person may see of a record is decided by the record
//! (`Scheme::may_read_…`): a record of others is answered as if it did not exist.

mod acts;
mod as_of;
pub(super) mod audit;
pub(super) mod criteria;
mod history;
mod home;
pub(super) mod list;
pub(super) mod operator;
mod oscal;
pub(super) mod statement;
mod step;

use super::error::PageError;
use super::frame::Frame;
use super::places::{Place, Who};
use crate::account::SignedIn;
use crate::http::App;
use axum::Router;
use axum::routing::get;
use std::borrow::Cow;

pub(super) const PLACES: &[Place] =
    &[Place::in_menu("/ismap", Who::SignedIn, "ISMAP"), Place::new("/ismap/oscal/{model}/{id}", Who::SignedIn)];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/ismap", get(home::show))
        .route("/ismap/oscal/{model}/{id}", get(oscal::show))
        .merge(criteria::routes())
        .merge(statement::routes())
        .merge(audit::routes())
        .merge(operator::routes())
        .merge(list::routes())
}

/// The frame of a page below `/ismap`; `trail` is what lies between.
async fn frame(
    app: &App,
    signed: &SignedIn,
    path: &str,
    title: impl Into<Cow<'static, str>>,
    trail: &[(&str, &str)],
) -> Result<Frame, PageError> {
    let mut whole = vec![("/", "ホーム"), ("/ismap", "ISMAP")];
    whole.extend_from_slice(trail);
    Ok(Frame::new(app, Some(signed), path, title).await?.below(&whole))
}
