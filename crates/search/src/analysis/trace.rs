//! Folding that remembers where every character came from, for texts that are shown: what is found in the folded text
//! is marked in the text as it stands.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::fold::{is_plain, simple};
use super::numeral;

/// A folded text with the way back.
pub(crate) struct Trace {
    pub(crate) folded: String,
    /// Of every folded character: where it begins in the folded text, and the bytes of the text it came from.
    places: Vec<(usize, Range<usize>)>,
}

impl Trace {
    /// Folds a text as [`fold`](super::fold()) does.
    pub(crate) fn new(text: &str) -> Self {
        let chars = characters(text);
        let mut trace = Self { folded: String::with_capacity(text.len()), places: Vec::with_capacity(chars.len()) };
        let only: Vec<char> = chars.iter().map(|(c, _)| *c).collect();
        let mut at = 0;
        while let Some((c, origin)) = chars.get(at) {
            if !numeral::is_kanji_figure(*c) {
                trace.push(*c, origin.clone());
                at += 1;
                continue;
            }
            let rest = only.get(at..).unwrap_or_default();
            let length = rest.iter().take_while(|c| numeral::is_kanji_figure(**c)).count();
            let run = rest.get(..length).unwrap_or_default();
            let back = |by: usize| at.checked_sub(by).and_then(|i| only.get(i)).copied();
            let before = numeral::Before { last: back(1), second: back(2) };
            let value = numeral::counts(before, run, rest.get(length).copied()).then(|| numeral::value(run)).flatten();
            let origins = chars.get(at..at + length).unwrap_or_default();
            match value {
                Some(value) => {
                    let whole = origin.start..origins.last().map_or(origin.end, |(_, last)| last.end);
                    value.to_string().chars().for_each(|figure| trace.push(figure, whole.clone()));
                }
                None => origins.iter().for_each(|(c, origin)| trace.push(*c, origin.clone())),
            }
            at += length;
        }
        trace
    }

    fn push(&mut self, c: char, origin: Range<usize>) {
        self.places.push((self.folded.len(), origin));
        self.folded.push(c);
    }

    /// The bytes of the text that bytes of the folded text came from.
    pub(crate) fn origin(&self, folded: Range<usize>) -> Option<Range<usize>> {
        let place = |at: usize| self.places.partition_point(|(from, _)| *from <= at).checked_sub(1);
        let (first, last) =
            (self.places.get(place(folded.start)?)?, self.places.get(place(folded.end.checked_sub(1)?)?)?);
        Some(first.1.start..last.1.end)
    }
}

/// The normalised characters of a text. What NFKC composes of several is taken together.
fn characters(text: &str) -> Vec<(char, Range<usize>)> {
    let whole = |(at, c): (usize, char)| (simple(c), at..at + c.len_utf8());
    if text.chars().all(is_plain) {
        return text.char_indices().map(whole).collect();
    }
    let mut chars = Vec::with_capacity(text.len() / 3);
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        let mut end = start + first.len_utf8();
        while let Some((at, c)) = rest.next_if(|(_, c)| joins(*c)) {
            end = at + c.len_utf8();
        }
        let cluster = text.get(start..end).unwrap_or_default();
        chars.extend(cluster.nfkc().map(|c| (simple(c), start..end)));
    }
    chars
}

/// Whether a character may become one with what stands before it.
fn joins(c: char) -> bool {
    matches!(c, '\u{FF9E}' | '\u{FF9F}' | '\u{1161}'..='\u{11FF}') || canonical_combining_class(c) != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::fold;
    use proptest::prelude::*;

    fn found<'t>(text: &'t str, folded: &str) -> Option<&'t str> {
        let trace = Trace::new(text);
        let at = trace.folded.find(folded)?;
        text.get(trace.origin(at..at + folded.len())?)
    }

    #[test]
    fn given_a_folded_place_then_the_text_it_came_from() {
        assert_eq!(found("民法第七百九条の規定", "709条"), Some("七百九条"));
        assert_eq!(found("民法第七百九条の規定", "規定"), Some("規定"));
        assert_eq!(found("㈱架空ｶﾞｽ（ＮＨＫ）", "ガス"), Some("ｶﾞｽ"));
        assert_eq!(found("㈱架空ｶﾞｽ（ＮＨＫ）", "nhk"), Some("ＮＨＫ"));
        assert_eq!(found("國會", "国会"), Some("國會"));
    }

    proptest! {
        #[test]
        fn it_folds_as_folding_does(text in "[第条の一二十百千万年月日國a-zＡ-Ｃ０-９ｶﾞｷﾟがか\u{3099}①㈱ﬁé㍻ 　。]{0,40}") {
            prop_assert_eq!(Trace::new(&text).folded, fold(&text));
        }

        #[test]
        fn every_place_lies_in_the_text(text in "\\PC{0,40}") {
            let trace = Trace::new(&text);
            for (at, c) in trace.folded.char_indices() {
                let origin = trace.origin(at..at + c.len_utf8()).unwrap();
                prop_assert!(text.get(origin).is_some());
            }
        }
    }
}
