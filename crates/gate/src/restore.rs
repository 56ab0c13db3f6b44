//! The way back: placeholders in an answer become again what the person wrote, in whole answers and in streams.
//!
//! In a stream a placeholder may be cut anywhere. The end of a text that could be the beginning of one is held back and
//! put in front of the next piece of the same text; should none come, it is given out before the event that ends it.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;

use crate::mask::{Masks, unfinished};
use crate::pieces::{self, PieceKind};
use crate::sse::Event;

/// A whole answer with the originals put back. What is not JSON stays as it is.
pub(crate) fn whole(masks: &Masks, body: &Bytes) -> Bytes {
    if masks.is_empty() {
        return body.clone();
    }
    let Some(pieces) = pieces::read(body) else { return body.clone() };
    let new = pieces.rewrite(body, |piece, text| {
        if piece.kind != PieceKind::Text {
            return None;
        }
        let inside_json = is_arguments(piece.path.rsplit('.').next().unwrap_or_default());
        let restored = if inside_json { masks.restore_in_json(text) } else { masks.restore(text) };
        (restored != text).then(|| restored.into_owned())
    });
    new.map_or_else(|| body.clone(), Bytes::from)
}

/// Members whose text is JSON itself.
fn is_arguments(name: &str) -> bool {
    matches!(name, "arguments" | "input" | "partial_json")
}

/// Puts the originals back into the events of one stream.
#[derive(Debug)]
pub(crate) struct Restorer {
    masks: Masks,
    held: BTreeMap<String, Held>,
}

/// The end of one text, held back.
#[derive(Debug)]
struct Held {
    tail: String,
    /// The event it came in, to be given out again with the tail alone.
    event: Value,
    name: Option<String>,
    place: Place,
}

/// Where a piece of a text stands in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Path of the member.
    pointer: String,
    /// The text it is a piece of.
    channel: String,
    inside_json: bool,
}

impl Restorer {
    pub(crate) fn new(masks: Masks) -> Self {
        Self { masks, held: BTreeMap::new() }
    }

    /// What goes to the caller in the place of one event.
    pub(crate) fn event(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) {
        if self.masks.is_empty() {
            return out.push(bytes);
        }
        let (data, name) = match Event::parse(&bytes) {
            Ok(event) => (event.data.map(std::borrow::Cow::into_owned), event.name.map(str::to_owned)),
            Err(_) => return out.push(bytes),
        };
        let Some(mut value) = data.as_deref().and_then(|data| serde_json::from_str::<Value>(data).ok()) else {
            if data.is_some() {
                // `[DONE]`: nothing more comes.
                self.give_out_all(out);
            }
            return out.push(bytes);
        };
        let places = places(&value, name.as_deref());
        let ends = Ends::of(&value, name.as_deref());
        let ended =
            self.held.keys().filter(|key| ends.ends(key) && !places.iter().any(|p| p.channel == **key)).cloned();
        for channel in ended.collect::<Vec<String>>() {
            self.give_out(&channel, out);
        }
        if places.is_empty() {
            restore_everything(&self.masks, &mut value, "");
        }
        for place in places {
            let last = ends.ends(&place.channel);
            self.piece(&mut value, name.as_deref(), place, last);
        }
        out.push(written(name.as_deref(), &value));
    }

    fn piece(&mut self, value: &mut Value, name: Option<&str>, place: Place, last: bool) {
        let Some(Value::String(said)) = value.pointer_mut(&place.pointer) else { return };
        let mut text = match self.held.remove(&place.channel) {
            Some(held) => held.tail + said,
            None => std::mem::take(said),
        };
        let tail = if last { String::new() } else { text.split_off(unfinished(&text)) };
        let restored = if place.inside_json { self.masks.restore_in_json(&text) } else { self.masks.restore(&text) };
        *said = restored.into_owned();
        if !tail.is_empty() {
            let held = Held { tail, event: value.clone(), name: name.map(str::to_owned), place: place.clone() };
            self.held.insert(place.channel, held);
        }
    }

    /// Gives out what is still held: the stream ends, or breaks off.
    pub(crate) fn give_out_all(&mut self, out: &mut Vec<Bytes>) {
        for channel in self.held.keys().cloned().collect::<Vec<String>>() {
            self.give_out(&channel, out);
        }
    }

    fn give_out(&mut self, channel: &str, out: &mut Vec<Bytes>) {
        let Some(Held { tail, mut event, name, place }) = self.held.remove(channel) else { return };
        if let Some(Value::String(said)) = event.pointer_mut(&place.pointer) {
            *said = tail;
            out.push(written(name.as_deref(), &event));
        }
    }
}

/// The pieces of text in an event: of a chat completion the deltas of each choice, of a response its delta.
fn places(value: &Value, name: Option<&str>) -> Vec<Place> {
    let mut places = Vec::new();
    if let Some(choices) = value.get("choices").and_then(Value::as_array) {
        for (at, choice) in choices.iter().enumerate() {
            let index = choice.get("index").and_then(Value::as_u64).unwrap_or(at as u64);
            let Some(delta) = choice.get("delta") else { continue };
            for member in ["content", "refusal", "reasoning_content", "reasoning"] {
                if delta.get(member).is_some_and(Value::is_string) {
                    places.push(Place {
                        pointer: format!("/choices/{at}/delta/{member}"),
                        channel: format!("{index} {member}"),
                        inside_json: false,
                    });
                }
            }
            for (nth, call) in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten().enumerate() {
                let call_index = call.get("index").and_then(Value::as_u64).unwrap_or(nth as u64);
                for (of, member) in [("function", "arguments"), ("custom", "input")] {
                    let pointer = format!("/choices/{at}/delta/tool_calls/{nth}/{of}/{member}");
                    if value.pointer(&pointer).is_some_and(Value::is_string) {
                        let channel = format!("{index} {call_index} {member}");
                        places.push(Place { pointer, channel, inside_json: true });
                    }
                }
            }
        }
        return places;
    }
    let kind = value.get("type").and_then(Value::as_str).or(name).unwrap_or_default();
    if kind.ends_with(".delta") && value.get("delta").is_some_and(Value::is_string) {
        let part = |name: &str| value.get(name).map(Value::to_string).unwrap_or_default();
        places.push(Place {
            pointer: "/delta".to_owned(),
            channel: format!("{kind} {} {} {}", part("item_id"), part("output_index"), part("content_index")),
            inside_json: kind.contains("arguments") || kind.contains("input"),
        });
    }
    places
}

/// Which texts end with an event.
enum Ends {
    None,
    /// Those of these choices.
    Choices(Vec<u64>),
    All,
}

impl Ends {
    fn of(value: &Value, name: Option<&str>) -> Self {
        if let Some(choices) = value.get("choices").and_then(Value::as_array) {
            let finished = choices
                .iter()
                .enumerate()
                .filter(|(_, choice)| choice.get("finish_reason").is_some_and(|reason| !reason.is_null()));
            let index =
                |(at, choice): (usize, &Value)| choice.get("index").and_then(Value::as_u64).unwrap_or(at as u64);
            return Self::Choices(finished.map(index).collect());
        }
        let kind = value.get("type").and_then(Value::as_str).or(name).unwrap_or_default();
        if kind.ends_with(".delta") { Self::None } else { Self::All }
    }

    fn ends(&self, channel: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Choices(indexes) => {
                let index = channel.split(' ').next().and_then(|index| index.parse().ok());
                index.is_some_and(|index: u64| indexes.contains(&index))
            }
        }
    }
}

fn restore_everything(masks: &Masks, value: &mut Value, name: &str) {
    match value {
        Value::String(text) => {
            let restored = if is_arguments(name) { masks.restore_in_json(text) } else { masks.restore(text) };
            if restored != *text {
                *text = restored.into_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| restore_everything(masks, item, name)),
        Value::Object(members) => members.iter_mut().for_each(|(name, item)| restore_everything(masks, item, name)),
        _ => {}
    }
}

fn written(name: Option<&str>, value: &Value) -> Bytes {
    match name {
        Some(name) => format!("event: {name}\ndata: {value}\n\n").into(),
        None => format!("data: {value}\n\n").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{self, Place as Hidden};
    use proptest::prelude::*;

    /// Masks of the card numbers in a text.
    fn masks() -> Masks {
        let json = r#"{"a":"4111111111111111 5555555555554444"}"#;
        let pieces = pieces::read(json.as_bytes()).unwrap();
        let hidden = |what: &str| {
            let at = pieces.text.find(what).unwrap();
            Hidden { span: at..at + what.len(), label: "カード番号" }
        };
        let places = [hidden("4111111111111111"), hidden("5555555555554444")];
        mask::apply(json.as_bytes(), &pieces, &places).unwrap().masks
    }

    fn chat(index: u64, text: &str) -> Bytes {
        format!("data: {}\n\n", serde_json::json!({"choices": [{"index": index, "delta": {"content": text}}]})).into()
    }

    fn said(events: &[Bytes], index: u64) -> String {
        let mut text = String::new();
        for event in events {
            let event = Event::parse(event).unwrap();
            let Ok(value) = serde_json::from_str::<Value>(event.data.as_deref().unwrap()) else { continue };
            for choice in value["choices"].as_array().into_iter().flatten() {
                if choice["index"] == index {
                    text.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
                }
            }
        }
        text
    }

    const ANSWER: &str = "［カード番号1］と[カード番号2]、［カード番号9］、a[0]、末尾［カード";
    const RESTORED: &str = "4111111111111111と5555555555554444、［カード番号9］、a[0]、末尾［カード";

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn wherever_a_stream_is_cut_the_answer_is_the_same(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
            let places: Vec<usize> = ANSWER.char_indices().map(|(at, _)| at).chain([ANSWER.len()]).collect();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| places[cut.index(places.len())]).collect();
            cuts.extend([0, ANSWER.len()]);
            cuts.sort_unstable();
            let mut restorer = Restorer::new(masks());
            let mut out = Vec::new();
            for pair in cuts.windows(2) {
                // Two answers at once, one cut otherwise.
                restorer.event(chat(0, &ANSWER[pair[0]..pair[1]]), &mut out);
                restorer.event(chat(1, "["), &mut out);
            }
            restorer.event(Bytes::from_static(b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"), &mut out);
            restorer.event(Bytes::from_static(b"data: [DONE]\n\n"), &mut out);
            prop_assert_eq!(said(&out, 0), RESTORED);
            prop_assert_eq!(said(&out, 1).len(), cuts.len() - 1);
            prop_assert!(out.last().unwrap().starts_with(b"data: [DONE]"));
        }
    }

    #[test]
    fn the_events_of_a_response_are_restored_in_pieces_and_in_the_whole() {
        let mut restorer = Restorer::new(masks());
        let mut out = Vec::new();
        for event in [
            r#"{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"［カード"}"#,
            r#"{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"番号1］です"}"#,
            r#"{"type":"response.output_text.done","item_id":"m","text":"［カード番号1］です"}"#,
            r#"{"type":"response.completed","response":{"output":[{"arguments":"{\"n\":\"［カード番号2］\"}"}]}}"#,
        ] {
            let kind = serde_json::from_str::<Value>(event).unwrap()["type"].as_str().unwrap().to_owned();
            restorer.event(format!("event: {kind}\ndata: {event}\n\n").into(), &mut out);
        }
        let all = String::from_utf8(out.concat()).unwrap();
        assert!(all.contains("\"delta\":\"4111111111111111です\""), "{all}");
        assert!(all.contains("\"text\":\"4111111111111111です\""), "{all}");
        assert!(all.contains(r#"{\"n\":\"5555555555554444\"}"#), "{all}");
        assert_eq!(all.matches("event: ").count(), 4);
    }

    #[test]
    fn a_whole_answer_keeps_every_other_byte() {
        let body = Bytes::from(
            "{ \"z\" : 1.0, \"choices\":[{\"message\":{\"content\":\"\\uff3b\\u30ab\\u30fc\\u30c9\\u756a\\u53f71\\uff3d\"}}] }",
        );
        let out = whole(&masks(), &body);
        assert_eq!(out, "{ \"z\" : 1.0, \"choices\":[{\"message\":{\"content\":\"4111111111111111\"}}] }");
    }
}
