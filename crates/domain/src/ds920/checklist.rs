//! 調達チェックシート and 契約チェックシート: sets of questions in editions, and sheets filled in by them. The wording of the
//! program's own sets is its proposal; how many questions the official sheets have is not known here and never said.

use super::risk_table::RiskLevel;
use crate::decision::Evidence;
use crate::event::ChecklistCompleted;
use crate::id::{PersonId, QuestionSetId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most questions of a set: a page holds them all.
pub const MOST_QUESTIONS: usize = 120;
/// Most characters of a text that is filled in.
pub const LONGEST: usize = 1_000;

/// What a set is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SetKind {
    /// 調達.
    Procurement,
    /// 契約.
    Contract,
}

impl SetKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Procurement, Self::Contract];

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Procurement => "調達チェックシート",
            Self::Contract => "契約チェックシート",
        }
    }

    /// The name under which it is sent and stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Procurement => "procurement",
            Self::Contract => "contract",
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// When a question is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppliesWhen {
    /// Whatever the risk.
    #[default]
    Always,
    /// Where the risk may be high.
    PossiblyHigh,
}

impl AppliesWhen {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Always => "常に",
            Self::PossiblyHigh => "高リスクの可能性があるとき",
        }
    }
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name in the set, kept over editions.
    pub id: String,
    /// Its heading.
    pub category: String,
    /// What is required.
    pub requirement: String,
    /// When it is asked.
    #[serde(default)]
    pub applies_when: AppliesWhen,
    /// What it rests on.
    pub basis: String,
    /// How well that is known.
    pub evidence: Evidence,
}

/// A set of questions in an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionSet {
    /// Its name, never used twice.
    pub set: QuestionSetId,
    /// What for.
    pub kind: SetKind,
    /// Title.
    pub title: String,
    /// Edition, as people call it.
    pub edition: String,
    /// The questions, in order.
    pub questions: Vec<Question>,
}

/// What is wrong with a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{ja}")]
pub struct SetError {
    /// Which question, from 0; `None` is the set as a whole.
    pub question: Option<usize>,
    /// In words, with what to do.
    pub ja: String,
}

impl QuestionSet {
    /// That the set can be asked: bounded texts, names that can stand in a form and stand once.
    pub fn check(&self) -> Result<(), Vec<SetError>> {
        let mut wrong = Vec::new();
        let mut say = |question: Option<usize>, ja: String| wrong.push(SetError { question, ja });
        let bounded = |text: &str, most: usize| !text.trim().is_empty() && text.chars().count() <= most;
        for (name, text) in [("title", &self.title), ("edition", &self.edition)] {
            if !bounded(text, 100) {
                say(None, format!("`{name}` は 1 文字以上 100 文字以内で書いてください。"));
            }
        }
        if self.questions.is_empty() || self.questions.len() > MOST_QUESTIONS {
            say(
                None,
                format!("問いは 1 件以上 {MOST_QUESTIONS} 件以内にしてください（いま {} 件）。", self.questions.len()),
            );
        }
        let mut known = BTreeSet::new();
        for (at, question) in self.questions.iter().enumerate() {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if question.id.is_empty() || question.id.len() > 40 || !question.id.bytes().all(plain) {
                say(Some(at), "`id` は英小文字・数字・ハイフンで 40 文字以内にしてください。".to_owned());
            } else if !known.insert(&question.id) {
                say(Some(at), format!("`id` の `{}` が二度あります。", question.id));
            }
            for (name, text, most) in [
                ("category", &question.category, 60),
                ("requirement", &question.requirement, 500),
                ("basis", &question.basis, 300),
            ] {
                if !bounded(text, most) {
                    say(Some(at), format!("`{name}` は 1 文字以上 {most} 文字以内で書いてください。"));
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// The questions that are asked at a level of risk.
    pub fn asked(&self, level: RiskLevel) -> impl Iterator<Item = &Question> {
        let asks = move |q: &&Question| q.applies_when == AppliesWhen::Always || level == RiskLevel::PossiblyHigh;
        self.questions.iter().filter(asks)
    }
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 満たす.
    Met,
    /// 一部.
    Partly,
    /// 代替.
    Instead,
    /// 対象外.
    NotApplicable,
}

impl Answer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Met, Self::Partly, Self::Instead, Self::NotApplicable];

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Met => "満たす",
            Self::Partly => "一部",
            Self::Instead => "代替",
            Self::NotApplicable => "対象外",
        }
    }

    /// The name under which it is sent and stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Partly => "partly",
            Self::Instead => "instead",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.name() == name)
    }
}

/// What was filled in for a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The answer; `None` while only words were typed.
    pub answer: Option<Answer>,
    /// Why; needed for all answers but 満たす.
    pub reason: String,
    /// Where it can be seen: a reference, an address, a hash.
    pub evidence: String,
    /// Who assessed it.
    pub assessor: PersonId,
    /// On which day.
    pub on: Date,
    /// The question as it was worded then: an answer counts for that and no other.
    pub requirement: String,
}

/// Answers by the names of their questions.
pub type Answers = BTreeMap<String, Given>;

/// What a sheet still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// No answer.
    Answer,
    /// The question was worded otherwise when it was answered.
    Reworded,
    /// No reason, though the answer is not 満たす.
    Reason,
    /// A text beyond [`LONGEST`].
    TooLong,
}

impl Lack {
    /// In words, with what to do.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Answer => "まだ答えがありません。四つの答えから選んでください。",
            Self::Reworded => "問いの文が変わりました。新しい文で答え直してください。",
            Self::Reason => "「満たす」以外の答えには理由が必要です。",
            Self::TooLong => "理由と証拠は、それぞれ 1,000 文字までにしてください。",
        }
    }
}

/// What of a set is not answered as it must be, by the names of the questions, in order.
pub fn lacks<'q>(set: &'q QuestionSet, level: RiskLevel, answers: &Answers) -> Vec<(&'q str, Lack)> {
    let lack = |question: &'q Question| {
        let lack = match answers.get(&question.id) {
            None => Lack::Answer,
            Some(given) if given.answer.is_none() => Lack::Answer,
            Some(given) if given.requirement != question.requirement => Lack::Reworded,
            Some(given) if given.answer != Some(Answer::Met) && given.reason.trim().is_empty() => Lack::Reason,
            Some(given) if [&given.reason, &given.evidence].iter().any(|text| text.chars().count() > LONGEST) => {
                Lack::TooLong
            }
            Some(_) => return None,
        };
        Some((question.id.as_str(), lack))
    };
    set.asked(level).filter_map(lack).collect()
}

/// How many answers of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SheetTally {
    /// 満たす.
    pub met: u32,
    /// 一部.
    pub partly: u32,
    /// 代替.
    pub instead: u32,
    /// 対象外.
    pub not_applicable: u32,
}

impl SheetTally {
    /// Counts the answers to what is asked.
    pub fn of(set: &QuestionSet, level: RiskLevel, answers: &Answers) -> Self {
        let mut tally = Self::default();
        for given in set.asked(level).filter_map(|question| answers.get(&question.id)) {
            match given.answer {
                Some(Answer::Met) => tally.met += 1,
                Some(Answer::Partly) => tally.partly += 1,
                Some(Answer::Instead) => tally.instead += 1,
                Some(Answer::NotApplicable) => tally.not_applicable += 1,
                None => {}
            }
        }
        tally
    }
}

/// A question set with who adopted it. Its questions lie in a document under the hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdoptedSet {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Why, in the actor's words.
    pub reason: String,
    /// Its name.
    pub set: QuestionSetId,
    /// What for.
    pub kind: SetKind,
    /// Title.
    pub title: String,
    /// Edition.
    pub edition: String,
    /// SHA-256 of the content.
    pub sha256: String,
    /// How many questions.
    pub questions: u32,
}

/// A completed sheet. Its answers lie in a document under the hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompletedSheet {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// What was said of it.
    pub reason: String,
    /// The sheet.
    pub sheet: ChecklistCompleted,
}
