//! `POST /apps/{id}/invoke`: an app in 源内's protocol, through the same gate and into the same ledger as everything else.
//!
//! The permit is the key's, or that of `x-sekisho-permit`, or the only one there is; the model is the first one of the
//! permit's service, or that of `x-sekisho-model`.

use crate::app::catalog::{self, Kind, Listed};
use crate::app::protocol::{self, Said};
use crate::app::way::{Way, ways};
use crate::http::body::receive;
use crate::http::error::{self, ApiError};
use crate::http::ledger::read_error;
use crate::http::openai::{add_findings, narrowing, once};
use crate::http::{App, Identified};
use crate::research::{self, Asker, NotGathered};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::PermitId;
use sekisho_gate::call::{Call, Narrowing, Passed};
use sekisho_gate::identify::Caller;
use sekisho_gate::inbound::Unreadable;
use sekisho_gate::pipeline::name;
use sekisho_gate::trace_parent::TraceParent;
use sekisho_gate::upstream::Endpoint;

const ENDPOINT: Endpoint = Endpoint::ChatCompletions;

pub(in crate::http) async fn run(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let register = match app.journal.register() {
        Ok(register) => register,
        Err(error) => return ApiError::unavailable(&error.to_string()).into_response(),
    };
    let today = in_japan(app.world.now());
    let listed = match catalog::find(&app, &register, &caller.person, today, &id).await {
        Ok(Some(listed)) => listed,
        Ok(None) => {
            return ApiError::missing(&format!("アプリ `{}`", id.chars().take(80).collect::<String>())).into_response();
        }
        Err(error) => return read_error(error).into_response(),
    };
    let (caller, trace) = (Caller { app: listed.id.clone(), ..caller }, TraceParent::of(&headers));
    let asked = async {
        let narrowing = narrowing(&headers)?;
        let model = once(&headers, "x-sekisho-model")?;
        let body = receive(body, &app.config.limits).await?;
        let inputs = protocol::read(&listed.app.form, &body)?;
        let outside = listed.outside.as_ref().map(|model| model.as_str());
        let ways = ways(&register, &caller.person, today, outside);
        let (permit, model) = choose(&caller, &listed, &narrowing, model, &ways)?;
        Ok((inputs, Narrowing { permit, ..narrowing }, model))
    };
    let unread = async |problem| error::stopped(app.gate.refuse_unread(&caller, name(ENDPOINT), 0, problem).await);
    let (inputs, narrowing, model) = match asked.await {
        Ok(asked) => asked,
        Err(problem) => return unread(problem).await,
    };
    let asker = Asker { caller: &caller, narrowing: &narrowing };
    let gathered = match research::gather(&app, built_in(&listed), &inputs, today, asker).await {
        Ok(gathered) => gathered,
        Err(NotGathered::Asked(problem)) => return unread(problem).await,
        Err(error) => {
            // Nothing was sent, and that there was a call is on record all the same.
            unread(error.unsearched()).await;
            return ApiError::inside(&error).into_response();
        }
    };
    let request = research::request(&listed.app, &inputs, &model, gathered.as_ref());
    match app.gate.pass(Call { caller, endpoint: ENDPOINT, body: request.body.into(), narrowing, trace }).await {
        Ok(Passed::Whole { id, answer, told }) => {
            let said = research::shown(&app, &register, &model, gathered, Said::read(&answer.body)).await;
            let mut response = match said {
                Ok(said) => Json(said.answer(&model, id.as_str())).into_response(),
                Err(error) => ApiError::inside(&error).into_response(),
            };
            error::add_use(&mut response, &id);
            add_findings(&mut response, &told);
            response
        }
        Ok(Passed::Stream { .. }) => ApiError::inside(&"a stream came though none was asked for").into_response(),
        Err(stopped) => error::stopped(stopped),
    }
}

/// The name of an app that comes with the program: those alone look something up.
fn built_in(listed: &Listed) -> &str {
    if listed.kind == Kind::BuiltIn { &listed.id } else { "" }
}

/// Permit and model of a request. A permit that does not fit is left to the gate, which refuses it on the record.
fn choose(
    caller: &Caller,
    listed: &Listed,
    narrowing: &Narrowing,
    model: Option<String>,
    ways: &[Way],
) -> Result<(Option<String>, String), Unreadable> {
    let named = narrowing.permit.clone().or_else(|| caller.permit.as_ref().map(PermitId::to_string));
    let of_outside = listed.outside.as_ref().map(|model| model.to_string());
    let permits: std::collections::BTreeSet<&str> = ways.iter().map(|way| way.permit.as_str()).collect();
    let permit = match (&named, permits.len()) {
        (Some(named), _) => named.clone(),
        (None, 1) => permits.iter().map(|permit| (*permit).to_owned()).collect(),
        (None, 0) => String::new(),
        (None, _) => {
            let known = permits.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Unreadable {
                code: "PERMIT_NEEDED",
                param: Some("x-sekisho-permit".into()),
                ja: format!("使える承認が複数あります。ヘッダー `x-sekisho-permit` で一つを指定してください: {known}"),
                en: format!("several permits reach this app; name one in `x-sekisho-permit`: {known}"),
            });
        }
    };
    let first = ways.iter().find(|way| way.permit.as_str() == permit).or_else(|| ways.first());
    // An app that runs elsewhere is its own model, whatever a header says.
    let model = of_outside.or(model).or_else(|| first.map(|way| way.model.clone()));
    let model = model.ok_or_else(|| Unreadable {
        code: "NO_MODEL",
        param: Some("x-sekisho-model".into()),
        ja: "このアプリを動かせる承認が、今日はありません。利用申請をするか、ヘッダー `x-sekisho-model` でモデルを指定してください。".into(),
        en: "no permit reaches a model today; apply for one, or name a model in `x-sekisho-model`".into(),
    })?;
    Ok(((!permit.is_empty()).then_some(permit), model))
}
