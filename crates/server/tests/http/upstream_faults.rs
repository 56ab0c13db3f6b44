//! Models' servers that fail: each failure has its status, its code and its record.

use crate::client::{CHAT, Reply, chat};
use crate::house::House;
use crate::stand_in::{Seen, StandIn, completion, json, respond};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// The failure is in the ledger: opened, and closed with this code.
#[track_caller]
fn recorded(house: &House, reply: &Reply, code: &str, status: u64) {
    let recorded = house.recorded(&reply.used());
    let row = &recorded["use"];
    assert_eq!((&row["outcome"], &row["code"]), (&"upstream_error".into(), &code.into()), "{recorded}");
    let entries = recorded["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "{recorded}");
    assert_eq!(
        (&entries[0]["entry"]["kind"], &entries[1]["entry"]["kind"]),
        (&"use.opened".into(), &"use.closed".into())
    );
    let closed = &entries[1]["entry"]["data"];
    assert_eq!(
        (&closed["finish"], &closed["error"], &closed["status"]),
        (&"upstream_error".into(), &code.into(), &status.into()),
        "{closed}"
    );
}

#[test]
fn errors_of_the_server_are_mapped_and_recorded() {
    const SHAPED: &str =
        "{\"error\": {\"message\":\"theirs\",\"type\":\"their_type\",\"code\":\"their_code\",\"x\":1}}";
    let upstream = StandIn::new(|seen: &Seen, socket: &mut TcpStream| {
        let asked = seen.json()["messages"][0]["content"].as_str().unwrap().to_owned();
        let (status, shaped) = asked.split_once(' ').unwrap();
        let body = if shaped == "shaped" { SHAPED } else { "<html>their secret page 10.0.0.7</html>" };
        let kind = if shaped == "shaped" { "content-type: application/json" } else { "content-type: text/html" };
        let headers = [kind, "retry-after: 7", "location: http://127.0.0.1:1/elsewhere", "set-cookie: a=b"];
        respond(socket, status.parse().unwrap(), &headers, body.as_bytes());
    });
    let house = House::with(&upstream);
    for (theirs, shaped, ours, code) in [
        (500, false, 502, "upstream_error"),
        (500, true, 500, "upstream_error"),
        (503, false, 503, "upstream_error"),
        (503, true, 503, "upstream_error"),
        (401, false, 502, "upstream_credentials"),
        (401, true, 502, "upstream_credentials"),
        (403, true, 502, "upstream_credentials"),
        (429, false, 429, "upstream_rate_limited"),
        (429, true, 429, "upstream_rate_limited"),
        (400, false, 400, "upstream_rejected"),
        (400, true, 400, "upstream_rejected"),
        (404, false, 502, "upstream_error"),
        (404, true, 404, "upstream_error"),
        (302, false, 502, "upstream_redirect"),
        (307, true, 502, "upstream_redirect"),
    ] {
        let what = format!("{theirs} {}", if shaped { "shaped" } else { "page" });
        for stream in [false, true] {
            let mut body = chat("kakuu-upstream", &what);
            body["stream"] = stream.into();
            let reply = house.by("staff").post(CHAT, &body);
            assert_eq!(reply.status, ours, "{what}: {}", reply.text());
            let passed_on = shaped && !matches!(theirs, 302 | 307 | 401 | 403);
            if passed_on {
                assert_eq!(reply.text(), SHAPED, "{what}: its own error goes on as it is");
            } else {
                reply.error(ours, code);
                assert!(!reply.text().contains("10.0.0.7") && !reply.text().contains("theirs"), "{}", reply.text());
            }
            let retry = !matches!(theirs, 302 | 307 | 401 | 403);
            assert_eq!(reply.header("retry-after"), retry.then_some("7"), "{what}");
            for name in ["location", "set-cookie"] {
                assert_eq!(reply.header(name), None, "{what}");
            }
            let status = if matches!(theirs, 302 | 307) { 0 } else { theirs };
            recorded(&house, &reply, code, status);
        }
    }
    assert_eq!(upstream.seen().len(), 30, "nothing is tried twice, no redirect is followed");
}

#[test]
fn answers_that_are_none_are_mapped_and_recorded() {
    type Script = fn(&mut TcpStream);
    let cases: [(&str, Script, u16, &str); 10] = [
        ("no answer at all", |_| {}, 502, "upstream_reset"),
        ("not HTTP", |socket| drop(socket.write_all(b"hello\r\n\r\n")), 502, "upstream_reset"),
        (
            "a body shorter than it says",
            |socket| drop(socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"a\"")),
            502,
            "upstream_truncated",
        ),
        ("a page", |socket| json(socket, 200, "<html>busy</html>"), 502, "upstream_malformed"),
        ("nothing in it", |socket| json(socket, 200, ""), 502, "upstream_malformed"),
        ("cut JSON", |socket| json(socket, 200, "{\"choices\":[{\"mess"), 502, "upstream_malformed"),
        ("an array", |socket| json(socket, 200, "[]"), 502, "upstream_malformed"),
        ("not UTF-8", |socket| respond(socket, 200, &[], b"{\"a\":\"\xff\"}"), 502, "upstream_malformed"),
        (
            "said to be too long",
            |socket| drop(socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{")),
            502,
            "upstream_too_long",
        ),
        (
            "endless",
            |socket| {
                let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"a\":\"");
                while socket.write_all(&[b'a'; 4096]).is_ok() {}
            },
            502,
            "upstream_too_long",
        ),
    ];
    for (what, script, status, code) in cases {
        let upstream = StandIn::new(move |_, socket| script(socket));
        let house = House::build(|config| config.upstream.answer_bytes = 100_000, Some(upstream.url()));
        let reply = house.by("staff").chat("kakuu-upstream", "要約してください");
        assert_eq!(reply.status, status, "{what}: {}", reply.text());
        assert_eq!(reply.error(status, code)["type"], "api_error", "{what}");
        recorded(&house, &reply, code, 0);
        assert_eq!(upstream.seen().len(), 1, "{what}: a request is sent once, whatever happens to it");
    }
}

#[test]
fn servers_that_do_not_answer_in_time_are_given_up() {
    let upstream = StandIn::new(|seen, socket| {
        let asked = String::from_utf8_lossy(&seen.body).into_owned();
        if asked.contains("途中") {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"a\":");
        } else if asked.contains("少しずつ") {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n{\"a\":\"");
            while socket.write_all(b"a").is_ok() {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        std::thread::sleep(Duration::from_secs(20));
    });
    let house = House::build(
        |config| {
            config.upstream.first_byte = Duration::from_millis(800);
            config.upstream.idle = Duration::from_millis(800);
            config.upstream.total = Duration::from_millis(2_500);
        },
        Some(upstream.url()),
    );
    for text in ["黙って", "途中まで", "少しずつ"] {
        for stream in [false, true] {
            let mut body = chat("kakuu-upstream", text);
            body["stream"] = stream.into();
            let reply = house.by("staff").post(CHAT, &body);
            reply.error(504, "upstream_timeout");
            recorded(&house, &reply, "upstream_timeout", 0);
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_told_and_recorded() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let house = House::build(|_| {}, Some(format!("http://127.0.0.1:{port}/v1")));
    let reply = house.by("staff").chat("kakuu-upstream", "要約してください");
    let error = reply.error(502, "upstream_unreachable");
    assert!(!error["message"].as_str().unwrap().contains(&port.to_string()), "no address goes out: {error}");
    recorded(&house, &reply, "upstream_unreachable", 0);
}

/// The address comes from the register alone, and only what the body runs itself may be near.
#[test]
fn addresses_the_register_may_not_have_are_refused_there_or_at_the_door() {
    let upstream = StandIn::answering(&completion("はい"));
    let house = House::with(&upstream);
    let mut service = house.service("kakuu-upstream");
    for base_url in [
        "",
        "ftp://127.0.0.1/v1",
        "http://",
        "http:///v1",
        "file:///etc/passwd",
        "http://user@127.0.0.1/v1",
        "http://127.0.0.1/v1?x=1",
        "http://127.0.0.1/v1#x",
        "http://127.0.0.1\\v1",
        "http://127.0.0.1/ v1",
        "//127.0.0.1/v1",
    ] {
        service["upstream"]["base_url"] = base_url.into();
        house.by("manager").command("service.change", &service).error(422, "INVALID");
    }
    // Metadata services hold credentials: not even a service of one's own may stand there.
    service["upstream"]["base_url"] = "http://169.254.169.254/v1".into();
    house.must("manager", "service.change", &service);
    let permit = serde_json::json!({ "permit": house.permit("kakuu-upstream") });
    house.by("staff").chat("kakuu-upstream", "要約").error(403, "PERMIT_SUSPENDED");
    house.must("approver", "permit.reapprove", &permit);
    let reply = house.by("staff").chat("kakuu-upstream", "要約してください");
    reply.error(502, "upstream_address_refused");
    recorded(&house, &reply, "upstream_address_refused", 0);
    // Nothing in a request points anywhere else.
    service["upstream"]["base_url"] = upstream.url().into();
    house.must("manager", "service.change", &service);
    house.must("approver", "permit.reapprove", &permit);
    let mut body = chat("kakuu-upstream", "要約してください");
    for name in ["base_url", "api_base", "url", "upstream", "api_key"] {
        body[name] = "http://127.0.0.1:1/v1".into();
    }
    let reply = house.by("staff").request("POST", CHAT).header("x-forwarded-host", "127.0.0.1:1").json(&body).send();
    assert_eq!(reply.said(), "はい");
}
