//! The register: all that is true now, as the fold of the ledger's governance entries.
//!
//! Cloning is cheap (every part is shared, and the large maps share what did not change), so a node swaps a new register
//! in while requests go on reading the old one, and a command costs the same with 12 staff or 180,000.

use crate::account::{Invitation, Means};
use crate::decision::{RiskStanding, Rules};
use crate::entry::Governance;
use crate::event::Event;
use crate::handling::Handling;
use crate::headcount::Headcount;
use crate::history::{Deed, Step};
use crate::id::{AppId, ApplicationId, DepartmentId, KeyId, ModelId, PermitId, PersonId, RuleSetId, ServiceId, UseId};
use crate::ismap::{Registration, RegistrationState};
use crate::organization::{Department, Organization};
use crate::permit::{Application, ApplicationState, Basis, Permit, PermitState, UserRange};
use crate::person::{Key, Person, Role};
use crate::regulation::Regulation;
use crate::rule_set::RuleSet;
use crate::service::{Consultation, Service};
use imbl::HashMap;
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
    departments: HashMap<DepartmentId, Department>,
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
    /// Compiled on first use: a fold over many adoptions compiles once.
    rules: Arc<OnceLock<Option<Rules>>>,
    services: Arc<BTreeMap<ServiceId, ServiceRecord>>,
    models: HashMap<ModelId, ServiceId>,
    registrations: Arc<BTreeMap<String, Registration>>,
    applications: HashMap<ApplicationId, Application>,
    permits: HashMap<PermitId, Permit>,
    permits_by_service: HashMap<ServiceId, BTreeSet<PermitId>>,
    applications_by_service: HashMap<ServiceId, BTreeSet<ApplicationId>>,
    applications_by_person: HashMap<PersonId, BTreeSet<ApplicationId>>,
    accesses: Arc<BTreeMap<UseId, ContentAccess>>,
    apps: Arc<BTreeMap<AppId, SharedApp>>,
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

    /// A department.
    pub fn department(&self, id: &DepartmentId) -> Option<&Department> {
        self.departments.get(id)
    }

    /// All departments, in no order.
    pub fn departments(&self) -> impl Iterator<Item = &Department> {
        self.departments.values()
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

    /// An ISMAP registration.
    pub fn registration(&self, number: &str) -> Option<&Registration> {
        self.registrations.get(number)
    }

    /// All registrations, by number.
    pub fn registrations(&self) -> impl Iterator<Item = &Registration> {
        self.registrations.values()
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

    /// Active people in a department and all below it.
    pub fn people_below(&self, department: &DepartmentId) -> usize {
        let range = UserRange { departments: BTreeSet::from([department.clone()]), ..UserRange::default() };
        self.covers(&range)
    }

    /// How many active people a range covers.
    pub fn covers(&self, range: &UserRange) -> usize {
        let within = |id: &DepartmentId| self.is_below(id, &range.departments);
        let mut count = 0;
        for department in self.headcount.departments() {
            count += if within(department) {
                self.headcount.in_department(department)
            } else {
                range.posts.iter().map(|post| self.headcount.in_post(department, post)).sum()
            };
        }
        let besides = range.people.iter().filter_map(|id| self.persons.get(id)).filter(|person| {
            person.active
                && !within(&person.department)
                && (person.post.is_empty() || !range.posts.contains(&person.post))
        });
        count + besides.count()
    }

    /// An app of a member of staff, if it is shared.
    pub fn shared_app(&self, id: &AppId) -> Option<&SharedApp> {
        self.apps.get(id)
    }

    /// Apps of members of staff that are shared.
    pub fn shared_apps(&self) -> impl Iterator<Item = &SharedApp> {
        self.apps.values()
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

    /// Active people who hold a role, by pseudonym.
    pub fn holders(&self, role: Role) -> impl Iterator<Item = &PersonId> {
        self.by_role.get(&role).into_iter().flatten()
    }

    /// 利用者の範囲 includes the person: by name, by post, or by department or one above it.
    pub fn in_range(&self, range: &UserRange, person: &Person) -> bool {
        if range.people.contains(&person.person) || (!person.post.is_empty() && range.posts.contains(&person.post)) {
            return true;
        }
        self.is_below(&person.department, &range.departments)
    }

    /// A department is one of `tops` or stands below one.
    fn is_below(&self, department: &DepartmentId, tops: &BTreeSet<DepartmentId>) -> bool {
        let mut at = Some(department);
        // A tree of departments is shallow; the bound only keeps a hostile ledger from looping.
        for _ in 0..64 {
            let Some(id) = at else { return false };
            if tops.contains(id) {
                return true;
            }
            at = self.departments.get(id).and_then(|d| d.parent.as_ref());
        }
        false
    }

    /// State of the registration a service rests on.
    pub fn ismap_state(&self, service: &Service, day: Date) -> RegistrationState {
        let registration = service.ismap.as_ref().and_then(|number| self.registrations.get(number));
        registration.map_or(RegistrationState::None, |r| r.state_on(day))
    }

    /// What a permit on this service would rest on today.
    pub fn basis(&self, record: &ServiceRecord, day: Date) -> Basis {
        let s = &record.service;
        Basis {
            form: s.form,
            ismap: s.ismap.as_ref().map(|number| (number.clone(), self.ismap_state(s, day))),
            governing_law: s.governing_law.clone(),
            advisories: record.advisories.clone(),
            hosting_route: s.hosting_route.clone(),
            region: s.region.clone(),
            base_url: s.upstream.base_url.clone(),
            terms: s.terms.as_ref().map(|t| t.sha256.clone()),
        }
    }

    /// Folds one governance entry that stands at `index` of the ledger.
    pub fn apply(&mut self, index: u64, entry: &Governance) -> Result<(), FoldError> {
        self.apply_event(entry)?;
        self.position = index + 1;
        Ok(())
    }

    fn apply_event(&mut self, entry: &Governance) -> Result<(), FoldError> {
        let (event, actor) = (&entry.event, &entry.actor);
        let step = |deed: Deed| Step::of(entry, deed);
        let of_service = |what: &'static str, detail: &str| step(Deed::Service { what, detail: detail.to_owned() });
        let unknown = |id: &dyn std::fmt::Display| FoldError::Unknown { kind: event.kind(), id: id.to_string() };
        match event {
            Event::OrganizationEstablished(e) => {
                self.organization = Some(Arc::new(Organization {
                    organization: e.organization.clone(),
                    name: e.name.clone(),
                    sector: e.sector,
                    grades: e.grades.clone(),
                }));
            }
            Event::DepartmentPlaced(d) => {
                self.departments.insert(d.department.clone(), d.clone());
            }
            Event::PersonJoined(e) => {
                let person = Person {
                    person: e.person.clone(),
                    department: e.department.clone(),
                    post: e.post.clone(),
                    roles: BTreeSet::new(),
                    active: true,
                };
                self.headcount.add(&person);
                if let Some(earlier) = self.persons.insert(e.person.clone(), person)
                    && earlier.active
                {
                    self.headcount.remove(&earlier);
                }
            }
            Event::PersonMoved(e) => {
                let person = self.persons.get_mut(&e.person).ok_or_else(|| unknown(&e.person))?;
                if person.active {
                    self.headcount.remove(person);
                }
                person.department = e.department.clone();
                person.post = e.post.clone();
                if person.active {
                    self.headcount.add(person);
                }
            }
            Event::PersonLeft(e) => {
                let person = self.persons.get_mut(&e.person).ok_or_else(|| unknown(&e.person))?;
                if person.active {
                    self.headcount.remove(person);
                }
                person.active = false;
                for role in std::mem::take(&mut person.roles) {
                    if let Some(holders) = self.by_role.get_mut(&role) {
                        holders.remove(&e.person);
                    }
                }
                self.accounts.remove(&e.person);
                self.invitations.retain(|_, i| i.person != e.person);
            }
            // The register never knew more than the pseudonym.
            Event::PersonForgotten(_) => {}
            Event::RoleGranted(e) => {
                let person = self.persons.get_mut(&e.person).ok_or_else(|| unknown(&e.person))?;
                person.roles.insert(e.role);
                self.by_role.entry(e.role).or_default().insert(e.person.clone());
            }
            Event::RoleWithdrawn(e) => {
                let person = self.persons.get_mut(&e.person).ok_or_else(|| unknown(&e.person))?;
                person.roles.remove(&e.role);
                if let Some(holders) = self.by_role.get_mut(&e.role) {
                    holders.remove(&e.person);
                }
            }
            Event::KeyIssued(k) => {
                self.keys_by_hash.insert(k.hash.clone(), k.key.clone());
                self.keys.insert(k.key.clone(), k.clone());
            }
            Event::KeyRevoked(e) => {
                let key = self.keys.get_mut(&e.key).ok_or_else(|| unknown(&e.key))?;
                key.revoked = true;
            }
            Event::AccountInvited(i) => {
                // Only the newest invitation counts.
                self.invitations.retain(|_, other| other.person != i.person);
                self.invitations.insert(i.hash.clone(), i.clone());
            }
            Event::AccountOpened(e) => {
                self.invitations.remove(&e.invitation).ok_or_else(|| unknown(&e.invitation))?;
                self.accounts.insert(e.person.clone(), Means { second_factor: false });
            }
            Event::SecondFactorEnrolled(e) => {
                let means = self.accounts.get_mut(&e.person).ok_or_else(|| unknown(&e.person))?;
                means.second_factor = true;
            }
            Event::RegulationEnacted(e) => Arc::make_mut(&mut self.regulation).enact(e.clone()),
            Event::RulesAdopted(e) => {
                Arc::make_mut(&mut self.rule_sets).insert(e.id.clone(), e.clone());
                self.rules = Arc::default();
            }
            Event::RulesWithdrawn(e) => {
                Arc::make_mut(&mut self.rule_sets).remove(&e.rule_set).ok_or_else(|| unknown(&e.rule_set))?;
                self.rules = Arc::default();
            }
            Event::HandlingSet(e) => {
                let handling = Handling { outside: e.outside, inside: e.inside };
                let all = Arc::make_mut(&mut self.handlings);
                if handling == Handling::default() {
                    all.remove(&e.rule);
                } else {
                    all.insert(e.rule.clone(), handling);
                }
            }
            Event::ServiceRegistered(s) => {
                let record = ServiceRecord {
                    service: s.clone(),
                    withdrawn: false,
                    advisories: BTreeSet::new(),
                    consultation: Consultation::None,
                    history: vec![of_service("登録", "")],
                };
                self.index_models(s);
                Arc::make_mut(&mut self.services).insert(s.service.clone(), record);
            }
            Event::ServiceChanged(s) => {
                let record = self.service_mut(&s.service).ok_or_else(|| unknown(&s.service))?;
                record.service = s.clone();
                record.history.push(of_service("内容の変更", ""));
                self.forget_models(&s.service);
                self.index_models(s);
            }
            Event::TermsChanged(e) => {
                let record = self.service_mut(&e.service).ok_or_else(|| unknown(&e.service))?;
                record.service.terms = Some(e.terms.clone());
                record.history.push(of_service("約款・提供条件の変更", &e.terms.url));
            }
            Event::ServiceWithdrawn(e) => {
                let record = self.service_mut(&e.service).ok_or_else(|| unknown(&e.service))?;
                record.withdrawn = true;
                record.history.push(of_service("提供の終了", ""));
                self.forget_models(&e.service);
            }
            Event::AdvisoryOpened(e) => {
                let record = self.service_mut(&e.service).ok_or_else(|| unknown(&e.service))?;
                record.advisories.insert(e.advisory.clone());
                record.history.push(of_service("注意喚起", &e.advisory));
            }
            Event::AdvisoryLifted(e) => {
                let record = self.service_mut(&e.service).ok_or_else(|| unknown(&e.service))?;
                record.advisories.remove(&e.advisory);
                record.history.push(of_service("注意喚起の解除", &e.advisory));
            }
            Event::ConsultationRecorded(e) => {
                let record = self.service_mut(&e.service).ok_or_else(|| unknown(&e.service))?;
                record.consultation = e.state;
                let told = match e.state {
                    Consultation::None => "報告なし",
                    Consultation::Reported => "報告",
                    Consultation::Consented => "了解",
                };
                record.history.push(of_service("申合せの報告・了解", &format!("{told}（{}、{}）", e.addressee, e.on)));
            }
            Event::RegistrationRecorded(r) => {
                Arc::make_mut(&mut self.registrations).insert(r.number.clone(), r.clone());
            }
            Event::RegistrationStatusChanged(e) => {
                self.registration_mut(&e.number).ok_or_else(|| unknown(&e.number))?.status = e.status;
            }
            Event::RenewalFiled(e) => {
                let r = self.registration_mut(&e.number).ok_or_else(|| unknown(&e.number))?;
                r.renewal_filed_on = Some(e.on);
            }
            Event::RegistrationRenewed(e) => {
                let r = self.registration_mut(&e.number).ok_or_else(|| unknown(&e.number))?;
                r.valid_until = e.valid_until;
                // A new term lifts no suspension: that is a change of status of its own.
                r.renewal_filed_on = None;
            }
            Event::IncidentOpened(e) => {
                let r = self.registration_mut(&e.number).ok_or_else(|| unknown(&e.number))?;
                r.incidents.insert(e.incident.clone());
            }
            Event::IncidentClosed(e) => {
                let r = self.registration_mut(&e.number).ok_or_else(|| unknown(&e.number))?;
                r.incidents.remove(&e.incident);
            }
            Event::ApplicationSubmitted(e) => {
                let application = Application {
                    application: e.application.clone(),
                    applicant: e.applicant.clone(),
                    draft: e.draft.clone(),
                    state: ApplicationState::Submitted,
                    caio_accepted: None,
                    history: vec![step(Deed::Submitted)],
                };
                self.index_application(&e.application, &e.draft);
                self.applications_by_person.entry(e.applicant.clone()).or_default().insert(e.application.clone());
                self.applications.insert(e.application.clone(), application);
            }
            Event::ApplicationReturned(e) => {
                self.step(&e.application, ApplicationState::Returned, step(Deed::Returned), event)?;
            }
            Event::ApplicationResubmitted(e) => {
                let application = self.applications.get_mut(&e.application).ok_or_else(|| unknown(&e.application))?;
                let before = Arc::new(std::mem::replace(&mut application.draft, e.draft.clone()));
                application.state = ApplicationState::Submitted;
                application.caio_accepted = None;
                application.history.push(step(Deed::Resubmitted { before }));
                self.index_application(&e.application, &e.draft);
            }
            Event::ApplicationWithdrawn(e) => {
                self.step(&e.application, ApplicationState::Withdrawn, step(Deed::Withdrawn), event)?;
            }
            Event::ApplicationRefused(e) => {
                self.step(&e.application, ApplicationState::Refused, step(Deed::Refused), event)?;
            }
            Event::ApplicationApproved(e) => {
                let approved = ApplicationState::Approved { permit: e.permit.clone() };
                self.step(&e.application, approved, step(Deed::Approved), event)?;
                let application = self.applications.get(&e.application).ok_or_else(|| unknown(&e.application))?.clone();
                for service in &application.draft.services {
                    self.permits_by_service.entry(service.clone()).or_default().insert(e.permit.clone());
                }
                let permit = Permit {
                    permit: e.permit.clone(),
                    application: e.application.clone(),
                    risk: risk_of(&application),
                    draft: application.draft,
                    approver: actor.clone(),
                    manager: e.manager.clone(),
                    conditions: e.conditions.clone(),
                    review_on: e.review_on,
                    state: PermitState::InForce,
                    basis: e.basis.clone(),
                    acknowledged: BTreeMap::new(),
                    history: vec![step(Deed::Approved)],
                };
                self.permits.insert(e.permit.clone(), permit);
            }
            Event::RiskDecided(e) => {
                let application = self.applications.get_mut(&e.application).ok_or_else(|| unknown(&e.application))?;
                application.caio_accepted = Some(e.accepted);
                application.history.push(step(Deed::RiskDecided { accepted: e.accepted }));
                if let ApplicationState::Approved { permit } = &application.state {
                    let risk = risk_of(application);
                    if let Some(permit) = self.permits.get_mut(permit) {
                        permit.risk = risk;
                        permit.history.push(step(Deed::RiskDecided { accepted: e.accepted }));
                    }
                }
            }
            Event::PermitSuspended(e) => {
                let permit = self.permit_mut(&e.permit).ok_or_else(|| unknown(&e.permit))?;
                permit.state = PermitState::Suspended { changes: e.changes.clone() };
                permit.history.push(step(Deed::Suspended { changes: e.changes.clone() }));
            }
            Event::PermitReapproved(e) => {
                let permit = self.permit_mut(&e.permit).ok_or_else(|| unknown(&e.permit))?;
                permit.state = PermitState::InForce;
                let changes = permit.changes_to(&e.basis);
                permit.history.push(step(Deed::Reapproved { changes }));
                permit.basis = e.basis.clone();
                permit.approver = actor.clone();
            }
            Event::PermitRevoked(e) => {
                let permit = self.permit_mut(&e.permit).ok_or_else(|| unknown(&e.permit))?;
                permit.state = PermitState::Revoked;
                permit.history.push(step(Deed::Revoked));
            }
            Event::ConditionMet(e) => {
                let permit = self.permit_mut(&e.permit).ok_or_else(|| unknown(&e.permit))?;
                permit.acknowledged.insert(e.code.clone(), e.until);
                permit.history.push(step(Deed::ConditionMet { code: e.code.clone(), until: e.until }));
            }
            Event::ContentRequested(e) => {
                let access = ContentAccess { requested_by: actor.clone(), granted_by: None };
                Arc::make_mut(&mut self.accesses).insert(e.of.clone(), access);
            }
            Event::ContentGranted(e) => {
                let access = Arc::make_mut(&mut self.accesses).get_mut(&e.of).ok_or_else(|| unknown(&e.of))?;
                access.granted_by = Some(actor.clone());
            }
            Event::ContentErased(e) => {
                Arc::make_mut(&mut self.accesses).remove(&e.of);
            }
            Event::AppShared(e) => {
                let shared = SharedApp {
                    app: e.app.clone(),
                    sha256: e.sha256.clone(),
                    department: e.department.clone(),
                    author: e.author.clone(),
                    reviewer: actor.clone(),
                };
                Arc::make_mut(&mut self.apps).insert(e.app.clone(), shared);
            }
            Event::AppUnshared(e) => {
                Arc::make_mut(&mut self.apps).remove(&e.app);
            }
        }
        Ok(())
    }

    fn index_application(&mut self, id: &ApplicationId, draft: &crate::permit::Draft) {
        for service in &draft.services {
            self.applications_by_service.entry(service.clone()).or_default().insert(id.clone());
        }
    }

    fn step(&mut self, id: &ApplicationId, to: ApplicationState, step: Step, event: &Event) -> Result<(), FoldError> {
        let application = self
            .applications
            .get_mut(id)
            .ok_or_else(|| FoldError::Unknown { kind: event.kind(), id: id.to_string() })?;
        application.state = to;
        application.history.push(step);
        Ok(())
    }

    fn service_mut(&mut self, id: &ServiceId) -> Option<&mut ServiceRecord> {
        Arc::make_mut(&mut self.services).get_mut(id)
    }

    fn registration_mut(&mut self, number: &str) -> Option<&mut Registration> {
        Arc::make_mut(&mut self.registrations).get_mut(number)
    }

    fn permit_mut(&mut self, id: &PermitId) -> Option<&mut Permit> {
        self.permits.get_mut(id)
    }

    fn index_models(&mut self, service: &Service) {
        let index = &mut self.models;
        for model in &service.models {
            index.insert(model.model.clone(), service.service.clone());
        }
    }

    fn forget_models(&mut self, service: &ServiceId) {
        self.models.retain(|_, s| s != service);
    }
}

/// DS-920 standing that follows from an application's sheet and the CAIO's decision.
pub fn risk_of(application: &Application) -> RiskStanding {
    let sheet = application.draft.risk.map_or(RiskStanding::Unassessed, |sheet| sheet.standing());
    match (sheet, application.caio_accepted) {
        (_, Some(true)) => RiskStanding::AcceptedByCaio,
        (_, Some(false)) => RiskStanding::RefusedByCaio,
        (standing, None) => standing,
    }
}
