//! A chat completions request as a Messages request. What has no counterpart and would change the answer is refused
//! with its name; what only tunes sampling or bookkeeping (`seed`, `store`, `logit_bias`, …) is left out.

use serde_json::{Map, Value, json};

use crate::upstream::UpstreamError;
use crate::upstream::written::{field, text};

/// The Messages API wants a limit; the OpenAI API does not.
const MAX_TOKENS: u64 = 4096;

fn unsupported(what: &str) -> UpstreamError {
    UpstreamError::Unsupported(format!("{what} cannot be translated for an Anthropic model"))
}

fn bad(what: &str) -> UpstreamError {
    UpstreamError::BadRequest(what.to_owned())
}

pub(super) fn from_chat(chat: &Map<String, Value>, model: &str, stream: bool) -> Result<Value, UpstreamError> {
    refuse_untranslatable(chat)?;
    let (system, messages) = messages(chat)?;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("model", model.into());
    put("messages", messages.into());
    if !system.is_empty() {
        put("system", system.into());
    }
    let limit = field(chat, "max_completion_tokens").or_else(|| field(chat, "max_tokens"));
    put("max_tokens", limit.cloned().unwrap_or_else(|| MAX_TOKENS.into()));
    if stream {
        put("stream", true.into());
    }
    if let Some(temperature) = field(chat, "temperature") {
        // OpenAI's scale ends at 2, Anthropic's at 1.
        let capped = temperature.as_f64().is_some_and(|t| t > 1.0);
        put("temperature", if capped { 1.into() } else { temperature.clone() });
    }
    for name in ["top_p", "top_k", "thinking"] {
        if let Some(value) = field(chat, name) {
            put(name, value.clone());
        }
    }
    let stops: Vec<Value> = match field(chat, "stop") {
        Some(Value::Array(stops)) => stops.clone(),
        Some(stop) => vec![stop.clone()],
        None => Vec::new(),
    };
    // The Messages API refuses stop sequences of white space.
    let stops: Vec<Value> = stops.into_iter().filter(|s| s.as_str().is_none_or(|s| !s.trim().is_empty())).collect();
    if !stops.is_empty() {
        put("stop_sequences", stops.into());
    }
    if let Some(user) = field(chat, "user") {
        put("metadata", json!({ "user_id": user }));
    }
    if let Some(format) = output_format(chat)? {
        put("output_config", json!({ "format": format }));
    }
    let tools = tools(chat)?;
    if !tools.is_empty() {
        if let Some(choice) = tool_choice(chat)? {
            put("tool_choice", choice);
        }
        put("tools", tools.into());
    }
    Ok(out.into())
}

fn refuse_untranslatable(chat: &Map<String, Value>) -> Result<(), UpstreamError> {
    if field(chat, "n").is_some_and(|n| n.as_u64() != Some(1)) {
        return Err(unsupported("`n` other than 1"));
    }
    if field(chat, "logprobs").and_then(Value::as_bool) == Some(true) {
        return Err(unsupported("`logprobs`"));
    }
    for name in ["functions", "function_call", "audio", "web_search_options"] {
        if field(chat, name).is_some() {
            return Err(unsupported(&format!("`{name}`")));
        }
    }
    Ok(())
}

fn output_format(chat: &Map<String, Value>) -> Result<Option<Value>, UpstreamError> {
    let Some(format) = field(chat, "response_format") else { return Ok(None) };
    match text(format, "type") {
        None | Some("text") => Ok(None),
        Some("json_schema") => {
            let schema = format.get("json_schema").and_then(|schema| schema.get("schema"));
            let schema = schema.ok_or_else(|| bad("`response_format` has no schema"))?;
            Ok(Some(json!({"type": "json_schema", "schema": schema})))
        }
        Some(other) => Err(unsupported(&format!("`response_format` `{other}`"))),
    }
}

fn tools(chat: &Map<String, Value>) -> Result<Vec<Value>, UpstreamError> {
    let Some(tools) = field(chat, "tools") else { return Ok(Vec::new()) };
    let tools = tools.as_array().ok_or_else(|| bad("`tools` is not a list"))?;
    tools
        .iter()
        .map(|tool| {
            if text(tool, "type") != Some("function") {
                return Err(unsupported("a tool that is not a function"));
            }
            let function = tool.get("function").ok_or_else(|| bad("a tool has no `function`"))?;
            let schema = function.get("parameters").filter(|p| p.is_object()).cloned();
            let mut out = Map::new();
            out.insert("name".to_owned(), function.get("name").cloned().unwrap_or_default());
            if let Some(description) = function.get("description").filter(|d| d.is_string()) {
                out.insert("description".to_owned(), description.clone());
            }
            let schema = schema.unwrap_or_else(|| json!({"type": "object", "properties": {}}));
            out.insert("input_schema".to_owned(), schema);
            Ok(out.into())
        })
        .collect()
}

fn tool_choice(chat: &Map<String, Value>) -> Result<Option<Value>, UpstreamError> {
    let one_at_a_time = field(chat, "parallel_tool_calls").and_then(Value::as_bool) == Some(false);
    let mut choice = match field(chat, "tool_choice") {
        None if !one_at_a_time => return Ok(None),
        None => json!({"type": "auto"}),
        Some(choice) => match (choice.as_str(), text(choice, "type")) {
            (Some("auto"), _) => json!({"type": "auto"}),
            (Some("required"), _) => json!({"type": "any"}),
            (Some("none"), _) => return Ok(Some(json!({"type": "none"}))),
            (None, Some("function")) => {
                let name = choice.get("function").and_then(|f| text(f, "name"));
                json!({"type": "tool", "name": name.ok_or_else(|| bad("`tool_choice` names no function"))?})
            }
            _ => return Err(unsupported("this `tool_choice`")),
        },
    };
    if one_at_a_time && let Some(choice) = choice.as_object_mut() {
        choice.insert("disable_parallel_tool_use".to_owned(), true.into());
    }
    Ok(Some(choice))
}

/// The system text, and the turns: neighbours of one role are one turn, so results of parallel calls lie together.
fn messages(chat: &Map<String, Value>) -> Result<(String, Vec<Value>), UpstreamError> {
    let list = field(chat, "messages").and_then(Value::as_array).ok_or_else(|| bad("`messages` is missing"))?;
    let mut system: Vec<String> = Vec::new();
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in list {
        let content = message.get("content").unwrap_or(&Value::Null);
        let (role, blocks) = match text(message, "role") {
            Some("system" | "developer") => {
                system.extend(texts(content)?);
                continue;
            }
            Some("user") => ("user", blocks(content)?),
            Some("assistant") => ("assistant", assistant(message, content)?),
            Some("tool") => ("user", vec![tool_result(message, content)?]),
            Some(other) => return Err(unsupported(&format!("a message of role `{other}`"))),
            None => return Err(bad("a message has no `role`")),
        };
        match turns.last_mut() {
            Some((last, all)) if *last == role => all.extend(blocks),
            _ if blocks.is_empty() => {}
            _ => turns.push((role, blocks)),
        }
    }
    if turns.is_empty() {
        return Err(bad("`messages` has no message of a user"));
    }
    let turns = turns.into_iter().map(|(role, content)| json!({"role": role, "content": content})).collect();
    Ok((system.join("\n"), turns))
}

fn assistant(message: &Value, content: &Value) -> Result<Vec<Value>, UpstreamError> {
    let mut all = blocks(content)?;
    for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        let function = call.get("function").ok_or_else(|| unsupported("a tool call that is not a function's"))?;
        let arguments = text(function, "arguments").unwrap_or_default();
        let input: Value = if arguments.trim().is_empty() {
            json!({})
        } else {
            serde_json::from_str(arguments).map_err(|_| bad("the `arguments` of a tool call are not JSON"))?
        };
        all.push(json!({"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": input}));
    }
    Ok(all)
}

fn tool_result(message: &Value, content: &Value) -> Result<Value, UpstreamError> {
    let id = text(message, "tool_call_id").ok_or_else(|| bad("a tool message has no `tool_call_id`"))?;
    let mut result = json!({"type": "tool_result", "tool_use_id": id});
    let blocks = blocks(content)?;
    if !blocks.is_empty()
        && let Some(result) = result.as_object_mut()
    {
        result.insert("content".to_owned(), blocks.into());
    }
    Ok(result)
}

fn texts(content: &Value) -> Result<Vec<String>, UpstreamError> {
    match content {
        Value::String(content) => Ok(vec![content.clone()]),
        Value::Array(parts) => parts
            .iter()
            .map(|part| match (text(part, "type"), text(part, "text")) {
                (Some("text"), Some(text)) => Ok(text.to_owned()),
                _ => Err(unsupported("a system message with anything but text")),
            })
            .collect(),
        _ => Ok(Vec::new()),
    }
}

/// Content as blocks; the Messages API refuses empty text, so that is left out.
fn blocks(content: &Value) -> Result<Vec<Value>, UpstreamError> {
    match content {
        Value::Null => Ok(Vec::new()),
        Value::String(content) => Ok(text_block(content).into_iter().collect()),
        Value::Array(parts) => {
            let blocks = parts.iter().map(block).collect::<Result<Vec<_>, _>>()?;
            Ok(blocks.into_iter().flatten().collect())
        }
        _ => Err(bad("`content` is neither text nor a list of parts")),
    }
}

fn text_block(content: &str) -> Option<Value> {
    (!content.trim().is_empty()).then(|| json!({"type": "text", "text": content}))
}

fn block(part: &Value) -> Result<Option<Value>, UpstreamError> {
    match text(part, "type") {
        Some("text") => Ok(text(part, "text").and_then(text_block)),
        Some("refusal") => Ok(text(part, "refusal").and_then(text_block)),
        Some("image_url") => {
            let image = part.get("image_url").unwrap_or(&Value::Null);
            let url = image.as_str().or_else(|| text(image, "url")).ok_or_else(|| bad("an image has no `url`"))?;
            Ok(Some(json!({"type": "image", "source": source(url)?})))
        }
        Some("file") => {
            let data = part.get("file").and_then(|file| text(file, "file_data"));
            let data = data.ok_or_else(|| unsupported("a file without `file_data`"))?;
            Ok(Some(json!({"type": "document", "source": source(data)?})))
        }
        other => Err(unsupported(&format!("a content part of type `{}`", other.unwrap_or("(none)")))),
    }
}

/// `data:<type>;base64,<data>` or an https address.
fn source(url: &str) -> Result<Value, UpstreamError> {
    if let Some(data) = url.strip_prefix("data:") {
        let (media_type, data) = data.split_once(',').ok_or_else(|| bad("a data URL has no data"))?;
        let media_type =
            media_type.strip_suffix(";base64").ok_or_else(|| unsupported("a data URL that is not base64"))?;
        let media_type = media_type.split(';').next().unwrap_or(media_type);
        return Ok(json!({"type": "base64", "media_type": media_type, "data": data}));
    }
    if url.starts_with("https://") {
        return Ok(json!({"type": "url", "url": url}));
    }
    Err(unsupported("an image that is neither a data URL nor an https address"))
}
