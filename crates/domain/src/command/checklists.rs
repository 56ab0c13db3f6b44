//! 調達・契約チェックシート: editions of their questions, and sheets that are complete. Both are given by the page that has
//! checked the content and keeps it; the register knows hashes.

use super::{AdoptQuestionSet, CompleteChecklist, Occasion, digest, words};
use crate::event::{ChecklistCompleted, Event, QuestionSetAdopted};
use crate::refusal::Refusal;
use crate::register::Register;

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn adopt(register: &Register, occasion: &Occasion, c: AdoptQuestionSet) -> Decided {
    digest("問いの一覧のハッシュ（sha256）", "`sha256`", &c.sha256)?;
    words("問いの一覧の名称", "the title of the set", &c.title, 100)?;
    words("版", "the edition", &c.edition, 100)?;
    words("採用する理由", "why the set is adopted", &occasion.reason, 2_000)?;
    if register.ds920().set(&c.set).is_some() {
        return Err(Refusal::exists("問いの一覧", "question set", &c.set));
    }
    if c.questions == 0 {
        return Err(Refusal::invalid("問いのない一覧は採用できません。", "a set without questions is not adopted"));
    }
    let AdoptQuestionSet { set, kind, title, edition, sha256, questions } = c;
    Ok(vec![Event::QuestionSetAdopted(QuestionSetAdopted { set, kind, title, edition, sha256, questions })])
}

pub(super) fn complete(register: &Register, c: CompleteChecklist) -> Decided {
    digest("シートの内容のハッシュ（sha256）", "`sha256`", &c.sha256)?;
    digest("問いの一覧のハッシュ（set_sha256）", "`set_sha256`", &c.set_sha256)?;
    if register.service(&c.service).is_none() {
        return Err(Refusal::unknown("サービス", "service", &c.service));
    }
    if let Some(application) = &c.application {
        let known =
            register.application(application).ok_or_else(|| Refusal::unknown("申請", "application", application))?;
        if !known.draft.services.contains(&c.service) {
            return Err(Refusal::invalid(
                "選んだ申請は、このサービスのものではありません。",
                "the application does not name the service",
            ));
        }
    }
    if let Some(before) = register.ds920().checklist(&c.sheet) {
        let of = &before.sheet;
        if (of.kind, &of.service, &of.application) != (c.kind, &c.service, &c.application) {
            return Err(Refusal::exists("チェックシート", "checklist", &c.sheet));
        }
        if of.sha256 == c.sha256 {
            return Err(Refusal::wrong_state(
                "同じ内容で既に完成しています。",
                "the sheet is complete with this content already",
            ));
        }
    }
    let CompleteChecklist { sheet, kind, set, set_sha256, service, application, level, sha256, tally } = c;
    Ok(vec![Event::ChecklistCompleted(ChecklistCompleted {
        sheet,
        kind,
        set,
        set_sha256,
        service,
        application,
        level,
        sha256,
        tally,
    })])
}
