//! What the pages show of the past follows from the events alone.

use crate::town::{CLOUD, OWN, Town, approve, day, draft, id, join, leave, resubmit, send_back, submit, terms};
use sekisho_domain::command::Command;
use sekisho_domain::decision::Outcome;
use sekisho_domain::grade::Grade;
use sekisho_domain::history::Deed;
use sekisho_domain::permit::UserRange;
use sekisho_domain::person::Role;
use sekisho_domain::rehearsal::rehearse;

fn labels(town: &Town, application: &sekisho_domain::id::ApplicationId) -> Vec<&'static str> {
    town.register.application(application).unwrap().history.iter().map(|step| step.deed.label()).collect()
}

#[test]
fn an_application_remembers_each_step_with_its_reason_and_its_earlier_content() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(CLOUD));
    town.does("approver", send_back(&application));
    let mut better = draft(CLOUD);
    better.purpose = "もっと狭い業務".into();
    town.does("staff", resubmit(&application, better));
    town.does("approver", approve(&application));
    assert_eq!(labels(&town, &application), ["提出", "差戻し", "再提出", "承認"]);
    let known = town.register.application(&application).unwrap();
    assert!(matches!(&known.history[2].deed, Deed::Resubmitted { before } if before.purpose == draft(CLOUD).purpose));
    assert_eq!((&known.history[0].by, &known.history[1].by), (&id("staff"), &id("approver")));
    assert!(known.history.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert!(town.register.applications_of(&id("staff")).any(|a| a.application == application));
    assert!(town.register.applications_for(&id(CLOUD)).any(|a| a.application == application));
}

#[test]
fn the_same_name_makes_no_second_application() {
    let mut town = Town::ready();
    let application = town.apply_for(draft(OWN));
    let fresh = application.as_str().strip_prefix("ap-").unwrap().to_owned();
    let occasion = sekisho_domain::command::Occasion {
        actor: sekisho_domain::command::Actor::Person(id("staff")),
        at: "2026-11-22T03:00:00Z".parse().unwrap(),
        reason: String::new(),
        documents: vec![],
        fresh,
    };
    let refusal = sekisho_domain::command::decide(&town.register, &occasion, submit(draft(OWN))).unwrap_err();
    assert_eq!(refusal.code, "EXISTS");
}

#[test]
fn people_are_counted_as_they_come_and_go_and_nobody_twice() {
    let mut town = Town::ready();
    let counted = |town: &Town, range: &UserRange| {
        let walked = town.register.persons().filter(|p| p.active && town.register.in_range(range, p)).count();
        assert_eq!(town.register.covers(range), walked, "{range:?}");
        walked
    };
    let staff = town.register.person(&id("staff")).unwrap().clone();
    let mut range = UserRange { departments: [staff.department.clone()].into(), ..UserRange::default() };
    let before = counted(&town, &range);
    town.does("admin", join("newcomer", staff.department.as_str(), "kakaricho"));
    assert_eq!(counted(&town, &range), before + 1);
    range.people = [id("newcomer"), id("staff"), id("approver")].into();
    range.posts = ["kakaricho".to_owned()].into();
    counted(&town, &range);
    let all = town.register.active_people();
    town.does("admin", leave("newcomer"));
    counted(&town, &range);
    assert_eq!(town.register.active_people(), all - 1);
    let holders: Vec<_> = town.register.holders(Role::Approver).cloned().collect();
    assert!(holders.contains(&id("approver")) && holders.iter().all(|p| town.register.holds(p, Role::Approver)));
}

#[test]
fn a_rehearsal_says_what_the_gate_would_say_and_leaves_no_trace() {
    let mut town = Town::ready();
    let at = "2026-11-22T03:00:00Z".parse().unwrap();
    let position = town.register.position();
    let mut wanted = draft(crate::town::FREE);
    wanted.ceiling = Grade(1);
    let said = rehearse(&town.register, &id("staff"), &wanted, None, at);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].decision.outcome, Outcome::Deny);
    assert!(said[0].decision.reasons.iter().any(|reason| reason.code == "STANDARD_TERMS"), "{said:?}");
    // A period that begins later is asked about on its first day.
    let mut later = draft(CLOUD);
    later.from = day("2027-01-10");
    let said = rehearse(&town.register, &id("staff"), &later, None, at);
    assert!(said[0].decision.reasons.iter().all(|reason| reason.code != "NO_APPROVAL"), "{said:?}");
    assert_eq!((town.register.position(), town.register.applications().count()), (position, 0));
    let application = town.apply_for(draft(CLOUD));
    town.does("approver", approve(&application));
    town.does("manager", terms(CLOUD, '9'));
    let permit = town.register.permits().next().unwrap();
    assert!(matches!(&permit.history[1].deed, Deed::Suspended { changes } if changes[0].what == "約款・提供条件"));
    let record = town.register.service(&id(CLOUD)).unwrap();
    assert_eq!(record.history.last().unwrap().deed.label(), "約款・提供条件の変更");
    let _: Option<Command> = None;
}
