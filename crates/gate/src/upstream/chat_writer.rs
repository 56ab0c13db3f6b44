//! Chat completions, whole and in chunks.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::Usage;
use super::stream::StreamEvent;
use super::written::{Answer, Finish, Origin, Piece, error_body};

fn reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
    }
}

fn tokens(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens.saturating_add(usage.output_tokens),
    })
}

pub(super) fn whole(origin: &Origin, answer: &Answer) -> Value {
    let mut message = json!({"role": "assistant", "content": answer.text, "refusal": null});
    if !answer.calls.is_empty() {
        let calls = answer.calls.iter().map(|call| {
            json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}})
        });
        let calls: Value = calls.collect();
        if let Some(message) = message.as_object_mut() {
            if answer.text.is_empty() {
                message.insert("content".to_owned(), Value::Null);
            }
            message.insert("tool_calls".to_owned(), calls);
        }
    }
    json!({
        "id": format!("chatcmpl-{}", origin.use_id),
        "object": "chat.completion",
        "created": origin.created,
        "model": origin.model,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": reason(answer.finish)}],
        "usage": origin.noted(tokens(answer.usage)),
    })
}

/// Writes `chat.completion.chunk` events.
pub(super) struct ChatWriter {
    origin: Origin,
    begun: bool,
    calls: usize,
}

impl ChatWriter {
    pub(super) fn new(origin: Origin) -> Self {
        Self { origin, begun: false, calls: 0 }
    }

    pub(super) fn piece(&mut self, piece: Piece, out: &mut VecDeque<StreamEvent>) {
        if let Piece::Failed { kind, message } = piece {
            out.push_back(StreamEvent { terminal: true, failed: true, ..data(&error_body(&kind, &message)) });
            return;
        }
        if !std::mem::replace(&mut self.begun, true) {
            out.push_back(self.delta(json!({"role": "assistant", "content": "", "refusal": null})));
        }
        match piece {
            Piece::Text(text) => {
                let event = self.delta(json!({ "content": text }));
                out.push_back(StreamEvent { text, ..event });
            }
            Piece::CallStart { id, name } => {
                self.calls += 1;
                let function = json!({"name": name, "arguments": ""});
                out.push_back(self.call(json!({"id": id, "type": "function", "function": function})));
            }
            Piece::CallArguments(aside) => {
                let event = self.call(json!({"function": {"arguments": aside}}));
                out.push_back(StreamEvent { aside, ..event });
            }
            Piece::End(finish, usage) => self.end(finish, usage, out),
            Piece::Failed { .. } => {}
        }
    }

    fn end(&self, finish: Finish, usage: Usage, out: &mut VecDeque<StreamEvent>) {
        let choice = json!([{"index": 0, "delta": {}, "logprobs": null, "finish_reason": reason(finish)}]);
        let event = data(&self.chunk(choice, Value::Null));
        out.push_back(StreamEvent { usage: Some(usage), ..event });
        if self.origin.include_usage {
            out.push_back(data(&self.chunk(json!([]), self.origin.noted(tokens(usage)))));
        }
        out.push_back(StreamEvent {
            bytes: bytes::Bytes::from_static(b"data: [DONE]\n\n"),
            terminal: true,
            ..StreamEvent::default()
        });
    }

    fn call(&self, mut call: Value) -> StreamEvent {
        if let Some(call) = call.as_object_mut() {
            call.insert("index".to_owned(), self.calls.saturating_sub(1).into());
        }
        self.delta(json!({ "tool_calls": [call] }))
    }

    fn delta(&self, delta: Value) -> StreamEvent {
        let choice = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null}]);
        data(&self.chunk(choice, Value::Null))
    }

    fn chunk(&self, choices: Value, usage: Value) -> Value {
        let mut chunk = json!({
            "id": format!("chatcmpl-{}", self.origin.use_id),
            "object": "chat.completion.chunk",
            "created": self.origin.created,
            "model": self.origin.model,
            "choices": choices,
        });
        if self.origin.include_usage
            && let Some(chunk) = chunk.as_object_mut()
        {
            chunk.insert("usage".to_owned(), usage);
        }
        chunk
    }
}

fn data(value: &Value) -> StreamEvent {
    StreamEvent { bytes: format!("data: {value}\n\n").into(), ..StreamEvent::default() }
}
