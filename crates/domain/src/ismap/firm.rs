//! 監査機関: the eight requirements of the 監査機関登録規則, the term of two years, renewal, suspension, removal (machine A).

mod guards;

pub(crate) use guards::decide;

use super::chronicle::{Record, Stamp};
use super::term::last_day;
use crate::id::{MeetingId, PersonId};
use crate::refusal::Refusal;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Months of a term (監査機関登録規則: renewal every two years, read in a published source; how the term is counted, and what
/// a renewal under review keeps alive, is our reading).
pub const TERM_MONTHS: i32 = 24;

/// A requirement of 監査機関登録規則 3.1 to 3.8 (read in a published source).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FirmRequirement {
    /// 3.1: a corporation that audits information security in Japan.
    Corporation,
    /// 3.2: follows the rules of the scheme.
    FollowsRules,
    /// 3.3: has a 法人番号.
    CorporateNumber,
    /// 3.4: on the list of services that meet the 情報セキュリティサービス基準 (audit).
    ServiceStandard,
    /// 3.5: belongs to a body with ethics review and cooperates in investigations.
    Ethics,
    /// 3.6: 業務執行責任者.
    Exec,
    /// 3.7: 業務実施責任者.
    Lead,
    /// 3.8: a team of three or more with the 業務執行責任者.
    Team,
}

impl FirmRequirement {
    /// All eight.
    pub const ALL: [Self; 8] = [
        Self::Corporation,
        Self::FollowsRules,
        Self::CorporateNumber,
        Self::ServiceStandard,
        Self::Ethics,
        Self::Exec,
        Self::Lead,
        Self::Team,
    ];

    /// Its article.
    pub fn article(self) -> &'static str {
        match self {
            Self::Corporation => "3.1",
            Self::FollowsRules => "3.2",
            Self::CorporateNumber => "3.3",
            Self::ServiceStandard => "3.4",
            Self::Ethics => "3.5",
            Self::Exec => "3.6",
            Self::Lead => "3.7",
            Self::Team => "3.8",
        }
    }

    /// What it asks for, in our words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Corporation => "国内で情報セキュリティ監査を行う法人であること",
            Self::FollowsRules => "制度の規程に従うこと",
            Self::CorporateNumber => "法人番号を持つこと",
            Self::ServiceStandard => "情報セキュリティサービス基準適合サービスリスト（監査）に載っていること",
            Self::Ethics => "倫理審査の仕組みを持つ団体に属し、調査に協力すること",
            Self::Exec => "業務執行責任者の資格・経験",
            Self::Lead => "業務実施責任者の資格・研修",
            Self::Team => "業務執行責任者を含む 3 人以上のチーム",
        }
    }
}

/// How a requirement is met.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// In words.
    pub note: String,
    /// SHA-256 of the evidence; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
}

/// The form of an audit firm's application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FirmForm {
    /// How each requirement is met.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, Ground>))]
    pub grounds: BTreeMap<FirmRequirement, Ground>,
    /// 業務執行責任者.
    pub exec: PersonId,
    /// 業務実施責任者.
    pub lead: PersonId,
    /// The team, with the 業務執行責任者.
    pub team: BTreeSet<PersonId>,
    /// An exception of 3.8 (members who are not Japanese) was agreed before the contract; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub exception: String,
}

impl FirmForm {
    /// Requirements without a ground.
    pub fn lacking(&self) -> Vec<FirmRequirement> {
        let has = |r: &FirmRequirement| self.grounds.get(r).is_some_and(|g| !g.note.trim().is_empty());
        FirmRequirement::ALL.into_iter().filter(|r| !has(r)).collect()
    }
}

/// A step of an audit firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum FirmStep {
    /// The form is filled in, or filled in anew.
    Draft {
        /// The form.
        form: FirmForm,
    },
    /// Handed in.
    Submit,
    /// The operator looks at it.
    Screen,
    /// Handed back.
    Return,
    /// Put before the committee.
    Docket {
        /// Which meeting.
        meeting: MeetingId,
    },
    /// The committee registered it. Follows from the committee's decision alone.
    Registered {
        /// First day of the term.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        from: Date,
        /// Last day of the term.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        until: Date,
    },
    /// The committee refused it. Follows from the committee's decision alone.
    Rejected,
    /// Asks for the next term.
    FileRenewal {
        /// The form.
        form: FirmForm,
    },
    /// 一時停止 (the article is to be checked, so the step cites one).
    Suspend,
    /// The suspension ends.
    Lift,
    /// 取消 (the article is to be checked, so the step cites one).
    Remove,
    /// An application or a renewal is taken back; without one under way the registration is given up.
    Withdraw,
}

/// State of an audit firm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirmState {
    /// Being written.
    #[default]
    Draft,
    /// Handed in.
    Submitted,
    /// Looked at.
    Screening,
    /// Handed back.
    Returned,
    /// Before the committee.
    Docketed,
    /// Registered.
    Registered,
    /// Registered, with a renewal under way.
    RenewalUnderReview,
    /// 一時停止.
    Suspended,
    /// 取消.
    Removed,
    /// Refused.
    Rejected,
    /// Taken back.
    Withdrawn,
    /// The term is over and no renewal was filed in it. Follows from the calendar.
    Expired,
}

impl FirmState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "作成中",
            Self::Submitted => "申請済み",
            Self::Screening => "審査中",
            Self::Returned => "差戻し",
            Self::Docketed => "付議中",
            Self::Registered => "登録中",
            Self::RenewalUnderReview => "更新審査中",
            Self::Suspended => "一時停止",
            Self::Removed => "取消",
            Self::Rejected => "不登録",
            Self::Withdrawn => "取下げ・辞退",
            Self::Expired => "期間満了",
        }
    }
}

/// An audit firm as it stands. Its identifier is that of the party.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Firm {
    /// State as the last step left it; see [`Firm::state_on`].
    pub state: FirmState,
    /// The form.
    pub form: Option<FirmForm>,
    /// First day of its first term.
    pub registered_on: Option<Date>,
    /// Last day of the term.
    pub until: Option<Date>,
    /// When the renewal under way was filed: the first time, if it was handed back.
    pub renewal_filed_on: Option<Date>,
    /// A renewal that was handed back and handed in again only after the term: it counts once the operator screens it.
    pub renewal_late: bool,
    /// Where it is docketed.
    pub meeting: Option<MeetingId>,
    /// When the suspension began.
    pub suspended_on: Option<Date>,
    /// The state to which the end of the suspension leads back.
    pub resumes: FirmState,
    /// When it was removed or given up.
    pub ended_on: Option<Date>,
}

impl Firm {
    /// State on a day: the calendar ends a term that nobody asked to renew.
    pub fn state_on(&self, day: Date) -> FirmState {
        let over = self.until.is_some_and(|until| day > until);
        match self.state {
            FirmState::Registered | FirmState::Suspended if over && !self.renewing() => FirmState::Expired,
            state => state,
        }
    }

    /// A renewal was filed within the term and is not decided.
    fn renewing(&self) -> bool {
        matches!((self.renewal_filed_on, self.until), (Some(filed), Some(until)) if filed <= until)
    }

    /// Is registered, suspended or not, on a day: has something that can be suspended, lifted or removed.
    pub fn is_registered(&self, day: Date) -> bool {
        self.until.is_some() && self.ended_on.is_none() && self.state_on(day) != FirmState::Expired
    }

    /// May contract and report on a day, as far as this state knows. For a day in the past ask the state of that day:
    /// [`super::chronicle::Chronicle::on`].
    ///
    /// Past the end of its term a firm is in force while a renewal that was filed within it is with the operator; a
    /// renewal that was handed back is with the firm, and keeps nothing alive (our reading, as for registrations).
    pub fn is_effective(&self, day: Date) -> bool {
        use FirmState as S;
        let begun = self.registered_on.is_some_and(|from| from <= day);
        let within = self.until.is_some_and(|until| day <= until);
        let with_operator = match self.state {
            S::RenewalUnderReview | S::Screening | S::Docketed => true,
            S::Submitted => !self.renewal_late,
            _ => false,
        };
        begun
            && self.is_registered(day)
            && (within || (self.renewing() && with_operator))
            && self.suspended_on.is_none_or(|from| day < from)
    }
}

impl Record for Firm {
    type Step = FirmStep;

    fn fold(&mut self, step: &FirmStep, stamp: &Stamp) {
        use FirmState as S;
        match step {
            // A renewal that was handed back is written anew; everything else is a new application, whatever was before.
            FirmStep::Draft { form } if self.renewal_filed_on.is_some() && self.state == S::Returned => {
                self.form = Some(form.clone());
            }
            FirmStep::Draft { form } => *self = Self { form: Some(form.clone()), ..Self::default() },
            FirmStep::Submit => {
                self.renewal_late = self.until.is_some_and(|until| stamp.on > until);
                self.state = S::Submitted;
            }
            FirmStep::Screen => self.state = S::Screening,
            FirmStep::Return => self.state = S::Returned,
            FirmStep::Docket { meeting } => {
                self.meeting = Some(meeting.clone());
                self.state = S::Docketed;
            }
            FirmStep::Registered { from, until } => {
                self.registered_on.get_or_insert(*from);
                self.until = Some(*until);
                self.renewal_filed_on = None;
                self.renewal_late = false;
                self.state = S::Registered;
            }
            // A refused renewal leaves the term that still runs.
            FirmStep::Rejected => {
                self.state = if self.until.is_some() { S::Registered } else { S::Rejected };
                self.renewal_filed_on = None;
            }
            FirmStep::FileRenewal { form } => {
                self.form = Some(form.clone());
                self.renewal_filed_on = Some(stamp.on);
                self.state = S::RenewalUnderReview;
            }
            FirmStep::Suspend => {
                self.suspended_on = Some(stamp.on);
                self.resumes = self.state;
                self.state = S::Suspended;
            }
            FirmStep::Lift => {
                self.suspended_on = None;
                self.state = self.resumes;
            }
            FirmStep::Remove => {
                self.ended_on = Some(stamp.on);
                self.state = S::Removed;
            }
            // A renewal that is taken back leaves the term that still runs; a second step gives the registration up.
            FirmStep::Withdraw if self.renewal_filed_on.is_some() && self.state != S::Suspended => {
                self.renewal_filed_on = None;
                self.state = S::Registered;
            }
            FirmStep::Withdraw => {
                self.ended_on = Some(stamp.on);
                self.state = S::Withdrawn;
            }
        }
    }
}

/// Last day of a term that begins on a day.
pub(crate) fn term_until(from: Date) -> Result<Date, Refusal> {
    last_day(from, TERM_MONTHS)
        .ok_or_else(|| Refusal::invalid("期間を計算できません。", "the term lies beyond the calendar"))
}
