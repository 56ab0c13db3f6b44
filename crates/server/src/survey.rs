//! Surveys of staff: the questions that come with the program, and the private rows that hold answers.

use sekisho_domain::id::SurveyId;
use sekisho_domain::survey::{Answers, Questionnaire};
use sekisho_store::{Paper, ReadError, Store};
use std::sync::LazyLock;

/// Most answers of a survey that are counted: more than any body has people.
const MOST: u64 = 1_000_000;

/// The questions a survey begins with. They are data: a body changes them before it opens one.
pub(crate) fn standard() -> &'static Questionnaire {
    static STANDARD: LazyLock<Questionnaire> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../surveys/use.json")).unwrap_or_else(|error| {
            tracing::error!(%error, "the built-in questions cannot be read");
            Questionnaire { version: "none".to_owned(), questions: Vec::new() }
        })
    });
    &STANDARD
}

/// The kind of papers with the answers to a survey; each is named after the person and goes with them.
pub(crate) fn answers_kind(survey: &SurveyId) -> String {
    format!("survey-answer.{survey}")
}

/// What a paper answers.
pub(crate) fn answers(paper: &Paper) -> Result<Answers, ReadError> {
    let bad = |error: serde_json::Error| ReadError::Corrupt(format!("{} `{}`: {error}", paper.row.kind, paper.row.id));
    serde_json::from_slice(&paper.content).map_err(bad)
}

/// All answers to a survey, without the names of those who gave them.
pub(crate) async fn all_answers(store: &Store, survey: &SurveyId) -> Result<Vec<Answers>, ReadError> {
    store.papers(&answers_kind(survey), MOST).await?.iter().map(answers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_questions_can_be_asked() {
        assert_eq!(standard().check(), Ok(()));
        assert!(standard().questions.len() >= 5);
    }
}
