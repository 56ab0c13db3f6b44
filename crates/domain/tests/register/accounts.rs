//! Accounts: an administrator opens the door once, the person goes through alone.

use crate::town::{Town, establish, grant, id, join, leave, sha};
use jiff::SignedDuration;
use sekisho_domain::account::Means;
use sekisho_domain::command::{Command, EnrolSecondFactor, InviteAccount, OpenAccount};
use sekisho_domain::organization::Department;
use sekisho_domain::person::Role;

fn invite(town: &Town, who: &str, digit: char, hours: i64) -> Command {
    let valid_until = town.now + SignedDuration::from_hours(hours);
    Command::InviteAccount(InviteAccount { hash: sha(digit), person: id(who), valid_until })
}

fn open(digit: char) -> Command {
    Command::OpenAccount(OpenAccount { invitation: sha(digit) })
}

fn enrol(who: &str) -> Command {
    Command::EnrolSecondFactor(EnrolSecondFactor { person: id(who) })
}

#[test]
fn an_invitation_is_given_by_an_administrator_and_used_once_by_the_invited() {
    let mut town = Town::founded();
    town.refused("staff", invite(&town, "staff", '1', 48), "NOT_ALLOWED");
    town.refused("admin", invite(&town, "nobody", '1', 48), "UNKNOWN");
    for hours in [-1, 0, 15 * 24] {
        town.refused("admin", invite(&town, "staff", '1', hours), "INVALID");
    }
    town.does("admin", invite(&town, "staff", '1', 48));
    town.refused("admin", invite(&town, "staff", '1', 48), "EXISTS");
    town.refused("admin", open('1'), "WRONG_STATE");
    town.refused("staff", open('2'), "WRONG_STATE");
    assert_eq!(town.register.means(&id("staff")), None);
    town.does("staff", open('1'));
    assert_eq!(town.register.means(&id("staff")), Some(Means { second_factor: false }));
    town.refused("staff", open('1'), "WRONG_STATE");
}

#[test]
fn only_the_newest_invitation_counts_and_only_for_its_time() {
    let mut town = Town::founded();
    town.does("admin", invite(&town, "staff", '1', 48));
    town.does("admin", invite(&town, "staff", '2', 48));
    town.refused("staff", open('1'), "WRONG_STATE");
    town.now += SignedDuration::from_hours(49);
    town.refused("staff", open('2'), "WRONG_STATE");
}

#[test]
fn a_second_factor_is_enrolled_by_its_owner_and_ends_with_a_new_invitation() {
    let mut town = Town::founded();
    town.refused("staff", enrol("staff"), "WRONG_STATE");
    town.does("admin", invite(&town, "staff", '1', 48));
    town.does("staff", open('1'));
    town.refused("admin", enrol("staff"), "WRONG_STATE");
    town.does("staff", enrol("staff"));
    assert_eq!(town.register.means(&id("staff")), Some(Means { second_factor: true }));
    town.does("admin", invite(&town, "staff", '2', 48));
    assert_eq!(town.register.means(&id("staff")), Some(Means { second_factor: true }));
    town.does("staff", open('2'));
    assert_eq!(town.register.means(&id("staff")), Some(Means { second_factor: false }));
}

#[test]
fn who_leaves_has_neither_account_nor_invitation() {
    let mut town = Town::founded();
    town.does("admin", invite(&town, "staff", '1', 48));
    town.does("staff", open('1'));
    town.does("admin", invite(&town, "staff", '2', 48));
    town.does("admin", leave("staff"));
    assert_eq!(town.register.means(&id("staff")), None);
    assert!(town.register.invitation(&sha('2')).is_none());
    town.refused("staff", open('2'), "NOT_ALLOWED");
}

#[test]
fn who_governs_or_reads_what_others_did_needs_a_second_factor() {
    for (role, needed) in [
        (Role::Administrator, true),
        (Role::Approver, true),
        (Role::Ciso, true),
        (Role::Auditor, true),
        (Role::ServiceManager, false),
        (Role::Caio, false),
    ] {
        let mut town = Town::founded();
        assert!(!town.register.needs_second_factor(&id("staff")));
        town.does("admin", grant("staff", role));
        assert_eq!(town.register.needs_second_factor(&id("staff")), needed, "{role:?}");
    }
}

#[test]
fn given_an_empty_installation_then_the_first_administrator_may_come_by_an_account_instead_of_a_key() {
    let mut town = Town::empty();
    let kanbo = Command::PlaceDepartment(Department { department: id("kanbo"), parent: None });
    for command in [establish(), kanbo, join("admin", "kanbo", "")] {
        town.installation(command).unwrap();
    }
    town.installation(grant("admin", Role::Administrator)).unwrap();
    assert!(!town.register.is_administered());
    let link = invite(&town, "admin", '1', 48);
    town.installation(link).unwrap();
    assert!(!town.register.is_administered(), "a link that nobody used opens nothing");
    town.does("admin", open('1'));
    assert!(town.register.is_administered());
    let again = invite(&town, "admin", '2', 48);
    assert_eq!(town.installation(again).unwrap_err().code, "NOT_ALLOWED");
}
