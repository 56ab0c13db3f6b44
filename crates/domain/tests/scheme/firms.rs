//! Audit firms (machine A): eight requirements, a term of two years, renewal, suspension, removal.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::ismap::committee::Outcome;
use sekisho_domain::ismap::firm::{Firm, FirmForm, FirmRequirement, FirmState, FirmStep};
use sekisho_domain::ismap::party::{PartyKind, SchemeRole};
use sekisho_domain::refusal::Refusal;

fn kansa(land: &Land) -> &Firm {
    land.scheme().firms.now(&id("kansa")).unwrap()
}

fn state(land: &Land) -> FirmState {
    kansa(land).state_on(land.today())
}

fn effective(land: &Land, on: &str) -> bool {
    land.scheme().firms.get(&id("kansa")).unwrap().on(day(on)).is_some_and(|f| f.is_effective(day(on)))
}

fn step(step: FirmStep) -> sekisho_domain::command::Command {
    firm("kansa", step)
}

fn draft(edit: impl FnOnce(&mut FirmForm)) -> sekisho_domain::command::Command {
    let mut form = firm_form("kansa");
    edit(&mut form);
    step(FirmStep::Draft { form })
}

fn renewal() -> sekisho_domain::command::Command {
    step(FirmStep::FileRenewal { form: firm_form("kansa") })
}

#[test]
fn given_a_form_then_only_the_firm_writes_it_with_its_own_people() {
    let mut land = Land::founded();
    land.not_for(&["k-mem", "t-exec", "sec", "recv", "kumo-head", "admin", "staff"], &draft(|_| ()));
    land.refused("k-exec", draft(|f| f.exec = id("k-lead")), "INVALID");
    land.refused("k-exec", draft(|f| f.lead = id("k-exec")), "INVALID");
    land.refused("k-exec", draft(|f| f.team = [id("k-exec"), id("k-lead"), id("t-mem")].into()), "UNKNOWN");
    let bad = |f: &mut FirmForm| f.grounds.get_mut(&FirmRequirement::Ethics).unwrap().sha256 = "x".into();
    land.refused("k-exec", draft(bad), "INVALID");
    land.refused("k-exec", firm("kumo", FirmStep::Draft { form: firm_form("kansa") }), "UNKNOWN");
    land.does("k-lead", draft(|_| ()));
}

#[test]
fn given_a_requirement_without_a_ground_or_too_small_a_team_then_it_is_not_handed_in() {
    let mut land = Land::founded();
    land.refused("k-exec", step(FirmStep::Submit), "WRONG_STATE");
    for requirement in FirmRequirement::ALL {
        land.does("k-exec", draft(|f| f.grounds.get_mut(&requirement).unwrap().note = " ".into()));
        let refusal = land.refused("k-exec", step(FirmStep::Submit), "INVALID");
        assert_eq!(refusal.clause, Some("監査機関登録規則 3"));
        assert!(refusal.ja.contains(requirement.article()) && refusal.en.contains(requirement.article()));
    }
    let article = |refusal: Refusal| assert_eq!(refusal.clause, Some("監査機関登録規則 3.8"), "{refusal:?}");
    land.does("k-exec", draft(|f| f.team = [id("k-exec"), id("k-lead")].into()));
    article(land.refused("k-exec", step(FirmStep::Submit), "INVALID"));
    land.does("sec", admit("kansa", "newcomer", SchemeRole::AuditMember));
    land.does("k-exec", draft(|f| f.team = [id("newcomer"), id("k-lead"), id("k-mem")].into()));
    article(land.refused("k-exec", step(FirmStep::Submit), "INVALID"));
    land.does("k-exec", draft(|_| ()));
    land.not_for(&["k-mem", "sec"], &step(FirmStep::Submit));
    land.does("k-exec", step(FirmStep::Submit));
    land.refused("k-exec", draft(|_| ()), "WRONG_STATE");
}

#[test]
fn given_a_firm_without_a_corporate_number_then_it_cannot_apply() {
    let mut land = Land::founded();
    land.does("sec", enter("nameless", PartyKind::AuditFirm, "架空の無番監査", ""));
    for (who, role) in
        [("newcomer", SchemeRole::AuditExec), ("newcomer-2", SchemeRole::AuditLead), ("caio", SchemeRole::AuditMember)]
    {
        land.does("sec", admit("nameless", who, role));
    }
    let form = FirmForm {
        exec: id("newcomer"),
        lead: id("newcomer-2"),
        team: [id("newcomer"), id("newcomer-2"), id("caio")].into(),
        ..firm_form("kansa")
    };
    land.does("newcomer", firm("nameless", FirmStep::Draft { form }));
    let refusal = land.refused("newcomer", firm("nameless", FirmStep::Submit), "INVALID");
    assert_eq!(refusal.clause, Some("監査機関登録規則 3.3"));
}

#[test]
fn given_an_application_then_each_step_follows_the_one_before_and_has_its_own_people() {
    let mut land = Land::founded();
    land.convene("kai-0", "2025-03-20");
    land.does("k-exec", draft(|_| ()));
    let docket = step(FirmStep::Docket { meeting: id("kai-0") });
    for (who, early) in [("recv", FirmStep::Screen), ("recv", FirmStep::Return)] {
        land.refused(who, step(early), "WRONG_STATE");
    }
    land.refused("sec", docket.clone(), "WRONG_STATE");
    land.does("k-exec", step(FirmStep::Submit));
    land.refused("k-exec", step(FirmStep::Submit), "WRONG_STATE");
    land.not_for(&["k-exec", "rev", "m1", "kumo-head", "staff"], &step(FirmStep::Screen));
    land.does("recv", step(FirmStep::Screen));
    land.not_for(&["k-exec", "rev"], &step(FirmStep::Return));
    land.does("recv", step(FirmStep::Return));
    assert_eq!(state(&land), FirmState::Returned);
    land.does("k-exec", draft(|f| f.exception = "相談済み".into()));
    land.does("k-exec", step(FirmStep::Submit));
    land.does("sec", step(FirmStep::Screen));
    land.not_for(&["recv", "k-exec", "m1"], &docket);
    land.refused("sec", step(FirmStep::Docket { meeting: id("kai-9") }), "UNKNOWN");
    land.does("sec", docket);
    assert_eq!(state(&land), FirmState::Docketed);
    // Only the committee registers or rejects.
    let registered = FirmStep::Registered { from: day("2025-03-01"), until: day("2027-02-28") };
    for by_hand in [registered, FirmStep::Rejected] {
        land.refused("sec", step(by_hand), "NOT_ALLOWED");
    }
    assert!(!kansa(&land).is_effective(day("2025-03-20")));
}

#[test]
fn given_a_rejected_application_then_another_can_be_written() {
    let mut land = Land::founded();
    land.convene("kai-0", "2025-03-20");
    land.firm_to_docket("kansa", "kai-0");
    land.on("2025-03-20").opens("kai-0", &["m1", "m2", "m3"]);
    land.refused("sec", decide_on("kai-0", of_firm("kansa"), Outcome::Suspend, 3), "INVALID");
    land.refused(
        "sec",
        decide_on("kai-0", of_firm("kansa"), Outcome::Register { number: Some("X".into()) }, 3),
        "INVALID",
    );
    land.does("sec", decide_on("kai-0", of_firm("kansa"), Outcome::Refuse, 3));
    assert_eq!(state(&land), FirmState::Rejected);
    land.refused("k-exec", step(FirmStep::Withdraw), "WRONG_STATE");
    land.does("k-exec", draft(|_| ()));
    land.does("k-exec", step(FirmStep::Submit));
    assert_eq!(state(&land), FirmState::Submitted);
}

#[test]
fn given_a_term_then_its_last_day_counts_and_the_next_is_past() {
    let mut land = Land::with_firms();
    assert!(!effective(&land, "2025-03-19"));
    assert!(effective(&land, "2025-03-20") && effective(&land, "2027-03-19"));
    land.on("2027-03-20");
    assert_eq!(state(&land), FirmState::Expired);
    assert!(!effective(&land, "2027-03-20"));
    let refusal = land.refused("k-exec", renewal(), "WRONG_STATE");
    assert!(refusal.ja.contains("2027-03-19") && refusal.ja.contains("2027-03-20"), "{refusal:?}");
    assert!(refusal.en.contains("2027-03-19"), "{refusal:?}");
    // A day in the past does not make it one in time.
    land.refused("k-exec", dated(renewal(), "2027-03-19"), "WRONG_STATE");
    for over in [FirmStep::Suspend, FirmStep::Remove, FirmStep::Lift] {
        land.refused("sec", citing(step(over)), "WRONG_STATE");
    }
    land.refused("k-exec", step(FirmStep::Withdraw), "WRONG_STATE");
}

#[test]
fn given_an_expired_firm_when_it_applies_anew_then_the_new_term_begins_with_the_decision() {
    let mut land = Land::with_firms();
    land.on("2027-04-01").convene("kai-5", "2027-04-20");
    land.firm_to_docket("kansa", "kai-5");
    assert!(!effective(&land, "2027-04-01"), "an application is no registration");
    land.on("2027-04-20").opens("kai-5", &["m1", "m2", "m3"]);
    land.does("sec", decide_on("kai-5", of_firm("kansa"), Outcome::Register { number: None }, 3));
    assert_eq!((kansa(&land).registered_on, kansa(&land).until), (Some(day("2027-04-20")), Some(day("2029-04-19"))));
    assert!(effective(&land, "2027-03-19") && effective(&land, "2027-04-20"));
    for gap in ["2027-03-20", "2027-04-19"] {
        assert!(!effective(&land, gap), "between the terms, {gap}");
    }
}

#[test]
fn given_a_renewal_under_review_when_the_term_runs_out_then_the_firm_stays_in_force_until_it_is_decided() {
    let mut land = Land::with_firms();
    land.on("2027-03-19");
    land.not_for(&["k-mem", "sec", "t-exec"], &renewal());
    land.refused(
        "k-exec",
        step(FirmStep::FileRenewal { form: FirmForm { team: [].into(), ..firm_form("kansa") } }),
        "INVALID",
    );
    land.does("k-exec", renewal());
    land.refused("k-exec", renewal(), "WRONG_STATE");
    land.on("2027-03-25");
    assert_eq!(state(&land), FirmState::RenewalUnderReview);
    assert!(kansa(&land).is_effective(day("2027-03-25")));
    land.convene("kai-5", "2027-04-20");
    land.does("recv", step(FirmStep::Screen));
    assert!(kansa(&land).is_effective(land.today()));
    land.does("sec", step(FirmStep::Docket { meeting: id("kai-5") }));
    assert!(kansa(&land).is_effective(land.today()));
    land.on("2027-04-20").opens("kai-5", &["m1", "m2", "m3"]);
    let mut granted = land.clone();
    granted.does("sec", decide_on("kai-5", of_firm("kansa"), Outcome::Register { number: None }, 3));
    // Without a gap, and without a gift of the days the decision took.
    assert_eq!(
        (kansa(&granted).registered_on, kansa(&granted).until),
        (Some(day("2025-03-20")), Some(day("2029-03-19")))
    );
    assert_eq!(state(&granted), FirmState::Registered);
    // Refused: the term is over.
    land.does("sec", decide_on("kai-5", of_firm("kansa"), Outcome::Refuse, 3));
    assert_eq!(state(&land), FirmState::Expired);
    assert!(!kansa(&land).is_effective(land.today()));
    assert!(effective(&land, "2027-04-19"), "the day before the refusal it was in force");
}

#[test]
fn given_a_renewal_that_is_handed_back_then_it_keeps_nothing_alive_until_it_is_screened_again() {
    let mut land = Land::with_firms();
    land.on("2027-03-01").does("k-exec", renewal());
    land.does("recv", step(FirmStep::Screen));
    land.does("recv", step(FirmStep::Return));
    assert!(kansa(&land).is_effective(day("2027-03-19")), "its term still runs");
    assert!(!kansa(&land).is_effective(day("2027-03-20")));
    let mut in_time = land.clone();
    in_time.on("2027-03-19").does("k-exec", step(FirmStep::Submit));
    assert!(kansa(&in_time).is_effective(day("2027-03-20")), "handed in again within the term");
    land.on("2027-04-01").does("k-exec", draft(|f| f.exception = "補正".into()));
    assert_eq!(kansa(&land).form.as_ref().unwrap().exception, "補正");
    land.does("k-exec", step(FirmStep::Submit));
    assert!(!kansa(&land).is_effective(land.today()), "the firm alone brings nothing back");
    land.does("recv", step(FirmStep::Screen));
    assert!(kansa(&land).is_effective(land.today()));
}

#[test]
fn given_a_renewal_that_is_taken_back_then_the_term_runs_out() {
    let mut land = Land::with_firms();
    land.on("2027-03-01").does("k-exec", renewal());
    land.not_for(&["sec", "t-exec", "k-mem"], &step(FirmStep::Withdraw));
    land.does("k-exec", step(FirmStep::Withdraw));
    assert_eq!(state(&land), FirmState::Registered);
    assert!(kansa(&land).is_effective(day("2027-03-19")) && !kansa(&land).is_effective(day("2027-03-20")));
    land.does("k-exec", step(FirmStep::Withdraw));
    assert_eq!(state(&land), FirmState::Withdrawn);
    assert!(!kansa(&land).is_effective(land.today()) && effective(&land, "2027-02-28"));
    land.refused("k-exec", renewal(), "WRONG_STATE");
    land.does("k-exec", draft(|_| ()));
    assert_eq!(state(&land), FirmState::Draft);
}

#[test]
fn given_a_suspension_then_it_cites_a_rule_and_ends_where_it_began() {
    let mut land = Land::with_firms();
    land.on("2026-01-10");
    land.not_for(&["k-exec", "recv", "m1", "admin"], &citing(step(FirmStep::Suspend)));
    land.refused("sec", step(FirmStep::Suspend), "INVALID");
    land.refused("sec", citing(step(FirmStep::Lift)), "WRONG_STATE");
    land.does("sec", citing(step(FirmStep::Suspend)));
    land.refused("sec", citing(step(FirmStep::Suspend)), "WRONG_STATE");
    assert!(!effective(&land, "2026-01-10") && effective(&land, "2026-01-09"));
    land.refused("k-exec", renewal(), "WRONG_STATE");
    land.on("2026-02-10").does("sec", citing(step(FirmStep::Lift)));
    assert_eq!(state(&land), FirmState::Registered);
    assert!(effective(&land, "2026-02-10"));
    assert!(!effective(&land, "2026-02-09"), "what is lifted later stays true of the day");
}

#[test]
fn given_a_firm_suspended_while_its_renewal_is_looked_at_when_it_is_lifted_then_the_renewal_goes_on() {
    let mut land = Land::with_firms();
    land.on("2027-03-01").does("k-exec", renewal());
    land.does("recv", step(FirmStep::Screen));
    land.does("sec", citing(step(FirmStep::Suspend)));
    assert!(!kansa(&land).is_effective(land.today()));
    // Past the term it is still suspended, not expired: a renewal is under way.
    land.on("2027-04-01");
    assert_eq!(state(&land), FirmState::Suspended);
    land.does("sec", citing(step(FirmStep::Lift)));
    assert_eq!(state(&land), FirmState::Screening);
    assert!(kansa(&land).is_effective(land.today()));
}

#[test]
fn given_a_suspended_firm_whose_term_is_over_then_nothing_is_lifted() {
    let mut land = Land::with_firms();
    land.on("2027-03-01").does("sec", citing(step(FirmStep::Suspend)));
    land.on("2027-03-20");
    assert_eq!(state(&land), FirmState::Expired);
    let refusal = land.refused("sec", citing(step(FirmStep::Lift)), "WRONG_STATE");
    assert!(refusal.ja.contains("期間満了"), "{refusal:?}");
}

#[test]
fn given_a_removal_then_the_firm_is_in_force_no_more() {
    let mut land = Land::with_firms();
    land.on("2026-01-10");
    land.refused("sec", step(FirmStep::Remove), "INVALID");
    land.not_for(&["k-exec", "recv"], &citing(step(FirmStep::Remove)));
    land.does("sec", citing(step(FirmStep::Remove)));
    assert_eq!(state(&land), FirmState::Removed);
    assert!(effective(&land, "2026-01-09") && !effective(&land, "2026-01-10"));
    land.refused("k-exec", draft(|_| ()), "WRONG_STATE");
    land.refused("sec", citing(step(FirmStep::Lift)), "WRONG_STATE");
}

#[test]
fn given_a_day_before_its_cause_or_to_come_then_no_step_counts_from_it() {
    let mut land = Land::with_firms();
    land.on("2026-01-10");
    let early = land.refused("sec", dated(citing(step(FirmStep::Suspend)), "2025-03-19"), "INVALID");
    assert!(early.ja.contains("2025-03-20"), "says the first day that would do: {early:?}");
    land.refused("sec", dated(citing(step(FirmStep::Suspend)), "2026-01-11"), "INVALID");
    land.does("sec", dated(citing(step(FirmStep::Suspend)), "2026-01-05"));
    assert!(!effective(&land, "2026-01-05"));
}
