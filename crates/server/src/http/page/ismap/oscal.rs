//! `/ismap/oscal/{model}/{id}`: a record as an OSCAL document to take along.

use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::frame::download;
use crate::ismap::oscal::{NotTaken, model, take};
use axum::extract::{Path, State};
use axum::response::Response;
use sekisho_domain::day::in_japan;

pub(super) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Path((word, id)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let model = model(&word).ok_or(PageError::Missing)?;
    let register = app.journal.register()?;
    let today = in_japan(app.world.now());
    match take(&app, &register, signed.person(), today, model, &id).await {
        Ok(taken) => Ok(download("application/json", &taken.name, taken.bytes)),
        Err(NotTaken::Missing) => Err(PageError::Missing),
        Err(NotTaken::Document(error)) => Err(error.into()),
        Err(NotTaken::Export(error)) => {
            tracing::error!(%error, "a record cannot be written as OSCAL");
            Err(PageError::Inside)
        }
    }
}
