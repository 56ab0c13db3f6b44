//! A stand-in upstream that remembers what it got, and shorthand for calling it.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use sekisho_gate::upstream::{
    AnswerStream, Endpoint, Limits, Outgoing, Reply, Secret, StreamEvent, Target, UpstreamError, Upstreams, Whole,
    WireFormat,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(crate) struct StandIn {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    peers: Arc<Mutex<HashSet<SocketAddr>>>,
    _server: JoinSet<()>,
}

impl StandIn {
    /// Answers every request with what `respond` makes.
    pub(crate) async fn new<F>(respond: F) -> Self
    where
        F: Fn() -> Response<Body> + Clone + Send + Sync + 'static,
    {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let peers = Arc::new(Mutex::new(HashSet::new()));
        let from = Arc::clone(&peers);
        let handler = move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request<Body>| {
            let (record, respond) = (Arc::clone(&record), respond.clone());
            from.lock().unwrap().insert(peer);
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                record.lock().unwrap().push(Seen { path: parts.uri.to_string(), headers: parts.headers, body });
                respond()
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        let app = Router::new().fallback(handler).into_make_service_with_connect_info::<SocketAddr>();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, seen, peers, _server: server }
    }

    /// Reads a request and writes these bytes, then holds the connection or closes it.
    pub(crate) async fn raw(bytes: &'static [u8], hold: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        server.spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = vec![0; 65_536];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(bytes).await;
                if hold {
                    let _ = socket.read(&mut request).await;
                }
            }
        });
        Self { url, seen: Arc::default(), peers: Arc::default(), _server: server }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.all_seen().last().cloned().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.peers.lock().unwrap().len()
    }

    pub(crate) fn all_seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn target(&self, format: WireFormat) -> Target {
        target(&self.url, format)
    }
}

pub(crate) fn target(url: &str, format: WireFormat) -> Target {
    Target {
        format,
        base_url: url.to_owned(),
        upstream_model: "their-model".to_owned(),
        secret: Some(Secret::new("sk-test")),
        api_version: None,
        private_addresses: true,
    }
}

pub(crate) fn outgoing(endpoint: Endpoint, stream: bool, body: impl Into<Bytes>) -> Outgoing {
    Outgoing {
        endpoint,
        stream,
        body: body.into(),
        model: "our-model".to_owned(),
        use_id: "use1".to_owned(),
        created: 1_700_000_000,
    }
}

pub(crate) fn limits() -> Limits {
    let second = Duration::from_secs(1);
    Limits { connect: second, first_byte: 5 * second, idle: 5 * second, total: 10 * second, answer_bytes: 1 << 20 }
}

pub(crate) fn upstreams() -> Upstreams {
    Upstreams::new(limits(), None).unwrap()
}

pub(crate) fn respond(status: u16, kind: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).header("content-type", kind).body(body.into()).unwrap()
}

pub(crate) fn json(body: &'static str) -> Response<Body> {
    respond(200, "application/json", body)
}

/// A stream sent in these chunks.
pub(crate) fn sse(chunks: Vec<Bytes>) -> Response<Body> {
    respond(
        200,
        "text/event-stream; charset=utf-8",
        Body::from_stream(stream::iter(chunks.into_iter().map(Ok::<_, String>))),
    )
}

pub(crate) async fn whole(upstreams: &Upstreams, target: &Target, out: Outgoing) -> Whole {
    match upstreams.send(target, out).await.unwrap() {
        Reply::Whole(whole) => whole,
        Reply::Stream(stream) => panic!("{stream:?}"),
    }
}

pub(crate) async fn stream(upstreams: &Upstreams, target: &Target, out: Outgoing) -> AnswerStream {
    match upstreams.send(target, out).await.unwrap() {
        Reply::Stream(stream) => stream,
        Reply::Whole(whole) => panic!("{whole:?}"),
    }
}

/// All events, and the error the stream ended with, if any.
pub(crate) async fn drain(stream: AnswerStream) -> (Vec<StreamEvent>, Option<UpstreamError>) {
    let (mut events, mut error) = (Vec::new(), None);
    for item in stream.collect::<Vec<_>>().await {
        match item {
            Ok(event) => {
                assert!(error.is_none(), "an event after an error: {event:?}");
                events.push(event);
            }
            Err(e) => error = Some(e),
        }
    }
    (events, error)
}

pub(crate) fn bytes(events: &[StreamEvent]) -> Vec<u8> {
    events.iter().flat_map(|event| event.bytes.to_vec()).collect()
}

pub(crate) fn text(events: &[StreamEvent]) -> String {
    events.iter().map(|event| event.text.as_str()).collect()
}

/// The JSON of every event that has any.
pub(crate) fn data(events: &[StreamEvent]) -> Vec<Value> {
    let lines = events.iter().map(|event| std::str::from_utf8(&event.bytes).unwrap());
    let data = lines.filter_map(|text| text.lines().find_map(|line| line.strip_prefix("data: ")));
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}
