//! Audits (machine C): independence, contract, plan, findings, both signatures, report; firms in force on both days.

use crate::steps::*;
use crate::year::Land;
use jiff::ToSpan as _;
use sekisho_domain::command::Command;
use sekisho_domain::ismap::caution;
use sekisho_domain::ismap::deadline::{self, Due};
use sekisho_domain::ismap::engagement::{EngagementKind, EngagementState, EngagementStep, FileCounts, IsmsRelief};
use sekisho_domain::ismap::firm::FirmStep;
use sekisho_domain::ismap::incident::IncidentStep;
use sekisho_domain::ismap::party::{PartyKind, SchemeRole};
use sekisho_domain::ismap::statement::{StatementState, StatementStep};

fn proposed() -> Land {
    let mut land = Land::signed();
    land.does("kumo-staff", propose("e-1", "kansa", "s-1", EngagementKind::Initial));
    land
}

fn working() -> Land {
    let mut land = Land::signed();
    land.contracts("e-1", "kansa", "s-1", EngagementKind::Initial);
    land.does("k-lead", step(plan()));
    land.does("k-lead", step(EngagementStep::Start));
    land
}

fn step(step: EngagementStep) -> Command {
    engagement("e-1", step)
}

fn state(land: &Land, name: &str) -> EngagementState {
    land.scheme().engagements.now(&id(name)).unwrap().state
}

fn of_statement(land: &Land, name: &str) -> StatementState {
    land.scheme().statements.now(&id(name)).unwrap().state
}

#[test]
fn given_a_signed_statement_then_its_provider_alone_asks_a_firm_to_audit_it() {
    let mut land = Land::signed();
    let command = propose("e-1", "kansa", "s-1", EngagementKind::Initial);
    land.not_for(&["sora-head", "k-exec", "sec", "staff"], &command);
    land.refused("kumo-staff", propose("e-1", "kansa", "s-9", EngagementKind::Initial), "UNKNOWN");
    land.refused("kumo-staff", propose("e-1", "sora", "s-1", EngagementKind::Initial), "UNKNOWN");
    land.refused("kumo-staff", dated(command.clone(), "2026-01-04"), "INVALID");
    land.does("kumo-staff", command.clone());
    land.refused("kumo-staff", command, "EXISTS");
    land.refused("k-exec", engagement("e-9", independent()), "UNKNOWN");
    land.does("kumo-staff", draft_statement("kumo", "s-3", "2026-01-01", "2026-12-31", None));
    land.refused("kumo-staff", propose("e-3", "kansa", "s-3", EngagementKind::Initial), "WRONG_STATE");
}

#[test]
fn given_a_service_that_was_never_registered_then_its_audit_is_no_renewal() {
    let mut land = Land::signed();
    land.refused("kumo-staff", propose("e-1", "kansa", "s-1", EngagementKind::Renewal), "INVALID");
    land.refused("kumo-staff", propose("e-1", "kansa", "s-1", EngagementKind::Additional), "INVALID");
    land.refused("kumo-staff", propose("e-1", "kansa", "s-1", EngagementKind::ReAudit), "WRONG_STATE");
}

#[test]
fn given_ties_of_capital_or_officers_then_the_firm_is_not_independent() {
    let mut land = proposed();
    for (capital_ties, officer_ties) in [("20 % を保有", ""), ("", "取締役を兼任")] {
        let tied =
            EngagementStep::CheckIndependence { capital_ties: capital_ties.into(), officer_ties: officer_ties.into() };
        let refusal = land.refused("k-exec", step(tied), "NOT_INDEPENDENT");
        assert_eq!(refusal.clause, Some("登録規則 3.4"));
    }
    land.not_for(&["k-mem", "t-exec", "kumo-head", "sec"], &step(independent()));
    land.refused("k-exec", step(EngagementStep::Contract), "WRONG_STATE");
    land.does("k-lead", step(independent()));
    land.refused("k-lead", step(independent()), "WRONG_STATE");
}

#[test]
fn given_a_firm_and_a_provider_that_are_one_corporation_then_it_does_not_audit_itself() {
    let mut land = Land::founded();
    land.does("sec", enter("own-firm", PartyKind::AuditFirm, "架空の自社監査", &corporate("100000000001")));
    land.does("sec", admit("own-firm", "newcomer", SchemeRole::AuditExec));
    land.on("2026-01-05").states("kumo", "s-1", "2025-04-01", "2025-12-31", None);
    land.does("kumo-staff", propose("e-1", "own-firm", "s-1", EngagementKind::Initial));
    land.refused("newcomer", step(independent()), "NOT_INDEPENDENT");
}

#[test]
fn given_a_firm_that_is_not_in_force_then_it_neither_contracts_nor_reports_and_the_dates_are_told() {
    // Contracted within the term, which ends on 2027-03-19; reported after it.
    let mut land = Land::registered();
    land.on("2027-03-01").states("kumo", "s-2", "2026-01-01", "2026-12-31", Some("s-1"));
    land.contracts("e-2", "kansa", "s-2", EngagementKind::Renewal);
    land.works("e-2");
    land.on("2027-03-20");
    let content = land.report_of("e-2");
    let report = engagement("e-2", EngagementStep::Report { content });
    let refusal = land.refused("k-exec", report.clone(), "WRONG_STATE");
    assert_eq!(refusal.clause, Some("監査機関登録規則 3"));
    assert!(refusal.ja.contains("報告日 2027-03-20") && refusal.ja.contains("2027-03-19"), "{refusal:?}");
    assert!(refusal.en.contains("2027-03-20") && refusal.en.contains("2027-03-19"), "{refusal:?}");
    // A day in the past is no way out.
    land.refused("k-exec", dated(report.clone(), "2027-03-19"), "WRONG_STATE");
    land.on("2027-03-19").does("k-exec", report);

    let mut land = proposed();
    land.does("k-exec", step(independent()));
    land.not_for(&["k-lead", "k-mem", "kumo-head", "t-exec"], &step(EngagementStep::Contract));
    land.does("sec", citing(firm("kansa", FirmStep::Suspend)));
    let refusal = land.refused("k-exec", step(EngagementStep::Contract), "WRONG_STATE");
    assert!(refusal.ja.contains("契約日 2026-01-05") && refusal.ja.contains("一時停止"), "{refusal:?}");
}

#[test]
fn given_a_firm_that_was_never_registered_then_it_does_not_contract() {
    let mut land = Land::founded();
    land.on("2026-01-05").states("kumo", "s-1", "2025-04-01", "2025-12-31", None);
    land.does("kumo-staff", propose("e-1", "kansa", "s-1", EngagementKind::Initial));
    land.does("k-exec", step(independent()));
    let refusal = land.refused("k-exec", step(EngagementStep::Contract), "WRONG_STATE");
    assert!(refusal.ja.contains("登録なし"), "{refusal:?}");
}

#[test]
fn given_a_suspended_firm_then_it_does_not_report_not_even_as_of_the_day_before() {
    let mut land = Land::signed();
    land.contracts("e-1", "kansa", "s-1", EngagementKind::Initial);
    land.works("e-1");
    land.on("2026-02-10").does("sec", citing(firm("kansa", FirmStep::Suspend)));
    land.on("2026-02-20");
    let content = land.report_of("e-1");
    let report = step(EngagementStep::Report { content });
    land.refused("k-exec", report.clone(), "WRONG_STATE");
    land.refused("k-exec", dated(report.clone(), "2026-02-09"), "WRONG_STATE");
    land.on("2026-03-01").does("sec", citing(firm("kansa", FirmStep::Lift)));
    land.refused("k-exec", dated(report.clone(), "2026-02-15"), "WRONG_STATE");
    land.does("k-exec", report);
}

#[test]
fn given_a_contract_that_is_recorded_late_then_the_firm_as_it_stood_on_the_day_counts() {
    let mut land = proposed();
    land.does("k-exec", step(independent()));
    land.on("2026-01-20").does("sec", citing(firm("kansa", FirmStep::Suspend)));
    land.refused("k-exec", step(EngagementStep::Contract), "WRONG_STATE");
    land.does("k-exec", dated(step(EngagementStep::Contract), "2026-01-10"));
    assert_eq!(land.scheme().engagements.now(&id("e-1")).unwrap().contracted_on, Some(day("2026-01-10")));
}

#[test]
fn given_two_audits_proposed_for_one_statement_then_one_alone_is_contracted() {
    let mut land = proposed();
    land.does("kumo-staff", propose("e-2", "tenken", "s-1", EngagementKind::Initial));
    land.does("k-exec", step(independent()));
    land.does("t-exec", engagement("e-2", independent()));
    let events = land.does("t-exec", engagement("e-2", EngagementStep::Contract));
    assert_eq!(kinds(&events), ["engagement.stepped", "statement.stepped"]);
    let refusal = land.refused("k-exec", step(EngagementStep::Contract), "WRONG_STATE");
    assert!(refusal.ja.contains("監査中"), "{refusal:?}");
    assert_eq!(land.scheme().statements.now(&id("s-1")).unwrap().engagement, Some(id("e-2")));
    // The one that was left is withdrawn by either side, and touches nothing.
    let mut other = land.clone();
    other.does("kumo-staff", step(EngagementStep::Withdraw));
    land.not_for(&["sora-head", "t-exec", "k-mem", "sec"], &step(EngagementStep::Withdraw));
    land.does("k-exec", step(EngagementStep::Withdraw));
    assert_eq!(of_statement(&land, "s-1"), StatementState::UnderAudit);
}

#[test]
fn given_a_contracted_audit_that_is_given_up_then_another_firm_can_be_contracted() {
    let mut land = working();
    land.not_for(&["kumo-staff"], &step(EngagementStep::Withdraw));
    let due = |land: &Land| {
        deadline::all(&land.register, land.today()).into_iter().any(|d| matches!(d.due, Due::AuditReport(_)))
    };
    assert!(due(&land));
    land.does("k-exec", step(EngagementStep::Withdraw));
    assert_eq!((state(&land, "e-1"), of_statement(&land, "s-1")), (EngagementState::Withdrawn, StatementState::Signed));
    land.refused("k-exec", step(EngagementStep::Withdraw), "WRONG_STATE");
    land.contracts("e-2", "tenken", "s-1", EngagementKind::Initial);
    assert_eq!(land.scheme().statements.now(&id("s-1")).unwrap().engagement, Some(id("e-2")));
    let deadlines = deadline::all(&land.register, land.today());
    let reports: Vec<_> = deadlines.iter().filter(|d| matches!(d.due, Due::AuditReport(_))).collect();
    assert_eq!(reports.len(), 1, "an audit that was given up owes no report");
    assert_eq!((&reports[0].due, reports[0].on), (&Due::AuditReport(id("e-2")), day("2026-03-31")));
}

#[test]
fn given_a_plan_then_it_names_items_and_its_reliefs_keep_all_their_conditions() {
    let mut land = Land::signed();
    land.contracts("e-1", "kansa", "s-1", EngagementKind::Initial);
    let with = |in_scope: u32, sha256: &str, isms: Option<IsmsRelief>| EngagementStep::Plan {
        counts: FileCounts { in_scope, design: in_scope, operating: 0 },
        sha256: sha256.into(),
        isms,
    };
    let relief = |four: [bool; 4], certificate: &str| {
        let [covers_period, iaf_recognised, scope_covers, confirmed_before_start] = four;
        let certificate_sha256 = certificate.into();
        Some(IsmsRelief { covers_period, iaf_recognised, scope_covers, confirmed_before_start, certificate_sha256 })
    };
    land.not_for(&["k-mem", "kumo-staff", "t-lead", "sec"], &step(plan()));
    land.refused("k-lead", step(EngagementStep::Start), "WRONG_STATE");
    land.refused("k-lead", step(with(0, &sha('b'), None)), "INVALID");
    land.refused("k-lead", step(with(2, "b", None)), "INVALID");
    land.refused("k-lead", step(with(2, &sha('b'), relief([true; 4], &sha('c')))), "INVALID");
    land.does("k-lead", step(plan()));

    let mut land = Land::registered();
    land.on("2027-01-05").states("kumo", "s-2", "2026-01-01", "2026-12-31", Some("s-1"));
    land.contracts("e-2", "kansa", "s-2", EngagementKind::Renewal);
    for missing in 0..4 {
        let mut four = [true; 4];
        four[missing] = false;
        land.refused("k-lead", engagement("e-2", with(2, &sha('b'), relief(four, &sha('c')))), "INVALID");
    }
    land.refused("k-lead", engagement("e-2", with(2, &sha('b'), relief([true; 4], "c"))), "INVALID");
    land.refused("k-lead", engagement("e-2", with(0, &sha('b'), relief([true; 4], &sha('c')))), "INVALID");
    land.does("k-lead", engagement("e-2", with(2, &sha('b'), relief([true; 4], &sha('c')))));
}

#[test]
fn given_findings_then_they_go_to_the_provider_and_back_and_undo_signatures() {
    let mut land = working();
    let raise = |open: u32, sha256: &str| step(EngagementStep::RaiseFindings { open, sha256: sha256.into() });
    let respond = |sha256: &str| step(EngagementStep::Respond { open: 1, sha256: sha256.into() });
    land.refused("kumo-staff", respond(&sha('2')), "WRONG_STATE");
    land.refused("k-lead", raise(0, &sha('1')), "INVALID");
    land.refused("k-lead", raise(1, "1"), "INVALID");
    land.not_for(&["k-mem", "kumo-staff", "t-lead"], &raise(1, &sha('1')));
    land.does("k-lead", step(EngagementStep::SignOff { sha256: sha('1') }));
    land.does("k-lead", raise(1, &sha('1')));
    assert!(land.scheme().engagements.now(&id("e-1")).unwrap().sign_offs.is_empty());
    land.refused("k-lead", raise(1, &sha('1')), "WRONG_STATE");
    land.refused("k-lead", step(EngagementStep::SignOff { sha256: sha('1') }), "WRONG_STATE");
    land.not_for(&["k-lead", "sora-staff", "sec"], &respond(&sha('2')));
    land.refused("kumo-staff", respond("2"), "INVALID");
    land.does("kumo-staff", respond(&sha('2')));
    assert_eq!(state(&land, "e-1"), EngagementState::CspResponse);
    land.does("k-lead", raise(2, &sha('3')));
}

#[test]
fn given_a_report_then_two_people_have_signed_this_very_file_on_this_very_statement() {
    let mut land = working();
    land.on("2026-02-20");
    let content = land.report_of("e-1");
    let report = step(EngagementStep::Report { content: content.clone() });
    let signs = |sha256: &str| step(EngagementStep::SignOff { sha256: sha256.into() });
    land.not_for(&["k-lead", "k-mem", "t-exec", "kumo-head"], &report);
    land.not_for(&["k-mem", "kumo-head", "t-lead"], &signs(content.sha256()));
    land.refused("k-lead", signs("x"), "INVALID");
    land.refused("k-exec", report.clone(), "WRONG_STATE");
    land.does("k-lead", signs(content.sha256()));
    land.refused("k-exec", report.clone(), "WRONG_STATE");
    land.does("k-exec", signs(&sha('0')));
    land.refused("k-exec", report.clone(), "WRONG_STATE");
    land.does("k-exec", signs(content.sha256()));
    // Another content of the statement.
    let stated = content_for(day("2025-04-01"), day("2025-12-31"));
    let strange = reported(&sha('7'), &stated);
    for who in ["k-lead", "k-exec"] {
        land.does(who, signs(strange.sha256()));
    }
    land.refused("k-exec", step(EngagementStep::Report { content: strange }), "WRONG_STATE");
    for who in ["k-lead", "k-exec"] {
        land.does(who, signs(content.sha256()));
    }
    land.does("k-exec", report.clone());
    assert_eq!((state(&land, "e-1"), of_statement(&land, "s-1")), (EngagementState::Reported, StatementState::Audited));
    land.refused("k-exec", report, "WRONG_STATE");
    land.refused("k-exec", step(EngagementStep::Withdraw), "WRONG_STATE");
    land.not_for(&["k-mem", "kumo-head"], &step(EngagementStep::Close));
    land.does("k-lead", step(EngagementStep::Close));
    land.refused("k-lead", step(EngagementStep::Close), "WRONG_STATE");
}

#[test]
fn given_one_person_who_was_executive_and_then_lead_then_they_do_not_sign_for_both() {
    let mut land = working();
    land.on("2026-02-20");
    let content = land.report_of("e-1");
    let signs = step(EngagementStep::SignOff { sha256: content.sha256().into() });
    land.does("sec", admit("kansa", "newcomer", SchemeRole::AuditExec));
    land.does("newcomer", signs.clone());
    land.does("sec", release("kansa", "newcomer", SchemeRole::AuditExec));
    land.does("sec", admit("kansa", "newcomer", SchemeRole::AuditLead));
    land.does("newcomer", signs.clone());
    let report = step(EngagementStep::Report { content });
    land.refused("k-exec", report.clone(), "SEPARATION_OF_DUTIES");
    land.does("k-lead", signs);
    land.does("k-exec", report);
}

#[test]
fn given_a_period_that_still_runs_or_another_scope_than_planned_then_nothing_is_reported() {
    let mut land = Land::with_firms();
    land.on("2025-12-01").states("kumo", "s-1", "2025-04-01", "2025-12-31", None);
    land.contracts("e-1", "kansa", "s-1", EngagementKind::Initial);
    land.works("e-1");
    land.on("2025-12-31");
    let content = land.report_of("e-1");
    let report = step(EngagementStep::Report { content });
    let early = land.refused("k-exec", report.clone(), "INVALID");
    assert!(early.ja.contains("2025-12-31"), "{early:?}");
    land.on("2026-01-01");
    let wider = EngagementStep::Plan {
        counts: FileCounts { in_scope: 3, design: 3, operating: 0 },
        sha256: sha('b'),
        isms: None,
    };
    land.does("k-lead", step(wider));
    land.refused("k-exec", report.clone(), "WRONG_STATE");
    land.does("k-lead", step(EngagementStep::Start));
    for who in ["k-lead", "k-exec"] {
        let sha256 = land.report_of("e-1").sha256().to_owned();
        land.does(who, step(EngagementStep::SignOff { sha256 }));
    }
    let scope = land.refused("k-exec", report.clone(), "WRONG_STATE");
    assert!(scope.ja.contains("計画"), "{scope:?}");
    land.works("e-1");
    land.does("k-exec", report);
}

#[test]
fn given_evidence_then_the_team_takes_it_in_with_the_day_it_speaks_of() {
    let mut land = proposed();
    let evidence =
        |sha256: &str, on: &str| step(EngagementStep::Evidence { sha256: sha256.into(), effective_on: day(on) });
    land.refused("k-mem", evidence(&sha('5'), "2025-10-01"), "WRONG_STATE");
    let mut land = working();
    land.not_for(&["kumo-staff", "t-mem", "rev"], &evidence(&sha('5'), "2025-10-01"));
    land.refused("k-mem", evidence("5", "2025-10-01"), "INVALID");
    land.refused("k-mem", evidence(&sha('5'), "2026-01-06"), "INVALID");
    land.does("k-mem", evidence(&sha('5'), "2025-10-01"));
    let kept = land.scheme().engagements.get(&id("e-1")).unwrap();
    assert_eq!(kept.now().evidence[&sha('5')], day("2025-10-01"));
    assert_eq!(kept.last().unwrap().stamp.at, land.now, "taken in on another day than it speaks of");
}

#[test]
fn given_a_re_audit_that_was_ordered_then_the_published_statement_is_audited_and_stays_published() {
    let mut land = Land::registered();
    let command = propose("e-r", "tenken", "s-1", EngagementKind::ReAudit);
    let refusal = land.refused("kumo-staff", command.clone(), "WRONG_STATE");
    assert_eq!(refusal.clause, Some("登録規則 13"));
    land.on("2026-06-01");
    let known = IncidentStep::Know { number: NUMBER.into(), title: "漏えい".into(), known_on: day("2026-06-01") };
    land.does("kumo-staff", incident("i-1", known));
    land.does("kumo-staff", incident("i-1", IncidentStep::FilePreliminary { sha256: sha('1') }));
    land.does("kumo-staff", incident("i-1", IncidentStep::FileFinal { sha256: sha('2') }));
    land.does("rev", incident("i-1", IncidentStep::Review));
    land.does("rev", citing(incident("i-1", IncidentStep::OrderReAudit)));
    land.refused("kumo-staff", propose("e-r", "tenken", "s-1", EngagementKind::Initial), "WRONG_STATE");
    land.does("kumo-staff", command);
    land.does("t-exec", engagement("e-r", independent()));
    let events = land.does("t-exec", engagement("e-r", EngagementStep::Contract));
    assert_eq!(kinds(&events), ["engagement.stepped"]);
    land.works("e-r");
    land.on("2026-07-01").reports("e-r");
    assert_eq!(
        (state(&land, "e-r"), of_statement(&land, "s-1")),
        (EngagementState::Reported, StatementState::Published)
    );
    assert_eq!(land.scheme().statements.now(&id("s-1")).unwrap().engagement, Some(id("e-1")));
}

#[test]
fn given_a_re_audit_of_a_statement_that_is_superseded_meanwhile_then_its_report_brings_nothing_back() {
    let mut land = Land::renewing();
    land.convene("kai-2", "2027-04-20");
    land.reviewed("f-2");
    land.does("sec", filing("f-2", sekisho_domain::ismap::filing::FilingStep::Docket { meeting: id("kai-2") }));
    let known = IncidentStep::Know { number: NUMBER.into(), title: "漏えい".into(), known_on: land.today() };
    land.does("sec", incident("i-1", known));
    land.does("kumo-staff", incident("i-1", IncidentStep::FilePreliminary { sha256: sha('1') }));
    land.does("kumo-staff", incident("i-1", IncidentStep::FileFinal { sha256: sha('2') }));
    land.does("rev", incident("i-1", IncidentStep::Review));
    land.does("rev", citing(incident("i-1", IncidentStep::OrderReAudit)));
    // The firms' terms are over by now, so the audit's contract counts from within them where it can: it cannot.
    land.does("kumo-staff", propose("e-r", "tenken", "s-1", EngagementKind::ReAudit));
    land.does("t-exec", engagement("e-r", independent()));
    land.refused("t-exec", engagement("e-r", EngagementStep::Contract), "WRONG_STATE");
    land.on("2027-04-20").opens("kai-2", &["m1", "m2", "m3"]);
    let register = sekisho_domain::ismap::committee::Outcome::Register { number: None };
    land.does("sec", decide_on("kai-2", of_filing("f-2"), register, 3));
    assert_eq!(of_statement(&land, "s-1"), StatementState::Superseded);
    land.refused("t-exec", engagement("e-r", EngagementStep::Contract), "WRONG_STATE");
    land.does("t-exec", engagement("e-r", EngagementStep::Withdraw));
    assert_eq!(of_statement(&land, "s-1"), StatementState::Superseded);
}

#[test]
fn given_a_report_later_than_three_months_then_it_is_warned_of() {
    let land = working();
    let engagement = land.scheme().engagements.now(&id("e-1")).unwrap();
    let last = day("2026-03-31");
    assert!(caution::of_engagement(land.scheme(), engagement, last).is_none());
    let late = caution::of_engagement(land.scheme(), engagement, last + 1.day()).unwrap();
    assert!(late.code == "LATE_REPORT" && late.ja.contains("2026-03-31"), "{late:?}");
    let reported = Land::audited();
    let engagement = reported.scheme().engagements.now(&id("e-1")).unwrap();
    assert!(caution::of_engagement(reported.scheme(), engagement, day("2027-01-01")).is_none(), "reported in time");
}
