use proptest::prelude::*;

use super::*;

#[test]
fn given_malformed_lines_then_each_is_counted_with_its_reason_and_place() {
    let good = squid(0, "a", "claude.ai");
    let log = format!("{good}nonsense\n{}\n{good}", good.trim_end().replace("/200", "/xyz"));
    let rejected = of(log.as_bytes()).findings.reading.rejected;
    assert_eq!(rejected.counts[&Reason::Shape], 1);
    assert_eq!(rejected.counts[&Reason::Status], 1);
    let place = &rejected.places[&Reason::Shape][0];
    assert_eq!((place.file.as_str(), place.line, place.offset), ("log", 2, good.len() as u64));
    let place = &rejected.places[&Reason::Status][0];
    assert_eq!((place.line, place.offset), (3, good.len() as u64 + 9));
}

#[test]
fn given_more_rejects_than_places_then_all_are_counted_and_the_first_are_located() {
    let rejected = of("nonsense\n".repeat(1000).as_bytes()).findings.reading.rejected;
    assert_eq!(rejected.counts[&Reason::UnknownFormat], 1000);
    let lines: Vec<u64> = rejected.places[&Reason::UnknownFormat].iter().map(|place| place.line).collect();
    assert_eq!(lines, (1..=20).collect::<Vec<u64>>());
}

#[test]
fn given_lines_of_megabytes_then_they_are_counted_and_located_and_the_next_line_is_read() {
    for length in [64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 1 << 20, (1 << 20) + 1, 5_000_000] {
        let good = squid(0, "a", "claude.ai");
        let log = format!("{good}{}\n{good}", "x".repeat(length));
        let reading = of(log.as_bytes()).findings.reading;
        assert_eq!((reading.lines, reading.hits, reading.bytes), (3, 2, log.len() as u64), "{length}");
        let reason = if length > 64 * 1024 { Reason::TooLong } else { Reason::Shape };
        assert_eq!(reading.rejected.counts[&reason], 1, "{length}");
        assert_eq!(reading.rejected.places[&reason][0].offset, good.len() as u64);
    }
}

#[test]
fn given_a_last_line_of_megabytes_without_end_then_it_is_one_line() {
    let reading = of("x".repeat(3_000_000).as_bytes()).findings.reading;
    assert_eq!((reading.lines, reading.rejected.counts[&Reason::TooLong]), (1, 1));
}

#[test]
fn given_nul_bytes_and_a_last_line_that_breaks_off_then_both_are_said() {
    let good = squid(0, "a", "claude.ai");
    let log = format!("{good}\0\0\0{good}{}", &good[..40]);
    let reading = of(log.as_bytes()).findings.reading;
    assert_eq!(reading.hits, 1);
    assert_eq!(reading.rejected.counts[&Reason::NulByte], 1);
    assert_eq!(reading.rejected.counts[&Reason::Unfinished], 1);
}

#[test]
fn given_a_hit_whose_values_cannot_be_read_then_it_is_rejected_and_not_counted_as_an_access() {
    let good = squid(0, "a", "claude.ai");
    let bad = good.replace(" 100 CONNECT", " 99999999999999999999999 CONNECT");
    let reading = of(format!("{good}{bad}").as_bytes()).findings.reading;
    assert_eq!((reading.accesses, reading.rejected.counts[&Reason::Size]), (1, 1));
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn given_compressed_streams_then_they_are_read_members_and_all() {
    let (one, two) = (squid(0, "a", "claude.ai"), squid(1, "b", "claude.ai"));
    let members = [gzip(&one), gzip(&two)].concat();
    let frames = zstd::encode_all(format!("{one}{two}").as_bytes(), 1).unwrap();
    let mut utf16 = vec![0xFF, 0xFE];
    utf16.extend(format!("{one}{two}").encode_utf16().flat_map(u16::to_le_bytes));
    for content in [members, frames, utf16] {
        assert_eq!(of(&content).findings.reading.hits, 2);
    }
}

#[test]
fn given_a_compressed_stream_that_breaks_off_then_what_came_before_counts_and_the_place_is_said() {
    let text: String = (0..20_000).map(|n| squid(n, &format!("u{}", n * 7919 % 1000), "claude.ai")).collect();
    let whole = gzip(&text);
    let findings = of(&whole[..whole.len() / 2]).findings;
    assert!((5_000..15_000).contains(&findings.reading.hits), "{}", findings.reading.hits);
    let failure = &findings.reading.failures[0];
    assert_eq!((failure.file.as_str(), failure.lines), ("log", findings.reading.lines));
    assert_eq!(failure.offset, findings.reading.bytes);
    // The line it broke in is not guessed at.
    assert_eq!((findings.reading.rejected.total(), findings.reading.waiting), (0, 1));
    assert!(failure.reason_ja.contains("圧縮") && failure.reason.contains("compressed"));
    let damaged = [&whole[..whole.len() / 2], &[0xA5; 64], &whole[whole.len() / 2..]].concat();
    assert_eq!(of(&damaged).findings.reading.failures.len(), 1);
}

#[test]
fn given_names_in_cp932_then_they_are_those_in_utf8() {
    let line = |name: &[u8]| {
        let head = b"1796000400.000 5 192.0.2.5 TCP_MISS/200 1 GET https://claude.ai/ ".as_slice();
        [head, name, b" HIER_DIRECT/203.0.113.9 -\n"].concat()
    };
    let log = [line("山田".as_bytes()), line(b"\x8eR\x93c"), line(b"%8ER%93c"), line(b"\xff\xfe\x80")].concat();
    let outcome = of(&log);
    let names: Vec<_> = outcome.openings.iter().map(|opening| opening.name.as_str()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"山田"));
    assert_eq!(outcome.findings.reading.names_damaged, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn given_random_bytes_then_nothing_panics_and_every_line_is_accounted_for(
        bytes in prop::collection::vec(any::<u8>(), 0..3000)
    ) {
        let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
        let lines = ends + usize::from(bytes.last().is_some_and(|last| *last != b'\n'));
        let wrapped = !matches!(crate::source::Wrapping::of(&bytes), crate::source::Wrapping::Plain);
        let reading = of(&bytes).findings.reading;
        prop_assert!(wrapped || reading.lines == lines as u64);
    }

    #[test]
    fn given_lines_of_logs_with_bytes_changed_then_nothing_panics(
        which in 0usize..SAMPLES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut line = SAMPLES[which].as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(line.len());
            line[at] = byte;
        }
        of(&[line, SAMPLES.join("\n").into_bytes()].join(&b'\n'));
    }
}

const SAMPLES: [&str; 9] = [
    "1796000400.000 5 192.0.2.5 TCP_MISS/200 1 GET https://claude.ai/ yamada HIER_DIRECT/203.0.113.9 -",
    r#"192.0.2.5 - - [30/Nov/2026:10:00:00 +0900] "CONNECT claude.ai:443 HTTP/1.1" 200 39 "-" "A \"x\"" TCP_TUNNEL:HIER"#,
    "Nov 30 10:00:00 gw dnsmasq[12]: 7 192.0.2.5/51234 query[AAAA] claude.ai from 192.0.2.5",
    "30-Nov-2026 10:00:00.000 queries: info: client @0x7f 192.0.2.5#63565 (claude.ai): query: claude.ai IN A + (192.0.2.1)",
    "[1796000400] unbound[12:0] info: 192.0.2.5 claude.ai. A IN",
    "#Fields: date time c-ip cs-username cs-method cs-host sc-status sc-filter-result sc-bytes cs-bytes",
    "2026-11-30 01:00:00 192.0.2.5 \"a b\" POST claude.ai 200 OBSERVED 10 2000",
    r#""Mon Nov 30 01:00:00 2026","a@example.lg.jp","HTTPS","claude.ai/x","Allowed","C","AI","2072","14061","0","0","x","x","x","None","None","0","None","None","hq","D","192.0.2.5","203.0.113.9","POST","200""#,
    r#"Nov 30 10:00:01 4872 1000/01/ - - 192.0.2.5 192.0.2.5 - u1 [30/Nov/2026:10:00:00 +0900] 503 0 1207 block 63 87 87/127/151 -1 0 1518 0 g1 - 0 - "GET https://claude.ai/new HTTP/1.1" - Chrome t A6"#,
];
