//! HTTP: one router, closed by default. What is open without a key stands in [`OPEN`] and nowhere else.

mod api;
mod body;
mod error;
mod identity;
mod ledger;
mod mcp;
mod metrics;
mod openai;
mod openapi;
mod page;
mod serve;
mod unread;

pub(crate) use error::told;
pub use metrics::serve_metrics;
pub(crate) use openai::narrowing;
pub use openapi::document as openapi_document;
pub use page::places;
pub(crate) use page::uses_of_conversation;
pub use serve::serve;
pub(crate) use serve::{LAST_ANSWERS, Patience, connections};

use crate::installation::Installation;
use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, header, request::Parts};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, post_service};
use error::ApiError;
use identity::{Door, Identity, Unknown, who};
use sekisho_gate::identify::Caller;
use std::sync::Arc;

/// Paths that need neither key nor session: the landing page, signing in, the link to an account, health, the API's description, and what proves the ledger without showing
/// what is in it. A trailing `/` stands for everything below; `tile/entries/`, the entries themselves, is not open.
pub const OPEN: [&str; 14] = [
    "/",
    "/style.css",
    "/icon.svg",
    "/chat.js",
    "/statement.js",
    "/research.js",
    "/signin",
    "/enrol/",
    "/healthz",
    "/readyz",
    "/api/openapi.json",
    "/ledger/checkpoint",
    "/ledger/vkey",
    "/ledger/tile/",
];

/// Where an app answers in 源内's protocol.
const INVOKE: &str = "/apps/{id}/invoke";

/// What every handler shares.
pub type App = Arc<Installation>;

/// Builds the router.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(page::landing))
        .route("/style.css", get(page::style))
        .route("/icon.svg", get(page::icon))
        .route("/chat.js", get(page::chat_script))
        .route("/statement.js", get(page::statement_script))
        .route("/research.js", get(page::research_script))
        .route("/healthz", get(page::healthz))
        .route("/readyz", get(page::readyz))
        .route("/v1/models", get(openai::models::list))
        .route("/v1/chat/completions", post(openai::chat_completions))
        .route("/v1/responses", post(openai::responses))
        .route("/v1/embeddings", post(openai::embeddings))
        .route("/api/openapi.json", get(openapi::serve))
        .route("/api/me", get(api::me::show))
        .route("/api/commands/{name}", post(api::commands::run))
        .route("/api/services", get(api::register::services))
        .route("/api/registrations", get(api::register::registrations))
        .route("/api/ismap/import/list", post(api::list_import::run))
        .route("/api/ismap/{kind}", get(api::scheme::list))
        .route("/api/ismap/{kind}/{id}", get(api::scheme::show))
        .route("/api/oscal/check", post(api::oscal::check))
        .route("/api/oscal/{model}/{id}", get(api::oscal::show))
        .route("/api/ismap/import/criteria", post(api::criteria::import))
        .route("/api/ismap/criteria/{id}/content", get(api::criteria::content))
        .route("/api/rules", get(api::register::rules))
        .route("/api/regulation", get(api::register::regulation))
        .route("/api/handlings", get(api::handlings::list))
        .route("/api/budgets", get(api::budgets::list))
        .route("/api/files", get(api::files::list).post(api::files::upload))
        .route("/api/files/{id}", get(api::files::show).delete(api::files::destroy))
        .route("/v1/files", get(api::files::list).post(api::files::upload))
        .route("/v1/files/{id}", get(api::files::show).delete(api::files::destroy))
        .route("/api/applications", get(api::register::applications))
        .route("/api/permits", get(api::register::permits))
        .route("/api/persons", get(api::register::persons))
        .route("/api/departments", get(api::register::departments))
        .route("/api/keys", get(api::register::keys))
        .route(INVOKE, post(api::invoke::run))
        .route("/api/search/{corpus}", get(api::tools::search))
        .route("/api/units/{corpus}/{*id}", get(api::tools::unit))
        .route("/api/citations/verify", post(api::tools::verify))
        .route("/api/tools/{name}", post(api::tools::any))
        .route("/mcp", post_service(mcp::service(app.clone())).layer(from_fn_with_state(app.clone(), mcp::received)))
        .route("/api/uses", get(api::uses::list))
        .route("/api/uses/{id}", get(api::uses::show))
        .route("/api/uses/{id}/content", get(api::uses::content))
        .route("/api/ledger/{index}/proof", get(ledger::proof))
        .route("/ledger/checkpoint", get(ledger::checkpoint))
        .route("/ledger/vkey", get(ledger::vkey))
        .route("/ledger/tile/entries/{*path}", get(ledger::entries))
        .route("/ledger/tile/{*path}", get(ledger::tile))
        .merge(page::routes())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), closed_by_default))
        .with_state(app)
}

fn is_open(path: &str) -> bool {
    !path.starts_with("/ledger/tile/entries")
        && OPEN.iter().any(|open| *open == path || (*open != "/" && open.ends_with('/') && path.starts_with(open)))
}

/// Identifies the caller of everything that is not open: by a session for pages, by a key for all else.
async fn closed_by_default(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let place = route.and_then(page::places::of);
    // What does not exist is shown as a page among pages, and to those who ask for one.
    let for_people =
        route.is_none() && !is_for_programs(path) && (page::places::are_around(path) || wants_html(request.headers()));
    if place.is_some() || for_people {
        return page::pass(app, place, request, next).await;
    }
    if is_open(path) {
        return in_our_shape(next.run(request).await);
    }
    let door = if route == Some(INVOKE) { Door::App } else { Door::Api };
    match who(&app, door, request.headers()).await {
        Ok(Identity::Key(caller)) => {
            let register = match app.journal.register() {
                Ok(register) => register,
                Err(error) => return ApiError::unavailable(&error.to_string()).into_response(),
            };
            if !is_for_outsiders(request.uri().path()) && register.scheme().is_outsider(&caller.person) {
                let ja = "この API は、機関の職員のためのものです。事業者と監査機関の鍵で使えるのは /api/ismap、/api/oscal、/api/commands、/api/registrations、/api/me です。";
                return ApiError::forbidden(ja, "this part of the API is for staff of the body").into_response();
            }
            request.extensions_mut().insert(Identified(caller));
            in_our_shape(next.run(request).await)
        }
        Err(Unknown::Api(error)) => error.into_response(),
        // Not through this door.
        Ok(Identity::Session(_)) | Err(Unknown::Nobody | Unknown::Failed(_)) => {
            ApiError::not_identified().into_response()
        }
    }
}

/// Below these, nothing is a page.
fn is_for_programs(path: &str) -> bool {
    ["/v1", "/api", "/ledger", "/mcp"]
        .iter()
        .any(|top| path.strip_prefix(top).is_some_and(|below| below.is_empty() || below.starts_with('/')))
}

/// What the keys of providers and audit firms reach: their part in ISMAP. The body's services, models, permits and people
/// are none of theirs.
fn is_for_outsiders(path: &str) -> bool {
    ["/api/ismap", "/api/oscal", "/api/commands", "/api/registrations", "/api/me"]
        .iter()
        .any(|top| path.strip_prefix(top).is_some_and(|below| below.is_empty() || below.starts_with('/')))
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|kinds| kinds.as_bytes().starts_with(b"text/html"))
}

/// What the framework itself refuses, a parameter it cannot read, in the shape of every other error.
fn in_our_shape(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if response.status().is_client_error() && kind.starts_with(b"text/plain") {
        let text = "アドレスのパラメーターを読めません。形は GET /api/openapi.json にあります。 (a parameter in the address cannot be read)";
        return ApiError::invalid("INVALID_PARAMETER", text).into_response();
    }
    response
}

/// The caller, as [`closed_by_default`] found it. A handler that takes this cannot stand behind an open path.
#[derive(Debug, Clone)]
pub(crate) struct Identified(pub(crate) Caller);

impl FromRequestParts<App> for Identified {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::not_identified)
    }
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn the_entries_of_the_ledger_are_not_open_and_its_hashes_are() {
        assert!(is_open("/ledger/tile/0/000"));
        assert!(is_open("/ledger/checkpoint"));
        for closed in [
            "/ledger/tile/entries/000",
            "/v1/models",
            "/api/me",
            "/api/openapi.jsonx",
            "/x",
            "//",
            "/me",
            "/signin/code",
            "/signout",
            "/enrol",
        ] {
            assert!(!is_open(closed), "{closed}");
        }
    }
}
