//! Chat completions and responses over Anthropic Messages.

use sekisho_gate::upstream::{Endpoint, UpstreamError, Usage, WireFormat};
use serde_json::{Value, json};

use crate::stand_in::{
    StandIn, bytes, data, drain, json as answer, outgoing, respond, sse, stream, text, upstreams, whole,
};

const MESSAGE: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"their-model","content":[
    {"type":"thinking","thinking":"…","signature":"s"},{"type":"text","text":"調べます。"},
    {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"東京"}}],
    "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":2,"cache_read_input_tokens":3,"output_tokens":7}}"#;

/// What reaches Anthropic for a chat request.
async fn sent(endpoint: Endpoint, body: Value) -> Value {
    let stand_in = StandIn::new(|| answer(MESSAGE)).await;
    whole(&upstreams(), &stand_in.target(WireFormat::Anthropic), outgoing(endpoint, false, body.to_string())).await;
    let seen = stand_in.seen();
    assert_eq!(seen.path, "/v1/messages");
    assert_eq!(seen.headers["x-api-key"], "sk-test");
    assert_eq!(seen.headers["anthropic-version"], "2023-06-01");
    assert!(!seen.headers.contains_key("authorization"));
    seen.json()
}

#[tokio::test]
async fn a_full_chat_request() {
    let sent = sent(Endpoint::ChatCompletions, json!({
        "model": "our-model", "max_completion_tokens": 100, "temperature": 1.7, "top_p": 0.5, "stop": ["END", "\n"], "user": "u1",
        "seed": 3, "store": false, "parallel_tool_calls": false, "tool_choice": "required", "response_format": {"type": "text"},
        "tools": [{"type": "function", "function": {"name": "weather", "description": "d", "strict": true,
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}},
            {"type": "function", "function": {"name": "now"}}],
        "messages": [
            {"role": "system", "content": "S1"},
            {"role": "developer", "content": [{"type": "text", "text": "S2"}]},
            {"role": "user", "content": [
                {"type": "text", "text": "見て"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"東京\"}"}},
                {"id": "c2", "type": "function", "function": {"name": "now", "arguments": ""}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "晴れ"},
            {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "10時"}]},
            {"role": "user", "content": "続けて"}]
    })).await;
    assert_eq!(
        sent,
        json!({
            "model": "their-model", "max_tokens": 100, "temperature": 1, "top_p": 0.5, "stop_sequences": ["END"],
            "metadata": {"user_id": "u1"}, "system": "S1\nS2", "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
            "tools": [
                {"name": "weather", "description": "d", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}},
                {"name": "now", "input_schema": {"type": "object", "properties": {}}}],
            "messages": [
                {"role": "user", "content": [
                    {"type": "text", "text": "見て"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                    {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}]},
                {"role": "assistant", "content": [
                    {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "東京"}},
                    {"type": "tool_use", "id": "c2", "name": "now", "input": {}}]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "晴れ"}]},
                    {"type": "tool_result", "tool_use_id": "c2", "content": [{"type": "text", "text": "10時"}]},
                    {"type": "text", "text": "続けて"}]}]
        })
    );
}

#[tokio::test]
async fn choices_of_tools_and_defaults() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    for (choice, expected) in [
        (json!("auto"), json!({"type": "auto"})),
        (json!("none"), json!({"type": "none"})),
        (json!({"type": "function", "function": {"name": "f"}}), json!({"type": "tool", "name": "f"})),
        (Value::Null, Value::Null),
    ] {
        let body = json!({"messages": [{"role": "user", "content": "x"}], "tools": tools, "tool_choice": choice});
        let sent = sent(Endpoint::ChatCompletions, body).await;
        assert_eq!(sent["tool_choice"], expected);
        assert_eq!(sent["max_tokens"], 4096);
    }
    let schema = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}});
    let body = json!({"messages": [{"role": "user", "content": "x"}], "response_format": schema, "max_tokens": 9});
    let sent = sent(Endpoint::ChatCompletions, body).await;
    assert_eq!(sent["output_config"], json!({"format": {"type": "json_schema", "schema": {"type": "object"}}}));
    assert_eq!(sent["max_tokens"], 9);
}

#[tokio::test]
async fn a_whole_answer_becomes_a_chat_completion() {
    let stand_in = StandIn::new(|| answer(MESSAGE)).await;
    let out = outgoing(Endpoint::ChatCompletions, false, r#"{"messages":[{"role":"user","content":"x"}]}"#);
    let whole = whole(&upstreams(), &stand_in.target(WireFormat::Anthropic), out).await;
    let body: Value = serde_json::from_slice(&whole.body).unwrap();
    assert_eq!(
        body,
        json!({
            "id": "chatcmpl-use1", "object": "chat.completion", "created": 1_700_000_000, "model": "our-model",
            "choices": [{"index": 0, "logprobs": null, "finish_reason": "tool_calls", "message": {
                "role": "assistant", "content": "調べます。", "refusal": null, "tool_calls": [
                    {"id": "toolu_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"東京\"}"}}]}}],
            "usage": {"prompt_tokens": 15, "completion_tokens": 7, "total_tokens": 22}
        })
    );
    assert_eq!((whole.text.as_str(), whole.aside.as_str()), ("調べます。", "{\"city\":\"東京\"}"));
    assert_eq!(whole.usage, Usage { input_tokens: 15, output_tokens: 7 });
    assert_eq!(whole.headers.len(), 1);
}

#[tokio::test]
async fn reasons_for_the_end() {
    for (stop, finish) in
        [("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("refusal", "content_filter")]
    {
        let message = json!({"content": [{"type": "text", "text": "t"}], "stop_reason": stop}).to_string();
        let stand_in = StandIn::new(move || respond(200, "application/json", message.clone())).await;
        let out = outgoing(Endpoint::ChatCompletions, false, r#"{"messages":[{"role":"user","content":"x"}]}"#);
        let whole = whole(&upstreams(), &stand_in.target(WireFormat::Anthropic), out).await;
        let body: Value = serde_json::from_slice(&whole.body).unwrap();
        assert_eq!(body["choices"][0]["finish_reason"], finish);
    }
}

const EVENTS: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"their-model","stop_reason":null,"usage":{"input_tokens":25,"cache_read_input_tokens":5,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"調べ"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ます"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\"東京\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_2","name":"now","input":{}}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: some_new_event
data: {"type":"some_new_event","x":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":15}}

event: message_stop
data: {"type":"message_stop"}

"#;

#[tokio::test]
async fn a_stream_becomes_chunks_wherever_it_is_cut() {
    let upstreams = upstreams();
    let mut reference = Vec::new();
    for at in [0, 1, 300, 333, 334, 335, 700, 701, 1300, EVENTS.len() - 2] {
        let (a, b) = EVENTS.as_bytes().split_at(at);
        let stand_in = StandIn::new(move || sse(vec![a.to_vec().into(), b.to_vec().into()])).await;
        let body =
            r#"{"messages":[{"role":"user","content":"x"}],"stream":true,"stream_options":{"include_usage":true}}"#;
        let out = outgoing(Endpoint::ChatCompletions, true, body);
        let (events, error) = drain(stream(&upstreams, &stand_in.target(WireFormat::Anthropic), out).await).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(stand_in.seen().json()["stream"], true);
        if at == 0 {
            reference = events;
        } else {
            assert_eq!(events, reference, "cut at {at}");
        }
    }
    let chunks = data(&reference);
    let deltas: Vec<&Value> =
        chunks.iter().filter_map(|chunk| chunk["choices"].get(0)).map(|choice| &choice["delta"]).collect();
    assert_eq!(
        json!(deltas),
        json!([
            {"role": "assistant", "content": "", "refusal": null},
            {"content": "調べ"}, {"content": "ます"},
            {"tool_calls": [{"index": 0, "id": "toolu_1", "type": "function", "function": {"name": "weather", "arguments": ""}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": "{\"city\":"}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": "\"東京\"}"}}]},
            {"tool_calls": [{"index": 1, "id": "toolu_2", "type": "function", "function": {"name": "now", "arguments": ""}}]},
            {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
            {},
        ])
    );
    for chunk in &chunks {
        assert_eq!(chunk["object"], "chat.completion.chunk");
        assert_eq!((&chunk["id"], &chunk["model"]), (&json!("chatcmpl-use1"), &json!("our-model")));
    }
    let count = chunks.len();
    assert_eq!(chunks[count - 2]["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(chunks[count - 1]["choices"], json!([]));
    assert_eq!(chunks[count - 1]["usage"], json!({"prompt_tokens": 30, "completion_tokens": 15, "total_tokens": 45}));
    assert!(chunks[0]["usage"].is_null());
    assert_eq!(text(&reference), "調べます");
    assert!(String::from_utf8(bytes(&reference)).unwrap().contains(": ping\n\n"));
    let last = reference.last().unwrap();
    assert_eq!(last.bytes, "data: [DONE]\n\n");
    assert!(last.terminal && reference.iter().filter(|event| event.terminal).count() == 1);
    let usages: Vec<Usage> = reference.iter().filter_map(|event| event.usage).collect();
    assert_eq!(usages, [Usage { input_tokens: 30, output_tokens: 15 }]);
}

#[tokio::test]
async fn a_stream_becomes_responses_events() {
    let stand_in = StandIn::new(|| sse(vec![EVENTS.into()])).await;
    let out = outgoing(Endpoint::Responses, true, r#"{"model":"our-model","input":"x","stream":true}"#);
    let (events, error) = drain(stream(&upstreams(), &stand_in.target(WireFormat::Anthropic), out).await).await;
    assert!(error.is_none());
    let all = data(&events);
    let kinds: Vec<&str> =
        all.iter().map(|event| event["type"].as_str().unwrap().trim_start_matches("response.")).collect();
    assert_eq!(
        kinds,
        [
            "created",
            "in_progress",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
            "completed",
        ]
    );
    for (at, event) in all.iter().enumerate() {
        assert_eq!(event["sequence_number"], at);
    }
    assert_eq!(all[10]["output_index"], 1);
    assert_eq!(all[10]["item_id"], all[9]["item"]["id"]);
    let response = &all.last().unwrap()["response"];
    assert_eq!(response["output"][0]["content"][0]["text"], "調べます");
    assert_eq!(response["output"][1]["arguments"], "{\"city\":\"東京\"}");
    assert_eq!(response["output"][2]["call_id"], "toolu_2");
    assert_eq!(response["usage"]["total_tokens"], 45);
    assert!(events.last().unwrap().terminal);
}

#[tokio::test]
async fn errors_inside_a_stream_and_truncation() {
    const ERROR: &str = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    for (endpoint, body) in [
        (Endpoint::ChatCompletions, r#"{"messages":[{"role":"user","content":"x"}]}"#),
        (Endpoint::Responses, r#"{"input":"x"}"#),
    ] {
        let stand_in = StandIn::new(|| sse(vec![ERROR.into()])).await;
        let (events, error) =
            drain(stream(&upstreams(), &stand_in.target(WireFormat::Anthropic), outgoing(endpoint, true, body)).await)
                .await;
        assert!(error.is_none());
        let last = events.last().unwrap();
        assert!(last.terminal && last.failed);
        let said = data(&events).pop().unwrap();
        let message = if endpoint == Endpoint::Responses {
            &said["response"]["error"]["message"]
        } else {
            &said["error"]["message"]
        };
        assert_eq!(message, "Overloaded");

        let cut = &EVENTS[..EVENTS.find("event: message_stop").unwrap()];
        let stand_in = StandIn::new(move || sse(vec![cut.into()])).await;
        let (events, error) =
            drain(stream(&upstreams(), &stand_in.target(WireFormat::Anthropic), outgoing(endpoint, true, body)).await)
                .await;
        assert!(matches!(error, Some(UpstreamError::Truncated(_))));
        assert!(events.iter().all(|event| !event.terminal));
    }
}

#[tokio::test]
async fn responses_requests_go_through_chat() {
    let sent = sent(Endpoint::Responses, json!({
        "model": "our-model", "instructions": "S", "max_output_tokens": 50, "tool_choice": {"type": "function", "name": "f"},
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": true}],
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "見て"}, {"type": "input_image", "image_url": "https://e.example/a.png"}]},
            {"type": "reasoning", "summary": []},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "はい"}]},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "結果"}]
    })).await;
    assert_eq!(
        sent,
        json!({
            "model": "their-model", "system": "S", "max_tokens": 50, "tool_choice": {"type": "tool", "name": "f"},
            "tools": [{"name": "f", "input_schema": {"type": "object"}}],
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "見て"}, {"type": "image", "source": {"type": "url", "url": "https://e.example/a.png"}}]},
                {"role": "assistant", "content": [{"type": "text", "text": "はい"}, {"type": "tool_use", "id": "c1", "name": "f", "input": {}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "結果"}]}]}]
        })
    );
}

#[tokio::test]
async fn what_cannot_be_translated_is_refused_by_name() {
    let stand_in = StandIn::new(|| answer(MESSAGE)).await;
    let user = json!([{"role": "user", "content": "x"}]);
    for (endpoint, body, code, named) in [
        (Endpoint::Embeddings, json!({"input": "x"}), "upstream_unsupported", "embeddings"),
        (Endpoint::ChatCompletions, json!({"messages": user, "n": 2}), "upstream_unsupported", "`n`"),
        (Endpoint::ChatCompletions, json!({"messages": user, "logprobs": true}), "upstream_unsupported", "`logprobs`"),
        (
            Endpoint::ChatCompletions,
            json!({"messages": user, "response_format": {"type": "json_object"}}),
            "upstream_unsupported",
            "json_object",
        ),
        (
            Endpoint::ChatCompletions,
            json!({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}),
            "upstream_unsupported",
            "input_audio",
        ),
        (
            Endpoint::ChatCompletions,
            json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/"}}]}]}),
            "upstream_unsupported",
            "image",
        ),
        (Endpoint::ChatCompletions, json!({}), "invalid_request", "`messages`"),
        (
            Endpoint::ChatCompletions,
            json!({"messages": [{"role": "system", "content": "x"}]}),
            "invalid_request",
            "`messages`",
        ),
        (
            Endpoint::ChatCompletions,
            json!({"messages": [{"role": "tool", "content": "x"}]}),
            "invalid_request",
            "tool_call_id",
        ),
        (
            Endpoint::Responses,
            json!({"input": "x", "previous_response_id": "r"}),
            "upstream_unsupported",
            "previous_response_id",
        ),
        (
            Endpoint::Responses,
            json!({"input": "x", "tools": [{"type": "web_search"}]}),
            "upstream_unsupported",
            "web_search",
        ),
        (
            Endpoint::Responses,
            json!({"input": [{"type": "item_reference", "id": "x"}]}),
            "upstream_unsupported",
            "item_reference",
        ),
        (Endpoint::Responses, json!({}), "invalid_request", "`input`"),
    ] {
        let error = upstreams()
            .send(&stand_in.target(WireFormat::Anthropic), outgoing(endpoint, false, body.to_string()))
            .await
            .unwrap_err();
        let explained = error.explain();
        assert_eq!((explained.status, explained.code), (400, code), "{body}");
        assert!(explained.message.contains(named), "{}", explained.message);
    }
    assert!(stand_in.all_seen().is_empty());
}

#[tokio::test]
async fn its_errors_come_in_openais_shape() {
    const ERROR: &str =
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#;
    for (theirs, ours) in [(529, 503), (429, 429), (400, 400)] {
        let stand_in = StandIn::new(move || respond(theirs, "application/json", ERROR)).await;
        let out = outgoing(Endpoint::ChatCompletions, true, r#"{"messages":[{"role":"user","content":"x"}]}"#);
        let explained = upstreams().send(&stand_in.target(WireFormat::Anthropic), out).await.unwrap_err().explain();
        assert_eq!(explained.status, ours);
        let body: Value = serde_json::from_slice(&explained.body()).unwrap();
        assert_eq!(
            body,
            json!({"error": {"type": "overloaded_error", "message": "Overloaded", "param": null, "code": null}})
        );
    }
}
