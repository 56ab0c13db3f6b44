//! 予算と単価.

use crate::town::{CLOUD, FREE, Town, cloud, day, draft, id, leave, request};
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sekisho_domain::budget::{Budget, Force, MICRO, Period, Spent, Tally, Unit, Whom, amount};
use sekisho_domain::command::{Command, EndBudget, SetBudget, SetPrice};
use sekisho_domain::day::in_japan;
use sekisho_domain::decision::{Decision, Outcome};
use sekisho_domain::id::PermitId;
use sekisho_domain::replay;
use sekisho_domain::usage::UseRequest;

const MODEL: &str = "kakuu-chat";

fn budget(name: &str, whom: Whom, limit: u64) -> SetBudget {
    SetBudget {
        budget: id(name),
        whom,
        unit: Unit::Uses,
        period: Period::Day,
        limit,
        force: Force::Hard,
        tell_at: 80,
        from: None,
    }
}

fn set(name: &str, whom: Whom, limit: u64) -> Command {
    Command::SetBudget(budget(name, whom, limit))
}

fn price(input: u64, output: u64, from: &str) -> Command {
    let (service, model, from) = (id(CLOUD), id(MODEL), Some(day(from)));
    Command::SetPrice(SetPrice { service, model, input, output, from })
}

/// A use of which the gate says what was spent of each budget.
fn asks(town: &Town, who: &str, spent: &[(&str, u64)]) -> Decision {
    let spent = spent.iter().map(|(name, amount)| Spent { amount: *amount, budget: id(name) }).collect();
    replay::decide(&town.register, &UseRequest { spent, ..request(town.now, who, MODEL, 0) }).1
}

fn binding(town: &Town, who: &str, permit: Option<&PermitId>) -> Vec<String> {
    let person = town.register.person(&id(who)).filter(|p| p.active);
    let bound = town.register.budgets_that_bind(person, permit, town.today());
    bound.iter().map(|b| b.budget.to_string()).collect()
}

#[test]
fn given_a_hard_budget_of_three_when_three_are_spent_then_the_next_is_refused_with_day_and_remedy() {
    let (mut town, permit) = Town::permitted();
    town.does("manager", set("three", Whom::Permit(permit), 3));
    assert!(asks(&town, "staff", &[("three", 2)]).is_allowed());
    let decision = asks(&town, "staff", &[("three", 3)]);
    assert_eq!((decision.outcome, decision.code()), (Outcome::Deny, Some("BUDGET_EXCEEDED")));
    let reason = decision.reason().unwrap();
    assert_eq!((reason.rule.as_str(), reason.document.as_str()), ("SK-BUDGET", "自組織の定め"));
    assert_eq!(reason.edition, "2026-11-22 から");
    assert!(reason.explanation.contains("three") && reason.explanation.contains("3 回"), "{}", reason.explanation);
    assert!(reason.remedy.contains("2026-11-23") && reason.remedy.contains("外部サービス管理者"), "{}", reason.remedy);
    assert!(!reason.evidence.is_official());
}

#[test]
fn given_a_soft_budget_when_it_is_used_up_then_nothing_is_stopped() {
    let (mut town, permit) = Town::permitted();
    town.does("ciso", Command::SetBudget(SetBudget { force: Force::Soft, ..budget("soft", Whom::Permit(permit), 3) }));
    assert!(asks(&town, "staff", &[("soft", 300)]).is_allowed());
}

#[test]
fn given_a_hard_budget_when_the_gate_does_not_say_what_was_spent_then_nothing_goes() {
    let (mut town, permit) = Town::permitted();
    town.does("manager", set("three", Whom::Permit(permit), 3));
    assert_eq!(asks(&town, "staff", &[]).code(), Some("BUDGET_EXCEEDED"));
    assert_eq!(asks(&town, "staff", &[("other", 0)]).code(), Some("BUDGET_EXCEEDED"));
}

#[test]
fn a_budget_lets_nothing_through_that_the_rules_stop_and_stands_last_among_the_reasons() {
    let mut town = Town::ready();
    town.does("manager", set("mine", Whom::Everyone, 3));
    assert_eq!(asks(&town, "staff", &[("mine", 0)]).code(), Some("NO_APPROVAL"));
    let both = asks(&town, "staff", &[("mine", 3)]);
    assert_eq!(both.code(), Some("NO_APPROVAL"));
    assert_eq!(both.reasons.last().map(|r| r.code.as_str()), Some("BUDGET_EXCEEDED"));
}

#[test]
fn a_budget_binds_its_permit_its_department_with_all_below_its_person_or_each_person() {
    let (mut town, permit) = Town::permitted();
    for (name, whom) in [
        ("a-permit", Whom::Permit(permit.clone())),
        ("b-above", Whom::Department(id("kanbo"))),
        ("c-own", Whom::Department(id("jinji"))),
        ("d-other", Whom::Department(id("keizai"))),
        ("e-staff", Whom::Person(id("staff"))),
        ("f-each", Whom::Everyone),
    ] {
        town.does("manager", set(name, whom, 1));
    }
    assert_eq!(binding(&town, "staff", Some(&permit)), ["a-permit", "b-above", "c-own", "e-staff", "f-each"]);
    assert_eq!(binding(&town, "colleague", None), ["b-above", "f-each"]);
    assert_eq!(binding(&town, "outsider", None), ["d-other", "f-each"]);
    assert_eq!(town.register.with_those_below(&id("soumu")), [id("soumu"), id("jinji")].into());
    town.does("admin", leave("colleague"));
    assert_eq!(binding(&town, "colleague", None), Vec::<String>::new(), "who has left is nobody here");
}

#[test]
fn what_was_said_last_counts_from_its_day_and_every_word_stays_readable() {
    let (mut town, _) = Town::permitted();
    town.does("manager", set("each", Whom::Everyone, 3));
    let more = SetBudget { from: Some(day("2026-12-01")), ..budget("each", Whom::Everyone, 9) };
    town.does("ciso", Command::SetBudget(more));
    let limit = |town: &Town, on: &str| town.register.budgets().get(&id("each")).unwrap().on(day(on)).map(|b| b.limit);
    assert_eq!(limit(&town, "2026-11-21"), None, "it had not begun");
    assert_eq!((limit(&town, "2026-11-30"), limit(&town, "2026-12-01")), (Some(3), Some(9)));
    town.on("2026-12-10").does("manager", Command::EndBudget(EndBudget { budget: id("each") }));
    assert_eq!((limit(&town, "2026-12-09"), limit(&town, "2026-12-10")), (Some(9), None));
    assert_eq!(binding(&town, "staff", None), Vec::<String>::new());
    let record = town.register.budgets().get(&id("each")).unwrap();
    let said: Vec<_> = record.versions().iter().map(|v| (v.by.to_string(), v.budget.is_some())).collect();
    assert_eq!(said, [("manager".into(), true), ("ciso".into(), true), ("manager".into(), false)]);
    town.refused("manager", Command::EndBudget(EndBudget { budget: id("each") }), "WRONG_STATE");
    town.does("manager", set("each", Whom::Everyone, 5));
    assert_eq!(binding(&town, "staff", None), ["each"], "it can be set again");
}

#[test]
fn the_service_manager_and_the_ciso_set_budgets_and_nobody_else() {
    let mut town = Town::ready();
    town.does("manager", set("a", Whom::Everyone, 3));
    town.does("ciso", price(100, 400, "2026-11-22"));
    for who in ["admin", "approver", "auditor", "caio", "staff"] {
        town.refused(who, set("b", Whom::Everyone, 3), "NOT_ALLOWED");
        town.refused(who, Command::EndBudget(EndBudget { budget: id("a") }), "NOT_ALLOWED");
        town.refused(who, price(1, 1, "2026-11-22"), "NOT_ALLOWED");
    }
}

#[test]
fn a_budget_that_makes_no_sense_is_refused() {
    let mut town = Town::ready();
    for (whom, code) in [
        (Whom::Permit(id("pm-none")), "UNKNOWN"),
        (Whom::Department(id("none")), "UNKNOWN"),
        (Whom::Person(id("nobody")), "UNKNOWN"),
    ] {
        town.refused("manager", set("a", whom, 3), code);
    }
    let each = || budget("a", Whom::Everyone, 3);
    for wrong in [
        SetBudget { limit: 0, ..each() },
        SetBudget { limit: Unit::Yen.most() + 1, unit: Unit::Yen, ..each() },
        SetBudget { tell_at: 0, ..each() },
        SetBudget { tell_at: 101, ..each() },
        SetBudget { from: Some(day("2026-11-21")), ..each() },
    ] {
        town.refused("manager", Command::SetBudget(wrong), "INVALID");
    }
    town.does("manager", Command::SetBudget(each()));
    town.refused("manager", set("a", Whom::Person(id("staff")), 3), "WRONG_STATE");
    town.refused("manager", Command::EndBudget(EndBudget { budget: id("b") }), "UNKNOWN");
    let of = |service: &str, model: &str, input| {
        Command::SetPrice(SetPrice { service: id(service), model: id(model), input, output: 1, from: None })
    };
    town.refused("manager", of("none", MODEL, 1), "UNKNOWN");
    town.refused("manager", of(FREE, MODEL, 1), "UNKNOWN");
    town.refused("manager", of(CLOUD, MODEL, 1_000_000_001), "INVALID");
}

#[test]
fn given_a_price_that_changes_then_each_day_costs_what_it_cost_on_that_day() {
    let mut town = Town::ready();
    town.does("manager", price(100, 400, "2026-11-22"));
    town.does("manager", price(300, 800, "2026-12-01"));
    let on = |on: &str, input_tokens, output_tokens| Tally {
        day: day(on),
        service: CLOUD.into(),
        model: MODEL.into(),
        uses: 1,
        input_tokens,
        output_tokens,
    };
    let yen = |tallies: &[Tally]| amount(tallies, Unit::Yen, town.register.prices());
    assert_eq!(yen(&[on("2026-11-30", 1_000_000, 500_000)]), (100 + 200) * MICRO);
    assert_eq!(yen(&[on("2026-12-01", 1_000_000, 500_000)]), (300 + 400) * MICRO);
    assert_eq!(yen(&[on("2026-11-30", 7, 0), on("2026-12-01", 7, 0)]), 7 * 100 + 7 * 300, "no token is rounded away");
    assert_eq!(yen(&[on("2026-11-21", 1_000_000, 0)]), 0, "there was no price yet");
    assert_eq!(yen(&[Tally { model: "unknown model".into(), ..on("2026-12-01", 9, 9) }]), 0);
    let endless = yen(&[on("2026-12-01", u64::MAX, u64::MAX)]);
    assert!(endless < 1 << 53, "{endless} is an integer that JSON holds");
}

#[test]
fn an_application_is_rehearsed_as_if_nothing_were_spent() {
    let mut town = Town::ready();
    town.does("manager", set("each", Whom::Everyone, 1));
    let rehearsed = sekisho_domain::rehearsal::rehearse(&town.register, &id("staff"), &draft(CLOUD), None, town.now);
    assert!(rehearsed.iter().all(|r| r.decision.code() != Some("BUDGET_EXCEEDED")), "{rehearsed:?}");
    assert!(!rehearsed.is_empty());
    assert_eq!(cloud().service, id(CLOUD));
}

// ---- a model: what is let through never passes a limit, and nothing is stopped before one is reached ----

#[derive(Debug, Clone)]
struct Asked {
    who: &'static str,
    days_later: i32,
    tokens: (u64, u64),
}

/// A use that went through, as anybody would write it down.
struct Went {
    who: &'static str,
    day: Date,
    tokens: (u64, u64),
}

fn begin(period: Period, on: Date) -> Date {
    match period {
        Period::Day => on,
        Period::Month => Date::new(on.year(), on.month(), 1).unwrap(),
        Period::FiscalYear if on.month() < 4 => Date::new(on.year() - 1, 4, 1).unwrap(),
        Period::FiscalYear => Date::new(on.year(), 4, 1).unwrap(),
    }
}

/// The sum over the list, counted without any help of the code under test.
fn naive(went: &[Went], budget: &Budget, who: &str, today: Date) -> u64 {
    let counts = |one: &&Went| {
        let bound = match &budget.whom {
            Whom::Permit(_) => true,
            Whom::Department(d) => match d.as_str() {
                "kanbo" => one.who != "outsider",
                "soumu" => ["staff", "colleague"].contains(&one.who),
                _ => one.who == "staff",
            },
            Whom::Person(p) => p.as_str() == one.who,
            Whom::Everyone => one.who == who,
        };
        bound && one.day >= begin(budget.period, today) && one.day <= today
    };
    let of = |one: &Went| match budget.unit {
        Unit::Uses => 1,
        Unit::Tokens => one.tokens.0 + one.tokens.1,
        Unit::Yen => one.tokens.0 * 100 + one.tokens.1 * 400,
    };
    went.iter().filter(counts).map(of).sum()
}

fn budgets(permit: PermitId) -> impl Strategy<Value = Vec<SetBudget>> {
    let whom = select(vec![
        Whom::Permit(permit),
        Whom::Department(id("kanbo")),
        Whom::Department(id("soumu")),
        Whom::Department(id("jinji")),
        Whom::Person(id("staff")),
        Whom::Everyone,
    ]);
    let unit = select(vec![(Unit::Uses, 6), (Unit::Tokens, 3_000), (Unit::Yen, 1)]);
    let period = select(vec![Period::Day, Period::Month, Period::FiscalYear]);
    let one = (whom, unit, period, select(vec![Force::Hard, Force::Soft]), 1..=100_u64);
    vec(one, 1..5).prop_map(|all| {
        let named = all.into_iter().enumerate();
        let made = named.map(|(at, (whom, (unit, most), period, force, part))| SetBudget {
            unit,
            period,
            force,
            ..budget(&format!("b-{at}"), whom, (most * part / 100).max(1))
        });
        made.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn what_goes_through_is_what_a_list_on_paper_would_let_through(
        (set, asked) in (
            budgets(Town::permitted().1),
            vec((select(vec!["staff", "colleague", "outsider"]), select(vec![0, 0, 0, 1, 9, 40]), (0..1_000_u64, 0..1_000_u64)), 1..40),
        )
    ) {
        let (mut town, permit) = Town::permitted();
        town.does("manager", price(100, 400, "2026-11-22"));
        for one in set {
            town.does("manager", Command::SetBudget(one));
        }
        let mut went: Vec<Went> = Vec::new();
        for (who, days_later, tokens) in asked {
            let Asked { who, days_later, tokens } = Asked { who, days_later, tokens };
            town.wait(u16::try_from(days_later * 24).unwrap());
            let today = in_japan(town.now);
            let mut asks = request(town.now, who, MODEL, 0);
            asks.permit = Some(permit.clone());
            let considered = replay::consider(&town.register, &asks);
            let bound: Vec<Budget> =
                replay::budgets(&town.register, &considered, &asks).into_iter().cloned().collect();
            asks.spent = bound
                .iter()
                .map(|one| Spent { amount: naive(&went, one, who, today), budget: one.budget.clone() })
                .collect();
            let decision = replay::decide(&town.register, &asks).1;
            let used_up = town.register.budgets().iter().filter_map(|(_, record)| record.on(today)).any(|one| {
                let binds = match &one.whom {
                    Whom::Permit(_) | Whom::Everyone => true,
                    Whom::Department(d) => match d.as_str() {
                        "kanbo" => who != "outsider",
                        "soumu" => who != "outsider",
                        _ => who == "staff",
                    },
                    Whom::Person(p) => p.as_str() == who,
                };
                let scale = if one.unit == Unit::Yen { 1_000_000 } else { 1 };
                one.force == Force::Hard && binds && naive(&went, one, who, today) >= one.limit * scale
            });
            let stopped = decision.reasons.iter().any(|reason| reason.code == "BUDGET_EXCEEDED");
            prop_assert_eq!(stopped, used_up);
            let others = decision.reasons.iter().filter(|reason| reason.code != "BUDGET_EXCEEDED").count();
            prop_assert_eq!(decision.is_allowed(), !used_up && others == 0);
            prop_assert_eq!(&replay::decide(&town.register, &asks).1, &decision);
            if !stopped {
                went.push(Went { who, day: today, tokens });
            }
        }
    }
}
