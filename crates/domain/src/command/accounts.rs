//! Accounts: invited by an administrator, opened by the person alone.

use super::people::active_person;
use super::{Actor, EnrolSecondFactor, InviteAccount, Occasion, OpenAccount, digest};
use crate::account::{Invitation, LONGEST_INVITATION};
use crate::event::{AccountOpened, Event, SecondFactorEnrolled};
use crate::id::PersonId;
use crate::refusal::Refusal;
use crate::register::Register;

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn invite(register: &Register, occasion: &Occasion, c: InviteAccount) -> Decided {
    active_person(register, &c.person)?;
    digest("招待のハッシュ", "the hash of the invitation", &c.hash)?;
    if register.invitation(&c.hash).is_some() {
        return Err(Refusal::exists("招待", "invitation", &c.hash));
    }
    let longest = occasion.at.checked_add(LONGEST_INVITATION).unwrap_or(occasion.at);
    if c.valid_until <= occasion.at || c.valid_until > longest {
        return Err(Refusal::invalid(
            "招待の期限は、いまより後、14 日以内にしてください。",
            "an invitation must end later than now and within 14 days",
        ));
    }
    Ok(vec![Event::AccountInvited(Invitation { hash: c.hash, person: c.person, valid_until: c.valid_until })])
}

pub(super) fn open(register: &Register, occasion: &Occasion, c: OpenAccount) -> Decided {
    let invitation = register.invitation(&c.invitation).filter(|i| occasion.at <= i.valid_until);
    let Some(invitation) = invitation.filter(|i| is_actor(occasion, &i.person)) else {
        return Err(Refusal::wrong_state(
            "このリンクは使えません。使用済みか、期限切れか、新しいリンクに置き換えられています。管理者に新しいリンクを依頼してください。",
            "this link does not work: it was used, has expired or was replaced; ask an administrator for a new one",
        ));
    };
    active_person(register, &invitation.person)?;
    Ok(vec![Event::AccountOpened(AccountOpened { person: invitation.person.clone(), invitation: c.invitation })])
}

pub(super) fn enrol(register: &Register, occasion: &Occasion, c: EnrolSecondFactor) -> Decided {
    active_person(register, &c.person)?;
    if register.means(&c.person).is_none() || !is_actor(occasion, &c.person) {
        return Err(Refusal::wrong_state(
            "二要素目は、アカウントを開設した本人だけが登録できます。",
            "only the person whose account is open may enrol a second factor",
        ));
    }
    Ok(vec![Event::SecondFactorEnrolled(SecondFactorEnrolled { person: c.person })])
}

fn is_actor(occasion: &Occasion, person: &PersonId) -> bool {
    matches!(&occasion.actor, Actor::Person(actor) if actor == person)
}
