//! By which permit and to which model an app may run for someone today.

use jiff::civil::Date;
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{PermitId, PersonId, ServiceId};
use sekisho_domain::register::Register;

/// One way: a permit in force that includes the person, and a model of one of its services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The permit.
    pub permit: PermitId,
    /// 業務.
    pub purpose: String,
    /// The service.
    pub service: ServiceId,
    /// Its name.
    pub service_name: String,
    /// The model.
    pub model: String,
    /// Highest grade.
    pub ceiling: Grade,
}

/// All ways of a person on a day, by 業務. For an app that runs elsewhere, only those to it.
pub fn ways(register: &Register, person: &PersonId, day: Date, outside: Option<&str>) -> Vec<Way> {
    let Some(person) = register.person(person) else { return Vec::new() };
    let mut ways = Vec::new();
    for record in register.services().filter(|record| !record.withdrawn) {
        let service = &record.service;
        let model = match outside {
            Some(model) => service.model(model),
            // An app that runs elsewhere is no model for ours, and neither is the search.
            None if !service.upstream.wire.talks() => None,
            None => service.models.iter().find(|model| model.generative),
        };
        let Some(model) = model else { continue };
        let permits = register.permits_on(&service.service).filter(|permit| {
            permit.standing_on(day) == PermitStanding::Active && register.in_range(&permit.draft.users, person)
        });
        ways.extend(permits.map(|permit| Way {
            permit: permit.permit.clone(),
            purpose: permit.draft.purpose.clone(),
            service: service.service.clone(),
            service_name: service.name.clone(),
            model: model.model.to_string(),
            ceiling: permit.draft.ceiling,
        }));
    }
    ways.sort_by(|one, other| {
        (&one.purpose, &one.service_name, &one.permit).cmp(&(&other.purpose, &other.service_name, &other.permit))
    });
    ways
}
