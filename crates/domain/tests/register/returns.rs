//! 報告 of the 申合せ: what is recorded of one that was sent, and what the register says is still owed.

use crate::town::{CLOUD, FREE, OWN, Town, day, draft, free, id, revoke, sha, terms};
use sekisho_domain::command::{AnswerReturn, Command, RecordConsultation, SendReturn, WithdrawService};
use sekisho_domain::decision::Evidence;
use sekisho_domain::event::{Event, ReturnSent};
use sekisho_domain::id::{PermitId, ReturnId};
use sekisho_domain::permit::Draft;
use sekisho_domain::returns::{Answer, Owed, Stage, Way, owed};
use sekisho_domain::service::{Consultation, ProvisionForm, Service};

const NEW: &str = "kakuu-new";

fn send(service: &str, permit: Option<&PermitId>, stage: Stage, on: &str) -> Command {
    Command::SendReturn(SendReturn {
        service: id(service),
        permit: permit.cloned(),
        stage,
        addressee: "架空の幹事会".into(),
        on: day(on),
        way: Way::Mail,
        reference: "架空第1号".into(),
        sha256: sha('f'),
    })
}

fn answer(of: &ReturnId, answer: Answer, on: &str) -> Command {
    Command::AnswerReturn(AnswerReturn { of: of.clone(), answer, on: day(on), reference: String::new() })
}

fn consult(service: &str, state: Consultation, on: &str) -> Command {
    Command::RecordConsultation(RecordConsultation {
        service: id(service),
        state,
        addressee: "架空の幹事会".into(),
        on: day(on),
    })
}

/// A town with another service of 個別契約 that nobody has reported.
fn considering() -> Town {
    let mut town = Town::ready();
    let service = Service {
        form: ProvisionForm::IndividualContract,
        ..crate::town::service(NEW, "kakuu-new-chat", Some(crate::town::terms_of(NEW, 'c')))
    };
    town.does("manager", Command::RegisterService(service));
    town
}

fn sent_in(events: &[Event]) -> ReturnSent {
    match &events[0] {
        Event::ReturnSent(sent) => sent.clone(),
        other => panic!("{other:?}"),
    }
}

/// What is owed: service, stage, since, whether of one permit.
fn due(town: &Town) -> Vec<(String, Stage, String, bool)> {
    let of = |one: Owed| (one.service.to_string(), one.stage, one.since.to_string(), one.permit.is_some());
    owed(&town.register, town.today()).into_iter().map(of).collect()
}

fn one(service: &str, stage: Stage, since: &str, permit: bool) -> Vec<(String, Stage, String, bool)> {
    vec![(service.to_owned(), stage, since.to_owned(), permit)]
}

#[test]
fn a_service_of_individual_contract_is_reported_while_it_is_considered() {
    let mut town = considering();
    assert_eq!(due(&town), one(NEW, Stage::Considering, "2026-11-22", false));
    let ground = owed(&town.register, town.today())[0].ground;
    assert_eq!((ground.rule, ground.evidence), ("MO-3", Evidence::P));
    let events = town.does("manager", send(NEW, None, Stage::Considering, "2026-11-22"));
    // One word of the user's: the consultation stands as reported.
    assert!(
        matches!(&events[1..], [Event::ConsultationRecorded(e)] if e.state == Consultation::Reported),
        "{events:?}"
    );
    assert_eq!(town.register.service(&id(NEW)).unwrap().consultation, Consultation::Reported);
    assert_eq!(due(&town), []);
}

#[test]
fn a_consent_is_recorded_once_from_either_side() {
    let mut town = considering();
    let sent = sent_in(&town.does("manager", send(NEW, None, Stage::Considering, "2026-11-20")));
    town.on("2026-12-01");
    let question = town.does("manager", answer(&sent.id, Answer::Question, "2026-11-25"));
    assert_eq!(question.len(), 1);
    assert!(town.register.return_record(&sent.id).unwrap().waits());
    // From the report: the service is consented to.
    let mut by_report = town.clone();
    let events = by_report.does("manager", answer(&sent.id, Answer::Consented, "2026-12-01"));
    assert!(matches!(&events[1..], [Event::ConsultationRecorded(e)] if e.state == Consultation::Consented));
    by_report.refused("manager", answer(&sent.id, Answer::Consented, "2026-12-01"), "WRONG_STATE");
    // From the service: the report is answered.
    let events = town.does("manager", consult(NEW, Consultation::Consented, "2026-12-01"));
    assert!(matches!(&events[1..], [Event::ReturnAnswered(e)] if e.of == sent.id && e.answer == Answer::Consented));
    for town in [&by_report, &town] {
        assert!(!town.register.return_record(&sent.id).unwrap().waits());
        assert_eq!(town.register.service(&id(NEW)).unwrap().consultation, Consultation::Consented);
    }
    // A consultation recorded without any report needs none, and a service that was reported so owes nothing.
    let mut plain = considering();
    assert_eq!(plain.does("manager", consult(NEW, Consultation::Consented, "2026-11-20")).len(), 1);
    assert_eq!(due(&plain), []);
}

#[test]
fn the_use_of_standard_terms_is_reported_for_every_permit() {
    let mut town = Town::ready();
    let permit = town.permit_for(draft(FREE));
    assert_eq!(due(&town), one(FREE, Stage::InUse, "2026-11-22", true));
    assert_eq!(owed(&town.register, town.today())[0].ground.rule, "MO-2");
    // On one permit: that one alone is told.
    let mut each = town.clone();
    each.does("manager", send(FREE, Some(&permit), Stage::InUse, "2026-11-22"));
    assert_eq!(due(&each), []);
    each.on("2026-11-24");
    each.permit_for(Draft { purpose: "別の業務".into(), from: day("2026-12-01"), ..draft(FREE) });
    assert_eq!(due(&each), [], "a use that has not begun is no use");
    each.on("2026-12-01");
    assert_eq!(due(&each), one(FREE, Stage::InUse, "2026-12-01", true));
    // On the service: all permits that were there then, and none that came later.
    town.does("manager", send(FREE, None, Stage::InUse, "2026-11-22"));
    assert_eq!(due(&town), []);
    town.on("2026-11-24");
    town.permit_for(Draft { purpose: "別の業務".into(), from: day("2026-11-24"), ..draft(FREE) });
    assert_eq!(due(&town), one(FREE, Stage::InUse, "2026-11-24", true));
    // A text that is older than the permit cannot have told of it, whenever it is recorded.
    town.does("manager", send(FREE, None, Stage::InUse, "2026-11-23"));
    assert_eq!(due(&town), one(FREE, Stage::InUse, "2026-11-24", true));
}

#[test]
fn what_changed_or_ended_after_a_report_is_owed_as_our_own_guide_and_no_rule_of_theirs() {
    let mut town = Town::ready();
    let permit = town.permit_for(draft(FREE));
    town.does("manager", terms(FREE, 'c'));
    assert_eq!(due(&town).len(), 1, "nothing was told yet that could have changed: {:?}", due(&town));
    town.on("2026-11-23");
    town.does("manager", send(FREE, None, Stage::InUse, "2026-11-23"));
    town.on("2026-11-25");
    town.does("manager", terms(FREE, 'd'));
    town.on("2026-11-26");
    town.does("manager", Command::ChangeService(Service { region: "us".into(), ..free() }));
    assert_eq!(due(&town), one(FREE, Stage::Changed, "2026-11-25", false));
    let ground = owed(&town.register, town.today())[0].ground;
    assert!(ground.evidence == Evidence::D && ground.clause.is_empty(), "{ground:?}");
    town.does("manager", send(FREE, None, Stage::Changed, "2026-11-26"));
    assert_eq!(due(&town), []);
    town.on("2026-11-27");
    town.does("approver", revoke(&permit));
    assert_eq!(due(&town), one(FREE, Stage::Ended, "2026-11-27", true));
    town.does("manager", Command::WithdrawService(WithdrawService { service: id(FREE) }));
    assert_eq!(due(&town), one(FREE, Stage::Ended, "2026-11-27", false));
    // The report of the end is recorded though the service is gone.
    town.does("manager", send(FREE, None, Stage::Ended, "2026-11-27"));
    assert_eq!(due(&town), []);
}

#[test]
fn a_permit_that_ran_out_has_ended_unless_another_one_continues_it() {
    let mut town = Town::ready();
    town.permit_for(draft(FREE));
    town.does("manager", send(FREE, None, Stage::InUse, "2026-11-22"));
    town.on("2027-03-31");
    assert_eq!(due(&town), []);
    let mut continued = town.clone();
    continued.permit_for(Draft { from: day("2027-03-31"), until: day("2027-09-30"), ..draft(FREE) });
    town.on("2027-04-01");
    assert_eq!(due(&town), one(FREE, Stage::Ended, "2027-04-01", true));
    continued.on("2027-04-01");
    assert_eq!(due(&continued), one(FREE, Stage::InUse, "2027-03-31", true));
}

#[test]
fn what_cannot_have_been_sent_is_refused_with_a_way_out() {
    let mut town = considering();
    for who in ["staff", "approver", "caio", "auditor"] {
        town.refused(who, send(NEW, None, Stage::Considering, "2026-11-22"), "NOT_ALLOWED");
    }
    town.refused("manager", send(NEW, None, Stage::Considering, "2026-11-23"), "INVALID");
    town.refused("manager", send(OWN, None, Stage::InUse, "2026-11-22"), "INVALID");
    town.refused("manager", send("no-such", None, Stage::InUse, "2026-11-22"), "UNKNOWN");
    let permit = town.permit_for(draft(FREE));
    town.refused("manager", send(CLOUD, Some(&permit), Stage::InUse, "2026-11-22"), "UNKNOWN");
    town.refused("manager", send(FREE, Some(&permit), Stage::Considering, "2026-11-22"), "INVALID");
    let sent = sent_in(&town.does("manager", send(FREE, Some(&permit), Stage::InUse, "2026-11-21")));
    town.refused("manager", answer(&sent.id, Answer::Received, "2026-11-20"), "INVALID");
    town.refused("manager", answer(&sent.id, Answer::Consented, "2026-11-22"), "INVALID");
    town.refused("manager", answer(&id("return-none"), Answer::Received, "2026-11-22"), "UNKNOWN");
    town.does("manager", answer(&sent.id, Answer::Received, "2026-11-22"));
    assert!(!town.register.return_record(&sent.id).unwrap().waits());
}

/// Given a 地方公共団体, then nothing is owed and nothing is recorded: the 申合せ is one of ministries.
#[test]
fn a_municipality_owes_no_report_of_the_agreement() {
    let mut town = considering();
    let mut entry = town.entries[0].clone();
    let Event::OrganizationEstablished(body) = &mut entry.event else { panic!("{entry:?}") };
    body.sector = sekisho_domain::organization::Sector::Municipal;
    let position = town.register.position();
    town.register.apply(position, &entry).unwrap();
    assert_eq!(due(&town), []);
    // Said without the town's own bookkeeping, whose entries are those of a ministry.
    let occasion = town.occasion(sekisho_domain::command::Actor::Person(id("manager")));
    let refusal =
        sekisho_domain::command::decide(&town.register, &occasion, send(NEW, None, Stage::Considering, "2026-11-22"));
    assert_eq!(refusal.unwrap_err().code, "INVALID");
}
