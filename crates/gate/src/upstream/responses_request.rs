//! A `/v1/responses` request said as a chat completions request, where it is simple enough.

use serde_json::{Map, Value, json};

use super::UpstreamError;
use super::written::{field, text};

fn unsupported(what: &str) -> UpstreamError {
    UpstreamError::Unsupported(format!("{what} cannot be translated for this model"))
}

/// # Errors
/// What has no counterpart (stored conversations, the API's built-in tools) is refused, never dropped.
pub(super) fn to_chat(request: &Map<String, Value>) -> Result<Map<String, Value>, UpstreamError> {
    for name in ["previous_response_id", "conversation", "prompt"] {
        if field(request, name).is_some() {
            return Err(unsupported(&format!("`{name}`")));
        }
    }
    if field(request, "background").and_then(Value::as_bool) == Some(true) {
        return Err(unsupported("`background`"));
    }
    let mut chat = Map::new();
    let mut messages = Vec::new();
    if let Some(instructions) = field(request, "instructions") {
        messages.push(json!({"role": "system", "content": instructions}));
    }
    match field(request, "input") {
        Some(Value::String(input)) => messages.push(json!({"role": "user", "content": input})),
        Some(Value::Array(items)) => {
            for item in items {
                messages.extend(item_to_message(item)?);
            }
        }
        _ => return Err(UpstreamError::BadRequest("`input` is missing".to_owned())),
    }
    chat.insert("messages".to_owned(), messages.into());
    for (from, to) in [
        ("max_output_tokens", "max_completion_tokens"),
        ("temperature", "temperature"),
        ("top_p", "top_p"),
        ("parallel_tool_calls", "parallel_tool_calls"),
        ("safety_identifier", "user"),
        ("user", "user"),
        ("stream", "stream"),
        ("thinking", "thinking"),
        ("top_k", "top_k"),
    ] {
        if let Some(value) = field(request, from) {
            chat.insert(to.to_owned(), value.clone());
        }
    }
    if let Some(tools) = field(request, "tools").and_then(Value::as_array) {
        let tools = tools.iter().map(tool).collect::<Result<Vec<_>, _>>()?;
        chat.insert("tools".to_owned(), tools.into());
    }
    if let Some(choice) = field(request, "tool_choice") {
        chat.insert("tool_choice".to_owned(), tool_choice(choice)?);
    }
    if let Some(format) = request.get("text").and_then(|text| text.get("format")) {
        let format = match text(format, "type") {
            Some("json_schema") => json!({"type": "json_schema", "json_schema": format}),
            _ => format.clone(),
        };
        chat.insert("response_format".to_owned(), format);
    }
    Ok(chat)
}

fn item_to_message(item: &Value) -> Result<Option<Value>, UpstreamError> {
    match text(item, "type") {
        None | Some("message") => {
            let content = item
                .get("content")
                .ok_or_else(|| UpstreamError::BadRequest("a message has no `content`".to_owned()))?;
            let role = text(item, "role").unwrap_or("user");
            Ok(Some(json!({"role": role, "content": parts(content)?})))
        }
        Some("function_call") => {
            let function = json!({"name": item.get("name"), "arguments": item.get("arguments")});
            let call = json!({"id": item.get("call_id"), "type": "function", "function": function});
            Ok(Some(json!({"role": "assistant", "content": null, "tool_calls": [call]})))
        }
        Some("function_call_output") => {
            let output = parts(item.get("output").unwrap_or(&Value::Null))?;
            Ok(Some(json!({"role": "tool", "tool_call_id": item.get("call_id"), "content": output})))
        }
        // The reasoning of another model's earlier turn helps nobody.
        Some("reasoning") => Ok(None),
        Some(other) => Err(unsupported(&format!("an input item of type `{other}`"))),
    }
}

fn parts(content: &Value) -> Result<Value, UpstreamError> {
    let Value::Array(parts) = content else { return Ok(content.clone()) };
    parts.iter().map(part).collect()
}

fn part(part: &Value) -> Result<Value, UpstreamError> {
    match text(part, "type") {
        Some("input_text" | "output_text" | "text") => Ok(json!({"type": "text", "text": part.get("text")})),
        Some("refusal") => Ok(json!({"type": "text", "text": part.get("refusal")})),
        Some("input_image") if text(part, "image_url").is_some() => {
            Ok(json!({"type": "image_url", "image_url": {"url": part.get("image_url")}}))
        }
        Some("input_file") if text(part, "file_data").is_some() => {
            Ok(json!({"type": "file", "file": {"file_data": part.get("file_data")}}))
        }
        other => Err(unsupported(&format!("a content part of type `{}`", other.unwrap_or("(none)")))),
    }
}

fn tool(tool: &Value) -> Result<Value, UpstreamError> {
    if text(tool, "type") != Some("function") {
        return Err(unsupported(&format!("a tool of type `{}`", text(tool, "type").unwrap_or("(none)"))));
    }
    let mut function = tool.clone();
    if let Some(function) = function.as_object_mut() {
        function.remove("type");
    }
    Ok(json!({"type": "function", "function": function}))
}

fn tool_choice(choice: &Value) -> Result<Value, UpstreamError> {
    match (choice, text(choice, "type")) {
        (Value::String(_), _) => Ok(choice.clone()),
        (_, Some("function")) => Ok(json!({"type": "function", "function": {"name": choice.get("name")}})),
        _ => Err(unsupported("this `tool_choice`")),
    }
}
