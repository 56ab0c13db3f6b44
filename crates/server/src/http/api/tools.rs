//! The search for programs: `GET /api/search/{corpus}`, `GET /api/units/{corpus}/{id}`, `POST /api/citations/verify`,
//! and any tool by name at `POST /api/tools/{name}`.
//!
//! Each is a call of a tool, and so a use: by a permit for the built-in search, recorded before and after, as at `/mcp`.

use crate::http::body::receive;
use crate::http::error::{self, add_use};
use crate::http::openai::{add_findings, narrowing};
use crate::http::{App, Identified};
use crate::research::call::call;
use crate::research::tools::{GET_UNIT, SEARCH_DOCUMENT};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use sekisho_gate::identify::Caller;
use sekisho_gate::inbound::Unreadable;
use sekisho_gate::pipeline::name;
use sekisho_gate::upstream::Endpoint;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Parameters of an address, by name; one that stands twice cannot be read.
type Parameters = Query<BTreeMap<String, String>>;

pub(in crate::http) async fn search(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(corpus): Path<String>,
    Query(asked): Parameters,
    headers: HeaderMap,
) -> Response {
    let tool = match corpus.as_str() {
        "law" => "search_law",
        "diet" => "search_diet",
        "document" => SEARCH_DOCUMENT,
        _ => return error::not_found(headers_path(&corpus)).await.into_response(),
    };
    let named =
        asked.into_iter().map(|(name, value)| (if name == "q" { "query".to_owned() } else { name }, value.into()));
    answer(&app, caller, &headers, tool, Ok(named.collect())).await
}

fn headers_path(corpus: &str) -> axum::http::Uri {
    let plain: String = corpus.chars().filter(char::is_ascii_alphanumeric).take(80).collect();
    format!("/api/search/{plain}").parse().unwrap_or_default()
}

pub(in crate::http) async fn unit(
    State(app): State<App>,
    Identified(caller): Identified,
    Path((corpus, id)): Path<(String, String)>,
    Query(asked): Parameters,
    headers: HeaderMap,
) -> Response {
    let mut arguments: Map<String, Value> = asked.into_iter().map(|(name, value)| (name, value.into())).collect();
    arguments.insert("corpus".into(), corpus.into());
    arguments.insert("id".into(), id.into());
    answer(&app, caller, &headers, GET_UNIT, Ok(arguments)).await
}

pub(in crate::http) async fn verify(
    State(app): State<App>,
    Identified(caller): Identified,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let arguments = arguments(&app, body).await;
    answer(&app, caller, &headers, "verify_citation", arguments).await
}

pub(in crate::http) async fn any(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(tool): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let arguments = arguments(&app, body).await;
    let caller = Caller { app: "mcp".to_owned(), ..caller };
    answer(&app, caller, &headers, &tool, arguments).await
}

async fn arguments(app: &App, body: Body) -> Result<Map<String, Value>, Unreadable> {
    let body = receive(body, &app.config.limits).await?;
    serde_json::from_slice(&body).map_err(|error| Unreadable {
        code: "INVALID_JSON",
        param: None,
        ja: format!("引数を JSON のオブジェクトとして読めません: {error}"),
        en: format!("the arguments are not a JSON object: {error}"),
    })
}

async fn answer(
    app: &App,
    caller: Caller,
    headers: &HeaderMap,
    tool: &str,
    arguments: Result<Map<String, Value>, Unreadable>,
) -> Response {
    let read = narrowing(headers).and_then(|narrowing| Ok((narrowing, arguments?)));
    let (narrowing, arguments) = match read {
        Ok(read) => read,
        Err(problem) => {
            return error::stopped(app.gate.refuse_unread(&caller, name(Endpoint::Tools), 0, problem).await);
        }
    };
    match call(app, caller, narrowing, tool, arguments).await {
        Ok(called) => {
            let mut response = Json(called.result).into_response();
            add_use(&mut response, &called.id);
            add_findings(&mut response, &called.told);
            response
        }
        Err(stopped) => error::stopped(stopped),
    }
}
