//! A client of a few lines, so that nothing stands between a proof and the bytes on the socket.

use serde_json::Value;
use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Long enough for a loaded machine; a proof never waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(120);

/// An answer that arrived whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The use the answer belongs to.
    pub(crate) fn use_id(&self) -> Option<String> {
        self.header("x-sekisho-use").map(str::to_owned)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// `error.code` of OpenAI's error shape.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends one request over its own connection. An answer that breaks off is an error, never an `Answer`.
pub(crate) fn call(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Answer> {
    let mut stream = connect(address)?;
    let close = [("connection", "close")];
    let headers: Vec<_> = close.iter().chain(headers).copied().collect();
    stream.write_all(&request(address, method, path, &headers, body))?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received)?;
    whole(&received).ok_or_else(broke_off)
}

/// A connection with this client's patience.
pub(crate) fn connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The bytes of a request.
pub(crate) fn request(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n").into_bytes();
    for (name, value) in headers {
        request.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    request.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    request.extend_from_slice(body);
    request
}

fn broke_off() -> Error {
    Error::new(ErrorKind::UnexpectedEof, "the answer broke off")
}

/// A client who keeps his connection until he is told that it ends. He never tries a request twice.
pub(crate) struct Kept {
    address: String,
    open: Option<TcpStream>,
    /// Requests over a connection that had served one before.
    pub(crate) reused: usize,
    /// Answers that said they were their connection's last.
    pub(crate) told: usize,
}

impl Kept {
    pub(crate) fn to(address: &str) -> Self {
        Self { address: address.to_owned(), open: None, reused: 0, told: 0 }
    }

    pub(crate) fn call(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Answer> {
        let mut stream = match self.open.take() {
            Some(stream) => {
                self.reused += 1;
                stream
            }
            None => connect(&self.address)?,
        };
        stream.write_all(&request(&self.address, method, path, headers, body))?;
        let mut received = Vec::new();
        let mut piece = [0; 16 * 1024];
        loop {
            let read = stream.read(&mut piece)?;
            if read == 0 {
                return Err(broke_off());
            }
            received.extend_from_slice(&piece[..read]);
            let Some(answer) = whole(&received) else { continue };
            if answer.header("connection") == Some("close") {
                self.told += 1;
            } else {
                self.open = Some(stream);
            }
            return Ok(answer);
        }
    }
}

/// An answer, if all of it is there.
pub(crate) fn whole(received: &[u8]) -> Option<Answer> {
    let end = received.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&received[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> =
        lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let rest = &received[end + 4..];
    let mut answer = Answer { status, headers, body: Vec::new() };
    answer.body = if answer.header("transfer-encoding") == Some("chunked") {
        dechunked(rest)?
    } else {
        let length: usize = answer.header("content-length")?.parse().ok()?;
        (rest.len() == length).then(|| rest.to_vec())?
    };
    Some(answer)
}

/// `None` unless the terminating chunk is there.
fn dechunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|w| w == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        rest = &rest[line + 2..];
        if length == 0 {
            return rest.starts_with(b"\r\n").then_some(body);
        }
        body.extend_from_slice(rest.get(..length)?);
        rest = rest.get(length + 2..)?;
    }
}
