//! 検出の取扱い.

use crate::town::Town;
use sekisho_domain::command::{Command, SetHandling};
use sekisho_domain::handling::{Action, Handling};

fn set(rule: &str, outside: Option<Action>, inside: Option<Action>) -> Command {
    Command::SetHandling(SetHandling { rule: rule.into(), outside, inside })
}

#[test]
fn given_a_handling_when_it_is_set_again_without_actions_then_the_default_is_back() {
    let mut town = Town::founded();
    assert_eq!(town.register.handling("ID-EMAIL"), Handling::default());
    town.does("ciso", set("ID-EMAIL", Some(Action::Mask), None));
    assert_eq!(town.register.handling("ID-EMAIL").outside, Some(Action::Mask));
    town.does("ciso", set("ID-EMAIL", None, Some(Action::Ask)));
    let now = town.register.handling("ID-EMAIL");
    assert_eq!((now.outside, now.inside), (None, Some(Action::Ask)), "the whole of it is said each time");
    town.does("ciso", set("ID-EMAIL", None, None));
    assert_eq!(town.register.handlings().count(), 0);
}

#[test]
fn only_the_ciso_says_how_findings_are_handled() {
    let mut town = Town::founded();
    for who in ["admin", "approver", "auditor", "staff"] {
        town.refused(who, set("ID-EMAIL", Some(Action::Warn), None), "NOT_ALLOWED");
    }
}

#[test]
fn given_a_my_number_or_a_key_then_no_weaker_handling_than_a_mask_is_taken() {
    let mut town = Town::founded();
    for action in [Action::Warn, Action::Ask] {
        town.refused("ciso", set("ID-MYNUMBER", Some(action), None), "INVALID");
        town.refused("ciso", set("CR-API-KEY", None, Some(action)), "INVALID");
    }
    town.does("ciso", set("ID-MYNUMBER", Some(Action::Mask), Some(Action::Warn)));
    town.does("ciso", set("CR-API-KEY", Some(Action::Mask), Some(Action::Mask)));
}

#[test]
fn a_mark_cannot_be_masked_and_a_rule_has_a_plain_name() {
    let mut town = Town::founded();
    town.refused("ciso", set("MK-05", Some(Action::Mask), None), "INVALID");
    town.refused("ciso", set("MK-05", None, Some(Action::Mask)), "INVALID");
    for rule in ["", "id-card", "ID CARD", "番号", &"A".repeat(41)] {
        town.refused("ciso", set(rule, Some(Action::Warn), None), "INVALID");
    }
}
