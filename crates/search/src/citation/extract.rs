//! Statements taken from a passage as they stand, for when no model writes.

use super::fold::Folded;
use super::negation::is_proviso;
use std::ops::Range;

/// Whole sentences of a passage that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Bytes of the passage.
    pub range: Range<usize>,
    /// How many of the terms it uses.
    pub score: usize,
}

/// More would be the passage itself.
const MOST: usize = 3;

/// The sentences of a passage that use most of the terms, in the passage's order; none when no sentence uses one.
///
/// A sentence brings along the ones that condition it: ただし and この場合 behind, and what stands before when it is itself such
/// a one. Spans are whole sentences, so each quoted as it stands passes [`super::check`].
pub fn extract(passage: &str, terms: &[&str]) -> Vec<Span> {
    let text = Folded::of(passage);
    let terms: Vec<Folded> = terms.iter().map(|term| Folded::of(term)).filter(|term| !term.text().is_empty()).collect();
    let sentences: Vec<(usize, usize)> = text.sentences().collect();
    let score = |from, to| terms.iter().filter(|term| text.part(from, to).contains(term.text())).count();
    let mut ranked: Vec<(usize, usize)> = sentences
        .iter()
        .enumerate()
        .map(|(index, (from, to))| (score(*from, *to), index))
        .filter(|(score, _)| *score > 0)
        .collect();
    ranked.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
    let hangs = |index: usize| sentences.get(index).is_some_and(|(from, to)| depends(text.part(*from, *to)));
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (_, index) in ranked.into_iter().take(MOST) {
        let (mut first, mut last) = (index, index);
        while first > 0 && hangs(first) {
            first -= 1;
        }
        while hangs(last + 1) {
            last += 1;
        }
        spans.push((first, last));
    }
    spans.sort_unstable();
    spans.dedup();
    // Of two that share sentences one: each sentence is shown once.
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (first, last) in spans {
        match merged.last_mut() {
            Some(before) if first <= before.1 => before.1 = before.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
        .into_iter()
        .filter_map(|(first, last)| {
            let (from, to) = (sentences.get(first)?.0, sentences.get(last)?.1);
            Some(Span { range: text.source(from, to), score: score(from, to) })
        })
        .collect()
}

/// Sentences that say under what condition the one before holds.
fn depends(sentence: &str) -> bool {
    is_proviso(sentence)
        || ["この場合", "その場合", "この限り", "此ノ場合", "前段の"].iter().any(|word| sentence.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_brings_its_conditions() {
        let text =
            "序である。甲は、届け出る。ただし、乙は、この限りでない。この場合において、丙とする。丁は、戊とする。";
        let taken =
            |terms: &[&str]| -> Vec<&str> { extract(text, terms).into_iter().map(|s| &text[s.range]).collect() };
        let with_conditions = "甲は、届け出る。ただし、乙は、この限りでない。この場合において、丙とする。";
        assert_eq!(taken(&["甲", "届け出"]), [with_conditions]);
        assert_eq!(taken(&["丙"]), [with_conditions]);
        assert_eq!(taken(&["戊", "甲"]), [with_conditions, "丁は、戊とする。"]);
        assert!(taken(&["己", ""]).is_empty());
    }
}
