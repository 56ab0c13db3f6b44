//! Rows of the ISMAP list: what may be recorded, and what it means on a day.

use crate::town::{CLOUD, NUMBER, Town, day, draft, id, met, reapprove, registration, renewal, sha, status};
use sekisho_domain::command::{CloseIncident, Command, OpenIncident, RecordList, RenewRegistration};
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::event::Event;
use sekisho_domain::ismap::{ListSource, ListStatus, Registration, RegistrationState};

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
    let (mut town, permit) = Town::permitted();
    town.does("manager", record(|r| r.scope.generative_ai = false));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "OUT_OF_SCOPE");
    town.does("manager", record(|r| r.scope.regions = ["us".into()].into()));
    let told = town.asks("staff", "kakuu-chat", 1);
    assert!(told.reason().unwrap().explanation.contains("地域 jp"), "{told:?}");
    town.does("manager", record(|_| {}));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "PERMIT_SUSPENDED", "what stopped is approved again by a person");
    town.does("approver", reapprove(&permit));
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

fn listed(number: &str) -> Registration {
    Registration { number: number.into(), ..registration() }
}

fn list(fetched_on: &str, rows: Vec<Registration>) -> RecordList {
    let source = ListSource { sha256: sha('9'), url: "https://list.example.com/".into(), fetched_on: day(fetched_on) };
    RecordList { source, rows, unread: [].into(), remove_gone: false }
}

fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::kind).collect()
}

#[test]
fn given_a_list_when_it_is_taken_up_then_only_what_changed_is_recorded_anew() {
    let (mut town, permit) = Town::permitted();
    let rows = || vec![listed(NUMBER), listed("KAKUU-0002"), listed("KAKUU-0003")];
    let events = town.does("manager", Command::RecordList(list("2026-11-20", rows())));
    assert_eq!(kinds(&events), [vec!["registration.list_recorded"], vec!["registration.recorded"; 3]].concat());
    // Nothing new: the copy alone is recorded, and makes the rows fresh.
    let events = town.does("manager", Command::RecordList(list("2026-11-21", rows())));
    assert_eq!(kinds(&events), ["registration.list_recorded"]);
    assert_eq!(town.register.list_in_force().unwrap().source.fetched_on, day("2026-11-21"));
    // One row says something else: it alone is recorded, and the permit on it stops in the same commit.
    let mut changed = rows();
    changed[0].status = ListStatus::Suspended;
    let events = town.does("manager", Command::RecordList(list("2026-11-22", changed)));
    let expected = ["registration.list_recorded", "registration.recorded", "permit.suspended"];
    assert_eq!(kinds(&events), expected);
    assert_eq!(town.standing(&permit), PermitStanding::Suspended);
    // It returns: the permit waits for an approver, and goes on after the approval.
    let events = town.does("manager", Command::RecordList(list("2026-11-22", rows())));
    assert_eq!(kinds(&events), ["registration.list_recorded", "registration.recorded"]);
    assert_eq!(town.standing(&permit), PermitStanding::Suspended);
    town.does("approver", reapprove(&permit));
    assert_eq!(town.standing(&permit), PermitStanding::Active);
}

#[test]
fn given_an_older_list_when_it_is_taken_up_then_it_is_refused_with_both_days() {
    let mut town = Town::ready();
    town.does("manager", Command::RecordList(list("2026-11-20", vec![listed(NUMBER)])));
    let refusal = town.refused("manager", Command::RecordList(list("2026-11-19", vec![listed(NUMBER)])), "WRONG_STATE");
    for text in [&refusal.ja, &refusal.en] {
        assert!(text.contains("2026-11-20") && text.contains("2026-11-19"), "{text}");
    }
    town.refused("manager", Command::RecordList(list("2026-11-23", vec![listed(NUMBER)])), "INVALID");
    town.refused("manager", Command::RecordList(list("2026-11-20", vec![])), "INVALID");
    let twice = vec![listed(NUMBER), listed(NUMBER)];
    town.refused("manager", Command::RecordList(list("2026-11-20", twice)), "INVALID");
    town.refused("staff", Command::RecordList(list("2026-11-20", vec![listed(NUMBER)])), "NOT_ALLOWED");
}

#[test]
fn given_a_row_missing_from_a_newer_list_then_it_is_told_and_removed_only_when_asked() {
    let (mut town, permit) = Town::permitted();
    let both = vec![listed(NUMBER), listed("KAKUU-0002")];
    town.does("manager", Command::RecordList(list("2026-11-20", both)));
    let one = || vec![listed("KAKUU-0002")];
    town.does("manager", Command::RecordList(list("2026-11-21", one())));
    assert!(town.register.list_in_force().unwrap().gone.contains(NUMBER));
    assert_eq!(row(&town).status, ListStatus::Listed, "nothing was asked");
    // A line that could not be read speaks of it: it is not missing.
    let unread = RecordList { unread: [NUMBER.to_owned()].into(), remove_gone: true, ..list("2026-11-21", one()) };
    town.does("manager", Command::RecordList(unread));
    assert_eq!(row(&town).status, ListStatus::Listed);
    let removing = RecordList { remove_gone: true, ..list("2026-11-22", one()) };
    let events = town.does("manager", Command::RecordList(removing));
    let expected = ["registration.list_recorded", "registration.status_changed", "permit.suspended"];
    assert_eq!(kinds(&events), expected);
    assert_eq!((row(&town).status, town.standing(&permit)), (ListStatus::Removed, PermitStanding::Suspended));
}

#[test]
fn given_a_smaller_declared_scope_then_the_permits_that_rest_on_it_stop_and_say_why() {
    let (mut town, permit) = Town::permitted();
    // A wider scope, or one that loses what nobody uses, stops nothing.
    let wider = |r: &mut Registration| {
        r.scope.regions.insert("us".into());
    };
    town.does("manager", record(wider));
    let narrower_elsewhere = record(|_| {});
    town.does("manager", narrower_elsewhere);
    assert_eq!(town.standing(&permit), PermitStanding::Active);
    let events = town.does("manager", record(|r| r.scope.generative_ai = false));
    assert_eq!(kinds(&events), ["registration.recorded", "permit.suspended"]);
    let told = town.asks("staff", "kakuu-chat", 0);
    assert_eq!(told.code(), Some("PERMIT_SUSPENDED"));
    let explained = &told.reason().unwrap().explanation;
    assert!(explained.contains("言明の対象範囲（対象内 → KAKUU-0001 の対象外: 生成AI機能）"), "{explained}");
    // Approved again on the facts of that day, the same gap is no change any more; another one is.
    town.does("approver", reapprove(&permit));
    town.does(
        "manager",
        record(|r| {
            r.scope.generative_ai = false;
            r.audit_firm = "架空監査法人".into();
        }),
    );
    assert_eq!(town.standing(&permit), PermitStanding::Active);
    town.does(
        "manager",
        record(|r| {
            r.scope.generative_ai = false;
            r.scope.regions.clear();
        }),
    );
    assert_eq!(town.standing(&permit), PermitStanding::Suspended);
}
