//! Keys, tokens, private keys and passwords in URLs (CR-…).

use std::ops::Range;

use crate::finding::{Confidence, Finding, RuleId, Signal};
use crate::fold;
use crate::script::is_japanese;
use crate::surroundings::{backwards, before, forwards, suffix};

/// A word that a credential begins with.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) text: &'static str,
    kind: Kind,
    evidence: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A fixed prefix and at least so many letters, digits, `_` or `-` after it.
    Prefix(usize),
    /// A fixed prefix and exactly so many capitals or digits.
    Capitals(usize),
    /// Three parts separated by points.
    WebToken,
    /// A fixed beginning and at least so many letters, figures or strokes after it.
    Path(usize),
    /// A name of a secret with its value after it.
    Named,
    /// The same, of a word that is common elsewhere: a colon or an equals sign must stand between.
    Short,
    /// The head of a private key that has no foot.
    PuttyKey,
    /// The head of a private key.
    PemBegin,
    /// The foot of one.
    PemEnd,
}

const fn opening(text: &'static str, kind: Kind, evidence: &'static str) -> Opening {
    Opening { text, kind, evidence }
}

use Kind::{Capitals, Named, Path, PemBegin, PemEnd, Prefix, PuttyKey, Short, WebToken};

/// The openings, in the form the automaton looks for; the exact case is checked afterwards.
pub(crate) const OPENINGS: &[Opening] = &[
    opening("sk-", Prefix(20), "prefix sk-"),
    opening("sekisho_", Prefix(20), "prefix sekisho_"),
    opening("AKIA", Capitals(16), "prefix AKIA"),
    opening("ASIA", Capitals(16), "prefix ASIA"),
    opening("ghp_", Prefix(30), "prefix ghp_"),
    opening("gho_", Prefix(30), "prefix gho_"),
    opening("ghu_", Prefix(30), "prefix ghu_"),
    opening("ghs_", Prefix(30), "prefix ghs_"),
    opening("ghr_", Prefix(30), "prefix ghr_"),
    opening("github_pat_", Prefix(22), "prefix github_pat_"),
    opening("glpat-", Prefix(20), "prefix glpat-"),
    opening("xoxb-", Prefix(10), "prefix xoxb-"),
    opening("xoxp-", Prefix(10), "prefix xoxp-"),
    opening("xoxa-", Prefix(10), "prefix xoxa-"),
    opening("xoxr-", Prefix(10), "prefix xoxr-"),
    opening("xoxs-", Prefix(10), "prefix xoxs-"),
    opening("AIza", Prefix(30), "prefix AIza"),
    opening("ya29.", Prefix(20), "prefix ya29."),
    opening("hf_", Prefix(30), "prefix hf_"),
    opening("gsk_", Prefix(30), "prefix gsk_"),
    opening("xai-", Prefix(30), "prefix xai-"),
    opening("r8_", Prefix(30), "prefix r8_"),
    opening("xapp-", Prefix(20), "prefix xapp-"),
    opening("xoxe.", Prefix(20), "prefix xoxe."),
    opening("SG.", Prefix(20), "prefix SG."),
    opening("dop_v1_", Prefix(30), "prefix dop_v1_"),
    opening("pypi-", Prefix(40), "prefix pypi-"),
    opening("whsec_", Prefix(24), "prefix whsec_"),
    opening("shpat_", Prefix(30), "prefix shpat_"),
    opening("AGE-SECRET-KEY-1", Prefix(50), "prefix AGE-SECRET-KEY-1"),
    opening("hooks.slack.com/services/", Path(30), "address of a Slack webhook"),
    opening("npm_", Prefix(30), "prefix npm_"),
    opening("sk_live_", Prefix(16), "prefix sk_live_"),
    opening("rk_live_", Prefix(16), "prefix rk_live_"),
    opening("eyJ", WebToken, "form of a JSON Web Token"),
    opening("api_key", Named, "name api_key"),
    opening("apikey", Named, "name apikey"),
    opening("api-key", Named, "name api-key"),
    opening("access_token", Named, "name access_token"),
    opening("client_secret", Named, "name client_secret"),
    opening("secret_key", Named, "name secret_key"),
    opening("secret_access_key", Named, "name secret_access_key"),
    opening("password", Named, "name password"),
    opening("bearer", Named, "name bearer"),
    opening("accountkey", Named, "name AccountKey"),
    opening("sharedaccesskey", Named, "name SharedAccessKey"),
    opening("subscription-key", Named, "name subscription-key"),
    opening("passwd", Named, "name passwd"),
    opening("passphrase", Named, "name passphrase"),
    opening("pwd", Short, "name pwd"),
    opening("pass", Short, "name pass"),
    opening("pw", Short, "name pw"),
    opening("secret", Short, "name secret"),
    opening("token", Short, "name token"),
    opening("authorization: basic", Named, "name Authorization: Basic"),
    opening("ＰＡＳＳＷＯＲＤ", Named, "name ＰＡＳＳＷＯＲＤ"),
    opening("Ｐａｓｓｗｏｒｄ", Named, "name Ｐａｓｓｗｏｒｄ"),
    opening("ｐａｓｓｗｏｒｄ", Named, "name ｐａｓｓｗｏｒｄ"),
    opening("ＰＷ", Short, "name ＰＷ"),
    opening("パスワード", Named, "name パスワード"),
    opening("ﾊﾟｽﾜｰﾄﾞ", Named, "name ﾊﾟｽﾜｰﾄﾞ"),
    opening("パスフレーズ", Named, "name パスフレーズ"),
    opening("apiキー", Named, "name APIキー"),
    opening("ＡＰＩキー", Named, "name ＡＰＩキー"),
    opening("アクセスキー", Named, "name アクセスキー"),
    opening("シークレット", Named, "name シークレット"),
    opening("トークン", Named, "name トークン"),
    opening("認証キー", Named, "name 認証キー"),
    opening("秘密鍵", Named, "name 秘密鍵"),
    opening("PuTTY-User-Key-File-", PuttyKey, "head of a PuTTY key"),
    opening("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", PuttyKey, "head of a private key"),
    opening("-----BEGIN ", PemBegin, "head of a private key"),
    opening("-----END ", PemEnd, ""),
];

/// The longest private key whose foot is looked for, in bytes.
pub(crate) const LONGEST_KEY: usize = 16 * 1024;
/// The longest part of a URL before its path.
const LONGEST_AUTHORITY: usize = 256;

/// Judges the openings found in a text.
pub(crate) fn detect(text: &str, openings: &[(&'static Opening, Range<usize>)], findings: &mut Vec<Finding>) {
    let feet: Vec<usize> =
        openings.iter().filter(|(opening, _)| opening.kind == PemEnd).map(|(_, span)| span.end).collect();
    for (opening, span) in openings {
        let exact = text.get(span.clone()) == Some(opening.text);
        let found = match opening.kind {
            Prefix(least) if exact => prefixed(text, span, least),
            Capitals(count) if exact => capitals(text, span, count),
            WebToken if exact => web_token(text, span),
            Named => named(text, span, false),
            Short => named(text, span, true),
            Path(least) => path(text, span, least),
            PuttyKey if exact => Some(span.clone()),
            PemBegin => private_key(text, span, &feet),
            _ => None,
        };
        let Some(span) = found else { continue };
        let (rule, confidence): (RuleId, _) = match opening.kind {
            PemBegin | PuttyKey => ("CR-PRIVATE-KEY", Confidence::High),
            Named | Short => ("CR-API-KEY", Confidence::Medium),
            _ => ("CR-API-KEY", Confidence::High),
        };
        findings.push(Finding { rule, signal: Signal::Credential, span, confidence, evidence: vec![opening.evidence] });
    }
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn begins_a_word(text: &str, start: usize) -> bool {
    !before(text, start).is_some_and(is_token)
}

fn prefixed(text: &str, span: &Range<usize>, least: usize) -> Option<Range<usize>> {
    if !begins_a_word(text, span.start) {
        return None;
    }
    let mut body = token_at(text, span.end);
    if matches!(text.get(span.clone()), Some("SG." | "xoxe.")) {
        let tail = text.get(span.end..)?;
        let length = tail.bytes().take_while(|&b| is_token(char::from(b)) || b == b'.').count();
        body = tail.get(..length)?.trim_end_matches('.');
    }
    // A name in a program has no figure in so long a word.
    (body.len() >= least && body.bytes().any(|b| b.is_ascii_digit())).then(|| span.start..span.end + body.len())
}

fn token_at(text: &str, at: usize) -> &str {
    let tail = text.get(at..).unwrap_or_default();
    let length = tail.bytes().take_while(|&b| is_token(char::from(b))).count();
    tail.get(..length).unwrap_or_default()
}

fn capitals(text: &str, span: &Range<usize>, count: usize) -> Option<Range<usize>> {
    if !begins_a_word(text, span.start) {
        return None;
    }
    let body = token_at(text, span.end);
    (body.len() == count && body.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        .then(|| span.start..span.end + count)
}

fn web_token(text: &str, span: &Range<usize>) -> Option<Range<usize>> {
    if !begins_a_word(text, span.start) {
        return None;
    }
    let mut end = span.start;
    for part in 0..3 {
        if part > 0 {
            if before_point(text, end) {
                end += 1;
            } else {
                return None;
            }
        }
        let body = token_at(text, end);
        if body.len() < 10 {
            return None;
        }
        end += body.len();
    }
    Some(span.start..end)
}

fn before_point(text: &str, at: usize) -> bool {
    text.as_bytes().get(at) == Some(&b'.')
}

fn path(text: &str, span: &Range<usize>, least: usize) -> Option<Range<usize>> {
    let tail = text.get(span.end..)?;
    let length = tail.bytes().take_while(|&b| is_token(char::from(b)) || b == b'/').count();
    (length >= least).then(|| span.start..span.end + length)
}

/// What may stand between the name of a secret and its value.
const BETWEEN: &[char] = &[
    '"', '\'', '`', '*', ' ', '　', '\t', ':', '：', '=', '＝', 'は', '「', '『', '（', '(', '|', '｜', '→', '>', '\r',
    '\n',
];

/// A value of at least eight characters with a letter and a figure, after `=`, `:` or a blank.
fn named(text: &str, span: &Range<usize>, strict: bool) -> Option<Range<usize>> {
    let lead = suffix(text, span.end, 8);
    let mut value = lead.trim_start_matches(BETWEEN);
    let between = lead.len() - value.len();
    let gap = lead.get(..between)?;
    if between == 0 || gap.matches('\n').count() > 1 {
        return None;
    }
    if strict {
        let joined = gap.trim_start_matches(['"', '\'', ' ']).starts_with([':', '：', '=', '＝']);
        let part = |c: char| c.is_ascii_alphabetic() || c == '-';
        if !joined || gap.contains('\n') || before(text, span.start).is_some_and(part) {
            return None;
        }
    } else if gap.ends_with(' ') {
        value = value.strip_prefix("is ").unwrap_or(value);
    }
    let start = span.end + (lead.len() - value.len());
    let (mut length, mut count) = (0, 0);
    let (mut letter, mut figure) = (false, false);
    for c in forwards(text, start).take(512) {
        let folded = fold::width(c);
        if !(is_token(folded) || ".~+/!#$%*@=^&?".contains(folded)) {
            break;
        }
        letter |= folded.is_ascii_alphabetic();
        figure |= folded.is_ascii_digit();
        length += c.len_utf8();
        count += 1;
    }
    let value = text.get(start..start + length)?;
    let another = value.contains("://") || value.ends_with(".html");
    (count >= 8 && letter && figure && !another).then(|| start..start + length)
}

fn private_key(text: &str, span: &Range<usize>, feet: &[usize]) -> Option<Range<usize>> {
    let label = suffix(text, span.end, 40);
    let (label, _) = label.split_once("-----")?;
    if !label.to_ascii_uppercase().contains("PRIVATE KEY") || label.contains('\n') {
        return None;
    }
    let head = span.end + label.len() + 5;
    let foot = feet.get(feet.partition_point(|&end| end <= head)).copied();
    let end = foot.filter(|foot| foot - head <= LONGEST_KEY).and_then(|foot| {
        let (label, _) = suffix(text, foot, 40).split_once("-----")?;
        Some(foot + label.len() + 5)
    });
    Some(span.start..end.unwrap_or(head))
}

/// A URL whose `://` stands at `colon`, when it carries a password.
pub(crate) fn url(text: &str, colon: usize) -> Option<Finding> {
    let scheme: usize = backwards(text, colon)
        .take(20)
        .take_while(|&c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        .count();
    if scheme < 2 {
        return None;
    }
    let from = colon + 3;
    let length = forwards(text, from)
        .take(LONGEST_AUTHORITY)
        .take_while(|&c| c.is_ascii_graphic() && !matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>'))
        .count();
    let authority = text.get(from..from + length)?;
    let (user, host) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    // The name of the host may be written in Japanese; then the span ends before it.
    let international = host.is_empty() && forwards(text, from + length).next().is_some_and(is_japanese);
    if password.is_empty() || host.is_empty() && !international {
        return None;
    }
    Some(Finding {
        rule: "CR-URL",
        signal: Signal::Credential,
        span: colon - scheme..from + length,
        confidence: Confidence::High,
        evidence: vec!["password in a URL"],
    })
}

#[cfg(test)]
mod tests {
    use crate::Signal;
    use crate::detector::shared;

    fn found(text: &str) -> Vec<(&'static str, &str)> {
        shared()
            .scan(text)
            .into_iter()
            .filter(|finding| finding.signal == Signal::Credential)
            .map(|finding| (finding.rule, &text[finding.span]))
            .collect()
    }

    #[test]
    fn keys_of_known_services_are_found_in_running_japanese() {
        let body = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
        for prefix in ["sk-", "sk-proj-", "ghp_", "github_pat_", "xoxb-", "AIza", "sekisho_", "glpat-"] {
            let key = format!("{prefix}{body}");
            let text = format!("鍵は{key}です");
            assert_eq!(found(&text), [("CR-API-KEY", key.as_str())], "{prefix}");
        }
        assert_eq!(found("鍵AKIAIOSFODNN7EXAMPLEを"), [("CR-API-KEY", "AKIAIOSFODNN7EXAMPLE")]);
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ";
        assert_eq!(found(token), [("CR-API-KEY", token)]);
    }

    #[test]
    fn names_in_programs_are_no_keys() {
        for text in [
            "sk-loading-indicator-container",
            "sekisho_detect",
            "akiaiosfodnn7example",
            "task-a1B2c3D4e5F6g7H8i9J0k1L2m3",
            "eyJhbGciOi.x.y",
            "password: (required)",
            "パスワードは必須です",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn passwords_in_urls_and_beside_their_names() {
        assert_eq!(
            found("接続先postgres://app:Hunter2@db.example.jp:5432/x"),
            [("CR-URL", "postgres://app:Hunter2@db.example.jp:5432")]
        );
        assert!(found("https://example.jp/a:b@c").is_empty());
        assert_eq!(found("パスワード：Abcd1234!"), [("CR-API-KEY", "Abcd1234!")]);
    }

    #[test]
    fn a_private_key_is_one_span_from_head_to_foot() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
        assert_eq!(found(&format!("以下\n{key}\n以上")), [("CR-PRIVATE-KEY", key)]);
        assert_eq!(found("-----BEGIN PRIVATE KEY-----\nMIIE"), [("CR-PRIVATE-KEY", "-----BEGIN PRIVATE KEY-----")]);
        assert!(found("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----").is_empty());
    }
}
