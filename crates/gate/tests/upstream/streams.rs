//! Streams cut anywhere, broken off, endless, slow.

use std::time::{Duration, Instant};

use bytes::Bytes;
use sekisho_gate::upstream::{Endpoint, Limits, Phase, UpstreamError, Upstreams, Usage, WireFormat};

use crate::stand_in::{StandIn, bytes, drain, limits, outgoing, sse, stream, text, upstreams};

const STREAM: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"関\"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"所🚪\"}}]}\n\ndata: [DONE]\n\n";
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const BODY: &str = r#"{"model":"our-model","stream":true}"#;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[tokio::test]
async fn cut_at_every_byte() {
    let upstreams = upstreams();
    let reference = drained(&upstreams, vec![STREAM.into()]).await;
    assert_eq!(text(&reference), "関所🚪");
    for at in 1..STREAM.len() {
        let (a, b) = STREAM.as_bytes().split_at(at);
        let events = drained(&upstreams, vec![Bytes::from_static(a), Bytes::from_static(b)]).await;
        assert_eq!(events, reference, "cut at {at}");
    }
    let every: Vec<Bytes> = STREAM.bytes().map(|byte| Bytes::copy_from_slice(&[byte])).collect();
    assert_eq!(drained(&upstreams, every).await, reference);
    assert_eq!(bytes(&reference), STREAM.as_bytes());
}

async fn drained(upstreams: &Upstreams, chunks: Vec<Bytes>) -> Vec<sekisho_gate::upstream::StreamEvent> {
    let stand_in = StandIn::new(move || sse(chunks.clone())).await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let (events, error) = drain(stream(upstreams, &stand_in.target(WireFormat::OpenAi), out).await).await;
    assert!(error.is_none(), "{error:?}");
    events
}

/// The code a stream of these bytes ends with, and how many events came before.
async fn ended(endpoint: Endpoint, body: &'static str) -> (usize, Option<&'static str>) {
    let stand_in = StandIn::new(move || sse(vec![body.into()])).await;
    let answer = stream(&upstreams(), &stand_in.target(WireFormat::OpenAi), outgoing(endpoint, true, BODY)).await;
    let (events, error) = drain(answer).await;
    (events.len(), error.map(|error| error.explain().code))
}

#[tokio::test]
async fn a_stream_without_its_end_is_truncated() {
    let chat = Endpoint::ChatCompletions;
    let truncated = Some("upstream_truncated");
    assert_eq!(ended(chat, "").await, (0, truncated));
    assert_eq!(ended(chat, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n").await, (1, truncated));
    assert_eq!(ended(chat, "data: {\"choices\":[]}\n\ndata: {\"cho").await, (1, Some("upstream_malformed")));
    assert_eq!(ended(chat, "data: {\"choices\":[]}\n\ndata: {}").await, (1, truncated));
    assert_eq!(ended(Endpoint::Responses, "data: {\"type\":\"response.created\"}\n\n").await, (1, truncated));
    // Complete without `[DONE]`, or without the last blank line.
    assert_eq!(ended(chat, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n").await, (2, None));
    assert_eq!(ended(chat, "data: {\"choices\":[]}\n\ndata: [DONE]").await, (2, None));
    assert_eq!(ended(chat, "data: nonsense\n\n").await, (0, Some("upstream_malformed")));
}

#[tokio::test]
async fn a_connection_that_breaks_is_truncated() {
    // The chunked body ends in the middle of a chunk.
    let text = format!("{HEAD}40\r\ndata: {{\"choices\":[]}}\n\ndata: ");
    let stand_in = StandIn::raw(text.leak().as_bytes(), false).await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let (events, error) = drain(stream(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await).await;
    assert_eq!(events.len(), 1);
    assert!(matches!(error, Some(UpstreamError::Truncated(_))), "{error:?}");

    let stand_in =
        StandIn::raw(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{", false).await;
    let out = outgoing(Endpoint::ChatCompletions, false, BODY);
    let error = upstreams().send(&stand_in.target(WireFormat::OpenAi), out).await.unwrap_err();
    assert_eq!(error.explain().code, "upstream_truncated");

    for nothing in [&b""[..], b"not http at all\r\n\r\n"] {
        let stand_in = StandIn::raw(nothing, false).await;
        let out = outgoing(Endpoint::ChatCompletions, false, BODY);
        let error = upstreams().send(&stand_in.target(WireFormat::OpenAi), out).await.unwrap_err();
        assert_eq!(error.explain().code, "upstream_reset", "{error}");
    }
}

#[tokio::test]
async fn responses_events() {
    const COMPLETED: &str = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"は\"}\n\n\
        event: response.function_call_arguments.delta\ndata: {\"type\":\"response.function_call_arguments.delta\",\"delta\":\"{\"}\n\n\
        event: response.output_text.done\ndata: {\"type\":\"response.output_text.done\",\"text\":\"は\"}\n\n\
        event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":[{\"x\":1}],\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}}\n\n";
    let stand_in = StandIn::new(|| sse(vec![COMPLETED.into()])).await;
    let out = outgoing(Endpoint::Responses, true, BODY);
    let (events, error) = drain(stream(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await).await;
    assert!(error.is_none());
    assert_eq!(bytes(&events), COMPLETED.as_bytes());
    assert_eq!(text(&events), "は");
    assert_eq!(events[1].aside, "{");
    assert!(events[3].terminal && !events[3].failed && !events[2].terminal);
    assert_eq!(events[3].usage, Some(Usage { input_tokens: 3, output_tokens: 4 }));
    for (end, failed) in [("response.incomplete", false), ("response.failed", true), ("error", true)] {
        let event = format!("data: {{\"type\":\"{end}\",\"message\":\"x\"}}\n\n");
        let stand_in = StandIn::new(move || sse(vec![event.clone().into()])).await;
        let out = outgoing(Endpoint::Responses, true, BODY);
        let (events, error) = drain(stream(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await).await;
        assert!(error.is_none() && events[0].terminal, "{end}: {error:?}");
        assert_eq!(events[0].failed, failed);
    }
}

#[tokio::test]
async fn an_error_inside_a_chat_stream_ends_it() {
    let stand_in = StandIn::new(|| sse(vec!["data: {\"error\":{\"message\":\"x\"}}\n\n".into()])).await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let (events, error) = drain(stream(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await).await;
    assert!(error.is_none() && events[0].terminal && events[0].failed);
}

#[tokio::test]
async fn endless_answers_are_bounded() {
    let upstreams = Upstreams::new(Limits { answer_bytes: 50_000, ..limits() }, None).unwrap();
    let endless = || {
        let chunks = futures_util::stream::repeat_with(|| {
            Ok::<_, String>(Bytes::from("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"))
        });
        crate::stand_in::respond(200, "text/event-stream", axum::body::Body::from_stream(chunks))
    };
    let stand_in = StandIn::new(endless).await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let (events, error) = drain(stream(&upstreams, &stand_in.target(WireFormat::OpenAi), out).await).await;
    assert!(bytes(&events).len() <= 50_000);
    assert_eq!(error.unwrap().explain().code, "upstream_too_long");

    let spaces = || {
        let chunks = futures_util::stream::repeat_with(|| Ok::<_, String>(Bytes::from_static(&[b' '; 1024])));
        crate::stand_in::respond(200, "application/json", axum::body::Body::from_stream(chunks))
    };
    let stand_in = StandIn::new(spaces).await;
    let out = outgoing(Endpoint::ChatCompletions, false, BODY);
    let error = upstreams.send(&stand_in.target(WireFormat::OpenAi), out).await.unwrap_err();
    assert_eq!(error.explain().code, "upstream_too_long");

    // A length announced is refused before it is read.
    let stand_in =
        StandIn::raw(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n{", true)
            .await;
    let out = outgoing(Endpoint::ChatCompletions, false, BODY);
    let error = upstreams.send(&stand_in.target(WireFormat::OpenAi), out).await.unwrap_err();
    assert!(matches!(error, UpstreamError::TooLong(50_000)));
}

#[tokio::test]
async fn a_slow_first_byte_and_a_stall_time_out() {
    let brief = Limits { first_byte: ms(60), idle: ms(60), total: ms(2_000), ..limits() };
    let upstreams = Upstreams::new(brief, None).unwrap();
    let started = Instant::now();

    let silent = StandIn::raw(b"", true).await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let error = upstreams.send(&silent.target(WireFormat::OpenAi), out).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Timeout(Phase::FirstByte)));
    assert_eq!((error.explain().status, error.explain().code), (504, "upstream_timeout"));

    // The status line is there, the first event never comes.
    let headed = StandIn::raw(HEAD.as_bytes(), true).await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let (_, error) = drain(stream(&upstreams, &headed.target(WireFormat::OpenAi), out).await).await;
    assert!(matches!(error, Some(UpstreamError::Timeout(Phase::FirstByte))));

    let text = format!("{HEAD}18\r\ndata: {{\"choices\":[]}}\n\nda\r\n");
    let stalled = StandIn::raw(text.leak().as_bytes(), true).await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let (events, error) = drain(stream(&upstreams, &stalled.target(WireFormat::OpenAi), out).await).await;
    assert_eq!(events.len(), 1);
    assert!(matches!(error, Some(UpstreamError::Timeout(Phase::Idle))), "{error:?}");

    let stalled =
        StandIn::raw(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{", true).await;
    let out = outgoing(Endpoint::ChatCompletions, false, BODY);
    let error = upstreams.send(&stalled.target(WireFormat::OpenAi), out).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Timeout(Phase::Idle)));
    assert!(started.elapsed() < ms(1_500));
}

#[tokio::test]
async fn a_drip_ends_at_the_total_limit() {
    let upstreams = Upstreams::new(Limits { total: ms(120), ..limits() }, None).unwrap();
    let drip = || {
        let chunks = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(ms(10)).await;
            Some((Ok::<_, String>(Bytes::from(": drip\n\n")), ()))
        });
        crate::stand_in::respond(200, "text/event-stream", axum::body::Body::from_stream(chunks))
    };
    let stand_in = StandIn::new(drip).await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let (events, error) = drain(stream(&upstreams, &stand_in.target(WireFormat::OpenAi), out).await).await;
    assert!(!events.is_empty());
    assert!(matches!(error, Some(UpstreamError::Timeout(Phase::Total))), "{error:?}");
}

#[tokio::test]
async fn a_connection_held_open_after_the_end_holds_nobody_up() {
    let text = format!("{HEAD}e\r\ndata: [DONE]\n\n\r\n");
    let stand_in = StandIn::raw(text.leak().as_bytes(), true).await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let started = Instant::now();
    let (events, error) = drain(stream(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await).await;
    assert!(error.is_none() && events[0].terminal);
    assert!(started.elapsed() < ms(1_000));
}
