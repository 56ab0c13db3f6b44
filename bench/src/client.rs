//! A small HTTP/1.1 client with keep-alive, so that the load generator takes as little of the machine as it can:
//! what it spends would make every gateway look alike.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::body::{Body, Chunk};
use crate::search::find;

const HEAD_LIMIT: usize = 64 * 1024;
const CONTENT_LIMIT: usize = 64 * 1024 * 1024;

/// Where the requests go: `http://host:port/path?query`.
pub struct Target {
    /// `host:port`.
    pub authority: String,
    /// Path and query.
    pub path: String,
}

impl Target {
    /// Reads an address.
    pub fn parse(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("http://").ok_or_else(|| format!("`{url}` does not begin with `http://`"))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let authority = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        Ok(Self { authority, path: format!("/{path}") })
    }
}

/// What the head of an answer says.
struct Head {
    status: u16,
    body: Body,
    close: bool,
}

impl Head {
    fn parse(head: &[u8]) -> Result<Self, String> {
        let head = std::str::from_utf8(head).map_err(|_| "head is not UTF-8")?;
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap_or_default();
        let code = status.strip_prefix("HTTP/1.1 ").or_else(|| status.strip_prefix("HTTP/1.0 "));
        let code = code.and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
        let code = code.ok_or_else(|| format!("`{status}` is no status line"))?;
        let mut answer = Self { status: code, body: Body::UntilClose, close: status.starts_with("HTTP/1.0") };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") && !matches!(answer.body, Body::Chunks(_)) {
                answer.body = Body::Length(value.parse().map_err(|_| "content-length is not a number")?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") && value.eq_ignore_ascii_case("chunked") {
                answer.body = Body::Chunks(Chunk::Size(0));
            } else if name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close") {
                answer.close = true;
            }
        }
        if matches!(answer.body, Body::UntilClose) {
            answer.close = true;
        }
        Ok(answer)
    }
}

/// An answer and when its parts came.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// First byte of content.
    pub first_byte: Instant,
    /// Last byte of content.
    pub end: Instant,
    /// Time between arrivals of content.
    pub gaps: Vec<Duration>,
}

/// One connection, opened when needed and kept.
pub struct Connection<'a> {
    authority: &'a str,
    stream: Option<TcpStream>,
    input: Vec<u8>,
    /// Content of the last answer.
    pub content: Vec<u8>,
    /// How often it was opened.
    pub opened: u64,
}

impl<'a> Connection<'a> {
    /// A connection that opens with its first request at the latest.
    pub fn new(authority: &'a str) -> Self {
        Self { authority, stream: None, input: Vec::with_capacity(16 * 1024), content: Vec::new(), opened: 0 }
    }

    /// Opens the connection ahead of the first request. A failure shows again, and counts, with that request.
    pub async fn prepare(&mut self) {
        if let Ok(stream) = self.open().await {
            self.stream = Some(stream);
        }
    }

    /// Sends one request and reads its whole answer. After an error the next request opens a new connection.
    pub async fn exchange(&mut self, request: &[u8], note_gaps: bool) -> Result<Answer, String> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.open().await?,
        };
        self.input.clear();
        self.content.clear();
        stream.write_all(request).await.map_err(|error| format!("sending: {}", error.kind()))?;
        let mut head = self.head(&mut stream).await?;
        while head.status < 200 {
            head = self.head(&mut stream).await?;
        }
        let mut answer = Answer { status: head.status, first_byte: Instant::now(), end: Instant::now(), gaps: vec![] };
        let mut seen = 0;
        loop {
            let used = head.body.feed(&self.input, &mut self.content)?;
            if self.content.len() > seen {
                let now = Instant::now();
                if seen == 0 {
                    answer.first_byte = now;
                } else if note_gaps {
                    answer.gaps.push(now - answer.end);
                }
                (seen, answer.end) = (self.content.len(), now);
            }
            if head.body.is_done() {
                if used < self.input.len() {
                    return Err("bytes behind the end of the answer".into());
                }
                break;
            }
            if seen > CONTENT_LIMIT {
                return Err("answer is too long".into());
            }
            self.input.clear();
            if self.read(&mut stream).await? == 0 {
                if matches!(head.body, Body::UntilClose) {
                    break;
                }
                return Err("closed within the answer".into());
            }
        }
        if seen == 0 {
            answer.end = Instant::now();
        }
        if !head.close {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    async fn open(&mut self) -> Result<TcpStream, String> {
        let stream = TcpStream::connect(self.authority).await;
        let stream = stream.map_err(|error| format!("connecting: {}", error.kind()))?;
        stream.set_nodelay(true).map_err(|error| format!("connecting: {}", error.kind()))?;
        self.opened += 1;
        Ok(stream)
    }

    async fn read(&mut self, stream: &mut TcpStream) -> Result<usize, String> {
        stream.read_buf(&mut self.input).await.map_err(|error| format!("reading: {}", error.kind()))
    }

    /// Reads up to the end of a head and leaves what follows it in `input`.
    async fn head(&mut self, stream: &mut TcpStream) -> Result<Head, String> {
        loop {
            if let Some(end) = find(&self.input, b"\r\n\r\n") {
                let head = Head::parse(self.input.get(..end).unwrap_or_default())?;
                self.input.drain(..end + 4);
                return Ok(head);
            }
            if self.input.len() > HEAD_LIMIT {
                return Err("head is too long".into());
            }
            if self.read(stream).await? == 0 {
                return Err("closed before the answer".into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, Head, Target};

    #[test]
    fn addresses_are_taken_apart() {
        let target = Target::parse("http://127.0.0.1:80/v1/chat?x=1").unwrap();
        assert_eq!((target.authority.as_str(), target.path.as_str()), ("127.0.0.1:80", "/v1/chat?x=1"));
        assert_eq!(Target::parse("http://localhost").unwrap().authority, "localhost:80");
        assert!(Target::parse("https://localhost").is_err());
    }

    #[test]
    fn heads_are_understood() {
        let head = Head::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nconnection: close").unwrap();
        assert!(head.status == 200 && head.close && matches!(head.body, Body::Length(12)));
        let head = Head::parse(b"HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\ncontent-length: 9").unwrap();
        assert!(head.status == 403 && !head.close && matches!(head.body, Body::Chunks(_)));
        assert!(Head::parse(b"HTTP/1.0 200 OK").unwrap().close);
        assert!(Head::parse(b"SMTP 200").is_err());
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\ncontent-length: -1").is_err());
    }
}
