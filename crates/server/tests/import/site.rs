//! A site that answers as it is told, one request after the other.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// What a site answers.
pub(crate) enum Reply {
    Json(String),
    /// A status with a `Retry-After`.
    Busy(u16, u64),
    Refuse(u16, &'static str),
    /// The beginning of an answer, and then nothing.
    Cut,
}

/// A running site; it ends with the test's process.
pub(crate) struct Site {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// A site that answers each request by its path and query, and how many came before.
    pub(crate) fn new(mut answer: impl FnMut(&str, usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut first = String::new();
                reader.read_line(&mut first).unwrap();
                let mut agent = false;
                for line in reader.lines() {
                    let line = line.unwrap();
                    agent |= line.to_ascii_lowercase().starts_with("user-agent: sekisho/");
                    if line.is_empty() {
                        break;
                    }
                }
                assert!(agent, "who asks says who it is");
                let path = first.split(' ').nth(1).unwrap().to_owned();
                let before = log.lock().unwrap().len();
                log.lock().unwrap().push(path.clone());
                let (status, extra, body) = match answer(&path, before) {
                    Reply::Json(body) => (200, String::new(), body),
                    Reply::Busy(status, wait) => (status, format!("retry-after: {wait}\r\n"), String::new()),
                    Reply::Refuse(status, body) => (status, String::new(), body.to_owned()),
                    Reply::Cut => {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{\"cut\":");
                        continue;
                    }
                };
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{extra}\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
            }
        });
        Self { url, asked }
    }

    /// Paths asked for, without what does not matter here.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}
