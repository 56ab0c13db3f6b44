//! Files that are uploaded once and named later: examined first, graded, private, and gone after a while.

use crate::client::{CHAT, Client, Reply};
use crate::house::House;
use crate::stand_in::{StandIn, completion};
use serde_json::{Value, json};

const MY_NUMBER: &str = "983205673214";

fn upload(client: &Client, path: &'static str, name: &str, bytes: &[u8], grade: Option<&str>) -> Reply {
    let mut form = Vec::new();
    if let Some(grade) = grade {
        form.extend(format!("--b\r\ncontent-disposition: form-data; name=\"grade\"\r\n\r\n{grade}\r\n").bytes());
    }
    let head = format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    form.extend(head.bytes());
    form.extend_from_slice(bytes);
    form.extend_from_slice(b"\r\n--b--\r\n");
    client.request("POST", path).header("content-type", "multipart/form-data; boundary=b").bytes(form).send()
}

fn naming(model: &str, id: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": [
        { "type": "text", "text": "要約してください" }, { "type": "file", "file": { "file_id": id } } ] }] })
}

#[test]
fn a_file_is_examined_before_anything_is_done_with_it_and_its_text_goes_to_the_model() {
    let upstream = StandIn::answering(&completion("はい"));
    let house = House::with(&upstream);
    let staff = house.by("staff");
    let text = "一行目\n連絡先 taro@example.jp\n";
    for path in ["/api/files", "/v1/files"] {
        let file = upload(&staff, path, "名簿.txt", text.as_bytes(), None).ok();
        assert_eq!((&file["object"], &file["filename"]), (&json!("file"), &json!("名簿.txt")));
        assert_eq!(file["grade"]["code"], "C1");
        let found = &file["found"][0];
        assert_eq!((&found["rule"], &found["line"], &found["part"]), (&json!("ID-EMAIL"), &json!(2), &json!("text")));
        assert!(file.get("text").is_none(), "the list of what was found needs no text");
        let id = file["id"].as_str().unwrap();
        assert_eq!(staff.get(&format!("{path}/{id}")).ok()["text"].as_str().unwrap().trim(), text.trim());
        let reply = staff.post(CHAT, &naming("kakuu-upstream", id));
        assert_eq!(reply.status, 200, "{}", reply.text());
        let sent = upstream.seen().last().unwrap().json()["messages"][0]["content"][1]["text"].clone();
        assert!(sent.as_str().unwrap().contains("連絡先 taro@example.jp"), "{sent}");
        let request = house.recorded(&reply.used())["entries"][0]["entry"]["data"]["request"].clone();
        assert_eq!(request["inherits"], json!([id]));
    }
    let list = staff.get("/v1/files").ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
}

#[test]
fn whatever_is_made_of_a_file_inherits_its_grade() {
    let house = House::demo();
    let staff = house.by("staff");
    for (name, text, grade) in
        [("a.txt", "本文", Some("C2")), ("a.txt", "機密性2情報\n本文", None), ("【機密性2】a.txt", "本文", None)]
    {
        let file = upload(&staff, "/api/files", name, text.as_bytes(), grade).ok();
        assert_eq!(file["grade"]["code"], "C2", "{name} {text}");
        let id = file["id"].as_str().unwrap();
        staff.post(CHAT, &naming("kakuu-open", id)).error(403, "STANDARD_TERMS");
        assert_eq!(staff.post(CHAT, &naming("kakuu-local", id)).status, 200);
        let inherits = staff.request("POST", CHAT).header("x-sekisho-inherits", id);
        inherits.json(&crate::client::chat("kakuu-open", "続き")).send().error(403, "STANDARD_TERMS");
    }
}

#[test]
fn a_file_is_its_owners_alone_until_it_is_destroyed_or_expires() {
    let house = House::build(|config| config.keep_files = jiff::SignedDuration::from_millis(1_500), None);
    let (staff, other) = (house.by("staff"), house.by("approver"));
    let id = |reply: Reply| reply.ok()["id"].as_str().unwrap().to_owned();
    let file = id(upload(&staff, "/api/files", "a.txt", b"text", None));
    let path = format!("/api/files/{file}");
    other.get(&path).error(404, "NOT_FOUND");
    other.request("DELETE", &path).send().error(404, "NOT_FOUND");
    other.post(CHAT, &naming("kakuu-local", &file)).error(404, "FILE_NOT_FOUND");
    assert_eq!(staff.request("DELETE", &path).send().ok()["deleted"], true);
    staff.get(&path).error(404, "NOT_FOUND");
    staff.post(CHAT, &naming("kakuu-local", &file)).error(404, "FILE_NOT_FOUND");

    let file = id(upload(&staff, "/api/files", "b.txt", b"text", None));
    std::thread::sleep(std::time::Duration::from_millis(1_700));
    staff.get(&format!("/api/files/{file}")).error(404, "NOT_FOUND");
    assert_eq!(staff.get("/api/files").ok()["data"], json!([]));
    // The next upload sweeps what has expired out of the database.
    upload(&staff, "/api/files", "c.txt", b"text", None).ok();
    assert_eq!(house.database.number("SELECT count(*) FROM file"), 1);
}

#[test]
fn a_my_number_is_told_and_not_kept_and_a_designated_secret_is_turned_away() {
    let house = House::demo();
    let staff = house.by("staff");
    let text = format!("申請者の個人番号は{MY_NUMBER}です。");
    let file = upload(&staff, "/api/files", "申請.txt", text.as_bytes(), None).ok();
    assert_eq!(file["found"][0]["rule"], "ID-MYNUMBER");
    assert_eq!(file["grade"]["code"], "C2");
    let kept = staff.get(&format!("/api/files/{}", file["id"].as_str().unwrap())).ok();
    assert!(!kept.to_string().contains(MY_NUMBER) && kept["text"].as_str().unwrap().contains("［個人番号］"), "{kept}");

    let reply = upload(&staff, "/api/files", "a.txt", "【特定秘密】\n本文".as_bytes(), None);
    reply.error(403, "INFO_OUT_OF_SCOPE");
    assert_eq!(house.recorded(&reply.used())["use"]["endpoint"], "files");
    assert_eq!(staff.get("/api/files").ok()["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_form_that_is_none_says_what_would_be_one() {
    let house = House::demo();
    let staff = house.by("staff");
    let post =
        |kind: &str, body: &str| staff.request("POST", "/api/files").header("content-type", kind).bytes(body).send();
    for (kind, body) in [
        ("application/json", "{}"),
        ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=b", "x"),
        ("multipart/form-data; boundary=b", "--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\ny\r\n--b--\r\n"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\ny",
        ),
    ] {
        let error = post(kind, body).error(400, "INVALID_FORM");
        assert!(
            error["message"].as_str().unwrap().contains("ファイル")
                || error["message"].as_str().unwrap().contains("フォーム"),
            "{error}"
        );
    }
    upload(&staff, "/api/files", "a.txt", b"text", Some("極上")).error(400, "INVALID_GRADE");
    let broken = upload(&staff, "/api/files", "壊れた.docx", b"PK\x03\x04xx", None);
    assert!(broken.error(400, "ATTACHMENT_BROKEN")["message"].as_str().unwrap().contains("壊れた.docx"));
    staff.get("/api/files/file-nothing").error(404, "NOT_FOUND");
}
