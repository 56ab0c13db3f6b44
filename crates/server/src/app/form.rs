//! The form of an app, as 源内 writes it: an object with one entry per field, in the order in which they are shown.
//!
//! `{"input_text": {"type": "textarea", "title": "…", "desc": "…", "required": true}}`. What an entry says beyond what
//! is understood here is kept and given back as it was, so that a form survives the way through this program.

mod reading;

use super::ordered::Json;
use reading::{bad, field};
use std::fmt;

/// Most fields.
const MOST_FIELDS: usize = 40;
/// Longest name of a field.
const KEY_CHARS: usize = 60;
/// Longest title of a field or choice.
const TITLE_CHARS: usize = 200;
/// Longest explanation of a field.
const DESC_CHARS: usize = 2_000;
/// Most choices of a field.
const MOST_CHOICES: usize = 200;
/// Longest text in a field.
pub const TEXT_CHARS: usize = 200_000;
/// Most files of a field.
const MOST_FILES: usize = 10;

/// The member of `inputs` in which files stand.
pub const FILES: &str = "files";

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line.
    Text,
    /// Several lines.
    Textarea,
    /// A number.
    Number,
    /// One of its choices, folded up.
    Select,
    /// One of its choices.
    Radio,
    /// Any of its choices; without choices, yes or no.
    Checkbox,
    /// Files.
    File,
}

impl Kind {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Self); 7] = [
        ("text", Self::Text),
        ("textarea", Self::Textarea),
        ("number", Self::Number),
        ("select", Self::Select),
        ("radio", Self::Radio),
        ("checkbox", Self::Checkbox),
        ("file", Self::File),
    ];

    /// What people type freely, as opposed to what is chosen from a list.
    pub fn is_free(self) -> bool {
        matches!(self, Self::Text | Self::Textarea)
    }

    /// Something is chosen from a list.
    pub fn chooses(self) -> bool {
        matches!(self, Self::Select | Self::Radio | Self::Checkbox)
    }
}

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub title: String,
}

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name in `inputs`.
    pub key: String,
    /// What it takes.
    pub kind: Kind,
    /// Its label.
    pub title: String,
    /// Its explanation; may be empty.
    pub desc: String,
    /// Must be filled in.
    pub required: bool,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// What stands in it at first.
    pub default: Vec<String>,
    /// Most characters of a text.
    pub most: usize,
    /// For files: what the browser offers.
    pub accept: String,
}

/// A form.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// As it was written.
    pub source: Json,
}

/// Why a form cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadForm {
    /// `input_text.type`; empty for the form as a whole.
    pub place: String,
    /// What is wrong.
    pub ja: String,
}

impl fmt::Display for BadForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.ja) } else { write!(f, "{}: {}", self.place, self.ja) }
    }
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text, or one choice.
    Text(String),
    /// A number.
    Number(serde_json::Number),
    /// Several choices.
    List(Vec<String>),
    /// Files.
    Files(Vec<FileIn>),
}

/// A file in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileIn {
    /// Its name.
    pub name: String,
    /// Base64.
    pub content: String,
}

/// What was accepted: in the form's order, without what is empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inputs(pub Vec<(String, Value)>);

impl Inputs {
    /// What stands in that field.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

/// Why a field is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The field.
    pub key: String,
    /// For people, Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

impl Form {
    /// Reads a form from text.
    pub fn parse(text: &str) -> Result<Self, BadForm> {
        let json = Json::read(text.as_bytes()).map_err(|error| bad("", error.ja()))?;
        Self::read(json)
    }

    /// Reads a form.
    pub fn read(source: Json) -> Result<Self, BadForm> {
        let Some(members) = source.members() else {
            let shape = r#"{"input_text": {"type": "textarea", "title": "…", "required": true}}"#;
            return Err(bad(
                "",
                format!("フォームは項目ごとの定義を並べたオブジェクトで書いてください（例: {shape}）。"),
            ));
        };
        if members.is_empty() || members.len() > MOST_FIELDS {
            return Err(bad("", format!("入力欄を 1 個以上 {MOST_FIELDS} 個以下にしてください。")));
        }
        let fields = members.iter().map(|(key, entry)| field(key, entry)).collect::<Result<Vec<_>, _>>()?;
        if !fields.iter().any(|field| field.kind != Kind::Checkbox) {
            return Err(bad(
                "",
                "文章や選択肢を入力する欄が一つも要ります。チェックボックスだけでは動かせません。".to_owned(),
            ));
        }
        Ok(Self { fields, source })
    }

    /// The field of that name.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// Whether files can be given.
    pub fn takes_files(&self) -> bool {
        self.fields.iter().any(|field| field.kind == Kind::File)
    }

    /// What stands in the fields at first.
    pub fn defaults(&self) -> Vec<(String, Value)> {
        let of = |field: &Field| {
            let first = field.default.first()?.clone();
            let several = field.kind == Kind::Checkbox && !field.choices.is_empty();
            let value = if several { Value::List(field.default.clone()) } else { Value::Text(first) };
            Some((field.key.clone(), value))
        };
        self.fields.iter().filter_map(of).collect()
    }

    /// Accepts what was given, or says of every field what is wrong with it.
    pub fn accept(&self, given: &[(String, Value)]) -> Result<Inputs, Vec<Wrong>> {
        let mut wrong = Vec::new();
        for (key, _) in given {
            if self.field(key).is_none() {
                let known = self.fields.iter().map(|field| field.key.as_str()).collect::<Vec<_>>().join(", ");
                let key: String = key.chars().take(80).collect();
                wrong.push(Wrong {
                    ja: format!("`{key}` という入力欄はありません。使えるのは {known} です。"),
                    en: format!("there is no field `{key}`; known: {known}"),
                    key,
                });
            }
        }
        let mut inputs = Inputs::default();
        for field in &self.fields {
            let value = given.iter().find(|(key, _)| *key == field.key).map(|(_, value)| value);
            match field.accept(value) {
                Ok(Some(value)) => inputs.0.push((field.key.clone(), value)),
                Ok(None) => {}
                Err((ja, en)) => wrong.push(Wrong { key: field.key.clone(), ja, en }),
            }
        }
        // Choices alone are nothing to work on.
        let substance = |kind: Kind| kind.is_free() || kind == Kind::File;
        let mut fields = self.fields.iter().filter(|field| substance(field.kind));
        let given_any = inputs.0.iter().any(|(key, _)| self.field(key).is_some_and(|field| substance(field.kind)));
        if let (true, false, Some(first)) = (wrong.is_empty(), given_any, fields.next()) {
            let more = fields.map(|field| format!("か「{}」", field.title)).collect::<String>();
            wrong.push(Wrong {
                key: first.key.clone(),
                ja: format!("「{}」{more}に、処理の対象を入れてください。", first.title),
                en: format!("there is nothing to work on; fill in `{}`", first.key),
            });
        }
        if wrong.is_empty() { Ok(inputs) } else { Err(wrong) }
    }
}

impl Field {
    fn accept(&self, value: Option<&Value>) -> Result<Option<Value>, (String, String)> {
        let title = &self.title;
        let missing = || {
            let ja = if self.kind.is_free() || self.kind == Kind::Number {
                format!("「{title}」を入力してください。")
            } else {
                format!("「{title}」を選んでください。")
            };
            (ja, format!("`{}` is required", self.key))
        };
        let shape = |what: &str, en: &str| {
            (format!("「{title}」は{what}で指定してください。"), format!("`{}` must be {en}", self.key))
        };
        let empty = match value {
            None => true,
            Some(Value::Text(text)) => text.trim().is_empty(),
            Some(Value::List(items)) => items.is_empty(),
            Some(Value::Files(files)) => files.is_empty(),
            Some(Value::Number(_)) => false,
        };
        let value = match value {
            Some(value) if !empty => value,
            _ if self.required => return Err(missing()),
            _ => return Ok(None),
        };
        let accepted = match (self.kind, value) {
            (Kind::Text | Kind::Textarea, Value::Text(text)) => {
                let length = text.chars().count();
                if length > self.most {
                    return Err((
                        format!("「{title}」が長すぎます（{length} 文字）。{} 文字までにしてください。", self.most),
                        format!("`{}` has {length} characters; at most {} are allowed", self.key, self.most),
                    ));
                }
                if self.kind == Kind::Text && text.contains('\n') {
                    return Err(shape("1 行の文字列", "a single line"));
                }
                Value::Text(text.clone())
            }
            (Kind::Text | Kind::Textarea, Value::Number(number)) => Value::Text(number.to_string()),
            (Kind::Number, Value::Number(number)) => Value::Number(number.clone()),
            (Kind::Number, Value::Text(text)) => {
                let folded: String = text.trim().chars().map(half).collect();
                let whole = folded.parse::<i64>().ok().map(serde_json::Number::from);
                let number = whole.or_else(|| folded.parse::<f64>().ok().and_then(serde_json::Number::from_f64));
                Value::Number(number.ok_or_else(|| shape("数値", "a number"))?)
            }
            (Kind::Select | Kind::Radio, Value::Text(text)) => Value::Text(self.chosen(text)?),
            (Kind::Select | Kind::Radio, Value::Number(number)) => Value::Text(self.chosen(&number.to_string())?),
            (Kind::Checkbox, Value::Text(text)) if self.choices.is_empty() => match text.as_str() {
                "true" => Value::Text("true".to_owned()),
                "false" if !self.required => return Ok(None),
                "false" => return Err(missing()),
                _ => return Err(shape(" true か false ", "true or false")),
            },
            (Kind::Checkbox, Value::Text(text)) => Value::List(vec![self.chosen(text)?]),
            (Kind::Checkbox, Value::List(items)) if !self.choices.is_empty() => {
                let mut list: Vec<String> = Vec::new();
                for item in items {
                    let item = self.chosen(item)?;
                    if !list.contains(&item) {
                        list.push(item);
                    }
                }
                Value::List(list)
            }
            (Kind::File, Value::Files(files)) => {
                if files.len() > MOST_FILES {
                    return Err(shape(&format!(" {MOST_FILES} 個までのファイル"), "ten files at most"));
                }
                if files.iter().any(|file| file.name.trim().is_empty() || file.content.is_empty()) {
                    return Err((
                        format!("「{title}」に名前か中身のないファイルがあります。選び直してください。"),
                        format!("a file of `{}` has no name or no content", self.key),
                    ));
                }
                Value::Files(files.clone())
            }
            (Kind::Text | Kind::Textarea, _) => return Err(shape("文字列", "a string")),
            (Kind::Number, _) => return Err(shape("数値", "a number")),
            (Kind::Select | Kind::Radio, _) => return Err(shape("選択肢の一つ", "one of its choices")),
            (Kind::Checkbox, _) => return Err(shape("選択肢の配列", "a list of its choices")),
            (Kind::File, _) => return Err(shape("ファイル（inputs.files）", "given in `inputs.files`")),
        };
        Ok(Some(accepted))
    }

    fn chosen(&self, value: &str) -> Result<String, (String, String)> {
        match self.choices.iter().find(|choice| choice.value == value) {
            Some(choice) => Ok(choice.value.clone()),
            None => {
                let known = self.choices.iter().map(|choice| choice.value.as_str()).collect::<Vec<_>>().join(", ");
                Err((
                    format!("「{}」の選択肢にない値です。使えるのは {known} です。", self.title),
                    format!("`{}` must be one of: {known}", self.key),
                ))
            }
        }
    }

    /// What the choice of that value is called.
    pub fn title_of<'a>(&'a self, value: &'a str) -> &'a str {
        self.choices.iter().find(|choice| choice.value == value).map_or(value, |choice| choice.title.as_str())
    }
}

/// Digits as people type them.
fn half(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '．' => '.',
        '－' | '−' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn given(all: &[(&str, Value)]) -> Vec<(String, Value)> {
        all.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    }

    const FORM: &str = r#"{
        "input_text": {"type":"textarea","title":"法令に関する質問","desc":"説明","required":true,"max_length":10,"x_more":[1]},
        "lang": {"type":"select","title":"言語","items":[{"title":"英語","value":"en"},{"title":"中国語","value":"zh"}],"default_value":"en"},
        "how": {"type":"checkbox","title":"観点","options":["誤字","敬語"]},
        "strict": {"type":"checkbox","title":"厳しく"},
        "n": {"type":"number","title":"字数"},
        "doc": {"type":"file","title":"資料"}
    }"#;

    #[test]
    fn a_form_of_gennai_is_read_in_its_order_and_given_back_as_it_was() {
        let form = Form::parse(FORM).unwrap();
        let keys: Vec<&str> = form.fields.iter().map(|field| field.key.as_str()).collect();
        assert_eq!(keys, ["input_text", "lang", "how", "strict", "n", "doc"]);
        assert_eq!((form.fields[0].kind, form.fields[0].required, form.fields[0].most), (Kind::Textarea, true, 10));
        assert_eq!(form.fields[1].title_of("en"), "英語");
        assert!(serde_json::to_string(&form.source).unwrap().contains(r#""x_more":[1]"#));
        assert_eq!(form.defaults(), given(&[("lang", text("en"))]));
    }

    #[test]
    fn what_is_wrong_with_a_form_is_said_with_its_place() {
        for (form, place, part) in [
            ("[]", "", "オブジェクト"),
            ("{}", "", "1 個以上"),
            (r#"{"a":{"type":"text","title":"x"},"a":{"type":"text","title":"y"}}"#, "", "二度"),
            (r#"{"a b":{"type":"text","title":"x"}}"#, "a b", "英数字"),
            (r#"{"a":1}"#, "a", "数値"),
            (r#"{"a":{"title":"x"}}"#, "a.type", "textarea"),
            (
                r#"{"a":{"type":"slider","title":"x"}}"#,
                "a.type",
                "`slider` という種類はありません。使えるのは text, textarea, number",
            ),
            (r#"{"a":{"type":"text"}}"#, "a.title", "見出し"),
            (r#"{"a":{"type":"text","title":"x","required":"yes"}}"#, "a.required", "true か false"),
            (r#"{"a":{"type":"select","title":"x"}}"#, "a.items", "選択肢がありません"),
            (r#"{"a":{"type":"radio","title":"x","options":["b","b"]}}"#, "a.options[1]", "二度"),
            (r#"{"a":{"type":"radio","title":"x","options":[{}]}}"#, "a.options[0]", "文字列"),
            (r#"{"a":{"type":"radio","title":"x","options":["b"],"default_value":"c"}}"#, "a.default_value", "`c`"),
            (r#"{"files":{"type":"text","title":"x"}}"#, "files", "別の名前"),
            (r#"{"a":{"type":"checkbox","title":"x"}}"#, "", "チェックボックスだけ"),
        ] {
            let error = Form::parse(form).unwrap_err();
            assert!(error.place == place && error.ja.contains(part), "{form}: {error:?}");
        }
        let many: String = (0..50).map(|n| format!("\"f{n}\":{{\"type\":\"text\",\"title\":\"x\"}},")).collect();
        assert!(Form::parse(&format!("{{{}}}", many.trim_end_matches(','))).is_err());
    }

    #[test]
    fn inputs_are_accepted_in_the_forms_order_and_every_fault_is_named() {
        let form = Form::parse(FORM).unwrap();
        let file = Value::Files(vec![FileIn { name: "a.txt".into(), content: "eA==".into() }]);
        let good = given(&[
            ("n", text("１２０")),
            ("how", Value::List(vec!["敬語".into()])),
            ("lang", text("zh")),
            ("strict", text("true")),
            ("input_text", text("質問")),
            ("doc", file),
        ]);
        let inputs = form.accept(&good).unwrap();
        let keys: Vec<&str> = inputs.0.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["input_text", "lang", "how", "strict", "n", "doc"]);
        assert_eq!(inputs.get("n"), Some(&Value::Number(120.into())));
        for (key, value) in [
            ("input_text", text(" \n ")),
            ("input_text", text("長すぎる文字列長すぎる文字列")),
            ("input_text", Value::List(vec!["x".into()])),
            ("lang", text("fr")),
            ("how", Value::List(vec!["色".into()])),
            ("strict", text("maybe")),
            ("n", text("十")),
            ("n", text("NaN")),
            ("doc", text("x")),
            ("doc", Value::Files(vec![FileIn { name: String::new(), content: "eA==".into() }])),
            ("nothing", text("x")),
        ] {
            let mut all = given(&[("input_text", text("質問"))]);
            all.retain(|(known, _)| known != key);
            all.push((key.to_owned(), value));
            let wrong = form.accept(&all).unwrap_err();
            assert_eq!(wrong.iter().map(|wrong| wrong.key.as_str()).collect::<Vec<_>>(), [key], "{wrong:?}");
        }
        assert_eq!(form.accept(&[]).unwrap_err()[0].key, "input_text");
    }
}
