//! The client's JSON with another model's name, otherwise byte for byte the same.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Replaces the value of the top-level `model`. A body without one is left alone.
///
/// # Errors
/// The body is not a JSON object.
pub(super) fn with_model(body: &Bytes, model: &str) -> Result<Bytes, serde_json::Error> {
    #[derive(Deserialize)]
    struct Model<'a> {
        #[serde(borrow)]
        model: Option<&'a RawValue>,
    }
    let Model { model: Some(old) } = serde_json::from_slice(body)? else { return Ok(body.clone()) };
    let old = old.get();
    // The value is a slice of `body`: its place is the distance between the two.
    let start = (old.as_ptr() as usize).wrapping_sub(body.as_ptr() as usize);
    let (Some(before), Some(after)) = (body.get(..start), body.get(start + old.len()..)) else {
        return Ok(body.clone());
    };
    let new = serde_json::to_vec(model)?;
    let mut out = Vec::with_capacity(before.len() + new.len() + after.len());
    out.extend_from_slice(before);
    out.extend_from_slice(&new);
    out.extend_from_slice(after);
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_top_level_value_changes() {
        for (body, expected) in [
            (r#"{"model":"a","x":1.0}"#, r#"{"model":"b\"c","x":1.0}"#),
            (r#" { "x" : {"model":"a"} , "model" : "a" }  "#, r#" { "x" : {"model":"a"} , "model" : "b\"c" }  "#),
            (r#"{"\u006dodel":"\u0061","n":1E400,"z":[ ]}"#, r#"{"\u006dodel":"b\"c","n":1E400,"z":[ ]}"#),
            (r#"{"x":"model"}"#, r#"{"x":"model"}"#),
        ] {
            assert_eq!(with_model(&Bytes::from(body), "b\"c").unwrap(), expected);
        }
        assert!(with_model(&Bytes::from("[]"), "b").is_err());
        assert!(with_model(&Bytes::from("{"), "b").is_err());
    }
}
