//! Where past answers differ: sentences of two answers that say nearly the same, but for a number, a date or a negation.
//! Deterministic, and no judgement of meaning.

use super::report::plain;
use sekisho_search::analysis::fold;
use sekisho_search::citation::Passage;
use std::collections::BTreeSet;

/// Sentences of one answer that are compared.
const SENTENCES: usize = 30;
/// Shorter sentences say too little.
const SHORTEST: usize = 12;
/// Longer ones are not compared.
const LONGEST: usize = 400;
/// Share of pairs of characters that two sentences must have in common (of 100).
const ALIKE: usize = 62;
/// Most differences that are told.
const MOST: usize = 12;

/// A difference between two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// What differs.
    kind: &'static str,
    earlier: (usize, String),
    later: (usize, String),
}

impl Difference {
    pub(super) fn markdown(&self) -> String {
        let part = |(number, text): &(usize, String)| format!("「{}」\\[{number}\\]", plain(text));
        format!("- **{}が異なります。** {} → {}", self.kind, part(&self.earlier), part(&self.later))
    }

    pub(super) fn cites(&self, number: usize) -> bool {
        self.earlier.0 == number || self.later.0 == number
    }
}

/// A sentence, ready to be compared.
struct Sentence<'a> {
    text: &'a str,
    pairs: BTreeSet<(char, char)>,
    numbers: Vec<String>,
    negations: usize,
}

/// The differences between answers given in the order of time.
pub(super) fn differences(answers: &[&Passage]) -> Vec<Difference> {
    let read: Vec<(usize, Vec<Sentence<'_>>)> =
        answers.iter().map(|passage| (passage.number, sentences(&passage.text))).collect();
    let mut found = Vec::new();
    for (at, (earlier, ours)) in read.iter().enumerate() {
        for (later, theirs) in read.iter().skip(at + 1) {
            for one in ours {
                let Some(other) = nearest(one, theirs) else { continue };
                let kind = if one.numbers != other.numbers {
                    if one.numbers.iter().chain(&other.numbers).any(|n| n.ends_with(['年', '月', '日'])) {
                        "日付又は数"
                    } else {
                        "数"
                    }
                } else if one.negations % 2 != other.negations % 2 {
                    "否定"
                } else {
                    continue;
                };
                let part = |number: usize, sentence: &Sentence<'_>| (number, sentence.text.to_owned());
                found.push(Difference { kind, earlier: part(*earlier, one), later: part(*later, other) });
                if found.len() == MOST {
                    return found;
                }
            }
        }
    }
    found
}

fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let whole = text.split_inclusive(['。', '\n']).map(str::trim);
    let fit = whole.filter(|sentence| (SHORTEST..=LONGEST).contains(&sentence.chars().count()));
    fit.take(SENTENCES).map(Sentence::read).collect()
}

/// The sentence most like this one, if any is like it at all.
fn nearest<'a, 'b>(one: &Sentence<'_>, others: &'b [Sentence<'a>]) -> Option<&'b Sentence<'a>> {
    let alike = |other: &Sentence<'_>| {
        let shared = one.pairs.intersection(&other.pairs).count();
        (200 * shared).checked_div(one.pairs.len() + other.pairs.len()).unwrap_or(0)
    };
    let best = others.iter().map(|other| (alike(other), other)).max_by_key(|(score, _)| *score)?;
    (best.0 >= ALIKE).then_some(best.1)
}

impl<'a> Sentence<'a> {
    fn read(text: &'a str) -> Self {
        let folded = fold(text);
        let letters: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric() && !c.is_ascii_digit()).collect();
        let pairs = letters.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
        let negations = NEGATIONS.iter().map(|word| text.matches(word).count()).sum();
        Self { text, pairs, numbers: numbers(&folded), negations }
    }
}

const NEGATIONS: [&str; 8] = ["ない", "ません", "なかった", "ず、", "ざる", "否定", "困難", "考えていな"];

/// Numbers of a folded text with the character behind each, in order.
fn numbers(folded: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut run = String::new();
    for c in folded.chars().chain([' ']) {
        if c.is_ascii_digit() || (matches!(c, '.' | ',') && !run.is_empty()) {
            run.push(c);
        } else if !run.is_empty() {
            run.push(c);
            found.push(std::mem::take(&mut run));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_search::unit::UnitId;

    fn of(texts: &[&str]) -> Vec<Difference> {
        let passages: Vec<Passage> = (1..)
            .zip(texts)
            .map(|(number, text)| Passage {
                number,
                unit: UnitId::new("x"),
                cite: String::new(),
                text: (*text).to_owned(),
            })
            .collect();
        differences(&passages.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_number_or_negation_that_changed_is_told_and_nothing_else() {
        let found = of(&[
            "架空物の届出は三十日以内に行うものと承知しております。",
            "架空物の届出は六十日以内に行うものと承知しております。",
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].kind.ends_with('数') && found[0].cites(1) && found[0].cites(2));
        let found = of(&["架空物の制度を見直す考えはございません。", "架空物の制度を見直す考えはございます。"]);
        assert_eq!(found[0].kind, "否定", "{found:?}");
        assert!(of(&["架空物の届出は三十日以内に行う。", "全く別の話題について五十回お答えしております。"]).is_empty());
        assert!(of(&["架空物の届出は三十日以内に行うもの。", "架空物の届出は30日以内に行うもの。"]).is_empty());
    }
}
