//! What a body still owes: follows from the register alone.
//!
//! The 申合せ asks for two reports and sets a day for neither. That a change or an end is told after a report is a guide of
//! this program, and is shown as one.

use super::{ReturnRecord, Stage};
use crate::day::in_japan;
use crate::decision::Evidence;
use crate::history::{Deed, Step, of_service};
use crate::id::{PermitId, ServiceId};
use crate::organization::Sector;
use crate::permit::{Permit, PermitState};
use crate::register::{Register, ServiceRecord};
use crate::service::{Consultation, ProvisionForm};
use jiff::Timestamp;
use jiff::civil::Date;

/// Why a report is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    /// The rule, such as `MO-2`.
    pub rule: &'static str,
    /// The place it stands at; empty for what no document asks.
    pub clause: &'static str,
    /// What it says, in our words.
    pub japanese: &'static str,
    /// How well it is known.
    pub evidence: Evidence,
}

/// While a service of 個別契約 is considered.
pub const CONSIDERING: Ground = Ground {
    rule: "MO-3",
    clause: "申合せ 2023-05-08 (2)",
    japanese: "個別契約のサービスは、利用を検討している間に報告し、了解を得る。",
    evidence: Evidence::P,
};

/// Use of a service of 約款型.
pub const USE: Ground = Ground {
    rule: "MO-2",
    clause: "申合せ 2023-05-08 (1)",
    japanese: "約款型のサービスを業務で利用するときは報告する。",
    evidence: Evidence::P,
};

/// What was reported is no longer so.
pub const CHANGE: Ground = Ground {
    rule: "DESIGN-RETURN-1",
    clause: "",
    japanese: "報告した内容がその後変わったか、利用が終わった。変更と終了の報告を求める定めは確認していない。",
    evidence: Evidence::D,
};

/// A report that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// On which service.
    pub service: ServiceId,
    /// On which permit, where it is one permit's.
    pub permit: Option<PermitId>,
    /// What is to be told.
    pub stage: Stage,
    /// Since when: the day of what is to be told.
    pub since: Date,
    /// Why.
    pub ground: Ground,
}

/// When something happened: the day it counts from, and the moment it was recorded, which tells what came first on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    on: Date,
    at: Timestamp,
}

impl Moment {
    fn of(step: &Step) -> Self {
        Self { on: in_japan(step.at), at: step.at }
    }
}

/// Something that was told.
struct Told<'r> {
    permit: Option<&'r PermitId>,
    stage: Stage,
    when: Moment,
}

impl Told<'_> {
    /// Whether whoever wrote it can have known.
    fn knew(&self, fact: Moment) -> bool {
        self.when >= fact
    }

    /// Speaks of the permit by name, or of all permits that were there.
    fn speaks_of(&self, permit: &PermitId, approved: Moment) -> bool {
        match self.permit {
            Some(named) => named == permit,
            None => matches!(self.stage, Stage::Consented | Stage::InUse | Stage::Changed) && self.knew(approved),
        }
    }
}

/// Whether the 申合せ binds the body: it is one of ministries.
pub fn are_asked_of(register: &Register) -> bool {
    register.organization().is_some_and(|body| body.sector == Sector::National)
}

/// All reports that are owed on a day, oldest first.
pub fn owed(register: &Register, today: Date) -> Vec<Owed> {
    if !are_asked_of(register) {
        return Vec::new();
    }
    let external = register.services().filter(|record| record.service.form != ProvisionForm::SelfOperated);
    let mut all: Vec<Owed> = external.flat_map(|record| of_service_on(register, record, today)).collect();
    all.sort_by(|one, other| {
        (one.since, &one.service, &one.permit, one.stage).cmp(&(
            other.since,
            &other.service,
            &other.permit,
            other.stage,
        ))
    });
    all
}

fn told<'r>(register: &'r Register, record: &'r ServiceRecord) -> Vec<Told<'r>> {
    let by_return = |one: &'r ReturnRecord| Told {
        permit: one.sent.permit.as_ref(),
        stage: one.sent.stage,
        when: Moment { on: one.sent.on, at: one.at },
    };
    let mut told: Vec<Told<'r>> = register.returns_on(&record.service.service).map(by_return).collect();
    // What was recorded as reported without its text was told all the same.
    if record.service.form == ProvisionForm::IndividualContract && record.consultation != Consultation::None {
        let last = steps(record, &[of_service::CONSULTATION]).last();
        told.extend(last.map(|step| Told { permit: None, stage: Stage::Considering, when: Moment::of(step) }));
    }
    told
}

fn steps<'r>(record: &'r ServiceRecord, what: &'r [&'r str]) -> impl Iterator<Item = &'r Step> {
    record.history.iter().filter(move |step| match &step.deed {
        Deed::Service { what: done, .. } => what.contains(done),
        _ => false,
    })
}

fn of_service_on(register: &Register, record: &ServiceRecord, today: Date) -> Vec<Owed> {
    let service = &record.service.service;
    let told = told(register, record);
    let owes = |permit: Option<&PermitId>, stage: Stage, since: Date, ground: Ground| Owed {
        service: service.clone(),
        permit: permit.cloned(),
        stage,
        since,
        ground,
    };
    let mut all = Vec::new();
    if record.service.form == ProvisionForm::IndividualContract
        && record.consultation == Consultation::None
        && !record.withdrawn
        && told.is_empty()
    {
        let registered = record.history.first().map_or(today, |step| in_japan(step.at));
        all.push(owes(None, Stage::Considering, registered, CONSIDERING));
    }
    let permits: Vec<(&Permit, Moment)> =
        register.permits_on(service).filter_map(|permit| Some((permit, began(permit)?))).collect();
    if record.service.form == ProvisionForm::StandardTerms {
        for (permit, approved) in &permits {
            let first = permit.draft.from.max(approved.on);
            let used = first <= today && ended(permit, today).is_none_or(|end| end.on >= first);
            if used && !told.iter().any(|one| one.speaks_of(&permit.permit, *approved)) {
                all.push(owes(Some(&permit.permit), Stage::InUse, first, USE));
            }
        }
    }
    if told.is_empty() {
        return all;
    }
    if record.withdrawn {
        let end = steps(record, &[of_service::WITHDRAWN]).last().map(Moment::of);
        if let Some(end) = end.filter(|end| !told.iter().any(|one| one.stage == Stage::Ended && one.knew(*end))) {
            all.push(owes(None, Stage::Ended, end.on, CHANGE));
        }
        return all;
    }
    let changes = steps(record, &[of_service::CHANGED, of_service::TERMS_CHANGED]).map(Moment::of);
    if let Some(change) = changes.into_iter().find(|change| !told.iter().any(|one| one.knew(*change))) {
        all.push(owes(None, Stage::Changed, change.on, CHANGE));
    }
    for (permit, approved) in &permits {
        let Some(end) = ended(permit, today) else { continue };
        let id = &permit.permit;
        // A permit that another one continues has not ended a use.
        let goes_on = permits.iter().any(|(other, _)| {
            other.permit != *id && other.draft.purpose == permit.draft.purpose && ended(other, today).is_none()
        });
        let was_told = told.iter().any(|one| one.speaks_of(id, *approved));
        let end_is_told = told.iter().any(|one| match one.permit {
            Some(named) => named == id && one.stage == Stage::Ended,
            None => matches!(one.stage, Stage::InUse | Stage::Changed | Stage::Ended) && one.knew(end),
        });
        if was_told && !end_is_told && !goes_on {
            all.push(owes(Some(id), Stage::Ended, end.on, CHANGE));
        }
    }
    all
}

/// When a permit was approved.
fn began(permit: &Permit) -> Option<Moment> {
    permit.history.iter().find(|step| step.deed == Deed::Approved).map(Moment::of)
}

/// When a permit ended, if it has by this day.
fn ended(permit: &Permit, today: Date) -> Option<Moment> {
    if permit.state == PermitState::Revoked {
        let revoked = permit.history.iter().rev().find(|step| step.deed == Deed::Revoked);
        return revoked.map(Moment::of);
    }
    let first_without = permit.draft.until.tomorrow().unwrap_or(permit.draft.until);
    let begin = crate::day::begin_in_japan(first_without).unwrap_or(Timestamp::MAX);
    (today > permit.draft.until).then_some(Moment { on: first_without, at: begin })
}
