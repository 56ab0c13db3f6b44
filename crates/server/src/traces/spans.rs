//! A passage as spans: the use, what came before the request went out, the call of the model by the GenAI semantic
//! conventions, and the closing record.

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use sekisho_gate::passage::{Destination, Outcome, Passage};
use sekisho_gate::upstream::WireFormat;
use sekisho_gate::world::World;
use std::borrow::Cow;
use std::time::{Duration, SystemTime};

/// Whether spans are made of it. A caller that keeps its trace wants ours in it, and one that does not, does not.
pub(super) fn is_wanted(passage: &Passage) -> bool {
    passage.trace.is_none_or(|parent| parent.sampled)
}

/// How many spans it becomes.
pub(super) fn count(passage: &Passage) -> u64 {
    let times = &passage.times;
    2 + u64::from(times.upstream().is_some()) + u64::from(times.answered.is_some())
}

/// The spans of a passage.
pub(super) fn of(passage: &Passage, world: &dyn World) -> Vec<SpanData> {
    let trace = TraceId::from_bytes(passage.trace.map_or_else(|| random(world), |parent| parent.trace));
    let parent = passage.trace.map(|parent| SpanId::from_bytes(parent.span));
    let making = Making { trace, began: SystemTime::from(passage.began), world };
    let times = &passage.times;
    let end = times.whole();
    let id = passage.id.as_ref().map(|id| KeyValue::new("sekisho.use.id", id.to_string()));

    let (code, failed) = (passage.outcome.code().to_owned(), passage.outcome != Outcome::Completed);
    let status = || if failed { Status::error(code.clone()) } else { Status::Unset };
    let mut attributes = vec![
        KeyValue::new("sekisho.endpoint", passage.endpoint),
        KeyValue::new("sekisho.outcome", passage.outcome.name()),
        KeyValue::new("sekisho.code", code.clone()),
    ];
    attributes.extend(id.clone());
    let name = format!("use {}", passage.endpoint);
    let mut root = making.span(name, SpanKind::Server, None, (Duration::ZERO, end));
    root.attributes = attributes;
    root.parent_span_id = parent.unwrap_or(SpanId::INVALID);
    root.parent_span_is_remote = parent.is_some();
    root.status = status();
    let within = root.span_context.span_id();

    let mut spans = vec![root];
    let mut add = |mut span: SpanData| {
        span.attributes.extend(id.clone());
        spans.push(span);
    };
    let sent = times.sent.unwrap_or(end);
    add(making.span("admit", SpanKind::Internal, Some(within), (Duration::ZERO, sent)));
    if let (Some(to), Some(answered)) = (&passage.destination, times.answered) {
        let operation = operation(passage.endpoint);
        let name = format!("{operation} {}", to.model);
        let kind = if to.host.is_empty() { SpanKind::Internal } else { SpanKind::Client };
        let mut call = making.span(name, kind, Some(within), (sent, answered));
        call.attributes = called(passage, to, operation);
        if let Outcome::UpstreamError(code) | Outcome::Cut(code) = passage.outcome {
            call.attributes.push(KeyValue::new("error.type", code));
            call.status = Status::error(code);
        }
        add(call);
    }
    if let Some(answered) = times.answered {
        add(making.span("close", SpanKind::Internal, Some(within), (answered, end)));
    }
    spans
}

struct Making<'a> {
    trace: TraceId,
    began: SystemTime,
    world: &'a dyn World,
}

impl Making<'_> {
    fn span(
        &self,
        name: impl Into<Cow<'static, str>>,
        kind: SpanKind,
        within: Option<SpanId>,
        (from, to): (Duration, Duration),
    ) -> SpanData {
        let id = SpanId::from_bytes(random(self.world));
        SpanData {
            span_context: SpanContext::new(self.trace, id, TraceFlags::SAMPLED, false, TraceState::NONE),
            parent_span_id: within.unwrap_or(SpanId::INVALID),
            parent_span_is_remote: false,
            span_kind: kind,
            name: name.into(),
            start_time: self.began + from,
            end_time: self.began + to,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::builder("sekisho")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
        }
    }
}

/// The attributes of the call of a model.
fn called(passage: &Passage, to: &Destination, operation: &'static str) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("gen_ai.operation.name", operation),
        KeyValue::new("gen_ai.provider.name", provider(to.format)),
        KeyValue::new("gen_ai.request.model", to.model.clone()),
    ];
    if !to.host.is_empty() {
        attributes.push(KeyValue::new("server.address", to.host.clone()));
    }
    attributes.extend(to.port.map(|port| KeyValue::new("server.port", i64::from(port))));
    let tokens = [
        ("gen_ai.usage.input_tokens", passage.usage.input_tokens),
        ("gen_ai.usage.output_tokens", passage.usage.output_tokens),
    ];
    // Zero is what an upstream that tells nothing is recorded with.
    for (name, tokens) in tokens.into_iter().filter(|(_, tokens)| *tokens > 0) {
        attributes.push(KeyValue::new(name, i64::try_from(tokens).unwrap_or(i64::MAX)));
    }
    attributes
}

/// `gen_ai.operation.name` of an endpoint.
fn operation(endpoint: &str) -> &'static str {
    match endpoint {
        "embeddings" => "embeddings",
        "tools" => "execute_tool",
        _ => "chat",
    }
}

/// `gen_ai.provider.name`: the well-known names where there is one.
fn provider(format: WireFormat) -> &'static str {
    match format {
        WireFormat::OpenAi => "openai",
        WireFormat::AzureOpenAi => "azure.ai.openai",
        WireFormat::Anthropic => "anthropic",
        WireFormat::Gennai => "gennai",
        WireFormat::Extractive | WireFormat::Library => "sekisho",
    }
}

/// All zeros would be no id; that does not come out of 64 random bits.
fn random<const N: usize>(world: &dyn World) -> [u8; N] {
    let mut bytes = [0; N];
    world.random(&mut bytes);
    bytes
}
