//! What answers inside this program: the tools of its library, and reports made of passages. No network.
//!
//! The gate knows neither law nor Diet: whoever opens it hands in an [`InHouse`]. A call comes in as
//! `{"model": "…", "tool": "…", "arguments": {…}}` and is identified, decided and recorded like any other request; the
//! answer is `{"tool": "…", "result": {…}}`.

use std::fmt::Debug;
use std::sync::Arc;

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use super::written::{field, object, text};
use super::{Endpoint, Outgoing, Reply, UpstreamError, Usage, Whole};

/// What answers inside this program.
pub trait InHouse: Debug + Send + Sync {
    /// Calls a tool. `now` is the moment of the use, in Unix seconds. May take as long as reading from the disk takes.
    ///
    /// # Errors
    /// [`NotCalled`].
    fn call(&self, tool: &str, arguments: &Map<String, Value>, now: i64) -> Result<Value, NotCalled>;

    /// The room in which calls are answered: one that finds it full waits without a thread, so that those who wait for
    /// the library hold up nobody else.
    fn room(&self) -> Arc<Semaphore>;

    /// The answer of the extractive model to a message that holds numbered passages; `None` for any other message.
    fn extract(&self, instruction: &str, asked: &str) -> Option<String>;
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCalled {
    /// The caller's doing; the text is for the caller, Japanese with English in brackets.
    #[error("{0}")]
    Arguments(String),
    /// Ours; the text is for the log.
    #[error("{0}")]
    Inside(String),
}

impl From<NotCalled> for UpstreamError {
    fn from(error: NotCalled) -> Self {
        match error {
            NotCalled::Arguments(text) => Self::BadRequest(text),
            NotCalled::Inside(text) => Self::InHouse(text),
        }
    }
}

pub(super) async fn answer(house: Option<&Arc<dyn InHouse>>, out: Outgoing) -> Result<Reply, UpstreamError> {
    if out.endpoint != Endpoint::Tools || out.stream {
        let what = "the built-in search is used by its tools (`/mcp`, `/api/search`) and answers in one piece";
        return Err(UpstreamError::Unsupported(what.to_owned()));
    }
    let house = house.cloned().ok_or_else(|| UpstreamError::InHouse("nothing in this program answers".to_owned()))?;
    let request = object(&out.body)?;
    let tool = field(&request, "tool").and_then(Value::as_str).unwrap_or_default().to_owned();
    let arguments = match field(&request, "arguments") {
        None => Map::new(),
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(_) => return Err(UpstreamError::BadRequest("`arguments` must be an object".to_owned())),
    };
    let now = out.created;
    let room = house.room().acquire_owned().await.map_err(|error| UpstreamError::InHouse(error.to_string()))?;
    // Other requests must not wait for the disk.
    let called = tokio::task::spawn_blocking(move || {
        let _room = room;
        let result = house.call(&tool, &arguments, now)?;
        Ok::<_, NotCalled>(json!({ "tool": tool, "result": result }))
    });
    let body = called.await.map_err(|error| UpstreamError::InHouse(error.to_string()))??;
    let mut said = String::new();
    texts(&body, &mut said);
    Ok(Reply::Whole(Whole {
        status: 200,
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        text: said,
        aside: String::new(),
        body: body.to_string().into(),
        usage: Usage::default(),
    }))
}

/// The result of a call, out of the answer's body.
pub fn result(body: &[u8]) -> Option<Value> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    text(&answer, "tool")?;
    answer.get_mut("result").map(Value::take)
}

/// Every text of a value, for the scan.
fn texts(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(members) => members.values().for_each(|member| texts(member, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Debug)]
    struct Echo(Arc<Semaphore>, AtomicUsize);

    impl InHouse for Echo {
        fn call(&self, tool: &str, arguments: &Map<String, Value>, now: i64) -> Result<Value, NotCalled> {
            self.1.fetch_add(1, Ordering::Relaxed);
            match tool {
                "echo" => Ok(json!({ "said": arguments, "now": now })),
                "broken" => Err(NotCalled::Inside("disk".to_owned())),
                _ => Err(NotCalled::Arguments(format!("道具 `{tool}` はありません。"))),
            }
        }

        fn room(&self) -> Arc<Semaphore> {
            self.0.clone()
        }

        fn extract(&self, _: &str, _: &str) -> Option<String> {
            None
        }
    }

    fn outgoing(endpoint: Endpoint, body: &Value) -> Outgoing {
        Outgoing {
            endpoint,
            stream: false,
            body: body.to_string().into(),
            model: "m".into(),
            use_id: "u".into(),
            created: 7,
        }
    }

    fn call(endpoint: Endpoint, body: &Value) -> Result<Reply, UpstreamError> {
        let house: Arc<dyn InHouse> = Arc::new(Echo(Arc::new(Semaphore::new(1)), AtomicUsize::new(0)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(answer(Some(&house), outgoing(endpoint, body)))
    }

    /// Given a full room, when calls come, then none of them takes a thread until there is a place, and all are answered.
    #[tokio::test]
    async fn calls_wait_for_a_place_without_a_thread() {
        let room = Arc::new(Semaphore::new(1));
        let echo = Arc::new(Echo(room.clone(), AtomicUsize::new(0)));
        let house: Arc<dyn InHouse> = echo.clone();
        let taken = room.clone().acquire_owned().await.unwrap();
        let body = json!({ "tool": "echo", "arguments": {} });
        let calls = (0..8).map(|_| answer(Some(&house), outgoing(Endpoint::Tools, &body)));
        let mut calls = std::pin::pin!(futures_util::future::join_all(calls));
        assert!(futures_util::poll!(&mut calls).is_pending());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert_eq!(echo.1.load(Ordering::Relaxed), 0, "a call that waits has begun nothing");
        drop(taken);
        assert!(calls.await.iter().all(Result::is_ok));
    }

    #[test]
    fn a_call_is_answered_and_its_texts_are_there_to_be_scanned() {
        let body = json!({ "model": "m", "tool": "echo", "arguments": { "q": ["関所", { "x": "台帳" }] } });
        let Reply::Whole(whole) = call(Endpoint::Tools, &body).unwrap() else { panic!() };
        assert_eq!(result(&whole.body).unwrap()["now"], 7);
        assert!(whole.text.contains("関所") && whole.text.contains("台帳"), "{}", whole.text);
    }

    #[test]
    fn what_cannot_be_called_is_told_apart() {
        let of = |body: Value| call(Endpoint::Tools, &body).unwrap_err();
        assert_eq!(of(json!({ "tool": "none" })).explain().status, 400);
        assert_eq!(of(json!({ "tool": "echo", "arguments": [1] })).explain().status, 400);
        assert_eq!(of(json!({ "tool": "broken" })).explain().code, "search_failed");
        let chat = call(Endpoint::ChatCompletions, &json!({ "tool": "echo" })).unwrap_err();
        assert_eq!(chat.explain().code, "upstream_unsupported");
    }
}
