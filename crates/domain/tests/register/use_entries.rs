//! Use entries are written straight from their structs, so their bytes must be canonical for any content.

use crate::live_permit::text;
use crate::town::{Town, id, request, sha};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use sekisho_domain::budget::Spent;
use sekisho_domain::decision::Outcome;
use sekisho_domain::entry::{Entry, EntryError};
use sekisho_domain::grade::Grade;
use sekisho_domain::handling::Handled;
use sekisho_domain::replay;
use sekisho_domain::usage::{
    Aborted, Closed, DecisionRecord, DeclaredBy, FindingCount, Finish, Opened, Refused, Signals, UseAborted, UseClosed,
    UseOpened, UseRefused, UseRequest,
};
use sekisho_ledger::jcs::{MAX_INTEGER, check_canonical};

fn moment() -> impl Strategy<Value = jiff::Timestamp> {
    (jiff::Timestamp::MIN.as_second()..=jiff::Timestamp::MAX.as_second() - 1, 0i32..1_000_000_000)
        .prop_filter_map("a moment", |(second, nano)| jiff::Timestamp::new(second, nano.abs()).ok())
}

fn signals() -> impl Strategy<Value = Signals> {
    (any::<[bool; 4]>(), any::<u8>()).prop_map(|([credential, my_number, out_of_scope, restricted], grade)| Signals {
        credential,
        detected: Grade(grade),
        my_number,
        out_of_scope,
        restricted,
    })
}

fn handled() -> impl Strategy<Value = Handled> {
    let rules = || prop::collection::vec(text(), 0..3);
    (rules(), rules(), option::of(text()), rules()).prop_map(|(asked, blocked, confirmed, masked)| Handled {
        asked,
        blocked,
        confirmed,
        masked,
    })
}

fn requests() -> impl Strategy<Value = UseRequest> {
    let name = "[a-z0-9][a-z0-9._-]{0,20}";
    (
        [text(), text(), text(), text()],
        moment(),
        any::<[u8; 2]>(),
        select(vec![DeclaredBy::Header, DeclaredBy::Metadata, DeclaredBy::Key]),
        (option::of(name), option::of(name), name),
        option::of(text()),
        signals(),
        (handled(), prop::collection::vec(text(), 0..3), spent()),
    )
        .prop_map(
            |(
                [app, endpoint, model, zone],
                at,
                grades,
                declared_by,
                (key, permit, person),
                purpose,
                signals,
                (handled, inherits, spent),
            )| {
                UseRequest {
                    app,
                    at,
                    declared: Grade(grades[0]),
                    declared_by,
                    endpoint,
                    handled,
                    inherited: Grade(grades[1]),
                    inherits,
                    key: key.map(|k| id(&k)),
                    model,
                    permit: permit.map(|p| id(&p)),
                    person: id(&person),
                    purpose,
                    signals,
                    spent,
                    zone,
                }
            },
        )
}

fn spent() -> impl Strategy<Value = Vec<Spent>> {
    let one = (number(), "[a-z0-9]{1,64}").prop_map(|(amount, name)| Spent { amount, budget: id(&name) });
    prop::collection::vec(one, 0..3)
}

fn decisions() -> impl Strategy<Value = DecisionRecord> {
    (select(vec![Outcome::Allow, Outcome::Conditional, Outcome::Deny]), prop::collection::vec(text(), 0..3), number())
        .prop_map(|(outcome, reasons, register)| DecisionRecord { outcome, reasons, register, rules: sha('f') })
}

fn findings() -> impl Strategy<Value = Vec<FindingCount>> {
    prop::collection::vec((any::<u32>(), text()).prop_map(|(count, rule)| FindingCount { count, rule }), 0..3)
}

/// Any integer that JSON readers take exactly.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..=MAX_INTEGER, Just(0), Just(MAX_INTEGER)]
}

fn service() -> impl Strategy<Value = Option<sekisho_domain::id::ServiceId>> {
    option::of("[a-z0-9]{1,64}").prop_map(|name| name.map(|n| id(&n)))
}

/// Canonical, and read back as the same.
fn sound(bytes: &[u8]) -> Entry {
    assert_eq!(check_canonical(bytes), Ok(()), "{}", String::from_utf8_lossy(bytes));
    Entry::read(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_opening_is_canonical(
        at in moment(), request in requests(), decision in decisions(), findings in findings(), bytes in number(),
        node in text(), service in service(), permit in option::of(Just(id("pm-1"))), grade: u8, redacted: bool,
    ) {
        let data = Opened {
            bytes, commitment: sha('c'), decision, findings, grade: Grade(grade), node, permit, redacted, request,
            service, id: id("u-1"),
        };
        let entry = UseOpened::new(at, id("kakuu-sho"), data);
        let read = sound(&entry.to_bytes().unwrap());
        prop_assert!(matches!(read, Entry::UseOpened(back) if *back == entry));
    }

    #[test]
    fn an_end_is_canonical(
        at in moment(), findings in findings(), numbers in [number(), number(), number(), number()], error in text(),
        finish in select(vec![Finish::Completed, Finish::UpstreamError, Finish::Cut]), hung_up: bool, status: u16,
        detected: u8, redacted: bool,
    ) {
        let [bytes, input_tokens, opened, output_tokens] = numbers;
        let data = Closed {
            bytes, commitment: sha('c'), detected: Grade(detected), error, findings, finish, hung_up, input_tokens, opened,
            output_tokens, redacted, status,
            id: id("u-1"),
        };
        let entry = UseClosed::new(at, id("kakuu-sho"), data);
        let read = sound(&entry.to_bytes().unwrap());
        prop_assert!(matches!(read, Entry::UseClosed(back) if *back == entry));
    }

    #[test]
    fn a_refusal_is_canonical(
        at in moment(), request in option::of(requests()), decision in option::of(decisions()), findings in findings(),
        bytes in number(), texts in [text(), text(), text()], service in service(), grade: u8, redacted: bool,
    ) {
        let [code, commitment, node] = texts;
        let data = Refused {
            bytes, code, commitment, decision, findings, grade: Grade(grade), node, person: id("staff"), redacted,
            request, service,
            id: id("u-1"),
        };
        let entry = UseRefused::new(at, id("kakuu-sho"), data);
        let read = sound(&entry.to_bytes().unwrap());
        prop_assert!(matches!(read, Entry::UseRefused(back) if *back == entry));
    }

    #[test]
    fn an_abort_is_canonical(at in moment(), opened in number()) {
        let entry = UseAborted::new(at, id("kakuu-sho"), Aborted { opened, id: id("u-1") });
        let read = sound(&entry.to_bytes().unwrap());
        prop_assert!(matches!(read, Entry::UseAborted(back) if *back == entry));
    }

    /// P9 in memory: what an opening holds yields the recorded decision again.
    #[test]
    fn a_recorded_request_is_decided_the_same_after_the_way_through_the_ledger(
        mut asked in requests(), known: bool,
    ) {
        thread_local!(static TOWN: Town = Town::permitted().0);
        TOWN.with(|town| {
            if known {
                asked = UseRequest { signals: asked.signals, app: asked.app.clone(), ..request(town.now, "staff", "kakuu-chat", 1) };
            }
            let (considered, decision) = replay::decide(&town.register, &asked);
            let record = DecisionRecord::of(&decision, town.register.position());
            let data = Opened {
                bytes: 1, commitment: sha('c'), decision: record.clone(), findings: vec![], grade: considered.facts.grade,
                node: "n1".into(), permit: considered.permit, redacted: false, request: asked, service: considered.service,
                id: id("u-1"),
            };
            let bytes = UseOpened::new(town.now, id("kakuu-sho"), data).to_bytes().unwrap();
            let Entry::UseOpened(back) = sound(&bytes) else { panic!() };
            let (_, again) = replay::decide(&town.register, &back.data.request);
            assert_eq!(DecisionRecord::of(&again, town.register.position()), record);
        });
    }
}

#[test]
fn a_use_entry_of_a_newer_version_or_with_a_strange_field_is_an_error() {
    let bytes = UseAborted::new(Town::empty().now, id("kakuu-sho"), Aborted { opened: 7, id: id("u-1") });
    let text = String::from_utf8(bytes.to_bytes().unwrap()).unwrap();
    let newer = Entry::read(text.replace("\"v\":1", "\"v\":2").as_bytes());
    assert!(matches!(newer, Err(EntryError::Version(2))), "{newer:?}");
    let strange = text.replace("\"opened\":7", "\"opened\":7,\"prompt\":\"x\"");
    assert!(matches!(Entry::read(strange.as_bytes()), Err(EntryError::Envelope(_))));
    assert!(Entry::read(text.replace("use.aborted", "use.opened").as_bytes()).is_err());
}
