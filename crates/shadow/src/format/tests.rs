use proptest::prelude::*;

use super::*;
use crate::time::Clock;

fn clock() -> Clock {
    Clock {
        zone: jiff::tz::TimeZone::get("Asia/Tokyo").unwrap(),
        reference: Some("2026-11-30T12:00:00Z".parse().unwrap()),
    }
}

/// Format, kind, time, client, user, host, verdict, bytes up, bytes down.
fn read_with(formats: &Formats, header: &mut Header, line: &[u8]) -> Result<String, String> {
    match formats.take(line, header) {
        Taken::Line(format, Seen::Access(located)) => {
            let seen = located.read(&clock()).map_err(|defect| format!("{defect:?}"))?;
            let text = |bytes: &[u8]| crate::text::decoded(bytes).text;
            Ok(format!(
                "{} {:?} {} {} {} {} {:?} {:?} {:?}",
                formats.name(format),
                seen.kind,
                seen.at,
                text(&located.client),
                text(&located.user),
                located.host.as_deref().map_or("none".to_owned(), text),
                seen.verdict,
                seen.up,
                seen.down
            ))
        }
        Taken::Line(format, Seen::Aside) => Ok(format!("{} aside", formats.name(format))),
        Taken::Directive => Ok("directive".to_owned()),
        Taken::Rejected(defect) => Err(format!("{defect:?}")),
        Taken::Unknown => Err("unknown".to_owned()),
    }
}

fn formats() -> Formats {
    Formats::new(Vec::new(), None).unwrap()
}

fn read(line: &str) -> Result<String, String> {
    let formats = formats();
    let mut header = formats.beginning();
    read_with(&formats, &mut header, line.as_bytes())
}

#[track_caller]
fn reads(line: &str, wanted: &str) {
    assert_eq!(read(line).as_deref(), Ok(wanted), "{line}");
}

#[test]
fn given_squid_native_lines_then_every_field_is_read() {
    reads(
        "1796000400.123    512 192.0.2.5 TCP_MISS/200 4321 GET http://chatgpt.com/ yamada HIER_DIRECT/203.0.113.9 text/html",
        "squid_native Request 2026-11-30T01:00:00.123Z 192.0.2.5 yamada chatgpt.com Allowed None Some(4321)",
    );
    reads(
        "1796000400.123  90000 2001:db8::5 TCP_TUNNEL/200 98765 CONNECT claude.ai:443 - HIER_DIRECT/203.0.113.9 -",
        "squid_native Tunnel 2026-11-30T01:00:00.123Z 2001:db8::5 - claude.ai Allowed None Some(98765)",
    );
    reads(
        "1796000400.123      0 192.0.2.5 TCP_DENIED/403 3900 CONNECT claude.ai:443 - HIER_NONE/- text/html",
        "squid_native Tunnel 2026-11-30T01:00:00.123Z 192.0.2.5 - claude.ai Denied None Some(3900)",
    );
    reads(
        "1796000400.123      0 192.0.2.5 TCP_DENIED/407 3900 CONNECT claude.ai:443 - HIER_NONE/- text/html",
        "squid_native Tunnel 2026-11-30T01:00:00.123Z 192.0.2.5 - claude.ai Challenged None Some(3900)",
    );
    reads(
        "1796000400.123     -1 192.0.2.5 NONE_NONE/000 0 NONE error:transaction-end-before-headers - HIER_NONE/- -",
        "squid_native Request 2026-11-30T01:00:00.123Z 192.0.2.5 - error Unknown None Some(0)",
    );
    reads(
        "Nov 30 10:00:00 proxy squid[88]: 1796000400.123 5 192.0.2.5 TCP_MISS/403 1 GET http://a.example/ - HIER_DIRECT/203.0.113.9 -",
        "squid_native Request 2026-11-30T01:00:00.123Z 192.0.2.5 - a.example Allowed None Some(1)",
    );
}

#[test]
fn given_squid_native_with_own_fields_behind_then_it_is_still_read_and_a_space_in_the_address_is_not() {
    let line = "1796000400.123 5 192.0.2.5 TCP_MISS/200 1 GET http://a.example/ - HIER_DIRECT/203.0.113.9 text/html \"Agent 1\"";
    assert!(read(line).is_ok());
    let formats = formats();
    let mut header = formats.beginning();
    assert!(read_with(&formats, &mut header, line.as_bytes()).is_ok());
    for (line, wanted) in [
        ("1796000400.123 5 192.0.2.5 TCP_MISS/200 1 GET http://a.example/a b - HIER_DIRECT/203.0.113.9 -", "Shape"),
        ("1796000400.123 5 192.0.2.5 TCP_MISS/200 1 GET http://a.example/ -", "Shape"),
        ("1796000400.12x 5 192.0.2.5 TCP_MISS/200 1 GET http://a.example/ - HIER_DIRECT/203.0.113.9 -", "Time"),
        ("1796000400.123 5 192.0.2.5 TCP_MISS/2x0 1 GET http://a.example/ - HIER_DIRECT/203.0.113.9 -", "Status"),
        ("1796000400.123 5 192.0.2.5 TCP_MISS/200 many GET http://a.example/ - HIER_DIRECT/203.0.113.9 -", "Size"),
    ] {
        assert_eq!(read_with(&formats, &mut header, line.as_bytes()), Err(wanted.to_owned()), "{line}");
    }
}

#[test]
fn given_squid_common_and_combined_lines_then_they_are_told_apart() {
    reads(
        r#"192.0.2.5 - yamada [30/Nov/2026:10:00:00 +0900] "GET https://chatgpt.com/ HTTP/1.1" 200 4321 TCP_MISS:HIER_DIRECT"#,
        "squid_common Request 2026-11-30T01:00:00Z 192.0.2.5 yamada chatgpt.com Allowed None Some(4321)",
    );
    reads(
        r#"192.0.2.5 - - [30/Nov/2026:10:00:00 +0900] "CONNECT claude.ai:443 HTTP/1.1" 200 39 "-" "Mozilla/5.0 \"x\"" TCP_TUNNEL:HIER_DIRECT"#,
        "squid_combined Tunnel 2026-11-30T01:00:00Z 192.0.2.5 - claude.ai Allowed None Some(39)",
    );
    reads(
        r#"192.0.2.5 - - [30/Nov/2026:10:00:00 +0900] "CONNECT claude.ai:443 HTTP/1.1" 403 39 "-" "-" TCP_DENIED:HIER_NONE"#,
        "squid_combined Tunnel 2026-11-30T01:00:00Z 192.0.2.5 - claude.ai Denied None Some(39)",
    );
}

#[test]
fn given_elff_then_its_fields_say_where_things_are_and_may_change_midway() {
    let formats = formats();
    let mut header = formats.beginning();
    let mut next = |line: &str| read_with(&formats, &mut header, line.as_bytes());
    assert_eq!(next("#Software: Gateway 1").as_deref(), Ok("directive"));
    next("#Fields: date time c-ip cs-username cs-method cs-host sc-status sc-filter-result sc-bytes cs-bytes").unwrap();
    assert_eq!(
        next("2026-11-30 01:00:00 192.0.2.5 \"山田 太郎\" POST chatgpt.com 200 OBSERVED 10 2000").as_deref(),
        Ok("w3c_elff Request 2026-11-30T01:00:00Z 192.0.2.5 山田 太郎 chatgpt.com Allowed Some(2000) Some(10)")
    );
    assert_eq!(next("2026-11-30 01:00:00 192.0.2.5 - POST chatgpt.com 200 OBSERVED 10"), Err("Shape".to_owned()));
    next("#Fields:\tdate\ttime\tcs-uri\tc-ip\tcs-method\ts-action").unwrap();
    assert_eq!(
        next("2026-11-30\t01:00:00\thttps://claude.ai/x\t192.0.2.6\tGET\tTCP_DENIED").as_deref(),
        Ok("w3c_elff Request 2026-11-30T01:00:00Z 192.0.2.6 - claude.ai Denied None None")
    );
}

#[test]
fn given_query_logs_of_name_servers_then_questions_are_read_and_their_echoes_are_not() {
    for line in [
        "Nov 30 10:00:00 dnsmasq[12]: query[A] claude.ai from 192.0.2.5",
        "Nov 30 10:00:00 gw dnsmasq[12]: 7 192.0.2.5/51234 query[AAAA] claude.ai from 192.0.2.5",
        "2026-11-30T10:00:00+09:00 gw dnsmasq[12]: query[HTTPS] claude.ai from 192.0.2.5",
    ] {
        reads(line, "dnsmasq Question 2026-11-30T01:00:00Z 192.0.2.5 - claude.ai Unknown None None");
    }
    reads("Nov 30 10:00:00 dnsmasq[12]: forwarded claude.ai to 203.0.113.1", "dnsmasq aside");
    reads("Nov 30 10:00:00 dnsmasq[12]: reply claude.ai is 203.0.113.1", "dnsmasq aside");
    for line in [
        "30-Nov-2026 10:00:00.000 queries: info: client @0x7fa0d607f200 192.0.2.5#63565 (claude.ai): query: claude.ai IN A +E(0)K (192.0.2.1)",
        "30-Nov-2026 10:00:00.000 client 192.0.2.5#63565: view inside: query: claude.ai IN HTTPS + (192.0.2.1)",
        "Nov 30 10:00:00 ns1 named[5]: client @0x7f 192.0.2.5#1 (claude.ai): query: claude.ai IN A + (192.0.2.1)",
        "2026-11-30T01:00:00.000Z queries: info: client @0x7f 192.0.2.5#1 (claude.ai): view in: query: query: claude.ai IN A + (192.0.2.1)",
    ] {
        reads(line, "bind_querylog Question 2026-11-30T01:00:00Z 192.0.2.5 - claude.ai Unknown None None");
    }
    for line in [
        "[1796000400] unbound[12:0] info: 192.0.2.5 claude.ai. A IN",
        "[1796000400] unbound[12:0] query: info: 192.0.2.5 claude.ai. A IN",
        "Nov 30 10:00:00 ns1 unbound: [12:0] info: 192.0.2.5 claude.ai. A IN",
    ] {
        reads(line, "unbound Question 2026-11-30T01:00:00Z 192.0.2.5 - claude.ai Unknown None None");
    }
    reads(
        "[1796000400] unbound[12:0] info: 192.0.2.5 claude.ai. A IN NOERROR 0.012 0 43",
        "unbound Answer 2026-11-30T01:00:00Z 192.0.2.5 - claude.ai Unknown None None",
    );
    reads("[1796000400] unbound[12:0] info: service stopped (unbound 1.19.0).", "unbound aside");
}

#[test]
fn given_the_shipped_mappings_then_their_sample_lines_are_read() {
    reads(
        r#""Mon Nov 30 01:00:00 2026","yamada@example.lg.jp","HTTPS","chatgpt.com/backend","Allowed","ChatGPT","AI","2072","14061","0","0","x","x","x","None","None","0","None","None","hq","Dept","192.0.2.5","203.0.113.9","POST","200","Agent/1""#,
        "zscaler-nss-web Request 2026-11-30T01:00:00Z 192.0.2.5 yamada@example.lg.jp chatgpt.com Allowed Some(2072) Some(14061)",
    );
    reads(
        r#"Nov 30 10:00:01 4872 1000/01/ - - 192.0.2.5 192.0.2.5 - user01 [30/Nov/2026:10:00:00 +0900] 503 0 1207 block 63 87 87/127/151 -1 0 1518 0 group01 - 0 - "GET https://claude.ai/new HTTP/1.1" - Chrome text%2Fhtml A667FEFF"#,
        "i-filter-v10 Request 2026-11-30T01:00:00Z 192.0.2.5 user01 claude.ai Denied None Some(1207)",
    );
}

const OWN: &str = r#"
name = "own-csv"
kind = "delimited"
delimiter = "tab"
header = true
[fields]
time = ["日付", "時刻"]
client = "端末"
user = "利用者"
target = "URL"
bytes_up = "送信"
[actions]
denied = ["遮断"]
"#;

#[test]
fn given_a_mapping_with_names_then_the_header_of_each_file_says_where_they_are() {
    let formats = Formats::new(vec![Mapping::parse(OWN, "own.toml").unwrap()], None).unwrap();
    let mut header = formats.beginning();
    let mut next = |line: &str| read_with(&formats, &mut header, line.as_bytes());
    assert_eq!(next("2026/11/30\t10:00:00\t192.0.2.5\tyamada\thttps://claude.ai/\t5"), Err("unknown".to_owned()));
    assert_eq!(next("利用者\tURL\t送信\t日付\t時刻\t端末").as_deref(), Ok("directive"));
    assert_eq!(
        next("yamada\thttps://claude.ai/\t5\t2026/11/30\t10:00:00\t192.0.2.5").as_deref(),
        Ok("own-csv Request 2026-11-30T01:00:00Z 192.0.2.5 yamada claude.ai Unknown Some(5) None")
    );
}

#[test]
fn given_json_lines_then_nested_keys_are_found() {
    let text = "name = \"own-json\"\nkind = \"json\"\n[fields]\ntime = \"ts\"\nclient = \"src.ip\"\ntarget = \"url\"\nbytes_up = \"sent\"\n";
    let formats = Formats::new(vec![Mapping::parse(text, "own.toml").unwrap()], Some("own-json")).unwrap();
    let mut header = formats.beginning();
    let line = r#"{"ts":1796000400,"src":{"ip":"192.0.2.5"},"url":"https://claude.ai/","sent":77}"#;
    assert_eq!(
        read_with(&formats, &mut header, line.as_bytes()).as_deref(),
        Ok("own-json Request 2026-11-30T01:00:00Z 192.0.2.5 - claude.ai Unknown Some(77) None")
    );
    assert_eq!(read_with(&formats, &mut header, b"{\"ts\":1796000400"), Err("Shape".to_owned()));
}

#[test]
fn given_mixed_formats_then_each_line_is_read_in_its_own() {
    let formats = formats();
    let mut header = formats.beginning();
    let squid = "1796000400.123 5 192.0.2.5 TCP_MISS/200 1 GET http://a.example/ - HIER_DIRECT/203.0.113.9 -";
    let dns = "Nov 30 10:00:00 dnsmasq[12]: query[A] claude.ai from 192.0.2.5";
    for (line, name) in [(squid, "squid_native"), (dns, "dnsmasq"), (squid, "squid_native")] {
        assert!(read_with(&formats, &mut header, line.as_bytes()).unwrap().starts_with(name));
    }
    assert_eq!(read_with(&formats, &mut header, b"nonsense"), Err("Shape".to_owned()));
}

#[test]
fn given_a_mapping_that_makes_no_sense_then_the_error_says_what_to_write() {
    for (change, wanted) in [
        (("target = \"URL\"", ""), "target"),
        (("delimiter = \"tab\"", "delimiter = \"ab\""), "delimiter"),
        (("header = true", "header = false"), "numbers"),
        (("time = [\"日付\", \"時刻\"]", "time = 1"), "names"),
        (("kind = \"delimited\"", "kind = \"delimited\"\ncolour = 1"), "colour"),
    ] {
        let error = Mapping::parse(&OWN.replace(change.0, change.1), "own.toml").unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(error.japanese().contains("own.toml"));
    }
    let error = Formats::new(Vec::new(), Some("squidd")).unwrap_err();
    assert!(error.to_string().contains("squid_native"));
}

#[test]
fn given_verdicts_then_only_what_the_log_says_is_said() {
    reads(
        r#"192.0.2.5 - - [30/Nov/2026:10:00:00 +0900] "GET https://claude.ai/ HTTP/1.1" 403 39"#,
        "squid_common Request 2026-11-30T01:00:00Z 192.0.2.5 - claude.ai Unknown None Some(39)",
    );
}

proptest! {
    #[test]
    fn given_any_changed_line_of_squid_then_the_quick_look_at_its_host_agrees_with_the_whole(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![Just(b' '), Just(b'/'), any::<u8>()]), 0..5),
        host in prop::sample::select(vec!["claude.ai:443", "http://u:1@claude.ai/x", "http://claude.ai", "-", "[::1]:443"]),
    ) {
        let mut line = format!("1796000400.123    512 192.0.2.5 TCP_MISS/200 4321 GET {host} u HIER_DIRECT/203.0.113.9 -").into_bytes();
        for (at, byte) in changes {
            let at = at.index(line.len());
            line[at] = byte;
        }
        let formats = formats();
        let mut header = Header { current: Some(Format::SquidNative), ..formats.beginning() };
        let quick = formats.host_alone(&line, &header);
        match (quick, formats.take(&line, &mut header)) {
            (Some((Format::SquidNative, host)), Taken::Line(Format::SquidNative, Seen::Access(located))) => {
                prop_assert_eq!(host, located.host.as_deref());
            }
            (None, Taken::Line(Format::SquidNative, Seen::Access(_))) => prop_assert_ne!(line.get(10), Some(&b'.')),
            (quick, _) => prop_assert!(quick.is_none()),
        }
    }
}
