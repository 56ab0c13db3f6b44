//! A client of `/v1/embeddings`, and what it is told when there are no vectors.

use crate::cli::Failed;
use crate::research::embedding;
use anyhow::Context as _;
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use sekisho_search::dense::UnfitVector;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Longest time of one request; a large batch on a slow machine takes its time.
const LONGEST: Duration = Duration::from_secs(900);

pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
    model: String,
    permit: Option<String>,
}

/// Why a batch has no vectors.
#[derive(Debug)]
pub(super) struct NotEmbedded {
    /// 0 where no answer came, or none that can be used.
    status: u16,
    code: String,
    message: String,
    /// Seconds after which the server asks to come again.
    after: Option<u64>,
    /// What the gate found, and where.
    found: Vec<Value>,
}

impl Client {
    pub(super) fn new(server: &str, key: String, permit: Option<String>, model: String) -> Result<Self, Failed> {
        // Setting it twice is no error worth telling: the first one stands.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(LONGEST).build().context("no HTTP client")?;
        Ok(Self { http, url: format!("{}/v1/embeddings", server.trim_end_matches('/')), key, model, permit })
    }

    /// The vectors of these texts, in their order, under this grade.
    pub(super) async fn embed(&self, texts: &[String], grade: &str) -> Result<Vec<Vec<f32>>, NotEmbedded> {
        let mut headers = HeaderMap::new();
        let narrowed = [("x-sekisho-permit", self.permit.as_deref().unwrap_or_default()), ("x-sekisho-grade", grade)];
        for (name, value) in narrowed.into_iter().filter(|(_, value)| !value.is_empty()) {
            // A label is Japanese; the server reads UTF-8.
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|error| NotEmbedded::none(&error))?;
            headers.insert(name, value);
        }
        let request = self.http.post(&self.url).bearer_auth(&self.key).headers(headers);
        let body = embedding::request(&self.model, texts).to_string();
        let answer = request.header("content-type", "application/json").body(body).send().await;
        let answer = answer.map_err(|error| NotEmbedded::none(&error))?;
        let status = answer.status();
        let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let body = answer.bytes().await.map_err(|error| NotEmbedded::none(&error))?;
        if status.is_success() {
            return embedding::read(&body, texts.len()).map_err(|error| NotEmbedded::none(&error));
        }
        Err(NotEmbedded::told(status.as_u16(), &body, after))
    }
}

impl NotEmbedded {
    /// No answer, or none that can be used.
    fn none(error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        Self { status: 0, code: "NO_VECTORS".into(), message, after: None, found: Vec::new() }
    }

    /// The model gave something that is no vector, or one of another length than before.
    pub(super) fn unfit(error: &UnfitVector) -> Self {
        Self::none(error)
    }

    /// What the server said.
    fn told(status: u16, body: &[u8], after: Option<u64>) -> Self {
        let mut error = serde_json::from_slice::<Value>(body).unwrap_or_default();
        let error = error.get_mut("error").map(Value::take).unwrap_or_default();
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut message = text("message");
        if message.is_empty() {
            message = String::from_utf8_lossy(body).chars().take(300).collect();
        }
        let found = error.get("found").and_then(Value::as_array).cloned().unwrap_or_default();
        Self { status, code: text("code"), message, after, found }
    }

    /// Whether somebody decided so, and asking again changes nothing until they decide otherwise.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.status, 400..=499) && self.status != 429
    }

    /// Which of so many texts brought the refusal, by what was found in them: where something stops a use or asks for a
    /// confirmation that nobody is there to give, those; else those with marks, which may have raised the grade.
    pub(super) fn at(&self, texts: usize) -> BTreeSet<usize> {
        let place = |found: &Value| {
            let path = found.get("path")?.as_str()?.strip_prefix("input[")?;
            path.split(']').next()?.parse::<usize>().ok().filter(|place| *place < texts)
        };
        let acts = |found: &&Value| matches!(found.get("action").and_then(Value::as_str), Some("block" | "ask"));
        let acting: BTreeSet<usize> = self.found.iter().filter(acts).filter_map(place).collect();
        if acting.is_empty() { self.found.iter().filter_map(place).collect() } else { acting }
    }

    fn again(&self) -> (String, String) {
        match self.after {
            Some(seconds) => (format!("{seconds} 秒後に"), format!(" after {seconds} s")),
            None if self.is_refusal() => ("直したら".to_owned(), " once that is mended".to_owned()),
            None => ("時間をおいて".to_owned(), " later".to_owned()),
        }
    }

    pub(super) fn ja(&self) -> String {
        let Self { status, code, message, .. } = self;
        format!(
            "サーバーからベクトルを受け取れません（{status} {code}）: {message}\nここまでの分は残してあります。{}同じコマンドを実行すれば、続きから始まります",
            self.again().0
        )
    }

    pub(super) fn en(&self) -> String {
        let Self { status, code, message, .. } = self;
        format!(
            "no vectors came from the server ({status} {code}): {message}\nwhat was made is kept; run the same command again{}, it goes on from here",
            self.again().1
        )
    }

    pub(super) fn json(&self) -> Value {
        json!({ "status": self.status, "code": self.code, "message": self.message, "retry_after": self.after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(found: &Value) -> NotEmbedded {
        let body = json!({ "error": { "code": "X", "message": "理由", "found": found } }).to_string();
        NotEmbedded::told(403, body.as_bytes(), None)
    }

    #[test]
    fn what_stops_a_batch_is_known_by_its_place() {
        let error = refused(&json!([
            { "action": "warn", "path": "input[0]" }, { "action": "block", "path": "input[2]" },
            { "action": "ask", "path": "input[3]" }, { "action": "block", "path": "input[9]" },
        ]));
        assert_eq!(error.at(4), BTreeSet::from([2, 3]));
        assert_eq!(refused(&json!([{ "action": "warn", "path": "input[1]" }])).at(4), BTreeSet::from([1]));
        // Nothing in the texts: it is the permit, and no text is to blame.
        assert!(refused(&json!([])).at(4).is_empty());
        assert!(refused(&json!([{ "action": "block", "path": "messages[0]" }, "?"])).at(4).is_empty());
    }

    #[test]
    fn what_the_server_says_is_passed_on_with_what_to_do() {
        let error = refused(&json!([]));
        assert!(error.is_refusal() && error.ja().contains("403 X") && error.ja().contains("直したら同じコマンド"));
        let busy = NotEmbedded::told(429, b"slow down", Some(7));
        assert!(!busy.is_refusal() && busy.ja().contains("slow down") && busy.ja().contains("7 秒後に"));
        assert!(NotEmbedded::told(503, b"{}", None).en().contains("later"));
    }
}
