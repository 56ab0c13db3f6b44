//! A stand-in for a model server. It says that it is one, and keeps every byte that ever reached it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The name under which it is registered.
pub(crate) const MODEL: &str = "stand-in";
/// What it answers, whatever it is asked.
pub(crate) const ANSWER: &str = "This is a stand-in, not a model.";

/// A prompt with these words is never answered.
pub(crate) const HELD_BACK: &str = "hold this answer back";

/// An OpenAI-compatible server that is none.
#[derive(Clone)]
pub(crate) struct StandIn {
    port: u16,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl StandIn {
    /// Listens until the test ends.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let all = received.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let all = all.clone();
                std::thread::spawn(move || serve(stream, &all));
            }
        });
        Self { port, received }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Whether these bytes ever arrived, in however unfinished a request.
    pub(crate) fn saw(&self, token: &str) -> bool {
        self.received.lock().expect("no panic inside").iter().any(|connection| contains(connection, token.as_bytes()))
    }

    /// Requests that began to arrive.
    pub(crate) fn requests(&self) -> usize {
        let count = |connection: &Vec<u8>| connection.windows(5).filter(|w| *w == b"POST ").count();
        self.received.lock().expect("no panic inside").iter().map(count).sum()
    }
}

pub(crate) fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|w| w == needle)
}

fn serve(mut stream: TcpStream, all: &Mutex<Vec<Vec<u8>>>) {
    let _ = stream.set_nodelay(true);
    let place = {
        let mut all = all.lock().expect("no panic inside");
        all.push(Vec::new());
        all.len() - 1
    };
    let mut pending = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let read = match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        all.lock().expect("no panic inside")[place].extend_from_slice(&piece[..read]);
        pending.extend_from_slice(&piece[..read]);
        while let Some((request, rest)) = one(&pending) {
            if contains(&request, HELD_BACK.as_bytes()) {
                // For longer than any test lasts.
                std::thread::sleep(std::time::Duration::from_secs(3_600));
            }
            let answer = answer(contains(&request, br#""stream":true"#));
            pending = rest;
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    }
}

/// The first whole request, and what follows it.
fn one(pending: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let end = pending.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&pending[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")?.trim().parse::<usize>().ok())?;
    let request = pending.get(..end + length)?;
    Some((request.to_vec(), pending[end + length..].to_vec()))
}

fn answer(streamed: bool) -> Vec<u8> {
    let (kind, body) = if streamed {
        let piece = |delta: &str, finish: &str| {
            format!(
                r#"data: {{"id":"stand-in","object":"chat.completion.chunk","created":1,"model":"stand-in","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
            )
        };
        let said = format!(r#"{{"role":"assistant","content":"{ANSWER}"}}"#);
        let body = format!("{}\n\n{}\n\ndata: [DONE]\n\n", piece(&said, "null"), piece("{}", r#""stop""#));
        ("text/event-stream", body)
    } else {
        let body = format!(
            r#"{{"id":"stand-in","object":"chat.completion","created":1,"model":"stand-in","choices":[{{"index":0,"message":{{"role":"assistant","content":"{ANSWER}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}}}"#
        );
        ("application/json", body)
    };
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
