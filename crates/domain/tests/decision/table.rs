//! The decision table of domain/ismap.md §5, row by row, then the rules that stand beside it.

use crate::example::{codes, good, local, national, own_machines, public, rules, unknown};
use sekisho_domain::decision::{Facts, Outcome, PermitStanding, RiskStanding, Rules};
use sekisho_domain::grade::Grade;
use sekisho_domain::ismap::RegistrationState;
use sekisho_domain::service::{Consultation, ProvisionForm};

/// Exactly these codes, in this order.
#[track_caller]
fn denied(by: &Rules, facts: &Facts, expected: &[&str]) {
    let decision = by.decide(facts);
    assert_eq!((decision.outcome, codes(&decision)), (Outcome::Deny, expected.to_vec()), "{:?}", rules(&decision));
}

#[track_caller]
fn conditional(by: &Rules, facts: &Facts, expected: &[&str]) {
    let decision = by.decide(facts);
    assert_eq!((decision.outcome, codes(&decision)), (Outcome::Conditional, expected.to_vec()));
    assert_eq!(decision.code(), expected.first().copied());
}

#[track_caller]
fn allowed(by: &Rules, facts: &Facts) {
    let decision = by.decide(facts);
    assert_eq!((decision.outcome, codes(&decision)), (Outcome::Allow, vec![]));
    assert_eq!(decision.code(), None);
}

#[test]
fn row_1_information_outside_every_rule_set_is_denied_wherever_it_would_go() {
    let marked = |facts| Facts { out_of_scope_information: true, ..facts };
    for by in [national(), local()] {
        denied(by, &marked(good()), &["INFO_OUT_OF_SCOPE"]);
        denied(by, &marked(own_machines()), &["INFO_OUT_OF_SCOPE"]);
    }
}

#[test]
fn row_2_an_unknown_model_gives_only_the_reasons_that_concern_it() {
    denied(national(), &unknown(), &["NOT_CATALOGUED", "NO_APPROVAL"]);
    denied(local(), &unknown(), &["NOT_CATALOGUED", "NO_APPROVAL"]);
    let decision = national().decide(&unknown());
    assert!(decision.reasons[0].explanation.contains("「nazo-1」"), "{}", decision.reasons[0].explanation);

    let nameless = Facts { model: String::new(), ..unknown() };
    assert_eq!(rules(&national().decide(&nameless)), ["SK-MODEL-NONE", "SK-PERMIT-NONE"]);
    let withdrawn = Facts { service_known: false, ..good() };
    assert_eq!(rules(&national().decide(&withdrawn)), ["SK-SERVICE-UNKNOWN"]);
}

#[test]
fn row_3_standard_terms_take_no_sensitive_information() {
    let by_consent = |facts| Facts { form: ProvisionForm::StandardTerms, ..facts };
    for by in [national(), local()] {
        denied(by, &by_consent(good()), &["STANDARD_TERMS"]);
        allowed(by, &by_consent(public()));
    }
    assert_eq!(rules(&local().decide(&by_consent(good()))), ["LG-82"]);
}

#[test]
fn row_4_sensitive_information_needs_an_effective_registration() {
    let by = national();
    for (state, code) in [
        (RegistrationState::None, "NOT_REGISTERED"),
        (RegistrationState::Expired, "EXPIRED"),
        (RegistrationState::Suspended, "SUSPENDED"),
        (RegistrationState::Removed, "REMOVED"),
    ] {
        denied(by, &Facts { ismap: state, ..good() }, &[code]);
        allowed(by, &Facts { ismap: state, ..public() });
        allowed(by, &Facts { ismap: state, ..own_machines() });
        allowed(local(), &Facts { ismap: state, ..good() });
    }
    let plain_cloud = Facts { ismap: RegistrationState::None, generative_ai: false, ..good() };
    assert_eq!(rules(&by.decide(&plain_cloud)), ["TK-R5-SEL"]);
}

#[test]
fn row_5_what_lies_outside_the_declared_scope_counts_as_unregistered() {
    let outside = Facts { in_declared_scope: false, scope_gap: "AI機能（架空チャット）".into(), ..good() };
    denied(national(), &outside, &["OUT_OF_SCOPE"]);
    assert!(national().decide(&outside).reasons[0].explanation.ends_with("AI機能（架空チャット）"));
    // Without a registration there is no scope to lie outside of.
    denied(national(), &Facts { ismap: RegistrationState::None, ..outside }, &["NOT_REGISTERED"]);
}

#[test]
fn row_6_liu_serves_only_listed_work_of_low_impact() {
    let liu = Facts { ismap_liu: true, ..good() };
    denied(national(), &liu, &["LIU_SCOPE"]);
    allowed(national(), &Facts { liu_work_listed_low: true, ..liu });
    allowed(national(), &Facts { ismap_liu: true, ..public() });
}

#[test]
fn row_7_the_caio_must_have_looked_at_what_may_be_of_high_risk() {
    let by = national();
    let judged = |risk| Facts { risk, ..good() };
    conditional(by, &judged(RiskStanding::Unassessed), &["CAIO_REVIEW"]);
    conditional(by, &judged(RiskStanding::PossiblyHigh), &["CAIO_REVIEW"]);
    denied(by, &judged(RiskStanding::RefusedByCaio), &["CAIO_REVIEW"]);
    allowed(by, &judged(RiskStanding::AcceptedByCaio));
    allowed(by, &Facts { generative_ai: false, ..judged(RiskStanding::Unassessed) });
    allowed(local(), &judged(RiskStanding::Unassessed));
    // An approver cannot take the decision in the CAIO's place.
    let waved = Facts { acknowledged: ["CAIO_REVIEW".into()].into(), ..judged(RiskStanding::PossiblyHigh) };
    conditional(by, &waved, &["CAIO_REVIEW"]);
}

#[test]
fn row_8_without_an_approval_in_force_for_this_purpose_nothing_passes_whatever_the_grade() {
    for (permit, suffix) in [
        (PermitStanding::None, ""),
        (PermitStanding::NotYet, "-NY"),
        (PermitStanding::Expired, "-EX"),
        (PermitStanding::Revoked, "-RV"),
    ] {
        for facts in [good(), public()] {
            let facts = Facts { permit, ..facts };
            denied(national(), &facts, &["NO_APPROVAL"]);
            assert_eq!(rules(&national().decide(&facts)), [format!("TK-R3-422-2b{suffix}")]);
            assert_eq!(rules(&local().decide(&facts)), [format!("LG-832-2{suffix}")]);
        }
        denied(national(), &Facts { permit, ..own_machines() }, &["NO_APPROVAL"]);
    }
    let other_service = Facts { permit_covers_service: false, ..public() };
    assert_eq!(rules(&national().decide(&other_service)), ["TK-R3-422-2b-SV"]);
    let other_purpose = Facts { permit_covers_purpose: false, ..public() };
    assert_eq!(rules(&national().decide(&other_purpose)), ["TK-R3-422-2b-PU"]);
    // The standards speak of external services: on the body's own machines the gate's own rule stands alone.
    assert_eq!(
        rules(&national().decide(&Facts { permit_covers_purpose: false, ..own_machines() })),
        ["SK-PERMIT-PURPOSE"]
    );
}

#[test]
fn row_9_a_renewal_under_way_or_an_open_incident_needs_a_word_from_the_approver() {
    let by = national();
    let renewing = Facts { ismap: RegistrationState::Continuing, ..good() };
    conditional(by, &renewing, &["RENEWAL_PENDING"]);
    allowed(by, &Facts { acknowledged: ["RENEWAL_PENDING".into()].into(), ..renewing.clone() });
    let incident = Facts { incident_open: true, ..public() };
    conditional(by, &incident, &["INCIDENT_OPEN"]);
    allowed(by, &Facts { acknowledged: ["INCIDENT_OPEN".into()].into(), ..incident });
    let both = Facts { incident_open: true, ..renewing };
    conditional(by, &both, &["RENEWAL_PENDING", "INCIDENT_OPEN"]);
    conditional(by, &Facts { acknowledged: ["INCIDENT_OPEN".into()].into(), ..both }, &["RENEWAL_PENDING"]);
}

#[test]
fn row_10_else_it_is_allowed() {
    for by in [national(), local()] {
        allowed(by, &good());
        allowed(by, &public());
        allowed(by, &own_machines());
    }
}

#[test]
fn every_row_that_applies_is_told_in_the_order_of_the_table() {
    let everything = Facts {
        out_of_scope_information: true,
        form: ProvisionForm::StandardTerms,
        ismap: RegistrationState::Continuing,
        in_declared_scope: false,
        ismap_liu: true,
        risk: RiskStanding::Unassessed,
        permit_covers_purpose: false,
        incident_open: true,
        my_number: true,
        credential: true,
        sending_restricted: true,
        finding_blocked: true,
        finding_unconfirmed: true,
        grade: Grade(2),
        in_user_range: false,
        regulation_complete: false,
        advisory_open: true,
        ..good()
    };
    denied(
        national(),
        &everything,
        &[
            "INFO_OUT_OF_SCOPE",
            "STANDARD_TERMS",
            "OUT_OF_SCOPE",
            "LIU_SCOPE",
            "CAIO_REVIEW",
            "NO_APPROVAL",
            "RENEWAL_PENDING",
            "INCIDENT_OPEN",
            "MY_NUMBER",
            "CREDENTIAL",
            "FINDING_BLOCKED",
            "SENDING_RESTRICTED",
            "GRADE_CEILING",
            "USER_RANGE",
            "REGULATION_INCOMPLETE",
            "ADVISORY_OPEN",
            "FINDING_UNCONFIRMED",
        ],
    );
}

#[test]
fn a_denial_is_named_after_what_denies_not_after_a_condition_above_it() {
    let decision = national().decide(&Facts { risk: RiskStanding::Unassessed, permit_covers_purpose: false, ..good() });
    assert_eq!(codes(&decision), ["CAIO_REVIEW", "NO_APPROVAL"]);
    assert_eq!(decision.code(), Some("NO_APPROVAL"));
}

#[test]
fn a_suspended_permit_says_what_changed() {
    let suspended =
        Facts {
            permit: PermitStanding::Suspended, permit_changes: "約款が変わった（2026-11-20）".into(), ..good()
        };
    denied(national(), &suspended, &["PERMIT_SUSPENDED"]);
    let decision = national().decide(&suspended);
    assert!(decision.reasons[0].explanation.contains("約款が変わった（2026-11-20）"));
    let silent = national().decide(&Facts { permit_changes: String::new(), ..suspended });
    assert!(silent.reasons[0].explanation.ends_with("不明"));
}

#[test]
fn the_permit_bounds_the_grade_and_the_users() {
    let secret = Facts { grade: Grade(2), grade_label: "機密性3".into(), ..good() };
    denied(national(), &secret, &["GRADE_CEILING"]);
    let told = &national().decide(&secret).reasons[0].explanation;
    assert!(told.contains("機密性3") && told.contains("機密性2"), "{told}");
    denied(national(), &Facts { in_user_range: false, ..good() }, &["USER_RANGE"]);
}

#[test]
fn the_regulation_comes_first_for_external_services() {
    let without = |facts| Facts { regulation_complete: false, ..facts };
    assert_eq!(rules(&national().decide(&without(public()))), ["TK-R3-422-1a"]);
    assert_eq!(rules(&local().decide(&without(public()))), ["LG-831"]);
    allowed(national(), &without(own_machines()));
}

#[test]
fn an_individual_contract_for_generative_ai_needs_prior_consent() {
    for consultation in [Consultation::None, Consultation::Reported] {
        denied(national(), &Facts { consultation, ..public() }, &["CONSULTATION_PENDING"]);
        allowed(national(), &Facts { consultation, form: ProvisionForm::StandardTerms, ..public() });
        allowed(national(), &Facts { consultation, generative_ai: false, ..public() });
        allowed(local(), &Facts { consultation, ..public() });
    }
}

#[test]
fn a_my_number_never_leaves_the_house() {
    for by in [national(), local()] {
        denied(by, &Facts { my_number: true, ..public() }, &["MY_NUMBER"]);
        allowed(by, &Facts { my_number: true, ..own_machines() });
        // An unknown service is not the house, whatever form stands in the facts.
        let nowhere = Facts { my_number: true, form: ProvisionForm::SelfOperated, ..unknown() };
        denied(by, &nowhere, &["NOT_CATALOGUED", "NO_APPROVAL", "MY_NUMBER"]);
    }
}

#[test]
fn credentials_go_nowhere_and_restricted_papers_stay_inside() {
    for by in [national(), local()] {
        denied(by, &Facts { credential: true, ..own_machines() }, &["CREDENTIAL"]);
        denied(by, &Facts { sending_restricted: true, ..public() }, &["SENDING_RESTRICTED"]);
        allowed(by, &Facts { sending_restricted: true, ..own_machines() });
    }
}

#[test]
fn what_the_body_stops_is_stopped_and_what_it_asks_waits_for_the_person() {
    for by in [national(), local()] {
        denied(by, &Facts { finding_blocked: true, ..own_machines() }, &["FINDING_BLOCKED"]);
        conditional(by, &Facts { finding_unconfirmed: true, ..public() }, &["FINDING_UNCONFIRMED"]);
        // No approver can confirm it for the person.
        let acknowledged = ["FINDING_UNCONFIRMED".into()].into();
        conditional(by, &Facts { finding_unconfirmed: true, acknowledged, ..public() }, &["FINDING_UNCONFIRMED"]);
    }
}

#[test]
fn a_warning_about_the_service_must_have_been_read() {
    let warned = Facts { advisory_open: true, ..public() };
    conditional(national(), &warned, &["ADVISORY_OPEN"]);
    allowed(national(), &Facts { acknowledged: ["ADVISORY_OPEN".into()].into(), ..warned });
}

#[test]
fn the_five_municipal_steps() {
    let by = local();
    let step = |rank, label: &str, facts| Facts {
        grade: Grade(rank),
        grade_label: label.into(),
        sensitive: rank > 0,
        ceiling: Grade(4),
        ..facts
    };
    denied(by, &step(4, "自治体機密性3A", own_machines()), &["GRADE_RESTRICTED"]);
    denied(by, &step(3, "自治体機密性3B", good()), &["GRADE_RESTRICTED"]);
    allowed(by, &step(3, "自治体機密性3B", own_machines()));
    let isolated = |zone: &str| Facts { zone: zone.into(), ..step(3, "自治体機密性3B", own_machines()) };
    allowed(by, &isolated("mynumber"));
    denied(by, &isolated("lgwan"), &["GRADE_RESTRICTED"]);
    for (rank, label) in [(1, "自治体機密性2"), (2, "自治体機密性3C")] {
        allowed(by, &step(rank, label, good()));
        let by_consent = Facts { form: ProvisionForm::StandardTerms, ..step(rank, label, good()) };
        denied(by, &by_consent, &["STANDARD_TERMS", "STANDARD_TERMS"]);
    }
    allowed(by, &step(0, "自治体機密性1", Facts { form: ProvisionForm::StandardTerms, ..good() }));
}

#[test]
fn the_three_municipal_layers() {
    let from = |zone: &str, facts| Facts { zone: zone.into(), ..facts };
    denied(local(), &from("mynumber", public()), &["ZONE_RESTRICTED"]);
    allowed(local(), &from("mynumber", own_machines()));
    conditional(local(), &from("lgwan", public()), &["ZONE_RESTRICTED"]);
    allowed(local(), &from("lgwan", Facts { hosting_route: "lgwan-asp".into(), ..public() }));
    allowed(local(), &Facts { acknowledged: ["ZONE_RESTRICTED".into()].into(), ..from("lgwan", public()) });
    allowed(local(), &from("internet", public()));
}
