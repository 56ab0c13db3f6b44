//! Parties: who enters them, who acts for them, one person for one party, names that can be told apart.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::{Command, GrantRole, LeavePerson, OpenAdvisory};
use sekisho_domain::ismap::party::{PartyKind, PartyStep, SchemeRole, is_corporate_number};
use sekisho_domain::person::Role;

#[test]
fn given_nobody_acts_yet_when_a_party_is_entered_then_only_who_runs_the_installation_may() {
    let mut land = Land::empty();
    let command = enter("unei", PartyKind::Operator, "架空運営委員会", "");
    land.not_for(&["manager", "staff", "sec"], &command);
    land.does("admin", command.clone());
    land.refused("admin", command, "EXISTS");
    land.does("admin", admit("unei", "sec", SchemeRole::Secretariat));
    land.does("sec", enter("kumo", PartyKind::Csp, "架空クラウド社", ""));
}

#[test]
fn given_a_party_that_nobody_entered_then_nothing_is_done_to_it() {
    let mut land = Land::founded();
    for command in [
        party("nobody", PartyStep::Rename { name: "x".into() }),
        admit("nobody", "newcomer", SchemeRole::Observer),
        release("nobody", "recv", SchemeRole::IpaReception),
        offer("nobody", "x", "x"),
    ] {
        land.refused("sec", command, "UNKNOWN");
    }
}

#[test]
fn given_a_wrong_corporate_number_or_name_then_the_party_is_refused() {
    let mut land = Land::founded();
    let wrong = land.refused("sec", enter("new", PartyKind::Csp, "架空社", "1234567890123"), "INVALID");
    assert!(wrong.ja.contains("1234567890123") && wrong.en.contains("13 digits"), "{wrong:?}");
    land.refused("sec", enter("new", PartyKind::Csp, "  ", ""), "INVALID");
    land.refused("sec", enter("new", PartyKind::Csp, &"長".repeat(201), ""), "INVALID");
    land.refused("sec", party("kumo", PartyStep::Rename { name: " ".into() }), "INVALID");
    assert!(is_corporate_number(&corporate("100000000009")));
}

#[test]
fn given_two_parties_of_a_kind_then_they_can_be_told_apart() {
    let mut land = Land::founded();
    let number = corporate("100000000001");
    let twin = land.refused("sec", enter("new", PartyKind::Csp, "架空の別名", &number), "EXISTS");
    assert!(twin.ja.contains("kumo"), "{twin:?}");
    land.refused("sec", enter("new", PartyKind::Csp, "架空のkumo", ""), "EXISTS");
    // Companies may share a name where their numbers differ, and a number counts within one kind.
    land.does("sec", enter("new", PartyKind::Csp, "架空のkumo", &corporate("100000000008")));
    land.does("sec", enter("new-firm", PartyKind::AuditFirm, "架空の監査", &number));
    land.does("sec", enter("nameless", PartyKind::Csp, "架空の無番", ""));
    land.refused("sec", party("nameless", PartyStep::Rename { name: "架空のsora".into() }), "EXISTS");
    land.does("sec", party("kumo", PartyStep::Rename { name: "架空の雲".into() }));
    assert_eq!(land.scheme().parties.now(&id("kumo")).unwrap().name, "架空の雲");
}

#[test]
fn given_a_party_then_its_head_looks_after_its_people_but_not_after_its_heads() {
    let mut land = Land::founded();
    let staff = admit("kumo", "newcomer", SchemeRole::CspStaff);
    land.not_for(&["kumo-staff", "sora-head", "k-exec", "recv", "manager", "staff"], &staff);
    land.does("kumo-head", staff);
    land.not_for(&["kumo-head"], &admit("kumo", "newcomer", SchemeRole::CspHead));
    land.does("sec", admit("kumo", "newcomer", SchemeRole::CspHead));
    land.not_for(&["kumo-head"], &release("kumo", "newcomer", SchemeRole::CspHead));
    land.does("kumo-head", release("kumo", "newcomer", SchemeRole::CspStaff));
    land.does("admin", release("kumo", "newcomer", SchemeRole::CspHead));
    assert_eq!(land.scheme().party_of(&id("newcomer")), None);

    let member = admit("kansa", "newcomer", SchemeRole::AuditMember);
    land.not_for(&["k-lead", "t-exec"], &member);
    land.does("k-exec", member);
    land.not_for(&["k-exec"], &admit("kansa", "newcomer", SchemeRole::AuditExec));
    land.not_for(&["buyer"], &admit("chotatsu", "newcomer-2", SchemeRole::Procurer));
}

#[test]
fn given_a_person_who_acts_for_a_party_then_they_act_for_no_other() {
    let mut land = Land::founded();
    let refusal = land.refused("sec", admit("unei", "kumo-head", SchemeRole::CommitteeMember), "SEPARATION_OF_DUTIES");
    assert!(refusal.ja.contains("架空のkumo"), "{refusal:?}");
    land.does("sec", release("kumo", "kumo-head", SchemeRole::CspHead));
    land.does("sec", admit("unei", "kumo-head", SchemeRole::CommitteeMember));
    assert_eq!(land.scheme().party_of(&id("kumo-head")), Some(&id("unei")));
}

#[test]
fn given_a_role_that_does_not_fit_or_a_person_who_is_not_there_then_nobody_is_admitted() {
    let mut land = Land::founded();
    let refusal = land.refused("sec", admit("kumo", "newcomer", SchemeRole::IpaReviewer), "INVALID");
    assert!(refusal.ja.contains("事業者担当者"), "says which roles fit: {refusal:?}");
    land.refused("sec", admit("kumo", "nobody", SchemeRole::CspStaff), "UNKNOWN");
    land.refused("sec", admit("kumo", "kumo-staff", SchemeRole::CspStaff), "WRONG_STATE");
    land.refused("sec", release("kumo", "kumo-staff", SchemeRole::CspHead), "WRONG_STATE");
    land.does("admin", Command::LeavePerson(LeavePerson { person: id("newcomer") }));
    land.refused("sec", admit("kumo", "newcomer", SchemeRole::CspStaff), "UNKNOWN");
}

#[test]
fn given_a_member_who_leaves_the_body_then_they_act_for_no_party_and_are_not_counted() {
    let mut land = Land::founded();
    land.does("sec", admit("unei", "m3", SchemeRole::Observer));
    let events = land.does("admin", Command::LeavePerson(LeavePerson { person: id("m3") }));
    assert_eq!(kinds(&events), ["party.stepped", "party.stepped", "person.left"]);
    let operator = land.scheme().parties.now(&id("unei")).unwrap();
    assert_eq!(operator.holders(SchemeRole::CommitteeMember).count(), 2);
    assert_eq!(land.scheme().party_of(&id("m3")), None);
    assert!(land.scheme().roles_of(&id("m3")).is_empty());
    let before = land.scheme().parties.get(&id("unei")).unwrap().as_of(day("2025-02-28"));
    assert!(before.is_none(), "nothing was known the day before");
}

#[test]
fn given_a_service_then_only_its_provider_offers_it_under_one_name() {
    let mut land = Land::founded();
    let command = offer("kumo", "kumo-ai", "架空AI");
    land.not_for(&["sora-head", "sec", "admin", "k-exec", "staff"], &command);
    land.does("kumo-staff", command);
    land.refused("sora-staff", offer("sora", "kumo-ai", "架空メールAI"), "EXISTS");
    land.refused("kumo-staff", offer("kumo", "kumo-ai-2", "架空AI"), "EXISTS");
    land.refused("kumo-staff", offer("kumo", "kumo-ai-2", " "), "INVALID");
    land.refused("k-exec", offer("kansa", "x", "x"), "WRONG_STATE");
    land.does("kumo-staff", offer("kumo", "kumo-ai", "架空AI 改"));
    let (provider, party) = land.scheme().provider_of(&id("kumo-ai")).unwrap();
    assert_eq!((provider.as_str(), party.offerings[&id("kumo-ai")].as_str()), ("kumo", "架空AI 改"));
}

#[test]
fn given_someone_who_acts_for_a_provider_or_a_firm_then_they_do_nothing_of_the_bodys_whatever_role_they_hold() {
    let mut land = Land::founded();
    let grant = |who: &str, role| Command::GrantRole(GrantRole { person: id(who), role });
    land.does("admin", grant("kumo-staff", Role::ServiceManager));
    let advisory = Command::OpenAdvisory(OpenAdvisory { service: id("x"), advisory: "架空の注意喚起".into() });
    for who in ["kumo-staff", "k-exec"] {
        let refusal = land.refused(who, advisory.clone(), "NOT_ALLOWED");
        assert!(refusal.ja.contains("機関の職員に依頼"), "{refusal:?}");
        land.refused(who, record_rule("kitei-2", "別の規則", "2024-04-01"), "NOT_ALLOWED");
    }
    // Of the body, the same role reaches as far as the service itself.
    land.refused("manager", advisory, "UNKNOWN");
}
