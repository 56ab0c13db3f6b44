//! People, their roles and keys.

use crate::town::{
    CLOUD, Town, approve, draft, enact, grant, id, join, key, leave, met, relocate, sha, submit, withdraw_role,
};
use jiff::SignedDuration;
use sekisho_domain::command::{Command, IssueKey, RevokeKey, WithdrawRules};
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::KeyId;
use sekisho_domain::permit::UserRange;
use sekisho_domain::person::Role;
use sekisho_domain::regulation::Part;

const ROLES: [Role; 6] =
    [Role::Administrator, Role::Ciso, Role::Approver, Role::ServiceManager, Role::Caio, Role::Auditor];

#[test]
fn who_runs_who_permits_and_who_audits_are_never_one_person() {
    let apart =
        [(Role::Administrator, Role::Approver), (Role::Administrator, Role::Auditor), (Role::Approver, Role::Auditor)];
    for first in ROLES {
        for second in ROLES {
            let mut town = Town::founded();
            town.does("admin", grant("staff", first));
            if apart.contains(&(first, second)) || apart.contains(&(second, first)) {
                let refusal = town.refused("admin", grant("staff", second), "SEPARATION_OF_DUTIES");
                assert!(refusal.ja.contains(first.label()) && refusal.ja.contains(second.label()), "{refusal:?}");
                // Once the first is taken, the second may be given.
                town.does("admin", withdraw_role("staff", first));
            }
            town.does("admin", grant("staff", second));
            assert!(town.register.holds(&id("staff"), second));
        }
    }
}

#[test]
fn given_no_role_of_that_kind_when_it_is_taken_then_it_is_refused() {
    let mut town = Town::founded();
    town.refused("admin", withdraw_role("staff", Role::Approver), "WRONG_STATE");
    town.refused("admin", grant("nobody", Role::Approver), "UNKNOWN");
}

#[test]
fn given_one_administrator_then_the_last_one_stays() {
    let mut town = Town::founded();
    town.refused("admin", leave("admin"), "WRONG_STATE");
    town.refused("admin", withdraw_role("admin", Role::Administrator), "WRONG_STATE");
    town.does("admin", grant("colleague", Role::Administrator));
    town.does("colleague", leave("admin"));
    town.refused("colleague", leave("colleague"), "WRONG_STATE");
    town.refused("admin", join("new", "kanbo", ""), "NOT_ALLOWED");
}

#[test]
fn given_a_person_who_left_then_nothing_is_left_of_the_role_and_nobody_takes_the_name() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    town.does("admin", leave("approver"));
    town.refused("approver", approve(&application), "NOT_ALLOWED");
    town.refused("admin", leave("approver"), "WRONG_STATE");
    town.refused("admin", grant("approver", Role::Approver), "WRONG_STATE");
    town.refused("admin", relocate("approver", "soumu"), "WRONG_STATE");
    town.refused("admin", key("approver", '5'), "WRONG_STATE");
    town.refused("admin", join("approver", "kanbo", ""), "EXISTS");
    town.refused("approver", submit(draft(CLOUD)), "NOT_ALLOWED");
    let person = town.register.person(&id("approver")).unwrap();
    assert!(!person.active && person.roles.is_empty());
}

#[test]
fn given_a_permit_when_its_user_leaves_or_moves_away_then_the_way_is_closed() {
    let (mut town, _) = Town::permitted();
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    assert_eq!(town.answer("outsider", "kakuu-chat", 1), "NO_APPROVAL");
    town.does("admin", relocate("staff", "keizai"));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "NO_APPROVAL");
    town.does("admin", relocate("outsider", "jinji"));
    assert_eq!(town.answer("outsider", "kakuu-chat", 1), "allow");
    town.does("admin", leave("outsider"));
    assert_eq!(town.answer("outsider", "kakuu-chat", 1), "NO_APPROVAL");
}

#[test]
fn given_a_permit_that_names_a_person_when_that_person_leaves_then_the_name_no_longer_counts() {
    let mut town = Town::ready();
    let users = UserRange { people: [id("outsider")].into(), ..UserRange::default() };
    let mut wide = draft(CLOUD);
    wide.users = users;
    let permit = town.permit_for(wide);
    let mut request = crate::town::request(town.now, "outsider", "kakuu-chat", 0);
    request.permit = Some(permit);
    let code = |town: &Town| sekisho_domain::replay::decide(&town.register, &request).1.code().map(str::to_owned);
    assert_eq!(code(&town), None);
    town.does("admin", leave("outsider"));
    assert_eq!(code(&town), Some("USER_RANGE".into()));
}

#[test]
fn given_a_range_by_post_then_the_post_counts_and_no_post_is_nobody() {
    let mut town = Town::ready();
    let mut by_post = draft(CLOUD);
    by_post.users = UserRange { posts: ["kacho".into(), String::new()].into(), ..UserRange::default() };
    town.permit_for(by_post);
    assert_eq!(town.answer("outsider", "kakuu-chat", 1), "allow");
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "NO_APPROVAL");
    assert_eq!(town.answer("colleague", "kakuu-chat", 1), "NO_APPROVAL");
}

#[test]
fn given_a_key_when_it_is_issued_again_or_malformed_then_it_is_refused() {
    let mut town = Town::founded();
    town.refused("admin", key("staff", '0'), "EXISTS");
    for hash in ["", "0".repeat(63).as_str(), "A".repeat(64).as_str(), "g".repeat(64).as_str()] {
        let command =
            IssueKey { hash: hash.into(), person: id("staff"), permit: None, declared: None, valid_until: None };
        town.refused("admin", Command::IssueKey(command), "INVALID");
    }
    town.refused("admin", key("nobody", '1'), "UNKNOWN");
}

#[test]
fn given_a_revoked_key_then_it_stays_known_revoked_and_taken() {
    let mut town = Town::founded();
    let Event::KeyIssued(issued) = town.does("admin", key("staff", '1')).remove(0) else { panic!() };
    town.does("admin", Command::RevokeKey(RevokeKey { key: issued.key.clone() }));
    assert!(town.register.key_by_hash(&sha('1')).unwrap().revoked);
    town.refused("admin", Command::RevokeKey(RevokeKey { key: issued.key }), "WRONG_STATE");
    town.refused("admin", key("staff", '1'), "EXISTS");
    town.refused("admin", Command::RevokeKey(RevokeKey { key: KeyId::new("k-none").unwrap() }), "UNKNOWN");
}

#[test]
fn given_a_permit_then_a_key_is_bound_to_it_only_for_people_in_its_range() {
    let (mut town, permit) = Town::permitted();
    let bound = |who: &str, digit: char, grade: u8| {
        Command::IssueKey(IssueKey {
            hash: sha(digit),
            person: id(who),
            permit: Some(permit.clone()),
            declared: Some(Grade(grade)),
            valid_until: None,
        })
    };
    town.refused("admin", bound("outsider", '1', 0), "USER_RANGE");
    town.refused("admin", bound("staff", '1', 3), "INVALID");
    town.does("admin", bound("staff", '1', 2));
    let key = town.register.key_by_hash(&sha('1')).unwrap();
    assert_eq!((key.permit.as_ref(), key.declared), (Some(&permit), Grade(2)));
    let Command::IssueKey(mut elsewhere) = bound("staff", '2', 0) else { panic!() };
    elsewhere.permit = Some(id("pm-none"));
    elsewhere.valid_until = town.now.checked_add(SignedDuration::from_hours(1)).ok();
    town.refused("admin", Command::IssueKey(elsewhere), "UNKNOWN");
}

#[test]
fn an_administrator_neither_approves_nor_makes_rules_and_an_auditor_changes_nothing() {
    let (mut town, permit) = Town::permitted();
    let application = town.apply_for(draft(CLOUD));
    for who in ["admin", "auditor", "ciso", "manager", "caio", "staff"] {
        town.refused(who, approve(&application), "NOT_ALLOWED");
        town.refused(who, crate::town::reapprove(&permit), "NOT_ALLOWED");
        town.refused(who, met(&permit, "INCIDENT_OPEN", "2026-12-01"), "NOT_ALLOWED");
    }
    for who in ["admin", "auditor", "approver", "manager", "caio", "staff"] {
        town.refused(who, enact(Part::Approval), "NOT_ALLOWED");
        town.refused(who, Command::WithdrawRules(WithdrawRules { rule_set: id("ismap") }), "NOT_ALLOWED");
    }
    for who in ["auditor", "approver", "caio", "staff"] {
        town.refused(who, crate::town::advisory(CLOUD, "注意"), "NOT_ALLOWED");
    }
    for who in ["admin", "auditor", "approver", "ciso", "manager", "staff"] {
        town.refused(who, crate::town::decide_risk(&application, true), "NOT_ALLOWED");
    }
    for who in ["admin", "auditor", "caio", "staff"] {
        town.refused(who, crate::town::suspend(&permit), "NOT_ALLOWED");
        town.refused(who, crate::town::revoke(&permit), "NOT_ALLOWED");
    }
}

#[test]
fn the_gates_own_rules_cannot_be_withdrawn_and_without_them_nothing_is_allowed() {
    let (mut town, _) = Town::permitted();
    let refusal = town.refused("ciso", Command::WithdrawRules(WithdrawRules { rule_set: id("base") }), "WRONG_STATE");
    assert!(refusal.ja.contains("基本の決まり"), "{refusal:?}");
    town.does("ciso", Command::WithdrawRules(WithdrawRules { rule_set: id("ismap") }));
    town.refused("ciso", Command::WithdrawRules(WithdrawRules { rule_set: id("ismap") }), "UNKNOWN");
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");

    // A body's own rule that permits everything is not asked alone.
    let mut bare = Town::founded();
    let everything = "// id: kakuu\n// title: 題\n// edition: 1\n// applies_to: both\n@id(\"K\")\n@title(\"題\")\n\
                      @document(\"規程\")\n@edition(\"1\")\n@clause(\"1条\")\n@evidence(\"D\")\n\
                      permit (principal, action, resource);\n";
    let adopt = sekisho_domain::command::AdoptRules { rule_set: id("kakuu"), text: Some(everything.into()) };
    bare.does("ciso", Command::AdoptRules(adopt));
    bare.does("manager", Command::RegisterService(crate::town::own()));
    assert_eq!(bare.answer("staff", "kakuu-local", 0), "NO_RULE");
}
