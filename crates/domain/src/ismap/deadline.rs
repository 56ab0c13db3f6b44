//! 期限: what falls due, computed from the records and the calendar alone.

use super::firm::FirmState;
use super::registration::ListStatus;
use super::term::last_day;
use super::{filing, incident::IncidentState, statement::StatementState};
use crate::id::{EngagementId, FilingId, IncidentId, PartyId};
use crate::register::Register;
use jiff::civil::Date;
use serde::Serialize;

/// Days before the expiry of a registration on which its provider is reminded.
pub const REMINDERS: [i32; 3] = [180, 90, 30];

/// What falls due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Due {
    /// A registration expires; a renewal has to be filed by then.
    Renewal(String),
    /// A firm's term ends; a renewal has to be filed by then.
    FirmTerm(PartyId),
    /// An application should be decided.
    Decision(FilingId),
    /// An audit's report is expected (three months after the period, in the scheme's own reckoning).
    AuditReport(EngagementId),
    /// 速報.
    Preliminary(IncidentId),
    /// 確報.
    Final(IncidentId),
}

/// A deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// Of what.
    pub due: Due,
    /// By which day, included.
    pub on: Date,
    /// Days left; negative once it is past.
    pub days_left: i32,
}

impl Deadline {
    /// The reminder that is out: the smallest count of days that is not smaller than the days left.
    pub fn reminder(&self) -> Option<i32> {
        REMINDERS.into_iter().rev().find(|days| self.days_left <= *days)
    }
}

/// Everything that falls due, the nearest first.
pub fn all(register: &Register, today: Date) -> Vec<Deadline> {
    let scheme = register.scheme();
    let mut list = Vec::new();
    let mut add = |due: Due, on: Date| {
        let days_left = (on - today).get_days();
        list.push(Deadline { due, on, days_left });
    };
    for row in register.registrations() {
        if row.status != ListStatus::Removed && row.renewal_filed_on.is_none() && row.state_on(today).is_effective() {
            add(Due::Renewal(row.number.clone()), row.valid_until);
        }
    }
    for (id, firm) in scheme.firms.all() {
        if let (FirmState::Registered, Some(until)) = (firm.state_on(today), firm.until) {
            add(Due::FirmTerm(id.clone()), until);
        }
    }
    for (id, one) in
        scheme.filings.all().filter(|(_, f)| !f.state.is_over() && f.state != filing::FilingState::Returned)
    {
        if let Some(due) = one.decision_due(scheme.settings().clock_pauses, today) {
            add(Due::Decision(id.clone()), due);
        }
    }
    for (id, engagement) in scheme.engagements.all().filter(|(_, e)| e.report.is_none() && e.contracted_on.is_some()) {
        let statement = scheme.statements.now(&engagement.statement);
        let running = statement.filter(|s| s.state == StatementState::UnderAudit && s.engagement.as_ref() == Some(id));
        let from = running.and_then(|s| s.to.tomorrow().ok());
        if let Some(due) = from.and_then(|from| last_day(from, filing::REPORT_MONTHS)) {
            add(Due::AuditReport(id.clone()), due);
        }
    }
    for (id, incident) in scheme.incidents.all() {
        if let Some(due) = incident.due(scheme.settings()) {
            let what = if incident.state == IncidentState::PrelimDue { Due::Preliminary } else { Due::Final };
            add(what(id.clone()), due);
        }
    }
    list.sort_by_key(|d| d.on);
    list
}
