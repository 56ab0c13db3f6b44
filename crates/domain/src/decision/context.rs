//! From facts to what the rules read. Every field of [`Facts`] is taken apart by name here, so that a new one cannot be
//! forgotten; the names and types are those of `rules/sekisho.cedarschema`.

use super::facts::{Facts, PermitStanding, RiskStanding};
use crate::ismap::RegistrationState;
use crate::service::{Consultation, ProvisionForm};
use cedar_policy::{Context, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Value};
use std::collections::BTreeSet;

/// A closed list of states, by its name in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum States {
    Form,
    Consultation,
    Registration,
    Permit,
    Risk,
}

/// The type of a field of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Flag,
    Rank,
    Text,
    State(States),
    Codes,
}

/// The fields of the record, in the order of [`values`].
pub(super) const FIELDS: [(&str, Kind); 39] = [
    ("model", Kind::Text),
    ("app", Kind::Text),
    ("zone", Kind::Text),
    ("grade", Kind::Rank),
    ("grade_label", Kind::Text),
    ("sensitive", Kind::Flag),
    ("out_of_scope_information", Kind::Flag),
    ("my_number", Kind::Flag),
    ("credential", Kind::Flag),
    ("sending_restricted", Kind::Flag),
    ("finding_blocked", Kind::Flag),
    ("finding_unconfirmed", Kind::Flag),
    ("department", Kind::Text),
    ("post", Kind::Text),
    ("service_name", Kind::Text),
    ("service_known", Kind::Flag),
    ("form", Kind::State(States::Form)),
    ("generative_ai", Kind::Flag),
    ("hosting_route", Kind::Text),
    ("region", Kind::Text),
    ("governing_law", Kind::Text),
    ("advisory_open", Kind::Flag),
    ("consultation", Kind::State(States::Consultation)),
    ("ismap", Kind::State(States::Registration)),
    ("ismap_liu", Kind::Flag),
    ("in_declared_scope", Kind::Flag),
    ("scope_gap", Kind::Text),
    ("incident_open", Kind::Flag),
    ("liu_work_listed_low", Kind::Flag),
    ("permit", Kind::State(States::Permit)),
    ("permit_changes", Kind::Text),
    ("permit_covers_service", Kind::Flag),
    ("permit_covers_purpose", Kind::Flag),
    ("in_user_range", Kind::Flag),
    ("ceiling", Kind::Rank),
    ("ceiling_label", Kind::Text),
    ("regulation_complete", Kind::Flag),
    ("risk", Kind::State(States::Risk)),
    ("acknowledged", Kind::Codes),
];

/// The value of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fact<'f> {
    Flag(bool),
    Rank(u8),
    Text(&'f str),
    State(States, &'static str),
    Codes(&'f BTreeSet<String>),
}

/// The values of [`FIELDS`], in that order.
pub(super) fn values(facts: &Facts) -> [Fact<'_>; FIELDS.len()] {
    let Facts {
        model,
        app,
        zone,
        grade,
        grade_label,
        sensitive,
        out_of_scope_information,
        my_number,
        credential,
        sending_restricted,
        finding_blocked,
        finding_unconfirmed,
        person: _, // the principal
        department,
        post,
        service: _, // the resource
        service_name,
        service_known,
        form,
        generative_ai,
        hosting_route,
        region,
        governing_law,
        advisory_open,
        consultation,
        ismap,
        ismap_liu,
        in_declared_scope,
        scope_gap,
        incident_open,
        liu_work_listed_low,
        permit,
        permit_changes,
        permit_covers_service,
        permit_covers_purpose,
        in_user_range,
        ceiling,
        ceiling_label,
        regulation_complete,
        risk,
        acknowledged,
    } = facts;
    [
        Fact::Text(model),
        Fact::Text(app),
        Fact::Text(zone),
        Fact::Rank(grade.0),
        Fact::Text(grade_label),
        Fact::Flag(*sensitive),
        Fact::Flag(*out_of_scope_information),
        Fact::Flag(*my_number),
        Fact::Flag(*credential),
        Fact::Flag(*sending_restricted),
        Fact::Flag(*finding_blocked),
        Fact::Flag(*finding_unconfirmed),
        Fact::Text(department),
        Fact::Text(post),
        Fact::Text(service_name),
        Fact::Flag(*service_known),
        Fact::State(States::Form, form_name(*form)),
        Fact::Flag(*generative_ai),
        Fact::Text(hosting_route),
        Fact::Text(region),
        Fact::Text(governing_law),
        Fact::Flag(*advisory_open),
        Fact::State(States::Consultation, consultation_name(*consultation)),
        Fact::State(States::Registration, registration_name(*ismap)),
        Fact::Flag(*ismap_liu),
        Fact::Flag(*in_declared_scope),
        Fact::Text(scope_gap),
        Fact::Flag(*incident_open),
        Fact::Flag(*liu_work_listed_low),
        Fact::State(States::Permit, permit_name(*permit)),
        Fact::Text(permit_changes),
        Fact::Flag(*permit_covers_service),
        Fact::Flag(*permit_covers_purpose),
        Fact::Flag(*in_user_range),
        Fact::Rank(ceiling.0),
        Fact::Text(ceiling_label),
        Fact::Flag(*regulation_complete),
        Fact::State(States::Risk, risk_name(*risk)),
        Fact::Codes(acknowledged),
    ]
}

impl States {
    /// The name in the schema.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Form => "Form",
            Self::Consultation => "Consultation",
            Self::Registration => "Registration",
            Self::Permit => "Permit",
            Self::Risk => "Risk",
        }
    }
}

/// The names that requests are built from, read once.
#[derive(Debug, Clone)]
pub(super) struct Vocabulary {
    person: EntityTypeName,
    service: EntityTypeName,
    form: EntityTypeName,
    consultation: EntityTypeName,
    registration: EntityTypeName,
    permit: EntityTypeName,
    risk: EntityTypeName,
    action: EntityUid,
}

impl Vocabulary {
    /// Fails only if one of the constant names is not a Cedar name.
    pub(super) fn new() -> Result<Self, String> {
        let named = |name: &str| name.parse::<EntityTypeName>().map_err(|e| e.to_string());
        Ok(Self {
            person: named("Person")?,
            service: named("Service")?,
            form: named(States::Form.name())?,
            consultation: named(States::Consultation.name())?,
            registration: named(States::Registration.name())?,
            permit: named(States::Permit.name())?,
            risk: named(States::Risk.name())?,
            action: EntityUid::from_type_name_and_id(named("Action")?, EntityId::new("use")),
        })
    }

    /// The request that the facts make. The error is for the log: with facts of these types none is known.
    pub(super) fn request(&self, facts: &Facts) -> Result<Request, String> {
        let pairs = FIELDS.iter().zip(values(facts)).map(|((name, _), fact)| ((*name).to_owned(), self.value(fact)));
        let context = Context::from_pairs(pairs).map_err(|e| e.to_string())?;
        let principal = uid(&self.person, facts.person.as_str());
        let resource = uid(&self.service, facts.service.as_str());
        // Without the schema: the shape is fixed by the types here, and a test holds it against the schema.
        Request::new(principal, self.action.clone(), resource, context, None).map_err(|e| e.to_string())
    }

    fn value(&self, fact: Fact<'_>) -> Value {
        match fact {
            Fact::Flag(flag) => Value::new_bool(flag),
            Fact::Rank(rank) => Value::new_long(rank.into()),
            Fact::Text(text) => Value::new_string(text.to_owned()),
            Fact::State(states, state) => Value::new_entity_uid(uid(self.states(states), state)),
            Fact::Codes(codes) => Value::new_set(codes.iter().map(|code| Value::new_string(code.clone()))),
        }
    }

    fn states(&self, states: States) -> &EntityTypeName {
        match states {
            States::Form => &self.form,
            States::Consultation => &self.consultation,
            States::Registration => &self.registration,
            States::Permit => &self.permit,
            States::Risk => &self.risk,
        }
    }
}

fn uid(of: &EntityTypeName, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(name))
}

fn form_name(form: ProvisionForm) -> &'static str {
    match form {
        ProvisionForm::StandardTerms => "standard_terms",
        ProvisionForm::IndividualContract => "individual_contract",
        ProvisionForm::SelfOperated => "self_operated",
    }
}

fn consultation_name(consultation: Consultation) -> &'static str {
    match consultation {
        Consultation::None => "none",
        Consultation::Reported => "reported",
        Consultation::Consented => "consented",
    }
}

fn registration_name(state: RegistrationState) -> &'static str {
    match state {
        RegistrationState::None => "none",
        RegistrationState::Active => "active",
        RegistrationState::Continuing => "continuing",
        RegistrationState::Expired => "expired",
        RegistrationState::Suspended => "suspended",
        RegistrationState::Removed => "removed",
    }
}

fn permit_name(permit: PermitStanding) -> &'static str {
    match permit {
        PermitStanding::None => "none",
        PermitStanding::NotYet => "not_yet",
        PermitStanding::Active => "active",
        PermitStanding::Suspended => "suspended",
        PermitStanding::Expired => "expired",
        PermitStanding::Revoked => "revoked",
    }
}

fn risk_name(risk: RiskStanding) -> &'static str {
    match risk {
        RiskStanding::Unassessed => "unassessed",
        RiskStanding::Low => "low",
        RiskStanding::PossiblyHigh => "possibly_high",
        RiskStanding::AcceptedByCaio => "accepted_by_caio",
        RiskStanding::RefusedByCaio => "refused_by_caio",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cedar_policy::{EvalResult, Schema};
    use serde_json::{Value as Json, json};

    /// Facts with every flag down, every text different and every state the first.
    fn plain() -> Json {
        let mut facts = json!({
            "model": "m", "app": "a", "zone": "z", "grade": 1, "grade_label": "gl", "sensitive": false,
            "out_of_scope_information": false, "my_number": false, "credential": false, "sending_restricted": false,
            "person": "p-1", "department": "d", "post": "po", "service": "s-1", "service_name": "sn",
            "service_known": false, "form": "standard_terms", "generative_ai": false, "hosting_route": "hr",
            "region": "r", "governing_law": "l", "advisory_open": false, "consultation": "none", "ismap": "none",
            "ismap_liu": false, "in_declared_scope": false, "scope_gap": "sg", "incident_open": false,
            "liu_work_listed_low": false, "permit": "none", "permit_changes": "pc", "permit_covers_service": false,
            "permit_covers_purpose": false, "in_user_range": false, "ceiling": 2, "ceiling_label": "cl",
            "regulation_complete": false, "risk": "unassessed", "acknowledged": ["A", "B"],
        });
        // One `json!` holds only so many fields.
        for flag in ["finding_blocked", "finding_unconfirmed"] {
            facts[flag] = false.into();
        }
        facts
    }

    /// The plain facts, those with one flag raised, and those with each state of each list.
    fn variants() -> Vec<Json> {
        let mut all = vec![plain()];
        for (field, value) in plain().as_object().unwrap() {
            let mut with = |value: Json| {
                let mut facts = plain();
                facts[field] = value;
                all.push(facts);
            };
            if value.is_boolean() {
                with(json!(true));
            }
            let states: &[&str] = match field.as_str() {
                "form" => &["standard_terms", "individual_contract", "self_operated"],
                "consultation" => &["none", "reported", "consented"],
                "ismap" => &["none", "active", "continuing", "expired", "suspended", "removed"],
                "permit" => &["none", "not_yet", "active", "suspended", "expired", "revoked"],
                "risk" => &["unassessed", "low", "possibly_high", "accepted_by_caio", "refused_by_caio"],
                _ => &[],
            };
            states.iter().for_each(|state| with(json!(state)));
        }
        all
    }

    #[test]
    fn cedar_sees_every_fact_under_its_own_name() {
        let vocabulary = Vocabulary::new().unwrap();
        for json in variants() {
            let facts: Facts = serde_json::from_value(json.clone()).unwrap();
            let request = vocabulary.request(&facts).unwrap();
            let context = request.context().unwrap();
            for (name, expected) in json.as_object().unwrap() {
                let seen = match (name.as_str(), context.get(name)) {
                    ("person", None) => json!(request.principal().unwrap().id().unescaped()),
                    ("service", None) => json!(request.resource().unwrap().id().unescaped()),
                    (_, Some(EvalResult::Bool(flag))) => json!(flag),
                    (_, Some(EvalResult::Long(rank))) => json!(rank),
                    (_, Some(EvalResult::String(text))) => json!(text),
                    (_, Some(EvalResult::EntityUid(state))) => json!(state.id().unescaped()),
                    (_, Some(EvalResult::Set(codes))) => {
                        codes.iter().map(|c| json!(c.to_string().trim_matches('"'))).collect()
                    }
                    (_, other) => panic!("{name} reads as {other:?}"),
                };
                assert_eq!(&seen, expected, "{name}");
            }
        }
    }

    #[test]
    fn the_record_is_the_one_that_the_schema_describes() {
        let (schema, warnings) = Schema::from_cedarschema_str(include_str!("../../rules/sekisho.cedarschema")).unwrap();
        assert_eq!(warnings.count(), 0);
        let vocabulary = Vocabulary::new().unwrap();
        for json in variants() {
            let facts: Facts = serde_json::from_value(json).unwrap();
            let request = vocabulary.request(&facts).unwrap();
            let context = request.context().unwrap().clone();
            context.validate(&schema, &vocabulary.action).unwrap();
        }
    }
}
