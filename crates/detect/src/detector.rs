//! The scan itself.

use crate::credential;
use crate::finding::{Finding, Signal};
use crate::fold;
use crate::identifier::{self, Page, email, ip_address};
use crate::invisible::InvisibleRuns;
use crate::lexicon::Lexicon;
use crate::mark;
use crate::number::Chain;
use crate::surroundings::after;

/// Finds identifiers, marks, credentials and invisible characters. Build it once and share it.
pub struct Detector {
    lexicon: Lexicon,
}

impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detector").finish_non_exhaustive()
    }
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// Builds the automaton; a few milliseconds.
    pub fn new() -> Self {
        Self { lexicon: Lexicon::new() }
    }

    /// Everything found in `text`, in the order of the text. Time is proportional to the length of the text.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        let words = self.lexicon.search(text);
        let mut findings = Vec::new();
        mark::detect(text, &words.marks, &mut findings);
        self.spaced_marks(text, &mut findings);
        credential::detect(text, &words.openings, &mut findings);
        walk(&Page::new(text, &words.keywords), &mut findings);
        settle(findings)
    }

    /// Everything found in a file name.
    pub fn scan_name(&self, name: &str) -> Vec<Finding> {
        self.scan(name)
    }

    /// Marks set with blanks between their letters, alone on a line.
    fn spaced_marks(&self, text: &str, findings: &mut Vec<Finding>) {
        for (span, letters) in mark::spaced_lines(text) {
            let mut inner = Vec::new();
            mark::detect(&letters, &self.lexicon.marks(&letters), &mut inner);
            findings.extend(inner.into_iter().map(|finding| Finding { span: span.clone(), ..finding }));
        }
    }
}

/// One walk over the characters; anything costly happens only where a digit, `@`, a colon or an unusual
/// character stands.
fn walk(page: &Page<'_>, findings: &mut Vec<Finding>) {
    let text = page.text;
    let bytes = text.as_bytes();
    let mut chain = Chain::default();
    let mut invisible = InvisibleRuns::default();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => at = number(page, at, &mut chain, &mut invisible, findings),
            b'@' => {
                findings.extend(email::detect(text, at, at + 1));
                at += 1;
            }
            b':' => {
                if bytes.get(at + 1) == Some(&b'/') {
                    if bytes.get(at + 2) == Some(&b'/') {
                        findings.extend(credential::url(text, at));
                    }
                } else {
                    findings.extend(ip_address::detect_v6(page, at));
                }
                at += 1;
            }
            0x00..=0x7F => at += 1,
            // Kana and kanji; of these blocks only the Hangul filler is not seen.
            0xE4..=0xE9 => at += 3,
            0xE3 if bytes.get(at + 1) != Some(&0x85) => at += 3,
            0xC3..=0xCC | 0xCE..=0xD7 | 0xD9..=0xDF => at += 2,
            0xEA..=0xEE => at += 3,
            _ => {
                let Some(c) = after(text, at) else { break };
                if fold::digit(c).is_some() {
                    at = number(page, at, &mut chain, &mut invisible, findings);
                } else {
                    let end = at + c.len_utf8();
                    if c == '＠' {
                        findings.extend(email::detect(text, at, end));
                    } else {
                        invisible.see(text, at, c, findings);
                    }
                    at = end;
                }
            }
        }
    }
    invisible.close(text, findings);
}

/// Reads the number that begins at `at` and returns where to go on.
fn number(
    page: &Page<'_>,
    at: usize,
    chain: &mut Chain,
    invisible: &mut InvisibleRuns,
    findings: &mut Vec<Finding>,
) -> usize {
    findings.extend(ip_address::detect_v4(page, at));
    let (end, ignorable) =
        chain.read(page.text, at, identifier::least_digits(page), |window| identifier::judge(page, window, findings));
    if ignorable {
        for (offset, c) in page.text.get(at..end).unwrap_or_default().char_indices() {
            invisible.see(page.text, at + offset, c, findings);
        }
    }
    end
}

/// Puts the findings in order and drops what another finding already covers.
fn settle(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        (a.span.start, std::cmp::Reverse(a.span.end), a.rule).cmp(&(
            b.span.start,
            std::cmp::Reverse(b.span.end),
            b.rule,
        ))
    });
    let mut secret_until = 0;
    findings.retain(|finding| match finding.signal {
        Signal::Credential => {
            let new = finding.span.end > secret_until;
            secret_until = secret_until.max(finding.span.end);
            new
        }
        Signal::PersonalData(_) => finding.span.end > secret_until,
        _ => true,
    });
    findings
}

/// One detector for all tests: building it unoptimised takes a moment.
#[cfg(test)]
pub(crate) fn shared() -> &'static Detector {
    static SHARED: std::sync::LazyLock<Detector> = std::sync::LazyLock::new(Detector::new);
    &SHARED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detector_can_be_shared() {
        fn shared<T: Send + Sync>() {}
        shared::<Detector>();
    }

    #[test]
    fn an_address_inside_a_credential_is_not_reported_twice() {
        let findings = shared().scan("https://taro:Himitsu1@example.jp/");
        assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["CR-URL"]);
    }

    #[test]
    fn findings_stand_in_the_order_of_the_text() {
        let findings = shared().scan("【取扱注意】電話03-5253-5364、taro@example.jp、個人番号983205673214");
        let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, ["MK-08", "ID-PHONE", "ID-EMAIL", "ID-MYNUMBER"]);
    }
}
