//! The register is the fold of the entries: through their bytes, up to any position, and for any bytes whatever.

use crate::live_permit::{Tally, steps, tell, text};
use crate::town::{Town, draft, picture, submit};
use proptest::prelude::*;
use sekisho_domain::command::Command;
use sekisho_domain::entry::{Entry, EntryError, Governance, VERSION, is_use};
use sekisho_domain::event::{Event, EventError};
use sekisho_domain::register::{FoldError, Register};
use sekisho_ledger::jcs::{check_canonical, to_canonical};

fn bytes(entry: &Governance) -> Vec<u8> {
    to_canonical(&entry.to_value().unwrap()).unwrap()
}

fn read(bytes: &[u8]) -> Governance {
    match Entry::read(bytes) {
        Ok(Entry::Governance(entry)) => *entry,
        other => panic!("{other:?}"),
    }
}

fn fold<'e>(entries: impl IntoIterator<Item = &'e Governance>) -> Register {
    let mut register = Register::default();
    for (index, entry) in (0..).zip(entries) {
        register.apply(index, entry).unwrap();
    }
    register
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledgers_bytes_bring_the_register_back_up_to_any_position(story in steps(120), at: prop::sample::Index) {
        let town = tell(&story, &Tally::default());
        let written: Vec<Vec<u8>> = town.entries.iter().map(bytes).collect();
        let back: Vec<Governance> = written.iter().map(|bytes| read(bytes)).collect();
        prop_assert_eq!(&back, &town.entries);
        for (bytes, entry) in written.iter().zip(&back) {
            prop_assert_eq!(check_canonical(bytes), Ok(()));
            prop_assert_eq!(&self::bytes(entry), bytes);
        }
        prop_assert_eq!(picture(&fold(&back)), picture(&town.register));

        // What was true at a position is the same fold, stopped there, whatever came after.
        let at = at.index(back.len() + 1);
        let mut prefix = fold(&back[..at]);
        let then = prefix.clone();
        let seen = picture(&then);
        for (index, entry) in back.iter().enumerate().skip(at) {
            prefix.apply(index as u64, entry).unwrap();
        }
        prop_assert_eq!(picture(&prefix), picture(&town.register));
        prop_assert_eq!(picture(&then), seen);
        prop_assert_eq!(then.position(), at as u64);
    }

    #[test]
    fn any_words_survive_the_way_through_the_ledger(purpose in text(), reason in text(), statement in text()) {
        let mut town = Town::ready();
        town.reason = reason;
        let mut wish = draft("kakuu-cloud");
        (wish.purpose, wish.risk_statement) = (purpose, statement);
        if town.tries("staff", submit(wish)).is_ok() {
            let entry = town.entries.last().unwrap();
            prop_assert_eq!(&read(&bytes(entry)), entry);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        json in "[\\[\\]{}\",:\\\\0-9a-eu. -]{0,80}",
    ) {
        for bytes in [bytes.as_slice(), json.as_bytes()] {
            prop_assert!(Entry::read(bytes).is_err());
        }
    }

    #[test]
    fn no_damage_makes_the_reader_or_the_fold_panic(which: prop::sample::Index, hits in proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 1..4)) {
        thread_local!(static WRITTEN: Vec<Vec<u8>> = Town::permitted().0.entries.iter().map(bytes).collect());
        WRITTEN.with(|written| {
            let mut bytes = which.get(written).clone();
            for (at, byte) in &hits {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            if let Ok(Entry::Governance(entry)) = Entry::read(&bytes) {
                for mut register in [Register::default(), Town::ready().register] {
                    let before = picture(&register);
                    if register.apply(register.position(), &entry).is_err() {
                        assert_eq!(picture(&register), before, "an entry that does not fold changed the register");
                    }
                }
            }
        });
    }

    #[test]
    fn any_data_of_any_kind_is_read_or_refused(kind in proptest::sample::select(Event::KINDS), data in "\\PC{0,60}", id in "[a-z0-9-]{0,10}") {
        let _ = Event::read(kind, &data);
        let guess = format!("{{\"person\":\"{id}\",\"permit\":\"{id}\",\"number\":\"{id}\",\"use\":\"{id}\",\"key\":\"{id}\"}}");
        if let Ok(event) = Event::read(kind, &guess) {
            prop_assert_eq!(event.kind(), kind);
            prop_assert_eq!(Event::read(kind, &event.data().unwrap().to_string()).unwrap(), event);
        }
    }
}

#[test]
fn what_a_newer_version_wrote_is_an_error_that_says_so() {
    let town = Town::ready();
    let entry = town.entries[0].to_value().unwrap();
    let with = |key: &str, value: serde_json::Value| {
        let mut entry = entry.clone();
        entry[key] = value;
        Entry::read(&to_canonical(&entry).unwrap()).unwrap_err()
    };
    let newer = with("v", (VERSION + 1).into());
    assert!(matches!(newer, EntryError::Version(v) if v == VERSION + 1), "{newer:?}");
    for kind in ["permit.blessed", "use.blessed", "", "organization.established "] {
        let unknown = with("kind", kind.into());
        assert!(
            matches!(&unknown, EntryError::Event(EventError::UnknownKind(k)) if k == kind),
            "{kind:?}: {unknown:?}"
        );
    }
    let long = with("kind", "x".repeat(5_000).into());
    assert!(long.to_string().len() < 200, "an error repeats no more than it must");
    assert!(matches!(with("data", serde_json::json!({})), EntryError::Event(EventError::Data { .. })));
    for (key, value) in [("actor", "../etc"), ("org", "架空省"), ("at", "yesterday"), ("v", "1")] {
        assert!(matches!(with(key, value.into()), EntryError::Envelope(_)), "{key}");
    }
}

#[test]
fn an_entry_without_what_every_entry_has_is_refused() {
    let town = Town::ready();
    for key in ["actor", "at", "data", "kind", "org", "v"] {
        let mut entry = town.entries[0].to_value().unwrap();
        entry.as_object_mut().unwrap().remove(key);
        assert!(matches!(Entry::read(&to_canonical(&entry).unwrap()), Err(EntryError::Envelope(_))), "{key}");
    }
    for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        assert!(Entry::read(deep.as_bytes()).is_err());
        assert!(Entry::read(format!("{{\"data\":{deep}").as_bytes()).is_err());
    }
}

#[test]
fn every_kind_has_a_plain_name_and_none_of_a_use() {
    for kind in Event::KINDS {
        assert!(!is_use(kind) && kind.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_')), "{kind}");
    }
    let mut sorted = Event::KINDS.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), Event::KINDS.len());
}

#[test]
fn every_command_is_read_by_its_name_and_no_field_of_another_slips_in() {
    for name in Command::NAMES {
        assert!(Command::read(name, "{}").unwrap().is_err(), "{name}");
    }
    assert!(Command::read("permit.bless", "{}").is_none());
    let leave = Command::read("person.leave", "{\"person\":\"p-1\"}").unwrap().unwrap();
    assert_eq!(leave.name(), "person.leave");
    assert!(Command::read("person.leave", "{\"person\":\"p-1\",\"at\":1}").unwrap().is_err());
}

#[test]
fn an_entry_about_something_unknown_is_an_error_and_changes_nothing() {
    let (town, _) = Town::permitted();
    let strange = |kind: &str, data: serde_json::Value| Governance {
        event: Event::read(kind, &data.to_string()).unwrap(),
        ..town.entries[0].clone()
    };
    let mut service = serde_json::to_value(crate::town::cloud()).unwrap();
    service["service"] = "nothing".into();
    for entry in [
        strange("service.changed", service),
        strange("service.withdrawn", serde_json::json!({"service": "nothing"})),
        strange("person.left", serde_json::json!({"person": "nobody"})),
        strange("key.revoked", serde_json::json!({"key": "k-none"})),
        strange("permit.revoked", serde_json::json!({"permit": "pm-none"})),
        strange("rules.withdrawn", serde_json::json!({"rule_set": "none"})),
        strange("incident.opened", serde_json::json!({"number": "none", "incident": "x"})),
        strange("application.returned", serde_json::json!({"application": "ap-none"})),
        strange("content.granted", serde_json::json!({"use": "u-1", "to": "staff"})),
    ] {
        let mut register = town.register.clone();
        let error = register.apply(register.position(), &entry).unwrap_err();
        assert!(matches!(&error, FoldError::Unknown { kind, .. } if *kind == entry.event.kind()), "{error:?}");
        assert_eq!(picture(&register), picture(&town.register), "{error}");
        assert_eq!(register.service_of_model("kakuu-chat").unwrap().service.service.as_str(), "kakuu-cloud");
    }
}
