//! What a request says of itself: its grade, its permit, its purpose. It may narrow, never widen.

use crate::client::{CHAT, Reply, Request, chat};
use crate::house::House;
use serde_json::{Value, json};

fn ask(house: &House, model: &str) -> Request {
    house.by("staff").request("POST", CHAT).json(&chat(model, "資料を要約してください"))
}

fn with_metadata(house: &House, model: &str, metadata: Value) -> Reply {
    let mut body = chat(model, "資料を要約してください");
    body["metadata"] = metadata;
    house.by("staff").post(CHAT, &body)
}

#[test]
fn the_grade_is_declared_by_header_by_metadata_or_by_the_key() {
    let house = House::demo();
    let declared = |id: &str| house.recorded(id)["entries"][0]["entry"]["data"]["request"].clone();

    let reply = ask(&house, "kakuu-open").send();
    assert_eq!(reply.status, 200);
    let request = declared(&reply.used());
    assert_eq!((&request["declared"], &request["declared_by"]), (&json!(0), &json!("key")));

    for grade in ["C2", "c2", "2", "機密性2", "機密性2情報", " C2 "] {
        let reply = ask(&house, "kakuu-open").header("x-sekisho-grade", grade).send();
        reply.error(403, "STANDARD_TERMS");
        let request = declared(&reply.used());
        assert_eq!((&request["declared"], &request["declared_by"]), (&json!(1), &json!("header")), "{grade}");

        let reply = with_metadata(&house, "kakuu-open", json!({ "grade": grade }));
        reply.error(403, "STANDARD_TERMS");
        assert_eq!(declared(&reply.used())["declared_by"], "metadata", "{grade}");
    }
    // Two declarations that differ: the higher counts, whichever place it stands in.
    let mut body = chat("kakuu-open", "資料を要約してください");
    body["metadata"] = json!({ "grade": "C2" });
    let both = house.by("staff").request("POST", CHAT).header("x-sekisho-grade", "C1").json(&body).send();
    both.error(403, "STANDARD_TERMS");
    assert_eq!(declared(&both.used())["declared_by"], "metadata");
    body["metadata"] = json!({ "grade": "C1" });
    let both = house.by("staff").request("POST", CHAT).header("x-sekisho-grade", "C1").json(&body).send();
    assert_eq!((both.status, declared(&both.used())["declared_by"].clone()), (200, json!("header")));

    // Up to its ceiling a permit carries a declared grade, and no further.
    assert_eq!(ask(&house, "kakuu-local").header("x-sekisho-grade", "C2").send().status, 200);
    let above = ask(&house, "kakuu-local").header("x-sekisho-grade", "C3").send();
    assert_eq!(above.status, 403, "{}", above.text());
    // What was found counts though less was declared.
    let marked = chat("kakuu-open", "【機密性2情報】資料");
    let lowered = house.by("staff").request("POST", CHAT).header("x-sekisho-grade", "C1").json(&marked).send();
    lowered.error(403, "STANDARD_TERMS");

    // A key that carries a grade declares it for every request that says nothing.
    let key = house.issue_key(house.person("staff"), "graded", json!({ "declared": 1 }));
    house.by_key(&key).chat("kakuu-open", "資料").error(403, "STANDARD_TERMS");
    assert_eq!(house.by_key(&key).chat("kakuu-local", "資料").status, 200);
}

#[test]
fn a_grade_or_permit_that_cannot_be_read_refuses_the_request_and_is_recorded() {
    let house = House::demo();
    let staff = || house.by("staff").request("POST", CHAT);
    let body = chat("kakuu-local", "資料を要約してください");
    let long = "x".repeat(1_001);
    let mut expected = Vec::new();
    let mut note = |reply: Reply, code: &str, param: &str| {
        let error = reply.error(400, code);
        assert_eq!(error["param"], param, "{error}");
        assert_eq!(error["use"], reply.used());
        house.refusal(&reply.used(), code);
        expected.push(code.to_owned());
    };
    for grade in ["C9", "機密性9", "極秘", "", "C1,C2", "-1", "0"] {
        note(staff().header("x-sekisho-grade", grade).json(&body).send(), "INVALID_GRADE", "grade");
        note(with_metadata(&house, "kakuu-local", json!({ "grade": grade })), "INVALID_GRADE", "grade");
    }
    for permit in ["", "承認", "A B", &"p".repeat(200)] {
        note(staff().header("x-sekisho-permit", permit).json(&body).send(), "INVALID_PERMIT", "permit");
        note(with_metadata(&house, "kakuu-local", json!({ "permit": permit })), "INVALID_PERMIT", "permit");
    }
    for name in ["x-sekisho-grade", "x-sekisho-permit", "x-sekisho-purpose"] {
        for values in [["C1", "C1"], ["C1", "C2"]] {
            let twice = staff().header(name, values[0]).header(&name.to_uppercase(), values[1]).json(&body).send();
            note(twice, "DUPLICATE_HEADER", name);
        }
        note(staff().header(name, &long).json(&body).send(), "INVALID_HEADER", name);
        note(staff().header_bytes(name, b"\xff\xfe").json(&body).send(), "INVALID_HEADER", name);
    }
    let recorded: Vec<String> = house.uses().iter().rev().map(|row| row["code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(recorded, expected, "each once, in order");
}

/// Values in `metadata` are texts; something else under a name that narrows must not count as nothing said.
#[test]
fn a_grade_in_metadata_that_is_no_text_is_not_passed_over() {
    let house = House::demo();
    for grade in [json!(2), json!(["C2"]), json!({ "grade": "C2" }), json!(true)] {
        let reply = with_metadata(&house, "kakuu-open", json!({ "grade": grade }));
        assert_eq!(reply.status, 400, "`{grade}` was taken for no grade: {}", reply.text());
        assert_eq!(reply.error(400, "INVALID_FIELD")["param"], "metadata.grade");
        house.refusal(&reply.used(), "INVALID_FIELD");
    }
}

#[test]
fn a_request_narrows_its_permit_and_cannot_widen_it() {
    let house = House::demo();
    let (local, cloud) = (house.permit("kakuu-local").to_owned(), house.permit("kakuu-cloud").to_owned());
    let named = |model: &str, permit: &str| ask(&house, model).header("x-sekisho-permit", permit).send();
    let permit_of = |reply: &Reply| house.recorded(&reply.used())["use"]["permit"].clone();

    let reply = named("kakuu-local", &local);
    assert_eq!((reply.status, permit_of(&reply)), (200, json!(local)));
    let reply = with_metadata(&house, "kakuu-local", json!({ "permit": local }));
    assert_eq!((reply.status, permit_of(&reply)), (200, json!(local)));
    // Another permit than the one for this service, or one that does not exist, is not replaced by a better one.
    assert_eq!(named("kakuu-cloud", &local).error(403, "NO_APPROVAL")["reasons"][0]["rule"], "TK-R3-422-2b-SV");
    assert_eq!(named("kakuu-local", "pm-nobody").status, 403);
    assert_eq!(named("kakuu-open", "pm-nobody").error(403, "NO_APPROVAL")["reasons"][0]["rule"], "TK-R3-422-2b");

    // A key bound to a permit stays within it.
    let secret = house.issue_key(house.person("staff"), "bound-to-local", json!({ "permit": local }));
    let bound = house.by_key(&secret);
    let with = |permit: &str| {
        bound.request("POST", CHAT).header("x-sekisho-permit", permit).json(&chat("kakuu-cloud", "資料")).send()
    };
    let reply = with(&cloud);
    reply.error(400, "PERMIT_NOT_OF_KEY");
    house.refusal(&reply.used(), "PERMIT_NOT_OF_KEY");
    let mut body = chat("kakuu-cloud", "資料");
    body["metadata"] = json!({ "permit": cloud });
    bound.post(CHAT, &body).error(400, "PERMIT_NOT_OF_KEY");
    bound.chat("kakuu-cloud", "資料").error(403, "NO_APPROVAL");
    with(&local).error(403, "NO_APPROVAL");
    assert_eq!(bound.chat("kakuu-local", "資料").status, 200);

    // Somebody else's permit does not carry over.
    let other = house.by("applicant").request("POST", CHAT).header("x-sekisho-permit", &cloud);
    assert_eq!(other.json(&chat("kakuu-cloud", "資料")).send().status, 403);

    // A purpose other than the approved one is not covered.
    let purpose = |text: &str| ask(&house, "kakuu-cloud").header("x-sekisho-purpose", text).send();
    assert_eq!(purpose("会議資料と議事録の作成").status, 200);
    purpose("人事評価の作成").error(403, "NO_APPROVAL");
    let named =
        ask(&house, "kakuu-cloud").header("x-sekisho-permit", &cloud).header("x-sekisho-purpose", "人事評価の作成");
    assert_eq!(named.send().error(403, "NO_APPROVAL")["reasons"][0]["rule"], "TK-R3-422-2b-PU");
    assert_eq!(with_metadata(&house, "kakuu-cloud", json!({ "purpose": "人事評価の作成" })).status, 403);
}
