//! From a request and a register to facts, and from facts to a decision: the same way for a live request and for a
//! replay years later.

use crate::budget::{self, Budget, Spent};
use crate::day::in_japan;
use crate::decision::{Decision, Facts, Outcome, PermitStanding, RiskStanding};
use crate::grade::{Grade, GradeScale};
use crate::id::{PermitId, ServiceId};
use crate::ismap::{RegistrationState, Scheme};
use crate::permit::{Permit, PermitState, describe};
use crate::person::Person;
use crate::register::{Register, ServiceRecord};
use crate::service::{Consultation, Model, ProvisionForm};
use crate::usage::UseRequest;
use jiff::civil::Date;

/// A request seen against a register.
#[derive(Debug, Clone)]
pub struct Considered {
    /// What the rules look at.
    pub facts: Facts,
    /// The service that offers the model, if any does.
    pub service: Option<ServiceId>,
    /// The permit that was found, if any was.
    pub permit: Option<PermitId>,
}

/// Looks a request up in a register.
pub fn consider(register: &Register, request: &UseRequest) -> Considered {
    let day = in_japan(request.at);
    let national;
    let scale = match register.organization() {
        Some(body) => &body.grades,
        None => {
            national = GradeScale::national();
            &national
        }
    };
    let record = register.service_of_model(&request.model);
    let model = record.and_then(|r| r.service.model(&request.model));
    // Who has left is nobody here: neither department, post nor a name in a user range speaks for them any more.
    let person = register.person(&request.person).filter(|p| p.active);
    let permit = find_permit(register, request, record, person, day);
    let grade = request.declared.max(request.inherited).max(request.signals.detected);
    let scope_gap = scope_gap(register, record, model);
    let registration = record.and_then(|r| r.service.ismap.as_deref()).and_then(|n| register.registration(n));

    let facts = Facts {
        model: request.model.clone(),
        app: request.app.clone(),
        zone: request.zone.clone(),
        grade,
        grade_label: scale.level(grade).label.clone(),
        sensitive: scale.is_sensitive(grade),
        out_of_scope_information: request.signals.out_of_scope,
        my_number: request.signals.my_number,
        credential: request.signals.credential,
        sending_restricted: request.signals.restricted,
        finding_blocked: request.handled.blocks(),
        finding_unconfirmed: request.handled.waits(),
        person: request.person.clone(),
        department: person.map(|p| p.department.to_string()).unwrap_or_default(),
        post: person.map(|p| p.post.clone()).unwrap_or_default(),
        service: record.map_or_else(unknown_service, |r| r.service.service.clone()),
        service_name: record.map(|r| r.service.name.clone()).unwrap_or_default(),
        service_known: record.is_some(),
        // An unknown service is refused as such; the strictest form keeps every other rule on the safe side.
        form: record.map_or(ProvisionForm::StandardTerms, |r| r.service.form),
        generative_ai: model.is_none_or(|m| m.generative),
        hosting_route: record.map(|r| r.service.hosting_route.clone()).unwrap_or_default(),
        region: record.map(|r| r.service.region.clone()).unwrap_or_default(),
        governing_law: record.map(|r| r.service.governing_law.clone()).unwrap_or_default(),
        advisory_open: record.is_some_and(|r| !r.advisories.is_empty()),
        consultation: record.map_or(Consultation::None, |r| r.consultation),
        ismap: record.map_or(RegistrationState::None, |r| register.ismap_state(&r.service, day)),
        ismap_liu: registration.is_some_and(|r| r.scheme == Scheme::Liu),
        in_declared_scope: scope_gap.is_empty(),
        scope_gap,
        incident_open: registration.is_some_and(|r| !r.incidents.is_empty()),
        liu_work_listed_low: permit.is_some_and(|p| p.draft.liu_work_listed_low),
        permit: permit.map_or(PermitStanding::None, |p| p.standing_on(day)),
        permit_changes: permit.map(changes).unwrap_or_default(),
        permit_covers_service: match (permit, record) {
            (Some(p), Some(r)) => p.draft.services.contains(&r.service.service),
            _ => false,
        },
        permit_covers_purpose: match (permit, &request.purpose) {
            (Some(p), Some(purpose)) => p.draft.purpose == *purpose,
            (Some(_), None) => true,
            (None, _) => false,
        },
        in_user_range: match (permit, person) {
            (Some(p), Some(person)) => register.in_range(&p.draft.users, person),
            _ => false,
        },
        ceiling: permit.map_or(Grade::default(), |p| p.draft.ceiling),
        ceiling_label: permit.map(|p| scale.level(p.draft.ceiling).label.clone()).unwrap_or_default(),
        regulation_complete: register.regulation().is_complete(),
        risk: permit.map_or(RiskStanding::Unassessed, |p| register.risk_of_permit(p, day)),
        acknowledged: permit
            .map(|p| p.acknowledged.iter().filter(|(_, until)| day <= **until).map(|(code, _)| code.clone()).collect())
            .unwrap_or_default(),
    };
    Considered { facts, service: record.map(|r| r.service.service.clone()), permit: permit.map(|p| p.permit.clone()) }
}

/// Decides a request against a register, as the gate does and as a replay does.
pub fn decide(register: &Register, request: &UseRequest) -> (Considered, Decision) {
    let considered = consider(register, request);
    let mut decision = match register.rules() {
        Some(rules) => rules.decide(&considered.facts),
        None => Decision { outcome: Outcome::Deny, reasons: Vec::new(), rules: String::new() },
    };
    // Not a policy of Cedar: a budget is the body's own number, which holds whichever edition of the rules is adopted,
    // and what is said of it names amounts and days.
    if let Some(reason) = budget::in_the_way(&budgets(register, &considered, request), &request.spent, request.at) {
        decision.outcome = Outcome::Deny;
        decision.reasons.push(reason);
    }
    (considered, decision)
}

/// The budgets that bind a request.
pub fn budgets<'r>(register: &'r Register, considered: &Considered, request: &UseRequest) -> Vec<&'r Budget> {
    let person = register.person(&request.person).filter(|p| p.active);
    register.budgets_that_bind(person, considered.permit.as_ref(), in_japan(request.at))
}

/// The request as it would be with nothing spent: for what is only rehearsed.
pub fn unspent(register: &Register, mut request: UseRequest) -> UseRequest {
    if !register.budgets().is_empty() {
        let considered = consider(register, &request);
        let bound = budgets(register, &considered, &request);
        request.spent = bound.iter().map(|bound| Spent { amount: 0, budget: bound.budget.clone() }).collect();
    }
    request
}

/// The permit a request rests on. A named one is taken as it is, whatever its state, so that the answer can say what is
/// wrong with it; otherwise the best of those that cover the service and the person.
fn find_permit<'r>(
    register: &'r Register,
    request: &UseRequest,
    record: Option<&ServiceRecord>,
    person: Option<&Person>,
    day: Date,
) -> Option<&'r Permit> {
    if let Some(named) = &request.permit {
        return register.permit(named);
    }
    let (record, person) = (record?, person?);
    let grade = request.declared.max(request.inherited).max(request.signals.detected);
    register
        .permits_on(&record.service.service)
        .filter(|p| register.in_range(&p.draft.users, person))
        .filter(|p| request.purpose.as_ref().is_none_or(|purpose| p.draft.purpose == *purpose))
        // The one nearest to being usable, then one whose ceiling suffices, then the lowest such ceiling, then by
        // identifier: the answer then speaks of the permit the person has in mind.
        .min_by_key(|p| {
            let enough = p.draft.ceiling >= grade;
            (
                distance(p.standing_on(day)),
                !enough,
                if enough { p.draft.ceiling.0 } else { u8::MAX - p.draft.ceiling.0 },
                p.permit.clone(),
            )
        })
}

/// How far a permit is from being usable.
fn distance(standing: PermitStanding) -> u8 {
    match standing {
        PermitStanding::Active => 0,
        PermitStanding::Suspended => 1,
        PermitStanding::NotYet => 2,
        PermitStanding::Expired => 3,
        PermitStanding::Revoked | PermitStanding::None => 4,
    }
}

fn changes(permit: &Permit) -> String {
    match &permit.state {
        PermitState::Suspended { changes } if changes.is_empty() => "なし（担当者による停止）".to_owned(),
        PermitState::Suspended { changes } => describe(changes),
        PermitState::InForce | PermitState::Revoked => String::new(),
    }
}

/// What lies outside 言明の対象範囲, in words; empty when nothing does or nothing is declared.
fn scope_gap(register: &Register, record: Option<&ServiceRecord>, model: Option<&Model>) -> String {
    let Some(record) = record else { return String::new() };
    let Some(row) = record.service.ismap.as_deref().and_then(|n| register.registration(n)) else {
        return String::new();
    };
    row.scope.gaps(&record.service.region, model).join("、")
}

#[expect(clippy::expect_used, reason = "the constant is a well-formed identifier, as the test below shows")]
fn unknown_service() -> ServiceId {
    ServiceId::new("unknown").expect("a constant")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_name_of_no_service_is_well_formed() {
        assert_eq!(super::unknown_service().as_str(), "unknown");
    }
}
