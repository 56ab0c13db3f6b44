//! Incidents (machine G): 速報, 確報, what comes of them, and when the gate sees them.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::{CloseIncident, Command, OpenIncident, SetScheme};
use sekisho_domain::ismap::deadline::{self, Due};
use sekisho_domain::ismap::incident::{IncidentState, IncidentStep};
use sekisho_domain::ismap::scheme::Settings;

fn step(step: IncidentStep) -> Command {
    incident("i-1", step)
}

fn know(number: &str, title: &str, on: &str) -> Command {
    step(IncidentStep::Know { number: number.into(), title: title.into(), known_on: day(on) })
}

fn first(sha256: &str) -> Command {
    step(IncidentStep::FilePreliminary { sha256: sha256.into() })
}

fn last(sha256: &str) -> Command {
    step(IncidentStep::FileFinal { sha256: sha256.into() })
}

fn known() -> Land {
    let mut land = Land::registered();
    land.on("2026-06-02").does("kumo-staff", know(NUMBER, "漏えいのおそれ", "2026-06-01"));
    land
}

fn reviewed() -> Land {
    let mut land = known();
    land.does("kumo-staff", first(&sha('1')));
    land.does("kumo-staff", last(&sha('2')));
    land.does("rev", step(IncidentStep::Review));
    land
}

fn state(land: &Land) -> IncidentState {
    land.scheme().incidents.now(&id("i-1")).unwrap().state
}

#[test]
fn given_an_incident_then_its_provider_or_the_operator_makes_it_known_and_the_gate_sees_it() {
    let mut land = Land::registered();
    land.on("2026-06-02");
    land.not_for(&["sora-head", "k-exec", "buyer", "staff", "m1"], &know(NUMBER, "漏えい", "2026-06-01"));
    land.refused("kumo-staff", know("KAKUU-9", "漏えい", "2026-06-01"), "UNKNOWN");
    land.refused("kumo-staff", know(NUMBER, " ", "2026-06-01"), "INVALID");
    land.refused("kumo-staff", know(NUMBER, "漏えい", "2026-06-03"), "INVALID");
    land.refused("kumo-staff", dated(know(NUMBER, "漏えい", "2026-06-01"), "2026-05-31"), "INVALID");
    land.refused("kumo-staff", first(&sha('1')), "UNKNOWN");
    land.does("kumo-staff", know(NUMBER, "漏えい", "2026-06-01"));
    assert!(land.row().incidents.contains("i-1"));
    land.refused("kumo-staff", know(NUMBER, "漏えい", "2026-06-01"), "EXISTS");
    let by_operator =
        incident("i-2", IncidentStep::Know { number: NUMBER.into(), title: "別件".into(), known_on: land.today() });
    land.does("sec", by_operator);
}

#[test]
fn given_the_two_reports_then_each_is_the_providers_and_follows_the_other() {
    let mut land = known();
    land.refused("kumo-staff", last(&sha('2')), "WRONG_STATE");
    land.not_for(&["sora-staff", "sec", "rev"], &first(&sha('1')));
    land.refused("kumo-staff", first("1"), "INVALID");
    land.does("kumo-staff", first(&sha('1')));
    land.refused("kumo-staff", first(&sha('1')), "WRONG_STATE");
    land.not_for(&["sora-staff", "sec"], &last(&sha('2')));
    land.refused("kumo-staff", last("2"), "INVALID");
    land.refused("rev", step(IncidentStep::Review), "WRONG_STATE");
    land.does("kumo-staff", last(&sha('2')));
    land.not_for(&["kumo-head", "m1", "staff"], &step(IncidentStep::Review));
    land.does("rev", step(IncidentStep::Review));
    land.not_for(&["kumo-head", "m1"], &citing(step(IncidentStep::Close)));
    land.refused("rev", step(IncidentStep::Close), "INVALID");
    let events = land.does("rev", citing(step(IncidentStep::Close)));
    assert_eq!(kinds(&events), ["scheme_incident.stepped", "incident.closed"]);
    assert!(land.row().incidents.is_empty());
    land.refused("rev", citing(step(IncidentStep::Close)), "WRONG_STATE");
}

#[test]
fn given_a_re_audit_or_a_proposal_to_suspend_then_the_gate_sees_the_incident_until_it_is_closed() {
    for (outcome, expected) in [
        (IncidentStep::OrderReAudit, IncidentState::ReAuditOrdered),
        (IncidentStep::ProposeSuspension, IncidentState::SuspensionProposed),
    ] {
        let mut land = known();
        land.refused("rev", citing(step(outcome.clone())), "WRONG_STATE");
        let mut land = reviewed();
        land.not_for(&["kumo-head", "m1"], &citing(step(outcome.clone())));
        land.refused("rev", step(outcome.clone()), "INVALID");
        land.does("rev", citing(step(outcome.clone())));
        assert_eq!(state(&land), expected);
        assert!(!state(&land).is_over() && land.row().incidents.contains("i-1"));
        land.refused("rev", citing(step(outcome)), "WRONG_STATE");
        land.does("rev", citing(step(IncidentStep::Close)));
        assert!(state(&land).is_over() && land.row().incidents.is_empty());
    }
}

#[test]
fn given_no_count_of_days_then_nothing_falls_due_and_once_set_each_report_does() {
    let mut land = known();
    let due = |land: &Land| {
        let all = deadline::all(&land.register, land.today());
        all.into_iter()
            .find(|d| matches!(d.due, Due::Preliminary(_) | Due::Final(_)))
            .map(|d| (d.due, d.on, d.days_left))
    };
    assert_eq!(due(&land), None, "the program claims no count of days");
    let settings = Settings { incident_prelim_days: Some(5), incident_final_days: Some(30), ..Settings::default() };
    let set = Command::SetScheme(SetScheme { settings });
    land.not_for(&["kumo-head", "rev", "m1", "buyer", "staff", "admin"], &set);
    land.does("sec", set);
    assert_eq!(due(&land), Some((Due::Preliminary(id("i-1")), day("2026-06-06"), 4)));
    land.does("kumo-staff", first(&sha('1')));
    land.on("2026-07-02");
    assert_eq!(due(&land), Some((Due::Final(id("i-1")), day("2026-07-01"), -1)), "overdue by a day");
    land.does("kumo-staff", last(&sha('2')));
    assert_eq!(due(&land), None);
}

#[test]
fn given_an_incident_that_was_reported_then_no_list_closes_it_and_one_opened_by_hand_is_apart() {
    let mut land = known();
    let close = |name: &str| Command::CloseIncident(CloseIncident { number: NUMBER.into(), incident: name.into() });
    let refusal = land.refused("manager", close("i-1"), "WRONG_STATE");
    assert!(refusal.ja.contains("届出"), "{refusal:?}");
    let open = Command::OpenIncident(OpenIncident { number: NUMBER.into(), incident: "i-3".into() });
    land.does("manager", open);
    let twin =
        incident("i-3", IncidentStep::Know { number: NUMBER.into(), title: "別件".into(), known_on: land.today() });
    land.refused("kumo-staff", twin, "EXISTS");
    land.does("manager", close("i-3"));
    assert!(land.row().incidents.contains("i-1"));
}
