//! Closing a survey, and its figures.

use super::OPENERS;
use super::answer::{found, render};
use crate::http::App;
use crate::http::page::act::{give, keep};
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Problem, go};
use crate::survey::{all_answers, kept_words, words_row, written};
use crate::use_report::chart::{Chart, chart};
use crate::use_report::{Section, survey as sections};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::command::{CloseSurvey, Command};
use sekisho_domain::survey::SurveyRecord;
use sekisho_domain::use_report::SurveyFigures;

/// What came of a closed survey.
pub(super) struct Results {
    pub(super) sections: Vec<(Section, Option<Chart>)>,
    /// What people wrote, by question, in the order of the texts themselves, which tells nothing of who wrote them.
    pub(super) words: Vec<(String, Vec<String>)>,
}

pub(super) async fn results(app: &App, survey: &SurveyRecord) -> Result<Option<Results>, PageError> {
    let Some(figures) = SurveyFigures::of(survey) else { return Ok(None) };
    let sections = sections(&figures, 1);
    let sections = sections.into_iter().map(|section| (chart(&section), section)).map(|(chart, one)| (one, chart));
    let (written, _) = kept_words(&app.store, &survey.opened.survey).await?;
    let questions = survey.opened.questionnaire.questions.iter();
    let words = questions.filter_map(|question| Some((question.text.clone(), written.get(&question.id)?.clone())));
    let words = words.collect();
    Ok(Some(Results { sections: sections.collect(), words }))
}

/// Counts the answers and closes the survey with them. An answer that comes in at this very moment may not be among them;
/// none is taken after it.
pub(super) async fn close(
    State(app): State<App>,
    Path(id): Path<String>,
    Submitted { signed, .. }: Submitted,
) -> Result<Response, PageError> {
    let register = app.journal.register()?;
    if !register.holds_any(signed.person(), OPENERS) {
        return Err(PageError::Forbidden(OPENERS));
    }
    let survey = found(&register, &id)?;
    let answers = all_answers(&app.store, &survey.opened.survey).await?;
    let (answered, tallies) = survey.opened.questionnaire.tally(&answers);
    let (answered, tallies) = survey.opened.questionnaire.told(answered, &tallies);
    // Before the closing: once it is closed they are there.
    let words = written(&survey.opened.questionnaire, &answers);
    let (_, earlier) = kept_words(&app.store, &survey.opened.survey).await?;
    let row = words_row(&survey.opened.survey, signed.person().clone(), earlier, app.world.now());
    if !keep(&app, row, &words).await? {
        return Ok(go(&format!("/surveys/{id}")));
    }
    let command = CloseSurvey { survey: survey.opened.survey.clone(), answered, tallies };
    match give(&app, &signed, Command::CloseSurvey(command), "アンケートの締切り").await? {
        Ok(_) => Ok(go(&format!("/surveys/{id}?done=closed"))),
        // Closed by somebody else, or by the same form: the page shows it.
        Err(refusal) if refusal.code == "WRONG_STATE" => Ok(go(&format!("/surveys/{id}"))),
        Err(refusal) => {
            let problems = vec![Problem::refused("", &refusal)];
            render(&app, &signed, &id, (None, StatusCode::UNPROCESSABLE_ENTITY), None, problems).await
        }
    }
}
