//! Records of any shape, with texts of any kind: empty, with line breaks, with spaces at their ends, in any script.

use crate::samples::id;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use sekisho_domain::ismap::catalogue::{Catalogue, Crosswalk, CrosswalkLine, Relation};
use sekisho_domain::ismap::criterion::{Criterion, CriterionId};
use sekisho_domain::ismap::engagement::{
    AuditFile, Conclusion, EngagementKind, Evaluation, Evidence, EvidenceKind, Finding, FindingState, Method, Scope,
};
use sekisho_domain::ismap::statement::{Answer, ControlChange, Decision, ServiceProfile, StatementContent};
use sekisho_oscal::{CatalogueMeta, CrosswalkMeta, EngagementMeta, Made, Party, StatementMeta};
use std::collections::BTreeSet;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ぁ-んー-龠a-z0-9。、]{0,12}",
        2 => "[ \u{3000}\n\r\tあa\u{2028}\u{feff}\u{85}]{0,6}",
        1 => "(?s).{0,10}",
    ]
}

fn identifier<T>() -> impl Strategy<Value = T>
where
    T: std::str::FromStr + std::fmt::Debug,
    T::Err: std::fmt::Debug,
{
    "[a-z0-9][a-z0-9._-]{0,20}".prop_map(|text| text.parse().unwrap())
}

fn day() -> impl Strategy<Value = Date> {
    (2000i16..=2999, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| date(y, m, d))
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (950_000_000i64..30_000_000_000, prop_oneof![Just(0i32), 0i32..1_000_000_000])
        .prop_map(|(second, nano)| Timestamp::new(second, nano).unwrap())
}

fn party() -> impl Strategy<Value = Option<Party>> {
    option::of((identifier(), text()).prop_map(|(id, name)| Party { id, name }))
}

fn number() -> impl Strategy<Value = CriterionId> {
    (1u8..=18, 1u8..=3, 1u8..=3, option::of(1u16..=12), select(vec!["", ".P", ".B", ".PB"])).prop_map(
        |(a, b, c, d, suffix)| match d {
            Some(d) => id(&format!("{a}.{b}.{c}.{d}{suffix}")),
            None => id(&format!("{a}.{b}.{c}{suffix}")),
        },
    )
}

/// Texts that a catalogue takes: not blank.
fn wording() -> impl Strategy<Value = String> {
    text().prop_map(|t| if t.trim().is_empty() { format!("{t}文{t}") } else { t })
}

prop_compose! {
    fn criterion()(
        id in number(), raw_id in text(), text in wording(), flag_provider: bool, flag_basic: bool,
        audit_group in text(), cycle_years in option::of(any::<u8>()),
    ) -> Criterion {
        Criterion { id, raw_id, text, flag_provider, flag_basic, audit_group, cycle_years }
    }
}

pub(crate) fn catalogue() -> impl Strategy<Value = (CatalogueMeta, Catalogue)> {
    let meta = (identifier(), text(), text(), option::of(day()), option::of(day()), any::<bool>(), instant()).prop_map(
        |(id, title, version, effective_from, effective_to, fictional, last_modified)| CatalogueMeta {
            id,
            title,
            version,
            effective_from,
            effective_to,
            fictional,
            last_modified,
        },
    );
    (meta, btree_map(1u16..200, text(), 0..4), vec(criterion(), 1..12)).prop_map(|(meta, chapters, mut criteria)| {
        // Every detail gets its objective, every number stands once.
        let mut objectives: Vec<Criterion> = criteria.clone();
        for objective in &mut objectives {
            let [a, b, c] = objective.id.objective();
            objective.id = id(&format!("{a}.{b}.{c}"));
        }
        criteria.extend(objectives);
        let mut seen = BTreeSet::new();
        criteria.retain(|c| seen.insert(c.id.numbers()));
        (meta, Catalogue::new(chapters, criteria).unwrap())
    })
}

prop_compose! {
    fn answer()(
        decision in option::of(select(vec![Decision::Adopted, Decision::Excluded])), control in text(),
        reason in text(), overridden_by in option::of(identifier()),
        changed in btree_set(select(ControlChange::ALL.to_vec()), 0..4), change_note in text(),
    ) -> Answer {
        Answer { decision, control, reason, overridden_by, changed, change_note }
    }
}

prop_compose! {
    fn service()(
        service_name in text(), scope in text(), regions in btree_set(text(), 0..3),
        sub_services in btree_set(text(), 0..3), service_models in btree_set(text(), 0..3), generative_ai: bool,
        ai_information in text(), subsequent_events in text(),
    ) -> ServiceProfile {
        ServiceProfile {
            service_name, scope, regions, sub_services, service_models, generative_ai, ai_information,
            subsequent_events,
        }
    }
}

prop_compose! {
    pub(crate) fn statement()(
        id in identifier(), version in text(), provider in party(), last_modified in instant(),
        catalogue in identifier(), from in day(), to in day(), service in service(),
        answers in btree_map(number(), answer(), 1..10),
    ) -> (StatementMeta, StatementContent) {
        (
            StatementMeta { id, version, provider, last_modified },
            StatementContent { catalogue, from, to, service, answers },
        )
    }
}

fn sha() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[0-9a-f]{64}", 1 => text()]
}

prop_compose! {
    fn evaluation()(
        design in option::of(select(Conclusion::ALL.to_vec())),
        operating in option::of(select(Conclusion::ALL.to_vec())),
        methods in vec(select(Method::ALL.to_vec()), 0..4), note in text(), evidence in vec(sha(), 0..3),
        by in option::of(identifier()), on in option::of(day()),
    ) -> Evaluation {
        Evaluation { design, operating, methods, note, evidence, by, on }
    }
}

prop_compose! {
    fn finding()(
        criterion in number(), text in text(), response in text(), due in option::of(day()),
        state in select(vec![
            FindingState::Open, FindingState::Answered, FindingState::Resolved, FindingState::Reported,
        ]),
    ) -> Finding {
        Finding { criterion, text, response, due, state }
    }
}

prop_compose! {
    fn evidence()(
        title in text(), effective_on in day(), valid_until in option::of(day()),
        kind in select(vec![
            EvidenceKind::Document, EvidenceKind::Interview, EvidenceKind::TestResult, EvidenceKind::Certificate,
        ]),
    ) -> Evidence {
        Evidence { title, kind, effective_on, valid_until }
    }
}

prop_compose! {
    fn engagement()(
        id in identifier(), kind in select(EngagementKind::ALL.to_vec()), statement in identifier(),
        firm in party(), from in day(), to in day(), last_modified in instant(),
    ) -> EngagementMeta {
        // A firm that is not named would be taken from the audit the results are meant for.
        EngagementMeta { id, kind, statement, firm, from, to, last_modified }
    }
}

prop_compose! {
    pub(crate) fn audit_file()(
        meta in engagement(), statement_sha256 in sha(),
        scope in btree_map(number(), (any::<bool>(), any::<bool>()), 1..10),
        evaluations in btree_map(number(), evaluation(), 0..8), findings in btree_map(text(), finding(), 0..5),
        evidence in btree_map(sha(), evidence(), 0..4), opinion in text(),
    ) -> (EngagementMeta, AuditFile) {
        let scope = scope.into_iter().map(|(id, (design, operating))| (id, Scope { design, operating })).collect();
        (meta, AuditFile { statement_sha256, scope, evaluations, findings, evidence, opinion })
    }
}

pub(crate) fn crosswalk() -> impl Strategy<Value = (CrosswalkMeta, Crosswalk)> {
    let relation =
        select(vec![Relation::Equal, Relation::Wider, Relation::Narrower, Relation::Overlapping, Relation::None]);
    let related = (number(), number(), relation).prop_map(|(from, to, relation)| CrosswalkLine {
        from: Some(from),
        to: Some(to),
        relation,
    });
    let gone = number().prop_map(|n| CrosswalkLine { from: Some(n), to: None, relation: Relation::None });
    let new = number().prop_map(|n| CrosswalkLine { from: None, to: Some(n), relation: Relation::None });
    let meta = (identifier(), identifier(), text(), select(Made::ALL.to_vec()), instant())
        .prop_map(|(from, to, title, made, last_modified)| CrosswalkMeta { from, to, title, made, last_modified });
    // Lines in the order in which they are read back.
    let lines = (vec(related, 1..8), vec(gone, 0..4), vec(new, 0..4))
        .prop_map(|(related, gone, new)| Crosswalk { lines: [related, gone, new].concat() });
    (meta, lines)
}
