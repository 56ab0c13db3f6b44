//! Metrics: what is counted, where it is shown, and that nothing of people and their words is in it. What is written about
//! them (dashboard, alerts, handbook) names metrics that exist.

use crate::client::{CHAT, Client, PATIENCE};
use crate::contracts::root;
use crate::database::Lock;
use crate::house::House;
use crate::stand_in::{StandIn, completion, json};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The samples of a moment: `name{label="value"}` and its number.
fn samples(metrics: &Client) -> BTreeMap<String, f64> {
    let reply = metrics.get("/metrics");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = reply.text();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
            (name.to_owned(), value.parse().unwrap_or_else(|e| panic!("{e}: {line}")))
        })
        .collect()
}

/// Waits until the metrics say this: a use is counted a moment after its answer.
#[track_caller]
fn until(metrics: &Client, what: &str, holds: impl Fn(&BTreeMap<String, f64>) -> bool) -> BTreeMap<String, f64> {
    let begun = Instant::now();
    loop {
        let now = samples(metrics);
        if holds(&now) {
            return now;
        }
        assert!(begun.elapsed() < PATIENCE / 4, "{what}: {now:#?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ended(samples: &BTreeMap<String, f64>) -> f64 {
    samples.iter().filter(|(name, _)| name.starts_with("sekisho_uses_total{")).map(|(_, value)| value).sum()
}

/// Names with help, and of histograms the names of their parts.
fn names(metrics: &Client) -> BTreeSet<String> {
    let text = metrics.get("/metrics").text();
    let mut names = BTreeSet::new();
    for line in text.lines() {
        let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) else { continue };
        assert!(text.contains(&format!("# HELP {name} ")), "{name} has no help");
        names.insert(name.to_owned());
        if kind == "histogram" {
            names.extend(["_bucket", "_sum", "_count"].map(|part| format!("{name}{part}")));
        }
    }
    names
}

/// Names of metrics in a text.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':' || c == '-' || c == '.'));
    let ours =
        |word: &&str| (word.starts_with("sekisho_") || word.starts_with("process_")) && !word.contains([':', '-', '.']);
    words.filter(ours).map(str::to_owned).collect()
}

#[test]
fn a_use_a_refusal_and_a_failure_are_counted_and_nothing_of_them_is_told() {
    const WORDS: [&str; 3] = ["秘密の相談を要約", "壊れた相談", "【機密性2情報】伏せるべき相談"];
    let upstream = StandIn::new(|seen, socket| {
        let broken = seen.json()["messages"][0]["content"] == WORDS[1];
        let (status, body) = if broken { (500, "{}".to_owned()) } else { (200, completion("秘密の返事")) };
        json(socket, status, &body);
    });
    let house = House::with(&upstream);
    let metrics = house.metrics();
    let before = samples(&metrics);
    assert_eq!((ended(&before), before["sekisho_tokens_total{direction=\"input\"}"]), (0.0, 0.0));

    let staff = house.by("staff");
    let used = staff.chat("kakuu-upstream", WORDS[0]);
    assert_eq!(used.said(), "秘密の返事");
    staff.chat("kakuu-upstream", WORDS[1]).error(502, "upstream_error");
    let refused = staff.chat("kakuu-open", WORDS[2]);
    let code = refused.json()["error"]["code"].as_str().unwrap().to_owned();
    staff.request("POST", CHAT).bytes("{").send().error(400, "INVALID_JSON");
    let after = until(&metrics, "four uses", |now| ended(now) >= 4.0);

    for (outcome, code) in [
        ("completed", "OK"),
        ("upstream_error", "upstream_error"),
        ("refused", code.as_str()),
        ("unreadable", "INVALID_JSON"),
    ] {
        let name = format!("sekisho_uses_total{{outcome=\"{outcome}\",code=\"{code}\"}}");
        assert_eq!(after.get(&name), Some(&1.0), "{name}: {after:#?}");
    }
    for (name, least) in [
        ("sekisho_use_duration_seconds_count", 4.0),
        ("sekisho_gate_added_seconds_count", 4.0),
        ("sekisho_upstream_duration_seconds_count", 2.0),
        ("sekisho_tokens_total{direction=\"input\"}", 3.0),
        ("sekisho_tokens_total{direction=\"output\"}", 2.0),
        ("sekisho_findings_total{rule=\"MK-05\",side=\"request\"}", 1.0),
        ("sekisho_journal_batch_size_count", 6.0),
        ("sekisho_journal_commit_seconds_count", 6.0),
        ("sekisho_ledger_size", before["sekisho_ledger_size"] + 6.0),
        ("sekisho_ready", 1.0),
        ("process_start_time_seconds", 1_700_000_000.0),
    ] {
        assert!(after[name] >= least, "{name}: {}", after[name]);
    }
    assert!(after["sekisho_register_age_seconds"] < 5.0);
    assert_eq!((after["sekisho_uses_under_way"], after["sekisho_streams_open"]), (0.0, 0.0));
    assert!(after.contains_key(&format!("sekisho_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))));
    let signed =
        until(&metrics, "all is signed", |now| now["sekisho_ledger_signed_size"] >= now["sekisho_ledger_size"]);
    assert_eq!(signed["sekisho_ledger_unsigned_seconds"], 0.0);

    if house.database.url().is_some() {
        let idle = "sekisho_database_connections{pool=\"write\",state=\"idle\"}";
        assert!(signed.contains_key(idle), "{signed:#?}");
    }

    let text = metrics.get("/metrics").text();
    let mut secrets: Vec<&str> = vec!["秘密", "相談", "kakuu-", "their-model", "u-"];
    let id = used.used();
    secrets.push(&id);
    secrets.extend(house.demo.persons.values().map(String::as_str));
    secrets.extend(house.demo.keys.values().map(String::as_str));
    for secret in secrets {
        assert!(!text.contains(secret), "`{secret}` is told");
    }
    // Labels are bounded: another refusal of the kind makes no new series.
    let count = after.len();
    staff.chat("kakuu-open", WORDS[2]);
    let again = until(&metrics, "five uses", |now| ended(now) >= 5.0);
    assert!(again.len() <= count + 1, "{again:#?}");
}

#[test]
fn the_public_address_does_not_know_the_metrics() {
    let house = House::demo();
    assert_eq!(house.anyone().get("/metrics").status, 401);
    assert_eq!(house.by("admin").get("/metrics").status, 404);
    let metrics = house.metrics();
    assert_eq!((metrics.get("/").status, metrics.get("/v1/models").status), (404, 404));
    assert_eq!(metrics.request("POST", "/metrics").bytes("").send().status, 405);
}

#[test]
fn what_could_not_be_written_is_counted() {
    let house = House::demo();
    let metrics = house.metrics();
    let locked = Lock::hold(&house.database);
    house.by("staff").chat("kakuu-local", "要約してください").error(503, "LEDGER_UNAVAILABLE");
    let after = until(&metrics, "a failure", |now| ended(now) >= 1.0);
    assert_eq!(after["sekisho_uses_total{outcome=\"unavailable\",code=\"LEDGER_UNAVAILABLE\"}"], 1.0);
    assert!(after["sekisho_journal_failures_total"] >= 1.0);
    locked.release();
    until(&metrics, "it is ready again", |now| now["sekisho_ready"] > 0.0);
}

#[test]
fn dashboard_alerts_and_handbook_name_metrics_that_exist_and_the_handbook_names_all() {
    let house = House::demo();
    let names = names(&house.metrics());
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));

    let dashboard: Value = serde_json::from_str(&read("packaging/grafana-dashboard.json")).unwrap();
    assert!(dashboard["schemaVersion"].is_u64() && dashboard["title"].is_string());
    let (mut ids, mut panels) = (BTreeSet::new(), 0);
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "two panels have one id: {panel}");
        assert!(panel["gridPos"]["w"].as_u64().unwrap() + panel["gridPos"]["x"].as_u64().unwrap() <= 24, "{panel}");
        if panel["type"] == "row" {
            continue;
        }
        panels += 1;
        for target in panel["targets"].as_array().unwrap() {
            let asked = named(target["expr"].as_str().unwrap());
            assert!(!asked.is_empty(), "{panel}");
            assert!(asked.is_subset(&names), "{}: {:?}", panel["title"], asked.difference(&names));
        }
    }
    assert!(panels >= 12, "{panels}");

    let alerts = named(&read("packaging/prometheus-alerts.yml"));
    assert!(alerts.len() > 5 && alerts.is_subset(&names), "{:?}", alerts.difference(&names));

    let handbook = named(&read("docs/OPERATIONS.md"));
    let parts = ["_bucket", "_sum", "_count"];
    let whole: BTreeSet<String> =
        names.iter().filter(|name| !parts.iter().any(|part| name.ends_with(part))).cloned().collect();
    assert!(handbook.is_subset(&names), "not served: {:?}", handbook.difference(&names));
    assert!(whole.is_subset(&handbook), "not in the handbook: {:?}", whole.difference(&handbook));
}
