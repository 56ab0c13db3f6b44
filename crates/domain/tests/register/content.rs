//! Sealed content: two persons and a reason.

use crate::town::{Town, grant, id};
use sekisho_domain::command::{Command, EraseContent, GrantContent, RequestContent};
use sekisho_domain::event::Event;
use sekisho_domain::person::Role;

fn ask(of: &str) -> Command {
    Command::RequestContent(RequestContent { of: id(of) })
}

fn agree(of: &str) -> Command {
    Command::GrantContent(GrantContent { of: id(of) })
}

#[test]
fn given_a_request_to_read_then_another_person_agrees_once() {
    let mut town = Town::founded();
    town.refused("ciso", agree("u-1"), "UNKNOWN");
    town.does("auditor", ask("u-1"));
    town.refused("auditor", agree("u-1"), "SEPARATION_OF_DUTIES");
    town.refused("ciso", ask("u-1"), "WRONG_STATE");
    town.refused("ciso", agree("u-2"), "UNKNOWN");
    let events = town.does("ciso", agree("u-1"));
    assert!(matches!(&events[..], [Event::ContentGranted(e)] if e.to == id("auditor")));
    let access = town.register.content_access(&id("u-1")).unwrap();
    assert_eq!((&access.requested_by, &access.granted_by), (&id("auditor"), &Some(id("ciso"))));
    town.refused("ciso", agree("u-1"), "WRONG_STATE");
}

#[test]
fn given_a_person_with_both_roles_then_two_persons_are_needed_all_the_same() {
    let mut town = Town::founded();
    town.does("admin", grant("auditor", Role::Ciso));
    town.does("auditor", ask("u-1"));
    town.refused("auditor", agree("u-1"), "SEPARATION_OF_DUTIES");
}

#[test]
fn given_an_agreement_when_it_is_asked_again_then_it_starts_over() {
    let mut town = Town::founded();
    town.does("auditor", ask("u-1"));
    town.does("ciso", agree("u-1"));
    town.does("ciso", ask("u-1"));
    town.refused("ciso", agree("u-1"), "SEPARATION_OF_DUTIES");
    town.does("auditor", agree("u-1"));
}

#[test]
fn only_auditors_and_the_ciso_open_and_only_the_ciso_destroys() {
    let mut town = Town::founded();
    for who in ["admin", "approver", "manager", "caio", "staff"] {
        town.refused(who, ask("u-1"), "NOT_ALLOWED");
        town.refused(who, agree("u-1"), "NOT_ALLOWED");
    }
    town.does("auditor", ask("u-1"));
    let erase = || Command::EraseContent(EraseContent { of: id("u-1"), made: None });
    for who in ["auditor", "admin", "approver"] {
        town.refused(who, erase(), "NOT_ALLOWED");
    }
    town.does("ciso", erase());
    town.refused("ciso", agree("u-1"), "UNKNOWN");
}
