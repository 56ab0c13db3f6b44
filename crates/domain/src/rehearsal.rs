//! What would become of a use if an application were approved as it stands: the register is copied, the approval is
//! folded onto the copy, and the rules are asked as the gate asks them. Nothing is recorded.

use crate::day::in_japan;
use crate::decision::{Decision, RiskStanding};
use crate::ds920::judgement::Verdict;
use crate::ds920::risk_table::RiskLevel;
use crate::entry::Governance;
use crate::event::{ApplicationApproved, ApplicationSubmitted, Event, RiskJudged};
use crate::id::{ApplicationId, PermitId, PersonId, ServiceId};
use crate::permit::{Draft, RiskSheet};
use crate::register::Register;
use crate::replay::{decide, unspent};
use crate::usage::{DeclaredBy, Signals, UseRequest};
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use std::collections::BTreeMap;

/// What the rules would say of one service.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// The service.
    pub service: ServiceId,
    /// Of a use with information of the ceiling on the first day of the period.
    pub decision: Decision,
}

/// Asks the rules about every service of a draft. Who applies counts as one of the users: whether they are is another
/// question. What is known of the risk of an application that was handed in is taken as given; of a draft nobody has seen
/// it follows from the sheet.
pub fn rehearse(
    register: &Register,
    applicant: &PersonId,
    draft: &Draft,
    risk: Option<RiskStanding>,
    now: Timestamp,
) -> Vec<Rehearsed> {
    let (Some(body), Ok(application), Ok(permit)) =
        (register.organization(), ApplicationId::new("ap-rehearsal"), PermitId::new("pm-rehearsal"))
    else {
        return Vec::new();
    };
    let today = in_japan(now);
    let mut draft = draft.clone();
    draft.users.people.insert(applicant.clone());
    let at = if draft.from > today {
        let first = draft.from.at(12, 0, 0, 0).to_zoned(TimeZone::fixed(offset(9)));
        first.map_or(now, |first| first.timestamp())
    } else {
        now
    };
    let basis: BTreeMap<_, _> = draft
        .services
        .iter()
        .filter_map(|id| Some((id.clone(), register.basis(register.service(id)?, today))))
        .collect();
    let services = draft.services.clone();
    let sheet = draft.risk;
    let (ceiling, until, purpose) = (draft.ceiling, draft.until, draft.purpose.clone());
    let mut events = vec![Event::ApplicationSubmitted(ApplicationSubmitted {
        application: application.clone(),
        applicant: applicant.clone(),
        draft,
    })];
    let verdict = match risk {
        Some(RiskStanding::Low) => Some(Verdict::Low),
        Some(RiskStanding::AcceptedByCaio) => Some(Verdict::HighAccepted),
        Some(RiskStanding::PossiblyHigh) => Some(Verdict::HighWaiting),
        Some(RiskStanding::RefusedByCaio) => Some(Verdict::HighRefused),
        Some(RiskStanding::Unassessed) | None => None,
    };
    if let Some(verdict) = verdict {
        // Of the sheet nothing follows here: the verdict alone counts.
        let sheet = sheet.unwrap_or(RiskSheet { users: 0, work: 0, learning: 0, judgement: 0 });
        let (table, result) = (None, RiskLevel::PossiblyHigh);
        let application = application.clone();
        events.push(Event::RiskJudged(RiskJudged { application, sheet, table, result, verdict }));
    }
    events.push(Event::ApplicationApproved(ApplicationApproved {
        application,
        permit: permit.clone(),
        manager: applicant.clone(),
        conditions: Vec::new(),
        review_on: until,
        basis,
    }));
    let mut after = register.clone();
    for event in events {
        let entry = Governance {
            actor: applicant.clone(),
            at: now,
            organization: body.organization.clone(),
            reason: String::new(),
            documents: Vec::new(),
            clause: String::new(),
            event,
        };
        if after.apply(register.position(), &entry).is_err() {
            return Vec::new();
        }
    }
    let ask = |service: &ServiceId| {
        let model = after.service(service)?.service.models.first()?.model.to_string();
        let request = UseRequest {
            app: String::new(),
            at,
            declared: ceiling,
            declared_by: DeclaredBy::Header,
            endpoint: "chat.completions".into(),
            handled: crate::handling::Handled::default(),
            inherited: crate::grade::Grade::default(),
            inherits: Vec::new(),
            key: None,
            model,
            permit: Some(permit.clone()),
            person: applicant.clone(),
            purpose: Some(purpose.clone()),
            signals: Signals::default(),
            spent: Vec::new(),
            zone: String::new(),
        };
        let request = unspent(&after, request);
        Some(Rehearsed { service: service.clone(), decision: decide(&after, &request).1 })
    };
    services.iter().filter_map(ask).collect()
}
