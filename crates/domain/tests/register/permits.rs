//! 承認 after its day: its period, suspension by hand, re-approval, revocation and conditions.

use crate::town::{
    CLOUD, FREE, NUMBER, OWN, RULE_2B, Town, approve, draft, id, met, permit_in, reapprove, request, revoke, sha,
    submit, suspend,
};
use sekisho_domain::command::{CloseIncident, Command, OpenIncident};
use sekisho_domain::decision::PermitStanding::{Active, Expired, NotYet, Revoked, Suspended};
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::{Draft, PermitState};
use sekisho_domain::replay;
use sekisho_domain::usage::UseRequest;

#[test]
fn given_a_period_then_it_begins_and_ends_with_the_days_of_japan() {
    let mut town = Town::ready();
    let permit = town.permit_for(Draft {
        from: crate::town::day("2026-12-01"),
        until: crate::town::day("2026-12-02"),
        ..draft(CLOUD)
    });
    for (at, standing, answer) in [
        ("2026-11-30T14:59:59Z", NotYet, "NO_APPROVAL"),
        ("2026-11-30T15:00:00Z", Active, "allow"),
        ("2026-12-02T14:59:59.999999999Z", Active, "allow"),
        ("2026-12-02T15:00:00Z", Expired, "NO_APPROVAL"),
    ] {
        town.now = at.parse().unwrap();
        assert_eq!(town.standing(&permit), standing, "{at}");
        assert_eq!(town.answer("staff", "kakuu-chat", 1), answer, "{at}");
    }
}

#[test]
fn given_a_permit_in_force_when_it_is_suspended_by_hand_then_it_stops_without_a_change_to_name() {
    for who in ["approver", "ciso", "manager"] {
        let (mut town, permit) = Town::permitted();
        let events = town.does(who, suspend(&permit));
        assert!(matches!(&events[..], [Event::PermitSuspended(e)] if e.changes.is_empty()));
        assert_eq!(town.entries.last().unwrap().reason, "業務のため");
        assert_eq!(town.standing(&permit), Suspended);
        assert_eq!(town.answer("staff", "kakuu-chat", 0), "PERMIT_SUSPENDED");
        town.refused("approver", suspend(&permit), "WRONG_STATE");
        town.does("approver", reapprove(&permit));
        assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
        town.refused("approver", reapprove(&permit), "WRONG_STATE");
    }
}

#[test]
fn given_an_approver_who_applied_then_another_approves_again_and_declares_conditions_met() {
    let mut town = Town::ready();
    let Event::ApplicationSubmitted(e) = town.does("approver", submit(draft(CLOUD))).remove(0) else { panic!() };
    let permit = permit_in(&town.does("approver-2", approve(&e.application)));
    town.does("approver", suspend(&permit));
    let refusal = town.refused("approver", reapprove(&permit), "SEPARATION_OF_DUTIES");
    assert_eq!(refusal.clause, Some(RULE_2B));
    town.refused("approver", met(&permit, "INCIDENT_OPEN", "2026-12-01"), "SEPARATION_OF_DUTIES");
    town.does("approver-2", reapprove(&permit));
    town.does("approver-2", met(&permit, "INCIDENT_OPEN", "2026-12-01"));
}

#[test]
fn given_a_revoked_permit_then_nothing_brings_it_back() {
    let (mut town, permit) = Town::permitted();
    town.does("ciso", revoke(&permit));
    assert_eq!(town.register.permit(&permit).unwrap().state, PermitState::Revoked);
    for command in [reapprove(&permit), suspend(&permit), revoke(&permit)] {
        town.refused("approver", command, "WRONG_STATE");
    }
    assert_eq!(town.answer("staff", "kakuu-chat", 0), "NO_APPROVAL");
    town.on("2027-06-01");
    assert_eq!(town.standing(&permit), Revoked);

    let (mut town, permit) = Town::permitted();
    town.does("approver", suspend(&permit));
    town.does("manager", revoke(&permit));
    town.refused("approver", reapprove(&permit), "WRONG_STATE");
}

#[test]
fn given_an_expired_permit_then_it_is_not_approved_again() {
    let (mut town, permit) = Town::permitted();
    town.does("approver", suspend(&permit));
    town.on("2027-03-31");
    assert_eq!(town.standing(&permit), Suspended);
    town.clone().does("approver", reapprove(&permit));
    town.on("2027-04-01");
    assert_eq!(town.standing(&permit), Expired);
    town.refused("approver", reapprove(&permit), "WRONG_STATE");
}

#[test]
fn given_no_such_permit_then_every_step_says_so() {
    let mut town = Town::ready();
    let none = id("pm-none");
    for command in [suspend(&none), reapprove(&none), revoke(&none), met(&none, "INCIDENT_OPEN", "2026-12-01")] {
        town.refused("approver", command, "UNKNOWN");
    }
}

#[test]
fn given_a_condition_when_it_is_met_then_it_counts_up_to_its_day() {
    let (mut town, permit) = Town::permitted();
    let incident = "漏えいの疑い".to_owned();
    let number = NUMBER.to_owned();
    town.does("manager", Command::OpenIncident(OpenIncident { number: number.clone(), incident: incident.clone() }));
    assert_eq!(town.answer("staff", "kakuu-chat", 0), "INCIDENT_OPEN");
    for (code, until) in [
        ("INCIDENT_OPEN", "2026-11-21"),
        ("INCIDENT_OPEN", "2027-04-01"),
        ("NO_APPROVAL", "2026-12-10"),
        ("CAIO_REVIEW", "2026-12-10"),
        ("", "2026-12-10"),
    ] {
        town.refused("approver", met(&permit, code, until), "INVALID");
    }
    town.does("approver", met(&permit, "RENEWAL_PENDING", "2026-12-10"));
    assert_eq!(town.answer("staff", "kakuu-chat", 0), "INCIDENT_OPEN", "another condition than the one met");
    town.does("approver", met(&permit, "INCIDENT_OPEN", "2026-12-10"));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    town.now = "2026-12-10T14:59:59Z".parse().unwrap();
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    town.now = "2026-12-10T15:00:00Z".parse().unwrap();
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "INCIDENT_OPEN");
    town.does("manager", Command::CloseIncident(CloseIncident { number, incident }));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
}

#[test]
fn given_several_permits_then_the_one_that_allows_is_found_and_a_named_one_is_taken_as_it_is() {
    let mut town = Town::ready();
    let low = town.permit_for(Draft { ceiling: Grade(0), purpose: "翻訳".into(), ..draft(CLOUD) });
    let high = town.permit_for(draft(CLOUD));
    let mut request = request(town.now, "staff", "kakuu-chat", 0);
    let found = |town: &Town, request: &UseRequest| replay::decide(&town.register, request);
    assert_eq!(found(&town, &request).0.permit, Some(low.clone()), "the lowest that suffices");
    request.declared = Grade(1);
    assert_eq!(found(&town, &request).0.permit, Some(high.clone()));
    request.permit = Some(low.clone());
    assert_eq!(found(&town, &request).1.code(), Some("GRADE_CEILING"));
    request.permit = None;
    town.does("approver", suspend(&high));
    assert_eq!(found(&town, &request).1.code(), Some("GRADE_CEILING"), "an active one goes before a suspended one");
    request.declared = Grade(0);
    request.purpose = Some("答弁案の要約".into());
    assert_eq!(found(&town, &request).1.code(), Some("PERMIT_SUSPENDED"), "the purpose narrows the choice");
    request.purpose = Some("採用の審査".into());
    assert_eq!(found(&town, &request).1.code(), Some("NO_APPROVAL"));
    request.permit = Some(low);
    assert_eq!(found(&town, &request).1.code(), Some("NO_APPROVAL"));
    request.permit = Some(id("pm-none"));
    assert_eq!(found(&town, &request).1.code(), Some("NO_APPROVAL"));
}

#[test]
fn given_one_permit_on_two_services_then_it_opens_both_and_no_third() {
    let mut town = Town::ready();
    let both = Draft {
        services: [id(CLOUD), id(FREE)].into(),
        terms_read: [(id(CLOUD), sha('a')), (id(FREE), sha('b'))].into(),
        ..draft(CLOUD)
    };
    let permit = town.permit_for(both);
    assert_eq!(town.register.permit(&permit).unwrap().basis.len(), 2);
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    assert_eq!(town.answer("staff", "kakuu-open", 0), "allow");
    assert_eq!(town.answer("staff", "kakuu-open", 1), "STANDARD_TERMS");
    assert_eq!(town.answer("staff", "kakuu-local", 0), "NO_APPROVAL");
    let mut named = request(town.now, "staff", "kakuu-local", 0);
    named.permit = Some(permit);
    assert_eq!(replay::decide(&town.register, &named).1.code(), Some("NO_APPROVAL"));
    assert_eq!(town.register.permits_on(&id(OWN)).count(), 0);
}
