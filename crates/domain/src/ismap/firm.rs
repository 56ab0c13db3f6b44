//! 監査機関: the eight requirements of the 監査機関登録規則, the term of two years, renewal, suspension, removal (machine A).

use super::chronicle::{Record, Stamp};
use super::committee::AgendaItem;
use super::deciding::{Acting, may};
use super::party::{PartyKind, SchemeRole};
use super::term::last_day;
use crate::command::StepFirm;
use crate::event::{Event, FirmStepped};
use crate::id::{MeetingId, PartyId, PersonId};
use crate::refusal::Refusal;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Months of a term (監査機関登録規則: renewal every two years).
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
    /// 一時停止.
    Suspend,
    /// The suspension ends.
    Lift,
    /// 取消.
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

pub(crate) fn decide(acting: &Acting<'_>, command: StepFirm) -> Result<Vec<Event>, Refusal> {
    use FirmState as S;
    let is_firm = acting.scheme.parties.now(&command.firm).is_some_and(|p| p.kind == PartyKind::AuditFirm);
    if !is_firm {
        return Err(Refusal::unknown("監査機関", "audit firm", &command.firm));
    }
    let chronicle = acting.scheme.firms.get(&command.firm);
    let cause = chronicle.and_then(|c| c.last()).map(|last| last.stamp.on);
    let on = acting.day(command.on, cause)?;
    let nothing = Firm::default();
    let now = chronicle.map_or(&nothing, |c| c.now());
    let state = now.state_on(on);
    let own = || {
        may(
            acting.holding(&command.firm, &[SchemeRole::AuditExec, SchemeRole::AuditLead]),
            "監査機関の申請は、その監査機関の業務執行責任者または業務実施責任者だけができます。",
        )
    };
    let screens = || {
        may(
            acting.operator(&[SchemeRole::Secretariat, SchemeRole::IpaReception]),
            "監査機関の審査は、受理担当または事務局だけができます。",
        )
    };
    let secretariat = || may(acting.operator(&[SchemeRole::Secretariat]), "この手続は事務局だけができます。");
    let wrong = |ja: &str| {
        Err(Refusal::wrong_state(
            format!("{ja}（今の状態: {}）", state.label()),
            format!("this step does not follow from the state `{state:?}`").to_lowercase(),
        ))
    };
    let role = match &command.step {
        FirmStep::Draft { form } => {
            let role = own()?;
            if !matches!(state, S::Draft | S::Returned | S::Rejected | S::Withdrawn | S::Expired) {
                return wrong("申請書を書き換えられるのは、提出前か差戻しのあとだけです。");
            }
            people(acting, &command.firm, form)?;
            role
        }
        FirmStep::Submit => {
            let role = own()?;
            if !matches!(state, S::Draft | S::Returned) {
                return wrong("提出できるのは、作成中または差戻しの申請だけです。");
            }
            complete(acting, &command.firm, now.form.as_ref())?;
            role
        }
        FirmStep::Screen => {
            let role = screens()?;
            if !matches!(state, S::Submitted | S::RenewalUnderReview) {
                return wrong("審査を始められるのは、提出された申請だけです。");
            }
            role
        }
        FirmStep::Return => {
            let role = screens()?;
            if state != S::Screening {
                return wrong("差し戻せるのは審査中の申請だけです。");
            }
            role
        }
        FirmStep::Docket { meeting } => {
            let role = secretariat()?;
            // Once more, where a meeting put it off or did not come to it.
            if !matches!(state, S::Screening | S::Docketed) {
                return wrong("付議できるのは審査中の申請だけです。");
            }
            super::committee::open_for_agenda(acting, meeting, &AgendaItem::Firm { firm: command.firm.clone() })?;
            role
        }
        FirmStep::FileRenewal { form } => {
            let role = own()?;
            if let (S::Expired, Some(until)) = (state, now.until) {
                return Err(late(until, on));
            }
            if state != S::Registered {
                return wrong("更新を申請できるのは登録中の監査機関だけです。");
            }
            // Who files is the one who says so: a day in the past does not make a late renewal one in time.
            if let Some(until) = now.until.filter(|until| acting.today > *until) {
                return Err(late(until, acting.today));
            }
            people(acting, &command.firm, form)?;
            complete(acting, &command.firm, Some(form))?;
            role
        }
        FirmStep::Suspend | FirmStep::Lift | FirmStep::Remove => {
            let role = secretariat()?;
            acting.cites(command.rule.as_ref(), on)?;
            let suspended = state == S::Suspended;
            let fits = match &command.step {
                FirmStep::Suspend => now.is_registered(on) && !suspended,
                FirmStep::Lift => suspended,
                _ => now.is_registered(on),
            };
            if !fits {
                return wrong("この状態の監査機関には行えません。");
            }
            role
        }
        FirmStep::Withdraw => {
            let role = own()?;
            if matches!(state, S::Removed | S::Rejected | S::Withdrawn | S::Expired) || chronicle.is_none() {
                return wrong("取り下げる申請・登録がありません。");
            }
            role
        }
        FirmStep::Registered { .. } | FirmStep::Rejected => {
            return Err(Refusal::new(
                "NOT_ALLOWED",
                "監査機関の登録・不登録は、運営委員会の決定によってのみ行われます。",
                "only a decision of the committee registers or rejects an audit firm",
            ));
        }
    };
    let event = FirmStepped { firm: command.firm, role, on, rule: command.rule, step: command.step };
    Ok(vec![Event::FirmStepped(event)])
}

fn late(until: Date, on: Date) -> Refusal {
    Refusal::wrong_state(
        format!("更新の申請は期間の末日 {until} までです（申請日 {on}）。新規の申請からやり直してください。"),
        format!("a renewal is filed by {until} at the latest, not on {on}; apply anew"),
    )
    .under("監査機関登録規則")
}

fn complete(acting: &Acting<'_>, firm: &PartyId, form: Option<&FirmForm>) -> Result<(), Refusal> {
    let Some(form) = form else {
        return Err(Refusal::wrong_state("申請書がまだ書かれていません。", "the form has not been filled in"));
    };
    let lacking = form.lacking();
    if !lacking.is_empty() {
        let list: Vec<String> = lacking.iter().map(|r| format!("{} {}", r.article(), r.label())).collect();
        return Err(Refusal::invalid(
            format!("次の要件の説明がありません: {}。", list.join("、")),
            format!(
                "these requirements are not described: {}",
                lacking.iter().map(|r| r.article()).collect::<Vec<_>>().join(", ")
            ),
        )
        .under("監査機関登録規則 3"));
    }
    if acting.scheme.parties.now(firm).is_none_or(|p| p.corporate_number.is_empty()) {
        return Err(Refusal::invalid(
            "当事者として法人番号が登録されていません。法人番号のある当事者として登録してから申請してください。",
            "the party has no 法人番号; enter it as a party with one and apply then",
        )
        .under("監査機関登録規則 3.3"));
    }
    if form.team.len() < 3 || !form.team.contains(&form.exec) {
        return Err(Refusal::invalid(
            format!("チームは業務執行責任者を含む 3 人以上にしてください（今は {} 人）。", form.team.len()),
            "the team has three members at least, the 業務執行責任者 among them",
        )
        .under("監査機関登録規則 3.8"));
    }
    Ok(())
}

fn people(acting: &Acting<'_>, firm: &PartyId, form: &FirmForm) -> Result<(), Refusal> {
    let Some(party) = acting.scheme.parties.now(firm) else {
        return Err(Refusal::unknown("監査機関", "audit firm", firm));
    };
    let holds = |person: &PersonId, role: SchemeRole| party.members.get(person).is_some_and(|r| r.contains(&role));
    if !holds(&form.exec, SchemeRole::AuditExec) || !holds(&form.lead, SchemeRole::AuditLead) {
        return Err(Refusal::invalid(
            "業務執行責任者と業務実施責任者には、この監査機関でその役割を持つ人を指定してください。",
            "name people who hold these roles for the firm",
        ));
    }
    if let Some(stranger) = form.team.iter().find(|p| !party.members.contains_key(p)) {
        return Err(Refusal::unknown("この監査機関の構成員", "member of this audit firm", stranger));
    }
    for ground in form.grounds.values().filter(|g| !g.sha256.is_empty()) {
        acting.digest("証跡", "the evidence", &ground.sha256)?;
    }
    Ok(())
}
