//! `GET /api/ismap/…`: the records of ISMAP, now or as they were known at the end of a past day.

use crate::http::error::ApiError;
use crate::http::{App, Identified};
use axum::Json;
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{PartyId, PersonId};
use sekisho_domain::ismap::chronicle::{Chronicle, Chronicles, Record};
use sekisho_domain::person::Role;
use sekisho_domain::register::Register;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Display;

/// Every kind of record.
const KINDS: [&str; 14] = [
    "parties",
    "rule-documents",
    "criteria",
    "firms",
    "engagements",
    "statements",
    "preliminaries",
    "filings",
    "meetings",
    "incidents",
    "notices",
    "look-ups",
    "annexes",
    "registrations",
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Asked {
    as_of: Option<Date>,
}

/// Who asks, of what, about which day.
struct Asking<'a> {
    register: &'a Register,
    person: &'a PersonId,
    today: Date,
    as_of: Option<Date>,
}

impl Asking<'_> {
    /// Which records of a kind somebody may read. Records of parties are theirs and the operator's; auditors of the body
    /// see what everybody of the body sees.
    fn may(&self, kind: &str, id: &str) -> bool {
        let (scheme, person) = (self.register.scheme(), self.person);
        let operator = scheme.is_operator(person);
        let own = scheme.party_of(person);
        let audits = self.register.holds_any(person, &[Role::Auditor, Role::Ciso]);
        match kind {
            "statements" => id.parse().is_ok_and(|id| scheme.may_read_statement(person, &id, self.today)),
            "engagements" => id.parse().is_ok_and(|id| scheme.may_read_engagement(person, &id)),
            "filings" => id.parse().is_ok_and(|id| scheme.may_read_filing(person, &id)),
            "preliminaries" => id
                .parse()
                .ok()
                .and_then(|id| scheme.preliminaries.now(&id))
                .is_some_and(|p| operator || own == Some(&p.party) || (own.is_some() && own == p.procurer.as_ref())),
            "incidents" => id
                .parse()
                .ok()
                .and_then(|id| scheme.incidents.now(&id))
                .is_some_and(|i| operator || self.provides(&i.number)),
            "notices" => id
                .parse()
                .ok()
                .and_then(|id| scheme.notices.now(&id))
                .is_some_and(|n| operator || self.provides(&n.number)),
            "look-ups" => id
                .parse()
                .ok()
                .and_then(|id| scheme.look_ups.now(&id))
                .is_some_and(|l| audits || l.by.as_ref() == Some(person)),
            "annexes" => id
                .parse()
                .ok()
                .and_then(|id| scheme.annexes.now(&id))
                .is_some_and(|a| a.by.as_ref() == Some(person) || self.provides(&a.number)),
            // With its steps, a party is read from within alone.
            "parties" => id.parse().is_ok_and(|id| self.inside(&id)),
            "firms" => operator || own.is_some_and(|own| own.as_str() == id),
            "meetings" => operator,
            _ => true,
        }
    }

    /// Who acts for a party and what a provider plans is the party's and the operator's, and of whoever runs or audits the
    /// installation; everybody else knows its name.
    fn inside(&self, party: &PartyId) -> bool {
        let roles = [Role::Administrator, Role::Ciso, Role::ServiceManager, Role::Auditor];
        let scheme = self.register.scheme();
        scheme.is_operator(self.person)
            || scheme.party_of(self.person) == Some(party)
            || self.register.holds_any(self.person, &roles)
    }

    /// Parties, each as far as one may know it.
    fn parties(&self) -> Vec<Value> {
        let scheme = self.register.scheme();
        let known = scheme.parties.chronicles().filter_map(|(id, chronicle)| {
            let party = self.as_of.map_or_else(|| Some(chronicle.now().clone()), |day| chronicle.as_of(day))?;
            let party = if self.inside(id) { party } else { scheme.seen_party(&party) };
            Some(json!({ "id": id, "record": party }))
        });
        known.collect()
    }

    fn provides(&self, number: &str) -> bool {
        let scheme = self.register.scheme();
        let offering = self.register.registration(number).and_then(|r| r.offering.as_ref());
        let provider = offering.and_then(|o| scheme.provider_of(o)).map(|(id, _)| id);
        provider.is_some() && provider == scheme.party_of(self.person)
    }

    fn rows<K, R>(&self, kind: &str, all: &Chronicles<K, R>) -> Vec<Value>
    where
        K: Ord + Clone + Display,
        R: Record + Serialize,
    {
        let mine = all.chronicles().filter(|(id, _)| self.may(kind, &id.to_string()));
        mine.filter_map(|(id, chronicle)| {
            self.state(chronicle).map(|record| json!({ "id": id.to_string(), "record": record }))
        })
        .collect()
    }

    fn state<R: Record + Serialize>(&self, chronicle: &Chronicle<R>) -> Option<Value> {
        let record = match self.as_of {
            Some(day) => serde_json::to_value(chronicle.as_of(day)?),
            None => serde_json::to_value(chronicle.now()),
        };
        record.ok()
    }

    fn one<K, R>(&self, kind: &str, id: &str, all: &Chronicles<K, R>) -> Option<Value>
    where
        K: Ord + Clone + std::str::FromStr,
        R: Record + Serialize,
        R::Step: Serialize,
    {
        if !self.may(kind, id) {
            return None;
        }
        let chronicle = all.get(&id.parse().ok()?)?;
        let record = self.state(chronicle)?;
        let until = self.as_of.unwrap_or(Date::MAX);
        let steps = chronicle.steps().take_while(|s| in_japan(s.stamp.at) <= until);
        let steps: Vec<Value> = steps.map(|s| json!({ "step": s.step, "stamp": s.stamp })).collect();
        Some(json!({ "id": id, "record": record, "steps": steps }))
    }

    fn registration(&self, number: &str) -> Option<Value> {
        let row = match self.as_of {
            Some(day) => self.register.registration_as_of(number, day),
            None => self.register.registration(number),
        }?;
        let day = self.as_of.unwrap_or(self.today);
        let row = self.register.scheme().seen_row(self.person, row);
        Some(json!({ "id": number, "record": row, "state": row.state_on(day), "computed_until": row.computed_until() }))
    }
}

macro_rules! each {
    ($asking:expr, $kind:expr, $call:ident $(, $id:expr)?) => {{
        let scheme = $asking.register.scheme();
        match $kind {
            "parties" => Some($asking.$call($kind, $($id,)? &scheme.parties)),
            "rule-documents" => Some($asking.$call($kind, $($id,)? &scheme.rule_documents)),
            "criteria" => Some($asking.$call($kind, $($id,)? &scheme.catalogues)),
            "firms" => Some($asking.$call($kind, $($id,)? &scheme.firms)),
            "engagements" => Some($asking.$call($kind, $($id,)? &scheme.engagements)),
            "statements" => Some($asking.$call($kind, $($id,)? &scheme.statements)),
            "preliminaries" => Some($asking.$call($kind, $($id,)? &scheme.preliminaries)),
            "filings" => Some($asking.$call($kind, $($id,)? &scheme.filings)),
            "meetings" => Some($asking.$call($kind, $($id,)? &scheme.meetings)),
            "incidents" => Some($asking.$call($kind, $($id,)? &scheme.incidents)),
            "notices" => Some($asking.$call($kind, $($id,)? &scheme.notices)),
            "look-ups" => Some($asking.$call($kind, $($id,)? &scheme.look_ups)),
            "annexes" => Some($asking.$call($kind, $($id,)? &scheme.annexes)),
            _ => None,
        }
    }};
}

fn unknown(kind: &str) -> ApiError {
    let kind: String = kind.chars().take(40).collect();
    ApiError::missing(&format!("記録の種類 `{kind}`。使えるのは {} / no such kind of record", KINDS.join("、")))
}

pub(in crate::http) async fn list(
    State(app): State<App>,
    Identified(caller): Identified,
    Path(kind): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let today = in_japan(app.world.now());
    let asking = Asking { register: &register, person: &caller.person, today, as_of: asked.as_of };
    let rows = match kind.as_str() {
        "registrations" => register.registrations().filter_map(|row| asking.registration(&row.number)).collect(),
        "parties" => asking.parties(),
        kind => each!(asking, kind, rows).ok_or_else(|| unknown(kind))?,
    };
    Ok(Json(json!({ "register": register.position(), "as_of": asked.as_of, "records": rows })))
}

pub(in crate::http) async fn show(
    State(app): State<App>,
    Identified(caller): Identified,
    Path((kind, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, ApiError> {
    let register = app.journal.register().map_err(|e| ApiError::unavailable(&e.to_string()))?;
    let today = in_japan(app.world.now());
    let asking = Asking { register: &register, person: &caller.person, today, as_of: asked.as_of };
    let found = if kind == "registrations" {
        asking.registration(&id)
    } else {
        each!(asking, kind.as_str(), one, &id).ok_or_else(|| unknown(&kind))?
    };
    let shown: String = id.chars().take(80).collect();
    found.map(Json).ok_or_else(|| ApiError::missing(&format!("{kind} `{shown}`")))
}
