//! IPアドレス (ID-IP).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{NEAR, Page};
use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::fold;
use crate::keyword::Topic;
use crate::surroundings::{backwards, before, forwards};

/// Looks for a dotted address that begins with the digit at `start`.
pub(crate) fn detect_v4(page: &Page<'_>, start: usize) -> Option<Finding> {
    if before(page.text, start).map(fold::width).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_')) {
        return None;
    }
    let mut written = String::new();
    let mut end = start;
    let mut boundary = true;
    for c in forwards(page.text, start).take(17) {
        let folded = fold::width(c);
        if !(folded.is_ascii_digit() || folded == '.') {
            boundary = !(folded.is_ascii_alphabetic() || folded == '_');
            break;
        }
        written.push(folded);
        end += c.len_utf8();
    }
    let dots = written.len() - written.trim_end_matches('.').len();
    if dots > 1 || (dots == 0 && !boundary) {
        return None;
    }
    let last = fold::width(before(page.text, end)?);
    if last == '.' {
        end -= before(page.text, end)?.len_utf8();
        written.pop();
    }
    let address: Ipv4Addr = written.parse().ok()?;
    let span = start..end;
    let keyword = page.near(Topic::Network, &span, NEAR);
    let mut evidence = vec!["four octets"];
    evidence.extend(keyword);
    // 4.2.2.1 is a clause or a version far more often than a machine.
    let like_a_clause = address.octets().iter().all(|&octet| octet < 40);
    let confidence = match (keyword.is_some(), like_a_clause) {
        (true, false) => Confidence::High,
        (true, true) | (false, false) => Confidence::Medium,
        (false, true) => Confidence::Low,
    };
    Some(finding(span, confidence, evidence))
}

/// Looks for an address in colon notation whose first colon stands at `colon`.
pub(crate) fn detect_v6(page: &Page<'_>, colon: usize) -> Option<Finding> {
    let mut start = colon;
    for c in backwards(page.text, colon).take(5) {
        if !c.is_ascii_hexdigit() {
            if c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.') {
                return None;
            }
            break;
        }
        start -= 1;
    }
    if colon - start > 4 {
        return None;
    }
    let mut end = start;
    for c in forwards(page.text, start).take(46) {
        if !(c.is_ascii_hexdigit() || matches!(c, ':' | '.')) {
            if c.is_ascii_alphanumeric() || c == '_' {
                return None;
            }
            break;
        }
        end += 1;
    }
    let written = page.text.get(start..end)?.trim_end_matches('.');
    let groups = written.split(':').filter(|group| !group.is_empty()).count();
    // `a::b` is a path in a program as easily as an address.
    if groups < 3 || !written.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    written.parse::<Ipv6Addr>().ok()?;
    let span = start..start + written.len();
    let keyword = page.near(Topic::Network, &span, NEAR);
    let mut evidence = vec!["colon notation"];
    evidence.extend(keyword);
    let confidence = if keyword.is_some() { Confidence::High } else { Confidence::Medium };
    Some(finding(span, confidence, evidence))
}

fn finding(span: std::ops::Range<usize>, confidence: Confidence, evidence: Vec<&'static str>) -> Finding {
    Finding { rule: "ID-IP", signal: Signal::PersonalData(PersonalKind::IpAddress), span, confidence, evidence }
}

#[cfg(test)]
mod tests {
    use crate::Confidence;
    use crate::detector::shared;

    fn addresses(text: &str) -> Vec<(&str, Confidence)> {
        shared()
            .scan(text)
            .into_iter()
            .filter(|finding| finding.rule == "ID-IP")
            .map(|finding| (&text[finding.span], finding.confidence))
            .collect()
    }

    #[test]
    fn addresses_of_both_kinds_are_found() {
        assert_eq!(addresses("サーバは192.0.2.10です"), [("192.0.2.10", Confidence::High)]);
        assert_eq!(addresses("192.0.2.10。"), [("192.0.2.10", Confidence::Medium)]);
        assert_eq!(addresses("http://192.0.2.10:8080/"), [("192.0.2.10", Confidence::Medium)]);
        assert_eq!(addresses("at 192.0.2.10."), [("192.0.2.10", Confidence::Medium)]);
        assert_eq!(addresses("１９２．０．２．１０")[0].1, Confidence::Medium);
        assert_eq!(addresses("[2001:db8::8a2e:370:7334]"), [("2001:db8::8a2e:370:7334", Confidence::Medium)]);
        assert_eq!(addresses("接続元は2001:0db8:0:0:0:0:0:1"), [("2001:0db8:0:0:0:0:0:1", Confidence::High)]);
    }

    #[test]
    fn clauses_versions_times_and_paths_are_not() {
        assert_eq!(addresses("4.2.2.1 項"), [("4.2.2.1", Confidence::Low)]);
        for text in ["1.2.3", "1.2.3.4.5", "256.1.1.1", "12:34:56", "std::fmt::Debug", "v192.0.2.1", "a::b"] {
            assert!(addresses(text).is_empty(), "{text}");
        }
    }
}
