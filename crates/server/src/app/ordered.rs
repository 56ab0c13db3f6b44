//! JSON that keeps the order of its members and refuses a name that is given twice: the order of a form's fields means
//! something, and two parsers must not read two forms.

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Any JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in the order in which it was written.
    Object(Vec<(String, Json)>),
}

const DUPLICATE: &str = "duplicate key";

/// Why a text is no such JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} column {column}: {said}")]
pub struct NotJson {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What the parser says.
    pub said: String,
}

impl NotJson {
    /// For people.
    pub fn ja(&self) -> String {
        let Self { line, column, said } = self;
        if said.contains(DUPLICATE) {
            return format!("JSON に同じ名前の項目が二度あります（{line} 行 {column} 列付近）: {said}");
        }
        format!("JSON として読めません（{line} 行 {column} 列）: {said}")
    }
}

impl Json {
    /// Reads one value and nothing after it.
    pub fn read(bytes: &[u8]) -> Result<Self, NotJson> {
        serde_json::from_slice(bytes).map_err(|error| NotJson {
            line: error.line(),
            column: error.column(),
            said: error.to_string().chars().take(200).collect(),
        })
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members()?.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The members of an object.
    pub fn members(&self) -> Option<&[(String, Self)]> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// What the value is, for people.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "真偽値",
            Self::Number(_) => "数値",
            Self::Text(_) => "文字列",
            Self::List(_) => "配列",
            Self::Object(_) => "オブジェクト",
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
        serde_json::Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("a number without end"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            if !seen.insert(name.clone()) {
                let name: String = name.chars().take(80).collect();
                return Err(de::Error::custom(format!("{DUPLICATE} `{name}`")));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_stays_and_a_second_name_is_refused_at_any_depth() {
        let text = r#"{"z":1,"a":[true,null,{"y":"関所","b":1.5}]}"#;
        assert_eq!(serde_json::to_string(&Json::read(text.as_bytes()).unwrap()).unwrap(), text);
        for bad in [r#"{"a":1,"a":2}"#, r#"{"x":[{"a":1,"\u0061":2}]}"#] {
            assert!(Json::read(bad.as_bytes()).unwrap_err().ja().contains("二度"), "{bad}");
        }
        assert!(Json::read(b"{} x").is_err());
        assert!(Json::read("[".repeat(300).as_bytes()).is_err());
    }
}
