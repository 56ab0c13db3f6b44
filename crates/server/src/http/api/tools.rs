//! The search for programs: `GET /api/search/{corpus}`, `GET /api/units/{corpus}/{id}`, `POST /api/citations/verify`,
//! and any tool by name at `POST /api/tools/{name}`.
//!
//! Each is a call of a tool, and so a use: by a permit for the built-in search, recorded before and after, as at `/mcp`.

use crate::http::body::receive;
use crate::http::error::{self, ApiError, add_use};
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

/// Parameters of an address, in their order.
type Parameters = Query<Vec<(String, String)>>;

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
        _ => return ApiError::missing("/api/search/{law|diet|document}").into_response(),
    };
    let asked = asked.into_iter().map(|(name, value)| (if name == "q" { "query".to_owned() } else { name }, value));
    answer(&app, caller, &headers, tool, named(asked)).await
}

pub(in crate::http) async fn unit(
    State(app): State<App>,
    Identified(caller): Identified,
    Path((corpus, id)): Path<(String, String)>,
    Query(asked): Parameters,
    headers: HeaderMap,
) -> Response {
    let asked = [("corpus".to_owned(), corpus), ("id".to_owned(), id)].into_iter().chain(asked);
    answer(&app, caller, &headers, GET_UNIT, named(asked)).await
}

/// Parameters by name; of two with one name it would be open which counts.
fn named(asked: impl Iterator<Item = (String, String)>) -> Result<Map<String, Value>, Unreadable> {
    let mut arguments = Map::new();
    for (name, value) in asked {
        let name: String = name.chars().take(80).collect();
        if arguments.insert(name.clone(), value.into()).is_some() {
            return Err(Unreadable {
                code: "DUPLICATE_PARAMETER",
                ja: format!("`{name}` が二つ以上あります。一つにしてください。"),
                en: format!("`{name}` may appear once only"),
                param: Some(name),
            });
        }
    }
    Ok(arguments)
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
            let (id, told) = (called.id.clone(), called.told.clone());
            let mut response = Json(called.with_findings()).into_response();
            add_use(&mut response, &id);
            add_findings(&mut response, &told);
            response
        }
        Err(stopped) => error::stopped(stopped),
    }
}
