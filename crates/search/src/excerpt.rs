//! The part of a text that answers a question best, and the question's words in it, as the text stands.
//!
//! Texts are compared as the index compares them, so that 第5条 is found in 第五条, and what is marked is the original.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;

use crate::analysis::{Script, Trace, fold, grams, script, words};

/// Characters of a question that are looked for.
const QUESTION: usize = 1_000;
/// Terms that are looked for.
const TERMS: usize = 64;
/// Bytes of a text that are looked through.
const TEXT: usize = 120_000;
/// Places that are weighed.
const PLACES: usize = 4_000;
/// Characters before the first marked word, at most.
const BEFORE: usize = 40;

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'t> {
    /// As it stands.
    pub text: &'t str,
    /// Whether the question asks for it.
    pub marked: bool,
}

/// A part of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt<'t> {
    /// Whether the text begins before it.
    pub cut_before: bool,
    /// Whether the text goes on after it.
    pub cut_after: bool,
    /// Its pieces in order.
    pub pieces: Vec<Piece<'t>>,
}

/// What a question asks for, ready to be found in texts.
#[derive(Clone, Debug)]
pub struct Marker {
    terms: Vec<String>,
    finder: Option<AhoCorasick>,
}

/// A term found in a text.
struct Place {
    at: Range<usize>,
    term: usize,
}

impl Marker {
    /// Takes a question.
    pub fn new(question: &str) -> Self {
        let end = question.char_indices().nth(QUESTION).map_or(question.len(), |(at, _)| at);
        let folded = fold(question.get(..end).unwrap_or(question));
        let terms = terms(&folded);
        let finder = AhoCorasick::new(&terms).ok().filter(|_| !terms.is_empty());
        Self { terms, finder }
    }

    /// A whole text with what is asked for marked.
    pub fn mark<'t>(&self, text: &'t str) -> Vec<Piece<'t>> {
        pieces(text, 0..text.len(), &self.places(text))
    }

    /// The part of a text, about `length` characters long, that holds most of what is asked for; its beginning, where
    /// nothing of it is there.
    pub fn excerpt<'t>(&self, text: &'t str, length: usize) -> Excerpt<'t> {
        let places = self.places(text);
        let start = self.best(&places, length * 3).map_or(0, |first| begin(text, first));
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.char_indices().nth(length).map_or(text.len(), |(at, _)| start + at);
        Excerpt { cut_before: start > 0, cut_after: end < text.len(), pieces: pieces(text, start..end, &places) }
    }

    fn places(&self, text: &str) -> Vec<Place> {
        let Some(finder) = &self.finder else { return Vec::new() };
        let mut end = TEXT.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let trace = Trace::new(text.get(..end).unwrap_or_default());
        let folded = trace.folded.as_str();
        let whole = |at: &Range<usize>| {
            let (before, after) = (folded.get(..at.start), folded.get(at.end..));
            let (first, last) =
                folded.get(at.clone()).map_or((None, None), |s| (s.chars().next(), s.chars().next_back()));
            !splits(before.and_then(|s| s.chars().next_back()), first)
                && !splits(last, after.and_then(|s| s.chars().next()))
        };
        let mut places: Vec<Place> = finder
            .find_overlapping_iter(folded)
            .map(|found| (found.range(), found.pattern().as_usize()))
            .filter(|(at, _)| whole(at))
            .filter_map(|(at, term)| Some(Place { at: trace.origin(at)?, term }))
            .take(PLACES)
            .collect();
        places.sort_by_key(|place| (place.at.start, place.at.end));
        places
    }

    /// Where the window of so many bytes begins that holds the most.
    fn best(&self, places: &[Place], bytes: usize) -> Option<usize> {
        let weight = |term: usize| self.terms.get(term).map_or(0, |term| term.chars().count());
        let mut counts = vec![0_usize; self.terms.len()];
        let mut change = |term: usize, by: isize| {
            let Some(count) = counts.get_mut(term) else { return 0 };
            let before = *count;
            *count = count.saturating_add_signed(by);
            // The first of a term counts as long as it is, a further one a little.
            let worth = |n: usize| if n == 0 { 0 } else { 8 * weight(term) + n.min(4) };
            worth(*count).cast_signed() - worth(before).cast_signed()
        };
        let (mut score, mut end, mut best) = (0, 0, None);
        for (first, place) in places.iter().enumerate() {
            while let Some(next) = places.get(end).filter(|next| next.at.end <= place.at.start + bytes) {
                score += change(next.term, 1);
                end += 1;
            }
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, place.at.start));
            }
            if end > first {
                score += change(place.term, -1);
            } else {
                end = first + 1;
            }
        }
        best.map(|(_, start)| start)
    }
}

/// Whether a word of letters or figures goes on from one character to the next.
fn splits(before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let kind = script(before);
    matches!(kind, Script::Digit | Script::Letter | Script::Katakana) && kind == script(after)
}

/// What is looked for in a folded question: runs without grammar between them, words, pairs of kanji, and numbers with
/// what they count.
fn terms(folded: &str) -> Vec<String> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for run in folded.split(|c| matches!(script(c), Script::Hiragana | Script::Gap)) {
        if (2..=30).contains(&run.chars().count()) {
            found.insert(run);
        }
        let mut at = 0;
        while let Some(start) = run.get(at..).and_then(|rest| rest.find(|c: char| c.is_ascii_digit())).map(|n| at + n) {
            let rest = run.get(start..).unwrap_or_default();
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let counter = rest.get(digits..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            found.extend(rest.get(..digits + counter).filter(|term| term.chars().count() > 1));
            at = start + digits;
        }
    }
    let several = |term: &&str| term.chars().count() > 1;
    words::words(folded, |word| found.extend(Some(word.trim()).filter(several)));
    grams::grams(folded, |gram| {
        found.extend(Some(gram).filter(several).filter(|gram| !gram.starts_with(|c| script(c) == Script::Katakana)));
    });
    if found.is_empty() {
        grams::grams(folded, |gram| _ = found.insert(gram));
    }
    let mut terms: Vec<String> = found.into_iter().filter(|term| !term.is_empty()).map(str::to_owned).collect();
    terms.sort_by_key(|term| std::cmp::Reverse(term.chars().count()));
    terms.truncate(TERMS);
    terms
}

/// The beginning of the sentence, if it is near, else a little before.
fn begin(text: &str, first: usize) -> usize {
    let before = text.get(..first).unwrap_or_default();
    let mut start = first;
    for (at, c) in before.char_indices().rev().take(BEFORE) {
        if matches!(c, '。' | '\n' | '　') {
            return start;
        }
        start = at;
    }
    start
}

/// The pieces of a part of a text; places come in order and may overlap.
fn pieces<'t>(text: &'t str, part: Range<usize>, places: &[Place]) -> Vec<Piece<'t>> {
    let mut marks: Vec<Range<usize>> = Vec::new();
    for place in places {
        let (start, end) = (place.at.start.max(part.start), place.at.end.min(part.end));
        match marks.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ if start < end => marks.push(start..end),
            _ => {}
        }
    }
    let mut pieces = Vec::new();
    let mut push = |range: Range<usize>, marked: bool| {
        if let Some(text) = text.get(range).filter(|text| !text.is_empty()) {
            pieces.push(Piece { text, marked });
        }
    };
    let mut at = part.start;
    for mark in marks {
        push(at..mark.start, false);
        at = mark.end;
        push(mark, true);
    }
    push(at..part.end, false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked<'t>(question: &str, text: &'t str) -> Vec<&'t str> {
        Marker::new(question).mark(text).into_iter().filter(|piece| piece.marked).map(|piece| piece.text).collect()
    }

    #[test]
    fn spellings_of_what_is_asked_are_marked_as_they_stand() {
        assert_eq!(marked("第5条の届出", "架空法第五条の規定による届出"), ["第五条", "届出"]);
        assert_eq!(marked("民法709条", "民法第七百九条に規定する"), ["民法", "七百九条"]);
        assert_eq!(marked("国会", "國會の議決"), ["國會"]);
        assert_eq!(marked("ガス", "都市ｶﾞｽ事業、ガスター"), ["ｶﾞｽ"]);
        assert_eq!(marked("税", "消費税"), ["税"]);
    }

    #[test]
    fn a_number_is_not_found_within_another() {
        assert!(marked("9条", "第七百九条、第19条").is_empty());
        assert_eq!(marked("9条", "第九条"), ["九条"]);
    }

    #[test]
    fn an_excerpt_begins_with_the_sentence_that_holds_most() {
        let text = format!(
            "届出は要らない。{}架空大臣に届出をした者は報告する。{}",
            "前置き。".repeat(100),
            "後。".repeat(100)
        );
        let excerpt = Marker::new("架空大臣への届出と報告").excerpt(&text, 30);
        assert!(excerpt.cut_before && excerpt.cut_after);
        let whole: String = excerpt.pieces.iter().map(|piece| piece.text).collect();
        assert!(whole.starts_with("架空大臣に届出をした者は報告する。"), "{whole}");
    }

    #[test]
    fn where_nothing_is_found_the_text_begins_at_its_beginning() {
        let excerpt = Marker::new("？？").excerpt("本文である。", 3);
        assert_eq!(excerpt.pieces, [Piece { text: "本文で", marked: false }]);
        assert!(!excerpt.cut_before && excerpt.cut_after);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_panics(question in "\\PC{0,30}", text in "\\PC{0,80}") {
            let marker = Marker::new(&question);
            prop_assert_eq!(marker.mark(&text).iter().map(|piece| piece.text).collect::<String>(), text.as_str());
            let part: String = marker.excerpt(&text, 20).pieces.iter().map(|piece| piece.text).collect();
            prop_assert!(text.contains(&part));
        }
    }
}
