//! What the built-in rules say, and that each of them can speak.

use crate::example::{good, own_machines, rules, sets, unknown};
use sekisho_domain::decision::{Effect, Evidence, Facts, PermitStanding, RiskStanding, Rules};
use sekisho_domain::grade::Grade;
use sekisho_domain::ismap::RegistrationState;
use sekisho_domain::rule_set::RuleSet;
use sekisho_domain::service::{Consultation, ProvisionForm};
use std::collections::BTreeMap;

#[test]
fn every_built_in_set_compiles_alone_and_all_together() {
    for set in RuleSet::builtin() {
        Rules::compile(std::slice::from_ref(&set)).unwrap();
    }
    assert!(Rules::compile(&RuleSet::builtin()).unwrap().rules().len() >= 50);
}

#[test]
fn every_rule_speaks_japanese_and_ends_its_sentences() {
    for rule in Rules::compile(&RuleSet::builtin()).unwrap().rules() {
        for text in [&rule.title, &rule.document, &rule.clause, &rule.explanation, &rule.remedy] {
            assert!(
                text.chars().any(|c| ('ぁ'..='龠').contains(&c)) || text.starts_with("ISMAP KB"),
                "{}: {text}",
                rule.id
            );
            assert!(text.chars().count() <= 120, "{}: too long for a tired reader: {text}", rule.id);
        }
        assert!(rule.explanation.ends_with('。') || rule.explanation.ends_with('}'), "{}", rule.id);
        assert!(rule.remedy.ends_with('。'), "{}", rule.id);
    }
}

#[test]
fn what_nobody_confirmed_says_so_and_only_what_was_read_is_official() {
    let compiled = Rules::compile(&RuleSet::builtin()).unwrap();
    for rule in compiled.rules() {
        let marked = rule.title.starts_with("要確認: ") && rule.explanation.starts_with("要確認: ");
        assert_eq!(marked, rule.evidence == Evidence::K, "{}", rule.id);
        assert!(!rule.explanation.contains("要確認: 要確認"), "{}", rule.id);
        // The gate's own rules are never dressed as law.
        assert!(!rule.id.starts_with("SK-") || !rule.evidence.is_official(), "{}", rule.id);
        assert!(rule.set != "base" || rule.evidence == Evidence::D, "{}", rule.id);
    }
    let official: Vec<_> = compiled.rules().iter().filter(|r| r.evidence.is_official()).map(|r| &r.clause).collect();
    for clause in official {
        let known = ["統一基準R3 4.2.", "申合せ(2)", "地方R5 8.", "番号法 "];
        assert!(known.iter().any(|k| clause.starts_with(k)), "{clause} was not read");
    }
}

#[test]
fn for_every_rule_there_are_facts_that_it_stops() {
    let permit = |permit, facts| Facts { permit, ..facts };
    let label = |label: &str, facts| Facts { grade_label: label.into(), ..facts };
    let ismap = |ismap| Facts { ismap, ..good() };
    let mut stopped: BTreeMap<String, Facts> = [
        ("SK-INFO-OUT-OF-SCOPE", Facts { out_of_scope_information: true, ..good() }),
        ("SK-MODEL-NONE", Facts { model: String::new(), ..unknown() }),
        ("SK-MODEL-UNKNOWN", unknown()),
        ("SK-SERVICE-UNKNOWN", Facts { service_known: false, ..good() }),
        ("SK-PERMIT-NONE", permit(PermitStanding::None, good())),
        ("SK-PERMIT-NOT-YET", permit(PermitStanding::NotYet, good())),
        ("SK-PERMIT-EXPIRED", permit(PermitStanding::Expired, good())),
        ("SK-PERMIT-REVOKED", permit(PermitStanding::Revoked, good())),
        ("SK-PERMIT-SERVICE", Facts { permit_covers_service: false, ..good() }),
        ("SK-PERMIT-PURPOSE", Facts { permit_covers_purpose: false, ..good() }),
        ("SK-PERMIT-SUSPENDED", permit(PermitStanding::Suspended, good())),
        ("SK-CREDENTIAL", Facts { credential: true, ..good() }),
        ("SK-FINDING-BLOCK", Facts { finding_blocked: true, ..good() }),
        ("SK-FINDING-ASK", Facts { finding_unconfirmed: true, ..good() }),
        ("SK-GRADE-CEILING", Facts { grade: Grade(2), ..good() }),
        ("SK-USER-RANGE", Facts { in_user_range: false, ..good() }),
        ("TK-R3-421-P", Facts { form: ProvisionForm::StandardTerms, ..good() }),
        ("TK-CLS-3", Facts { sending_restricted: true, ..good() }),
        ("TK-R3-422-1a", Facts { regulation_complete: false, ..good() }),
        ("MO-3", Facts { consultation: Consultation::Reported, ..good() }),
        ("LG-82", Facts { form: ProvisionForm::StandardTerms, ..good() }),
        ("LG-CLS-3", Facts { sending_restricted: true, ..good() }),
        ("LG-CLS-3A", label("自治体機密性3A", good())),
        ("LG-CLS-3B", label("自治体機密性3B", good())),
        ("LG-CLS-3B-Z", label("自治体機密性3B", Facts { zone: "lgwan".into(), ..own_machines() })),
        ("LG-CLS-3C", label("自治体機密性3C", Facts { form: ProvisionForm::StandardTerms, ..good() })),
        ("LG-CLS-2", label("自治体機密性2", Facts { form: ProvisionForm::StandardTerms, ..good() })),
        ("LG-831", Facts { regulation_complete: false, ..good() }),
        ("LG-R6-NET-1", Facts { zone: "mynumber".into(), ..good() }),
        ("LG-R6-NET-2", Facts { zone: "lgwan".into(), ..good() }),
        ("MN-19", Facts { my_number: true, ..good() }),
        ("SK-ISMAP-GAI", ismap(RegistrationState::None)),
        ("TK-R5-SEL", Facts { generative_ai: false, ..ismap(RegistrationState::None) }),
        ("SK-ISMAP-EXPIRED", ismap(RegistrationState::Expired)),
        ("SK-ISMAP-SUSPENDED", ismap(RegistrationState::Suspended)),
        ("SK-ISMAP-REMOVED", ismap(RegistrationState::Removed)),
        ("SK-ISMAP-SCOPE", Facts { in_declared_scope: false, ..good() }),
        ("SK-ISMAP-LIU", Facts { ismap_liu: true, ..good() }),
        ("SK-ISMAP-RENEWAL", ismap(RegistrationState::Continuing)),
        ("SK-ISMAP-INCIDENT", Facts { incident_open: true, ..good() }),
        ("DS-SCOPE", Facts { out_of_scope_information: true, ..good() }),
        ("DS-HR", Facts { risk: RiskStanding::Unassessed, ..good() }),
        ("DS-CAIO-2", Facts { risk: RiskStanding::PossiblyHigh, ..good() }),
        ("DS-CAIO-2-R", Facts { risk: RiskStanding::RefusedByCaio, ..good() }),
        ("SK-ADVISORY", Facts { advisory_open: true, ..good() }),
    ]
    .map(|(rule, facts)| (rule.to_owned(), facts))
    .into();
    for family in ["TK-R3-422-2b", "LG-832-2"] {
        for (suffix, facts) in [
            ("", permit(PermitStanding::None, good())),
            ("-NY", permit(PermitStanding::NotYet, good())),
            ("-EX", permit(PermitStanding::Expired, good())),
            ("-RV", permit(PermitStanding::Revoked, good())),
            ("-SV", Facts { permit_covers_service: false, ..good() }),
            ("-PU", Facts { permit_covers_purpose: false, ..good() }),
        ] {
            stopped.insert(format!("{family}{suffix}"), facts);
        }
    }

    let all = Rules::compile(&RuleSet::builtin()).unwrap();
    let known: Vec<&str> = all.rules().iter().map(|r| r.id.as_str()).collect();
    for id in stopped.keys() {
        assert!(known.contains(&id.as_str()), "{id} is no rule");
    }
    // Alone with the gate's own rules, so that no rule of another document takes its place.
    let alone: BTreeMap<String, Rules> = RuleSet::builtin()
        .iter()
        .map(|set| (set.id.to_string(), Rules::compile(&sets(&["base", set.id.as_str()])).unwrap()))
        .collect();
    for rule in all.rules() {
        let facts = stopped.get(&rule.id).unwrap_or_else(|| panic!("no facts are known that {} stops", rule.id));
        let decision = alone[&rule.set].decide(facts);
        assert!(rules(&decision).contains(&rule.id.as_str()), "{}: {:?}", rule.id, rules(&decision));
        let blank =
            decision.reasons.iter().find(|r| r.explanation.contains(['{', '}']) || r.remedy.contains(['{', '}']));
        assert_eq!(blank, None, "a place was left open");
    }
}

#[test]
fn a_condition_that_an_approver_may_meet_is_met_by_its_own_code() {
    let all = Rules::compile(&RuleSet::builtin()).unwrap();
    // The CAIO decides the one, the person who asks confirms the other.
    let by_others = |code: &str| matches!(code, "CAIO_REVIEW" | "FINDING_UNCONFIRMED");
    for rule in all.rules().iter().filter(|r| r.effect == Effect::Conditional && !by_others(&r.code)) {
        let text = RuleSet::builtin().into_iter().find(|s| s.id.as_str() == rule.set).unwrap().text;
        let policy = &text[text.find(&format!("@id(\"{}\")", rule.id)).unwrap()..];
        let policy = &policy[..policy.find("};").unwrap()];
        assert!(policy.contains(&format!("!context.acknowledged.contains(\"{}\")", rule.code)), "{}", rule.id);
    }
}

#[test]
fn a_requirement_of_the_state_takes_the_place_of_the_gates_own_words() {
    let expired = Facts { permit: PermitStanding::Expired, ..good() };
    let own = Rules::compile(&sets(&["base"])).unwrap();
    assert_eq!(rules(&own.decide(&expired)), ["SK-PERMIT-EXPIRED"]);
    let both = Rules::compile(&sets(&["base", "toitsu-r3"])).unwrap();
    assert_eq!(rules(&both.decide(&expired)), ["TK-R3-422-2b-EX"]);
}

#[test]
fn what_is_filled_in_is_not_read_again_for_places() {
    let tricky = Facts { service_name: "{grade}{model}".into(), form: ProvisionForm::StandardTerms, ..good() };
    let decision = Rules::compile(&sets(&["base", "toitsu-r3"])).unwrap().decide(&tricky);
    assert!(decision.reasons[0].explanation.starts_with("「{grade}{model}」"), "{}", decision.reasons[0].explanation);
}
