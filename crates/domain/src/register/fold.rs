//! The fold: how each governance entry changes the register. A kind of event that is written is read for ever, so an arm
//! here is never given another meaning.

use super::*;
use crate::day::in_japan;
use crate::ds920::judgement::Judgement;
use crate::event::PartyStepped;
use crate::history::of_service as words;
use crate::ismap::chronicle::Stamp;
use crate::ismap::party::{PartyStep, SchemeRole};
use crate::ismap::rule_document::Citation;

impl Register {
    /// Folds one governance entry that stands at `index` of the ledger.
    pub fn apply(&mut self, index: u64, entry: &Governance) -> Result<(), FoldError> {
        self.apply_event(entry)?;
        self.apply_to_records(index, entry)?;
        self.position = index + 1;
        Ok(())
    }

    fn apply_event(&mut self, entry: &Governance) -> Result<(), FoldError> {
        let (event, actor) = (&entry.event, &entry.actor);
        let step = |deed: Deed| Step::of(entry, deed);
        let of_service = |what: &'static str, detail: &str| step(Deed::Service { what, detail: detail.to_owned() });
        let unknown = |id: &dyn std::fmt::Display| FoldError::Unknown { kind: event.kind(), id: id.to_string() };
        let stamp = |role: Option<SchemeRole>, on: Date, rule: Option<Citation>| Stamp {
            at: entry.at,
            on,
            actor: actor.clone(),
            role,
            reason: entry.reason.clone(),
            documents: entry.documents.clone(),
            rule,
        };
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
                self.departments.place(d.clone());
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
            Event::BudgetSet(b) => Arc::make_mut(&mut self.budgets).set(entry, b.clone()),
            Event::BudgetEnded(e) => {
                Arc::make_mut(&mut self.budgets).end(entry, &e.budget).ok_or_else(|| unknown(&e.budget))?;
            }
            Event::PriceSet(p) => Arc::make_mut(&mut self.prices).set(entry, p.clone()),
            Event::ServiceRegistered(s) => {
                let record = ServiceRecord {
                    service: s.clone(),
                    withdrawn: false,
                    advisories: BTreeSet::new(),
                    consultation: Consultation::None,
                    history: vec![of_service(words::REGISTERED, "")],
                };
                self.index_models(s);
                Arc::make_mut(&mut self.services).insert(s.service.clone(), record);
            }
            Event::ServiceChanged(s) => {
                let record = self.service_mut(&s.service).ok_or_else(|| unknown(&s.service))?;
                record.service = s.clone();
                record.history.push(of_service(words::CHANGED, ""));
                self.forget_models(&s.service);
                self.index_models(s);
            }
            Event::TermsChanged(e) => {
                let record = self.service_mut(&e.service).ok_or_else(|| unknown(&e.service))?;
                record.service.terms = Some(e.terms.clone());
                record.history.push(of_service(words::TERMS_CHANGED, &e.terms.url));
            }
            Event::ServiceWithdrawn(e) => {
                let record = self.service_mut(&e.service).ok_or_else(|| unknown(&e.service))?;
                record.withdrawn = true;
                record.history.push(of_service(words::WITHDRAWN, ""));
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
                record.history.push(of_service(words::CONSULTATION, &format!("{told}（{}、{}）", e.addressee, e.on)));
            }
            Event::ReturnSent(e) => {
                let record = self.service_mut(&e.service).ok_or_else(|| unknown(&e.service))?;
                let detail = format!("{}（{}、{}）", e.stage.japanese(), e.addressee, e.on);
                record.history.push(of_service(words::RETURN_SENT, &detail));
                Arc::make_mut(&mut self.returns).insert(e.id.clone(), ReturnRecord::sent(entry, e.clone()));
            }
            Event::ReturnAnswered(e) => {
                let record = Arc::make_mut(&mut self.returns).get_mut(&e.of).ok_or_else(|| unknown(&e.of))?;
                record.answer(entry, e.clone());
                let service = record.sent.service.clone();
                let detail = format!("{}（{}）", e.answer.japanese(), e.on);
                let record = self.service_mut(&service).ok_or_else(|| unknown(&service))?;
                record.history.push(of_service(words::RETURN_ANSWERED, &detail));
            }
            Event::ListRecorded(e) => self.lists.push_back(ListVersion {
                at: entry.at,
                by: entry.actor.clone(),
                source: e.source.clone(),
                rows: e.rows,
                gone: e.gone.clone(),
            }),
            Event::RegistrationRecorded(r) => self.keep_row(entry, r.clone()),
            Event::RegistrationStatusChanged(e) => {
                self.change_row(entry, &e.number, |r| r.status = e.status).ok_or_else(|| unknown(&e.number))?;
            }
            Event::RenewalFiled(e) => {
                let filed = |r: &mut Registration| r.renewal_filed_on = Some(e.on);
                self.change_row(entry, &e.number, filed).ok_or_else(|| unknown(&e.number))?;
            }
            Event::RegistrationRenewed(e) => {
                // A new term lifts no suspension: that is a change of status of its own.
                let renewed = |r: &mut Registration| {
                    r.valid_until = e.valid_until;
                    r.renewal_filed_on = None;
                };
                self.change_row(entry, &e.number, renewed).ok_or_else(|| unknown(&e.number))?;
            }
            Event::IncidentOpened(e) => {
                let opened = |r: &mut Registration| {
                    r.incidents.insert(e.incident.clone());
                };
                self.change_row(entry, &e.number, opened).ok_or_else(|| unknown(&e.number))?;
            }
            Event::IncidentClosed(e) => {
                let closed = |r: &mut Registration| {
                    r.incidents.remove(&e.incident);
                };
                self.change_row(entry, &e.number, closed).ok_or_else(|| unknown(&e.number))?;
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
                self.ds920.resubmitted(&e.application, &before, &e.draft, entry.at);
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
                if let ApplicationState::Approved { permit } = &application.state
                    && let Some(permit) = self.permits.get_mut(permit)
                {
                    permit.history.push(step(Deed::RiskDecided { accepted: e.accepted }));
                }
                self.ds920.decided_the_old_way(&e.application);
            }
            Event::RiskTableAdopted(e) => self.ds920.adopt_table(entry, e.table.clone()),
            Event::RiskAnswered(e) => {
                let application = self.applications.get(&e.application).ok_or_else(|| unknown(&e.application))?;
                let before = self.risk_sheet(application);
                let record = self.ds920.risk_mut(&e.application);
                record.outgrow(before);
                record.sheet = Some(e.sheet);
                record.changed = Some(entry.at);
                self.add_to_history(&e.application, &step(Deed::RiskAnswered { before, after: e.sheet }));
                // What the CAIO accepted by the older command was accepted for the answers of then.
                if let Some(application) = self.applications.get_mut(&e.application)
                    && application.caio_accepted == Some(true)
                {
                    application.caio_accepted = None;
                }
            }
            Event::RiskJudged(e) => {
                self.applications.get(&e.application).ok_or_else(|| unknown(&e.application))?;
                let record = self.ds920.risk_mut(&e.application);
                record.changed = None;
                record.earlier.clear();
                record.judged = Some(Judgement {
                    sheet: e.sheet,
                    table: e.table.clone(),
                    result: e.result,
                    verdict: e.verdict,
                    by: actor.clone(),
                    at: entry.at,
                    reason: entry.reason.clone(),
                });
                self.add_to_history(&e.application, &step(Deed::RiskJudged { sheet: e.sheet, verdict: e.verdict }));
            }
            Event::RiskBoardStepped(e) => {
                self.applications.get(&e.application).ok_or_else(|| unknown(&e.application))?;
                self.ds920.risk_mut(&e.application).fold_board(entry.at, &e.step);
                self.add_to_history(&e.application, &step(Deed::RiskBoard { what: e.step.label() }));
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
            Event::QuestionSetAdopted(e) => self.ds920.adopt_set(entry, e),
            Event::ChecklistCompleted(e) => self.ds920.complete(entry, e),
            Event::RiskClocksSet(e) => self.ds920.set_clocks(entry, e.from, e.clocks.clone()),
            Event::RiskCaseStepped(e) => {
                self.ds920.step_case(entry, &e.case, &e.step).ok_or_else(|| unknown(&e.case))?;
            }
            Event::PartyStepped(e) => {
                self.keep_members(e);
                self.scheme.parties.step(e.party.clone(), e.step.clone(), stamp(e.role, in_japan(entry.at), None));
            }
            Event::RuleDocumentStepped(e) => {
                self.scheme.rule_documents.step(
                    e.document.clone(),
                    e.step.clone(),
                    stamp(e.role, in_japan(entry.at), None),
                );
            }
            Event::CriteriaStepped(e) => {
                self.scheme.catalogues.step(
                    e.catalogue.clone(),
                    e.step.clone(),
                    stamp(e.role, in_japan(entry.at), None),
                );
            }
            Event::FirmStepped(e) => {
                self.scheme.firms.step(e.firm.clone(), e.step.clone(), stamp(e.role, e.on, e.rule.clone()));
            }
            Event::StatementStepped(e) => {
                self.scheme.statements.step(
                    e.statement.clone(),
                    e.step.clone(),
                    stamp(e.role, in_japan(entry.at), None),
                );
            }
            Event::EngagementStepped(e) => {
                self.scheme.engagements.step(e.engagement.clone(), e.step.clone(), stamp(e.role, e.on, e.rule.clone()));
            }
            Event::PreliminaryStepped(e) => {
                self.scheme.preliminaries.step(e.preliminary.clone(), e.step.clone(), stamp(e.role, e.on, None));
            }
            Event::FilingStepped(e) => {
                self.scheme.filings.step(e.filing.clone(), e.step.clone(), stamp(e.role, e.on, e.rule.clone()));
            }
            Event::MeetingStepped(e) => {
                self.scheme.meetings.step(e.meeting.clone(), e.step.clone(), stamp(e.role, e.on, e.rule.clone()));
            }
            Event::SchemeIncidentStepped(e) => {
                self.scheme.incidents.step(e.incident.clone(), e.step.clone(), stamp(e.role, e.on, e.rule.clone()));
            }
            Event::ChangeNoticeStepped(e) => {
                self.scheme.notices.step(e.notice.clone(), e.step.clone(), stamp(e.role, e.on, e.rule.clone()));
            }
            Event::LookUpStepped(e) => {
                self.scheme.look_ups.step(e.look_up.clone(), e.step.clone(), stamp(e.role, in_japan(entry.at), None));
            }
            Event::AnnexStepped(e) => {
                self.scheme.annexes.step(e.annex.clone(), e.step.clone(), stamp(e.role, in_japan(entry.at), None));
            }
            Event::SchemeSet(e) => self.scheme.settings = e.settings.clone(),
            Event::RenewalEnded(e) => {
                self.change_row(entry, &e.number, |r| r.renewal_filed_on = None).ok_or_else(|| unknown(&e.number))?;
            }
            // Who learnt it stands in the entry; nothing else follows from it.
            Event::ShadowClientOpened(_) => {}
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
            Event::SurveyOpened(e) => {
                Arc::make_mut(&mut self.surveys).insert(e.survey.clone(), SurveyRecord::opened(entry, e.clone()));
            }
            Event::SurveyClosed(e) => {
                let survey = Arc::make_mut(&mut self.surveys).get_mut(&e.survey).ok_or_else(|| unknown(&e.survey))?;
                survey.close(entry, e.clone());
            }
            Event::StoryPublished(e) => {
                let stories = Arc::make_mut(&mut self.stories);
                let since =
                    stories.get(&e.story).filter(|known| known.is_public()).map_or(entry.at, |known| known.since);
                stories.insert(e.story.clone(), StoryRecord::published(entry, e.clone(), since));
            }
            Event::StoryRetracted(e) => {
                let story = Arc::make_mut(&mut self.stories).get_mut(&e.story).ok_or_else(|| unknown(&e.story))?;
                story.retract(entry);
            }
            // Retention, disposal and disclosure are folded in a file of their own.
            Event::RetentionSet(_)
            | Event::RecordClassified(_)
            | Event::HoldPlaced(_)
            | Event::HoldLifted(_)
            | Event::DisposalDrafted(_)
            | Event::DisposalApproved(_)
            | Event::DisposalRefused(_)
            | Event::DisposalBegun(_)
            | Event::DisposalCompleted(_)
            | Event::DisclosureOpened(_)
            | Event::DisclosureGranted(_)
            | Event::DisclosureHandedOut(_)
            | Event::DisclosureClosed(_) => {}
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

    /// Adds a step to an application and to the permit that came of it.
    fn add_to_history(&mut self, id: &ApplicationId, step: &Step) {
        let Some(application) = self.applications.get_mut(id) else { return };
        application.history.push(step.clone());
        if let ApplicationState::Approved { permit } = &application.state
            && let Some(permit) = self.permits.get_mut(permit)
        {
            permit.history.push(step.clone());
        }
    }

    fn service_mut(&mut self, id: &ServiceId) -> Option<&mut ServiceRecord> {
        Arc::make_mut(&mut self.services).get_mut(id)
    }

    /// A new state of a row of the ISMAP list; earlier ones stay, so that any past day can be asked about.
    fn keep_row(&mut self, entry: &Governance, row: Registration) {
        let (kind, by) = (entry.event.kind(), entry.actor.clone());
        let version = RowVersion { at: entry.at, kind, by, reason: entry.reason.clone(), row: Arc::new(row) };
        self.registrations.entry(version.row.number.clone()).or_default().push_back(version);
    }

    fn change_row(&mut self, entry: &Governance, number: &str, change: impl FnOnce(&mut Registration)) -> Option<()> {
        let mut row = self.registration(number)?.clone();
        change(&mut row);
        self.keep_row(entry, row);
        Some(())
    }

    /// Who acts for which party, the other way round.
    fn keep_members(&mut self, event: &PartyStepped) {
        match &event.step {
            PartyStep::Admit { person, .. } => {
                self.scheme.party_of.insert(person.clone(), event.party.clone());
            }
            PartyStep::Release { person, role } => {
                let held = self.scheme.parties.now(&event.party).and_then(|p| p.members.get(person));
                if held.is_none_or(|roles| roles.iter().all(|r| r == role)) {
                    self.scheme.party_of.remove(person);
                }
            }
            _ => {}
        }
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
