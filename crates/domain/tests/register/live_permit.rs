//! P7: no use without a live permit. Random stories of a ministry, told to the register and to a small model that knows
//! nothing of it: whatever the register allows, the model must have a permit for.

use crate::town::{
    CLOUD, FREE, NUMBER, OWN, Town, advisory, cloud, day, decide_risk, draft, free, grant, id, leave, met, own,
    permit_in, reapprove, refuse, registration, relocate, request, resubmit, revoke, send_back, sha, suspend, terms,
    terms_of, withdraw, withdraw_role,
};
use jiff::ToSpan;
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use sekisho_domain::command::{
    Actor, AdoptRules, ApproveApplication, ChangeRegistrationStatus, Command, FileRenewal, LiftAdvisory,
    RenewRegistration, WithdrawRules, WithdrawService,
};
use sekisho_domain::decision::PermitStanding;
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{ApplicationId, PermitId};
use sekisho_domain::ismap::ListStatus;
use sekisho_domain::organization::Department;
use sekisho_domain::permit::{Draft, RiskSheet, UserRange};
use sekisho_domain::person::Role;
use sekisho_domain::replay;
use sekisho_domain::service::Service;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: [&str; 10] =
    ["admin", "ciso", "approver", "approver-2", "manager", "caio", "auditor", "staff", "colleague", "outsider"];
const DEPARTMENTS: [&str; 4] = ["kanbo", "soumu", "jinji", "keizai"];
const SERVICES: [&str; 3] = [CLOUD, FREE, OWN];
const MODELS: [&str; 4] = ["kakuu-chat", "kakuu-open", "kakuu-local", "kakuu-none"];
const ROLES: [Role; 3] = [Role::Administrator, Role::Approver, Role::ServiceManager];

/// One thing that happens. Numbers choose among what there is at that moment.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Time(u16),
    Submit(Wish),
    Resubmit(Index, Wish),
    Withdraw(Index),
    /// The newest one when none is chosen.
    Approve(Option<Index>, u8),
    Refuse(Index),
    Return(Index),
    Risk(Index, bool),
    Suspend(Index),
    Reapprove(Index),
    Revoke(Index),
    Met(Index, u8),
    Terms(usize, char),
    Describe(usize, u8),
    Advisory(usize, bool),
    EndService(usize),
    Status(ListStatus),
    File(u8),
    Renew(u8),
    Row(u8),
    Leave(usize),
    Move(usize, usize),
    Role(usize, usize, bool),
    Place(usize, Option<usize>),
    Rules(u8),
    Use(Ask),
}

/// What an application asks for.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    services: u8,
    users: u8,
    ceiling: u8,
    starts: u8,
    lasts: u8,
    stale: bool,
    risk: u8,
    purpose: String,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    who: usize,
    model: usize,
    grades: [u8; 3],
    permit: Option<Index>,
    purpose: Option<Index>,
}

/// Any text, with what JSON and people find hard.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let hard = vec!['"', '\\', '\n', '\u{0}', '\u{1b}', '\u{7f}', '\u{2028}', '\u{feff}', '😀', '\u{10ffff}', '{'];
    vec(prop_oneof![any::<char>(), select(hard), select(vec!['要', '約', 'a'])], 0..12)
        .prop_map(|chars| chars.into_iter().collect())
}

fn wish() -> impl Strategy<Value = Wish> {
    (
        1u8..8,
        0u8..4,
        0u8..4,
        prop_oneof![3 => Just(0u8), 1 => 0u8..8],
        0u8..90,
        prop::bool::weighted(0.1),
        0u8..10,
        text(),
    )
        .prop_map(|(services, users, ceiling, starts, lasts, stale, risk, purpose)| Wish {
            services,
            users,
            ceiling,
            starts,
            lasts,
            stale,
            risk,
            purpose,
        })
}

fn ask() -> impl Strategy<Value = Ask> {
    let grade = || prop_oneof![8 => Just(0u8), 4 => Just(1), 1 => Just(2), 1 => any::<u8>()];
    let seldom = move || prop_oneof![6 => Just(0u8), 1 => grade()];
    (
        prop_oneof![3 => 7usize..10, 1 => 0usize..PEOPLE.len()],
        prop_oneof![12 => 0usize..3, 1 => Just(3)],
        (grade(), seldom(), seldom()),
        proptest::option::weighted(0.15, any::<Index>()),
        proptest::option::weighted(0.1, any::<Index>()),
    )
        .prop_map(|(who, model, (one, two, three), permit, purpose)| Ask {
            who,
            model,
            grades: [one, two, three],
            permit,
            purpose,
        })
}

/// A step and who takes it: most often the one whose task it is.
pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<(Option<usize>, Step)>> {
    let service = || 0usize..SERVICES.len();
    let index = any::<Index>;
    let states = vec![ListStatus::Listed, ListStatus::Listed, ListStatus::Suspended, ListStatus::Removed];
    let step = prop_oneof![
        5 => (0u16..120).prop_map(Step::Time),
        8 => wish().prop_map(Step::Submit),
        1 => (index(), wish()).prop_map(|(a, w)| Step::Resubmit(a, w)),
        1 => index().prop_map(Step::Withdraw),
        10 => (index(), 0u8..40).prop_map(|(a, d)| Step::Approve(Some(a), d)),
        1 => index().prop_map(Step::Refuse),
        2 => index().prop_map(Step::Return),
        1 => (index(), any::<bool>()).prop_map(|(a, b)| Step::Risk(a, b)),
        2 => index().prop_map(Step::Suspend),
        6 => index().prop_map(Step::Reapprove),
        1 => index().prop_map(Step::Revoke),
        1 => (index(), 0u8..30).prop_map(|(p, d)| Step::Met(p, d)),
        2 => (service(), select(vec!['a', 'b', 'c'])).prop_map(|(s, t)| Step::Terms(s, t)),
        3 => (service(), 0u8..8).prop_map(|(s, e)| Step::Describe(s, e)),
        2 => (service(), any::<bool>()).prop_map(|(s, b)| Step::Advisory(s, b)),
        1 => prop::bool::weighted(0.2).prop_flat_map(move |ends| {
            if ends { service().prop_map(Step::EndService).boxed() } else { Just(Step::Time(1)).boxed() }
        }),
        1 => select(states).prop_map(Step::Status),
        1 => (0u8..3).prop_map(Step::File),
        1 => (0u8..12).prop_map(Step::Renew),
        1 => (0u8..3).prop_map(Step::Row),
        1 => (0usize..PEOPLE.len()).prop_map(Step::Leave),
        3 => (0usize..PEOPLE.len(), 0usize..4).prop_map(|(p, d)| Step::Move(p, d)),
        2 => (0usize..PEOPLE.len(), 0usize..3, any::<bool>()).prop_map(|(p, r, b)| Step::Role(p, r, b)),
        1 => (0usize..4, proptest::option::of(0usize..4)).prop_map(|(d, above)| Step::Place(d, above)),
        1 => (0u8..24).prop_map(Step::Rules),
        40 => ask().prop_map(Step::Use),
    ];
    vec((proptest::option::weighted(0.15, 0usize..=PEOPLE.len()), step), 1..most)
}

/// What the model knows of a permit.
struct Pass {
    services: BTreeSet<&'static str>,
    users: u8,
    ceiling: u8,
    from: Date,
    until: Date,
    purpose: String,
    stopped: bool,
    dead: bool,
    /// What each service was like when an approver last looked.
    seen: BTreeMap<&'static str, String>,
}

/// What the model knows of a service.
#[derive(Clone)]
struct Shop {
    described: Service,
    warned: bool,
    ended: bool,
}

/// The ISMAP row in the model's own terms.
struct Row {
    status: ListStatus,
    until: Date,
    filed: bool,
}

struct Model {
    people: BTreeMap<&'static str, (&'static str, &'static str, bool)>,
    above: BTreeMap<&'static str, &'static str>,
    shops: BTreeMap<&'static str, Shop>,
    row: Row,
    /// What each application asks for, by its wish as it was on the day.
    asked: BTreeMap<ApplicationId, Pass>,
    passes: BTreeMap<PermitId, Pass>,
}

impl Model {
    fn of_the_ready_town() -> Self {
        let kanbo = |who| (who, ("kanbo", "", true));
        let mut people: BTreeMap<_, _> = PEOPLE.into_iter().map(kanbo).collect();
        people.insert("staff", ("jinji", "kakaricho", true));
        people.insert("colleague", ("soumu", "", true));
        people.insert("outsider", ("keizai", "kacho", true));
        let shop = |described| Shop { described, warned: false, ended: false };
        Self {
            people,
            above: [("soumu", "kanbo"), ("jinji", "soumu")].into(),
            shops: [(CLOUD, shop(cloud())), (FREE, shop(free())), (OWN, shop(own()))].into(),
            row: Row { status: ListStatus::Listed, until: day("2027-01-31"), filed: false },
            asked: BTreeMap::new(),
            passes: BTreeMap::new(),
        }
    }

    /// What an approver sees of a service, in one line.
    fn view(&self, service: &str, today: Date) -> String {
        let shop = &self.shops[service];
        let row = match (&shop.described.ismap, self.row.status) {
            (None, _) => "none",
            (Some(_), ListStatus::Suspended) => "suspended",
            (Some(_), ListStatus::Removed) => "removed",
            (Some(_), ListStatus::Listed) if today <= self.row.until => "listed",
            (Some(_), ListStatus::Listed) if self.row.filed => "continuing",
            (Some(_), ListStatus::Listed) => "expired",
        };
        let s = &shop.described;
        let terms = s.terms.as_ref().map(|t| &t.sha256);
        format!("{terms:?} {} {} {} {} {row}", s.region, s.governing_law, s.upstream.base_url, shop.warned)
    }

    fn wants(&self, wish: &Wish, today: Date) -> Pass {
        let from = today.checked_add(i32::from(wish.starts).days()).unwrap();
        Pass {
            services: chosen(wish),
            users: wish.users,
            ceiling: wish.ceiling,
            from,
            until: from.checked_add(i32::from(wish.lasts).days()).unwrap(),
            purpose: wish.purpose.clone(),
            stopped: false,
            dead: false,
            seen: BTreeMap::new(),
        }
    }

    fn standing(&self, pass: &Pass, today: Date) -> PermitStanding {
        if pass.dead {
            PermitStanding::Revoked
        } else if today > pass.until {
            PermitStanding::Expired
        } else if pass.stopped {
            PermitStanding::Suspended
        } else if today < pass.from {
            PermitStanding::NotYet
        } else {
            PermitStanding::Active
        }
    }

    fn covers(&self, users: u8, who: &str) -> bool {
        let (home, post, there) = self.people[who];
        let mut departments = vec![home];
        while let Some(above) = departments.last().and_then(|d| self.above.get(d)) {
            departments.push(above);
        }
        there
            && match users {
                0 => departments.contains(&"soumu"),
                1 => departments.contains(&"kanbo"),
                2 => who == "outsider",
                _ => post == "kakaricho",
            }
    }

    /// Permits on which this use could rest.
    fn lives(&self, ask: &Ask, named: Option<&PermitId>, purpose: Option<&String>, today: Date) -> bool {
        let Some(service) = SERVICES.get(ask.model).filter(|s| !self.shops[**s].ended) else { return false };
        let grade = ask.grades.into_iter().max().unwrap();
        self.passes.iter().any(|(id, pass)| {
            named.is_none_or(|named| named == id)
                && purpose.is_none_or(|purpose| *purpose == pass.purpose)
                && self.standing(pass, today) == PermitStanding::Active
                && pass.services.contains(service)
                && self.covers(pass.users, PEOPLE[ask.who])
                && grade <= pass.ceiling
        })
    }

    /// Stops what rests on these services as they are no longer.
    fn look_again(&mut self, services: &[&'static str], today: Date) -> BTreeSet<PermitId> {
        let now: BTreeMap<_, _> = services.iter().map(|s| (*s, self.view(s, today))).collect();
        let mut stopped = BTreeSet::new();
        for (id, pass) in &mut self.passes {
            let rests = !pass.dead && !pass.stopped && pass.until >= today;
            if rests && now.iter().any(|(s, view)| pass.seen.get(s).is_some_and(|seen| seen != view)) {
                pass.stopped = true;
                stopped.insert(id.clone());
            }
        }
        stopped
    }
}

fn chosen(wish: &Wish) -> BTreeSet<&'static str> {
    SERVICES.into_iter().enumerate().filter(|(at, _)| wish.services & (1 << at) != 0).map(|(_, s)| s).collect()
}

/// How often what came about, so that a story that proves nothing is noticed.
#[derive(Default)]
pub(crate) struct Tally {
    allowed: Cell<u32>,
    denied_though_live: Cell<u32>,
    refused: Cell<u32>,
    decided: Cell<u32>,
    stopped: Cell<u32>,
}

fn count(cell: &Cell<u32>, by: usize) {
    cell.set(cell.get() + u32::try_from(by).unwrap());
}

/// Every story begins with two permits for most people.
fn opening() -> Vec<(Option<usize>, Step)> {
    let wish = |services, purpose: &str| Wish {
        services,
        users: 1,
        ceiling: 1,
        starts: 0,
        lasts: 60,
        stale: false,
        risk: 9,
        purpose: purpose.into(),
    };
    [wish(0b101, "答弁案の要約"), wish(0b010, "翻訳")]
        .into_iter()
        .flat_map(|wish| [(None, Step::Submit(wish)), (None, Step::Approve(None, 0))])
        .collect()
}

/// Tells a story to the register and to the model, and compares them at every step.
pub(crate) fn tell(story: &[(Option<usize>, Step)], tally: &Tally) -> Town {
    let mut town = Town::ready();
    let mut model = Model::of_the_ready_town();
    for (actor, step) in opening().iter().chain(story) {
        let today = town.today();
        if let Step::Time(hours) = step {
            town.wait(*hours);
            continue;
        }
        if let Step::Use(ask) = step {
            uses(&town, &model, ask, tally);
            continue;
        }
        let Some((task_of, command)) = command(&town, step) else { continue };
        let actor = match actor {
            None => Actor::Person(id(task_of)),
            Some(at) => PEOPLE.get(*at).map_or(Actor::Installation, |who| Actor::Person(id(who))),
        };
        let Ok(events) = town.give(actor, command) else {
            count(&tally.refused, 1);
            continue;
        };
        count(&tally.decided, 1);
        let touched = follow(&mut model, step, &events, today);
        let expected = model.look_again(&touched, today);
        let stopped: BTreeSet<_> = events[1..]
            .iter()
            .map(|e| match e {
                Event::PermitSuspended(e) => e.permit.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(stopped, expected, "after {step:?}");
        count(&tally.stopped, stopped.len());
        for (id, pass) in &model.passes {
            assert_eq!(town.standing(id), model.standing(pass, today), "{id} after {step:?}");
        }
        assert_eq!(town.register.permits().count(), model.passes.len());
    }
    town
}

fn uses(town: &Town, model: &Model, ask: &Ask, tally: &Tally) {
    let permits: Vec<_> = model.passes.keys().collect();
    let named = ask.permit.filter(|_| !permits.is_empty()).map(|at| *at.get(&permits));
    let purpose = ask.purpose.filter(|_| !permits.is_empty()).map(|at| &model.passes[*at.get(&permits)].purpose);
    let mut request = request(town.now, PEOPLE[ask.who], MODELS[ask.model], ask.grades[0]);
    request.inherited = Grade(ask.grades[1]);
    request.signals.detected = Grade(ask.grades[2]);
    request.permit = named.cloned();
    request.purpose = purpose.cloned();
    let (considered, decision) = replay::decide(&town.register, &request);
    let live = model.lives(ask, named, purpose, town.today());
    if decision.is_allowed() {
        assert!(live, "allowed without a live permit: {request:?} {considered:?}");
        assert_eq!(replay::decide(&town.register, &request).1, decision);
        count(&tally.allowed, 1);
    } else if live {
        // Something else stands against it, and says so.
        let about_the_permit = ["NO_APPROVAL", "PERMIT_SUSPENDED", "USER_RANGE", "GRADE_CEILING", "NOT_CATALOGUED"];
        for reason in &decision.reasons {
            assert!(!about_the_permit.contains(&reason.code.as_str()), "{request:?} {reason:?}");
        }
        count(&tally.denied_though_live, 1);
    }
}

/// The command of a step, and whose task it is. None when there is nothing yet to choose from.
fn command(town: &Town, step: &Step) -> Option<(&'static str, Command)> {
    let today = town.today();
    let in_days = |days: u8| today.checked_add(i32::from(days).days()).unwrap();
    let applications = || {
        let mut ids: Vec<_> = town.register.applications().map(|a| a.application.clone()).collect();
        // The newest first: proptest's small numbers then mean what is still open.
        ids.sort_by(|a, b| b.cmp(a));
        ids.truncate(4);
        ids
    };
    let permits = || {
        let mut ids: Vec<_> = town.register.permits().map(|p| p.permit.clone()).collect();
        ids.sort();
        ids
    };
    let application = |at: &Index| (!applications().is_empty()).then(|| at.get(&applications()).clone());
    let permit = |at: &Index| (!permits().is_empty()).then(|| at.get(&permits()).clone());
    let service = |at: usize| town.register.service(&id(SERVICES[at])).unwrap().service.clone();
    Some(match step {
        Step::Time(_) | Step::Use(_) => return None,
        Step::Submit(wish) => ("staff", Command::SubmitApplication(drafted(town, wish))),
        Step::Resubmit(at, wish) => ("staff", resubmit(&application(at)?, drafted(town, wish))),
        Step::Withdraw(at) => ("staff", withdraw(&application(at)?)),
        Step::Approve(at, review) => (
            "approver",
            Command::ApproveApplication(ApproveApplication {
                application: at.as_ref().map_or_else(|| applications().first().cloned(), application)?,
                manager: id("manager"),
                conditions: vec![],
                // Mostly today, which any period contains.
                review_on: in_days(review.saturating_sub(36)),
            }),
        ),
        Step::Refuse(at) => ("approver", refuse(&application(at)?)),
        Step::Return(at) => ("approver-2", send_back(&application(at)?)),
        Step::Risk(at, accepted) => ("caio", decide_risk(&application(at)?, *accepted)),
        Step::Suspend(at) => ("ciso", suspend(&permit(at)?)),
        Step::Reapprove(at) => ("approver", reapprove(&permit(at)?)),
        Step::Revoke(at) => ("ciso", revoke(&permit(at)?)),
        Step::Met(at, days) => ("approver", met(&permit(at)?, "ADVISORY_OPEN", &in_days(*days).to_string())),
        Step::Terms(at, digit) => ("manager", terms(SERVICES[*at], *digit)),
        Step::Describe(at, edit) => {
            let mut service = service(*at);
            let other = |text: &str, one: &str, two: &str| if text == one { two.to_owned() } else { one.to_owned() };
            match edit {
                0 => service.region = other(&service.region, "jp", "us"),
                1 => service.governing_law = other(&service.governing_law, "JP", "US"),
                2 => {
                    let (one, two) = ("https://a.example.com/v1", "https://b.example.com/v1");
                    service.upstream.base_url = other(&service.upstream.base_url, one, two);
                }
                3 => service.terms = service.terms.map(|_| terms_of(SERVICES[*at], 'c')),
                4 => service.ismap = if service.ismap.is_some() { None } else { Some(NUMBER.into()) },
                _ => service.name = format!("名前{edit}"),
            }
            ("manager", Command::ChangeService(service))
        }
        Step::Advisory(at, true) => ("manager", advisory(SERVICES[*at], "注意")),
        Step::Advisory(at, false) => {
            ("manager", Command::LiftAdvisory(LiftAdvisory { service: id(SERVICES[*at]), advisory: "注意".into() }))
        }
        Step::EndService(at) => ("manager", Command::WithdrawService(WithdrawService { service: id(SERVICES[*at]) })),
        Step::Status(status) => (
            "manager",
            Command::ChangeRegistrationStatus(ChangeRegistrationStatus {
                number: NUMBER.into(),
                status: *status,
                on: today,
            }),
        ),
        Step::File(before) => {
            let on = today.checked_sub(i32::from(*before).days()).unwrap();
            ("manager", Command::FileRenewal(FileRenewal { number: NUMBER.into(), on }))
        }
        Step::Renew(weeks) => {
            let now = town.register.registration(NUMBER).unwrap().valid_until;
            let valid_until = now.checked_add(i32::from(*weeks).weeks()).unwrap();
            ("manager", Command::RenewRegistration(RenewRegistration { number: NUMBER.into(), valid_until }))
        }
        Step::Row(which) => {
            let mut row = registration();
            row.status = [ListStatus::Listed, ListStatus::Listed, ListStatus::Suspended][usize::from(*which)];
            ("manager", Command::RecordRegistration(row))
        }
        Step::Leave(who) => ("admin", leave(PEOPLE[*who])),
        Step::Move(who, to) => ("admin", relocate(PEOPLE[*who], DEPARTMENTS[*to])),
        Step::Role(who, role, true) => ("admin", grant(PEOPLE[*who], ROLES[*role])),
        Step::Role(who, role, false) => ("admin", withdraw_role(PEOPLE[*who], ROLES[*role])),
        Step::Place(which, above) => (
            "admin",
            Command::PlaceDepartment(Department {
                department: id(DEPARTMENTS[*which]),
                parent: above.map(|at| id(DEPARTMENTS[at])),
            }),
        ),
        Step::Rules(which) => {
            let rule_set = |name: &str| Command::WithdrawRules(WithdrawRules { rule_set: id(name) });
            let everything = "// id: kakuu\n// title: 題\n// edition: 1\n// applies_to: both\n@id(\"K\")\n\
                 @title(\"題\")\n@document(\"規程\")\n@edition(\"1\")\n@clause(\"1条\")\n@evidence(\"D\")\n\
                 permit (principal, action, resource);\n";
            let command = match which {
                0 => Command::AdoptRules(AdoptRules { rule_set: id("kakuu"), text: Some(everything.into()) }),
                1 => rule_set("toitsu-r3"),
                2 => rule_set("ismap"),
                3 => rule_set("ds-920"),
                _ => rule_set("base"),
            };
            ("ciso", command)
        }
    })
}

fn drafted(town: &Town, wish: &Wish) -> Draft {
    let from = town.today().checked_add(i32::from(wish.starts).days()).unwrap();
    let services = chosen(wish);
    let read = services.iter().filter_map(|s| {
        let current = town.register.service(&id(s))?.service.terms.as_ref()?.sha256.clone();
        Some((id(s), if wish.stale { sha('9') } else { current }))
    });
    Draft {
        terms_read: read.collect(),
        services: services.iter().map(|s| id(s)).collect(),
        purpose: wish.purpose.clone(),
        users: match wish.users {
            0 => UserRange { departments: [id("soumu")].into(), ..UserRange::default() },
            1 => UserRange { departments: [id("kanbo")].into(), ..UserRange::default() },
            2 => UserRange { people: [id("outsider")].into(), ..UserRange::default() },
            _ => UserRange { posts: ["kakaricho".into()].into(), ..UserRange::default() },
        },
        ceiling: Grade(wish.ceiling),
        from,
        until: from.checked_add(i32::from(wish.lasts).days()).unwrap(),
        risk: match wish.risk {
            0 => None,
            1 => Some(RiskSheet { users: 3, work: 0, learning: 0, judgement: 0 }),
            _ => Some(RiskSheet { users: 1, work: 1, learning: 1, judgement: 1 }),
        },
        ..draft(CLOUD)
    }
}

/// The model takes up what was decided, from the step alone; events give it new identifiers and nothing else.
/// Answers which services an approver would want to look at again.
fn follow(model: &mut Model, step: &Step, events: &[Event], today: Date) -> Vec<&'static str> {
    let view = |model: &Model, pass: &Pass| pass.services.iter().map(|s| (*s, model.view(s, today))).collect();
    let on_the_row = |model: &Model| -> Vec<&'static str> {
        SERVICES.into_iter().filter(|s| model.shops[s].described.ismap.is_some()).collect()
    };
    match (step, &events[0]) {
        (Step::Submit(wish) | Step::Resubmit(_, wish), event) => {
            let application = match event {
                Event::ApplicationSubmitted(e) => &e.application,
                Event::ApplicationResubmitted(e) => &e.application,
                other => panic!("{other:?}"),
            };
            model.asked.insert(application.clone(), model.wants(wish, today));
        }
        (Step::Approve(..), Event::ApplicationApproved(e)) => {
            // Removed: an application becomes one permit and never a second.
            let mut pass = model.asked.remove(&e.application).expect("approved twice");
            pass.seen = view(model, &pass);
            assert!(model.passes.insert(permit_in(events), pass).is_none());
        }
        (Step::Withdraw(_), Event::ApplicationWithdrawn(e)) => drop(model.asked.remove(&e.application)),
        (Step::Refuse(_), Event::ApplicationRefused(e)) => drop(model.asked.remove(&e.application)),
        (Step::Suspend(_), Event::PermitSuspended(e)) => model.passes.get_mut(&e.permit).unwrap().stopped = true,
        (Step::Revoke(_), Event::PermitRevoked(e)) => model.passes.get_mut(&e.permit).unwrap().dead = true,
        (Step::Reapprove(_), Event::PermitReapproved(e)) => {
            let seen = view(model, &model.passes[&e.permit]);
            let pass = model.passes.get_mut(&e.permit).unwrap();
            assert!(pass.stopped && !pass.dead && pass.until >= today);
            (pass.stopped, pass.seen) = (false, seen);
        }
        (Step::Terms(at, digit), _) => {
            let shop = model.shops.get_mut(SERVICES[*at]).unwrap();
            shop.described.terms = Some(terms_of(SERVICES[*at], *digit));
            return vec![SERVICES[*at]];
        }
        (Step::Describe(at, _), Event::ServiceChanged(described)) => {
            model.shops.get_mut(SERVICES[*at]).unwrap().described = described.clone();
            return vec![SERVICES[*at]];
        }
        (Step::Advisory(at, open), _) => {
            model.shops.get_mut(SERVICES[*at]).unwrap().warned = *open;
            return vec![SERVICES[*at]];
        }
        (Step::EndService(at), _) => {
            model.shops.get_mut(SERVICES[*at]).unwrap().ended = true;
            return vec![SERVICES[*at]];
        }
        (Step::Status(status), _) => {
            model.row.status = *status;
            return on_the_row(model);
        }
        (Step::File(_), _) => {
            model.row.filed = true;
            return on_the_row(model);
        }
        (Step::Renew(weeks), _) => {
            model.row.until = model.row.until.checked_add(i32::from(*weeks).weeks()).unwrap();
            model.row.filed = false;
            return on_the_row(model);
        }
        (Step::Row(which), _) => {
            model.row.status = if *which == 2 { ListStatus::Suspended } else { ListStatus::Listed };
            let until = registration().valid_until;
            model.row.filed &= until == model.row.until;
            model.row.until = until;
            return on_the_row(model);
        }
        (Step::Leave(who), _) => model.people.get_mut(PEOPLE[*who]).unwrap().2 = false,
        (Step::Move(who, to), _) => {
            *model.people.get_mut(PEOPLE[*who]).unwrap() = (DEPARTMENTS[*to], "", true);
        }
        (Step::Place(which, above), _) => {
            model.above.remove(DEPARTMENTS[*which]);
            if let Some(above) = above {
                model.above.insert(DEPARTMENTS[*which], DEPARTMENTS[*above]);
            }
        }
        (Step::Return(_) | Step::Risk(..) | Step::Met(..) | Step::Role(..) | Step::Rules(_), _) => {}
        (step, event) => panic!("{step:?} became {event:?}"),
    }
    vec![]
}

#[test]
fn no_use_is_ever_allowed_without_a_live_permit() {
    let tally = Tally::default();
    let mut runner =
        TestRunner::new(Config { cases: 320, max_shrink_iters: 600, failure_persistence: None, ..Config::default() });
    runner
        .run(&steps(160), |story| {
            tell(&story, &tally);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    let figures = [&tally.allowed, &tally.denied_though_live, &tally.refused, &tally.decided, &tally.stopped];
    let figures = figures.map(Cell::get);
    println!("allowed, denied though live, refused, decided, stopped: {figures:?}");
    let enough = [600, 100, 1_000, 3_000, 200];
    assert!(figures.iter().zip(enough).all(|(got, least)| *got >= least), "the stories prove too little: {figures:?}");
}
