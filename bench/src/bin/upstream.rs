//! An instant stand-in for an OpenAI-compatible upstream: no model, and it says so in every answer.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bench_kit::arguments::Arguments;
use bench_kit::search::find;
use bench_kit::ticket;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Sleep;

const USAGE: &str = "upstream [--port 0] [--threads 1] [--latency-ms 0] [--chunks 16] [--gap-ms 0]

Listens on 127.0.0.1 only and prints {\"port\":N}. Serves
  POST /v1/chat/completions   whole, or streamed when the body has \"stream\": true
  GET  /v1/models             one model, `stand-in`
  GET  /stats                 what has been served so far
  POST /set?latency_ms=&chunks=&gap_ms=   changes what holds for the following completions
The same query on a completion holds for that one only. latency_ms: wait before the answer; chunks: pieces of text in a
stream; gap_ms: wait between them. A `ticket-…` in the prompt is repeated in the answer.";

/// The words every answer carries.
const NOTICE: &str = "stand-in upstream, not a model / 計測用の代役です";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = Arguments::of_process();
    if arguments.switch("--help") || arguments.switch("-h") {
        println!("{USAGE}");
        return Ok(());
    }
    let port = arguments.parsed("--port", 0_u16)?;
    let threads: usize = arguments.parsed("--threads", 1)?;
    let state = Arc::new(State::default());
    state.latency_ms.store(arguments.parsed("--latency-ms", 0)?, Ordering::Relaxed);
    state.chunks.store(arguments.parsed("--chunks", 16)?, Ordering::Relaxed);
    state.gap_ms.store(arguments.parsed("--gap-ms", 0)?, Ordering::Relaxed);
    arguments.finish()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).enable_all().build()?;
    runtime.block_on(listen(port, state))
}

/// Settings and counters.
#[derive(Default)]
struct State {
    latency_ms: AtomicU64,
    chunks: AtomicU64,
    gap_ms: AtomicU64,
    connections: AtomicU64,
    whole: AtomicU64,
    streams: AtomicU64,
    streams_finished: AtomicU64,
    bytes_in: AtomicU64,
    other: AtomicU64,
}

async fn listen(port: u16, state: Arc<State>) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    println!("{{\"port\":{}}}", listener.local_addr()?.port());
    let mut connections = JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        state.connections.fetch_add(1, Ordering::Relaxed);
        while connections.try_join_next().is_some() {}
        let state = state.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request, state.clone()));
            // A caller that hangs up is no error of the stand-in.
            let _ended =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(socket), service).await;
        });
    }
}

type Content = Either<Full<Bytes>, Pieces>;

async fn answer(request: Request<Incoming>, state: Arc<State>) -> Result<Response<Content>, Infallible> {
    let route = (request.method().clone(), request.uri().path().to_owned());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let response = match (&route.0, route.1.as_str()) {
        (&Method::POST, "/v1/chat/completions") => return complete(request, &query, state).await,
        (&Method::GET, "/v1/models") => json(
            StatusCode::OK,
            r#"{"object":"list","data":[{"id":"stand-in","object":"model","created":0,"owned_by":"bench"}]}"#.into(),
        ),
        (&Method::GET, "/stats") => json(StatusCode::OK, stats(&state)),
        (&Method::POST, "/set") => match set(&query, &state) {
            Ok(()) => json(StatusCode::OK, stats(&state)),
            Err(name) => error(StatusCode::BAD_REQUEST, &format!("{name} is not a setting with a number")),
        },
        _ => error(StatusCode::NOT_FOUND, "the stand-in does not serve this path"),
    };
    if !matches!(route.1.as_str(), "/stats" | "/set") {
        state.other.fetch_add(1, Ordering::Relaxed);
    }
    Ok(response)
}

async fn complete(request: Request<Incoming>, query: &str, state: Arc<State>) -> Result<Response<Content>, Infallible> {
    let own = State::default();
    for (from, to) in [(&state.latency_ms, &own.latency_ms), (&state.chunks, &own.chunks), (&state.gap_ms, &own.gap_ms)]
    {
        to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
    }
    if let Err(name) = set(query, &own) {
        return Ok(error(StatusCode::BAD_REQUEST, &format!("{name} is not a setting with a number")));
    }
    let Ok(prompt) = request.into_body().collect().await else {
        return Ok(error(StatusCode::BAD_REQUEST, "the request ended early"));
    };
    let prompt = prompt.to_bytes();
    state.bytes_in.fetch_add(prompt.len() as u64, Ordering::Relaxed);
    let ticket = ticket::in_prompt(&prompt).map(String::from_utf8_lossy).unwrap_or_default().into_owned();
    let latency = own.latency_ms.into_inner();
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    if is_true(&prompt, b"\"stream\"") {
        state.streams.fetch_add(1, Ordering::Relaxed);
        let pieces = Pieces {
            ticket,
            usage: is_true(&prompt, b"\"include_usage\""),
            next: 0,
            texts: own.chunks.into_inner(),
            gap: Duration::from_millis(own.gap_ms.into_inner()),
            wait: None,
            state,
        };
        let mut response = Response::new(Either::Right(pieces));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        return Ok(response);
    }
    state.whole.fetch_add(1, Ordering::Relaxed);
    let text = format!(
        "{{\"id\":\"chatcmpl-stand-in\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"stand-in\",\
         \"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{NOTICE} {ticket}\"}},\
         \"logprobs\":null,\"finish_reason\":\"stop\"}}],{USAGE_COUNTS}}}"
    );
    Ok(json(StatusCode::OK, text))
}

const USAGE_COUNTS: &str = "\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20,\"total_tokens\":120}";

/// Whether the body says `name: true`, however it is spaced. The body is not parsed: the stand-in is to cost little.
fn is_true(body: &[u8], name: &[u8]) -> bool {
    let rest = find(body, name).and_then(|at| body.get(at + name.len()..)).unwrap_or_default();
    let value = rest.trim_ascii_start().strip_prefix(b":").unwrap_or_default().trim_ascii_start();
    value.starts_with(b"true")
}

fn set<'a>(query: &'a str, state: &State) -> Result<(), &'a str> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Ok(value) = value.parse::<u64>() else { return Err(name) };
        match name {
            "latency_ms" => state.latency_ms.store(value, Ordering::Relaxed),
            "chunks" => state.chunks.store(value, Ordering::Relaxed),
            "gap_ms" => state.gap_ms.store(value, Ordering::Relaxed),
            _ => return Err(name),
        }
    }
    Ok(())
}

fn stats(state: &State) -> String {
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    format!(
        "{{\"stand_in\":true,\"completions\":{},\"whole\":{},\"streams\":{},\"streams_finished\":{},\"bytes_in\":{},\
         \"other\":{},\"connections\":{},\"latency_ms\":{},\"chunks\":{},\"gap_ms\":{}}}",
        read(&state.whole) + read(&state.streams),
        read(&state.whole),
        read(&state.streams),
        read(&state.streams_finished),
        read(&state.bytes_in),
        read(&state.other),
        read(&state.connections),
        read(&state.latency_ms),
        read(&state.chunks),
        read(&state.gap_ms),
    )
}

fn json(status: StatusCode, text: String) -> Response<Content> {
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(text))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn error(status: StatusCode, message: &str) -> Response<Content> {
    let message: String = message.chars().filter(|letter| !matches!(letter, '"' | '\\' | '\0'..' ')).collect();
    json(status, format!("{{\"error\":{{\"message\":\"{message}\",\"type\":\"invalid_request_error\"}}}}"))
}

/// The events of one stream, with a wait between the pieces of text.
struct Pieces {
    ticket: String,
    usage: bool,
    next: u64,
    texts: u64,
    gap: Duration,
    wait: Option<Pin<Box<Sleep>>>,
    state: Arc<State>,
}

impl Pieces {
    /// Event number `next`: the role with the notice, the texts, the end, perhaps the counts, `[DONE]`.
    fn event(&self) -> Option<Bytes> {
        let head = "data: {\"id\":\"chatcmpl-stand-in\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\
                    \"model\":\"stand-in\",\"choices\":[";
        let choice = |delta: String, end: &str| {
            format!("{head}{{\"index\":0,\"delta\":{delta},\"finish_reason\":{end}}}]}}\n\n")
        };
        let behind = self.next.checked_sub(self.texts + 1);
        let text = match (self.next, behind) {
            (0, _) => choice(format!("{{\"role\":\"assistant\",\"content\":\"{NOTICE} {}\"}}", self.ticket), "null"),
            (_, None) => choice(format!("{{\"content\":\" piece {}\"}}", self.next), "null"),
            (_, Some(0)) => choice("{\"content\":\" end-of-stand-in\"}".into(), "null"),
            (_, Some(1)) => choice("{}".into(), "\"stop\""),
            (_, Some(2)) if self.usage => format!("{head}],{USAGE_COUNTS}}}\n\n"),
            (_, Some(2)) => "data: [DONE]\n\n".into(),
            (_, Some(3)) if self.usage => "data: [DONE]\n\n".into(),
            _ => return None,
        };
        Some(Bytes::from(text))
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(context));
            self.wait = None;
        }
        let Some(event) = self.event() else {
            self.state.streams_finished.fetch_add(1, Ordering::Relaxed);
            return Poll::Ready(None);
        };
        self.next += 1;
        if !self.gap.is_zero() && self.next <= self.texts {
            self.wait = Some(Box::pin(tokio::time::sleep(self.gap)));
        }
        Poll::Ready(Some(Ok(Frame::data(event))))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pieces, State, is_true, set};
    use bench_kit::search::contains;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn reads_flags_however_they_are_spaced() {
        assert!(is_true(br#"{"stream":true}"#, b"\"stream\""));
        assert!(is_true(br#"{"stream_options":{"x":1}, "stream" : true}"#, b"\"stream\""));
        assert!(!is_true(br#"{"stream":false,"x":true}"#, b"\"stream\""));
        assert!(!is_true(br#"{}"#, b"\"stream\""));
    }

    #[test]
    fn settings_are_numbers_with_known_names() {
        let state = State::default();
        assert_eq!(set("chunks=3&gap_ms=5", &state), Ok(()));
        assert_eq!(state.chunks.into_inner(), 3);
        assert_eq!(set("chunks=x", &State::default()), Err("chunks"));
        assert_eq!(set("odd=1", &State::default()), Err("odd"));
    }

    #[test]
    fn a_stream_has_a_notice_its_pieces_and_an_end() {
        for usage in [false, true] {
            let (ticket, state) = ("ticket-x".to_owned(), Arc::new(State::default()));
            let mut pieces = Pieces { ticket, usage, next: 0, texts: 3, gap: Duration::ZERO, wait: None, state };
            let mut all = Vec::new();
            while let Some(event) = pieces.event() {
                pieces.next += 1;
                all.push(event);
            }
            assert_eq!(all.len(), if usage { 8 } else { 7 });
            assert!(contains(&all[0], b"not a model") && contains(&all[0], b"ticket-x"));
            assert!(contains(&all[3], b"piece 3") && contains(&all[4], b"end-of-stand-in"));
            assert_eq!(all.last().unwrap().as_ref(), b"data: [DONE]\n\n");
        }
    }
}
