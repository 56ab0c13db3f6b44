//! How well a ranking finds what is known to be right.

use std::time::Duration;

use serde::Serialize;

/// One question of a set: the units found, best first, against those known to be right.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    /// The question's name.
    pub qid: String,
    /// Discounted gain of the first ten, against the best possible.
    #[serde(rename = "ndcg@10")]
    pub ndcg_10: f64,
    /// Share of the right ones among the first ten.
    #[serde(rename = "recall@10")]
    pub recall_10: f64,
    /// Share among the first hundred.
    #[serde(rename = "recall@100")]
    pub recall_100: f64,
    /// One over the rank of the first right one, if among the first ten.
    #[serde(rename = "mrr@10")]
    pub mrr_10: f64,
    /// How long it took, in milliseconds.
    pub ms: f64,
}

impl Judged {
    /// Judges one answer. `gold` must not be empty.
    pub fn of(qid: impl Into<String>, found: &[&str], gold: &[&str], took: Duration) -> Self {
        let right = |count: usize| found.iter().take(count).filter(|unit| gold.contains(unit)).count();
        #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
        let gain = |rank: usize| 1.0 / ((rank + 2) as f64).log2();
        let gained: f64 =
            found.iter().take(10).enumerate().filter(|(_, unit)| gold.contains(unit)).map(|(rank, _)| gain(rank)).sum();
        let ideal: f64 = (0..gold.len().min(10)).map(gain).sum();
        let first = found.iter().take(10).position(|unit| gold.contains(unit));
        #[expect(clippy::cast_precision_loss, reason = "counts are small")]
        let share = |count: usize| right(count) as f64 / gold.len().max(1) as f64;
        #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
        let mrr_10 = first.map_or(0.0, |rank| 1.0 / (rank + 1) as f64);
        Self {
            qid: qid.into(),
            ndcg_10: if ideal > 0.0 { gained / ideal } else { 0.0 },
            recall_10: share(10),
            recall_100: share(100),
            mrr_10,
            ms: took.as_secs_f64() * 1e3,
        }
    }
}

/// The figures of a whole set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Questions judged.
    pub n: usize,
    /// Means of the measures.
    #[serde(rename = "ndcg@10")]
    pub ndcg_10: f64,
    /// See [`Judged`].
    #[serde(rename = "recall@10")]
    pub recall_10: f64,
    /// See [`Judged`].
    #[serde(rename = "recall@100")]
    pub recall_100: f64,
    /// See [`Judged`].
    #[serde(rename = "mrr@10")]
    pub mrr_10: f64,
    /// Median time of a question, in milliseconds.
    pub p50_ms: f64,
    /// Time that one in a hundred questions exceeds, in milliseconds.
    pub p99_ms: f64,
}

impl Figures {
    /// Sums up a set; all zero if it is empty.
    pub fn of(judged: &[Judged]) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "counts are small")]
        let n = judged.len().max(1) as f64;
        let mean = |of: fn(&Judged) -> f64| judged.iter().map(of).sum::<f64>() / n;
        let mut times: Vec<f64> = judged.iter().map(|one| one.ms).collect();
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or(0.0)
        };
        Self {
            n: judged.len(),
            ndcg_10: mean(|one| one.ndcg_10),
            recall_10: mean(|one| one.recall_10),
            recall_100: mean(|one| one.recall_100),
            mrr_10: mean(|one| one.mrr_10),
            p50_ms: at(50),
            p99_ms: at(99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_right_units_at_known_ranks_then_the_measures_are_those_of_the_books() {
        let judged = Judged::of("q", &["x", "a", "y", "b"], &["a", "b", "c"], Duration::from_millis(3));
        let ideal = 1.0 + 1.0 / 3_f64.log2() + 0.5;
        assert!((judged.ndcg_10 - (1.0 / 3_f64.log2() + 1.0 / 5_f64.log2()) / ideal).abs() < 1e-12);
        assert!((judged.recall_10 - 2.0 / 3.0).abs() < 1e-12);
        assert!((judged.mrr_10 - 0.5).abs() < 1e-12);
    }

    #[test]
    fn given_no_question_then_the_figures_are_nought_and_no_division_fails() {
        assert_eq!(Figures::of(&[]).n, 0);
    }
}
