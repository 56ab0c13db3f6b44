//! Notices of change (machine H): what counts as a change of controls, and what comes of a notice.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::Command;
use sekisho_domain::ismap::DeclaredScope;
use sekisho_domain::ismap::change_notice::{NoticeKind, NoticeOutcome, NoticeState, NoticeStep};
use sekisho_domain::ismap::statement::ControlChange;

fn step(step: NoticeStep) -> Command {
    notice("n-1", step)
}

fn drafted(number: &str, kind: NoticeKind, text: &str) -> Command {
    step(NoticeStep::Draft { number: number.into(), kind, effective_on: day("2026-06-01"), text: text.into() })
}

fn controls(changes: &[ControlChange], criteria: &[&str]) -> NoticeKind {
    let changes = changes.iter().copied().collect();
    NoticeKind::Control { changes, criteria: criteria.iter().map(|c| (*c).to_owned()).collect() }
}

fn listed(name: Option<&str>, regions: Option<&[&str]>) -> NoticeKind {
    let scope =
        regions.map(|r| DeclaredScope { regions: r.iter().map(|r| (*r).into()).collect(), ..DeclaredScope::default() });
    NoticeKind::Listed { service_name: name.map(str::to_owned), scope }
}

fn resolve(outcome: NoticeOutcome) -> Command {
    citing(step(NoticeStep::Resolve { outcome }))
}

fn triaged(kind: NoticeKind) -> Land {
    let mut land = Land::registered();
    land.on("2026-06-02").does("kumo-staff", drafted(NUMBER, kind, "変更"));
    land.does("kumo-staff", step(NoticeStep::File));
    land.does("recv", step(NoticeStep::Triage));
    land
}

#[test]
fn given_a_change_then_the_provider_says_what_changes_in_items_that_are_items() {
    let mut land = Land::registered();
    let fine = || controls(&[ControlChange::Procedure], &["5.1.1.2"]);
    land.not_for(&["sora-head", "k-exec", "sec", "staff"], &drafted(NUMBER, fine(), "変更"));
    land.refused("kumo-staff", drafted("KAKUU-9", fine(), "変更"), "UNKNOWN");
    land.refused("kumo-staff", drafted(NUMBER, fine(), " "), "INVALID");
    land.refused("kumo-staff", drafted(NUMBER, controls(&[], &["5.1.1.2"]), "変更"), "INVALID");
    let bad =
        land.refused("kumo-staff", drafted(NUMBER, controls(&[ControlChange::Procedure], &["5.x"]), "変更"), "INVALID");
    assert!(bad.ja.contains("5.x"), "{bad:?}");
    land.refused("kumo-staff", drafted(NUMBER, listed(None, None), "変更"), "INVALID");
    land.refused("kumo-staff", drafted(NUMBER, listed(Some(" "), None), "変更"), "INVALID");
    land.refused("kumo-staff", step(NoticeStep::File), "UNKNOWN");
    land.does("kumo-staff", drafted(NUMBER, fine(), "変更"));
    land.does("kumo-staff", drafted(NUMBER, fine(), "書き直し"));
    land.not_for(&["sora-staff", "recv"], &step(NoticeStep::File));
    land.does("kumo-staff", step(NoticeStep::File));
    land.refused("kumo-staff", drafted(NUMBER, fine(), "変更"), "WRONG_STATE");
    land.refused("kumo-staff", step(NoticeStep::File), "WRONG_STATE");
}

#[test]
fn given_kinds_of_change_then_a_new_manager_or_region_alone_is_no_change_of_controls() {
    for change in ControlChange::ALL {
        let counts = !matches!(change, ControlChange::NewManager | ControlChange::AddedRegion);
        assert_eq!(controls(&[change], &[]).counts_as_control_change(), counts, "{change:?}");
    }
    let both = controls(&[ControlChange::NewManager, ControlChange::Frequency], &[]);
    assert!(both.counts_as_control_change());
    assert!(!listed(Some("x"), None).counts_as_control_change());
}

#[test]
fn given_a_notice_then_the_operator_takes_it_up_resolves_and_closes_it() {
    let mut land = Land::registered();
    land.does("kumo-staff", drafted(NUMBER, listed(Some("架空ドライブ改"), None), "改称"));
    land.refused("recv", step(NoticeStep::Triage), "WRONG_STATE");
    land.does("kumo-staff", step(NoticeStep::File));
    land.not_for(&["kumo-head", "m1", "staff"], &step(NoticeStep::Triage));
    land.refused("recv", resolve(NoticeOutcome::Noted), "WRONG_STATE");
    land.does("recv", step(NoticeStep::Triage));
    land.not_for(&["kumo-head", "m1"], &resolve(NoticeOutcome::Noted));
    land.refused("recv", cites(resolve(NoticeOutcome::Noted), None), "INVALID");
    land.refused("recv", step(NoticeStep::Close), "WRONG_STATE");
    land.does("recv", resolve(NoticeOutcome::Noted));
    assert_eq!(land.row().service_name, "架空ドライブ", "noted alone changes nothing on the list");
    land.not_for(&["kumo-head", "m1"], &step(NoticeStep::Close));
    land.does("rev", step(NoticeStep::Close));
    assert_eq!(land.scheme().notices.now(&id("n-1")).unwrap().state, NoticeState::Closed);
    land.refused("rev", step(NoticeStep::Close), "WRONG_STATE");
}

#[test]
fn given_what_the_list_says_then_it_changes_by_the_resolution_and_the_past_keeps_its_answer() {
    let mut land = triaged(listed(Some("架空ドライブ改"), Some(&["jp-west"])));
    let events = land.does("sec", resolve(NoticeOutcome::ListUpdated));
    assert_eq!(kinds(&events), ["change_notice.stepped", "registration.recorded"]);
    assert_eq!(land.row().service_name, "架空ドライブ改");
    assert!(land.row().scope.regions.contains("jp-west") && !land.row().scope.regions.contains("jp-east"));
    assert_eq!(land.row().decided_by, Some(id("kai-1")));
    let before = land.register.registration_as_of(NUMBER, day("2026-06-01")).unwrap();
    assert_eq!(before.service_name, "架空ドライブ");
    land.refused("sec", resolve(NoticeOutcome::Noted), "WRONG_STATE");
}

#[test]
fn given_a_change_of_controls_then_the_list_does_not_change_but_an_audit_may_follow() {
    let mut land = triaged(controls(&[ControlChange::Operation], &[]));
    land.refused("sec", resolve(NoticeOutcome::ListUpdated), "INVALID");
    let re_audit = || propose("e-r", "tenken", "s-1", sekisho_domain::ismap::engagement::EngagementKind::ReAudit);
    land.refused("kumo-staff", re_audit(), "WRONG_STATE");
    land.does("sec", resolve(NoticeOutcome::ReAudit));
    land.does("kumo-staff", re_audit());
}
