//! Rows of the ISMAP list: what may be recorded, and what it means on a day.

use crate::town::{CLOUD, NUMBER, Town, day, draft, id, met, registration, renewal, status};
use sekisho_domain::command::{CloseIncident, Command, OpenIncident, RenewRegistration};
use sekisho_domain::ismap::{ListStatus, Registration, RegistrationState};

fn row(town: &Town) -> &Registration {
    town.register.registration(NUMBER).unwrap()
}

fn state(town: &Town) -> RegistrationState {
    row(town).state_on(town.today())
}

fn record(edit: impl FnOnce(&mut Registration)) -> Command {
    let mut row = registration();
    edit(&mut row);
    Command::RecordRegistration(row)
}

fn renew(until: &str) -> Command {
    Command::RenewRegistration(RenewRegistration { number: NUMBER.into(), valid_until: day(until) })
}

fn incident(name: &str) -> Command {
    Command::OpenIncident(OpenIncident { number: NUMBER.into(), incident: name.into() })
}

fn closed(name: &str) -> Command {
    Command::CloseIncident(CloseIncident { number: NUMBER.into(), incident: name.into() })
}

#[test]
fn given_a_registration_then_its_last_day_itself_counts_and_the_next_does_not() {
    let (mut town, _) = Town::permitted();
    town.now = "2027-01-31T14:59:59Z".parse().unwrap();
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    town.now = "2027-01-31T15:00:00Z".parse().unwrap();
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "EXPIRED");
    assert_eq!(town.answer("staff", "kakuu-chat", 0), "allow", "機密性1 rests on no registration");
}

#[test]
fn given_a_renewal_filed_in_time_then_the_registration_goes_on_until_it_is_decided() {
    let (mut town, permit) = Town::permitted();
    town.does("manager", renewal("2026-11-22"));
    town.on("2027-02-01");
    assert_eq!(state(&town), RegistrationState::Continuing);
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "RENEWAL_PENDING");
    town.does("approver", met(&permit, "RENEWAL_PENDING", "2027-02-10"));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    town.on("2027-02-11");
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "RENEWAL_PENDING");
    town.does("manager", renew("2028-05-31"));
    assert_eq!((state(&town), row(&town).renewal_filed_on), (RegistrationState::Active, None));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    // The new term ends too.
    town.on("2028-06-01");
    assert_eq!(state(&town), RegistrationState::Expired);
}

#[test]
fn given_a_renewal_filed_late_then_it_is_refused_with_the_day() {
    let mut town = Town::ready();
    town.on("2027-02-05");
    let refusal = town.refused("manager", renewal("2027-02-01"), "WRONG_STATE");
    for text in [&refusal.ja, &refusal.en] {
        assert!(text.contains("2027-01-31") && text.contains("2027-02-01"), "{text}");
    }
    // Recorded late, but filed on the last day.
    town.does("manager", renewal("2027-01-31"));
    assert_eq!(state(&town), RegistrationState::Continuing);
}

#[test]
fn given_a_day_that_has_not_come_then_nothing_is_recorded_for_it() {
    let mut town = Town::ready();
    town.refused("manager", renewal("2026-11-23"), "INVALID");
    town.does("manager", status(ListStatus::Suspended, "2026-11-22"));
    // Lifted from tomorrow is not lifted today.
    town.refused("manager", status(ListStatus::Listed, "2026-11-23"), "INVALID");
    town.on("2026-11-23").does("manager", status(ListStatus::Listed, "2026-11-23"));
}

#[test]
fn given_a_new_term_then_it_ends_later_than_the_old() {
    let mut town = Town::ready();
    town.refused("manager", renew("2027-01-31"), "INVALID");
    town.does("manager", renew("2027-02-01"));
}

#[test]
fn given_a_removed_registration_then_neither_status_nor_renewal_bring_it_back() {
    let mut town = Town::ready();
    town.does("manager", status(ListStatus::Removed, "2026-11-22"));
    for command in [
        status(ListStatus::Listed, "2026-11-22"),
        status(ListStatus::Removed, "2026-11-22"),
        renewal("2026-11-22"),
        renew("2028-05-31"),
    ] {
        town.refused("manager", command, "WRONG_STATE");
    }
    assert_eq!(state(&town), RegistrationState::Removed);
    town.does("manager", record(|_| {}));
    assert_eq!(state(&town), RegistrationState::Active, "registered anew");
}

#[test]
fn given_a_suspended_registration_then_a_new_term_does_not_lift_the_suspension() {
    let mut town = Town::ready();
    town.does("manager", status(ListStatus::Suspended, "2026-11-22"));
    town.refused("manager", status(ListStatus::Suspended, "2026-11-22"), "WRONG_STATE");
    town.does("manager", renew("2028-05-31"));
    assert_eq!(state(&town), RegistrationState::Suspended);
    town.does("manager", status(ListStatus::Listed, "2026-11-22"));
    assert_eq!(state(&town), RegistrationState::Active);
}

#[test]
fn given_a_row_that_does_not_hold_what_it_must_then_it_is_refused() {
    let mut town = Town::ready();
    for command in [
        record(|r| r.number = " ".into()),
        record(|r| r.csp_name.clear()),
        record(|r| r.service_name = "字".repeat(201)),
        record(|r| r.valid_until = day("2025-09-30")),
    ] {
        town.refused("manager", command, "INVALID");
    }
}

#[test]
fn given_an_unknown_number_then_every_step_says_so() {
    let mut town = Town::founded();
    for command in [
        status(ListStatus::Removed, "2026-11-22"),
        renewal("2026-11-22"),
        renew("2028-05-31"),
        incident("障害"),
        closed("障害"),
    ] {
        town.refused("manager", command, "UNKNOWN");
    }
}

#[test]
fn given_an_incident_then_it_is_open_once_until_it_is_closed() {
    let (mut town, _) = Town::permitted();
    town.refused("manager", incident(""), "INVALID");
    town.does("manager", incident("障害"));
    town.refused("manager", incident("障害"), "EXISTS");
    town.does("manager", incident("漏えい"));
    town.does("manager", closed("障害"));
    town.refused("manager", closed("障害"), "UNKNOWN");
    assert_eq!(town.answer("staff", "kakuu-chat", 0), "INCIDENT_OPEN");
    town.does("manager", closed("漏えい"));
    assert_eq!(town.answer("staff", "kakuu-chat", 0), "allow");
}

#[test]
fn given_an_open_incident_and_a_filed_renewal_when_the_list_is_read_in_again_then_both_stay() {
    let mut town = Town::ready();
    town.does("manager", incident("障害"));
    town.does("manager", renewal("2026-11-22"));
    town.does("manager", record(|r| r.service_name = "新しい名前".into()));
    assert_eq!(row(&town).service_name, "新しい名前");
    assert!(row(&town).incidents.contains("障害"));
    assert_eq!(row(&town).renewal_filed_on, Some(day("2026-11-22")));
    // A new last day is the answer to the filing.
    town.does("manager", record(|r| r.valid_until = day("2028-05-31")));
    assert_eq!(row(&town).renewal_filed_on, None);
    assert!(row(&town).incidents.contains("障害"));
}

#[test]
fn given_a_narrower_statement_then_what_lies_outside_is_refused_at_once() {
    let (mut town, _) = Town::permitted();
    town.does("manager", record(|r| r.scope.generative_ai = false));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "OUT_OF_SCOPE");
    town.does("manager", record(|r| r.scope.regions = ["us".into()].into()));
    let told = town.asks("staff", "kakuu-chat", 1);
    assert!(told.reason().unwrap().explanation.contains("地域 jp"), "{told:?}");
    town.does("manager", record(|_| {}));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
}

#[test]
fn given_a_row_that_begins_later_then_it_counts_from_its_day() {
    let mut town = Town::ready();
    town.does("manager", record(|r| r.registered_on = day("2026-12-01")));
    let permit = town.permit_for(draft(CLOUD));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "NOT_REGISTERED");
    town.on("2026-12-01");
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    assert_eq!(town.register.permit(&permit).unwrap().draft.services.first(), Some(&id(CLOUD)));
}
