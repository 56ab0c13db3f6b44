//! A client that can also speak badly: plain sockets, every byte in the test's hands.

use serde_json::{Value, json};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Longer than anything takes on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e} in answer {}: {}", self.status, self.text()))
    }

    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert!(matches!(self.status, 200 | 201), "{}: {}", self.status, self.text());
        self.json()
    }

    /// The text of a chat completion.
    #[track_caller]
    pub(crate) fn said(&self) -> String {
        self.ok()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    }

    /// An error in OpenAI's shape with this status and code. Gives the `error` object.
    #[track_caller]
    pub(crate) fn error(&self, status: u16, code: &str) -> Value {
        let error = self.json()["error"].clone();
        assert_eq!((self.status, error["code"].as_str()), (status, Some(code)), "{}", self.text());
        assert!(self.header("content-type").is_some_and(|t| t.starts_with("application/json")), "{:?}", self.headers);
        assert!(error["type"].as_str().is_some_and(|t| !t.is_empty()), "{error}");
        assert!(error["message"].as_str().is_some_and(|m| m.chars().count() > 5), "{error}");
        assert!(error.as_object().unwrap().contains_key("param"), "{error}");
        error
    }

    /// The use this answer belongs to.
    #[track_caller]
    pub(crate) fn used(&self) -> String {
        self.header("x-sekisho-use")
            .unwrap_or_else(|| panic!("no use named by {}: {}", self.status, self.text()))
            .to_owned()
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Closed,
    Reset,
    StillOpen,
}

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) key: Option<String>,
}

/// A request under construction.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    address: SocketAddr,
    method: &'static str,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

impl Client {
    pub(crate) fn request(&self, method: &'static str, path: &str) -> Request {
        let mut request =
            Request { address: self.address, method, path: path.to_owned(), headers: Vec::new(), body: None };
        if let Some(key) = &self.key {
            request = request.header("authorization", &format!("Bearer {key}"));
        }
        request
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.request("GET", path).send()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.request("POST", path).json(body).send()
    }

    pub(crate) fn chat(&self, model: &str, text: &str) -> Reply {
        self.post(CHAT, &chat(model, text))
    }

    /// Gives a command to the register.
    pub(crate) fn command(&self, name: &str, content: &Value) -> Reply {
        self.post(&format!("/api/commands/{name}"), &json!({ "content": content, "reason": "試験" }))
    }

    /// The models on the list.
    pub(crate) fn models(&self) -> Vec<String> {
        let list = self.get("/v1/models").ok();
        list["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) const CHAT: &str = "/v1/chat/completions";

/// The smallest chat request.
pub(crate) fn chat(model: &str, text: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": text }] })
}

impl Request {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub(crate) fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.headers.push((name.to_owned(), value.to_vec()));
        self
    }

    pub(crate) fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").bytes(body.to_string())
    }

    /// The head with all headers, and `more` lines before the blank line.
    pub(crate) fn head(&self, more: &[&str]) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {}\r\n", self.method, self.path, self.address).into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        for line in more {
            head.extend_from_slice(line.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    fn whole(&self, connection: &str) -> Vec<u8> {
        let length = self.body.as_ref().map(|body| format!("content-length: {}", body.len()));
        let mut lines = vec![connection];
        lines.extend(length.as_deref());
        let mut bytes = self.head(&lines);
        bytes.extend(self.body.iter().flatten());
        bytes
    }

    /// Sends it on a connection of its own.
    #[track_caller]
    pub(crate) fn send(&self) -> Reply {
        let (bytes, _) = talk(self.address, &self.whole("connection: close"));
        let mut all = replies(&bytes);
        assert_eq!(all.len(), 1, "{} {}: {}", self.method, self.path, String::from_utf8_lossy(&bytes));
        all.remove(0)
    }

    /// Sends it and reads the answer as it comes.
    pub(crate) fn open(&self) -> Live {
        let mut socket = connect(self.address);
        socket.write_all(&self.whole("connection: close")).unwrap();
        Live::new(socket)
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_write_timeout(Some(PATIENCE)).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

/// Writes these bytes and reads until the other side ends. A server may answer and close before it has read
/// everything, so a failed write is no failure of the test: what matters is what comes back.
pub(crate) fn talk(address: SocketAddr, bytes: &[u8]) -> (Vec<u8>, End) {
    let mut socket = connect(address);
    let _ = socket.write_all(bytes);
    listen(&mut socket, PATIENCE)
}

/// Reads until the other side ends or has been silent for so long.
pub(crate) fn listen(socket: &mut TcpStream, patience: Duration) -> (Vec<u8>, End) {
    socket.set_read_timeout(Some(patience)).unwrap();
    let (mut got, mut piece) = (Vec::new(), vec![0; 65_536]);
    loop {
        match socket.read(&mut piece) {
            Ok(0) => return (got, End::Closed),
            Ok(n) => got.extend_from_slice(&piece[..n]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return (got, End::StillOpen),
            Err(_) => return (got, End::Reset),
        }
    }
}

/// Reads the answers that lie in these bytes one behind the other.
#[track_caller]
pub(crate) fn replies(mut bytes: &[u8]) -> Vec<Reply> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let Some((status, headers, rest)) = head_of(bytes) else {
            panic!("no answer begins here: {}", String::from_utf8_lossy(bytes))
        };
        let named = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let (body, after) = if named("transfer-encoding").is_some() {
            let (mut body, mut rest) = (Vec::new(), rest);
            loop {
                let Some((piece, after)) = chunk(rest) else { panic!("a chunk broke off after {} bytes", body.len()) };
                rest = after;
                if piece.is_empty() {
                    break (body, rest);
                }
                body.extend_from_slice(piece);
            }
        } else {
            let length = named("content-length").map_or(rest.len(), |l| l.parse().unwrap());
            assert!(rest.len() >= length, "the answer broke off: {} of {length} bytes", rest.len());
            (rest[..length].to_vec(), &rest[length..])
        };
        all.push(Reply { status, headers, body });
        bytes = after;
    }
    all
}

type Head<'b> = (u16, Vec<(String, String)>, &'b [u8]);

fn head_of(bytes: &[u8]) -> Option<Head<'_>> {
    let end = find(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Some((status, headers, &bytes[end + 4..]))
}

/// One chunk and what stands behind it; the last one is empty.
fn chunk(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = find(bytes, b"\r\n")?;
    let size = usize::from_str_radix(std::str::from_utf8(&bytes[..line]).ok()?.trim(), 16).ok()?;
    let end = line + 2 + size;
    (bytes.get(end..end + 2)? == b"\r\n").then(|| (&bytes[line + 2..end], &bytes[end + 2..]))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// An answer that is still coming.
pub(crate) struct Live {
    socket: TcpStream,
    raw: Vec<u8>,
    text: Vec<u8>,
    ended: bool,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
}

/// What a wait for the next event gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    Event(String),
    /// The answer ended in the proper way.
    End,
    /// The connection broke.
    Broken,
    /// Nothing came in that time.
    Nothing,
}

impl Live {
    fn new(mut socket: TcpStream) -> Self {
        let (mut raw, mut piece) = (Vec::new(), vec![0; 65_536]);
        loop {
            if let Some((status, headers, rest)) = head_of(&raw) {
                let raw = rest.to_vec();
                return Self { socket, raw, text: Vec::new(), ended: false, status, headers };
            }
            let n = socket.read(&mut piece).unwrap();
            assert!(n > 0, "no answer: {}", String::from_utf8_lossy(&raw));
            raw.extend_from_slice(&piece[..n]);
        }
    }

    /// The use this answer belongs to.
    pub(crate) fn used(&self) -> String {
        self.headers.iter().find(|(name, _)| name == "x-sekisho-use").unwrap().1.clone()
    }

    /// Waits for the next event.
    pub(crate) fn next(&mut self, wait: Duration) -> Next {
        let until = Instant::now() + wait;
        loop {
            if let Some(at) = find(&self.text, b"\n\n") {
                let event: Vec<u8> = self.text.drain(..at + 2).collect();
                return Next::Event(String::from_utf8(event).unwrap().trim_end().to_owned());
            }
            if self.ended {
                return Next::End;
            }
            if let Some((piece, rest)) = chunk(&self.raw) {
                self.ended = piece.is_empty();
                self.text.extend_from_slice(piece);
                self.raw = rest.to_vec();
                continue;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Next::Nothing;
            }
            self.socket.set_read_timeout(Some(left)).unwrap();
            let mut piece = vec![0; 65_536];
            match self.socket.read(&mut piece) {
                Ok(0) => return Next::Broken,
                Ok(n) => self.raw.extend_from_slice(&piece[..n]),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Next::Nothing,
                Err(_) => return Next::Broken,
            }
        }
    }

    /// The next event, which must come.
    #[track_caller]
    pub(crate) fn event(&mut self) -> String {
        match self.next(PATIENCE) {
            Next::Event(event) => event,
            other => panic!("no event came: {other:?}"),
        }
    }

    /// All events to the proper end.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        loop {
            match self.next(PATIENCE) {
                Next::Event(event) => events.push(event),
                Next::End => return events,
                other => panic!("{other:?} after {events:?}"),
            }
        }
    }

    /// Goes away without a word.
    pub(crate) fn hang_up(self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}
