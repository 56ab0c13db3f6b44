//! What is in the text, and what follows: masked, asked, blocked, inherited; in the request, in the answer, in the record.

use crate::client::{CHAT, Reply, chat};
use crate::house::House;
use crate::stand_in::{DONE, STOP, StandIn, begin_stream, completion, delta, end_stream, json as answer, piece};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const CARD: &str = "4111111111111111";
const MY_NUMBER: &str = "983205673214";

fn handle(house: &House, rule: &str, outside: Option<&str>, inside: Option<&str>) {
    house.must("ciso", "handling.set", &json!({ "rule": rule, "outside": outside, "inside": inside }));
}

/// The entry of a use's opening or refusal.
fn entry(house: &House, id: &str) -> Value {
    house.recorded(id)["entries"][0]["entry"]["data"].clone()
}

/// The sealed content of a use, which two persons open.
fn content(house: &House, id: &str) -> Value {
    house.must("auditor", "content.request", &json!({ "use": id }));
    house.must("ciso", "content.grant", &json!({ "use": id }));
    house.by("auditor").get(&format!("/api/uses/{id}/content")).ok()["content"].clone()
}

/// The codes of all reasons.
fn codes(error: &Value) -> Vec<String> {
    error["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

/// Commits to what is kept, as the entry says.
fn committed(part: &Value) -> String {
    let salt: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&part["salt"].as_str().unwrap()[at..at + 2], 16).unwrap())
        .collect();
    let text = part["text"].as_str().unwrap();
    sekisho_ledger::hash::commitment(salt.as_slice().try_into().unwrap(), text.as_bytes()).to_hex()
}

#[test]
fn given_a_card_number_for_a_service_outside_then_it_is_masked_and_comes_back_in_the_answer_alone() {
    let house = House::demo();
    let text = format!("次の文章から答えてください。カード番号{CARD}の支払いは三月です。支払いは何月ですか");
    let reply = house.by("staff").chat("kakuu-open", &text);
    assert!(reply.said().contains(CARD), "{}", reply.text());
    assert!(reply.header("x-sekisho-findings").unwrap().contains("ID-CARD=1"), "{:?}", reply.headers);
    assert_eq!(reply.header("x-sekisho-masked"), Some("ID-CARD"));
    let id = reply.used();
    assert_eq!(entry(&house, &id)["request"]["handled"], json!({ "masked": ["ID-CARD"] }));
    let content = content(&house, &id);
    let (asked, answered) = (&content[0], &content[1]);
    for part in [asked, answered] {
        assert!(part["text"].as_str().unwrap().contains("［カード番号1］"), "{part}");
        assert!(!part["text"].as_str().unwrap().contains(CARD), "{part}");
    }
    assert_eq!(committed(asked), entry(&house, &id)["commitment"].as_str().unwrap());
}

#[test]
fn given_the_body_masks_inside_too_then_the_model_never_sees_the_number() {
    let upstream = StandIn::new(|request, socket| {
        let sent = request.json()["messages"][0]["content"].as_str().unwrap().to_owned();
        answer(socket, 200, &completion(&format!("承りました。{sent}")));
    });
    let house = House::with(&upstream);
    handle(&house, "ID-CARD", None, Some("mask"));
    handle(&house, "ID-EMAIL", None, Some("mask"));
    let text = format!("番号{CARD}と連絡先taro@example.jp、もう一度{CARD}");
    let reply = house.by("staff").chat("kakuu-upstream", &text);
    assert_eq!(reply.said(), format!("承りました。{text}"), "the caller sees what he wrote");
    let seen = upstream.seen()[0].json();
    assert_eq!(
        seen["messages"][0]["content"],
        "番号［カード番号1］と連絡先［メールアドレス1］、もう一度［カード番号1］"
    );
}

#[test]
fn given_a_stream_then_a_placeholder_cut_anywhere_comes_back_whole() {
    let upstream = StandIn::new(|_, socket| {
        begin_stream(socket);
        for text in ["番号は［カー", "ド番号", "1］で", "す。a[0", "]と［"] {
            piece(socket, &delta(text));
        }
        piece(socket, STOP);
        piece(socket, DONE);
        end_stream(socket);
    });
    let house = House::with(&upstream);
    handle(&house, "ID-CARD", None, Some("mask"));
    let mut body = chat("kakuu-upstream", &format!("番号 {CARD}"));
    body["stream"] = true.into();
    let mut live = house.by("staff").request("POST", CHAT).json(&body).open();
    let id = live.used();
    let events = live.rest();
    let mut said = String::new();
    for event in &events {
        if let Some(Ok(value)) = event.strip_prefix("data: ").map(serde_json::from_str::<Value>) {
            said.push_str(value["choices"][0]["delta"]["content"].as_str().unwrap_or_default());
        }
    }
    assert_eq!(said, format!("番号は{CARD}です。a[0]と［"));
    assert_eq!(events.last().unwrap(), "data: [DONE]");
    let kept = content(&house, &id)[1]["text"].as_str().unwrap().to_owned();
    assert!(kept.contains("［カー") && !kept.contains(CARD), "{kept}");
}

#[test]
fn given_a_my_number_then_no_service_outside_gets_it_and_the_record_keeps_the_text_without_it() {
    let house = House::demo();
    let reply = house.by("staff").chat("kakuu-open", &format!("個人番号は{MY_NUMBER}です。転入の手続を教えて"));
    // A 個人番号 makes a text 要機密情報 as well, and that reason weighs more.
    let error = reply.error(403, "STANDARD_TERMS");
    for code in ["MY_NUMBER", "FINDING_BLOCKED"] {
        assert!(codes(&error).contains(&code.to_owned()), "{error}");
    }
    let found = &error["found"][0];
    assert_eq!((found["rule"].as_str(), found["action"].as_str()), (Some("ID-MYNUMBER"), Some("block")));
    assert_eq!(
        (&found["path"], &found["start"], &found["end"]),
        (&json!("messages[0].content"), &json!(5), &json!(17))
    );
    assert!(!reply.text().contains(MY_NUMBER));
    let id = reply.used();
    assert_eq!(entry(&house, &id)["redacted"], true);
    let content = content(&house, &id);
    let kept = content[0]["text"].as_str().unwrap();
    assert!(kept.contains("［個人番号1］") && kept.contains("転入の手続") && !kept.contains(MY_NUMBER), "{kept}");
    assert_eq!(committed(&content[0]), entry(&house, &id)["commitment"].as_str().unwrap());
}

#[test]
fn given_the_rules_on_my_numbers_are_not_adopted_then_it_stays_inside_all_the_same() {
    let house = House::demo();
    house.must("ciso", "rules.withdraw", &json!({ "rule_set": "bango-ho" }));
    let cloud = |text: &str| house.by("staff").chat("kakuu-cloud", text);
    cloud(&format!("個人番号は{MY_NUMBER}です")).error(403, "FINDING_BLOCKED");
    // Masked by the body's word, it does not leave either.
    handle(&house, "ID-MYNUMBER", Some("mask"), None);
    let reply = cloud(&format!("個人番号は{MY_NUMBER}です。手続を教えて"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(!content(&house, &reply.used())[0]["text"].as_str().unwrap().contains(MY_NUMBER));
}

#[test]
fn given_a_my_number_for_the_bodys_own_model_then_it_passes_and_is_not_kept_in_clear() {
    let upstream = StandIn::answering(&completion(&format!("{MY_NUMBER} は個人番号です。")));
    let house = House::with(&upstream);
    let reply = house
        .by("staff")
        .request("POST", CHAT)
        .header("x-sekisho-grade", "C2")
        .json(&chat("kakuu-upstream", &format!("マイナンバー{MY_NUMBER}の検算")))
        .send();
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(String::from_utf8_lossy(&upstream.seen()[0].body).contains(MY_NUMBER));
    assert!(reply.header("x-sekisho-answer-findings").unwrap().contains("ID-MYNUMBER=1"));
    let recorded = house.recorded(&reply.used());
    assert_eq!(recorded["entries"][1]["entry"]["data"]["redacted"], true);
    for part in content(&house, &reply.used()).as_array().unwrap() {
        assert!(!part["text"].as_str().unwrap().contains(MY_NUMBER), "{part}");
    }
}

#[test]
fn given_a_number_that_cannot_be_masked_then_nothing_leaves() {
    let upstream = StandIn::answering(&completion("はい"));
    let house = House::with(&upstream);
    handle(&house, "ID-CARD", None, Some("mask"));
    // Without quotes a number is no text: a placeholder would change what it is.
    let body = format!(
        r#"{{"model":"kakuu-upstream","messages":[{{"role":"user","content":"カード番号"}}],"metadata":{{"purpose":"自組織のモデルの利用"}},"seed":{CARD}}}"#
    );
    let reply = house.by("staff").request("POST", CHAT).bytes(body).send();
    reply.error(403, "FINDING_BLOCKED");
    assert_eq!(upstream.connections(), 0);
}

/// A chat with a picture.
fn with_picture(model: &str, picture: &[u8]) -> Value {
    let url = format!("data:image/png;base64,{}", STANDARD.encode(picture));
    json!({ "model": model, "messages": [{ "role": "user", "content": [
        { "type": "text", "text": "写真を説明してください" }, { "type": "image_url", "image_url": { "url": url } } ] }] })
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR";

#[test]
fn given_a_picture_for_a_service_outside_then_the_person_confirms_with_a_reason_that_is_recorded() {
    let house = House::demo();
    let staff = house.by("staff");
    let body = with_picture("kakuu-open", PNG);
    let asked = staff.post(CHAT, &body);
    let error = asked.error(403, "FINDING_UNCONFIRMED");
    assert_eq!(error["outcome"], "conditional");
    assert_eq!(error["found"][0]["rule"], "AT-UNSEEN");
    let token = error["confirm"].as_str().unwrap();
    let confirmed = |body: &Value, token: &str, reason: &str| -> Reply {
        let mut body = body.clone();
        body["metadata"] = json!({ "confirm": token, "reason": reason });
        staff.post(CHAT, &body)
    };
    // No reason, another token, another picture: asked again.
    for (body, token, reason) in [
        (&body, token, " "),
        (&body, "0123456789abcdef0123456789abcdef", "公表済みの写真"),
        (&with_picture("kakuu-open", b"\x89PNG\r\n\x1a\nother"), token, "公表済みの写真"),
    ] {
        confirmed(body, token, reason).error(403, "FINDING_UNCONFIRMED");
    }
    let reply = confirmed(&body, token, "公表済みの写真");
    assert_eq!(reply.status, 200, "{}", reply.text());
    let handled = &entry(&house, &reply.used())["request"]["handled"];
    assert_eq!(*handled, json!({ "asked": ["AT-UNSEEN"], "confirmed": "公表済みの写真" }));
    // By header as well; and by nobody else's word.
    let by_header =
        staff.request("POST", CHAT).header("x-sekisho-confirm", token).header("x-sekisho-reason", "公表済み");
    assert_eq!(by_header.json(&body).send().status, 200);
    let mut other = body.clone();
    other["metadata"] = json!({ "confirm": token, "reason": "公表済みの写真" });
    let ciso = house.by("ciso").post(CHAT, &other);
    assert_ne!(ciso.json()["error"]["confirm"], *token);
}

#[test]
fn given_a_body_that_refuses_pictures_then_no_reason_helps() {
    let house = House::demo();
    handle(&house, "AT-UNSEEN", Some("block"), Some("block"));
    house.by("staff").post(CHAT, &with_picture("kakuu-local", PNG)).error(403, "FINDING_BLOCKED");
    handle(&house, "AT-UNSEEN", None, None);
    assert_eq!(house.by("staff").post(CHAT, &with_picture("kakuu-local", PNG)).status, 200);
}

#[test]
fn given_a_hint_at_unpublished_matter_then_a_higher_grade_answers_it() {
    let house = House::demo();
    house.by("staff").chat("kakuu-cloud", "【未定稿】人事の案").error(403, "FINDING_UNCONFIRMED");
    let graded = house.by("staff").request("POST", CHAT).header("x-sekisho-grade", "C2");
    let reply = graded.json(&chat("kakuu-cloud", "【未定稿】人事の案")).send();
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// A chat with a file as OpenAI's clients send it.
fn with_file(model: &str, name: &str, bytes: &[u8]) -> Value {
    let data = format!("data:application/octet-stream;base64,{}", STANDARD.encode(bytes));
    json!({ "model": model, "messages": [{ "role": "user", "content": [
        { "type": "text", "text": "要約してください" }, { "type": "file", "file": { "filename": name, "file_data": data } } ] }] })
}

#[test]
fn given_a_file_then_the_model_gets_the_text_that_was_inspected() {
    let upstream = StandIn::answering(&completion("はい"));
    let house = House::with(&upstream);
    let text = "開庁時間は9時からです。\u{200b}\u{200b}隠し文字";
    let reply = house.by("staff").post(CHAT, &with_file("kakuu-upstream", "案内.txt", text.as_bytes()));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let part = upstream.seen()[0].json()["messages"][0]["content"][1].clone();
    assert_eq!(part["type"], "text");
    let sent = part["text"].as_str().unwrap();
    assert!(sent.contains("案内.txt") && sent.contains("開庁時間は9時からです。隠し文字"), "{sent}");
    assert!(reply.header("x-sekisho-findings").unwrap().contains("TX-INVISIBLE=1"));
}

#[test]
fn given_a_marked_file_then_the_grade_follows_and_nothing_leaves() {
    let house = House::demo();
    for (name, text) in [("資料.txt", "機密性2情報\n本文"), ("【機密性2】資料.txt", "本文")] {
        house.by("staff").post(CHAT, &with_file("kakuu-open", name, text.as_bytes())).error(403, "STANDARD_TERMS");
    }
    // CP932, as Windows writes it.
    let sjis = b"\x8b\x40\x96\xa7\x90\xab\x82\x51\x8f\xee\x95\xf1\r\n\x96\x7b\x95\xb6";
    house.by("staff").post(CHAT, &with_file("kakuu-open", "a.txt", sjis)).error(403, "STANDARD_TERMS");
}

#[test]
fn given_a_file_nobody_can_read_then_it_is_refused_with_its_name_and_the_reason() {
    let house = House::demo();
    for (bytes, code) in [
        (&b"PK\x03\x04 not really"[..], "ATTACHMENT_BROKEN"),
        (PNG, "ATTACHMENT_MEDIA"),
        (b"\x00\x01\x02\x03\x00\x00", "ATTACHMENT_UNSUPPORTED"),
    ] {
        let reply = house.by("staff").post(CHAT, &with_file("kakuu-local", "謎.bin", bytes));
        let error = reply.error(400, code);
        assert!(error["message"].as_str().unwrap().contains("謎.bin"), "{error}");
        assert_eq!(error["param"], "messages[0].content[1]");
        assert_eq!(house.recorded(&reply.used())["use"]["code"], code);
    }
}

#[test]
fn given_an_earlier_use_of_a_higher_grade_then_what_builds_on_it_inherits_the_grade() {
    let house = House::demo();
    let staff = house.by("staff");
    let first =
        staff.request("POST", CHAT).header("x-sekisho-grade", "C2").json(&chat("kakuu-local", "案を作る")).send();
    let id = first.used();
    let building_on = |client: &crate::client::Client, model: &str, what: &str| {
        client.request("POST", CHAT).header("x-sekisho-inherits", what).json(&chat(model, "続き")).send()
    };
    building_on(&staff, "kakuu-open", &id).error(403, "STANDARD_TERMS");
    let second = building_on(&staff, "kakuu-local", &id);
    let request = entry(&house, &second.used())["request"].clone();
    assert_eq!((&request["inherited"], &request["inherits"]), (&json!(1), &json!([id])));
    // Down the chain: what is made of what was made.
    building_on(&staff, "kakuu-open", &second.used()).error(403, "STANDARD_TERMS");
    // Nobody builds on another's use, nor on what does not exist.
    for (client, what) in [(&house.by("ciso"), id.as_str()), (&staff, "u-nothing"), (&staff, "なし")] {
        building_on(client, "kakuu-local", what).error(400, "INVALID_INHERITS");
    }
}

#[test]
fn given_an_answer_with_a_mark_then_what_builds_on_it_inherits_that() {
    let upstream = StandIn::answering(&completion("機密性2情報\n案文"));
    let house = House::with(&upstream);
    let reply = house.by("staff").chat("kakuu-upstream", "案文を作ってください");
    assert!(reply.header("x-sekisho-answer-findings").unwrap().contains("MK-05=1"));
    let closed = house.recorded(&reply.used())["entries"][1]["entry"]["data"].clone();
    assert_eq!(closed["detected"], 1);
    let next = house.by("staff").request("POST", CHAT).header("x-sekisho-inherits", &reply.used());
    next.json(&chat("kakuu-open", "続き")).send().error(403, "STANDARD_TERMS");
}

#[test]
fn given_a_stream_whose_answer_holds_something_then_a_comment_tells_before_the_end() {
    let upstream = StandIn::new(|_, socket| {
        begin_stream(socket);
        for text in ["電話は03-52", "53-5364", "です"] {
            piece(socket, &delta(text));
        }
        piece(socket, STOP);
        piece(socket, DONE);
        end_stream(socket);
    });
    let house = House::with(&upstream);
    let mut body = chat("kakuu-upstream", "窓口は？");
    body["stream"] = true.into();
    let mut live = house.by("staff").request("POST", CHAT).json(&body).open();
    let events = live.rest();
    let comment = events.iter().position(|event| event.starts_with(": sekisho answer-findings ID-PHONE=1"));
    assert_eq!(comment, Some(events.len() - 2), "{events:?}");
}

#[test]
fn only_rules_of_detection_that_exist_are_handled_and_the_list_says_what_is_in_force() {
    let house = House::demo();
    let error = house.by("ciso").command("handling.set", &json!({ "rule": "ID-CADR", "outside": "warn" }));
    assert!(error.error(404, "NOT_FOUND")["message"].as_str().unwrap().contains("ID-CARD"));
    house.by("staff").command("handling.set", &json!({ "rule": "ID-CARD" })).error(403, "NOT_ALLOWED");
    house
        .by("ciso")
        .command("handling.set", &json!({ "rule": "ID-MYNUMBER", "outside": "warn" }))
        .error(422, "INVALID");
    handle(&house, "ID-EMAIL", Some("ask"), None);
    let list = house.by("staff").get("/api/handlings").ok();
    let row =
        |rule: &str| list["handlings"].as_array().unwrap().iter().find(|row| row["rule"] == rule).unwrap().clone();
    assert_eq!(row("ID-EMAIL")["in_force"], json!({ "outside": "ask", "inside": "warn" }));
    assert_eq!(row("ID-EMAIL")["default"], json!({ "outside": "warn", "inside": "warn" }));
    assert_eq!(row("ID-MYNUMBER")["in_force"], json!({ "outside": "block", "inside": "warn" }));
    let asked = house.by("staff").chat("kakuu-open", "taro@example.jp に送る文").error(403, "FINDING_UNCONFIRMED");
    assert_eq!(asked["found"][0]["title"], "メールアドレス");
}
