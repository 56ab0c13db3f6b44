//! What follows from a decision of the committee, in the same commit: a term of a firm, a row of the register, the end of an
//! application.

use super::{AgendaItem, Outcome};
use crate::command::StepMeeting;
use crate::event::{Event, FilingStepped, FirmStepped, RegistrationStatusChanged, StatementStepped};
use crate::id::FilingId;
use crate::ismap::deciding::Acting;
use crate::ismap::filing::{FilingKind, FilingState, FilingStep, undone};
use crate::ismap::firm::{FirmState, FirmStep, term_until};
use crate::ismap::party::SchemeRole;
use crate::ismap::registration::{ListStatus, Registration};
use crate::ismap::statement::StatementStep;
use crate::ismap::term::computed_expiry;
use crate::refusal::Refusal;
use jiff::civil::Date;

/// What follows from a decision, in the same commit.
pub(super) fn consequences(
    acting: &Acting<'_>,
    command: &StepMeeting,
    item: &AgendaItem,
    outcome: &Outcome,
    role: Option<SchemeRole>,
    on: Date,
) -> Result<Vec<Event>, Refusal> {
    let rule = command.rule.clone();
    let unfit = || {
        Refusal::invalid(
            format!("この議題に「{}」の決定はできません。", outcome.label()),
            "this outcome does not fit the item",
        )
    };
    match item {
        AgendaItem::Other { .. } => match outcome {
            Outcome::Note | Outcome::Defer => Ok(Vec::new()),
            _ => Err(unfit()),
        },
        AgendaItem::Registration { number } => {
            if matches!(outcome, Outcome::Note | Outcome::Defer) {
                return Ok(Vec::new());
            }
            acting.cites(rule.as_ref(), on)?;
            let Some(row) = acting.register.registration(number) else {
                return Err(Refusal::unknown("ISMAP 登録", "ISMAP registration", number));
            };
            let status = match (outcome, row.status) {
                (Outcome::Suspend, ListStatus::Listed) if row.state_on(on).is_effective() => ListStatus::Suspended,
                (Outcome::Lift, ListStatus::Suspended) => ListStatus::Listed,
                (Outcome::Remove, ListStatus::Listed | ListStatus::Suspended) => ListStatus::Removed,
                _ => return Err(unfit()),
            };
            let event = RegistrationStatusChanged { number: number.clone(), status, on };
            Ok(vec![Event::RegistrationStatusChanged(event)])
        }
        AgendaItem::Firm { firm } => {
            let docketed = acting.scheme.firms.now(firm).is_some_and(|f| f.state == FirmState::Docketed);
            if !docketed {
                return Err(Refusal::wrong_state("この監査機関は付議中ではありません。", "the firm is not docketed"));
            }
            let step = match outcome {
                Outcome::Register { number: None } => {
                    acting.cites(rule.as_ref(), on)?;
                    // A renewed term follows the last one without a gap, also where it is decided after the last
                    // one's end: until then the renewal kept that alive (our reading).
                    let last = acting.scheme.firms.now(firm).filter(|f| f.renewal_filed_on.is_some());
                    let from = last.and_then(|f| f.until?.tomorrow().ok()).unwrap_or(on);
                    FirmStep::Registered { from, until: term_until(from)? }
                }
                Outcome::Refuse => FirmStep::Rejected,
                Outcome::Defer => return Ok(Vec::new()),
                _ => return Err(unfit()),
            };
            Ok(vec![Event::FirmStepped(FirmStepped { firm: firm.clone(), role, on, rule, step })])
        }
        AgendaItem::Filing { filing } => application(acting, command, filing, outcome, role, on),
    }
}

fn application(
    acting: &Acting<'_>,
    command: &StepMeeting,
    id: &FilingId,
    outcome: &Outcome,
    role: Option<SchemeRole>,
    on: Date,
) -> Result<Vec<Event>, Refusal> {
    let meeting = command.meeting.clone();
    let (Some(filing), rule) = (acting.scheme.filings.now(id), command.rule.clone()) else {
        return Err(Refusal::unknown("登録申請", "application for registration", id));
    };
    let Some(form) = &filing.form else {
        return Err(Refusal::unknown("登録申請", "application for registration", id));
    };
    if filing.state != FilingState::Docketed {
        return Err(Refusal::wrong_state("この申請は付議中ではありません。", "the application is not docketed"));
    }
    let step = |step| Event::FilingStepped(FilingStepped { filing: id.clone(), role, on, rule: rule.clone(), step });
    let number = match outcome {
        Outcome::Defer => return Ok(vec![step(FilingStep::Deferred { meeting })]),
        Outcome::Refuse => {
            let mut events = vec![step(FilingStep::Refused { meeting })];
            events.extend(undone(acting, filing, form, role));
            return Ok(events);
        }
        Outcome::Register { number } => number,
        _ => {
            return Err(Refusal::invalid(
                "登録申請に対する決定は、登録、不登録、継続審議のどれかです。",
                "an application is registered, refused or put off",
            ));
        }
    };
    acting.cites(rule.as_ref(), on)?;
    // The technical review is a result of its own: an audit does not show that the 基本言明要件 are met (登録規則 6.1).
    if filing.basic_met != Some(true) {
        return Err(Refusal::wrong_state(
            "技術的審査で基本言明要件を満たすとされていないため、登録できません。",
            "the technical review did not find the 基本言明要件 met",
        )
        .under("登録規則 6.1"));
    }
    let (Some(statement), Some(engagement)) =
        (acting.scheme.statements.now(&form.statement), acting.scheme.engagements.now(&form.engagement))
    else {
        return Err(Refusal::unknown("言明書", "statement", &form.statement));
    };
    let Some(public) = &command.public else {
        return Err(Refusal::invalid(
            "リストに公表する言明書の内容（登録規則 3.8）がありません。決定の画面から登録してください。",
            "the public part of the statement is missing; register it from the page of the decision",
        )
        .under("登録規則 3.8"));
    };
    let Some(valid_until) = computed_expiry(statement.to) else {
        return Err(Refusal::invalid("有効期限を計算できません。", "the expiry lies beyond the calendar"));
    };
    let before = match &form.kind {
        FilingKind::New => None,
        FilingKind::Renewal { number } => acting.register.registration(number),
    };
    if before.is_some_and(|row| row.status == ListStatus::Removed) {
        return Err(Refusal::wrong_state(
            "登録が削除されているため、更新の決定はできません。",
            "the registration was removed; there is nothing to renew",
        ));
    }
    let number = match (&form.kind, number) {
        (FilingKind::Renewal { number }, None) => number.clone(),
        (FilingKind::New, Some(number)) => {
            acting.words("登録番号", "the registration number", number, 60)?;
            if acting.register.registration(number).is_some() {
                return Err(Refusal::exists("登録番号", "registration number", number));
            }
            number.clone()
        }
        (FilingKind::Renewal { .. }, Some(_)) => {
            return Err(Refusal::invalid("更新では登録番号は変わりません。", "a renewal keeps its number"));
        }
        (FilingKind::New, None) => {
            return Err(Refusal::invalid(
                "新しい登録の登録番号を入力してください。",
                "name the new registration's number",
            ));
        }
    };
    if valid_until < on {
        return Err(Refusal::wrong_state(
            format!("監査対象期間の末日 {} から計算した有効期限 {valid_until} は過ぎています。", statement.to),
            format!("the expiry computed from the audit period, {valid_until}, has passed"),
        )
        .under("基本規程 3.5"));
    }
    let party = acting.scheme.parties.now(&form.party);
    let firm = acting.scheme.parties.now(&engagement.firm);
    let d = &form.disclosures;
    let mut row = before.cloned().unwrap_or_else(|| {
        let name = party.and_then(|p| p.offerings.get(&form.offering)).cloned().unwrap_or_default();
        Registration::listed(number.clone(), form.scheme, name, on, valid_until)
    });
    row.scheme = form.scheme;
    row.csp_name = party.map(|p| p.name.clone()).unwrap_or_default();
    row.corporate_number = party.map(|p| p.corporate_number.clone()).unwrap_or_default();
    row.audit_firm = firm.map(|p| p.name.clone()).unwrap_or_default();
    row.audit_period = Some((statement.from, statement.to));
    row.valid_until = valid_until;
    row.renewal_filed_on = None;
    row.governing_law.clone_from(&d.governing_law);
    row.jurisdiction.clone_from(&d.jurisdiction);
    row.foreign_law_risk.clone_from(&d.foreign_law_risk);
    row.offering = Some(form.offering.clone());
    row.statement = Some(form.statement.clone());
    row.decided_by = Some(meeting.clone());
    // What the statement publishes is handed in by whoever holds its content, in the same command.
    row.scope = public.scope.clone();
    row.service_models.clone_from(&public.service_models);
    row.statement_scope.clone_from(&public.statement_scope);
    row.ai_information.clone_from(&public.ai_information);
    row.subsequent_events.clone_from(&public.subsequent_events);
    row.objectives.clone_from(&public.objectives);
    let mut events =
        vec![step(FilingStep::Registered { number: number.clone(), meeting }), Event::RegistrationRecorded(row)];
    if let Some(earlier) = before.and_then(|r| r.statement.clone()).filter(|earlier| *earlier != form.statement) {
        let superseded = StatementStepped { statement: earlier, role, step: StatementStep::Superseded };
        events.push(Event::StatementStepped(superseded));
    }
    let published =
        StatementStepped { statement: form.statement.clone(), role, step: StatementStep::Published { number } };
    events.push(Event::StatementStepped(published));
    Ok(events)
}
