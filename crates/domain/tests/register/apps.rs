//! Apps of members of staff: accepted by somebody else, for one content.

use crate::town::{Town, grant, id, sha};
use sekisho_domain::command::{Command, ShareApp, UnshareApp};
use sekisho_domain::event::Event;
use sekisho_domain::person::Role;

fn share(app: &str, content: char, author: &str) -> Command {
    Command::ShareApp(ShareApp { app: id(app), sha256: sha(content), department: id("kanbo"), author: id(author) })
}

fn unshare(app: &str) -> Command {
    Command::UnshareApp(UnshareApp { app: id(app) })
}

#[test]
fn an_app_is_accepted_by_a_role_and_never_by_its_author() {
    let mut town = Town::founded();
    for who in ["staff", "admin", "ciso", "caio", "auditor"] {
        town.refused(who, share("a-1", 'a', "staff"), "NOT_ALLOWED");
    }
    town.refused("approver", share("a-1", 'a', "approver"), "SEPARATION_OF_DUTIES");
    town.refused("approver", share("a-1", 'a', "nobody"), "UNKNOWN");
    let events = town.does("approver", share("a-1", 'a', "staff"));
    assert!(matches!(&events[..], [Event::AppShared(e)] if e.app == id("a-1") && e.sha256 == sha('a')));
    let shared = town.register.shared_app(&id("a-1")).unwrap();
    assert_eq!((&shared.author, &shared.reviewer), (&id("staff"), &id("approver")));
    // Nobody takes over the name of somebody else's app.
    town.does("admin", grant("manager", Role::Approver));
    town.refused("manager", share("a-1", 'b', "approver"), "EXISTS");
}

#[test]
fn another_content_needs_another_acceptance() {
    let mut town = Town::founded();
    town.does("approver", share("a-1", 'a', "staff"));
    town.refused("manager", share("a-1", 'a', "staff"), "WRONG_STATE");
    town.does("manager", share("a-1", 'b', "staff"));
    let shared = town.register.shared_app(&id("a-1")).unwrap();
    assert_eq!((shared.sha256.clone(), &shared.reviewer), (sha('b'), &id("manager")));
}

#[test]
fn sharing_ends_by_its_author_or_by_those_who_may_accept() {
    let mut town = Town::founded();
    town.refused("staff", unshare("a-1"), "UNKNOWN");
    for who in ["staff", "approver", "manager", "ciso"] {
        town.does("approver", share("a-1", 'a', "staff"));
        for other in ["auditor", "caio"] {
            town.refused(other, unshare("a-1"), "NOT_ALLOWED");
        }
        town.does(who, unshare("a-1"));
        assert!(town.register.shared_app(&id("a-1")).is_none());
    }
}
