//! 承認 after the day it was given: suspension, re-approval, revocation, conditions.

use super::{Actor, MeetCondition, Occasion, ReapprovePermit, RevokePermit, SuspendPermit, services};
use crate::day::in_japan;
use crate::event::{ConditionMet, Event, PermitReapproved, PermitRevoked, PermitSuspended};
use crate::id::{PermitId, PersonId, ServiceId};
use crate::permit::{Permit, PermitState};
use crate::refusal::Refusal;
use crate::register::Register;
use crate::{command::INSTALLATION, entry::Governance};
use std::collections::{BTreeMap, BTreeSet};

type Decided = Result<Vec<Event>, Refusal>;

/// Conditional reasons that an approver may declare met.
const CONDITIONS: [&str; 4] = ["RENEWAL_PENDING", "INCIDENT_OPEN", "ADVISORY_OPEN", "ZONE_RESTRICTED"];

pub(super) fn suspend(register: &Register, c: SuspendPermit) -> Decided {
    match known(register, &c.permit)?.state {
        PermitState::InForce => Ok(vec![Event::PermitSuspended(PermitSuspended { permit: c.permit, changes: vec![] })]),
        _ => Err(Refusal::wrong_state("有効な承認だけを停止できます。", "only a permit in force can be suspended")),
    }
}

pub(super) fn reapprove(register: &Register, occasion: &Occasion, c: ReapprovePermit) -> Decided {
    let permit = known(register, &c.permit)?;
    if !matches!(permit.state, PermitState::Suspended { .. }) {
        return Err(Refusal::wrong_state(
            "停止中の承認だけを再承認できます。",
            "only a suspended permit can be approved again",
        ));
    }
    another_than_the_applicant(register, occasion, permit)?;
    let today = in_japan(occasion.at);
    if permit.draft.until < today {
        return Err(Refusal::wrong_state(
            "期間が過ぎています。新しく申請してください。",
            "its period is over; apply anew",
        ));
    }
    let mut basis = BTreeMap::new();
    for id in &permit.draft.services {
        basis.insert(id.clone(), register.basis(services::offered(register, id)?, today));
    }
    Ok(vec![Event::PermitReapproved(PermitReapproved { permit: c.permit, basis })])
}

pub(super) fn revoke(register: &Register, c: RevokePermit) -> Decided {
    if known(register, &c.permit)?.state == PermitState::Revoked {
        return Err(Refusal::wrong_state("既に取り消されています。", "it is revoked already"));
    }
    Ok(vec![Event::PermitRevoked(PermitRevoked { permit: c.permit })])
}

pub(super) fn meet_condition(register: &Register, occasion: &Occasion, c: MeetCondition) -> Decided {
    let permit = known(register, &c.permit)?;
    another_than_the_applicant(register, occasion, permit)?;
    if !CONDITIONS.contains(&c.code.as_str()) {
        return Err(Refusal::invalid(
            format!("`{}` は条件付き許可の理由ではありません。使えるのは {} です。", c.code, CONDITIONS.join("、")),
            format!("`{}` is not a conditional reason; these are: {}", c.code, CONDITIONS.join(", ")),
        ));
    }
    let today = in_japan(occasion.at);
    if c.until < today || c.until > permit.draft.until {
        return Err(Refusal::invalid(
            format!("期限は今日から承認の末日（{}）までの日にしてください。", permit.draft.until),
            format!("`until` must lie between today and {}", permit.draft.until),
        ));
    }
    Ok(vec![Event::ConditionMet(ConditionMet { permit: c.permit, code: c.code, until: c.until })])
}

/// To approve again and to declare a condition met are acts of approval: the applicant does neither.
fn another_than_the_applicant(register: &Register, occasion: &Occasion, permit: &Permit) -> Result<(), Refusal> {
    let applicant = register.application(&permit.application).map(|a| &a.applicant);
    match &occasion.actor {
        Actor::Person(person) if Some(person) == applicant => Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "自分の申請に基づく承認について、再承認や条件の確認はできません。別の許可権限者に依頼してください。",
            "you cannot approve again, or declare a condition met for, what you applied for; another approver must",
        )
        .under("統一基準R3 4.2.2(2)(b)")),
        _ => Ok(()),
    }
}

/// Suspensions that follow from what a command changes: every permit in force whose basis is no longer what the
/// approver saw.
pub(super) fn suspended_by(register: &Register, occasion: &Occasion, own: &[Event]) -> Vec<Event> {
    let mut touched: BTreeSet<ServiceId> = own.iter().filter_map(Event::touches_service).cloned().collect();
    for number in own.iter().filter_map(Event::touches_registration) {
        let resting = register.services().filter(|r| r.service.ismap.as_deref() == Some(number));
        touched.extend(resting.map(|r| r.service.service.clone()));
    }
    if touched.is_empty() {
        return Vec::new();
    }
    let (Ok(actor), Some(body)) = (PersonId::new(INSTALLATION), register.organization()) else { return Vec::new() };
    let mut after = register.clone();
    for event in own {
        let entry = Governance {
            actor: actor.clone(),
            at: occasion.at,
            organization: body.organization.clone(),
            reason: String::new(),
            documents: Vec::new(),
            clause: String::new(),
            event: event.clone(),
        };
        // A command that was decided against this register folds onto it.
        if after.apply(register.position(), &entry).is_err() {
            return Vec::new();
        }
    }
    let today = in_japan(occasion.at);
    let mut affected: BTreeMap<PermitId, Vec<crate::permit::Change>> = BTreeMap::new();
    for id in &touched {
        let Some(record) = after.service(id) else { continue };
        let now = after.basis(record, today);
        for permit in after.permits_on(id).filter(|p| p.state == PermitState::InForce && p.draft.until >= today) {
            let changes = permit.basis.get(id).map(|then| then.changes_to(&now, id)).unwrap_or_default();
            if !changes.is_empty() {
                affected.entry(permit.permit.clone()).or_default().extend(changes);
            }
        }
    }
    affected.into_iter().map(|(permit, changes)| Event::PermitSuspended(PermitSuspended { permit, changes })).collect()
}

fn known<'r>(register: &'r Register, id: &PermitId) -> Result<&'r Permit, Refusal> {
    register.permit(id).ok_or_else(|| Refusal::unknown("承認", "permit", id))
}
