//! Every path of the API's description, without a key, with the wrong method, and paths that do not exist.

use crate::client::{connect, listen, replies};
use crate::house::House;
use sekisho::http::{OPEN, openapi_document};
use serde_json::Value;
use std::io::Write as _;
use std::time::Duration;

/// Method and path of every operation, with something in the place of each parameter.
fn operations() -> Vec<(String, String, String)> {
    let document = openapi_document();
    let mut all = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let fill = |values: &str| path.replace("{id}", "u-1").replace("{index}", "0").replace("{path}", values);
        let mut filled = vec![fill("0/000")];
        if path.contains("{path}") {
            filled.push(fill("entries/000"));
        }
        for filled in filled {
            for method in operations.as_object().unwrap().keys() {
                all.push((method.to_uppercase(), path.clone(), filled.clone()));
            }
        }
    }
    assert!(all.len() > 60, "the description has lost its paths: {}", all.len());
    all
}

fn is_open(path: &str) -> bool {
    let below = |open: &str| open != "/" && open.ends_with('/') && path.starts_with(open);
    !path.starts_with("/ledger/tile/entries") && OPEN.iter().any(|open| *open == path || below(open))
}

#[test]
fn without_a_key_only_the_open_paths_answer() {
    let house = House::demo();
    // The list itself is the contract: who opens a path changes this line and thinks twice.
    let open = [
        "/",
        "/style.css",
        "/icon.svg",
        "/chat.js",
        "/statement.js",
        "/research.js",
        "/signin",
        "/enrol/",
        "/healthz",
        "/readyz",
        "/api/openapi.json",
        "/ledger/checkpoint",
        "/ledger/vkey",
    ];
    assert_eq!(OPEN.to_vec(), [open.as_slice(), &["/ledger/tile/"]].concat());
    for path in open.into_iter().filter(|path| *path != "/enrol/") {
        assert_eq!(house.anyone().get(path).status, 200, "{path}");
    }
    let mut closed = 0;
    for (method, path, filled) in operations() {
        let method: &'static str = match method.as_str() {
            "GET" => "GET",
            "DELETE" => "DELETE",
            _ => "POST",
        };
        let request = house.anyone().request(method, &filled);
        let reply = if method == "POST" { request.bytes("{}").send() } else { request.send() };
        if is_open(&filled) {
            assert_ne!(reply.status, 401, "{path}");
            continue;
        }
        closed += 1;
        let error = reply.error(401, "invalid_api_key");
        assert_eq!(error["type"], "authentication_error", "{path}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"), "{path}");
    }
    assert!(closed > 50, "{closed}");
    // What does not exist is not told apart from what is closed, whatever way the path is written.
    for path in [
        "/nothing",
        "/v1",
        "/v1/",
        "/v1/completions",
        "/api",
        "/api/",
        "/metrics",
        "/mcp",
        "/api/openapi.json/",
        "//",
        "/API/me",
        "/healthz/",
        "/healthz/..",
        "/ledger",
        "/ledger/",
        "/ledger/tile",
        "/ledger/tile/entries",
        "/ledger/tile/entries/",
        "/ledger/tile/entries/x000/000",
        "/enrol",
        "/mee",
        "/signin/",
        "/signin/x",
        "//me",
        "/%61pi/me",
        "/./api/me",
        "/x/../api/me",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            house.anyone().request(method, path).send().error(401, "invalid_api_key");
        }
    }
}

/// The entries stand below an open path: no spelling of their address may open them.
#[test]
fn the_entries_stay_closed_in_every_spelling() {
    let house = House::demo();
    house.block_on(house.installation().journal.checkpoint()).unwrap();
    let size = house.by("auditor").get("/ledger/checkpoint").text().lines().nth(1).unwrap().to_owned();
    let good = format!("/ledger/tile/entries/000.p/{size}");
    let entries = house.by("auditor").get(&good);
    assert!(entries.status == 200 && entries.text().contains("organization.established"), "{}", entries.status);
    let tail = format!("000.p/{size}");
    for path in [
        good.clone(),
        format!("/ledger/tile/%65ntries/{tail}"),
        format!("/ledger/tile/entries%2F{tail}"),
        format!("/ledger/tile/./entries/{tail}"),
        format!("/ledger/tile//entries/{tail}"),
        format!("/ledger/tile/0/../entries/{tail}"),
        format!("/ledger/tile/0%2F..%2Fentries/{tail}"),
        format!("/ledger/tile/Entries/{tail}"),
        format!("/ledger//tile/entries/{tail}"),
        format!("/ledger/tile/entries;x/{tail}"),
        format!("/ledger/tile/%2e/entries/{tail}"),
        format!("/ledger/%74ile/entries/{tail}"),
    ] {
        for caller in [house.anyone(), house.by("staff")] {
            let reply = caller.get(&path);
            assert!(matches!(reply.status, 401 | 403 | 404), "{path}: {}", reply.status);
            assert!(!reply.text().contains("organization.established"), "{path}");
        }
    }
    // A target with scheme and host is the same path.
    let mut socket = connect(house.address);
    write!(socket, "GET http://x{good} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let (bytes, _) = listen(&mut socket, Duration::from_secs(30));
    replies(&bytes)[0].error(401, "invalid_api_key");
}

#[test]
fn every_described_path_is_there_and_no_other_method_or_path_is() {
    let house = House::demo();
    // The administrator may see most; what he may not is refused, not missing.
    let admin = house.by("admin");
    for (method, path, filled) in operations() {
        let reply = match method.as_str() {
            "GET" => admin.get(&filled),
            "DELETE" => admin.request("DELETE", &filled).send(),
            _ => admin.request("POST", &filled).json(&Value::Null).send(),
        };
        assert!(!matches!(reply.status, 401 | 405 | 500..), "{method} {path}: {}", reply.text());
        if reply.status == 404 {
            assert!(path.contains('{'), "{method} {path} is described and not there");
        }
        let described: Vec<String> =
            operations().into_iter().filter(|(_, other, _)| *other == path).map(|(method, ..)| method).collect();
        for wrong in ["DELETE", "PUT", "PATCH", "POST", "GET"] {
            if described.iter().any(|method| method == wrong) {
                continue;
            }
            let reply = admin.request(wrong, &filled).send();
            reply.error(405, "METHOD_NOT_ALLOWED");
            assert!(reply.header("allow").is_some_and(|allow| allow.contains(&method)), "{wrong} {path}");
        }
    }
    for path in ["/nothing", "/v1/completions", "/v1/models/kakuu-local/x", "/api/", "/%E9%96%A2", "/api/me/"] {
        for method in ["GET", "POST", "DELETE"] {
            let reply = admin.request(method, path).send();
            assert_eq!(reply.error(404, "NOT_FOUND")["type"], "invalid_request_error");
        }
    }
    admin
        .request("POST", "/api/commands/nothing.happens")
        .json(&serde_json::json!({ "content": {} }))
        .send()
        .error(404, "NOT_FOUND");
    let long = format!("/{}", "a".repeat(8_000));
    let told = admin.get(&long).error(404, "NOT_FOUND")["message"].as_str().unwrap().len();
    assert!(told < 1_000, "the error repeats {told} bytes of the path");
}

#[test]
fn parameters_that_make_no_sense_are_answered_in_the_same_shape() {
    let house = House::demo();
    let auditor = house.by("auditor");
    for path in [
        "/api/uses?limit=many",
        "/api/uses?before=-1",
        "/api/uses?nothing=1",
        "/api/uses?limit=99999999999999999999999",
        "/api/ledger/x/proof",
        "/api/ledger/-1/proof",
        "/api/ledger/99999999999999999999999/proof",
        "/api/ledger/18446744073709551615/proof",
        "/api/uses/%00",
        "/api/uses/%FF",
        "/api/uses/u-nobody",
        "/ledger/tile/8/000",
        "/ledger/tile/0/000.p/0",
        "/ledger/tile/0/000.p/257",
        "/ledger/tile/x",
        "/ledger/tile/entries/999",
        "/ledger/tile/0/x999/x999/x999/x999/x999/999",
    ] {
        let reply = auditor.get(path);
        assert!(matches!(reply.status, 400 | 404 | 422), "{path}: {} {}", reply.status, reply.text());
        let error = reply.json()["error"].clone();
        reply.error(reply.status, error["code"].as_str().unwrap_or_else(|| panic!("{path}: {}", reply.text())));
    }
    assert_eq!(auditor.get("/api/uses?limit=0").ok()["uses"].as_array().unwrap().len(), 0);
    assert_eq!(auditor.get("/api/uses?before=18446744073709551615").status, 200);
}
