//! Rows of the list beside the committee's: what an import may change and what it may not; deadlines; any past day.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::*;
use sekisho_domain::ismap::caution;
use sekisho_domain::ismap::deadline::{self, Due};
use sekisho_domain::ismap::filing::{FilingState, FilingStep};
use sekisho_domain::ismap::firm::FirmState;
use sekisho_domain::ismap::statement::StatementState;
use sekisho_domain::ismap::{ListStatus, Registration, RegistrationState, Scheme, computed_expiry};

fn listed(edit: impl FnOnce(&mut Registration)) -> Command {
    let mut row = Registration::listed(
        "LIST-1".into(),
        Scheme::Ismap,
        "外のサービス".into(),
        day("2026-01-01"),
        day("2027-01-31"),
    );
    row.csp_name = "架空社".into();
    edit(&mut row);
    Command::RecordRegistration(row)
}

#[test]
fn given_a_row_that_the_committee_decided_then_no_import_and_no_hand_changes_it() {
    let mut land = Land::registered();
    let before = land.row().clone();
    let number = || NUMBER.to_owned();
    for by_hand in [
        listed(|row| row.number = number()),
        Command::ChangeRegistrationStatus(ChangeRegistrationStatus {
            number: number(),
            status: ListStatus::Removed,
            on: day("2026-04-20"),
        }),
        Command::FileRenewal(FileRenewal { number: number(), on: day("2026-04-20") }),
        Command::RenewRegistration(RenewRegistration { number: number(), valid_until: day("2030-01-01") }),
    ] {
        let refusal = land.refused("manager", by_hand, "WRONG_STATE");
        assert!(refusal.ja.contains("kai-1"), "names the meeting: {refusal:?}");
    }
    assert_eq!(*land.row(), before);
}

#[test]
fn given_an_imported_row_then_it_cannot_claim_a_decision_or_a_renewal_to_come() {
    let mut land = Land::registered();
    for claim in [
        listed(|row| row.decided_by = Some(id("kai-1"))),
        listed(|row| row.offering = Some(id("kumo-drive"))),
        listed(|row| row.statement = Some(id("s-1"))),
        listed(|row| row.renewal_filed_on = Some(day("2026-04-21"))),
        listed(|row| row.audit_period = Some((day("2025-12-31"), day("2025-12-30")))),
        listed(|row| row.valid_until = day("2025-12-31")),
    ] {
        land.refused("manager", claim, "INVALID");
    }
    land.does("manager", listed(|row| row.renewal_filed_on = Some(day("2026-04-20"))));
}

#[test]
fn given_an_official_expiry_that_is_not_the_computed_one_then_it_counts_and_both_are_told() {
    let mut land = Land::registered();
    let period = (day("2025-01-01"), day("2025-10-30"));
    land.does("manager", listed(|row| row.audit_period = Some(period)));
    let row = land.register.registration("LIST-1").unwrap();
    assert_eq!(row.state_on(day("2027-01-31")), RegistrationState::Active);
    assert_eq!(row.state_on(day("2027-02-01")), RegistrationState::Expired);
    let told = caution::of_registration(row).unwrap();
    assert!(told.ja.contains("2027-01-31") && told.ja.contains("2027-02-28"), "{told:?}");
    assert!(caution::of_registration(land.row()).is_none());
    assert_eq!(computed_expiry(day("2025-10-30")), Some(day("2027-02-28")));
}

#[test]
fn given_a_term_then_its_provider_is_reminded_on_days_180_90_and_30() {
    let mut land = Land::registered();
    let reminder = |land: &Land, on: &str| {
        let all = deadline::all(&land.register, day(on));
        let due = all.iter().find(|d| d.due == Due::Renewal(NUMBER.into()));
        due.map(|d| (d.days_left, d.reminder()))
    };
    assert_eq!(reminder(&land, "2026-11-01"), Some((180, Some(180))));
    assert_eq!(reminder(&land, "2026-10-31"), Some((181, None)));
    assert_eq!(reminder(&land, "2027-01-30"), Some((90, Some(90))));
    assert_eq!(reminder(&land, "2027-03-31"), Some((30, Some(30))));
    assert_eq!(reminder(&land, "2027-04-30"), Some((0, Some(30))));
    assert_eq!(reminder(&land, "2027-05-01"), None, "what has lapsed is not renewed");
    let firm = |land: &Land, on: &str| {
        let all = deadline::all(&land.register, day(on));
        all.iter().find(|d| d.due == Due::FirmTerm(id("kansa"))).map(|d| (d.on, d.days_left))
    };
    assert_eq!(firm(&land, "2027-03-19"), Some((day("2027-03-19"), 0)));
    assert_eq!(firm(&land, "2027-03-20"), None);
    land = Land::renewing();
    assert_eq!(reminder(&land, "2027-04-20"), None, "a renewal is filed");
    let all = deadline::all(&land.register, land.today());
    assert!(all.is_sorted_by_key(|d| d.on));
}

#[test]
fn given_an_accepted_application_then_its_decision_falls_due_after_six_months() {
    let mut land = Land::filed();
    let due = |land: &Land| {
        let all = deadline::all(&land.register, land.today());
        all.into_iter().find(|d| d.due == Due::Decision(id("f-1"))).map(|d| d.on)
    };
    assert_eq!(due(&land), None);
    land.accepted("f-1");
    assert_eq!(due(&land), Some(day("2026-09-01")));
    land.does("kumo-staff", filing("f-1", FilingStep::Withdraw));
    assert_eq!(due(&land), None);
}

#[test]
fn given_a_past_day_then_every_record_answers_as_it_was_known() {
    let land = Land::renewing();
    let scheme = land.scheme();
    let statement = |on: &str| scheme.statements.get(&id("s-1")).unwrap().as_of(day(on)).map(|s| s.state);
    assert_eq!(statement("2026-01-04"), None);
    assert_eq!(statement("2026-01-05"), Some(StatementState::UnderAudit));
    assert_eq!(statement("2026-02-20"), Some(StatementState::Audited));
    assert_eq!(statement("2026-03-02"), Some(StatementState::Filed));
    assert_eq!(statement("2026-04-20"), Some(StatementState::Published));
    let filing = |on: &str| scheme.filings.get(&id("f-1")).unwrap().as_of(day(on)).map(|f| f.state);
    assert_eq!((filing("2026-03-01"), filing("2026-04-20")), (None, Some(FilingState::Registered)));
    let firm = |on: &str| scheme.firms.get(&id("kansa")).unwrap().as_of(day(on)).unwrap().state_on(day(on));
    assert_eq!((firm("2025-03-01"), firm("2026-01-01")), (FirmState::Docketed, FirmState::Registered));
    assert_eq!(scheme.filings.as_of(day("2026-03-01")).count(), 0);
    assert_eq!(scheme.filings.as_of(day("2026-03-02")).count(), 1);
    assert_eq!(land.register.registrations_as_of(day("2026-04-19")).count(), 0);
    assert_eq!(land.register.registrations_as_of(day("2026-04-20")).count(), 1);
}

#[test]
fn given_a_day_in_japan_then_it_ends_at_fifteen_hundred_utc() {
    let mut land = Land::founded();
    land.now = "2025-03-05T14:59:59Z".parse().unwrap();
    land.does("sec", party("kumo", sekisho_domain::ismap::party::PartyStep::Rename { name: "五日".into() }));
    land.now = "2025-03-05T15:00:00Z".parse().unwrap();
    land.does("sec", party("kumo", sekisho_domain::ismap::party::PartyStep::Rename { name: "六日".into() }));
    let name = |on: &str| land.scheme().parties.get(&id("kumo")).unwrap().as_of(day(on)).unwrap().name;
    assert_eq!((name("2025-03-05").as_str(), name("2025-03-06").as_str()), ("五日", "六日"));
}
