//! Fusion of two rankings by their ranks alone (reciprocal rank fusion). What scores mean differs from model to model, and
//! a cosine cannot be weighed against BM25; that something stands third in a ranking means the same in both.

use std::collections::HashMap;

use super::{Fused, Ranked, Scored, Why, evidence, weight};
use crate::dense::Close;

/// The nearest units in the order of all that speaks for them: what else of their law or meeting is near, and that answers
/// come before questions, as it counts for those found by words ([`evidence`]).
pub(super) fn supported(nearest: &[Close]) -> Vec<Close> {
    let scored: Vec<Scored> = (1..)
        .zip(nearest)
        .map(|(rank, close)| Scored {
            score: worth(rank),
            unit: close.unit,
            group: close.group,
            role: close.role,
            at: close.at,
        })
        .collect();
    let by_unit: HashMap<u64, &Close> = nearest.iter().map(|close| (close.unit, close)).collect();
    evidence::weigh(&scored).iter().filter_map(|(unit, ..)| by_unit.get(unit).map(|close| **close)).collect()
}

/// The units of both rankings, best first. Among equals the one that words led to comes first: it can be shown why.
pub(super) fn fuse(by_words: Vec<Ranked>, by_meaning: &[Close]) -> Vec<Ranked> {
    let nearest: HashMap<u64, (usize, &Close)> =
        (1..).zip(by_meaning).map(|(rank, close)| (close.unit, (rank, close))).collect();
    let fused = |words: Option<usize>, meaning: Option<&(usize, &Close)>| Fused {
        by_words: words,
        by_meaning: meaning.map(|(rank, _)| *rank),
        near: meaning.map(|(_, close)| close.near),
        score: words.map_or(0.0, worth) + weight::MEANING * meaning.map_or(0.0, |(rank, _)| worth(*rank)),
    };
    let mut all: Vec<Ranked> = Vec::with_capacity(by_words.len() + by_meaning.len());
    let mut known = std::collections::HashSet::new();
    for (rank, (unit, at, why)) in (1..).zip(by_words) {
        known.insert(unit);
        all.push((unit, at, Why { fused: Some(fused(Some(rank), nearest.get(&unit))), ..why }));
    }
    for close in by_meaning.iter().filter(|close| !known.contains(&close.unit)) {
        all.push((close.unit, close.at, Why { fused: Some(fused(None, nearest.get(&close.unit))), ..Why::default() }));
    }
    let by_words = |ranked: &Ranked| ranked.2.fused.and_then(|fused| fused.by_words).unwrap_or(usize::MAX);
    all.sort_by(|a, b| {
        b.2.sum().total_cmp(&a.2.sum()).then_with(|| by_words(a).cmp(&by_words(b))).then_with(|| a.0.cmp(&b.0))
    });
    all
}

/// What a rank is worth.
fn worth(rank: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let rank = rank as f32;
    1.0 / (weight::FUSED + rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Role;

    fn found(unit: u64) -> Ranked {
        (unit, (0, 0), Why { passage: 1.0, ..Why::default() })
    }

    fn close(unit: u64) -> Close {
        Close { unit, group: 0, role: Role::Other, at: (0, 1), near: 0.5 }
    }

    #[test]
    fn what_both_rankings_know_comes_first_and_words_count_more_than_meaning() {
        let fused = fuse(vec![found(1), found(2), found(3)], &[close(4), close(3)]);
        let units: Vec<u64> = fused.iter().map(|(unit, ..)| *unit).collect();
        assert_eq!(units, [3, 1, 2, 4]);
        let (_, at, why) = fused[0];
        assert_eq!(at, (0, 0), "the passage that words led to is the one that is shown");
        let told = why.fused.unwrap();
        assert_eq!((told.by_words, told.by_meaning, told.near), (Some(3), Some(2), Some(0.5)));
        assert!((why.sum() - (1.0 / 8.0 + 0.5 / 7.0)).abs() < 1e-6, "the parts of the rank by words are not added");
    }

    #[test]
    fn what_is_nearest_and_shares_no_word_stands_among_the_first_ten() {
        let fused = fuse((1..=50).map(found).collect(), &[close(99)]);
        assert_eq!(fused.iter().position(|(unit, ..)| *unit == 99), Some(7));
    }

    #[test]
    fn an_answer_comes_before_the_question_that_is_a_little_nearer() {
        let asks = Close { role: Role::Asks, ..close(1) };
        let answers = Close { role: Role::Answers, ..close(2) };
        let units: Vec<u64> = supported(&[asks, answers]).iter().map(|close| close.unit).collect();
        assert_eq!(units, [2, 1]);
    }

    #[test]
    fn without_anything_near_the_order_by_words_stays() {
        let units: Vec<u64> = fuse(vec![found(7), found(5), found(6)], &[]).iter().map(|(unit, ..)| *unit).collect();
        assert_eq!(units, [7, 5, 6]);
    }
}
