//! Given generated logs, the scanner against a recount that shares nothing with it: whole text, whole words, no index.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Made {
    Squid { at: i64, user: u8, host: usize, status: &'static str, size: u32, is_get: bool },
    Broken(usize),
    Blank,
    Dns { host: usize, client: u8 },
}

const HOSTS: [&str; 8] = [
    "claude.ai",
    "www.CLAUDE.ai",
    "notclaude.ai",
    "claude.ai.example",
    "api.openai.com",
    "openai.com",
    "a.b.api.openai.com.",
    "city.example.lg.jp",
];

const BROKEN: [&str; 6] = [
    "claude.ai",
    "1796000400.000 5 192.0.2.5 TCP_MISS/200 1 GET https://claude.ai/ yamada",
    "1796000400,000 5 192.0.2.5 TCP_MISS/200 1 GET https://claude.ai/ yamada HIER_DIRECT/203.0.113.9 -",
    "1796000400.000 5 192.0.2.5 TCP_MISS-200 1 GET https://claude.ai/ yamada HIER_DIRECT/203.0.113.9 -",
    "1796000400.000 5 192.0.2.5 TCP_MISS/200 one GET https://claude.ai/ yamada HIER_DIRECT/203.0.113.9 -",
    "1796000400.000 5 192.0.2.5 TCP_MISS/200 1 GET https://claude.ai/ a b -",
];

impl Made {
    fn line(&self) -> String {
        match self {
            Self::Squid { at, user, host, status, size, is_get } => {
                let target = if *is_get {
                    format!("GET http://{}/p?x=claude.ai", HOSTS[*host])
                } else {
                    format!("CONNECT {}:443", HOSTS[*host])
                };
                format!(
                    "{}.5{user:02}  77 192.0.2.{user} {status} {size} {target} u{user} HIER_DIRECT/203.0.113.9 text/html",
                    1_796_000_400 + at
                )
            }
            Self::Broken(which) => BROKEN[*which].to_owned(),
            Self::Blank => " ".to_owned(),
            Self::Dns { host, client } => {
                format!("[1796000400] unbound[1:0] info: 192.0.2.{client} {} A IN", HOSTS[*host])
            }
        }
    }
}

fn made() -> impl Strategy<Value = Made> {
    let status = prop::sample::select(vec!["TCP_MISS/200", "TCP_DENIED/403", "TCP_DENIED/407", "NONE_NONE/000"]);
    prop_oneof![
        8 => (-1_000_000i64..1_000_000, 10u8..20, 0..HOSTS.len(), status, any::<u32>(), any::<bool>())
            .prop_map(|(at, user, host, status, size, is_get)| Made::Squid { at, user, host, status, size, is_get }),
        1 => (0..BROKEN.len()).prop_map(Made::Broken),
        1 => Just(Made::Blank),
        1 => (0..HOSTS.len(), 10u8..20).prop_map(|(host, client)| Made::Dns { host, client }),
    ]
}

/// Day, service, client (as the opening table names it) → lines, allowed, denied, questions, bytes down.
type Sums = BTreeMap<(String, String, String), [u64; 5]>;

fn service(host: &str) -> Option<&'static str> {
    let host = host.trim_end_matches('.').to_lowercase();
    [("claude.ai", "claude"), ("api.openai.com", "openai-api")]
        .into_iter()
        .find(|(domain, _)| host == *domain || host.ends_with(&format!(".{domain}")))
        .map(|(_, service)| service)
}

fn recount(text: &str) -> (u64, u64, u64, Sums) {
    let (mut lines, mut bad, mut blank, mut sums) = (0, 0, 0, Sums::new());
    for line in text.split_terminator('\n') {
        lines += 1;
        let words: Vec<&str> = line.split_whitespace().collect();
        let (at, host, client, verdict, size) = match words.as_slice() {
            [] => {
                blank += 1;
                continue;
            }
            [time, "unbound[1:0]", "info:", client, host, "A", "IN"] => {
                (time.trim_matches(['[', ']']).parse::<f64>().unwrap(), *host, *client, "question", 0)
            }
            [time, _, _, result, size, method, target, user, hierarchy, _]
                if time.parse::<f64>().is_ok() && size.parse::<u64>().is_ok() && hierarchy.contains('/') =>
            {
                let Some((tag, status)) = result.split_once('/') else {
                    bad += 1;
                    continue;
                };
                let host = if *method == "CONNECT" {
                    target.split(':').next().unwrap()
                } else {
                    target.split('/').nth(2).unwrap()
                };
                let verdict = match (tag, status) {
                    ("TCP_DENIED", "407") | (_, "000") => "neither",
                    ("TCP_DENIED", _) => "denied",
                    _ => "allowed",
                };
                (time.parse().unwrap(), host, *user, verdict, size.parse().unwrap())
            }
            _ => {
                bad += 1;
                continue;
            }
        };
        if let Some(service) = service(host) {
            // Japan has no summer time: nine hours on is its calendar.
            let day = Timestamp::from_second(at as i64 + 9 * 3600).unwrap().to_string()[..10].to_owned();
            let sum = sums.entry((day, service.to_owned(), client.to_owned())).or_default();
            sum[0] += 1;
            sum[1] += u64::from(verdict == "allowed");
            sum[2] += u64::from(verdict == "denied");
            sum[3] += u64::from(verdict == "question");
            sum[4] += size;
        }
    }
    (lines, bad, blank, sums)
}

fn sums(outcome: &Outcome) -> Sums {
    let names: BTreeMap<_, _> =
        outcome.openings.iter().map(|opening| (opening.pseudonym.as_str(), opening.name.clone())).collect();
    let row = |row: &Row| {
        let counts = &row.counts;
        let key = (row.day.unwrap().to_string(), row.service.clone(), names[row.client.as_str()].clone());
        (key, [counts.lines, counts.allowed, counts.denied, counts.questions, counts.bytes_down])
    };
    outcome.findings.rows.iter().map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn given_any_log_then_the_scanner_counts_what_a_slow_recount_counts(
        made in prop::collection::vec(made(), 0..60)
    ) {
        let text: String = made.iter().map(|made| made.line() + "\n").collect();
        let (lines, bad, blank, wanted) = recount(&text);
        let outcome = of(text.as_bytes());
        let reading = &outcome.findings.reading;
        prop_assert_eq!((reading.lines, reading.rejected.total(), reading.blank), (lines, bad, blank));
        prop_assert_eq!(sums(&outcome), wanted);
        let total: u64 = outcome.findings.services.iter().map(|total| total.counts.lines).sum();
        prop_assert_eq!(total, reading.hits);
    }

    #[test]
    fn given_blocks_of_any_size_then_the_result_is_the_same(
        made in prop::collection::vec(made(), 1..60),
        piece in 1usize..200,
    ) {
        let text: String = made.iter().map(|made| made.line() + "\n").collect();
        let whole = of(text.as_bytes());
        let mut scan = scan();
        scan.read_stream("log", Pieces { rest: text.as_bytes(), piece }, &mut go);
        let outcome = scan.finish();
        prop_assert_eq!(outcome.findings, whole.findings);
    }
}

/// Gives a few bytes at a time, as pipes do.
struct Pieces<'t> {
    rest: &'t [u8],
    piece: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.piece.min(out.len()).min(self.rest.len());
        let (now, later) = self.rest.split_at(count);
        out[..count].copy_from_slice(now);
        self.rest = later;
        Ok(count)
    }
}
