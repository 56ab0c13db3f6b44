//! Traces: which spans a use becomes, whose trace they join, and that a collector sees nothing of people and their words
//! and can hold nobody up.

use crate::client::{CHAT, PATIENCE, chat};
use crate::house::House;
use crate::stand_in::{StandIn, completion, json};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::{Duration, Instant};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

fn collected(collector: &StandIn) -> Vec<Value> {
    let mut spans = Vec::new();
    for request in collector.seen() {
        assert!(request.head.starts_with("post /v1/traces "), "{}", request.head);
        assert!(request.head.contains("content-type: application/json"), "{}", request.head);
        for resource in request.json()["resourceSpans"].as_array().unwrap() {
            let of = attributes(&resource["resource"]);
            assert_eq!(of["service.name"], "sekisho");
            for scope in resource["scopeSpans"].as_array().unwrap() {
                spans.extend(scope["spans"].as_array().unwrap().clone());
            }
        }
    }
    spans
}

/// Waits for so many spans.
#[track_caller]
fn spans(collector: &StandIn, count: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let spans = collected(collector);
        if spans.len() >= count {
            assert_eq!(spans.len(), count, "{spans:#?}");
            return spans;
        }
        assert!(begun.elapsed() < PATIENCE / 4, "{spans:#?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Attributes by name; whole numbers come as text.
fn attributes(of: &Value) -> BTreeMap<String, String> {
    let all = of["attributes"].as_array().unwrap().iter();
    let text = |value: &Value| match (&value["stringValue"], &value["intValue"]) {
        (Value::String(text), _) | (_, Value::String(text)) => text.clone(),
        (_, number) => number.to_string(),
    };
    all.map(|one| (one["key"].as_str().unwrap().to_owned(), text(&one["value"]))).collect()
}

#[track_caller]
fn named<'a>(spans: &'a [Value], name: &str) -> &'a Value {
    spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("no `{name}`: {spans:#?}"))
}

fn traced(collector: &StandIn, upstream: Option<String>) -> House {
    let url = format!("http://127.0.0.1:{}/v1/traces", collector.port);
    House::build(|config| config.operations.traces = Some(url.parse().unwrap()), upstream)
}

#[test]
fn a_use_is_four_spans_of_its_callers_trace_without_a_word_of_it() {
    let collector = StandIn::answering("{}");
    let upstream = StandIn::answering(&completion("秘密の返事"));
    let house = traced(&collector, Some(upstream.url()));
    let asked = house.by("staff").request("POST", CHAT).json(&chat("kakuu-upstream", "秘密の相談 電話 03-5253-1111"));
    let reply = asked.header("traceparent", &format!("00-{TRACE}-{CALLER}-01")).send();
    assert_eq!(reply.said(), "秘密の返事");
    let spans = spans(&collector, 4);

    let root = named(&spans, "use chat.completions");
    assert_eq!((&root["traceId"], &root["parentSpanId"]), (&json!(TRACE), &json!(CALLER)));
    assert_eq!(root["kind"], 2, "a server's span");
    let of_root = attributes(root);
    assert_eq!((of_root["sekisho.outcome"].as_str(), of_root["sekisho.code"].as_str()), ("completed", "OK"));
    for span in &spans {
        assert_eq!(span["traceId"], TRACE);
        assert_eq!(attributes(span)["sekisho.use.id"], reply.used());
        let nanos = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
        assert!(nanos("startTimeUnixNano") <= nanos("endTimeUnixNano"), "{span}");
        if span["name"] != root["name"] {
            assert_eq!(span["parentSpanId"], root["spanId"], "{span}");
        }
    }
    let call = named(&spans, "chat kakuu-upstream");
    assert_eq!(call["kind"], 3, "a client's span");
    let of_call = attributes(call);
    for (name, value) in [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "kakuu-upstream"),
        ("gen_ai.usage.input_tokens", "3"),
        ("gen_ai.usage.output_tokens", "2"),
        ("server.address", "127.0.0.1"),
        ("server.port", &upstream.port.to_string()),
    ] {
        assert_eq!(of_call.get(name).map(String::as_str), Some(value), "{of_call:?}");
    }
    named(&spans, "admit");
    named(&spans, "close");

    for request in collector.seen() {
        let told = String::from_utf8(request.body).unwrap();
        let persons = house.demo.persons.values().chain(house.demo.keys.values()).map(String::as_str);
        for secret in ["秘密", "相談", "5253"].into_iter().chain(persons) {
            assert!(!told.contains(secret), "`{secret}` is told: {told}");
        }
    }
}

#[test]
fn what_was_stopped_is_told_with_its_code_and_without_a_model() {
    let collector = StandIn::answering("{}");
    let upstream = StandIn::new(|_, socket| json(socket, 500, "{}"));
    let house = traced(&collector, Some(upstream.url()));
    let staff = house.by("staff");
    let refused = staff.chat("no-such-model", "要約してください");
    let code = refused.json()["error"]["code"].as_str().unwrap().to_owned();
    let two = spans(&collector, 2);
    let root = named(&two, "use chat.completions");
    assert_eq!(attributes(root)["sekisho.code"], code);
    assert_eq!((&root["status"]["code"], root["parentSpanId"].as_str().unwrap_or("")), (&json!(2), ""));
    assert!(!two.iter().any(|span| span.to_string().contains("no-such-model")), "{two:#?}");

    staff.chat("kakuu-upstream", "要約してください").error(502, "upstream_error");
    let six = spans(&collector, 6);
    let call = attributes(named(&six, "chat kakuu-upstream"));
    assert_eq!(call["error.type"], "upstream_error");
}

#[test]
fn a_caller_that_keeps_no_trace_gets_none_and_a_broken_one_is_as_none() {
    let collector = StandIn::answering("{}");
    let house = traced(&collector, None);
    let ask = |parent: &str| {
        let asked = house.by("staff").request("POST", CHAT).json(&chat("kakuu-local", "利用申請"));
        assert_eq!(asked.header("traceparent", parent).send().status, 200);
    };
    ask(&format!("00-{TRACE}-{CALLER}-00"));
    ask("00-what-ever-01");
    let spans = spans(&collector, 4);
    assert!(spans.iter().all(|span| span["traceId"] != TRACE), "{spans:#?}");
    let call = named(&spans, "chat kakuu-local");
    assert!(!attributes(call).contains_key("server.address"), "nobody was called: {call}");
}

#[test]
fn a_collector_that_is_not_there_holds_nobody_up_and_what_it_misses_is_counted() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/v1/traces");
    let house = House::build(|config| config.operations.traces = Some(url.parse().unwrap()), None);
    assert_eq!(house.by("staff").chat("kakuu-local", "利用申請").status, 200);
    let begun = Instant::now();
    while !house.metrics().get("/metrics").text().contains("sekisho_traces_dropped_total 4") {
        assert!(begun.elapsed() < PATIENCE / 4);
        std::thread::sleep(Duration::from_millis(50));
    }
}
