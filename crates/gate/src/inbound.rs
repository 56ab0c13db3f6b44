//! Reading a request's JSON: strictly, because what the scanner sees must be what the model sees.
//!
//! A second `messages` under the same name would be read by one parser and not by the other, so a duplicate key at any
//! depth refuses the request. Every text in it is collected for the scan; the bytes themselves go on untouched.

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt;

/// A request as far as the gate reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The model asked for.
    pub model: String,
    /// A streamed answer is wanted.
    pub stream: bool,
    /// What OpenAI's `metadata` narrows.
    pub narrowed: BTreeMap<String, String>,
    /// Every text of the request, one after the other.
    pub text: String,
    /// It carries or points to something that is not text: files, pictures, sound.
    pub media: bool,
}

/// Why a request cannot be read. The body has not been looked at any further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Stable code.
    pub code: &'static str,
    /// The field, where one is to blame.
    pub param: Option<String>,
    /// For people, Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

/// Names in `metadata` that the gate reads.
const NARROWING: [&str; 6] = ["permit", "grade", "purpose", "inherits", "confirm", "reason"];

/// A name of a member longer than this is scanned as well: only a long one can hide anything worth finding.
pub(crate) const LONG_KEY: usize = 24;

/// Names under which a request carries or points to what is not text.
const MEDIA_KEYS: [&str; 8] =
    ["file", "file_data", "file_id", "file_url", "image_url", "input_audio", "input_image", "video_url"];

/// Reads a request.
pub fn read(body: &[u8]) -> Result<Inbound, Unreadable> {
    let mut text = String::with_capacity(body.len());
    let mut json = serde_json::Deserializer::from_slice(body);
    let mut media = false;
    Walk { text: &mut text, media: &mut media, top: true }.deserialize(&mut json).map_err(|e| malformed(&e))?;
    json.end().map_err(|e| malformed(&e))?;
    let top: Top<'_> = serde_json::from_slice(body).map_err(|e| field(&e))?;
    let Some(model) = top.model else {
        return Err(Unreadable {
            code: "MISSING_MODEL",
            param: Some("model".into()),
            ja: "`model` がありません。使うモデルの名前を文字列で指定してください（一覧は GET /v1/models）。".into(),
            en: "`model` is missing; name a model as a string (GET /v1/models lists them)".into(),
        });
    };
    let mut narrowed = BTreeMap::new();
    for (name, value) in top.metadata.into_iter().flatten() {
        if !NARROWING.contains(&name.as_ref()) {
            continue;
        }
        // A grade written as a number must not count as no grade.
        let Some(value) = value.as_str() else {
            return Err(Unreadable {
                code: "INVALID_FIELD",
                param: Some(format!("metadata.{name}")),
                ja: format!("`metadata` の `{name}` は文字列で指定してください。"),
                en: format!("`{name}` in `metadata` must be a string"),
            });
        };
        narrowed.insert(name.into_owned(), value.to_owned());
    }
    Ok(Inbound { model: model.into_owned(), stream: top.stream.unwrap_or(false), narrowed, text, media })
}

#[derive(Deserialize)]
struct Top<'a> {
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(borrow, default)]
    metadata: Option<BTreeMap<Cow<'a, str>, serde_json::Value>>,
}

fn malformed(error: &serde_json::Error) -> Unreadable {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    if said.contains(DUPLICATE) {
        return Unreadable {
            code: "DUPLICATE_KEY",
            param: None,
            ja: format!("JSON に同じ名前の項目が二度あります（{line} 行 {column} 列付近）。一つにしてください: {said}"),
            en: format!("the JSON names a member twice: {said}"),
        };
    }
    if said.contains("recursion limit") {
        return Unreadable {
            code: "TOO_DEEP",
            param: None,
            ja: format!("JSON の入れ子が深すぎます（{line} 行 {column} 列）。127 段までにしてください。"),
            en: format!("the JSON nests too deep at line {line} column {column}; at most 127 levels"),
        };
    }
    Unreadable {
        code: "INVALID_JSON",
        param: None,
        ja: format!("JSON として読めません（{line} 行 {column} 列）: {said}"),
        en: format!("this is not JSON: {said}"),
    }
}

fn field(error: &serde_json::Error) -> Unreadable {
    Unreadable {
        code: "INVALID_FIELD",
        param: None,
        ja: format!("項目の型が違います。`model` は文字列、`stream` は真偽値、`metadata` は名前と値の組です: {error}"),
        en: format!("a member has the wrong type; `model` is a string, `stream` a boolean, `metadata` a map: {error}"),
    }
}

const DUPLICATE: &str = "duplicate key";

/// Walks any JSON value, refuses duplicate keys and collects texts.
struct Walk<'t> {
    text: &'t mut String,
    media: &'t mut bool,
    /// The value must be an object: the request itself.
    top: bool,
}

impl Walk<'_> {
    fn collect(&mut self, text: &str) {
        *self.media |= text.len() > 5 && text.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("data:"));
        self.text.push_str(without_data(text));
        self.text.push('\n');
    }

    fn scalar<E: de::Error>(self, what: &str) -> Result<(), E> {
        if self.top { Err(E::custom(format!("expected an object, found {what}"))) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.scalar("a boolean")
    }

    fn visit_i64<E: de::Error>(mut self, n: i64) -> Result<(), E> {
        self.number(n)
    }

    fn visit_u64<E: de::Error>(mut self, n: u64) -> Result<(), E> {
        self.number(n)
    }

    fn visit_f64<E: de::Error>(mut self, n: f64) -> Result<(), E> {
        self.number(n)
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.scalar("null")
    }

    fn visit_str<E: de::Error>(mut self, text: &str) -> Result<(), E> {
        self.collect(text);
        self.scalar("a string")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.top {
            return Err(de::Error::custom("expected an object, found an array"));
        }
        while seq.next_element_seed(Walk { text: &mut *self.text, media: &mut *self.media, top: false })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        // Objects of requests are small; only a large one pays for a set.
        let mut few: Vec<String> = Vec::new();
        let mut many: HashSet<String> = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let twice = if many.is_empty() { few.contains(&key) } else { many.contains(&key) };
            if twice {
                let key: String = key.chars().take(80).collect();
                return Err(de::Error::custom(format!("{DUPLICATE} `{key}`")));
            }
            if key.len() > LONG_KEY {
                self.text.push_str(&key);
                self.text.push('\n');
            }
            *self.media |= MEDIA_KEYS.contains(&key.as_str());
            map.next_value_seed(Walk { text: &mut *self.text, media: &mut *self.media, top: false })?;
            if many.is_empty() {
                few.push(key);
                if few.len() > 16 {
                    many = few.drain(..).collect();
                }
            } else {
                many.insert(key);
            }
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// A number can be an identifier as well as a text can.
    fn number<E: de::Error>(&mut self, n: impl fmt::Display) -> Result<(), E> {
        use fmt::Write as _;
        if self.top {
            return Err(E::custom("expected an object, found a number"));
        }
        let _ = writeln!(self.text, "{n}");
        Ok(())
    }
}

/// The media of a `data:` address is not text; only pure base64 is passed over, so nothing can hide behind the prefix.
pub(crate) fn without_data(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("data:") else { return text };
    let Some((media, data)) = rest.split_once(";base64,") else { return text };
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    if media.len() <= 100 && data.len() > 64 && data.bytes().all(base64) { media } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_collected_wherever_it_stands() {
        let body = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"機密性2情報"}]}],
                       "tools":[{"function":{"description":"極秘"}}],"stream":true,"n":123456789018,"x":454972364860.0}"#;
        let read = read(body.as_bytes()).unwrap();
        assert!(read.stream);
        for text in ["機密性2情報", "極秘", "123456789018", "454972364860"] {
            assert!(read.text.contains(text), "{text}");
        }
    }

    #[test]
    fn a_name_given_twice_is_refused_at_any_depth() {
        for body in [r#"{"model":"m","model":"n"}"#, r#"{"model":"m","messages":[{"content":"a","content":"b"}]}"#] {
            assert_eq!(read(body.as_bytes()).unwrap_err().code, "DUPLICATE_KEY", "{body}");
        }
        let many: String = (0..40).map(|n| format!("\"k{n}\":1,")).collect();
        assert!(read(format!("{{\"model\":\"m\",{many}\"z\":1}}").as_bytes()).is_ok());
        assert!(read(format!("{{\"model\":\"m\",{many}\"k20\":1}}").as_bytes()).is_err());
        assert!(read(br#"{"model":"m","a":{"b":1,"\u0062":2}}"#).is_err(), "an escaped name is the same name");
    }

    #[test]
    fn what_is_not_one_object_is_refused_with_its_place() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
        for (body, code) in [
            ("", "INVALID_JSON"),
            ("[]", "INVALID_JSON"),
            ("null", "INVALID_JSON"),
            ("\"x\"", "INVALID_JSON"),
            ("{\"model\":\"m\"} x", "INVALID_JSON"),
            ("{\"model\":\"m\",}", "INVALID_JSON"),
            ("{'model':'m'}", "INVALID_JSON"),
            ("{\"model\":\"\\ud800\"}", "INVALID_JSON"),
            ("{\"model\":1}", "INVALID_FIELD"),
            ("{\"model\":\"m\",\"stream\":\"yes\"}", "INVALID_FIELD"),
            ("{\"model\":\"m\",\"metadata\":{\"grade\":2}}", "INVALID_FIELD"),
            ("{\"messages\":[]}", "MISSING_MODEL"),
            (deep.as_str(), "TOO_DEEP"),
        ] {
            assert_eq!(read(body.as_bytes()).unwrap_err().code, code, "{body:.60}");
        }
        assert_eq!(read(b"{\"model\":\"\xff\"}").unwrap_err().code, "INVALID_JSON");
    }

    #[test]
    fn media_are_passed_over_but_text_dressed_as_media_is_not() {
        assert_eq!(without_data(&format!("data:image/png;base64,{}", "QUJD".repeat(40))), "image/png");
        let dressed = format!("data:text/plain;base64,{} 機密性2情報", "QUJD".repeat(40));
        assert_eq!(without_data(&dressed), dressed);
    }
}
