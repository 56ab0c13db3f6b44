//! Surveys of staff: the questions that come with the program, and the private rows that hold answers.

use jiff::Timestamp;
use sekisho_domain::id::{PersonId, SurveyId};
use sekisho_domain::survey::{Answers, Form, Given, Questionnaire};
use sekisho_domain::use_report::small_groups::FEWEST;
use sekisho_store::{Paper, PaperRow, ReadError, Store};
use std::collections::BTreeMap;
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

/// The kind of papers with what people wrote in answer to a survey, as it stood when it was closed.
const WORDS: &str = "survey-words";

/// What people wrote, by question: the texts in their own order, which tells nothing of who wrote them.
pub(crate) type Written = BTreeMap<String, Vec<String>>;

/// What of the answers was written. Where fewer than [`FEWEST`] wrote, a manner of writing would speak of single people.
pub(crate) fn written(questions: &Questionnaire, all: &[Answers]) -> Written {
    let asked = questions.questions.iter().filter(|question| question.form == Form::Words);
    let of = asked.map(|question| {
        let texts = all.iter().filter_map(|answers| match answers.0.get(&question.id) {
            Some(Given::Words(words)) if !words.trim().is_empty() => Some(words.clone()),
            _ => None,
        });
        let mut texts: Vec<String> = texts.collect();
        texts.sort();
        (question.id.clone(), texts)
    });
    of.filter(|(_, texts)| texts.len() as u64 >= FEWEST).collect()
}

/// What was written, as it was kept at the closing. Read from the answers later it would change with them, and who
/// compares would learn whose text went with whom.
pub(crate) async fn kept_words(store: &Store, survey: &SurveyId) -> Result<(Written, u64), ReadError> {
    match store.paper(WORDS, survey.as_str()).await? {
        Some(paper) => {
            let bad = |error: serde_json::Error| ReadError::Corrupt(format!("{WORDS} `{survey}`: {error}"));
            Ok((serde_json::from_slice(&paper.content).map_err(bad)?, paper.row.version))
        }
        None => Ok((Written::new(), 0)),
    }
}

/// The row under which it is kept.
pub(crate) fn words_row(survey: &SurveyId, owner: PersonId, earlier: u64, now: Timestamp) -> PaperRow {
    PaperRow {
        kind: WORDS.to_owned(),
        id: survey.to_string(),
        owner,
        personal: false,
        version: earlier + 1,
        created_at: now,
        changed_at: now,
    }
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
