//! Bodies that are not what they should be. Each gets a clear error and, since the caller is known, its record.

use crate::client::{CHAT, End, PATIENCE, chat, connect, listen, replies, talk};
use crate::house::House;
use crate::stand_in::{StandIn, completion};
use serde_json::{Value, json};
use std::io::Write as _;
use std::time::{Duration, Instant};

/// What is wrong, the body, the code.
fn malformed() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let open = |with: &str| [with, "機密性2情報"].concat().into_bytes();
    let model = |rest: &[u8]| [b"{\"model\":\"kakuu-local\",\"x\":", rest, b"}"].concat();
    let deep = |from: &str, to: &str, times: usize| {
        model([from.repeat(times), "1".into(), to.repeat(times)].concat().as_bytes())
    };
    let utf16: Vec<u8> = "{\"model\":\"m\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0, 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0];
    vec![
        ("nothing", vec![], "INVALID_JSON"),
        ("white space", b" \r\n\t ".to_vec(), "INVALID_JSON"),
        ("an array", b"[]".to_vec(), "INVALID_JSON"),
        ("an array with a request", br#"[{"model":"kakuu-local"}]"#.to_vec(), "INVALID_JSON"),
        ("null", b"null".to_vec(), "INVALID_JSON"),
        ("a number", b"1".to_vec(), "INVALID_JSON"),
        ("a boolean", b"true".to_vec(), "INVALID_JSON"),
        ("a text", b"\"kakuu-local\"".to_vec(), "INVALID_JSON"),
        ("plain words", open(""), "INVALID_JSON"),
        ("an open brace", b"{".to_vec(), "INVALID_JSON"),
        ("an open text", open("{\"model\":\""), "INVALID_JSON"),
        ("a name without a value", b"{\"model\"}".to_vec(), "INVALID_JSON"),
        ("a name without quotes", b"{model:\"kakuu-local\"}".to_vec(), "INVALID_JSON"),
        ("a number as a name", b"{1:2}".to_vec(), "INVALID_JSON"),
        ("single quotes", b"{'model':'kakuu-local'}".to_vec(), "INVALID_JSON"),
        ("a trailing comma", br#"{"model":"kakuu-local",}"#.to_vec(), "INVALID_JSON"),
        ("a missing comma", br#"{"model":"kakuu-local" "x":1}"#.to_vec(), "INVALID_JSON"),
        ("a comment", br#"{"model":"kakuu-local"/* x */}"#.to_vec(), "INVALID_JSON"),
        ("the wrong bracket", br#"{"model":"kakuu-local"]"#.to_vec(), "INVALID_JSON"),
        ("two requests", br#"{"model":"kakuu-local"}{"model":"kakuu-open"}"#.to_vec(), "INVALID_JSON"),
        ("lines of requests", b"{\"model\":\"kakuu-local\"}\n{\"model\":\"kakuu-open\"}".to_vec(), "INVALID_JSON"),
        ("something behind it", br#"{"model":"kakuu-local"} x"#.to_vec(), "INVALID_JSON"),
        ("a zero byte behind it", b"{\"model\":\"kakuu-local\"}\0".to_vec(), "INVALID_JSON"),
        ("a byte order mark", "\u{feff}{\"model\":\"kakuu-local\"}".into(), "INVALID_JSON"),
        ("UTF-16", utf16, "INVALID_JSON"),
        ("gzip", gzip, "INVALID_JSON"),
        ("a form", b"model=kakuu-local&messages=x".to_vec(), "INVALID_JSON"),
        ("NaN", model(b"NaN"), "INVALID_JSON"),
        ("Infinity", model(b"-Infinity"), "INVALID_JSON"),
        ("a leading zero", model(b"01"), "INVALID_JSON"),
        ("a plus sign", model(b"+1"), "INVALID_JSON"),
        ("a bare point", model(b".5"), "INVALID_JSON"),
        ("a point without digits", model(b"1."), "INVALID_JSON"),
        ("hex", model(b"0x10"), "INVALID_JSON"),
        ("a number beyond all bounds", model(b"1e400"), "INVALID_JSON"),
        ("the same below zero", model(b"-1e400"), "INVALID_JSON"),
        ("a number of 5,000 digits", model("9".repeat(5_000).as_bytes()), "INVALID_JSON"),
        ("a literal in capitals", model(b"True"), "INVALID_JSON"),
        ("an unknown escape", model(br#""\x41""#), "INVALID_JSON"),
        ("half an escape", model(br#""\u30""#), "INVALID_JSON"),
        ("a lone high surrogate", model(br#""\ud83d""#), "INVALID_JSON"),
        ("a lone low surrogate", model(br#""\ude00""#), "INVALID_JSON"),
        ("surrogates in the wrong order", model(br#""\ude00\ud83d""#), "INVALID_JSON"),
        ("a high surrogate before a letter", model(br#""\ud83dA""#), "INVALID_JSON"),
        ("a lone surrogate in a name", br#"{"model":"kakuu-local","\ud800":1}"#.to_vec(), "INVALID_JSON"),
        ("a raw line break in a text", model(b"\"a\nb\""), "INVALID_JSON"),
        ("a raw zero byte in a text", model(b"\"a\0b\""), "INVALID_JSON"),
        ("a byte no UTF-8 has", model(b"\"\xff\""), "INVALID_JSON"),
        ("a cut UTF-8 character", model(b"\"\xe6\xa9\""), "INVALID_JSON"),
        ("an overlong UTF-8 character", model(b"\"\xc0\xaf\""), "INVALID_JSON"),
        ("a surrogate in UTF-8", model(b"\"\xed\xa0\x80\""), "INVALID_JSON"),
        ("a character beyond Unicode", model(b"\"\xf4\x90\x80\x80\""), "INVALID_JSON"),
        ("Shift_JIS", model(b"\"\x8b\x40\x96\xa7\x90\xab\""), "INVALID_JSON"),
        ("broken UTF-8 in a name", b"{\"model\":\"kakuu-local\",\"\xff\":1}".to_vec(), "INVALID_JSON"),
        ("128 arrays", deep("[", "]", 128), "TOO_DEEP"),
        ("100,000 arrays", deep("[", "]", 100_000), "TOO_DEEP"),
        ("100,000 objects", deep("{\"a\":", "}", 100_000), "TOO_DEEP"),
        ("100,000 arrays never closed", [b"{\"a\":".to_vec(), b"[".repeat(100_000)].concat(), "TOO_DEEP"),
        ("the model twice", br#"{"model":"kakuu-local","model":"kakuu-open"}"#.to_vec(), "DUPLICATE_KEY"),
        ("the same value twice", br#"{"model":"kakuu-local","model":"kakuu-local"}"#.to_vec(), "DUPLICATE_KEY"),
        ("a name twice at depth", model(br#"[[{"a":{"b":1,"c":2,"b":3}}]]"#), "DUPLICATE_KEY"),
        (
            "a name twice, once escaped",
            br#"{"model":"kakuu-local","mode\u006c":"kakuu-open"}"#.to_vec(),
            "DUPLICATE_KEY",
        ),
        (
            "the content twice",
            br#"{"model":"kakuu-local","messages":[{"role":"user","content":"a","content":"b"}]}"#.to_vec(),
            "DUPLICATE_KEY",
        ),
        (
            "a grade twice",
            br#"{"model":"kakuu-local","metadata":{"grade":"C1","grade":"C2"}}"#.to_vec(),
            "DUPLICATE_KEY",
        ),
        ("an empty name twice", model(br#"{"":1,"":2}"#), "DUPLICATE_KEY"),
        ("no model", br#"{"messages":[]}"#.to_vec(), "MISSING_MODEL"),
        ("an empty request", b"{}".to_vec(), "MISSING_MODEL"),
        ("null as the model", br#"{"model":null}"#.to_vec(), "MISSING_MODEL"),
        ("a number as the model", br#"{"model":1}"#.to_vec(), "INVALID_FIELD"),
        ("a list as the model", br#"{"model":["kakuu-local"]}"#.to_vec(), "INVALID_FIELD"),
        ("a text as the switch for streams", br#"{"model":"kakuu-local","stream":"yes"}"#.to_vec(), "INVALID_FIELD"),
        ("a number as the switch for streams", br#"{"model":"kakuu-local","stream":1}"#.to_vec(), "INVALID_FIELD"),
        ("a text as the metadata", br#"{"model":"kakuu-local","metadata":"grade=C1"}"#.to_vec(), "INVALID_FIELD"),
        ("a list as the metadata", br#"{"model":"kakuu-local","metadata":[]}"#.to_vec(), "INVALID_FIELD"),
    ]
}

#[test]
fn malformed_bodies_of_every_kind_get_a_clear_error_and_a_record() {
    let upstream = StandIn::answering(&completion("はい"));
    let house = House::with(&upstream);
    let staff = house.by("staff");
    let all = malformed();
    assert!(all.len() >= 70, "{}", all.len());
    for path in [CHAT, "/v1/responses", "/v1/embeddings"] {
        let before = house.uses().len();
        for (what, body, code) in &all {
            let length = body.len();
            let reply =
                staff.request("POST", path).header("content-type", "application/json").bytes(body.clone()).send();
            assert_eq!(reply.status, 400, "{what}: {}", reply.text());
            let error = reply.error(400, code);
            assert!(error["message"].as_str().unwrap().len() < 1_000, "{what}: {error}");
            let entry = house.refusal(&reply.used(), code);
            assert_eq!(entry["data"]["person"], house.person("staff"), "{what}");
            assert_eq!(entry["data"]["bytes"], length, "{what}");
            assert_eq!(entry["data"].get("request"), None, "{what}: nothing of it was read");
        }
        assert_eq!(house.uses().len(), before + all.len(), "{path}: each once");
    }
    assert_eq!(upstream.connections(), 0);
    // After all that the same connection-less caller is served as ever.
    assert_eq!(staff.chat("kakuu-upstream", "要約してください").said(), "はい");
}

/// Unusual and right: none of it may be refused.
#[test]
fn odd_but_valid_bodies_pass() {
    let upstream = StandIn::answering(&completion("はい"));
    let house = House::with(&upstream);
    let staff = house.by("staff");
    let nested = ["[".repeat(100), "1".into(), "]".repeat(100)].concat();
    for (what, x) in [
        ("an integer of 300 digits", "9".repeat(300)),
        ("many fraction digits", format!("0.{}", "1".repeat(1_000))),
        ("the smallest number", "5e-324".to_owned()),
        ("a number too small to tell from zero", "1e-999".to_owned()),
        ("minus zero", "-0.0".to_owned()),
        ("100 arrays", nested),
        ("a pair of surrogates", r#""\ud83d\ude00""#.to_owned()),
        ("an escaped zero", r#""\u0000""#.to_owned()),
        ("the last character of Unicode", "\"\u{10ffff}\"".to_owned()),
        ("an empty name", r#"{"":1}"#.to_owned()),
        ("the same name in two objects", r#"[{"a":1},{"a":1}]"#.to_owned()),
        ("a name of 10,000 letters", format!("{{\"{}\":1}}", "n".repeat(10_000))),
        ("2,000 names", format!("{{{}}}", (0..2_000).map(|n| format!("\"k{n}\":{n}")).collect::<Vec<_>>().join(","))),
    ] {
        let body = format!("\n{{ \"model\" : \"kakuu-upstream\" ,\t\"messages\":[], \"x\":{x}}}\r\n ");
        let reply = staff.request("POST", CHAT).bytes(body.clone()).send();
        assert_eq!(reply.status, 200, "{what}: {}", reply.text());
        let expected = body.replace("kakuu-upstream", "their-model");
        assert_eq!(upstream.seen().last().unwrap().body, expected.into_bytes(), "{what}");
    }
    // A model nobody offers is refused by the rules, not by the reader, however long its name is.
    for model in ["", " ", "無い", "kakuu-local ", "KAKUU-LOCAL", "../../etc/passwd", &"m".repeat(100_000)] {
        let reply = staff.chat(model, "要約してください");
        let code = reply.json()["error"]["code"].as_str().unwrap().to_owned();
        reply.error(403, &code);
        let entry = house.refusal(&reply.used(), &code);
        assert!(entry["data"]["request"]["model"].as_str().unwrap().chars().count() <= 200);
    }
}

/// The body alone says what it is: SDKs and scripts name many types, and a wrong name must not let anything past the scan.
#[test]
fn the_content_type_changes_nothing() {
    let house = House::demo();
    let body = chat("kakuu-open", "【機密性2情報】").to_string();
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png", "", "; ;"]
    {
        let reply = house.by("staff").request("POST", CHAT).header("content-type", kind).bytes(body.as_str()).send();
        reply.error(403, "STANDARD_TERMS");
        house.refusal(&reply.used(), "STANDARD_TERMS");
    }
    let none = house.by("staff").request("POST", CHAT).bytes(body.as_str()).send();
    none.error(403, "STANDARD_TERMS");
    // A body that is packed is not read as if it were not.
    for encoding in ["gzip", "br", "identity, gzip"] {
        let reply = house.by("staff").request("POST", CHAT).header("content-encoding", encoding);
        let reply = reply.bytes(vec![0x1f, 0x8b, 8, 0]).send();
        house.refusal(&reply.used(), "INVALID_JSON");
    }
}

#[test]
fn a_prompt_of_ten_megabytes_passes_and_forty_are_refused() {
    let upstream = StandIn::answering(&completion("読みました"));
    let house = House::with(&upstream);
    let staff = house.by("staff");
    let line = "会議の記録。次の議題に移る。\n";
    let prompt = line.repeat(10 * 1_048_576 / line.len() + 1);
    let body = chat("kakuu-upstream", &prompt).to_string();
    assert!(body.len() > 10 << 20);
    let reply = staff.request("POST", CHAT).bytes(body.as_str()).send();
    assert_eq!(reply.said(), "読みました");
    assert_eq!(upstream.seen()[0].body, body.replace("kakuu-upstream", "their-model").into_bytes());
    assert_eq!(house.ended(&reply.used())["entries"][0]["entry"]["data"]["bytes"], body.len());

    let large = chat("kakuu-upstream", &line.repeat(40 * 1_048_576 / line.len())).to_string();
    let reply = staff.request("POST", CHAT).bytes(large.as_str()).send();
    let error = reply.error(413, "BODY_TOO_LARGE");
    assert!(error["message"].as_str().unwrap().contains("33554432"), "it says how much is allowed: {error}");
    house.refusal(&reply.used(), "BODY_TOO_LARGE");
    // The same in chunks, whose length nobody knows before.
    let mut chunked = staff.request("POST", CHAT).head(&["transfer-encoding: chunked", "connection: close"]);
    for piece in large.as_bytes().chunks(1 << 20) {
        chunked.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        chunked.extend_from_slice(piece);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let (bytes, _) = talk(house.address, &chunked);
    let reply = &replies(&bytes)[0];
    reply.error(413, "BODY_TOO_LARGE");
    house.refusal(&reply.used(), "BODY_TOO_LARGE");
    assert_eq!(upstream.seen().len(), 1);
}

#[test]
fn the_limit_of_a_body_is_exact() {
    let house = House::build(|config| config.limits.body_bytes = 500, None);
    let staff = house.by("staff");
    let of = |length: usize| {
        let empty = chat("kakuu-local", "").to_string().len();
        chat("kakuu-local", &"a".repeat(length - empty)).to_string()
    };
    assert_eq!(staff.request("POST", CHAT).bytes(of(500)).send().status, 200);
    let reply = staff.request("POST", CHAT).bytes(of(501)).send();
    reply.error(413, "BODY_TOO_LARGE");
    house.refusal(&reply.used(), "BODY_TOO_LARGE");
    // A length that is only claimed is refused without waiting for what never comes.
    let begun = Instant::now();
    let head = staff.request("POST", CHAT).head(&["content-length: 99999999", "connection: close"]);
    let (bytes, _) = talk(house.address, &[head, vec![b' '; 600]].concat());
    let reply = &replies(&bytes)[0];
    reply.error(413, "BODY_TOO_LARGE");
    assert!(begun.elapsed() < Duration::from_secs(25), "it waited {:?}", begun.elapsed());
    // Commands have the same limit.
    let long = json!({ "content": { "person": "p".repeat(600) }, "reason": "" });
    house.by("admin").post("/api/commands/person.leave", &long).error(413, "BODY_TOO_LARGE");
}

#[test]
fn malformed_commands_change_nothing() {
    let house = House::demo();
    let admin = house.by("admin");
    let position = || admin.get("/api/me").ok()["register"].as_u64().unwrap();
    let before = position();
    let post = |name: &str, body: &[u8]| admin.request("POST", &format!("/api/commands/{name}")).bytes(body).send();
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "{",
        r#"{"content":{"person":"p-1"},"content":{"person":"p-2"}}"#,
        r#"{"content":{"person":"p-1"},"x":1}"#,
        r#"{"content":{"person":"p-1","x":1}}"#,
        r#"{"content":{"person":1}}"#,
        r#"{"content":{"person":"A B"}}"#,
        r#"{"content":{"person":"p-1"},"reason":1}"#,
        r#"{"content":{"person":"p-1","person":"p-2"}}"#,
        r#"{"content":"person"}"#,
        r#"{"content":{"person":"p-1"},"documents":["abc"]}"#,
        r#"{"content":{"person":"\ud800"}}"#,
    ] {
        let reply = post("person.leave", body.as_bytes());
        assert_eq!(reply.error(400, "INVALID_COMMAND")["type"], "invalid_request_error", "{body}");
    }
    let deep = format!("{{\"content\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    post("person.leave", deep.as_bytes()).error(400, "INVALID_COMMAND");
    post("person.leave", b"{\"content\":{\"person\":\"\xff\"}}").error(400, "INVALID_COMMAND");
    let long = json!({ "content": { "person": "p-1" }, "reason": "長".repeat(2_001) });
    post("person.leave", long.to_string().as_bytes()).error(400, "INVALID_COMMAND");
    post("organization.establish", br#"{"content":{"organization":"x","name":"x","sector":"national"}}"#)
        .error(403, "NOT_ALLOWED");
    post("person.leave", br#"{"content":{"person":"p-nobody"}}"#).error(404, "UNKNOWN");
    assert_eq!(position(), before);
}

#[test]
fn a_body_that_comes_too_slowly_is_given_up_and_recorded() {
    let house = House::build(|config| config.limits.body = Duration::from_millis(700), None);
    let staff = house.by("staff");
    let body = chat("kakuu-local", "要約してください").to_string();
    let head = staff.request("POST", CHAT).head(&[&format!("content-length: {}", body.len()), "connection: close"]);
    // One that stops in the middle, and one that drips.
    for drips in [false, true] {
        let mut socket = connect(house.address);
        socket.write_all(&head).unwrap();
        socket.write_all(&body.as_bytes()[..10]).unwrap();
        let begun = Instant::now();
        if drips {
            let mut writer = socket.try_clone().unwrap();
            let rest = body.as_bytes()[10..body.len() - 1].to_vec();
            std::thread::spawn(move || {
                for byte in rest {
                    std::thread::sleep(Duration::from_millis(100));
                    if writer.write_all(&[byte]).is_err() {
                        return;
                    }
                }
            });
        }
        let (bytes, end) = listen(&mut socket, PATIENCE);
        assert!(begun.elapsed() >= Duration::from_millis(600), "{:?}", begun.elapsed());
        assert_ne!(end, End::StillOpen);
        let reply = &replies(&bytes)[0];
        reply.error(408, "BODY_TOO_SLOW");
        house.refusal(&reply.used(), "BODY_TOO_SLOW");
    }
    assert_eq!(staff.request("POST", CHAT).bytes(body).send().status, 200);
}

/// A caller who goes away in the middle of a body has been identified: that leaves a record too.
#[test]
fn a_body_that_breaks_off_is_recorded() {
    let house = House::demo();
    let staff = house.by("staff");
    for (what, more, body) in [
        ("a length not reached", "content-length: 1000", b"{\"model\":\"kakuu-local\"".as_slice()),
        ("chunks without an end", "transfer-encoding: chunked", b"5\r\n{\"mod\r\n".as_slice()),
    ] {
        let before = house.uses().len();
        let mut socket = connect(house.address);
        socket.write_all(&staff.request("POST", CHAT).head(&[more])).unwrap();
        socket.write_all(body).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        drop(listen(&mut socket, Duration::from_secs(20)));
        drop(socket);
        let begun = Instant::now();
        let row = loop {
            let uses = house.uses();
            if uses.len() > before {
                break uses[0].clone();
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{what}: no record");
            std::thread::sleep(Duration::from_millis(50));
        };
        assert_eq!((&row["outcome"], &row["code"]), (&json!("refused"), &json!("BODY_BROKEN")), "{what}: {row}");
    }
}

#[test]
fn what_lies_outside_every_rule_is_committed_to_and_not_kept() {
    let house = House::demo();
    let reply = house.by("staff").chat("kakuu-local", "【特定秘密】要約してください");
    reply.error(403, "INFO_OUT_OF_SCOPE");
    let id = reply.used();
    house.refusal(&id, "INFO_OUT_OF_SCOPE");
    house.must("auditor", "content.request", &json!({ "use": id }));
    house.by("auditor").get(&format!("/api/uses/{id}/content")).error(403, "NOT_ALLOWED");
    house.by("auditor").command("content.grant", &json!({ "use": id })).error(403, "SEPARATION_OF_DUTIES");
    house.must("ciso", "content.grant", &json!({ "use": id }));
    let content = house.by("auditor").get(&format!("/api/uses/{id}/content")).ok();
    assert_eq!(content["content"][0]["kept"], false, "{content}");
    house.by("ciso").get(&format!("/api/uses/{id}/content")).error(403, "NOT_ALLOWED");

    // Any other refusal keeps what was asked, for two persons with a reason.
    let reply = house.by("staff").chat("kakuu-open", "【機密性2情報】議事録");
    let id = reply.used();
    house.must("ciso", "content.request", &json!({ "use": id }));
    house.must("auditor", "content.grant", &json!({ "use": id }));
    let content = house.by("ciso").get(&format!("/api/uses/{id}/content")).ok();
    let kept = content["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{content}"));
    assert!(kept.contains("【機密性2情報】議事録"), "{content}");
    let entry: Value = house.refusal(&id, "STANDARD_TERMS");
    let salt = content["content"][0]["salt"].as_str().unwrap();
    let salt: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&salt[2 * at..2 * at + 2], 16).unwrap()).collect();
    let committed = sekisho_ledger::hash::commitment(&salt.try_into().unwrap(), kept.as_bytes());
    assert_eq!(entry["data"]["commitment"], committed.to_hex());
}
