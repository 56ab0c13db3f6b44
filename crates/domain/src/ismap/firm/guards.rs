//! Who may take which step of an audit firm, and what has to be true.

use super::{Firm, FirmForm, FirmState, FirmStep};
use crate::command::StepFirm;
use crate::event::{Event, FirmStepped};
use crate::id::{PartyId, PersonId};
use crate::ismap::committee::{AgendaItem, open_for_agenda};
use crate::ismap::deciding::{Acting, may};
use crate::ismap::party::{PartyKind, SchemeRole};
use crate::refusal::Refusal;
use jiff::civil::Date;

pub(crate) fn decide(acting: &Acting<'_>, command: StepFirm) -> Result<Vec<Event>, Refusal> {
    use FirmState as S;
    let is_firm = acting.scheme.parties.now(&command.firm).is_some_and(|p| p.kind == PartyKind::AuditFirm);
    if !is_firm {
        return Err(Refusal::unknown("監査機関", "audit firm", &command.firm));
    }
    let chronicle = acting.scheme.firms.get(&command.firm);
    let cause = chronicle.and_then(|c| c.last()).map(|last| last.stamp.on);
    let on = acting.day(command.on, cause)?;
    let nothing = Firm::default();
    let now = chronicle.map_or(&nothing, |c| c.now());
    let state = now.state_on(on);
    let own = || {
        may(
            acting.holding(&command.firm, &[SchemeRole::AuditExec, SchemeRole::AuditLead]),
            "監査機関の申請は、その監査機関の業務執行責任者または業務実施責任者だけができます。",
        )
    };
    let screens = || {
        may(
            acting.operator(&[SchemeRole::Secretariat, SchemeRole::IpaReception]),
            "監査機関の審査は、受理担当または事務局だけができます。",
        )
    };
    let secretariat = || may(acting.operator(&[SchemeRole::Secretariat]), "この手続は事務局だけができます。");
    let wrong = |ja: &str| {
        Err(Refusal::wrong_state(
            format!("{ja}（今の状態: {}）", state.label()),
            format!("this step does not follow from the state `{state:?}`").to_lowercase(),
        ))
    };
    let role = match &command.step {
        FirmStep::Draft { form } => {
            let role = own()?;
            if !matches!(state, S::Draft | S::Returned | S::Rejected | S::Withdrawn | S::Expired) {
                return wrong("申請書を書き換えられるのは、提出前か差戻しのあとだけです。");
            }
            people(acting, &command.firm, form)?;
            role
        }
        FirmStep::Submit => {
            let role = own()?;
            if !matches!(state, S::Draft | S::Returned) {
                return wrong("提出できるのは、作成中または差戻しの申請だけです。");
            }
            complete(acting, &command.firm, now.form.as_ref())?;
            role
        }
        FirmStep::Screen => {
            let role = screens()?;
            if !matches!(state, S::Submitted | S::RenewalUnderReview) {
                return wrong("審査を始められるのは、提出された申請だけです。");
            }
            role
        }
        FirmStep::Return => {
            let role = screens()?;
            if state != S::Screening {
                return wrong("差し戻せるのは審査中の申請だけです。");
            }
            role
        }
        FirmStep::Docket { meeting } => {
            let role = secretariat()?;
            // Once more, where a meeting put it off or did not come to it.
            if !matches!(state, S::Screening | S::Docketed) {
                return wrong("付議できるのは審査中の申請だけです。");
            }
            open_for_agenda(acting, meeting, &AgendaItem::Firm { firm: command.firm.clone() })?;
            role
        }
        FirmStep::FileRenewal { form } => {
            let role = own()?;
            if let (S::Expired, Some(until)) = (state, now.until) {
                return Err(late(until, on));
            }
            if state != S::Registered {
                return wrong("更新を申請できるのは登録中の監査機関だけです。");
            }
            // Who files is the one who says so: a day in the past does not make a late renewal one in time.
            if let Some(until) = now.until.filter(|until| acting.today > *until) {
                return Err(late(until, acting.today));
            }
            people(acting, &command.firm, form)?;
            complete(acting, &command.firm, Some(form))?;
            role
        }
        FirmStep::Suspend | FirmStep::Lift | FirmStep::Remove => {
            let role = secretariat()?;
            acting.cites(command.rule.as_ref(), on)?;
            let suspended = state == S::Suspended;
            let fits = match &command.step {
                FirmStep::Suspend => now.is_registered(on) && !suspended,
                FirmStep::Lift => suspended,
                _ => now.is_registered(on),
            };
            if !fits {
                return wrong("この状態の監査機関には行えません。");
            }
            role
        }
        FirmStep::Withdraw => {
            let role = own()?;
            if matches!(state, S::Removed | S::Rejected | S::Withdrawn | S::Expired) || chronicle.is_none() {
                return wrong("取り下げる申請・登録がありません。");
            }
            role
        }
        FirmStep::Registered { .. } | FirmStep::Rejected => {
            return Err(Refusal::new(
                "NOT_ALLOWED",
                "監査機関の登録・不登録は、運営委員会の決定によってのみ行われます。",
                "only a decision of the committee registers or rejects an audit firm",
            ));
        }
    };
    let event = FirmStepped { firm: command.firm, role, on, rule: command.rule, step: command.step };
    Ok(vec![Event::FirmStepped(event)])
}

fn late(until: Date, on: Date) -> Refusal {
    Refusal::wrong_state(
        format!("更新の申請は期間の末日 {until} までです（申請日 {on}）。新規の申請からやり直してください。"),
        format!("a renewal is filed by {until} at the latest, not on {on}; apply anew"),
    )
    .under("監査機関登録規則")
}

fn complete(acting: &Acting<'_>, firm: &PartyId, form: Option<&FirmForm>) -> Result<(), Refusal> {
    let Some(form) = form else {
        return Err(Refusal::wrong_state("申請書がまだ書かれていません。", "the form has not been filled in"));
    };
    let lacking = form.lacking();
    if !lacking.is_empty() {
        let list: Vec<String> = lacking.iter().map(|r| format!("{} {}", r.article(), r.label())).collect();
        return Err(Refusal::invalid(
            format!("次の要件の説明がありません: {}。", list.join("、")),
            format!(
                "these requirements are not described: {}",
                lacking.iter().map(|r| r.article()).collect::<Vec<_>>().join(", ")
            ),
        )
        .under("監査機関登録規則 3"));
    }
    if acting.scheme.parties.now(firm).is_none_or(|p| p.corporate_number.is_empty()) {
        return Err(Refusal::invalid(
            "当事者として法人番号が登録されていません。法人番号のある当事者として登録してから申請してください。",
            "the party has no 法人番号; enter it as a party with one and apply then",
        )
        .under("監査機関登録規則 3.3"));
    }
    if form.team.len() < 3 || !form.team.contains(&form.exec) {
        return Err(Refusal::invalid(
            format!("チームは業務執行責任者を含む 3 人以上にしてください（今は {} 人）。", form.team.len()),
            "the team has three members at least, the 業務執行責任者 among them",
        )
        .under("監査機関登録規則 3.8"));
    }
    Ok(())
}

fn people(acting: &Acting<'_>, firm: &PartyId, form: &FirmForm) -> Result<(), Refusal> {
    let Some(party) = acting.scheme.parties.now(firm) else {
        return Err(Refusal::unknown("監査機関", "audit firm", firm));
    };
    let holds = |person: &PersonId, role: SchemeRole| party.members.get(person).is_some_and(|r| r.contains(&role));
    if !holds(&form.exec, SchemeRole::AuditExec) || !holds(&form.lead, SchemeRole::AuditLead) {
        return Err(Refusal::invalid(
            "業務執行責任者と業務実施責任者には、この監査機関でその役割を持つ人を指定してください。",
            "name people who hold these roles for the firm",
        ));
    }
    if let Some(stranger) = form.team.iter().find(|p| !party.members.contains_key(p)) {
        return Err(Refusal::unknown("この監査機関の構成員", "member of this audit firm", stranger));
    }
    for ground in form.grounds.values().filter(|g| !g.sha256.is_empty()) {
        acting.digest("証跡", "the evidence", &ground.sha256)?;
    }
    Ok(())
}
