//! 源内's protocol: what an app is sent, and what it answers.

use super::form::{FILES, FileIn, Form, Inputs, Value, Wrong};
use super::ordered::Json;
use sekisho_gate::inbound::Unreadable;
use serde_json::{Value as Free, json};

fn invalid(param: &str, ja: impl Into<String>, en: impl Into<String>) -> Unreadable {
    Unreadable { code: "INVALID_INPUTS", param: Some(param.to_owned()), ja: ja.into(), en: en.into() }
}

/// Reads `{"inputs": {…, "files": [{"key", "files": [{"filename", "content"}]}]}}` for a form.
pub fn read(form: &Form, body: &[u8]) -> Result<Inputs, Unreadable> {
    let json = Json::read(body).map_err(|error| Unreadable {
        code: if error.said.contains("duplicate key") { "DUPLICATE_KEY" } else { "INVALID_JSON" },
        param: None,
        ja: error.ja(),
        en: format!("this is not JSON: {error}"),
    })?;
    let Some(members) = json.members() else {
        return Err(invalid(
            "inputs",
            "本文は `{\"inputs\": {…}}` の形にしてください。",
            "the body must be `{\"inputs\": {…}}`",
        ));
    };
    if let Some((unknown, _)) = members.iter().find(|(name, _)| name != "inputs") {
        let unknown: String = unknown.chars().take(80).collect();
        let (ja, en) = (
            format!("`{unknown}` という項目はありません。使えるのは inputs です。"),
            format!("there is no `{unknown}`; known: inputs"),
        );
        return Err(invalid(&unknown, ja, en));
    }
    let Some(inputs) = json.get("inputs").and_then(Json::members) else {
        return Err(invalid("inputs", "`inputs` をオブジェクトで指定してください。", "`inputs` must be an object"));
    };
    let mut given: Vec<(String, Value)> = Vec::new();
    for (key, value) in inputs {
        if key == FILES {
            files(value, &mut given)?;
            continue;
        }
        let value = match value {
            Json::Null => continue,
            Json::Text(text) => Value::Text(text.clone()),
            Json::Number(number) => Value::Number(number.clone()),
            Json::Bool(yes) => Value::Text(yes.to_string()),
            Json::List(items) => {
                let texts: Option<Vec<String>> = items.iter().map(|item| item.text().map(str::to_owned)).collect();
                let param = named(key);
                let en = format!("`{param}` must be a list of strings");
                Value::List(
                    texts.ok_or_else(|| invalid(&param, format!("`{param}` は文字列の配列にしてください。"), en))?,
                )
            }
            Json::Object(_) => {
                let param = named(key);
                let (ja, en) =
                    (format!("`{param}` は値で指定してください。"), format!("`{param}` must be a plain value"));
                return Err(invalid(&param, ja, en));
            }
        };
        given.push((key.clone(), value));
    }
    form.accept(&given).map_err(|wrong| first(&wrong))
}

fn named(key: &str) -> String {
    format!("inputs.{}", key.chars().take(80).collect::<String>())
}

/// The first fault names its field; all are told.
fn first(wrong: &[Wrong]) -> Unreadable {
    let param = wrong.first().map_or_else(|| "inputs".to_owned(), |one| named(&one.key));
    let join = |text: fn(&Wrong) -> &str| wrong.iter().map(text).collect::<Vec<_>>().join(" ");
    invalid(&param, join(|one| &one.ja), join(|one| &one.en))
}

fn files(value: &Json, given: &mut Vec<(String, Value)>) -> Result<(), Unreadable> {
    let shape = || {
        let form = r#"[{"key": "…", "files": [{"filename": "…", "content": "…base64…"}]}]"#;
        invalid(
            "inputs.files",
            format!("`inputs.files` は {form} の形にしてください。"),
            format!("`inputs.files` must be {form}"),
        )
    };
    let only = |json: &Json, names: [&str; 2]| {
        json.members().is_some_and(|members| members.iter().all(|(name, _)| names.contains(&name.as_str())))
    };
    let Json::List(groups) = value else {
        return if *value == Json::Null { Ok(()) } else { Err(shape()) };
    };
    for group in groups {
        let key = group.get("key").and_then(Json::text).ok_or_else(shape)?;
        let Some(Json::List(list)) = group.get("files") else { return Err(shape()) };
        if !only(group, ["key", "files"]) || given.iter().any(|(known, _)| known == key) {
            return Err(shape());
        }
        let mut all = Vec::new();
        for file in list {
            let text = |name: &str| file.get(name).and_then(Json::text).map(str::to_owned);
            match (text("filename"), text("content"), only(file, ["filename", "content"])) {
                (Some(name), Some(content), true) => all.push(FileIn { name, content }),
                _ => return Err(shape()),
            }
        }
        given.push((key.to_owned(), Value::Files(all)));
    }
    Ok(())
}

/// What a model said, out of a whole chat completion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The text, in Markdown.
    pub text: String,
    /// Tokens of the request.
    pub input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
}

impl Said {
    /// Reads a chat completion. One without a text is an empty answer.
    pub fn read(body: &[u8]) -> Self {
        let json: Free = serde_json::from_slice(body).unwrap_or_default();
        let text = json.pointer("/choices/0/message/content").and_then(Free::as_str).unwrap_or_default();
        let count = |name: &str| json.pointer(&format!("/usage/{name}")).and_then(Free::as_u64).unwrap_or(0);
        Self { text: text.to_owned(), input_tokens: count("prompt_tokens"), output_tokens: count("completion_tokens") }
    }

    /// The answer of an app.
    pub fn answer(&self, model: &str, id: &str) -> Free {
        json!({
            "outputs": self.text,
            "usageMetadata": {
                "inputTokens": self.input_tokens, "outputTokens": self.output_tokens,
                "totalTokens": self.input_tokens.saturating_add(self.output_tokens), "model": model, "use": id,
            },
            "statusCode": 200,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        Form::parse(
            r#"{"t":{"type":"text","title":"T","required":true},"doc":{"type":"file","title":"D"},
                "c":{"type":"checkbox","title":"C","options":["x"]},"yes":{"type":"checkbox","title":"Y"}}"#,
        )
        .unwrap()
    }

    #[test]
    fn inputs_and_files_are_read_strictly() {
        let body = r#"{"inputs":{"t":"a","c":["x"],"yes":true,"files":[{"key":"doc","files":[{"filename":"a.txt","content":"eA=="}]}]}}"#;
        let inputs = read(&form(), body.as_bytes()).unwrap();
        assert_eq!(inputs.0.len(), 4);
        for (body, param) in [
            ("", None),
            (r#"{"inputs":{"t":"a","t":"b"}}"#, None),
            ("[]", Some("inputs")),
            ("{}", Some("inputs")),
            (r#"{"inputs":[]}"#, Some("inputs")),
            (r#"{"inputs":{"t":"a"},"model":"x"}"#, Some("model")),
            (r#"{"inputs":{}}"#, Some("inputs.t")),
            (r#"{"inputs":{"t":"a","u":"b"}}"#, Some("inputs.u")),
            (r#"{"inputs":{"t":{"a":1}}}"#, Some("inputs.t")),
            (r#"{"inputs":{"t":"a","c":[1]}}"#, Some("inputs.c")),
            (r#"{"inputs":{"t":"a","files":{}}}"#, Some("inputs.files")),
            (
                r#"{"inputs":{"t":"a","files":[{"key":"doc","files":[{"filename":"x","content":1}]}]}}"#,
                Some("inputs.files"),
            ),
            (r#"{"inputs":{"t":"a","files":[{"key":"doc","files":[],"x":1}]}}"#, Some("inputs.files")),
            (
                r#"{"inputs":{"t":"a","files":[{"key":"other","files":[{"filename":"x","content":"eA=="}]}]}}"#,
                Some("inputs.other"),
            ),
        ] {
            let error = read(&form(), body.as_bytes()).unwrap_err();
            assert_eq!(error.param.as_deref(), param, "{body}: {error:?}");
        }
    }

    #[test]
    fn an_answer_is_gennais() {
        let said = Said::read(
            r#"{"choices":[{"message":{"content":"**関所**"}}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#
                .as_bytes(),
        );
        let answer = said.answer("m", "u-1");
        assert_eq!((&answer["outputs"], &answer["statusCode"]), (&json!("**関所**"), &json!(200)));
        assert_eq!(answer["usageMetadata"]["totalTokens"], 5);
        assert_eq!(Said::read(b"nonsense"), Said::default());
    }
}
