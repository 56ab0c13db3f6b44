//! リスクケース: reported by anybody, taken up, brought to the CAIO, closed when all is done; what it keeps is not erased.

use crate::town::{Town, day, id};
use sekisho_domain::command::{Command, EraseContent, SetRiskClocks, StepRiskCase};
use sekisho_domain::decision::Evidence;
use sekisho_domain::ds920::clock::{Clock, Due};
use sekisho_domain::ds920::risk_case::{CaseKind, CaseState, CaseStep, ToldTo};
use sekisho_domain::event::Event;
use sekisho_domain::id::CaseId;
use sekisho_domain::refusal::Refusal;

fn note() -> String {
    "出力を止め、関係者に知らせた".into()
}

fn report(kind: CaseKind, known_at: &str, uses: &[&str]) -> Command {
    Command::StepRiskCase(StepRiskCase {
        case: None,
        step: CaseStep::Report {
            kind,
            known_at: known_at.parse().unwrap(),
            summary: "氏名の入った回答を外に出した".into(),
            impact: String::new(),
            service: None,
            uses: uses.iter().map(|of| id(of)).collect(),
        },
    })
}

fn step(case: &CaseId, step: CaseStep) -> Command {
    Command::StepRiskCase(StepRiskCase { case: Some(case.clone()), step })
}

fn begun(town: &mut Town, kind: CaseKind, uses: &[&str]) -> CaseId {
    match town.does("staff", report(kind, "2026-11-22T00:00:00Z", uses)).remove(0) {
        Event::RiskCaseStepped(e) => e.case,
        other => panic!("{other:?}"),
    }
}

fn erase(town: &mut Town, of: &str) -> Result<Vec<Event>, Refusal> {
    town.tries("ciso", Command::EraseContent(EraseContent { of: id(of), made: None }))
}

#[test]
fn from_the_report_of_a_member_of_staff_to_the_close_by_the_caio() {
    let mut town = Town::ready();
    let case = begun(&mut town, CaseKind::WrongAnswer, &[]);
    let state = |town: &Town| town.register.ds920().case(&case).unwrap().state;
    assert_eq!(state(&town), CaseState::Reported);
    for who in ["staff", "approver", "auditor"] {
        town.refused(who, step(&case, CaseStep::Receive { note: note() }), "NOT_ALLOWED");
    }
    town.does("manager", step(&case, CaseStep::Receive { note: note() }));
    town.refused("manager", step(&case, CaseStep::Receive { note: note() }), "WRONG_STATE");
    town.does("manager", step(&case, CaseStep::Contain { note: note() }));
    assert_eq!(state(&town), CaseState::Received);
    town.refused("caio", step(&case, CaseStep::Close { note: note() }), "WRONG_STATE");
    town.does("manager", step(&case, CaseStep::Refer { note: note() }));
    assert_eq!(state(&town), CaseState::WithCaio);
    // Told outside only by the CAIO or the CISO, on a day between knowing and today.
    let notify = |on: &str| CaseStep::Notify {
        to: ToldTo::DigitalAgency,
        report: Due::Preliminary,
        on: day(on),
        reference: "架空第12号".into(),
    };
    town.refused("manager", step(&case, notify("2026-11-22")), "NOT_ALLOWED");
    town.refused("caio", step(&case, notify("2026-11-21")), "INVALID");
    town.refused("caio", step(&case, notify("2026-11-23")), "INVALID");
    town.does("caio", step(&case, notify("2026-11-22")));
    let refusal = town.refused("caio", step(&case, CaseStep::Close { note: note() }), "WRONG_STATE");
    assert!(refusal.ja.contains("原因の分析、再発の防止"), "{refusal:?}");
    town.does("ciso", step(&case, CaseStep::Analyse { note: note() }));
    town.does("manager", step(&case, CaseStep::Prevent { note: note() }));
    town.refused("ciso", step(&case, CaseStep::Close { note: note() }), "NOT_ALLOWED");
    town.refused("caio", step(&case, CaseStep::Close { note: " ".into() }), "INVALID");
    town.does("caio", step(&case, CaseStep::Close { note: note() }));
    assert_eq!(state(&town), CaseState::Closed);
    town.refused("manager", step(&case, CaseStep::Contain { note: note() }), "WRONG_STATE");
    town.does("caio", step(&case, CaseStep::Reopen { note: note() }));
    assert_eq!(state(&town), CaseState::WithCaio);
    assert_eq!(town.register.ds920().case(&case).unwrap().steps.len(), 9);
}

#[test]
fn a_report_is_of_something_past_and_begins_a_case_of_its_own() {
    let mut town = Town::ready();
    town.refused("staff", report(CaseKind::Other, "2026-11-22T03:00:01Z", &[]), "INVALID");
    town.refused("staff", report(CaseKind::Other, "2001-01-01T00:00:00Z", &[]), "INVALID");
    let case = begun(&mut town, CaseKind::Other, &[]);
    let Command::StepRiskCase(again) = report(CaseKind::Other, "2026-11-22T00:00:00Z", &[]) else { panic!() };
    town.refused("staff", step(&case, again.step), "INVALID");
    town.refused("manager", step(&id("rc-none"), CaseStep::Receive { note: note() }), "UNKNOWN");
    let nowhere = Command::StepRiskCase(StepRiskCase { case: None, step: CaseStep::Receive { note: note() } });
    town.refused("manager", nowhere, "INVALID");
}

#[test]
fn what_an_open_case_keeps_is_not_erased_until_the_last_one_lets_it_go() {
    let mut town = Town::ready();
    let one = begun(&mut town, CaseKind::PersonalData, &["u-1"]);
    let other = begun(&mut town, CaseKind::PersonalData, &["u-1", "u-2"]);
    assert_eq!(town.register.preserved_by_cases(&id("u-1")), Some(one.clone()));
    let refusal = erase(&mut town, "u-1").unwrap_err();
    assert_eq!(refusal.code, "PRESERVED");
    assert!(refusal.ja.contains(one.as_str()) && refusal.ja.contains("終結"), "{refusal:?}");
    assert!(erase(&mut town, "u-3").is_ok());
    // The reporter adds evidence; only the CAIO lets it go, and only what is there.
    let keep = |of: &str| CaseStep::Preserve { uses: [id(of)].into() };
    town.refused("colleague", step(&one, keep("u-4")), "NOT_ALLOWED");
    town.refused("staff", step(&one, keep("u-1")), "INVALID");
    town.does("staff", step(&one, keep("u-4")));
    assert_eq!(erase(&mut town, "u-4").unwrap_err().code, "PRESERVED");
    let release = |of: &str| CaseStep::Release { uses: [id(of)].into(), note: note() };
    town.refused("manager", step(&one, release("u-1")), "NOT_ALLOWED");
    town.refused("caio", step(&one, release("u-9")), "INVALID");
    town.does("caio", step(&one, release("u-1")));
    assert_eq!(town.register.preserved_by_cases(&id("u-1")), Some(other.clone()));
    for done in [
        CaseStep::Refer { note: note() },
        CaseStep::Contain { note: note() },
        CaseStep::Analyse { note: note() },
        CaseStep::Prevent { note: note() },
        CaseStep::Close { note: note() },
    ] {
        town.does("caio", step(&other, done));
    }
    assert_eq!(town.register.preserved_by_cases(&id("u-1")), None);
    town.does("caio", step(&other, CaseStep::Reopen { note: note() }));
    assert_eq!(erase(&mut town, "u-2").unwrap_err().code, "PRESERVED", "a case that is open again keeps again");
    assert_eq!(erase(&mut town, "u-4").unwrap_err().code, "PRESERVED");
}

#[test]
fn clocks_run_from_when_it_was_known_and_say_how_well_they_are_known() {
    let mut town = Town::ready();
    let leak = begun(&mut town, CaseKind::PersonalData, &[]);
    let wrong = begun(&mut town, CaseKind::WrongAnswer, &[]);
    let due = |town: &Town, case: &CaseId| -> Vec<(Due, String, bool)> {
        let today = town.today();
        let running = town.register.ds920().case(case).unwrap().running(&town.register.ds920().clocks_on(today));
        running.iter().map(|one| (one.clock.due, one.last_day.to_string(), one.is_overdue(today))).collect()
    };
    // The day of knowing is the first day.
    let expected = [
        (Due::Receipt, "2026-11-23", false),
        (Due::ToCaio, "2026-11-24", false),
        (Due::Preliminary, "2026-11-24", false),
        (Due::Final, "2026-12-21", false),
    ];
    assert_eq!(due(&town, &leak), expected.map(|(due, on, over)| (due, on.to_owned(), over)));
    assert_eq!(due(&town, &wrong).len(), 2, "outside deadlines are known for personal data alone");
    let official = |town: &Town| town.register.ds920().clocks_on(town.today()).iter().any(|c| c.evidence.is_official());
    assert!(!official(&town), "nothing the program ships is shown as an official deadline");
    town.on("2026-11-25");
    assert_eq!(due(&town, &leak).iter().filter(|(_, _, over)| *over).count(), 3);
    // Who refers it has received it; the 速報 is met on the day it was made, though it is recorded later.
    town.does("manager", step(&leak, CaseStep::Refer { note: note() }));
    let told = CaseStep::Notify {
        to: ToldTo::PersonalInformationCommission,
        report: Due::Preliminary,
        on: day("2026-11-24"),
        reference: "架空第1号".into(),
    };
    town.does("caio", step(&leak, told));
    assert_eq!(due(&town, &leak).iter().filter(|(_, _, over)| *over).count(), 0);
    let case = town.register.ds920().case(&leak).unwrap();
    let late: Vec<Due> = case
        .running(&town.register.ds920().clocks_on(town.today()))
        .iter()
        .filter(|one| one.was_late())
        .map(|one| one.clock.due)
        .collect();
    assert_eq!(late, [Due::Receipt, Due::ToCaio]);
}

#[test]
fn the_caio_sets_deadlines_of_the_bodys_own_and_a_kinds_own_replaces_the_general_one() {
    let mut town = Town::ready();
    let clock =
        |kind, due, days| Clock { kind, due, days, basis: "架空省危機管理要領".into(), evidence: Evidence::D };
    let set = |from: Option<&str>, clocks| Command::SetRiskClocks(SetRiskClocks { from: from.map(day), clocks });
    let wrong = Some(CaseKind::WrongAnswer);
    town.refused("ciso", set(None, vec![clock(None, Due::ToCaio, 1)]), "NOT_ALLOWED");
    town.refused("caio", set(None, vec![clock(None, Due::ToCaio, 0)]), "INVALID");
    let twice = vec![clock(wrong, Due::ToCaio, 1), clock(wrong, Due::ToCaio, 2)];
    assert!(town.refused("caio", set(None, twice), "INVALID").ja.contains("2 件目"));
    town.refused("caio", set(Some("2026-11-21"), Vec::new()), "INVALID");
    town.does("caio", set(Some("2026-12-01"), vec![clock(None, Due::ToCaio, 5), clock(wrong, Due::ToCaio, 1)]));
    let case = begun(&mut town, CaseKind::WrongAnswer, &[]);
    let days = |town: &Town| -> Vec<u16> {
        let ds920 = town.register.ds920();
        ds920.case(&case).unwrap().running(&ds920.clocks_on(town.today())).iter().map(|one| one.clock.days).collect()
    };
    assert_eq!(days(&town), [2, 3]);
    town.on("2026-12-01");
    assert_eq!(days(&town), [1]);
    town.does("caio", step(&case, CaseStep::Reclassify { kind: CaseKind::Misuse, note: note() }));
    assert_eq!(days(&town), [5]);
}
