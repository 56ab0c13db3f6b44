//! Thousands of streams are open at the same moment, and each gets its whole answer and its record.
//!
//! The stand-in begins every answer and holds it back until all have begun. What a stream costs in memory is measured.
//!
//! `SEKISHO_STREAMS` sets how many. Each takes two file handles of the program and two of this test: 10,000 need a limit
//! (`ulimit -Hn`) above 20,000.

use crate::client::{self, connect, request};
use crate::exported::Exported;
use crate::house::{Client, House, UPSTREAM, body};
use crate::stand_in::{BEGINS, chunk, piece};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

const STREAMS: usize = 600;
/// Of both programs, beside those of the streams.
const OTHER_HANDLES: usize = 150;
const LANES: usize = 8;
/// An honest answer of one who comes while all the others wait.
const BETWEEN: &str = "one between all the others";

/// An upstream that begins every streamed answer, and ends none before all may end.
#[derive(Clone, Default)]
struct Holding(Arc<(Mutex<Held>, Condvar)>);

#[derive(Default)]
struct Held {
    begun: Vec<TcpStream>,
}

impl Holding {
    fn start() -> (Self, String) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let this = Self::default();
        let taking = this.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let taking = taking.clone();
                // Lives until its request has arrived.
                std::thread::spawn(move || taking.take(stream));
            }
        });
        (this, url)
    }

    fn take(&self, mut stream: TcpStream) {
        let Some(request) = received(&mut stream) else { return };
        let first = chunk(&format!("{}\n\n", piece(r#"{"role":"assistant","content":"The beginning"}"#, "null")));
        stream.write_all(&[BEGINS, &first].concat()).expect("it begins");
        if String::from_utf8_lossy(&request).contains(BETWEEN) {
            end(&mut stream);
            return;
        }
        let (held, changed) = &*self.0;
        held.lock().expect("no panic inside").begun.push(stream);
        changed.notify_all();
    }

    /// Waits until so many have begun.
    fn await_all(&self, number: usize) {
        let (held, changed) = &*self.0;
        let enough = |held: &mut Held| held.begun.len() < number;
        let patience = Duration::from_secs(300);
        let (held, _) =
            changed.wait_timeout_while(held.lock().expect("no panic inside"), patience, enough).expect("no panic");
        assert_eq!(held.begun.len(), number, "the others do not begin");
    }

    fn release(&self) {
        let mut held = self.0.0.lock().expect("no panic inside");
        for stream in &mut held.begun {
            end(stream);
        }
        held.begun.clear();
    }
}

fn end(stream: &mut TcpStream) {
    let rest = piece(r#"{"content":" and the end."}"#, "null");
    let text = format!("{rest}\n\n{}\n\ndata: [DONE]\n\n", piece("{}", r#""stop""#));
    stream.write_all(&[chunk(&text), b"0\r\n\r\n".to_vec()].concat()).expect("it ends");
}

/// A whole request.
fn received(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        all.extend_from_slice(&piece[..read]);
        if all.ends_with(br#""stream":true}"#) {
            return Some(all);
        }
    }
}

fn open(client: &Client, address: &str, number: usize) -> TcpStream {
    let bearer = client.bearer("staff");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("connection", "close")];
    let mut stream = connect(address).expect("a connection");
    let body = body(UPSTREAM, &format!("stream {number}"), true);
    stream.write_all(&request(address, "POST", "/v1/chat/completions", &headers, &body)).expect("it takes it");
    stream
}

/// The test and the program it starts may hold as many files as the machine lets them.
fn raise_the_limit(needed: usize) {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("limits");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit of files");
    let hard = line.split_whitespace().nth(4).expect("a hard limit");
    let enough = hard.parse::<usize>().is_ok_and(|hard| hard >= needed);
    assert!(
        enough,
        "{needed} file handles are needed and {hard} allowed: ulimit -Hn {needed}, or fewer SEKISHO_STREAMS"
    );
    let pid = std::process::id().to_string();
    let raised = Command::new("prlimit").args(["--pid", &pid, &format!("--nofile={hard}:{hard}")]).status();
    assert!(raised.is_ok_and(|status| status.success()), "prlimit (apt-get install util-linux)");
}

#[test]
fn thousands_of_streams_are_open_at_once_and_each_is_answered_and_recorded() {
    let streams = std::env::var("SEKISHO_STREAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(STREAMS);
    raise_the_limit(2 * streams + OTHER_HANDLES);
    let (upstream, url) = Holding::start();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    // The first ones wait for the last: longer than a model may be silent by default.
    let patient = ["SEKISHO_UPSTREAM__IDLE_SECONDS", "SEKISHO_UPSTREAM__FIRST_BYTE_SECONDS"];
    let house = House::start_with(&data, &url, patient.map(|name| (name, "500".to_owned())).to_vec());
    let client = house.client();
    let between = || {
        let begun = Instant::now();
        let answer = client.ask_streamed(UPSTREAM, BETWEEN).expect("an answer");
        assert!(answer.status == 200 && answer.text().contains("and the end."), "{}", answer.text());
        begun.elapsed()
    };
    between();
    let (handles, memory) = (house.handles(), house.memory());

    let begun = Instant::now();
    let lane = |lane: usize| (lane..streams).step_by(LANES).map(|n| open(&client, &house.address, n)).collect();
    let open: Vec<Vec<TcpStream>> = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|number| scope.spawn(move || lane(number))).collect();
        lanes.into_iter().map(|lane| lane.join().expect("no panic")).collect()
    });
    upstream.await_all(streams);
    let opened = begun.elapsed();
    let (most_handles, most_memory) = (house.handles(), house.memory());
    assert!(most_handles >= 2 * streams, "{most_handles} handles for {streams} streams");
    let honest = between();

    let begun = Instant::now();
    let releasing = upstream.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || releasing.release());
        for lane in open {
            scope.spawn(move || {
                for mut stream in lane {
                    let mut received = Vec::new();
                    stream.read_to_end(&mut received).expect("an answer to its end");
                    let answer = client::whole(&received).expect("a whole answer");
                    let text = answer.text();
                    assert_eq!(answer.status, 200, "{text}");
                    assert!(text.contains("The beginning") && text.contains("and the end."), "{text}");
                    assert!(text.trim_end().ends_with("data: [DONE]"), "{text}");
                }
            });
        }
    });
    let answered = begun.elapsed();
    let per_stream = most_memory.saturating_sub(memory) / streams as u64;
    println!(
        "{streams} streams open after {opened:?} and answered {answered:?} after their release; memory {} MiB before, {} MiB \
         with all open: {per_stream} KiB a stream; one between them took {honest:?}",
        memory / 1024,
        most_memory / 1024,
    );
    assert!(per_stream < MOST_MEMORY, "{per_stream} KiB a stream");
    let begun = Instant::now();
    while house.handles() > handles + 20 {
        assert!(begun.elapsed() < Duration::from_secs(100), "{} handles, {handles} before", house.handles());
        std::thread::sleep(Duration::from_millis(50));
    }
    house.stop();
    let uses = Exported::of(&data, &folder.path().join("ledger")).uses();
    let whole = uses.values().filter(|told| (told.opened.len(), told.closed.len()) == (1, 1)).count();
    assert_eq!((whole, uses.len()), (streams + 2, streams + 2), "each use is recorded once");
}

/// KiB that a stream may take.
const MOST_MEMORY: u64 = 300;
