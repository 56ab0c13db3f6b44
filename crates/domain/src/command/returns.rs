//! 報告: that one was sent, and what was answered. What was sent cannot be called back, so nothing here is changed later.

use super::{AnswerReturn, Occasion, SendReturn, digest, fresh, words};
use crate::day::in_japan;
use crate::event::{ConsultationRecorded, Event, ReturnAnswered, ReturnSent};
use crate::id::{ReturnId, ServiceId};
use crate::refusal::Refusal;
use crate::register::Register;
use crate::returns::{Answer, Stage, are_asked_of};
use crate::service::{Consultation, ProvisionForm};
use jiff::civil::Date;

type Decided = Result<Vec<Event>, Refusal>;

/// Longest reference number.
const REFERENCE: usize = 200;

pub(super) fn send(register: &Register, occasion: &Occasion, c: SendReturn) -> Decided {
    if !are_asked_of(register) {
        return Err(Refusal::invalid(
            "申合せの報告は国の機関等のものです。この機関の区分では記録できません。",
            "reports of the agreement are those of national bodies; this body is none",
        ));
    }
    let record = register.service(&c.service).ok_or_else(|| Refusal::unknown("サービス", "service", &c.service))?;
    if record.service.form == ProvisionForm::SelfOperated {
        return Err(Refusal::invalid(
            "自組織運用のサービスに申合せの報告は要りません。",
            "a self-operated service needs no report",
        ));
    }
    if let Some(permit) = &c.permit {
        let known = register.permit(permit).filter(|known| known.draft.services.contains(&c.service));
        if known.is_none() {
            return Err(Refusal::unknown("このサービスによる承認", "permit on this service", permit));
        }
        if c.stage == Stage::Considering {
            return Err(Refusal::invalid(
                "検討中の報告は、サービスについて行います。承認を選ばないでください。",
                "what is considered has no permit yet; leave the permit out",
            ));
        }
    }
    words("宛先", "the addressee", &c.addressee, 200)?;
    short_reference(&c.reference)?;
    digest("送った文書のハッシュ（sha256）", "`sha256`", &c.sha256)?;
    not_to_come(c.on, occasion)?;
    let id: ReturnId = fresh("return", occasion)?;
    if register.return_record(&id).is_some() {
        return Err(Refusal::exists("報告", "return", &id));
    }
    let consults = c.stage == Stage::Considering
        && record.service.form == ProvisionForm::IndividualContract
        && record.consultation == Consultation::None
        && !record.withdrawn;
    let consulted = consults.then(|| {
        Event::ConsultationRecorded(ConsultationRecorded {
            service: c.service.clone(),
            state: Consultation::Reported,
            addressee: c.addressee.clone(),
            on: c.on,
        })
    });
    let sent = ReturnSent {
        id,
        service: c.service,
        permit: c.permit,
        stage: c.stage,
        addressee: c.addressee,
        on: c.on,
        way: c.way,
        reference: c.reference,
        sha256: c.sha256,
    };
    Ok(std::iter::once(Event::ReturnSent(sent)).chain(consulted).collect())
}

pub(super) fn answer(register: &Register, occasion: &Occasion, c: AnswerReturn) -> Decided {
    let record = register.return_record(&c.of).ok_or_else(|| Refusal::unknown("報告", "return", &c.of))?;
    short_reference(&c.reference)?;
    not_to_come(c.on, occasion)?;
    if c.on < record.sent.on {
        return Err(Refusal::invalid(
            "回答の日が、送った日より前です。日付を確かめてください。",
            "the answer is older than the report; check the day",
        ));
    }
    if c.answer == Answer::Consented && record.sent.stage != Stage::Considering {
        return Err(Refusal::invalid(
            "了解は、利用の検討の報告に対するものです。受領または質問として記録してください。",
            "only a report of what is considered is consented to; record that it was received, or a question",
        ));
    }
    if c.answer == Answer::Consented && record.is_consented() {
        return Err(Refusal::wrong_state("この報告の了解は記録済みです。", "the consent is recorded already"));
    }
    let service = register.service(&record.sent.service);
    let consents = c.answer == Answer::Consented
        && service.is_some_and(|known| {
            known.service.form == ProvisionForm::IndividualContract
                && known.consultation != Consultation::Consented
                && !known.withdrawn
        });
    let consulted = consents.then(|| {
        Event::ConsultationRecorded(ConsultationRecorded {
            service: record.sent.service.clone(),
            state: Consultation::Consented,
            addressee: record.sent.addressee.clone(),
            on: c.on,
        })
    });
    let answered = ReturnAnswered { of: c.of, answer: c.answer, on: c.on, reference: c.reference };
    Ok(std::iter::once(Event::ReturnAnswered(answered)).chain(consulted).collect())
}

/// The answer that 了解 of a service is to the report that asked for it; `None` where no such report waits.
pub(super) fn consented(register: &Register, service: &ServiceId, on: Date) -> Option<Event> {
    let waiting = register.returns_on(service).filter(|one| one.sent.stage == Stage::Considering && one.waits());
    let newest = waiting.filter(|one| one.sent.on <= on).max_by_key(|one| (one.sent.on, one.at))?;
    let of = newest.sent.id.clone();
    let answered = ReturnAnswered { of, answer: Answer::Consented, on, reference: String::new() };
    Some(Event::ReturnAnswered(answered))
}

fn short_reference(reference: &str) -> Result<(), Refusal> {
    if reference.is_empty() { Ok(()) } else { words("文書番号", "the reference number", reference, REFERENCE) }
}

fn not_to_come(on: Date, occasion: &Occasion) -> Result<(), Refusal> {
    if on <= in_japan(occasion.at) {
        return Ok(());
    }
    Err(Refusal::invalid(
        "日付が先の日になっています。送った日、回答のあった日を入れてください。",
        "the day is still to come; give the day it was sent or answered",
    ))
}
