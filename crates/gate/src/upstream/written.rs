//! Answers written here rather than passed through (translations, the extractive model), before they have a shape.

use std::collections::VecDeque;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::chat_writer::{self, ChatWriter};
use super::responses_writer::{self, ResponsesWriter};
use super::stream::StreamEvent;
use super::{Endpoint, Outgoing, UpstreamError, Usage, Whole};

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Finish {
    #[default]
    Stop,
    Length,
    ToolCalls,
    ContentFilter,
}

/// A call the model asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) name: String,
    /// JSON text.
    pub(super) arguments: String,
}

/// A whole answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    pub(super) finish: Finish,
    pub(super) usage: Usage,
}

/// A piece of a streamed answer. Pieces of one call follow each other.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(String),
    CallStart {
        id: String,
        name: String,
    },
    CallArguments(String),
    End(Finish, Usage),
    /// The answer failed: OpenAI's error type, and a message.
    Failed {
        kind: String,
        message: String,
    },
}

/// What the answer says of itself, taken from the request.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) use_id: String,
    pub(super) model: String,
    pub(super) created: i64,
    /// `stream_options.include_usage`
    pub(super) include_usage: bool,
    /// The fields a response repeats from its request.
    pub(super) echo: Map<String, Value>,
    /// How the token counts came to be, where they were not counted.
    pub(super) usage_note: Option<&'static str>,
}

impl Origin {
    pub(super) fn new(out: &Outgoing, request: &Map<String, Value>) -> Self {
        let include_usage =
            request.get("stream_options").and_then(|o| o.get("include_usage")).and_then(Value::as_bool) == Some(true);
        let echo = if out.endpoint == Endpoint::Responses { responses_writer::echo(request) } else { Map::new() };
        Self {
            use_id: out.use_id.clone(),
            model: out.model.clone(),
            created: out.created,
            include_usage,
            echo,
            usage_note: None,
        }
    }

    /// A usage object with the note about its counts, if there is one.
    pub(super) fn noted(&self, mut usage: Value) -> Value {
        if let (Some(note), Some(usage)) = (self.usage_note, usage.as_object_mut()) {
            usage.insert("note".to_owned(), note.into());
        }
        usage
    }

    /// The answer in the endpoint's shape.
    pub(super) fn whole(
        &self,
        endpoint: Endpoint,
        answer: Answer,
        mut headers: Vec<(HeaderName, HeaderValue)>,
    ) -> Whole {
        let body = match endpoint {
            Endpoint::Responses => responses_writer::whole(self, &answer),
            _ => chat_writer::whole(self, &answer),
        };
        headers.retain(|(name, _)| name != CONTENT_TYPE);
        headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
        let aside = answer.calls.iter().map(|call| call.arguments.as_str()).collect();
        Whole { status: 200, headers, body: body.to_string().into(), text: answer.text, aside, usage: answer.usage }
    }
}

/// Writes a stream in the endpoint's shape.
pub(super) enum Writer {
    Chat(ChatWriter),
    Responses(ResponsesWriter),
}

impl Writer {
    pub(super) fn new(endpoint: Endpoint, origin: Origin) -> Self {
        match endpoint {
            Endpoint::Responses => Self::Responses(ResponsesWriter::new(origin)),
            _ => Self::Chat(ChatWriter::new(origin)),
        }
    }

    pub(super) fn piece(&mut self, piece: Piece, out: &mut VecDeque<StreamEvent>) {
        match self {
            Self::Chat(writer) => writer.piece(piece, out),
            Self::Responses(writer) => writer.piece(piece, out),
        }
    }
}

/// The client's JSON as an object, for formats that cannot pass it through.
pub(super) fn object(body: &Bytes) -> Result<Map<String, Value>, UpstreamError> {
    serde_json::from_slice(body)
        .map_err(|error| UpstreamError::BadRequest(format!("the body is not a JSON object: {error}")))
}

/// A field that is there and not null.
pub(super) fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// A text field.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// An error in OpenAI's shape.
pub(super) fn error_body(kind: &str, message: &str) -> Value {
    json!({"error": {"type": kind, "message": message, "param": null, "code": null}})
}
