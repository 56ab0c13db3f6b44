//! The scan itself.

use crate::credential;
use crate::finding::{Finding, Signal};
use crate::fold;
use crate::identifier::address::{self, places::Places};
use crate::identifier::person_name::{self, Names, Run, class};
use crate::identifier::{self, Heard, Lists, Page, birth_date, email, ip_address};
use crate::invisible::InvisibleRuns;
use crate::keyword::Topic;
use crate::lexicon::{Lexicon, Words};
use crate::mark;
use crate::number::Chain;
use crate::surroundings::after;

/// Finds identifiers, marks, credentials and invisible characters. Build it once and share it.
pub struct Detector {
    lexicon: Lexicon,
    people: People,
}

/// The dictionaries.
struct People {
    names: Names,
    places: Places,
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
        Self { lexicon: Lexicon::new(), people: People { names: Names::new(), places: Places::new() } }
    }

    /// Everything found in `text`, in the order of the text. Time is proportional to the length of the text.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        let words = self.lexicon.search(text);
        self.judge(&Page::new(text, &words.keywords), &words)
    }

    /// Everything found in the name of a file, a subject or another line that is read as a row of words: there `_` and
    /// the ending part words, so that a mark between them is set as marks are set. Spans are of the name.
    pub fn scan_name(&self, name: &str) -> Vec<Finding> {
        let lines = mark::name_in_lines(name);
        let mut marks = Vec::new();
        mark::detect(&lines, &self.lexicon.marks(&lines), &mut marks);
        let mut findings = self.scan(name);
        // Of a mark that both readings find, the reading as a name stands.
        findings.retain(|old| {
            !marks
                .iter()
                .any(|mark| mark.rule == old.rule && mark.span.start < old.span.end && old.span.start < mark.span.end)
        });
        findings.extend(marks);
        settle(findings)
    }

    /// Scans a piece of a longer text: `lists` is where its lists stand at `from`, before which the piece only gives
    /// the surroundings. Returns also the numbers that were spoken for.
    pub(crate) fn scan_piece(&self, text: &str, lists: Lists, from: usize) -> (Vec<Finding>, Vec<Heard>) {
        let words = self.lexicon.search(text);
        let page = Page::continued(text, &words.keywords, lists, from);
        let findings = self.judge(&page, &words);
        (findings, page.heard())
    }

    fn judge(&self, page: &Page<'_>, words: &Words) -> Vec<Finding> {
        let text = page.text;
        let mut findings = Vec::new();
        mark::detect(text, &words.marks, &mut findings);
        self.spaced_marks(text, &mut findings);
        credential::detect(text, &words.openings, &mut findings);
        let People { names, places } = &self.people;
        address::detect(page, places, &words.places, &mut findings);
        birth_date::detect(page, &words.birth_suffixes, &mut findings);
        person_name::detect(page, names, places, &words.titles, &mut findings);
        walk(page, &self.people, &mut findings);
        settle(findings)
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
fn walk(page: &Page<'_>, people: &People, findings: &mut Vec<Finding>) {
    let text = page.text;
    let bytes = text.as_bytes();
    let mut chain = Chain::default();
    let mut invisible = InvisibleRuns::default();
    let (births, headed) = (page.may_speak(Topic::Birth), page.may_speak(Topic::Name));
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => at = number(page, people, at, &mut chain, &mut invisible, findings),
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
            0xE4..=0xE9 => at = kanji(page, people, at, (births, headed), &mut chain, findings),
            0xE3 if bytes.get(at + 1) == Some(&0x80) && kanji_number(bytes, at) => {
                at = kanji_chain(page, at, &mut chain, findings);
            }
            // Kana; of this block only the Hangul filler is not seen.
            0xE3 if bytes.get(at + 1) != Some(&0x85) => at += 3,
            0xC3..=0xCC | 0xCE..=0xD7 | 0xDA | 0xDC..=0xDF => at += 2,
            0xEA..=0xEE => at += 3,
            _ => {
                let Some(c) = after(text, at) else { break };
                if fold::digit(c).is_some() {
                    at = number(page, people, at, &mut chain, &mut invisible, findings);
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

/// Looks at the run of kanji that begins at `at` and returns where to go on. The flags say whether words for births
/// and for names stand in the text.
fn kanji(
    page: &Page<'_>,
    people: &People,
    at: usize,
    (births, headed): (bool, bool),
    chain: &mut Chain,
    findings: &mut Vec<Finding>,
) -> usize {
    let bytes = page.text.as_bytes();
    let class =
        |at: usize| bytes.get(at..at + 3).and_then(|bytes| bytes.try_into().ok()).map_or(0, |c| people.names.class(c));
    let first = class(at);
    if first & class::FIGURE != 0 && kanji_number(bytes, at) {
        return kanji_chain(page, at, chain, findings);
    }
    let end = kanji_run(bytes, at);
    if births && first & class::ERA != 0 {
        findings.extend(birth_date::era_cell(page, at));
    }
    if first & class::HEAD != 0 {
        let run = Run { start: at, end, tail: class(end - 3) & class::TAIL != 0, headed };
        if run.promises(bytes) {
            findings.extend(person_name::run(page, &people.names, run));
        }
    }
    end
}

/// Whether two figures in kanji stand at `at`: the cheap look of whether a number written with them may begin.
fn kanji_number(bytes: &[u8], at: usize) -> bool {
    let Some([a, b, c, d, e, f]) = bytes.get(at..).and_then(|tail| tail.first_chunk::<6>()) else { return false };
    is_kanji_figure(*a, *b, *c) && is_kanji_figure(*d, *e, *f)
}

/// Whether three bytes are a figure in kanji: 〇, 一, 三, 七, 九, 二, 五, 八, 六, 四, 零, 壱, 弐 or 参.
fn is_kanji_figure(a: u8, b: u8, c: u8) -> bool {
    match a {
        0xE3 => b == 0x80 && c == 0x87,
        0xE4 => matches!((b, c), (0xB8, 0x80 | 0x83 | 0x89) | (0xB9, 0x9D) | (0xBA, 0x8C | 0x94)),
        0xE5 => matches!((b, c), (0x85, 0xAB | 0xAD) | (0x9B, 0x9B) | (0xA3, 0xB1) | (0xBC, 0x90) | (0x8F, 0x82)),
        0xE9 => b == 0x9B && c == 0xB6,
        _ => false,
    }
}

/// Reads the number in kanji that begins at `at` and returns where to go on.
fn kanji_chain(page: &Page<'_>, at: usize, chain: &mut Chain, findings: &mut Vec<Finding>) -> usize {
    let (end, _) = chain.read(page.text, at, 6, |window| {
        let mut found = Vec::new();
        identifier::judge(page, window, &mut found);
        // Figures in kanji fill the tables of old laws; here a word must speak for a number.
        found.retain(|finding| {
            finding.evidence.iter().any(|sign| sign.starts_with("keyword ") || sign.starts_with("continues"))
        });
        let any = !found.is_empty();
        findings.append(&mut found);
        any
    });
    end
}

/// Where the run of kanji ends that begins at `at`; 々 may stand within.
fn kanji_run(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 3;
    while let Some(&byte) = bytes.get(end) {
        let repeats = byte == 0xE3 && bytes.get(end + 1..end + 3) == Some(&[0x80, 0x85]);
        if !(0xE4..=0xE9).contains(&byte) && !repeats {
            break;
        }
        end += 3;
    }
    end
}

/// Reads the number that begins at `at` and returns where to go on.
fn number(
    page: &Page<'_>,
    people: &People,
    at: usize,
    chain: &mut Chain,
    invisible: &mut InvisibleRuns,
    findings: &mut Vec<Finding>,
) -> usize {
    findings.extend(ip_address::detect_v4(page, at));
    findings.extend(birth_date::cell(page, at));
    findings.extend(address::joined(page, &people.places, at));
    let (end, ignorable) =
        chain.read(page.text, at, identifier::least_digits(page), |window| identifier::judge(page, window, findings));
    findings.extend(birth_date::born(page.text, end));
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
    let mut findings = weaker_dropped(findings);
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

/// The rules whose findings may be met by several ways at once.
const BY_SEVERAL_WAYS: [&str; 3] = ["ID-ADDRESS", "ID-BIRTH", "ID-NAME"];

/// Of overlapping findings of one such rule the surest stands, and of equals the longest; no name stands within an
/// address.
fn weaker_dropped(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut last = [None::<usize>; BY_SEVERAL_WAYS.len()];
    for finding in findings {
        let Some(way) = BY_SEVERAL_WAYS.iter().position(|rule| *rule == finding.rule) else {
            kept.push(finding);
            continue;
        };
        let covers = |at: Option<usize>| {
            at.and_then(|at| Some((at, kept.get(at)?))).filter(|(_, old)| finding.span.start < old.span.end)
        };
        let [address, ..] = last;
        if finding.rule == "ID-NAME" && covers(address).is_some() {
            continue;
        }
        if let Some((at, old)) = covers(last.get(way).copied().flatten()) {
            let length = |finding: &Finding| finding.span.end - finding.span.start;
            if (finding.confidence, length(&finding)) > (old.confidence, length(old))
                && let Some(place) = kept.get_mut(at)
            {
                *place = finding;
            }
            continue;
        }
        if let Some(last) = last.get_mut(way) {
            *last = Some(kept.len());
        }
        kept.push(finding);
    }
    kept.sort_by_key(|finding| finding.span.start);
    kept
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
