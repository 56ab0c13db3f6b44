//! Sealed content: two persons and a reason to read, one order to destroy. And who stands behind a pseudonym of a scan.

use super::{Actor, EraseContent, GrantContent, Occasion, OpenShadowClient, RequestContent};
use crate::event::{ContentErased, ContentGranted, ContentRequested, Event, ShadowClientOpened};
use crate::refusal::Refusal;
use crate::register::Register;

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn request(register: &Register, c: RequestContent) -> Decided {
    if register.content_access(&c.of).is_some_and(|a| a.granted_by.is_none()) {
        return Err(Refusal::wrong_state(
            "この利用記録の開封は既に請求されています。別の人の同意を待ってください。",
            "reading this content is requested already; wait for a second person",
        ));
    }
    Ok(vec![Event::ContentRequested(ContentRequested { of: c.of })])
}

pub(super) fn grant(register: &Register, occasion: &Occasion, c: GrantContent) -> Decided {
    let access =
        register.content_access(&c.of).ok_or_else(|| Refusal::unknown("開封の請求", "request to read", &c.of))?;
    if access.granted_by.is_some() {
        return Err(Refusal::wrong_state("既に同意されています。", "a second person has agreed already"));
    }
    if occasion.actor == Actor::Person(access.requested_by.clone()) {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "開封を請求した人は同意できません。別の人が同意してください。",
            "who asked to read cannot agree; another person must",
        ));
    }
    Ok(vec![Event::ContentGranted(ContentGranted { of: c.of, to: access.requested_by.clone() })])
}

/// Most bytes of a pseudonym and of a service's id.
const LONGEST: usize = 100;

pub(super) fn open_client(occasion: &Occasion, c: OpenShadowClient) -> Decided {
    if occasion.reason.trim().is_empty() {
        return Err(Refusal::new(
            "REASON_NEEDED",
            "仮名を開く理由を書いてください。",
            "say why the pseudonym is opened",
        ));
    }
    if [&c.client, &c.service].iter().any(|text| text.is_empty() || text.len() > LONGEST) {
        return Err(Refusal::new(
            "INVALID",
            "仮名とサービスの識別子を、一覧にあるとおりに書いてください。",
            "give the pseudonym and the service as the list has them",
        ));
    }
    Ok(vec![Event::ShadowClientOpened(ShadowClientOpened { client: c.client, service: c.service })])
}

pub(super) fn erase(register: &Register, c: EraseContent) -> Decided {
    let records = register.records();
    let held = match &c.made {
        Some(made) => records.ground().held_by(made),
        // Without knowing the use nobody can say that nothing holds it.
        None => records.anything_holds().then(|| "廃棄の停止".to_owned()),
    };
    if let Some(held) = held {
        return Err(Refusal::new(
            "ON_HOLD",
            format!("{held} の対象のため、廃棄できません。停止を解除してから行ってください。"),
            "a legal hold or an open request for disclosure covers this use; it must end first",
        ));
    }
    Ok(vec![Event::ContentErased(ContentErased { of: c.of })])
}
