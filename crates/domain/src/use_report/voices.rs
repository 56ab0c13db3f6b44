//! What staff said: closed surveys and published stories, as the register has them. Both figures of a report come from the
//! register alone, so a server and a verifier that folded the same entries say the same.

use super::Scope;
use crate::day::in_japan;
use crate::id::{DepartmentId, StoryId, SurveyId};
use crate::register::Register;
use crate::survey::{Form, Question, SurveyRecord, Tally};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many people took a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceFigures {
    /// What people read.
    pub label: String,
    /// People; `None` where it would speak of single ones.
    pub people: Option<u64>,
}

/// How a question was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionFigures {
    /// Its name among the questions.
    pub question: String,
    /// What was asked.
    pub text: String,
    /// Several choices could be taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub many: bool,
    /// People who answered it; `None` where it would speak of single ones.
    pub answered: Option<u64>,
    /// Its choices in their order; none for a question that is answered in words.
    pub choices: Vec<ChoiceFigures>,
}

/// The figures of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyFigures {
    /// Which.
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// First day.
    pub from: Date,
    /// Last day that was planned.
    pub until: Date,
    /// Day it was closed.
    pub closed: Date,
    /// People who were asked.
    pub asked: u64,
    /// People who answered; `None` where it would speak of single ones.
    pub answered: Option<u64>,
    /// The questions; none where so few people answered that nothing was counted.
    pub questions: Vec<QuestionFigures>,
}

/// A published story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryFigures {
    /// Which.
    pub story: StoryId,
    /// SHA-256 of its content.
    pub sha256: String,
    /// The author's department when it was accepted.
    pub department: DepartmentId,
    /// Day it was published first.
    pub published: Date,
}

impl SurveyFigures {
    /// The figures of a closed survey. What would speak of few people never entered the ledger, whoever reads.
    pub fn of(record: &SurveyRecord) -> Option<Self> {
        let closed = record.closed.as_ref()?;
        let opened = &record.opened;
        let questions = opened.questionnaire.questions.iter().zip(&closed.tallies);
        Some(Self {
            survey: opened.survey.clone(),
            title: opened.title.clone(),
            from: opened.from,
            until: opened.until,
            closed: in_japan(closed.at),
            asked: opened.asked,
            answered: closed.answered,
            questions: questions.map(|(question, tally)| figures(question, tally)).collect(),
        })
    }
}

fn figures(question: &Question, tally: &Tally) -> QuestionFigures {
    let choices = question.choices().iter().map(|choice| ChoiceFigures {
        label: choice.label.clone(),
        people: tally.chosen.get(&choice.id).copied().flatten(),
    });
    QuestionFigures {
        question: question.id.clone(),
        text: question.text.clone(),
        many: matches!(question.form, Form::Many { .. }),
        answered: tally.answered,
        choices: choices.collect(),
    }
}

/// Closed surveys whose days, from the first to the one they were closed, overlap the period.
pub(super) fn surveys(register: &Register, scope: &Scope) -> Vec<SurveyFigures> {
    if scope.unit.is_some() {
        return Vec::new();
    }
    let mut all: Vec<SurveyFigures> = register.surveys().filter_map(SurveyFigures::of).collect();
    all.retain(|one| one.from <= scope.to && one.closed.max(one.from) >= scope.from);
    all.sort_by(|one, other| (one.from, &one.survey).cmp(&(other.from, &other.survey)));
    all
}

/// Stories of the unit that were published in the period and are public.
pub(super) fn stories(register: &Register, scope: &Scope, unit: Option<&BTreeSet<DepartmentId>>) -> Vec<StoryFigures> {
    let of_unit = |department: &DepartmentId| unit.is_none_or(|unit| unit.contains(department));
    let mut all: Vec<StoryFigures> = register
        .stories()
        .filter(|record| record.is_public() && of_unit(&record.published.department))
        .map(|record| StoryFigures {
            story: record.published.story.clone(),
            sha256: record.published.sha256.clone(),
            department: record.published.department.clone(),
            published: in_japan(record.since),
        })
        .filter(|one| scope.holds(one.published))
        .collect();
    all.sort_by(|one, other| (one.published, &one.story).cmp(&(other.published, &other.story)));
    all
}
