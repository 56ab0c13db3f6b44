//! A crowd that is slow on purpose keeps nobody from being served, and is cut off.
//!
//! Hundreds send their headers or their bodies one byte at a time, with a key and without, or never read what they are
//! answered. Each is cut after the program's time-outs, and every file handle comes back. Honest callers notice nothing.

use crate::client::{connect, request};
use crate::exported::Exported;
use crate::house::{House, UPSTREAM};
use crate::stand_in::StandIn;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Of each kind.
const CROWD: usize = 60;
/// The time-outs of this house, so that the proof need not wait for the usual ones.
const SECONDS: u64 = 3;
/// What the slowest machine adds to them.
const SLACK: Duration = Duration::from_secs(12);
/// So many answers are asked for and not read: more than the system takes for one who does not read.
const UNREAD: usize = 400;
/// Handles of the honest callers and of their models.
const FEW: usize = 4;
/// Longest that an honest caller may wait.
const HONEST: Duration = Duration::from_secs(5);

/// One who sends one byte after the other.
struct Slow {
    kind: &'static str,
    stream: TcpStream,
    text: Vec<u8>,
    sent: usize,
    begun: Instant,
    /// When the program had enough of it.
    cut: Option<Duration>,
}

impl Slow {
    fn new(kind: &'static str, address: &str, (at_once, then): (Vec<u8>, Vec<u8>)) -> Self {
        let mut stream = connect(address).expect("a connection");
        stream.write_all(&at_once).expect("what is sent at once");
        stream.set_nonblocking(true).expect("a socket");
        Self { kind, stream, text: then, sent: 0, begun: Instant::now(), cut: None }
    }

    /// Sends a byte and sees whether anybody still listens.
    fn drip(&mut self) {
        let byte = self.text[self.sent % self.text.len()];
        self.sent += 1;
        let mut answer = [0; 1024];
        let gone = match self.stream.write(&[byte]) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => true,
            _ => loop {
                match self.stream.read(&mut answer) {
                    Ok(0) => break true,
                    Ok(_) => {}
                    Err(error) => break error.kind() != ErrorKind::WouldBlock,
                }
            },
        };
        if gone && self.cut.is_none() {
            self.cut = Some(self.begun.elapsed());
        }
    }
}

fn crowd(house: &House) -> Vec<Slow> {
    let address = &house.address;
    let bearer = house.client().bearer("staff");
    let long = |path: &str, authorization: &[(&str, &str)]| {
        let json = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
        let headers: Vec<_> = json.iter().chain(authorization).copied().collect();
        let whole = request(address, "POST", path, &headers, &[b' '; 10_000]);
        let end = whole.windows(4).position(|w| w == b"\r\n\r\n").expect("an end") + 4;
        (whole[..end].to_vec(), b" ".to_vec())
    };
    let known = [("authorization", bearer.as_str())];
    (0..CROWD)
        .flat_map(|_| {
            [
                ("headers", (b"GET / HTTP/1.1\r\n".to_vec(), b"x-slow: y\r\n".to_vec())),
                ("a body", long("/v1/chat/completions", &known)),
                ("a body for tools", long("/mcp", &known)),
                ("a command", long("/api/commands/person.join", &known)),
                ("a body without a key", long("/v1/chat/completions", &[])),
                ("a form without a session", long("/signin", &[])),
            ]
        })
        .map(|(kind, texts)| Slow::new(kind, address, texts))
        .collect()
}

/// Who asks and never reads.
fn unreading(house: &House) -> Vec<TcpStream> {
    let one = request(&house.address, "GET", "/style.css", &[], b"");
    let many = one.repeat(UNREAD);
    (0..CROWD)
        .map(|_| {
            let mut stream = connect(&house.address).expect("a connection");
            stream.set_nonblocking(true).expect("a socket");
            // As much as it takes.
            let _ = stream.write(&many);
            stream
        })
        .collect()
}

/// Seen to fail without `limits.unread_seconds` (the handles of those who do not read never come back), without the
/// time-out of headers, and when `/mcp` received its bodies without one.
#[test]
fn a_crowd_that_is_slow_on_purpose_keeps_nobody_waiting_and_is_cut_off() {
    let upstream = StandIn::start();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let limits = ["SEKISHO_LIMITS__HEADER_SECONDS", "SEKISHO_LIMITS__BODY_SECONDS", "SEKISHO_LIMITS__UNREAD_SECONDS"];
    let limits = limits.map(|name| (name, SECONDS.to_string())).to_vec();
    let house = House::start_with(&data, &upstream.url(), limits);
    let client = house.client();
    assert_eq!(client.ask(UPSTREAM, "before", &[]).expect("an answer").status, 200);
    let handles = house.handles();

    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(1));
    let (slow, unreading, longest) = std::thread::scope(|scope| {
        let (over, answered, client) = (&over, &answered, &client);
        let honest = scope.spawn(move || {
            let mut longest = Duration::ZERO;
            while !over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let answer = client.ask(UPSTREAM, "honest", &[]);
                longest = longest.max(begun.elapsed());
                match answer {
                    Ok(answer) if answer.status == 200 => answered.fetch_add(1, Ordering::Relaxed),
                    other => return Err(format!("{other:?}")),
                };
                std::thread::sleep(Duration::from_millis(20));
            }
            Ok(longest)
        });
        let unreading = unreading(&house);
        let mut slow = crowd(&house);
        let most = house.handles();
        let begun = Instant::now();
        while slow.iter().any(|one| one.cut.is_none()) && begun.elapsed() < Duration::from_secs(SECONDS) + SLACK {
            slow.iter_mut().for_each(Slow::drip);
            std::thread::sleep(Duration::from_millis(250));
        }
        // Those who do not read cannot see that they were cut: the program's handles show it.
        while house.handles() > handles + FEW && begun.elapsed() < Duration::from_secs(SECONDS) + SLACK {
            std::thread::sleep(Duration::from_millis(50));
        }
        over.store(true, Ordering::Relaxed);
        println!("{most} handles at most, {} after {:?}, {handles} before", house.handles(), begun.elapsed());
        (slow, unreading, honest.join().expect("no panic"))
    });
    let longest = longest.unwrap_or_else(|what| panic!("an honest caller was told {what}"));
    println!("{} honest answers, the longest after {longest:?}", answered.load(Ordering::Relaxed));
    for one in &slow {
        assert!(one.cut.is_some(), "who sends {} byte by byte is still there: {} bytes", one.kind, one.sent);
    }
    assert!(house.handles() <= handles + FEW, "{} handles, {handles} before: some leak", house.handles());
    assert!(longest < HONEST, "an honest caller waited {longest:?}");
    drop((slow, unreading));
    house.stop();
    let uses = Exported::of(&data, &folder.path().join("ledger")).uses();
    let closed = uses.values().filter(|told| told.closed.len() == 1).count();
    assert_eq!(closed, answered.load(Ordering::Relaxed), "each honest answer has its record");
}
