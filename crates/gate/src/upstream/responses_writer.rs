//! Responses, whole and as the API's own sequence of events.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::Usage;
use super::stream::StreamEvent;
use super::written::{Answer, Call, Finish, Origin, Piece};

/// The fields a response repeats from its request, with the API's defaults.
pub(super) fn echo(request: &Map<String, Value>) -> Map<String, Value> {
    let defaults = [
        ("instructions", Value::Null),
        ("max_output_tokens", Value::Null),
        ("metadata", json!({})),
        ("parallel_tool_calls", Value::Bool(true)),
        ("previous_response_id", Value::Null),
        ("temperature", Value::Null),
        ("text", json!({"format": {"type": "text"}})),
        ("tool_choice", json!("auto")),
        ("tools", json!([])),
        ("top_p", Value::Null),
        ("truncation", json!("disabled")),
    ];
    defaults
        .into_iter()
        .map(|(name, default)| {
            let value = request.get(name).filter(|value| !value.is_null()).cloned().unwrap_or(default);
            (name.to_owned(), value)
        })
        .collect()
}

fn tokens(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.input_tokens.saturating_add(usage.output_tokens),
    })
}

fn part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

fn message(origin: &Origin, index: usize, status: &str, content: Value) -> Value {
    json!({"id": format!("msg_{}_{index}", origin.use_id), "type": "message", "role": "assistant", "status": status,
        "content": content})
}

fn call_item(origin: &Origin, index: usize, status: &str, call: &Call) -> Value {
    json!({"id": format!("fc_{}_{index}", origin.use_id), "type": "function_call", "status": status,
        "call_id": call.id, "name": call.name, "arguments": call.arguments})
}

/// How a response ended: its status, and why it is incomplete.
fn outcome(finish: Finish) -> (&'static str, Value) {
    match finish {
        Finish::Stop | Finish::ToolCalls => ("completed", Value::Null),
        Finish::Length => ("incomplete", json!({"reason": "max_output_tokens"})),
        Finish::ContentFilter => ("incomplete", json!({"reason": "content_filter"})),
    }
}

fn response(origin: &Origin, status: &str, output: Value) -> Map<String, Value> {
    let mut response = origin.echo.clone();
    for (name, value) in [
        ("id", json!(format!("resp_{}", origin.use_id))),
        ("object", json!("response")),
        ("created_at", json!(origin.created)),
        ("model", json!(origin.model)),
        ("status", json!(status)),
        ("error", Value::Null),
        ("incomplete_details", Value::Null),
        ("output", output),
        ("usage", Value::Null),
    ] {
        response.insert(name.to_owned(), value);
    }
    response
}

fn finished(origin: &Origin, finish: Finish, usage: Usage, output: Value) -> (&'static str, Value) {
    let (status, incomplete) = outcome(finish);
    let mut response = response(origin, status, output);
    response.insert("incomplete_details".to_owned(), incomplete);
    response.insert("usage".to_owned(), origin.noted(tokens(usage)));
    (status, response.into())
}

pub(super) fn whole(origin: &Origin, answer: &Answer) -> Value {
    let mut output = Vec::new();
    let (status, _) = outcome(answer.finish);
    if !answer.text.is_empty() || answer.calls.is_empty() {
        output.push(message(origin, 0, status, json!([part(&answer.text)])));
    }
    for call in &answer.calls {
        output.push(call_item(origin, output.len(), "completed", call));
    }
    finished(origin, answer.finish, answer.usage, output.into()).1
}

/// The item being written.
enum Open {
    Nothing,
    Message(String),
    Call(Call),
}

/// Writes `response.*` events.
pub(super) struct ResponsesWriter {
    origin: Origin,
    number: u64,
    done: Vec<Value>,
    open: Open,
    /// The open item's id.
    item_id: String,
}

impl ResponsesWriter {
    pub(super) fn new(origin: Origin) -> Self {
        Self { origin, number: 0, done: Vec::new(), open: Open::Nothing, item_id: String::new() }
    }

    pub(super) fn piece(&mut self, piece: Piece, out: &mut VecDeque<StreamEvent>) {
        if self.number == 0 {
            for kind in ["response.created", "response.in_progress"] {
                let response = response(&self.origin, "in_progress", json!([]));
                out.push_back(self.event(kind, json!({ "response": response })));
            }
        }
        match piece {
            Piece::Text(text) => self.text(text, out),
            Piece::CallStart { id, name } => {
                self.close("completed", out);
                let call = Call { id, name, arguments: String::new() };
                let item = call_item(&self.origin, self.done.len(), "in_progress", &call);
                self.item_id = format!("fc_{}_{}", self.origin.use_id, self.done.len());
                out.push_back(self.event("response.output_item.added", json!({ "item": item })));
                self.open = Open::Call(call);
            }
            Piece::CallArguments(aside) => {
                let Open::Call(call) = &mut self.open else { return };
                call.arguments.push_str(&aside);
                let event = self.event("response.function_call_arguments.delta", json!({ "delta": aside }));
                out.push_back(StreamEvent { aside, ..event });
            }
            Piece::End(finish, usage) => {
                if self.done.is_empty() && matches!(self.open, Open::Nothing) {
                    self.begin_message(out);
                }
                self.close(outcome(finish).0, out);
                let output = std::mem::take(&mut self.done).into();
                let (status, response) = finished(&self.origin, finish, usage, output);
                let event = self.event(&format!("response.{status}"), json!({ "response": response }));
                out.push_back(StreamEvent { usage: Some(usage), terminal: true, ..event });
            }
            Piece::Failed { kind, message } => {
                let output = std::mem::take(&mut self.done).into();
                let mut response = response(&self.origin, "failed", output);
                response.insert("error".to_owned(), json!({"code": kind, "message": message}));
                let event = self.event("response.failed", json!({ "response": response }));
                out.push_back(StreamEvent { terminal: true, failed: true, ..event });
            }
        }
    }

    fn begin_message(&mut self, out: &mut VecDeque<StreamEvent>) {
        let item = message(&self.origin, self.done.len(), "in_progress", json!([]));
        self.item_id = format!("msg_{}_{}", self.origin.use_id, self.done.len());
        out.push_back(self.event("response.output_item.added", json!({ "item": item })));
        self.open = Open::Message(String::new());
        out.push_back(self.event("response.content_part.added", json!({"content_index": 0, "part": part("")})));
    }

    fn text(&mut self, text: String, out: &mut VecDeque<StreamEvent>) {
        if !matches!(self.open, Open::Message(_)) {
            self.close("completed", out);
            self.begin_message(out);
        }
        if let Open::Message(all) = &mut self.open {
            all.push_str(&text);
        }
        let event =
            self.event("response.output_text.delta", json!({"content_index": 0, "delta": text, "logprobs": []}));
        out.push_back(StreamEvent { text, ..event });
    }

    /// Ends the open item.
    fn close(&mut self, status: &str, out: &mut VecDeque<StreamEvent>) {
        let item = match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing => return,
            Open::Message(text) => {
                let part = part(&text);
                let done = json!({"content_index": 0, "text": text, "logprobs": []});
                let item = message(&self.origin, self.done.len(), status, json!([part]));
                out.push_back(self.event("response.output_text.done", done));
                out.push_back(self.event("response.content_part.done", json!({"content_index": 0, "part": part})));
                item
            }
            Open::Call(call) => {
                let done = json!({"arguments": call.arguments, "name": call.name});
                let item = call_item(&self.origin, self.done.len(), "completed", &call);
                out.push_back(self.event("response.function_call_arguments.done", done));
                item
            }
        };
        out.push_back(self.event("response.output_item.done", json!({ "item": item })));
        self.done.push(item);
    }

    /// An event with what all events have, and, inside an item, the item's place.
    fn event(&mut self, kind: &str, mut fields: Value) -> StreamEvent {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("type".to_owned(), kind.into());
            fields.insert("sequence_number".to_owned(), self.number.into());
            if !fields.contains_key("response") {
                fields.insert("output_index".to_owned(), self.done.len().into());
                if !fields.contains_key("item") {
                    fields.insert("item_id".to_owned(), self.item_id.as_str().into());
                }
            }
        }
        self.number += 1;
        StreamEvent { bytes: format!("event: {kind}\ndata: {fields}\n\n").into(), ..StreamEvent::default() }
    }
}
