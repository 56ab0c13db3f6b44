//! The committee: meetings, recusals, quorum, votes; what its decisions make and end.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::Command;
use sekisho_domain::ismap::RegistrationState;
use sekisho_domain::ismap::committee::{AgendaItem, MeetingState, MeetingStep, Outcome, Votes};
use sekisho_domain::ismap::filing::{FilingState, FilingStep};
use sekisho_domain::ismap::party::SchemeRole;
use sekisho_domain::ismap::statement::StatementState;

fn open() -> Land {
    let mut land = Land::docketed();
    land.on("2026-04-20").opens("kai-1", &["m1", "m2", "m3"]);
    land
}

fn register() -> Outcome {
    Outcome::Register { number: Some(NUMBER.into()) }
}

fn step(step: MeetingStep) -> Command {
    meeting("kai-1", step)
}

fn recuse(who: &str, item: AgendaItem) -> Command {
    step(MeetingStep::Recuse { member: id(who), item })
}

fn other(title: &str) -> AgendaItem {
    AgendaItem::Other { title: title.into() }
}

fn votes(approve: u32, against: u32, abstain: u32) -> Votes {
    Votes { approve, against, abstain }
}

/// Opens a meeting with a registration on its agenda.
fn on_registration(land: &mut Land, name: &str, on: &str) -> AgendaItem {
    land.on(on).convene(name, on);
    land.does("sec", meeting(name, MeetingStep::Add { item: of_row(NUMBER) }));
    land.opens(name, &["m1", "m2", "m3"]);
    of_row(NUMBER)
}

#[test]
fn given_a_committee_of_three_then_the_quorum_is_two_or_three() {
    let mut land = Land::founded();
    let convene = |quorum: u32, on: &str| step(MeetingStep::Convene { day: day(on), quorum });
    land.not_for(&others(&[SchemeRole::Secretariat]), &convene(2, "2025-03-20"));
    for quorum in [0, 1, 4] {
        let refusal = land.refused("sec", convene(quorum, "2025-03-20"), "INVALID");
        assert!(refusal.ja.contains("3 人") && refusal.ja.contains("2 人"), "{refusal:?}");
    }
    land.refused("sec", convene(2, "2025-02-28"), "INVALID");
    land.does("sec", convene(2, "2025-03-20"));
    land.refused("sec", convene(2, "2025-03-20"), "EXISTS");
    land.refused("sec", meeting("kai-9", MeetingStep::Cancel), "UNKNOWN");
}

#[test]
fn given_a_meeting_then_it_opens_on_its_day_with_members_alone() {
    let mut land = Land::docketed();
    let opening = |present: &[&str]| step(MeetingStep::Open { present: present.iter().map(|p| id(p)).collect() });
    let early = land.refused("sec", opening(&["m1", "m2"]), "INVALID");
    assert!(early.ja.contains("2026-04-20"), "{early:?}");
    land.does("sec", step(MeetingStep::Move { day: day("2026-04-21") }));
    land.refused("sec", step(MeetingStep::Move { day: day("2026-03-01") }), "INVALID");
    land.on("2026-04-20").refused("sec", opening(&["m1", "m2"]), "INVALID");
    land.on("2026-04-21").refused("sec", opening(&["m1", "rev"]), "UNKNOWN");
    land.not_for(&["m1", "recv", "kumo-head"], &opening(&["m1", "m2"]));
    land.does("sec", opening(&["m1", "m2"]));
    for late in [MeetingStep::Move { day: day("2026-05-01") }, MeetingStep::Cancel] {
        land.refused("sec", step(late), "WRONG_STATE");
    }
    land.refused("sec", opening(&["m1", "m2"]), "WRONG_STATE");
}

#[test]
fn given_a_matter_then_it_is_put_on_the_agenda_once_and_applications_by_their_own_step() {
    let mut land = Land::registered();
    land.convene("kai-2", "2026-06-20");
    let add = |item: AgendaItem| meeting("kai-2", MeetingStep::Add { item });
    land.refused("sec", add(of_row("KAKUU-9")), "UNKNOWN");
    land.refused("sec", add(other(" ")), "INVALID");
    land.refused("sec", add(of_filing("f-1")), "WRONG_STATE");
    land.refused("sec", add(of_firm("kansa")), "WRONG_STATE");
    land.not_for(&["m1", "rev"], &add(other("報告")));
    land.does("sec", add(other("報告")));
    land.refused("sec", add(other("報告")), "WRONG_STATE");
    land.does("sec", add(of_row(NUMBER)));
    land.does("sec", meeting("kai-2", MeetingStep::Cancel));
    land.refused("sec", add(other("別件")), "WRONG_STATE");
}

#[test]
fn given_an_item_that_is_not_on_the_agenda_then_nothing_is_decided_on_it() {
    let mut land = open();
    land.refused("sec", decide_on("kai-1", of_filing("f-9"), register(), 3), "WRONG_STATE");
    land.refused("sec", decide_on("kai-1", other("x"), Outcome::Note, 3), "WRONG_STATE");
    land.convene("kai-2", "2026-04-20");
    land.opens("kai-2", &["m1", "m2", "m3"]);
    land.refused("sec", decide_on("kai-2", of_filing("f-1"), register(), 3), "WRONG_STATE");
    land.not_for(&["m1", "rev", "recv", "kumo-head", "admin"], &decide_on("kai-1", of_filing("f-1"), register(), 3));
    land.does("sec", decide_on("kai-1", of_filing("f-1"), register(), 3));
    land.refused("sec", decide_on("kai-1", of_filing("f-1"), register(), 3), "WRONG_STATE");
}

#[test]
fn given_a_meeting_that_is_not_open_then_nothing_is_decided() {
    let mut land = Land::docketed();
    land.on("2026-04-20").refused("sec", decide_on("kai-1", of_filing("f-1"), register(), 0), "WRONG_STATE");
    land.opens("kai-1", &["m1", "m2", "m3"]);
    land.closes("kai-1");
    land.refused("sec", decide_on("kai-1", of_filing("f-1"), register(), 3), "WRONG_STATE");
}

#[test]
fn given_recusals_then_the_quorum_and_the_votes_are_counted_without_them() {
    let mut land = open();
    let item = || of_filing("f-1");
    land.refused("sec", recuse("rev", item()), "UNKNOWN");
    land.refused("sec", recuse("m1", other("x")), "WRONG_STATE");
    land.not_for(&["m2", "rev", "kumo-head"], &recuse("m1", item()));
    land.does("m1", recuse("m1", item()));
    land.refused("sec", decide_on("kai-1", item(), register(), 3), "INVALID");
    let mut three = land.clone();
    three.does("sec", recuse("m2", item()));
    let refusal = three.refused("sec", decide_on("kai-1", item(), register(), 1), "WRONG_STATE");
    assert!(refusal.ja.contains("定足数 2 人") && refusal.ja.contains("1 人"), "{refusal:?}");
    land.does("sec", decide_on("kai-1", item(), register(), 2));
    let resolution = &land.scheme().meetings.now(&id("kai-1")).unwrap().decisions[&item()];
    assert_eq!(resolution.taking_part, 2);
    land.refused("sec", recuse("m2", item()), "WRONG_STATE");
}

#[test]
fn given_votes_then_their_sum_is_who_takes_part_and_a_majority_carries_it() {
    let mut land = open();
    let cast = |v: Votes, outcome: Outcome| vote("kai-1", of_filing("f-1"), outcome, v);
    for wrong in [votes(2, 0, 0), votes(3, 1, 0), votes(u32::MAX, u32::MAX, 1)] {
        land.refused("sec", cast(wrong, register()), "INVALID");
    }
    for lost in [votes(1, 1, 1), votes(1, 2, 0), votes(0, 0, 3)] {
        land.refused("sec", cast(lost, register()), "WRONG_STATE");
    }
    // A proposal that found no majority can be refused or put off.
    let mut refused = land.clone();
    refused.does("sec", cast(votes(1, 2, 0), Outcome::Refuse));
    assert_eq!(refused.scheme().filings.now(&id("f-1")).unwrap().state, FilingState::Refused);
    land.does("sec", cast(votes(2, 1, 0), register()));
}

#[test]
fn given_a_committee_that_has_grown_since_the_meeting_was_called_then_more_than_half_of_it_is_needed() {
    let mut land = Land::docketed();
    land.does("sec", admit("unei", "newcomer", SchemeRole::CommitteeMember));
    land.does("sec", admit("unei", "newcomer-2", SchemeRole::CommitteeMember));
    land.on("2026-04-20").opens("kai-1", &["m1", "m2"]);
    let refusal = land.refused("sec", decide_on("kai-1", of_filing("f-1"), register(), 2), "WRONG_STATE");
    assert!(refusal.ja.contains("定足数 3 人"), "{refusal:?}");
}

#[test]
fn given_a_review_that_found_the_basic_items_unmet_then_nothing_is_registered() {
    let mut land = Land::filed();
    land.convene("kai-1", "2026-04-20");
    land.accepted("f-1");
    land.does("rev", filing("f-1", FilingStep::StartReview));
    land.does("rev", filing("f-1", FilingStep::Review { basic_met: false, opinion: "満たさない".into() }));
    land.does("sec", filing("f-1", FilingStep::Docket { meeting: id("kai-1") }));
    land.on("2026-04-20").opens("kai-1", &["m1", "m2", "m3"]);
    let refusal = land.refused("sec", decide_on("kai-1", of_filing("f-1"), register(), 3), "WRONG_STATE");
    assert_eq!(refusal.clause, Some("登録規則 6.1"));
    land.does("sec", decide_on("kai-1", of_filing("f-1"), Outcome::Refuse, 3));
    assert_eq!(land.scheme().statements.now(&id("s-1")).unwrap().state, StatementState::Audited);
}

#[test]
fn given_a_registration_then_it_needs_a_new_number_a_rule_and_the_public_part() {
    let mut land = open();
    let item = || of_filing("f-1");
    let with =
        |number: Option<&str>| decide_on("kai-1", item(), Outcome::Register { number: number.map(str::to_owned) }, 3);
    land.refused("sec", with(None), "INVALID");
    land.refused("sec", with(Some(" ")), "INVALID");
    land.refused("sec", cites(with(Some(NUMBER)), None), "INVALID");
    let mut bare = with(Some(NUMBER));
    if let Command::StepMeeting(c) = &mut bare {
        c.public = None;
    }
    assert_eq!(land.refused("sec", bare, "INVALID").clause, Some("登録規則 3.8"));
    for unfit in [Outcome::Suspend, Outcome::Lift, Outcome::Remove, Outcome::Note] {
        land.refused("sec", decide_on("kai-1", item(), unfit, 3), "INVALID");
    }
    let row = sekisho_domain::ismap::Registration::listed(
        "KAKUU-LIST".into(),
        sekisho_domain::ismap::Scheme::Ismap,
        "架空の外の登録".into(),
        day("2026-01-01"),
        day("2027-01-01"),
    );
    let mut row = row;
    row.csp_name = "架空社".into();
    land.does("manager", Command::RecordRegistration(row));
    land.refused("sec", with(Some("KAKUU-LIST")), "EXISTS");
    land.does("sec", with(Some(NUMBER)));
}

#[test]
fn given_an_application_taken_back_while_it_is_docketed_then_nothing_is_decided_on_it() {
    let mut land = open();
    land.does("kumo-staff", filing("f-1", FilingStep::Withdraw));
    for outcome in [register(), Outcome::Refuse, Outcome::Defer] {
        land.refused("sec", decide_on("kai-1", of_filing("f-1"), outcome, 3), "WRONG_STATE");
    }
}

#[test]
fn given_an_expiry_that_passed_before_the_decision_then_nothing_is_registered() {
    let mut land = Land::docketed();
    land.does("sec", meeting("kai-1", MeetingStep::Move { day: day("2027-05-01") }));
    land.on("2027-05-01").opens("kai-1", &["m1", "m2", "m3"]);
    let refusal = land.refused("sec", decide_on("kai-1", of_filing("f-1"), register(), 3), "WRONG_STATE");
    assert_eq!(refusal.clause, Some("基本規程 3.5"));
    assert!(refusal.ja.contains("2027-04-30"), "{refusal:?}");
}

#[test]
fn given_a_refused_renewal_past_the_term_then_the_registration_expires_that_day() {
    let mut land = Land::renewing();
    land.convene("kai-2", "2027-06-15");
    land.reviewed("f-2");
    land.does("sec", filing("f-2", FilingStep::Docket { meeting: id("kai-2") }));
    land.on("2027-06-15").opens("kai-2", &["m1", "m2", "m3"]);
    assert_eq!(land.state(), RegistrationState::Continuing);
    land.refused("sec", decide_on("kai-2", of_filing("f-2"), register(), 3), "INVALID");
    let events = land.does("sec", decide_on("kai-2", of_filing("f-2"), Outcome::Refuse, 3));
    assert_eq!(
        kinds(&events),
        ["meeting.stepped", "filing.stepped", "statement.stepped", "registration.renewal_ended"]
    );
    assert_eq!(land.state(), RegistrationState::Expired);
    assert_eq!(land.scheme().statements.now(&id("s-1")).unwrap().state, StatementState::Published);
}

#[test]
fn given_a_registration_on_the_agenda_then_it_is_suspended_lifted_and_removed_by_decision_alone() {
    let mut land = Land::registered();
    let item = on_registration(&mut land, "kai-2", "2026-06-20");
    for unfit in [Outcome::Lift, Outcome::Refuse, register()] {
        land.refused("sec", decide_on("kai-2", item.clone(), unfit, 3), "INVALID");
    }
    land.refused("sec", cites(decide_on("kai-2", item.clone(), Outcome::Suspend, 3), None), "INVALID");
    land.does("sec", decide_on("kai-2", item, Outcome::Suspend, 3));
    assert_eq!(land.state(), RegistrationState::Suspended);
    let item = on_registration(&mut land, "kai-3", "2026-08-20");
    land.refused("sec", decide_on("kai-3", item.clone(), Outcome::Suspend, 3), "INVALID");
    land.does("sec", decide_on("kai-3", item, Outcome::Lift, 3));
    assert_eq!(land.state(), RegistrationState::Active);
    let item = on_registration(&mut land, "kai-4", "2026-10-20");
    land.does("sec", decide_on("kai-4", item, Outcome::Remove, 3));
    assert_eq!(land.state(), RegistrationState::Removed);
    let item = on_registration(&mut land, "kai-5", "2026-12-20");
    for over in [Outcome::Suspend, Outcome::Lift, Outcome::Remove] {
        land.refused("sec", decide_on("kai-5", item.clone(), over, 3), "INVALID");
    }
    land.does("sec", decide_on("kai-5", item, Outcome::Note, 3));
    // Every past day keeps its answer.
    let on = |d: &str| land.register.registration_as_of(NUMBER, day(d)).unwrap().state_on(day(d));
    assert_eq!(on("2026-06-19"), RegistrationState::Active);
    assert_eq!(on("2026-06-20"), RegistrationState::Suspended);
    assert_eq!(on("2026-08-20"), RegistrationState::Active);
}

#[test]
fn given_a_registration_removed_while_its_renewal_is_docketed_then_it_is_not_renewed() {
    let mut land = Land::renewing();
    land.convene("kai-2", "2027-04-20");
    land.reviewed("f-2");
    land.does("sec", filing("f-2", FilingStep::Docket { meeting: id("kai-2") }));
    land.does("sec", meeting("kai-2", MeetingStep::Add { item: of_row(NUMBER) }));
    land.on("2027-04-20").opens("kai-2", &["m1", "m2", "m3"]);
    land.does("sec", decide_on("kai-2", of_row(NUMBER), Outcome::Remove, 3));
    let renew = Outcome::Register { number: None };
    land.refused("sec", decide_on("kai-2", of_filing("f-2"), renew, 3), "WRONG_STATE");
}

#[test]
fn given_a_suspended_registration_when_it_is_renewed_then_it_stays_suspended() {
    let mut land = Land::renewing();
    let item = on_registration(&mut land, "kai-s", "2027-04-11");
    land.does("sec", decide_on("kai-s", item, Outcome::Suspend, 3));
    land.convene("kai-2", "2027-04-20");
    land.reviewed("f-2");
    land.does("sec", filing("f-2", FilingStep::Docket { meeting: id("kai-2") }));
    land.on("2027-04-20").opens("kai-2", &["m1", "m2", "m3"]);
    land.does("sec", decide_on("kai-2", of_filing("f-2"), Outcome::Register { number: None }, 3));
    assert_eq!((land.state(), land.row().valid_until), (RegistrationState::Suspended, day("2028-04-30")));
}

#[test]
fn given_another_matter_then_it_is_noted_or_put_off_and_makes_nothing() {
    let mut land = open();
    land.does("sec", step(MeetingStep::Add { item: other("報告") }));
    for unfit in [register(), Outcome::Refuse, Outcome::Suspend, Outcome::Lift, Outcome::Remove] {
        land.refused("sec", decide_on("kai-1", other("報告"), unfit, 3), "INVALID");
    }
    let events = land.does("sec", decide_on("kai-1", other("報告"), Outcome::Note, 3));
    assert_eq!(kinds(&events), ["meeting.stepped"]);
}

#[test]
fn given_minutes_then_they_have_a_number_and_a_hash_and_close_the_meeting() {
    let mut land = open();
    let minutes =
        |number: &str, sha256: &str| step(MeetingStep::Minutes { number: number.into(), sha256: sha256.into() });
    land.refused("sec", minutes(" ", &sha('f')), "INVALID");
    land.refused("sec", minutes("第1号", "f"), "INVALID");
    land.not_for(&["m1", "rev"], &minutes("第1号", &sha('f')));
    land.does("sec", minutes("第1号", &sha('f')));
    assert_eq!(land.scheme().meetings.now(&id("kai-1")).unwrap().state, MeetingState::Closed);
    land.refused("sec", minutes("第1号", &sha('f')), "WRONG_STATE");
    land.refused("sec", recuse("m1", of_filing("f-1")), "WRONG_STATE");
}
