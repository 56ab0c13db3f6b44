//! 架空省: a small ministry with everyone a rule speaks of, in which commands are given and their entries folded.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use sekisho_domain::command::*;
use sekisho_domain::decision::{Decision, PermitStanding, RiskStanding};
use sekisho_domain::entry::Governance;
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::handling::Handled;
use sekisho_domain::id::{ApplicationId, PermitId, ServiceId};
use sekisho_domain::ismap::{DeclaredScope, ListStatus, Registration, Scheme};
use sekisho_domain::organization::{Department, Sector};
use sekisho_domain::permit::{Draft, RiskSheet, UserRange};
use sekisho_domain::person::Role;
use sekisho_domain::refusal::Refusal;
use sekisho_domain::register::Register;
use sekisho_domain::regulation::{Enactment, Part};
use sekisho_domain::replay;
use sekisho_domain::rule_set::{AppliesTo, RuleSet};
use sekisho_domain::service::{Consultation, Model, ProvisionForm, Service, Terms, Upstream, Wire};
use sekisho_domain::usage::{DeclaredBy, Signals, UseRequest};
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::LazyLock;

/// An identifier, known to be well formed.
pub(crate) fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A day.
pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A digest that is easy to tell from others.
pub(crate) fn sha(digit: char) -> String {
    digit.to_string().repeat(64)
}

pub(crate) const CLOUD: &str = "kakuu-cloud";
pub(crate) const FREE: &str = "kakuu-free";
pub(crate) const OWN: &str = "kakuu-own";
pub(crate) const NUMBER: &str = "KAKUU-0001";
pub(crate) const RULE_2B: &str = "統一基準R3 4.2.2(2)(b)";
pub(crate) const RULE_2A: &str = "統一基準R3 4.2.2(2)(a)";
pub(crate) const RULE_1A: &str = "統一基準R3 4.2.2(1)(a)";

/// A register with the clock and the entries that made it.
#[derive(Clone)]
pub(crate) struct Town {
    pub(crate) register: Register,
    pub(crate) entries: Vec<Governance>,
    pub(crate) now: Timestamp,
    /// What the next command says of itself.
    pub(crate) reason: String,
    given: u32,
}

impl Town {
    /// Nothing yet. It is noon in Japan on 2026-11-22.
    pub(crate) fn empty() -> Self {
        Self {
            register: Register::default(),
            entries: Vec::new(),
            now: "2026-11-22T03:00:00Z".parse().unwrap(),
            reason: "業務のため".into(),
            given: 0,
        }
    }

    /// The body with its people, and neither regulation, rules nor services.
    pub(crate) fn founded() -> Self {
        static FOUNDED: LazyLock<Town> = LazyLock::new(|| {
            let mut town = Town::empty();
            town.installation(establish()).unwrap();
            for (name, above) in [("kanbo", None), ("soumu", Some("kanbo")), ("jinji", Some("soumu")), ("keizai", None)]
            {
                let department = Department { department: id(name), parent: above.map(id) };
                town.installation(Command::PlaceDepartment(department)).unwrap();
            }
            for (name, department, post, role) in [
                ("admin", "kanbo", "", Some(Role::Administrator)),
                ("ciso", "kanbo", "", Some(Role::Ciso)),
                ("approver", "kanbo", "", Some(Role::Approver)),
                ("approver-2", "kanbo", "", Some(Role::Approver)),
                ("manager", "kanbo", "", Some(Role::ServiceManager)),
                ("caio", "kanbo", "", Some(Role::Caio)),
                ("auditor", "kanbo", "", Some(Role::Auditor)),
                ("staff", "jinji", "kakaricho", None),
                ("colleague", "soumu", "", None),
                ("outsider", "keizai", "kacho", None),
            ] {
                town.installation(join(name, department, post)).unwrap();
                if let Some(role) = role {
                    town.installation(grant(name, role)).unwrap();
                }
            }
            town.installation(key("admin", '0')).unwrap();
            town
        });
        FOUNDED.clone()
    }

    /// The same with the regulation, national rules, three services and the registration of one.
    pub(crate) fn ready() -> Self {
        static READY: LazyLock<Town> = LazyLock::new(|| {
            let mut town = Town::founded();
            for part in Part::ALL {
                town.does("ciso", enact(part));
            }
            for set in RuleSet::builtin_for(AppliesTo::National) {
                town.does("ciso", Command::AdoptRules(AdoptRules { rule_set: set.id, text: None }));
            }
            town.does("manager", Command::RecordRegistration(registration()));
            for service in [cloud(), free(), own()] {
                town.does("manager", Command::RegisterService(service));
            }
            for service in [CLOUD, FREE] {
                town.does(
                    "manager",
                    Command::RecordConsultation(RecordConsultation {
                        service: id(service),
                        state: Consultation::Consented,
                        addressee: "先進的AI利活用アドバイザリーボード".into(),
                        on: day("2026-11-01"),
                    }),
                );
            }
            town.register.rules();
            town
        });
        READY.clone()
    }

    /// The same with the application for the cloud service approved, and its permit.
    pub(crate) fn permitted() -> (Self, PermitId) {
        let mut town = Self::ready();
        let permit = town.permit_for(draft(CLOUD));
        (town, permit)
    }

    /// Who acts, when and why.
    pub(crate) fn occasion(&self, actor: Actor) -> Occasion {
        Occasion {
            actor,
            at: self.now,
            reason: self.reason.clone(),
            documents: vec![sha('d')],
            fresh: format!("{:04}", self.given),
        }
    }

    /// Gives a command; what is decided is folded. Holds every decision to what must be true of all of them.
    pub(crate) fn give(&mut self, actor: Actor, command: Command) -> Result<Vec<Event>, Refusal> {
        let occasion = self.occasion(actor);
        self.given += 1;
        let decided = decide(&self.register, &occasion, command.clone());
        if !matches!(command, Command::AdoptRules(_)) {
            let again = decide(&self.register, &occasion, command.clone());
            assert_eq!(decided, again, "`{}` is not decided the same twice", command.name());
        }
        let entries = decided.inspect_err(|refusal| {
            assert!(!refusal.ja.is_empty() && !refusal.en.is_empty(), "{refusal:?}");
            assert!(!refusal.ja.is_ascii(), "{refusal:?}");
        })?;
        assert!(!entries.is_empty(), "`{}` was decided into nothing", command.name());
        for entry in &entries {
            assert_eq!((entry.at, &entry.documents), (occasion.at, &occasion.documents));
            let index = self.entries.len() as u64;
            self.register.apply(index, entry).expect("what is decided folds");
            assert_eq!(self.register.position(), index + 1);
            self.entries.push(entry.clone());
        }
        Ok(entries.into_iter().map(|e| e.event).collect())
    }

    pub(crate) fn installation(&mut self, command: Command) -> Result<Vec<Event>, Refusal> {
        self.give(Actor::Installation, command)
    }

    /// Someone gives a command, whatever comes of it.
    pub(crate) fn tries(&mut self, who: &str, command: Command) -> Result<Vec<Event>, Refusal> {
        self.give(Actor::Person(id(who)), command)
    }

    /// Someone gives a command that must be decided.
    pub(crate) fn does(&mut self, who: &str, command: Command) -> Vec<Event> {
        self.tries(who, command).unwrap_or_else(|refusal| panic!("{who}: {refusal:?}"))
    }

    /// Someone gives a command that must be refused, with this code; the register stays as it was.
    pub(crate) fn refused(&mut self, who: &str, command: Command, code: &str) -> Refusal {
        let before = picture(&self.register);
        let refusal = self.tries(who, command).expect_err("must be refused");
        assert_eq!(refusal.code, code, "{refusal:?}");
        assert_eq!(picture(&self.register), before, "a refused command changed the register");
        refusal
    }

    /// The application handed in by `staff`.
    pub(crate) fn apply_for(&mut self, draft: Draft) -> ApplicationId {
        match self.does("staff", Command::SubmitApplication(draft)).remove(0) {
            Event::ApplicationSubmitted(e) => e.application,
            other => panic!("{other:?}"),
        }
    }

    /// The permit that comes of it.
    pub(crate) fn permit_for(&mut self, draft: Draft) -> PermitId {
        let review_on = draft.until;
        let application = self.apply_for(draft);
        permit_in(&self.does("approver", approve_until(&application, review_on)))
    }

    /// Lets time pass to noon in Japan on a day.
    pub(crate) fn on(&mut self, text: &str) -> &mut Self {
        self.now = format!("{text}T12:00:00+09:00").parse().unwrap();
        self
    }

    pub(crate) fn wait(&mut self, hours: u16) {
        self.now = self.now.checked_add(SignedDuration::from_hours(hours.into())).unwrap();
    }

    pub(crate) fn today(&self) -> Date {
        sekisho_domain::day::in_japan(self.now)
    }

    pub(crate) fn standing(&self, permit: &PermitId) -> PermitStanding {
        self.register.permit(permit).unwrap().standing_on(self.today())
    }

    /// DS-920 standing of a permit today.
    pub(crate) fn risk(&self, permit: &PermitId) -> RiskStanding {
        self.register.risk_of_permit(self.register.permit(permit).unwrap(), self.today())
    }

    /// What someone who asks a model now is told.
    pub(crate) fn asks(&self, who: &str, model: &str, grade: u8) -> Decision {
        replay::decide(&self.register, &request(self.now, who, model, grade)).1
    }

    /// The reason that decides it; `allow` when none does.
    pub(crate) fn answer(&self, who: &str, model: &str, grade: u8) -> String {
        self.asks(who, model, grade).code().unwrap_or("allow").to_owned()
    }
}

pub(crate) fn permit_in(events: &[Event]) -> PermitId {
    match events {
        [Event::ApplicationApproved(e)] => e.permit.clone(),
        other => panic!("{other:?}"),
    }
}

/// A direct call to a model.
pub(crate) fn request(at: Timestamp, who: &str, model: &str, grade: u8) -> UseRequest {
    UseRequest {
        app: String::new(),
        at,
        declared: Grade(grade),
        declared_by: DeclaredBy::Header,
        endpoint: "chat.completions".into(),
        handled: Handled::default(),
        inherited: Grade(0),
        inherits: Vec::new(),
        key: None,
        model: model.into(),
        permit: None,
        person: id(who),
        purpose: None,
        signals: Signals::default(),
        spent: Vec::new(),
        zone: String::new(),
    }
}

pub(crate) fn establish() -> Command {
    Command::EstablishOrganization(EstablishOrganization {
        organization: id("kakuu-sho"),
        name: "架空省".into(),
        sector: Sector::National,
        grades: None,
    })
}

pub(crate) fn join(who: &str, department: &str, post: &str) -> Command {
    Command::JoinPerson(JoinPerson { person: id(who), department: id(department), post: post.into() })
}

pub(crate) fn leave(who: &str) -> Command {
    Command::LeavePerson(LeavePerson { person: id(who) })
}

pub(crate) fn relocate(who: &str, department: &str) -> Command {
    Command::MovePerson(MovePerson { person: id(who), department: id(department), post: String::new() })
}

pub(crate) fn grant(who: &str, role: Role) -> Command {
    Command::GrantRole(GrantRole { person: id(who), role })
}

pub(crate) fn withdraw_role(who: &str, role: Role) -> Command {
    Command::WithdrawRole(WithdrawRole { person: id(who), role })
}

/// A key whose hash repeats a digit.
pub(crate) fn key(who: &str, digit: char) -> Command {
    Command::IssueKey(IssueKey { hash: sha(digit), person: id(who), permit: None, declared: None, valid_until: None })
}

pub(crate) fn enact(part: Part) -> Command {
    Command::EnactRegulation(Enactment { part, title: "利用規程".into(), version: "1".into(), document: sha('e') })
}

/// What `staff` applies for: 機密性2 for the department above, from today for four months.
pub(crate) fn draft(service: &str) -> Draft {
    let terms = [(CLOUD, 'a'), (FREE, 'b')];
    Draft {
        services: [id(service)].into(),
        purpose: "答弁案の要約".into(),
        users: UserRange { departments: [id("soumu")].into(), ..UserRange::default() },
        ceiling: Grade(1),
        from: day("2026-11-22"),
        until: day("2027-03-31"),
        risk_statement: "学習に使われないことを約款で確かめた".into(),
        terms_read: terms.into_iter().filter(|(s, _)| *s == service).map(|(s, digit)| (id(s), sha(digit))).collect(),
        risk: Some(RiskSheet { users: 1, work: 1, learning: 1, judgement: 0 }),
        liu_work_listed_low: false,
    }
}

pub(crate) fn submit(draft: Draft) -> Command {
    Command::SubmitApplication(draft)
}

pub(crate) fn approve(application: &ApplicationId) -> Command {
    approve_until(application, day("2027-03-31"))
}

pub(crate) fn approve_until(application: &ApplicationId, review_on: Date) -> Command {
    Command::ApproveApplication(ApproveApplication {
        application: application.clone(),
        manager: id("manager"),
        conditions: vec!["出力は職員が確かめる".into()],
        review_on,
    })
}

pub(crate) fn refuse(application: &ApplicationId) -> Command {
    Command::RefuseApplication(RefuseApplication { application: application.clone() })
}

pub(crate) fn send_back(application: &ApplicationId) -> Command {
    Command::ReturnApplication(ReturnApplication { application: application.clone() })
}

pub(crate) fn withdraw(application: &ApplicationId) -> Command {
    Command::WithdrawApplication(WithdrawApplication { application: application.clone() })
}

pub(crate) fn resubmit(application: &ApplicationId, draft: Draft) -> Command {
    Command::ResubmitApplication(ResubmitApplication { application: application.clone(), draft })
}

pub(crate) fn decide_risk(application: &ApplicationId, accepted: bool) -> Command {
    Command::DecideRisk(DecideRisk { application: application.clone(), accepted })
}

pub(crate) fn suspend(permit: &PermitId) -> Command {
    Command::SuspendPermit(SuspendPermit { permit: permit.clone() })
}

pub(crate) fn reapprove(permit: &PermitId) -> Command {
    Command::ReapprovePermit(ReapprovePermit { permit: permit.clone() })
}

pub(crate) fn revoke(permit: &PermitId) -> Command {
    Command::RevokePermit(RevokePermit { permit: permit.clone() })
}

pub(crate) fn met(permit: &PermitId, code: &str, until: &str) -> Command {
    Command::MeetCondition(MeetCondition { permit: permit.clone(), code: code.into(), until: day(until) })
}

pub(crate) fn terms(service: &str, digit: char) -> Command {
    Command::ChangeTerms(ChangeTerms { service: id(service), terms: terms_of(service, digit) })
}

pub(crate) fn terms_of(service: &str, digit: char) -> Terms {
    Terms { url: format!("https://{service}.example.com/terms"), sha256: sha(digit) }
}

pub(crate) fn advisory(service: &str, title: &str) -> Command {
    Command::OpenAdvisory(OpenAdvisory { service: id(service), advisory: title.into() })
}

pub(crate) fn status(status: ListStatus, on: &str) -> Command {
    Command::ChangeRegistrationStatus(ChangeRegistrationStatus { number: NUMBER.into(), status, on: day(on) })
}

pub(crate) fn renewal(on: &str) -> Command {
    Command::FileRenewal(FileRenewal { number: NUMBER.into(), on: day(on) })
}

/// 個別契約 with an ISMAP registration; its model is `kakuu-chat`.
pub(crate) fn cloud() -> Service {
    Service {
        form: ProvisionForm::IndividualContract,
        ismap: Some(NUMBER.into()),
        ..service(CLOUD, "kakuu-chat", Some(terms_of(CLOUD, 'a')))
    }
}

/// 約款型; its model is `kakuu-open`.
pub(crate) fn free() -> Service {
    service(FREE, "kakuu-open", Some(terms_of(FREE, 'b')))
}

/// 自組織運用; its model is `kakuu-local`.
pub(crate) fn own() -> Service {
    Service {
        form: ProvisionForm::SelfOperated,
        hosting_route: "on-premises".into(),
        upstream: Upstream {
            wire: Wire::OpenAi,
            base_url: "http://10.0.0.5:8000/v1".into(),
            secret: None,
            api_version: None,
        },
        ..service(OWN, "kakuu-local", None)
    }
}

pub(crate) fn service(name: &str, model: &str, terms: Option<Terms>) -> Service {
    Service {
        service: ServiceId::new(name).unwrap(),
        name: format!("架空のサービス {name}"),
        provider: "架空株式会社".into(),
        form: ProvisionForm::StandardTerms,
        terms,
        models: vec![Model {
            model: id(model),
            upstream_model: "upstream-1".into(),
            generative: true,
            sub_service: None,
        }],
        region: "jp".into(),
        governing_law: "JP".into(),
        hosting_route: "internet".into(),
        ismap: None,
        upstream: Upstream {
            wire: Wire::OpenAi,
            base_url: format!("https://{name}.example.com/v1"),
            secret: Some(name.into()),
            api_version: None,
        },
    }
}

/// The row on which the cloud service rests; its last day is 2027-01-31.
pub(crate) fn registration() -> Registration {
    Registration {
        csp_name: "架空株式会社".into(),
        scope: DeclaredScope { regions: ["jp".into()].into(), sub_services: [].into(), generative_ai: true },
        ..Registration::listed(
            NUMBER.into(),
            Scheme::Ismap,
            "架空クラウド".into(),
            day("2025-10-01"),
            day("2027-01-31"),
        )
    }
}

/// Everything the register answers, for comparisons.
pub(crate) fn picture(register: &Register) -> serde_json::Value {
    fn sorted<T: serde::Serialize>(all: impl Iterator<Item = T>) -> Vec<String> {
        let mut all: Vec<String> = all.map(|one| serde_json::to_string(&one).unwrap()).collect();
        all.sort();
        all
    }
    let services: Vec<_> = register.services().collect();
    let models = services.iter().flat_map(|s| &s.service.models).map(|m| {
        let owner = register.service_of_model(m.model.as_str()).map(|r| r.service.service.clone());
        (m.model.clone(), owner)
    });
    let on = services.iter().map(|s| {
        let permits: Vec<_> = register.permits_on(&s.service.service).map(|p| p.permit.clone()).collect();
        (s.service.service.clone(), permits)
    });
    let uses: Vec<_> = ["u-1", "u-2", "u-3"].iter().map(|u| register.content_access(&id(u))).collect();
    serde_json::json!({
        "position": register.position(),
        "organization": register.organization(),
        "departments": sorted(register.departments()),
        "persons": sorted(register.persons()),
        "keys": sorted(register.keys().map(|k| (k, register.key_by_hash(&k.hash).map(|k| k.key.clone())))),
        "regulation": register.regulation(),
        "rule_sets": sorted(register.rule_sets()),
        "services": &services,
        "models": sorted(models),
        "registrations": sorted(register.registrations()),
        "applications": sorted(register.applications()),
        "permits": sorted(register.permits()),
        "permits_on": sorted(on),
        "uses": uses,
        "ds920": format!("{:?}", register.ds920()),
    })
}
