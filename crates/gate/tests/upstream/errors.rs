//! Every error, as the client gets it.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use sekisho_gate::upstream::{Endpoint, Phase, RefusedAddress, UpstreamError, WireFormat};
use serde_json::Value;

use crate::stand_in::{StandIn, outgoing, respond, target, upstreams};

#[test]
fn the_table() {
    let text = || "inner detail sk-xyz http://10.0.0.1".to_owned();
    let refused = RefusedAddress { host: "h".to_owned(), address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
    let timeout = (504, "api_error", "upstream_timeout");
    for (error, expected) in [
        (UpstreamError::Connect(text()), (502, "api_error", "upstream_unreachable")),
        (UpstreamError::RefusedAddress(refused), (502, "api_error", "upstream_address_refused")),
        (UpstreamError::Misconfigured(text()), (502, "api_error", "upstream_misconfigured")),
        (UpstreamError::Timeout(Phase::Connect), timeout),
        (UpstreamError::Timeout(Phase::FirstByte), timeout),
        (UpstreamError::Timeout(Phase::Idle), timeout),
        (UpstreamError::Timeout(Phase::Total), timeout),
        (UpstreamError::Malformed(text()), (502, "api_error", "upstream_malformed")),
        (UpstreamError::TooLong(9), (502, "api_error", "upstream_too_long")),
        (UpstreamError::Reset(text()), (502, "api_error", "upstream_reset")),
        (UpstreamError::Truncated(text()), (502, "api_error", "upstream_truncated")),
        (UpstreamError::Redirect { status: 302, location: text() }, (502, "api_error", "upstream_redirect")),
        (UpstreamError::Unsupported("`n`".to_owned()), (400, "invalid_request_error", "upstream_unsupported")),
        (UpstreamError::BadRequest("`x`".to_owned()), (400, "invalid_request_error", "invalid_request")),
    ] {
        let explained = error.explain();
        assert_eq!((explained.status, explained.kind, explained.code), expected, "{error:?}");
        assert!(!explained.message.contains("10.0.0.1") && !explained.message.contains("sk-"), "{explained:?}");
        assert!(!explained.message.is_ascii() && explained.message.contains('('), "both languages: {explained:?}");
        assert_eq!(explained.inside, error.to_string());
        let body: Value = serde_json::from_slice(&explained.body()).unwrap();
        assert_eq!(body["error"]["code"], expected.2);
        assert_eq!(body["error"]["message"], explained.message);
        assert!(body["error"].as_object().unwrap().contains_key("param"));
    }
}

async fn status(status: u16, kind: &'static str, body: &'static str) -> sekisho_gate::upstream::Explained {
    let stand_in = StandIn::new(move || {
        let mut response = respond(status, kind, body);
        response.headers_mut().insert("retry-after", "7".parse().unwrap());
        response
    })
    .await;
    let out = outgoing(Endpoint::ChatCompletions, true, "{}");
    upstreams().send(&stand_in.target(WireFormat::OpenAi), out).await.unwrap_err().explain()
}

#[tokio::test]
async fn an_upstreams_own_errors() {
    const SHAPED: &str = r#"{"error":{"message":"bad things","type":"t","param":"p","code":"c"},"x":1.0}"#;
    let json = "application/json";
    for code in [400, 404, 409, 422, 429, 500, 503] {
        let explained = status(code, json, SHAPED).await;
        assert_eq!(explained.status, code);
        assert_eq!(explained.body(), SHAPED, "passed on untouched");
        assert!(explained.headers.iter().any(|(name, value)| name == "retry-after" && value == "7"));
        assert!(explained.inside.contains("`c`") && !explained.inside.contains("bad things"), "{explained:?}");
    }
    // The caller's key is fine: ours is not.
    for code in [401, 403] {
        let explained = status(code, json, SHAPED).await;
        assert_eq!((explained.status, explained.code), (502, "upstream_credentials"));
        assert!(explained.passed_on.is_none());
        assert!(!String::from_utf8_lossy(&explained.body()).contains("bad things"));
    }
    for (code, expected, name) in [
        (404, 502, "upstream_error"),
        (400, 400, "upstream_rejected"),
        (413, 413, "upstream_rejected"),
        (429, 429, "upstream_rate_limited"),
        (500, 502, "upstream_error"),
        (503, 503, "upstream_error"),
    ] {
        let explained = status(code, "text/html", "<h1>no</h1>").await;
        assert_eq!((explained.status, explained.code), (expected, name));
        assert!(explained.passed_on.is_none());
        assert!(explained.headers.iter().all(|(name, _)| name == "retry-after"), "{:?}", explained.headers);
    }
}

#[tokio::test]
async fn nobody_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let out = outgoing(Endpoint::ChatCompletions, false, Bytes::from_static(b"{}"));
    let error = upstreams().send(&target(&url, WireFormat::OpenAi), out.clone()).await.unwrap_err();
    assert_eq!(error.explain().code, "upstream_unreachable", "{error}");
    let error = upstreams().send(&target("http://does-not-exist.invalid", WireFormat::OpenAi), out).await.unwrap_err();
    assert_eq!(error.explain().code, "upstream_unreachable", "{error}");
}
