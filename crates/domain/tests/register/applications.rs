//! 利用申請: from the regulation to the permit (統一基準R3 4.2.2).

use crate::town::{
    CLOUD, FREE, OWN, RULE_1A, RULE_2A, RULE_2B, Town, approve, approve_until, day, decide_risk, draft, enact, grant,
    id, join, leave, permit_in, picture, refuse, resubmit, send_back, sha, submit, terms, withdraw,
};
use sekisho_domain::command::{Actor, Command, WithdrawService, decide};
use sekisho_domain::decision::RiskStanding;
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::{ApplicationState, Draft, RiskSheet, UserRange};
use sekisho_domain::person::Role;
use sekisho_domain::regulation::Part;

fn state(town: &Town, application: &sekisho_domain::id::ApplicationId) -> ApplicationState {
    town.register.application(application).unwrap().state.clone()
}

#[test]
fn given_a_regulation_with_missing_parts_when_someone_applies_then_the_refusal_names_them_and_the_clause() {
    let mut town = Town::founded();
    town.does("manager", Command::RegisterService(crate::town::own()));
    for (at, part) in Part::ALL.into_iter().enumerate() {
        let refusal = town.refused("staff", submit(draft(OWN)), "REGULATION_INCOMPLETE");
        assert_eq!(refusal.clause, Some(RULE_1A));
        for (other_at, other) in Part::ALL.into_iter().enumerate() {
            assert_eq!(refusal.ja.contains(other.label()), other_at >= at, "{refusal:?}");
        }
        town.does("ciso", enact(part));
    }
    town.does("staff", submit(draft(OWN)));
}

#[test]
fn given_the_whole_regulation_when_someone_applies_then_it_waits_under_its_own_name() {
    let mut town = Town::ready();
    let first = town.apply_for(draft(CLOUD));
    let second = town.apply_for(draft(CLOUD));
    assert_ne!(first, second);
    assert_eq!(state(&town, &first), ApplicationState::Submitted);
    assert_eq!(town.register.application(&first).unwrap().applicant, id("staff"));
    assert_eq!(town.answer("staff", "kakuu-chat", 0), "NO_APPROVAL");
}

#[test]
fn given_someone_unknown_or_no_person_at_all_when_they_apply_then_it_is_refused() {
    let mut town = Town::ready();
    town.refused("nobody", submit(draft(CLOUD)), "NOT_ALLOWED");
    assert_eq!(town.installation(submit(draft(CLOUD))).unwrap_err().code, "NOT_ALLOWED");
}

#[test]
fn given_an_application_that_does_not_hold_what_it_must_then_it_is_refused() {
    type Edit = fn(&mut Draft);
    let cases: [(&str, Edit); 17] = [
        ("INVALID", |d| d.purpose = " \n".into()),
        ("INVALID", |d| d.purpose = "字".repeat(201)),
        ("INVALID", |d| d.risk_statement.clear()),
        ("INVALID", |d| d.risk_statement = "字".repeat(2_001)),
        ("INVALID", |d| d.services.clear()),
        ("INVALID", |d| d.services = (0..21).map(|n| id(&format!("s{n}"))).collect()),
        ("INVALID", |d| d.users = UserRange::default()),
        ("UNKNOWN", |d| d.users.people = [id("nobody")].into()),
        ("UNKNOWN", |d| d.users.departments = [id("nowhere")].into()),
        ("UNKNOWN", |d| d.services = [id("nothing")].into()),
        ("INVALID", |d| d.ceiling = Grade(3)),
        ("INVALID", |d| d.until = day("2026-11-21")),
        ("INVALID", |d| d.from = day("2027-04-01")),
        ("INVALID", |d| d.risk = Some(RiskSheet { users: 4, work: 0, learning: 0, judgement: 0 })),
        ("TERMS_NOT_READ", |d| d.terms_read.clear()),
        ("TERMS_NOT_READ", |d| d.terms_read = [(id(CLOUD), sha('9'))].into()),
        ("TERMS_NOT_READ", |d| d.services = [id(CLOUD), id(FREE)].into()),
    ];
    let mut town = Town::ready();
    for (at, (code, edit)) in cases.into_iter().enumerate() {
        let mut bad = draft(CLOUD);
        edit(&mut bad);
        let refusal = town.tries("staff", submit(bad)).expect_err(&format!("case {at}"));
        assert_eq!(refusal.code, code, "case {at}: {refusal:?}");
    }
    town.does("staff", submit(draft(CLOUD)));
}

#[test]
fn given_the_bounds_of_an_application_then_they_themselves_are_accepted() {
    let mut town = Town::ready();
    let one_day = Draft { until: day("2026-11-22"), ceiling: Grade(2), ..draft(CLOUD) };
    let full = Draft { purpose: "字".repeat(200), risk_statement: "字".repeat(2_000), ..draft(CLOUD) };
    for good in [one_day, full] {
        town.does("staff", submit(good));
    }
}

#[test]
fn given_a_leaver_in_the_user_range_then_the_application_is_refused() {
    let mut town = Town::ready();
    town.does("admin", leave("outsider"));
    let mut named = draft(CLOUD);
    named.users.people = [id("outsider")].into();
    town.refused("staff", submit(named), "WRONG_STATE");
}

#[test]
fn given_terms_that_changed_after_they_were_read_then_neither_application_nor_approval_stands_on_them() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    town.does("manager", terms(CLOUD, 'c'));
    let refusal = town.refused("staff", submit(draft(CLOUD)), "TERMS_NOT_READ");
    assert_eq!(refusal.clause, Some(RULE_2A));
    assert!(refusal.ja.contains(&sha('c')) && refusal.en.contains(&sha('c')), "{refusal:?}");
    town.refused("approver", approve(&application), "TERMS_NOT_READ");

    town.does("approver", send_back(&application));
    town.refused("staff", resubmit(&application, draft(CLOUD)), "TERMS_NOT_READ");
    let read = Draft { terms_read: [(id(CLOUD), sha('c'))].into(), ..draft(CLOUD) };
    town.does("staff", resubmit(&application, read));
    town.does("approver", approve(&application));
}

#[test]
fn given_a_service_the_body_runs_itself_then_there_are_no_terms_to_read() {
    let mut town = Town::ready();
    town.permit_for(draft(OWN));
    assert_eq!(town.answer("staff", "kakuu-local", 1), "allow");
}

#[test]
fn given_an_approver_who_applies_then_another_must_approve() {
    let mut town = Town::ready();
    let Event::ApplicationSubmitted(e) = town.does("approver", submit(draft(CLOUD))).remove(0) else { panic!() };
    let refusal = town.refused("approver", approve(&e.application), "SEPARATION_OF_DUTIES");
    assert_eq!(refusal.clause, Some(RULE_2B));
    let permit = permit_in(&town.does("approver-2", approve(&e.application)));
    assert_eq!(town.register.permit(&permit).unwrap().approver, id("approver-2"));
}

#[test]
fn given_an_application_when_it_is_approved_then_the_permit_says_who_what_and_on_what_ground() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    let permit = permit_in(&town.does("approver", approve_until(&application, day("2027-01-15"))));
    assert_eq!(state(&town, &application), ApplicationState::Approved { permit: permit.clone() });
    let permit = town.register.permit(&permit).unwrap();
    assert_eq!((&permit.approver, &permit.manager), (&id("approver"), &id("manager")));
    assert_eq!((&permit.application, &permit.draft), (&application, &draft(CLOUD)));
    assert_eq!((permit.review_on, permit.conditions.len()), (day("2027-01-15"), 1));
    let basis = &permit.basis[&id(CLOUD)];
    assert_eq!(basis.terms, Some(sha('a')));
    assert_eq!((basis.region.as_str(), basis.governing_law.as_str()), ("jp", "JP"));
    assert_eq!(town.entries.last().unwrap().event.clause(), RULE_2B);
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
}

#[test]
fn given_an_application_when_it_is_returned_then_the_applicant_mends_it_and_it_is_approved() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    town.refused("staff", resubmit(&application, draft(CLOUD)), "WRONG_STATE");
    town.does("approver", send_back(&application));
    assert_eq!(state(&town, &application), ApplicationState::Returned);
    town.refused("approver", approve(&application), "WRONG_STATE");
    town.refused("approver", refuse(&application), "WRONG_STATE");
    town.refused("approver", send_back(&application), "WRONG_STATE");
    town.refused("colleague", resubmit(&application, draft(CLOUD)), "NOT_ALLOWED");
    let mended = Draft { purpose: "会議録の要約".into(), ..draft(CLOUD) };
    town.does("staff", resubmit(&application, mended.clone()));
    let permit = permit_in(&town.does("approver", approve(&application)));
    assert_eq!(town.register.permit(&permit).unwrap().draft, mended);
}

#[test]
fn given_an_application_when_it_is_refused_then_a_reason_is_needed_and_it_is_over() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    town.reason = "  ".into();
    town.refused("approver", refuse(&application), "INVALID");
    town.reason = "目的が広すぎる".into();
    town.does("approver", refuse(&application));
    assert_eq!(town.entries.last().unwrap().reason, "目的が広すぎる");
    assert_eq!(state(&town, &application), ApplicationState::Refused);
    town.refused("approver-2", approve(&application), "WRONG_STATE");
    town.refused("staff", resubmit(&application, draft(CLOUD)), "WRONG_STATE");
    town.refused("staff", withdraw(&application), "WRONG_STATE");
}

#[test]
fn given_an_application_then_only_the_applicant_takes_it_back_and_only_before_a_decision() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    for who in ["colleague", "approver", "admin"] {
        town.refused(who, withdraw(&application), "NOT_ALLOWED");
    }
    town.does("staff", withdraw(&application));
    assert_eq!(state(&town, &application), ApplicationState::Withdrawn);
    town.refused("staff", withdraw(&application), "WRONG_STATE");
    town.refused("approver", approve(&application), "WRONG_STATE");

    let returned = town.apply_for(draft(CLOUD));
    town.does("approver", send_back(&returned));
    town.does("staff", withdraw(&returned));

    let approved = town.apply_for(draft(CLOUD));
    town.does("approver", approve(&approved));
    town.refused("staff", withdraw(&approved), "WRONG_STATE");
}

#[test]
fn given_no_such_application_then_every_step_says_so() {
    let mut town = Town::ready();
    let none = id("ap-none");
    for command in [approve(&none), refuse(&none), send_back(&none)] {
        town.refused("approver", command, "UNKNOWN");
    }
    town.refused("staff", withdraw(&none), "UNKNOWN");
    town.refused("staff", resubmit(&none, draft(CLOUD)), "UNKNOWN");
    town.refused("caio", decide_risk(&none, true), "UNKNOWN");
}

/// Under the ledger's lock the second is decided on a register that holds the first.
#[test]
fn given_two_deciders_on_one_register_then_only_the_first_wins() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    let of_approver: [fn(&sekisho_domain::id::ApplicationId) -> Command; 3] = [approve, refuse, send_back];
    let steps = |who: &'static str| of_approver.iter().map(move |step| (who, step));
    for (first_who, first) in steps("approver") {
        for (second_who, second) in steps("approver-2") {
            let mut town = town.clone();
            // On the register both look at, both would pass.
            for (who, step) in [(first_who, first), (second_who, second)] {
                let occasion = town.occasion(Actor::Person(id(who)));
                assert!(decide(&town.register, &occasion, step(&application)).is_ok());
            }
            town.does(first_who, first(&application));
            town.refused(second_who, second(&application), "WRONG_STATE");
            assert!(town.register.permits().count() <= 1);
        }
        let mut town = town.clone();
        town.does("staff", withdraw(&application));
        town.refused(first_who, first(&application), "WRONG_STATE");
    }
}

#[test]
fn given_a_review_date_then_it_lies_between_today_and_the_end() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    for outside in ["2026-11-21", "2027-04-01"] {
        town.refused("approver", approve_until(&application, day(outside)), "INVALID");
    }
    for inside in ["2026-11-22", "2027-03-31"] {
        town.clone().does("approver", approve_until(&application, day(inside)));
    }
}

#[test]
fn given_a_review_date_then_today_is_the_day_in_japan() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    town.now = "2026-11-22T14:59:59Z".parse().unwrap();
    town.clone().does("approver", approve_until(&application, day("2026-11-22")));
    town.now = "2026-11-22T15:00:00Z".parse().unwrap();
    town.refused("approver", approve_until(&application, day("2026-11-22")), "INVALID");
}

#[test]
fn given_an_approval_then_its_manager_holds_that_role_and_is_there() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    let with = |manager: &str| {
        let Command::ApproveApplication(mut c) = approve(&application) else { panic!() };
        c.manager = id(manager);
        Command::ApproveApplication(c)
    };
    let refusal = town.refused("approver", with("colleague"), "INVALID");
    assert_eq!(refusal.clause, Some(RULE_2A));
    town.refused("approver", with("nobody"), "UNKNOWN");
    town.does("admin", grant("colleague", Role::ServiceManager));
    town.clone().does("approver", with("colleague"));
    town.does("admin", leave("colleague"));
    town.refused("approver", with("colleague"), "WRONG_STATE");
}

#[test]
fn given_an_applicant_who_left_or_a_service_that_ended_or_a_period_that_is_over_then_nothing_is_approved() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    let mut left = town.clone();
    left.does("admin", leave("staff"));
    left.refused("approver", approve(&application), "WRONG_STATE");
    let mut ended = town.clone();
    ended.does("manager", Command::WithdrawService(WithdrawService { service: id(CLOUD) }));
    ended.refused("approver", approve(&application), "WRONG_STATE");
    town.on("2027-04-01").refused("approver", approve_until(&application, day("2027-04-01")), "INVALID");
    let blank = {
        let Command::ApproveApplication(mut c) = approve(&application) else { panic!() };
        c.conditions.push(" ".into());
        Command::ApproveApplication(c)
    };
    town.on("2026-11-22").refused("approver", blank, "INVALID");
}

#[test]
fn given_a_possibly_high_risk_then_the_caio_decides_and_the_permit_follows() {
    let mut town = Town::ready();
    let risky = Draft { risk: Some(RiskSheet { users: 3, work: 0, learning: 0, judgement: 0 }), ..draft(CLOUD) };
    let permit = town.permit_for(risky.clone());
    let application = town.register.permit(&permit).unwrap().application.clone();
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "CAIO_REVIEW");
    town.does("caio", decide_risk(&application, true));
    assert_eq!(town.risk(&permit), RiskStanding::AcceptedByCaio);
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    town.does("caio", decide_risk(&application, false));
    assert_eq!(town.risk(&permit), RiskStanding::RefusedByCaio);
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "CAIO_REVIEW");
    assert!(!town.asks("staff", "kakuu-chat", 1).is_allowed());

    let before_approval = town.apply_for(risky.clone());
    town.does("caio", decide_risk(&before_approval, false));
    town.refused("approver", approve(&before_approval), "WRONG_STATE");
    // What is handed in anew is judged anew.
    town.does("approver", send_back(&before_approval));
    town.does("staff", resubmit(&before_approval, risky));
    town.does("approver", approve(&before_approval));
    let without = town.apply_for(Draft { risk: None, ..draft(CLOUD) });
    town.refused("caio", decide_risk(&without, true), "WRONG_STATE");
}

#[test]
fn a_decision_on_an_older_register_tells_nothing_of_the_newer() {
    let mut town = Town::ready();
    let old = town.register.clone();
    let before = picture(&old);
    town.permit_for(draft(CLOUD));
    town.does("admin", join("new", "kanbo", ""));
    assert_eq!(picture(&old), before, "a register that was handed out changed");
}
