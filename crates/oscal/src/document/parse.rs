//! JSON within bounds. Serde's own reading takes the last of two equal keys and rounds long numbers without a word; here
//! the first is refused and the second told.

use crate::error::ImportError;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;

/// Most bytes of a document. The largest catalogues in use have about ten million.
pub const LARGEST: usize = 32 << 20;

/// How deep objects and arrays may be nested.
pub const DEEPEST: usize = 100;

/// Most values of a document.
pub const MOST_VALUES: usize = 2_000_000;

/// A number that is not written back as it was: the line, and the number as it was written.
pub(super) type Rewritten = (usize, String);

/// Reads one JSON value and the numbers that will not be written back in the same way.
pub(super) fn parse(bytes: &[u8]) -> Result<(Value, Vec<Rewritten>), ImportError> {
    if bytes.len() > LARGEST {
        return Err(ImportError::TooLarge { found: bytes.len(), limit: LARGEST });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let told = |e: serde_json::Error| {
        let text = e.to_string();
        // The place stands in fields of its own.
        let what = text.split(" at line ").next().unwrap_or(&text).to_owned();
        ImportError::Json { line: e.line(), column: e.column(), what }
    };
    let left = Cell::new(MOST_VALUES);
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = Bounded { depth: 0, left: &left }.deserialize(&mut json).map_err(told)?;
    json.end().map_err(told)?;
    Ok((value, rewritten(bytes)))
}

/// Numbers outside of texts whose digits change when they are written again.
fn rewritten(json: &[u8]) -> Vec<Rewritten> {
    let (mut found, mut line, mut at) = (Vec::new(), 1, 0);
    while let Some(byte) = json.get(at) {
        match byte {
            b'\n' => line += 1,
            b'"' => at = end_of_text(json, at + 1),
            b'-' | b'0'..=b'9' => {
                let rest = json.get(at..).unwrap_or_default();
                let of_number = |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
                let length = rest.iter().take_while(|b| of_number(b)).count();
                let text = String::from_utf8_lossy(rest.get(..length).unwrap_or_default()).into_owned();
                at += length - 1;
                if text.parse::<Number>().is_ok_and(|n| n.to_string() != text) {
                    found.push((line, text));
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Where the closing quotation mark stands.
fn end_of_text(json: &[u8], mut at: usize) -> usize {
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

#[derive(Clone, Copy)]
struct Bounded<'a> {
    depth: usize,
    left: &'a Cell<usize>,
}

impl Bounded<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= DEEPEST {
            return Err(E::custom(format!("nested more than {DEEPEST} deep")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(D::Error::custom(format!("more than {MOST_VALUES} values")));
        };
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<Value, E> {
        Number::from_f64(v).map(Value::Number).ok_or_else(|| E::custom("a number that is none"))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }

    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(Value::String(v))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if members.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{}` stands twice", crate::read::shortened(&key))));
            }
            let value = map.next_value_seed(inner)?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> (usize, usize, String) {
        match parse(json.as_bytes()).unwrap_err() {
            ImportError::Json { line, column, what } => (line, column, what),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_is_malformed_is_named_with_its_place() {
        assert_eq!(error("{\n  \"a\": }").0, 2);
        assert!(error("{\"a\":1} x").2.contains("trailing"));
        let (line, _, what) = error("{\"a\":1,\n\"\\u0061\":2}");
        assert_eq!((line, what.as_str()), (2, "the key `a` stands twice"));
        assert!(error(&"[".repeat(101)).2.contains("100 deep"));
        assert!(error("\"\\ud800\"").1 > 0);
        assert!(parse(&[b'"', 0xff, b'"']).is_err());
    }

    #[test]
    fn numbers_that_lose_their_form_are_told_and_texts_are_not_taken_for_numbers() {
        let json = br#"{"a": 1, "b":
            1.10, "c": "1.10 \" 2.00", "d": -3, "e": 123456789012345678901234}"#;
        let (_, told) = parse(json).unwrap();
        assert_eq!(told, [(2, "1.10".to_owned()), (2, "123456789012345678901234".to_owned())]);
    }

    #[test]
    fn too_much_is_refused() {
        let many = format!("[{}0]", "0,".repeat(MOST_VALUES));
        assert!(error(&many).2.contains("values"));
        assert!(matches!(parse(&vec![b' '; LARGEST + 1]), Err(ImportError::TooLarge { .. })));
    }
}
