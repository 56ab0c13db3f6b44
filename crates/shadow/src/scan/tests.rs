//! Given logs as files and streams, what is counted, and what of it is written down.

mod files;
mod hostile;
mod recount;

use std::io::Write as _;
use std::ops::ControlFlow;

use super::*;
use crate::reject::Reason;

const CATALOGUE: &str = r#"
edition = "test"
[[service]]
id = "claude"
name = "Claude"
provider = "Anthropic"
country = "US"
form = "general"
domains = ["claude.ai"]
source = "https://claude.ai/"
[[service]]
id = "openai-api"
name = "OpenAI API"
provider = "OpenAI"
country = "US"
form = "api"
domains = ["api.openai.com"]
source = "https://openai.com/"
"#;

fn options() -> Options {
    Options::new(PseudonymKey::new([9; 32]), "2026-11-30T12:00:00Z".parse().unwrap())
}

fn catalogue() -> Catalogue {
    Catalogue::parse(CATALOGUE, "test.toml").unwrap()
}

fn scan() -> Scan {
    Scan::new(catalogue(), options()).unwrap()
}

fn go(_: Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn of(content: &[u8]) -> Outcome {
    let mut scan = scan();
    assert_eq!(scan.read_stream("log", content, &mut go), Ended::Complete);
    let outcome = scan.finish();
    assert!(outcome.findings.reading.balances(), "{:?}", outcome.findings.reading);
    outcome
}

/// A line of squid at a number of seconds after 2026-11-30 10:00 in Japan.
fn squid(seconds: i64, user: &str, host: &str) -> String {
    format!(
        "{}.000    500 192.0.2.5 TCP_TUNNEL/200 100 CONNECT {host}:443 {user} HIER_DIRECT/203.0.113.9 -\n",
        1_796_000_400 + seconds
    )
}

#[test]
fn given_a_log_then_each_service_client_and_day_has_its_sums() {
    let day = 24 * 3600;
    let log = [
        squid(0, "yamada", "claude.ai"),
        squid(1, "yamada", "www.claude.ai"),
        squid(2, "suzuki", "claude.ai"),
        squid(3, "suzuki", "www.city.example.lg.jp"),
        squid(-day, "suzuki", "api.openai.com"),
    ]
    .concat();
    let outcome = of(log.as_bytes());
    let findings = &outcome.findings;
    assert_eq!((findings.reading.lines, findings.reading.hits, findings.reading.clock_backwards), (5, 4, 1));
    assert_eq!(findings.rows.len(), 3);
    let claude = &findings.services[0];
    assert_eq!((claude.service.as_str(), claude.clients, claude.days), ("claude", 2, 1));
    assert_eq!((claude.counts.lines, claude.counts.tunnels, claude.counts.allowed), (3, 3, 3));
    assert_eq!((claude.counts.bytes_down, claude.counts.lines_with_bytes_up), (300, 0));
    let days: Vec<_> = findings.days.iter().map(|day| (day.begins.to_string(), day.service.as_str())).collect();
    assert_eq!(days, [("2026-11-29".to_owned(), "openai-api"), ("2026-11-30".to_owned(), "claude")]);
    let weeks: Vec<_> = findings.weeks.iter().map(|week| week.begins.to_string()).collect();
    assert_eq!(weeks, ["2026-11-23", "2026-11-30"]);
    let names: Vec<_> = outcome.openings.iter().map(|opening| opening.name.as_str()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"yamada") && names.contains(&"suzuki"));
    let approved = ["claude".to_owned()].into();
    assert_eq!(
        findings.never_approved(&approved).iter().map(|total| &total.service).collect::<Vec<_>>(),
        ["openai-api"]
    );
}

#[test]
fn given_findings_as_json_then_no_name_address_or_url_is_in_them_and_they_read_back() {
    let log = "1796000400.000 5 192.0.2.5 TCP_MISS/200 1 GET https://claude.ai/himitsu?q=secret yamada HIER_DIRECT/203.0.113.9 -\n";
    let outcome = of(log.as_bytes());
    let json = serde_json::to_string(&outcome.findings).unwrap();
    for secret in ["yamada", "192.0.2.5", "203.0.113.9", "himitsu", "secret"] {
        assert!(!json.contains(secret), "{secret}");
    }
    assert_eq!(serde_json::from_str::<Findings>(&json).unwrap(), outcome.findings);
    let names: serde_json::Value = serde_json::from_str(&json).unwrap();
    for name in ["format", "catalogue", "zone", "reading", "services", "departments", "days", "weeks", "rows", "merged"]
    {
        assert!(names.get(name).is_some(), "{name}");
    }
    assert_eq!(names["rows"][0]["client"], outcome.openings[0].pseudonym.as_str());
    assert_eq!(names["zone"], "Asia/Tokyo");
}

#[test]
fn given_findings_as_json_then_their_form_is_the_one_that_others_read() {
    let mut options = options();
    options.departments = Departments::parse("192.0.2.0/24,総務課\n".as_bytes(), "d.csv").unwrap();
    let mut scan = Scan::new(catalogue(), options).unwrap();
    let log = [squid(0, "yamada", "claude.ai"), "nonsense\n".to_owned()].concat();
    scan.read_stream("log", log.as_bytes(), &mut go);
    insta::assert_json_snapshot!("findings", scan.finish().findings);
}

#[test]
fn given_a_list_of_departments_then_uses_are_summed_for_each() {
    let mut options = options();
    options.departments = Departments::parse("192.0.2.0/24,総務課\nuser:zei-*,税務課\n".as_bytes(), "d.csv").unwrap();
    let mut scan = Scan::new(catalogue(), options).unwrap();
    let log = [squid(0, "-", "claude.ai"), squid(1, "zei-1", "claude.ai"), squid(2, "zei-2", "claude.ai")].concat();
    scan.read_stream("log", log.as_bytes(), &mut go);
    let findings = scan.finish().findings;
    let departments: Vec<_> = findings
        .departments
        .iter()
        .map(|total| (total.department.as_deref().unwrap_or(""), total.clients, total.counts.lines))
        .collect();
    assert_eq!(departments, [("税務課", 2, 2), ("総務課", 1, 1)]);
}

#[test]
fn given_times_in_the_future_then_they_count_and_are_said() {
    let findings = of(squid(24 * 3600, "a", "claude.ai").as_bytes()).findings;
    assert_eq!((findings.reading.hits, findings.reading.clock_future), (1, 1));
}

#[test]
fn given_bom_crlf_blank_lines_and_a_last_line_without_end_then_all_of_them_are_lines() {
    let first = squid(0, "a", "claude.ai").replace('\n', "\r\n");
    let last = squid(1, "a", "claude.ai");
    let log = format!("\u{feff}{first}\r\n\n  \n{}", last.trim_end());
    let reading = of(log.as_bytes()).findings.reading;
    assert_eq!((reading.lines, reading.blank, reading.hits), (5, 3, 2));
    assert_eq!(reading.bytes, log.len() as u64);
}

#[test]
fn given_lines_of_several_formats_then_each_is_counted_under_its_own() {
    let log = [
        squid(0, "a", "claude.ai"),
        "Nov 30 10:00:00 dnsmasq[1]: query[A] claude.ai from 192.0.2.5\n".to_owned(),
        "Nov 30 10:00:00 dnsmasq[1]: forwarded claude.ai to 192.0.2.1\n".to_owned(),
        squid(1, "a", "claude.ai"),
    ]
    .concat();
    let findings = of(log.as_bytes()).findings;
    assert_eq!(findings.reading.formats["squid_native"], 2);
    assert_eq!(findings.reading.formats["dnsmasq"], 2);
    assert_eq!((findings.reading.format_changes, findings.reading.asides, findings.reading.year_assumed), (2, 1, 1));
    let counts = &findings.services[0].counts;
    assert_eq!((counts.lines, counts.tunnels, counts.questions, counts.allowed), (3, 2, 1, 2));
}
