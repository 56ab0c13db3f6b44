//! Characters that are not seen but are read by a model (TX-INVISIBLE).

use crate::finding::{Confidence, Finding, Signal};
use crate::surroundings::{after, before};

/// Why a character is not seen.
fn kind(c: char) -> Option<(Confidence, &'static str)> {
    Some(match c {
        '\u{E0000}'..='\u{E007F}' => (Confidence::High, "tag block"),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => (Confidence::High, "text direction override"),
        '\u{200B}' | '\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}' => {
            (Confidence::Medium, "zero width")
        }
        '\u{180E}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{034F}' => {
            (Confidence::Medium, "blank letter")
        }
        '\u{200C}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => (Confidence::Low, "text direction mark"),
        '\u{AD}' => (Confidence::Low, "soft hyphen"),
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => (Confidence::Medium, "variation selectors in a row"),
        _ => return None,
    })
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{FE0F}')
}

/// Whether a character may stand between two digits without being seen.
pub(crate) fn splits_numbers(c: char) -> bool {
    !c.is_ascii() && kind(c).is_some()
}

/// Collects invisible characters, those in a row as one finding.
#[derive(Debug, Default)]
pub(crate) struct InvisibleRuns {
    open: Option<Run>,
}

#[derive(Debug)]
struct Run {
    start: usize,
    end: usize,
    confidence: Confidence,
    evidence: &'static str,
    count: usize,
}

impl InvisibleRuns {
    /// Looks at the character `c` at `at`.
    pub(crate) fn see(&mut self, text: &str, at: usize, c: char, findings: &mut Vec<Finding>) {
        let Some((confidence, evidence)) = kind(c) else { return };
        let end = at + c.len_utf8();
        if let Some(run) = self.open.as_mut().filter(|run| run.end == at) {
            run.end = end;
            run.count += 1;
            if confidence > run.confidence {
                run.confidence = confidence;
                run.evidence = evidence;
            }
            return;
        }
        self.close(text, findings);
        self.open = Some(Run { start: at, end, confidence, evidence, count: 1 });
    }

    /// Reports the row that is still open.
    pub(crate) fn close(&mut self, text: &str, findings: &mut Vec<Finding>) {
        let Some(run) = self.open.take() else { return };
        if is_customary(text, &run) {
            return;
        }
        findings.push(Finding {
            rule: "TX-INVISIBLE",
            signal: Signal::Invisible,
            span: run.start..run.end,
            confidence: run.confidence,
            evidence: vec![run.evidence],
        });
    }
}

/// Uses that belong to ordinary writing: one variation selector (kanji variants, emoji), a joiner between
/// emoji, a flag written with tags, the byte order mark at the head of a text.
fn is_customary(text: &str, run: &Run) -> bool {
    let Some(inside) = text.get(run.start..run.end) else { return true };
    let (left, right) = (before(text, run.start), after(text, run.end));
    let mut chars = inside.chars();
    match (chars.next(), chars.next()) {
        (Some('\u{FEFF}'), None) => run.start == 0,
        (Some('\u{200D}'), None) => left.is_some_and(is_pictograph) && right.is_some_and(is_pictograph),
        (Some('\u{FE0F}'), Some('\u{200D}')) => run.count == 2 && right.is_some_and(is_pictograph),
        (Some(c), None) => is_variation_selector(c) && left.is_some(),
        (Some('\u{E0020}'..='\u{E007E}'), Some(_)) => {
            left == Some('\u{1F3F4}') && run.count <= 7 && inside.ends_with('\u{E007F}')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::Signal;
    use crate::detector::shared;

    fn spans(text: &str) -> Vec<(usize, usize)> {
        shared()
            .scan(text)
            .into_iter()
            .filter(|finding| finding.signal == Signal::Invisible)
            .map(|finding| (finding.span.start, finding.span.end))
            .collect()
    }

    #[test]
    fn zero_width_direction_and_tag_characters_are_found() {
        assert_eq!(spans("a\u{200B}b"), [(1, 4)]);
        assert_eq!(spans("a\u{202E}\u{2066}b"), [(1, 7)]);
        assert_eq!(spans("指示\u{E0041}\u{E0042}"), [(6, 14)]);
        assert_eq!(spans("a\u{AD}b\u{61C}c\u{34F}d"), [(1, 3), (4, 6), (7, 9)]);
        assert_eq!(spans("漢\u{3164}字"), [(3, 6)]);
    }

    #[test]
    fn ordinary_writing_is_left_alone() {
        assert!(spans("\u{FEFF}本文").is_empty(), "byte order mark");
        assert!(spans("葛\u{E0100}城市").is_empty(), "kanji variant");
        assert!(spans("👨\u{200D}👩 ❤\u{FE0F}\u{200D}🔥").is_empty(), "emoji");
        assert!(spans("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}").is_empty(), "flag");
    }

    #[test]
    fn variation_selectors_in_a_row_hide_something() {
        assert_eq!(spans("字\u{E0101}\u{E0102}").len(), 1);
    }
}
