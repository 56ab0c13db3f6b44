//! Azure's paths and headers around OpenAI's bodies.

use sekisho_gate::upstream::{Endpoint, WireFormat};

use crate::stand_in::{StandIn, json, outgoing, sse, stream, upstreams, whole};

const BODY: &str = r#"{"model":"our-model","x":1.0}"#;

#[tokio::test]
async fn paths_and_headers() {
    let stand_in = StandIn::new(|| json(r#"{"choices":[]}"#)).await;
    let mut target = stand_in.target(WireFormat::AzureOpenAi);
    target.upstream_model = "gpt 4o/架空".to_owned();
    let dated = Some("2025-01-01-preview");
    let deployment = "/openai/deployments/gpt%204o%2F%E6%9E%B6%E7%A9%BA";
    for (endpoint, version, path) in [
        (Endpoint::ChatCompletions, None, format!("{deployment}/chat/completions?api-version=2024-10-21")),
        (Endpoint::ChatCompletions, dated, format!("{deployment}/chat/completions?api-version=2025-01-01-preview")),
        (Endpoint::Embeddings, dated, format!("{deployment}/embeddings?api-version=2025-01-01-preview")),
        (Endpoint::Responses, dated, "/openai/v1/responses".to_owned()),
        (Endpoint::Responses, Some("preview"), "/openai/v1/responses?api-version=preview".to_owned()),
    ] {
        target.api_version = version.map(str::to_owned);
        whole(&upstreams(), &target, outgoing(endpoint, false, BODY)).await;
        let seen = stand_in.seen();
        assert_eq!(seen.path, path);
        assert_eq!(seen.headers["api-key"], "sk-test");
        assert!(!seen.headers.contains_key("authorization"));
        assert_eq!(seen.body, r#"{"model":"gpt 4o/架空","x":1.0}"#);
    }
}

#[tokio::test]
async fn streams_pass() {
    let stand_in =
        StandIn::new(|| sse(vec!["data: {\"choices\":[],\"prompt_filter_results\":[]}\n\ndata: [DONE]\n\n".into()]))
            .await;
    let out = outgoing(Endpoint::ChatCompletions, true, BODY);
    let answer = stream(&upstreams(), &stand_in.target(WireFormat::AzureOpenAi), out).await;
    let (events, error) = crate::stand_in::drain(answer).await;
    assert!(error.is_none() && events.len() == 2 && events[1].terminal);
}
