//! A streamed answer: whole events under the limits, each with its text and usage read out.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};

use super::client::{Answer, Body};
use super::{UpstreamError, Usage, anthropic, openai};
use crate::sse::Splitter;

/// The largest single event: an image in base64 fits.
const EVENT_BYTES: usize = 8 << 20;

/// One server-sent event for the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamEvent {
    /// The exact bytes, with the blank line that closes them.
    pub bytes: Bytes,
    /// The assistant's text in it, often empty.
    pub text: String,
    /// What else scanning should see: refusals, reasoning, arguments of tool calls.
    pub aside: String,
    /// Tokens, in the event that carries them.
    pub usage: Option<Usage>,
    /// The answer is complete with this event (`[DONE]`, `response.completed`, an error event): to be held back until
    /// the closing record is durable. A stream may have more than one such event.
    pub terminal: bool,
    /// The upstream says in this event that its answer failed.
    pub failed: bool,
}

/// A streamed answer. It ends after a terminal event or with one error.
pub struct AnswerStream {
    /// The HTTP status, always 2xx.
    pub status: u16,
    /// The headers that may reach the client.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    events: BoxStream<'static, Result<StreamEvent, UpstreamError>>,
}

impl fmt::Debug for AnswerStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerStream")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl Stream for AnswerStream {
    type Item = Result<StreamEvent, UpstreamError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_next_unpin(context)
    }
}

/// What turns an upstream's events into the client's.
pub(super) enum Reader {
    OpenAi(openai::Reader),
    Anthropic(Box<anthropic::Reader>),
}

impl Reader {
    fn event(&mut self, bytes: Bytes, out: &mut VecDeque<StreamEvent>) -> Result<(), UpstreamError> {
        match self {
            Self::OpenAi(reader) => reader.event(bytes, out),
            Self::Anthropic(reader) => reader.event(&bytes, out),
        }
    }

    /// The connection was closed properly before any terminal event.
    fn closed(&mut self, out: &mut VecDeque<StreamEvent>) -> Result<(), UpstreamError> {
        match self {
            Self::OpenAi(reader) => reader.closed(out),
            Self::Anthropic(_) => Err(no_end()),
        }
    }
}

pub(super) fn no_end() -> UpstreamError {
    UpstreamError::Truncated("the stream ended without a closing event".to_owned())
}

impl AnswerStream {
    /// A stream of events that are already there.
    pub(super) fn ready(events: VecDeque<StreamEvent>) -> Self {
        let events = stream::iter(events.into_iter().map(Ok)).boxed();
        Self {
            status: 200,
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"))],
            events,
        }
    }

    pub(super) fn read(answer: Answer, reader: Reader) -> Self {
        let Answer { status, headers, body, .. } = answer;
        let running = Box::new(Running {
            body,
            reader,
            splitter: Splitter::new(EVENT_BYTES),
            cut: VecDeque::new(),
            ready: VecDeque::new(),
            error: None,
            terminal: false,
            ended: false,
        });
        Self { status, headers, events: stream::unfold(running, Running::next).boxed() }
    }
}

struct Running {
    body: Body,
    reader: Reader,
    splitter: Splitter,
    cut: VecDeque<Bytes>,
    ready: VecDeque<StreamEvent>,
    error: Option<UpstreamError>,
    terminal: bool,
    ended: bool,
}

impl Running {
    async fn next(mut self: Box<Self>) -> Option<(Result<StreamEvent, UpstreamError>, Box<Self>)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((Ok(event), self));
            }
            if let Some(error) = self.error.take() {
                return Some((Err(error), self));
            }
            if self.ended {
                return None;
            }
            if let Err(error) = self.read().await {
                self.ended = true;
                // What happens after the answer is complete does not make it less complete.
                self.error = (!self.terminal).then_some(error);
            }
        }
    }

    async fn read(&mut self) -> Result<(), UpstreamError> {
        let chunk = if self.terminal { self.body.chunk_at_once().await } else { self.body.chunk().await? };
        let Some(chunk) = chunk else {
            self.ended = true;
            return self.end();
        };
        let pushed = self.splitter.push(chunk, &mut self.cut);
        self.translate()?;
        pushed.map_err(|error| UpstreamError::TooLong(error.limit))
    }

    fn translate(&mut self) -> Result<(), UpstreamError> {
        while let Some(bytes) = self.cut.pop_front() {
            let result = self.reader.event(bytes, &mut self.ready);
            self.terminal |= self.ready.iter().any(|event| event.terminal);
            result?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), UpstreamError> {
        if self.terminal {
            return Ok(());
        }
        // A last event without its blank line counts if it closes the answer.
        let rest = self.splitter.finish();
        if !rest.is_empty() {
            let mut closed = rest.to_vec();
            closed.extend_from_slice(b"\n\n");
            let before = self.ready.len();
            self.reader.event(closed.into(), &mut self.ready)?;
            if self.ready.iter().any(|event| event.terminal) {
                self.terminal = true;
                return Ok(());
            }
            self.ready.truncate(before);
            return Err(no_end());
        }
        self.reader.closed(&mut self.ready)?;
        self.terminal = true;
        Ok(())
    }
}
