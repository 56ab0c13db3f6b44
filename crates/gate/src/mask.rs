//! 伏せ字: placeholders in the place of what must not leave, and the way back in the answer.
//!
//! The same text gets the same placeholder throughout a request, so a model can speak of it. A placeholder never takes a
//! form that the request already contains: only what was masked here is ever put back.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::pieces::{PieceKind, Pieces};

/// Longest inside of a placeholder, in characters; whatever is longer between brackets is not one.
const MOST_CHARS: usize = 24;

/// A place to mask, in the collected text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) span: Range<usize>,
    pub(crate) label: &'static str,
}

/// What was masked in one request.
#[derive(Clone, Default)]
pub(crate) struct Masks {
    original_of: HashMap<String, String>,
    inside_of: HashMap<String, String>,
    counts: HashMap<&'static str, usize>,
    taken: HashSet<String>,
}

impl std::fmt::Debug for Masks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Masks({})", self.original_of.len())
    }
}

impl Masks {
    pub(crate) fn is_empty(&self) -> bool {
        self.original_of.is_empty()
    }

    /// The placeholder of a text.
    fn placeholder(&mut self, label: &'static str, original: &str) -> String {
        if let Some(inside) = self.inside_of.get(original) {
            return bracketed(inside);
        }
        let count = self.counts.entry(label).or_default();
        let inside = loop {
            *count += 1;
            let inside = format!("{label}{count}");
            if !self.taken.contains(&inside) {
                break inside;
            }
        };
        self.original_of.insert(inside.clone(), original.to_owned());
        self.inside_of.insert(original.to_owned(), inside.clone());
        bracketed(&inside)
    }

    /// Puts back what was masked.
    pub(crate) fn restore<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.restored(text, str::to_owned)
    }

    /// Puts back what was masked into a text that is itself the inside of JSON, such as the arguments of a tool call.
    pub(crate) fn restore_in_json<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.restored(text, |original| {
            let quoted = serde_json::to_string(original).unwrap_or_default();
            quoted.trim_matches('"').to_owned()
        })
    }

    fn restored<'t>(&self, text: &'t str, written: impl Fn(&str) -> String) -> Cow<'t, str> {
        let mut out: Option<String> = None;
        let mut from = 0;
        for (span, inside) in brackets(text) {
            let Some(original) = self.original_of.get(inside) else { continue };
            let out = out.get_or_insert_with(|| String::with_capacity(text.len() + 32));
            out.push_str(text.get(from..span.start).unwrap_or_default());
            out.push_str(&written(original));
            from = span.end;
        }
        match out {
            Some(mut out) => {
                out.push_str(text.get(from..).unwrap_or_default());
                Cow::Owned(out)
            }
            None => Cow::Borrowed(text),
        }
    }
}

fn bracketed(inside: &str) -> String {
    format!("［{inside}］")
}

fn opens(c: char) -> bool {
    matches!(c, '［' | '[')
}

fn closes(c: char) -> bool {
    matches!(c, '］' | ']')
}

/// Every innermost pair of brackets with a short inside. Models like to write full-width brackets half width.
fn brackets(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut open: Option<(usize, usize)> = None;
    text.char_indices().filter_map(move |(at, c)| {
        if opens(c) {
            open = Some((at, at + c.len_utf8()));
            return None;
        }
        if !closes(c) {
            return None;
        }
        let (start, inside) = open.take()?;
        let inside = text.get(inside..at)?;
        (inside.len() <= MOST_CHARS * 4).then_some((start..at + c.len_utf8(), inside))
    })
}

/// Where an unfinished placeholder may begin at the end of a text; its length when none does.
pub(crate) fn unfinished(text: &str) -> usize {
    for (looked, (at, c)) in text.char_indices().rev().enumerate() {
        if closes(c) || looked > MOST_CHARS {
            return text.len();
        }
        if opens(c) {
            return at;
        }
    }
    text.len()
}

/// A request with its places masked.
#[derive(Debug)]
pub(crate) struct Masked {
    pub(crate) body: Vec<u8>,
    pub(crate) masks: Masks,
}

/// Masks places of a request. What stands in a number or a name of a member cannot be masked without changing the shape
/// of the request, and stays: whoever calls this looks again at what came out.
pub(crate) fn apply(body: &[u8], pieces: &Pieces, places: &[Place]) -> Option<Masked> {
    let mut masks = Masks { taken: brackets(&pieces.text).map(|(_, i)| i.to_owned()).collect(), ..Masks::default() };
    let places = joined(places);
    let mut next = 0;
    let body = pieces.rewrite(body, |piece, text| {
        while places.get(next).is_some_and(|place| place.span.end <= piece.text.start) {
            next += 1;
        }
        if piece.kind != PieceKind::Text {
            return None;
        }
        let mut new: Option<String> = None;
        let mut from = 0;
        for place in places.iter().skip(next).take_while(|place| place.span.start < piece.text.end) {
            let start = place.span.start.max(piece.text.start) - piece.text.start;
            let end = place.span.end.min(piece.text.end) - piece.text.start;
            let (Some(before), Some(hidden)) = (text.get(from..start), text.get(start..end)) else { continue };
            let new = new.get_or_insert_with(String::new);
            new.push_str(before);
            if !hidden.trim().is_empty() {
                new.push_str(&masks.placeholder(place.label, hidden));
            }
            from = end;
        }
        new.map(|mut new| {
            new.push_str(text.get(from..).unwrap_or_default());
            new
        })
    })?;
    Some(Masked { body, masks })
}

/// Places in order, those that touch or overlap as one, named after the first.
fn joined(places: &[Place]) -> Vec<Place> {
    let mut sorted = places.to_vec();
    sorted.sort_by_key(|place| (place.span.start, std::cmp::Reverse(place.span.end)));
    let mut joined: Vec<Place> = Vec::with_capacity(sorted.len());
    for place in sorted {
        match joined.last_mut().filter(|last| place.span.start < last.span.end) {
            Some(last) => last.span.end = last.span.end.max(place.span.end),
            None => joined.push(place),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces;

    fn masked(json: &str, hide: &[(&str, &'static str)]) -> (String, Masks) {
        let pieces = pieces::read(json.as_bytes()).unwrap();
        let places: Vec<Place> = hide
            .iter()
            .flat_map(|(what, label)| {
                pieces.text.match_indices(what).map(|(at, found)| Place { span: at..at + found.len(), label })
            })
            .collect();
        let Masked { body, masks } = apply(json.as_bytes(), &pieces, &places).unwrap();
        (String::from_utf8(body).unwrap(), masks)
    }

    #[test]
    fn the_same_text_gets_the_same_placeholder_and_comes_back() {
        let (json, masks) = masked(
            r#"{"a":"カード 4111111111111111 と 5555555555554444","b":["4111111111111111"],"c":1.0}"#,
            &[("4111111111111111", "カード番号"), ("5555555555554444", "カード番号")],
        );
        assert_eq!(json, r#"{"a":"カード ［カード番号1］ と ［カード番号2］","b":["［カード番号1］"],"c":1.0}"#);
        assert_eq!(masks.restore("［カード番号2］ですね"), "5555555555554444ですね");
        assert_eq!(masks.restore("[カード番号1]と［カード番号3］"), "4111111111111111と［カード番号3］");
    }

    #[test]
    fn a_placeholder_that_the_request_already_holds_is_not_made_again() {
        let (json, masks) = masked(r#"{"a":"［カード番号1］とは別の 4111"}"#, &[("4111", "カード番号")]);
        assert_eq!(json, r#"{"a":"［カード番号1］とは別の ［カード番号2］"}"#);
        assert_eq!(masks.restore("［カード番号1］"), "［カード番号1］");
    }

    #[test]
    fn a_number_that_runs_over_two_texts_is_gone_from_both() {
        let (json, masks) = masked("{\"a\":\"番号 1234\",\"b\":\"5678 です\"}", &[("1234\n5678", "口座番号")]);
        assert!(!json.contains("1234") && !json.contains("5678"), "{json}");
        assert_eq!(masks.restore(&json), "{\"a\":\"番号 1234\",\"b\":\"5678 です\"}");
    }

    #[test]
    fn what_a_tool_is_given_stays_json() {
        let (_, masks) = masked("{\"a\":\"1234\\n5678\"}", &[("1234\n5678", "口座番号")]);
        assert_eq!(masks.restore_in_json(r#"{"account":"［口座番号1］"}"#), r#"{"account":"1234\n5678"}"#);
    }

    #[test]
    fn an_unfinished_placeholder_is_seen_at_the_end_only() {
        for (text, held) in
            [("前［カード", "［カード"), ("前［カード番号1］", ""), ("前", ""), ("a[", "["), ("[x] と", "")]
        {
            assert_eq!(&text[unfinished(text)..], held, "{text}");
        }
        let long = format!("[{}", "あ".repeat(40));
        assert_eq!(unfinished(&long), long.len(), "whatever is longer is no placeholder");
    }

    #[test]
    fn masks_do_not_tell_what_they_hide() {
        let (_, masks) = masked(r#"{"a":"4111"}"#, &[("4111", "カード番号")]);
        assert!(!format!("{masks:?}").contains("4111"));
    }
}
