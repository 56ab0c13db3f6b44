//! Who may do what: roles of 統一基準R3 4.2.2, and the installation itself for the first steps.

use super::{Actor, Command, Occasion};
use crate::person::Role::{self, Administrator, Approver, Auditor, Caio, Ciso, RecordsManager, ServiceManager};
use crate::refusal::Refusal;
use crate::register::Register;

/// The roles of which the actor needs one; empty means any active person.
fn needed(command: &Command) -> &'static [Role] {
    match command {
        Command::EstablishOrganization(_) => &[],
        Command::PlaceDepartment(_)
        | Command::JoinPerson(_)
        | Command::MovePerson(_)
        | Command::LeavePerson(_)
        | Command::ForgetPerson(_)
        | Command::GrantRole(_)
        | Command::WithdrawRole(_)
        | Command::IssueKey(_)
        | Command::RevokeKey(_)
        | Command::InviteAccount(_) => &[Administrator],
        Command::EnactRegulation(_) | Command::AdoptRules(_) | Command::WithdrawRules(_) | Command::SetHandling(_) => {
            &[Ciso]
        }
        Command::RegisterService(_)
        | Command::ChangeService(_)
        | Command::ChangeTerms(_)
        | Command::WithdrawService(_)
        | Command::OpenAdvisory(_)
        | Command::LiftAdvisory(_)
        | Command::RecordConsultation(_)
        | Command::SendReturn(_)
        | Command::AnswerReturn(_)
        | Command::RecordRegistration(_)
        | Command::RecordList(_)
        | Command::ChangeRegistrationStatus(_)
        | Command::FileRenewal(_)
        | Command::RenewRegistration(_)
        | Command::OpenIncident(_)
        | Command::CloseIncident(_) => &[ServiceManager, Administrator, Ciso],
        Command::SubmitApplication(_)
        | Command::ResubmitApplication(_)
        | Command::WithdrawApplication(_)
        | Command::OpenAccount(_)
        | Command::EnrolSecondFactor(_)
        | Command::UnshareApp(_)
        | Command::CompleteChecklist(_)
        | Command::RetractStory(_) => &[],
        // The applicant, too, answers the sheet and advice; whoever notices reports a case. The rest is decided with it.
        Command::AnswerRisk(_) | Command::StepRiskBoard(_) | Command::StepRiskCase(_) => &[],
        // Who may take which step of the scheme is decided with the step: it hangs on the party.
        Command::StepParty(_)
        | Command::StepRuleDocument(_)
        | Command::StepCriteria(_)
        | Command::StepFirm(_)
        | Command::StepStatement(_)
        | Command::StepEngagement(_)
        | Command::StepPreliminary(_)
        | Command::StepFiling(_)
        | Command::StepMeeting(_)
        | Command::StepIncident(_)
        | Command::StepChangeNotice(_)
        | Command::StepLookUp(_)
        | Command::StepAnnex(_)
        | Command::SetScheme(_) => &[],
        Command::SetBudget(_) | Command::EndBudget(_) | Command::SetPrice(_) => &[ServiceManager, Ciso],
        Command::ShareApp(_) => &[ServiceManager, Approver],
        Command::OpenSurvey(_) | Command::CloseSurvey(_) => &[Ciso, Caio, ServiceManager],
        Command::PublishStory(_) => &[ServiceManager, Approver, Ciso, Caio],
        Command::ReturnApplication(_)
        | Command::RefuseApplication(_)
        | Command::ApproveApplication(_)
        | Command::ReapprovePermit(_)
        | Command::MeetCondition(_) => &[Approver],
        Command::DecideRisk(_) | Command::JudgeRisk(_) | Command::AdoptRiskTable(_) | Command::SetRiskClocks(_) => {
            &[Caio]
        }
        Command::AdoptQuestionSet(_) => &[Caio, Ciso],
        Command::SuspendPermit(_) | Command::RevokePermit(_) => &[Approver, Ciso, ServiceManager],
        Command::RequestContent(_) | Command::GrantContent(_) | Command::OpenShadowClient(_) => &[Auditor, Ciso],
        Command::EraseContent(_) => &[Ciso],
        Command::SetRetention(_)
        | Command::DraftDisposal(_)
        | Command::BeginDisposal(_)
        | Command::CompleteDisposal(_)
        | Command::OpenDisclosure(_)
        | Command::HandOutDisclosure(_)
        | Command::CloseDisclosure(_) => &[RecordsManager],
        Command::PlaceHold(_) | Command::LiftHold(_) => &[RecordsManager, Ciso, Auditor],
        Command::ApproveDisposal(_) | Command::RefuseDisposal(_) => &[RecordsManager, Ciso],
        // One's own records; those of others are the 文書管理者's, which is decided with the command.
        Command::ClassifyRecord(_) => &[],
        Command::GrantDisclosure(_) => &[Auditor, Ciso],
    }
}

/// Steps of the scheme, and one's own account.
fn is_for_outsiders(command: &Command) -> bool {
    matches!(
        command,
        Command::OpenAccount(_)
            | Command::EnrolSecondFactor(_)
            | Command::StepParty(_)
            | Command::StepFirm(_)
            | Command::StepStatement(_)
            | Command::StepEngagement(_)
            | Command::StepPreliminary(_)
            | Command::StepFiling(_)
            | Command::StepIncident(_)
            | Command::StepChangeNotice(_)
            | Command::StepAnnex(_)
    )
}

/// Lets the command through when the actor may give it.
///
/// Before an administrator exists the installation may place departments and people and grant the first roles; after
/// that it may do nothing, so that a program with the disk in its hands cannot quietly govern.
pub(super) fn check(register: &Register, occasion: &Occasion, command: Command) -> Result<Command, Refusal> {
    let person = match &occasion.actor {
        Actor::Installation => {
            let first_steps = matches!(
                command,
                Command::EstablishOrganization(_)
                    | Command::PlaceDepartment(_)
                    | Command::JoinPerson(_)
                    | Command::GrantRole(_)
                    | Command::IssueKey(_)
                    | Command::InviteAccount(_)
            );
            if first_steps && !register.is_administered() {
                return Ok(command);
            }
            return Err(Refusal::new(
                "NOT_ALLOWED",
                "管理者がいる環境では、この操作は管理者の鍵で行ってください。",
                "the installation already has an administrator; give this command with the administrator's key",
            ));
        }
        Actor::Person(person) => person,
    };
    // Whoever acts for a provider or an audit firm is no staff of the body: they neither apply for a use nor govern.
    if register.scheme().is_outsider(person) && !is_for_outsiders(&command) {
        return Err(Refusal::new(
            "NOT_ALLOWED",
            "事業者または監査機関の立場で登録されている人は、機関の手続を行えません。機関の職員に依頼してください。",
            "people who act for a provider or an audit firm do nothing of the body's; ask its staff",
        ));
    }
    let active = register.person(person).is_some_and(|p| p.active);
    let needed = needed(&command);
    let establishes = matches!(command, Command::EstablishOrganization(_));
    if active && !establishes && (needed.is_empty() || register.holds_any(person, needed)) {
        return Ok(command);
    }
    let names = needed.iter().map(|r| r.label()).collect::<Vec<_>>().join("・");
    Err(Refusal::new(
        "NOT_ALLOWED",
        if needed.is_empty() {
            "この操作はできません。".to_owned()
        } else {
            format!("この操作には {names} の役割が必要です。役割を持つ人に依頼してください。")
        },
        if needed.is_empty() {
            "you may not do this".to_owned()
        } else {
            format!("this needs one of the roles {needed:?}; ask someone who holds it").to_lowercase()
        },
    ))
}
