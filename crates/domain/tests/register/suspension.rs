//! A permit stops, in the same commit, when what it rests on is no longer what the approver saw.

use crate::town::{
    CLOUD, FREE, NUMBER, OWN, Town, advisory, cloud, day, draft, id, reapprove, registration, renewal, sha, status,
    suspend, terms, terms_of,
};
use sekisho_domain::command::{
    ChangeTerms, Command, LiftAdvisory, OpenIncident, RecordConsultation, RenewRegistration, WithdrawService,
};
use sekisho_domain::decision::PermitStanding::{Active, Suspended};
use sekisho_domain::event::Event;
use sekisho_domain::id::PermitId;
use sekisho_domain::ismap::ListStatus;
use sekisho_domain::permit::{Change, PermitState};
use sekisho_domain::service::{Consultation, ProvisionForm, Service, Terms};

/// A command given by the manager stops the permit and says: what, before, after.
#[track_caller]
fn stops(town: &mut Town, permit: &PermitId, command: Command, expected: (&str, &str, &str)) {
    let others: Vec<_> = town.register.permits().filter(|p| p.permit != *permit).map(|p| p.state.clone()).collect();
    let events = town.does("manager", command);
    let (what, before, after) = expected;
    let change = Change { what: what.into(), before: before.into(), after: after.into(), service: id(CLOUD) };
    match &events[..] {
        [_, Event::PermitSuspended(e)] => {
            assert_eq!((&e.permit, &e.changes), (permit, &vec![change.clone()]));
        }
        other => panic!("{other:?}"),
    }
    let entry = town.entries.last().unwrap();
    assert!(entry.reason.contains(what), "{}", entry.reason);
    assert_eq!(entry.at, town.entries[town.entries.len() - 2].at, "one commit");
    assert_eq!(town.register.permit(permit).unwrap().state, PermitState::Suspended { changes: vec![change] });
    assert_eq!(town.standing(permit), Suspended);
    let after: Vec<_> = town.register.permits().filter(|p| p.permit != *permit).map(|p| p.state.clone()).collect();
    assert_eq!(after, others, "no other permit is touched");
}

/// A command given by the manager stops nothing.
#[track_caller]
fn leaves(town: &mut Town, permit: &PermitId, command: Command) {
    let events = town.does("manager", command);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(town.standing(permit), Active);
}

/// The permit in question, beside permits on the two other services.
fn three() -> (Town, PermitId) {
    let (mut town, permit) = Town::permitted();
    town.permit_for(draft(FREE));
    town.permit_for(draft(OWN));
    (town, permit)
}

fn changed(edit: impl FnOnce(&mut Service)) -> Command {
    let mut service = cloud();
    edit(&mut service);
    Command::ChangeService(service)
}

#[test]
fn given_a_permit_when_the_terms_change_then_it_stops() {
    let (mut town, permit) = three();
    stops(&mut town, &permit, terms(CLOUD, 'c'), ("約款・提供条件", &sha('a'), &sha('c')));
    let told = town.asks("staff", "kakuu-chat", 1);
    assert_eq!(told.code(), Some("PERMIT_SUSPENDED"));
    assert!(told.reason().unwrap().explanation.contains("約款・提供条件（aaaaaaaaaaaa → cccccccccccc）"), "{told:?}");
}

#[test]
fn given_a_permit_when_the_region_changes_then_it_stops() {
    let (mut town, permit) = three();
    stops(&mut town, &permit, changed(|s| s.region = "us".into()), ("処理する地域", "jp", "us"));
}

#[test]
fn given_a_permit_when_the_governing_law_changes_then_it_stops() {
    let (mut town, permit) = three();
    stops(&mut town, &permit, changed(|s| s.governing_law = "US".into()), ("準拠法", "JP", "US"));
}

#[test]
fn given_a_permit_when_the_form_changes_then_it_stops() {
    let (mut town, permit) = three();
    let change = changed(|s| s.form = ProvisionForm::StandardTerms);
    stops(&mut town, &permit, change, ("提供形態", "個別契約", "約款型"));
}

#[test]
fn given_a_permit_when_address_or_route_change_then_it_stops() {
    let (mut town, permit) = three();
    let elsewhere = "https://other.example.com/v1";
    let change = changed(|s| s.upstream.base_url = elsewhere.into());
    stops(&mut town, &permit, change, ("接続先", "https://kakuu-cloud.example.com/v1", elsewhere));

    let (mut town, permit) = three();
    stops(&mut town, &permit, changed(|s| s.hosting_route = "lgwan-asp".into()), ("接続経路", "internet", "lgwan-asp"));
}

#[test]
fn given_a_permit_when_an_advisory_is_opened_then_it_stops() {
    let (mut town, permit) = three();
    stops(&mut town, &permit, advisory(CLOUD, "注意喚起1号"), ("注意喚起", "なし", "注意喚起1号"));
    town.refused("manager", advisory(CLOUD, "注意喚起1号"), "EXISTS");
    town.does("approver", reapprove(&permit));
    stops(&mut town, &permit, advisory(CLOUD, "2号"), ("注意喚起", "注意喚起1号", "2号、注意喚起1号"));
    town.does("approver", reapprove(&permit));
    let lift = Command::LiftAdvisory(LiftAdvisory { service: id(CLOUD), advisory: "2号".into() });
    stops(&mut town, &permit, lift.clone(), ("注意喚起", "2号、注意喚起1号", "注意喚起1号"));
    town.refused("manager", lift, "UNKNOWN");
}

#[test]
fn given_a_permit_when_its_registration_changes_state_then_it_stops() {
    for (new, label) in [(ListStatus::Suspended, "一時停止"), (ListStatus::Removed, "削除")] {
        let (mut town, permit) = three();
        let after = format!("{NUMBER} {label}");
        stops(&mut town, &permit, status(new, "2026-11-22"), ("ISMAP登録", "KAKUU-0001 登録中", &after));
    }
    // A new copy of the row that says so counts as much.
    let (mut town, permit) = three();
    let mut row = registration();
    row.valid_until = day("2026-11-21");
    let command = Command::RecordRegistration(row);
    stops(&mut town, &permit, command, ("ISMAP登録", "KAKUU-0001 登録中", "KAKUU-0001 有効期限切れ"));
    // So does another number, or none.
    let (mut town, permit) = three();
    stops(&mut town, &permit, changed(|s| s.ismap = None), ("ISMAP登録", "KAKUU-0001 登録中", "登録なし"));
}

#[test]
fn given_a_permit_that_stopped_when_the_registration_returns_then_only_an_approver_starts_it_again() {
    let (mut town, permit) = three();
    town.does("manager", status(ListStatus::Suspended, "2026-11-22"));
    town.does("manager", status(ListStatus::Listed, "2026-11-22"));
    assert_eq!(town.standing(&permit), Suspended);
    town.does("approver", reapprove(&permit));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
}

#[test]
fn given_a_permit_when_a_filing_keeps_an_expired_registration_alive_then_it_stops_for_another_look() {
    let (mut town, permit) = three();
    town.on("2027-02-01");
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "EXPIRED");
    let (before, after) = ("KAKUU-0001 登録中", "KAKUU-0001 更新審査中");
    stops(&mut town, &permit, renewal("2027-01-31"), ("ISMAP登録", before, after));
}

#[test]
fn given_a_permit_when_nothing_it_rests_on_changed_then_it_goes_on() {
    let (mut town, permit) = three();
    // The same text at another address.
    let moved = Terms { url: "https://kakuu-cloud.example.com/new".into(), ..terms_of(CLOUD, 'a') };
    leaves(&mut town, &permit, Command::ChangeTerms(ChangeTerms { service: id(CLOUD), terms: moved }));
    leaves(&mut town, &permit, changed(|s| s.name = "新しい名前".into()));
    leaves(&mut town, &permit, changed(|s| s.models[0].upstream_model = "upstream-2".into()));
    leaves(&mut town, &permit, changed(|s| s.upstream.secret = None));
    leaves(&mut town, &permit, renewal("2026-11-20"));
    let renew = RenewRegistration { number: NUMBER.into(), valid_until: day("2028-05-31") };
    leaves(&mut town, &permit, Command::RenewRegistration(renew));
    let consultation = RecordConsultation {
        service: id(CLOUD),
        state: Consultation::Consented,
        addressee: "幹事会".into(),
        on: day("2026-11-22"),
    };
    leaves(&mut town, &permit, Command::RecordConsultation(consultation));
    let incident = OpenIncident { number: NUMBER.into(), incident: "障害".into() };
    leaves(&mut town, &permit, Command::OpenIncident(incident));
    let mut other = registration();
    other.number = "KAKUU-0002".into();
    other.status = ListStatus::Removed;
    leaves(&mut town, &permit, Command::RecordRegistration(other));
}

#[test]
fn given_a_permit_when_another_service_changes_then_it_goes_on() {
    let (mut town, permit) = three();
    let events = town.does("manager", advisory(FREE, "注意"));
    assert_eq!(events.len(), 2, "the permit on that service stops");
    assert_eq!(town.standing(&permit), Active);
    let withdrawn = town.does("manager", Command::WithdrawService(WithdrawService { service: id(FREE) }));
    assert_eq!(withdrawn.len(), 1);
    assert_eq!(town.standing(&permit), Active);
}

#[test]
fn given_permits_that_are_not_in_force_when_something_changes_then_they_are_left_as_they_are() {
    let (mut town, permit) = Town::permitted();
    let (revoked, by_hand, over, to_come) = (
        town.permit_for(draft(CLOUD)),
        town.permit_for(draft(CLOUD)),
        town.permit_for(sekisho_domain::permit::Draft { until: day("2026-12-01"), ..draft(CLOUD) }),
        town.permit_for(sekisho_domain::permit::Draft { from: day("2027-01-10"), ..draft(CLOUD) }),
    );
    town.does("ciso", crate::town::revoke(&revoked));
    town.does("ciso", suspend(&by_hand));
    town.on("2026-12-02");
    let events = town.does("manager", terms(CLOUD, 'c'));
    let mut stopped: Vec<_> = events
        .iter()
        .filter_map(|e| if let Event::PermitSuspended(e) = e { Some(e.permit.clone()) } else { None })
        .collect();
    stopped.sort();
    assert_eq!(stopped, [permit, to_come], "those in force, begun or not");
    assert_eq!(town.register.permit(&revoked).unwrap().state, PermitState::Revoked);
    assert_eq!(town.register.permit(&by_hand).unwrap().state, PermitState::Suspended { changes: vec![] });
    assert_eq!(town.register.permit(&over).unwrap().state, PermitState::InForce);
}

#[test]
fn given_several_changes_at_once_then_all_are_named_in_the_order_an_approver_reads() {
    let (mut town, _) = Town::permitted();
    let command = changed(|s| {
        s.region = "us".into();
        s.governing_law = "US".into();
        s.terms = Some(terms_of(CLOUD, 'c'));
    });
    let events = town.does("manager", command);
    let [_, Event::PermitSuspended(e)] = &events[..] else { panic!("{events:?}") };
    let what: Vec<_> = e.changes.iter().map(|c| c.what.as_str()).collect();
    assert_eq!(what, ["約款・提供条件", "処理する地域", "準拠法"]);
}

#[test]
fn given_a_permit_that_stopped_when_it_is_approved_again_then_it_rests_on_what_is_true_now() {
    let (mut town, permit) = Town::permitted();
    town.does("manager", terms(CLOUD, 'c'));
    let events = town.does("approver-2", reapprove(&permit));
    let [Event::PermitReapproved(e)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(e.basis[&id(CLOUD)].terms, Some(sha('c')));
    let held = town.register.permit(&permit).unwrap();
    assert_eq!((&held.basis, &held.state, &held.approver), (&e.basis, &PermitState::InForce, &id("approver-2")));
    assert_eq!(town.answer("staff", "kakuu-chat", 1), "allow");
    // Back to the first text is a change like any other.
    stops(&mut town, &permit, terms(CLOUD, 'a'), ("約款・提供条件", &sha('c'), &sha('a')));
}

#[test]
fn given_a_withdrawn_service_then_its_permits_cannot_be_approved_again_and_its_model_is_gone() {
    let (mut town, permit) = Town::permitted();
    town.does("manager", terms(CLOUD, 'c'));
    town.does("manager", Command::WithdrawService(WithdrawService { service: id(CLOUD) }));
    town.refused("approver", reapprove(&permit), "WRONG_STATE");
    assert_eq!(town.answer("staff", "kakuu-chat", 0), "NOT_CATALOGUED");
}
