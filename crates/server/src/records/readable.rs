//! What was sent and what came back, as people read it. The bytes are kept beside it: they are what the ledger commits to.

use serde_json::Value;
use std::collections::BTreeSet;

/// The text of a request or an answer: who said what, if the bytes are of a form this program speaks, and behind it every
/// other text they hold; else the bytes. Nothing that a word could be looked for in is left out.
pub(crate) fn readable(bytes: &[u8]) -> String {
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        let (mut text, mut rest) = (String::new(), BTreeSet::new());
        said(&value, &mut text);
        if text.is_empty() {
            return pretty(&value);
        }
        leaves("", &value, &text, &mut rest);
        return with_rest(text, &rest);
    }
    let raw = String::from_utf8_lossy(bytes);
    let (mut text, mut rest, mut events) = (String::new(), BTreeSet::new(), Vec::new());
    for line in raw.lines() {
        let data = line.strip_prefix("data:").map(str::trim);
        match data.map(serde_json::from_str::<Value>) {
            Some(Ok(value)) => {
                streamed(&value, &mut text);
                events.push(value);
            }
            _ if line.trim().is_empty() || data == Some("[DONE]") || line.starts_with("event:") => {}
            _ => drop(rest.insert(line.to_owned())),
        }
    }
    if text.is_empty() {
        return raw.into_owned();
    }
    for value in &events {
        leaves("", value, &text, &mut rest);
    }
    with_rest(text, &rest)
}

/// Texts that are not in what was said already, each with its place.
fn leaves(place: &str, value: &Value, said: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if !text.is_empty() && !said.contains(text.as_str()) => {
            into.insert(format!("{place}: {text}"));
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(place, item, said, into)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                leaves(&place, value, said, into);
            }
        }
        _ => {}
    }
}

fn with_rest(mut text: String, rest: &BTreeSet<String>) -> String {
    if !rest.is_empty() {
        text.push_str("\n\n【その他】");
        for one in rest {
            text.push('\n');
            text.push_str(one);
        }
    }
    text
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Texts of a whole body: `messages` and `input` of requests, `choices` and `output` of answers, `inputs` and `outputs` of
/// apps.
fn said(value: &Value, into: &mut String) {
    if let Some(instructions) = value.get("instructions").and_then(Value::as_str) {
        turn("instructions", instructions, into);
    }
    for list in ["messages", "input", "output"] {
        match value.get(list) {
            Some(Value::Array(items)) => items.iter().for_each(|item| message(list, item, into)),
            Some(Value::String(text)) => turn(list, text, into),
            _ => {}
        }
    }
    for choice in value.get("choices").and_then(Value::as_array).into_iter().flatten() {
        if let Some(item) = choice.get("message") {
            message("assistant", item, into);
        }
    }
    for inner in ["inputs", "outputs"] {
        match value.get(inner) {
            Some(Value::String(text)) => turn(inner, text, into),
            Some(one @ (Value::Object(_) | Value::Array(_))) => turn(inner, &pretty(one), into),
            _ => {}
        }
    }
}

fn message(list: &str, item: &Value, into: &mut String) {
    if let Some(text) = item.as_str() {
        return turn(list, text, into);
    }
    let role = item.get("role").or_else(|| item.get("type")).and_then(Value::as_str).unwrap_or(list);
    match item.get("content") {
        Some(Value::String(text)) => turn(role, text, into),
        Some(Value::Array(parts)) => {
            for part in parts {
                match part.get("text").and_then(Value::as_str) {
                    Some(text) => turn(role, text, into),
                    None => turn(role, &pretty(part), into),
                }
            }
        }
        _ => {}
    }
    if let Some(calls) = item.get("tool_calls").filter(|calls| !calls.is_null()) {
        turn(role, &pretty(calls), into);
    }
    if let Some(arguments) = item.get("arguments").and_then(Value::as_str) {
        turn(role, arguments, into);
    }
}

fn turn(role: &str, text: &str, into: &mut String) {
    if !into.is_empty() {
        into.push_str("\n\n");
    }
    let role = match role {
        "user" | "input" => "利用者",
        "assistant" | "output" | "message" => "生成AI",
        "system" | "developer" | "instructions" => "指示",
        "tool" | "function_call_output" => "ツール",
        other => other,
    };
    into.push_str(&format!("【{role}】\n{text}"));
}

fn streamed(value: &Value, into: &mut String) {
    for choice in value.get("choices").and_then(Value::as_array).into_iter().flatten() {
        if let Some(text) = choice.pointer("/delta/content").and_then(Value::as_str) {
            into.push_str(text);
        }
    }
    if value.get("type").and_then(Value::as_str) == Some("response.output_text.delta")
        && let Some(text) = value.get("delta").and_then(Value::as_str)
    {
        into.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn what_was_said_is_read_from_every_form() {
        let chat = br#"{"model":"m","messages":[{"role":"system","content":"\u67b6\u7a7a"},{"role":"user","content":[{"type":"text","text":"b"}]}]}"#;
        assert_eq!(
            readable(chat),
            "【指示】\n架空\n\n【利用者】\nb\n\n【その他】\nmessages.content.type: text\nmessages.role: system\nmessages.role: user\nmodel: m"
        );
        let answer = br#"{"choices":[{"message":{"role":"assistant","content":"c"}}]}"#;
        assert!(readable(answer).starts_with("【生成AI】\nc\n\n【その他】\n"));
        let responses = br#"{"input":"d","instructions":"e"}"#;
        assert_eq!(readable(responses), "【指示】\ne\n\n【利用者】\nd");
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"架\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"空\"}}]}\n\ndata: [DONE]\n\n";
        assert_eq!(readable(stream.as_bytes()), "架空");
    }

    #[test]
    fn no_text_is_left_out_wherever_it_stands() {
        let tools = r#"{"messages":[{"role":"user","content":"a","name":"山田"}],"tools":[{"function":{"description":"架空橋"}}]}"#;
        let text = readable(tools.as_bytes());
        assert!(text.contains("messages.name: 山田") && text.contains("架空橋"), "{text}");
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"refusal\":\"架空橋\"}}]}\n\n: 注記\n";
        let text = readable(stream.as_bytes());
        assert!(text.contains("refusal: 架空橋") && text.contains("注記"), "{text}");
    }

    #[test]
    fn what_has_no_known_form_is_shown_as_it_is_and_nothing_is_left_out() {
        assert_eq!(readable(b"plain"), "plain");
        assert!(readable(br#"{"other":1}"#).contains("\"other\": 1"));
        assert_eq!(readable(&[0xff, b'a']), "\u{fffd}a");
    }
}
