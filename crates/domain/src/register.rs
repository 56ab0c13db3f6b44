//! The register: all that is true now, as the fold of the ledger's governance entries.
//!
//! Cloning is cheap (every part is shared, and the large maps share what did not change), so a node swaps a new register
//! in while requests go on reading the old one, and a command costs the same with 12 staff or 180,000.

mod fold;
mod fold_records;
mod listed;
mod range;
mod risk;

pub use listed::{ListVersion, RowVersion};

use crate::account::{Invitation, Means};
use crate::budget::{Budget, Budgets, PriceList, Whom};
use crate::decision::Rules;
use crate::ds920::Ds920;
use crate::entry::Governance;
use crate::event::Event;
use crate::handling::Handling;
use crate::headcount::Headcount;
use crate::history::{Deed, Step};
use crate::id::{
    AppId, ApplicationId, DepartmentId, KeyId, ModelId, PermitId, PersonId, ReturnId, RuleSetId, ServiceId, StoryId,
    SurveyId, UseId,
};
use crate::ismap::Registration;
use crate::ismap::scheme::Scheme;
use crate::organization::{Department, DepartmentTree, Organization};
use crate::permit::{Application, ApplicationState, Permit, PermitState};
use crate::person::{Key, Person, Role};
use crate::records::Records;
use crate::regulation::Regulation;
use crate::returns::ReturnRecord;
use crate::rule_set::RuleSet;
use crate::service::{Consultation, Service};
use crate::story::StoryRecord;
use crate::survey::SurveyRecord;
use imbl::{HashMap, OrdMap, Vector};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A registered service with what was added to it since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceRecord {
    /// The description in force.
    pub service: Service,
    /// No longer offered.
    pub withdrawn: bool,
    /// Open 注意喚起.
    pub advisories: BTreeSet<String>,
    /// Consultation of the 申合せ.
    pub consultation: Consultation,
    /// What happened to it, oldest first.
    #[serde(skip)]
    pub history: Vec<Step>,
}

/// Two persons open sealed content: who asked, and who agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContentAccess {
    /// Who asked.
    pub requested_by: PersonId,
    /// Who agreed, once someone has.
    pub granted_by: Option<PersonId>,
}

/// An app of a member of staff as it was accepted for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedApp {
    /// Which.
    pub app: AppId,
    /// SHA-256 of the accepted content.
    pub sha256: String,
    /// For whom: the department with all below it.
    pub department: DepartmentId,
    /// Who made it.
    pub author: PersonId,
    /// Who accepted it.
    pub reviewer: PersonId,
}

/// Why an entry does not fit the register. A ledger that this program wrote never shows one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The event speaks of something the register does not hold.
    #[error("`{kind}` names `{id}`, which the register does not hold")]
    Unknown {
        /// Kind of the event.
        kind: &'static str,
        /// What it names.
        id: String,
    },
}

/// All that is true now.
#[derive(Debug, Clone, Default)]
pub struct Register {
    position: u64,
    organization: Option<Arc<Organization>>,
    departments: DepartmentTree,
    persons: HashMap<PersonId, Person>,
    headcount: Headcount,
    by_role: HashMap<Role, BTreeSet<PersonId>>,
    keys: HashMap<KeyId, Key>,
    keys_by_hash: HashMap<String, KeyId>,
    invitations: HashMap<String, Invitation>,
    accounts: HashMap<PersonId, Means>,
    regulation: Arc<Regulation>,
    rule_sets: Arc<BTreeMap<RuleSetId, RuleSet>>,
    handlings: Arc<BTreeMap<String, Handling>>,
    budgets: Arc<Budgets>,
    prices: Arc<PriceList>,
    /// Compiled on first use: a fold over many adoptions compiles once.
    rules: Arc<OnceLock<Option<Rules>>>,
    services: Arc<BTreeMap<ServiceId, ServiceRecord>>,
    models: HashMap<ModelId, ServiceId>,
    /// Every state each row was in, the newest last.
    registrations: OrdMap<String, Vector<RowVersion>>,
    /// Copies of the published list, the newest last.
    lists: Vector<ListVersion>,
    scheme: Scheme,
    ds920: Ds920,
    applications: HashMap<ApplicationId, Application>,
    permits: HashMap<PermitId, Permit>,
    permits_by_service: HashMap<ServiceId, BTreeSet<PermitId>>,
    applications_by_service: HashMap<ServiceId, BTreeSet<ApplicationId>>,
    applications_by_person: HashMap<PersonId, BTreeSet<ApplicationId>>,
    accesses: Arc<BTreeMap<UseId, ContentAccess>>,
    apps: Arc<BTreeMap<AppId, SharedApp>>,
    returns: Arc<BTreeMap<ReturnId, ReturnRecord>>,
    surveys: Arc<BTreeMap<SurveyId, SurveyRecord>>,
    stories: Arc<BTreeMap<StoryId, StoryRecord>>,
    records: Records,
}

impl Register {
    /// Entries before this index were folded: one more than the index of the last governance entry.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The body, once it is established.
    pub fn organization(&self) -> Option<&Organization> {
        self.organization.as_deref()
    }

    /// 規程.
    pub fn regulation(&self) -> &Regulation {
        &self.regulation
    }

    /// The compiled rules in force. Adoption has checked that they compile; should they ever not (the ledger of a newer
    /// program), the empty set stands in, which permits nothing. So it does while the gate's own rules are not among
    /// them: a body's own rule that permits must not be the only one asked.
    pub fn rules(&self) -> Option<&Rules> {
        let compile = || {
            let has_base = self.rule_sets.keys().any(|id| id.as_str() == RuleSet::BASE);
            let sets: Vec<RuleSet> = self.rule_sets.values().filter(|_| has_base).cloned().collect();
            Rules::compile(&sets).or_else(|_| Rules::compile(&[])).ok()
        };
        self.rules.get_or_init(compile).as_ref()
    }

    /// Rule sets in force.
    pub fn rule_sets(&self) -> impl Iterator<Item = &RuleSet> {
        self.rule_sets.values()
    }

    /// A rule set in force.
    pub fn rule_set(&self, id: &RuleSetId) -> Option<&RuleSet> {
        self.rule_sets.get(id)
    }

    /// What the body does about the findings of a rule of detection, as far as it has said so.
    pub fn handling(&self, rule: &str) -> Handling {
        self.handlings.get(rule).copied().unwrap_or_default()
    }

    /// All that the body has said about findings, by rule of detection.
    pub fn handlings(&self) -> impl Iterator<Item = (&str, Handling)> {
        self.handlings.iter().map(|(rule, handling)| (rule.as_str(), *handling))
    }

    /// All budgets that were ever set.
    pub fn budgets(&self) -> &Budgets {
        &self.budgets
    }

    /// What models cost.
    pub fn prices(&self) -> &PriceList {
        &self.prices
    }

    /// The budgets that bind a use by this person under this permit on a day, by identifier.
    pub fn budgets_that_bind(&self, person: Option<&Person>, permit: Option<&PermitId>, day: Date) -> Vec<&Budget> {
        if self.budgets.is_empty() {
            return Vec::new();
        }
        let mut bound: Vec<Whom> = permit.cloned().map(Whom::Permit).into_iter().collect();
        if let Some(person) = person {
            bound.extend([Whom::Everyone, Whom::Person(person.person.clone())]);
            bound.extend(self.departments.with_those_above(&person.department).cloned().map(Whom::Department));
        }
        self.budgets.of(&bound, day)
    }

    /// A department.
    pub fn department(&self, id: &DepartmentId) -> Option<&Department> {
        self.departments.get(id)
    }

    /// All departments, in no order.
    pub fn departments(&self) -> impl Iterator<Item = &Department> {
        self.departments.iter()
    }

    /// A person.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.persons.get(id)
    }

    /// All persons, in no order.
    pub fn persons(&self) -> impl Iterator<Item = &Person> {
        self.persons.values()
    }

    /// Somebody can give an administrator's commands: from then on the installation itself may govern nothing.
    pub fn is_administered(&self) -> bool {
        use crate::person::Role::Administrator;
        let mut administrators = self.persons().filter(|p| p.active && p.roles.contains(&Administrator));
        administrators
            .any(|p| self.means(&p.person).is_some() || self.keys().any(|k| k.person == p.person && !k.revoked))
    }

    /// A key.
    pub fn key(&self, id: &KeyId) -> Option<&Key> {
        self.keys.get(id)
    }

    /// The key whose secret has this SHA-256 (lower-case hex).
    pub fn key_by_hash(&self, hash: &str) -> Option<&Key> {
        self.keys_by_hash.get(hash).and_then(|id| self.keys.get(id))
    }

    /// All keys, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }

    /// The open invitation to an account whose secret has this SHA-256 (lower-case hex).
    pub fn invitation(&self, hash: &str) -> Option<&Invitation> {
        self.invitations.get(hash)
    }

    /// By what a person signs in, once they have opened an account.
    pub fn means(&self, person: &PersonId) -> Option<Means> {
        self.accounts.get(person).copied()
    }

    /// The person holds a role that asks for a second factor.
    pub fn needs_second_factor(&self, person: &PersonId) -> bool {
        self.persons.get(person).is_some_and(|p| p.roles.iter().any(|role| role.needs_second_factor()))
            || self.scheme.roles_of(person).iter().any(|role| role.needs_second_factor())
    }

    /// A service.
    pub fn service(&self, id: &ServiceId) -> Option<&ServiceRecord> {
        self.services.get(id)
    }

    /// All services, by identifier.
    pub fn services(&self) -> impl Iterator<Item = &ServiceRecord> {
        self.services.values()
    }

    /// The service, not withdrawn, that offers a model.
    pub fn service_of_model(&self, model: &str) -> Option<&ServiceRecord> {
        let id = ModelId::new(model).ok()?;
        self.models.get(&id).and_then(|s| self.services.get(s))
    }

    /// The records of ISMAP.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The records under DS-920.
    pub fn ds920(&self) -> &Ds920 {
        &self.ds920
    }

    /// An application.
    pub fn application(&self, id: &ApplicationId) -> Option<&Application> {
        self.applications.get(id)
    }

    /// All applications, in no order.
    pub fn applications(&self) -> impl Iterator<Item = &Application> {
        self.applications.values()
    }

    /// A permit.
    pub fn permit(&self, id: &PermitId) -> Option<&Permit> {
        self.permits.get(id)
    }

    /// All permits, in no order.
    pub fn permits(&self) -> impl Iterator<Item = &Permit> {
        self.permits.values()
    }

    /// Permits that name a service, by identifier.
    pub fn permits_on(&self, service: &ServiceId) -> impl Iterator<Item = &Permit> {
        self.permits_by_service.get(service).into_iter().flatten().filter_map(|id| self.permits.get(id))
    }

    /// Applications that name or named a service, by identifier.
    pub fn applications_for(&self, service: &ServiceId) -> impl Iterator<Item = &Application> {
        self.applications_by_service.get(service).into_iter().flatten().filter_map(|id| self.applications.get(id))
    }

    /// Applications of a person, by identifier.
    pub fn applications_of(&self, person: &PersonId) -> impl Iterator<Item = &Application> {
        self.applications_by_person.get(person).into_iter().flatten().filter_map(|id| self.applications.get(id))
    }

    /// Posts that people hold or held, each with who took it up last.
    pub fn posts(&self) -> impl Iterator<Item = (&str, &PersonId)> {
        self.headcount.posts()
    }

    /// All active people.
    pub fn active_people(&self) -> usize {
        self.headcount.total()
    }

    /// Retention, disposal and disclosure.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// An app of a member of staff, if it is shared.
    pub fn shared_app(&self, id: &AppId) -> Option<&SharedApp> {
        self.apps.get(id)
    }

    /// Apps of members of staff that are shared.
    pub fn shared_apps(&self) -> impl Iterator<Item = &SharedApp> {
        self.apps.values()
    }

    /// A report that was sent.
    pub fn return_record(&self, id: &ReturnId) -> Option<&ReturnRecord> {
        self.returns.get(id)
    }

    /// All reports that were sent, by identifier.
    pub fn returns(&self) -> impl Iterator<Item = &ReturnRecord> {
        self.returns.values()
    }

    /// Reports on a service.
    pub fn returns_on(&self, service: &ServiceId) -> impl Iterator<Item = &ReturnRecord> {
        self.returns.values().filter(move |one| one.sent.service == *service)
    }

    /// A survey.
    pub fn survey(&self, id: &SurveyId) -> Option<&SurveyRecord> {
        self.surveys.get(id)
    }

    /// All surveys, by identifier.
    pub fn surveys(&self) -> impl Iterator<Item = &SurveyRecord> {
        self.surveys.values()
    }

    /// A story of a member of staff that is or was published.
    pub fn story(&self, id: &StoryId) -> Option<&StoryRecord> {
        self.stories.get(id)
    }

    /// All stories that are or were published, by identifier.
    pub fn stories(&self) -> impl Iterator<Item = &StoryRecord> {
        self.stories.values()
    }

    /// The state of the two-person opening of a use's content.
    pub fn content_access(&self, of: &UseId) -> Option<&ContentAccess> {
        self.accesses.get(of)
    }

    /// All openings of content that were asked for and not erased since, by use.
    pub fn content_accesses(&self) -> impl Iterator<Item = (&UseId, &ContentAccess)> {
        self.accesses.iter()
    }

    /// The person is active and holds the role.
    pub fn holds(&self, person: &PersonId, role: Role) -> bool {
        self.persons.get(person).is_some_and(|p| p.active && p.roles.contains(&role))
    }

    /// The person is active and holds one of the roles.
    pub fn holds_any(&self, person: &PersonId, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.holds(person, *role))
    }

    /// Active people who hold a role, by pseudonym.
    pub fn holders(&self, role: Role) -> impl Iterator<Item = &PersonId> {
        self.by_role.get(&role).into_iter().flatten()
    }
}
