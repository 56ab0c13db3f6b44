//! A whole Message, read.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::upstream::error::not_json;
use crate::upstream::written::{Answer, Call, Finish};
use crate::upstream::{UpstreamError, Usage};

/// Tokens; what came from or went to the prompt cache is input too.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct Tokens {
    pub(super) input_tokens: Option<u64>,
    pub(super) cache_creation_input_tokens: Option<u64>,
    pub(super) cache_read_input_tokens: Option<u64>,
    pub(super) output_tokens: Option<u64>,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        let input = [tokens.input_tokens, tokens.cache_creation_input_tokens, tokens.cache_read_input_tokens];
        Self {
            input_tokens: input.into_iter().flatten().fold(0, u64::saturating_add),
            output_tokens: tokens.output_tokens.unwrap_or(0),
        }
    }
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Vec<Block<'a>>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    id: Option<String>,
    name: Option<String>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

pub(super) fn finish(stop_reason: Option<&str>) -> Finish {
    match stop_reason {
        Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
        Some("tool_use") => Finish::ToolCalls,
        Some("refusal") => Finish::ContentFilter,
        _ => Finish::Stop,
    }
}

pub(super) fn read(body: &[u8]) -> Result<Answer, UpstreamError> {
    let message: Message<'_> =
        serde_json::from_slice(body).map_err(|error| UpstreamError::Malformed(not_json(&error)))?;
    let mut answer = Answer {
        finish: finish(message.stop_reason.as_deref()),
        usage: message.usage.unwrap_or_default().into(),
        ..Answer::default()
    };
    for block in message.content {
        match block.kind.as_str() {
            "text" => answer.text.push_str(block.text.as_deref().unwrap_or_default()),
            "tool_use" => answer.calls.push(Call {
                id: block.id.unwrap_or_default(),
                name: block.name.unwrap_or_default(),
                arguments: block.input.map_or("{}", RawValue::get).to_owned(),
            }),
            // Thinking and the traces of server tools have no place in a chat completion.
            _ => {}
        }
    }
    Ok(answer)
}
