//! Chat at a browser: what is sent, refused, masked, confirmed, kept, shown and taken away as a file.

use crate::browser::Browser;
use crate::client::{PATIENCE, Reply};
use crate::house::House;
use crate::stand_in::{DONE, STOP, StandIn, begin_stream, completion, delta, end_stream, json as answer, piece};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const MY_NUMBER: &str = "983205673214";
const MODEL: &str = "kakuu-upstream";

/// Repeats what was said last, with the number of messages before it.
fn echo() -> StandIn {
    StandIn::new(|request, socket| {
        let sent = request.json();
        let messages = sent["messages"].as_array().unwrap();
        let said = messages.last().unwrap()["content"].to_string();
        answer(socket, 200, &completion(&format!("{} 件目: {said}", messages.len())));
    })
}

type Fields = BTreeMap<String, String>;

fn unescaped(text: &str) -> String {
    text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    Some(unescaped(tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0))
}

/// The fields of a form as a browser would send them, and where.
#[track_caller]
fn form(page: &str, kind: &str) -> (String, Fields) {
    let form = page.split("<form").find(|form| form.contains(&format!("data-send=\"{kind}\"")));
    let form = form.unwrap_or_else(|| panic!("no form {kind}: {page}")).split("</form>").next().unwrap();
    let mut fields = Fields::new();
    for tag in form.split("<input ").skip(1).map(|tag| format!(" {}", tag.split('>').next().unwrap())) {
        let chosen = match attribute(&tag, "type").as_deref() {
            Some("radio" | "checkbox") => tag.ends_with(" checked") || tag.contains(" checked "),
            Some("file") => false,
            _ => true,
        };
        if let (true, Some(name)) = (chosen, attribute(&tag, "name")) {
            fields.insert(name, attribute(&tag, "value").unwrap_or_default());
        }
    }
    for area in form.split("<textarea ").skip(1) {
        let name = attribute(&format!(" {area}"), "name").unwrap();
        let text = area.split_once(">\n").unwrap().1.split("</textarea>").next().unwrap();
        fields.insert(name, unescaped(text));
    }
    for select in form.split("<select ").skip(1) {
        let name = attribute(&format!(" {select}"), "name").unwrap();
        fields.insert(name, attribute(select.split("<option").nth(1).unwrap(), "value").unwrap());
    }
    (attribute(form, "action").unwrap(), fields)
}

fn list(fields: &Fields) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn way(house: &House, model: &str) -> String {
    format!("{}~{model}", house.permit(model))
}

/// Sends a form of the page with these fields changed.
#[track_caller]
fn send(browser: &mut Browser, page: &str, kind: &str, changed: &[(&str, &str)]) -> Reply {
    let (action, mut fields) = form(page, kind);
    fields.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    browser.post(&action, &list(&fields))
}

/// Begins a conversation; the page that stands there then.
#[track_caller]
pub(crate) fn began(browser: &mut Browser, house: &House, model: &str, text: &str) -> (String, String) {
    let page = browser.get("/chat").text();
    let reply = send(browser, &page, "compose", &[("text", text), ("way", &way(house, model))]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let to = reply.header("location").unwrap().to_owned();
    let page = browser.get(to.split('#').next().unwrap());
    assert_eq!(page.status, 200);
    (to.split('?').next().unwrap().to_owned(), page.text())
}

fn uses_in(page: &str) -> Vec<String> {
    let after = page.split("利用の番号 <code>").skip(1);
    after.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[test]
fn one_conversation_from_the_first_word_to_its_end() {
    let upstream = echo();
    let house = House::with_accounts_before(&upstream);
    let mut staff = Browser::signed_in(&house, "staff");
    let (path, page) = began(&mut staff, &house, MODEL, "会議の案内文を\n書いてください");
    assert!(page.contains("会議の案内文を\n書いてください") && page.contains("1 件目"), "{page}");
    assert!(page.contains("<title>会議の案内文を — 関所"), "{page}");
    let first = uses_in(&page)[0].clone();
    assert_eq!(form(&staff.get("/chat").text(), "compose").1["way"], way(&house, MODEL), "the work of last time");

    // What follows builds on what was said, and names the use before it.
    let reply = send(&mut staff, &page, "compose", &[("text", "もっと短く")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = staff.get(reply.header("location").unwrap().split('#').next().unwrap()).text();
    assert!(page.contains("3 件目"), "{page}");
    let second = uses_in(&page)[1].clone();
    let request = house.recorded(&second)["entries"][0]["entry"]["data"]["request"].clone();
    assert_eq!(request["inherits"], json!([first]), "{request}");
    assert_eq!((&request["app"], &request["permit"]), (&json!("chat"), &json!(house.permit(MODEL))), "{request}");
    assert_eq!(request["purpose"], "自組織のモデルの利用");

    // Written anew, the question has two versions; the first is one link away.
    let edited = staff.get(&format!("{path}?edit=2")).text();
    assert!(edited.contains("もっと短く</textarea>"), "{edited}");
    let reply = send(&mut staff, &edited, "compose", &[("text", "もっと長く")]);
    let page = staff.get(reply.header("location").unwrap().split('#').next().unwrap()).text();
    assert!(page.contains("もっと長く") && !page.contains("もっと短く") && page.contains("版 2 / 2"), "{page}");
    let earlier = page.split(">前の版<").next().unwrap().rsplit("href=\"").next().unwrap();
    let before = staff.get(&unescaped(earlier.split('#').next().unwrap())).text();
    assert!(before.contains("もっと短く") && before.contains(">次の版<"), "{before}");

    // Answered once more, the answer has two versions, under the same question.
    let reply = send(&mut staff, &page, "again", &[]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    assert_eq!(upstream.seen().last().unwrap().json()["messages"].as_array().unwrap().len(), 1);

    // It is found by what was said in it, renamed and deleted.
    assert!(staff.get("/chat/history?q=%E3%82%82%E3%81%A3%E3%81%A8%E7%9F%AD%E3%81%8F").text().contains(&path));
    let nothing = staff.get("/chat/history?q=%E3%81%AA%E3%81%84").text();
    assert!(!nothing.contains(&path) && nothing.contains("name=\"q\" type=\"search\" value=\"ない\""), "{nothing}");
    let reply = staff.submit(&format!("{path}/rename"), &[("title", "")]);
    assert_eq!(reply.status, 422);
    assert_eq!(staff.submit(&format!("{path}/rename"), &[("title", "案内文")]).status, 303);
    assert!(staff.get("/chat/history").text().contains("案内文"));
    assert!(staff.get(&format!("{path}/delete")).text().contains("元に戻せません"));
    let reply = staff.submit(&format!("{path}/delete"), &[]);
    assert_eq!(reply.header("location"), Some("/chat/history?done=deleted"));
    assert_eq!(staff.get(&path).status, 404);
    assert_eq!(house.recorded(&second)["use"]["outcome"], "completed", "the record stays");
}

#[test]
fn a_refusal_shows_the_place_and_the_clause_and_stands_in_the_ledger() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/chat").text();
    let text = "【機密性2情報】次の<議事録>を要約してください";
    let reply = send(&mut staff, &page, "compose", &[("text", text), ("way", &way(&house, "kakuu-open"))]);
    assert_eq!(reply.status, 403);
    let page = reply.text();
    let mark = page.split_once("<mark>").unwrap().1.split("</mark>").next().unwrap();
    assert!(mark.starts_with("【機密性2情報】") || mark.starts_with("機密性2"), "{mark}");
    assert!(page.contains("統一基準R3 4.2.1") && page.contains("公式の要件"), "{page}");
    let (_, fields) = form(&page, "compose");
    assert_eq!(fields["text"], text, "the draft is not lost");
    let apply = unescaped(page.split("href=\"/apply?").nth(1).unwrap().split('"').next().unwrap());
    assert!(apply.contains("grade=C2") && apply.contains("purpose="), "{apply}");
    assert!(!page.contains("伏せて送る"), "a mark is not to be masked");
    let id = &uses_in(&page)[0];
    house.refusal(id, "STANDARD_TERMS");
    assert!(staff.get("/chat/history").text().contains("会話はまだありません"), "nothing refused is kept");
}

#[test]
fn somebody_elses_conversation_is_not_there() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let (path, page) = began(&mut staff, &house, "kakuu-local", "利用申請はどこに出しますか");
    let (_, mut fields) = form(&page, "compose");
    for role in ["approver", "admin", "auditor"] {
        let mut other = Browser::signed_in(&house, role);
        for below in ["", "?at=1", "/rename", "/delete", "/export?format=md", "/export?format=docx"] {
            let reply = other.get(&format!("{path}{below}"));
            assert_eq!(reply.status, 404, "{role} {below}");
        }
        assert!(!other.get("/chat/history").text().contains(&path));
        let me = other.get("/me").text();
        let token = me.split_once("name=\"token\" value=\"").unwrap().1[..64].to_owned();
        fields.insert("token".into(), token);
        fields.insert("text".into(), "続き".into());
        for below in ["", "/stream", "/rename", "/delete"] {
            let reply = other.post(&format!("{path}{below}"), &list(&fields));
            assert_eq!(reply.status, 404, "{role} {below}: {}", reply.text());
        }
    }
    assert_eq!(staff.get(&path).status, 200);
}

#[test]
fn what_was_found_is_masked_and_sent() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/chat").text();
    let text = format!("個人番号は{MY_NUMBER}です。転入の手続はどこでしますか。{MY_NUMBER}は要りますか");
    let reply = send(&mut staff, &page, "compose", &[("text", &text), ("way", &way(&house, "kakuu-open"))]);
    assert_eq!(reply.status, 403);
    let page = reply.text();
    assert!(page.contains(&format!("<mark>{MY_NUMBER}")), "{page}");
    let (_, fields) = form(&page, "masked");
    assert_eq!(fields["text"], "個人番号は〔個人番号1〕です。転入の手続はどこでしますか。〔個人番号1〕は要りますか");
    let reply = send(&mut staff, &page, "masked", &[]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = staff.get(reply.header("location").unwrap().split('#').next().unwrap()).text();
    assert!(page.contains("〔個人番号1〕") && !page.contains(MY_NUMBER), "{page}");
}

#[test]
fn what_the_gate_asks_is_confirmed_with_a_reason_once() {
    let house = House::with_accounts();
    house.must("ciso", "handling.set", &json!({ "rule": "ID-EMAIL", "outside": "ask" }));
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/chat").text();
    let text = "taro@example.jp への案内文を確かめてください";
    let changed = [("text", text), ("way", &way(&house, "kakuu-open"))];
    let reply = send(&mut staff, &page, "compose", &changed);
    assert_eq!(reply.status, 403);
    let page = reply.text();
    assert!(page.contains("送る前に確認が必要です") && page.contains("<mark>taro@example.jp"), "{page}");
    // Without a reason nothing goes.
    let reply = send(&mut staff, &page, "confirm", &[("reason", " ")]);
    assert_eq!(reply.status, 403);
    let page = reply.text();
    assert!(page.contains("理由を書いてください"), "{page}");
    let reply = send(&mut staff, &page, "confirm", &[("reason", "公表された窓口の連絡先")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = staff.get(reply.header("location").unwrap().split('#').next().unwrap()).text();
    let used = &uses_in(&page)[0];
    let request = house.recorded(used)["entries"][0]["entry"]["data"]["request"].clone();
    assert_eq!(request["handled"]["confirmed"], "公表された窓口の連絡先", "{request}");
    // It is part of what was said: it is not asked about again.
    let reply = send(&mut staff, &page, "compose", &[("text", "題名も付けてください")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
}

#[test]
fn a_grade_that_was_too_low_is_raised_with_a_reason() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/chat").text();
    let changed =
        [("text", "【未定稿】\n四月の体制を要約してください"), ("way", &way(&house, "kakuu-cloud")), ("grade", "C1")];
    let reply = send(&mut staff, &page, "compose", &changed);
    assert_eq!(reply.status, 403, "{}", reply.text());
    let page = reply.text();
    let reply = send(&mut staff, &page, "raise", &[("regraded", "")]);
    assert_eq!(reply.status, 403, "{}", reply.text());
    let page = reply.text();
    assert!(page.contains("href=\"#regraded\""), "{page}");
    let reply = send(&mut staff, &page, "raise", &[("regraded", "公表前の人事のため")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = staff.get(reply.header("location").unwrap().split('#').next().unwrap()).text();
    assert!(page.contains("公表前の人事のため") && page.contains("機密性2"), "{page}");
}

#[test]
fn where_the_permit_ends_below_the_grade_the_page_leads_to_an_application() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/chat").text();
    let changed = [("text", "【未定稿】\n四月の体制を要約してください"), ("way", &way(&house, "kakuu-open"))];
    let reply = send(&mut staff, &page, "compose", &changed);
    assert_eq!(reply.status, 403, "{}", reply.text());
    let page = reply.text();
    assert!(!page.contains("格付を上げて送る") && page.contains("理由を付けて送る"), "{page}");
    let apply = unescaped(page.split("href=\"/apply?").nth(1).unwrap().split('"').next().unwrap());
    assert!(apply.contains("grade=C2") && apply.contains("service=kakuu-open"), "{apply}");
}

#[test]
fn a_question_that_is_refused_when_asked_again_becomes_a_new_version() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let text = "連絡先は taro@example.jp です。窓口はどこですか";
    let (path, page) = began(&mut staff, &house, "kakuu-open", text);
    house.must("ciso", "handling.set", &json!({ "rule": "ID-EMAIL", "outside": "block" }));
    let reply = send(&mut staff, &page, "again", &[]);
    assert_eq!(reply.status, 403, "{}", reply.text());
    let page = reply.text();
    assert_eq!(form(&page, "compose").1["text"], text);
    let reply = send(&mut staff, &page, "masked", &[]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = staff.get(reply.header("location").unwrap().split('#').next().unwrap()).text();
    assert!(page.contains("〔メールアドレス1〕") && page.contains("版 2 / 2"), "{page}");
    assert!(staff.get(&format!("{path}?at=1")).text().contains("taro@example.jp"), "the version before stays");
}

#[test]
fn nothing_a_model_or_a_name_says_becomes_markup() {
    let hostile = "# <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[押す](javascript:alert(1)) ![図](https://evil.example/x.png)\n\n```html\n</code></pre><script>alert(2)</script>\n```\n\n| <b>x</b> |\n|---|\n| 1 |\n\n$\\frac{1}{2}$";
    let upstream = StandIn::answering(&completion(hostile));
    let house = House::with_accounts_before(&upstream);
    let mut staff = Browser::signed_in(&house, "staff");
    let (path, page) = began(&mut staff, &house, MODEL, "<script>alert(3)</script>\"'><img src=x>");
    let rename = staff.submit(&format!("{path}/rename"), &[("title", "</title><script>alert(4)</script>")]);
    assert_eq!(rename.status, 303);
    let list = staff.get("/chat/history").text();
    let delete = staff.get(&format!("{path}/delete")).text();
    for page in [&page, &staff.get(&path).text(), &list, &delete] {
        let without = page.replace("<script src=\"/chat.js\" defer></script>", "");
        for banned in ["<script", "<img", "<b>", " style=", "href=\"javascript", "src=\"http"] {
            assert!(!without.contains(banned), "{banned}: {without}");
        }
    }
    assert!(page.contains("［画像（表示しません）: 図（evil.example）］") && page.contains("<mfrac"), "{page}");
    let policy = staff.get(&path).header("content-security-policy").unwrap().to_owned();
    assert!(policy.contains("script-src 'self';") && policy.contains("default-src 'none'"), "{policy}");
}

/// The events of a stream: name and data.
fn events(all: &[String]) -> Vec<(String, Value)> {
    let read = |event: &String| {
        let (name, data) = event.split_once("\ndata: ").unwrap();
        (name.strip_prefix("event: ").unwrap().to_owned(), serde_json::from_str(data).unwrap())
    };
    all.iter().map(read).collect()
}

/// A stand-in that streams these pieces with a pause between them.
fn streaming(pieces: &'static [&'static str], pause: Duration) -> StandIn {
    StandIn::new(move |_, socket| {
        begin_stream(socket);
        for text in pieces {
            piece(socket, &delta(text));
            std::thread::sleep(pause);
        }
        piece(socket, STOP);
        piece(socket, DONE);
        end_stream(socket);
    })
}

#[test]
fn an_answer_comes_piece_by_piece_and_ends_after_its_record() {
    let upstream = streaming(&["**いち**", "、に", "<b>"], Duration::from_millis(20));
    let house = House::with_accounts_before(&upstream);
    let mut staff = Browser::signed_in(&house, "staff");
    let (_, mut fields) = form(&staff.get("/chat").text(), "compose");
    fields.extend([("text".to_owned(), "数えて".to_owned()), ("way".to_owned(), way(&house, MODEL))]);
    let mut live = staff.form("/chat/stream", &list(&fields)).open();
    assert_eq!(live.status, 200);
    let events = events(&live.rest());
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["begun", "text", "text", "text", "done"]);
    let to = events[4].1["to"].as_str().unwrap();
    let used = uses_in(&staff.get(to).text())[0].clone();
    assert_eq!(house.recorded(&used)["use"]["outcome"], "completed", "told to be done before its record");
    let page = staff.get(to).text();
    assert!(page.contains("<strong>いち</strong>、に&lt;b&gt;"), "{page}");

    // The same form once more is the same turn.
    let again = staff.form("/chat/stream", &list(&fields)).send();
    assert!(again.text().starts_with("event: done"), "{}", again.text());
    assert_eq!(house.uses().len(), 1);
    // A form of another session, or none, opens no stream.
    fields.insert("token".into(), "0".repeat(64));
    assert_eq!(staff.form("/chat/stream", &list(&fields)).send().status, 403);
}

#[test]
fn what_is_refused_on_the_way_to_a_stream_is_the_same_page() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let (_, mut fields) = form(&staff.get("/chat").text(), "compose");
    let text = "【機密性2情報】要約してください".to_owned();
    fields.extend([("text".to_owned(), text), ("way".to_owned(), way(&house, "kakuu-open"))]);
    let reply = staff.form("/chat/stream", &list(&fields)).send();
    assert_eq!(reply.status, 403);
    assert!(reply.header("content-type").unwrap().starts_with("text/html"));
    assert!(reply.text().contains("<mark>") && reply.text().contains("id=\"compose\""));
}

#[test]
fn an_answer_is_kept_though_the_browser_has_gone() {
    let upstream = streaming(&["はじめ", "と", "おわり"], Duration::from_millis(150));
    let house = House::with_accounts_before(&upstream);
    let mut staff = Browser::signed_in(&house, "staff");
    let (_, mut fields) = form(&staff.get("/chat").text(), "compose");
    fields.extend([("text".to_owned(), "話して".to_owned()), ("way".to_owned(), way(&house, MODEL))]);
    let mut live = staff.form("/chat/stream", &list(&fields)).open();
    let begun = live.event();
    let to = events(&[begun])[0].1["to"].as_str().unwrap().to_owned();
    // The same form while the first is under way is no second use.
    assert!(staff.form("/chat/stream", &list(&fields)).send().text().starts_with("event: done"));
    live.hang_up();
    let since = Instant::now();
    loop {
        let page = staff.get(&to).text();
        if page.contains("はじめとおわり") {
            assert!(!page.contains("回答を作成しています"), "{page}");
            break;
        }
        assert!(page.contains("話して"), "the question is there at once: {page}");
        assert!(since.elapsed() < PATIENCE, "{page}");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(house.uses().len(), 1);
}

#[test]
fn a_file_that_is_too_large_is_refused_with_a_way_back() {
    let house = House::with_accounts_and(|config| config.limits.body_bytes = 1 << 20);
    let mut staff = Browser::signed_in(&house, "staff");
    let (_, fields) = form(&staff.get("/chat").text(), "compose");
    let reply = attach(&staff, &[("token", &fields["token"])], Some(("a.txt", &"あ".repeat(400_000))));
    assert_eq!(reply.status, 413);
    assert!(reply.text().contains("ファイルが大きすぎる"), "{}", reply.text());
}

#[test]
fn a_form_sent_twice_is_one_use() {
    let upstream = echo();
    let house = House::with_accounts_before(&upstream);
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/chat").text();
    let changed = [("text", "一度だけ"), ("way", &way(&house, MODEL))];
    let first = send(&mut staff, &page, "compose", &changed);
    let second = send(&mut staff, &page, "compose", &changed);
    assert_eq!((first.status, second.status), (303, 303));
    let path = |reply: &Reply| reply.header("location").unwrap().split('?').next().unwrap().to_owned();
    assert_eq!(path(&first), path(&second));
    assert_eq!(house.uses().len(), 1);
}

#[test]
fn a_form_that_is_wrong_keeps_what_was_typed() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/chat").text();
    let reply = send(&mut staff, &page, "compose", &[("text", " \r\n ")]);
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("送る文を入力してください") && reply.text().contains("href=\"#text\""));
    let reply = send(&mut staff, &page, "compose", &[("text", "残る文"), ("way", "none~none")]);
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("残る文</textarea>") && reply.text().contains("この業務は今日は使えません"));
    let reply = send(&mut staff, &page, "compose", &[("text", "残る文"), ("grade", "C9")]);
    assert!(reply.status == 422 && reply.text().contains("残る文</textarea>"));
    assert!(house.uses().is_empty());
}

#[test]
fn a_number_that_must_not_be_kept_is_not_in_the_conversation() {
    let upstream = StandIn::answering(&completion(&format!("{MY_NUMBER} は個人番号です。")));
    let house = House::with_accounts_before(&upstream);
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/chat").text();
    let text = format!("マイナンバー{MY_NUMBER}の検算");
    let reply = send(&mut staff, &page, "compose", &[("text", &text), ("way", &way(&house, MODEL)), ("grade", "C2")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    assert!(String::from_utf8_lossy(&upstream.seen()[0].body).contains(MY_NUMBER));
    let page = staff.get(reply.header("location").unwrap().split('#').next().unwrap()).text();
    assert!(page.contains("［個人番号］の検算") && page.contains("［個人番号］ は個人番号です"), "{page}");
    assert!(!page.contains(MY_NUMBER), "{page}");
}

/// A multipart form with a file, fields in this order.
fn parcel(fields: &[(&str, &str)], file: Option<(&str, &str)>) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    if let Some((name, text)) = file {
        let head = format!("content-disposition: form-data; name=\"upload\"; filename=\"{name}\"");
        body.push_str(&format!("--x\r\n{head}\r\ncontent-type: text/plain\r\n\r\n{text}\r\n"));
    }
    body.push_str("--x--\r\n");
    body.into_bytes()
}

fn attach(browser: &Browser, fields: &[(&str, &str)], file: Option<(&str, &str)>) -> Reply {
    let request = browser.request("POST", "/chat/files").header("content-type", "multipart/form-data; boundary=x");
    request.bytes(parcel(fields, file)).send()
}

#[test]
fn what_was_found_in_a_file_is_shown_before_it_is_sent() {
    let upstream = echo();
    let house = House::with_accounts_before(&upstream);
    let mut staff = Browser::signed_in(&house, "staff");
    let (_, mut fields) = form(&staff.get("/chat").text(), "compose");
    fields.extend([("text".to_owned(), "要約".to_owned()), ("way".to_owned(), way(&house, MODEL))]);
    let token = fields.remove("token").unwrap();
    let mut all = vec![("token", token.as_str())];
    all.extend(list(&fields));
    let name = "<img src=x onerror=alert(1)>.txt";
    let reply = attach(&staff, &all, Some((name, "機密性2情報\n連絡先 taro@example.jp\n")));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let page = reply.text();
    assert!(
        page.contains("引き継ぐ格付: 機密性2") && page.contains("本文 2行目") && page.contains("要約</textarea>"),
        "{page}"
    );
    assert!(!page.contains("<img"), "{page}");
    assert!(house.uses().is_empty() && upstream.connections() == 0);

    let (_, sent) = form(&page, "compose");
    let file = sent.keys().find_map(|name| name.strip_prefix("file.")).unwrap().to_owned();
    let reply = send(&mut staff, &page, "compose", &[]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let shown = staff.get(reply.header("location").unwrap().split('#').next().unwrap()).text();
    assert!(shown.contains("添付: &#60;img"), "{shown}");
    let request = house.recorded(&uses_in(&shown)[0])["entries"][0]["entry"]["data"]["request"].clone();
    assert_eq!((&request["inherits"], &request["inherited"]), (&json!([file]), &json!(1)), "{request}");
    assert!(String::from_utf8_lossy(&upstream.seen()[0].body).contains("taro@example.jp"));

    // Written anew, the question brings its file along; another one may be added to it.
    let path = reply.header("location").unwrap().split('?').next().unwrap();
    let (_, fields) = form(&staff.get(&format!("{path}?edit=0")).text(), "compose");
    assert!(fields.contains_key(&format!("file.{file}")), "{fields:?}");
    let mut all = vec![("token", token.as_str())];
    all.extend(list(&fields).into_iter().filter(|(name, _)| *name != "token"));
    let edited = attach(&staff, &all, Some(("二.txt", "本文"))).text();
    assert_eq!(form(&edited, "compose").1["edit"], "0", "{edited}");
    assert!(
        edited.contains("二.txt") && edited.contains(".txt</strong>") && edited.contains("要約</textarea>"),
        "{edited}"
    );

    // Removed, it is gone; what follows says so to the model and goes on.
    let (_, fields) = form(&page, "compose");
    let mut all = vec![("token", token.as_str()), ("remove", file.as_str())];
    all.extend(list(&fields).into_iter().filter(|(name, _)| *name != "token"));
    let reply = attach(&staff, &all, None);
    assert!(reply.status == 200 && !reply.text().contains("引き継ぐ格付"), "{}", reply.text());
    assert_eq!(send(&mut staff, &shown, "compose", &[("text", "続き")]).status, 303);
    assert!(String::from_utf8_lossy(&upstream.seen()[1].body).contains("保存期限が過ぎた"));
}

#[test]
fn what_stands_in_a_file_or_beside_it_is_told_apart() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let (_, mut fields) = form(&staff.get("/chat").text(), "compose");
    fields.extend([("way".to_owned(), way(&house, "kakuu-open"))]);
    let token = fields.remove("token").unwrap();
    let mut all = vec![("token", token.as_str())];
    all.extend(list(&fields));
    let page = attach(&staff, &all, Some(("名簿.txt", "機密性2情報\n名簿"))).text();
    let text = format!("番号は{MY_NUMBER}です。名簿を要約してください");
    let reply = send(&mut staff, &page, "compose", &[("text", &text)]);
    assert_eq!(reply.status, 403);
    let page = reply.text();
    assert!(page.contains(&format!("<mark>{MY_NUMBER}")), "{page}");
    assert!(page.contains("個人番号 — 入力した文") && page.contains("添付ファイル「名簿.txt」"), "{page}");
    // What is sent instead keeps the file.
    assert!(form(&page, "masked").1.keys().any(|name| name.starts_with("file.")), "{page}");
}

#[test]
fn an_upload_needs_the_token_first_and_a_file_that_can_be_read() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let (_, fields) = form(&staff.get("/chat").text(), "compose");
    let token = fields["token"].as_str();
    for wrong in
        [vec![], vec![("text", "x"), ("token", token)], vec![("token", "x")], vec![("token", token), ("token", token)]]
    {
        let reply = attach(&staff, &wrong, Some(("a.txt", "本文")));
        assert!(matches!(reply.status, 400 | 403), "{wrong:?}: {}", reply.status);
    }
    let mine = [("token", token), ("text", "残る文")];
    for (file, told) in [
        (None, "添付するファイルを選んでください"),
        (Some(("a.pdf", "%PDF-1.7 壊れた")), "a.pdf"),
        (Some(("b.txt", "【特定秘密】\n本文")), "特定秘密"),
    ] {
        let reply = attach(&staff, &mine, file);
        assert_eq!(reply.status, 422, "{file:?}");
        assert!(reply.text().contains(told) && reply.text().contains("残る文</textarea>"), "{told}: {}", reply.text());
    }
    // Another's file cannot be sent.
    let mut other = Browser::signed_in(&house, "approver");
    let theirs = form(&other.get("/chat").text(), "compose").1["token"].clone();
    let theirs = attach(&other, &[("token", &theirs)], Some(("c.txt", "本文")));
    let id = theirs.text().split_once("name=\"file.").unwrap().1[..37].to_owned();
    let page = staff.get("/chat").text();
    let reply = send(&mut staff, &page, "compose", &[("text", "x"), (&format!("file.{id}"), "on")]);
    assert_eq!(reply.status, 422, "{}", reply.text());
}

#[test]
fn a_conversation_is_taken_away_as_markdown_and_as_a_word_file() {
    let upstream = StandIn::answering(&completion("## 案\n\n| 品目 | 額 |\n|---|---|\n| 紙 | 10 |"));
    let house = House::with_accounts_before(&upstream);
    let mut staff = Browser::signed_in(&house, "staff");
    let (path, page) = began(&mut staff, &house, MODEL, "表にして");
    let used = &uses_in(&page)[0];
    let markdown = staff.get(&format!("{path}/export?format=md"));
    assert_eq!(markdown.header("content-disposition"), Some("attachment; filename=\"conversation.md\""));
    let text = markdown.text();
    assert!(text.starts_with("# 表にして\n") && text.contains(used) && text.contains("| 紙 | 10 |"), "{text}");
    let word = staff.get(&format!("{path}/export?format=docx"));
    assert!(word.body.starts_with(b"PK") && word.header("content-type").unwrap().contains("wordprocessingml"));
    let limits = sekisho_detect::document::Limits::default();
    let read = sekisho_detect::document::read("conversation.docx", &word.body, &limits).unwrap();
    let text: String = read.parts.iter().map(|part| part.text.as_str()).collect();
    assert!(text.contains("紙") && text.contains("案") && text.contains(used), "{text}");
    assert_eq!(staff.get(&format!("{path}/export?format=exe")).status, 404);
}

#[test]
fn without_a_permit_the_page_says_what_to_do() {
    let house = House::with_accounts();
    let mut applicant = Browser::signed_in(&house, "applicant");
    let page = applicant.get("/chat").text();
    assert!(
        page.contains("今日、使える業務がありません")
            && page.contains("href=\"/apply\"")
            && !page.contains("<textarea"),
        "{page}"
    );
    // With one permit there is nothing to choose.
    let draft = house.draft("kakuu-local", "審査の要約", "shinsa", 0);
    let application = house.must("applicant", "application.submit", &draft)["events"][0]["data"]["application"].clone();
    let reply = house.approve("approver", &application);
    assert_eq!(reply.status, 201, "{application} {}", reply.text());
    let page = applicant.get("/chat").text();
    assert!(page.contains("業務: <strong>審査の要約</strong>") && !page.contains("type=\"radio\""), "{page}");
    let reply = send(&mut applicant, &page, "compose", &[("text", "利用申請はどこに出しますか")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
}
