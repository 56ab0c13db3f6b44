//! The commands: each with its name, its content and what the OpenAPI document says of it. Deciding them is the matter of
//! the files beside this one.

use crate::budget::{Force, Period, Unit, Whom};
use crate::ds920::checklist::{SetKind, SheetTally};
use crate::ds920::clock::Clock;
use crate::ds920::judgement::{BoardStep, Verdict};
use crate::ds920::risk_case::CaseStep;
use crate::ds920::risk_table::{RiskLevel, RiskRow};
use crate::grade::{Grade, GradeScale};
use crate::handling::Action;
use crate::id::{
    AnnexId, AppId, ApplicationId, BudgetId, CaseId, CatalogueId, ChecklistId, DepartmentId, DisclosureId, DisposalId,
    EngagementId, FilingId, HoldId, IncidentId, KeyId, LookUpId, MeetingId, ModelId, NoticeId, OrganizationId, PartyId,
    PermitId, PersonId, PreliminaryId, QuestionSetId, ReturnId, RiskTableId, RuleDocumentId, RuleSetId, ServiceId,
    StatementId, StoryId, SurveyId, UseId,
};
use crate::ismap::catalogue::CriteriaStep;
use crate::ismap::change_notice::NoticeStep;
use crate::ismap::committee::{MeetingStep, PublicPart};
use crate::ismap::engagement::EngagementStep;
use crate::ismap::filing::FilingStep;
use crate::ismap::firm::FirmStep;
use crate::ismap::incident::IncidentStep;
use crate::ismap::look_up::{AnnexStep, LookUpStep};
use crate::ismap::party::PartyStep;
use crate::ismap::preliminary::PreliminaryStep;
use crate::ismap::rule_document::Citation;
use crate::ismap::rule_document::RuleDocumentStep;
use crate::ismap::scheme::Settings;
use crate::ismap::statement::StatementStep;
use crate::ismap::{ListSource, ListStatus, Registration};
use crate::organization::{Department, Sector};
use crate::permit::{Draft, RiskSheet, UserRange};
use crate::person::Role;
use crate::records::disclosure::HandedOut;
use crate::records::disposal::{Certificate, Listed};
use crate::records::hold::{HoldGround, Scope};
use crate::records::made::Made;
use crate::records::retention::{Line, Status, Term};
use crate::regulation::Enactment;
use crate::returns::{Answer, Stage, Way};
use crate::service::{Consultation, Service, Terms};
use crate::survey::{Questionnaire, Tally};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the OpenAPI document says of a command.
#[cfg(feature = "openapi")]
pub struct CommandSchema {
    /// The command's name.
    pub command: &'static str,
    /// Name of the schema of its content.
    pub schema: String,
    /// That schema and all it refers to.
    pub parts: Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
}

macro_rules! commands {
    ($( $(#[$doc:meta])* $name:literal => $variant:ident $(($existing:ty))? $({ $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? })? ),* $(,)?) => {
        $( commands!(@payload $(#[$doc])* $variant $(($existing))? $({ $( $(#[$fdoc])* $field : $type ),* })?); )*

        /// A command with its content.
        #[expect(clippy::large_enum_variant, reason = "one command is held at a time; a row of the list is the largest")]
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Command {
            $( $(#[$doc])* $variant(commands!(@type $variant $(($existing))?)), )*
        }

        impl Command {
            /// Every command's name, in the order of this file.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// Commands that only a page of the program gives, or an import, because a private row or a content goes with them.
            pub const BY_PAGES_ONLY: [&'static str; 14] = [
                "account.open",
                "second_factor.enrol",
                "return.send",
                "app.share",
                "survey.close",
                "story.publish",
                "look_up.step",
                "registration.record_list",
                "question_set.adopt",
                "checklist.complete",
                "disposal.draft",
                "disposal.begin",
                "disposal.complete",
                "disclosure.hand_out",
            ];

            /// The command's stable name.
            pub fn name(&self) -> &'static str {
                match self { $( Self::$variant(_) => $name, )* }
            }

            /// Reads the content of a named command; `None` when there is no such command.
            pub fn read(name: &str, json: &str) -> Option<Result<Self, serde_json::Error>> {
                match name {
                    $( $name => Some(serde_json::from_str(json).map(Self::$variant)), )*
                    _ => None,
                }
            }
        }

        /// What the OpenAPI document says of every command.
        #[cfg(feature = "openapi")]
        pub fn schemas() -> Vec<CommandSchema> {
            use utoipa::{PartialSchema, ToSchema};
            vec![ $( {
                type Content = commands!(@type $variant $(($existing))?);
                let mut parts = vec![(Content::name().into_owned(), Content::schema())];
                Content::schemas(&mut parts);
                CommandSchema { command: $name, schema: Content::name().into_owned(), parts }
            } ),* ]
        }
    };
    (@payload $(#[$doc:meta])* $name:ident ($existing:ty)) => {};
    (@payload $(#[$doc:meta])* $name:ident { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $( $(#[$fdoc])* pub $field: $type ),* }
    };
    (@type $name:ident ($existing:ty)) => { $existing };
    (@type $name:ident) => { $name };
}

commands! {
    /// Establish the body and its list of grades. Only the installation itself, once.
    "organization.establish" => EstablishOrganization {
        /// Identifier, such as `kakuu-sho`.
        organization: OrganizationId,
        /// Public name.
        name: String,
        /// Family of rules.
        sector: Sector,
        /// The list of grades; 機密性1 to 3 or the municipal five by default.
        #[serde(default)]
        grades: Option<GradeScale>,
    },
    /// Add a department or move one in the tree.
    "department.place" => PlaceDepartment(Department),
    /// Add a person.
    "person.join" => JoinPerson {
        /// Pseudonym.
        person: PersonId,
        /// 部局.
        department: DepartmentId,
        /// Code of the post.
        #[serde(default)]
        post: String,
    },
    /// Move a person to another department or post.
    "person.move" => MovePerson {
        /// Pseudonym.
        person: PersonId,
        /// 部局.
        department: DepartmentId,
        /// Code of the post.
        #[serde(default)]
        post: String,
    },
    /// A person leaves.
    "person.leave" => LeavePerson {
        /// Pseudonym.
        person: PersonId,
    },
    /// Destroy the directory row of someone who has left: the pseudonym can no longer be traced to a person.
    "person.forget" => ForgetPerson {
        /// Pseudonym.
        person: PersonId,
    },
    /// Give a role.
    "role.grant" => GrantRole {
        /// To whom.
        person: PersonId,
        /// Which.
        role: Role,
    },
    /// Take a role.
    "role.withdraw" => WithdrawRole {
        /// From whom.
        person: PersonId,
        /// Which.
        role: Role,
    },
    /// Issue a key for a person; the caller made the secret and sends its hash.
    "key.issue" => IssueKey {
        /// SHA-256 of the secret, lower-case hex.
        hash: String,
        /// Whose key.
        person: PersonId,
        /// The permit the key is bound to.
        #[serde(default)]
        permit: Option<PermitId>,
        /// Grade that counts as declared when a request declares none; the lowest by default.
        #[serde(default)]
        declared: Option<Grade>,
        /// Last moment the key works.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        valid_until: Option<Timestamp>,
    },
    /// Revoke a key.
    "key.revoke" => RevokeKey {
        /// Which.
        key: KeyId,
    },
    /// Invite a person to open an account, or to open it anew; the caller made the secret and sends its hash.
    "account.invite" => InviteAccount {
        /// SHA-256 of the secret, lower-case hex.
        hash: String,
        /// Whose account.
        person: PersonId,
        /// Last moment the invitation works.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        valid_until: Timestamp,
    },
    /// Open the account one was invited to. Only the page behind the link gives this command: a password goes with it.
    "account.open" => OpenAccount {
        /// SHA-256 of the secret in the link.
        invitation: String,
    },
    /// Enrol a second factor. Only its page gives this command: a secret goes with it.
    "second_factor.enrol" => EnrolSecondFactor {
        /// Whose.
        person: PersonId,
    },
    /// Put a part of the 規程 in force.
    "regulation.enact" => EnactRegulation(Enactment),
    /// Adopt a rule set: a built-in one by its identifier alone, or the body's own with its text.
    "rules.adopt" => AdoptRules {
        /// Identifier.
        rule_set: RuleSetId,
        /// Cedar policies under a header that names the set; the built-in text when absent.
        #[serde(default)]
        text: Option<String>,
    },
    /// Withdraw a rule set.
    "rules.withdraw" => WithdrawRules {
        /// Which.
        rule_set: RuleSetId,
    },
    /// Say what is done about the findings of a rule of detection; without an action its default comes back.
    "handling.set" => SetHandling {
        /// Rule of detection, such as `ID-CARD`.
        rule: String,
        /// On the way to services outside.
        #[serde(default)]
        outside: Option<Action>,
        /// On the way to models the body runs itself.
        #[serde(default)]
        inside: Option<Action>,
    },
    /// Set a budget, or set one anew: the later word counts from its day on.
    "budget.set" => SetBudget {
        /// Identifier, such as `soumu-month`.
        budget: BudgetId,
        /// Whom it binds; it stays so for good.
        #[serde(rename = "for")]
        whom: Whom,
        /// What is counted.
        unit: Unit,
        /// When it begins anew.
        period: Period,
        /// How much of the unit one period has.
        limit: u64,
        /// Whether it stops what goes beyond.
        force: Force,
        /// From which part of the limit on people are told, in percent.
        #[serde(default = "crate::budget::tell_at")]
        tell_at: u8,
        /// First day; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        from: Option<Date>,
    },
    /// End a budget.
    "budget.end" => EndBudget {
        /// Which.
        budget: BudgetId,
    },
    /// Set what a model costs from a day on.
    "price.set" => SetPrice {
        /// Which service.
        service: ServiceId,
        /// The name by which callers ask for the model.
        model: ModelId,
        /// Yen for a million tokens in.
        input: u64,
        /// Yen for a million tokens out.
        output: u64,
        /// First day; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        from: Option<Date>,
    },
    /// Register a service.
    "service.register" => RegisterService(Service),
    /// Describe a registered service anew.
    "service.change" => ChangeService(Service),
    /// Record new terms of a service.
    "service.change_terms" => ChangeTerms {
        /// Of which service.
        service: ServiceId,
        /// The new terms.
        terms: Terms,
    },
    /// Withdraw a service from use.
    "service.withdraw" => WithdrawService {
        /// Which.
        service: ServiceId,
    },
    /// Record a 注意喚起 about a service.
    "advisory.open" => OpenAdvisory {
        /// About which service.
        service: ServiceId,
        /// Its title.
        advisory: String,
    },
    /// Lift a 注意喚起.
    "advisory.lift" => LiftAdvisory {
        /// About which service.
        service: ServiceId,
        /// Its title.
        advisory: String,
    },
    /// Record how far the consultation of the 申合せ has come.
    "consultation.record" => RecordConsultation {
        /// About which service.
        service: ServiceId,
        /// How far.
        state: Consultation,
        /// Addressee on that day.
        addressee: String,
        /// Day of the report or the 了解.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        on: Date,
    },
    /// Record that a report of the 申合せ was sent. Only its page gives this command: the text that was sent goes with it.
    "return.send" => SendReturn {
        /// On which service.
        service: ServiceId,
        /// On which permit, where it speaks of one.
        #[serde(default)]
        permit: Option<PermitId>,
        /// What it tells.
        stage: Stage,
        /// To whom.
        addressee: String,
        /// Day it was sent.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        on: Date,
        /// How.
        way: Way,
        /// Number of the letter, where it has one.
        #[serde(default)]
        reference: String,
        /// SHA-256 of the text that was sent, lower-case hex.
        sha256: String,
    },
    /// Record what the addressee answered to a report.
    "return.answer" => AnswerReturn {
        /// Which.
        #[serde(rename = "return")]
        of: ReturnId,
        /// What was answered.
        answer: Answer,
        /// Day of the answer.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        on: Date,
        /// Number of the answer, where it has one.
        #[serde(default)]
        reference: String,
    },
    /// Record a row of the published ISMAP list.
    "registration.record" => RecordRegistration(Registration),
    /// Take up a copy of the published list: every row of it, of which the changed ones are recorded.
    "registration.record_list" => RecordList {
        /// The copy.
        source: ListSource,
        /// Its rows, changed or not.
        rows: Vec<Registration>,
        /// Numbers that stand in lines which could not be read: they are not missing.
        #[serde(default)]
        unread: BTreeSet<String>,
        /// Rows of former copies that are missing are recorded as removed.
        #[serde(default)]
        remove_gone: bool,
    },
    /// Record a change of status on the list.
    "registration.change_status" => ChangeRegistrationStatus {
        /// Registration number.
        number: String,
        /// New status.
        status: ListStatus,
        /// Day from which.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        on: Date,
    },
    /// Record that a renewal was filed.
    "registration.file_renewal" => FileRenewal {
        /// Registration number.
        number: String,
        /// Day of filing.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        on: Date,
    },
    /// Record that a renewal was granted.
    "registration.renew" => RenewRegistration {
        /// Registration number.
        number: String,
        /// New last day.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        valid_until: Date,
    },
    /// Record an incident of a registered service.
    "incident.open" => OpenIncident {
        /// Registration number.
        number: String,
        /// Name of the incident.
        incident: String,
    },
    /// Close an incident.
    "incident.close" => CloseIncident {
        /// Registration number.
        number: String,
        /// Name of the incident.
        incident: String,
    },
    /// Apply for use (利用申請).
    "application.submit" => SubmitApplication(Draft),
    /// Return an application (差戻し).
    "application.return" => ReturnApplication {
        /// Which.
        application: ApplicationId,
    },
    /// Hand in a returned application again.
    "application.resubmit" => ResubmitApplication {
        /// Which.
        application: ApplicationId,
        /// The new content.
        draft: Draft,
    },
    /// Take an application back (取下げ).
    "application.withdraw" => WithdrawApplication {
        /// Which.
        application: ApplicationId,
    },
    /// Refuse an application (不承認).
    "application.refuse" => RefuseApplication {
        /// Which.
        application: ApplicationId,
    },
    /// Approve an application (承認): it becomes a permit.
    "application.approve" => ApproveApplication {
        /// Which.
        application: ApplicationId,
        /// 外部サービス管理者 named with the approval.
        manager: PersonId,
        /// Conditions in words.
        #[serde(default)]
        conditions: Vec<String>,
        /// 見直し期限.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        review_on: Date,
    },
    /// The CAIO decides on a possibly high risk.
    "risk.decide" => DecideRisk {
        /// Of which application.
        application: ApplicationId,
        /// Accepted or not.
        accepted: bool,
    },
    /// Adopt a table of what answers of the risk sheet point to.
    "risk_table.adopt" => AdoptRiskTable {
        /// Its name, never used before, such as `r8-1`.
        table: RiskTableId,
        /// First day; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        from: Option<Date>,
        /// Rows: the first that applies decides.
        rows: Vec<RiskRow>,
        /// Of sheets that no row applies to.
        otherwise: RiskLevel,
    },
    /// Answer the risk sheet of an application or of its permit anew, because something changed.
    "risk.answer" => AnswerRisk {
        /// Of which application.
        application: ApplicationId,
        /// The answers.
        sheet: RiskSheet,
    },
    /// The CAIO judges the risk of a use case, whatever the table says.
    "risk.judge" => JudgeRisk {
        /// Of which application.
        application: ApplicationId,
        /// The sheet that is judged: refused when the answers are others by now.
        sheet: RiskSheet,
        /// What is decided.
        verdict: Verdict,
    },
    /// Record what passes with the advisory board.
    "risk_board.step" => StepRiskBoard {
        /// About which application.
        application: ApplicationId,
        /// What.
        step: BoardStep,
    },
    /// Suspend a permit by hand.
    "permit.suspend" => SuspendPermit {
        /// Which.
        permit: PermitId,
    },
    /// Approve a suspended permit again on the facts of today.
    "permit.reapprove" => ReapprovePermit {
        /// Which.
        permit: PermitId,
    },
    /// Revoke a permit for good.
    "permit.revoke" => RevokePermit {
        /// Which.
        permit: PermitId,
    },
    /// Record that a conditional reason is met for a permit.
    "permit.meet_condition" => MeetCondition {
        /// Which permit.
        permit: PermitId,
        /// Code of the reason, such as `INCIDENT_OPEN`.
        code: String,
        /// Last day it counts.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        until: Date,
    },
    /// Accept an app of a member of staff for a department. Only its page gives this command: the accepted content goes
    /// with it.
    "app.share" => ShareApp {
        /// Which.
        app: AppId,
        /// SHA-256 of the accepted content, lower-case hex.
        sha256: String,
        /// For whom: the department with all below it.
        department: DepartmentId,
        /// Who made it.
        author: PersonId,
    },
    /// Share an app no longer: its author, or who may accept one.
    "app.unshare" => UnshareApp {
        /// Which.
        app: AppId,
    },
    /// Adopt an edition of the questions of a 調達・契約チェックシート. Only the page that has checked the content gives it.
    "question_set.adopt" => AdoptQuestionSet {
        /// Its name, never used before.
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
    /// Complete a 調達・契約チェックシート. Only the page that has checked the content gives it.
    "checklist.complete" => CompleteChecklist {
        /// Which; a new name begins a new one.
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
        #[serde(default)]
        application: Option<ApplicationId>,
        /// At which level of risk the questions were asked.
        level: RiskLevel,
        /// SHA-256 of the answers.
        sha256: String,
        /// How many answers of each kind.
        tally: SheetTally,
    },
    /// Set the deadlines of リスクケース.
    "risk_clocks.set" => SetRiskClocks {
        /// First day; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        from: Option<Date>,
        /// The whole list.
        clocks: Vec<Clock>,
    },
    /// Report a リスクケース, or take a step of one.
    "risk_case.step" => StepRiskCase {
        /// Which; left out with a report, which begins a new one.
        #[serde(default)]
        case: Option<CaseId>,
        /// What is done.
        step: CaseStep,
    },
    /// Open a survey of staff.
    "survey.open" => OpenSurvey {
        /// Its title.
        title: String,
        /// What is asked.
        questionnaire: Questionnaire,
        /// Who is asked.
        users: UserRange,
        /// First day.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        from: Date,
        /// Last day, included.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        until: Date,
    },
    /// Close a survey with its counted answers. Only its page gives this command: it counts them.
    "survey.close" => CloseSurvey {
        /// Which.
        survey: SurveyId,
        /// How many people answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answered: Option<u64>,
        /// How often each choice was taken.
        tallies: Vec<Tally>,
    },
    /// Accept what a member of staff tells of a use, for everybody to read. Only its page gives this command: the accepted
    /// content goes with it.
    "story.publish" => PublishStory {
        /// Which.
        story: StoryId,
        /// SHA-256 of the accepted content, lower-case hex.
        sha256: String,
        /// Who wrote it.
        author: PersonId,
    },
    /// Show a story no longer: its author, or who may accept one.
    "story.retract" => RetractStory {
        /// Which.
        story: StoryId,
    },
    /// Take a step of a 当事者.
    "party.step" => StepParty {
        /// Which; a new name begins a new one.
        party: PartyId,
        /// What is done.
        step: PartyStep,
    },
    /// Take a step of a rule document of ISMAP.
    "rule_document.step" => StepRuleDocument {
        /// Which; a new name begins a new one.
        document: RuleDocumentId,
        /// What is done.
        step: RuleDocumentStep,
    },
    /// Take a step of a version of 管理基準.
    "criteria.step" => StepCriteria {
        /// Which; a new name begins a new one.
        catalogue: CatalogueId,
        /// What is done.
        step: CriteriaStep,
    },
    /// Take a step of a 監査機関.
    "audit_firm.step" => StepFirm {
        /// Which; a new name begins a new one.
        firm: PartyId,
        /// The day from which it counts; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        on: Option<Date>,
        /// The rule it rests on.
        #[serde(default)]
        rule: Option<Citation>,
        /// What is done.
        step: FirmStep,
    },
    /// Take a step of a 言明書.
    "statement.step" => StepStatement {
        /// Which; a new name begins a new one.
        statement: StatementId,
        /// What is done.
        step: StatementStep,
    },
    /// Take a step of an audit.
    "engagement.step" => StepEngagement {
        /// Which; a new name begins a new one.
        engagement: EngagementId,
        /// The day from which it counts; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        on: Option<Date>,
        /// The rule it rests on.
        #[serde(default)]
        rule: Option<Citation>,
        /// What is done.
        step: EngagementStep,
    },
    /// Take a step of an LIU pre-application.
    "preliminary.step" => StepPreliminary {
        /// Which; a new name begins a new one.
        preliminary: PreliminaryId,
        /// The day from which it counts; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        on: Option<Date>,
        /// What is done.
        step: PreliminaryStep,
    },
    /// Take a step of an application for registration.
    "filing.step" => StepFiling {
        /// Which; a new name begins a new one.
        filing: FilingId,
        /// The day from which it counts; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        on: Option<Date>,
        /// The rule it rests on.
        #[serde(default)]
        rule: Option<Citation>,
        /// What is done.
        step: FilingStep,
    },
    /// Take a step of a meeting of the committee.
    "meeting.step" => StepMeeting {
        /// Which; a new name begins a new one.
        meeting: MeetingId,
        /// The day from which it counts; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        on: Option<Date>,
        /// The rule it rests on.
        #[serde(default)]
        rule: Option<Citation>,
        /// What of the statement is published with a registration; put in by the page that holds it.
        #[serde(default)]
        public: Option<PublicPart>,
        /// What is done.
        step: MeetingStep,
    },
    /// Take a step of an incident of a registered service.
    "scheme_incident.step" => StepIncident {
        /// Which; a new name begins a new one.
        incident: IncidentId,
        /// The day from which it counts; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        on: Option<Date>,
        /// The rule it rests on.
        #[serde(default)]
        rule: Option<Citation>,
        /// What is done.
        step: IncidentStep,
    },
    /// Take a step of a notice of change.
    "change_notice.step" => StepChangeNotice {
        /// Which; a new name begins a new one.
        notice: NoticeId,
        /// The day from which it counts; today when not given.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
        on: Option<Date>,
        /// The rule it rests on.
        #[serde(default)]
        rule: Option<Citation>,
        /// What is done.
        step: NoticeStep,
    },
    /// Record a look-up for a procurement.
    "look_up.step" => StepLookUp {
        /// Which; a new name begins a new one.
        look_up: LookUpId,
        /// What is done.
        step: LookUpStep,
    },
    /// Take a step of a request for the annex of a statement.
    "annex.step" => StepAnnex {
        /// Which; a new name begins a new one.
        annex: AnnexId,
        /// What is done.
        step: AnnexStep,
    },
    /// Set what the operator of the scheme sets.
    "scheme.set" => SetScheme {
        /// All settings.
        settings: Settings,
    },
    /// Learn who stands behind a pseudonym of a scan of logs.
    "shadow.open" => OpenShadowClient {
        /// The pseudonym.
        client: String,
        /// The service of the catalogue for whose use it is opened.
        service: String,
    },
    /// Ask to read the sealed content of a use.
    "content.request" => RequestContent {
        /// Of which use.
        #[serde(rename = "use")]
        of: UseId,
    },
    /// Agree, as a second person, that it may be read.
    "content.grant" => GrantContent {
        /// Of which use.
        #[serde(rename = "use")]
        of: UseId,
    },
    /// Destroy the sealed content of a use.
    "content.erase" => EraseContent {
        /// Of which use.
        #[serde(rename = "use")]
        of: UseId,
        /// What retention asks of it: the program looks it up, no caller says it.
        #[serde(skip)]
        made: Option<Made>,
    },
    /// Set a line of the 保存期間表, or leave it to the program's proposal again.
    "retention.set" => SetRetention {
        /// Which line.
        line: Line,
        /// How long.
        #[serde(default)]
        term: Option<Term>,
    },
    /// Say what the content of a use is: 行政文書 or 個人的メモ.
    "record.classify" => ClassifyRecord {
        /// Of which use.
        #[serde(rename = "use")]
        of: UseId,
        /// What it is.
        status: Status,
        /// What retention asks of it: the program looks it up, no caller says it.
        #[serde(skip)]
        made: Option<Made>,
    },
    /// Let nothing of a scope be destroyed.
    "hold.place" => PlaceHold {
        /// What it is called.
        title: String,
        /// Why.
        ground: HoldGround,
        /// What it holds.
        #[serde(default)]
        scope: Scope,
    },
    /// End a hold.
    "hold.lift" => LiftHold {
        /// Which.
        hold: HoldId,
    },
    /// Draw up a list of content to be destroyed. The program counts the list.
    "disposal.draft" => DraftDisposal {
        /// As of which day.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        as_of: Date,
        /// The list.
        list: Listed,
        /// Position of the register on which it was counted.
        counted_at: u64,
    },
    /// Approve a list, as another person than the one who drew it up.
    "disposal.approve" => ApproveDisposal {
        /// Which.
        disposal: DisposalId,
        /// Number of the document by which somebody outside agreed, where that is needed.
        #[serde(default)]
        consent: String,
    },
    /// Do not approve a list.
    "disposal.refuse" => RefuseDisposal {
        /// Which.
        disposal: DisposalId,
    },
    /// Begin to destroy what an approved list holds. The program counts the list again.
    "disposal.begin" => BeginDisposal {
        /// Which.
        disposal: DisposalId,
        /// The list as counted now.
        list: Listed,
        /// Position of the register on which it was counted.
        counted_at: u64,
    },
    /// Write the certificate. The program counts what it destroyed.
    "disposal.complete" => CompleteDisposal {
        /// Which.
        disposal: DisposalId,
        /// What was destroyed.
        certificate: Certificate,
    },
    /// Take up a request for disclosure. Nothing of its scope is destroyed from now on.
    "disclosure.open" => OpenDisclosure {
        /// When it arrived.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        received: Date,
        /// What was asked for, without the name of who asked.
        asked: String,
        /// The uses it asks for.
        #[serde(default)]
        scope: Scope,
        /// Words of which one must stand in the content.
        #[serde(default)]
        words: Vec<String>,
    },
    /// Agree, as a second person, that the contents of the scope may be read by who opened the request.
    "disclosure.grant" => GrantDisclosure {
        /// Which.
        disclosure: DisclosureId,
    },
    /// Put on record what was handed out. The program makes the file.
    "disclosure.hand_out" => HandOutDisclosure {
        /// Which.
        disclosure: DisclosureId,
        /// What.
        what: HandedOut,
        /// Position of the register on which the scope was counted.
        counted_at: u64,
    },
    /// The request is answered.
    "disclosure.close" => CloseDisclosure {
        /// Which.
        disclosure: DisclosureId,
    },
}

impl Command {
    /// A step that speaks of a content the program itself has checked and keeps: only what holds the content gives it, never
    /// a caller of the API.
    pub fn speaks_of_content(&self) -> bool {
        match self {
            Self::StepCriteria(c) => !matches!(c.step, CriteriaStep::Close { .. }),
            Self::StepStatement(c) => matches!(c.step, StatementStep::Validate { .. } | StatementStep::Sign { .. }),
            Self::StepEngagement(c) => matches!(
                c.step,
                EngagementStep::Plan { .. }
                    | EngagementStep::RaiseFindings { .. }
                    | EngagementStep::Respond { .. }
                    | EngagementStep::SignOff { .. }
                    | EngagementStep::Report { .. }
            ),
            Self::StepMeeting(c) => matches!(c.step, MeetingStep::Decide { .. }),
            _ => Self::BY_PAGES_ONLY.contains(&self.name()),
        }
    }
}
