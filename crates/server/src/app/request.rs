//! From accepted inputs to the request that the gate examines, and back from its findings to the field they stand in.

use super::definition::Definition;
use super::form::{FileIn, Inputs, Value};
use serde_json::{Value as Free, json};

/// A chat completion, ready for the gate.
#[derive(Debug, Clone)]
pub struct Request {
    /// The body.
    pub body: Vec<u8>,
    places: Vec<Place>,
}

/// Where an input stands in the body.
#[derive(Debug, Clone)]
struct Place {
    /// Path of the text, or of what lies around it.
    path: String,
    /// First character of the input in the text.
    from: usize,
    /// Behind its last character.
    to: usize,
    key: String,
}

/// A part of an outside app's inputs, as `crates/gate/src/upstream/gennai.rs` reads it.
fn part(key: &str, kind: &str, text: &str) -> Free {
    json!({ "type": "text", "field": key, "kind": kind, "text": text })
}

fn file_part(file: &FileIn) -> Free {
    json!({ "type": "file", "file": { "filename": file.name, "file_data": file.content } })
}

impl Request {
    /// For an app with an instruction, or one that runs elsewhere.
    pub fn new(app: &Definition, inputs: &Inputs, model: &str) -> Self {
        match &app.prompt {
            Some(prompt) => {
                let written = prompt.write(&app.form, inputs);
                let files: Vec<(&String, &FileIn)> =
                    inputs.0.iter().flat_map(|(key, value)| files(key, value)).collect();
                let path = if files.is_empty() { "messages[1].content" } else { "messages[1].content[0].text" };
                let spans = written.spans.into_iter();
                let mut places: Vec<Place> =
                    spans.map(|s| Place { path: path.to_owned(), from: s.from, to: s.to, key: s.key }).collect();
                let content = if files.is_empty() {
                    Free::from(written.user)
                } else {
                    let mut parts = vec![json!({ "type": "text", "text": written.user })];
                    for (key, file) in files {
                        places.push(Place::whole(format!("messages[1].content[{}]", parts.len()), key));
                        parts.push(file_part(file));
                    }
                    parts.into()
                };
                let messages = json!([
                    { "role": "system", "content": written.system },
                    { "role": "user", "content": content },
                ]);
                Self { body: body(model, messages), places }
            }
            None => {
                let (mut parts, mut places): (Vec<Free>, Vec<Place>) = (Vec::new(), Vec::new());
                for (key, value) in &inputs.0 {
                    let place = |parts: &Vec<Free>| Place::whole(format!("messages[0].content[{}]", parts.len()), key);
                    match value {
                        Value::Text(text) => {
                            places.push(place(&parts));
                            parts.push(part(key, "text", text));
                        }
                        Value::Number(number) => {
                            places.push(place(&parts));
                            parts.push(part(key, "number", &number.to_string()));
                        }
                        Value::List(items) => {
                            for item in items {
                                places.push(place(&parts));
                                parts.push(part(key, "list", item));
                            }
                        }
                        Value::Files(files) => {
                            places.push(place(&parts));
                            let files: Vec<Free> = files.iter().map(file_part).collect();
                            parts.push(json!({ "type": "files", "field": key, "files": files }));
                        }
                    }
                }
                Self { body: body(model, json!([{ "role": "user", "content": parts }])), places }
            }
        }
    }

    /// The same request with what was found for it: rules behind the instruction, texts behind the user's message.
    #[must_use]
    pub fn with(self, rules: &str, data: &str) -> Self {
        let Ok(mut body) = serde_json::from_slice::<Free>(&self.body) else { return self };
        for (pointer, more) in [("/messages/0/content", rules), ("/messages/1/content", data)] {
            let content = body.pointer_mut(pointer);
            if let Some(Free::String(content)) = content {
                content.push_str("\n\n");
                content.push_str(more);
            }
        }
        Self { body: body.to_string().into_bytes(), places: self.places }
    }

    /// The field in which something was found, and the character of its text, where that can be told.
    pub fn field_of(&self, path: &str, start: Option<usize>) -> Option<(&str, Option<usize>)> {
        let start_there = start.unwrap_or(0);
        let below = |place: &Place| {
            path.strip_prefix(place.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let place = self.places.iter().find(|place| below(place) && (place.from..place.to).contains(&start_there))?;
        Some((&place.key, start.map(|start| start - place.from)))
    }
}

impl Place {
    fn whole(path: String, key: &str) -> Self {
        Self { path, from: 0, to: usize::MAX, key: key.to_owned() }
    }
}

fn files<'a>(key: &'a String, value: &'a Value) -> Vec<(&'a String, &'a FileIn)> {
    if let Value::Files(files) = value { files.iter().map(|file| (key, file)).collect() } else { Vec::new() }
}

fn body(model: &str, messages: Free) -> Vec<u8> {
    json!({ "model": model, "messages": messages, "stream": false }).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(prompt: &str) -> Definition {
        let prompt = if prompt.is_empty() { String::new() } else { format!(",\"prompt\":\"{prompt}\"") };
        Definition::read(&format!(
            r#"{{"name":"n","overview":"o","form":{{"a":{{"type":"text","title":"A"}},"b":{{"type":"textarea","title":"B"}},
               "n":{{"type":"number","title":"N"}},"f":{{"type":"file","title":"F"}}}}{prompt}}}"#
        ))
        .unwrap()
    }

    fn inputs(app: &Definition, with_file: bool) -> Inputs {
        let mut given: Vec<(String, Value)> = vec![
            ("a".into(), Value::Text("い".into())),
            ("b".into(), Value::Text("電話 090".into())),
            ("n".into(), Value::Text("3".into())),
        ];
        if with_file {
            given.push(("f".into(), Value::Files(vec![FileIn { name: "x.txt".into(), content: "eA==".into() }])));
        }
        app.form.accept(&given).unwrap()
    }

    #[test]
    fn a_finding_leads_back_to_its_field() {
        let app = app("{{a}}と{{b}}");
        let request = Request::new(&app, &inputs(&app, false), "m");
        let body: Free = serde_json::from_slice(&request.body).unwrap();
        let user = body["messages"][1]["content"].as_str().unwrap();
        let at = user.chars().collect::<Vec<_>>().iter().position(|c| *c == '9').unwrap();
        assert_eq!(request.field_of("messages[1].content", Some(at)), Some(("b", Some(4))));
        assert_eq!(request.field_of("messages[0].content", Some(0)), None);
        let request = Request::new(&app, &inputs(&app, true), "m");
        assert_eq!(request.field_of("messages[1].content[1].text", Some(3)), Some(("f", Some(3))));
        assert_eq!(request.field_of("messages[1].content[10].text", Some(3)), None);
        assert_eq!(request.field_of("messages[1].content[0].text", Some(at)), Some(("b", Some(4))));
    }

    #[test]
    fn an_app_elsewhere_gets_its_inputs_apart() {
        let app = app("");
        let request = Request::new(&app, &inputs(&app, true), "m");
        let body: Free = serde_json::from_slice(&request.body).unwrap();
        let parts = body["messages"][0]["content"].as_array().unwrap();
        assert_eq!((&parts[1]["field"], &parts[1]["text"]), (&json!("b"), &json!("電話 090")));
        assert_eq!((&parts[2]["kind"], &parts[3]["files"][0]["file"]["filename"]), (&json!("number"), &json!("x.txt")));
        assert_eq!(request.field_of("messages[0].content[1].text", Some(3)), Some(("b", Some(3))));
        assert_eq!(request.field_of("messages[0].content[3].files[0].text", None), Some(("f", None)));
    }
}
