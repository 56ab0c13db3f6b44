//! The rules for statements, (a) to (h): the validator against a second, slow one that follows the domain notes line by line.

use crate::steps::{catalogue, content_for, criterion, day, id, validated};
use proptest::prelude::*;
use proptest::sample::select;
use sekisho_domain::ismap::catalogue::{Catalogue, CatalogueFault};
use sekisho_domain::ismap::criterion::{Criterion, CriterionId, Level};
use sekisho_domain::ismap::statement::{
    Answer, ControlChange, Decision, Severity, StatementContent, Validated, overrides, validate,
};
use std::collections::{BTreeMap, BTreeSet};

type Told = BTreeSet<(char, Option<String>, bool)>;

/// What the validator says: rule, item, and whether it keeps the statement from being signed.
fn told(catalogue: &Catalogue, content: &StatementContent) -> Told {
    let problems = validate(catalogue, content).problems;
    problems.iter().map(|p| (p.rule, p.criterion.map(|c| c.to_string()), p.severity == Severity::Error)).collect()
}

fn blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// The same from the domain notes, section 2, each rule by itself.
fn slowly(catalogue: &Catalogue, content: &StatementContent) -> Told {
    let mut told = Told::new();
    let decided = |c: &Criterion| content.answers.get(&c.id).and_then(|a| a.decision);
    let above = |c: &Criterion| {
        catalogue.criteria.iter().find(|o| o.id.level() == Level::Objective && o.id.objective() == c.id.objective())
    };
    let below = |o: &Criterion| -> Vec<&Criterion> {
        let own = |d: &&Criterion| d.id.level() == Level::Detail && d.id.objective() == o.id.objective();
        catalogue.criteria.iter().filter(own).collect()
    };
    let s = &content.service;
    for lacking in [blank(&s.service_name), blank(&s.scope), s.generative_ai && blank(&s.ai_information)] {
        if lacking {
            told.insert(('-', None, true));
        }
    }
    for c in &catalogue.criteria {
        let mut say = |rule: char, is_error: bool| {
            told.insert((rule, Some(c.id.to_string()), is_error));
        };
        let Some(answer) = content.answers.get(&c.id) else {
            say('h', true);
            continue;
        };
        let counted = [ControlChange::NewManager, ControlChange::AddedRegion];
        if answer.changed.iter().any(|kind| !counted.contains(kind)) && blank(&answer.change_note) {
            say('a', false);
        }
        let objective = c.id.level() == Level::Objective;
        let reasoned = !blank(&answer.reason);
        let basic_under_adopted = c.flag_basic && above(c).and_then(decided) == Some(Decision::Adopted);
        match answer.decision {
            None => say('a', true),
            Some(Decision::Excluded) if c.id.chapter() == 3 || c.id.chapter() == 4 => say('b', true),
            Some(Decision::Excluded) if objective => {
                if !reasoned {
                    say('c', true);
                }
            }
            Some(Decision::Excluded) if basic_under_adopted => {
                if !reasoned || answer.overridden_by.is_none() {
                    say('e', true);
                }
            }
            Some(Decision::Excluded) => {
                if !reasoned {
                    say('f', true);
                }
            }
            Some(Decision::Adopted) => {
                let children = below(c);
                if objective && !children.is_empty() && !children.iter().any(|d| decided(d) == Some(Decision::Adopted))
                {
                    say('d', true);
                }
                if !objective && above(c).and_then(decided) == Some(Decision::Excluded) {
                    say('c', true);
                }
                // An objective is described by its details, where it has any.
                if blank(&answer.control) && (!objective || children.is_empty()) {
                    say('g', true);
                }
            }
        }
    }
    for stated in content.answers.keys() {
        if !catalogue.criteria.iter().any(|c| c.id == *stated) {
            told.insert(('h', Some(stated.to_string()), true));
        }
    }
    told
}

fn numbers() -> impl Strategy<Value = Vec<Criterion>> {
    let objective = (select(vec![3u16, 4, 5, 9]), 1u16..3, 1u16..3);
    let details = prop::collection::vec(select(vec!["", ".P", ".B", ".PB"]), 0..4);
    prop::collection::btree_map(objective, details, 1..6).prop_map(|all| {
        let mut criteria = Vec::new();
        for ((a, b, c), details) in all {
            criteria.push(criterion(&format!("{a}.{b}.{c}")));
            for (at, suffix) in details.iter().enumerate() {
                criteria.push(criterion(&format!("{a}.{b}.{c}.{}{suffix}", at + 1)));
            }
        }
        criteria
    })
}

fn answers() -> impl Strategy<Value = Option<Answer>> {
    let text = || select(vec!["", "  ", "説明"]);
    let decision = select(vec![None, Some(Decision::Adopted), Some(Decision::Adopted), Some(Decision::Excluded)]);
    let changed = prop::collection::btree_set(select(ControlChange::ALL.to_vec()), 0..2);
    let one = (decision, text(), text(), prop::option::of(Just("kumo-head")), changed, text()).prop_map(
        |(decision, control, reason, by, changed, note)| Answer {
            decision,
            control: control.into(),
            reason: reason.into(),
            overridden_by: by.map(id),
            changed,
            change_note: note.into(),
        },
    );
    prop_oneof![1 => Just(None), 1 => Just(Some(Answer::default())), 8 => one.prop_map(Some)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_validator_and_the_slow_one_say_the_same(
        criteria in numbers(),
        stated in prop::collection::vec(answers(), 40),
        unknown in prop::option::of(select(vec!["9.9.9", "5.1.1.99", "3.1.1"])),
        service in prop::array::uniform3(select(vec!["", " ", "架空"])),
        generative_ai in any::<bool>(),
    ) {
        let catalogue = Catalogue::new(BTreeMap::new(), criteria).unwrap();
        let mut content = content_for(day("2025-04-01"), day("2025-12-31"));
        let pairs = catalogue.criteria.iter().zip(stated).filter_map(|(c, a)| Some((c.id, a?)));
        content.answers = pairs.collect();
        if let Some(unknown) = unknown {
            content.answers.entry(id(unknown)).or_default();
        }
        let [name, scope, information] = service.map(str::to_owned);
        content.service.service_name = name;
        content.service.scope = scope;
        content.service.generative_ai = generative_ai;
        content.service.ai_information = information;
        let expected = slowly(&catalogue, &content);
        prop_assert_eq!(told(&catalogue, &content), expected.clone());

        // Signed can be what has no error, and only that; every item without one is sound.
        let errors = expected.iter().any(|(_, _, is_error)| *is_error);
        let made = Validated::new(&content.catalogue, &catalogue, &content);
        prop_assert_eq!(made.is_ok(), !errors);
        let counts = validate(&catalogue, &content).completeness;
        let faulty: BTreeSet<&String> = expected.iter().filter(|t| t.2).filter_map(|t| t.1.as_ref()).collect();
        let sound = catalogue.criteria.iter().filter(|c| !faulty.contains(&c.id.to_string())).count();
        prop_assert_eq!(counts.sound as usize, sound);
        prop_assert_eq!(counts.percent() == 100, sound == catalogue.criteria.len());
        prop_assert_eq!(counts.decided, counts.adopted + counts.excluded);
    }
}

#[test]
fn given_an_answer_in_which_nothing_is_stated_then_it_is_not_taken_for_a_decision() {
    let mut content = content_for(day("2025-04-01"), day("2025-12-31"));
    content.answers.insert(id("5.1.1.2"), Answer::default());
    let validation = Validated::new(&content.catalogue, &catalogue(), &content).unwrap_err();
    let places: Vec<_> = validation.errors().map(|p| (p.rule, p.criterion)).collect();
    assert_eq!(places, [('a', Some(id::<CriterionId>("5.1.1.2")))]);
}

#[test]
fn given_a_content_on_another_version_then_it_is_not_validated_against_this_one() {
    let content = content_for(day("2025-04-01"), day("2025-12-31"));
    assert!(Validated::new(&id("kijun-2"), &catalogue(), &content).is_err());
    let made = validated("2025-04-01", "2025-12-31");
    assert_eq!((made.adopted(), made.excluded(), made.changed()), (9, 0, 0));
    assert_eq!(made.period(), (day("2025-04-01"), day("2025-12-31")));
    assert_eq!(overrides(&content).count(), 0);
}

#[test]
fn given_last_years_answers_then_they_are_carried_over_without_last_years_changes() {
    let mut content = content_for(day("2025-04-01"), day("2025-12-31"));
    let answer = content.answers.get_mut(&id("5.1.1.2")).unwrap();
    answer.changed = [ControlChange::Frequency].into();
    answer.change_note = "月次から週次へ".into();
    content.service.subsequent_events = "なし".into();
    let next = content.carried_over(id("kijun-2"), day("2026-01-01"), day("2026-12-31"));
    let carried = &next.answers[&id("5.1.1.2")];
    assert!(carried.changed.is_empty() && carried.change_note.is_empty() && !carried.control.is_empty());
    assert_eq!((next.catalogue, next.from, next.to), (id("kijun-2"), day("2026-01-01"), day("2026-12-31")));
    assert!(next.service.subsequent_events.is_empty());
}

#[test]
fn given_items_that_make_no_catalogue_then_every_fault_is_told_with_its_place() {
    let of = |numbers: &[&str]| Catalogue::new(BTreeMap::new(), numbers.iter().map(|n| criterion(n)).collect());
    assert_eq!(of(&[]).unwrap_err(), [CatalogueFault::Empty]);
    let faults = of(&["5.1.1", "5.1.1.1", "5.1.1.1.B", "6.1.1.1"]).unwrap_err();
    assert_eq!(faults, [CatalogueFault::Twice(id("5.1.1.1.B")), CatalogueFault::Orphan(id("6.1.1.1"))]);
    assert!(faults.iter().all(|f| !f.ja().is_ascii() && f.to_string().is_ascii()));
    let mut blank = criterion("5.1.1");
    blank.text = " ".into();
    assert_eq!(Catalogue::new(BTreeMap::new(), vec![blank]).unwrap_err(), [CatalogueFault::Text(id("5.1.1"))]);
}
