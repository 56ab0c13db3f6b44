//! One whole year of a registration, from the first party to the renewal that is granted.

use crate::steps::{NUMBER, day, decide_on, filing, id, kinds, of_filing};
use crate::year::Land;
use sekisho_domain::ismap::RegistrationState;
use sekisho_domain::ismap::committee::Outcome;
use sekisho_domain::ismap::filing::{FilingState, FilingStep};
use sekisho_domain::ismap::statement::StatementState;

#[test]
fn given_a_signed_audited_reviewed_application_when_the_committee_registers_it_then_it_is_on_the_list() {
    let land = Land::registered();
    let row = land.row();
    assert_eq!(land.state(), RegistrationState::Active);
    assert_eq!((row.registered_on, row.valid_until), (day("2026-04-20"), day("2027-04-30")));
    assert_eq!(row.audit_period, Some((day("2025-04-01"), day("2025-12-31"))));
    assert_eq!((row.csp_name.as_str(), row.audit_firm.as_str()), ("架空のkumo", "架空のkansa"));
    assert_eq!(row.decided_by, Some(id("kai-1")));
    assert_eq!(row.statement, Some(id("s-1")));
    assert!(row.scope.regions.contains("jp-east"));
    assert_eq!(row.governing_law, "日本法");
    let statement = land.scheme().statements.now(&id("s-1")).unwrap();
    assert_eq!(statement.state, StatementState::Published);
    let filing = land.scheme().filings.now(&id("f-1")).unwrap();
    assert_eq!((filing.state, filing.number.as_deref()), (FilingState::Registered, Some(NUMBER)));
}

#[test]
fn given_a_renewal_filed_in_time_when_the_term_ends_then_it_continues_and_the_decision_gives_the_next_term() {
    let mut land = Land::renewing();
    assert_eq!(land.row().renewal_filed_on, Some(day("2027-04-10")));
    assert_eq!(land.state(), RegistrationState::Active);
    land.on("2027-04-30");
    assert_eq!(land.state(), RegistrationState::Active, "the last day itself counts");
    land.on("2027-05-01");
    assert_eq!(land.state(), RegistrationState::Continuing);
    land.convene("kai-2", "2027-06-15");
    land.reviewed("f-2");
    land.does("sec", filing("f-2", FilingStep::Docket { meeting: id("kai-2") }));
    land.on("2027-06-15").opens("kai-2", &["m1", "m2", "m3"]);
    let events = land.does("sec", decide_on("kai-2", of_filing("f-2"), Outcome::Register { number: None }, 3));
    assert_eq!(
        kinds(&events),
        ["meeting.stepped", "filing.stepped", "registration.recorded", "statement.stepped", "statement.stepped"]
    );
    let row = land.row();
    assert_eq!((land.state(), row.renewal_filed_on), (RegistrationState::Active, None));
    assert_eq!((row.registered_on, row.valid_until), (day("2026-04-20"), day("2028-04-30")));
    let state = |name: &str| land.scheme().statements.now(&id(name)).unwrap().state;
    assert_eq!((state("s-1"), state("s-2")), (StatementState::Superseded, StatementState::Published));
    // What was known while it continued stays known.
    let then = land.register.registration_as_of(NUMBER, day("2027-05-20")).unwrap();
    assert_eq!(then.state_on(day("2027-05-20")), RegistrationState::Continuing);
    assert_eq!(then.valid_until, day("2027-04-30"));
}

#[test]
fn given_the_same_steps_then_the_firms_terms_follow_each_other() {
    let land = Land::with_firms();
    let firm = land.scheme().firms.now(&id("kansa")).unwrap();
    assert_eq!((firm.registered_on, firm.until), (Some(day("2025-03-20")), Some(day("2027-03-19"))));
}
