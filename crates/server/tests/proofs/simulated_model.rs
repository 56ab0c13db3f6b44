//! A model that does what the prompt tells it to: answers, errs, breaks off, keeps one waiting. Whatever it gets, it looks
//! at once whether the opening of the use is in the database already.

use crate::stand_in::contains;
use rusqlite::{Connection, OpenFlags};
use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What it can be told to do.
pub(crate) const DEEDS: [&str; 8] = ["whole", "whole", "whole", "phone", "error", "cut", "late", "garbage"];
/// As long as this it says nothing; longer than [`crate::simulation::IDLE`], so that the gate gives up.
const LATE: Duration = Duration::from_millis(120);

/// Where the database of a history lies now, and what went wrong there.
type Followed = (PathBuf, Vec<String>);

/// Listens until the test ends.
#[derive(Clone)]
pub(crate) struct Model {
    port: u16,
    histories: Arc<Mutex<HashMap<u64, Followed>>>,
}

impl Model {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let model = Self { port, histories: Arc::default() };
        let serving = model.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let model = serving.clone();
                std::thread::spawn(move || model.serve(stream));
            }
        });
        model
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// From now on the database of a history lies here.
    pub(crate) fn follow(&self, history: u64, database: &Path) {
        let mut histories = self.histories.lock().expect("no panic inside");
        histories.entry(history).or_default().0 = database.to_owned();
    }

    /// The history is over: what came without a durable opening.
    pub(crate) fn faults(&self, history: u64) -> Vec<String> {
        let mut histories = self.histories.lock().expect("no panic inside");
        histories.remove(&history).map(|(_, faults)| faults).unwrap_or_default()
    }

    fn serve(&self, mut stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let Some(request) = read(&mut stream) else { return };
        let text = String::from_utf8_lossy(&request).into_owned();
        let word = |name: &str| {
            let rest = text.split_once(&format!("{name}="))?.1;
            rest.split([' ', '"']).next().map(str::to_owned)
        };
        let (Some(history), Some(length), Some(deed)) = (word("history"), word("length"), word("deed")) else {
            panic!("not a request of a history: {text}");
        };
        self.look(history.parse().expect("a number"), length.parse().expect("a number"));
        let streamed = contains(&request, br#""stream":true"#);
        let _ = answer(&mut stream, &deed, streamed);
    }

    /// Each request of a history has a length of its own, and its opening says it.
    fn look(&self, history: u64, length: u64) {
        let database = match self.histories.lock().expect("no panic inside").get(&history) {
            Some((database, _)) => database.clone(),
            // The history is over; this came from a life that ended before.
            None => return,
        };
        let opened = || -> rusqlite::Result<bool> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&database, flags)?;
            connection.busy_timeout(Duration::from_secs(5))?;
            let mut statement =
                connection.prepare("SELECT body FROM ledger_entry WHERE governance = 0 ORDER BY idx DESC LIMIT 200")?;
            let mut rows = statement.query([])?;
            let said = format!(r#""bytes":{length},"#);
            while let Some(row) = rows.next()? {
                let body: Vec<u8> = row.get(0)?;
                if contains(&body, said.as_bytes()) && contains(&body, br#""kind":"use.opened""#) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let fault = match opened() {
            Ok(true) => return,
            Ok(false) => format!("a request of {length} bytes came without a durable opening"),
            // Its folder is gone: the life that sent it was ended meanwhile.
            Err(_) if !database.exists() => return,
            Err(error) => format!("whether a request had an opening could not be seen: {error}"),
        };
        let mut histories = self.histories.lock().expect("no panic inside");
        if let Some((_, faults)) = histories.get_mut(&history) {
            faults.push(fault);
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        all.extend_from_slice(&piece[..read]);
        let Some(end) = all.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&all[..end]).to_ascii_lowercase();
        let length: usize = head.lines().find_map(|l| l.strip_prefix("content-length: "))?.trim().parse().ok()?;
        if all.len() >= end + 4 + length {
            return Some(all.split_off(end + 4));
        }
    }
}

fn answer(stream: &mut TcpStream, deed: &str, streamed: bool) -> std::io::Result<()> {
    let said = if deed == "phone" { "Call 03-1234-5678 or 090-1234-5678." } else { "This is a stand-in, not a model." };
    let (kind, body) = if streamed {
        let piece = |delta: &str, finish: &str| {
            format!(
                r#"data: {{"id":"s","object":"chat.completion.chunk","created":1,"model":"stand-in","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
            )
        };
        let first = format!(r#"{{"role":"assistant","content":"{said}"}}"#);
        ("text/event-stream", format!("{}\n\n{}\n\ndata: [DONE]\n\n", piece(&first, "null"), piece("{}", r#""stop""#)))
    } else {
        let body = format!(
            r#"{{"id":"s","object":"chat.completion","created":1,"model":"stand-in","choices":[{{"index":0,"message":{{"role":"assistant","content":"{said}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}}}"#
        );
        ("application/json", body)
    };
    let head = |status: &str, kind: &str, length: usize| {
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")
    };
    match deed {
        "error" => {
            let body = r#"{"error":{"message":"broken as told","type":"server_error"}}"#;
            let status = "500 Internal Server Error";
            stream.write_all((head(status, "application/json", body.len()) + body).as_bytes())
        }
        // It promises more than it gives.
        "cut" => {
            let half = &body.as_bytes()[..body.len() / 2];
            stream.write_all(head("200 OK", kind, body.len()).as_bytes())?;
            stream.write_all(half)
        }
        "late" => {
            stream.write_all(head("200 OK", kind, body.len()).as_bytes())?;
            stream.write_all(&body.as_bytes()[..body.len() / 2])?;
            std::thread::sleep(LATE);
            stream.write_all(&body.as_bytes()[body.len() / 2..])
        }
        "garbage" => stream.write_all((head("200 OK", kind, 9) + "no JSON{{").as_bytes()),
        _ => stream.write_all((head("200 OK", kind, body.len()) + &body).as_bytes()),
    }
}
