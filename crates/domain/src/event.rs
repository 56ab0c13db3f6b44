//! Governance events: what the ledger says happened. Old versions are read for ever.

mod subject;

use crate::account::Invitation;
use crate::budget::{Budget, Price};
use crate::ds920::checklist::{SetKind, SheetTally};
use crate::ds920::clock::Clock;
use crate::ds920::judgement::{BoardStep, Verdict};
use crate::ds920::risk_case::CaseStep;
use crate::ds920::risk_table::{RiskLevel, RiskTable};
use crate::grade::GradeScale;
use crate::handling::Action;
use crate::id::{
    AnnexId, AppId, ApplicationId, BudgetId, CaseId, CatalogueId, ChecklistId, DepartmentId, DisclosureId, DisposalId,
    EngagementId, FilingId, HoldId, IncidentId, KeyId, LookUpId, MeetingId, NoticeId, OrganizationId, PartyId,
    PermitId, PersonId, PreliminaryId, QuestionSetId, ReturnId, RiskTableId, RuleDocumentId, RuleSetId, ServiceId,
    StatementId, StoryId, SurveyId, UseId,
};
use crate::ismap::catalogue::CriteriaStep;
use crate::ismap::change_notice::NoticeStep;
use crate::ismap::committee::MeetingStep;
use crate::ismap::engagement::EngagementStep;
use crate::ismap::filing::FilingStep;
use crate::ismap::firm::FirmStep;
use crate::ismap::incident::IncidentStep;
use crate::ismap::look_up::{AnnexStep, LookUpStep};
use crate::ismap::party::PartyStep;
use crate::ismap::party::SchemeRole;
use crate::ismap::preliminary::PreliminaryStep;
use crate::ismap::rule_document::Citation;
use crate::ismap::rule_document::RuleDocumentStep;
use crate::ismap::scheme::Settings;
use crate::ismap::statement::StatementStep;
use crate::ismap::{ListSource, ListStatus, Registration};
use crate::organization::{Department, Sector};
use crate::permit::{Basis, Change, Draft, RiskSheet, UserRange};
use crate::person::{Key, Role};
use crate::records::disclosure::HandedOut;
use crate::records::disposal::{Certificate, Listed};
use crate::records::hold::{HoldGround, Scope};
use crate::records::retention::{Classified, Line, Term};
use crate::regulation::Enactment;
use crate::returns::{Answer, Stage, Way};
use crate::rule_set::RuleSet;
use crate::service::{Consultation, Service, Terms};
use crate::survey::{Questionnaire, Tally};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Why an entry could not be read as a governance event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The kind is not known to this version.
    #[error("unknown kind `{0}`; this ledger was written by a newer version")]
    UnknownKind(String),
    /// The data does not have the shape of its kind.
    #[error("`{kind}` does not hold what it must: {source}")]
    Data {
        /// Kind of the entry.
        kind: &'static str,
        /// What the parser says.
        source: serde_json::Error,
    },
}

macro_rules! events {
    ($( $(#[$doc:meta])* $kind:literal $clause:literal => $name:ident $(($existing:ty))? $({ $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? })? ),* $(,)?) => {
        $( events!(@payload $(#[$doc])* $name $(($existing))? $({ $( $(#[$fdoc])* $field : $type ),* })?); )*

        /// One governance event.
        #[expect(clippy::large_enum_variant, reason = "events are read one by one; a row of the list is the largest")]
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event {
            $( $(#[$doc])* $name(events!(@type $name $(($existing))?)), )*
        }

        impl Event {
            /// Every kind, in the order of this file.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// Stable name of the event, as the ledger writes it.
            pub fn kind(&self) -> &'static str {
                match self { $( Self::$name(_) => $kind, )* }
            }

            /// The clause the event carries out; empty when it is a matter of running the installation.
            pub fn clause(&self) -> &'static str {
                match self { $( Self::$name(_) => $clause, )* }
            }

            /// The data as JSON.
            pub fn data(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self { $( Self::$name(data) => serde_json::to_value(data), )* }
            }

            /// Reads the data of a kind.
            pub fn read(kind: &str, data: &str) -> Result<Self, EventError> {
                match kind {
                    $( $kind => serde_json::from_str(data)
                        .map(Self::$name)
                        .map_err(|source| EventError::Data { kind: $kind, source }), )*
                    other => Err(EventError::UnknownKind(other.chars().take(80).collect())),
                }
            }
        }
    };
    (@payload $(#[$doc:meta])* $name:ident ($existing:ty)) => {};
    (@payload $(#[$doc:meta])* $name:ident { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $( $(#[$fdoc])* pub $field: $type ),* }
    };
    (@type $name:ident ($existing:ty)) => { $existing };
    (@type $name:ident) => { $name };
}

events! {
    /// The body and its list of grades.
    "organization.established" "" => OrganizationEstablished {
        /// Identifier.
        organization: OrganizationId,
        /// Public name.
        name: String,
        /// Family of rules.
        sector: Sector,
        /// The list of grades.
        grades: GradeScale,
    },
    /// A department, or a new place for one in the tree.
    "department.placed" "" => DepartmentPlaced(Department),
    /// A person joined.
    "person.joined" "" => PersonJoined {
        /// Pseudonym.
        person: PersonId,
        /// 部局.
        department: DepartmentId,
        /// Code of the post; empty when posts are not graded.
        post: String,
    },
    /// A person changed department or post.
    "person.moved" "" => PersonMoved {
        /// Pseudonym.
        person: PersonId,
        /// 部局.
        department: DepartmentId,
        /// Code of the post.
        post: String,
    },
    /// A person left; keys stop working.
    "person.left" "" => PersonLeft {
        /// Pseudonym.
        person: PersonId,
    },
    /// The directory row of someone who left was destroyed: nobody can tell any more who the pseudonym was.
    "person.forgotten" "" => PersonForgotten {
        /// Pseudonym.
        person: PersonId,
    },
    /// A role was given.
    "role.granted" "" => RoleGranted {
        /// To whom.
        person: PersonId,
        /// Which.
        role: Role,
    },
    /// A role was taken.
    "role.withdrawn" "" => RoleWithdrawn {
        /// From whom.
        person: PersonId,
        /// Which.
        role: Role,
    },
    /// A key was issued.
    "key.issued" "" => KeyIssued(Key),
    /// A key was revoked.
    "key.revoked" "" => KeyRevoked {
        /// Which.
        key: KeyId,
    },
    /// An administrator gave someone a one-time way to open an account, or to open it anew.
    "account.invited" "" => AccountInvited(Invitation),
    /// The person used the invitation: the account has a password only they know, and no second factor yet.
    "account.opened" "" => AccountOpened {
        /// Whose account.
        person: PersonId,
        /// Hash of the invitation that is used up.
        invitation: String,
    },
    /// The person enrolled a second factor; an earlier one no longer counts.
    "second_factor.enrolled" "" => SecondFactorEnrolled {
        /// Whose.
        person: PersonId,
    },
    /// A part of the 規程 came into force.
    "regulation.enacted" "統一基準R3 4.2.2(1)(a)" => RegulationEnacted(Enactment),
    /// A rule set came into force, with its whole text, so that any decision can be repeated from the ledger alone.
    "rules.adopted" "" => RulesAdopted(RuleSet),
    /// A rule set is no longer in force.
    "rules.withdrawn" "" => RulesWithdrawn {
        /// Which.
        rule_set: RuleSetId,
    },
    /// What is done about the findings of a rule of detection was set; `None` is the program's default.
    "handling.set" "" => HandlingSet {
        /// Rule of detection.
        rule: String,
        /// On the way to services outside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outside: Option<Action>,
        /// On the way to models the body runs itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inside: Option<Action>,
    },
    /// A budget was set, or set anew from a day.
    "budget.set" "" => BudgetSet(Budget),
    /// A budget binds nobody any more.
    "budget.ended" "" => BudgetEnded {
        /// Which.
        budget: BudgetId,
    },
    /// What a model costs from a day.
    "price.set" "" => PriceSet(Price),
    /// A service entered the register.
    "service.registered" "統一基準R3 4.2.2(2)(a)" => ServiceRegistered(Service),
    /// The service is described anew (models, region, law, route, ISMAP number, address, form).
    "service.changed" "統一基準R3 4.2.2(2)(a)" => ServiceChanged(Service),
    /// The terms changed.
    "service.terms_changed" "統一基準R3 4.2.2(2)(a)" => TermsChanged {
        /// Of which service.
        service: ServiceId,
        /// The new terms.
        terms: Terms,
    },
    /// The service is no longer offered to staff.
    "service.withdrawn" "" => ServiceWithdrawn {
        /// Which.
        service: ServiceId,
    },
    /// A 注意喚起 about a service.
    "advisory.opened" "" => AdvisoryOpened {
        /// About which service.
        service: ServiceId,
        /// Its title.
        advisory: String,
    },
    /// The 注意喚起 no longer applies.
    "advisory.lifted" "" => AdvisoryLifted {
        /// About which service.
        service: ServiceId,
        /// Its title.
        advisory: String,
    },
    /// Where the consultation of the 申合せ stands.
    "consultation.recorded" "申合せ 2023-05-08 (2)" => ConsultationRecorded {
        /// About which service.
        service: ServiceId,
        /// How far.
        state: Consultation,
        /// Addressee on that day.
        addressee: String,
        /// Day of the report or the 了解.
        on: Date,
    },
    /// A report of the 申合せ was sent: exactly the text of this hash.
    "return.sent" "申合せ 2023-05-08" => ReturnSent {
        /// Which.
        #[serde(rename = "return")]
        id: ReturnId,
        /// On which service.
        service: ServiceId,
        /// On which permit, where it speaks of one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        permit: Option<PermitId>,
        /// What it tells.
        stage: Stage,
        /// To whom.
        addressee: String,
        /// Day it was sent.
        on: Date,
        /// How.
        way: Way,
        /// Number of the letter, where it has one.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
        /// SHA-256 of the text that was sent, lower-case hex.
        sha256: String,
    },
    /// The addressee answered a report.
    "return.answered" "申合せ 2023-05-08" => ReturnAnswered {
        /// Which.
        #[serde(rename = "return")]
        of: ReturnId,
        /// What was answered.
        answer: Answer,
        /// Day of the answer.
        on: Date,
        /// Number of the answer, where it has one.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reference: String,
    },
    /// A row of the published ISMAP list.
    "registration.recorded" "" => RegistrationRecorded(Registration),
    /// A copy of the published list was taken up: its changed rows stand beside this in the same commit, and rows that
    /// did not change are as fresh as this.
    "registration.list_recorded" "" => ListRecorded {
        /// The copy.
        source: ListSource,
        /// How many rows were taken up, changed or not.
        rows: u32,
        /// Rows of former copies that are not in this one.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        gone: BTreeSet<String>,
    },
    /// Its status changed.
    "registration.status_changed" "" => RegistrationStatusChanged {
        /// Registration number.
        number: String,
        /// New status.
        status: ListStatus,
        /// Day from which.
        on: Date,
    },
    /// A renewal was filed.
    "registration.renewal_filed" "" => RenewalFiled {
        /// Registration number.
        number: String,
        /// Day of filing.
        on: Date,
    },
    /// A renewal was granted: a new term under the same number.
    "registration.renewed" "" => RegistrationRenewed {
        /// Registration number.
        number: String,
        /// New last day.
        valid_until: Date,
    },
    /// An incident of a registered service became known.
    "incident.opened" "" => IncidentOpened {
        /// Registration number.
        number: String,
        /// Name of the incident.
        incident: String,
    },
    /// The incident is closed.
    "incident.closed" "" => IncidentClosed {
        /// Registration number.
        number: String,
        /// Name of the incident.
        incident: String,
    },
    /// 利用申請.
    "application.submitted" "統一基準R3 4.2.2(2)(a)" => ApplicationSubmitted {
        /// Identifier.
        application: ApplicationId,
        /// 利用申請者.
        applicant: PersonId,
        /// What is applied for.
        draft: Draft,
    },
    /// 差戻し.
    "application.returned" "統一基準R3 4.2.2(2)(b)" => ApplicationReturned {
        /// Which.
        application: ApplicationId,
    },
    /// Handed in again after 差戻し.
    "application.resubmitted" "統一基準R3 4.2.2(2)(a)" => ApplicationResubmitted {
        /// Which.
        application: ApplicationId,
        /// The new content.
        draft: Draft,
    },
    /// 取下げ.
    "application.withdrawn" "" => ApplicationWithdrawn {
        /// Which.
        application: ApplicationId,
    },
    /// 不承認.
    "application.refused" "統一基準R3 4.2.2(2)(b)" => ApplicationRefused {
        /// Which.
        application: ApplicationId,
    },
    /// 承認: the application became a permit.
    "application.approved" "統一基準R3 4.2.2(2)(b)" => ApplicationApproved {
        /// Which.
        application: ApplicationId,
        /// The permit.
        permit: PermitId,
        /// 外部サービス管理者.
        manager: PersonId,
        /// Conditions in words.
        conditions: Vec<String>,
        /// 見直し期限.
        review_on: Date,
        /// What the approver saw of each service.
        basis: BTreeMap<ServiceId, Basis>,
    },
    /// The CAIO decided on a possibly high risk.
    "risk.decided" "" => RiskDecided {
        /// Of which application.
        application: ApplicationId,
        /// Accepted or not.
        accepted: bool,
    },
    /// A table of what answers of the risk sheet point to came into force; it binds no judgement that was made.
    "risk_table.adopted" "DS-920 高リスク判定シート（二次資料）" => RiskTableAdopted {
        /// The whole table.
        table: RiskTable,
    },
    /// The risk sheet of an application or of its permit was answered anew, because something changed.
    "risk.answered" "DS-920 高リスク判定シート（二次資料）" => RiskAnswered {
        /// Of which application.
        application: ApplicationId,
        /// The answers.
        sheet: RiskSheet,
    },
    /// The CAIO judged the risk of a use case.
    "risk.judged" "DS-920 リスク判断（二次資料）" => RiskJudged {
        /// Of which application.
        application: ApplicationId,
        /// The sheet that was judged.
        sheet: RiskSheet,
        /// The table that was asked; the program's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<RiskTableId>,
        /// What it said. Advice: the verdict may differ.
        result: RiskLevel,
        /// What was decided.
        verdict: Verdict,
    },
    /// Something passed between the CAIO and the advisory board.
    "risk_board.stepped" "DS-920 アドバイザリーボード（二次資料）" => RiskBoardStepped {
        /// About which application.
        application: ApplicationId,
        /// What.
        step: BoardStep,
    },
    /// A permit was suspended.
    "permit.suspended" "統一基準R3 4.2.2(2)(b)" => PermitSuspended {
        /// Which.
        permit: PermitId,
        /// What changed under it; empty when suspended by hand.
        changes: Vec<Change>,
    },
    /// A suspended permit was approved again on the facts of today.
    "permit.reapproved" "統一基準R3 4.2.2(2)(b)" => PermitReapproved {
        /// Which.
        permit: PermitId,
        /// What the approver saw of each service.
        basis: BTreeMap<ServiceId, Basis>,
    },
    /// A permit was revoked for good.
    "permit.revoked" "統一基準R3 4.2.2(2)(b)" => PermitRevoked {
        /// Which.
        permit: PermitId,
    },
    /// A conditional reason was met for a permit.
    "permit.condition_met" "統一基準R3 4.2.2(2)(b)" => ConditionMet {
        /// Which permit.
        permit: PermitId,
        /// Code of the reason, such as `INCIDENT_OPEN`.
        code: String,
        /// Last day it counts.
        until: Date,
    },
    /// An app made by a member of staff was accepted for a department: this content of it and no other.
    "app.shared" "" => AppShared {
        /// Which.
        app: AppId,
        /// SHA-256 of the accepted content, lower-case hex.
        sha256: String,
        /// For whom: the department with all below it.
        department: DepartmentId,
        /// Who made it; never the actor.
        author: PersonId,
    },
    /// The app is no longer shared.
    "app.unshared" "" => AppUnshared {
        /// Which.
        app: AppId,
    },
    /// An edition of the questions of a 調達・契約チェックシート came into force.
    "question_set.adopted" "DS-920 チェックシート（要確認）" => QuestionSetAdopted {
        /// Its name.
        set: QuestionSetId,
        /// What for.
        kind: SetKind,
        /// Title.
        title: String,
        /// Edition.
        edition: String,
        /// SHA-256 of its content.
        sha256: String,
        /// How many questions.
        questions: u32,
    },
    /// A 調達・契約チェックシート is complete.
    "checklist.completed" "DS-920 チェックシート（要確認）" => ChecklistCompleted {
        /// Which.
        sheet: ChecklistId,
        /// What for.
        kind: SetKind,
        /// By which questions.
        set: QuestionSetId,
        /// SHA-256 of their content.
        set_sha256: String,
        /// Of which service.
        service: ServiceId,
        /// For which application, if for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<ApplicationId>,
        /// At which level of risk the questions were asked.
        level: RiskLevel,
        /// SHA-256 of the answers.
        sha256: String,
        /// How many answers of each kind.
        tally: SheetTally,
    },
    /// A list of deadlines of リスクケース came into force.
    "risk_clocks.set" "" => RiskClocksSet {
        /// First day it counts.
        from: Date,
        /// The whole list.
        clocks: Vec<Clock>,
    },
    /// A step of a リスクケース.
    "risk_case.stepped" "DS-920 リスクケース（要確認）" => RiskCaseStepped {
        /// Which.
        case: CaseId,
        /// What was done.
        step: CaseStep,
    },
    /// A survey of staff was opened, with its questions.
    "survey.opened" "" => SurveyOpened {
        /// Which.
        survey: SurveyId,
        /// Its title.
        title: String,
        /// What is asked.
        questionnaire: Questionnaire,
        /// Who is asked.
        users: UserRange,
        /// How many people that were when it was opened.
        asked: u64,
        /// First day.
        from: Date,
        /// Last day, included.
        until: Date,
    },
    /// It was closed and its answers were counted. Who answered what stands nowhere in the ledger.
    "survey.closed" "" => SurveyClosed {
        /// Which.
        survey: SurveyId,
        /// How many people answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answered: Option<u64>,
        /// How often each choice was taken; empty where so few people answered that it would speak of single ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tallies: Vec<Tally>,
    },
    /// What a member of staff tells of a use was accepted for everybody to read: this content and no other.
    "story.published" "" => StoryPublished {
        /// Which.
        story: StoryId,
        /// SHA-256 of the accepted content, lower-case hex.
        sha256: String,
        /// Who wrote it; never the actor.
        author: PersonId,
        /// The author's department then.
        department: DepartmentId,
    },
    /// The story is no longer shown.
    "story.retracted" "" => StoryRetracted {
        /// Which.
        story: StoryId,
    },
    /// A step of a 当事者.
    "party.stepped" "" => PartyStepped {
        /// Which.
        party: PartyId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// What was done.
        step: PartyStep,
    },
    /// A step of a rule document of ISMAP.
    "rule_document.stepped" "" => RuleDocumentStepped {
        /// Which.
        document: RuleDocumentId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// What was done.
        step: RuleDocumentStep,
    },
    /// A step of a version of 管理基準.
    "criteria.stepped" "" => CriteriaStepped {
        /// Which.
        catalogue: CatalogueId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// What was done.
        step: CriteriaStep,
    },
    /// A step of a 監査機関.
    "audit_firm.stepped" "" => FirmStepped {
        /// Which.
        firm: PartyId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// The day from which it counts.
        on: Date,
        /// The rule it rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Citation>,
        /// What was done.
        step: FirmStep,
    },
    /// A step of a 言明書.
    "statement.stepped" "" => StatementStepped {
        /// Which.
        statement: StatementId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// What was done.
        step: StatementStep,
    },
    /// A step of an audit.
    "engagement.stepped" "" => EngagementStepped {
        /// Which.
        engagement: EngagementId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// The day from which it counts.
        on: Date,
        /// The rule it rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Citation>,
        /// What was done.
        step: EngagementStep,
    },
    /// A step of an LIU pre-application.
    "preliminary.stepped" "" => PreliminaryStepped {
        /// Which.
        preliminary: PreliminaryId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// The day from which it counts.
        on: Date,
        /// What was done.
        step: PreliminaryStep,
    },
    /// A step of an application for registration.
    "filing.stepped" "" => FilingStepped {
        /// Which.
        filing: FilingId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// The day from which it counts.
        on: Date,
        /// The rule it rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Citation>,
        /// What was done.
        step: FilingStep,
    },
    /// A step of a meeting of the committee.
    "meeting.stepped" "" => MeetingStepped {
        /// Which.
        meeting: MeetingId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// The day from which it counts.
        on: Date,
        /// The rule it rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Citation>,
        /// What was done.
        step: MeetingStep,
    },
    /// A step of an incident of a registered service.
    "scheme_incident.stepped" "" => SchemeIncidentStepped {
        /// Which.
        incident: IncidentId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// The day from which it counts.
        on: Date,
        /// The rule it rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Citation>,
        /// What was done.
        step: IncidentStep,
    },
    /// A step of a notice of change.
    "change_notice.stepped" "" => ChangeNoticeStepped {
        /// Which.
        notice: NoticeId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// The day from which it counts.
        on: Date,
        /// The rule it rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Citation>,
        /// What was done.
        step: NoticeStep,
    },
    /// A look-up for a procurement.
    "look_up.stepped" "" => LookUpStepped {
        /// Which.
        look_up: LookUpId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// What was done.
        step: LookUpStep,
    },
    /// A step of a request for the annex of a statement.
    "annex.stepped" "" => AnnexStepped {
        /// Which.
        annex: AnnexId,
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// What was done.
        step: AnnexStep,
    },
    /// What the operator of the scheme sets.
    "scheme.set" "" => SchemeSet {
        /// As what the actor acted; `None` for a role of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<SchemeRole>,
        /// All settings.
        settings: Settings,
    },
    /// A renewal was refused or taken back: the registration ends with its term.
    "registration.renewal_ended" "" => RenewalEnded {
        /// Registration number.
        number: String,
    },
    /// Someone learnt who stands behind a pseudonym of a scan of logs.
    "shadow.opened" "" => ShadowClientOpened {
        /// The pseudonym.
        client: String,
        /// The service of the catalogue.
        service: String,
    },
    /// Someone asked to read sealed content.
    "content.requested" "" => ContentRequested {
        /// Of which use.
        #[serde(rename = "use")]
        of: UseId,
    },
    /// A second person agreed.
    "content.granted" "" => ContentGranted {
        /// Of which use.
        #[serde(rename = "use")]
        of: UseId,
        /// Who had asked.
        to: PersonId,
    },
    /// The sealed content was destroyed; every proof stays valid.
    "content.erased" "" => ContentErased {
        /// Of which use.
        #[serde(rename = "use")]
        of: UseId,
    },
    /// A line of the 保存期間表.
    "retention.set" "" => RetentionSet {
        /// Which line.
        line: Line,
        /// How long; without it the program's proposal holds again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        term: Option<Term>,
    },
    /// The content of a use was found to be 行政文書 or 個人的メモ.
    "record.classified" "" => RecordClassified(Classified),
    /// Whatever the scope holds is not destroyed.
    "hold.placed" "" => HoldPlaced {
        /// Identifier.
        hold: HoldId,
        /// What it is called.
        title: String,
        /// Why.
        ground: HoldGround,
        /// What it holds.
        scope: Scope,
    },
    /// The hold ended.
    "hold.lifted" "" => HoldLifted {
        /// Which.
        hold: HoldId,
    },
    /// A list of content to be destroyed.
    "disposal.drafted" "" => DisposalDrafted {
        /// Identifier.
        disposal: DisposalId,
        /// As of which day.
        as_of: Date,
        /// The list.
        list: Listed,
    },
    /// Another person approved the list.
    "disposal.approved" "" => DisposalApproved {
        /// Which.
        disposal: DisposalId,
        /// Number of the document by which somebody outside agreed; empty when nobody had to.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        consent: String,
    },
    /// The list was not approved.
    "disposal.refused" "" => DisposalRefused {
        /// Which.
        disposal: DisposalId,
    },
    /// The destruction begins. The list was counted again and is the one that was approved.
    "disposal.begun" "" => DisposalBegun {
        /// Which.
        disposal: DisposalId,
        /// The list.
        list: Listed,
    },
    /// The certificate: what was destroyed.
    "disposal.completed" "" => DisposalCompleted {
        /// Which.
        disposal: DisposalId,
        /// What was destroyed.
        certificate: Certificate,
    },
    /// A request for disclosure arrived.
    "disclosure.opened" "" => DisclosureOpened {
        /// Identifier.
        disclosure: DisclosureId,
        /// When it arrived.
        received: Date,
        /// What was asked for.
        asked: String,
        /// The uses it asks for.
        scope: Scope,
        /// Words of which one must stand in the content.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        words: Vec<String>,
    },
    /// A second person agreed that the contents may be read.
    "disclosure.granted" "" => DisclosureGranted {
        /// Which.
        disclosure: DisclosureId,
        /// Who reads.
        to: PersonId,
    },
    /// A file was made for whoever asked.
    "disclosure.handed_out" "" => DisclosureHandedOut {
        /// Which.
        disclosure: DisclosureId,
        /// What.
        what: HandedOut,
    },
    /// The request is answered.
    "disclosure.closed" "" => DisclosureClosed {
        /// Which.
        disclosure: DisclosureId,
    },
}
