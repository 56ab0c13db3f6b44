//! An auditor of the ledger: reads the entries alone, with none of the register's code, and says what no registration may be
//! without. Slow and plain on purpose.

use jiff::civil::Date;
use sekisho_domain::entry::Governance;
use sekisho_domain::event::Event;
use sekisho_domain::ismap::committee::{AgendaItem, MeetingStep, Outcome};
use sekisho_domain::ismap::engagement::EngagementStep;
use sekisho_domain::ismap::filing::{FilingForm, FilingStep};
use sekisho_domain::ismap::firm::FirmStep;
use sekisho_domain::ismap::party::{PartyStep, SchemeRole};
use sekisho_domain::ismap::statement::StatementStep;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong, in words; and how many registrations were looked at.
pub(crate) fn audit(entries: &[Governance]) -> (Vec<String>, usize) {
    let mut faults = Vec::new();
    let mut registrations = 0;
    for (at, entry) in entries.iter().enumerate() {
        let before = &entries[..at];
        match &entry.event {
            Event::FilingStepped(e) => {
                if let FilingStep::Registered { number, .. } = &e.step {
                    registrations += 1;
                    let told = registration(before, e.filing.as_str(), number);
                    faults.extend(told.into_iter().map(|fault| format!("{number}: {fault}")));
                    let row = entries[at..].iter().take(2).any(
                        |next| matches!(&next.event, Event::RegistrationRecorded(r) if r.number == *number && r.decided_by.is_some()),
                    );
                    if !row {
                        faults.push(format!("{number}: decided and not on the list"));
                    }
                }
                if let Some(person) = reviews_what_they_received(before, entry) {
                    faults.push(format!("{person} received and reviews `{}`", e.filing));
                }
            }
            Event::RegistrationRecorded(row) if row.decided_by.is_some() => {
                let decided = before.iter().any(|b| {
                    matches!(&b.event, Event::FilingStepped(f) if matches!(&f.step, FilingStep::Registered { number, .. } if *number == row.number))
                });
                if !decided {
                    faults.push(format!("{}: on the list without a decision", row.number));
                }
            }
            Event::RegistrationRenewed(e) if decided_here(before, &e.number) => {
                faults.push(format!("{}: renewed by hand", e.number));
            }
            Event::RegistrationStatusChanged(e) => {
                let by_meeting = matches!(before.last().map(|b| &b.event), Some(Event::MeetingStepped(_)));
                if decided_here(before, &e.number) && !by_meeting {
                    faults.push(format!("{}: status changed by hand", e.number));
                }
            }
            _ => {}
        }
    }
    (faults, registrations)
}

fn decided_here(before: &[Governance], number: &str) -> bool {
    before
        .iter()
        .any(|b| matches!(&b.event, Event::RegistrationRecorded(r) if r.number == number && r.decided_by.is_some()))
}

/// Nobody who took a step of the reception takes one of the review, of the same application.
fn reviews_what_they_received(before: &[Governance], entry: &Governance) -> Option<String> {
    let Event::FilingStepped(e) = &entry.event else { return None };
    let is_reception =
        |s: &FilingStep| matches!(s, FilingStep::CheckAcceptance | FilingStep::Accept | FilingStep::Return);
    let is_review =
        |s: &FilingStep| matches!(s, FilingStep::StartReview | FilingStep::Review { .. } | FilingStep::Inquire { .. });
    let other: &dyn Fn(&FilingStep) -> bool = if is_review(&e.step) {
        &is_reception
    } else if is_reception(&e.step) {
        &is_review
    } else {
        return None;
    };
    let twice = before.iter().any(|b| {
        b.actor == entry.actor && matches!(&b.event, Event::FilingStepped(f) if f.filing == e.filing && other(&f.step))
    });
    twice.then(|| entry.actor.to_string())
}

/// Everything a registration rests on, from the entries before it.
fn registration(before: &[Governance], filing: &str, number: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let of_filing: Vec<(&Governance, &FilingStep)> = before
        .iter()
        .filter_map(|b| match &b.event {
            Event::FilingStepped(f) if f.filing.as_str() == filing => Some((b, &f.step)),
            _ => None,
        })
        .collect();
    let form = of_filing.iter().rev().find_map(|(_, s)| match s {
        FilingStep::Draft { form } => Some(&**form),
        _ => None,
    });
    let Some(form) = form else { return vec!["no form".into()] };
    if !of_filing.iter().any(|(_, s)| matches!(s, FilingStep::File)) {
        faults.push("never filed".into());
    }
    let review = of_filing.iter().rev().find_map(|(_, s)| match s {
        FilingStep::Review { basic_met, .. } => Some(*basic_met),
        _ => None,
    });
    if review != Some(true) {
        faults.push("the basic items were not found met".into());
    }
    faults.extend(statement(before, form));
    faults.extend(engagement(before, form));
    faults.extend(decision(before, filing, number));
    faults
}

fn statement(before: &[Governance], form: &FilingForm) -> Vec<String> {
    let (mut validated, mut signed, mut withdrawn) = (None, None, false);
    for entry in before {
        let Event::StatementStepped(e) = &entry.event else { continue };
        if e.statement != form.statement {
            continue;
        }
        match &e.step {
            StatementStep::Draft { .. } | StatementStep::Reopen => (validated, signed) = (None, None),
            StatementStep::Validate { content } => (validated, signed) = (Some(content.sha256().to_owned()), None),
            StatementStep::Sign { sha256 } if e.role == Some(SchemeRole::CspHead) => signed = Some(sha256.clone()),
            StatementStep::Withdraw => withdrawn = true,
            _ => {}
        }
    }
    let mut faults = Vec::new();
    if signed.is_none() || signed != validated {
        faults.push("the statement is not signed as it was validated".into());
    }
    if withdrawn {
        faults.push("the statement was withdrawn".into());
    }
    faults
}

fn engagement(before: &[Governance], form: &FilingForm) -> Vec<String> {
    let (mut firm, mut of, mut independent, mut contracted, mut reported) = (None, None, None, None, None);
    let mut signatures: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (at, entry) in before.iter().enumerate() {
        let Event::EngagementStepped(e) = &entry.event else { continue };
        if e.engagement != form.engagement {
            continue;
        }
        match &e.step {
            EngagementStep::Propose { firm: by, statement, .. } => (firm, of) = (Some(by.to_string()), Some(statement)),
            EngagementStep::CheckIndependence { capital_ties, officer_ties }
                if (capital_ties.clone() + officer_ties).is_empty() =>
            {
                independent = Some(at);
            }
            EngagementStep::Contract => contracted = Some((at, e.on)),
            EngagementStep::SignOff { sha256 } => {
                signatures.entry(sha256.clone()).or_default().insert(entry.actor.to_string());
            }
            EngagementStep::Report { content } => reported = Some((at, e.on, content.sha256().to_owned())),
            EngagementStep::Withdraw => return vec!["the audit was given up".into()],
            _ => {}
        }
    }
    let mut faults = Vec::new();
    if of != Some(&form.statement) {
        faults.push("the audit is of another statement".into());
    }
    let (Some(firm), Some(independent), Some((contract, contract_on)), Some((report, report_on, file))) =
        (firm, independent, contracted, reported)
    else {
        faults.push("the audit is not independent, contracted and reported".into());
        return faults;
    };
    if !(independent < contract && contract < report) {
        faults.push("independence, contract and report are out of order".into());
    }
    if signatures.get(&file).is_none_or(|people| people.len() < 2) {
        faults.push("the report is not signed by two people".into());
    }
    for (what, at, on) in [("contract", contract, contract_on), ("report", report, report_on)] {
        if !in_force(&before[..at], &firm, on) {
            faults.push(format!("{firm} is not in force on {on}, the day of the {what}"));
        }
    }
    faults
}

/// A firm is in force on a day: registered by the committee, within its term or with a renewal filed in it that is with the
/// operator, neither suspended nor ended. Reads the steps that count by that day.
fn in_force(before: &[Governance], firm: &str, on: Date) -> bool {
    let mut term: Option<(Date, Date)> = None;
    let (mut filed, mut with_operator, mut suspended, mut ended) = (false, false, false, false);
    for entry in before {
        let Event::FirmStepped(e) = &entry.event else { continue };
        if e.firm.as_str() != firm || e.on > on {
            continue;
        }
        match &e.step {
            FirmStep::Registered { from, until } => {
                let first = term.filter(|_| filed).map_or(*from, |(first, _)| first);
                term = Some((first, *until));
                (filed, with_operator, suspended, ended) = (false, false, false, false);
            }
            FirmStep::Draft { .. } if !filed => (term, suspended, ended) = (None, false, false),
            FirmStep::FileRenewal { .. } => {
                filed = term.is_some_and(|(_, until)| e.on <= until);
                with_operator = filed;
            }
            FirmStep::Return => with_operator = false,
            FirmStep::Submit => with_operator = term.is_some_and(|(_, until)| e.on <= until),
            FirmStep::Screen => with_operator = true,
            FirmStep::Rejected => (filed, with_operator) = (false, false),
            FirmStep::Withdraw if filed && !suspended => (filed, with_operator) = (false, false),
            FirmStep::Withdraw | FirmStep::Remove => ended = true,
            FirmStep::Suspend => suspended = true,
            FirmStep::Lift => suspended = false,
            FirmStep::Draft { .. } | FirmStep::Docket { .. } => {}
        }
    }
    let running = term.is_some_and(|(from, until)| from <= on && (on <= until || (filed && with_operator)));
    running && !suspended && !ended
}

/// The meeting that decided: convened with a quorum, opened with members, and a majority of those who took part for it.
fn decision(before: &[Governance], filing: &str, number: &str) -> Vec<String> {
    let Some(Event::MeetingStepped(deciding)) = before.last().map(|b| &b.event) else {
        return vec!["no decision stands before it".into()];
    };
    let MeetingStep::Decide { item, outcome, votes } = &deciding.step else {
        return vec!["no decision stands before it".into()];
    };
    let mut faults = Vec::new();
    let about = matches!(item, AgendaItem::Filing { filing: decided } if decided.as_str() == filing);
    let registers = match outcome {
        Outcome::Register { number: Some(named) } => named == number,
        Outcome::Register { number: None } => true,
        _ => false,
    };
    if !about || !registers || deciding.role != Some(SchemeRole::Secretariat) || deciding.rule.is_none() {
        faults.push("the decision is another one, or nobody's, or rests on nothing".into());
    }
    let (mut quorum, mut present, mut recused, mut docketed, mut opened) =
        (0, BTreeSet::new(), BTreeSet::new(), false, None);
    let mut members: BTreeSet<String> = BTreeSet::new();
    for entry in before {
        match &entry.event {
            Event::PartyStepped(e) => match &e.step {
                PartyStep::Admit { person, role: SchemeRole::CommitteeMember } => {
                    members.insert(person.to_string());
                }
                PartyStep::Release { person, role: SchemeRole::CommitteeMember } => {
                    members.remove(person.as_str());
                }
                _ => {}
            },
            Event::MeetingStepped(e) if e.meeting == deciding.meeting => match &e.step {
                MeetingStep::Convene { quorum: needed, .. } => quorum = *needed as usize,
                MeetingStep::Open { present: here } => {
                    present = here.iter().map(ToString::to_string).collect();
                    opened = Some(present.is_subset(&members));
                }
                MeetingStep::Recuse { member, item: of } if of == item => {
                    recused.insert(member.to_string());
                }
                MeetingStep::Minutes { .. } | MeetingStep::Cancel => faults.push("the meeting was over".into()),
                _ => {}
            },
            Event::FilingStepped(e) if e.filing.as_str() == filing => {
                if let FilingStep::Docket { meeting } = &e.step {
                    docketed = *meeting == deciding.meeting;
                }
            }
            _ => {}
        }
    }
    let taking_part = present.difference(&recused).count();
    if opened != Some(true) {
        faults.push("the meeting was not opened with members alone".into());
    }
    if taking_part < quorum || taking_part * 2 <= members.len() {
        faults.push(format!("{taking_part} took part of {}, with a quorum of {quorum}", members.len()));
    }
    let cast = u64::from(votes.approve) + u64::from(votes.against) + u64::from(votes.abstain);
    if cast != taking_part as u64 || u64::from(votes.approve) * 2 <= taking_part as u64 {
        faults.push(format!("{votes:?} of {taking_part} carry nothing"));
    }
    if !docketed {
        faults.push("it was not docketed for this meeting".into());
    }
    faults
}
