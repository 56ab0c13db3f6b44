//! Look-ups at procurement (machine I) and requests for the annex of a statement.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::Command;
use sekisho_domain::ismap::look_up::{AnnexState, AnnexStep, LookUpStep, MOST_ROWS};
use sekisho_domain::ismap::{Registration, Scheme};

fn record(edit: impl FnOnce(&mut LookUpStep)) -> Command {
    let mut step = LookUpStep::Record {
        purpose: "文書管理の調達".into(),
        query: "リージョン=jp-east".into(),
        day: day("2026-06-01"),
        rows: [(NUMBER.to_owned(), sha('1'))].into(),
        decision: String::new(),
    };
    edit(&mut step);
    look_up("l-1", step)
}

fn request(number: &str) -> Command {
    annex("a-1", AnnexStep::Request { number: number.into(), purpose: "文書管理の調達".into() })
}

fn grant(until: &str) -> Command {
    annex("a-1", AnnexStep::Grant { until: day(until) })
}

fn land() -> Land {
    let mut land = Land::registered();
    land.on("2026-06-01");
    land
}

#[test]
fn given_a_look_up_then_who_procures_records_it_once_and_it_never_changes() {
    let mut land = land();
    land.not_for(&["kumo-head", "k-exec", "recv", "m1"], &record(|_| ()));
    land.does("buyer", record(|_| ()));
    land.refused("buyer", record(|_| ()), "EXISTS");
    let kept = land.scheme().look_ups.now(&id("l-1")).unwrap();
    assert_eq!((&kept.by, kept.rows.len(), kept.day), (&Some(id("buyer")), 1, day("2026-06-01")));
    for who in ["staff", "sec"] {
        let mut again = land.clone();
        let command = match record(|_| ()) {
            Command::StepLookUp(c) => look_up("l-2", c.step),
            other => other,
        };
        again.does(who, command);
    }
}

#[test]
fn given_rows_that_are_not_there_or_too_many_then_the_look_up_is_refused() {
    let mut land = land();
    type Edit = fn(&mut LookUpStep);
    let wrong: [(Edit, &str); 7] = [
        (|LookUpStep::Record { purpose, .. }| purpose.clear(), "INVALID"),
        (|LookUpStep::Record { query, .. }| query.clear(), "INVALID"),
        (|LookUpStep::Record { decision, .. }| *decision = "判".repeat(1_001), "INVALID"),
        (|LookUpStep::Record { day, .. }| *day = "2026-06-02".parse().unwrap(), "INVALID"),
        (|LookUpStep::Record { rows, .. }| _ = rows.insert("KAKUU-9".into(), sha('1')), "UNKNOWN"),
        (|LookUpStep::Record { rows, .. }| _ = rows.insert(NUMBER.into(), "1".into()), "INVALID"),
        (
            |LookUpStep::Record { rows, .. }| rows.extend((0..=MOST_ROWS).map(|n| (format!("N-{n}"), sha('1')))),
            "INVALID",
        ),
    ];
    for (edit, code) in wrong {
        land.refused("buyer", record(edit), code);
    }
    land.does("buyer", record(|LookUpStep::Record { rows, .. }| rows.clear()));
}

#[test]
fn given_a_request_for_the_annex_then_the_head_of_the_provider_alone_answers_it() {
    let mut land = land();
    land.not_for(&["kumo-head", "sora-head", "k-exec", "recv"], &request(NUMBER));
    land.refused("buyer", request("KAKUU-9"), "UNKNOWN");
    land.refused("kumo-head", grant("2026-06-30"), "UNKNOWN");
    land.does("buyer", request(NUMBER));
    land.refused("buyer", request(NUMBER), "EXISTS");
    land.not_for(&["kumo-staff", "sora-head", "sec", "buyer"], &grant("2026-06-30"));
    land.not_for(&["kumo-staff", "sec"], &annex("a-1", AnnexStep::Refuse));
    land.refused("kumo-head", grant("2026-05-31"), "INVALID");
    let may = |land: &Land, who: &str| land.scheme().may_read_statement(&id(who), &id("s-1"), land.today());
    assert!(!may(&land, "buyer"));
    land.does("kumo-head", grant("2026-06-30"));
    assert!(may(&land, "buyer") && !may(&land, "staff"));
    land.refused("kumo-head", annex("a-1", AnnexStep::Refuse), "WRONG_STATE");
    land.on("2026-06-30");
    assert!(may(&land, "buyer"), "the last day counts");
    land.on("2026-07-01");
    assert!(!may(&land, "buyer"));
    let state = |on: &str| land.scheme().annexes.now(&id("a-1")).unwrap().state_on(day(on));
    assert_eq!((state("2026-06-30"), state("2026-07-01")), (AnnexState::Granted, AnnexState::Expired));
}

#[test]
fn given_a_refusal_or_a_provider_who_is_no_party_then_nothing_is_shown() {
    let mut land = land();
    let mut row = Registration::listed(
        "LIST-1".into(),
        Scheme::Ismap,
        "外のサービス".into(),
        day("2026-01-01"),
        day("2027-01-01"),
    );
    row.csp_name = "架空社".into();
    land.does("manager", Command::RecordRegistration(row));
    let refusal = land.refused("buyer", request("LIST-1"), "WRONG_STATE");
    assert!(refusal.ja.contains("直接"), "{refusal:?}");
    land.does("buyer", request(NUMBER));
    land.does("kumo-head", annex("a-1", AnnexStep::Refuse));
    assert!(!land.scheme().may_read_statement(&id("buyer"), &id("s-1"), land.today()));
    land.refused("kumo-head", grant("2026-06-30"), "WRONG_STATE");
}
