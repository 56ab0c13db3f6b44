//! What every step of the scheme is decided with: who acts for whom, on which day, against which records.

use super::party::{PartyKind, SchemeRole};
use super::rule_document::Citation;
use super::scheme::Scheme;
use crate::command::{Actor, Occasion};
use crate::day::in_japan;
use crate::id::{PartyId, PersonId};
use crate::person::Role;
use crate::refusal::Refusal;
use crate::register::Register;
use jiff::civil::Date;

/// Who acts, when, and on what.
pub(crate) struct Acting<'a> {
    pub(crate) register: &'a Register,
    pub(crate) scheme: &'a Scheme,
    pub(crate) person: Option<&'a PersonId>,
    pub(crate) today: Date,
}

/// As what somebody acts: a role of the scheme, or a role of the body that runs the installation.
pub(crate) type Capacity = Option<SchemeRole>;

/// Refuses when nobody of the right kind acts.
pub(crate) fn may(capacity: Option<Capacity>, ja: &str) -> Result<Capacity, Refusal> {
    capacity.ok_or_else(|| {
        Refusal::new("NOT_ALLOWED", ja, "this step needs a role of the scheme that you do not hold for this party")
    })
}

impl<'a> Acting<'a> {
    pub(crate) fn new(register: &'a Register, occasion: &'a Occasion) -> Self {
        let person = match &occasion.actor {
            Actor::Person(person) => Some(person),
            Actor::Installation => None,
        };
        Self { register, scheme: register.scheme(), person, today: in_japan(occasion.at) }
    }

    /// The actor holds one of these roles for this very party.
    pub(crate) fn holding(&self, party: &PartyId, roles: &[SchemeRole]) -> Option<Capacity> {
        let held = self.scheme.parties.now(party)?.members.get(self.person?)?;
        roles.iter().find(|role| held.contains(role)).copied().map(Some)
    }

    /// The actor holds one of these roles for whoever runs the scheme.
    pub(crate) fn operator(&self, roles: &[SchemeRole]) -> Option<Capacity> {
        self.scheme
            .parties
            .all()
            .filter(|(_, p)| p.kind == PartyKind::Operator)
            .find_map(|(id, _)| self.holding(id, roles))
    }

    /// The actor runs the installation.
    pub(crate) fn administrator(&self) -> Option<Capacity> {
        self.register.holds(self.person?, Role::Administrator).then_some(None)
    }

    /// The actor answers for services used by the body: may keep rule documents, criteria and the published list.
    pub(crate) fn manager_of_services(&self) -> Option<Capacity> {
        let person = self.person?;
        self.register.holds_any(person, &[Role::ServiceManager, Role::Ciso]).then_some(None)
    }

    /// The party the actor acts for.
    pub(crate) fn own_party(&self) -> Option<&'a PartyId> {
        self.scheme.party_of(self.person?)
    }

    pub(crate) fn words(&self, ja: &str, en: &str, text: &str, most: usize) -> Result<(), Refusal> {
        crate::command::words(ja, en, text, most)
    }

    pub(crate) fn digest(&self, ja: &str, en: &str, text: &str) -> Result<(), Refusal> {
        crate::command::digest(ja, en, text)
    }

    /// The day from which a step counts: today unless another was named; never to come, never before its cause.
    pub(crate) fn day(&self, named: Option<Date>, cause: Option<Date>) -> Result<Date, Refusal> {
        let on = named.unwrap_or(self.today);
        if on > self.today {
            return Err(Refusal::invalid(
                format!("日付 {on} はまだ来ていません（今日は {}）。その日になってから記録してください。", self.today),
                format!("{on} has not come yet (today is {}); record it on that day", self.today),
            ));
        }
        if let Some(cause) = cause
            && on < cause
        {
            return Err(Refusal::invalid(
                format!(
                    "日付 {on} が、その前提となる手続の日 {cause} より前です。{cause} 以後の日を指定してください。"
                ),
                format!("{on} lies before {cause}, the day of what it follows from; name {cause} or a later day"),
            ));
        }
        Ok(on)
    }

    /// A decision cites an article of a rule document in force on the day; once any is recorded.
    pub(crate) fn cites(&self, rule: Option<&Citation>, on: Date) -> Result<(), Refusal> {
        let Some(rule) = rule else {
            return Err(Refusal::invalid(
                "根拠となる規程類と条項を指定してください。",
                "name the rule document and article this rests on",
            ));
        };
        self.acquainted(rule, on)
    }

    /// A citation, where one is given, is of a document in force.
    pub(crate) fn acquainted(&self, rule: &Citation, on: Date) -> Result<(), Refusal> {
        self.words("条項", "the article", &rule.article, 60)?;
        let Some(document) = self.scheme.rule_documents.now(&rule.document) else {
            return Err(Refusal::unknown("規程類", "rule document", &rule.document));
        };
        if document.is_in_force(on) {
            return Ok(());
        }
        let until = document.effective_to.map_or(String::new(), |last| last.to_string());
        Err(Refusal::invalid(
            format!(
                "規程類「{} {}」は {on} には施行されていません（{} から {until}）。その日に施行されている版を指定してください。",
                document.title, document.version, document.effective_from
            ),
            format!("`{}` is not in force on {on}; cite the version that is", rule.document),
        ))
    }
}
