//! Apps: forms in the shape of 源内, through the pages and through its protocol, with one ledger behind both.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use serde_json::{Value, json};

/// The way by which staff run things in the demo.
fn way(house: &House, model: &str) -> String {
    format!("{} {model}", house.permit(model))
}

const LOCAL: &str = "kakuu-local";

/// Something in every field that must be filled in: on the page, and in the protocol.
fn filled(app: &str) -> (Vec<(&'static str, &'static str)>, Value) {
    match app {
        "draft" => (
            vec![("in-document", "0"), ("in-points", "会議は 10 時から第 1 会議室で開く。"), ("in-tone", "0")],
            json!({ "document": "メール", "points": "会議は 10 時から第 1 会議室で開く。", "tone": "です・ます調の丁寧な文体" }),
        ),
        "summary" => (
            vec![("in-text", "関所は記録を残す。記録は検証できる。"), ("in-shape", "0"), ("in-size", "1")],
            json!({ "text": "関所は記録を残す。記録は検証できる。", "shape": "箇条書き", "size": "300 字ほど" }),
        ),
        "proofread" => (
            vec![("in-text", "ご連絡をさせて頂きます。"), ("in-views.0", "on"), ("in-style", "2")],
            json!({ "text": "ご連絡をさせて頂きます。", "views": ["誤字・脱字"], "style": "業務のメール" }),
        ),
        _ => (
            vec![("in-text", "関所は記録を残す。"), ("in-to", "0"), ("in-notes.true", "on")],
            json!({ "text": "関所は記録を残す。", "to": "英語", "notes": true }),
        ),
    }
}

fn invoke(house: &House, key: &str, app: &str, inputs: &Value, more: &[(&str, &str)]) -> Reply {
    let mut request = house.anyone().request("POST", &format!("/apps/{app}/invoke")).header("x-api-key", key);
    for (name, value) in more {
        request = request.header(name, value);
    }
    request.json(&json!({ "inputs": inputs })).send()
}

/// The `use.opened` or `use.refused` of a use.
#[track_caller]
fn first_entry(house: &House, id: &str) -> Value {
    house.recorded(id)["entries"][0]["entry"].clone()
}

/// The number of the use that a page shows.
#[track_caller]
fn use_on(page: &str) -> String {
    let at = page.find("<code>u-").unwrap_or_else(|| panic!("{page}"));
    page[at + 6..].split('<').next().unwrap().to_owned()
}

#[test]
fn every_built_in_app_runs_on_its_page_and_in_the_protocol_with_the_same_facts() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let list = staff.get("/apps").text();
    for (app, name) in [("draft", "文章生成"), ("summary", "要約"), ("proofread", "校正"), ("translate", "翻訳")]
    {
        assert!(list.contains(&format!("<a href=\"/apps/{app}\">{name}</a>")), "{list}");
        let (fields, inputs) = filled(app);
        let way = way(&house, LOCAL);
        let fields = [fields.as_slice(), &[("way", way.as_str()), ("grade", "C1")]].concat();
        let reply = staff.submit(&format!("/apps/{app}"), &fields);
        let page = reply.text();
        assert_eq!(reply.status, 200, "{app}: {page}");
        assert!(page.contains("id=\"answer\"") && page.contains("内蔵の抽出モデルです"), "{app}: {page}");
        let by_page = first_entry(&house, &use_on(&page));

        let permit = house.permit(LOCAL).to_owned();
        let reply = invoke(&house, &house.demo.keys["staff"], app, &inputs, &[("x-sekisho-permit", &permit)]);
        let answer = reply.ok();
        assert_eq!(answer["statusCode"], 200, "{answer}");
        assert!(answer["outputs"].as_str().unwrap().contains("内蔵の抽出モデルです"), "{answer}");
        let by_key = first_entry(&house, answer["usageMetadata"]["use"].as_str().unwrap());
        assert_eq!(reply.header("x-sekisho-use"), answer["usageMetadata"]["use"].as_str());
        for (of, key) in [(&by_page, false), (&by_key, true)] {
            let request = &of["data"]["request"];
            assert_eq!((&of["kind"], &request["app"]), (&json!("use.opened"), &json!(app)), "{of}");
            assert_eq!(request["key"].is_string(), key, "{of}");
        }
        for fact in ["app", "model", "permit", "person", "declared", "signals"] {
            assert_eq!(by_page["data"]["request"][fact], by_key["data"]["request"][fact], "{fact}");
        }
    }
}
