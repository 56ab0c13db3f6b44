//! Errors as the outside sees them: OpenAI's shape everywhere, with a stable code. This file alone knows statuses.

use crate::ismap::documents::DocumentError;
use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_domain::decision::{Decision, Outcome};
use sekisho_domain::id::UseId;
use sekisho_domain::refusal::Refusal;
use sekisho_gate::call::Stopped;
use sekisho_gate::examine::Found;
use sekisho_gate::inbound::Unreadable;
use sekisho_gate::upstream::Explained;
use serde_json::{Value, json};

impl From<DocumentError> for ApiError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Journal(error) => Self::unavailable(&error.to_string()),
            other => Self::inside(&other),
        }
    }
}

/// The use a response belongs to.
pub(crate) const USE_HEADER: HeaderName = HeaderName::from_static("x-sekisho-use");

/// An error on its way out.
#[derive(Debug)]
pub(crate) struct ApiError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    kind: &'static str,
    code: String,
    message: String,
    param: Option<String>,
    id: Option<UseId>,
    more: Vec<(&'static str, Value)>,
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, code: &str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            kind,
            code: code.to_owned(),
            message: message.into(),
            param: None,
            id: None,
            more: Vec::new(),
        }))
    }

    pub(crate) fn not_identified() -> Self {
        let text = "鍵が必要です。`Authorization: Bearer 鍵` で有効な鍵を示してください。失効・期限切れの場合は管理者に再発行を依頼してください。 \
                    (a valid key is needed: `Authorization: Bearer KEY`)";
        Self::new(StatusCode::UNAUTHORIZED, "authentication_error", "invalid_api_key", text)
    }

    pub(crate) fn twice(header: &str) -> Self {
        let text = format!(
            "ヘッダー `{header}` が二つ以上あります。一つにしてください。 (the header `{header}` may appear once only)"
        );
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", "DUPLICATE_HEADER", text)
    }

    pub(crate) fn unavailable(inside: &str) -> Self {
        tracing::error!(inside, "ledger unavailable");
        let text = "記録ができないため、要求を受け付けられません。しばらくして再度お試しください。続く場合は管理者に連絡してください。 \
                    (no record can be written, so no request is served; try again later)";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", "LEDGER_UNAVAILABLE", text)
    }

    pub(crate) fn missing(what: &str) -> Self {
        let text = format!("見つかりません: {what} (not found)");
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", "NOT_FOUND", text)
    }

    pub(crate) fn forbidden(ja: &str, en: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "permission_error", "NOT_ALLOWED", format!("{ja} ({en})"))
    }

    pub(crate) fn invalid(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", code, message)
    }

    pub(crate) fn inside(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "request failed");
        let text =
            "内部エラーです。時刻とともに管理者に連絡してください。 (internal error; tell your administrator the time)";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "INTERNAL", text)
    }

    pub(crate) fn unreadable(id: Option<UseId>, problem: Unreadable) -> Self {
        let status = match problem.code {
            "BODY_TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
            "BODY_TOO_SLOW" => StatusCode::REQUEST_TIMEOUT,
            "INFO_OUT_OF_SCOPE" => StatusCode::FORBIDDEN,
            "FILE_NOT_FOUND" => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        let mut error =
            Self::new(status, "invalid_request_error", problem.code, format!("{} ({})", problem.ja, problem.en));
        error.0.param = problem.param;
        error.0.id = id;
        error
    }

    pub(crate) fn refusal(refusal: &Refusal) -> Self {
        let status = match refusal.code {
            "NOT_ALLOWED" | "SEPARATION_OF_DUTIES" | "USER_RANGE" => StatusCode::FORBIDDEN,
            "UNKNOWN" => StatusCode::NOT_FOUND,
            "EXISTS" | "WRONG_STATE" | "ON_HOLD" | "PRESERVED" | "REGULATION_INCOMPLETE" | "TERMS_NOT_READ" => {
                StatusCode::CONFLICT
            }
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut error = Self::new(status, "command_refused", refusal.code, refusal.ja.clone());
        error.0.more.push(("message_en", refusal.en.clone().into()));
        if let Some(clause) = refusal.clause {
            error.0.more.push(("clause", clause.into()));
        }
        error
    }

    /// A file of which nothing was imported: every reject with its line and what to do.
    pub(crate) fn rejected(rejects: Value, count: usize) -> Self {
        let text = format!(
            "{count} か所に誤りがあるため、何も取り込んでいません。`rejects` の行を直して、送り直してください。 (nothing was imported: {count} rejects)"
        );
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "import_rejected", "REJECTED", text);
        error.0.more.push(("rejects", rejects));
        error
    }

    /// Parameters of the address that cannot be read; the first one is named.
    pub(crate) fn parameters(wrong: &[(&'static str, String, String)]) -> Self {
        let all: Vec<String> = wrong.iter().map(|(field, ja, en)| format!("`{field}`: {ja} ({en})")).collect();
        let mut error = Self::invalid("INVALID_PARAMETER", all.join(" "));
        error.0.param = wrong.first().map(|(field, ..)| (*field).to_owned());
        error
    }

    fn denied(id: UseId, decision: &Decision, found: &[Found], confirm: Option<&str>) -> Self {
        let reason = decision.reason();
        let code = reason.map_or("NO_RULE", |r| r.code.as_str());
        let message = match reason {
            Some(r) => format!("{}（{}） {}", r.explanation, r.clause, r.remedy),
            None => "この利用を認める規則がありません。管理者に連絡してください。".to_owned(),
        };
        let reasons: Vec<Value> = decision
            .reasons
            .iter()
            .map(|r| {
                json!({
                    "rule": r.rule, "code": r.code, "document": r.document, "edition": r.edition, "clause": r.clause,
                    "title": r.title, "explanation": r.explanation, "remedy": r.remedy,
                    "evidence": r.evidence, "evidence_label": r.evidence.label(), "effect": r.effect,
                })
            })
            .collect();
        let mut error = Self::new(StatusCode::FORBIDDEN, "policy_denied", code, message);
        let outcome = if decision.outcome == Outcome::Conditional { "conditional" } else { "deny" };
        error.0.more = vec![("use", id.as_str().into()), ("outcome", outcome.into()), ("reasons", reasons.into())];
        if !found.is_empty() {
            error.0.more.push(("found", json!(found)));
        }
        if let Some(confirm) = confirm {
            error.0.more.push(("confirm", confirm.into()));
        }
        error.0.id = Some(id);
        error
    }
}

impl Parts {
    fn body(&mut self) -> Value {
        let mut error = json!({ "type": self.kind, "code": self.code, "message": self.message, "param": self.param });
        if let Some(map) = error.as_object_mut() {
            if let Some(id) = &self.id {
                map.insert("use".into(), id.as_str().into());
            }
            for (name, value) in self.more.drain(..) {
                map.insert(name.into(), value);
            }
        }
        json!({ "error": error })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut parts = *self.0;
        let body = parts.body();
        let mut response = (parts.status, Json(body)).into_response();
        if let Some(id) = &parts.id {
            add_use(&mut response, id);
        }
        if parts.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Names the use in a response.
pub(crate) fn add_use(response: &mut Response, id: &UseId) {
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(USE_HEADER, value);
    }
}

/// What stopped a request, and whether an upstream did.
fn why(stopped: Stopped) -> Result<ApiError, (UseId, Box<Explained>)> {
    match stopped {
        Stopped::Refused { id, decision, found, confirm } => {
            Ok(ApiError::denied(id, &decision, &found, confirm.as_deref()))
        }
        Stopped::Unreadable { id, problem } => Ok(ApiError::unreadable(Some(id), problem)),
        Stopped::Unavailable { inside } => Ok(ApiError::unavailable(&inside)),
        Stopped::Upstream { id, explained } => Err((id, explained)),
    }
}

/// What stopped a request, as a body for those who get no response of HTTP.
pub(crate) fn told(stopped: Stopped) -> Value {
    match why(stopped) {
        Ok(mut error) => error.0.body(),
        Err((id, explained)) => {
            let mut body: Value = serde_json::from_slice(&explained.body()).unwrap_or_default();
            if let Some(error) = body.get_mut("error").and_then(Value::as_object_mut) {
                error.insert("use".into(), id.as_str().into());
            }
            body
        }
    }
}

/// What stopped a request, as a response.
pub(crate) fn stopped(stopped: Stopped) -> Response {
    match why(stopped) {
        Ok(error) => error.into_response(),
        Err((id, explained)) => {
            let status = StatusCode::from_u16(explained.status).unwrap_or(StatusCode::BAD_GATEWAY);
            let json = HeaderValue::from_static("application/json");
            let mut response = (status, [(header::CONTENT_TYPE, json)], explained.body()).into_response();
            for (name, value) in explained.headers {
                response.headers_mut().insert(name, value);
            }
            add_use(&mut response, &id);
            response
        }
    }
}

pub(crate) async fn not_found(uri: axum::http::Uri) -> ApiError {
    let path: String = uri.path().chars().take(200).collect();
    ApiError::missing(&path)
}

pub(crate) async fn method_not_allowed() -> ApiError {
    let text = "このアドレスではその方法（メソッド）は使えません。 (method not allowed here)";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", "METHOD_NOT_ALLOWED", text)
}
