//! Commands: what people may ask the register to become, decided into events or refused.
//!
//! `decide` is pure. It runs under the ledger's single write lock on a register folded up to the head, so two approvers
//! can never both win.

mod accounts;
mod applications;
mod apps;
mod authority;
mod budgets;
mod content;
mod handlings;
mod list;
mod people;
mod permits;
mod records;
mod registrations;
mod rules;
mod services;

pub use list::*;

use crate::entry::Governance;
use crate::event::Event;
use crate::id::PersonId;
use crate::ismap::deciding::Acting;
use crate::ismap::{
    catalogue, change_notice, committee, engagement, filing, firm, incident, look_up, party, preliminary,
    rule_document, scheme, statement,
};
use crate::refusal::Refusal;
use crate::register::Register;
use jiff::Timestamp;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The installation itself: only to establish the body and its first administrator.
    Installation,
    /// A person.
    Person(PersonId),
}

/// The pseudonym under which the installation itself appears in the ledger.
pub const INSTALLATION: &str = "sekisho";

/// What a decision needs besides the register and the command. Time and fresh names are handed in.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Who acts.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// Why, in the actor's words.
    pub reason: String,
    /// SHA-256 of attached documents, lower-case hex.
    pub documents: Vec<String>,
    /// A unique text (a UUID will do) from which the identifier of whatever the command creates is made.
    pub fresh: String,
}

/// Decides a command: the entries to append, or a refusal that changes nothing.
///
/// A change of a service or of its ISMAP registration brings the suspension of every permit that rests on what changed,
/// in the same commit.
pub fn decide(register: &Register, occasion: &Occasion, command: Command) -> Result<Vec<Governance>, Refusal> {
    let command = authority::check(register, occasion, command)?;
    let (organization, sector) = match (&command, register.organization()) {
        (Command::EstablishOrganization(c), _) => (c.organization.clone(), c.sector),
        (_, Some(body)) => (body.organization.clone(), body.sector),
        (_, None) => {
            return Err(Refusal::wrong_state(
                "機関がまだ登録されていません。`sekisho demo` または `sekisho admin establish` から始めてください。",
                "the body is not established yet; start with `sekisho demo` or `sekisho admin establish`",
            ));
        }
    };
    let acting = || Acting::new(register, occasion);
    let own = match command {
        Command::EstablishOrganization(c) => people::establish(register, c)?,
        Command::PlaceDepartment(c) => people::place_department(register, c)?,
        Command::JoinPerson(c) => people::join(register, c)?,
        Command::MovePerson(c) => people::relocate(register, c)?,
        Command::LeavePerson(c) => people::leave(register, c)?,
        Command::ForgetPerson(c) => people::forget(register, c)?,
        Command::GrantRole(c) => people::grant(register, c)?,
        Command::WithdrawRole(c) => people::withdraw_role(register, c)?,
        Command::IssueKey(c) => people::issue_key(register, occasion, c)?,
        Command::RevokeKey(c) => people::revoke_key(register, c)?,
        Command::InviteAccount(c) => accounts::invite(register, occasion, c)?,
        Command::OpenAccount(c) => accounts::open(register, occasion, c)?,
        Command::EnrolSecondFactor(c) => accounts::enrol(register, occasion, c)?,
        Command::EnactRegulation(c) => rules::enact(c)?,
        Command::AdoptRules(c) => rules::adopt(register, c)?,
        Command::WithdrawRules(c) => rules::withdraw(register, c)?,
        Command::SetHandling(c) => handlings::set(c)?,
        Command::SetBudget(c) => budgets::set(register, occasion, c)?,
        Command::EndBudget(c) => budgets::end(register, occasion, c)?,
        Command::SetPrice(c) => budgets::set_price(register, occasion, c)?,
        Command::RegisterService(c) => services::register_service(register, c)?,
        Command::ChangeService(c) => services::change(register, c)?,
        Command::ChangeTerms(c) => services::change_terms(register, c)?,
        Command::WithdrawService(c) => services::withdraw(register, c)?,
        Command::OpenAdvisory(c) => services::open_advisory(register, c)?,
        Command::LiftAdvisory(c) => services::lift_advisory(register, c)?,
        Command::RecordConsultation(c) => services::record_consultation(register, c)?,
        Command::RecordRegistration(c) => registrations::record(register, occasion, c)?,
        Command::RecordList(c) => registrations::record_list(register, occasion, c)?,
        Command::ChangeRegistrationStatus(c) => registrations::change_status(register, occasion, c)?,
        Command::FileRenewal(c) => registrations::file_renewal(register, occasion, c)?,
        Command::RenewRegistration(c) => registrations::renew(register, c)?,
        Command::OpenIncident(c) => registrations::open_incident(register, c)?,
        Command::CloseIncident(c) => registrations::close_incident(register, c)?,
        Command::SubmitApplication(c) => applications::submit(register, occasion, c)?,
        Command::ReturnApplication(c) => applications::send_back(register, c)?,
        Command::ResubmitApplication(c) => applications::resubmit(register, occasion, c)?,
        Command::WithdrawApplication(c) => applications::withdraw(register, occasion, c)?,
        Command::RefuseApplication(c) => applications::refuse(register, occasion, c)?,
        Command::ApproveApplication(c) => applications::approve(register, occasion, c)?,
        Command::DecideRisk(c) => applications::decide_risk(register, occasion, c)?,
        Command::SuspendPermit(c) => permits::suspend(register, c)?,
        Command::ReapprovePermit(c) => permits::reapprove(register, occasion, c)?,
        Command::RevokePermit(c) => permits::revoke(register, c)?,
        Command::MeetCondition(c) => permits::meet_condition(register, occasion, c)?,
        Command::ShareApp(c) => apps::share(register, occasion, c)?,
        Command::UnshareApp(c) => apps::unshare(register, occasion, c)?,
        Command::StepParty(c) => party::decide(&acting(), c)?,
        Command::StepRuleDocument(c) => rule_document::decide(&acting(), c)?,
        Command::StepCriteria(c) => catalogue::decide(&acting(), c)?,
        Command::StepFirm(c) => firm::decide(&acting(), c)?,
        Command::StepStatement(c) => statement::decide(&acting(), c)?,
        Command::StepEngagement(c) => engagement::decide(&acting(), c)?,
        Command::StepPreliminary(c) => preliminary::decide(&acting(), c)?,
        Command::StepFiling(c) => filing::decide(&acting(), c)?,
        Command::StepMeeting(c) => committee::decide(&acting(), c)?,
        Command::StepIncident(c) => incident::decide(&acting(), c)?,
        Command::StepChangeNotice(c) => change_notice::decide(&acting(), c)?,
        Command::StepLookUp(c) => look_up::decide(&acting(), c)?,
        Command::StepAnnex(c) => look_up::decide_annex(&acting(), c)?,
        Command::SetScheme(c) => scheme::decide_settings(&acting(), c)?,
        Command::RequestContent(c) => content::request(register, c)?,
        Command::GrantContent(c) => content::grant(register, occasion, c)?,
        Command::EraseContent(c) => content::erase(register, c)?,
        Command::SetRetention(c) => records::set_retention(register, occasion, c)?,
        Command::ClassifyRecord(c) => records::classify(register, occasion, c)?,
        Command::PlaceHold(c) => records::place_hold(register, occasion, c)?,
        Command::LiftHold(c) => records::lift_hold(register, occasion, c)?,
        Command::DraftDisposal(c) => records::draft_disposal(register, occasion, c)?,
        Command::ApproveDisposal(c) => records::approve_disposal(register, occasion, c)?,
        Command::RefuseDisposal(c) => records::refuse_disposal(register, occasion, c)?,
        Command::BeginDisposal(c) => records::begin_disposal(register, c)?,
        Command::CompleteDisposal(c) => records::complete_disposal(register, c)?,
        Command::OpenDisclosure(c) => records::open_disclosure(register, occasion, c)?,
        Command::GrantDisclosure(c) => records::grant_disclosure(register, occasion, c)?,
        Command::HandOutDisclosure(c) => records::hand_out(register, occasion, c)?,
        Command::CloseDisclosure(c) => records::close_disclosure(register, occasion, c)?,
        Command::OpenShadowClient(c) => content::open_client(occasion, c)?,
    };
    let actor = match &occasion.actor {
        Actor::Person(person) => person.clone(),
        Actor::Installation => installation()?,
    };
    let entry = |event: Event, reason: String| Governance {
        actor: actor.clone(),
        at: occasion.at,
        organization: organization.clone(),
        reason,
        documents: occasion.documents.clone(),
        clause: event.clause_in(sector).to_owned(),
        event,
    };
    let suspended = permits::suspended_by(register, occasion, &own);
    let mut entries: Vec<Governance> = own.into_iter().map(|event| entry(event, occasion.reason.clone())).collect();
    for event in suspended {
        let reason = match &event {
            Event::PermitSuspended(e) => {
                format!("承認の前提が変わったため自動停止: {}", crate::permit::describe(&e.changes))
            }
            _ => occasion.reason.clone(),
        };
        entries.push(entry(event, reason));
    }
    Ok(entries)
}

fn installation() -> Result<PersonId, Refusal> {
    PersonId::new(INSTALLATION).map_err(bad_id)
}

/// An identifier made from a prefix and the occasion's fresh text.
fn fresh<T: std::str::FromStr<Err = crate::id::BadId>>(prefix: &str, occasion: &Occasion) -> Result<T, Refusal> {
    format!("{prefix}-{}", occasion.fresh).parse().map_err(bad_id)
}

fn bad_id(error: crate::id::BadId) -> Refusal {
    Refusal::invalid(
        format!("`{}` は識別子として使えません。英小文字・数字・`-`・`_`・`.` で 64 文字までにしてください。", error.0),
        error.to_string(),
    )
}

/// A text people must read: not blank, not a novel.
pub(crate) fn words(ja: &str, en: &str, text: &str, most: usize) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::invalid(format!("{ja}を入力してください。"), format!("{en} must not be empty")));
    }
    let length = text.chars().count();
    if length > most {
        return Err(Refusal::invalid(
            format!("{ja}が長すぎます（{length} 文字）。{most} 文字までにしてください。"),
            format!("{en} has {length} characters; at most {most} are allowed"),
        ));
    }
    Ok(())
}

/// A SHA-256 in lower-case hex.
pub(crate) fn digest(ja: &str, en: &str, text: &str) -> Result<(), Refusal> {
    if text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        Ok(())
    } else {
        Err(Refusal::invalid(
            format!("{ja}には SHA-256 を 16 進小文字 64 桁で指定してください。`sha256sum ファイル` で求められます。"),
            format!("{en} must be a SHA-256 in 64 lower-case hex digits; `sha256sum FILE` prints it"),
        ))
    }
}
