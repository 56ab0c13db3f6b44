//! Canonical JSON (RFC 8785) for the part of JSON that entries use: no fractions.
//!
//! Two programs that agree on a value agree on its bytes, and so on its hash. Fractions are left
//! out because their canonical form needs ECMAScript's number formatting, and because a record of
//! official acts has no use for numbers that two machines may round differently.

mod check;

pub use check::check_canonical;

use serde::Serialize;
use serde_json::Value;

/// How deep objects and arrays may be nested, the outermost object included.
pub const MAX_DEPTH: usize = 64;

/// The greatest integer, 2^53 − 1, that every JSON reader takes exactly; its negative is the least.
pub const MAX_INTEGER: u64 = 9_007_199_254_740_991;

/// A value without canonical form, or bytes that are not canonical.
///
/// Offsets count bytes from the beginning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JcsError {
    /// A number with a fraction or an exponent, or a floating-point value.
    #[error("a fraction or floating-point number has no place in an entry; write it as an integer or as text")]
    Float,
    /// An integer beyond ±(2^53 − 1).
    #[error("an integer lies outside ±(2^53 − 1); write it as text")]
    IntegerRange,
    /// Objects and arrays nested deeper than [`MAX_DEPTH`].
    #[error("objects and arrays are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// Serde could not turn the value into JSON, say because a map has keys that are not text.
    #[error("the value cannot be written as json: {0}")]
    Unwritable(String),
    /// The bytes are not UTF-8.
    #[error("not utf-8 at byte {0}")]
    NotUtf8(usize),
    /// The outermost value is not an object.
    #[error("the outermost value is not an object")]
    NotAnObject,
    /// Something else than canonical JSON demands stands here, white space for instance.
    #[error("not canonical json at byte {0}")]
    Syntax(usize),
    /// A character is escaped that needs none, or escaped in another way than the canonical one.
    #[error("an escape that is not the canonical one at byte {0}")]
    Escape(usize),
    /// The key is not greater than the one before it, by UTF-16 code units.
    #[error("a key out of order or given twice at byte {0}")]
    KeyOrder(usize),
}

/// Writes a JSON value in canonical form.
///
/// # Errors
/// [`JcsError`] when the value holds a fraction or too great an integer, or is nested too deeply.
pub fn to_canonical(value: &Value) -> Result<Vec<u8>, JcsError> {
    let mut out = Vec::new();
    write_value(value, 0, &mut out)?;
    Ok(out)
}

/// Writes anything serialisable in canonical form.
///
/// # Errors
/// As [`to_canonical`], and [`JcsError::Unwritable`] when serde cannot make JSON of the value.
pub fn to_canonical_of<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, JcsError> {
    to_canonical(&crate::jcs_value::to_value(value)?)
}

// Recursion is bounded by `MAX_DEPTH`.
fn write_value(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), JcsError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => {
            let magnitude = match (number.as_u64(), number.as_i64()) {
                (Some(positive), _) => positive,
                (None, Some(negative)) => negative.unsigned_abs(),
                (None, None) => return Err(JcsError::Float),
            };
            if magnitude > MAX_INTEGER {
                return Err(JcsError::IntegerRange);
            }
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            let depth = deeper(depth)?;
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_value(item, depth, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let depth = deeper(depth)?;
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (position, (key, member)) in members.into_iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_string(key, out);
                out.push(b':');
                write_value(member, depth, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn deeper(depth: usize) -> Result<usize, JcsError> {
    if depth >= MAX_DEPTH { Err(JcsError::TooDeep) } else { Ok(depth + 1) }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            0x00..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn canonical(value: &Value) -> String {
        String::from_utf8(to_canonical(value).unwrap()).unwrap()
    }

    #[test]
    fn keys_stand_in_utf16_order() {
        // The example of RFC 8785, section 3.2.3: by UTF-8 the last two would change places.
        let value = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let text = canonical(&value);
        assert_eq!(text, "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}");
        assert_eq!(check_canonical(text.as_bytes()), Ok(()));
        let by_utf8 = "{\"\u{fb33}\":3,\"\u{1f600}\":5}";
        assert_eq!(check_canonical(by_utf8.as_bytes()), Err(JcsError::KeyOrder(9)));
    }

    #[test]
    fn only_what_must_be_escaped_is_escaped() {
        let value = json!({"a": "\u{20ac}$\u{f}\nA'B\"\\\\\"/\u{7f}\u{2028}\u{8}\t\u{c}\r\u{0}\u{1b}"});
        let text = canonical(&value);
        assert_eq!(text, "{\"a\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\u{2028}\\b\\t\\f\\r\\u0000\\u001b\"}");
        assert_eq!(check_canonical(text.as_bytes()), Ok(()));
        for wrong in
            [r"\/", r"\u0041", r"\u000F", r"\u000a", r"\u0008", r"\u001", r"\x", r"\u20ac", r"\ud800", r"\U0000"]
        {
            let text = format!("{{\"a\":\"{wrong}\"}}");
            assert_eq!(check_canonical(text.as_bytes()), Err(JcsError::Escape(6)), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_integers_that_every_reader_takes_exactly() {
        for right in ["0", "-1", "10", "9007199254740991", "-9007199254740991"] {
            let text = format!("{{\"a\":{right}}}");
            assert_eq!(check_canonical(text.as_bytes()), Ok(()), "{right}");
            assert_eq!(canonical(&serde_json::from_str(&text).unwrap()), text);
        }
        for (wrong, error) in [
            ("-0", JcsError::Syntax(5)),
            ("00", JcsError::Syntax(5)),
            ("-01", JcsError::Syntax(5)),
            ("+1", JcsError::Syntax(5)),
            ("-", JcsError::Syntax(6)),
            ("1.0", JcsError::Float),
            ("1e2", JcsError::Float),
            ("1E2", JcsError::Float),
            ("9007199254740992", JcsError::IntegerRange),
            ("-9007199254740992", JcsError::IntegerRange),
            ("99999999999999999999999999999999", JcsError::IntegerRange),
        ] {
            assert_eq!(check_canonical(format!("{{\"a\":{wrong}}}").as_bytes()), Err(error), "{wrong}");
        }
        assert_eq!(to_canonical(&json!({"a": 1.5})), Err(JcsError::Float));
        assert_eq!(to_canonical(&json!({"a": 9_007_199_254_740_992u64})), Err(JcsError::IntegerRange));
        assert_eq!(to_canonical(&json!({"a": i64::MIN})), Err(JcsError::IntegerRange));
    }

    #[test]
    fn a_float_is_refused_even_where_serde_would_write_null() {
        assert_eq!(to_canonical_of(&f64::NAN), Err(JcsError::Float));
        assert_eq!(to_canonical_of(&vec![Some(1.0f32)]), Err(JcsError::Float));
        assert_eq!(to_canonical_of(&u128::MAX), Err(JcsError::IntegerRange));
    }

    #[test]
    fn serialisable_values_are_written_as_serde_json_shapes_them() {
        #[derive(serde::Serialize)]
        enum Kind {
            Unit,
            New(u8),
            Tuple(i8, char),
            Struct { z: Option<()>, a: bool },
        }
        #[derive(serde::Serialize)]
        struct All {
            z: Vec<Kind>,
            a: std::collections::BTreeMap<u32, &'static str>,
            m: ((), [u8; 2], Option<String>),
        }
        let all = All {
            z: vec![Kind::Unit, Kind::New(1), Kind::Tuple(-2, '二'), Kind::Struct { z: None, a: true }],
            a: [(10, "x"), (9, "y")].into(),
            m: ((), [0, 255], Some("s".to_owned())),
        };
        let text = to_canonical_of(&all).unwrap();
        assert_eq!(text, to_canonical(&serde_json::to_value(&all).unwrap()).unwrap());
        assert_eq!(
            String::from_utf8(text).unwrap(),
            r#"{"a":{"10":"x","9":"y"},"m":[null,[0,255],"s"],"z":["Unit",{"New":1},{"Tuple":[-2,"二"]},{"Struct":{"a":true,"z":null}}]}"#
        );
    }

    #[test]
    fn anything_that_is_not_canonical_is_refused() {
        for wrong in [
            "",
            "[]",
            "1",
            "null",
            " {}",
            "{} ",
            "{}\n",
            "{ }",
            "{\"a\" :1}",
            "{\"a\": 1}",
            "{\"a\":1 }",
            "{\"a\":1,}",
            "{,}",
            "{\"b\":1,\"a\":2}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":[1, 2]}",
            "{\"a\":[1,]}",
            "{\"a\":[,1]}",
            "{\"a\":tru}",
            "{\"a\":True}",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":\"\t\"}",
            "{\"a\":\"",
            "{\"a\":\"\\",
            "{\"a\":[}",
            "{\"a\":[1}",
            "{\"a\":{]}",
            "{}{}",
            "{\"a\":1",
            "{\"a\":'x'}",
            "{\"a\":1]",
            "{\"a\":nullx}",
            "\u{feff}{}",
            // Equal keys, one of them escaped where it must be, in both orders of length.
            "{\"\\n\":1,\"\\n\":2}",
            "{\"é\":1,\"e\":2}",
        ] {
            assert!(check_canonical(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert_eq!(check_canonical(b"{\"a\":\"\xff\"}"), Err(JcsError::NotUtf8(6)));
        // A surrogate in UTF-8 is not UTF-8.
        assert_eq!(check_canonical(b"{\"a\":\"\xed\xa0\x80\"}"), Err(JcsError::NotUtf8(6)));
    }

    #[test]
    fn nesting_is_bounded_and_hostile_nesting_harmless() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert_eq!(check_canonical(nested(MAX_DEPTH).as_bytes()), Ok(()));
        assert_eq!(check_canonical(nested(MAX_DEPTH + 1).as_bytes()), Err(JcsError::TooDeep));
        assert_eq!(check_canonical(nested(1_000_000).as_bytes()), Err(JcsError::TooDeep));
        assert!(to_canonical(&serde_json::from_str(&nested(MAX_DEPTH)).unwrap()).is_ok());
        assert_eq!(to_canonical(&serde_json::from_str(&nested(MAX_DEPTH + 1)).unwrap()), Err(JcsError::TooDeep));
        let mut value = Value::Null;
        for _ in 0..=MAX_DEPTH {
            value = json!([value]);
        }
        assert_eq!(to_canonical_of(&value), Err(JcsError::TooDeep));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (-(MAX_INTEGER as i64)..=MAX_INTEGER as i64).prop_map(Value::from),
            any_text().prop_map(Value::String),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((any_text(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// Few characters, so that keys share beginnings; among them those that UTF-16 sorts unlike UTF-8.
    fn any_text() -> impl Strategy<Value = String> {
        let characters = vec!['a', 'b', '"', '\\', '\n', '\u{1}', 'é', '署', '\u{e000}', '\u{ffff}', '\u{1f600}'];
        prop::collection::vec(prop::sample::select(characters), 0..6).prop_map(|text| text.into_iter().collect())
    }

    proptest! {
        #[test]
        fn what_is_written_is_canonical_and_says_the_same(value in any_value()) {
            let value = json!({"v": value});
            let bytes = to_canonical(&value).unwrap();
            prop_assert_eq!(check_canonical(&bytes), Ok(()));
            prop_assert_eq!(&serde_json::from_slice::<Value>(&bytes).unwrap(), &value);
            prop_assert_eq!(to_canonical_of(&value).unwrap(), bytes);
        }

        /// Whatever passes the check is exactly what writing its value again gives.
        #[test]
        fn nothing_else_passes(value in any_value(), at: prop::sample::Index, byte: u8) {
            let mut bytes = to_canonical(&json!({"v": value, "w": 1})).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if check_canonical(&bytes).is_ok() {
                let again = to_canonical(&serde_json::from_slice(&bytes).unwrap()).unwrap();
                prop_assert_eq!(again, bytes);
            }
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}\",:\\\\0-9a-eu. -]{0,60}") {
            let _ = check_canonical(&bytes);
            let _ = check_canonical(text.as_bytes());
        }
    }
}
