//! Statements (machine B): drafted, validated, signed and frozen; what follows from audit and application; what is warned of.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::Command;
use sekisho_domain::ismap::caution;
use sekisho_domain::ismap::criterion::CriterionId;
use sekisho_domain::ismap::engagement::{EngagementKind, EngagementStep};
use sekisho_domain::ismap::filing::FilingStep;
use sekisho_domain::ismap::statement::{Decision, StatementContent, StatementState, StatementStep, Validated};

const FROM: &str = "2025-04-01";
const TO: &str = "2025-12-31";

fn state(land: &Land, name: &str) -> StatementState {
    land.scheme().statements.now(&id(name)).unwrap().state
}

fn begun() -> Land {
    let mut land = Land::with_firms();
    land.on("2026-01-05").does("kumo-staff", draft_statement("kumo", "s-1", FROM, TO, None));
    land
}

/// A new version of a signed one.
fn version(name: &str, of: &str, from: &str, to: &str) -> Command {
    let mut command = draft_statement("kumo", name, from, to, Some(of));
    if let Command::StepStatement(c) = &mut command
        && let StatementStep::Draft { changes_signed, .. } = &mut c.step
    {
        *changes_signed = true;
    }
    command
}

fn validates(edit: impl FnOnce(&mut StatementContent)) -> Command {
    let mut content = content_for(day(FROM), day(TO));
    edit(&mut content);
    let catalogue_id = content.catalogue.clone();
    let content = Validated::new(&catalogue_id, &catalogue(), &content).unwrap().0;
    statement("s-1", StatementStep::Validate { content })
}

fn codes(land: &Land, name: &str) -> Vec<&'static str> {
    let statement = land.scheme().statements.now(&id(name)).unwrap();
    caution::of_statement(land.scheme(), statement).iter().map(|c| c.code).collect()
}

#[test]
fn given_a_service_then_only_its_provider_begins_a_statement_on_it() {
    let mut land = Land::with_firms();
    land.on("2026-01-05");
    let command = draft_statement("kumo", "s-1", FROM, TO, None);
    land.not_for(&["sora-head", "k-exec", "sec", "rev", "m1", "buyer", "staff", "admin"], &command);
    let strange = |party: &str, offering: &str, catalogue: &str| {
        let (from, to) = (day(FROM), day(TO));
        let (party, offering, catalogue) = (id(party), id(offering), id(catalogue));
        let step = StatementStep::Draft { party, offering, catalogue, from, to, previous: None, changes_signed: false };
        statement("s-1", step)
    };
    land.refused("kumo-staff", strange("kumo", "sora-mail", "kijun-1"), "UNKNOWN");
    land.refused("kumo-staff", strange("kumo", "kumo-drive", "kijun-9"), "UNKNOWN");
    land.refused("kumo-staff", validate("s-1", FROM, TO), "UNKNOWN");
    land.does("kumo-staff", command.clone());
    land.refused("kumo-staff", command, "EXISTS");
}

#[test]
fn given_a_period_longer_than_twelve_months_then_it_is_refused_with_the_last_day_that_would_do() {
    let mut land = Land::with_firms();
    land.on("2026-06-01");
    let refusal =
        land.refused("kumo-staff", draft_statement("kumo", "s-1", "2025-04-01", "2026-04-01", None), "INVALID");
    assert!(refusal.ja.contains("2026-03-31") && refusal.en.contains("2026-03-31"), "{refusal:?}");
    land.refused("kumo-staff", draft_statement("kumo", "s-1", "2025-04-01", "2025-03-31", None), "INVALID");
    land.does("kumo-staff", draft_statement("kumo", "s-1", "2025-04-01", "2026-03-31", None));
    assert!(codes(&land, "s-1").is_empty());
}

#[test]
fn given_a_statement_before_then_it_is_of_the_same_service() {
    let mut land = Land::signed();
    let next = |previous: &str| draft_statement("kumo", "s-2", "2026-01-01", "2026-12-31", Some(previous));
    land.refused("kumo-staff", next("s-9"), "UNKNOWN");
    let of_sora = draft_statement("sora", "s-3", "2026-01-01", "2026-12-31", Some("s-1"));
    land.refused("sora-staff", of_sora, "INVALID");
    land.does("kumo-staff", next("s-1"));
    assert!(codes(&land, "s-2").is_empty());
}

#[test]
fn given_a_short_period_a_gap_or_criteria_out_of_force_then_it_is_warned_of_and_goes_on() {
    let mut land = Land::signed();
    land.does("kumo-staff", draft_statement("kumo", "short", "2026-01-01", "2026-03-30", Some("s-1")));
    assert_eq!(codes(&land, "short"), ["SHORT_PERIOD"]);
    land.does("kumo-staff", draft_statement("kumo", "three", "2026-01-01", "2026-03-31", Some("s-1")));
    assert!(codes(&land, "three").is_empty());
    land.does("kumo-staff", draft_statement("kumo", "gap", "2026-01-02", "2026-12-31", Some("s-1")));
    assert_eq!(codes(&land, "gap"), ["NOT_CONTIGUOUS"]);
    let statement = land.scheme().statements.now(&id("gap")).unwrap();
    let told = &caution::of_statement(land.scheme(), statement)[0];
    assert!(told.ja.contains("2025-12-31") && told.ja.contains("要確認") && told.en.contains("2026-01-02"));
    land.does("kumo-staff", draft_statement("kumo", "overlap", "2025-12-31", "2026-11-30", Some("s-1")));
    assert_eq!(codes(&land, "overlap"), ["NOT_CONTIGUOUS"]);
    let close = sekisho_domain::ismap::catalogue::CriteriaStep::Close { effective_to: day("2026-06-30") };
    land.does("sec", criteria("kijun-1", close));
    assert_eq!(codes(&land, "three"), [""; 0]);
    assert_eq!(codes(&land, "gap"), ["NOT_CONTIGUOUS", "CRITERIA_NOT_IN_FORCE"]);
}

#[test]
fn given_a_content_then_it_is_on_the_criteria_and_the_period_the_statement_is_pinned_to() {
    let mut land = begun();
    land.does("sec", adopt("kijun-2", "第2版"));
    let refusal = land.refused("kumo-staff", validates(|c| c.catalogue = id("kijun-2")), "INVALID");
    assert!(refusal.ja.contains("kijun-1") && refusal.ja.contains("kijun-2"), "{refusal:?}");
    let refusal = land.refused("kumo-staff", validates(|c| c.to = day("2025-12-30")), "INVALID");
    assert!(refusal.ja.contains(TO) && refusal.en.contains("2025-12-30"), "{refusal:?}");
    land.refused("kumo-staff", validates(|c| c.from = day("2025-04-02")), "INVALID");
    land.not_for(&["sora-staff", "k-exec", "sec", "rev"], &validates(|_| ()));
    land.does("kumo-staff", validates(|_| ()));
    land.does("kumo-staff", validates(|c| c.service.scope = "大阪も".into()));
}

#[test]
fn given_a_basic_item_that_is_left_out_then_only_the_head_of_this_provider_lets_it_be() {
    let mut land = begun();
    let by = |who: &'static str| {
        validates(move |c| {
            let item: CriterionId = id("5.1.1.1.B");
            let answer = c.answers.get_mut(&item).unwrap();
            answer.decision = Some(Decision::Excluded);
            answer.reason = "対象の機能がない".into();
            answer.overridden_by = Some(id(who));
        })
    };
    for who in ["kumo-staff", "sora-head", "nobody"] {
        land.refused("kumo-staff", by(who), "NOT_ALLOWED");
    }
    land.does("kumo-staff", by("kumo-head"));
}

#[test]
fn given_a_validated_content_then_only_the_head_signs_it_and_that_very_one() {
    let mut land = begun();
    let signing = sign("s-1", FROM, TO);
    land.refused("kumo-head", signing.clone(), "WRONG_STATE");
    land.does("kumo-staff", validate("s-1", FROM, TO));
    land.not_for(&["kumo-staff", "sora-head", "k-exec", "sec", "admin"], &signing);
    let other = statement("s-1", StatementStep::Sign { sha256: sha('0') });
    let refusal = land.refused("kumo-head", other, "WRONG_STATE");
    assert!(refusal.ja.contains("もう一度検証"), "{refusal:?}");
    land.does("kumo-staff", statement("s-1", StatementStep::Reopen));
    land.refused("kumo-head", signing.clone(), "WRONG_STATE");
    land.does("kumo-staff", validate("s-1", FROM, TO));
    land.does("kumo-head", signing.clone());
    let signed = land.scheme().statements.now(&id("s-1")).unwrap();
    assert_eq!((&signed.signed_by, signed.signed_on), (&Some(id("kumo-head")), Some(day("2026-01-05"))));
    assert!(signed.state.is_frozen());
    for (who, late) in [
        ("kumo-head", signing),
        ("kumo-staff", validate("s-1", FROM, TO)),
        ("kumo-staff", statement("s-1", StatementStep::Reopen)),
    ] {
        land.refused(who, late, "WRONG_STATE");
    }
}

#[test]
fn given_what_follows_from_an_audit_or_a_decision_then_nobody_does_it_by_hand() {
    let mut land = Land::audited();
    for by_hand in [
        StatementStep::UnderAudit { engagement: id("e-1") },
        StatementStep::Audited { engagement: id("e-1") },
        StatementStep::AuditWithdrawn { engagement: id("e-1") },
        StatementStep::Filed { filing: id("f-1") },
        StatementStep::Unfiled,
        StatementStep::Published { number: NUMBER.into() },
        StatementStep::Superseded,
    ] {
        for who in ["kumo-head", "kumo-staff"] {
            land.refused(who, statement("s-1", by_hand.clone()), "WRONG_STATE");
        }
        land.refused("sec", statement("s-1", by_hand), "NOT_ALLOWED");
    }
}

#[test]
fn given_a_signed_statement_when_it_changes_then_a_new_version_asks_for_an_additional_audit() {
    let mut land = Land::audited();
    let before = |edit: &dyn Fn(&mut StatementStep)| {
        let mut command = version("s-1b", "s-1", FROM, TO);
        if let Command::StepStatement(c) = &mut command {
            edit(&mut c.step);
        }
        command
    };
    let no_previous = before(&|step| {
        if let StatementStep::Draft { previous, .. } = step {
            *previous = None;
        }
    });
    land.refused("kumo-staff", no_previous, "INVALID");
    let refusal = land.refused("kumo-staff", version("s-1b", "s-1", FROM, "2025-12-30"), "INVALID");
    assert!(refusal.ja.contains(TO), "{refusal:?}");
    land.does("kumo-staff", draft_statement("kumo", "plain", FROM, TO, None));
    land.refused("kumo-staff", version("s-1b", "plain", FROM, TO), "WRONG_STATE");
    land.does("kumo-staff", version("s-1b", "s-1", FROM, TO));
    land.does("kumo-staff", validate("s-1b", FROM, TO));
    land.does("kumo-head", sign("s-1b", FROM, TO));
    assert!(codes(&land, "s-1b").is_empty(), "a version of the same period has no gap");
    for wrong in [EngagementKind::Initial, EngagementKind::Renewal] {
        land.refused("kumo-staff", propose("e-1b", "kansa", "s-1b", wrong), "INVALID");
    }
    land.contracts("e-1b", "kansa", "s-1b", EngagementKind::Additional);
    assert_eq!(state(&land, "s-1b"), StatementState::UnderAudit);
    assert_eq!(state(&land, "s-1"), StatementState::Audited);
}

#[test]
fn given_a_version_that_was_taken_back_or_never_audited_then_it_has_no_additional_audit() {
    let mut land = Land::signed();
    land.does("kumo-staff", version("s-1b", "s-1", FROM, TO));
    land.does("kumo-staff", validate("s-1b", FROM, TO));
    land.does("kumo-head", sign("s-1b", FROM, TO));
    land.refused("kumo-staff", propose("e", "kansa", "s-1b", EngagementKind::Additional), "INVALID");
    land.does("kumo-staff", propose("e", "kansa", "s-1b", EngagementKind::Initial));
    land.does("kumo-staff", statement("s-1", StatementStep::Withdraw));
    land.refused("kumo-staff", version("s-1c", "s-1", FROM, TO), "WRONG_STATE");
}

#[test]
fn given_a_statement_withdrawn_while_it_is_audited_then_the_audit_goes_no_further() {
    let mut land = Land::signed();
    land.contracts("e-1", "kansa", "s-1", EngagementKind::Initial);
    land.works("e-1");
    land.not_for(&["k-exec", "sec", "sora-head"], &statement("s-1", StatementStep::Withdraw));
    land.does("kumo-staff", statement("s-1", StatementStep::Withdraw));
    land.on("2026-02-20");
    let content = land.report_of("e-1");
    let refusal = land.refused("k-exec", engagement("e-1", EngagementStep::Report { content }), "WRONG_STATE");
    assert!(refusal.ja.contains("取下げ") && refusal.ja.contains("中止"), "{refusal:?}");
    land.does("k-exec", engagement("e-1", EngagementStep::Withdraw));
    assert_eq!(state(&land, "s-1"), StatementState::Withdrawn);
    land.refused("kumo-staff", statement("s-1", StatementStep::Withdraw), "WRONG_STATE");
}

#[test]
fn given_a_filed_or_published_statement_then_it_cannot_be_taken_back() {
    let mut filed = Land::filed();
    filed.refused("kumo-staff", statement("s-1", StatementStep::Withdraw), "WRONG_STATE");
    filed.does("kumo-staff", filing("f-1", FilingStep::Withdraw));
    assert_eq!(state(&filed, "s-1"), StatementState::Audited);
    filed.does("kumo-staff", statement("s-1", StatementStep::Withdraw));
    Land::registered().refused("kumo-staff", statement("s-1", StatementStep::Withdraw), "WRONG_STATE");
}

#[test]
fn given_a_statement_then_its_provider_its_auditor_and_once_filed_the_operator_may_read_it() {
    let mut land = Land::signed();
    let may = |land: &Land, who: &str| land.scheme().may_read_statement(&id(who), &id("s-1"), land.today());
    assert!(may(&land, "kumo-staff") && !may(&land, "sora-head") && !may(&land, "k-exec") && !may(&land, "rev"));
    land.does("kumo-staff", propose("e-0", "tenken", "s-1", EngagementKind::Initial));
    assert!(may(&land, "t-lead"));
    land.does("t-exec", engagement("e-0", EngagementStep::Withdraw));
    assert!(!may(&land, "t-lead"), "an audit that was given up shows nothing any more");
    let land = Land::filed();
    assert!(may(&land, "rev") && may(&land, "k-mem") && !may(&land, "sora-head") && !may(&land, "staff"));
}
