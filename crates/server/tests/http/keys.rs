//! Who is let in at all.

use crate::client::{CHAT, Reply, chat};
use crate::house::House;
use jiff::ToSpan as _;
use serde_json::json;

#[track_caller]
fn not_let_in(reply: &Reply) {
    let error = reply.error(401, "invalid_api_key");
    assert_eq!(error["type"], "authentication_error");
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    assert_eq!(reply.header("x-sekisho-use"), None, "who is not known uses nothing");
}

#[test]
fn a_key_that_is_not_known_revoked_or_expired_or_whose_owner_left_opens_nothing() {
    let house = House::demo();
    let before = house.uses().len();
    let staff = house.person("staff").to_owned();
    let chat_with = |key: &str| house.by_key(key).chat("kakuu-local", "要約してください");

    not_let_in(&house.anyone().chat("kakuu-local", "要約してください"));
    not_let_in(&chat_with("sekisho_0000000000000000000000000000000000000000000000000000000000000000"));
    not_let_in(&chat_with(""));
    // The hash that the register keeps is not the key.
    let keys = house.by("staff").get("/api/keys").ok();
    not_let_in(&chat_with(keys["keys"][0]["hash"].as_str().unwrap()));

    let now = house.installation().world.now();
    let late = house.issue_key(&staff, "expired", json!({ "valid_until": now - 1.second() }));
    not_let_in(&chat_with(&late));
    let early = house.issue_key(&staff, "not-yet-expired", json!({ "valid_until": now + 1.hour() }));
    assert_eq!(chat_with(&early).status, 200);

    let mine = house.by("admin").get("/api/keys").ok();
    let hash = sekisho_gate::identify::hash_of("not-yet-expired");
    let key = mine["keys"].as_array().unwrap().iter().find(|k| k["hash"] == hash).unwrap()["key"].clone();
    house.by("staff").command("key.revoke", &json!({ "key": key })).error(403, "NOT_ALLOWED");
    house.must("admin", "key.revoke", &json!({ "key": key }));
    not_let_in(&chat_with(&early));

    assert_eq!(chat_with(&house.demo.keys["staff"]).status, 200);
    house.must("admin", "person.leave", &json!({ "person": staff }));
    not_let_in(&chat_with(&house.demo.keys["staff"]));
    not_let_in(&house.by("staff").get("/v1/models"));
    assert_eq!(house.uses().len(), before + 2, "only the two that were let in are uses");
}

#[test]
fn a_key_is_shown_once_in_the_one_way_there_is() {
    let house = House::demo();
    let key = house.demo.keys["staff"].as_str();
    let request = || house.anyone().request("POST", CHAT);
    let body = chat("kakuu-local", "要約してください");
    for (header, value) in [
        ("authorization", format!("Basic {key}")),
        ("authorization", key.to_owned()),
        ("authorization", format!("Bearer{key}")),
        ("authorization", "Bearer ".to_owned()),
        ("authorization", format!("Bearer {key}x")),
        ("authorization", format!("Bearer x {key}")),
        ("x-api-key", key.to_owned()),
        ("api-key", key.to_owned()),
        ("cookie", format!("key={key}")),
    ] {
        not_let_in(&request().header(header, &value).json(&body).send());
    }
    not_let_in(&request().header_bytes("authorization", b"Bearer \xff\xfe").json(&body).send());
    not_let_in(&house.anyone().post(&format!("{CHAT}?key={key}"), &body));
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let reply = request().header("Authorization", &format!("{scheme} {key}")).json(&body).send();
        assert_eq!(reply.status, 200, "{scheme}: {}", reply.text());
    }
    // Two keys leave open whose request it is, even if one of them is good or both are the same.
    for other in ["Bearer nobody", &format!("Bearer {key}")] {
        let twice = request().header("authorization", &format!("Bearer {key}")).header("authorization", other);
        twice.json(&body).send().error(400, "DUPLICATE_HEADER");
    }
    assert_eq!(house.uses().len(), 3);
}

#[test]
fn the_list_of_models_is_what_the_caller_reaches() {
    let house = House::demo();
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(house.by("staff").models()), ["kakuu-cloud", "kakuu-local", "kakuu-open"]);
    assert_eq!(house.by("applicant").models(), Vec::<String>::new());
    let list = house.by("staff").get("/v1/models").ok();
    assert_eq!(list["object"], "list");
    for model in list["data"].as_array().unwrap() {
        assert_eq!(model["object"], "model");
        assert!(model["created"].is_u64() && model["owned_by"].is_string(), "{model}");
    }
    // A key bound to one permit reaches one service.
    let bound = json!({ "permit": house.permit("kakuu-local") });
    let bound = house.by_key(&house.issue_key(house.person("staff"), "bound", bound));
    assert_eq!(bound.models(), ["kakuu-local"]);
    // What is suspended or withdrawn is not on the list.
    house.must("manager", "permit.suspend", &json!({ "permit": house.permit("kakuu-local") }));
    assert_eq!(bound.models(), Vec::<String>::new());
    house.must("manager", "service.withdraw", &json!({ "service": "kakuu-open" }));
    assert_eq!(house.by("staff").models(), ["kakuu-cloud"]);
    // Who moves out of the range no longer reaches anything.
    let moved = json!({ "person": house.person("staff"), "department": "shinsa" });
    house.must("admin", "person.move", &moved);
    assert_eq!(house.by("staff").models(), Vec::<String>::new());
}
