//! An app as a file says it: name, overview, usage, form, and the instruction unless another program answers.

use super::form::Form;
use super::ordered::Json;
use super::prompt::Prompt;
use sekisho_gate::identify::hash_of;

/// Longest name.
const NAME_CHARS: usize = 60;
/// Longest overview.
const OVERVIEW_CHARS: usize = 1_000;
/// Longest usage.
const USAGE_CHARS: usize = 10_000;
/// Most bytes of a file.
pub const MOST_BYTES: usize = 200_000;

/// An app.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// What it does, in a sentence or two.
    pub overview: String,
    /// How to use it.
    pub usage: String,
    /// What it asks.
    pub form: Form,
    /// The instruction; `None` for an app that runs elsewhere.
    pub prompt: Option<Prompt>,
}

/// The parts as people type them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Name.
    pub name: String,
    /// Overview.
    pub overview: String,
    /// Usage.
    pub usage: String,
    /// Form, as JSON.
    pub form: String,
    /// Instruction; `None` for an app that runs elsewhere.
    pub prompt: Option<String>,
}

/// What is wrong with a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPart {
    /// `name`, `overview`, `usage`, `form`, `prompt`; empty for the file as a whole.
    pub part: &'static str,
    /// For people.
    pub ja: String,
}

const MEMBERS: [&str; 6] = ["id", "name", "overview", "usage", "form", "prompt"];

impl Definition {
    /// Makes an app of what was typed, or says of every part what is wrong.
    pub fn make(typed: &Typed) -> Result<Self, Vec<BadPart>> {
        let mut wrong = Vec::new();
        for (part, ja, text, most, needed) in [
            ("name", "名前", &typed.name, NAME_CHARS, true),
            ("overview", "概要", &typed.overview, OVERVIEW_CHARS, true),
            ("usage", "使い方", &typed.usage, USAGE_CHARS, false),
        ] {
            let length = text.chars().count();
            if needed && text.trim().is_empty() {
                wrong.push(BadPart { part, ja: format!("{ja}を入力してください。") });
            } else if length > most {
                let ja = format!("{ja}が長すぎます（{length} 文字）。{most} 文字までにしてください。");
                wrong.push(BadPart { part, ja });
            }
        }
        if typed.name.contains('\n') {
            wrong.push(BadPart { part: "name", ja: "名前は 1 行で入力してください。".to_owned() });
        }
        let form = Form::parse(&typed.form)
            .map_err(|e| wrong.push(BadPart { part: "form", ja: format!("フォーム: {e}") }))
            .ok();
        let prompt = match (&form, &typed.prompt) {
            (Some(form), Some(prompt)) => {
                Prompt::parse(prompt, form).map_err(|ja| wrong.push(BadPart { part: "prompt", ja })).ok()
            }
            _ => None,
        };
        match form {
            Some(form) if wrong.is_empty() => {
                let made = Self {
                    name: typed.name.trim().to_owned(),
                    overview: typed.overview.trim().to_owned(),
                    usage: typed.usage.trim().to_owned(),
                    form,
                    prompt,
                };
                // What is kept must be readable again.
                match Self::typed(&made.file()) {
                    Ok(_) => Ok(made),
                    Err(bad) => Err(vec![bad]),
                }
            }
            _ => Err(wrong),
        }
    }

    /// Takes a file apart into what could be typed.
    pub fn typed(file: &str) -> Result<Typed, BadPart> {
        let whole = |ja: String| BadPart { part: "", ja };
        if file.len() > MOST_BYTES {
            return Err(whole(format!("ファイルが大きすぎます。{MOST_BYTES} バイトまでにしてください。")));
        }
        let json = Json::read(file.trim_start_matches('\u{feff}').as_bytes()).map_err(|e| whole(e.ja()))?;
        let Some(members) = json.members() else {
            return Err(whole(format!("アプリの定義はオブジェクトで書いてください（いまは{}です）。", json.what())));
        };
        if let Some((unknown, _)) = members.iter().find(|(name, _)| !MEMBERS.contains(&name.as_str())) {
            let unknown: String = unknown.chars().take(80).collect();
            return Err(whole(format!("`{unknown}` という項目はありません。使えるのは {} です。", MEMBERS.join(", "))));
        }
        let text = |part: &'static str| match json.get(part) {
            None | Some(Json::Null) => Ok(String::new()),
            Some(Json::Text(text)) => Ok(text.clone()),
            Some(other) => Err(BadPart {
                part,
                ja: format!("`{part}` は文字列で書いてください（いまは{}です）。", other.what()),
            }),
        };
        let form = json.get("form").map(written).unwrap_or_default();
        let prompt = json.get("prompt").is_some().then(|| text("prompt")).transpose()?;
        Ok(Typed { name: text("name")?, overview: text("overview")?, usage: text("usage")?, form, prompt })
    }

    /// Reads a file.
    pub fn read(file: &str) -> Result<Self, Vec<BadPart>> {
        Self::make(&Self::typed(file).map_err(|error| vec![error])?)
    }

    /// The file: members in a fixed order, so that the same app always has the same bytes.
    pub fn file(&self) -> String {
        let mut members: Vec<(String, Json)> = vec![
            ("name".into(), self.name.as_str().into()),
            ("overview".into(), self.overview.as_str().into()),
            ("usage".into(), self.usage.as_str().into()),
            ("form".into(), self.form.source.clone()),
        ];
        if let Some(prompt) = &self.prompt {
            members.push(("prompt".into(), prompt.source.as_str().into()));
        }
        written(&Json::Object(members))
    }

    /// SHA-256 of the file: what is accepted when an app is shared.
    pub fn sha256(&self) -> String {
        hash_of(&self.file())
    }

    /// The parts as they can be typed.
    pub fn parts(&self) -> Typed {
        Typed {
            name: self.name.clone(),
            overview: self.overview.clone(),
            usage: self.usage.clone(),
            form: written(&self.form.source),
            prompt: self.prompt.as_ref().map(|prompt| prompt.source.clone()),
        }
    }
}

/// JSON for people: with line breaks.
pub fn written(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"id":"x","name":"議事録","overview":"整える","form":{"text":{"type":"textarea","title":"原文"}},"prompt":"{{text}}を整える。"}"#;

    #[test]
    fn a_file_comes_back_as_it_went() {
        let app = Definition::read(FILE).unwrap();
        let again = Definition::read(&app.file()).unwrap();
        assert_eq!((again.file(), again.sha256()), (app.file(), app.sha256()));
        assert_eq!(Definition::make(&app.parts()).unwrap(), app);
        let other = Definition::read(&FILE.replace("整える。", "直す。")).unwrap();
        assert_ne!(other.sha256(), app.sha256());
    }

    #[test]
    fn every_bad_part_is_named() {
        let wrong = Definition::make(&Typed { prompt: Some("x".into()), ..Typed::default() }).unwrap_err();
        assert_eq!(wrong.iter().map(|bad| bad.part).collect::<Vec<_>>(), ["name", "overview", "form"]);
        let wrong = Definition::read(&FILE.replace("{{text}}", "{{body}}")).unwrap_err();
        assert_eq!(wrong[0].part, "prompt");
        for (file, part) in [("[]", ""), ("{", ""), (r#"{"naem":"x"}"#, ""), (r#"{"name":1}"#, "name")] {
            assert_eq!(Definition::read(file).unwrap_err()[0].part, part, "{file}");
        }
    }
}
