//! Scanning a text that comes in pieces, such as the streamed answer of a model.

use crate::credential::LONGEST_KEY;
use crate::detector::Detector;
use crate::finding::{Finding, Signal};
use crate::identifier::Lists;
use crate::script::{is_hiragana, is_kanji};

/// How much of the text on either side a judgement can depend on, in bytes: a keyword reaches 300 characters, an
/// identifier with its separators has at most some hundred bytes.
const WINDOW: usize = 4 * 1024;
/// How much new text is awaited before a scan is made.
const STEP: usize = 8 * 1024;
/// How much text is held at most.
const LIMIT: usize = 64 * 1024;

/// Scans a text as it arrives and gives the findings that one scan of the whole text would give, wherever it is cut.
///
/// ```
/// use sekisho_detect::{Detector, StreamScan};
///
/// let detector = Detector::new();
/// let mut scan = StreamScan::new();
/// let mut findings = scan.push(&detector, "個人番号は1234");
/// findings.extend(scan.push(&detector, "-5678-9018です"));
/// findings.extend(scan.finish(&detector));
/// assert_eq!(findings, detector.scan("個人番号は1234-5678-9018です"));
/// ```
///
/// Spans are bytes of the whole text. Memory is bounded (64 KiB of text), and the cost is about twice that of one scan.
/// Findings come late: once 8 KiB of new text are there and 4 KiB more stand after them, or at the end;
/// [`StreamScan::settled`] says up to where the text has been judged.
///
/// What reaches further than the window differs from one scan of the whole text: a row of digit groups or of invisible
/// characters without a letter for more than 4 KiB, a letter-spaced mark on a line with more than 4 KiB of blanks, and
/// anything single of more than 60 KiB.
#[derive(Debug, Default)]
pub struct StreamScan {
    buffer: String,
    /// Where the buffer begins in the whole text.
    base: usize,
    /// Up to where findings have been given, in the buffer.
    given: usize,
    /// How much of the buffer came after the last scan.
    fresh: usize,
    /// Where the lists stand at `given`, in the whole text.
    lists: Lists,
    /// Where the last credential ended, in the whole text.
    secret_until: usize,
}

impl StreamScan {
    /// A scan of a text of which nothing has come yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Up to which byte of the whole text all findings have been given.
    pub fn settled(&self) -> usize {
        self.base + self.given
    }

    /// Takes the next piece and returns the findings that are certain now.
    pub fn push(&mut self, detector: &Detector, piece: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut rest = piece;
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(rest.floor_char_boundary(STEP));
            rest = tail;
            self.buffer.push_str(head);
            self.fresh += head.len();
            if self.fresh >= STEP && self.buffer.len() > self.given + WINDOW {
                self.fresh = 0;
                self.scan(detector, false, &mut findings);
            }
        }
        findings
    }

    /// Ends the text and returns the findings that were still open.
    pub fn finish(mut self, detector: &Detector) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.scan(detector, true, &mut findings);
        findings
    }

    fn scan(&mut self, detector: &Detector, last: bool, findings: &mut Vec<Finding>) {
        let lists = self.lists.map(|place| place?.checked_sub(self.base));
        let (found, heard) = detector.scan_piece(&self.buffer, lists, self.given);
        let until = if last { self.buffer.len() } else { self.certain(&found) };
        for finding in found {
            if finding.span.start < self.given || finding.span.start >= until && !last {
                continue;
            }
            let span = finding.span.start + self.base..finding.span.end + self.base;
            match finding.signal {
                Signal::Credential if span.end <= self.secret_until => continue,
                Signal::Credential => self.secret_until = span.end,
                Signal::PersonalData(_) if span.end <= self.secret_until => continue,
                _ => {}
            }
            findings.push(Finding { span, ..finding });
        }
        for heard in heard.iter().filter(|heard| heard.span.start < until) {
            if let Some(list) = self.lists.get_mut(heard.topic) {
                *list = (*list).max(Some(self.base + heard.span.end));
            }
        }
        self.given = until;
        self.forget();
    }

    /// Up to where no later text can change what was found.
    fn certain(&self, found: &[Finding]) -> usize {
        let length = self.buffer.len();
        let farthest = self.buffer.floor_char_boundary(length.saturating_sub(WINDOW)).max(self.given);
        if length >= LIMIT {
            return farthest;
        }
        let mut until = farthest;
        for finding in found.iter().rev() {
            // The foot of a private key may stand far below its head.
            let key = finding.rule == "CR-PRIVATE-KEY" && finding.span.start + LONGEST_KEY + WINDOW > length;
            if finding.span.start < until && (finding.span.end > until || key) {
                until = finding.span.start;
            }
        }
        let until = self.apart(until);
        // Going back may have come into another finding.
        let crossed = found.iter().filter(|finding| finding.span.start < until && finding.span.end > until);
        crossed.map(|finding| finding.span.start).min().unwrap_or(until).max(self.given)
    }

    /// The last place before `until` where no number and no row of invisible characters goes on: after a letter.
    fn apart(&self, until: usize) -> usize {
        let lowest = self.given.max(until.saturating_sub(WINDOW));
        let head = self.buffer.get(..until).unwrap_or_default();
        let mut at = until;
        for c in head.chars().rev() {
            if parts_numbers(c) || at <= lowest {
                break;
            }
            at -= c.len_utf8();
        }
        if at <= lowest { until } else { at }
    }

    /// Drops what no longer gives surroundings.
    fn forget(&mut self) {
        let from = self.buffer.floor_char_boundary(self.given.saturating_sub(WINDOW));
        let from = if from == 0 { 0 } else { self.letter_from(from) };
        self.buffer.drain(..from);
        self.base += from;
        self.given -= from;
    }

    /// The next place after a letter, so that the buffer does not begin within a number.
    fn letter_from(&self, from: usize) -> usize {
        let tail = self.buffer.get(from..self.given).unwrap_or_default();
        let letter = tail.char_indices().take(WINDOW / 8).find(|(_, c)| parts_numbers(*c));
        letter.map_or(from, |(at, _)| from + at)
    }
}

/// Whether no number and no row of invisible characters goes on over this character.
fn parts_numbers(c: char) -> bool {
    is_kanji(c) || is_hiragana(c) || c.is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::shared;

    fn streamed(text: &str, size: usize) -> Vec<Finding> {
        let mut scan = StreamScan::new();
        let mut findings = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let cut = rest.ceil_char_boundary(size.min(rest.len()));
            let (head, tail) = rest.split_at(cut);
            findings.extend(scan.push(shared(), head));
            assert!(scan.buffer.len() <= LIMIT + STEP);
            rest = tail;
        }
        findings.extend(scan.finish(shared()));
        findings
    }

    #[test]
    fn a_list_is_carried_from_piece_to_piece() {
        let row = "川北　123456-7890123 という値が並ぶ行である。\n";
        let text = format!("基礎年金番号\n{}", "1234-567890 と書かれた行が続く。\n".repeat(2000));
        assert_eq!(streamed(&text, 100), shared().scan(&text));
        assert_eq!(shared().scan(&text).len(), 2000);
        let text = row.repeat(3000);
        assert_eq!(streamed(&text, 1000), shared().scan(&text));
    }

    #[test]
    fn a_long_private_key_is_one_finding() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC4111111111111111\n".repeat(250);
        let key = format!("-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----");
        let text = format!("{}{key}{}", "前の文。".repeat(3000), "後の文。".repeat(3000));
        let findings = streamed(&text, 700);
        assert_eq!(findings, shared().scan(&text));
        assert_eq!(findings.len(), 1);
    }

    #[test]
    fn what_is_settled_only_grows_and_ends_with_the_text() {
        let mut scan = StreamScan::new();
        let mut settled = 0;
        for _ in 0..100 {
            scan.push(shared(), &"町の図書館は月曜に休む。".repeat(30));
            assert!(scan.settled() >= settled);
            settled = scan.settled();
        }
        assert!(settled > 90_000, "{settled}");
    }
}
