//! The body, its people, their roles and keys.

use super::{
    EstablishOrganization, ForgetPerson, GrantRole, INSTALLATION, IssueKey, JoinPerson, LeavePerson, MovePerson,
    Occasion, RevokeKey, WithdrawRole, digest, fresh, words,
};
use crate::event::{
    Event, KeyRevoked, OrganizationEstablished, PartyStepped, PersonForgotten, PersonJoined, PersonLeft, PersonMoved,
    RoleGranted, RoleWithdrawn,
};
use crate::grade::GradeScale;
use crate::id::{DepartmentId, PersonId};
use crate::ismap::party::PartyStep;
use crate::organization::{Department, Sector};
use crate::person::{Key, Person};
use crate::refusal::Refusal;
use crate::register::Register;

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn establish(register: &Register, c: EstablishOrganization) -> Decided {
    if let Some(body) = register.organization() {
        return Err(Refusal::exists("機関", "body", &body.organization));
    }
    words("機関の名称", "the name of the body", &c.name, 200)?;
    let grades = c.grades.unwrap_or_else(|| match c.sector {
        Sector::National => GradeScale::national(),
        Sector::Municipal => GradeScale::municipal(),
    });
    Ok(vec![Event::OrganizationEstablished(OrganizationEstablished {
        organization: c.organization,
        name: c.name,
        sector: c.sector,
        grades,
    })])
}

pub(super) fn place_department(register: &Register, c: Department) -> Decided {
    let mut above = c.parent.as_ref();
    for _ in 0..64 {
        let Some(id) = above else { return Ok(vec![Event::DepartmentPlaced(c)]) };
        if *id == c.department {
            return Err(Refusal::invalid(
                format!("部局 `{id}` を自分の下に置くことはできません。"),
                format!("the department `{id}` cannot stand below itself"),
            ));
        }
        above = known_department(register, id)?.parent.as_ref();
    }
    Err(Refusal::invalid("部局の階層は 64 段までです。", "departments nest at most 64 deep"))
}

pub(super) fn join(register: &Register, c: JoinPerson) -> Decided {
    if register.person(&c.person).is_some() {
        return Err(Refusal::exists("職員", "person", &c.person));
    }
    if c.person.as_str() == INSTALLATION {
        return Err(Refusal::invalid(
            format!("`{INSTALLATION}` は台帳でこの仕組み自身を表す名前です。別の識別子にしてください。"),
            format!("`{INSTALLATION}` stands for the installation itself in the ledger; choose another identifier"),
        ));
    }
    known_department(register, &c.department)?;
    Ok(vec![Event::PersonJoined(PersonJoined { person: c.person, department: c.department, post: c.post })])
}

pub(super) fn relocate(register: &Register, c: MovePerson) -> Decided {
    active_person(register, &c.person)?;
    known_department(register, &c.department)?;
    Ok(vec![Event::PersonMoved(PersonMoved { person: c.person, department: c.department, post: c.post })])
}

pub(super) fn leave(register: &Register, c: LeavePerson) -> Decided {
    let person = active_person(register, &c.person)?;
    last_administrator_stays(register, person)?;
    // Who has left acts for no party of ISMAP any more: a committee's quorum is not counted with them.
    let scheme = register.scheme();
    let mut events = Vec::new();
    if let Some(party) = scheme.party_of(&c.person) {
        for role in scheme.roles_of(&c.person) {
            let step = PartyStep::Release { person: c.person.clone(), role };
            events.push(Event::PartyStepped(PartyStepped { party: party.clone(), role: None, step }));
        }
    }
    events.push(Event::PersonLeft(PersonLeft { person: c.person }));
    Ok(events)
}

pub(super) fn forget(register: &Register, c: ForgetPerson) -> Decided {
    let person = register.person(&c.person).ok_or_else(|| Refusal::unknown("職員", "person", &c.person))?;
    if person.active {
        return Err(Refusal::wrong_state(
            "在職中の職員の名簿は消せません。先に person.leave を記録してください。",
            "the directory keeps who is still here; record `person.leave` first",
        ));
    }
    Ok(vec![Event::PersonForgotten(PersonForgotten { person: c.person })])
}

pub(super) fn grant(register: &Register, c: GrantRole) -> Decided {
    let person = active_person(register, &c.person)?;
    if let Some(held) = person.roles.iter().find(|held| c.role.excludes(**held)) {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            format!("{} と {} は同じ人が兼ねられません。別の人を指名してください。", c.role.label(), held.label()),
            format!("`{:?}` and `{held:?}` cannot be held by one person; name another", c.role),
        ));
    }
    Ok(vec![Event::RoleGranted(RoleGranted { person: c.person, role: c.role })])
}

pub(super) fn withdraw_role(register: &Register, c: WithdrawRole) -> Decided {
    let person = active_person(register, &c.person)?;
    if !person.roles.contains(&c.role) {
        return Err(Refusal::wrong_state(
            format!("`{}` は {} の役割を持っていません。", c.person, c.role.label()),
            format!("`{}` does not hold the role `{:?}`", c.person, c.role),
        ));
    }
    if c.role == crate::person::Role::Administrator {
        last_administrator_stays(register, person)?;
    }
    Ok(vec![Event::RoleWithdrawn(RoleWithdrawn { person: c.person, role: c.role })])
}

pub(super) fn issue_key(register: &Register, occasion: &Occasion, c: IssueKey) -> Decided {
    let person = active_person(register, &c.person)?;
    digest("鍵のハッシュ", "the hash of the key", &c.hash)?;
    if register.key_by_hash(&c.hash).is_some() {
        return Err(Refusal::new("EXISTS", "同じ鍵が既に登録されています。", "this key is registered already"));
    }
    if let Some(id) = &c.permit {
        let permit = register.permit(id).ok_or_else(|| Refusal::unknown("承認", "permit", id))?;
        if !register.in_range(&permit.draft.users, person) {
            return Err(Refusal::new(
                "USER_RANGE",
                format!("`{}` は承認 `{id}` の利用者の範囲に入っていません。", c.person),
                format!("`{}` is outside the user range of the permit `{id}`", c.person),
            ));
        }
    }
    let declared = match (c.declared, register.organization()) {
        (Some(grade), Some(body)) if usize::from(grade.0) >= body.grades.levels().len() => {
            return Err(Refusal::invalid(
                "格付がこの機関の一覧にありません。",
                "the grade is not in the list of this body",
            ));
        }
        (declared, _) => declared.unwrap_or_default(),
    };
    Ok(vec![Event::KeyIssued(Key {
        key: fresh("k", occasion)?,
        hash: c.hash,
        person: c.person,
        permit: c.permit,
        declared,
        valid_until: c.valid_until,
        revoked: false,
    })])
}

pub(super) fn revoke_key(register: &Register, c: RevokeKey) -> Decided {
    let key = register.key(&c.key).ok_or_else(|| Refusal::unknown("鍵", "key", &c.key))?;
    if key.revoked {
        return Err(Refusal::wrong_state("この鍵は既に失効しています。", "this key is revoked already"));
    }
    Ok(vec![Event::KeyRevoked(KeyRevoked { key: c.key })])
}

fn known_department<'r>(register: &'r Register, id: &DepartmentId) -> Result<&'r Department, Refusal> {
    register.department(id).ok_or_else(|| Refusal::unknown("部局", "department", id))
}

pub(super) fn active_person<'r>(register: &'r Register, id: &PersonId) -> Result<&'r Person, Refusal> {
    let person = register.person(id).ok_or_else(|| Refusal::unknown("職員", "person", id))?;
    if person.active {
        Ok(person)
    } else {
        Err(Refusal::wrong_state(format!("`{id}` は既に退職・異動しています。"), format!("`{id}` has left")))
    }
}

/// Without an administrator nobody could ever be added again.
fn last_administrator_stays(register: &Register, person: &Person) -> Result<(), Refusal> {
    use crate::person::Role::Administrator;
    let others = register.persons().any(|p| p.person != person.person && p.active && p.roles.contains(&Administrator));
    if person.roles.contains(&Administrator) && !others {
        return Err(Refusal::wrong_state(
            "最後のシステム管理者です。先に別の人へ役割を与えてください。",
            "this is the last administrator; give the role to someone else first",
        ));
    }
    Ok(())
}
