//! The address comes from the entry, and only permitted addresses are called.

use std::process::Command;

use sekisho_gate::upstream::{Endpoint, UpstreamError, WireFormat};

use crate::stand_in::{StandIn, json, outgoing, respond, target, upstreams, whole};

const BODY: &str = r#"{"model":"our-model"}"#;

#[tokio::test]
async fn private_addresses_are_refused_without_the_entry_saying_so() {
    let stand_in = StandIn::new(|| json("{}")).await;
    let port = stand_in.url.rsplit(':').next().unwrap().to_owned();
    let upstreams = upstreams();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "169.254.169.254",
        "10.0.0.1",
        "[::ffff:127.0.0.1]",
        "0x7f000001",
        "2130706433",
        "0.0.0.0",
        "192.168.0.1",
        "[fd00:ec2::254]",
        "100.64.0.1",
        "LOCALHOST",
    ] {
        let mut target = target(&format!("http://{host}:{port}/v1"), WireFormat::OpenAi);
        target.private_addresses = false;
        let error = upstreams.send(&target, outgoing(Endpoint::ChatCompletions, false, BODY)).await.unwrap_err();
        assert!(matches!(error, UpstreamError::RefusedAddress(_)), "{host}: {error:?}");
        let explained = error.explain();
        assert_eq!((explained.status, explained.code), (502, "upstream_address_refused"));
        assert!(!explained.message.contains(host), "the outside message names the address");
    }
    assert!(stand_in.all_seen().is_empty(), "something was sent");
    // The same by name and by number where the entry says so.
    for host in ["127.0.0.1", "localhost"] {
        let target = target(&format!("http://{host}:{port}"), WireFormat::OpenAi);
        whole(&upstreams, &target, outgoing(Endpoint::ChatCompletions, false, BODY)).await;
    }
    assert_eq!(stand_in.all_seen().len(), 2);
    // A connection kept open for a private entry does not serve a public one.
    let mut target = target(&format!("http://localhost:{port}"), WireFormat::OpenAi);
    target.private_addresses = false;
    let error = upstreams.send(&target, outgoing(Endpoint::ChatCompletions, false, BODY)).await.unwrap_err();
    assert!(matches!(error, UpstreamError::RefusedAddress(_)));
    assert_eq!(stand_in.all_seen().len(), 2);
}

#[tokio::test]
async fn metadata_services_are_refused_even_to_private_entries() {
    let target = target("http://169.254.169.254/v1", WireFormat::OpenAi);
    let error = upstreams().send(&target, outgoing(Endpoint::ChatCompletions, false, BODY)).await.unwrap_err();
    assert!(matches!(error, UpstreamError::RefusedAddress(_)));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = StandIn::new(|| json("{}")).await;
    let url = elsewhere.url.clone();
    for status in [301, 302, 303, 307, 308] {
        let url = url.clone();
        let stand_in = StandIn::new(move || {
            let mut response = respond(status, "text/html", "moved");
            response.headers_mut().insert("location", url.parse().unwrap());
            response
        })
        .await;
        let out = outgoing(Endpoint::ChatCompletions, false, BODY);
        let error = upstreams().send(&stand_in.target(WireFormat::OpenAi), out).await.unwrap_err();
        let explained = error.explain();
        assert_eq!((explained.status, explained.code), (502, "upstream_redirect"));
        assert!(explained.inside.contains("127.0.0.1") && !explained.message.contains("127.0.0.1"));
    }
    assert!(elsewhere.all_seen().is_empty());
}

#[tokio::test]
async fn entries_that_cannot_be_used() {
    for url in [
        "",
        "example",
        "ftp://example.com",
        "file:///etc/passwd",
        "http://user:pw@127.0.0.1/",
        "http://127.0.0.1/?x=1",
        "http://127.0.0.1/#x",
        "unix:/run/x",
        "http://",
    ] {
        let error = upstreams()
            .send(&target(url, WireFormat::OpenAi), outgoing(Endpoint::ChatCompletions, false, BODY))
            .await
            .unwrap_err();
        assert_eq!(error.explain().code, "upstream_misconfigured", "{url}: {error}");
    }
    let mut broken = target("http://127.0.0.1:1", WireFormat::OpenAi);
    broken.secret = Some(sekisho_gate::upstream::Secret::new("a\r\nx-evil: 1"));
    let error = upstreams().send(&broken, outgoing(Endpoint::ChatCompletions, false, BODY)).await.unwrap_err();
    assert_eq!(error.explain().code, "upstream_misconfigured");
    assert!(!format!("{error:?} {broken:?}").contains("evil"));
}

#[tokio::test]
async fn proxy_variables_are_ignored() {
    const CHILD: &str = "SEKISHO_TEST_BEHIND_PROXY_VARIABLES";
    if std::env::var_os(CHILD).is_none() {
        // Variables are the process's: a second process of this very test has them set.
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "addresses::proxy_variables_are_ignored", "--nocapture"]).env(CHILD, "1");
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            child.env(name, "http://127.0.0.1:9");
        }
        child.env_remove("no_proxy").env_remove("NO_PROXY");
        let output = child.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    assert!(std::env::var("HTTP_PROXY").is_ok());
    let stand_in = StandIn::new(|| json("{}")).await;
    let out = outgoing(Endpoint::ChatCompletions, false, BODY);
    whole(&upstreams(), &stand_in.target(WireFormat::OpenAi), out).await;
    assert_eq!(stand_in.seen().path, "/chat/completions");
}
