//! Nothing is changed on the way through, in either direction, but the model's name.

use sekisho_gate::upstream::{Endpoint, Usage, WireFormat};

use crate::stand_in::{StandIn, bytes, drain, json, outgoing, respond, sse, stream, text, upstreams, whole};

const CHAT: &str =
    "{ \"model\" :\t\"our-model\", \"messages\":[{\"role\":\"user\",\"content\":\"\\u95a2所\",\"x\":1.50}],
  \"vendor\":{\"model\":\"our-model\",\"n\":1e400,\"deep\":[[[]]]}, \"metadata\":{\"permit\":\"p1\"} }  ";

const ANSWER: &str = "{ \"id\":\"c1\",\"model\":\"their-model\", \"choices\":[{\"index\":0,\"finish_reason\":\"stop\",
  \"message\":{\"role\":\"assistant\",\"content\":\"\\u95a2所\",\"annotations\":[]}}], \"vendor\":{\"b\":1.50,\"a\":1E400},
  \"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":0}} }\n";

#[tokio::test]
async fn chat_is_untouched_but_for_the_model() {
    let stand_in = StandIn::new(|| {
        let mut response = json(ANSWER);
        for (name, value) in [
            ("x-request-id", "r1"),
            ("openai-processing-ms", "5"),
            ("x-ratelimit-limit-requests", "9"),
            ("set-cookie", "a=b"),
            ("server", "x"),
            ("x-internal", "y"),
        ] {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        response
    })
    .await;
    let answer =
        whole(&upstreams(), &stand_in.target(WireFormat::OpenAi), outgoing(Endpoint::ChatCompletions, false, CHAT))
            .await;
    let seen = stand_in.seen();
    assert_eq!(seen.path, "/chat/completions");
    assert_eq!(seen.body, CHAT.replacen("our-model", "their-model", 1));
    assert_eq!(seen.headers["authorization"], "Bearer sk-test");
    assert_eq!(seen.headers["content-type"], "application/json");
    assert_eq!(seen.headers["content-length"], seen.body.len().to_string());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, ANSWER);
    assert_eq!(answer.text, "関所");
    assert_eq!(answer.aside, "");
    assert_eq!(answer.usage, Usage { input_tokens: 7, output_tokens: 3 });
    let mut names: Vec<&str> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-type", "openai-processing-ms", "x-ratelimit-limit-requests", "x-request-id"]);
}

#[tokio::test]
async fn the_same_name_changes_no_byte_and_no_key_sends_none() {
    let stand_in = StandIn::new(|| json(ANSWER)).await;
    let mut target = stand_in.target(WireFormat::OpenAi);
    target.upstream_model = "our-model".to_owned();
    target.secret = None;
    target.base_url += "/v1/";
    let upstreams = upstreams();
    for _ in 0..3 {
        whole(&upstreams, &target, outgoing(Endpoint::ChatCompletions, false, CHAT)).await;
    }
    let seen = stand_in.seen();
    assert_eq!(seen.path, "/v1/chat/completions");
    assert_eq!(seen.body, CHAT);
    assert!(!seen.headers.contains_key("authorization"));
}

#[tokio::test]
async fn responses_and_embeddings() {
    const RESPONSE: &str = r#"{"id":"resp_1","object":"response","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"考"}]},
        {"type":"message","content":[{"type":"output_text","text":"はい","annotations":[]},{"type":"refusal","refusal":"だめ"}]},
        {"type":"function_call","arguments":"{\"a\":1}"}],"usage":{"input_tokens":4,"output_tokens":5},"new":null}"#;
    let stand_in = StandIn::new(|| json(RESPONSE)).await;
    let out = outgoing(Endpoint::Responses, false, r#"{"model":"our-model","input":"x"}"#);
    let answer = whole(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await;
    assert_eq!(stand_in.seen().path, "/responses");
    assert_eq!(answer.body, RESPONSE);
    assert_eq!((answer.text.as_str(), answer.aside.as_str()), ("はい", "考だめ{\"a\":1}"));
    assert_eq!(answer.usage, Usage { input_tokens: 4, output_tokens: 5 });

    const VECTORS: &str =
        r#"{"object":"list","data":[{"embedding":[0.10,-1e-3]}],"usage":{"prompt_tokens":2,"total_tokens":2}}"#;
    let stand_in = StandIn::new(|| json(VECTORS)).await;
    let out = outgoing(Endpoint::Embeddings, false, r#"{"input":["x"],"model":"our-model"}"#);
    let answer = whole(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await;
    assert_eq!(stand_in.seen().path, "/embeddings");
    assert_eq!(stand_in.seen().body, r#"{"input":["x"],"model":"their-model"}"#);
    assert_eq!(answer.body, VECTORS);
    assert_eq!(answer.usage, Usage { input_tokens: 2, output_tokens: 0 });
}

#[tokio::test]
async fn tool_arguments_refusals_and_unknown_shapes_are_scanned_too() {
    for (body, text, aside) in [
        (
            r#"{"choices":[{"message":{"content":null,"refusal":"R","tool_calls":[{"function":{"name":"f","arguments":"A"}}]}},{"message":{"content":"2"}}]}"#,
            "\n2",
            "RA",
        ),
        (r#"{"choices":[{"message":{"content":[{"text":"部分"}]}}]}"#, "", "部分\n"),
        (r#"{"something":"else"}"#, "", ""),
    ] {
        let stand_in = StandIn::new(move || json(body)).await;
        let out = outgoing(Endpoint::ChatCompletions, false, CHAT);
        let answer = whole(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await;
        assert_eq!(answer.body, body);
        assert_eq!((answer.text.as_str(), answer.aside.as_str()), (text, aside), "{body}");
    }
}

#[tokio::test]
async fn streams_are_untouched() {
    const STREAM: &str = ": hello\r\n\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"x\":1.0}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"関\"},\"finish_reason\":null}],\"usage\":null}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\u6240\"}}], \"obfuscation\":\"zz\"}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]}}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
    let stand_in = StandIn::new(|| sse(vec![STREAM.into()])).await;
    let out = outgoing(Endpoint::ChatCompletions, true, CHAT);
    let answer = stream(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers[0].1, "text/event-stream; charset=utf-8");
    let (events, error) = drain(answer).await;
    assert!(error.is_none());
    assert_eq!(bytes(&events), STREAM.as_bytes());
    assert_eq!(events.len(), 7);
    assert_eq!(text(&events), "関所");
    assert_eq!(events[4].aside, "{}");
    assert_eq!(events[5].usage, Some(Usage { input_tokens: 1, output_tokens: 2 }));
    let terminal: Vec<bool> = events.iter().map(|event| event.terminal).collect();
    assert_eq!(terminal, [false, false, false, false, false, false, true]);
}

#[tokio::test]
async fn a_stream_answered_by_json_is_whole() {
    let stand_in = StandIn::new(|| json(ANSWER)).await;
    let out = outgoing(Endpoint::ChatCompletions, true, CHAT);
    let answer = whole(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await;
    assert_eq!(answer.body, ANSWER);
}

#[tokio::test]
async fn connections_are_reused_even_after_streams() {
    let stand_in = StandIn::new(|| sse(vec!["data: {\"choices\":[]}\n\ndata: [DONE]\n\n".into()])).await;
    let upstreams = upstreams();
    for _ in 0..5 {
        let out = outgoing(Endpoint::ChatCompletions, true, CHAT);
        let (events, error) = drain(stream(&upstreams, &stand_in.target(WireFormat::OpenAi), out).await).await;
        assert!(error.is_none() && events.last().unwrap().terminal);
    }
    assert_eq!(stand_in.all_seen().len(), 5);
    assert_eq!(stand_in.connections(), 1);
}

#[tokio::test]
async fn what_is_not_an_object_is_malformed() {
    for body in ["", "[]", "null", "{", "{\"a\":1}x", "<html>", "\"x\"", "{\"a\":\u{1}}"] {
        let stand_in = StandIn::new(move || respond(200, "application/json", body)).await;
        for stream in [false, true] {
            let out = outgoing(Endpoint::ChatCompletions, stream, CHAT);
            let error = upstreams().send(&stand_in.target(WireFormat::OpenAi), out).await.unwrap_err();
            assert_eq!(error.explain().code, "upstream_malformed", "{body}: {error}");
        }
    }
    let stand_in = StandIn::new(|| respond(200, "application/json", &b"{\"a\":\"\xff\"}"[..])).await;
    let out = outgoing(Endpoint::ChatCompletions, false, CHAT);
    let error = upstreams().send(&stand_in.target(WireFormat::OpenAi), out).await.unwrap_err();
    assert_eq!(error.explain().code, "upstream_malformed");
}
