//! A stand-in for a model server. It says that it is one, and keeps every byte that ever reached it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The name under which it is registered.
pub(crate) const MODEL: &str = "stand-in";
/// What it answers, whatever it is asked.
pub(crate) const ANSWER: &str = "This is a stand-in, not a model.";

/// A prompt with these words is never answered.
pub(crate) const HELD_BACK: &str = "hold this answer back";

/// A prompt with these words is answered in many pieces, if it is streamed.
pub(crate) const SLOWLY: &str = "answer slowly";
/// How many they are, and what lies between them.
pub(crate) const PIECES: usize = 18;
const BETWEEN: Duration = Duration::from_millis(100);

/// An OpenAI-compatible server that is none.
#[derive(Clone)]
pub(crate) struct StandIn {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl StandIn {
    /// Listens until the test ends.
    pub(crate) fn start() -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST)
    }

    /// The same, at another address of this machine.
    pub(crate) fn start_at(address: Ipv4Addr) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let received = Arc::new(Mutex::new(Vec::new()));
        let all = received.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let all = all.clone();
                std::thread::spawn(move || serve(stream, &all));
            }
        });
        Self { address, received }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
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
                std::thread::sleep(Duration::from_secs(3_600));
            }
            let streamed = contains(&request, br#""stream":true"#);
            pending = rest;
            if streamed && contains(&request, SLOWLY.as_bytes()) {
                if in_pieces(&mut stream).is_err() {
                    return;
                }
                continue;
            }
            let answer = answer(streamed);
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

/// How a streamed answer in pieces begins.
pub(crate) const BEGINS: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// A part of such an answer.
pub(crate) fn chunk(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into_bytes()
}

/// One event of a stream.
pub(crate) fn piece(delta: &str, finish: &str) -> String {
    format!(
        r#"data: {{"id":"stand-in","object":"chat.completion.chunk","created":1,"model":"stand-in","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
    )
}

fn in_pieces(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(BEGINS)?;
    for number in 0..PIECES {
        stream.write_all(&chunk(&format!("{}\n\n", piece(&format!(r#"{{"content":"piece {number}. "}}"#), "null"))))?;
        std::thread::sleep(BETWEEN);
    }
    stream.write_all(&chunk(&format!("{}\n\ndata: [DONE]\n\n", piece("{}", r#""stop""#))))?;
    stream.write_all(b"0\r\n\r\n")
}

fn answer(streamed: bool) -> Vec<u8> {
    let (kind, body) = if streamed {
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
