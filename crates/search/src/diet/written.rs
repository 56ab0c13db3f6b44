//! Written questions (質問主意書) and the cabinet's answers (答弁書) of both Houses: rows of lists, pages of the sites.
//!
//! A question and its answer stand on two pages and in no list together; they are joined by House, session and number,
//! which the addresses carry.

mod address;
mod answer;
mod html;
mod item;
mod pair;
mod paragraph;
mod progress;
mod question;
mod row;

pub use address::{Kind, WrittenRef, address, parse_address};
pub use answer::{AnswerPage, AnswerPart, answer_page};
pub use html::{MAX_HTML, PageError};
pub use item::{Item, Label, Script};
pub use pair::{Pair, pairs};
pub use paragraph::Paragraph;
pub use progress::{Progress, progress_page};
pub use question::{QuestionPage, question_page};
pub use row::{RowError, RowReject, sangiin_rows, shugiin_rows};

use crate::unit::UnitId;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A written question with what is known of its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenQuestion {
    /// House, session, number.
    pub at: WrittenRef,
    /// 「…に関する質問主意書」, as the question itself is headed.
    pub title: String,
    /// Who handed it in; where several did, the first.
    pub submitter: Option<String>,
    /// How many handed it in besides (外二名).
    pub others: u32,
    /// The parliamentary group at the time.
    pub group: Option<String>,
    /// The day it was handed in (提出).
    pub submitted: Option<Date>,
    /// The day it was passed to the cabinet (転送).
    pub forwarded: Option<Date>,
    /// The day the answer was received (受領).
    pub answered: Option<Date>,
    /// What the list remarks (答弁延期 and the like), or the state of the matter (経過状況).
    pub remark: Option<String>,
    /// The question's paragraphs in order; empty where only facts are known.
    pub question: Vec<Paragraph>,
    /// The answer; `None` where its text is not known.
    pub answer: Option<Answer>,
    /// Where the pages are.
    pub urls: Urls,
}

/// The cabinet's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// 内閣衆質二一七第三号, as printed.
    pub number: Option<String>,
    /// The day it is dated.
    pub dated: Option<Date>,
    /// Who answers for the cabinet: 内閣総理大臣 and name.
    pub by: Option<String>,
    /// Its parts in order.
    pub parts: Vec<AnswerPart>,
}

/// Addresses of a written question. They are built from the reference where no list gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urls {
    /// The question.
    pub question: Option<String>,
    /// The answer.
    pub answer: Option<String>,
    /// What became of it (経過, 明細).
    pub progress: Option<String>,
}

impl WrittenQuestion {
    /// Joins the pages of one question. Facts of the progress page come first: the office writes them, the pages quote.
    pub fn join(
        at: WrittenRef,
        question: QuestionPage,
        answer: Option<AnswerPage>,
        progress: Option<Progress>,
    ) -> Self {
        let progress = progress.unwrap_or_default();
        let received = answer.as_ref().and_then(|a| a.received);
        Self {
            title: question.title.or(progress.title).unwrap_or_default(),
            submitter: progress.submitter.or(question.submitter),
            others: progress.others.max(question.others),
            group: progress.group,
            submitted: progress.submitted.or(question.submitted),
            forwarded: progress.forwarded,
            answered: progress.answered.or(received),
            remark: progress.status,
            question: question.paragraphs,
            answer: answer.map(|page| page.answer),
            urls: Urls {
                question: Some(address(at, Kind::Question)),
                answer: Some(address(at, Kind::Answer)),
                progress: Some(address(at, Kind::Progress)),
            },
            at,
        }
    }

    /// The unit of the whole question: `shugiin-217-3/q`.
    pub fn question_id(&self) -> UnitId {
        UnitId::new(format!("{}/q", self.at))
    }

    /// The unit of the question's n-th paragraph, from 1: `shugiin-217-3/q1`.
    pub fn paragraph_id(&self, n: usize) -> UnitId {
        UnitId::new(format!("{}/q{n}", self.at))
    }

    /// The unit of the whole answer: `shugiin-217-3/a`.
    pub fn answer_id(&self) -> UnitId {
        UnitId::new(format!("{}/a", self.at))
    }

    /// The unit of the answer's n-th part, from 1: `shugiin-217-3/a1`.
    pub fn part_id(&self, n: usize) -> UnitId {
        UnitId::new(format!("{}/a{n}", self.at))
    }

    /// Which parts of the answer answer which items of the question.
    pub fn pairs(&self) -> Vec<Pair> {
        pairs(&self.question, self.answer.as_ref().map_or(&[], |answer| &answer.parts))
    }
}

#[cfg(test)]
mod tests;
