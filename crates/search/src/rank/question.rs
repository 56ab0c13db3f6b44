//! A question as terms.

use std::collections::BTreeSet;

use tantivy::Term;

use super::weight;
use crate::analysis::{fold, grams, words};
use crate::shelf::{Cut, Reading, ShelfError};

/// A term of a question.
pub(crate) struct Asked {
    pub(crate) head: Term,
    pub(crate) text: Term,
    /// Weight of its way of cutting times its rarity.
    pub(crate) weight: f32,
    /// Passages with it, at most.
    pub(crate) postings: u64,
    pub(crate) by_words: bool,
}

/// As much of a question as is read.
pub(crate) fn bounded(text: &str) -> &str {
    let end = text.char_indices().nth(weight::QUESTION).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// For words that must stand in a unit's head or text: pairs of characters in them, as the terms of which one must be
/// there, the rarest [`weight::PAIRS`] first. Words without any (in hiragana alone) demand nothing here.
pub(crate) fn must_hold<'w>(
    reading: &Reading,
    words: impl Iterator<Item = &'w str>,
) -> Result<Vec<[Term; 2]>, ShelfError> {
    let cut = reading.fields.grams;
    let mut pairs = BTreeSet::new();
    // At the edges of the words a run may go on in the text, so a single character there is no pair of its own; and a
    // run of letters or figures is one term, of which the words may hold a part.
    for words in words {
        grams::grams(words, |gram| {
            if gram.chars().count() == 2 && !gram.starts_with(|c: char| c.is_ascii() || c.is_numeric()) {
                pairs.insert(gram);
            }
        });
    }
    let mut terms = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let (head, text) = (Term::from_field_text(cut.head, pair), Term::from_field_text(cut.text, pair));
        terms.push((reading.searcher.doc_freq(&head)? + reading.searcher.doc_freq(&text)?, [head, text]));
    }
    terms.sort();
    terms.truncate(weight::PAIRS);
    Ok(terms.into_iter().map(|(_, both)| both).collect())
}

/// The terms of a question that occur at all, rarest first.
pub(crate) fn terms(reading: &Reading, text: &str) -> Result<Vec<Asked>, ShelfError> {
    let folded = fold(text);
    let mut found = BTreeSet::new();
    words::words(&folded, |word| _ = found.insert(word));
    let mut asked = rarest(reading, &found, reading.fields.words, weight::WORDS, true)?;
    found.clear();
    grams::grams(&folded, |gram| _ = found.insert(gram));
    asked.extend(rarest(reading, &found, reading.fields.grams, weight::GRAMS, false)?);
    asked.sort_by(|a, b| a.postings.cmp(&b.postings).then_with(|| a.text.cmp(&b.text)));
    Ok(asked)
}

fn rarest(
    reading: &Reading,
    found: &BTreeSet<&str>,
    cut: Cut,
    factor: f32,
    by_words: bool,
) -> Result<Vec<Asked>, ShelfError> {
    let all = reading.searcher.num_docs();
    let mut asked = Vec::with_capacity(found.len());
    for term in found {
        let (head, text) = (Term::from_field_text(cut.head, term), Term::from_field_text(cut.text, term));
        let (in_heads, in_texts) = (reading.searcher.doc_freq(&head)?, reading.searcher.doc_freq(&text)?);
        let passages = in_heads.max(in_texts);
        if passages > 0 {
            #[expect(clippy::cast_precision_loss, reason = "a statistic")]
            let rarity = (1.0 + (all.saturating_sub(passages) as f32 + 0.5) / (passages as f32 + 0.5)).ln();
            asked.push(Asked { head, text, weight: factor * rarity, postings: in_heads + in_texts, by_words });
        }
    }
    asked.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
    asked.truncate(weight::TERMS);
    Ok(asked)
}
