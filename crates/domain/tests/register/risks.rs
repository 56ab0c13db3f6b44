//! リスク判断: the table advises, the CAIO judges, and what was judged holds as long as nothing of weight changed.

use crate::town::{CLOUD, Town, day, decide_risk, draft, id, resubmit, send_back};
use sekisho_domain::command::{AdoptRiskTable, AnswerRisk, Command, JudgeRisk, StepRiskBoard};
use sekisho_domain::decision::RiskStanding::{self, AcceptedByCaio, Low, PossiblyHigh, RefusedByCaio};
use sekisho_domain::ds920::judgement::{BoardStep, Verdict};
use sekisho_domain::ds920::risk_table::{RiskLevel, RiskRow};
use sekisho_domain::event::Event;
use sekisho_domain::history::Deed;
use sekisho_domain::id::{ApplicationId, PermitId};
use sekisho_domain::permit::{Draft, RiskSheet};

const MODEL: &str = "kakuu-chat";
/// What `draft` answers: low without a table.
const USUAL: RiskSheet = RiskSheet { users: 1, work: 1, learning: 1, judgement: 0 };
const RISKY: RiskSheet = RiskSheet { users: 3, work: 0, learning: 0, judgement: 0 };

fn row(users: u8, work: u8, level: RiskLevel) -> RiskRow {
    RiskRow { users, work, learning: 0, judgement: 0, level }
}

fn table(name: &str, from: Option<&str>, rows: Vec<RiskRow>) -> Command {
    let otherwise = RiskLevel::Low;
    Command::AdoptRiskTable(AdoptRiskTable { table: id(name), from: from.map(day), rows, otherwise })
}

fn judge(application: &ApplicationId, sheet: RiskSheet, verdict: Verdict) -> Command {
    Command::JudgeRisk(JudgeRisk { application: application.clone(), sheet, verdict })
}

fn answer(application: &ApplicationId, sheet: RiskSheet) -> Command {
    Command::AnswerRisk(AnswerRisk { application: application.clone(), sheet })
}

fn board(application: &ApplicationId, step: BoardStep) -> Command {
    Command::StepRiskBoard(StepRiskBoard { application: application.clone(), step })
}

fn permitted(sheet: RiskSheet) -> (Town, PermitId, ApplicationId) {
    let mut town = Town::ready();
    let permit = town.permit_for(Draft { risk: Some(sheet), ..draft(CLOUD) });
    let application = town.register.permit(&permit).unwrap().application.clone();
    (town, permit, application)
}

#[test]
fn given_a_table_then_it_counts_from_its_day_for_permits_that_nobody_judged() {
    let (mut town, permit, _) = permitted(USUAL);
    assert_eq!((town.risk(&permit), town.answer("staff", MODEL, 1).as_str()), (Low, "allow"));
    let strict = vec![row(1, 1, RiskLevel::PossiblyHigh)];
    town.does("caio", table("r8-1", Some("2026-12-01"), strict));
    assert_eq!(town.answer("staff", MODEL, 1), "allow", "not before its day");
    town.on("2026-12-01");
    assert_eq!((town.risk(&permit), town.answer("staff", MODEL, 1).as_str()), (PossiblyHigh, "CAIO_REVIEW"));
    assert_eq!(town.register.ds920().table_on(town.today()).unwrap().table, id("r8-1"));
    // The later word counts from its day on; what was adopted before stays in the record.
    town.does("caio", table("r8-2", None, vec![row(3, 0, RiskLevel::PossiblyHigh)]));
    assert_eq!((town.risk(&permit), town.register.ds920().tables().count()), (Low, 2));
}

#[test]
fn given_a_table_that_leaves_a_row_nothing_or_reaches_back_then_it_is_refused_and_says_where() {
    let mut town = Town::ready();
    let rows = vec![row(2, 0, RiskLevel::PossiblyHigh), row(2, 1, RiskLevel::Low)];
    let refusal = town.refused("caio", table("t", None, rows), "INVALID");
    assert!(refusal.ja.contains("2 行目") && refusal.ja.contains("1 行目"), "{refusal:?}");
    town.refused("caio", table("t", None, vec![row(4, 0, RiskLevel::Low)]), "INVALID");
    town.refused("caio", table("t", Some("2026-11-21"), Vec::new()), "INVALID");
    for who in ["ciso", "approver", "staff"] {
        town.refused(who, table("t", None, Vec::new()), "NOT_ALLOWED");
    }
    town.does("caio", table("t", None, Vec::new()));
    town.refused("caio", table("t", None, Vec::new()), "EXISTS");
    town.reason = " ".into();
    town.refused("caio", table("u", None, Vec::new()), "INVALID");
}

#[test]
fn the_caio_decides_whatever_the_table_says_and_the_record_holds_both() {
    let (mut town, permit, application) = permitted(RISKY);
    assert_eq!(town.answer("staff", MODEL, 1), "CAIO_REVIEW");
    for (verdict, standing, code) in [
        (Verdict::Low, Low, "allow"),
        (Verdict::HighWaiting, PossiblyHigh, "CAIO_REVIEW"),
        (Verdict::HighAccepted, AcceptedByCaio, "allow"),
        (Verdict::HighRefused, RefusedByCaio, "CAIO_REVIEW"),
    ] {
        let events = town.does("caio", judge(&application, RISKY, verdict));
        let [Event::RiskJudged(e)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((e.sheet, &e.table, e.result, e.verdict), (RISKY, &None, RiskLevel::PossiblyHigh, verdict));
        assert_eq!((town.risk(&permit), town.answer("staff", MODEL, 1).as_str()), (standing, code));
    }
    // A table adopted afterwards changes no judgement.
    town.does("caio", table("mild", None, Vec::new()));
    assert_eq!(town.risk(&permit), RefusedByCaio);
    let judged = |deed: &Deed| matches!(deed, Deed::RiskJudged { .. });
    let permit = town.register.permit(&permit).unwrap();
    assert_eq!(permit.history.iter().filter(|step| judged(&step.deed)).count(), 4);
    let events = town.does("caio", judge(&application, RISKY, Verdict::Low));
    assert!(matches!(&events[..], [Event::RiskJudged(e)] if e.table == Some(id("mild")) && e.result == RiskLevel::Low));
}

#[test]
fn given_other_answers_then_the_judgement_is_stale_and_what_was_refused_stays_refused() {
    let (mut town, permit, application) = permitted(RISKY);
    let stale = |town: &Town| town.register.ds920().risk(&application).unwrap().is_stale();
    town.does("caio", judge(&application, RISKY, Verdict::HighAccepted));
    assert!(!stale(&town));
    town.refused("staff", answer(&application, RISKY), "WRONG_STATE");
    let worse = RiskSheet { judgement: 3, ..RISKY };
    town.does("staff", answer(&application, worse));
    assert!(stale(&town));
    assert_eq!((town.risk(&permit), town.answer("staff", MODEL, 1).as_str()), (PossiblyHigh, "CAIO_REVIEW"));
    town.refused("caio", judge(&application, RISKY, Verdict::Low), "WRONG_STATE");
    town.does("caio", judge(&application, worse, Verdict::HighRefused));
    for who in ["staff", "manager"] {
        let other = RiskSheet { users: 0, work: u8::from(who == "staff"), learning: 0, judgement: 0 };
        town.does(who, answer(&application, other));
        assert_eq!(town.risk(&permit), RefusedByCaio, "mild answers alone open nothing");
    }
    for who in ["outsider", "approver", "auditor"] {
        town.refused(who, answer(&application, worse), "NOT_ALLOWED");
    }
    town.refused("staff", answer(&application, RiskSheet { users: 4, ..RISKY }), "INVALID");
}

/// Given a use that was accepted as high, or that nobody has judged yet, when the applicant answers more mildly, then it
/// waits for the CAIO.
#[test]
fn milder_answers_open_nothing_before_the_caio_has_looked() {
    let mild = RiskSheet { users: 0, work: 0, learning: 0, judgement: 0 };
    let (mut town, permit, application) = permitted(RISKY);
    assert_eq!(town.risk(&permit), PossiblyHigh);
    town.does("staff", answer(&application, mild));
    assert_eq!((town.risk(&permit), town.answer("staff", MODEL, 1).as_str()), (PossiblyHigh, "CAIO_REVIEW"));
    town.does("caio", judge(&application, mild, Verdict::HighAccepted));
    assert_eq!(town.risk(&permit), AcceptedByCaio);
    town.does("staff", answer(&application, RiskSheet { users: 1, ..mild }));
    assert_eq!(town.risk(&permit), PossiblyHigh, "what was high is not low because somebody answers more mildly");
    town.does("caio", judge(&application, RiskSheet { users: 1, ..mild }, Verdict::Low));
    assert_eq!(town.risk(&permit), Low);
}

#[test]
fn given_an_acceptance_by_the_older_command_then_other_answers_end_it_and_a_later_word_of_either_kind_counts() {
    let (mut town, permit, application) = permitted(RISKY);
    town.does("caio", decide_risk(&application, true));
    assert_eq!(town.risk(&permit), AcceptedByCaio);
    town.does("staff", answer(&application, RiskSheet { work: 2, ..RISKY }));
    assert_eq!(town.risk(&permit), PossiblyHigh);
    town.does("caio", judge(&application, RiskSheet { work: 2, ..RISKY }, Verdict::Low));
    town.does("caio", decide_risk(&application, false));
    assert_eq!(town.risk(&permit), RefusedByCaio);
    town.does("caio", judge(&application, RiskSheet { work: 2, ..RISKY }, Verdict::HighAccepted));
    assert_eq!(town.risk(&permit), AcceptedByCaio);
}

#[test]
fn given_an_application_handed_in_again_then_a_judgement_holds_unless_something_of_weight_changed() {
    let mut town = Town::ready();
    let wanted = Draft { risk: Some(RISKY), ..draft(CLOUD) };
    let application = town.apply_for(wanted.clone());
    let standing = |town: &Town| -> RiskStanding {
        let application = town.register.application(&application).unwrap();
        town.register.risk_standing(application, town.today())
    };
    town.does("caio", judge(&application, RISKY, Verdict::HighAccepted));
    town.does("approver", send_back(&application));
    town.refused("caio", judge(&application, RISKY, Verdict::Low), "WRONG_STATE");
    let later = Draft { until: day("2027-02-28"), ..wanted.clone() };
    town.does("staff", resubmit(&application, later));
    assert_eq!(standing(&town), AcceptedByCaio, "a shorter period is no other risk");
    town.does("approver", send_back(&application));
    town.does("staff", resubmit(&application, Draft { purpose: "給付の決定".into(), ..wanted }));
    assert_eq!(standing(&town), PossiblyHigh);
}

#[test]
fn only_the_caio_judges_and_never_without_a_sheet_a_reason_or_for_themselves() {
    let (mut town, _, application) = permitted(RISKY);
    for who in ["ciso", "approver", "manager", "staff", "auditor"] {
        town.refused(who, judge(&application, RISKY, Verdict::Low), "NOT_ALLOWED");
    }
    let without = town.apply_for(Draft { risk: None, ..draft(CLOUD) });
    town.refused("caio", judge(&without, RISKY, Verdict::Low), "WRONG_STATE");
    town.refused("caio", judge(&id("ap-none"), RISKY, Verdict::Low), "UNKNOWN");
    let own = match town.does("caio", crate::town::submit(draft(CLOUD))).remove(0) {
        Event::ApplicationSubmitted(e) => e.application,
        other => panic!("{other:?}"),
    };
    town.refused("caio", judge(&own, USUAL, Verdict::Low), "SEPARATION_OF_DUTIES");
    town.reason = String::new();
    town.refused("caio", judge(&application, RISKY, Verdict::Low), "INVALID");
}

#[test]
fn what_passes_with_the_board_is_recorded_point_by_point() {
    let (mut town, _, application) = permitted(RISKY);
    let advise = || BoardStep::Advise {
        items: vec!["出力を抜き取って確かめること".into(), "住民に示すこと".into()]
    };
    let respond = |item| BoardStep::Respond { item, response: "毎週十件を確かめる".into() };
    town.refused("caio", board(&application, advise()), "WRONG_STATE");
    let report = || BoardStep::Report {
        purpose: "窓口の案内".into(),
        mitigation: "職員が確かめる".into(),
        quality: "正答率を測る".into(),
    };
    town.refused("staff", board(&application, report()), "NOT_ALLOWED");
    town.does("caio", board(&application, report()));
    town.refused("caio", board(&application, BoardStep::Advise { items: Vec::new() }), "INVALID");
    town.does("caio", board(&application, advise()));
    town.refused("staff", board(&application, respond(2)), "UNKNOWN");
    town.refused("colleague", board(&application, respond(1)), "NOT_ALLOWED");
    town.does("staff", board(&application, respond(1)));
    let record = town.register.ds920().risk(&application).unwrap();
    assert_eq!((record.reports.len(), record.advice.len()), (1, 2));
    assert_eq!(record.advice[0].response, None);
    assert_eq!(record.advice[1].response.as_ref().unwrap().1, "毎週十件を確かめる");
}
