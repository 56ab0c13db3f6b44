//! メールアドレス (ID-EMAIL), also in running Japanese without spaces.

use crate::finding::{Confidence, Finding, PersonalKind, Signal};
use crate::fold;
use crate::script::is_japanese;
use crate::surroundings::{after, backwards, before, forwards};

/// The longest local part and domain (RFC 5321 4.5.3.1).
const LOCAL: usize = 64;
const DOMAIN: usize = 253;

/// Looks for an address round the `@` (of either width) that stands at `at..end`.
pub(crate) fn detect(text: &str, at: usize, end: usize) -> Option<Finding> {
    let start = local_part(text, skip_back(text, at)).or_else(|| quoted(text, at))?;
    let from = skip(text, end);
    let stop = domain(text, from).or_else(|| domain(text, from + international_label(text, from)?))?;
    Some(Finding {
        rule: "ID-EMAIL",
        signal: Signal::PersonalData(PersonalKind::Email),
        span: start..stop,
        confidence: Confidence::High,
        evidence: vec!["form of an address"],
    })
}

/// Over one blank before the sign, as in `taro @ example.jp`.
fn skip_back(text: &str, at: usize) -> usize {
    before(text, at).filter(|&c| fold::is_space(c)).map_or(at, |c| at - c.len_utf8())
}

fn skip(text: &str, at: usize) -> usize {
    after(text, at).filter(|&c| fold::is_space(c)).map_or(at, |c| at + c.len_utf8())
}

/// Where a local part in quotation marks begins, as in `"taro yamada"@example.jp`.
fn quoted(text: &str, at: usize) -> Option<usize> {
    if before(text, at) != Some('"') {
        return None;
    }
    let mut here = at - 1;
    for c in backwards(text, at - 1).take(LOCAL) {
        here -= c.len_utf8();
        match c {
            '"' => return Some(here),
            ' ' | '!'..='~' => {}
            _ => break,
        }
    }
    None
}

/// The longest label of a domain name in Japanese, in characters.
const LABEL: usize = 20;

/// The length of a label in Japanese with the point after it, in bytes: `例え.`.
fn international_label(text: &str, from: usize) -> Option<usize> {
    let mut length = 0;
    for (count, c) in forwards(text, from).take(LABEL).enumerate() {
        length += c.len_utf8();
        if count > 0 && matches!(c, '.' | '．') {
            return Some(length);
        }
        if !(is_japanese(c) || fold::width(c).is_ascii_alphanumeric() || c == '-') {
            break;
        }
    }
    None
}

/// Where the local part before `at` begins.
fn local_part(text: &str, at: usize) -> Option<usize> {
    let mut start = None;
    let mut here = at;
    for (count, c) in backwards(text, at).take(LOCAL + 1).enumerate() {
        let folded = fold::width(c);
        if !(folded.is_ascii_alphanumeric() || (c != '\'' && "!#$%&*+-/=?^_{|}~.".contains(folded))) || count == LOCAL {
            break;
        }
        here -= c.len_utf8();
        // A sign in front is not part of the address, as in "/taro@example.jp" or "=taro@example.jp".
        if folded.is_ascii_alphanumeric() || folded == '_' {
            start = Some(here);
        }
        if "/=|&?".contains(folded) {
            break;
        }
    }
    start
}

/// Where the domain after the `@` ends: at least two labels, the last of letters.
fn domain(text: &str, from: usize) -> Option<usize> {
    // After a label in Japanese one of letters is enough.
    let before_it = before(text, from).is_some_and(|c| matches!(c, '.' | '．'));
    let mut stop = None;
    let mut here = from;
    let mut label = 0;
    let mut labels = usize::from(before_it);
    let mut letters = true;
    for c in forwards(text, from).take(DOMAIN) {
        let folded = fold::width(c);
        here += c.len_utf8();
        if folded.is_ascii_alphanumeric() || (folded == '-' && label > 0) {
            label += 1;
            letters &= folded.is_ascii_alphabetic();
            if labels > 0 && label >= 2 && letters {
                stop = Some(here);
            }
        } else if folded == '.' && label > 0 {
            labels += 1;
            label = 0;
            letters = true;
        } else {
            break;
        }
    }
    stop
}

#[cfg(test)]
mod tests {
    use crate::detector::shared;

    fn addresses(text: &str) -> Vec<&str> {
        shared()
            .scan(text)
            .into_iter()
            .filter(|finding| finding.rule == "ID-EMAIL")
            .map(|finding| &text[finding.span])
            .collect()
    }

    #[test]
    fn addresses_are_found_in_running_japanese() {
        assert_eq!(addresses("連絡はtaro.yamada@example.lg.jpまでお願いします"), ["taro.yamada@example.lg.jp"]);
        assert_eq!(addresses("メールｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐへ"), ["ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ"]);
        assert_eq!(addresses("<a+b_c@sub-1.example.com>."), ["a+b_c@sub-1.example.com"]);
        assert_eq!(addresses("mailto:a1@example.co.jp."), ["a1@example.co.jp"]);
        assert_eq!(addresses("a1@example.jp,b2@example.jp"), ["a1@example.jp", "b2@example.jp"]);
    }

    #[test]
    fn other_uses_of_the_sign_are_none() {
        for text in ["@taro", "taro@", "3個@100円", "taro@host", "a@b.1", "@example.jp", "山田@example.jp"] {
            assert!(addresses(text).is_empty(), "{text}");
        }
    }
}
