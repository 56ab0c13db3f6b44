//! Apps that speak 源内's protocol: inputs go out as JSON fields, Markdown comes back, and nothing is streamed.
//!
//! The request is a chat completion whose last user message holds the inputs, one content part each:
//! `{"type":"text","field":"input_text","kind":"text","text":"…"}`; `kind` is `text`, `number` or `list` (a part for
//! each item). Files are `{"type":"files","field":"…","files":[…]}`; the gate has put the text it inspected in their
//! place, and that text is what is sent, under the file's name with `.txt` behind it. A message without such parts
//! becomes the field `input_text`.

use std::collections::VecDeque;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderName;
use serde_json::{Map, Value, json};

use super::client::{Clients, endpoint, key_header};
use super::error::not_json;
use super::stream::AnswerStream;
use super::written::{Answer, Finish, Origin, Piece, Writer, field, object, text};
use super::{Endpoint, Limits, Outgoing, Reply, Target, UpstreamError, Usage};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// The protocol allows so long before an answer begins.
const PATIENCE: Duration = Duration::from_secs(600);
/// The field of a message that names none.
const INPUT: &str = "input_text";
/// The longest text of an artifact that is put into an answer.
const ARTIFACT_BYTES: usize = 256 << 10;
/// Most artifacts that are looked at.
const MOST_ARTIFACTS: usize = 50;

pub(super) async fn send(clients: &Clients, target: &Target, out: Outgoing) -> Result<Reply, UpstreamError> {
    if out.endpoint != Endpoint::ChatCompletions {
        return Err(UpstreamError::Unsupported("an app of this protocol answers chat completions alone".to_owned()));
    }
    let request = object(&out.body)?;
    let body = json!({ "inputs": inputs(&request)? }).to_string();
    let url = endpoint(target, &[])?;
    let headers = key_header(target, API_KEY, "")?;
    let limits = Limits { first_byte: PATIENCE, total: clients.limits.total.max(PATIENCE), ..clients.limits };
    let answer = clients.post_within(limits, target, url, headers, body.into(), false).await?;
    let answer = read(&answer.body.whole().await?)?;
    let origin = Origin::new(&out, &request);
    if !out.stream {
        return Ok(Reply::Whole(origin.whole(out.endpoint, answer, Vec::new())));
    }
    let mut events = VecDeque::new();
    let mut writer = Writer::new(out.endpoint, origin);
    writer.piece(Piece::Text(answer.text), &mut events);
    writer.piece(Piece::End(answer.finish, answer.usage), &mut events);
    Ok(Reply::Stream(AnswerStream::ready(events)))
}

/// The member of the inputs that holds files alone.
const FILES: &str = "files";

/// The inputs, out of the last user message.
fn inputs(request: &Map<String, Value>) -> Result<Map<String, Value>, UpstreamError> {
    let messages = field(request, "messages").and_then(Value::as_array);
    let last = messages.into_iter().flatten().rev().find(|message| text(message, "role") == Some("user"));
    let content = last.and_then(|message| message.get("content"));
    let mut inputs = Map::new();
    match content {
        Some(Value::String(content)) => {
            inputs.insert(INPUT.to_owned(), content.as_str().into());
        }
        Some(Value::Array(parts)) if parts.iter().any(|part| text(part, "field").is_some()) => {
            let mut files: Vec<Value> = Vec::new();
            for part in parts {
                let Some(name) = text(part, "field") else {
                    return Err(UpstreamError::BadRequest("every part must name its `field`".to_owned()));
                };
                if let Some(list) = part.get("files").and_then(Value::as_array) {
                    let list: Vec<Value> = list.iter().filter_map(|file| text(file, "text")).map(file).collect();
                    files.push(json!({ "key": name, "files": list }));
                    continue;
                }
                let said = text(part, "text").unwrap_or_default();
                // What the app reads must be the very text that was examined.
                let kind = text(part, "kind");
                if name == FILES || (inputs.contains_key(name) && kind != Some("list")) {
                    return Err(UpstreamError::BadRequest(format!(
                        "the field `{name}` may not stand here, or stands twice"
                    )));
                }
                match kind {
                    Some("number") => {
                        let number: serde_json::Number = serde_json::from_str(said).map_err(|_| {
                            UpstreamError::BadRequest(format!("the field `{name}` is said to be a number and is none"))
                        })?;
                        inputs.insert(name.to_owned(), number.into());
                    }
                    Some("list") => {
                        let list = inputs.entry(name).or_insert_with(|| json!([]));
                        if let Some(list) = list.as_array_mut() {
                            list.push(said.into());
                        }
                    }
                    None | Some("text") => {
                        inputs.insert(name.to_owned(), said.into());
                    }
                    Some(kind) => {
                        return Err(UpstreamError::BadRequest(format!("`{kind}` is no kind of field")));
                    }
                }
            }
            if !files.is_empty() {
                inputs.insert(FILES.to_owned(), files.into());
            }
        }
        Some(Value::Array(parts)) => {
            let all: Vec<&str> = parts.iter().filter_map(|part| text(part, "text")).collect();
            inputs.insert(INPUT.to_owned(), all.join("\n").into());
        }
        _ => return Err(UpstreamError::BadRequest("there is no user message with content".to_owned())),
    }
    Ok(inputs)
}

/// A file as the gate wrote it down, with its name; what was inspected is what is sent.
fn file(written: &str) -> Value {
    let named = written.strip_prefix("添付ファイル: ").and_then(|rest| rest.split_once("\n\n"));
    let (name, content) = named.unwrap_or(("file", written));
    let end = format!("\n\n（添付ファイル {name} の終わり）");
    let content = content.strip_suffix(&end).unwrap_or(content);
    let name = if name.ends_with(".txt") { name.to_owned() } else { format!("{name}.txt") };
    json!({ "filename": name, "content": STANDARD.encode(content) })
}

fn read(body: &Bytes) -> Result<Answer, UpstreamError> {
    let malformed = |what: String| UpstreamError::Malformed(what);
    let answer: Value = serde_json::from_slice(body).map_err(|error| malformed(not_json(&error)))?;
    // An app behind a function may say its status in the body alone.
    let status = answer.get("statusCode").and_then(Value::as_u64).unwrap_or(200);
    if !(200..300).contains(&status) {
        return Err(malformed(format!("`statusCode` is {status}")));
    }
    let outputs = text(&answer, "outputs").ok_or_else(|| malformed("`outputs` is missing or no text".to_owned()))?;
    let mut said = outputs.to_owned();
    let artifacts = answer.get("artifacts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for artifact in artifacts.iter().take(MOST_ARTIFACTS) {
        said.push_str(&artifact_in_words(artifact));
    }
    if artifacts.len() > MOST_ARTIFACTS {
        said.push_str(&format!(
            "\n\n（ほかに {} 個のファイルが返されましたが、渡していません。）",
            artifacts.len() - MOST_ARTIFACTS
        ));
    }
    let count = |names: [&str; 3]| {
        let usage = answer.get("usageMetadata");
        names.into_iter().find_map(|name| usage?.get(name)?.as_u64()).unwrap_or(0)
    };
    let usage = Usage {
        input_tokens: count(["inputTokens", "promptTokenCount", "prompt_tokens"]),
        output_tokens: count(["outputTokens", "candidatesTokenCount", "completion_tokens"]),
    };
    Ok(Answer { text: said, finish: Finish::Stop, usage, ..Answer::default() })
}

/// A text stands in the answer and is examined with it; anything else is named and not handed on.
fn artifact_in_words(artifact: &Value) -> String {
    let name: String = text(artifact, "display_name")
        .unwrap_or("名前のないファイル")
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let content = text(artifact, "content").and_then(|content| STANDARD.decode(content.trim()).ok());
    let readable =
        content.filter(|bytes| bytes.len() <= ARTIFACT_BYTES).and_then(|bytes| String::from_utf8(bytes).ok());
    let readable = readable.filter(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')));
    match readable {
        Some(content) => {
            let fence = "`".repeat(longest_run(&content).max(2) + 1);
            format!("\n\n添付ファイル: {name}\n\n{fence}\n{}\n{fence}", content.trim_end())
        }
        None => format!(
            "\n\n（アプリが返したファイル「{name}」は、文字として検査できないか大きすぎるため、渡していません。必要なときはアプリの提供元から受け取ってください。）"
        ),
    }
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: Value) -> Map<String, Value> {
        let request =
            json!({ "messages": [{ "role": "system", "content": "x" }, { "role": "user", "content": content }] });
        inputs(request.as_object().unwrap()).unwrap()
    }

    #[test]
    fn parts_become_fields_and_files_carry_what_was_inspected() {
        let written = "添付ファイル: 名簿.xlsx\n\n中身\n\n続き\n\n（添付ファイル 名簿.xlsx の終わり）";
        let inputs = of(json!([
            { "type": "text", "field": "q", "kind": "text", "text": "問い" },
            { "type": "text", "field": "n", "kind": "number", "text": "1.5" },
            { "type": "text", "field": "l", "kind": "list", "text": "あ" },
            { "type": "text", "field": "l", "kind": "list", "text": "い" },
            { "type": "files", "field": "doc", "files": [{ "type": "text", "text": written }] },
        ]));
        assert_eq!(
            Value::from(inputs),
            json!({ "q": "問い", "n": 1.5, "l": ["あ", "い"], "files": [{ "key": "doc",
                    "files": [{ "filename": "名簿.xlsx.txt", "content": STANDARD.encode("中身\n\n続き") }] }] })
        );
        assert_eq!(Value::from(of(json!("問い"))), json!({ "input_text": "問い" }));
        assert_eq!(Value::from(of(json!([{ "type": "text", "text": "問い" }]))), json!({ "input_text": "問い" }));
    }

    #[test]
    fn nothing_but_the_text_that_was_examined_becomes_a_field() {
        for part in [
            json!({ "field": "q", "kind": "number", "text": "\"\\u0031\\u0032\"" }),
            json!({ "field": "q", "kind": "number", "text": "[1]" }),
            json!({ "field": "files", "kind": "number", "text": "1" }),
            json!({ "field": "files", "text": "x" }),
            json!({ "field": "q", "kind": "json", "text": "{}" }),
        ] {
            let request = json!({ "messages": [{ "role": "user", "content": [part] }] });
            assert!(inputs(request.as_object().unwrap()).is_err(), "{part}");
        }
        let twice = json!([{ "field": "q", "text": "a" }, { "field": "q", "text": "b" }]);
        let request = json!({ "messages": [{ "role": "user", "content": twice }] });
        assert!(inputs(request.as_object().unwrap()).is_err());
    }

    #[test]
    fn artifacts_of_text_are_in_the_answer_and_others_are_named_and_dropped() {
        let body = json!({ "outputs": "# 答え", "usageMetadata": { "promptTokenCount": 3, "candidatesTokenCount": 2 }, "artifacts": [
            { "display_name": "a.csv", "content": STANDARD.encode("名前,電話\n```\n") },
            { "display_name": "b.png", "content": STANDARD.encode([0x89, 0x50, 0, 1]) },
            { "display_name": "c.txt", "content": "%%%" },
        ] });
        let answer = read(&body.to_string().into()).unwrap();
        assert!(
            answer.text.starts_with("# 答え\n\n添付ファイル: a.csv\n\n````\n名前,電話\n```\n````"),
            "{}",
            answer.text
        );
        assert!(answer.text.contains("「b.png」は") && answer.text.contains("「c.txt」は"), "{}", answer.text);
        assert_eq!((answer.usage.input_tokens, answer.usage.output_tokens), (3, 2));
        for bad in ["[]", "{}", "x", r#"{"outputs":1}"#, r#"{"outputs":"x","statusCode":500}"#] {
            assert!(read(&Bytes::from(bad)).is_err(), "{bad}");
        }
    }
}
