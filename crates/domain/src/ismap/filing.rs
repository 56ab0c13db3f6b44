//! 登録申請 (machine E): filed by the provider, received, reviewed, docketed, decided by the committee alone.

use super::chronicle::{Record, Stamp};
use super::committee::AgendaItem;
use super::deciding::{Acting, may};
use super::engagement::EngagementState;
use super::party::SchemeRole;
use super::preliminary::PreliminaryState;
use super::registration::Scheme as ListScheme;
use super::statement::{StatementState, StatementStep};
use super::term::last_day;
use crate::command::StepFiling;
use crate::event::{Event, FilingStepped, RenewalFiled, StatementStepped};
use crate::id::{EngagementId, MeetingId, OfferingId, PartyId, PersonId, PreliminaryId, StatementId};
use crate::refusal::Refusal;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Months from acceptance within which the decision is made in principle.
pub const DECISION_MONTHS: i32 = 6;
/// Months after the end of the audit period within which the report is issued in the scheme's own reckoning.
pub const REPORT_MONTHS: i32 = 3;

/// What is disclosed with an application (登録規則 3.4 (1) to (4)).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Disclosures {
    /// (1) capital ties and officers.
    pub capital_and_officers: String,
    /// (2) the risk that foreign law reaches the information.
    pub foreign_law_risk: String,
    /// (3) governing law.
    pub governing_law: String,
    /// (3) jurisdiction.
    pub jurisdiction: String,
    /// (4) penetration and vulnerability tests by third parties.
    pub tests: String,
}

/// What is pledged (登録規則 3.5 and 3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pledge {
    /// 3.5(1): details and staff on request in procurement.
    DetailsOnRequest,
    /// 3.5(2): serious incidents reported without delay.
    IncidentsWithoutDelay,
    /// 3.5(3): changes notified without delay.
    ChangesWithoutDelay,
    /// 3.6: cooperates with the 申合せ on IT procurement.
    ProcurementCooperation,
}

impl Pledge {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::DetailsOnRequest, Self::IncidentsWithoutDelay, Self::ChangesWithoutDelay, Self::ProcurementCooperation];

    /// Its article.
    pub fn article(self) -> &'static str {
        match self {
            Self::DetailsOnRequest => "登録規則 3.5(1)",
            Self::IncidentsWithoutDelay => "登録規則 3.5(2)",
            Self::ChangesWithoutDelay => "登録規則 3.5(3)",
            Self::ProcurementCooperation => "登録規則 3.6",
        }
    }

    /// What is pledged, in our words.
    pub fn label(self) -> &'static str {
        match self {
            Self::DetailsOnRequest => "調達の求めに応じ、言明の詳細と従事者の所属・専門性・実績・国籍の情報を提供する",
            Self::IncidentsWithoutDelay => "重大なインシデントを遅滞なく運営委員会に報告する",
            Self::ChangesWithoutDelay => "重大な統制の変更や登録情報の変更を遅滞なく届け出る",
            Self::ProcurementCooperation => "IT 調達に係る申合せに協力する",
        }
    }
}

/// First application or renewal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FilingKind {
    /// First.
    New,
    /// Of a registration.
    Renewal {
        /// Its number.
        number: String,
    },
}

/// The application's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FilingForm {
    /// First or renewal.
    pub kind: FilingKind,
    /// ISMAP or LIU.
    pub scheme: ListScheme,
    /// Whose.
    pub party: PartyId,
    /// Which service.
    pub offering: OfferingId,
    /// The audited statement.
    pub statement: StatementId,
    /// The audit.
    pub engagement: EngagementId,
    /// The pre-application of an LIU application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preliminary: Option<PreliminaryId>,
    /// SHA-256 of the internal audit's report: handed in for LIU.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub internal_audit_sha256: String,
    /// 登録規則 3.4.
    pub disclosures: Disclosures,
    /// 登録規則 3.5 and 3.6.
    pub pledges: BTreeSet<Pledge>,
}

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
    /// 技術的審査 begins; the reviewer is another than the receptionist.
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
    /// Put before the committee.
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
    /// Who checked the acceptance.
    pub receptionist: Option<PersonId>,
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
                self.state = S::AcceptanceCheck;
            }
            FilingStep::Return => self.state = S::Returned,
            FilingStep::Accept => {
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

pub(crate) fn decide(acting: &Acting<'_>, command: StepFiling) -> Result<Vec<Event>, Refusal> {
    use FilingState as S;
    let chronicle = acting.scheme.filings.get(&command.filing);
    let on = acting.day(command.on, chronicle.and_then(|c| c.last()).map(|last| last.stamp.on))?;
    if let Some(rule) = &command.rule {
        acting.acquainted(rule, on)?;
    }
    let nothing = Filing::default();
    let now = chronicle.map_or(&nothing, |c| c.now());
    let party = match (&command.step, &now.form) {
        (FilingStep::Draft { form }, None) => &form.party,
        (_, Some(form)) => &form.party,
        (_, None) => return Err(Refusal::unknown("登録申請", "application for registration", &command.filing)),
    };
    let provider = || {
        may(
            acting.holding(party, &[SchemeRole::CspStaff, SchemeRole::CspHead]),
            "この手続は、申請した事業者の担当者と言明責任者だけができます。",
        )
    };
    let operator =
        |roles: &[SchemeRole], who: &str| may(acting.operator(roles), &format!("この手続は{who}だけができます。"));
    let reception = || operator(&[SchemeRole::IpaReception], "受理担当");
    let reviewer = || operator(&[SchemeRole::IpaReviewer], "技術審査担当");
    let (role, fits) = match &command.step {
        FilingStep::Draft { form } => {
            let role = provider()?;
            drafted(acting, now, form)?;
            (role, matches!(now.state, S::Draft | S::Returned))
        }
        FilingStep::File => (provider()?, matches!(now.state, S::Draft | S::Returned)),
        FilingStep::CheckAcceptance => (reception()?, now.state == S::Filed),
        FilingStep::Return => (reception()?, now.state == S::AcceptanceCheck),
        FilingStep::Accept => (reception()?, now.state == S::AcceptanceCheck),
        FilingStep::StartReview => {
            let role = reviewer()?;
            if now.receptionist.as_ref() == acting.person {
                return Err(Refusal::new(
                    "SEPARATION_OF_DUTIES",
                    "受理を担当した人は、同じ申請の技術的審査を担当できません。別の審査担当に依頼してください。",
                    "who received an application does not review it; another reviewer must",
                ));
            }
            (role, now.state == S::Accepted)
        }
        FilingStep::Inquire { question } => {
            acting.words("照会の内容", "the question", question, 4_000)?;
            (reviewing(acting, now, reviewer()?)?, now.state == S::TechnicalReview)
        }
        FilingStep::Answer { answer } => {
            acting.words("回答", "the answer", answer, 8_000)?;
            (provider()?, now.state == S::Inquiry)
        }
        FilingStep::Review { opinion, .. } => {
            acting.words("審査の所見", "the opinion", opinion, 8_000)?;
            (reviewing(acting, now, reviewer()?)?, now.state == S::TechnicalReview)
        }
        FilingStep::Docket { meeting } => {
            let role = operator(&[SchemeRole::Secretariat], "事務局")?;
            super::committee::open_for_agenda(acting, meeting, &AgendaItem::Filing { filing: command.filing.clone() })?;
            (role, matches!(now.state, S::Reviewed | S::Deferred))
        }
        FilingStep::Withdraw => (provider()?, !now.state.is_over() && chronicle.is_some()),
        FilingStep::Registered { .. } | FilingStep::Refused { .. } | FilingStep::Deferred { .. } => {
            return Err(Refusal::new(
                "NOT_ALLOWED",
                "登録の可否は、運営委員会の決定によってのみ定まります。",
                "only a decision of the committee decides an application",
            ));
        }
    };
    if !fits {
        return Err(Refusal::wrong_state(
            format!("今の状態（{}）からは、この手続に進めません。", now.state.label()),
            format!("this step does not follow from the state `{:?}`", now.state).to_lowercase(),
        ));
    }
    let mut events = Vec::new();
    let id = &command.filing;
    match (&command.step, &now.form) {
        (FilingStep::File, Some(form)) => {
            filed(acting, form, on)?;
            let step = StatementStep::Filed { filing: id.clone() };
            events.push(Event::StatementStepped(StatementStepped { statement: form.statement.clone(), role, step }));
            // Filing is what keeps a registration alive past its expiry: the first day of filing counts.
            if let FilingKind::Renewal { number } = &form.kind
                && now.filed_on.is_none()
            {
                events.push(Event::RenewalFiled(RenewalFiled { number: number.clone(), on }));
            }
        }
        (FilingStep::Withdraw, Some(form)) => events.extend(undone(acting, now, form, role)),
        (FilingStep::Return, Some(form)) => {
            let statement = form.statement.clone();
            events.push(Event::StatementStepped(StatementStepped { statement, role, step: StatementStep::Unfiled }));
        }
        _ => {}
    }
    events.insert(
        0,
        Event::FilingStepped(FilingStepped {
            filing: command.filing,
            role,
            on,
            rule: command.rule,
            step: command.step,
        }),
    );
    Ok(events)
}

/// What follows when an application ends without a registration: the statement may be filed again, and a renewal no
/// longer keeps the registration alive.
pub(super) fn undone(acting: &Acting<'_>, now: &Filing, form: &FilingForm, role: Option<SchemeRole>) -> Vec<Event> {
    let mut events = Vec::new();
    let filed = acting.scheme.statements.now(&form.statement).is_some_and(|s| s.state == StatementState::Filed);
    if filed {
        let statement = form.statement.clone();
        events.push(Event::StatementStepped(StatementStepped { statement, role, step: StatementStep::Unfiled }));
    }
    if let (FilingKind::Renewal { number }, Some(_)) = (&form.kind, now.filed_on) {
        events.push(Event::RenewalEnded(crate::event::RenewalEnded { number: number.clone() }));
    }
    events
}

/// The reviewer of an application is one person.
fn reviewing(acting: &Acting<'_>, now: &Filing, role: Option<SchemeRole>) -> Result<Option<SchemeRole>, Refusal> {
    if now.reviewer.as_ref() == acting.person {
        return Ok(role);
    }
    Err(Refusal::new(
        "NOT_ALLOWED",
        "この申請の審査担当ではありません。",
        "you are not the reviewer of this application",
    ))
}

fn drafted(acting: &Acting<'_>, now: &Filing, form: &FilingForm) -> Result<(), Refusal> {
    if now.form.as_ref().is_some_and(|before| before.party != form.party) {
        return Err(Refusal::invalid(
            "申請した事業者は変えられません。",
            "the provider of an application does not change",
        ));
    }
    let Some(statement) = acting.scheme.statements.now(&form.statement) else {
        return Err(Refusal::unknown("言明書", "statement", &form.statement));
    };
    if statement.party != form.party || statement.offering != form.offering {
        return Err(Refusal::invalid(
            "言明書が、この事業者のこのサービスのものではありません。",
            "the statement is about another service",
        ));
    }
    let audits = acting.scheme.engagements.now(&form.engagement).is_some_and(|e| e.statement == form.statement);
    if !audits {
        return Err(Refusal::unknown("この言明書の監査", "engagement on this statement", &form.engagement));
    }
    if let FilingKind::Renewal { number } = &form.kind
        && acting.register.registration(number).is_none_or(|r| r.offering.as_ref() != Some(&form.offering))
    {
        return Err(Refusal::unknown("このサービスの登録", "registration of this service", number));
    }
    Ok(())
}

/// What has to be true when an application is filed.
fn filed(acting: &Acting<'_>, form: &FilingForm, on: Date) -> Result<(), Refusal> {
    let d = &form.disclosures;
    for (name, en, text) in [
        ("資本関係及び役員等の情報（登録規則 3.4(1)）", "3.4(1)", &d.capital_and_officers),
        ("国外の法令が適用されるリスク（登録規則 3.4(2)）", "3.4(2)", &d.foreign_law_risk),
        ("準拠法（登録規則 3.4(3)）", "3.4(3), governing law", &d.governing_law),
        ("裁判管轄（登録規則 3.4(3)）", "3.4(3), jurisdiction", &d.jurisdiction),
        ("第三者による検査の状況（登録規則 3.4(4)）", "3.4(4)", &d.tests),
    ] {
        acting.words(name, en, text, 4_000).map_err(|r| r.under("登録規則 3.4"))?;
    }
    let missing: Vec<&str> = Pledge::ALL.iter().filter(|p| !form.pledges.contains(p)).map(|p| p.article()).collect();
    if !missing.is_empty() {
        return Err(Refusal::invalid(
            format!("誓約がそろっていません: {}。", missing.join("、")),
            "not every pledge of 3.5 and 3.6 is given",
        )
        .under("登録規則 3.5"));
    }
    let Some(statement) = acting.scheme.statements.now(&form.statement) else {
        return Err(Refusal::unknown("言明書", "statement", &form.statement));
    };
    if statement.state != StatementState::Audited || statement.signed_by.is_none() {
        return Err(Refusal::wrong_state(
            format!("申請には、署名と監査の済んだ言明書が必要です（今の状態: {}）。", statement.state.label()),
            "an application needs a signed and audited statement",
        ));
    }
    let Some(engagement) = acting.scheme.engagements.now(&form.engagement) else {
        return Err(Refusal::unknown("監査", "engagement", &form.engagement));
    };
    let reported = matches!(engagement.state, EngagementState::Reported | EngagementState::Closed);
    if !reported || statement.engagement.as_ref() != Some(&form.engagement) {
        return Err(Refusal::wrong_state(
            format!("申請には、この言明書の監査の報告が必要です（今の状態: {}）。", engagement.state.label()),
            "an application needs the report of the audit of this statement",
        ));
    }
    match &form.kind {
        FilingKind::Renewal { number } => {
            let Some(row) = acting.register.registration(number) else {
                return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", number));
            };
            if on > row.valid_until {
                return Err(Refusal::wrong_state(
                    format!(
                        "更新の申請は有効期限 {} までです（申請日 {on}）。登録は失効しています。新規の申請として出してください。",
                        row.valid_until
                    ),
                    format!("a renewal is filed by {} at the latest, not on {on}; file it as a new application", row.valid_until),
                )
                .under("基本規程 3.5"));
            }
        }
        FilingKind::New => {
            let listed = acting
                .register
                .registrations()
                .find(|r| r.offering.as_ref() == Some(&form.offering) && r.state_on(on).is_effective());
            if let Some(row) = listed {
                return Err(Refusal::wrong_state(
                    format!("このサービスは {} として登録されています。更新として申請してください。", row.number),
                    format!("the service is registered as `{}`; file a renewal", row.number),
                ));
            }
        }
    }
    let another = acting.scheme.filings.all().any(|(_, f)| {
        f.filed_on.is_some()
            && !f.state.is_over()
            && f.state != FilingState::Returned
            && f.form.as_ref().is_some_and(|g| g.offering == form.offering)
    });
    if another {
        return Err(Refusal::wrong_state(
            "このサービスの申請が既に進んでいます。",
            "an application for this service is under way",
        ));
    }
    if form.scheme == ListScheme::Liu {
        let eligible = form.preliminary.as_ref().and_then(|id| acting.scheme.preliminaries.now(id)).is_some_and(|p| {
            p.state == PreliminaryState::Eligible && p.party == form.party && p.offering == form.offering
        });
        if !eligible {
            return Err(Refusal::wrong_state(
                "ISMAP-LIU の申請には、対象となると認められた事前申請が必要です。",
                "an LIU application needs a pre-application that was found eligible",
            ));
        }
        acting.digest("内部監査の報告書", "the report of the internal audit", &form.internal_audit_sha256)?;
    }
    Ok(())
}
