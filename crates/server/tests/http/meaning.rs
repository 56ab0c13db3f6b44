//! Vectors from their making to a report: every batch and every question is a use, what shares no word is found, and
//! nothing depends on it.

use crate::browser::Browser;
use crate::client::Reply;
use crate::house::{House, sekisho, text};
use crate::shelves::{diet, fill, law};
use crate::stand_in::{Seen, StandIn, completion, json as answer, respond};
use sekisho_search::dense::file_of;
use sekisho_search::unit::{Corpus, Unit};
use serde_json::{Value, json};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

const LOCAL: &str = "kakuu-local";
const UPSTREAM: &str = "kakuu-upstream";
/// It has no two characters in a row with any article.
const NO_WORD: &str = "トランスポート";
const THIRD: &str = "架空物運搬法第三条（運搬の届出）";

/// What the stand-in takes to mean the same.
fn embed(text: &str) -> Vec<f32> {
    let has = |words: &[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>() as f32;
    vec![has(&["トランスポート", "運搬"]), has(&["ペナルティー", "罰金"]), 0.1]
}

fn inputs(seen: &Seen) -> Vec<String> {
    let input = seen.json()["input"].as_array().unwrap().clone();
    input.into_iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// A server with a model that writes and gives vectors; a status other than 200 is what it answers for vectors.
fn model(status: &Arc<AtomicU16>) -> StandIn {
    let status = status.clone();
    StandIn::new(move |seen: &Seen, socket: &mut TcpStream| {
        if !seen.head.starts_with("post /v1/embeddings ") {
            return answer(socket, 200, &completion("届出が要ります。[1]"));
        }
        match status.load(Ordering::SeqCst) {
            200 => {
                let all: Vec<Value> = (0..)
                    .zip(inputs(seen))
                    .map(|(index, text): (usize, String)| json!({ "index": index, "embedding": embed(&text) }))
                    .collect();
                answer(socket, 200, &json!({ "object": "list", "data": all }).to_string());
            }
            // An answer that is none.
            0 => answer(socket, 200, "{\"data\":[{\"index\":0,\"embedding\":[0,0,0]}]}"),
            status => respond(socket, status, &["content-type: application/json", "retry-after: 7"], b"{}"),
        }
    })
}

fn well() -> Arc<AtomicU16> {
    Arc::new(AtomicU16::new(200))
}

/// A house that looks for meaning, with the law on its shelf.
fn house(stand_in: &StandIn) -> House {
    let house = House::build(|config| config.search.embeddings = Some(UPSTREAM.to_owned()), Some(stand_in.url()));
    fill(&house, Corpus::Law, &law());
    house
}

/// Runs `sekisho import vectors` with the key of the staff; its exit code and what it says.
fn import(house: &House, corpus: &str, model: &str, more: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
    command.args(["--json", "import", "vectors", "--corpus", corpus, "--model", model, "--data", &text(&house.data())]);
    command.args(["--server", &format!("http://{}", house.address)]);
    if !more.contains(&"--permit") {
        command.args(["--permit", house.permit(model)]);
    }
    let output = command.args(more).env("SEKISHO_KEY", &house.demo.keys["staff"]).env("LANG", "C").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let said = serde_json::from_str(&said)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&output.stderr).into_owned()));
    (output.status.code().unwrap(), said)
}

/// The texts that the model was asked to embed, batch by batch.
fn batches(stand_in: &StandIn) -> Vec<Vec<String>> {
    stand_in.seen().iter().filter(|seen| seen.head.starts_with("post /v1/embeddings ")).map(inputs).collect()
}

/// The uses that asked for vectors, the latest first.
fn uses(house: &House) -> Vec<Value> {
    house.uses().into_iter().filter(|one| one["endpoint"] == "embeddings").collect()
}

fn ask(house: &House, question: &str, permit: &str) -> Reply {
    ask_app(house, "law", question, permit)
}

fn ask_app(house: &House, app: &str, question: &str, permit: &str) -> Reply {
    let request = house.anyone().request("POST", &format!("/apps/{app}/invoke"));
    let request = request.header("x-api-key", &house.demo.keys["staff"]);
    request.header("x-sekisho-permit", permit).json(&json!({ "inputs": { "input_text": question } })).send()
}

#[track_caller]
fn report(reply: &Reply) -> String {
    reply.ok()["outputs"].as_str().unwrap().to_owned()
}

#[test]
fn given_vectors_when_a_question_shares_no_word_then_it_is_found_and_every_step_is_on_record() {
    let stand_in = model(&well());
    let house = house(&stand_in);
    let permit = house.permit(UPSTREAM).to_owned();
    // Before there are vectors, nothing is sent anywhere.
    ask(&house, NO_WORD, &permit).error(400, "NOTHING_FOUND");
    assert_eq!(stand_in.connections(), 0);

    let (code, said) = import(&house, "law", UPSTREAM, &["--batch", "4"]);
    assert_eq!(
        (code, &said["given"], &said["left"], &said["stopped"]),
        (0, &json!(6), &json!(0), &Value::Null),
        "{said}"
    );
    assert_eq!(batches(&stand_in).iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
    let made = uses(&house);
    assert_eq!(made.len(), 2, "{made:?}");
    for one in &made {
        assert_eq!((&one["outcome"], &one["model"]), (&json!("completed"), &json!(UPSTREAM)), "{one}");
        let request = &house.recorded(one["use"].as_str().unwrap())["entries"][0]["entry"]["data"]["request"];
        assert_eq!((&request["permit"], &request["app"]), (&json!(permit), &Value::Null), "{request}");
    }

    let reply = ask(&house, NO_WORD, &permit);
    let report = report(&reply);
    let message = stand_in.seen().last().unwrap().json()["messages"][1]["content"].as_str().unwrap().to_owned();
    assert!(message.contains(THIRD) && report.contains(THIRD), "{report}");
    // The question was a use of its own, by the same permit and for the same app, and the report names it.
    assert_eq!(batches(&stand_in).last().unwrap(), &[NO_WORD]);
    let asked = uses(&house)[0].clone();
    let id = asked["use"].as_str().unwrap();
    assert_ne!(id, reply.used());
    let request = house.recorded(id)["entries"][0]["entry"]["data"]["request"].clone();
    assert_eq!((&request["permit"], &request["app"]), (&json!(permit), &json!("law")), "{request}");
    assert!(report.contains(&format!("意味の近さ（モデル「{UPSTREAM}」、利用番号 {id}）でも探しました")), "{report}");
}

#[test]
fn given_vectors_of_the_records_then_an_exchange_is_found_by_its_meaning() {
    let stand_in = model(&well());
    let house = house(&stand_in);
    fill(&house, Corpus::Diet, &diet());
    let permit = house.permit(UPSTREAM).to_owned();
    // The vectors of another corpus are none of its own.
    import(&house, "law", UPSTREAM, &[]);
    ask_app(&house, "diet", NO_WORD, &permit).error(400, "NOTHING_FOUND");
    let (code, said) = import(&house, "diet", UPSTREAM, &[]);
    assert_eq!((code, &said["given"]), (0, &json!(5)), "{said}");
    let report = report(&ask_app(&house, "diet", NO_WORD, &permit));
    assert!(report.contains("架空花子（架空大臣）") && report.contains("でも探しました"), "{report}");
}

#[test]
fn given_vectors_of_questions_then_what_they_are_worth_can_be_measured() {
    let stand_in = model(&well());
    let house = house(&stand_in);
    let file = |name: &str, line: &Value| {
        let path = house.place(name);
        std::fs::write(&path, format!("{line}\n")).unwrap();
        text(&path)
    };
    let questions = file("q.jsonl", &json!({ "qid": "q", "query": NO_WORD, "gold": ["399AC0000000001/3"] }));
    let vectors = file("v.jsonl", &json!({ "qid": "q", "vector": embed(NO_WORD) }));
    let of_another = file("w.jsonl", &json!({ "qid": "x", "vector": embed(NO_WORD) }));
    let data = text(&house.data());
    let eval = |more: &[&str]| {
        let output = sekisho(&[&["--json", "eval", &questions, "--data", &data, "--corpus", "law"], more].concat());
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code().unwrap(), said["recall@10"].clone())
    };
    assert_eq!(eval(&["--vectors", &vectors]), (2, Value::Null), "there is nothing to compare them with");
    import(&house, "law", UPSTREAM, &[]);
    assert_eq!(eval(&[]), (0, json!(0.0)));
    assert_eq!(eval(&["--vectors", &vectors]), (0, json!(1.0)));
    assert_eq!(eval(&["--vectors", &of_another]), (2, Value::Null), "half a set measures nothing");
}

#[test]
fn given_vectors_that_were_made_then_nothing_is_asked_twice() {
    let stand_in = model(&well());
    let house = house(&stand_in);
    import(&house, "law", UPSTREAM, &[]);
    let (code, said) = import(&house, "law", UPSTREAM, &[]);
    assert_eq!((code, &said["known"], &said["given"]), (0, &json!(6), &json!(0)), "{said}");
    assert_eq!(batches(&stand_in).len(), 1);
    // An article that changed is asked for alone, and its old vector goes.
    let mut changed: Vec<Unit> = law().into_iter().filter(|unit| unit.group == "399AC0000000001_1").collect();
    changed[3].text.push_str("この条は、改められた。");
    fill(&house, Corpus::Law, &changed);
    let (code, said) = import(&house, "law", UPSTREAM, &[]);
    assert_eq!((code, &said["known"], &said["given"], &said["gone"]), (0, &json!(5), &json!(1), &json!(1)), "{said}");
    let all = batches(&stand_in);
    assert!(all.len() == 2 && all[1].len() == 1 && all[1][0].contains("改められた"), "{all:?}");
    // Another model would mix what cannot be compared.
    let (code, said) = import(&house, "law", LOCAL, &[]);
    assert!(code == 3 && said.as_str().unwrap().contains("--replace"), "{said}");
    let (code, said) = import(&house, "law", LOCAL, &["--replace"]);
    assert_eq!((code, &said["known"], &said["given"]), (0, &json!(0), &json!(6)), "{said}");
}

#[test]
fn given_a_server_that_stops_then_what_was_made_stays_and_the_import_goes_on_from_there() {
    let status = well();
    let stand_in = model(&status);
    let house = house(&stand_in);
    let file = file_of(&house.data().join("search"), Corpus::Law);
    // Busy, and asks to come again.
    status.store(429, Ordering::SeqCst);
    let (code, said) = import(&house, "law", UPSTREAM, &[]);
    assert_eq!((code, &said["given"], &said["left"]), (3, &json!(0), &json!(6)), "{said}");
    assert_eq!((&said["stopped"]["status"], &said["stopped"]["retry_after"]), (&json!(429), &json!(7)), "{said}");
    assert!(!file.exists());
    // An answer that is no vector is not taken for one.
    status.store(0, Ordering::SeqCst);
    let (code, said) = import(&house, "law", UPSTREAM, &["--batch", "1"]);
    assert_eq!((code, &said["given"], &said["stopped"]["code"]), (3, &json!(0), &json!("NO_VECTORS")), "{said}");
    // No permit: refused with the gate's reason, on record, and nothing leaves.
    status.store(200, Ordering::SeqCst);
    let before = stand_in.connections();
    let (code, said) = import(&house, "law", UPSTREAM, &["--permit", house.permit(LOCAL)]);
    assert_eq!((code, &said["stopped"]["status"], &said["left"]), (1, &json!(403), &json!(6)), "{said}");
    assert!(said["stopped"]["message"].as_str().unwrap().chars().count() > 20, "{said}");
    assert_eq!((stand_in.connections(), &uses(&house)[0]["outcome"]), (before, &json!("refused")));
    // And then all of it, once.
    let (code, said) = import(&house, "law", UPSTREAM, &["--batch", "5"]);
    assert_eq!((code, &said["given"]), (0, &json!(6)), "{said}");
}

#[test]
fn given_a_text_that_the_gate_stops_then_it_is_left_out_and_the_rest_is_made() {
    let stand_in = model(&well());
    let house = house(&stand_in);
    let handling = json!({ "rule": "ID-MYNUMBER", "outside": "block", "inside": "block" });
    house.must("ciso", "handling.set", &handling);
    let mut units: Vec<Unit> = law().into_iter().filter(|unit| unit.group == "399AC0000000001_1").collect();
    units[1].text = "個人番号は983205673214である。".into();
    fill(&house, Corpus::Law, &units);
    let (code, said) = import(&house, "law", UPSTREAM, &[]);
    assert_eq!((code, &said["given"], &said["refused"], &said["left"]), (1, &json!(5), &json!(1), &json!(1)), "{said}");
    assert!(batches(&stand_in).iter().flatten().all(|text| !text.contains("983205673214")));
}

#[test]
fn given_documents_with_a_grade_then_it_is_declared_and_public_shelves_send_none() {
    let stand_in = model(&well());
    let house = house(&stand_in);
    let document = |id: &str, grade: &str| Unit {
        id: id.to_owned(),
        group: id.to_owned(),
        title: "架空の要領".into(),
        text: format!("架空の要領の{id}である。"),
        grade: grade.to_owned(),
        ..Unit::default()
    };
    let documents = [document("一", "機密性2"), document("二", ""), document("三", "機密性2")];
    fill(&house, Corpus::Document, &documents);
    let (code, said) = import(&house, "document", UPSTREAM, &[]);
    assert_eq!((code, &said["given"]), (0, &json!(3)), "{said}");
    assert_eq!(batches(&stand_in).iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    let mut declared: Vec<Value> = Vec::new();
    for one in uses(&house) {
        let entry = house.recorded(one["use"].as_str().unwrap())["entries"][0]["entry"].clone();
        declared.push(entry["data"]["request"]["declared"].clone());
    }
    assert_ne!(declared[0], declared[1], "the latest, of the documents with a grade, declares more: {declared:?}");
    // On the shelf of law, what is not for all is not even asked for.
    let mut closed: Vec<Unit> = law().into_iter().filter(|unit| unit.group == "399AC0000000009_1").collect();
    closed[0].readers = vec!["dept-a".into()];
    fill(&house, Corpus::Law, &closed);
    let (_, said) = import(&house, "law", UPSTREAM, &[]);
    assert_eq!((&said["given"], &said["closed"]), (&json!(5), &json!(1)), "{said}");
    let report = report(&ask(&house, NO_WORD, house.permit(UPSTREAM)));
    assert!(!report.contains("架空奇法"), "{report}");
}

#[test]
fn given_a_question_whose_vector_is_refused_or_fails_then_words_alone_are_looked_for_and_the_report_says_so() {
    const QUESTION: &str = "架空物を運搬するときの届出の手続を教えてください。";
    const ALONE: &str = "言葉だけで探し、意味の近さでは探していません";
    let status = well();
    let stand_in = model(&status);
    let house = house(&stand_in);
    let permit = house.permit(UPSTREAM).to_owned();
    let told = |reply: &Reply, why: &str| {
        let report = report(reply);
        let line = report.lines().find(|line| line.contains(ALONE)).unwrap_or_else(|| panic!("{report}"));
        assert!(line.contains(why), "{line}");
        assert!(report.contains(THIRD), "the words find it: {report}");
    };
    told(&ask(&house, QUESTION, &permit), "ベクトルがまだありません");
    import(&house, "law", UPSTREAM, &[]);
    assert!(!report(&ask(&house, QUESTION, &permit)).contains(ALONE));
    // The permit does not reach the model of the vectors.
    told(&ask(&house, QUESTION, house.permit(LOCAL)), "認められませんでした");
    let refused = uses(&house)[0].clone();
    assert_eq!(refused["outcome"], "refused", "{refused}");
    // Its server fails, or gives what is no vector.
    status.store(500, Ordering::SeqCst);
    told(&ask(&house, QUESTION, &permit), "答えませんでした");
    assert_eq!(uses(&house)[0]["outcome"], "upstream_error");
    status.store(0, Ordering::SeqCst);
    told(&ask(&house, QUESTION, &permit), "ベクトルとして使えません");
    status.store(200, Ordering::SeqCst);
    assert!(!report(&ask(&house, QUESTION, &permit)).contains(ALONE));
    // The file breaks while the server runs.
    let file = file_of(&house.data().join("search"), Corpus::Law);
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    told(&ask(&house, QUESTION, &permit), "ベクトルのファイルを使えません");
    let (code, said) = import(&house, "law", UPSTREAM, &[]);
    assert!(code == 3 && said.as_str().unwrap().contains("sekisho import vectors"), "{said}");
    // Made by another model.
    import(&house, "law", LOCAL, &["--replace"]);
    told(&ask(&house, QUESTION, &permit), "ベクトルのファイルを使えません");
    // A question that cannot be asked is sent nowhere.
    let before = uses(&house).len();
    let inputs = json!({ "inputs": { "input_text": QUESTION, "as_of": "昨日" } });
    let request = house.anyone().request("POST", "/apps/law/invoke").header("x-api-key", &house.demo.keys["staff"]);
    request.header("x-sekisho-permit", &permit).json(&inputs).send().error(400, "INVALID_INPUTS");
    assert_eq!(uses(&house).len(), before);
}

#[test]
fn given_the_page_of_an_app_then_it_looks_for_meaning_as_the_protocol_does() {
    let house = House::with_accounts_and(|config| config.search.embeddings = Some(LOCAL.to_owned()));
    fill(&house, Corpus::Law, &law());
    let (code, said) = import(&house, "law", LOCAL, &[]);
    assert_eq!((code, &said["given"]), (0, &json!(6)), "{said}");
    let mut staff = Browser::signed_in(&house, "staff");
    let way = format!("{} {LOCAL}", house.permit(LOCAL));
    let question = "架空物を運搬するときの届出の手続";
    let form = [("in-input_text", question), ("in-shape", "0"), ("way", &way), ("grade", "C1")];
    let reply = staff.submit("/apps/law", &form);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.text().contains("でも探しました"), "{}", reply.text());
    let asked = uses(&house)[0].clone();
    let entry = house.recorded(asked["use"].as_str().unwrap())["entries"][0]["entry"].clone();
    assert_eq!((&asked["outcome"], &entry["data"]["request"]["app"]), (&json!("completed"), &json!("law")), "{entry}");
    // The page that searches as one types asks nobody.
    let before = house.uses().len();
    assert_eq!(staff.get("/research/law?q=%E6%9E%B6%E7%A9%BA").status, 200);
    assert_eq!(house.uses().len(), before);
}
