//! What holds for all facts.

use crate::example::{ANY, good, own, own_rule};
use proptest::prelude::*;
use sekisho_domain::decision::{Decision, Effect, Facts, Outcome, PermitStanding, RiskStanding, Rules};
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{PersonId, ServiceId};
use sekisho_domain::ismap::RegistrationState;
use sekisho_domain::rule_set::{AppliesTo, RuleSet};
use sekisho_domain::service::{Consultation, ProvisionForm};
use std::sync::LazyLock;

static BODIES: LazyLock<Vec<Rules>> = LazyLock::new(|| {
    [AppliesTo::National, AppliesTo::Local, AppliesTo::Both]
        .map(|body| Rules::compile(&RuleSet::builtin_for(body)).unwrap())
        .into()
});

/// Built-in rules and a body's own in every form that a screen reads, half reads or does not read; some fail.
static MIXED: LazyLock<Rules> = LazyLock::new(|| {
    let overflow = "context.grade + 9223372036854775807 > 0";
    let own_rules = [
        (ANY, "context.sensitive && (context.my_number || context.region != \"jp\")".to_owned()),
        (ANY, format!("context.credential && {overflow}")),
        (ANY, format!("{overflow} && context.credential")),
        (ANY, format!("!context.in_user_range && context.grade > context.ceiling && {overflow}")),
        (ANY, format!("context.zone == \"lgwan\" && context.permit != Permit::\"active\" && {overflow}")),
        (ANY, "!(context.form == Form::\"self_operated\") && !!context.incident_open".to_owned()),
        (ANY, "\"lgwan\" == context.zone && context.advisory_open".to_owned()),
        (ANY, "(context.sensitive && context.incident_open) && context.ismap_liu".to_owned()),
        (
            ANY,
            "context.sensitive && (context.incident_open && context.acknowledged.contains(\"INCIDENT_OPEN\"))"
                .to_owned(),
        ),
        (ANY, "context.ceiling < context.grade && context has model".to_owned()),
        ("principal == Person::\"p-2\", action == Action::\"use\", resource", "context.my_number".to_owned()),
        ("principal, action, resource == Service::\"unknown\"", "!context.service_known".to_owned()),
        (
            "principal == Person::\"p-1\", action, resource == Service::\"kakuu-cloud\"",
            format!("context.ismap_liu && {overflow}"),
        ),
        (ANY, "context.grade == 2 && context.post == \"\"".to_owned()),
    ];
    let text: String = own_rules
        .iter()
        .enumerate()
        .map(|(at, (scope, condition))| {
            let effect = if at % 3 == 0 { Effect::Conditional } else { Effect::Deny };
            own_rule(&format!("OWN-{at}"), effect, scope, condition)
        })
        .collect();
    let unless = own_rule("OWN-U", Effect::Deny, ANY, "context.sensitive").replace(
        "};",
        "} unless { context.generative_ai && context.grade < 2 } when { context.post == \"kakaricho\" };",
    );
    let mut sets = RuleSet::builtin();
    sets.push(own(&format!("{text}{unless}")));
    Rules::compile(&sets).unwrap()
});

const NOT_ACTIVE: &[PermitStanding] = &[
    PermitStanding::None,
    PermitStanding::NotYet,
    PermitStanding::Suspended,
    PermitStanding::Expired,
    PermitStanding::Revoked,
];

/// Facts in which each field differs from the good example about one time in `rarity`.
fn facts(rarity: u8) -> impl Strategy<Value = Facts> {
    proptest::collection::vec(any::<(u8, u8)>(), 42).prop_map(move |dice| {
        let mut dice = dice.into_iter();
        let mut throw = || {
            let (whether, which) = dice.next().unwrap();
            (whether % rarity == 1).then_some(usize::from(which))
        };
        fn pick<T: Copy>(thrown: Option<usize>, of: &[T], otherwise: T) -> T {
            thrown.map_or(otherwise, |which| of[which % of.len()])
        }
        let mut facts = good();
        for flag in [
            &mut facts.sensitive,
            &mut facts.out_of_scope_information,
            &mut facts.my_number,
            &mut facts.credential,
            &mut facts.sending_restricted,
            &mut facts.finding_blocked,
            &mut facts.finding_unconfirmed,
            &mut facts.service_known,
            &mut facts.generative_ai,
            &mut facts.advisory_open,
            &mut facts.ismap_liu,
            &mut facts.in_declared_scope,
            &mut facts.incident_open,
            &mut facts.liu_work_listed_low,
            &mut facts.permit_covers_service,
            &mut facts.permit_covers_purpose,
            &mut facts.in_user_range,
            &mut facts.regulation_complete,
        ] {
            *flag ^= throw().is_some();
        }
        for (text, values) in [
            (&mut facts.model, ["", "別のモデル", "{grade}"]),
            (&mut facts.app, ["gijiroku", "honyaku", ""]),
            (&mut facts.zone, ["lgwan", "mynumber", "internet"]),
            (&mut facts.grade_label, ["自治体機密性3A", "自治体機密性3B", "自治体機密性2"]),
            (&mut facts.post, ["", "kacho", "\"quoted\""]),
            (&mut facts.hosting_route, ["lgwan-asp", "", "internet"]),
            (&mut facts.region, ["us", "", "eu"]),
            (&mut facts.permit_changes, ["地域", "", "約款"]),
        ] {
            if let Some(which) = throw() {
                *text = values[which % 3].into();
            }
        }
        facts.grade = Grade(pick(throw(), &[0, 2, 4, 255], 1));
        facts.ceiling = Grade(pick(throw(), &[0, 2, 4], 1));
        facts.person = PersonId::new(pick(throw(), &["p-2", "p-3"], "p-1")).unwrap();
        facts.service = ServiceId::new(pick(throw(), &["unknown", "kakuu-own"], "kakuu-cloud")).unwrap();
        facts.form = pick(
            throw(),
            &[ProvisionForm::StandardTerms, ProvisionForm::SelfOperated],
            ProvisionForm::IndividualContract,
        );
        facts.consultation = pick(throw(), &[Consultation::None, Consultation::Reported], Consultation::Consented);
        facts.ismap = pick(
            throw(),
            &[
                RegistrationState::None,
                RegistrationState::Continuing,
                RegistrationState::Expired,
                RegistrationState::Suspended,
                RegistrationState::Removed,
            ],
            RegistrationState::Active,
        );
        facts.permit = pick(throw(), NOT_ACTIVE, PermitStanding::Active);
        facts.risk = pick(
            throw(),
            &[
                RiskStanding::Unassessed,
                RiskStanding::PossiblyHigh,
                RiskStanding::AcceptedByCaio,
                RiskStanding::RefusedByCaio,
            ],
            RiskStanding::Low,
        );
        for code in ["INCIDENT_OPEN", "RENEWAL_PENDING", "ADVISORY_OPEN", "CAIO_REVIEW", "NO_APPROVAL"] {
            if throw().is_some() {
                facts.acknowledged.insert(code.into());
            }
        }
        facts
    })
}

fn any_facts() -> impl Strategy<Value = Facts> {
    prop_oneof![facts(2), facts(8), facts(32), facts(120)]
}

fn sound(decision: &Decision) {
    let denies = decision.reasons.iter().any(|r| r.effect == Effect::Deny);
    let expected = match (decision.reasons.is_empty(), denies) {
        (true, _) => Outcome::Allow,
        (false, true) => Outcome::Deny,
        (false, false) => Outcome::Conditional,
    };
    assert_eq!(decision.outcome, expected);
    assert_eq!(decision.code().is_none(), decision.is_allowed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn without_a_permit_in_force_nothing_is_ever_allowed(facts in any_facts(), permit in proptest::sample::select(NOT_ACTIVE)) {
        let facts = Facts { permit, ..facts };
        for rules in BODIES.iter() {
            prop_assert_eq!(rules.decide(&facts).outcome, Outcome::Deny);
        }
    }

    #[test]
    fn sensitive_information_never_goes_to_a_service_of_standard_terms(facts in any_facts()) {
        let facts = Facts { sensitive: true, form: ProvisionForm::StandardTerms, ..facts };
        for rules in BODIES.iter() {
            prop_assert_eq!(rules.decide(&facts).outcome, Outcome::Deny);
        }
    }

    #[test]
    fn nothing_above_the_ceiling_and_nobody_outside_the_range_passes(facts in any_facts()) {
        let outside = Facts { in_user_range: false, ..facts.clone() };
        let above = Facts { grade: Grade(facts.ceiling.0 + 1), ..facts };
        for rules in BODIES.iter() {
            prop_assert_eq!(rules.decide(&outside).outcome, Outcome::Deny);
            prop_assert_eq!(rules.decide(&above).outcome, Outcome::Deny);
        }
    }

    #[test]
    fn the_short_way_and_cedar_alone_never_differ(facts in any_facts()) {
        for rules in BODIES.iter().chain([&*MIXED]) {
            let decision = rules.decide(&facts);
            sound(&decision);
            prop_assert_eq!(decision, rules.decide_by_cedar_alone(&facts));
        }
    }

    #[test]
    fn reasons_stand_in_the_fixed_order_each_rule_once(facts in any_facts()) {
        for rules in BODIES.iter() {
            let place = |id: &str| rules.rules().iter().position(|r| r.id == id).unwrap_or(usize::MAX);
            let places: Vec<usize> = rules.decide(&facts).reasons.iter().map(|r| place(&r.rule)).collect();
            prop_assert!(places.is_sorted_by(|a, b| a < b), "{:?}", places);
        }
    }

    #[test]
    fn the_same_facts_under_the_same_rules_give_the_same_bytes(facts in any_facts()) {
        static AGAIN: LazyLock<(Rules, Rules)> = LazyLock::new(|| {
            let sets = RuleSet::builtin();
            let reversed: Vec<RuleSet> = sets.iter().rev().cloned().collect();
            (Rules::compile(&sets).unwrap(), Rules::compile(&reversed).unwrap())
        });
        let one = serde_json::to_string(&AGAIN.0.decide(&facts)).unwrap();
        let other = serde_json::to_string(&AGAIN.1.decide(&facts)).unwrap();
        prop_assert_eq!(&one, &other);
        let back: Decision = serde_json::from_str(&one).unwrap();
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), one);
    }
}

#[test]
fn the_example_facts_reach_every_outcome() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..2_000 {
        let facts = any_facts().new_tree(&mut runner).unwrap().current();
        *seen.entry(format!("{:?}", BODIES[0].decide(&facts).outcome)).or_insert(0) += 1;
    }
    assert!(seen.len() == 3 && seen.values().all(|n| *n >= 20), "the properties above would prove little: {seen:?}");
}
