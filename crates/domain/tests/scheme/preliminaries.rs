//! LIU pre-applications (machine D), and the application for LIU that rests on one.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::Command;
use sekisho_domain::ismap::Scheme;
use sekisho_domain::ismap::filing::{FilingForm, FilingStep};
use sekisho_domain::ismap::party::{PartyKind, SchemeRole};
use sekisho_domain::ismap::preliminary::{ImpactLine, PreliminaryState, PreliminaryStep};

fn step(step: PreliminaryStep) -> Command {
    preliminary("p-1", step)
}

fn draft(party: &str, offering: &str, works: &[&str]) -> Command {
    let works = works.iter().map(|w| (*w).to_owned()).collect();
    step(PreliminaryStep::Draft { party: id(party), offering: id(offering), works })
}

fn line(work: &str, listed: bool, impact: [u8; 3]) -> ImpactLine {
    ImpactLine { work: work.into(), listed, information: "公開情報".into(), impact }
}

fn assess(sheet: Vec<ImpactLine>) -> Command {
    step(PreliminaryStep::Assess { sheet })
}

fn ask(procurer: &str) -> Command {
    step(PreliminaryStep::RequestImpact { procurer: id(procurer) })
}

fn requested() -> Land {
    let mut land = Land::audited();
    land.does("kumo-staff", draft("kumo", "kumo-drive", &["会議室の予約", "名刺の管理"]));
    land.does("kumo-staff", ask("chotatsu"));
    land
}

fn low() -> Command {
    assess(vec![line("会議室の予約", true, [1, 1, 1]), line("名刺の管理", true, [1, 1, 1])])
}

fn state(land: &Land) -> PreliminaryState {
    land.scheme().preliminaries.now(&id("p-1")).unwrap().state
}

fn eligible() -> Land {
    let mut land = requested();
    land.does("buyer", low());
    land.does("kumo-staff", step(PreliminaryStep::File));
    land.does("recv", step(PreliminaryStep::FindEligible));
    land
}

#[test]
fn given_a_service_then_its_provider_names_the_works_it_is_meant_for() {
    let mut land = Land::audited();
    land.refused("kumo-staff", ask("chotatsu"), "UNKNOWN");
    land.not_for(&["sora-head", "buyer", "recv", "k-exec", "staff"], &draft("kumo", "kumo-drive", &["予約"]));
    land.refused("kumo-staff", draft("kumo", "sora-mail", &["予約"]), "UNKNOWN");
    land.refused("kumo-staff", draft("kumo", "kumo-drive", &[]), "INVALID");
    land.refused("kumo-staff", draft("kumo", "kumo-drive", &["予"; 51]), "INVALID");
    land.refused("kumo-staff", draft("kumo", "kumo-drive", &[" "]), "INVALID");
    land.does("kumo-staff", draft("kumo", "kumo-drive", &["予約"]));
    // Another provider does not take it over.
    land.refused("sora-staff", draft("sora", "sora-mail", &["予約"]), "WRONG_STATE");
    land.refused("kumo-staff", ask("kansa"), "UNKNOWN");
    land.not_for(&["sora-staff", "buyer"], &ask("chotatsu"));
    land.does("kumo-staff", ask("chotatsu"));
    land.refused("kumo-staff", draft("kumo", "kumo-drive", &["予約"]), "WRONG_STATE");
}

#[test]
fn given_a_body_that_was_asked_then_it_alone_assesses_every_work() {
    let mut land = requested();
    land.does("sec", enter("chotatsu-2", PartyKind::ProcuringBody, "架空第二庁", ""));
    land.does("sec", admit("chotatsu-2", "newcomer", SchemeRole::Procurer));
    land.not_for(&["newcomer", "kumo-staff", "recv", "sec", "staff"], &low());
    land.refused("buyer", assess(Vec::new()), "INVALID");
    for impact in [[0, 1, 1], [1, 4, 1]] {
        land.refused("buyer", assess(vec![line("会議室の予約", true, impact)]), "INVALID");
    }
    land.refused("buyer", assess(vec![line(" ", true, [1, 1, 1])]), "INVALID");
    let missing = land.refused("buyer", assess(vec![line("会議室の予約", true, [1, 1, 1])]), "INVALID");
    assert!(missing.ja.contains("名刺の管理"), "{missing:?}");
    // A body that does not answer: another is asked, and the first no longer.
    let mut again = land.clone();
    again.does("kumo-staff", ask("chotatsu-2"));
    again.not_for(&["buyer"], &low());
    again.does("newcomer", low());
    land.does("buyer", low());
    assert_eq!(state(&land), PreliminaryState::ImpactLow);
    land.refused("buyer", low(), "WRONG_STATE");
}

#[test]
fn given_one_work_off_the_list_or_one_impact_above_low_then_it_is_not_filed_but_drafted_anew() {
    for sheet in [
        vec![line("会議室の予約", true, [1, 1, 1]), line("名刺の管理", false, [1, 1, 1])],
        vec![line("会議室の予約", true, [1, 1, 1]), line("名刺の管理", true, [1, 2, 1])],
    ] {
        let mut land = requested();
        land.refused("kumo-staff", step(PreliminaryStep::File), "WRONG_STATE");
        land.does("buyer", assess(sheet));
        assert_eq!(state(&land), PreliminaryState::ImpactNotLow);
        let refusal = land.refused("kumo-staff", step(PreliminaryStep::File), "WRONG_STATE");
        assert!(refusal.ja.contains("作成し直して"), "{refusal:?}");
        land.does("kumo-staff", draft("kumo", "kumo-drive", &["会議室の予約"]));
        assert_eq!(state(&land), PreliminaryState::Draft);
    }
}

#[test]
fn given_a_low_impact_then_the_operator_finds_it_eligible_or_not() {
    let mut land = requested();
    land.refused("recv", step(PreliminaryStep::FindEligible), "WRONG_STATE");
    land.does("buyer", low());
    land.not_for(&["sora-staff", "buyer", "recv"], &step(PreliminaryStep::File));
    land.does("kumo-staff", step(PreliminaryStep::File));
    land.not_for(&["kumo-head", "buyer", "m1", "staff"], &step(PreliminaryStep::FindEligible));
    land.not_for(&["kumo-head", "buyer", "m1"], &step(PreliminaryStep::FindIneligible));
    let mut found = land.clone();
    found.does("recv", step(PreliminaryStep::FindEligible));
    assert_eq!(state(&found), PreliminaryState::Eligible);
    found.refused("recv", step(PreliminaryStep::FindIneligible), "WRONG_STATE");
    found.refused("kumo-staff", draft("kumo", "kumo-drive", &["別"]), "WRONG_STATE");
    land.does("rev", step(PreliminaryStep::FindIneligible));
    land.does("kumo-staff", draft("kumo", "kumo-drive", &["別"]));
}

#[test]
fn given_an_liu_application_then_it_needs_an_eligible_service_and_the_internal_audit() {
    let file = filing("f-1", FilingStep::File);
    let with = |land: &mut Land, preliminary: Option<&str>, internal: &str| {
        let preliminary = preliminary.map(id);
        let internal_audit_sha256 = internal.into();
        let form = FilingForm { scheme: Scheme::Liu, preliminary, internal_audit_sha256, ..form() };
        land.does("kumo-staff", draft_filing("f-1", form));
    };
    let mut land = eligible();
    for none in [None, Some("p-9")] {
        with(&mut land, none, &sha('1'));
        let refusal = land.refused("kumo-staff", file.clone(), "WRONG_STATE");
        assert_eq!(refusal.clause, Some("LIU登録規則 3"));
    }
    with(&mut land, Some("p-1"), "");
    land.refused("kumo-staff", file.clone(), "INVALID");
    let mut early = requested();
    with(&mut early, Some("p-1"), &sha('1'));
    early.refused("kumo-staff", file.clone(), "WRONG_STATE");
    // Another service's pre-application does not count.
    land.does("kumo-staff", offer("kumo", "kumo-x", "架空の別"));
    let own = land.scheme().preliminaries.now(&id("p-1")).unwrap().offering.clone();
    assert_eq!(own, id("kumo-drive"));
    with(&mut land, Some("p-1"), &sha('1'));
    land.does("kumo-staff", file);
}
