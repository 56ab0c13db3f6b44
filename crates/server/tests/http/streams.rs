//! Answers that come piece by piece: who hangs up, who breaks off, and what must be durable first.

use crate::client::{CHAT, Live, Next, Request, chat, connect};
use crate::database::Lock;
use crate::house::House;
use crate::stand_in::{DONE, STOP, StandIn, begin_stream, completion, delta, end_stream, json, piece};
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn streamed(house: &House, model: &str) -> Request {
    let mut body = chat(model, "続けてください");
    body["stream"] = true.into();
    house.by("staff").request("POST", CHAT).json(&body)
}

/// A stand-in that sends a piece whenever the test says so and ends when the test drops its end.
fn led() -> (StandIn, Sender<String>) {
    let (lead, follow) = channel::<String>();
    let follow: Arc<Mutex<Receiver<String>>> = Arc::new(Mutex::new(follow));
    let upstream = StandIn::new(move |_, socket| {
        begin_stream(socket);
        for text in follow.lock().unwrap().iter() {
            piece(socket, &text);
        }
        end_stream(socket);
    });
    (upstream, lead)
}

#[test]
fn pieces_arrive_as_they_are_sent_and_the_last_one_after_the_closing_record() {
    let (upstream, lead) = led();
    let house = House::with(&upstream);
    let mut live: Live = streamed(&house, "kakuu-upstream").open();
    assert_eq!(live.status, 200);
    let id = live.used();
    for text in ["一", "二", "三"] {
        lead.send(delta(text)).unwrap();
        assert!(live.event().contains(text), "a piece must not wait for the next one");
    }
    let open = house.recorded(&id);
    assert_eq!((&open["use"]["outcome"], open["entries"].as_array().unwrap().len()), (&"open".into(), 1));
    lead.send(STOP.into()).unwrap();
    assert!(live.event().contains("\"finish_reason\":\"stop\""));

    // While the ledger cannot be written the answer is not complete: its last event does not come.
    let locked = Lock::hold(&house.database);
    lead.send(DONE.into()).unwrap();
    drop(lead);
    assert_eq!(live.next(Duration::from_millis(1_500)), Next::Nothing, "declared complete without its record");
    assert_eq!(house.recorded(&id)["use"]["outcome"], "open");
    locked.release();
    assert_eq!(live.event(), "data: [DONE]");
    // No waiting here: what the caller holds in its hands is in the ledger.
    let recorded = house.recorded(&id);
    assert_eq!(recorded["use"]["outcome"], "completed");
    assert_eq!(recorded["entries"][1]["entry"]["kind"], "use.closed");
    assert_eq!(live.next(Duration::from_secs(30)), Next::End);
}

#[test]
fn every_last_event_of_the_built_in_model_follows_its_record() {
    let house = House::demo();
    for (path, last) in [(CHAT, "data: [DONE]"), ("/v1/responses", "response.completed")] {
        for _ in 0..10 {
            let body = match path {
                CHAT => r#"{"model":"kakuu-local","stream":true,"messages":[{"role":"user","content":"利用申請"}]}"#,
                _ => r#"{"model":"kakuu-local","stream":true,"input":"利用申請"}"#,
            };
            let mut live = house.by("staff").request("POST", path).bytes(body).open();
            let id = live.used();
            let mut count = 0;
            while !live.event().contains(last) {
                count += 1;
            }
            assert_eq!(house.recorded(&id)["use"]["outcome"], "completed", "{path}");
            assert!(count > 1, "{path}: {count}");
            assert_eq!(live.rest(), Vec::<String>::new());
        }
    }
}

#[test]
fn who_hangs_up_in_the_middle_loses_the_answer_and_not_the_record() {
    let (upstream, lead) = led();
    let house = House::with(&upstream);
    let mut live = streamed(&house, "kakuu-upstream").open();
    let id = live.used();
    lead.send(delta("はじめ")).unwrap();
    assert!(live.event().contains("はじめ"));
    live.hang_up();
    let mut sent = delta("はじめ");
    for n in 0..50 {
        let text = delta(&format!("続き{n}"));
        sent.push_str(&text);
        lead.send(text).unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    for text in [STOP, DONE] {
        sent.push_str(text);
        lead.send(text.into()).unwrap();
    }
    drop(lead);
    let recorded = house.ended(&id);
    let closed = &recorded["entries"][1]["entry"];
    assert_eq!(closed["kind"], "use.closed", "{recorded}");
    assert_eq!(
        (&closed["data"]["hung_up"], &closed["data"]["finish"]),
        (&true.into(), &"completed".into()),
        "{closed}"
    );
    assert_eq!(closed["data"]["bytes"], sent.len(), "the stream was heard to its end");
    assert_eq!(closed["data"]["output_tokens"], 2, "{closed}");
}

#[test]
fn who_hangs_up_before_a_whole_answer_is_recorded_too() {
    let (lead, follow) = channel::<()>();
    let follow = Mutex::new(follow);
    let upstream = StandIn::new(move |_, socket| {
        let _ = follow.lock().unwrap().recv();
        json(socket, 200, &completion("遅い答え"));
    });
    let house = House::with(&upstream);
    let body = chat("kakuu-upstream", "要約してください").to_string();
    let mut socket = connect(house.address);
    socket
        .write_all(&house.by("staff").request("POST", CHAT).head(&[&format!("content-length: {}", body.len())]))
        .unwrap();
    socket.write_all(body.as_bytes()).unwrap();
    while upstream.seen().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(socket);
    std::thread::sleep(Duration::from_millis(300));
    lead.send(()).unwrap();
    let id = house.uses()[0]["use"].as_str().unwrap().to_owned();
    let closed = house.ended(&id)["entries"][1]["entry"]["data"].clone();
    assert_eq!((&closed["hung_up"], &closed["finish"]), (&true.into(), &"completed".into()), "{closed}");
}

/// How a stand-in breaks off, what is recorded, and the code in the error event that takes the place of the end.
#[test]
fn a_stream_that_breaks_off_ends_in_an_error_event_and_is_recorded_as_cut() {
    type Script = fn(&mut TcpStream);
    let cases: [(&str, Script, &str, &str); 6] = [
        ("the proper end without a last event", |socket| end_stream(socket), "cut", "upstream_truncated"),
        (
            "closed in the middle of a chunk",
            |socket| drop(socket.write_all(b"ff\r\ndata: {")),
            "cut",
            "upstream_truncated",
        ),
        ("closed between two events", |_| {}, "cut", "upstream_truncated"),
        ("a chunk that is none", |socket| drop(socket.write_all(b"zz\r\n")), "cut", "upstream_truncated"),
        (
            "an event that is not JSON",
            |socket| {
                piece(socket, "data: {not json}\n\n");
                end_stream(socket);
            },
            "cut",
            "upstream_malformed",
        ),
        (
            "an event that is not UTF-8",
            |socket| {
                let _ = socket.write_all(b"b\r\ndata: \xff\xfe\xfd\n\n\r\n");
                end_stream(socket);
            },
            "cut",
            "upstream_malformed",
        ),
    ];
    for (what, script, outcome, code) in cases {
        let upstream = StandIn::new(move |_, socket| {
            begin_stream(socket);
            piece(socket, &delta("はじめ"));
            std::thread::sleep(Duration::from_millis(50));
            script(socket);
        });
        let house = House::with(&upstream);
        let mut live = streamed(&house, "kakuu-upstream").open();
        let id = live.used();
        assert!(live.event().contains("はじめ"), "{what}");
        let rest = live.rest();
        let last = rest.last().unwrap_or_else(|| panic!("{what}: the caller is not told"));
        let told: serde_json::Value = serde_json::from_str(last.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(told["error"]["code"], code, "{what}: {told}");
        assert!(!rest.iter().any(|event| event.contains("[DONE]")), "{what}: broken and complete: {rest:?}");
        // It was told after it was recorded.
        let recorded = house.recorded(&id);
        assert_eq!(
            (&recorded["use"]["outcome"], &recorded["use"]["code"]),
            (&outcome.into(), &code.into()),
            "{what}: {recorded}"
        );
        assert_eq!(recorded["entries"][1]["entry"]["data"]["finish"], outcome, "{what}");
    }
}

#[test]
fn an_error_the_server_streams_is_passed_on_and_recorded() {
    let error = "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"code\":\"x\"}}\n\n";
    let upstream = StandIn::new(move |_, socket| {
        begin_stream(socket);
        piece(socket, &delta("はじめ"));
        piece(socket, error);
        end_stream(socket);
    });
    let house = House::with(&upstream);
    let mut live = streamed(&house, "kakuu-upstream").open();
    let id = live.used();
    let rest = live.rest();
    assert_eq!(format!("{}\n\n", rest.last().unwrap()), error);
    assert_eq!(house.recorded(&id)["use"]["outcome"], "upstream_error");
}

#[test]
fn an_endless_stream_is_cut_at_its_size_and_a_silent_one_at_its_time() {
    let upstream = StandIn::new(|seen, socket| {
        begin_stream(socket);
        if String::from_utf8_lossy(&seen.body).contains("静か") {
            piece(socket, &delta("はじめ"));
            std::thread::sleep(Duration::from_secs(30));
            return;
        }
        while piece(socket, &delta("終わらない")) {}
    });
    let house = House::build(
        |config| {
            config.upstream.answer_bytes = 50_000;
            config.upstream.idle = Duration::from_millis(900);
        },
        Some(upstream.url()),
    );
    for (text, code) in [("終わらないで", "upstream_too_long"), ("静かに", "upstream_timeout")] {
        let mut body = chat("kakuu-upstream", text);
        body["stream"] = true.into();
        let mut live = house.by("staff").request("POST", CHAT).json(&body).open();
        let id = live.used();
        let rest = live.rest();
        assert!(rest.last().unwrap().contains(code), "{:?}", rest.last());
        assert!(rest.len() > 1, "what came before it is there");
        let recorded = house.recorded(&id);
        assert_eq!((&recorded["use"]["outcome"], &recorded["use"]["code"]), (&"cut".into(), &code.into()));
        let bytes = recorded["entries"][1]["entry"]["data"]["bytes"].as_u64().unwrap();
        assert!(bytes <= 50_000, "{bytes}");
    }
}

/// The program stops while a stream runs: the answer is finished and recorded first, whether or not anyone still hears it.
#[test]
fn a_stop_waits_for_the_answers_that_run() {
    for hangs_up in [false, true] {
        let upstream = StandIn::new(|_, socket| {
            begin_stream(socket);
            for n in 0..10 {
                piece(socket, &delta(&format!("{n}番")));
                std::thread::sleep(Duration::from_millis(150));
            }
            piece(socket, STOP);
            piece(socket, DONE);
            end_stream(socket);
        });
        let house = House::with(&upstream);
        let mut live = streamed(&house, "kakuu-upstream").open();
        assert!(live.event().contains("0番"));
        let reader = if hangs_up {
            live.hang_up();
            None
        } else {
            Some(std::thread::spawn(move || live.rest()))
        };
        let verified = house.closed();
        if let Some(reader) = reader {
            let rest = reader.join().unwrap();
            assert_eq!(rest.last().map(String::as_str), Some("data: [DONE]"), "{rest:?}");
        }
        assert_eq!((&verified["uses"]["closed"], &verified["uses"]["aborted"]), (&1.into(), &0.into()), "{verified}");
    }
}
