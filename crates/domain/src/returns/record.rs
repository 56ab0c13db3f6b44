//! A report that was sent, with what came back.

use crate::entry::Governance;
use crate::event::{ReturnAnswered, ReturnSent};
use crate::id::PersonId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How a report was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// 電子メール.
    Mail,
    /// 文書の送付・持参.
    Letter,
    /// A form or system of the addressee.
    Form,
    /// Anything else.
    Other,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mail, Self::Letter, Self::Form, Self::Other];

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Letter => "letter",
            Self::Form => "form",
            Self::Other => "other",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == name)
    }

    /// What people call it.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Mail => "電子メール",
            Self::Letter => "文書の送付・持参",
            Self::Form => "相手方のシステム・様式",
            Self::Other => "その他",
        }
    }
}

/// What the addressee answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 受領: it arrived, and nothing more is asked.
    Received,
    /// 質問: something is asked; the report still waits.
    Question,
    /// 了解.
    Consented,
}

impl Answer {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Received, Self::Question, Self::Consented];

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Question => "question",
            Self::Consented => "consented",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == name)
    }

    /// What people call it.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Received => "受領",
            Self::Question => "質問",
            Self::Consented => "了解",
        }
    }
}

/// An answer as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// What was answered.
    pub answer: Answer,
    /// Day of the answer.
    pub on: Date,
    /// Its number.
    pub reference: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
}

/// A report that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnRecord {
    /// What was sent.
    pub sent: ReturnSent,
    /// When that was recorded.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// What came back, oldest first.
    pub answers: Vec<Answered>,
}

impl ReturnRecord {
    pub(crate) fn sent(entry: &Governance, sent: ReturnSent) -> Self {
        Self { sent, at: entry.at, by: entry.actor.clone(), answers: Vec::new() }
    }

    pub(crate) fn answer(&mut self, entry: &Governance, answer: ReturnAnswered) {
        let ReturnAnswered { of: _, answer, on, reference } = answer;
        self.answers.push(Answered { answer, on, reference, at: entry.at, by: entry.actor.clone() });
    }

    /// 了解 was given to it.
    pub fn is_consented(&self) -> bool {
        self.answers.iter().any(|one| one.answer == Answer::Consented)
    }

    /// Something is still to come: 了解 for what is considered, else any answer but a question.
    pub fn waits(&self) -> bool {
        match self.sent.stage {
            super::Stage::Considering => !self.is_consented(),
            _ => self.answers.iter().all(|one| one.answer == Answer::Question),
        }
    }
}
