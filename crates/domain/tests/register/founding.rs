//! The first steps, and that the installation cannot govern after them.

use crate::town::{Town, draft, enact, establish, grant, id, join, key, leave, sha, submit};
use sekisho_domain::command::{Command, INSTALLATION, RevokeKey};
use sekisho_domain::event::Event;
use sekisho_domain::organization::Department;
use sekisho_domain::person::Role;
use sekisho_domain::regulation::Part;

fn department(name: &str, above: Option<&str>) -> Command {
    Command::PlaceDepartment(Department { department: id(name), parent: above.map(id) })
}

#[test]
fn given_nothing_when_anything_but_the_founding_is_asked_then_it_is_refused() {
    let mut town = Town::empty();
    assert_eq!(town.installation(department("kanbo", None)).unwrap_err().code, "WRONG_STATE");
    assert_eq!(town.tries("nobody", establish()).unwrap_err().code, "NOT_ALLOWED");
    assert!(town.installation(establish()).is_ok());
    assert_eq!(town.entries[0].actor.as_str(), INSTALLATION);
    assert_eq!(town.entries[0].organization.as_str(), "kakuu-sho");
}

#[test]
fn given_a_body_when_it_is_founded_again_then_it_is_refused() {
    let mut town = Town::empty();
    town.installation(establish()).unwrap();
    assert_eq!(town.installation(establish()).unwrap_err().code, "EXISTS");
}

#[test]
fn given_an_administrator_without_a_key_then_the_installation_may_still_take_first_steps_and_no_others() {
    let mut town = Town::empty();
    town.installation(establish()).unwrap();
    town.installation(department("kanbo", None)).unwrap();
    town.installation(join("admin", "kanbo", "")).unwrap();
    town.installation(grant("admin", Role::Administrator)).unwrap();
    town.installation(join("other", "kanbo", "")).unwrap();
    // A key of someone else does not end the founding.
    town.installation(key("other", '1')).unwrap();
    for command in [enact(Part::Approval), submit(draft("kakuu-cloud")), leave("other")] {
        assert_eq!(town.installation(command).unwrap_err().code, "NOT_ALLOWED");
    }
    town.installation(key("admin", '0')).unwrap();
    for command in
        [join("late", "kanbo", ""), grant("other", Role::Approver), key("other", '2'), department("kyoku", None)]
    {
        assert_eq!(town.installation(command).unwrap_err().code, "NOT_ALLOWED");
    }
}

#[test]
fn given_a_founded_body_then_only_an_administrator_runs_it() {
    let mut town = Town::founded();
    for who in ["ciso", "approver", "manager", "caio", "auditor", "staff", "nobody"] {
        let refusal = town.refused(who, join("new", "kanbo", ""), "NOT_ALLOWED");
        assert!(refusal.ja.contains("システム管理者"), "{refusal:?}");
    }
    town.does("admin", join("new", "kanbo", ""));
    // The body itself is never founded again, whoever asks.
    town.refused("admin", establish(), "NOT_ALLOWED");
}

#[test]
fn given_the_name_of_the_installation_when_a_person_would_bear_it_then_it_is_refused() {
    Town::founded().refused("admin", join(INSTALLATION, "kanbo", ""), "INVALID");
}

#[test]
fn given_the_last_key_of_the_administrator_when_it_is_revoked_then_the_installation_can_issue_another() {
    let mut town = Town::founded();
    let first = town.register.key_by_hash(&sha('0')).unwrap().key.clone();
    assert_eq!(town.installation(key("admin", '1')).unwrap_err().code, "NOT_ALLOWED");
    town.does("admin", Command::RevokeKey(RevokeKey { key: first }));
    let issued = town.installation(key("admin", '1')).unwrap();
    assert!(matches!(&issued[..], [Event::KeyIssued(k)] if k.person.as_str() == "admin"));
    assert_eq!(town.installation(join("new", "kanbo", "")).unwrap_err().code, "NOT_ALLOWED");
}

#[test]
fn given_a_tree_of_departments_when_one_is_put_below_itself_then_it_is_refused() {
    let mut town = Town::founded();
    town.refused("admin", department("kyoku", Some("kyoku")), "INVALID");
    town.refused("admin", department("kanbo", Some("jinji")), "INVALID");
    town.refused("admin", department("kyoku", Some("nowhere")), "UNKNOWN");
    town.does("admin", department("jinji", Some("keizai")));
}

#[test]
fn given_a_chain_of_departments_when_it_grows_beyond_its_depth_then_it_is_refused() {
    let mut town = Town::founded();
    for at in 0..64 {
        let above = (at > 0).then(|| format!("d{}", at - 1));
        town.does("admin", department(&format!("d{at}"), above.as_deref()));
    }
    town.refused("admin", department("d64", Some("d63")), "INVALID");
}
