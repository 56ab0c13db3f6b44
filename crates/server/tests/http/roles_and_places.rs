//! Every page for every role: who may open what is one list, and the door keeps to it.

use crate::browser::Browser;
use crate::contracts::{agrees, root};
use crate::house::House;
use sekisho::http::places::{self, Who};
use sekisho_domain::person::Role;
use std::collections::BTreeSet;

/// Everyone of the demo, with the roles they hold.
const PEOPLE: [(&str, &[Role]); 8] = [
    ("staff", &[]),
    ("applicant", &[]),
    ("approver", &[Role::Approver]),
    ("manager", &[Role::ServiceManager, Role::RecordsManager]),
    ("ciso", &[Role::Ciso]),
    ("caio", &[Role::Caio]),
    ("auditor", &[Role::Auditor]),
    ("admin", &[Role::Administrator]),
];

fn filled(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/")
}

/// The list is the contract: who opens a page to others changes the snapshot and thinks twice.
#[test]
fn contracts_who_may_open_what_is_written_down() {
    let mut lines: Vec<String> = places::all()
        .map(|place| {
            let who = match place.who {
                Who::Anyone => "誰でも".to_owned(),
                Who::AnySession => "サインインの途中でも".to_owned(),
                Who::SignedIn => "サインインした人".to_owned(),
                Who::Holding(roles) => roles.iter().map(|role| role.label()).collect::<Vec<_>>().join("・"),
            };
            format!("{:<32} {who}", place.path)
        })
        .collect();
    lines.sort();
    let distinct: BTreeSet<&str> = places::all().map(|place| place.path).collect();
    assert_eq!(distinct.len(), lines.len(), "a page stands in the list twice");
    agrees(&root().join("crates/server/tests/snapshots/places.txt"), &format!("{}\n", lines.join("\n")));
}

#[test]
fn no_role_opens_a_page_that_is_not_its_own_and_nobody_one_without_a_session() {
    let house = House::with_accounts();
    let mut anyone = Browser::new(&house);
    for place in places::all().filter(|place| place.who != Who::Anyone) {
        let path = filled(place.path);
        let reply = anyone.get(&path);
        let to = reply.header("location").unwrap_or_default();
        assert!(reply.status == 303 && to.starts_with("/signin"), "{path}: {} {to}", reply.status);
        let reply = anyone.post(&path, &[]);
        assert_eq!(reply.status, 303, "a form to {path} without a session");
    }
    let (mut opened, mut closed) = (0, 0);
    for (name, roles) in PEOPLE {
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        let mut browser = Browser::signed_in(&house, name);
        for place in places::all().filter(|place| !matches!(place.who, Who::Anyone | Who::AnySession)) {
            let path = filled(place.path);
            let (read, sent) = (browser.get(&path), browser.post(&path, &[]));
            if place.who.lets_in(&roles) {
                opened += 1;
                assert!(matches!(read.status, 200 | 303 | 404 | 405), "{name} {path}: {}", read.status);
                // A form without the session's token changes nothing, whoever sends it.
                assert!(matches!(sent.status, 400 | 403 | 404 | 405), "{name} sends to {path}: {}", sent.status);
            } else {
                closed += 1;
                assert_eq!((read.status, sent.status), (403, 403), "{name} {path}");
                assert!(read.text().contains("役割が必要です"), "{name} {path}");
            }
        }
    }
    assert!(opened > 40 && closed > 20, "{opened} {closed}");
}

/// A page leads only to pages its reader may open.
#[test]
fn the_menu_leads_nobody_to_a_closed_door() {
    let house = House::with_accounts();
    for (name, _) in PEOPLE {
        let mut browser = Browser::signed_in(&house, name);
        let page = browser.get("/").text();
        let links: BTreeSet<String> = page
            .split("href=\"/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(|path| format!("/{path}"))
            .filter(|path| !path.starts_with("/ledger/") && !path.ends_with(".css") && !path.ends_with(".svg"))
            .collect();
        assert!(links.len() > 1, "{name}: {links:?}");
        for link in links {
            let reply = browser.get(&link);
            assert_eq!(reply.status, 200, "{name} is led to {link}");
        }
    }
}
