//! The ISMAP list as it was taken up, by row and by day, and what a permit on a service rests on because of it.

use super::{Register, ServiceRecord};
use crate::day::in_japan;
use crate::id::PersonId;
use crate::ismap::{ListSource, Registration, RegistrationState};
use crate::permit::Basis;
use crate::service::Service;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A state of a row of the ISMAP list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowVersion {
    /// When it was recorded.
    pub at: Timestamp,
    /// The kind of event that made it.
    pub kind: &'static str,
    /// By whom.
    pub by: PersonId,
    /// Why, in the actor's words.
    pub reason: String,
    /// The row.
    pub row: Arc<Registration>,
}

/// A copy of the published list that was taken up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListVersion {
    /// When it was recorded.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// The copy.
    pub source: ListSource,
    /// How many rows it had.
    pub rows: u32,
    /// Rows of former copies that were not in it.
    pub gone: BTreeSet<String>,
}

impl Register {
    /// An ISMAP registration.
    pub fn registration(&self, number: &str) -> Option<&Registration> {
        self.registrations.get(number)?.last().map(|version| &*version.row)
    }

    /// All registrations, by number.
    pub fn registrations(&self) -> impl Iterator<Item = &Registration> {
        self.registrations.values().filter_map(|versions| versions.last()).map(|version| &*version.row)
    }

    /// Every state a registration was in, oldest first.
    pub fn registration_history(&self, number: &str) -> impl DoubleEndedIterator<Item = &RowVersion> {
        self.registrations.get(number).into_iter().flatten()
    }

    /// A registration as it was known at the end of a day in Japan.
    pub fn registration_as_of(&self, number: &str, day: Date) -> Option<&Registration> {
        let known = self.registrations.get(number)?.iter().take_while(|version| in_japan(version.at) <= day);
        known.last().map(|version| &*version.row)
    }

    /// All registrations as they were known at the end of a day in Japan, by number.
    pub fn registrations_as_of(&self, day: Date) -> impl Iterator<Item = &Registration> {
        self.registrations.keys().filter_map(move |number| self.registration_as_of(number, day))
    }

    /// Copies of the published list that were taken up, oldest first.
    pub fn lists(&self) -> impl DoubleEndedIterator<Item = &ListVersion> {
        self.lists.iter()
    }

    /// The copy of the published list that is in force.
    pub fn list_in_force(&self) -> Option<&ListVersion> {
        self.lists.last()
    }

    /// The copy of the published list that was in force at the end of a day in Japan.
    pub fn list_as_of(&self, day: Date) -> Option<&ListVersion> {
        self.lists.iter().take_while(|list| in_japan(list.at) <= day).last()
    }

    /// State of the registration a service rests on.
    pub fn ismap_state(&self, service: &Service, day: Date) -> RegistrationState {
        let registration = service.ismap.as_ref().and_then(|number| self.registration(number));
        registration.map_or(RegistrationState::None, |r| r.state_on(day))
    }

    /// What a service uses and 言明の対象範囲 of its registration does not name; nothing where there is no registration.
    fn outside_of_scope(&self, service: &Service) -> BTreeSet<String> {
        let Some(row) = service.ismap.as_deref().and_then(|number| self.registration(number)) else {
            return BTreeSet::new();
        };
        service.models.iter().flat_map(|model| row.scope.gaps(&service.region, Some(model))).collect()
    }

    /// What a permit on this service would rest on today.
    pub fn basis(&self, record: &ServiceRecord, day: Date) -> Basis {
        let s = &record.service;
        Basis {
            form: s.form,
            ismap: s.ismap.as_ref().map(|number| (number.clone(), self.ismap_state(s, day))),
            outside: self.outside_of_scope(s),
            governing_law: s.governing_law.clone(),
            advisories: record.advisories.clone(),
            hosting_route: s.hosting_route.clone(),
            region: s.region.clone(),
            base_url: s.upstream.base_url.clone(),
            terms: s.terms.as_ref().map(|t| t.sha256.clone()),
        }
    }
}
