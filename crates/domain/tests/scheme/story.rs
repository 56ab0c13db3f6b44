//! Random stories of the scheme: people with and without the right role, records in and out of order, days that pass or are
//! named. A roll of numbers chooses among what there is at that moment; mostly it is what would come next, often it is not.

use crate::steps::*;
use crate::year::Land;
use jiff::ToSpan as _;
use jiff::civil::Date;
use proptest::prelude::*;
use sekisho_domain::command::*;
use sekisho_domain::id::{MeetingId, PartyId, PersonId};
use sekisho_domain::ismap::ListStatus;
use sekisho_domain::ismap::chronicle::{Chronicles, Record};
use sekisho_domain::ismap::committee::{AgendaItem, MeetingState, MeetingStep, Outcome, Votes, agenda};
use sekisho_domain::ismap::engagement::{Engagement, EngagementKind, EngagementState, EngagementStep};
use sekisho_domain::ismap::filing::{Filing, FilingForm, FilingKind, FilingState, FilingStep};
use sekisho_domain::ismap::firm::{FirmState, FirmStep};
use sekisho_domain::ismap::incident::{IncidentState, IncidentStep};
use sekisho_domain::ismap::party::{PartyStep, SchemeRole};
use sekisho_domain::ismap::statement::{StatementState, StatementStep};
use std::collections::BTreeSet;
use std::fmt::Display;

/// A roll: which kind of step, three choices, who, and whether all is meant well.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Roll {
    what: u8,
    a: u16,
    b: u16,
    c: u16,
    who: u16,
    well: u8,
}

pub(crate) fn rolls(most: usize) -> impl Strategy<Value = (u8, Vec<Roll>)> {
    let roll =
        (0u8..32, any::<[u16; 4]>(), 0u8..8).prop_map(|(what, [a, b, c, who], well)| Roll { what, a, b, c, who, well });
    (0u8..8, prop::collection::vec(roll, 1..most))
}

fn pick<T>(list: &[T], at: u16) -> Option<&T> {
    list.get(usize::from(at) % list.len().max(1))
}

/// A record to step: mostly one in the fitting state, sometimes any, sometimes none that exists.
fn choose<K: Ord + Clone + Display, R: Record>(
    all: &Chronicles<K, R>,
    roll: Roll,
    fits: impl Fn(&R) -> bool,
) -> Option<K> {
    let fitting: Vec<K> = all.all().filter(|(_, r)| fits(r)).map(|(id, _)| id.clone()).collect();
    let every: Vec<K> = all.all().map(|(id, _)| id.clone()).collect();
    if roll.well > 0 { pick(&fitting, roll.a).cloned() } else { pick(&every, roll.a).cloned() }
}

/// Where a story begins: with everybody also holding a role that must be kept apart from their own.
pub(crate) fn begin(stage: u8) -> Land {
    let mut land = match stage {
        0 => Land::with_firms(),
        1 => Land::signed(),
        2 => Land::audited(),
        3 | 4 => Land::filed(),
        5 => Land::docketed(),
        6 => Land::before_renewal(),
        _ => Land::renewing(),
    };
    for (who, role) in
        [("recv", SchemeRole::IpaReviewer), ("rev", SchemeRole::IpaReception), ("rev-2", SchemeRole::IpaReception)]
    {
        land.does("sec", admit("unei", who, role));
    }
    land
}

/// Tells one step: true when it was decided, false when it was refused or there was nothing to do.
pub(crate) fn tell(land: &mut Land, roll: Roll) -> bool {
    // Half of the time what brings a registration nearest; otherwise a kind by chance, or the next that can be done.
    const ONWARDS: [u8; 8] = [22, 19, 13, 12, 8, 18, 7, 4];
    let onwards = ONWARDS.into_iter().filter(|_| roll.well > 3);
    let by_chance = (0..32).map(|more| (roll.what + more * 5) % 32);
    let mut kinds = onwards.chain(by_chance).map(|what| Roll { what, ..roll });
    let Some((who, command)) = kinds.find_map(|roll| step(land, roll)) else { return false };
    let fits = !roll.who.is_multiple_of(6);
    let stranger = pick(&PEOPLE, roll.who / 6).map(|(who, _, _)| *who).unwrap_or("staff");
    land.tries(if fits { &who } else { stranger }, command).is_ok()
}

/// Days pass: a few mostly, half a year now and then.
pub(crate) fn passes(roll: Roll) -> Option<i64> {
    match roll.what {
        0 | 1 => Some(i64::from(roll.a % 20)),
        2 if roll.well == 0 => Some(i64::from(roll.a % 200)),
        _ => None,
    }
}

fn step(land: &Land, roll: Roll) -> Option<(String, Command)> {
    let scheme = land.scheme();
    let Roll { a, b, c, .. } = roll;
    let party = if b % 3 == 0 { "sora" } else { "kumo" };
    let given = |who: &str, command: Command| Some((who.to_owned(), command));
    let back = |command: Command| {
        if c % 11 == 0 { dated(command, &earlier(land.today(), c / 5)) } else { command }
    };
    match roll.what {
        3 => {
            let name = format!("s-{}", 10 + scheme.statements.len());
            let to = land.today().checked_sub(i64::from(a % 200).days()).ok()?;
            let from = to.checked_sub(i64::from(90 + b % 280).days()).ok()?;
            let previous = scheme.statements.all().nth(usize::from(c) % 4).map(|(id, _)| id.to_string());
            let previous = previous.filter(|_| c % 2 == 0);
            let (from, to) = (from.to_string(), to.to_string());
            let mut command = draft_statement(party, &name, &from, &to, previous.as_deref());
            if let Command::StepStatement(c) = &mut command
                && let StatementStep::Draft { previous: Some(previous), changes_signed, from, to, .. } = &mut c.step
                && b % 4 == 0
                && let Some(before) = scheme.statements.now(previous)
            {
                (*from, *to, *changes_signed) = (before.from, before.to, true);
            }
            given(&format!("{party}-staff"), command)
        }
        4 | 5 => {
            let name = choose(&scheme.statements, roll, |s| {
                matches!(s.state, StatementState::Draft | StatementState::Validated)
            })?;
            let s = scheme.statements.now(&name)?;
            let (from, to) = (s.from.to_string(), s.to.to_string());
            match s.state {
                StatementState::Validated if b % 6 == 1 => {
                    given(&format!("{}-staff", s.party), sign(name.as_str(), &from, &to))
                }
                StatementState::Validated if b % 6 == 2 => {
                    let other = statement(name.as_str(), StatementStep::Sign { sha256: sha('0') });
                    given(&format!("{}-head", s.party), other)
                }
                StatementState::Validated if b % 6 > 0 => {
                    given(&format!("{}-head", s.party), sign(name.as_str(), &from, &to))
                }
                StatementState::Validated => {
                    given(&format!("{}-staff", s.party), statement(name.as_str(), StatementStep::Reopen))
                }
                _ => given(&format!("{}-staff", s.party), validate(name.as_str(), &from, &to)),
            }
        }
        6 if roll.well == 0 => {
            let name = choose(&scheme.statements, roll, |_| true)?;
            let by_hand = [StatementStep::Withdraw, StatementStep::Unfiled, StatementStep::Superseded];
            let own = scheme.statements.now(&name)?.party.clone();
            given(&format!("{own}-staff"), statement(name.as_str(), pick(&by_hand, b)?.clone()))
        }
        7 => {
            let of = choose(&scheme.statements, roll, |s| s.state == StatementState::Signed)?;
            let proposed = |e: &Engagement| e.statement == of && e.state != EngagementState::Withdrawn;
            if roll.well > 3 && c % 4 > 0 && scheme.engagements.all().any(|(_, e)| proposed(e)) {
                return None;
            }
            let name = format!("e-{}", 10 + scheme.engagements.len());
            let kind = if c % 3 == 0 { *pick(&EngagementKind::ALL, b)? } else { EngagementKind::Initial };
            let own = scheme.statements.now(&of)?.party.clone();
            let firm = if a % 2 == 0 { "kansa" } else { "tenken" };
            given(&format!("{own}-staff"), propose(&name, firm, of.as_str(), kind))
        }
        8..=11 => {
            use EngagementState as S;
            let open = |s: S| !matches!(s, S::Reported | S::Closed | S::Withdrawn);
            let live = |e: &Engagement| {
                let of = scheme.statements.now(&e.statement).map(|s| s.state);
                open(e.state) && matches!(of, Some(StatementState::Signed | StatementState::UnderAudit) | None)
            };
            let name = choose(&scheme.engagements, roll, live)?;
            let e = scheme.engagements.now(&name)?;
            let (exec, lead) = if e.firm.as_str() == "kansa" { ("k-exec", "k-lead") } else { ("t-exec", "t-lead") };
            let ready = |land: &Land| {
                let s = scheme.statements.now(&e.statement)?;
                s.content.as_ref().map(|_| land.report_of(name.as_str()))
            };
            let (who, next) = match e.state {
                _ if roll.well == 0 && b % 7 == 0 => (exec, EngagementStep::Withdraw),
                // Sometimes before its turn.
                S::Proposed if b % 4 == 3 => (exec, EngagementStep::Contract),
                S::Proposed => {
                    let ties = if b % 3 == 0 { "20 % を保有" } else { "" };
                    (lead, EngagementStep::CheckIndependence { capital_ties: ties.into(), officer_ties: String::new() })
                }
                S::IndependenceChecked => (exec, EngagementStep::Contract),
                S::Contracted => (lead, plan()),
                S::Planned => (lead, EngagementStep::Start),
                S::FindingsOpen => ("kumo-staff", EngagementStep::Respond { open: 0, sha256: sha('2') }),
                _ if b % 9 == 0 => (lead, EngagementStep::RaiseFindings { open: 1, sha256: sha('1') }),
                _ if b % 4 == 1 || e.sign_offs.len() == 2 => (exec, EngagementStep::Report { content: ready(land)? }),
                _ => {
                    let who = if e.sign_offs.contains_key(&SchemeRole::AuditLead) { exec } else { lead };
                    (who, EngagementStep::SignOff { sha256: ready(land)?.sha256().to_owned() })
                }
            };
            given(who, back(engagement(name.as_str(), next)))
        }
        12 => {
            let of = choose(&scheme.statements, roll, |s| {
                s.state == StatementState::Audited || (c % 6 == 0 && s.state != StatementState::Withdrawn)
            })?;
            let open = |f: &Filing| !f.state.is_over() && f.form.as_ref().is_some_and(|form| form.statement == of);
            if roll.well > 3 && scheme.filings.all().any(|(_, f)| open(f)) {
                return None;
            }
            let s = scheme.statements.now(&of)?;
            let audits: Vec<_> =
                scheme.engagements.all().filter(|(_, e)| e.statement == of).map(|(id, _)| id).collect();
            let audit = s.engagement.as_ref().or(pick(&audits, b).copied())?.clone();
            let row = land.register.registrations().find(|r| r.offering.as_ref() == Some(&s.offering));
            let kind = match row {
                Some(row) if b % 5 > 0 => FilingKind::Renewal { number: row.number.clone() },
                _ => FilingKind::New,
            };
            let (party, offering) = (s.party.clone(), s.offering.clone());
            let own = party.to_string();
            let form = FilingForm { kind, party, offering, statement: of, engagement: audit, ..form() };
            let again = choose(&scheme.filings, roll, |f| f.state == FilingState::Returned);
            let name =
                again.filter(|_| c % 4 == 0).map_or(format!("f-{}", 10 + scheme.filings.len()), |id| id.to_string());
            given(&format!("{own}-staff"), draft_filing(&name, form))
        }
        13..=17 => {
            use FilingState as S;
            let audited = |f: &Filing| {
                let of = f.form.as_ref().and_then(|form| scheme.statements.now(&form.statement));
                of.is_some_and(|s| s.state == StatementState::Audited)
            };
            let waits = |f: &Filing| match f.state {
                S::Draft | S::Returned => audited(f) || c % 6 == 0,
                S::Docketed => c % 5 == 0,
                state => !state.is_over(),
            };
            let name = choose(&scheme.filings, roll, waits)?;
            let f = scheme.filings.now(&name)?;
            let own = f.form.as_ref().map_or(String::new(), |form| format!("{}-staff", form.party));
            let receives = *pick(&["recv", "recv-2", "rev"], b)?;
            let reviews = *pick(&["rev", "rev-2", "recv"], b)?;
            let reviewer = f.reviewer.as_ref().map_or(reviews, |p| p.as_str());
            let (who, next) = match f.state {
                _ if roll.well == 0 && b % 6 == 0 => (own.as_str(), FilingStep::Withdraw),
                S::Draft | S::Returned => (own.as_str(), FilingStep::File),
                S::Filed => (receives, FilingStep::CheckAcceptance),
                S::AcceptanceCheck if b % 4 == 0 => (receives, FilingStep::Return),
                S::AcceptanceCheck => (receives, FilingStep::Accept),
                S::Accepted => (reviews, FilingStep::StartReview),
                S::TechnicalReview if c % 7 == 1 => (reviews, FilingStep::StartReview),
                S::TechnicalReview if b % 5 == 0 => (reviewer, FilingStep::Inquire { question: "版は?".into() }),
                S::TechnicalReview => (reviewer, FilingStep::Review { basic_met: b % 7 > 0, opinion: "所見".into() }),
                S::Inquiry => (own.as_str(), FilingStep::Answer { answer: "2.0".into() }),
                _ => ("sec", FilingStep::Docket { meeting: open_meeting(land, roll)? }),
            };
            given(who, back(filing(name.as_str(), next)))
        }
        18 if roll.well == 0 || !scheme.meetings.all().any(|(_, m)| m.state == MeetingState::Convened) => {
            let name = format!("k-{}", 10 + scheme.meetings.len());
            let day = land.today().checked_add(i64::from(a % 9 / 6).days()).ok()?;
            given(
                "sec",
                meeting(&name, MeetingStep::Convene { day, quorum: if b % 9 == 0 { u32::from(c % 4) } else { 2 } }),
            )
        }
        19..=21 => {
            let today = land.today();
            let name = choose(&scheme.meetings, roll, |m| m.state == MeetingState::Convened && m.day <= today)?;
            if b % 8 == 0 {
                let number = land.register.registrations().next()?.number.clone();
                return given("sec", meeting(name.as_str(), MeetingStep::Add { item: of_row(&number) }));
            }
            if b % 11 == 0 {
                return given("sec", meeting(name.as_str(), MeetingStep::Cancel));
            }
            let all = ["m1", "m2", "m3"];
            let present = all.iter().enumerate().filter(|(at, _)| c % 3 > 0 || (c >> at) & 1 == 0).map(|(_, p)| id(p));
            given("sec", meeting(name.as_str(), MeetingStep::Open { present: present.collect() }))
        }
        22..=26 => decides(land, roll),
        27 => firm_step(land, roll),
        28 if roll.well == 0 => {
            let (who, of, role) = *pick(&PEOPLE, a)?;
            let held = scheme.roles_of(&id::<PersonId>(who)).contains(&role);
            let step = if held {
                PartyStep::Release { person: id(who), role }
            } else {
                PartyStep::Admit {
                    person: id(who),
                    role: if b % 4 == 0 {
                        *pick(
                            &[
                                SchemeRole::CommitteeMember,
                                SchemeRole::IpaReviewer,
                                SchemeRole::AuditLead,
                                SchemeRole::AuditExec,
                            ],
                            c,
                        )?
                    } else {
                        role
                    },
                }
            };
            given("admin", party_of(of, step))
        }
        28 | 29 => {
            // Whoever was released comes back.
            let (who, of, role) =
                *PEOPLE.iter().find(|(who, _, role)| !scheme.roles_of(&id::<PersonId>(who)).contains(role))?;
            given("admin", admit(of, who, role))
        }
        30 => {
            let number = land.register.registrations().next()?.number.clone();
            let open = choose(&scheme.incidents, roll, |i| !i.state.is_over());
            let Some(name) = open.filter(|_| b % 3 > 0) else {
                let name = format!("i-{}", 10 + scheme.incidents.len());
                let known_on = land.today();
                return given(
                    "kumo-staff",
                    incident(&name, IncidentStep::Know { number, title: "漏えい".into(), known_on }),
                );
            };
            let (who, next) = match scheme.incidents.now(&name)?.state {
                IncidentState::PrelimDue => ("kumo-staff", IncidentStep::FilePreliminary { sha256: sha('1') }),
                IncidentState::FinalDue => ("kumo-staff", IncidentStep::FileFinal { sha256: sha('2') }),
                IncidentState::FinalFiled => ("rev", IncidentStep::Review),
                _ => (
                    "rev",
                    pick(&[IncidentStep::Close, IncidentStep::OrderReAudit, IncidentStep::ProposeSuspension], c)?
                        .clone(),
                ),
            };
            given(who, citing(incident(name.as_str(), next)))
        }
        31 if roll.well == 0 => {
            let number = land.register.registrations().next()?.number.clone();
            let on = land.today();
            let by_list = match b % 3 {
                0 => Command::FileRenewal(FileRenewal { number, on }),
                1 => Command::ChangeRegistrationStatus(ChangeRegistrationStatus {
                    number,
                    status: ListStatus::Listed,
                    on,
                }),
                _ => Command::RenewRegistration(RenewRegistration {
                    number,
                    valid_until: on.checked_add(400.days()).ok()?,
                }),
            };
            given("manager", by_list)
        }
        _ => None,
    }
}

fn party_of(name: &str, step: PartyStep) -> Command {
    party(name, step)
}

fn earlier(today: Date, days: u16) -> String {
    today.checked_sub(i64::from(days % 40).days()).unwrap_or(today).to_string()
}

/// A meeting that still takes something on its agenda, mostly.
fn open_meeting(land: &Land, roll: Roll) -> Option<MeetingId> {
    let swapped = Roll { a: roll.c, ..roll };
    choose(&land.scheme().meetings, swapped, |m| matches!(m.state, MeetingState::Convened | MeetingState::Open))
}

/// A meeting decides on something, or somebody is recused, or it closes.
fn decides(land: &Land, roll: Roll) -> Option<(String, Command)> {
    let scheme = land.scheme();
    let Roll { b, c, .. } = roll;
    let waiting = |id: &MeetingId| {
        let done = scheme.meetings.now(id).map(|m| m.decisions.keys().cloned().collect::<BTreeSet<_>>());
        let done = done.unwrap_or_default();
        agenda(scheme, id).into_iter().filter(|item| !done.contains(item)).collect::<Vec<_>>()
    };
    let open = |id: &MeetingId| scheme.meetings.now(id).is_some_and(|m| m.state == MeetingState::Open);
    let fitting: Vec<MeetingId> =
        scheme.meetings.all().map(|(id, _)| id.clone()).filter(|id| open(id) && !waiting(id).is_empty()).collect();
    let name = if roll.well > 0 { pick(&fitting, roll.a).cloned()? } else { choose(&scheme.meetings, roll, |_| true)? };
    let m = scheme.meetings.now(&name)?;
    let given = |command: Command| Some(("sec".to_owned(), command));
    if b % 23 == 0 || waiting(&name).is_empty() {
        return given(meeting(name.as_str(), MeetingStep::Minutes { number: "第1号".into(), sha256: sha('f') }));
    }
    let item = pick(&waiting(&name), c)?.clone();
    if b % 5 == 0 {
        let member = id(pick(&["m1", "m2", "m3"], c)?);
        return given(meeting(name.as_str(), MeetingStep::Recuse { member, item }));
    }
    let free = u16::try_from(land.register.registrations().count()).unwrap_or(u16::MAX);
    let renews = matches!(&item, AgendaItem::Filing { filing } if scheme.filings.now(filing).and_then(|f| f.form.as_ref()).is_some_and(|f| f.kind != FilingKind::New));
    let number = match &item {
        AgendaItem::Filing { .. } if !renews => Some(format!("KAKUU-1{free:03}")),
        _ => None,
    };
    let outcome = match (&item, b % 8) {
        (_, 0) => Outcome::Refuse,
        (_, 1) => Outcome::Defer,
        (AgendaItem::Registration { .. }, n) => {
            pick(&[Outcome::Suspend, Outcome::Lift, Outcome::Remove, Outcome::Lift], n)?.clone()
        }
        _ => Outcome::Register { number },
    };
    let all = m.taking_part(&item);
    let votes = if roll.well < 2 {
        Votes { approve: u32::from(c % 4), against: u32::from(c / 4 % 3), abstain: u32::from(c / 16 % 2) }
    } else {
        Votes { approve: all, against: 0, abstain: 0 }
    };
    given(vote(name.as_str(), item, outcome, votes))
}

fn firm_step(land: &Land, roll: Roll) -> Option<(String, Command)> {
    use FirmState as S;
    let name = if roll.a.is_multiple_of(2) { "kansa" } else { "tenken" };
    let f = land.scheme().firms.now(&id::<PartyId>(name))?;
    let exec = crate::year::exec_of(name);
    let form = firm_form(name);
    let (who, next) = match f.state_on(land.today()) {
        S::Registered if roll.b.is_multiple_of(4) => ("sec", FirmStep::Suspend),
        S::Registered if roll.b.is_multiple_of(29) => ("sec", FirmStep::Remove),
        S::Registered if roll.b.is_multiple_of(31) => (exec, FirmStep::Withdraw),
        S::Registered => (exec, FirmStep::FileRenewal { form }),
        S::Suspended => ("sec", FirmStep::Lift),
        S::Submitted | S::RenewalUnderReview => ("recv", FirmStep::Screen),
        S::Screening if roll.b.is_multiple_of(4) => ("recv", FirmStep::Return),
        S::Screening | S::Docketed => ("sec", FirmStep::Docket { meeting: open_meeting(land, roll)? }),
        S::Draft | S::Returned => (exec, FirmStep::Submit),
        S::Expired | S::Rejected | S::Withdrawn | S::Removed => (exec, FirmStep::Draft { form }),
    };
    let command = citing(firm(name, next));
    let command = if roll.c.is_multiple_of(7) { dated(command, &earlier(land.today(), roll.c)) } else { command };
    Some((who.to_owned(), command))
}
