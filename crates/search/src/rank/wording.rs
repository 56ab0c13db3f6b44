//! Wording: how much of a question's own wording stands in a passage, hiragana and order included. Words alone cannot
//! tell a passage from its many likenesses in other laws; four characters in a row can.

use std::collections::HashSet;

use crate::analysis::fold;

/// Characters in a row.
const RUN: usize = 4;

/// The runs of a question.
pub(super) struct Wording {
    runs: HashSet<[char; RUN]>,
}

impl Wording {
    /// Takes a question.
    pub(super) fn of(question: &str) -> Self {
        let mut runs = HashSet::new();
        each_run(question, |run| _ = runs.insert(run));
        Self { runs }
    }

    /// The share of the question's runs that stand in a heading or a text, 0 to 1.
    pub(super) fn share(&self, heading: &str, text: &str) -> f32 {
        if self.runs.is_empty() {
            return 0.0;
        }
        let mut found = HashSet::new();
        for text in [heading, text] {
            each_run(text, |run| {
                if self.runs.contains(&run) {
                    found.insert(run);
                }
            });
        }
        #[expect(clippy::cast_precision_loss, reason = "a share of a few hundred")]
        let share = found.len() as f32 / self.runs.len() as f32;
        share
    }
}

fn each_run(text: &str, mut each: impl FnMut([char; RUN])) {
    let folded = fold(text);
    let mut run = ['\0'; RUN];
    let mut length = 0;
    for c in folded.chars().filter(|c| !c.is_whitespace()) {
        run.rotate_left(1);
        if let Some(last) = run.last_mut() {
            *last = c;
        }
        length += 1;
        if length >= RUN {
            each(run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_passage_then_the_share_of_the_questions_wording_in_it() {
        let wording = Wording::of("船舶を係留する");
        assert!((wording.share("", "この法律で船舶を　係留\nする者") - 1.0).abs() < 1e-6);
        assert!((wording.share("", "船舶を係留") - 0.5).abs() < 1e-6);
        assert!(wording.share("", "係留の船舶").abs() < 1e-6);
        assert!(Wording::of("港").share("", "港").abs() < 1e-6);
    }
}
