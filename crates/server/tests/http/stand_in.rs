//! A stand-in for a model's server: it remembers what it got and answers as the test says, byte by byte.

use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A request that reached the stand-in.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What a stand-in does with a request.
pub(crate) type Script = dyn Fn(&Seen, &mut TcpStream) + Send + Sync;

/// The stand-in.
pub(crate) struct StandIn {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
}

impl StandIn {
    /// Follows a script, one thread per connection, one request per connection.
    pub(crate) fn new(script: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (record, count) = (seen.clone(), connections.clone());
        let script: Arc<Script> = Arc::new(script);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let Ok(mut socket) = socket else { continue };
                count.fetch_add(1, Ordering::SeqCst);
                let (record, script) = (record.clone(), script.clone());
                std::thread::spawn(move || {
                    if let Some(request) = read(&mut socket) {
                        record.lock().unwrap().push(request.clone());
                        script(&request, &mut socket);
                    }
                });
            }
        });
        Self { port, seen, connections }
    }

    /// Answers every chat with this body.
    pub(crate) fn answering(body: &str) -> Self {
        let body = body.to_owned();
        Self::new(move |_, socket| json(socket, 200, &body))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Every request, oldest first.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How often anyone connected, with or without a request.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn read(socket: &mut TcpStream) -> Option<Seen> {
    let (mut all, mut piece) = (Vec::new(), vec![0; 65_536]);
    loop {
        let n = socket.read(&mut piece).ok().filter(|n| *n > 0)?;
        all.extend_from_slice(&piece[..n]);
        let Some(end) = all.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&all[..end]).to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|l| l.lines().next()?.trim().parse().ok());
        let mut body = all.split_off(end + 4);
        let length: usize = length.unwrap_or(0);
        let have = body.len();
        body.resize(length.max(have), 0);
        socket.read_exact(&mut body[have..]).ok()?;
        return Some(Seen { head, body });
    }
}

/// Writes a whole answer.
pub(crate) fn respond(socket: &mut TcpStream, status: u16, headers: &[&str], body: &[u8]) {
    let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let _ = socket.write_all(head.as_bytes());
    let _ = socket.write_all(body);
}

/// Writes a whole JSON answer.
pub(crate) fn json(socket: &mut TcpStream, status: u16, body: &str) {
    respond(socket, status, &["content-type: application/json"], body.as_bytes());
}

/// Begins a stream.
pub(crate) fn begin_stream(socket: &mut TcpStream) {
    let head =
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let _ = socket.write_all(head.as_bytes());
}

/// Sends a piece of a stream; false when the other side has gone.
pub(crate) fn piece(socket: &mut TcpStream, bytes: &str) -> bool {
    socket.write_all(format!("{:x}\r\n{bytes}\r\n", bytes.len()).as_bytes()).is_ok()
}

/// Ends a stream in the proper way.
pub(crate) fn end_stream(socket: &mut TcpStream) {
    let _ = socket.write_all(b"0\r\n\r\n");
}

/// An event of a streamed chat completion that says this.
pub(crate) fn delta(text: &str) -> String {
    format!(
        "data: {}\n\n",
        serde_json::json!({ "id": "c", "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": { "content": text } }] })
    )
}

/// The event with which a streamed chat completion says that it is complete.
pub(crate) const STOP: &str = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n";

/// The last event of all.
pub(crate) const DONE: &str = "data: [DONE]\n\n";

/// A whole chat completion that says this.
pub(crate) fn completion(text: &str) -> String {
    serde_json::json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "their-model",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": text } }],
        "usage": { "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 },
    })
    .to_string()
}
