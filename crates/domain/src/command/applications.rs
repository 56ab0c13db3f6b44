//! 利用申請 → 審査 → 承認 (統一基準R3 4.2.2(2)).

use super::{
    Actor, ApproveApplication, DecideRisk, Occasion, RefuseApplication, ResubmitApplication, ReturnApplication,
    WithdrawApplication, fresh, people, services, words,
};
use crate::day::in_japan;
use crate::decision::RiskStanding;
use crate::event::{
    ApplicationApproved, ApplicationRefused, ApplicationResubmitted, ApplicationReturned, ApplicationSubmitted,
    ApplicationWithdrawn, Event, RiskDecided,
};
use crate::id::{ApplicationId, PersonId};
use crate::permit::{Application, ApplicationState, Draft, terms_to_read};
use crate::person::Role;
use crate::refusal::Refusal;
use crate::register::Register;
use std::collections::BTreeMap;

type Decided = Result<Vec<Event>, Refusal>;

pub(super) fn submit(register: &Register, occasion: &Occasion, draft: Draft) -> Decided {
    let applicant = person(occasion)?.clone();
    let application = fresh("ap", occasion)?;
    // The same form sent twice: the identifier comes from the form.
    if register.application(&application).is_some() {
        return Err(Refusal::exists("申請", "application", &application));
    }
    check(register, occasion, &draft)?;
    Ok(vec![Event::ApplicationSubmitted(ApplicationSubmitted { application, applicant, draft })])
}

pub(super) fn resubmit(register: &Register, occasion: &Occasion, c: ResubmitApplication) -> Decided {
    let application = own(register, occasion, &c.application)?;
    if application.state != ApplicationState::Returned {
        return Err(state("差戻しを受けた申請", "a returned application", application));
    }
    check(register, occasion, &c.draft)?;
    Ok(vec![Event::ApplicationResubmitted(ApplicationResubmitted { application: c.application, draft: c.draft })])
}

pub(super) fn withdraw(register: &Register, occasion: &Occasion, c: WithdrawApplication) -> Decided {
    let application = own(register, occasion, &c.application)?;
    match application.state {
        ApplicationState::Submitted | ApplicationState::Returned => {
            Ok(vec![Event::ApplicationWithdrawn(ApplicationWithdrawn { application: c.application })])
        }
        _ => Err(state("審査中または差戻しの申請", "a submitted or returned application", application)),
    }
}

pub(super) fn send_back(register: &Register, c: ReturnApplication) -> Decided {
    under_review(register, &c.application)?;
    Ok(vec![Event::ApplicationReturned(ApplicationReturned { application: c.application })])
}

pub(super) fn refuse(register: &Register, occasion: &Occasion, c: RefuseApplication) -> Decided {
    under_review(register, &c.application)?;
    words("不承認の理由", "the reason of a refusal", &occasion.reason, 2_000)?;
    Ok(vec![Event::ApplicationRefused(ApplicationRefused { application: c.application })])
}

pub(super) fn approve(register: &Register, occasion: &Occasion, c: ApproveApplication) -> Decided {
    let application = under_review(register, &c.application)?;
    if *person(occasion)? == application.applicant {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "自分の申請は承認できません。別の許可権限者に審査を依頼してください。",
            "you cannot approve your own application; another approver must",
        )
        .under("統一基準R3 4.2.2(2)(b)"));
    }
    people::active_person(register, &application.applicant)?;
    people::active_person(register, &c.manager)?;
    if !register.holds(&c.manager, Role::ServiceManager) {
        return Err(Refusal::invalid(
            format!("`{}` は外部サービス管理者ではありません。その役割を持つ人を指名してください。", c.manager),
            format!("`{}` is not a service manager; name someone who holds the role", c.manager),
        )
        .under("統一基準R3 4.2.2(2)(a)"));
    }
    for condition in &c.conditions {
        words("承認の条件", "a condition", condition, 2_000)?;
    }
    // The facts may have changed since the applicant looked: the approver decides on today's.
    check(register, occasion, &application.draft)?;
    let today = in_japan(occasion.at);
    if c.review_on < today || c.review_on > application.draft.until {
        return Err(Refusal::invalid(
            format!("見直し期限は今日から利用期間の末日（{}）までの日にしてください。", application.draft.until),
            format!("`review_on` must lie between today and {}", application.draft.until),
        ));
    }
    if register.risk_standing(application, today) == RiskStanding::RefusedByCaio {
        return Err(Refusal::wrong_state(
            "AI統括責任者がこの利用を認めていません。",
            "the CAIO has not accepted the risk of this use",
        ));
    }
    let mut basis = BTreeMap::new();
    for id in &application.draft.services {
        basis.insert(id.clone(), register.basis(services::offered(register, id)?, today));
    }
    Ok(vec![Event::ApplicationApproved(ApplicationApproved {
        application: c.application,
        permit: fresh("pm", occasion)?,
        manager: c.manager,
        conditions: c.conditions,
        review_on: c.review_on,
        basis,
    })])
}

pub(super) fn decide_risk(register: &Register, occasion: &Occasion, c: DecideRisk) -> Decided {
    let application = known(register, &c.application)?;
    if *person(occasion)? == application.applicant {
        return Err(Refusal::new(
            "SEPARATION_OF_DUTIES",
            "自分の申請の高リスクの可能性は判断できません。別のAI統括責任者に依頼してください。",
            "you cannot decide on the risk of your own application",
        ));
    }
    if register.risk_sheet(application).is_none() {
        return Err(Refusal::wrong_state(
            "高リスク判定シートが付いていません。申請者に記入を求めてください。",
            "the application has no risk sheet; ask the applicant for one",
        ));
    }
    Ok(vec![Event::RiskDecided(RiskDecided { application: c.application, accepted: c.accepted })])
}

/// An application that may stand: the 規程 is complete, the services exist, the terms read are today's, the dates hold.
fn check(register: &Register, occasion: &Occasion, draft: &Draft) -> Result<(), Refusal> {
    let missing = register.regulation().missing();
    if !missing.is_empty() {
        let parts = missing.iter().map(|p| p.label()).collect::<Vec<_>>().join("、");
        return Err(Refusal::new(
            "REGULATION_INCOMPLETE",
            format!(
                "規程がそろうまで申請できません。未整備: {parts}。統括情報セキュリティ責任者に整備を依頼してください。"
            ),
            format!("no application before the regulation is complete; missing: {missing:?}"),
        )
        .under("統一基準R3 4.2.2(1)(a)"));
    }
    words("利用目的（業務内容）", "the purpose", &draft.purpose, 200)?;
    words("選定時の確認結果（risk_statement）", "the risk statement", &draft.risk_statement, 2_000)?;
    if draft.services.is_empty() || draft.services.len() > 20 {
        return Err(Refusal::invalid("サービスを 1 件以上 20 件以下で選んでください。", "choose 1 to 20 services"));
    }
    if draft.users.is_empty() {
        return Err(Refusal::invalid("利用者の範囲を指定してください。", "the user range must name someone"));
    }
    for id in &draft.users.people {
        people::active_person(register, id)?;
    }
    for id in &draft.users.departments {
        register.department(id).ok_or_else(|| Refusal::unknown("部局", "department", id))?;
    }
    if let Some(body) = register.organization()
        && usize::from(draft.ceiling.0) >= body.grades.levels().len()
    {
        return Err(Refusal::invalid(
            "格付の上限がこの機関の一覧にありません。",
            "the ceiling is not in the list of grades",
        ));
    }
    let today = in_japan(occasion.at);
    if draft.until < draft.from || draft.until < today {
        return Err(Refusal::invalid(
            format!(
                "利用期間（{} から {}）を見直してください。末日は開始日と今日より前にできません。",
                draft.from, draft.until
            ),
            format!("the period {} to {} must not end before it begins or before today", draft.from, draft.until),
        ));
    }
    if draft.risk.is_some_and(|sheet| !sheet.is_valid()) {
        return Err(Refusal::invalid(
            "高リスク判定シートの各項目は 0 から 3 で答えてください。",
            "each axis of the risk sheet is answered with 0 to 3",
        ));
    }
    for id in &draft.services {
        let service = &services::offered(register, id)?.service;
        let Some(current) = terms_to_read(service.form, service.terms.as_ref()) else { continue };
        if draft.terms_read.get(id).map(String::as_str) != Some(current) {
            return Err(Refusal::new(
                "TERMS_NOT_READ",
                format!("サービス「{}」の約款・提供条件を確認してください。確認した版の SHA-256（{current}）を terms_read に入れます。", service.name),
                format!("read the terms of `{id}` and put the SHA-256 of the version read ({current}) into `terms_read`"),
            )
            .under("統一基準R3 4.2.2(2)(a)"));
        }
    }
    Ok(())
}

fn person(occasion: &Occasion) -> Result<&PersonId, Refusal> {
    match &occasion.actor {
        Actor::Person(person) => Ok(person),
        Actor::Installation => {
            Err(Refusal::new("NOT_ALLOWED", "職員として操作してください。", "a person must do this"))
        }
    }
}

fn known<'r>(register: &'r Register, id: &ApplicationId) -> Result<&'r Application, Refusal> {
    register.application(id).ok_or_else(|| Refusal::unknown("申請", "application", id))
}

fn own<'r>(register: &'r Register, occasion: &Occasion, id: &ApplicationId) -> Result<&'r Application, Refusal> {
    let application = known(register, id)?;
    if *person(occasion)? != application.applicant {
        return Err(Refusal::new("NOT_ALLOWED", "申請者本人だけができる操作です。", "only the applicant may do this"));
    }
    Ok(application)
}

fn under_review<'r>(register: &'r Register, id: &ApplicationId) -> Result<&'r Application, Refusal> {
    let application = known(register, id)?;
    if application.state == ApplicationState::Submitted {
        Ok(application)
    } else {
        Err(state("審査中の申請", "an application under review", application))
    }
}

fn state(ja: &str, en: &str, application: &Application) -> Refusal {
    Refusal::wrong_state(
        format!("{ja}だけができる操作です。この申請は「{}」です。", application.state.label()),
        format!("only {en} allows this; this one is `{:?}`", application.state),
    )
}
