//! The built-in *extractive* model: no network, no invention. It answers only with sentences it was given, or with
//! sentences of a small bundled corpus of a fictional ministry, and says so first.
//!
//! Its token counts are estimates from characters (one per Japanese character, one per four others), and its answers
//! say that in `usage.note`.

mod corpus;
mod embeddings;
mod given;
mod rank;

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::in_house::InHouse;
use super::stream::AnswerStream;
use super::written::{Answer, Finish, Origin, Piece, Writer, field, object};
use super::{Endpoint, Outgoing, Reply, UpstreamError, Usage};
use given::Given;

const WHO: &str = "内蔵の抽出モデルです。与えられた文章から抜き出して答えます。";
const ESTIMATE: &str = "estimated from the number of characters";

pub(super) fn answer(out: &Outgoing, house: Option<&dyn InHouse>) -> Result<Reply, UpstreamError> {
    let request = object(&out.body)?;
    if out.endpoint == Endpoint::Tools {
        return Err(UpstreamError::no_tools());
    }
    if out.endpoint == Endpoint::Embeddings {
        return embeddings::answer(out, &request).map(Reply::Whole);
    }
    if field(&request, "n").is_some_and(|n| n.as_u64() != Some(1)) {
        return Err(UpstreamError::Unsupported("the built-in model gives one choice: `n` must be 1".to_owned()));
    }
    for name in ["previous_response_id", "conversation", "prompt"] {
        if out.endpoint == Endpoint::Responses && field(&request, name).is_some() {
            return Err(UpstreamError::Unsupported(format!("the built-in model stores nothing: `{name}`")));
        }
    }
    let given = Given::read(out.endpoint, &request)?;
    // Numbered passages are quoted by whoever knows how passages are cut and cited.
    let report = house.and_then(|house| house.extract(&given.instruction, &given.asked));
    let (text, finish) = cut(report.unwrap_or_else(|| compose(&given)), limit(&request));
    let usage = Usage { input_tokens: given.tokens, output_tokens: tokens(&text) };
    let mut origin = Origin::new(out, &request);
    origin.usage_note = Some(ESTIMATE);
    if !out.stream {
        let answer = Answer { text, finish, usage, ..Answer::default() };
        return Ok(Reply::Whole(origin.whole(out.endpoint, answer, Vec::new())));
    }
    let mut events = VecDeque::new();
    let mut writer = Writer::new(out.endpoint, origin);
    for piece in pieces(&text) {
        writer.piece(Piece::Text(piece.to_owned()), &mut events);
    }
    writer.piece(Piece::End(finish, usage), &mut events);
    Ok(Reply::Stream(AnswerStream::ready(events)))
}

fn compose(given: &Given) -> String {
    let mut text = WHO.to_owned();
    if given.tools {
        text.push_str("\nツールの指定は受け取りましたが、使いません。");
    }
    if given.images {
        text.push_str("\n画像やファイルの中身は見ていません。");
    }
    text.push('\n');
    let quotes = rank::best(given);
    if quotes.is_empty() {
        text.push_str("\n問いに合う文は見つかりませんでした。");
    }
    for quote in quotes {
        text.push_str(&format!("\n・「{}」（出典: {}）", quote.text, quote.origin));
    }
    text
}

/// The client's limit on the answer, in tokens.
fn limit(request: &Map<String, Value>) -> Option<u64> {
    ["max_completion_tokens", "max_tokens", "max_output_tokens"]
        .into_iter()
        .find_map(|name| field(request, name).and_then(Value::as_u64))
}

/// The answer within its limit.
fn cut(mut text: String, limit: Option<u64>) -> (String, Finish) {
    let Some(limit) = limit.filter(|limit| tokens(&text) > *limit) else { return (text, Finish::Stop) };
    let mut quarters = 0_u64;
    let end = text.char_indices().find(|(_, c)| {
        quarters += weight(*c);
        quarters > limit.saturating_mul(4)
    });
    if let Some((at, _)) = end {
        text.truncate(at);
    }
    (text, Finish::Length)
}

/// A character's share of a token, in quarters.
fn weight(c: char) -> u64 {
    if c >= '\u{2e80}' { 4 } else { 1 }
}

/// The estimated number of tokens.
fn tokens(text: &str) -> u64 {
    text.chars().map(weight).sum::<u64>().div_ceil(4)
}

/// The answer in pieces of a few words, as a model would stream it.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['。', '、', '\n'])
}
