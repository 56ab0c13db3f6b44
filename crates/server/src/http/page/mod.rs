//! Pages: rendered here, working without script, under one frame and one set of headers.
//!
//! Each folder is an area of work with its own `PLACES` (who may open what) and `routes`.

mod account;
mod act;
mod apps;
mod budget;
mod chat;
mod desk;
mod door;
mod ds920;
mod error;
mod form;
mod frame;
mod home;
mod ismap;
mod landing;
mod list;
mod markdown;
mod next;
mod oversight;
pub mod places;
mod records;
mod research;
mod setup;
mod stories;
mod surveys;
mod upload;
mod words;

pub(super) use act::without_made;
pub(super) use chat::script as chat_script;
pub(crate) use chat::uses_of as uses_of_conversation;
pub(super) use door::pass;
pub(super) use ismap::statement::script as statement_script;
pub(super) use landing::{healthz, icon, landing, readyz, style};
pub(super) use research::script as research_script;

use super::App;
use axum::Router;

/// All pages but the landing page.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(account::routes())
        .merge(chat::routes())
        .merge(apps::routes())
        .merge(desk::routes())
        .merge(ds920::routes())
        .merge(ismap::routes())
        .merge(oversight::routes())
        .merge(records::routes())
        .merge(research::routes())
        .merge(setup::routes())
        .merge(stories::routes())
        .merge(surveys::routes())
}
