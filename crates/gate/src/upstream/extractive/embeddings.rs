//! Embeddings by feature hashing: runs of one to three characters, hashed into a vector of length one. Near texts get
//! near vectors; that is all they claim.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{ESTIMATE, tokens};
use crate::upstream::written::field;
use crate::upstream::{Outgoing, UpstreamError, Usage, Whole};

/// The vector's length unless `dimensions` says otherwise.
const DIMENSIONS: usize = 256;
/// The API's own limit on a list.
const MOST_INPUTS: usize = 2048;

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Item>,
    model: &'a str,
    usage: Tokens,
}

#[derive(Serialize)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Embedding,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Embedding {
    Float(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct Tokens {
    prompt_tokens: u64,
    total_tokens: u64,
    note: &'static str,
}

fn bad(what: &str) -> UpstreamError {
    UpstreamError::BadRequest(what.to_owned())
}

pub(super) fn answer(out: &Outgoing, request: &Map<String, Value>) -> Result<Whole, UpstreamError> {
    let inputs = inputs(request)?;
    let dimensions = match field(request, "dimensions") {
        None => DIMENSIONS,
        Some(number) => match number.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(n @ 1..=2048) => n,
            _ => return Err(bad("`dimensions` must lie between 1 and 2048")),
        },
    };
    let in_base64 = match field(request, "encoding_format").map(|format| format.as_str()) {
        None | Some(Some("float")) => false,
        Some(Some("base64")) => true,
        _ => return Err(bad("`encoding_format` is neither `float` nor `base64`")),
    };
    let item = |(index, input): (usize, &&str)| {
        let vector = embed(input, dimensions);
        let embedding = if in_base64 {
            let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
            Embedding::Base64(STANDARD.encode(bytes))
        } else {
            Embedding::Float(vector)
        };
        Item { object: "embedding", index, embedding }
    };
    let input_tokens = inputs.iter().map(|input| tokens(input)).sum();
    let list = List {
        object: "list",
        data: inputs.iter().enumerate().map(item).collect(),
        model: &out.model,
        usage: Tokens { prompt_tokens: input_tokens, total_tokens: input_tokens, note: ESTIMATE },
    };
    let body = serde_json::to_vec(&list).map_err(|error| UpstreamError::Malformed(error.to_string()))?;
    Ok(Whole {
        status: 200,
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        body: body.into(),
        text: String::new(),
        aside: String::new(),
        usage: Usage { input_tokens, output_tokens: 0 },
    })
}

fn inputs(request: &Map<String, Value>) -> Result<Vec<&str>, UpstreamError> {
    let inputs = match field(request, "input") {
        Some(Value::String(input)) => vec![input.as_str()],
        Some(Value::Array(inputs)) if inputs.iter().any(|input| !input.is_string()) => {
            return Err(UpstreamError::Unsupported(
                "the built-in model has no tokens: `input` must be text or a list of texts".to_owned(),
            ));
        }
        Some(Value::Array(inputs)) => inputs.iter().filter_map(Value::as_str).collect(),
        _ => return Err(bad("`input` is missing")),
    };
    if inputs.is_empty() || inputs.len() > MOST_INPUTS || inputs.iter().any(|input| input.is_empty()) {
        return Err(bad("`input` must hold between 1 and 2048 texts, none of them empty"));
    }
    Ok(inputs)
}

fn embed(input: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0_f32; dimensions];
    let mut starts = [0_u64; 2];
    for c in input.chars() {
        let [two, one] = starts;
        // FNV-1a over one, two and three characters, each begun where its run begins.
        let (a, b, d) = (step(SEED, c), step(one, c), step(two, c));
        for (hash, live) in [(a, true), (b, one != 0), (d, two != 0)] {
            if live {
                add(&mut vector, hash);
            }
        }
        starts = [if one == 0 { 0 } else { b }, a];
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    } else if let Some(first) = vector.first_mut() {
        *first = 1.0;
    }
    vector
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn step(hash: u64, c: char) -> u64 {
    u32::from(c)
        .to_le_bytes()
        .into_iter()
        .fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn add(vector: &mut [f32], hash: u64) {
    // The low bits of FNV are its weakest: fold the high half in.
    let mixed = hash ^ (hash >> 32);
    let at = usize::try_from(mixed % vector.len().max(1) as u64).unwrap_or(0);
    if let Some(x) = vector.get_mut(at) {
        *x += if hash >> 63 == 0 { 1.0 } else { -1.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(a: &str, b: &str) -> f32 {
        embed(a, DIMENSIONS).iter().zip(embed(b, DIMENSIONS)).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn near_texts_are_near() {
        let text = "生成AIの利用申請を行う";
        assert!((dot(text, text) - 1.0).abs() < 1e-5);
        assert!(dot(text, "生成AIの利用申請をする") > dot(text, "庁舎の最寄り駅は架空中央駅です") + 0.2);
    }
}
