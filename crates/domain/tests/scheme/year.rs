//! 架空の制度: an operator with committee and review, two providers, two audit firms and a body that procures, in which
//! commands are given and their entries folded, from the first rule document to a registration.

use crate::steps::*;
use jiff::Timestamp;
use jiff::civil::Date;
use sekisho_domain::command::*;
use sekisho_domain::entry::Governance;
use sekisho_domain::event::Event;
use sekisho_domain::ismap::committee::{MeetingStep, Outcome};
use sekisho_domain::ismap::engagement::{EngagementKind, EngagementStep, Reported};
use sekisho_domain::ismap::filing::FilingStep;
use sekisho_domain::ismap::firm::FirmStep;
use sekisho_domain::ismap::party::{PartyKind, SchemeRole};
use sekisho_domain::ismap::scheme::Scheme as Records;
use sekisho_domain::ismap::{Registration, RegistrationState};
use sekisho_domain::organization::{Department, Sector};
use sekisho_domain::person::Role;
use sekisho_domain::refusal::Refusal;
use sekisho_domain::register::Register;
use std::sync::LazyLock;

/// The scheme with the clock and the entries that made it.
#[derive(Clone)]
pub(crate) struct Land {
    pub(crate) register: Register,
    pub(crate) entries: Vec<Governance>,
    pub(crate) now: Timestamp,
    given: u32,
}

impl Land {
    /// The body with its people, who act for nobody yet. It is noon in Japan on 2025-03-01.
    pub(crate) fn empty() -> Self {
        static EMPTY: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land {
                register: Register::default(),
                entries: Vec::new(),
                now: "2025-03-01T03:00:00Z".parse().unwrap(),
                given: 0,
            };
            let first = |land: &mut Land, command| land.give(Actor::Installation, command).unwrap();
            first(
                &mut land,
                Command::EstablishOrganization(EstablishOrganization {
                    organization: id("kakuu-sho"),
                    name: "架空省".into(),
                    sector: Sector::National,
                    grades: None,
                }),
            );
            first(&mut land, Command::PlaceDepartment(Department { department: id("kanbo"), parent: None }));
            let people = PEOPLE.iter().map(|(who, _, _)| *who);
            for who in people.chain(["admin", "manager", "caio", "staff", "newcomer", "newcomer-2"]) {
                let join = JoinPerson { person: id(who), department: id("kanbo"), post: String::new() };
                first(&mut land, Command::JoinPerson(join));
            }
            for (who, role) in [("admin", Role::Administrator), ("manager", Role::ServiceManager)] {
                first(&mut land, Command::GrantRole(GrantRole { person: id(who), role }));
            }
            land
        });
        EMPTY.clone()
    }

    /// The parties with their people and services, a rule document, a version of the criteria.
    pub(crate) fn founded() -> Self {
        static FOUNDED: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land::empty();
            for (name, kind, number) in [
                ("unei", PartyKind::Operator, String::new()),
                ("kumo", PartyKind::Csp, corporate("100000000001")),
                ("sora", PartyKind::Csp, corporate("100000000002")),
                ("kansa", PartyKind::AuditFirm, corporate("100000000003")),
                ("tenken", PartyKind::AuditFirm, corporate("100000000004")),
                ("chotatsu", PartyKind::ProcuringBody, String::new()),
            ] {
                land.does("admin", enter(name, kind, &format!("架空の{name}"), &number));
            }
            for (who, of, role) in PEOPLE {
                land.does("admin", admit(of, who, role));
            }
            land.does("kumo-head", offer("kumo", "kumo-drive", "架空ドライブ"));
            land.does("sora-head", offer("sora", "sora-mail", "架空メール"));
            land.does("sec", record_rule("kitei", "架空登録規則", "2020-04-01"));
            land.does("sec", adopt("kijun-1", "第1版"));
            land
        });
        FOUNDED.clone()
    }

    /// Both firms are registered from 2025-03-20 to 2027-03-19.
    pub(crate) fn with_firms() -> Self {
        static WITH_FIRMS: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land::founded();
            land.convene("kai-0", "2025-03-20");
            for name in ["kansa", "tenken"] {
                land.firm_to_docket(name, "kai-0");
            }
            land.on("2025-03-20").opens("kai-0", &["m1", "m2", "m3"]);
            for name in ["kansa", "tenken"] {
                land.does("sec", decide_on("kai-0", of_firm(name), Outcome::Register { number: None }, 3));
            }
            land.closes("kai-0");
            land
        });
        WITH_FIRMS.clone()
    }

    /// `kumo` has signed a statement on 2025-04-01 to 2025-12-31; it is 2026-01-05.
    pub(crate) fn signed() -> Self {
        static SIGNED: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land::with_firms();
            land.on("2026-01-05").states("kumo", "s-1", "2025-04-01", "2025-12-31", None);
            land
        });
        SIGNED.clone()
    }

    /// `kansa` has reported on it as `e-1`; it is 2026-02-20.
    pub(crate) fn audited() -> Self {
        static AUDITED: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land::signed();
            land.contracts("e-1", "kansa", "s-1", EngagementKind::Initial);
            land.works("e-1");
            land.on("2026-02-20").reports("e-1");
            land
        });
        AUDITED.clone()
    }

    /// `kumo` has filed for a registration as `f-1` on 2026-03-02.
    pub(crate) fn filed() -> Self {
        static FILED: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land::audited();
            land.on("2026-03-02").does("kumo-staff", draft_filing("f-1", form()));
            land.does("kumo-staff", filing("f-1", FilingStep::File));
            land
        });
        FILED.clone()
    }

    /// The application was received, reviewed and docketed for `kai-1` on 2026-04-20.
    pub(crate) fn docketed() -> Self {
        static DOCKETED: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land::filed();
            land.convene("kai-1", "2026-04-20");
            land.reviewed("f-1");
            land.does("sec", filing("f-1", FilingStep::Docket { meeting: id("kai-1") }));
            land
        });
        DOCKETED.clone()
    }

    /// The committee has registered `kumo-drive` as KAKUU-0001 until 2027-04-30.
    pub(crate) fn registered() -> Self {
        static REGISTERED: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land::docketed();
            land.on("2026-04-20").opens("kai-1", &["m1", "m2", "m3"]);
            let number = Some(NUMBER.to_owned());
            land.does("sec", decide_on("kai-1", of_filing("f-1"), Outcome::Register { number }, 3));
            land.closes("kai-1");
            land
        });
        REGISTERED.clone()
    }

    /// Next year's statement `s-2` is audited by `kansa` as `e-2`, and `f-2` is drafted; it is 2027-02-20.
    pub(crate) fn before_renewal() -> Self {
        static BEFORE: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land::registered();
            land.on("2027-01-05").states("kumo", "s-2", "2026-01-01", "2026-12-31", Some("s-1"));
            land.contracts("e-2", "kansa", "s-2", EngagementKind::Renewal);
            land.works("e-2");
            land.on("2027-02-20").reports("e-2");
            land.does("kumo-staff", draft_filing("f-2", renewal_form()));
            land
        });
        BEFORE.clone()
    }

    /// The renewal was filed on 2027-04-10; the registration runs until 2027-04-30.
    pub(crate) fn renewing() -> Self {
        static RENEWING: LazyLock<Land> = LazyLock::new(|| {
            let mut land = Land::before_renewal();
            land.on(ON_TIME).does("kumo-staff", filing("f-2", FilingStep::File));
            land
        });
        RENEWING.clone()
    }

    /// Gives a command; what is decided is folded. Holds every decision to what must be true of all of them.
    pub(crate) fn give(&mut self, actor: Actor, command: Command) -> Result<Vec<Event>, Refusal> {
        self.given += 1;
        let occasion = Occasion {
            actor,
            at: self.now,
            reason: "業務のため".into(),
            documents: Vec::new(),
            fresh: format!("{:05}", self.given),
        };
        let entries = decide(&self.register, &occasion, command.clone()).inspect_err(|refusal| {
            assert!(!refusal.ja.is_ascii() && !refusal.en.is_empty(), "{refusal:?}");
        })?;
        assert!(!entries.is_empty(), "`{}` was decided into nothing", command.name());
        for entry in &entries {
            self.register.apply(self.entries.len() as u64, entry).expect("what is decided folds");
            self.entries.push(entry.clone());
        }
        Ok(entries.into_iter().map(|e| e.event).collect())
    }

    /// Somebody gives a command, whatever comes of it.
    pub(crate) fn tries(&mut self, who: &str, command: Command) -> Result<Vec<Event>, Refusal> {
        self.give(Actor::Person(id(who)), command)
    }

    /// Somebody gives a command that must be decided.
    pub(crate) fn does(&mut self, who: &str, command: Command) -> Vec<Event> {
        let told = format!("{command:?}");
        self.tries(who, command).unwrap_or_else(|refusal| panic!("{who}: {refusal:?}\n{told}"))
    }

    /// Somebody gives a command that must be refused, with this code.
    pub(crate) fn refused(&mut self, who: &str, command: Command, code: &str) -> Refusal {
        let told = format!("{command:?}");
        let refusal = match self.tries(who, command) {
            Err(refusal) => refusal,
            Ok(_) => panic!("{who}: must be refused with {code}\n{told}"),
        };
        assert_eq!(refusal.code, code, "{refusal:?}\n{told}");
        refusal
    }

    /// Each of these people is refused for want of a role.
    pub(crate) fn not_for(&mut self, people: &[&str], command: &Command) {
        for who in people {
            self.refused(who, command.clone(), "NOT_ALLOWED");
        }
    }

    /// Lets time pass to noon in Japan on a day.
    pub(crate) fn on(&mut self, text: &str) -> &mut Self {
        self.now = format!("{text}T12:00:00+09:00").parse().unwrap();
        self
    }

    pub(crate) fn today(&self) -> Date {
        sekisho_domain::day::in_japan(self.now)
    }

    pub(crate) fn scheme(&self) -> &Records {
        self.register.scheme()
    }

    pub(crate) fn row(&self) -> &Registration {
        self.register.registration(NUMBER).unwrap()
    }

    /// State of KAKUU-0001 today.
    pub(crate) fn state(&self) -> RegistrationState {
        self.row().state_on(self.today())
    }

    pub(crate) fn convene(&mut self, meeting: &str, on: &str) {
        self.does("sec", crate::steps::meeting(meeting, MeetingStep::Convene { day: day(on), quorum: 2 }));
    }

    pub(crate) fn opens(&mut self, meeting: &str, present: &[&str]) {
        let present = present.iter().map(|p| id(p)).collect();
        self.does("sec", crate::steps::meeting(meeting, MeetingStep::Open { present }));
    }

    pub(crate) fn closes(&mut self, meeting: &str) {
        let minutes = MeetingStep::Minutes { number: format!("第{meeting}号"), sha256: sha('f') };
        self.does("sec", crate::steps::meeting(meeting, minutes));
    }

    /// A firm's application up to its docket.
    pub(crate) fn firm_to_docket(&mut self, name: &str, meeting: &str) {
        let exec = exec_of(name);
        self.does(exec, firm(name, FirmStep::Draft { form: firm_form(name) }));
        self.does(exec, firm(name, FirmStep::Submit));
        self.does("recv", firm(name, FirmStep::Screen));
        self.does("sec", firm(name, FirmStep::Docket { meeting: id(meeting) }));
    }

    /// A statement is drafted, validated and signed.
    pub(crate) fn states(&mut self, party: &str, name: &str, from: &str, to: &str, previous: Option<&str>) {
        let (staff, head) = (format!("{party}-staff"), format!("{party}-head"));
        self.does(&staff, draft_statement(party, name, from, to, previous));
        self.does(&staff, validate(name, from, to));
        self.does(&head, sign(name, from, to));
    }

    /// An audit is proposed, found independent and contracted.
    pub(crate) fn contracts(&mut self, name: &str, firm: &str, of: &str, kind: EngagementKind) {
        let party = self.scheme().statements.now(&id(of)).unwrap().party.clone();
        let exec = exec_of(firm);
        self.does(&format!("{party}-staff"), propose(name, firm, of, kind));
        self.does(exec, engagement(name, independent()));
        self.does(exec, engagement(name, EngagementStep::Contract));
    }

    /// A contracted audit is planned, begun and signed by both.
    pub(crate) fn works(&mut self, name: &str) {
        let (exec, lead) = self.leads(name);
        self.does(lead, engagement(name, plan()));
        self.does(lead, engagement(name, EngagementStep::Start));
        for who in [lead, exec] {
            let sha256 = self.report_of(name).sha256().to_owned();
            self.does(who, engagement(name, EngagementStep::SignOff { sha256 }));
        }
    }

    pub(crate) fn reports(&mut self, name: &str) {
        let (exec, _) = self.leads(name);
        let content = self.report_of(name);
        self.does(exec, engagement(name, EngagementStep::Report { content }));
    }

    /// The finished file of an audit of a statement as [`content`] has it.
    pub(crate) fn report_of(&self, name: &str) -> Reported {
        let of = &self.scheme().engagements.now(&id(name)).unwrap().statement;
        let stated = self.scheme().statements.now(of).unwrap();
        reported(stated.content.as_ref().unwrap().sha256(), &content_for(stated.from, stated.to))
    }

    fn leads(&self, name: &str) -> (&'static str, &'static str) {
        match self.scheme().engagements.now(&id(name)).unwrap().firm.as_str() {
            "kansa" => ("k-exec", "k-lead"),
            _ => ("t-exec", "t-lead"),
        }
    }

    /// A filed application is received by `recv` and reviewed by `rev`.
    pub(crate) fn reviewed(&mut self, name: &str) {
        self.accepted(name);
        self.does("rev", filing(name, FilingStep::StartReview));
        self.does("rev", filing(name, FilingStep::Review { basic_met: true, opinion: "満たす".into() }));
    }

    pub(crate) fn accepted(&mut self, name: &str) {
        self.does("recv", filing(name, FilingStep::CheckAcceptance));
        self.does("recv", filing(name, FilingStep::Accept));
    }
}

pub(crate) fn exec_of(firm: &str) -> &'static str {
    if firm == "kansa" { "k-exec" } else { "t-exec" }
}
