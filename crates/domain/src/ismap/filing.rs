//! 登録申請 (machine E): filed by the provider, received, reviewed, docketed, decided by the committee alone.
//!
//! **A renewal that is handed back** (our reading; the article is to be checked, 要確認): what keeps a registration alive past
//! its expiry is a renewal that is *filed and not decided* (基本規程 3.5). While it lies with the provider nothing does. Filed
//! again within the term, the first day of filing counts. Filed again after the expiry, it may go on, because it was first
//! filed in time, but the provider alone brings nothing back: the registration continues again from the operator's 受理.

mod form;
mod guards;

pub use form::{Disclosures, FilingForm, FilingKind, Pledge};
pub(crate) use guards::decide;
pub(super) use guards::undone;

use super::chronicle::{Record, Stamp};
use super::term::last_day;
use crate::id::{MeetingId, PersonId};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Months from acceptance within which the decision is made in principle (read in a published source).
pub const DECISION_MONTHS: i32 = 6;
/// Months after the end of the audit period within which the report is issued in the scheme's own reckoning (read in a
/// published source): warned of, never refused.
pub const REPORT_MONTHS: i32 = 3;

/// A step of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum FilingStep {
    /// Filled in, or filled in anew.
    Draft {
        /// The form.
        form: Box<FilingForm>,
    },
    /// Filed.
    File,
    /// 受理確認 begins.
    CheckAcceptance,
    /// Handed back.
    Return,
    /// 受理: the clock of six months starts.
    Accept,
    /// 技術的審査 begins; the reviewer is none of those who received it. Once more where the reviewer no longer reviews for
    /// the scheme: another takes over.
    StartReview,
    /// A question to the provider.
    Inquire {
        /// The question.
        question: String,
    },
    /// The provider's answer.
    Answer {
        /// The answer.
        answer: String,
    },
    /// The result of the technical review, the 基本言明要件 among it (登録規則 6.1). Apart from the audit's result.
    Review {
        /// The 基本言明要件 are met.
        basic_met: bool,
        /// In words.
        opinion: String,
    },
    /// Put before the committee; once more for a later meeting where one put it off or did not come to it.
    Docket {
        /// Which meeting.
        meeting: MeetingId,
    },
    /// Registered. Follows from the committee's decision alone.
    Registered {
        /// The registration's number.
        number: String,
        /// By which meeting.
        meeting: MeetingId,
    },
    /// Refused. Follows from the committee's decision alone.
    Refused {
        /// By which meeting.
        meeting: MeetingId,
    },
    /// Put off. Follows from the committee's decision alone.
    Deferred {
        /// By which meeting.
        meeting: MeetingId,
    },
    /// Taken back before the decision.
    Withdraw,
}

/// State of an application.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingState {
    /// Being written.
    #[default]
    Draft,
    /// Filed.
    Filed,
    /// 受理確認.
    AcceptanceCheck,
    /// Handed back.
    Returned,
    /// 受理.
    Accepted,
    /// 技術的審査.
    TechnicalReview,
    /// A question is with the provider.
    Inquiry,
    /// The review is done.
    Reviewed,
    /// Before the committee.
    Docketed,
    /// Put off to a later meeting.
    Deferred,
    /// Registered.
    Registered,
    /// Refused.
    Refused,
    /// Taken back.
    Withdrawn,
}

impl FilingState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "作成中",
            Self::Filed => "申請済み",
            Self::AcceptanceCheck => "受理確認中",
            Self::Returned => "差戻し",
            Self::Accepted => "受理",
            Self::TechnicalReview => "技術的審査中",
            Self::Inquiry => "照会中",
            Self::Reviewed => "審査済み",
            Self::Docketed => "付議中",
            Self::Deferred => "継続審議",
            Self::Registered => "登録決定",
            Self::Refused => "不登録",
            Self::Withdrawn => "取下げ",
        }
    }

    /// Nothing more happens to it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Registered | Self::Refused | Self::Withdrawn)
    }
}

/// A question of the review with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inquiry {
    /// The question.
    pub question: String,
    /// Asked on.
    pub asked_on: Date,
    /// The answer, once there is one.
    pub answer: Option<(String, Date)>,
}

/// An application as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Filing {
    /// The form; `None` only before the first step.
    pub form: Option<Box<FilingForm>>,
    /// State.
    pub state: FilingState,
    /// Filed on: the first time.
    pub filed_on: Option<Date>,
    /// Who checked the acceptance last.
    pub receptionist: Option<PersonId>,
    /// Everybody who took a step of the reception: none of them reviews it.
    pub received_by: BTreeSet<PersonId>,
    /// 受理 on: T0 of the clock.
    pub accepted_on: Option<Date>,
    /// Who reviews.
    pub reviewer: Option<PersonId>,
    /// Questions.
    pub inquiries: Vec<Inquiry>,
    /// The review's result.
    pub basic_met: Option<bool>,
    /// The review's words.
    pub opinion: String,
    /// Where it is docketed.
    pub meeting: Option<MeetingId>,
    /// The registration that came of it.
    pub number: Option<String>,
    /// Decided, or taken back, on.
    pub ended_on: Option<Date>,
}

impl Filing {
    /// Last day for a decision in principle: six months from acceptance, and, where the operator says that the clock
    /// stops for questions, the days the answers took.
    pub fn decision_due(&self, clock_pauses: bool, today: Date) -> Option<Date> {
        let due = last_day(self.accepted_on?, DECISION_MONTHS)?;
        let days: i64 = if clock_pauses {
            let took = |i: &Inquiry| (i.answer.as_ref().map_or(today, |(_, on)| *on) - i.asked_on).get_days();
            self.inquiries.iter().map(|i| i64::from(took(i).max(0))).sum()
        } else {
            0
        };
        due.checked_add(days.days()).ok()
    }
}

impl Record for Filing {
    type Step = FilingStep;

    fn fold(&mut self, step: &FilingStep, stamp: &Stamp) {
        use FilingState as S;
        match step {
            FilingStep::Draft { form } => {
                self.form = Some(form.clone());
                if self.state != S::Returned {
                    self.state = S::Draft;
                }
            }
            FilingStep::File => {
                self.filed_on.get_or_insert(stamp.on);
                self.state = S::Filed;
            }
            FilingStep::CheckAcceptance => {
                self.receptionist = Some(stamp.actor.clone());
                self.received_by.insert(stamp.actor.clone());
                self.state = S::AcceptanceCheck;
            }
            FilingStep::Return => {
                self.received_by.insert(stamp.actor.clone());
                self.state = S::Returned;
            }
            FilingStep::Accept => {
                self.received_by.insert(stamp.actor.clone());
                self.accepted_on = Some(stamp.on);
                self.state = S::Accepted;
            }
            FilingStep::StartReview => {
                self.reviewer = Some(stamp.actor.clone());
                self.state = S::TechnicalReview;
            }
            FilingStep::Inquire { question } => {
                self.inquiries.push(Inquiry { question: question.clone(), asked_on: stamp.on, answer: None });
                self.state = S::Inquiry;
            }
            FilingStep::Answer { answer } => {
                if let Some(open) = self.inquiries.last_mut() {
                    open.answer = Some((answer.clone(), stamp.on));
                }
                self.state = S::TechnicalReview;
            }
            FilingStep::Review { basic_met, opinion } => {
                self.basic_met = Some(*basic_met);
                self.opinion.clone_from(opinion);
                self.state = S::Reviewed;
            }
            FilingStep::Docket { meeting } => {
                self.meeting = Some(meeting.clone());
                self.state = S::Docketed;
            }
            FilingStep::Registered { number, .. } => {
                self.number = Some(number.clone());
                self.ended_on = Some(stamp.on);
                self.state = S::Registered;
            }
            FilingStep::Refused { .. } => {
                self.ended_on = Some(stamp.on);
                self.state = S::Refused;
            }
            FilingStep::Deferred { .. } => self.state = S::Deferred,
            FilingStep::Withdraw => {
                self.ended_on = Some(stamp.on);
                self.state = S::Withdrawn;
            }
        }
    }
}
