//! What retention asks of a use.

use crate::day::in_japan;
use crate::entry::Entry;
use crate::id::{DepartmentId, PermitId, PersonId, ServiceId, UseId};
use crate::register::Register;
use crate::replay;
use jiff::Timestamp;
use jiff::civil::Date;

/// A use, as far as it decides about its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Index of the entry that opened or refused it.
    pub opened: u64,
    /// The use.
    pub of: UseId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub person: PersonId,
    /// The person's department then.
    pub department: Option<DepartmentId>,
    /// Under which permit.
    pub permit: Option<PermitId>,
    /// By which service.
    pub service: Option<ServiceId>,
}

impl Made {
    /// Of the entry of an index that begins a use or refuses it; `register` is that of the governance entries before it.
    pub fn of(register: &Register, index: u64, entry: &Entry) -> Option<Self> {
        let (of, at, person, service, request) = match entry {
            Entry::UseOpened(e) => {
                let request = &e.data.request;
                (&e.data.id, request.at, &request.person, &e.data.service, Some(request))
            }
            Entry::UseRefused(e) => {
                let request = e.data.request.as_ref();
                (&e.data.id, request.map_or(e.at, |r| r.at), &e.data.person, &e.data.service, request)
            }
            Entry::UseClosed(_) | Entry::UseAborted(_) | Entry::Governance(_) => return None,
        };
        let seen = request.map(|request| replay::consider(register, request));
        let permit = match entry {
            Entry::UseOpened(e) => e.data.permit.clone(),
            _ => seen.as_ref().and_then(|seen| seen.permit.clone()),
        };
        Some(Self {
            opened: index,
            of: of.clone(),
            at,
            person: person.clone(),
            department: seen.and_then(|seen| DepartmentId::new(seen.facts.department).ok()),
            permit,
            service: service.clone(),
        })
    }

    /// The day in Japan.
    pub fn day(&self) -> Date {
        in_japan(self.at)
    }
}
