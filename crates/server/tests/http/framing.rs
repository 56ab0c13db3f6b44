//! HTTP that is not quite HTTP: where one request ends must never be in doubt.

use crate::client::{CHAT, End, PATIENCE, chat, connect, listen, replies, talk};
use crate::house::House;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Behind each request stands another. Whoever reads its end differently would serve it under the first one's key.
const SMUGGLED: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

#[test]
fn requests_with_two_ends_are_refused_or_end_the_connection() {
    let house = House::demo();
    let staff = house.by("staff");
    let body = chat("kakuu-local", "要約してください").to_string();
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let length = |n: usize| format!("content-length: {n}");
    let exact = length(body.len());
    let (longer, shorter) = (length(body.len() + SMUGGLED.len()), length(5));
    let te = "transfer-encoding: chunked";
    let folded = format!("{exact}\r\nx-folded: a\r\n b");
    for (what, lines, body) in [
        ("two lengths", vec![exact.as_str(), shorter.as_str()], &body),
        ("two lengths, the longer first", vec![longer.as_str(), exact.as_str()], &body),
        ("a list of lengths", vec!["content-length: 5, 6"], &body),
        ("a length with a sign", vec!["content-length: +5"], &body),
        ("a negative length", vec!["content-length: -1"], &body),
        ("a length in hex", vec!["content-length: 0x10"], &body),
        ("a length beyond all bounds", vec!["content-length: 99999999999999999999999999"], &body),
        ("a length that is no number", vec!["content-length: five"], &body),
        ("an empty length", vec!["content-length: "], &body),
        ("an unknown encoding", vec!["transfer-encoding: xchunked"], &chunked),
        ("chunked and then something", vec!["transfer-encoding: chunked, identity"], &chunked),
        ("gzip alone", vec!["transfer-encoding: gzip"], &chunked),
        ("a folded header", vec![folded.as_str()], &body),
        ("a space before the colon", vec!["content-length : 5"], &body),
        ("a space before the encoding's colon", vec!["transfer-encoding : chunked"], &chunked),
        ("a header without a colon", vec![exact.as_str(), "nothing"], &body),
        ("a header without a name", vec![exact.as_str(), ": x"], &body),
        ("a control character in a header", vec![exact.as_str(), "x-a: a\u{1}b"], &body),
        ("a bare return in a header", vec![exact.as_str(), "x-a: a\rb"], &body),
    ] {
        let head = staff.request("POST", CHAT).head(&lines);
        let before = house.uses().len();
        let (bytes, end) = talk(house.address, &[&head, body.as_bytes(), SMUGGLED.as_bytes()].concat());
        let answers = replies(&bytes);
        assert_eq!(answers.len(), 1, "{what}: {}", String::from_utf8_lossy(&bytes));
        assert_eq!(answers[0].status, 400, "{what}: {}", answers[0].text());
        assert_ne!(end, End::StillOpen, "{what}");
        assert_eq!(house.uses().len(), before, "{what}: nobody was identified by it");
    }
    // Length and chunks together: the chunks count, as RFC 9112 has it, and the connection ends behind the answer.
    for lines in [[te, &shorter], [&shorter, te], [te, &longer], [&longer, te]] {
        let head = staff.request("POST", CHAT).head(&lines);
        let (bytes, end) = talk(house.address, &[&head, chunked.as_bytes(), SMUGGLED.as_bytes()].concat());
        let answers = replies(&bytes);
        assert_eq!(answers.len(), 1, "{lines:?}: {}", String::from_utf8_lossy(&bytes));
        assert!(matches!(answers[0].status, 200 | 400), "{lines:?}: {}", answers[0].text());
        assert_ne!(end, End::StillOpen, "{lines:?}");
    }
    // The same length twice is one length.
    let head = staff.request("POST", CHAT).head(&[&exact, &exact, "connection: close"]);
    let (bytes, _) = talk(house.address, &[&head, body.as_bytes()].concat());
    assert!(matches!(replies(&bytes)[0].status, 200 | 400));
}

#[test]
fn broken_chunks_end_the_connection_and_are_recorded() {
    let house = House::demo();
    let staff = house.by("staff");
    for (what, body) in [
        ("no size", "\r\n{}\r\n0\r\n\r\n"),
        ("a size that is no number", "zz\r\n{}\r\n0\r\n\r\n"),
        ("a size with a sign", "-2\r\n{}\r\n0\r\n\r\n"),
        ("a size with 0x", "0x2\r\n{}\r\n0\r\n\r\n"),
        ("a size beyond all bounds", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
        ("a chunk longer than its size", "1\r\n{}\r\n0\r\n\r\n"),
        ("a chunk without its end", "2\r\n{}0\r\n\r\n"),
    ] {
        let before = house.uses().len();
        let head = staff.request("POST", CHAT).head(&["transfer-encoding: chunked"]);
        let (bytes, end) = talk(house.address, &[&head, body.as_bytes(), SMUGGLED.as_bytes()].concat());
        assert_ne!(end, End::StillOpen, "{what}");
        let answers = replies(&bytes);
        assert!(answers.len() <= 1, "{what}: {}", String::from_utf8_lossy(&bytes));
        let uses = house.uses();
        assert_eq!(uses.len(), before + 1, "{what}: identified and not recorded; answered {answers:?}");
        assert_eq!((&uses[0]["outcome"], &uses[0]["code"]), (&"refused".into(), &"BODY_BROKEN".into()), "{what}");
        assert_eq!(answers.len(), 1, "{what}: no answer");
        answers[0].error(400, "BODY_BROKEN");
    }
    // Extensions of chunks and trailers behind them are allowed and mean nothing.
    let body = chat("kakuu-local", "要約してください").to_string();
    let head = staff.request("POST", CHAT).head(&["transfer-encoding: chunked", "connection: close"]);
    let chunks =
        format!("{:x};a=b\r\n{body}\r\n0\r\nx-sekisho-grade: C3\r\nauthorization: Bearer x\r\n\r\n", body.len());
    let (bytes, _) = talk(house.address, &[&head, chunks.as_bytes()].concat());
    assert_eq!(replies(&bytes)[0].status, 200, "{}", String::from_utf8_lossy(&bytes));
}

#[test]
fn two_requests_on_one_connection_are_two_requests() {
    let house = House::demo();
    let body = chat("kakuu-local", "要約してください").to_string();
    let request = |key: &str, connection: &str| {
        let client = house.by_key(key).request("POST", CHAT);
        [client.head(&[&format!("content-length: {}", body.len()), connection]), body.clone().into_bytes()].concat()
    };
    let good = house.demo.keys["staff"].as_str();
    let (bytes, _) = talk(
        house.address,
        &[request(good, "x-n: 1"), request("nobody", "x-n: 2"), request(good, "connection: close")].concat(),
    );
    let answers = replies(&bytes);
    let statuses: Vec<u16> = answers.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [200, 401, 200], "a key holds for its own request alone");
    assert_ne!(answers[0].used(), answers[2].used());
}

#[test]
fn heads_that_are_no_heads_are_refused() {
    let house = House::demo();
    let key = house.demo.keys["staff"].clone();
    let many: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    for (what, head) in [
        ("not HTTP", "\u{1}\u{2}\u{3}\u{4}\r\n\r\n".to_owned()),
        ("TLS", "\u{16}\u{3}\u{1}\u{0}\u{0}\u{1}\u{0}\r\n\r\n".to_owned()),
        ("no version", "GET /api/me\r\n\r\n".to_owned()),
        ("version 9", "GET /api/me HTTP/9.9\r\n\r\n".to_owned()),
        ("HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("a space in the path", "GET /api/ me HTTP/1.1\r\nhost: x\r\n\r\n".to_owned()),
        (
            "two hundred headers",
            format!("GET /api/me HTTP/1.1\r\nhost: x\r\n{many}authorization: Bearer {key}\r\n\r\n"),
        ),
        ("a header of 70 KB", format!("GET /api/me HTTP/1.1\r\nx-a: {}\r\n\r\n", "a".repeat(70_000))),
        ("a path of 100 KB", format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000))),
    ] {
        let (bytes, end) = talk(house.address, head.as_bytes());
        assert_ne!(end, End::StillOpen, "{what}");
        for reply in replies(&bytes) {
            assert!(matches!(reply.status, 400 | 414 | 431), "{what}: {}", reply.status);
        }
    }
    assert_eq!(house.anyone().get("/healthz").status, 200);
}

#[test]
fn a_head_that_comes_too_slowly_is_given_up() {
    let house = House::build(|config| config.limits.header = Duration::from_millis(700), None);
    let key = house.demo.keys["staff"].clone();
    for drips in [false, true] {
        let mut socket = connect(house.address);
        let begun = Instant::now();
        write!(socket, "GET /api/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n").unwrap();
        if drips {
            let mut writer = socket.try_clone().unwrap();
            std::thread::spawn(move || {
                while writer.write_all(b"x-a: b\r\n").is_ok() {
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
        }
        let (bytes, end) = listen(&mut socket, PATIENCE);
        assert_ne!(end, End::StillOpen);
        assert!(begun.elapsed() >= Duration::from_millis(600), "{:?}", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
        assert!(!String::from_utf8_lossy(&bytes).contains(" 200 "), "{}", String::from_utf8_lossy(&bytes));
    }
    // Sixty that never finish do not keep the next one waiting.
    let idle: Vec<_> = (0..60)
        .map(|_| {
            let mut socket = connect(house.address);
            socket.write_all(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n").unwrap();
            socket
        })
        .collect();
    assert_eq!(house.by("staff").chat("kakuu-local", "要約してください").status, 200);
    drop(idle);
}
