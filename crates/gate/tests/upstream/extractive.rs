//! The built-in model quotes, and does nothing else.

use base64::Engine as _;
use sekisho_gate::upstream::{Endpoint, Whole, WireFormat};
use serde_json::{Value, json};

use crate::stand_in::{data, drain, outgoing, stream, target, text, upstreams, whole};

const WHO: &str = "内蔵の抽出モデルです。与えられた文章から抜き出して答えます。";

async fn ask(endpoint: Endpoint, body: Value) -> (Whole, Value) {
    let whole =
        whole(&upstreams(), &target("", WireFormat::Extractive), outgoing(endpoint, false, body.to_string())).await;
    let body = serde_json::from_slice(&whole.body).unwrap();
    (whole, body)
}

async fn chat(body: Value) -> String {
    let (whole, body) = ask(Endpoint::ChatCompletions, body).await;
    assert_eq!(body["choices"][0]["message"]["content"], whole.text);
    assert!(whole.text.starts_with(WHO));
    whole.text
}

#[tokio::test]
async fn answers_from_the_corpus_and_from_what_it_was_given() {
    let corpus = chat(json!({"messages": [{"role": "user", "content": "開庁時間を教えてください。"}]})).await;
    assert!(corpus.contains("「架空省の開庁時間は、平日の午前九時三十分から午後六時十五分までです。」（出典: 架空省 庁舎と窓口の案内 開庁時間）"), "{corpus}");

    let given = chat(json!({"messages": [
        {"role": "system", "content": "会議室の予約は総務課が受け付ける。食堂は地下にある。"},
        {"role": "user", "content": "会議室の予約はどこでできますか？"}]}))
    .await;
    assert!(given.contains("・「会議室の予約は総務課が受け付ける。」（出典: システムの指示）"), "{given}");
    assert!(!given.contains("食堂"));

    let summary = chat(json!({"messages": [{"role": "user", "content": "次の文を要約してください。\n新橋の改修は三月に終わる。改修の費用は二億円である。以上。"}]})).await;
    assert!(summary.contains("（出典: あなたの発言）"), "{summary}");

    let nothing = chat(json!({"messages": [{"role": "user", "content": "火星の衛星フォボスの直径は？"}]})).await;
    assert!(nothing.contains("問いに合う文は見つかりませんでした。"));
}

#[tokio::test]
async fn says_that_tools_and_images_are_not_used() {
    let answer = chat(json!({"tools": [{"type": "function", "function": {"name": "f"}}], "messages": [{"role": "user", "content": [
        {"type": "text", "text": "開庁時間は？"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]}]})).await;
    assert!(
        answer.contains("ツールの指定は受け取りましたが、使いません。")
            && answer.contains("画像やファイルの中身は見ていません。")
    );
}

#[tokio::test]
async fn limits_and_usage() {
    let messages = json!([{"role": "user", "content": "開庁時間は？"}]);
    let (whole, body) = ask(Endpoint::ChatCompletions, json!({"messages": messages, "max_tokens": 5})).await;
    assert_eq!(whole.text, "内蔵の抽出");
    assert_eq!(body["choices"][0]["finish_reason"], "length");
    assert_eq!(
        body["usage"],
        json!({"prompt_tokens": 6, "completion_tokens": 5, "total_tokens": 11, "note": "estimated from the number of characters"})
    );
    assert_eq!((whole.usage.input_tokens, whole.usage.output_tokens), (6, 5));
}

#[tokio::test]
async fn streams_chat() {
    let body =
        json!({"messages": [{"role": "user", "content": "開庁時間は？"}], "stream_options": {"include_usage": true}});
    let out = outgoing(Endpoint::ChatCompletions, true, body.to_string());
    let (events, error) = drain(stream(&upstreams(), &target("", WireFormat::Extractive), out).await).await;
    assert!(error.is_none());
    assert!(events.len() > 6);
    assert_eq!(text(&events), chat(body).await);
    let chunks = data(&events);
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    assert!(chunks.last().unwrap()["usage"]["total_tokens"].as_u64().unwrap() > 10);
    assert_eq!(events.last().unwrap().bytes, "data: [DONE]\n\n");
    assert!(events.last().unwrap().terminal);
}

#[tokio::test]
async fn responses_whole_and_streamed() {
    let body = json!({"model": "our-model", "instructions": "簡潔に", "metadata": {"permit": "p"}, "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "開庁時間を教えて"}]}]});
    let (whole, response) = ask(Endpoint::Responses, body.clone()).await;
    assert_eq!(response["id"], "resp_use1");
    assert_eq!((&response["object"], &response["status"]), (&json!("response"), &json!("completed")));
    assert_eq!(response["output"][0]["content"][0]["text"], whole.text);
    assert_eq!((&response["instructions"], &response["metadata"]), (&json!("簡潔に"), &json!({"permit": "p"})));
    assert_eq!(response["parallel_tool_calls"], true);

    let out = outgoing(Endpoint::Responses, true, body.to_string());
    let (events, error) = drain(stream(&upstreams(), &target("", WireFormat::Extractive), out).await).await;
    assert!(error.is_none());
    let all = data(&events);
    let mut kinds: Vec<&str> = all.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let deltas = kinds.iter().filter(|kind| **kind == "response.output_text.delta").count();
    assert!(deltas > 3);
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    for (at, (event, sent)) in all.iter().zip(&events).enumerate() {
        assert_eq!(event["sequence_number"], at);
        assert!(sent.bytes.starts_with(format!("event: {}\n", event["type"].as_str().unwrap()).as_bytes()));
    }
    assert_eq!(all.last().unwrap()["response"], response);
    assert_eq!(text(&events), whole.text);
    assert!(events.last().unwrap().terminal);
}

#[tokio::test]
async fn embeddings() {
    let (whole, floats) = ask(Endpoint::Embeddings, json!({"input": ["利用申請", "開庁時間", "利用申請"]})).await;
    assert_eq!(whole.text, "");
    let vector = |at: usize| -> Vec<f64> {
        floats["data"][at]["embedding"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    assert_eq!(vector(0).len(), 256);
    assert!((vector(0).iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-5);
    assert_eq!(vector(0), vector(2));
    assert_ne!(vector(0), vector(1));
    assert_eq!(floats["data"][2]["index"], 2);

    let (_, packed) = ask(Endpoint::Embeddings, json!({"input": "利用申請", "encoding_format": "base64"})).await;
    let packed =
        base64::engine::general_purpose::STANDARD.decode(packed["data"][0]["embedding"].as_str().unwrap()).unwrap();
    let packed: Vec<f64> = packed.chunks(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect();
    assert!(packed.iter().zip(vector(0)).all(|(a, b)| (a - b).abs() < 1e-6));

    for (body, code) in [
        (json!({"input": [1, 2]}), "upstream_unsupported"),
        (json!({"input": [[1, 2]]}), "upstream_unsupported"),
        (json!({"input": []}), "invalid_request"),
        (json!({"input": ""}), "invalid_request"),
        (json!({}), "invalid_request"),
        (json!({"input": "x", "encoding_format": "hex"}), "invalid_request"),
        (json!({"input": "x", "dimensions": 0}), "invalid_request"),
    ] {
        let out = outgoing(Endpoint::Embeddings, false, body.to_string());
        let error = upstreams().send(&target("", WireFormat::Extractive), out).await.unwrap_err();
        assert_eq!(error.explain().code, code, "{body}");
    }
}

#[tokio::test]
async fn bad_requests() {
    for (endpoint, body) in
        [(Endpoint::ChatCompletions, "{}"), (Endpoint::Responses, "{}"), (Endpoint::ChatCompletions, "[]")]
    {
        let error =
            upstreams().send(&target("", WireFormat::Extractive), outgoing(endpoint, false, body)).await.unwrap_err();
        assert_eq!(error.explain().code, "invalid_request");
    }
}

#[tokio::test]
async fn a_prompt_of_megabytes_is_answered_at_once() {
    let long = "予算の執行状況は別表のとおりである。".repeat(200_000);
    let started = std::time::Instant::now();
    chat(json!({"messages": [{"role": "user", "content": format!("{long}開庁時間を教えてください。")}]})).await;
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
