//! What can go wrong upstream, and what to say of it: outside to the client, inside to the log.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::json;

use super::RefusedAddress;

/// Which limit ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Making the connection.
    Connect,
    /// Waiting for the answer to begin.
    FirstByte,
    /// Waiting for its next piece.
    Idle,
    /// The answer as a whole.
    Total,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::FirstByte => "first byte",
            Self::Idle => "idle",
            Self::Total => "total",
        }
    }
}

/// Why there is no answer, or no end of one. `Display` is the inside message.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No connection: refused, unreachable, unknown name, TLS failed.
    #[error("no connection: {0}")]
    Connect(String),
    /// The register's entry may not have this address.
    #[error(transparent)]
    RefusedAddress(#[from] RefusedAddress),
    /// The register's entry cannot be called at all: a broken `base_url`, a key no header can hold.
    #[error("the service's entry cannot be used: {0}")]
    Misconfigured(String),
    /// A limit ran out.
    #[error("the {} limit ran out", .0.name())]
    Timeout(Phase),
    /// The answer is not what the format says.
    #[error("malformed answer: {0}")]
    Malformed(String),
    /// The answer, or one event of it, passed its size limit.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// The connection broke before the answer began.
    #[error("the connection broke before the answer began: {0}")]
    Reset(String),
    /// The answer broke off before its end.
    #[error("the answer broke off: {0}")]
    Truncated(String),
    /// The upstream points elsewhere; that is never followed.
    #[error("redirected with {status} to `{}`", host_of(.location))]
    Redirect {
        /// The 3xx status.
        status: u16,
        /// Where to, for the log only.
        location: String,
    },
    /// The upstream answered with an error of its own.
    #[error("status {status}{}, {} bytes", said_code(.body), .body.len())]
    Status {
        /// Its status.
        status: u16,
        /// Its body.
        body: Bytes,
        /// Those of its headers that may reach the client.
        headers: Vec<(HeaderName, HeaderValue)>,
    },
    /// The request asks for something this format cannot do. The text is for the client too.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// What answers inside this program failed. The text is for the log alone.
    #[error("the built-in search failed: {0}")]
    InHouse(String),
    /// The request cannot be translated because it breaks the API's own rules. The text is for the client too.
    #[error("bad request: {0}")]
    BadRequest(String),
}

/// An error as the client gets it, and as the log gets it.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The HTTP status for the client.
    pub status: u16,
    /// OpenAI's `error.type`.
    pub kind: &'static str,
    /// Stable, for programs.
    pub code: &'static str,
    /// For people, Japanese then English; names no address and no key.
    pub message: String,
    /// For the log.
    pub inside: String,
    /// The upstream's headers to pass on (`retry-after`, …).
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The upstream's own error body, in OpenAI's shape, to pass on instead of one made of the fields above.
    pub passed_on: Option<Bytes>,
}

impl Explained {
    /// The body for the client: the upstream's own, or one made of the fields, in OpenAI's shape.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.passed_on.clone().unwrap_or_else(|| {
            let error = json!({"type": self.kind, "code": self.code, "message": self.message, "param": null});
            json!({ "error": error }).to_string().into()
        })
    }
}

/// Status, type, code, Japanese, English.
type Row = (u16, &'static str, &'static str, &'static str, &'static str);

const API: &str = "api_error";
const INVALID: &str = "invalid_request_error";

const UNREACHABLE: Row =
    (502, API, "upstream_unreachable", "AIサービスに接続できません。", "The AI service could not be reached.");
const REFUSED: Row = (
    502,
    API,
    "upstream_address_refused",
    "AIサービスの接続先が、登録で許される範囲にありません。管理者に連絡してください。",
    "The AI service's address is not one its registration allows. Tell your administrator.",
);
const MISCONFIGURED: Row = (
    502,
    API,
    "upstream_misconfigured",
    "AIサービスの登録内容に誤りがあります。管理者に連絡してください。",
    "The AI service's registration is faulty. Tell your administrator.",
);
const TIMEOUT: Row = (
    504,
    API,
    "upstream_timeout",
    "AIサービスの応答が制限時間内に終わりませんでした。",
    "The AI service did not answer within the time limit.",
);
const MALFORMED: Row = (
    502,
    API,
    "upstream_malformed",
    "AIサービスの応答の形式が正しくありません。",
    "The AI service's answer is malformed.",
);
const TOO_LONG: Row = (
    502,
    API,
    "upstream_too_long",
    "AIサービスの応答が大きさの上限を超えました。",
    "The AI service's answer passed the size limit.",
);
const RESET: Row = (
    502,
    API,
    "upstream_reset",
    "AIサービスとの接続が応答の前に切れました。",
    "The connection to the AI service broke before it answered.",
);
const TRUNCATED: Row = (
    502,
    API,
    "upstream_truncated",
    "AIサービスの応答が途中で切れました。",
    "The AI service's answer broke off before its end.",
);
const REDIRECT: Row = (
    502,
    API,
    "upstream_redirect",
    "AIサービスが別の接続先を案内しましたが、転送には従いません。管理者に連絡してください。",
    "The AI service points to another address, which is never followed. Tell your administrator.",
);
const IN_HOUSE: Row = (
    500,
    API,
    "search_failed",
    "内蔵の検索が失敗しました。時刻とともに管理者に連絡してください。",
    "The built-in search failed. Tell your administrator the time.",
);
const CREDENTIALS: Row = (
    502,
    API,
    "upstream_credentials",
    "AIサービスがこのシステムの認証情報を受け付けません。利用者のキーの問題ではありません。管理者に連絡してください。",
    "The AI service does not accept this system's credentials. Your own key is fine. Tell your administrator.",
);
const RATE_LIMITED: Row = (
    429,
    "rate_limit_error",
    "upstream_rate_limited",
    "AIサービスの利用制限に達しました。しばらく待って再度お試しください。",
    "The AI service's rate limit is reached. Wait and try again.",
);
const ERROR: Row =
    (502, API, "upstream_error", "AIサービスがエラーを返しました。", "The AI service returned an error.");
const REJECTED: Row = (
    400,
    INVALID,
    "upstream_rejected",
    "AIサービスが要求を受け付けませんでした。",
    "The AI service did not accept the request.",
);
const UNSUPPORTED: Row = (
    400,
    INVALID,
    "upstream_unsupported",
    "このモデルはこの機能に対応していません。",
    "This model does not support what the request asks for.",
);
const BAD_REQUEST: Row =
    (400, INVALID, "invalid_request", "要求の内容が正しくありません。", "The request is not valid.");

impl UpstreamError {
    /// A call of a tool went to a service that has none.
    pub(super) fn no_tools() -> Self {
        Self::Unsupported("this service has no tools of its own; only the built-in search does".to_owned())
    }

    /// What to tell the client, and what to tell the log.
    #[must_use]
    pub fn explain(&self) -> Explained {
        let row = match self {
            Self::Connect(_) => UNREACHABLE,
            Self::RefusedAddress(_) => REFUSED,
            Self::Misconfigured(_) => MISCONFIGURED,
            Self::Timeout(_) => TIMEOUT,
            Self::Malformed(_) => MALFORMED,
            Self::TooLong(_) => TOO_LONG,
            Self::Reset(_) => RESET,
            Self::Truncated(_) => TRUNCATED,
            Self::Redirect { .. } => REDIRECT,
            Self::InHouse(_) => IN_HOUSE,
            Self::Unsupported(detail) => return self.with_detail(UNSUPPORTED, detail),
            Self::BadRequest(detail) => return self.with_detail(BAD_REQUEST, detail),
            Self::Status { status, body, headers } => return self.of_status(*status, body, headers),
        };
        self.row(row)
    }

    fn row(&self, (status, kind, code, ja, en): Row) -> Explained {
        Explained {
            status,
            kind,
            code,
            message: format!("{ja} ({en})"),
            inside: self.to_string(),
            headers: Vec::new(),
            passed_on: None,
        }
    }

    fn with_detail(&self, row: Row, detail: &str) -> Explained {
        let mut explained = self.row(row);
        explained.message = format!("{} ({} {detail})", row.3, row.4);
        explained
    }

    fn of_status(&self, status: u16, body: &Bytes, headers: &[(HeaderName, HeaderValue)]) -> Explained {
        let mut explained = self.row(match status {
            401 | 403 => return self.row(CREDENTIALS),
            429 => RATE_LIMITED,
            400 | 413 | 422 => REJECTED,
            _ => ERROR,
        });
        let shaped = is_openai_error(body);
        // Without a body that explains it, another status (a web server's 404) says more of us than of the request.
        if shaped || matches!(status, 400 | 413 | 422 | 429 | 503) {
            explained.status = status;
        }
        explained.headers =
            headers.iter().filter(|(name, _)| shaped || name != http::header::CONTENT_TYPE).cloned().collect();
        explained.passed_on = shaped.then(|| body.clone());
        explained
    }
}

/// Whether a body is `{"error": {"message": "…", …}}`.
fn is_openai_error(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Shape {
        error: Error,
    }
    #[derive(Deserialize)]
    struct Error {
        #[serde(rename = "message")]
        _message: String,
    }
    serde_json::from_slice::<Shape>(body).is_ok_and(|Shape { error: Error { .. } }| true)
}

/// Where an answer stops being what it should be. The library's own message would quote the answer.
pub(super) fn not_json(error: &serde_json::Error) -> String {
    format!("not the JSON it should be ({:?}, line {}, column {})", error.classify(), error.line(), error.column())
}

/// Longest code of an upstream that is taken over.
const CODE: usize = 60;

/// The code an upstream gives its error, for the log. Nothing else of its body: many repeat there what was asked.
fn said_code(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let is_code = |text: &&str| {
        (1..=CODE).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.'))
    };
    let said = |name: &str| body.pointer(name).and_then(serde_json::Value::as_str).filter(is_code);
    said("/error/code").or_else(|| said("/error/type")).map(|code| format!(" `{code}`")).unwrap_or_default()
}

/// The host a redirect points to, for the log: the rest of the address may repeat what was asked.
fn host_of(location: &str) -> String {
    let url = reqwest::Url::parse(location).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "(a path)".to_owned())
}
