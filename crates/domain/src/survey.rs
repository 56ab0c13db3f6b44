//! アンケート: what staff say of their use, asked for a period and counted at its end.
//!
//! The ledger holds the questions, how many people were asked, and how often each choice was taken. Who answered what
//! stands in private rows; the words that people wrote stand there alone.

use crate::entry::Governance;
use crate::event::{SurveyClosed, SurveyOpened};
use crate::id::PersonId;
use crate::use_report::small_groups::{FEWEST, hidden};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most questions of a survey.
pub const QUESTIONS: usize = 20;
/// Most choices of a question.
pub const CHOICES: usize = 20;
/// Most characters of an answer in words.
pub const WORDS: usize = 2_000;

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its name among the choices of its question.
    pub id: String,
    /// What people read.
    pub label: String,
}

/// How a question is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Form {
    /// By one of these.
    One {
        /// The choices.
        choices: Vec<Choice>,
    },
    /// By any of these.
    Many {
        /// The choices.
        choices: Vec<Choice>,
    },
    /// In one's own words.
    Words,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name among the questions.
    pub id: String,
    /// What is asked.
    pub text: String,
    /// How it is answered.
    pub form: Form,
}

impl Question {
    /// What can be chosen; nothing where words are asked for.
    pub fn choices(&self) -> &[Choice] {
        match &self.form {
            Form::One { choices } | Form::Many { choices } => choices,
            Form::Words => &[],
        }
    }
}

/// All questions of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Questionnaire {
    /// The set it was made of, such as `sekisho-1`; another word of the body's own once it changed something.
    pub version: String,
    /// The questions.
    pub questions: Vec<Question>,
}

/// What one person answered to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// Names of choices.
    Chosen(BTreeSet<String>),
    /// Words.
    Words(String),
}

/// What one person answered, by question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(pub BTreeMap<String, Given>);

/// The counted answers to a question, as they enter the ledger: a figure that would speak of fewer than [`FEWEST`] people,
/// or from which one could be had, is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Which.
    pub question: String,
    /// How many people answered it.
    #[serde(default)]
    pub answered: Option<u64>,
    /// How many people took each choice.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub chosen: BTreeMap<String, Option<u64>>,
}

/// The counted answers to a question: not for the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exact {
    /// Which.
    pub question: String,
    /// How many people answered it.
    pub answered: u64,
    /// How many people took each choice.
    pub chosen: BTreeMap<String, u64>,
}

/// Why a questionnaire or an answer does not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSurvey {
    /// There is no question, or too many.
    #[error("a survey has 1 to {QUESTIONS} questions; it has {0}")]
    Questions(usize),
    /// A question has too few or too many choices.
    #[error("question `{question}` has {choices} choices; give 2 to {CHOICES}")]
    Choices {
        /// Which.
        question: String,
        /// How many.
        choices: usize,
    },
    /// A name is none, or stands twice.
    #[error("`{0}` is no name of its own: use a-z, 0-9 and `-`, up to 40, and each once")]
    Name(String),
    /// A text is missing or too long.
    #[error("the text of `{0}` is missing or longer than 300 characters")]
    Text(String),
    /// Nothing of the name is asked.
    #[error("`{0}` is not asked, or cannot be answered so")]
    NotAsked(String),
    /// The figures contradict one another.
    #[error("the figures of `{0}` contradict one another")]
    Figures(String),
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 40
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 300
}

impl Questionnaire {
    /// Whether it can be asked.
    ///
    /// # Errors
    /// [`BadSurvey`] for the first thing that is wrong.
    pub fn check(&self) -> Result<(), BadSurvey> {
        if !is_name(&self.version) {
            return Err(BadSurvey::Name(self.version.chars().take(80).collect()));
        }
        if self.questions.is_empty() || self.questions.len() > QUESTIONS {
            return Err(BadSurvey::Questions(self.questions.len()));
        }
        let mut names = BTreeSet::new();
        for question in &self.questions {
            named(&question.id, &mut names)?;
            if !is_text(&question.text) {
                return Err(BadSurvey::Text(question.id.clone()));
            }
            let choices = question.choices();
            if question.form != Form::Words && !(2..=CHOICES).contains(&choices.len()) {
                return Err(BadSurvey::Choices { question: question.id.clone(), choices: choices.len() });
            }
            let mut names = BTreeSet::new();
            for choice in choices {
                named(&choice.id, &mut names)?;
                if !is_text(&choice.label) {
                    return Err(BadSurvey::Text(format!("{} {}", question.id, choice.id)));
                }
            }
        }
        Ok(())
    }

    /// The question of that name.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// Whether answers fit the questions. None has to be answered.
    ///
    /// # Errors
    /// [`BadSurvey`] for the first that does not.
    pub fn fits(&self, answers: &Answers) -> Result<(), BadSurvey> {
        for (id, given) in &answers.0 {
            let not_asked = || BadSurvey::NotAsked(id.chars().take(80).collect());
            let question = self.question(id).ok_or_else(not_asked)?;
            let fits = match (&question.form, given) {
                (Form::Words, Given::Words(words)) => words.chars().count() <= WORDS,
                (Form::One { choices }, Given::Chosen(chosen)) => chosen.len() <= 1 && all_of(chosen, choices),
                (Form::Many { choices }, Given::Chosen(chosen)) => all_of(chosen, choices),
                (Form::Words, Given::Chosen(_)) | (Form::One { .. } | Form::Many { .. }, Given::Words(_)) => false,
            };
            if !fits {
                return Err(not_asked());
            }
        }
        Ok(())
    }

    /// Counts answers. Those that do not fit the questions count for nothing.
    pub fn tally<'a>(&self, all: impl IntoIterator<Item = &'a Answers>) -> (u64, Vec<Exact>) {
        let empty = |question: &Question| Exact {
            question: question.id.clone(),
            answered: 0,
            chosen: question.choices().iter().map(|choice| (choice.id.clone(), 0)).collect(),
        };
        let mut tallies: Vec<Exact> = self.questions.iter().map(empty).collect();
        let mut answered = 0;
        for answers in all {
            if self.fits(answers).is_err() {
                continue;
            }
            answered += 1;
            for tally in &mut tallies {
                match answers.0.get(&tally.question) {
                    Some(Given::Words(words)) if !words.trim().is_empty() => tally.answered += 1,
                    Some(Given::Chosen(chosen)) if !chosen.is_empty() => {
                        tally.answered += 1;
                        for name in chosen {
                            if let Some(count) = tally.chosen.get_mut(name) {
                                *count += 1;
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        (answered, tallies)
    }

    /// What of the counted answers may be told: nothing that speaks of fewer than [`FEWEST`] people.
    pub fn told(&self, answered: u64, counted: &[Exact]) -> (Option<u64>, Vec<Tally>) {
        if answered < FEWEST {
            return (None, Vec::new());
        }
        let told = |(question, exact): (&Question, &Exact)| {
            let many = matches!(question.form, Form::Many { .. });
            let counts: Vec<u64> =
                question.choices().iter().map(|c| exact.chosen.get(&c.id).copied().unwrap_or(0)).collect();
            // Who answered the survey and not this question is one more group.
            let silent = answered.saturating_sub(exact.answered);
            let few = |n: u64| n > 0 && n < FEWEST;
            let hides: Vec<bool> = if many {
                // Choices do not add up to the people: each is hidden by itself, with those who did not take it.
                counts.iter().map(|n| few(*n) || few(exact.answered.saturating_sub(*n))).collect()
            } else {
                let people: Vec<u64> = counts.iter().copied().chain([silent]).collect();
                hidden(&people, FEWEST)
            };
            let is_left_over = !many && hides.iter().any(|hides| *hides);
            let tells = is_left_over || hidden(&[exact.answered, silent], FEWEST).into_iter().any(|hides| hides);
            let chosen = question.choices().iter().zip(&counts).zip(&hides);
            Tally {
                question: question.id.clone(),
                answered: (!tells).then_some(exact.answered),
                chosen: chosen.map(|((choice, n), hides)| (choice.id.clone(), (!hides).then_some(*n))).collect(),
            }
        };
        (Some(answered), self.questions.iter().zip(counted).map(told).collect())
    }

    /// Whether figures can be those of so many people to these questions, and speak of no few.
    ///
    /// # Errors
    /// [`BadSurvey`] for the first that cannot.
    pub fn explains(&self, answered: Option<u64>, tallies: &[Tally]) -> Result<(), BadSurvey> {
        let Some(answered) = answered else {
            return match tallies.first() {
                None => Ok(()),
                Some(tally) => Err(BadSurvey::Figures(tally.question.clone())),
            };
        };
        if answered < FEWEST || tallies.len() != self.questions.len() {
            return Err(BadSurvey::Questions(tallies.len()));
        }
        let fits = |n: u64, most: u64| n <= most && (n == 0 || n >= FEWEST);
        for (question, tally) in self.questions.iter().zip(tallies) {
            let names: BTreeSet<&str> = question.choices().iter().map(|choice| choice.id.as_str()).collect();
            let taken: BTreeSet<&str> = tally.chosen.keys().map(String::as_str).collect();
            let most = tally.answered.unwrap_or(answered);
            let each = tally.chosen.values().flatten().all(|n| fits(*n, most));
            let sum = tally.chosen.values().flatten().fold(0, |sum: u64, n| sum.saturating_add(*n));
            let all_told = tally.chosen.values().all(Option::is_some);
            let sums_up = match question.form {
                Form::One { .. } => match tally.answered {
                    Some(told) => all_told && sum == told,
                    None => sum <= answered,
                },
                Form::Many { .. } => !all_told || tally.answered.is_none_or(|told| sum >= told),
                Form::Words => true,
            };
            let told = tally.answered.is_none_or(|n| fits(n, answered));
            if tally.question != question.id || names != taken || !told || !each || !sums_up {
                return Err(BadSurvey::Figures(question.id.clone()));
            }
        }
        Ok(())
    }
}

fn named(name: &str, names: &mut BTreeSet<String>) -> Result<(), BadSurvey> {
    if is_name(name) && names.insert(name.to_owned()) {
        Ok(())
    } else {
        Err(BadSurvey::Name(name.chars().take(80).collect()))
    }
}

fn all_of(chosen: &BTreeSet<String>, choices: &[Choice]) -> bool {
    chosen.iter().all(|name| choices.iter().any(|choice| choice.id == *name))
}

/// How a survey ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// How many people answered; `None` where so few did that it would speak of single ones.
    pub answered: Option<u64>,
    /// The counted answers, in the order of the questions; empty where too few answered.
    pub tallies: Vec<Tally>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
}

/// A survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SurveyRecord {
    /// What was opened.
    pub opened: SurveyOpened,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// How it ended, once it has.
    pub closed: Option<Closed>,
}

impl SurveyRecord {
    pub(crate) fn opened(entry: &Governance, opened: SurveyOpened) -> Self {
        Self { opened, at: entry.at, by: entry.actor.clone(), closed: None }
    }

    pub(crate) fn close(&mut self, entry: &Governance, closed: SurveyClosed) {
        let SurveyClosed { survey: _, answered, tallies } = closed;
        self.closed = Some(Closed { answered, tallies, at: entry.at, by: entry.actor.clone() });
    }

    /// Takes answers on a day.
    pub fn takes_answers(&self, day: Date) -> bool {
        self.closed.is_none() && (self.opened.from..=self.opened.until).contains(&day)
    }
}
