//! A Messages event stream, rewritten as it comes.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Deserialize;

use super::answer::{Tokens, finish};
use crate::sse::Event;
use crate::upstream::error::not_json;
use crate::upstream::stream::StreamEvent;
use crate::upstream::written::{Finish, Piece, Writer};
use crate::upstream::{UpstreamError, Usage};

/// Turns Anthropic's events into the client's.
pub(in crate::upstream) struct Reader {
    writer: Writer,
    tokens: Tokens,
    finish: Finish,
    call: Call,
    ended: bool,
}

/// The tool call being streamed.
#[derive(PartialEq, Eq)]
enum Call {
    None,
    /// Begun, no argument yet: a call without arguments has to say `{}`.
    Bare,
    Some,
}

#[derive(Deserialize)]
struct Incoming {
    #[serde(rename = "type")]
    kind: String,
    message: Option<Start>,
    content_block: Option<Block>,
    delta: Option<Delta>,
    usage: Option<Tokens>,
    error: Option<Error>,
}

#[derive(Deserialize)]
struct Start {
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    text: Option<String>,
    partial_json: Option<String>,
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Error {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
}

impl Reader {
    pub(super) fn new(writer: Writer) -> Self {
        Self { writer, tokens: Tokens::default(), finish: Finish::Stop, call: Call::None, ended: false }
    }

    pub(in crate::upstream) fn event(
        &mut self,
        bytes: &[u8],
        out: &mut VecDeque<StreamEvent>,
    ) -> Result<(), UpstreamError> {
        let event = Event::parse(bytes).map_err(|error| UpstreamError::Malformed(error.to_string()))?;
        let Some(data) = event.data.filter(|data| !data.trim().is_empty()) else { return Ok(()) };
        if self.ended {
            return Ok(());
        }
        let incoming: Incoming =
            serde_json::from_str(&data).map_err(|error| UpstreamError::Malformed(not_json(&error)))?;
        match incoming.kind.as_str() {
            "message_start" => self.count(incoming.message.and_then(|message| message.usage)),
            "content_block_start" => self.start(incoming.content_block, out),
            "content_block_delta" => self.delta(incoming.delta, out),
            "content_block_stop" => self.stop(out),
            "message_delta" => {
                self.count(incoming.usage);
                if let Some(reason) = incoming.delta.and_then(|delta| delta.stop_reason) {
                    self.finish = finish(Some(&reason));
                }
            }
            "message_stop" => {
                self.ended = true;
                let usage = Usage::from(self.tokens);
                self.writer.piece(Piece::End(self.finish, usage), out);
            }
            // Kept as a comment, so that nothing between here and the client takes the silence for an end.
            "ping" => {
                out.push_back(StreamEvent { bytes: Bytes::from_static(b": ping\n\n"), ..StreamEvent::default() });
            }
            "error" => {
                self.ended = true;
                let Error { kind, message } = incoming.error.unwrap_or(Error { kind: None, message: None });
                let kind = kind.unwrap_or_else(|| "api_error".to_owned());
                let message = message.unwrap_or_else(|| "the upstream reported an error".to_owned());
                self.writer.piece(Piece::Failed { kind, message }, out);
            }
            // The API adds events and asks clients to ignore those they do not know.
            _ => {}
        }
        Ok(())
    }

    /// The counts are cumulative: what an event says replaces what the one before said.
    fn count(&mut self, tokens: Option<Tokens>) {
        let Some(new) = tokens else { return };
        let old = self.tokens;
        self.tokens = Tokens {
            input_tokens: new.input_tokens.or(old.input_tokens),
            cache_creation_input_tokens: new.cache_creation_input_tokens.or(old.cache_creation_input_tokens),
            cache_read_input_tokens: new.cache_read_input_tokens.or(old.cache_read_input_tokens),
            output_tokens: new.output_tokens.or(old.output_tokens),
        };
    }

    fn start(&mut self, block: Option<Block>, out: &mut VecDeque<StreamEvent>) {
        let Some(block) = block else { return };
        match block.kind.as_str() {
            "tool_use" => {
                self.call = Call::Bare;
                let (id, name) = (block.id.unwrap_or_default(), block.name.unwrap_or_default());
                self.writer.piece(Piece::CallStart { id, name }, out);
            }
            "text" => self.text(block.text, out),
            _ => {}
        }
    }

    fn delta(&mut self, delta: Option<Delta>, out: &mut VecDeque<StreamEvent>) {
        let Some(Delta { text, partial_json, .. }) = delta else { return };
        self.text(text, out);
        if let Some(json) = partial_json.filter(|json| !json.is_empty() && self.call != Call::None) {
            self.call = Call::Some;
            self.writer.piece(Piece::CallArguments(json), out);
        }
    }

    fn text(&mut self, text: Option<String>, out: &mut VecDeque<StreamEvent>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.writer.piece(Piece::Text(text), out);
        }
    }

    fn stop(&mut self, out: &mut VecDeque<StreamEvent>) {
        if std::mem::replace(&mut self.call, Call::None) == Call::Bare {
            self.writer.piece(Piece::CallArguments("{}".to_owned()), out);
        }
    }
}
