//! Applications (machine E): what is filed, who receives and who reviews, what a renewal keeps alive and what ends it.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::Command;
use sekisho_domain::ismap::committee::{AgendaItem, MeetingStep, Outcome, agenda};
use sekisho_domain::ismap::filing::{FilingForm, FilingKind, FilingState, FilingStep, Pledge};
use sekisho_domain::ismap::party::SchemeRole;
use sekisho_domain::ismap::statement::StatementState;
use sekisho_domain::ismap::{RegistrationState, Scheme};

fn state(land: &Land, name: &str) -> FilingState {
    land.scheme().filings.now(&id(name)).unwrap().state
}

fn of_statement(land: &Land, name: &str) -> StatementState {
    land.scheme().statements.now(&id(name)).unwrap().state
}

fn step(step: FilingStep) -> Command {
    filing("f-1", step)
}

fn renewal(step: FilingStep) -> Command {
    filing("f-2", step)
}

fn drafted(edit: impl FnOnce(&mut FilingForm)) -> Land {
    let mut land = Land::audited();
    let mut form = form();
    edit(&mut form);
    land.on("2026-03-02").does("kumo-staff", draft_filing("f-1", form));
    land
}

/// The renewal was handed back on a day.
fn returned(on: &str) -> Land {
    let mut land = Land::renewing();
    land.on(on).does("recv", renewal(FilingStep::CheckAcceptance));
    land.does("recv", renewal(FilingStep::Return));
    land
}

#[test]
fn given_an_audited_statement_then_its_provider_drafts_an_application_that_fits_it() {
    let mut land = Land::audited();
    let mut with = |edit: &dyn Fn(&mut FilingForm), code: &str| {
        let mut form = form();
        edit(&mut form);
        land.refused("kumo-staff", draft_filing("f-1", form), code);
    };
    with(&|f| f.statement = id("s-9"), "UNKNOWN");
    with(&|f| f.offering = id("sora-mail"), "INVALID");
    with(&|f| f.engagement = id("e-9"), "UNKNOWN");
    with(&|f| f.kind = FilingKind::Renewal { number: NUMBER.into() }, "UNKNOWN");
    with(&|f| f.party = id("sora"), "NOT_ALLOWED");
    land.not_for(&["sora-head", "k-exec", "sec", "recv", "staff"], &draft_filing("f-1", form()));
    land.refused("kumo-staff", step(FilingStep::File), "UNKNOWN");
    land.does("kumo-staff", draft_filing("f-1", form()));
    land.not_for(&["sora-staff", "recv", "sec"], &step(FilingStep::File));
    let another = FilingForm { party: id("sora"), ..form() };
    land.refused("kumo-staff", draft_filing("f-1", another), "INVALID");
}

#[test]
fn given_a_disclosure_or_a_pledge_that_is_missing_then_it_is_not_filed() {
    let empty: [fn(&mut FilingForm); 5] = [
        |f| f.disclosures.capital_and_officers.clear(),
        |f| f.disclosures.foreign_law_risk = " ".into(),
        |f| f.disclosures.governing_law.clear(),
        |f| f.disclosures.jurisdiction.clear(),
        |f| f.disclosures.tests.clear(),
    ];
    for edit in empty {
        let refusal = drafted(edit).refused("kumo-staff", step(FilingStep::File), "INVALID");
        assert_eq!(refusal.clause, Some("登録規則 3.4"));
    }
    for pledge in Pledge::ALL {
        let mut land = drafted(|f| {
            f.pledges.remove(&pledge);
        });
        let refusal = land.refused("kumo-staff", step(FilingStep::File), "INVALID");
        assert_eq!(refusal.clause, Some("登録規則 3.5"));
        assert!(refusal.ja.contains(pledge.article()), "{refusal:?}");
    }
}

#[test]
fn given_a_statement_without_its_report_then_it_is_not_filed() {
    let mut land = Land::signed();
    land.contracts("e-1", "kansa", "s-1", sekisho_domain::ismap::engagement::EngagementKind::Initial);
    land.on("2026-03-02").does("kumo-staff", draft_filing("f-1", form()));
    let refusal = land.refused("kumo-staff", step(FilingStep::File), "WRONG_STATE");
    assert!(refusal.ja.contains("監査中"), "{refusal:?}");
    // Another engagement on the statement is not its audit.
    let mut land = Land::signed();
    land.does(
        "kumo-staff",
        propose("e-0", "tenken", "s-1", sekisho_domain::ismap::engagement::EngagementKind::Initial),
    );
    land.contracts("e-1", "kansa", "s-1", sekisho_domain::ismap::engagement::EngagementKind::Initial);
    land.works("e-1");
    land.on("2026-02-20").reports("e-1");
    land.does("kumo-staff", draft_filing("f-1", FilingForm { engagement: id("e-0"), ..form() }));
    let refusal = land.refused("kumo-staff", step(FilingStep::File), "WRONG_STATE");
    assert!(refusal.ja.contains("依頼"), "{refusal:?}");
}

#[test]
fn given_an_audit_period_whose_expiry_has_passed_then_nothing_is_filed_on_it() {
    let mut land = drafted(|_| ());
    land.on("2027-05-01");
    let refusal = land.refused("kumo-staff", step(FilingStep::File), "WRONG_STATE");
    assert_eq!(refusal.clause, Some("基本規程 3.5"));
    assert!(refusal.ja.contains("2027-04-30") && refusal.en.contains("2027-05-01"), "{refusal:?}");
    land.on("2027-04-30").does("kumo-staff", step(FilingStep::File));
}

#[test]
fn given_a_filed_application_then_reception_and_review_are_of_different_people() {
    let mut land = Land::filed();
    assert_eq!(of_statement(&land, "s-1"), StatementState::Filed);
    land.refused("kumo-staff", draft_filing("f-1", form()), "WRONG_STATE");
    land.refused("kumo-staff", step(FilingStep::File), "WRONG_STATE");
    land.refused("recv", step(FilingStep::Accept), "WRONG_STATE");
    land.refused("rev", step(FilingStep::StartReview), "WRONG_STATE");
    land.not_for(&others(&[SchemeRole::IpaReception]), &step(FilingStep::CheckAcceptance));
    land.does("recv", step(FilingStep::CheckAcceptance));
    land.not_for(&others(&[SchemeRole::IpaReception]), &step(FilingStep::Accept));
    land.not_for(&others(&[SchemeRole::IpaReception]), &step(FilingStep::Return));
    land.does("recv-2", step(FilingStep::Accept));
    assert_eq!(land.scheme().filings.now(&id("f-1")).unwrap().accepted_on, Some(day("2026-03-02")));
    // Who took any step of the reception does not review, whatever roles they hold by now.
    for who in ["recv", "recv-2"] {
        land.does("sec", admit("unei", who, SchemeRole::IpaReviewer));
        land.refused(who, step(FilingStep::StartReview), "SEPARATION_OF_DUTIES");
    }
    land.not_for(&["kumo-head", "sec", "m1"], &step(FilingStep::StartReview));
    land.does("rev", step(FilingStep::StartReview));
    land.refused("rev-2", step(FilingStep::StartReview), "WRONG_STATE");
}

#[test]
fn given_whoever_received_it_the_first_time_then_they_do_not_review_it_the_second_time() {
    let mut land = Land::filed();
    land.does("recv", step(FilingStep::CheckAcceptance));
    land.does("recv", step(FilingStep::Return));
    land.does("kumo-staff", step(FilingStep::File));
    land.does("recv-2", step(FilingStep::CheckAcceptance));
    land.does("recv-2", step(FilingStep::Accept));
    land.does("sec", admit("unei", "recv", SchemeRole::IpaReviewer));
    land.refused("recv", step(FilingStep::StartReview), "SEPARATION_OF_DUTIES");
}

#[test]
fn given_a_review_then_one_person_asks_the_provider_answers_and_that_person_concludes() {
    let mut land = Land::filed();
    land.accepted("f-1");
    let ask = |text: &str| step(FilingStep::Inquire { question: text.into() });
    let answer = |text: &str| step(FilingStep::Answer { answer: text.into() });
    let review = |opinion: &str| step(FilingStep::Review { basic_met: true, opinion: opinion.into() });
    land.refused("rev", review("満たす"), "NOT_ALLOWED");
    land.does("rev", step(FilingStep::StartReview));
    land.not_for(&["rev-2", "recv", "kumo-head"], &ask("版は?"));
    land.refused("rev", ask(" "), "INVALID");
    land.refused("kumo-staff", answer("2.0"), "WRONG_STATE");
    land.does("rev", ask("版は?"));
    land.refused("rev", review("満たす"), "WRONG_STATE");
    land.not_for(&["rev", "sora-staff", "recv"], &answer("2.0"));
    land.refused("kumo-staff", answer(" "), "INVALID");
    land.on("2026-03-10").does("kumo-staff", answer("2.0"));
    land.not_for(&["rev-2", "kumo-head", "sec"], &review("満たす"));
    land.refused("rev", review(" "), "INVALID");
    land.does("rev", review("満たす"));
    assert_eq!(state(&land, "f-1"), FilingState::Reviewed);
    land.refused("rev", review("満たさない"), "WRONG_STATE");
    let filing = land.scheme().filings.now(&id("f-1")).unwrap();
    assert_eq!(filing.decision_due(false, land.today()), Some(day("2026-09-01")));
    assert_eq!(filing.decision_due(true, land.today()), Some(day("2026-09-09")), "eight days waited for the answer");
}

#[test]
fn given_a_reviewer_who_no_longer_reviews_then_another_takes_over() {
    let mut land = Land::filed();
    land.accepted("f-1");
    land.does("rev", step(FilingStep::StartReview));
    land.refused("rev-2", step(FilingStep::StartReview), "WRONG_STATE");
    land.does("sec", release("unei", "rev", SchemeRole::IpaReviewer));
    land.not_for(&["rev", "rev-2"], &step(FilingStep::Review { basic_met: true, opinion: "満たす".into() }));
    land.does("sec", admit("unei", "recv", SchemeRole::IpaReviewer));
    land.refused("recv", step(FilingStep::StartReview), "SEPARATION_OF_DUTIES");
    land.does("rev-2", step(FilingStep::StartReview));
    land.does("rev-2", step(FilingStep::Review { basic_met: true, opinion: "満たす".into() }));
    assert_eq!(land.scheme().filings.now(&id("f-1")).unwrap().reviewer, Some(id("rev-2")));
}

#[test]
fn given_a_service_then_one_application_at_a_time_is_under_way() {
    let mut land = Land::filed();
    land.states("kumo", "s-2", "2026-01-01", "2026-02-28", Some("s-1"));
    land.contracts("e-2", "tenken", "s-2", sekisho_domain::ismap::engagement::EngagementKind::Initial);
    land.works("e-2");
    land.reports("e-2");
    land.does("kumo-staff", draft_filing("f-x", FilingForm { statement: id("s-2"), engagement: id("e-2"), ..form() }));
    let another = filing("f-x", FilingStep::File);
    let refusal = land.refused("kumo-staff", another.clone(), "WRONG_STATE");
    assert!(refusal.ja.contains("既に進んでいます"), "{refusal:?}");
    // While the first lies with its provider, the second may go; then the first waits.
    land.does("recv", step(FilingStep::CheckAcceptance));
    land.does("recv", step(FilingStep::Return));
    assert_eq!(of_statement(&land, "s-1"), StatementState::Audited);
    land.does("kumo-staff", another);
    land.refused("kumo-staff", step(FilingStep::File), "WRONG_STATE");
    land.does("kumo-staff", step(FilingStep::Withdraw));
    assert_eq!((state(&land, "f-x"), of_statement(&land, "s-2")), (FilingState::Filed, StatementState::Filed));
}

#[test]
fn given_a_registered_service_then_it_is_renewed_and_not_registered_anew() {
    let mut land = Land::before_renewal();
    land.does("kumo-staff", draft_filing("f-x", FilingForm { kind: FilingKind::New, ..renewal_form() }));
    let refusal = land.refused("kumo-staff", filing("f-x", FilingStep::File), "WRONG_STATE");
    assert!(refusal.ja.contains(NUMBER), "{refusal:?}");
    // A suspended registration is still one.
    land.convene("kai-s", "2027-03-01");
    let item = AgendaItem::Registration { number: NUMBER.into() };
    land.does("sec", meeting("kai-s", MeetingStep::Add { item: item.clone() }));
    land.on("2027-03-01").opens("kai-s", &["m1", "m2", "m3"]);
    land.does("sec", decide_on("kai-s", item, Outcome::Suspend, 3));
    assert_eq!(land.state(), RegistrationState::Suspended);
    land.refused("kumo-staff", filing("f-x", FilingStep::File), "WRONG_STATE");
    land.does("kumo-staff", renewal(FilingStep::File));
    // Past its term and never renewed, it is applied for anew.
    let mut land = Land::before_renewal();
    land.on("2027-05-01")
        .does("kumo-staff", draft_filing("f-x", FilingForm { kind: FilingKind::New, ..renewal_form() }));
    land.does("kumo-staff", filing("f-x", FilingStep::File));
}

#[test]
fn given_a_renewal_one_day_late_then_it_is_refused_with_the_day_and_what_would_be_accepted() {
    let mut land = Land::before_renewal();
    land.on("2027-05-01");
    for late in [renewal(FilingStep::File), dated(renewal(FilingStep::File), "2027-04-30")] {
        let refusal = land.refused("kumo-staff", late, "WRONG_STATE");
        assert_eq!(refusal.clause, Some("基本規程 3.5"));
        assert!(refusal.ja.contains("2027-04-30") && refusal.ja.contains("2027-05-01"), "{refusal:?}");
        assert!(refusal.ja.contains("新規の申請") && refusal.en.contains("new application"), "{refusal:?}");
    }
    assert_eq!(land.state(), RegistrationState::Expired);
    land.on("2027-04-30").does("kumo-staff", renewal(FilingStep::File));
    land.on("2027-05-01");
    assert_eq!(land.state(), RegistrationState::Continuing);
}

#[test]
fn given_a_renewal_then_it_carries_on_the_registered_statement_under_the_same_scheme() {
    let mut land = Land::before_renewal();
    let mut with = |edit: &dyn Fn(&mut FilingForm)| {
        let mut form = renewal_form();
        edit(&mut form);
        land.does("kumo-staff", draft_filing("f-2", form));
        land.tries("kumo-staff", renewal(FilingStep::File)).unwrap_err()
    };
    assert_eq!(with(&|f| f.scheme = Scheme::Liu).code, "INVALID");
    let same = with(&|f| (f.statement, f.engagement) = (id("s-1"), id("e-1")));
    assert!(same.ja.contains("公開中"), "a statement on the list is not filed again: {same:?}");
    land.does("sora-staff", offer("sora", "sora-x", "架空の別件"));
    let strange = FilingForm { kind: FilingKind::Renewal { number: "KAKUU-9".into() }, ..renewal_form() };
    land.refused("kumo-staff", draft_filing("f-2", strange), "UNKNOWN");
}

#[test]
fn given_a_renewal_handed_back_within_the_term_when_it_is_filed_again_then_the_first_day_counts() {
    let mut land = returned("2027-04-20");
    assert_eq!((land.row().renewal_filed_on, land.state()), (None, RegistrationState::Active));
    assert_eq!(of_statement(&land, "s-2"), StatementState::Audited);
    land.on("2027-04-25").does("kumo-staff", renewal(FilingStep::File));
    assert_eq!(land.row().renewal_filed_on, Some(day(ON_TIME)));
    land.on("2027-05-10");
    assert_eq!(land.state(), RegistrationState::Continuing);
}

#[test]
fn given_a_renewal_handed_back_and_not_filed_again_then_the_registration_ends_with_its_term() {
    let mut land = returned("2027-04-20");
    land.on("2027-05-01");
    assert_eq!(land.state(), RegistrationState::Expired);
    let mut land = returned("2027-05-10");
    assert_eq!(land.state(), RegistrationState::Expired, "it lies with the provider: nothing keeps it alive");
    let known = land.register.registration_as_of(NUMBER, day("2027-05-09")).unwrap();
    assert_eq!(known.state_on(day("2027-05-09")), RegistrationState::Continuing);
    land.does("kumo-staff", renewal(FilingStep::Withdraw));
    assert_eq!(land.state(), RegistrationState::Expired);
}

#[test]
fn given_a_renewal_filed_again_after_the_term_then_only_the_operators_acceptance_brings_it_back() {
    let mut land = returned("2027-05-10");
    let events = land.on("2027-06-01").does("kumo-staff", renewal(FilingStep::File));
    assert_eq!(kinds(&events), ["filing.stepped", "statement.stepped"]);
    assert_eq!(land.state(), RegistrationState::Expired, "the provider alone brings nothing back");
    land.does("recv", renewal(FilingStep::CheckAcceptance));
    assert_eq!(land.state(), RegistrationState::Expired);
    land.does("recv", renewal(FilingStep::Accept));
    assert_eq!((land.row().renewal_filed_on, land.state()), (Some(day(ON_TIME)), RegistrationState::Continuing));
}

#[test]
fn given_a_renewal_that_was_filed_once_then_its_first_day_serves_no_other_registration() {
    let mut land = returned("2027-04-20");
    let other = FilingForm { kind: FilingKind::New, ..renewal_form() };
    land.refused("kumo-staff", draft_filing("f-2", other), "INVALID");
    let mended = FilingForm { internal_audit_sha256: sha('1'), ..renewal_form() };
    land.does("kumo-staff", draft_filing("f-2", mended));
    assert_eq!(state(&land, "f-2"), FilingState::Returned);
}

#[test]
fn given_a_renewal_withdrawn_while_it_keeps_the_registration_alive_then_that_expires() {
    let mut land = Land::renewing();
    land.on("2027-05-10");
    assert_eq!(land.state(), RegistrationState::Continuing);
    land.not_for(&["recv", "sec", "sora-head"], &renewal(FilingStep::Withdraw));
    land.does("kumo-staff", renewal(FilingStep::Withdraw));
    assert_eq!((land.state(), of_statement(&land, "s-2")), (RegistrationState::Expired, StatementState::Audited));
    land.refused("kumo-staff", renewal(FilingStep::Withdraw), "WRONG_STATE");
}

#[test]
fn given_one_renewal_that_lies_with_its_provider_when_it_is_withdrawn_then_another_goes_on() {
    let mut land = returned("2027-04-20");
    land.does("kumo-staff", draft_filing("f-3", renewal_form()));
    land.does("kumo-staff", filing("f-3", FilingStep::File));
    land.does("kumo-staff", renewal(FilingStep::Withdraw));
    land.on("2027-05-01");
    assert_eq!((land.state(), land.row().renewal_filed_on), (RegistrationState::Continuing, Some(day("2027-04-20"))));
    assert_eq!(of_statement(&land, "s-2"), StatementState::Filed);
}

#[test]
fn given_an_application_that_is_put_off_then_it_is_docketed_for_a_later_meeting_and_decided_there() {
    let mut land = Land::docketed();
    land.convene("kai-2", "2026-06-20");
    let docket = |name: &str| step(FilingStep::Docket { meeting: id(name) });
    land.refused("sec", docket("kai-1"), "WRONG_STATE");
    land.refused("sec", docket("kai-9"), "UNKNOWN");
    land.not_for(&["recv", "rev", "kumo-head", "m1"], &docket("kai-2"));
    land.on("2026-04-20").opens("kai-1", &["m1", "m2", "m3"]);
    land.does("sec", decide_on("kai-1", of_filing("f-1"), Outcome::Defer, 3));
    assert_eq!(state(&land, "f-1"), FilingState::Deferred);
    let refusal = land.refused("sec", docket("kai-1"), "WRONG_STATE");
    assert!(refusal.ja.contains("次の会議"), "{refusal:?}");
    land.does("sec", docket("kai-2"));
    land.closes("kai-1");
    land.refused("sec", docket("kai-1"), "WRONG_STATE");
    assert!(agenda(land.scheme(), &id("kai-1")).contains(&of_filing("f-1")), "what was put off stays on the agenda");
    land.on("2026-06-20").opens("kai-2", &["m1", "m2", "m3"]);
    let register = Outcome::Register { number: Some(NUMBER.into()) };
    land.does("sec", decide_on("kai-2", of_filing("f-1"), register, 3));
    assert_eq!(land.row().decided_by, Some(id("kai-2")));
}

#[test]
fn given_a_meeting_that_is_called_off_or_closed_before_it_comes_to_it_then_the_application_moves_on() {
    let mut land = Land::docketed();
    land.convene("kai-2", "2026-06-20");
    land.convene("kai-3", "2026-08-20");
    land.does("sec", meeting("kai-1", MeetingStep::Cancel));
    land.does("sec", step(FilingStep::Docket { meeting: id("kai-2") }));
    land.on("2026-06-20").opens("kai-2", &["m1", "m2"]);
    land.closes("kai-2");
    land.does("sec", step(FilingStep::Docket { meeting: id("kai-3") }));
    assert_eq!(land.scheme().filings.now(&id("f-1")).unwrap().meeting, Some(id("kai-3")));
}

#[test]
fn given_a_decision_then_nobody_takes_it_by_hand() {
    let mut land = Land::docketed();
    let kai = || id("kai-1");
    for by_hand in [
        FilingStep::Registered { number: NUMBER.into(), meeting: kai() },
        FilingStep::Refused { meeting: kai() },
        FilingStep::Deferred { meeting: kai() },
    ] {
        for who in ["sec", "m1", "rev", "kumo-head"] {
            land.refused(who, step(by_hand.clone()), "NOT_ALLOWED");
        }
    }
}

#[test]
fn given_an_application_then_other_providers_do_not_see_it_and_the_operator_only_once_it_is_filed() {
    let mut land = Land::audited();
    land.does("kumo-staff", draft_filing("f-1", form()));
    let may = |land: &Land, who: &str| land.scheme().may_read_filing(&id(who), &id("f-1"));
    let engaged = |land: &Land, who: &str| land.scheme().may_read_engagement(&id(who), &id("e-1"));
    assert!(may(&land, "kumo-head") && !may(&land, "recv") && !may(&land, "sora-head") && !may(&land, "staff"));
    assert!(engaged(&land, "k-mem") && engaged(&land, "kumo-staff") && !engaged(&land, "rev"));
    land.does("kumo-staff", step(FilingStep::File));
    assert!(may(&land, "recv") && engaged(&land, "rev") && !may(&land, "sora-head") && !engaged(&land, "t-exec"));
}
