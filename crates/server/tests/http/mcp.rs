//! The tools of the library: by MCP over HTTP and on stdio, with a client of the official SDK, and by the JSON API. Each
//! call is a use.

use crate::house::House;
use crate::shelves::{diet, fill, law};
use rmcp::ServiceExt as _;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use sekisho_search::unit::{Corpus, Unit};
use serde_json::{Value, json};
use std::path::Path;

type Client = RunningService<RoleClient, ()>;

const TOOLS: [&str; 5] = ["get_article", "get_speech", "search_diet", "search_law", "verify_citation"];
const ARTICLE: &str = "399AC0000000001/4";
const USES_A_WORD: &str = "399AC0000000001/3";
const TRUE: &str = "届出をしなかった者は、五十万円以下の罰金に処する。";
const FALSE: &str = "届出をしなかった者は、百万円以下の罰金に処する。";

fn house() -> House {
    let house = House::demo();
    fill(&house, Corpus::Law, &law());
    fill(&house, Corpus::Diet, &diet());
    house
}

/// A client over HTTP with a key.
async fn by_http(house: &House, key: &str) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{}/mcp", house.address));
    ().serve(StreamableHttpClientTransport::from_config(config.auth_header(key))).await.unwrap()
}

/// A client that starts the program.
async fn by_stdio(key: &str, arguments: &[&str]) -> Client {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_sekisho"));
    command.arg("mcp").args(arguments).env("SEKISHO_KEY", key).envs(crate::database::variables(arguments));
    ().serve(TokioChildProcess::new(command).unwrap()).await.unwrap()
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> (bool, Value) {
    let arguments = arguments.as_object().unwrap().clone();
    let result: CallToolResult =
        client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await.unwrap();
    (result.is_error == Some(true), result.structured_content.unwrap())
}

/// What every client sees, however it came.
async fn looks_around(client: &Client) -> Vec<String> {
    let mut names: Vec<String> =
        client.list_all_tools().await.unwrap().into_iter().map(|tool| tool.name.into_owned()).collect();
    names.sort();
    assert_eq!(names, TOOLS);
    let mut uses = Vec::new();
    let mut done = async |tool, arguments| {
        let (failed, result) = call(client, tool, arguments).await;
        assert!(!failed, "{tool}: {result}");
        uses.push(result["use"].as_str().unwrap().to_owned());
        result
    };
    let found = done("search_law", json!({ "query": "届出をしなかった者の罰則", "limit": 3 })).await;
    let hit = &found["hits"][0];
    assert_eq!((&hit["id"], &hit["cite"]), (&json!(ARTICLE), &json!("架空物運搬法第四条（罰則）")), "{found}");
    let article = done("get_article", json!({ "id": ARTICLE })).await;
    assert!(article["text"].as_str().unwrap().contains(TRUE), "{article}");
    let term = done("get_article", json!({ "id": USES_A_WORD })).await;
    assert_eq!(term["words"][0]["defined_in"], "399AC0000000001/2", "{term}");
    assert_eq!(term["left_to"], json!([{ "rule": "政令", "decided_by": [] }]), "{term}");
    let speeches = done("search_diet", json!({ "query": "運搬の届出の期限", "since": "2024-01-01" })).await;
    let speech = speeches["hits"][0]["id"].as_str().unwrap().to_owned();
    let speech = done("get_speech", json!({ "id": speech })).await;
    assert_eq!((&speech["found"], &speech["house"]), (&json!(true), &json!("衆議院")), "{speech}");
    let stands = done("verify_citation", json!({ "corpus": "law", "id": ARTICLE, "quotation": TRUE })).await;
    assert_eq!(stands["stands"], true, "{stands}");
    let falls = done("verify_citation", json!({ "corpus": "law", "id": ARTICLE, "quotation": FALSE })).await;
    assert_eq!(falls["stands"], false, "{falls}");
    assert!(falls["nearest"].as_str().unwrap().contains("五十万円"), "{falls}");
    let nothing = done("get_article", json!({ "id": "399AC0000000001/99" })).await;
    assert_eq!(nothing["found"], false, "{nothing}");
    uses
}

/// Each of these uses was opened before its call and closed after it.
fn all_recorded(house: &House, uses: &[String]) {
    for id in uses {
        let recorded = house.recorded(id);
        let kinds: Vec<&Value> = recorded["entries"].as_array().unwrap().iter().map(|e| &e["entry"]["kind"]).collect();
        assert_eq!(kinds, ["use.opened", "use.closed"], "{recorded}");
        let request = &recorded["entries"][0]["entry"]["data"]["request"];
        assert_eq!((&request["app"], &request["endpoint"]), (&json!("mcp"), &json!("tools")), "{recorded}");
    }
}

#[test]
fn a_client_over_http_uses_the_tools_and_each_call_is_a_use() {
    let house = house();
    let key = house.demo.keys["staff"].clone();
    let uses = house.block_on(async {
        let client = by_http(&house, &key).await;
        let uses = looks_around(&client).await;
        client.cancel().await.unwrap();
        uses
    });
    all_recorded(&house, &uses);
}

#[test]
fn a_client_on_stdio_sees_the_same_with_a_server_and_without() {
    let house = house();
    let key = house.demo.keys["staff"].clone();
    let url = format!("http://{}", house.address);
    let data = house.data();
    let data: &Path = &data;
    for arguments in [["--server", &url], ["--data", data.to_str().unwrap()]] {
        let uses = house.block_on(async {
            let client = by_stdio(&key, &arguments).await;
            let uses = looks_around(&client).await;
            client.cancel().await.unwrap();
            uses
        });
        all_recorded(&house, &uses);
    }
}

/// Given a question with a telephone number, when it is asked by MCP, then the result says what was found, as a header
/// would.
#[test]
fn what_was_found_in_a_question_is_told_with_the_result() {
    let house = house();
    let key = house.demo.keys["staff"].clone();
    let url = format!("http://{}", house.address);
    house.block_on(async {
        for client in [by_http(&house, &key).await, by_stdio(&key, &["--server", &url]).await] {
            let (_, result) = call(&client, "search_law", json!({ "query": "運搬の届出 03-1234-5678" })).await;
            let found = result["findings"]["request"].as_str().unwrap_or_default();
            assert!(found.contains("PHONE"), "{result}");
            let (_, result) = call(&client, "search_law", json!({ "query": "運搬の届出" })).await;
            assert!(result.get("findings").is_none(), "{result}");
            client.cancel().await.unwrap();
        }
    });
}

#[test]
fn who_may_not_is_told_why_and_it_is_recorded() {
    let house = house();
    // A person of the body whom no permit for the search includes.
    let key = house.demo.keys["applicant"].clone();
    let refused = house.block_on(async {
        let client = by_http(&house, &key).await;
        let (failed, error) = call(&client, "search_law", json!({ "query": "届出" })).await;
        assert!(failed, "{error}");
        client.cancel().await.unwrap();
        error["error"].clone()
    });
    assert_eq!((&refused["type"], &refused["code"]), (&json!("policy_denied"), &json!("NO_APPROVAL")), "{refused}");
    assert!(refused["reasons"][0]["remedy"].is_string(), "{refused}");
    let recorded = house.recorded(refused["use"].as_str().unwrap());
    assert_eq!(recorded["entries"][0]["entry"]["kind"], "use.refused", "{recorded}");
    // What stands in a question counts as in any request.
    let graded =
        house.by("staff").get("/api/search/law?q=%E3%80%90%E6%A9%9F%E5%AF%86%E6%80%A73%E6%83%85%E5%A0%B1%E3%80%91");
    assert_eq!(graded.status, 403, "{}", graded.text());
    // Without a key there is no door; a page of a browser has none either.
    house.anyone().request("POST", "/mcp").json(&json!({})).send().error(401, "invalid_api_key");
    let page = house.by("staff").request("POST", "/mcp").header("origin", "https://evil.example");
    assert_eq!(page.header("accept", "application/json, text/event-stream").json(&json!({})).send().status, 403);
}

#[test]
fn what_is_not_for_all_or_has_a_grade_is_given_by_no_tool() {
    let house = house();
    let document = |name: &str| Unit {
        id: format!("{name}#1"),
        group: name.into(),
        title: name.into(),
        text: "架空庁舎の移転の費用は、五億円と見込む。".into(),
        ..Unit::default()
    };
    let graded = Unit { grade: "機密性2".into(), ..document("graded") };
    let closed = Unit { readers: vec!["dept-other".into()], ..document("closed") };
    fill(&house, Corpus::Document, &[graded, closed, document("open")]);
    let staff = house.by("staff");
    let found = staff.get("/api/search/document?q=%E7%A7%BB%E8%BB%A2%E3%81%AE%E8%B2%BB%E7%94%A8").ok();
    let ids: Vec<&str> = found["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["open#1"], "{found}");
    for name in ["graded", "closed"] {
        let unit = staff.get(&format!("/api/units/document/{name}%231")).ok();
        assert_eq!(unit["found"], false, "{unit}");
        let body = json!({ "corpus": "document", "id": format!("{name}#1"), "quotation": "三億円と見込む" });
        let verified = staff.request("POST", "/api/citations/verify").json(&body).send();
        assert!(verified.ok()["found"] == false && !verified.text().contains("五億円"), "{}", verified.text());
    }
}

#[test]
fn the_json_api_gives_the_same_and_tells_bad_arguments() {
    let house = house();
    let staff = house.by("staff");
    let found = staff.get("/api/search/law?q=%E7%BD%B0%E5%89%87&limit=2");
    assert_eq!(found.ok()["hits"][0]["id"], ARTICLE, "{}", found.text());
    assert_eq!(found.header("x-sekisho-use"), found.ok()["use"].as_str());
    let past = staff.get(&format!("/api/units/law/{ARTICLE}?as_of=2020-01-01")).ok();
    assert_eq!(past["number"], "第四条", "{past}");
    let body = json!({ "corpus": "law", "id": ARTICLE, "quotation": FALSE });
    let verified = staff.request("POST", "/api/citations/verify").json(&body).send().ok();
    assert_eq!(verified["stands"], false, "{verified}");
    let uses = house.uses();
    assert!(uses.iter().take(3).all(|one| one["model"] == "kakuu-search"), "{uses:?}");
    for (path, part) in [
        ("/api/search/law", "`query`"),
        ("/api/search/law?q=a&limit=1000", "`limit`"),
        ("/api/search/law?q=a&as_of=yesterday", "`as_of`"),
        ("/api/search/law?q=a&speaker=x", "`speaker`"),
        ("/api/search/diet?q=a&as_of=2020-01-01", "`as_of`"),
    ] {
        let error = staff.get(path).error(400, "invalid_request");
        assert!(error["message"].as_str().unwrap().contains(part), "{path}: {error}");
    }
    staff.get("/api/search/nothing?q=a").error(404, "NOT_FOUND");
    staff.get("/api/search/law?q=a&q=b").error(400, "DUPLICATE_PARAMETER");
    staff.get("/api/units/law/a/1?id=b").error(400, "DUPLICATE_PARAMETER");
    // The search is no model, and no model is a search.
    let chat = json!({ "model": "kakuu-search", "messages": [{ "role": "user", "content": "届出" }] });
    let permit = house.permit("kakuu-search").to_owned();
    let chat = staff.request("POST", "/v1/chat/completions").header("x-sekisho-permit", &permit).json(&chat);
    chat.send().error(400, "upstream_unsupported");
}
