//! The order of things, from the system calls alone: when a record became durable, when bytes left for the model, when
//! an answer went to the caller. Nothing here asks the program.

use crate::stand_in::contains;
use crate::strace::{Call, calls};
use std::collections::BTreeMap;

/// A use as the client knows it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The id the answer carried.
    pub(crate) id: String,
    /// The word only this request's prompt held.
    pub(crate) token: String,
}

/// One transaction in SQLite's write-ahead log.
struct Commit {
    pages: Vec<u8>,
    /// End of the first synchronisation of the log that began after the whole commit was written.
    durable: Option<usize>,
    written: usize,
}

/// One message on a socket.
struct Message {
    first: usize,
    last: usize,
    bytes: Vec<u8>,
}

/// What the log of a run says.
pub(crate) struct Order {
    commits: Vec<Commit>,
    to_upstream: Vec<Message>,
    to_clients: Vec<Message>,
    connects: Vec<usize>,
}

enum Peer {
    Upstream,
    Client,
}

impl Order {
    /// Reads a log of [`Watch::everything_that_leaves`](crate::strace::Watch::everything_that_leaves).
    pub(crate) fn read(log: &str, upstream_port: u16) -> Self {
        let calls = calls(log);
        let (mut to_upstream, mut to_clients, mut connects) = (Vec::new(), Vec::new(), Vec::new());
        let mut peers: BTreeMap<i64, Peer> = BTreeMap::new();
        let mut open: BTreeMap<i64, Message> = BTreeMap::new();
        // A descriptor is new when `accept4` has returned; another thread may still close its predecessor meanwhile.
        let moment = |call: &Call| if call.name == "accept4" { call.end } else { call.start };
        let mut in_order: Vec<&Call> = calls.iter().collect();
        in_order.sort_by_key(|call| moment(call));
        for call in in_order {
            match call.name.as_str() {
                "connect" if call.arguments.contains(&format!("htons({upstream_port})")) => {
                    connects.push(call.start);
                    peers.insert(call.fd(), Peer::Upstream);
                }
                "accept4" if call.succeeded() => {
                    let fd: String = call.result.chars().take_while(char::is_ascii_digit).collect();
                    peers.insert(fd.parse().expect("a descriptor"), Peer::Client);
                }
                "close" => {
                    let fd = call.fd();
                    finish(open.remove(&fd), peers.get(&fd), &mut to_upstream, &mut to_clients);
                    peers.remove(&fd);
                }
                "write" | "writev" | "sendto" | "sendmsg" | "sendmmsg" => {
                    let fd = call.fd();
                    if !peers.contains_key(&fd) {
                        continue;
                    }
                    let bytes = call.payload();
                    let begins = bytes.starts_with(b"POST ") || bytes.starts_with(b"HTTP/1.");
                    if begins {
                        finish(open.remove(&fd), peers.get(&fd), &mut to_upstream, &mut to_clients);
                    }
                    let message =
                        open.entry(fd).or_insert_with(|| Message { first: call.start, last: 0, bytes: Vec::new() });
                    message.last = call.start;
                    message.bytes.extend(bytes);
                }
                _ => {}
            }
        }
        for (fd, message) in std::mem::take(&mut open) {
            finish(Some(message), peers.get(&fd), &mut to_upstream, &mut to_clients);
        }
        Self { commits: commits(&calls), to_upstream, to_clients, connects }
    }

    /// Requests that left for the model.
    pub(crate) fn sent(&self) -> usize {
        self.to_upstream.len()
    }

    /// Transactions in the write-ahead log.
    pub(crate) fn committed(&self) -> usize {
        self.commits.len()
    }

    /// When the last piece of the answer that holds a text began to leave for a client: from then on they may know it.
    pub(crate) fn told(&self, text: &str) -> Option<usize> {
        self.to_clients.iter().find(|m| contains(&m.bytes, text.as_bytes())).map(|m| m.last)
    }

    /// Everything that came too early. Panics when it loses sight of a use: what is not seen is not proved.
    pub(crate) fn violations(&self, uses: &[Seen]) -> Vec<String> {
        let mut violations = Vec::new();
        let mut openings = Vec::new();
        for seen in uses {
            let id = &seen.id;
            // The very first commit that holds the entry: a page is written again with every later entry on it.
            let opening = self.commit_of(&format!(r#""use":"{id}"}},"kind":"use.opened""#));
            let closing = self.commit_of(&format!(r#""use":"{id}"}},"kind":"use.closed""#));
            let sent: Vec<_> = self.to_upstream.iter().filter(|m| contains(&m.bytes, seen.token.as_bytes())).collect();
            let [sent] = sent[..] else { panic!("{id}: left for the model {} times", sent.len()) };
            let head = format!("x-sekisho-use: {id}\r\n");
            let answers: Vec<_> = self.to_clients.iter().filter(|m| contains(&m.bytes, head.as_bytes())).collect();
            let [answer] = answers[..] else { panic!("{id}: answered {} times", answers.len()) };

            if opening.durable.is_none_or(|durable| durable > sent.first) {
                violations.push(format!("{id}: left for the model before its opening record was durable"));
            }
            if closing.durable.is_none_or(|durable| durable > answer.last) {
                violations.push(format!("{id}: its answer was complete before its closing record was durable"));
            }
            openings.extend(opening.durable);
        }
        // A connection is a message too: there is never one more of them than there are durable openings.
        openings.sort_unstable();
        for (count, connect) in self.connects.iter().enumerate() {
            if openings.get(count).is_none_or(|durable| durable > connect) {
                violations.push(format!("connection {count} to the model without a durable opening record"));
            }
        }
        violations
    }

    fn commit_of(&self, text: &str) -> &Commit {
        let found = self.commits.iter().find(|commit| contains(&commit.pages, text.as_bytes()));
        found.unwrap_or_else(|| panic!("`{text}` was never written to the log of the database"))
    }
}

fn finish(message: Option<Message>, peer: Option<&Peer>, upstream: &mut Vec<Message>, clients: &mut Vec<Message>) {
    match (message, peer) {
        (Some(message), Some(Peer::Upstream)) => upstream.push(message),
        (Some(message), Some(Peer::Client)) => clients.push(message),
        _ => {}
    }
}

/// SQLite writes each page as a frame: a header of 24 bytes, then the page. The header of a transaction's last frame
/// holds the size of the database; in all others it is zero (https://www.sqlite.org/fileformat2.html#walformat).
fn commits(calls: &[Call]) -> Vec<Commit> {
    let of_log = |call: &&Call| call.path().ends_with("-wal");
    let mut commits: Vec<Commit> = Vec::new();
    let mut pages = Vec::new();
    let mut last_frame = false;
    for call in calls.iter().filter(|c| c.name.starts_with("pwrite")).filter(of_log) {
        assert_eq!(call.name, "pwrite64", "this proof knows one way of writing the log");
        let payload = call.payload();
        match payload.len() {
            // The header of the file, and of a frame.
            32 => continue,
            24 => last_frame = payload[4..8] != [0; 4],
            page if page >= 512 => {
                pages.extend(payload);
                if last_frame {
                    commits.push(Commit { pages: std::mem::take(&mut pages), durable: None, written: call.end });
                    last_frame = false;
                }
            }
            other => panic!("{other} bytes in the log of the database are neither a header nor a page"),
        }
    }
    let syncs: Vec<_> = calls
        .iter()
        .filter(|c| matches!(c.name.as_str(), "fsync" | "fdatasync") && c.result.trim() == "0")
        .filter(of_log)
        .collect();
    for commit in &mut commits {
        commit.durable = syncs.iter().find(|sync| sync.start > commit.written).map(|sync| sync.end);
    }
    commits
}
