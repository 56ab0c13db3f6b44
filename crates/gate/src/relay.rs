//! Forward and relay: from a durable opening to the model, and back with a durable end.

use crate::call::{Passed, Stopped, TellOfFindings};
use crate::examine::{self, Kept};
use crate::passage::{Destination, Outcome, Passage};
use crate::pipeline::{Gate, Permitted, scale};
use crate::prepare::Prepared;
use crate::record::{self, Content};
use crate::restore::{self, Restorer};
use crate::scan::{ScanInPieces, Scanned, scan};
use crate::upstream::{AnswerStream, Endpoint, Outgoing, Reply, UpstreamError, Usage};
use bytes::Bytes;
use futures_util::StreamExt;
use sekisho_domain::usage::{Closed, FindingCount, Finish};
use sekisho_ledger::jcs::MAX_INTEGER;
use sekisho_store::{JournalError, Record};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Pieces of a stream that wait for a slow reader.
const STREAM_BUFFER: usize = 64;
/// A reader that takes nothing for so long has gone.
const READER_PATIENCE: Duration = Duration::from_secs(60);
/// Waits before the closing record is tried again.
const CLOSE_RETRIES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_millis(2_000)];

impl Gate {
    /// Sends what was examined and recorded, and nothing else.
    pub(crate) async fn forward(
        &self,
        permitted: Permitted,
        endpoint: Endpoint,
        prepared: Prepared,
        done: oneshot::Sender<Result<Passed, Stopped>>,
        passage: &mut Passage,
    ) {
        let out = Outgoing {
            endpoint,
            stream: prepared.examined.inbound.stream,
            body: prepared.examined.body.clone(),
            model: prepared.examined.inbound.model.clone(),
            use_id: permitted.id.to_string(),
            created: self.world.now().as_second(),
        };
        passage.sent(Destination::of(&permitted.target, &out.model));
        let sent = match &permitted.lacks_secret {
            // Without its key a request could only fail there, after telling the service what was asked.
            Some(name) => Err(UpstreamError::Misconfigured(format!("`[secrets.{name}]` is not configured"))),
            None => self.upstreams.send(&permitted.target, out).await,
        };
        match sent {
            Ok(Reply::Whole(mut answer)) => {
                passage.answered();
                passage.usage = answer.usage;
                let ending = Ending { status: answer.status, usage: answer.usage, ..Ending::default() };
                let text = if answer.aside.is_empty() {
                    answer.text.clone()
                } else {
                    format!("{}\n{}", answer.text, answer.aside)
                };
                let scanned = scan(&self.detector, scale(&permitted.register), &text);
                let kept = examine::kept_answer(&self.detector, &answer.body, &scanned.signals);
                let content = Content::new(&*self.world, kept, answer.body.clone());
                let bytes = answer.body.len() as u64;
                let told = told(&permitted, &prepared, scanned.counts.clone());
                passage.in_answer.clone_from(&scanned.counts);
                let closed = self.close(&permitted, bytes, content, scanned, ending, done.is_closed()).await;
                passage.end(closed.as_ref().map_or(Outcome::Unavailable, |()| Outcome::Completed));
                // What was masked comes back for the caller alone: neither the record nor the store sees it.
                answer.body = restore::whole(&prepared.examined.masks, &answer.body);
                drop(done.send(match closed {
                    Ok(()) => Ok(Passed::Whole { id: permitted.id, answer, told }),
                    Err(inside) => Err(Stopped::Unavailable { inside }),
                }));
            }
            Ok(Reply::Stream(stream)) => self.relay(permitted, prepared, stream, done, passage).await,
            Err(error) => {
                passage.answered();
                let explained = error.explain();
                let ending = Ending {
                    status: match &error {
                        UpstreamError::Status { status, .. } => *status,
                        _ => 0,
                    },
                    finish: Some(Finish::UpstreamError),
                    error: explained.code,
                    ..Ending::default()
                };
                tracing::warn!(code = explained.code, inside = %explained.inside, "upstream failed");
                let body = explained.body();
                let content = Content::new(&*self.world, Kept::Whole(body.clone()), body.clone());
                let bytes = body.len() as u64;
                let closed = self.close(&permitted, bytes, content, Scanned::default(), ending, done.is_closed()).await;
                let stopped = match closed {
                    Ok(()) => Stopped::Upstream { id: permitted.id, explained: Box::new(explained) },
                    Err(inside) => Stopped::Unavailable { inside },
                };
                passage.stopped(&stopped);
                drop(done.send(Err(stopped)));
            }
        }
    }

    /// Passes a stream on and holds its last event back until the closing record is durable.
    async fn relay(
        &self,
        permitted: Permitted,
        prepared: Prepared,
        mut stream: AnswerStream,
        done: oneshot::Sender<Result<Passed, Stopped>>,
        passage: &mut Passage,
    ) {
        passage.stream_began();
        let _open = OpenStream::begin(&self.streams);
        let (sender, events) = mpsc::channel(STREAM_BUFFER);
        let mut reader = Some(sender);
        let headers = std::mem::take(&mut stream.headers);
        let mut ending = Ending { status: stream.status, ..Ending::default() };
        let told = told(&permitted, &prepared, Vec::new());
        let passed = Passed::Stream { id: permitted.id.clone(), status: stream.status, headers, events, told };
        let mut restorer = Restorer::new(prepared.examined.masks);
        if done.send(Ok(passed)).is_err() {
            reader = None;
        }
        let mut whole: Vec<u8> = Vec::new();
        let register = permitted.register.clone();
        let (detector, scale) = (&*self.detector, scale(&register));
        let (mut text, mut aside) = (ScanInPieces::default(), ScanInPieces::default());
        let mut held: Vec<Bytes> = Vec::new();
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => {
                    whole.extend_from_slice(&event.bytes);
                    text.push(detector, scale, &event.text);
                    aside.push(detector, scale, &event.aside);
                    ending.usage = event.usage.unwrap_or(ending.usage);
                    if event.failed {
                        ending.finish = Some(Finish::UpstreamError);
                        ending.error = "upstream_error";
                    }
                    let mut restored = Vec::with_capacity(1);
                    restorer.event(event.bytes, &mut restored);
                    if event.terminal || !held.is_empty() {
                        held.append(&mut restored);
                    } else {
                        for bytes in restored {
                            give(&mut reader, bytes).await;
                        }
                    }
                }
                Err(error) => {
                    let explained = error.explain();
                    tracing::warn!(code = explained.code, inside = %explained.inside, "stream broke off");
                    ending.finish = Some(Finish::Cut);
                    ending.error = explained.code;
                    held.clear();
                    restorer.give_out_all(&mut held);
                    held.push(error_event(&explained.body()));
                    break;
                }
            }
        }
        passage.answered();
        passage.usage = ending.usage;
        let hung_up = reader.as_ref().is_none_or(mpsc::Sender::is_closed);
        let scanned = text.finish(detector, scale, aside);
        let whole = Bytes::from(whole);
        // A number may be cut over many events, so nothing is taken out of a stream: it is kept whole or not at all.
        let kept = if examine::may_keep(&scanned.signals) { Kept::Whole(whole.clone()) } else { Kept::Nothing };
        let bytes = whole.len() as u64;
        let content = Content::new(&*self.world, kept, whole);
        let told = findings_comment(&scanned.counts);
        passage.in_answer.clone_from(&scanned.counts);
        let closed = self.close(&permitted, bytes, content, scanned, ending, hung_up).await;
        passage.end(match (&closed, ending.finish) {
            (Err(_), _) => Outcome::Unavailable,
            (Ok(()), None | Some(Finish::Completed)) => Outcome::Completed,
            (Ok(()), Some(Finish::UpstreamError)) => Outcome::UpstreamError(ending.error),
            (Ok(()), Some(Finish::Cut)) => Outcome::Cut(ending.error),
        });
        match closed {
            Ok(()) => {
                if let Some(comment) = told {
                    give(&mut reader, comment).await;
                }
                for bytes in held {
                    give(&mut reader, bytes).await;
                }
            }
            Err(_) => {
                give(&mut reader, error_event(UNAVAILABLE_EVENT.as_bytes())).await;
            }
        }
    }

    /// Writes the closing record.
    async fn close(
        &self,
        permitted: &Permitted,
        bytes: u64,
        content: Content,
        scanned: Scanned,
        ending: Ending,
        hung_up: bool,
    ) -> Result<(), String> {
        let data = Closed {
            bytes,
            // The record puts in what the content commits to.
            commitment: String::new(),
            detected: scanned.signals.detected,
            error: ending.error.to_owned(),
            findings: scanned.counts,
            finish: ending.finish.unwrap_or(Finish::Completed),
            hung_up,
            // An upstream may count what it likes; an entry holds integers that every reader of JSON reads alike.
            input_tokens: ending.usage.input_tokens.min(MAX_INTEGER),
            opened: permitted.opened,
            output_tokens: ending.usage.output_tokens.min(MAX_INTEGER),
            redacted: false,
            status: ending.status,
            id: permitted.id.clone(),
        };
        let mut last = String::new();
        for wait in std::iter::once(Duration::ZERO).chain(CLOSE_RETRIES) {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            let (at, row) = (self.world.now(), permitted.row.clone());
            let record: Record = record::closed(&permitted.organization, at, row, data.clone(), content.clone())
                .map_err(|e| e.to_string())?;
            match self.journal.append(record).await {
                Ok(index) => {
                    if let Some(counted) = &permitted.counted {
                        let tokens = (data.input_tokens, data.output_tokens);
                        counted.closed(&permitted.register, index, &permitted.row, tokens);
                    }
                    return Ok(());
                }
                // Another node took this one for gone: the use has its end, and the answer is not given.
                Err(error @ JournalError::Ended) => {
                    last = error.to_string();
                    break;
                }
                Err(error) => last = error.to_string(),
            }
        }
        tracing::error!(inside = last, "closing record not written");
        Err(last)
    }
}

/// What the caller is told beside the answer.
fn told(permitted: &Permitted, prepared: &Prepared, answer: Vec<FindingCount>) -> TellOfFindings {
    TellOfFindings {
        request: prepared.examined.counts.clone(),
        masked: prepared.examined.masked.iter().cloned().collect(),
        answer,
        budgets: permitted.counted.as_ref().map(|counted| counted.told.clone()).unwrap_or_default(),
    }
}

/// One stream that is being passed on, for as long as this lives.
struct OpenStream<'a>(&'a AtomicUsize);

impl<'a> OpenStream<'a> {
    fn begin(all: &'a AtomicUsize) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(all)
    }
}

impl Drop for OpenStream<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How an answer ended, as far as it is known.
#[derive(Default, Clone, Copy)]
struct Ending {
    status: u16,
    usage: Usage,
    finish: Option<Finish>,
    error: &'static str,
}

const UNAVAILABLE_EVENT: &str = r#"{"error":{"type":"server_error","code":"LEDGER_UNAVAILABLE","message":"記録を完了できないため、回答を確定できません。 (The answer cannot be completed because its record cannot be written.)","param":null}}"#;

fn error_event(body: &[u8]) -> Bytes {
    let mut event = Vec::with_capacity(body.len() + 8);
    event.extend_from_slice(b"data: ");
    // An error body is one line of JSON; should an upstream's hold line breaks, each becomes a space.
    event.extend(body.iter().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { *b }));
    event.extend_from_slice(b"\n\n");
    event.into()
}

/// Hands a piece to the reader; one who has gone or takes nothing is forgotten, the stream goes on for the record.
async fn give(reader: &mut Option<mpsc::Sender<Bytes>>, bytes: Bytes) {
    if let Some(sender) = reader
        && !matches!(tokio::time::timeout(READER_PATIENCE, sender.send(bytes)).await, Ok(Ok(())))
    {
        *reader = None;
    }
}

/// An event stream may carry comments, which clients pass over: what was found in the answer.
fn findings_comment(counts: &[FindingCount]) -> Option<Bytes> {
    (!counts.is_empty()).then(|| format!(": sekisho answer-findings {}\n\n", listed(counts)).into())
}

/// `ID-PHONE=2,ID-EMAIL=1`.
pub(crate) fn listed(counts: &[FindingCount]) -> String {
    counts.iter().map(|one| format!("{}={}", one.rule, one.count)).collect::<Vec<_>>().join(",")
}
