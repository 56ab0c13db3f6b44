//! Who sees which record of the operator's side. A record of others is answered as if it did not exist.

use sekisho_domain::id::{PartyId, PersonId};
use sekisho_domain::ismap::party::{PartyKind, SchemeRole};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;

/// The person acts for the provider of a registration.
pub(super) fn provides(register: &Register, person: &PersonId, number: &str) -> bool {
    let scheme = register.scheme();
    let offering = register.registration(number).and_then(|row| row.offering.as_ref());
    let provider = offering.and_then(|offering| scheme.provider_of(offering)).map(|(id, _)| id);
    provider.is_some() && provider == scheme.party_of(person)
}

/// What is told about a registration (incidents, notices of change) is the provider's and the operator's.
pub(super) fn told_of(register: &Register, person: &PersonId, number: &str) -> bool {
    register.scheme().is_operator(person) || provides(register, person, number)
}

/// The party a person acts for, if it is of this kind.
pub(super) fn acts_for<'r>(register: &'r Register, person: &PersonId, kind: PartyKind) -> Option<&'r PartyId> {
    let scheme = register.scheme();
    let id = scheme.party_of(person)?;
    (scheme.parties.now(id)?.kind == kind).then_some(id)
}

/// The person holds a role for whoever runs the scheme.
pub(super) fn operates(register: &Register, person: &PersonId, role: SchemeRole) -> bool {
    register.scheme().is_operator(person) && register.scheme().roles_of(person).contains(&role)
}

/// Sees every party: the operator, and who runs or audits the installation. Others see their own.
pub(super) fn sees_all_parties(register: &Register, person: &PersonId) -> bool {
    let roles = [Role::Administrator, Role::Ciso, Role::ServiceManager, Role::Auditor];
    register.scheme().is_operator(person) || register.holds_any(person, &roles)
}

/// Sees what the operator sets: the operator, and who answers for services of the body.
pub(super) fn sees_settings(register: &Register, person: &PersonId) -> bool {
    let roles = [Role::Ciso, Role::ServiceManager, Role::Auditor];
    register.scheme().is_operator(person) || register.holds_any(person, &roles)
}
