//! Apps: forms in the shape of 源内, through the pages and through its protocol, with one ledger behind both.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::House;
use crate::stand_in::{StandIn, respond};
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

#[test]
fn a_missing_field_is_told_at_the_field_and_by_name() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let way = way(&house, LOCAL);
    let before = house.uses().len();
    let reply = staff.submit("/apps/translate", &[("in-text", " "), ("in-to", "9"), ("way", &way), ("grade", "C2")]);
    let page = reply.text();
    assert_eq!(reply.status, 422, "{page}");
    assert!(page.contains("<a href=\"#in-text\">「訳す文章」を入力してください。</a>"), "{page}");
    assert!(page.contains("id=\"in-text-problem\"") && page.contains("aria-describedby=\"in-text-problem\""), "{page}");
    // What was chosen stays.
    assert!(
        page.contains("<option value=\"9\" selected>") && page.contains("<option value=\"C2\" selected>"),
        "{page}"
    );
    assert_eq!(house.uses().len(), before, "a form that was not filled in is no use");

    let key = &house.demo.keys["staff"];
    let permit = [("x-sekisho-permit", house.permit(LOCAL))];
    for (inputs, param) in [
        (json!({ "to": "英語" }), "inputs.text"),
        (json!({ "text": "a", "to": "火星語" }), "inputs.to"),
        (json!({ "text": "a", "to": "英語", "more": "x" }), "inputs.more"),
    ] {
        let reply = invoke(&house, key, "translate", &inputs, &permit);
        let error = reply.error(400, "INVALID_INPUTS");
        assert_eq!(error["param"], param, "{error}");
        assert_eq!(first_entry(&house, &reply.used())["data"]["request"]["app"], Value::Null, "{error}");
    }
    let twice = house.by("staff").request("POST", "/apps/translate/invoke");
    twice.bytes(r#"{"inputs":{"text":"a","text":"b","to":"英語"}}"#).send().error(400, "DUPLICATE_KEY");
    // Which of three permits is meant must be said.
    let reply = invoke(&house, key, "translate", &json!({ "text": "a", "to": "英語" }), &[]);
    assert_eq!(reply.error(400, "PERMIT_NEEDED")["param"], "x-sekisho-permit");
}

#[test]
fn an_app_answers_to_a_key_and_only_there_in_a_header_of_its_own() {
    let house = House::with_accounts();
    let (_, inputs) = filled("summary");
    for key in ["", "wrong", "sekisho_0000"] {
        invoke(&house, key, "summary", &inputs, &[]).error(401, "invalid_api_key");
    }
    let permit = [("x-sekisho-permit", house.permit(LOCAL))];
    let key = house.demo.keys["staff"].clone();
    invoke(&house, &key, "summary", &inputs, &permit).ok();
    let body = json!({ "inputs": inputs });
    let bearer = house.by("staff").request("POST", "/apps/summary/invoke").header("x-sekisho-permit", permit[0].1);
    bearer.json(&body).send().ok();
    let both = house.by("staff").request("POST", "/apps/summary/invoke").header("x-api-key", &key);
    both.json(&body).send().error(400, "DUPLICATE_HEADER");
    for path in ["/v1/models", "/api/me"] {
        house.anyone().request("GET", path).header("x-api-key", &key).send().error(401, "invalid_api_key");
    }
    // A key of one permit needs no header, and reaches no other permit.
    let bound = json!({ "permit": house.permit(LOCAL) });
    let bound = house.issue_key(house.person("staff"), "sekisho_bound", bound);
    let id = invoke(&house, &bound, "summary", &inputs, &[]).ok()["usageMetadata"]["use"].as_str().unwrap().to_owned();
    assert_eq!(first_entry(&house, &id)["data"]["permit"], permit[0].1);
    let other = [("x-sekisho-permit", house.permit("kakuu-open"))];
    invoke(&house, &bound, "summary", &inputs, &other).error(400, "PERMIT_NOT_OF_KEY");
    // A session opens no address of programs, and a key no page.
    let staff = Browser::signed_in(&house, "staff");
    let cookie = format!("{}={}", crate::browser::COOKIE, staff.secret().unwrap());
    let by_cookie = house.anyone().request("POST", "/apps/summary/invoke").header("cookie", &cookie);
    by_cookie.json(&body).send().error(401, "invalid_api_key");
    assert_eq!(house.anyone().request("GET", "/apps").header("x-api-key", &key).send().status, 303);
    invoke(&house, &key, "nothing", &inputs, &permit).error(404, "NOT_FOUND");
}

/// An app that plays an outside one, registered by the manager and permitted to the staff up to a grade.
fn outside(house: &House, stand_in: &StandIn, ceiling: u8) {
    let mut manager = Browser::signed_in(house, "manager");
    let url = format!("http://127.0.0.1:{}/invoke", stand_in.port);
    let form = r#"{"q":{"type":"textarea","title":"質問","required":true},"n":{"type":"number","title":"件数"},
        "how":{"type":"checkbox","title":"観点","options":["法令","通知"]},"doc":{"type":"file","title":"資料"}}"#;
    let fields = [
        ("name", "法令の調べもの"),
        ("id", "horei"),
        ("overview", "外で動くアプリ"),
        ("form", form),
        ("url", &url),
        ("secret", "horei"),
        ("provider", "架空省"),
        ("provision", "self_operated"),
        ("region", "jp"),
        ("law", "JP"),
        ("route", "on-premises"),
    ];
    let reply = manager.submit("/apps/outside/new", &fields);
    assert_eq!(reply.header("location"), Some("/apps/horei?done=outside"), "{}", reply.text());
    // The same form once more does no harm.
    assert_eq!(manager.submit("/apps/outside/new", &fields).status, 303);
    let draft = house.draft("horei", "法令の調査", "kanbo", ceiling);
    let submitted = house.must("staff", "application.submit", &draft);
    let approved = house.approve("approver", &submitted["events"][0]["data"]["application"]);
    assert_eq!(approved.status, 201, "{}", approved.text());
}

fn house_with_secret() -> House {
    House::with_accounts_and(|config| {
        config.secrets.insert("horei".into(), sekisho_gate::upstream::Secret::new("their-key"));
    })
}

#[test]
fn an_outside_app_gets_exactly_the_shape_of_gennai() {
    let answer = json!({ "outputs": "# 答え\n民法です。", "usageMetadata": { "inputTokens": 3, "outputTokens": 2 },
        "artifacts": [{ "display_name": "図.png", "content": "iVBORw0KGgo=" }] });
    let stand_in = StandIn::answering(&answer.to_string());
    let house = house_with_secret();
    outside(&house, &stand_in, 1);
    let mut staff = Browser::signed_in(&house, "staff");
    assert!(staff.get("/apps?kind=outside").text().contains("法令の調べもの"));
    let page = staff.submit("/apps/horei", &[("in-q", "保証人"), ("in-n", "３"), ("in-how.1", "on"), ("grade", "C1")]);
    let page = page.text();
    assert!(page.contains("民法です。") && page.contains("「図.png」は、文字として検査できないか"), "{page}");
    let file = json!([{ "key": "doc", "files": [{ "filename": "a.txt", "content": "6Zai5omA" }] }]);
    let inputs = json!({ "q": "保証人", "how": ["法令", "通知"], "files": file });
    let answer = invoke(&house, &house.demo.keys["staff"], "horei", &inputs, &[]).ok();
    assert!(answer["outputs"].as_str().unwrap().starts_with("# 答え\n民法です。"), "{answer}");
    assert_eq!(answer["usageMetadata"]["inputTokens"], 3);

    let seen = stand_in.seen();
    assert_eq!(seen.len(), 2);
    for seen in &seen {
        assert!(seen.head.starts_with("post /invoke http/1.1\r\n"), "{}", seen.head);
        assert!(
            seen.head.contains("\r\nx-api-key: their-key") && !seen.head.contains("authorization"),
            "{}",
            seen.head
        );
        assert!(seen.head.contains("content-type: application/json"), "{}", seen.head);
    }
    assert_eq!(seen[0].json(), json!({ "inputs": { "q": "保証人", "n": 3, "how": ["通知"] } }));
    let file = json!([{ "key": "doc", "files": [{ "filename": "a.txt", "content": "6Zai5omA" }] }]);
    assert_eq!(seen[1].json(), json!({ "inputs": { "q": "保証人", "how": ["法令", "通知"], "files": file } }));
    for id in [use_on(&page), answer["usageMetadata"]["use"].as_str().unwrap().to_owned()] {
        let entry = first_entry(&house, &id);
        let request = &entry["data"]["request"];
        assert_eq!((&request["app"], &request["model"]), (&json!("horei"), &json!("horei")), "{entry}");
    }
    // Whom no permit reaches does not know it.
    assert_eq!(Browser::signed_in(&house, "applicant").get("/apps/horei").status, 404);
    invoke(&house, &house.demo.keys["applicant"], "horei", &json!({ "q": "x" }), &[]).error(404, "NOT_FOUND");
    assert_eq!(Browser::signed_in(&house, "staff").get("/apps/outside/new").status, 403);
}

#[test]
fn what_is_graded_too_high_stops_with_its_reasons_and_nothing_leaves() {
    let stand_in = StandIn::answering(r#"{"outputs":"x"}"#);
    let house = house_with_secret();
    outside(&house, &stand_in, 0);
    let mut staff = Browser::signed_in(&house, "staff");
    let text = "次の表示があります。【機密性2情報】予算案";
    let reply = staff.submit("/apps/horei", &[("in-q", text), ("grade", "C1")]);
    let page = reply.text();
    assert_eq!(reply.status, 403, "{page}");
    assert!(page.contains("送っていません") && page.contains("次にすること"), "{page}");
    assert!(page.contains("<mark>") && page.contains("<a href=\"#in-q\">質問</a>"), "{page}");
    assert!(page.contains(&format!(">\n{text}</textarea>")), "{page}");
    assert!(
        page.contains("/apply?service=horei&#38;purpose=") || page.contains("/apply?service=horei&amp;purpose="),
        "{page}"
    );
    let reply = invoke(&house, &house.demo.keys["staff"], "horei", &json!({ "q": text }), &[]);
    assert_eq!(reply.status, 403);
    let denied = reply.json();
    assert_eq!(denied["error"]["type"], "policy_denied", "{denied}");
    for id in [use_on(&page), reply.used()] {
        let entry = first_entry(&house, &id);
        assert_eq!(
            (&entry["kind"], &entry["data"]["request"]["app"]),
            (&json!("use.refused"), &json!("horei")),
            "{entry}"
        );
    }
    assert_eq!(stand_in.connections(), 0);
}

/// Makes an app as a person does: one field added to what is there, and all of it kept.
fn make(browser: &mut Browser, name: &str, prompt: &str) -> String {
    let page = browser.get("/apps/new").text();
    let hidden = |name: &str| {
        let at = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}: {page}"));
        page[at..].split('"').nth(3).unwrap().to_owned()
    };
    let (token, once) = (hidden("token"), hidden("once"));
    let mut fields = vec![
        ("token", token.as_str()),
        ("once", once.as_str()),
        ("version", "0"),
        ("mode", "rows"),
        ("rows", "1"),
        ("name", name),
        ("overview", "試しに作った"),
        ("usage", ":::disclosure{title=\"詳しく\"}\n中身\n:::"),
        ("prompt", prompt),
        ("row-0-key", "input_text"),
        ("row-0-type", "textarea"),
        ("row-0-title", "本文"),
        ("row-0-required.yes", "on"),
        ("act", "add"),
    ];
    let reply = browser.post("/apps/new", &fields);
    let added = reply.text();
    assert!(reply.status == 200 && added.contains("入力欄 2") && added.contains("name=\"row-1-key\""), "{added}");
    assert!(added.contains("試しに作った"), "what was typed stays: {added}");
    fields.retain(|(name, _)| !matches!(*name, "act" | "rows"));
    fields.extend([
        ("rows", "2"),
        ("act", "keep"),
        ("row-1-key", "kind"),
        ("row-1-type", "radio"),
        ("row-1-options", "短く\n長く"),
    ]);
    let reply = browser.post("/apps/new", &fields);
    assert!(reply.status == 422 && reply.text().contains("<a href=\"#row-1-title\">"), "{}", reply.text());
    fields.push(("row-1-title", "長さ"));
    let reply = browser.post("/apps/new", &fields);
    let to = reply.header("location").unwrap_or_else(|| panic!("{}", reply.text())).to_owned();
    // Sent twice, it is one app.
    assert_eq!(browser.post("/apps/new", &fields).header("location"), Some(to.as_str()));
    assert_eq!(browser.get("/apps?kind=own").text().matches("<a href=\"/apps/a-").count(), 1);
    to.strip_prefix("/apps/").unwrap().strip_suffix("?done=kept").unwrap().to_owned()
}

/// Changes the instruction of an app.
fn edit(browser: &mut Browser, id: &str, prompt: &str) {
    let path = format!("/apps/{id}/edit");
    let fields = [
        ("name", "議事録"),
        ("overview", "試しに作った"),
        ("prompt", prompt),
        ("row-0-key", "input_text"),
        ("row-0-type", "textarea"),
        ("row-0-title", "本文"),
        ("rows", "1"),
        ("act", "keep"),
    ];
    let reply = browser.submit(&path, &fields);
    assert_eq!(reply.status, 303, "{}", reply.text());
}

fn share(staff: &mut Browser, id: &str) {
    let path = format!("/apps/{id}/share");
    let reply = staff.submit(&path, &[("act", "ask"), ("department", "kanbo"), ("note", "官房で使いたい")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
}

#[test]
fn ones_own_app_is_ones_own_until_somebody_else_has_accepted_it() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let mut approver = Browser::signed_in(&house, "approver");
    let id = make(&mut staff, "議事録", "{{input_text}}を{{kind}}まとめる。");
    let path = format!("/apps/{id}");
    let run = |browser: &mut Browser| {
        let way = way(&house, LOCAL);
        browser.submit(&path, &[("in-input_text", "会議の記録。"), ("way", &way), ("grade", "C1")])
    };
    let reply = run(&mut staff);
    assert_eq!(first_entry(&house, &use_on(&reply.text()))["data"]["request"]["app"], json!(id));
    let permit = [("x-sekisho-permit", house.permit(LOCAL))];
    let inputs = json!({ "input_text": "会議の記録。" });
    assert_eq!(approver.get(&path).status, 404);
    for who in ["approver", "caio"] {
        invoke(&house, &house.demo.keys[who], &id, &inputs, &permit).error(404, "NOT_FOUND");
    }
    share(&mut staff, &id);
    assert_eq!(approver.get(&path).status, 404, "asked for is not accepted");
    let review = format!("/apps/review/{id}");
    assert_eq!(staff.get(&review).status, 403, "who reviews needs a role");
    // An approver's own app needs another person as well.
    let own = make(&mut approver, "承認者のアプリ", "{{input_text}}を{{kind}}。");
    share(&mut approver, &own);
    let reply = approver.submit(&format!("/apps/review/{own}"), &[("act", "accept")]);
    assert!(reply.status == 422 && reply.text().contains("自分のアプリは審査できません"), "{}", reply.text());
    let command =
        json!({ "app": own, "sha256": "0".repeat(64), "department": "kanbo", "author": house.person("approver") });
    house.by("approver").command("app.share", &command).error(400, "BY_PAGES_ONLY");

    assert!(approver.get("/apps/review").text().contains("議事録"));
    let reply = approver.submit(&review, &[("act", "return"), ("reason", "")]);
    assert!(reply.status == 422 && reply.text().contains("理由を入力してください"), "{}", reply.text());
    let reply = approver.submit(&review, &[("act", "return"), ("reason", "概要が短い")]);
    assert_eq!(reply.header("location"), Some("/apps/review?done=returned"), "{}", reply.text());
    assert!(staff.get(&format!("{path}/share")).text().contains("概要が短い"));
    // Somebody who had the page open is told what was decided.
    let token = approver.get("/me").text().split_once("name=\"token\" value=\"").unwrap().1[..64].to_owned();
    let reply = approver.post(&review, &[("token", &token), ("act", "accept"), ("version", "1")]);
    assert!(reply.status == 409 && reply.text().contains("概要が短い"), "{}", reply.text());
    share(&mut staff, &id);
    let reply = approver.submit(&review, &[("act", "accept"), ("reason", "内容を確かめた")]);
    assert_eq!(reply.header("location"), Some("/apps/review?done=accepted"), "{}", reply.text());
    assert!(approver.get("/apps?kind=shared").text().contains("議事録"));
    assert!(run(&mut approver).text().contains("内蔵の抽出モデルです"));
    invoke(&house, &house.demo.keys["caio"], &id, &inputs, &permit).ok();
    assert_eq!(Browser::signed_in(&house, "applicant").get(&path).status, 404, "another department");
}

#[test]
fn after_a_change_others_still_run_what_was_accepted_and_the_ledger_knows_which() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let mut manager = Browser::signed_in(&house, "manager");
    let mut approver = Browser::signed_in(&house, "approver");
    let id = make(&mut staff, "議事録", "最初の指示。{{input_text}}");
    share(&mut staff, &id);
    // What is handed in is what is reviewed, whatever the author does meanwhile.
    edit(&mut staff, &id, "途中で変えた指示。{{input_text}}");
    let review = format!("/apps/review/{id}");
    let page = manager.get(&review).text();
    assert!(page.contains("最初の指示") && !page.contains("途中で変えた"), "{page}");
    assert_eq!(manager.submit(&review, &[("act", "accept")]).status, 303);
    let export = format!("/apps/{id}/export");
    let accepted = approver.get(&export).text();
    assert!(accepted.contains("最初の指示"), "{accepted}");
    assert!(staff.get(&export).text().contains("途中で変えた"));
    assert!(staff.get(&format!("/apps/{id}/share")).text().contains("承認の後にアプリを直しています"));
    let shared = house.installation().journal.register().unwrap();
    let shared = shared.shared_apps().next().unwrap().clone();
    assert_eq!(shared.sha256, sekisho_gate::identify::hash_of(&accepted));
    assert_eq!((shared.author.as_str(), shared.reviewer.as_str()), (house.person("staff"), house.person("manager")));
    share(&mut staff, &id);
    assert!(manager.get(&review).text().contains("フォーム、指示文"));
    assert!(approver.get(&export).text().contains("最初の指示"));
    assert_eq!(manager.submit(&review, &[("act", "accept")]).status, 303);
    assert!(approver.get(&export).text().contains("途中で変えた"));
    assert!(
        staff
            .submit(&format!("/apps/{id}/edit"), &[("act", "destroy"), ("sure.yes", "on")])
            .text()
            .contains("共有中のアプリは削除できません")
    );
    assert_eq!(staff.submit(&format!("/apps/{id}/share"), &[("act", "unshare")]).status, 303);
    assert_eq!(approver.get(&format!("/apps/{id}")).status, 404);
    assert_eq!(
        staff.submit(&format!("/apps/{id}/edit"), &[("act", "destroy"), ("sure.yes", "on")]).header("location"),
        Some("/apps?done=destroyed")
    );
    assert_eq!(staff.get(&format!("/apps/{id}")).status, 404);
}

#[test]
fn an_app_travels_as_a_file_and_a_bad_file_is_told_with_its_place() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let file = staff.get("/apps/proofread/export").text();
    let reply = staff.submit("/apps/import", &[("definition", &file)]);
    let to = reply.header("location").unwrap_or_else(|| panic!("{}", reply.text())).to_owned();
    let id = to.strip_prefix("/apps/").unwrap().split('/').next().unwrap();
    assert_eq!(staff.get(&format!("/apps/{id}/export")).text(), file);
    for (bad, part) in [
        ("{", "JSON として読めません"),
        (r#"{"name":"x","name":"y"}"#, "二度"),
        (&file.replace("\"radio\"", "\"dial\""), "style.type: `dial` という種類はありません"),
        (&file.replace("{{style}}", "{{nothing}}"), "に当たる入力欄がありません"),
    ] {
        let reply = staff.submit("/apps/import", &[("definition", bad)]);
        let page = reply.text();
        assert!(
            reply.status == 422 && page.contains(part) && page.contains("id=\"definition-problem\""),
            "{part}: {page}"
        );
    }
    // A stale page of the editor overwrites nothing by itself.
    let edit = format!("/apps/{id}/edit");
    let json = r#"{"t":{"type":"text","title":"T"}}"#;
    let fields =
        [("name", "n"), ("overview", "o"), ("prompt", "{{t}}"), ("mode", "json"), ("form", json), ("act", "keep")];
    let old = [fields.as_slice(), &[("version", "1")]].concat();
    assert_eq!(staff.submit(&edit, &old).status, 303);
    let old: Vec<_> = old.into_iter().map(|(name, value)| (name, if name == "name" { "m" } else { value })).collect();
    let reply = staff.submit(&edit, &old);
    assert!(reply.status == 409 && reply.text().contains("name=\"version\" value=\"2\""), "{}", reply.text());
}

#[test]
fn nothing_that_people_or_models_write_becomes_markup() {
    const ATTACK: &str = "</pre><script>alert(1)</script><img src=x onerror=a()>\"'";
    let stand_in = StandIn::answering(
        &json!({ "outputs": ATTACK, "artifacts": [{ "display_name": ATTACK, "content": "%" }] }).to_string(),
    );
    let house = house_with_secret();
    outside(&house, &stand_in, 1);
    let mut staff = Browser::signed_in(&house, "staff");
    let mut approver = Browser::signed_in(&house, "approver");
    let clean = |what: &str, page: &str| {
        assert!(!page.contains("<script") && !page.contains("<img"), "{what}: {page}");
        assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "{what}: {page}");
    };
    clean("answer", &staff.submit("/apps/horei", &[("in-q", ATTACK), ("grade", "C1")]).text());
    let attack = serde_json::to_string(ATTACK).unwrap();
    let form = format!(
        r#"{{"t":{{"type":"textarea","title":{attack},"desc":{attack},"default_value":{attack}}},
            "s":{{"type":"radio","title":"S","items":[{{"title":{attack},"value":{attack}}}]}},"f":{{"type":"file","title":{attack},"accept":{attack}}}}}"#
    );
    let usage = format!(":::disclosure{{title={ATTACK}}}\n{ATTACK}\n:::\n# {ATTACK}\n- {ATTACK}");
    let file = json!({ "name": ATTACK, "overview": ATTACK, "usage": usage, "form": "FORM", "prompt": ATTACK });
    let file = file.to_string().replace("\"FORM\"", &form);
    let reply = staff.submit("/apps/import", &[("definition", &file)]);
    let to = reply.header("location").unwrap_or_else(|| panic!("{}", reply.text())).to_owned();
    let id = to.strip_prefix("/apps/").unwrap().split('/').next().unwrap().to_owned();
    share(&mut staff, &id);
    for path in ["/apps".to_owned(), format!("/apps/{id}"), format!("/apps/{id}/edit"), format!("/apps/{id}/share")] {
        clean(&path, &staff.get(&path).text());
    }
    for path in ["/apps/review".to_owned(), format!("/apps/review/{id}")] {
        clean(&path, &approver.get(&path).text());
    }
    // Nor does what stands in an address or an error.
    for path in ["/apps/%3Cscript%3E", "/apps?q=%3Cscript%3E&kind=%22%3E%3Cscript%3E", "/apps/new?from=%3Cscript%3E"] {
        assert!(!staff.get(path).text().contains("<script"), "{path}");
    }
}

#[test]
fn a_file_on_the_page_is_examined_and_its_finding_is_at_its_field() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let page = staff.get("/apps/summary").text();
    assert!(
        page.contains("enctype=\"multipart/form-data\"") && page.contains("type=\"file\" id=\"in-document\""),
        "{page}"
    );
    let token = page.split("name=\"token\" value=\"").last().unwrap()[..64].to_owned();
    let send = |token: &str, content: &str, way: &str| {
        let part = |name: &str, value: &str| {
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file = format!(
            "--b\r\ncontent-disposition: form-data; name=\"in-document\"; filename=\"メモ.txt\"\r\ncontent-type: text/plain\r\n\r\n{content}\r\n"
        );
        let fields = [("token", token), ("in-shape", "0"), ("in-size", "1"), ("way", way), ("grade", "C1")];
        let fields: String = fields.iter().map(|(name, value)| part(name, value)).collect();
        let cookie = format!("{}={}", crate::browser::COOKIE, staff.secret().unwrap());
        let request = house.anyone().request("POST", "/apps/summary").header("cookie", &cookie);
        let request = request.header("origin", &format!("http://{}", house.address));
        let request = request.header("content-type", "multipart/form-data; boundary=b");
        request.bytes(format!("{fields}{file}--b--\r\n")).send()
    };
    let local = way(&house, LOCAL);
    let reply = send(&token, "関所は記録を残す。", &local);
    assert!(reply.status == 200 && reply.text().contains("関所は記録を残す"), "{}", reply.text());
    let open = way(&house, "kakuu-open");
    let reply = send(&token, "【機密性2情報】予算案", &open);
    let page = reply.text();
    assert!(reply.status == 403 && page.contains("<a href=\"#in-document\">要約する資料</a>"), "{page}");
    let reply = send(&token, "\u{0}\u{1}\u{2}", &local);
    assert!(reply.status == 422 && reply.text().contains("id=\"in-document-problem\""), "{}", reply.text());
    assert_eq!(send(&"0".repeat(64), "x", &local).status, 403, "the token counts here too");
}

#[test]
fn what_has_to_be_confirmed_goes_with_a_reason_and_only_then() {
    let house = House::with_accounts();
    house.must("ciso", "handling.set", &json!({ "rule": "ID-EMAIL", "inside": "ask" }));
    let mut staff = Browser::signed_in(&house, "staff");
    let way = way(&house, LOCAL);
    let text = "連絡先は hanako@kakuu.example.jp です。関所は記録を残す。";
    let fields = [("in-text", text), ("in-shape", "0"), ("in-size", "1"), ("way", way.as_str()), ("grade", "C1")];
    let reply = staff.submit("/apps/summary", &fields);
    let page = reply.text();
    assert!(reply.status == 403 && page.contains("確認が済むまで送れません"), "{page}");
    assert!(page.contains("<mark>hanako@kakuu.example.jp</mark>"), "{page}");
    let confirm = page.split("name=\"confirm\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let confirmed = [fields.as_slice(), &[("send", "confirm"), ("confirm", &confirm)]].concat();
    let reply = staff.submit("/apps/summary", &confirmed);
    assert!(reply.status == 422 && reply.text().contains("送る理由を入力してください"), "{}", reply.text());
    let with = |reason: &'static str| [confirmed.as_slice(), &[("reason", reason)]].concat();
    let reply = staff.submit("/apps/summary", &with("相手の同意がある"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let entry = first_entry(&house, &use_on(&reply.text()));
    assert_eq!(entry["data"]["request"]["handled"]["confirmed"], "相手の同意がある", "{entry}");
    // Another text is another question.
    let mut other = with("相手の同意がある");
    other[0].1 = "別の人 taro@kakuu.example.jp";
    assert_eq!(staff.submit("/apps/summary", &other).status, 403);
}

#[test]
fn an_outside_app_that_fails_is_told_and_nothing_that_was_typed_is_lost() {
    let stand_in = StandIn::new(|seen, socket| {
        let asked = seen.json()["inputs"]["q"].as_str().unwrap().to_owned();
        match asked.as_str() {
            "fault" => respond(socket, 500, &["content-type: application/json"], br#"{"message":"secret inside"}"#),
            "elsewhere" => respond(socket, 307, &["location: http://127.0.0.1:1/"], b""),
            "status" => respond(socket, 200, &[], br#"{"outputs":"x","statusCode":500}"#),
            _ => respond(socket, 200, &[], b"<html>"),
        }
    });
    let house = house_with_secret();
    outside(&house, &stand_in, 1);
    let mut staff = Browser::signed_in(&house, "staff");
    for asked in ["fault", "elsewhere", "status", "nonsense"] {
        let reply = staff.submit("/apps/horei", &[("in-q", asked), ("grade", "C1")]);
        let page = reply.text();
        assert!(reply.status == 502 && page.contains(&format!(">\n{asked}</textarea>")), "{asked}: {page}");
        assert!(page.contains("（利用番号 u-") && !page.contains("secret inside"), "{asked}: {page}");
        let reply = invoke(&house, &house.demo.keys["staff"], "horei", &json!({ "q": asked }), &[]);
        assert!(reply.status >= 500 && reply.json()["error"]["code"].is_string(), "{asked}: {}", reply.text());
        assert_eq!(house.ended(&reply.used())["use"]["outcome"], "upstream_error", "{asked}");
    }
}

#[test]
fn what_was_asked_for_anew_is_not_accepted_from_a_page_that_showed_something_else() {
    let house = House::with_accounts();
    let mut staff = Browser::signed_in(&house, "staff");
    let mut approver = Browser::signed_in(&house, "approver");
    let id = make(&mut staff, "要点", "{{input_text}}を{{kind}}まとめる。");
    share(&mut staff, &id);
    let review = format!("/apps/review/{id}");
    let page = approver.get(&review).text();
    let hidden = |name: &str| {
        page.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1.split_once('"').unwrap().0.to_owned()
    };
    let (token, version, seal) = (hidden("token"), hidden("version"), hidden("seal"));
    // The same version number again, for another audience.
    let asking = format!("/apps/{id}/share");
    let mine = staff.get("/me").text().split_once("name=\"token\" value=\"").unwrap().1[..64].to_owned();
    assert_eq!(staff.post(&asking, &[("token", &mine), ("act", "withdraw")]).status, 303);
    let again = [("token", mine.as_str()), ("act", "ask"), ("department", "shinsa"), ("note", "官房で使いたい")];
    assert_eq!(staff.post(&asking, &again).status, 303);
    let fields = [("token", token.as_str()), ("version", version.as_str()), ("seal", seal.as_str()), ("act", "accept")];
    assert_eq!(approver.post(&review, &fields).status, 409);
    assert_eq!(house.register().shared_apps().count(), 0, "nothing was shared");
}
