//! The gate: identify → scan → decide → record → forward → record. There is no second way to a model.
//!
//! Once a caller is identified the work runs in a tracked task: a browser that goes away loses its answer, never the
//! record.

use crate::identify::Caller;
use crate::inbound::{self, Inbound, Unreadable};
use crate::record::{self, Known};
use crate::scan::{Scanned, scan};
use crate::upstream::{
    AnswerStream, Endpoint, Explained, Outgoing, Reply, Secret, Target, UpstreamError, Upstreams, Usage, Whole,
    WireFormat,
};
use crate::world::World;
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderName, HeaderValue};
use sekisho_detect::Detector;
use sekisho_domain::decision::Decision;
use sekisho_domain::grade::{GradeError, GradeScale};
use sekisho_domain::id::{OrganizationId, PermitId, ServiceId, UseId};
use sekisho_domain::register::Register;
use sekisho_domain::replay;
use sekisho_domain::service::{Service, Wire};
use sekisho_domain::usage::{Closed, DecisionRecord, DeclaredBy, Finish, UseRequest};
use sekisho_ledger::jcs::MAX_INTEGER;
use sekisho_store::{Journal, JournalError, Record, UseRow};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

/// How often a decision is repeated when the register moves under it before the refusal "too busy" is given.
const STALE_TRIES: usize = 5;
/// Pieces of a stream that wait for a slow reader.
const STREAM_BUFFER: usize = 64;
/// A reader that takes nothing for so long has gone.
const READER_PATIENCE: Duration = Duration::from_secs(60);
/// Waits before the closing record is tried again.
const CLOSE_RETRIES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_millis(2_000)];
/// Longest model name that is recorded.
const MODEL_CHARS: usize = 200;
/// Longest purpose; an application may name no longer one.
const PURPOSE_CHARS: usize = 200;

/// What narrows a request, from headers; `metadata` of the body says the same and headers win.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// `x-sekisho-permit`.
    pub permit: Option<String>,
    /// `x-sekisho-grade`.
    pub grade: Option<String>,
    /// `x-sekisho-purpose`.
    pub purpose: Option<String>,
}

/// One request of an identified caller.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who.
    pub caller: Caller,
    /// Where it came in.
    pub endpoint: Endpoint,
    /// The body as received.
    pub body: Bytes,
    /// What narrows it.
    pub narrowing: Narrowing,
}

/// An answer that may go to the caller.
#[derive(Debug)]
pub enum Passed {
    /// In one piece; its closing record is durable.
    Whole {
        /// The use.
        id: UseId,
        /// The answer.
        answer: Whole,
    },
    /// As it comes. The last event follows the closing record.
    Stream {
        /// The use.
        id: UseId,
        /// Status.
        status: u16,
        /// Headers.
        headers: Vec<(HeaderName, HeaderValue)>,
        /// Events.
        events: mpsc::Receiver<Bytes>,
    },
}

/// Why there is no answer. Each of these is recorded, save that nothing can be written at all.
#[derive(Debug)]
pub enum Stopped {
    /// Refused by the rules.
    Refused {
        /// The use.
        id: UseId,
        /// All reasons.
        decision: Box<Decision>,
    },
    /// The request cannot be read.
    Unreadable {
        /// The use.
        id: UseId,
        /// What is wrong.
        problem: Unreadable,
    },
    /// The upstream failed.
    Upstream {
        /// The use.
        id: UseId,
        /// What to tell the caller.
        explained: Box<Explained>,
    },
    /// No record, no request.
    Unavailable {
        /// For the log.
        inside: String,
    },
}

/// The gate. Built once; everything it needs is handed in.
pub struct Gate {
    journal: Journal,
    detector: Detector,
    upstreams: Upstreams,
    secrets: BTreeMap<String, Secret>,
    world: Arc<dyn World>,
    node: String,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("node", &self.node).finish_non_exhaustive()
    }
}

/// A request that was read, looked up and scanned.
struct Prepared {
    request: UseRequest,
    scanned: Scanned,
    inbound: Inbound,
}

/// A use whose opening is durable: only holding one lets a request out.
struct Permitted {
    id: UseId,
    organization: OrganizationId,
    opened: u64,
    row: UseRow,
    target: Target,
    /// The service names a secret that the configuration lacks.
    lacks_secret: Option<String>,
    /// The register it was decided on: its list of grades reads the answer too.
    register: Arc<Register>,
}

impl Gate {
    /// Builds the gate. `secrets` are those of the configuration, by name.
    pub fn new(
        journal: Journal,
        upstreams: Upstreams,
        secrets: BTreeMap<String, Secret>,
        world: Arc<dyn World>,
        node: String,
        tasks: TaskTracker,
    ) -> Self {
        Self { journal, detector: Detector::new(), upstreams, secrets, world, node, tasks }
    }

    /// Lets a request through, or says why not.
    pub async fn pass(self: &Arc<Self>, call: Call) -> Result<Passed, Stopped> {
        let (done, answer) = oneshot::channel();
        let gate = Arc::clone(self);
        self.tasks.spawn(async move { gate.work(call, done).await });
        answer.await.unwrap_or_else(|_| Err(Stopped::Unavailable { inside: "the task ended without an answer".into() }))
    }

    /// Records a request of an identified caller that could not even be received: too large, too slow, not readable.
    pub async fn refuse_unread(
        self: &Arc<Self>,
        caller: &Caller,
        endpoint: Endpoint,
        bytes: u64,
        problem: Unreadable,
    ) -> Stopped {
        let (gate, caller) = (Arc::clone(self), caller.clone());
        let recorded = self.tasks.spawn(async move {
            let id = gate.new_use()?;
            gate.record_unread(&id, &caller, endpoint, bytes, &problem).await?;
            Ok((id, problem))
        });
        match recorded.await {
            Ok(Ok((id, problem))) => Stopped::Unreadable { id, problem },
            Ok(Err(stopped)) => stopped,
            Err(error) => Stopped::Unavailable { inside: error.to_string() },
        }
    }

    async fn work(&self, call: Call, done: oneshot::Sender<Result<Passed, Stopped>>) {
        let bytes = call.body.len() as u64;
        let id = match self.new_use() {
            Ok(id) => id,
            Err(stopped) => return drop(done.send(Err(stopped))),
        };
        let prepared = match self.prepare(&call) {
            Ok(prepared) => prepared,
            Err(Problem::Unreadable(problem)) => {
                let stopped = match self.record_unread(&id, &call.caller, call.endpoint, bytes, &problem).await {
                    Ok(()) => Stopped::Unreadable { id, problem },
                    Err(stopped) => stopped,
                };
                return drop(done.send(Err(stopped)));
            }
            Err(Problem::Unavailable(inside)) => return drop(done.send(Err(Stopped::Unavailable { inside }))),
        };
        match self.admit(id, &call, &prepared).await {
            Ok(permitted) => self.forward(permitted, call, prepared, done).await,
            Err(stopped) => drop(done.send(Err(stopped))),
        }
    }

    fn new_use(&self) -> Result<UseId, Stopped> {
        UseId::new(format!("u-{}", self.world.fresh())).map_err(|e| Stopped::Unavailable { inside: e.to_string() })
    }

    async fn record_unread(
        &self,
        id: &UseId,
        caller: &Caller,
        endpoint: Endpoint,
        bytes: u64,
        problem: &Unreadable,
    ) -> Result<(), Stopped> {
        let unavailable = |inside: String| Stopped::Unavailable { inside };
        let register = self.journal.register().map_err(|e| unavailable(e.to_string()))?;
        let organization = organization(&register).map_err(unavailable)?;
        let known = Known { id, node: &self.node, organization: &organization, bytes };
        let record = record::unread(&known, self.world.now(), &caller.person, name(endpoint), problem.code)
            .map_err(|e| unavailable(e.to_string()))?;
        self.journal.append(record).await.map_err(|e| unavailable(e.to_string()))?;
        Ok(())
    }

    /// Reads and scans.
    fn prepare(&self, call: &Call) -> Result<Prepared, Problem> {
        let register = self.journal.register().map_err(|e| Problem::Unavailable(e.to_string()))?;
        let inbound = inbound::read(&call.body).map_err(Problem::Unreadable)?;
        let scale = scale(&register);
        let scanned = scan(&self.detector, scale, &inbound.text);
        let header_or_metadata = |header: &Option<String>, name: &str| match header {
            Some(value) => Some((value.clone(), DeclaredBy::Header)),
            None => inbound.narrowed.get(name).map(|value| (value.clone(), DeclaredBy::Metadata)),
        };
        // A request may raise what its key declares, never lower it: the highest of all that was declared counts.
        let mut declared = (call.caller.declared, DeclaredBy::Key);
        let in_metadata = inbound.narrowed.get("grade").map(|text| (text, DeclaredBy::Metadata));
        let in_header = call.narrowing.grade.as_ref().map(|text| (text, DeclaredBy::Header));
        for (text, by) in in_metadata.into_iter().chain(in_header) {
            let grade = scale.parse(text).map_err(|e| Problem::Unreadable(bad_grade(&e)))?;
            if grade >= declared.0 {
                declared = (grade, by);
            }
        }
        let (declared, declared_by) = declared;
        let permit = match header_or_metadata(&call.narrowing.permit, "permit") {
            Some((text, _)) => Some(narrowed_permit(&text, call.caller.permit.as_ref())?),
            None => call.caller.permit.clone(),
        };
        let purpose = header_or_metadata(&call.narrowing.purpose, "purpose").map(|(text, _)| text);
        if purpose.as_ref().is_some_and(|text| text.chars().count() > PURPOSE_CHARS) {
            return Err(Problem::Unreadable(Unreadable {
                code: "INVALID_PURPOSE",
                param: Some("purpose".into()),
                ja: format!("業務（purpose）は {PURPOSE_CHARS} 文字までにしてください。"),
                en: format!("`purpose` may have {PURPOSE_CHARS} characters at most"),
            }));
        }
        let request = UseRequest {
            app: String::new(),
            at: self.world.now(),
            declared,
            declared_by,
            endpoint: name(call.endpoint).to_owned(),
            inherited: scale.lowest(),
            key: Some(call.caller.key.clone()),
            model: inbound.model.chars().take(MODEL_CHARS).collect(),
            permit,
            person: call.caller.person.clone(),
            purpose,
            signals: scanned.signals,
            zone: String::new(),
        };
        Ok(Prepared { request, scanned, inbound })
    }

    /// Decides and records. The record stands only if no governance entry came between the register the decision was
    /// made on and the record itself; otherwise it is decided again. So every use was decided on exactly the register
    /// of its own place in the ledger.
    async fn admit(&self, id: UseId, call: &Call, prepared: &Prepared) -> Result<Permitted, Stopped> {
        let unavailable = |inside: String| Stopped::Unavailable { inside };
        let body = record::body(&*self.world, call.body.clone());
        for _ in 0..STALE_TRIES {
            let register = self.journal.register().map_err(|e| unavailable(e.to_string()))?;
            let organization = organization(&register).map_err(unavailable)?;
            let known = Known { id: &id, node: &self.node, organization: &organization, bytes: call.body.len() as u64 };
            let (considered, decision) = replay::decide(&register, &prepared.request);
            let findings = prepared.scanned.counts.clone();
            if !decision.is_allowed() {
                let position = register.position();
                let record = record::refused(
                    &known,
                    &prepared.request,
                    &considered,
                    &decision,
                    position,
                    findings,
                    body.clone(),
                )
                .map_err(|e| unavailable(e.to_string()))?;
                match self.journal.append(record).await {
                    Ok(_) => return Err(Stopped::Refused { id, decision: Box::new(decision) }),
                    Err(JournalError::Stale) => continue,
                    Err(error) => return Err(unavailable(error.to_string())),
                }
            }
            let (target, lacks_secret) = considered
                .service
                .as_ref()
                .and_then(|service| self.target(&register, service, &prepared.request.model))
                .ok_or_else(|| unavailable("an allowed request without a service".into()))?;
            let decided = DecisionRecord::of(&decision, register.position());
            let (record, row) = record::opened(&known, &prepared.request, &considered, decided, findings, body.clone())
                .map_err(|e| unavailable(e.to_string()))?;
            match self.journal.append(record).await {
                Ok(opened) => {
                    let row = UseRow { opened, ..row };
                    return Ok(Permitted { id, organization, opened, row, target, lacks_secret, register });
                }
                Err(JournalError::Stale) => continue,
                Err(error) => return Err(unavailable(error.to_string())),
            }
        }
        Err(unavailable("the register kept changing while the request was decided".into()))
    }

    /// Where the request goes, and the name of a secret it would need and does not have.
    fn target(&self, register: &Register, service: &ServiceId, model: &str) -> Option<(Target, Option<String>)> {
        let record = register.service(service)?;
        let service: &Service = &record.service;
        let upstream = &service.upstream;
        let secret = upstream.secret.as_ref().and_then(|name| self.secrets.get(name)).cloned();
        let lacks = upstream.secret.clone().filter(|_| secret.is_none());
        let target = Target {
            format: match upstream.wire {
                Wire::OpenAi => WireFormat::OpenAi,
                Wire::AzureOpenAi => WireFormat::AzureOpenAi,
                Wire::Anthropic => WireFormat::Anthropic,
                Wire::Extractive => WireFormat::Extractive,
            },
            base_url: upstream.base_url.clone(),
            upstream_model: service.model(model)?.upstream_model.clone(),
            secret,
            api_version: upstream.api_version.clone(),
            private_addresses: service.may_reach_private_addresses(),
        };
        Some((target, lacks))
    }

    async fn forward(
        &self,
        permitted: Permitted,
        call: Call,
        prepared: Prepared,
        done: oneshot::Sender<Result<Passed, Stopped>>,
    ) {
        let out = Outgoing {
            endpoint: call.endpoint,
            stream: prepared.inbound.stream,
            body: call.body,
            model: prepared.inbound.model,
            use_id: permitted.id.to_string(),
            created: self.world.now().as_second(),
        };
        let sent = match &permitted.lacks_secret {
            // Without its key a request could only fail there, after telling the service what was asked.
            Some(name) => Err(UpstreamError::Misconfigured(format!("`[secrets.{name}]` is not configured"))),
            None => self.upstreams.send(&permitted.target, out).await,
        };
        match sent {
            Ok(Reply::Whole(answer)) => {
                let ending = Ending { status: answer.status, usage: answer.usage, ..Ending::default() };
                let text = if answer.aside.is_empty() {
                    answer.text.clone()
                } else {
                    format!("{}\n{}", answer.text, answer.aside)
                };
                let closed = self.close(&permitted, answer.body.clone(), &text, ending, done.is_closed()).await;
                drop(done.send(match closed {
                    Ok(()) => Ok(Passed::Whole { id: permitted.id, answer }),
                    Err(inside) => Err(Stopped::Unavailable { inside }),
                }));
            }
            Ok(Reply::Stream(stream)) => self.relay(permitted, stream, done).await,
            Err(error) => {
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
                tracing::warn!(id = %permitted.id, inside = %explained.inside, "upstream failed");
                let closed = self.close(&permitted, explained.body(), "", ending, done.is_closed()).await;
                drop(done.send(Err(match closed {
                    Ok(()) => Stopped::Upstream { id: permitted.id, explained: Box::new(explained) },
                    Err(inside) => Stopped::Unavailable { inside },
                })));
            }
        }
    }

    /// Passes a stream on and holds its last event back until the closing record is durable.
    async fn relay(
        &self,
        permitted: Permitted,
        mut stream: AnswerStream,
        done: oneshot::Sender<Result<Passed, Stopped>>,
    ) {
        let (sender, events) = mpsc::channel(STREAM_BUFFER);
        let mut reader = Some(sender);
        let headers = std::mem::take(&mut stream.headers);
        let mut ending = Ending { status: stream.status, ..Ending::default() };
        let passed = Passed::Stream { id: permitted.id.clone(), status: stream.status, headers, events };
        if done.send(Ok(passed)).is_err() {
            reader = None;
        }
        let mut whole: Vec<u8> = Vec::new();
        let mut text = String::new();
        let mut aside = String::new();
        let mut held: Vec<Bytes> = Vec::new();
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => {
                    whole.extend_from_slice(&event.bytes);
                    text.push_str(&event.text);
                    aside.push_str(&event.aside);
                    ending.usage = event.usage.unwrap_or(ending.usage);
                    if event.failed {
                        ending.finish = Some(Finish::UpstreamError);
                        ending.error = "upstream_error";
                    }
                    if event.terminal || !held.is_empty() {
                        held.push(event.bytes);
                    } else {
                        give(&mut reader, event.bytes).await;
                    }
                }
                Err(error) => {
                    let explained = error.explain();
                    tracing::warn!(id = %permitted.id, inside = %explained.inside, "stream broke off");
                    ending.finish = Some(Finish::Cut);
                    ending.error = explained.code;
                    held = vec![error_event(&explained.body())];
                    break;
                }
            }
        }
        if !aside.is_empty() {
            text.push('\n');
            text.push_str(&aside);
        }
        let hung_up = reader.as_ref().is_none_or(mpsc::Sender::is_closed);
        match self.close(&permitted, whole.into(), &text, ending, hung_up).await {
            Ok(()) => {
                for bytes in held {
                    give(&mut reader, bytes).await;
                }
            }
            Err(inside) => {
                tracing::error!(id = %permitted.id, inside, "closing record not written");
                give(&mut reader, error_event(UNAVAILABLE_EVENT.as_bytes())).await;
            }
        }
    }

    /// Scans the answer and writes the closing record.
    async fn close(
        &self,
        permitted: &Permitted,
        answer: Bytes,
        text: &str,
        ending: Ending,
        hung_up: bool,
    ) -> Result<(), String> {
        let scanned = scan(&self.detector, scale(&permitted.register), text);
        let body = record::body(&*self.world, answer.clone());
        let data = Closed {
            bytes: answer.len() as u64,
            commitment: body.commitment().to_hex(),
            error: ending.error.to_owned(),
            findings: scanned.counts,
            finish: ending.finish.unwrap_or(Finish::Completed),
            hung_up,
            // An upstream may count what it likes; an entry holds integers that every reader of JSON reads alike.
            input_tokens: ending.usage.input_tokens.min(MAX_INTEGER),
            opened: permitted.opened,
            output_tokens: ending.usage.output_tokens.min(MAX_INTEGER),
            status: ending.status,
            id: permitted.id.clone(),
        };
        let mut last = String::new();
        for wait in std::iter::once(Duration::ZERO).chain(CLOSE_RETRIES) {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            let sealed = record::may_keep(&scanned.signals).then(|| body.clone());
            let record: Record =
                record::closed(&permitted.organization, self.world.now(), permitted.row.clone(), data.clone(), sealed)
                    .map_err(|e| e.to_string())?;
            match self.journal.append(record).await {
                Ok(_) => return Ok(()),
                Err(error) => last = error.to_string(),
            }
        }
        Err(last)
    }
}

enum Problem {
    Unreadable(Unreadable),
    Unavailable(String),
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

/// The body's list of grades; the national one before a body is established.
fn scale(register: &Register) -> &GradeScale {
    static NATIONAL: LazyLock<GradeScale> = LazyLock::new(GradeScale::national);
    register.organization().map_or(&NATIONAL, |body| &body.grades)
}

fn organization(register: &Register) -> Result<OrganizationId, String> {
    register
        .organization()
        .map(|body| body.organization.clone())
        .ok_or_else(|| "the body is not established".to_owned())
}

fn name(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::ChatCompletions => "chat.completions",
        Endpoint::Responses => "responses",
        Endpoint::Embeddings => "embeddings",
    }
}

fn bad_grade(error: &GradeError) -> Unreadable {
    let ja = match error {
        GradeError::Unknown { given, known } => {
            format!("格付 `{given}` はこの機関の一覧にありません。使えるのは {known} です。")
        }
        other => format!("格付を読めません: {other}"),
    };
    Unreadable { code: "INVALID_GRADE", param: Some("grade".into()), ja, en: error.to_string() }
}

/// A request may narrow the key's permit, never widen it.
fn narrowed_permit(text: &str, of_key: Option<&PermitId>) -> Result<PermitId, Problem> {
    let unreadable =
        |code, ja: String, en: String| Problem::Unreadable(Unreadable { code, param: Some("permit".into()), ja, en });
    let permit = PermitId::new(text)
        .map_err(|e| unreadable("INVALID_PERMIT", format!("承認の識別子として読めません: `{}`", e.0), e.to_string()))?;
    match of_key {
        Some(bound) if *bound != permit => Err(unreadable(
            "PERMIT_NOT_OF_KEY",
            format!("この鍵は承認 `{bound}` に結び付いています。`{permit}` には使えません。"),
            format!("this key is bound to the permit `{bound}` and cannot be used for `{permit}`"),
        )),
        _ => Ok(permit),
    }
}
