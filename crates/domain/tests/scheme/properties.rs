//! What holds of every story: no registration without what it rests on, no reviewer who received, no past day that changes,
//! and a ledger that alone brings everything back.

use crate::auditor::audit;
use crate::steps::{PEOPLE, id};
use crate::story::{Roll, begin, passes, rolls, tell};
use crate::year::Land;
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use proptest::test_runner::{Config, TestRunner};
use sekisho_domain::entry::{Entry, Governance};
use sekisho_domain::event::Event;
use sekisho_domain::id::PersonId;
use sekisho_domain::ismap::chronicle::{Chronicles, Record};
use sekisho_domain::register::Register;
use sekisho_ledger::jcs::{check_canonical, to_canonical};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// Everything the records answer about a day.
fn answers(register: &Register, day: Date) -> String {
    fn all<K: Ord + Clone + Debug, R: Record>(out: &mut String, of: &Chronicles<K, R>, day: Date) {
        for (id, record) in of.as_of(day) {
            *out += &format!("{id:?} {record:?}\n");
        }
    }
    let s = register.scheme();
    let mut out = String::new();
    all(&mut out, &s.parties, day);
    all(&mut out, &s.rule_documents, day);
    all(&mut out, &s.catalogues, day);
    all(&mut out, &s.firms, day);
    all(&mut out, &s.engagements, day);
    all(&mut out, &s.statements, day);
    all(&mut out, &s.preliminaries, day);
    all(&mut out, &s.filings, day);
    all(&mut out, &s.meetings, day);
    all(&mut out, &s.incidents, day);
    all(&mut out, &s.notices, day);
    for row in register.registrations_as_of(day) {
        out += &format!("{row:?} {:?} {:?}\n", row.state_on(day), register.registration_as_of(&row.number, day));
    }
    out
}

/// Everything the register holds of the scheme, with its histories.
fn picture(register: &Register) -> String {
    let s = register.scheme();
    let mut out = format!(
        "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
        s.parties,
        s.rule_documents,
        s.catalogues,
        s.firms,
        s.engagements,
        s.statements,
        s.preliminaries,
        s.filings,
        s.meetings,
        s.incidents,
        s.notices,
        s.look_ups,
        s.annexes,
        s.settings(),
    );
    for row in register.registrations() {
        out += &format!("{:?}", register.registration_history(&row.number).collect::<Vec<_>>());
    }
    for (who, _, _) in PEOPLE {
        out += &format!("{:?}", s.party_of(&id::<PersonId>(who)));
    }
    out
}

/// Tells a story; before each day ends, what it knows of that day is written down.
fn told(stage: u8, story: &[Roll], tally: &RefCell<BTreeMap<&'static str, usize>>) -> (Land, BTreeMap<Date, String>) {
    let mut land = begin(stage);
    let mut days = BTreeMap::new();
    for roll in story {
        if let Some(more) = passes(*roll) {
            let today = land.today();
            if more > 0 {
                days.insert(today, answers(&land.register, today));
                // A day on which nothing happens is known as the last one was.
                if let Ok(quiet) = today.checked_add((more - 1).days()) {
                    days.insert(quiet, answers(&land.register, quiet));
                }
            }
            land.now = land.now.checked_add(SignedDuration::from_hours(24 * more)).unwrap();
            continue;
        }
        let decided = tell(&mut land, *roll);
        *tally.borrow_mut().entry(if decided { "decided" } else { "refused" }).or_default() += 1;
    }
    (land, days)
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, max_shrink_iters: 2_000, failure_persistence: None, ..Config::default() })
}

#[test]
fn no_story_reaches_a_registration_without_what_it_rests_on_and_nobody_reviews_what_they_received() {
    let tally = RefCell::default();
    let outcome = runner(384).run(&rolls(140), |(stage, story)| {
        let (land, _) = told(stage, &story, &tally);
        let (faults, registrations) = audit(&land.entries);
        // Those the story began with are looked at as well, and are not its own.
        let own = registrations - usize::from(stage >= 6);
        *tally.borrow_mut().entry("registrations").or_default() += own;
        let renewals = land.entries.iter().filter(|e| matches!(e.event, Event::RenewalFiled(_))).count();
        *tally.borrow_mut().entry("renewals filed").or_default() += renewals;
        proptest::prop_assert!(faults.is_empty(), "{faults:#?}");
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let tally = tally.into_inner();
    let of = |what: &str| tally.get(what).copied().unwrap_or_default();
    assert!(of("registrations") > 60 && of("renewals filed") > 60, "the stories reach what they are about: {tally:?}");
    assert!(of("decided") > 5_000 && of("refused") > 3_000, "{tally:?}");
}

#[test]
fn no_past_day_ever_changes_its_answer() {
    let outcome = runner(128).run(&rolls(140), |(stage, story)| {
        let (land, days) = told(stage, &story, &RefCell::default());
        for (day, known) in days {
            proptest::prop_assert_eq!(answers(&land.register, day), known, "{}", day);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn the_ledgers_bytes_bring_the_records_back() {
    let kinds = RefCell::new(BTreeSet::new());
    let outcome = runner(96).run(&rolls(100), |(stage, story)| {
        let (land, _) = told(stage, &story, &RefCell::default());
        let mut register = Register::default();
        for (index, entry) in (0..).zip(&land.entries) {
            let bytes = to_canonical(&entry.to_value().unwrap()).unwrap();
            proptest::prop_assert_eq!(check_canonical(&bytes), Ok(()));
            let back: Governance = match Entry::read(&bytes) {
                Ok(Entry::Governance(entry)) => *entry,
                other => panic!("{other:?}"),
            };
            proptest::prop_assert_eq!(&back, entry);
            register.apply(index, &back).unwrap();
            kinds.borrow_mut().insert(entry.event.kind());
        }
        proptest::prop_assert_eq!(picture(&register), picture(&land.register));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(kinds.into_inner().len() > 15, "the stories speak of many kinds of events");
}
