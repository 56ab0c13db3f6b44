//! Embeddings as OpenAI's API has them: what is asked with, and what is believed of an answer.

use serde::Deserialize;
use serde_json::{Value, json};

/// Why an answer holds no vectors that can be used.
#[derive(Debug, thiserror::Error)]
pub enum NotVectors {
    /// It is something else.
    #[error("the answer is no list of embeddings")]
    Json(#[from] serde_json::Error),
    /// It answers another question.
    #[error("the answer holds {found} embeddings; {asked} were asked for")]
    Count {
        /// In the answer.
        found: usize,
        /// Asked for.
        asked: usize,
    },
}

#[derive(Deserialize)]
struct List {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: Option<usize>,
    embedding: Vec<f32>,
}

/// The body of a request.
pub fn request(model: &str, texts: &[String]) -> Value {
    json!({ "model": model, "input": texts, "encoding_format": "float" })
}

/// The vectors of an answer, in the order of the texts.
///
/// # Errors
/// [`NotVectors`].
pub fn read(body: &[u8], asked: usize) -> Result<Vec<Vec<f32>>, NotVectors> {
    let mut items: Vec<(usize, Vec<f32>)> = serde_json::from_slice::<List>(body)?
        .data
        .into_iter()
        .enumerate()
        .map(|(place, item)| (item.index.unwrap_or(place), item.embedding))
        .collect();
    items.sort_by_key(|(index, _)| *index);
    // Each text has one: an index that is missing or told twice would give a text another's vector.
    if items.len() != asked || items.iter().enumerate().any(|(place, (index, _))| place != *index) {
        return Err(NotVectors::Count { found: items.len(), asked });
    }
    Ok(items.into_iter().map(|(_, vector)| vector).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_in_the_order_of_the_texts_or_not_at_all() {
        let answer = br#"{"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1.5,-1]}]}"#;
        assert_eq!(read(answer, 2).unwrap(), [vec![1.5, -1.0], vec![2.0]]);
        for (wrong, asked) in [
            (&answer[..], 3),
            (br#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}"#, 2),
            (br#"{"data":[{"index":7,"embedding":[1]}]}"#, 1),
            (br#"{"data":[{"embedding":"AAAA"}]}"#, 1),
            (b"[]", 0),
            (b"<html>", 1),
        ] {
            assert!(read(wrong, asked).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
    }
}
