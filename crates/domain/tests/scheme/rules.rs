//! Rule documents and versions of the criteria: who keeps them, and the days on which they are in force.

use crate::steps::*;
use crate::year::Land;
use sekisho_domain::command::Command;
use sekisho_domain::decision::Evidence;
use sekisho_domain::ismap::catalogue::{CatalogueCounts, CriteriaStep};
use sekisho_domain::ismap::committee::{MeetingStep, Outcome};
use sekisho_domain::ismap::party::SchemeRole;
use sekisho_domain::ismap::rule_document::{Citation, RuleDocumentStep};

fn recorded(version: &str, evidence: Evidence, sha256: &str, url: &str) -> Command {
    rule(
        "kitei-2",
        RuleDocumentStep::Record {
            title: "架空登録規則".into(),
            version: version.into(),
            effective_from: day("2026-04-01"),
            evidence,
            sha256: sha256.into(),
            url: url.into(),
        },
    )
}

#[test]
fn given_a_rule_document_then_the_secretariat_or_the_manager_of_services_records_it_once() {
    let mut land = Land::founded();
    let command = recorded("第2版", Evidence::K, "", "");
    land.not_for(&["kumo-head", "k-exec", "recv", "rev", "m1", "buyer", "staff", "admin"], &command);
    land.does("manager", command.clone());
    land.refused("sec", command, "EXISTS");
    land.refused("sec", record_rule("other", "架空登録規則", "2021-04-01"), "EXISTS");
}

#[test]
fn given_that_the_primary_text_was_read_then_the_file_that_was_read_is_named() {
    let mut land = Land::founded();
    let refusal = land.refused("sec", recorded("第2版", Evidence::P, "", ""), "INVALID");
    assert!(refusal.ja.contains("SHA-256"), "{refusal:?}");
    land.refused("sec", recorded("第2版", Evidence::P, "ABC", ""), "INVALID");
    for (version, url) in [("", ""), ("第2版", "javascript:alert(1)"), ("第2版", "ftp://example.com")] {
        land.refused("sec", recorded(version, Evidence::K, "", url), "INVALID");
    }
    land.does("sec", recorded("第2版", Evidence::P, &sha('9'), "https://example.com/kitei"));
    assert_eq!(land.scheme().rule_documents.now(&id("kitei-2")).unwrap().evidence, Evidence::P);
}

#[test]
fn given_a_document_that_ends_then_a_decision_cites_one_that_is_in_force_on_the_day() {
    let mut land = Land::docketed();
    let close = |until: &str| rule("kitei", RuleDocumentStep::Close { effective_to: day(until) });
    land.refused("sec", close("2020-03-31"), "INVALID");
    land.refused("sec", rule("none", RuleDocumentStep::Close { effective_to: day("2026-04-19") }), "UNKNOWN");
    land.does("sec", close("2026-04-19"));
    land.does("sec", recorded("第2版", Evidence::K, "", ""));
    land.on("2026-04-20").opens("kai-1", &["m1", "m2", "m3"]);
    let register = decide_on("kai-1", of_filing("f-1"), Outcome::Register { number: Some(NUMBER.into()) }, 3);
    let ground = |document: &str, article: &str| Some(Citation { document: id(document), article: article.into() });
    let late = land.refused("sec", register.clone(), "INVALID");
    assert!(late.ja.contains("2026-04-20") && late.ja.contains("2026-04-19"), "names both days: {late:?}");
    land.refused("sec", cites(register.clone(), None), "INVALID");
    land.refused("sec", cites(register.clone(), ground("none", "5")), "UNKNOWN");
    land.refused("sec", cites(register.clone(), ground("kitei-2", " ")), "INVALID");
    land.does("sec", cites(register, ground("kitei-2", "6.1")));
    let kept = land.scheme().filings.get(&id("f-1")).unwrap().last().unwrap();
    assert_eq!(kept.stamp.rule.as_ref().unwrap().to_string(), "kitei-2 6.1");
    assert_eq!(kept.stamp.role, Some(SchemeRole::Secretariat));
}

#[test]
fn given_a_step_that_need_not_cite_then_what_it_cites_all_the_same_must_be_in_force() {
    let mut land = Land::founded();
    let unknown = Some(Citation { document: id("none"), article: "1".into() });
    let convene = meeting("kai-9", MeetingStep::Convene { day: day("2025-03-02"), quorum: 2 });
    land.refused("sec", cites(convene, unknown), "UNKNOWN");
    let document = land.scheme().rule_documents.now(&id("kitei")).unwrap();
    assert!(!document.is_in_force(day("2020-03-31")) && document.is_in_force(day("2020-04-01")));
}

#[test]
fn given_a_version_of_the_criteria_then_it_is_adopted_once_with_its_count_and_hash() {
    let mut land = Land::founded();
    let adopted = |sha256: &str, objectives: u32, version: &str, ground: Option<&str>| {
        criteria(
            "kijun-2",
            CriteriaStep::Adopt {
                title: "架空管理基準".into(),
                version: version.into(),
                effective_from: day("2026-04-01"),
                sha256: sha256.into(),
                counts: CatalogueCounts { objectives, ..CatalogueCounts::default() },
                fictional: true,
                rule: ground.map(|g| Citation { document: id(g), article: "2".into() }),
            },
        )
    };
    land.not_for(&["kumo-head", "k-exec", "recv", "m1", "staff"], &adopted(&sha('1'), 4, "第2版", None));
    land.refused("sec", adopted("1", 4, "第2版", None), "INVALID");
    land.refused("sec", adopted(&sha('1'), 0, "第2版", None), "INVALID");
    land.refused("sec", adopted(&sha('1'), 4, " ", None), "INVALID");
    land.refused("sec", adopted(&sha('1'), 4, "第1版", None), "EXISTS");
    land.refused("sec", adopted(&sha('1'), 4, "第2版", Some("none")), "UNKNOWN");
    land.does("manager", adopted(&sha('1'), 4, "第2版", Some("kitei")));
    land.refused("sec", adopted(&sha('1'), 4, "第3版", None), "EXISTS");
    let row = land.scheme().catalogues.now(&id("kijun-2")).unwrap();
    assert!(!row.is_in_force(day("2026-03-31")) && row.is_in_force(day("2026-04-01")));
}

#[test]
fn given_two_versions_then_a_crosswalk_leads_from_one_to_the_other_and_not_to_itself() {
    let mut land = Land::founded();
    land.does("sec", adopt("kijun-2", "第2版"));
    let to = |other: &str, sha256: &str| {
        criteria("kijun-1", CriteriaStep::Crosswalk { to: id(other), sha256: sha256.into(), lines: 9 })
    };
    land.refused("sec", to("kijun-9", &sha('2')), "UNKNOWN");
    land.refused("sec", to("kijun-1", &sha('2')), "INVALID");
    land.refused("sec", to("kijun-2", "2"), "INVALID");
    land.not_for(&["kumo-staff", "rev"], &to("kijun-2", &sha('2')));
    land.does("sec", to("kijun-2", &sha('2')));
    assert_eq!(land.scheme().catalogues.now(&id("kijun-1")).unwrap().crosswalks[&id("kijun-2")], sha('2'));
    let close = |name: &str, until: &str| criteria(name, CriteriaStep::Close { effective_to: day(until) });
    land.refused("sec", close("kijun-1", "2020-03-31"), "INVALID");
    land.refused("sec", close("kijun-9", "2026-03-31"), "UNKNOWN");
    land.does("sec", close("kijun-1", "2026-03-31"));
    let row = land.scheme().catalogues.now(&id("kijun-1")).unwrap();
    assert!(row.is_in_force(day("2026-03-31")) && !row.is_in_force(day("2026-04-01")));
}
