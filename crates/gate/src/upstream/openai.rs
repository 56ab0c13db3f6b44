//! OpenAI and everything compatible with it: bytes pass through, text and usage are read on the way.

use std::collections::VecDeque;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::client::{Answer, Clients, endpoint, key_header};
use super::error::not_json;
use super::stream::{AnswerStream, Reader as AnyReader, StreamEvent, no_end};
use super::{Endpoint, Outgoing, Reply, Target, UpstreamError, Usage, Whole, body};
use crate::sse::Event;

pub(super) async fn send(clients: &Clients, target: &Target, out: Outgoing) -> Result<Reply, UpstreamError> {
    let path: &[&str] = match out.endpoint {
        Endpoint::ChatCompletions => &["chat", "completions"],
        Endpoint::Responses => &["responses"],
        Endpoint::Embeddings => &["embeddings"],
        Endpoint::Tools => return Err(UpstreamError::no_tools()),
    };
    let url = endpoint(target, path)?;
    let headers = key_header(target, AUTHORIZATION, "Bearer ")?;
    let answer = clients.post(target, url, headers, named(target, &out)?, out.stream).await?;
    reply(answer, &out).await
}

/// The body with the upstream's own name for the model.
pub(super) fn named(target: &Target, out: &Outgoing) -> Result<Bytes, UpstreamError> {
    if out.model == target.upstream_model {
        return Ok(out.body.clone());
    }
    body::with_model(&out.body, &target.upstream_model).map_err(|error| UpstreamError::BadRequest(error.to_string()))
}

/// The answer, read as it comes if it comes as a stream.
pub(super) async fn reply(answer: Answer, out: &Outgoing) -> Result<Reply, UpstreamError> {
    if out.stream && answer.event_stream {
        let reader = Reader { endpoint: out.endpoint, finished: false };
        return Ok(Reply::Stream(AnswerStream::read(answer, AnyReader::OpenAi(reader))));
    }
    let Answer { status, headers, body, .. } = answer;
    let body = body.whole().await?;
    let Said { text, aside, usage, .. } = whole_said(out.endpoint, &body)?;
    Ok(Reply::Whole(Whole { status, headers, body, text, aside, usage: usage.unwrap_or_default() }))
}

/// What an answer, or an event of it, says.
#[derive(Debug, Default)]
struct Said {
    text: String,
    aside: String,
    usage: Option<Usage>,
    finished: bool,
    failed: bool,
}

/// Tokens under either API's names; some servers send both.
#[derive(Debug, Deserialize)]
struct Tokens {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        Self {
            input_tokens: tokens.prompt_tokens.or(tokens.input_tokens).unwrap_or(0),
            output_tokens: tokens.completion_tokens.or(tokens.output_tokens).unwrap_or(0),
        }
    }
}

/// A chat completion, or a chunk of one.
#[derive(Deserialize)]
struct Chat {
    choices: Option<Vec<Choice>>,
    usage: Option<Tokens>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    message: Option<Message>,
    #[serde(default)]
    delta: Option<Message>,
    finish_reason: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
    reasoning_content: Option<String>,
    reasoning: Option<String>,
    tool_calls: Option<Vec<ToolCall>>,
    function_call: Option<Call>,
}

#[derive(Deserialize)]
struct ToolCall {
    function: Option<Call>,
    custom: Option<Call>,
}

#[derive(Deserialize)]
struct Call {
    arguments: Option<String>,
    input: Option<String>,
}

impl Said {
    fn aside(&mut self, piece: Option<String>) {
        join(&mut self.aside, piece);
    }

    fn call(&mut self, call: Option<Call>) {
        if let Some(Call { arguments, input }) = call {
            self.aside(arguments);
            self.aside(input);
        }
    }

    fn message(&mut self, message: Message) {
        join(&mut self.text, message.content);
        self.aside(message.refusal);
        self.aside(message.reasoning_content.or(message.reasoning));
        self.call(message.function_call);
        for tool in message.tool_calls.into_iter().flatten() {
            self.call(tool.function);
            self.call(tool.custom);
        }
    }

    fn chat(chat: Chat, between: &str) -> Self {
        let mut said = Self { usage: chat.usage.map(Usage::from), failed: chat.error.is_some(), ..Self::default() };
        for (at, choice) in chat.choices.into_iter().flatten().enumerate() {
            if at > 0 {
                said.text.push_str(between);
            }
            said.finished |= choice.finish_reason.is_some();
            for message in choice.message.into_iter().chain(choice.delta) {
                said.message(message);
            }
        }
        said
    }

    fn response(response: Response) -> Self {
        let mut said = Self { usage: response.usage.map(Usage::from), ..Self::default() };
        for item in response.output.into_iter().flatten() {
            for part in item.content.into_iter().flatten() {
                join(&mut said.text, part.text);
                said.aside(part.refusal);
            }
            for part in item.summary.into_iter().flatten() {
                said.aside(part.text);
            }
            said.aside(item.arguments);
            said.aside(item.input);
        }
        said
    }

    /// A shape nobody expected is still scanned: every string in it.
    fn unexpected(value: &Value) -> Self {
        let mut said = Self::default();
        strings(value, &mut said.aside);
        said
    }
}

/// Moves the first piece in, copies the rest behind it.
fn join(to: &mut String, piece: Option<String>) {
    match piece {
        Some(piece) if to.is_empty() => *to = piece,
        Some(piece) => to.push_str(&piece),
        None => {}
    }
}

fn strings(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        Value::Object(fields) => fields.values().for_each(|item| strings(item, out)),
        _ => {}
    }
}

/// A response object.
#[derive(Deserialize)]
struct Response {
    output: Option<Vec<Item>>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Item {
    content: Option<Vec<Part>>,
    summary: Option<Vec<Part>>,
    arguments: Option<String>,
    input: Option<String>,
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
    refusal: Option<String>,
}

/// A list of embeddings.
#[derive(Deserialize)]
struct Embeddings {
    usage: Option<Tokens>,
}

fn whole_said(endpoint: Endpoint, body: &[u8]) -> Result<Said, UpstreamError> {
    let text = std::str::from_utf8(body).map_err(|_| UpstreamError::Malformed("the answer is not UTF-8".to_owned()))?;
    if !text.trim_start().starts_with('{') {
        return Err(UpstreamError::Malformed("the answer is not a JSON object".to_owned()));
    }
    let typed = match endpoint {
        Endpoint::ChatCompletions | Endpoint::Tools => serde_json::from_str(text).map(|chat| Said::chat(chat, "\n")),
        Endpoint::Responses => serde_json::from_str(text).map(Said::response),
        Endpoint::Embeddings => serde_json::from_str(text)
            .map(|Embeddings { usage }| Said { usage: usage.map(Usage::from), ..Said::default() }),
    };
    typed.or_else(|_| untyped(text))
}

fn untyped(text: &str) -> Result<Said, UpstreamError> {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => Ok(Said::unexpected(&value)),
        Ok(_) => Err(UpstreamError::Malformed("not a JSON object".to_owned())),
        Err(error) => Err(UpstreamError::Malformed(not_json(&error))),
    }
}

/// Reads an event stream on its way to the client.
pub(super) struct Reader {
    endpoint: Endpoint,
    /// A choice said why it finished.
    finished: bool,
}

/// An event of a streamed response.
#[derive(Deserialize)]
struct ResponseEvent<'a> {
    #[serde(rename = "type")]
    kind: Option<&'a str>,
    delta: Option<String>,
    response: Option<Closing>,
}

/// Of the response in its closing event, only the usage: the text has been seen.
#[derive(Deserialize)]
struct Closing {
    usage: Option<Tokens>,
}

impl Reader {
    pub(super) fn event(&mut self, bytes: Bytes, out: &mut VecDeque<StreamEvent>) -> Result<(), UpstreamError> {
        let event = Event::parse(&bytes).map_err(|error| UpstreamError::Malformed(error.to_string()))?;
        let data = event.data.as_deref().unwrap_or_default().trim();
        let mut terminal = data == "[DONE]";
        let mut said = Said::default();
        if !terminal && !data.is_empty() {
            said = match self.endpoint {
                Endpoint::Responses => responses_event(data, event.name, &mut terminal)?,
                _ => chat_event(data)?,
            };
            terminal |= said.failed;
            self.finished |= said.finished;
        }
        let Said { text, aside, usage, failed, .. } = said;
        drop(event);
        out.push_back(StreamEvent { bytes, text, aside, usage, terminal, failed });
        Ok(())
    }

    /// Servers that leave `[DONE]` out, but said why they finished and closed properly, get it from us.
    pub(super) fn closed(&mut self, out: &mut VecDeque<StreamEvent>) -> Result<(), UpstreamError> {
        if !self.finished {
            return Err(no_end());
        }
        out.push_back(StreamEvent {
            bytes: Bytes::from_static(b"data: [DONE]\n\n"),
            terminal: true,
            ..StreamEvent::default()
        });
        Ok(())
    }
}

fn chat_event(data: &str) -> Result<Said, UpstreamError> {
    serde_json::from_str(data).map(|chunk| Said::chat(chunk, "")).or_else(|_| untyped(data))
}

fn responses_event(data: &str, name: Option<&str>, terminal: &mut bool) -> Result<Said, UpstreamError> {
    let Ok(event) = serde_json::from_str::<ResponseEvent<'_>>(data) else { return untyped(data) };
    let kind = event.kind.or(name).unwrap_or_default();
    let mut said = Said::default();
    match kind {
        "response.completed" | "response.incomplete" | "response.failed" => {
            *terminal = true;
            said.failed = kind == "response.failed";
            said.usage = event.response.and_then(|response| response.usage).map(Usage::from);
        }
        "error" => said.failed = true,
        "response.output_text.delta" => said.text = event.delta.unwrap_or_default(),
        _ => said.aside = event.delta.unwrap_or_default(),
    }
    Ok(said)
}
