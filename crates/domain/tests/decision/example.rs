//! A use that nothing stands against; each test changes what it is about.

use sekisho_domain::decision::{Decision, Effect, Facts, PermitStanding, RiskStanding, Rules};
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{PersonId, ServiceId};
use sekisho_domain::ismap::RegistrationState;
use sekisho_domain::rule_set::{AppliesTo, RuleSet};
use sekisho_domain::service::{Consultation, ProvisionForm};
use std::sync::LazyLock;

/// 個別契約, registered, approved up to 機密性2, with all papers in order.
pub(crate) fn good() -> Facts {
    Facts {
        model: "kakuu-chat".into(),
        app: String::new(),
        zone: String::new(),
        grade: Grade(1),
        grade_label: "機密性2".into(),
        sensitive: true,
        out_of_scope_information: false,
        my_number: false,
        credential: false,
        sending_restricted: false,
        finding_blocked: false,
        finding_unconfirmed: false,
        person: PersonId::new("p-1").unwrap(),
        department: "soumu".into(),
        post: "kakaricho".into(),
        service: ServiceId::new("kakuu-cloud").unwrap(),
        service_name: "架空クラウドAI".into(),
        service_known: true,
        form: ProvisionForm::IndividualContract,
        generative_ai: true,
        hosting_route: "internet".into(),
        region: "jp".into(),
        governing_law: "JP".into(),
        advisory_open: false,
        consultation: Consultation::Consented,
        ismap: RegistrationState::Active,
        ismap_liu: false,
        in_declared_scope: true,
        scope_gap: String::new(),
        incident_open: false,
        liu_work_listed_low: false,
        permit: PermitStanding::Active,
        permit_changes: String::new(),
        permit_covers_service: true,
        permit_covers_purpose: true,
        in_user_range: true,
        ceiling: Grade(1),
        ceiling_label: "機密性2".into(),
        regulation_complete: true,
        risk: RiskStanding::Low,
        acknowledged: std::collections::BTreeSet::new(),
    }
}

/// The same with 機密性1.
pub(crate) fn public() -> Facts {
    Facts { grade: Grade(0), grade_label: "機密性1".into(), sensitive: false, ..good() }
}

/// The same on the body's own machines, with no registration.
pub(crate) fn own_machines() -> Facts {
    Facts {
        form: ProvisionForm::SelfOperated,
        ismap: RegistrationState::None,
        in_declared_scope: false,
        consultation: Consultation::None,
        ..good()
    }
}

/// No registered service offers the model, and the caller holds no permit.
pub(crate) fn unknown() -> Facts {
    Facts {
        model: "nazo-1".into(),
        service: ServiceId::new("unknown").unwrap(),
        service_name: String::new(),
        service_known: false,
        form: ProvisionForm::StandardTerms,
        consultation: Consultation::None,
        ismap: RegistrationState::None,
        in_declared_scope: false,
        permit: PermitStanding::None,
        permit_covers_service: false,
        permit_covers_purpose: false,
        in_user_range: false,
        ceiling: Grade(0),
        ceiling_label: "機密性1".into(),
        risk: RiskStanding::Unassessed,
        ..good()
    }
}

/// The rules of a ministry.
pub(crate) fn national() -> &'static Rules {
    static RULES: LazyLock<Rules> =
        LazyLock::new(|| Rules::compile(&RuleSet::builtin_for(AppliesTo::National)).unwrap());
    &RULES
}

/// The rules of a municipality.
pub(crate) fn local() -> &'static Rules {
    static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::compile(&RuleSet::builtin_for(AppliesTo::Local)).unwrap());
    &RULES
}

/// The named built-in sets.
pub(crate) fn sets(ids: &[&str]) -> Vec<RuleSet> {
    RuleSet::builtin().into_iter().filter(|s| ids.contains(&s.id.as_str())).collect()
}

/// A body's own set with these policies after a header of four lines.
pub(crate) fn own(policies: &str) -> RuleSet {
    RuleSet::parse(format!("// id: kakuu\n// title: 架空省の決まり\n// edition: 1\n// applies_to: both\n{policies}"))
        .unwrap()
}

/// A rule of the body's own with this scope and condition.
pub(crate) fn own_rule(id: &str, effect: Effect, scope: &str, condition: &str) -> String {
    let effect = if effect == Effect::Deny { "deny" } else { "conditional" };
    format!(
        "@id(\"{id}\")\n@code(\"OWN\")\n@order(\"500\")\n@effect(\"{effect}\")\n@title(\"題\")\n@document(\"規程\")\n\
         @edition(\"1\")\n@clause(\"1条\")\n@evidence(\"D\")\n@explanation(\"説明\")\n@remedy(\"方法\")\n\
         forbid ({scope}) when {{ {condition} }};\n"
    )
}

pub(crate) const ANY: &str = "principal, action, resource";

/// The codes of all reasons, in order.
pub(crate) fn codes(decision: &Decision) -> Vec<&str> {
    decision.reasons.iter().map(|r| r.code.as_str()).collect()
}

/// The rules of all reasons, in order.
pub(crate) fn rules(decision: &Decision) -> Vec<&str> {
    decision.reasons.iter().map(|r| r.rule.as_str()).collect()
}
