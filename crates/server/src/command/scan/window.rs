//! Long texts in windows: memory stays small whatever the length of a text and the number of findings in it.
//!
//! A window is a core with some text on either side. Only findings that begin in the core are taken, so that each is
//! reported once and was judged with everything around it that the detector looks at.

use sekisho_detect::{Detector, Finding};
use std::io::Read;
use std::ops::{ControlFlow, Range};

/// Sizes of a window in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    core: usize,
    /// More than the farthest thing the detector looks at (the foot of a private key, 16 KiB).
    beside: usize,
}

impl Default for Windows {
    fn default() -> Self {
        Self { core: 2 << 20, beside: 32 << 10 }
    }
}

/// A place in a text. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Place {
    const START: Self = Self { offset: 0, line: 1, column: 1 };

    fn advance(&mut self, passed: &str) {
        self.offset += passed.len();
        let line = match passed.rsplit_once('\n') {
            Some((lines, line)) => {
                self.line += 1 + lines.bytes().filter(|&byte| byte == b'\n').count();
                self.column = 1;
                line
            }
            None => passed,
        };
        self.column += line.chars().count();
    }
}

/// A finding with its place and the text that was met.
#[derive(Debug)]
pub(super) struct Hit<'t> {
    pub(super) finding: Finding,
    pub(super) place: Place,
    pub(super) text: &'t str,
}

/// Why a stream was not read to its end.
#[derive(Debug)]
pub(super) enum Broken {
    Io(std::io::Error),
    /// Not UTF-8 from this byte on.
    Encoding(usize),
    /// The caller said so.
    Stopped,
}

impl Windows {
    /// Scans a text that is in memory.
    pub(super) fn text(self, detector: &Detector, text: &str, mut hit: impl FnMut(Hit<'_>)) {
        let mut place = Place::START;
        while place.offset < text.len() {
            let core = place.offset..text.floor_char_boundary(place.offset.saturating_add(self.core));
            // A core of at least one character, whatever the sizes.
            let core = core.start..core.end.max(text.ceil_char_boundary(core.start + 1));
            let from = text.floor_char_boundary(core.start.saturating_sub(self.beside));
            let to = text.ceil_char_boundary(core.end.saturating_add(self.beside));
            let around = text.get(from..to).unwrap_or_default();
            look(detector, around, from, core, &mut place, &mut hit);
        }
    }

    /// Scans UTF-8 as it is read. `passed` hears how many bytes were done and may stop.
    pub(super) fn stream(
        self,
        detector: &Detector,
        mut reader: impl Read,
        mut hit: impl FnMut(Hit<'_>),
        mut passed: impl FnMut(usize) -> ControlFlow<()>,
    ) -> Result<(), Broken> {
        let mut buffer = Vec::new();
        let mut from = 0;
        let mut place = Place::START;
        loop {
            let wanted = place.offset - from + self.core + self.beside;
            let missing = u64::try_from(wanted.saturating_sub(buffer.len())).unwrap_or(u64::MAX);
            reader.by_ref().take(missing).read_to_end(&mut buffer).map_err(Broken::Io)?;
            let ended = buffer.len() < wanted;
            let (text, broken) = valid(&buffer, ended);
            let last = ended || broken.is_some();
            let core = place.offset - from;
            let end = if last {
                text.len()
            } else {
                // At least one character, whatever the sizes: it must come to an end.
                text.floor_char_boundary(text.len().saturating_sub(self.beside)).max(text.ceil_char_boundary(core + 1))
            };
            let before = place.offset;
            look(detector, text, from, place.offset..from + end, &mut place, &mut hit);
            if let Some(at) = broken {
                return Err(Broken::Encoding(from + at));
            }
            let stop = passed(place.offset - before).is_break();
            if last {
                return Ok(());
            }
            if stop {
                return Err(Broken::Stopped);
            }
            let keep = text.floor_char_boundary(end.saturating_sub(self.beside));
            buffer.drain(..keep);
            from += keep;
        }
    }
}

/// Scans a name.
pub(super) fn name(detector: &Detector, name: &str, mut hit: impl FnMut(Hit<'_>)) {
    for finding in detector.scan_name(name) {
        let mut place = Place::START;
        place.advance(name.get(..finding.span.start).unwrap_or_default());
        let text = name.get(finding.span.clone()).unwrap_or_default();
        hit(Hit { finding, place, text });
    }
}

/// The text in `bytes` and, if it breaks off for another reason than the end of the buffer, where.
fn valid(bytes: &[u8], ended: bool) -> (&str, Option<usize>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let sound = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let broken = ended || error.error_len().is_some();
            (std::str::from_utf8(sound).unwrap_or_default(), broken.then_some(error.valid_up_to()))
        }
    }
}

/// Scans `text`, which begins at `from` of the whole, and takes the findings that begin in `core` of the whole.
fn look(
    detector: &Detector,
    text: &str,
    from: usize,
    core: Range<usize>,
    place: &mut Place,
    hit: &mut impl FnMut(Hit<'_>),
) {
    for finding in detector.scan(text) {
        let span = finding.span.clone();
        if !core.contains(&(from + span.start)) {
            continue;
        }
        place.advance(text.get(place.offset - from..span.start).unwrap_or_default());
        hit(Hit { finding, place: *place, text: text.get(span).unwrap_or_default() });
    }
    place.advance(text.get(place.offset - from..core.end - from).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "個人番号 983205673214\n電話 03-5253-5364、メール taro@example.jp\r\n【取扱注意】\n\n\
        予備 4111-1111-1111-1111 と 𠮷野、秘\n秘\n";

    type Found = (&'static str, usize, usize, usize, String);

    fn found(hit: &Hit<'_>) -> Found {
        (hit.finding.rule, hit.place.offset, hit.place.line, hit.place.column, hit.text.to_owned())
    }

    fn streamed(windows: Windows, bytes: &[u8]) -> (Vec<Found>, Result<(), Broken>) {
        let mut all = Vec::new();
        let end = windows.stream(&Detector::new(), bytes, |hit| all.push(found(&hit)), |_| ControlFlow::Continue(()));
        (all, end)
    }

    #[test]
    fn a_place_is_a_line_and_a_character_in_it() {
        let (all, _) = streamed(Windows::default(), TEXT.as_bytes());
        let places: Vec<_> = all.iter().map(|(rule, _, line, column, _)| (*rule, *line, *column)).collect();
        assert_eq!(
            places,
            [
                ("ID-MYNUMBER", 1, 6),
                ("ID-PHONE", 2, 4),
                ("ID-EMAIL", 2, 21),
                ("MK-08", 3, 2),
                ("ID-CARD", 5, 4),
                ("MK-04", 6, 1),
            ]
        );
        for (_, offset, _, _, text) in &all {
            assert!(TEXT[*offset..].starts_with(text.as_str()));
        }
    }

    #[test]
    fn windows_of_any_size_give_what_the_whole_gives() {
        let detector = Detector::new();
        let text = TEXT.repeat(7);
        let mut whole = Vec::new();
        Windows::default().text(&detector, &text, |hit| whole.push(found(&hit)));
        assert_eq!(whole.len(), 6 * 7);
        for core in [1, 2, 3, 5, 64, 100, 997] {
            let windows = Windows { core, beside: 600 };
            let mut parts = Vec::new();
            windows.text(&detector, &text, |hit| parts.push(found(&hit)));
            assert_eq!(parts, whole, "in memory, core {core}");
            let (parts, end) = streamed(windows, text.as_bytes());
            assert!(end.is_ok());
            assert_eq!(parts, whole, "as a stream, core {core}");
        }
    }

    #[test]
    fn a_stream_says_which_byte_is_not_utf_8_and_what_came_before_it() {
        let windows = Windows { core: 40, beside: 20 };
        for tail in [&b"\xE3\x81"[..], b"\xFF and more", b"\x93\xFA\x96\x7B"] {
            let bytes = [TEXT.as_bytes(), tail].concat();
            let (all, end) = streamed(windows, &bytes);
            assert!(matches!(end, Err(Broken::Encoding(at)) if at == TEXT.len()), "{end:?}");
            assert_eq!(all.len(), 6);
        }
    }

    #[test]
    fn a_stream_can_be_stopped() {
        let windows = Windows { core: 40, beside: 20 };
        let end = windows.stream(&Detector::new(), TEXT.as_bytes(), |_| {}, |_| ControlFlow::Break(()));
        assert!(matches!(end, Err(Broken::Stopped)));
    }
}
