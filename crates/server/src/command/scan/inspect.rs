//! One file: open, read within bounds, take the text out, scan it.

use super::excerpt::excerpt;
use super::select::Selection;
use super::trouble::{Trouble, is_harmless, unreadable};
use super::walk::Item;
use super::watch::Watch;
use super::window::{self, Broken, Hit, Windows};
use sekisho_detect::document::{self, Kind, Limits, PartKind};
use sekisho_detect::{Confidence, Detector, RuleId, Signal};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Findings of one file that are told one by one; more are only counted.
const TOLD: usize = 10_000;
/// How much of a long file tells whether it is plain text.
const HEAD: usize = 64 << 10;

/// One finding, told.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) rule: RuleId,
    pub(super) signal: Signal,
    pub(super) confidence: Confidence,
    pub(super) evidence: Vec<&'static str>,
    pub(super) part: PartKind,
    pub(super) place: Arc<str>,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) excerpt: Option<String>,
}

/// What came of one file.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) file: PathBuf,
    pub(super) kind: Option<Kind>,
    pub(super) bytes: u64,
    pub(super) found: Vec<Found>,
    /// Findings beyond those told.
    pub(super) more: u64,
    /// All findings by rule: low, medium, high.
    pub(super) counts: BTreeMap<RuleId, [u64; 3]>,
    /// Findings that `--fail-on` asks about.
    pub(super) failing: u64,
    pub(super) unseen: Vec<Trouble>,
    pub(super) error: Option<Trouble>,
}

impl Report {
    fn new(file: PathBuf) -> Self {
        Self {
            file,
            kind: None,
            bytes: 0,
            found: Vec::new(),
            more: 0,
            counts: BTreeMap::new(),
            failing: 0,
            unseen: Vec::new(),
            error: None,
        }
    }

    pub(super) fn failed(file: PathBuf, error: Trouble) -> Self {
        Self { error: Some(error), ..Self::new(file) }
    }

    fn take(&mut self, inspector: &Inspector, hit: Hit<'_>, part: PartKind, place: &Arc<str>) {
        let Hit { finding, place: at, text } = hit;
        if !inspector.selection.admits(&finding) {
            return;
        }
        let [low, medium, high] = self.counts.entry(finding.rule).or_default();
        *match finding.confidence {
            Confidence::Low => low,
            Confidence::Medium => medium,
            Confidence::High => high,
        } += 1;
        self.failing += u64::from(inspector.selection.fails(&finding));
        if self.found.len() == TOLD {
            self.more += 1;
            return;
        }
        self.found.push(Found {
            rule: finding.rule,
            signal: finding.signal,
            confidence: finding.confidence,
            evidence: finding.evidence,
            part,
            place: place.clone(),
            line: at.line,
            column: at.column,
            start: at.offset,
            end: at.offset + finding.span.len(),
            excerpt: inspector.show.then(|| excerpt(finding.signal, text)),
        });
    }
}

/// Looks into files; shared by all threads.
#[derive(Debug)]
pub(super) struct Inspector {
    pub(super) detector: Detector,
    pub(super) windows: Windows,
    pub(super) selection: Selection,
    pub(super) limits: Limits,
    pub(super) show: bool,
}

impl Inspector {
    pub(super) fn inspect(&self, item: Item, watch: &Watch) -> Report {
        match item {
            Item::Stdin => {
                let mut report = Report::new("-".into());
                self.read(&mut report, "-", std::io::stdin().lock(), None, watch);
                report
            }
            Item::File(path) => self.file(path, watch),
            Item::Special(path) => {
                let unseen = vec![Trouble::special()];
                Report { unseen, ..Report::new(path) }
            }
            Item::Unreadable(path, trouble) => Report::failed(path, trouble),
        }
    }

    fn file(&self, path: PathBuf, watch: &Watch) -> Report {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut report = Report::new(path);
        self.name(&mut report, &name);
        let opened = File::open(&report.file).and_then(|file| Ok((file.metadata()?, file)));
        match opened {
            // It may have been changed for a pipe since it was met.
            Ok((found, _)) if !found.is_file() => report.error = Some(Trouble::special()),
            Ok((found, file)) => self.read(&mut report, &name, file, Some(found.len()), watch),
            Err(error) => report.error = Some(Trouble::io(&error)),
        }
        report
    }

    /// Marks stand in names too: `【取扱注意】名簿.xlsx`.
    fn name(&self, report: &mut Report, name: &str) {
        let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
        self.row_of_words(report, &stem, &Arc::from(""));
    }

    /// A name is read as a row of words, where `_` and `-` part a mark from the rest.
    fn row_of_words(&self, report: &mut Report, name: &str, place: &Arc<str>) {
        window::name(&self.detector, name, |hit| report.take(self, hit, PartKind::Name, place));
    }

    /// Reads what is there within the bounds; long plain text passes through in pieces.
    fn read(&self, report: &mut Report, name: &str, mut reader: impl Read, length: Option<u64>, watch: &Watch) {
        let most = u64::try_from(self.limits.file_bytes).unwrap_or(u64::MAX);
        let long = length.is_some_and(|length| length > most);
        let first = most.saturating_add(1).min(if long { HEAD as u64 } else { u64::MAX });
        let mut bytes = Vec::new();
        if let Err(error) = reader.by_ref().take(first).read_to_end(&mut bytes) {
            report.error = Some(Trouble::io(&error));
            return;
        }
        // Less than asked for: that is all, whatever its length was said to be.
        if (bytes.len() as u64) < first {
            report.bytes = bytes.len() as u64;
            self.document(report, name, &bytes);
            watch.passed(report.bytes);
            return;
        }
        if !self.is_plain(name, &bytes) {
            report.bytes = length.unwrap_or(bytes.len() as u64);
            report.error = Some(Trouble::too_large(most));
            watch.passed(report.bytes);
            return;
        }
        report.kind = Some(Kind::Text);
        // A file that grows while it is read ends where it ended when it was opened.
        let rest = length.map_or(u64::MAX, |length| length.saturating_sub(bytes.len() as u64));
        let all = Cursor::new(bytes).chain(reader.take(rest));
        let nowhere = Arc::from("");
        let mut done = 0;
        let end = self.windows.stream(
            &self.detector,
            all,
            |hit| report.take(self, hit, PartKind::Body, &nowhere),
            |bytes| {
                done += bytes as u64;
                watch.passed(bytes as u64);
                watch.go_on()
            },
        );
        report.bytes = done;
        report.error = match end {
            Ok(()) => None,
            Err(Broken::Io(error)) => Some(Trouble::io(&error)),
            Err(Broken::Encoding(at)) => Some(Trouble::encoding(at)),
            Err(Broken::Stopped) => Some(Trouble::interrupted()),
        };
    }

    /// Whether a long file begins as plain UTF-8 text. A long mail or page holds parts that only a whole reading finds.
    fn is_plain(&self, name: &str, bytes: &[u8]) -> bool {
        let head = bytes.get(..HEAD).unwrap_or(bytes);
        let head = match std::str::from_utf8(head) {
            Ok(_) => head,
            Err(error) if error.error_len().is_none() => head.get(..error.valid_up_to()).unwrap_or_default(),
            Err(_) => return false,
        };
        let plain = |document: document::Document| document.kind == Kind::Text;
        !head.contains(&0) && document::read(name, head, &Limits::default()).is_ok_and(plain)
    }

    fn document(&self, report: &mut Report, name: &str, bytes: &[u8]) {
        let document = match document::read(name, bytes, &self.limits) {
            Ok(document) => document,
            Err(error) if is_harmless(&error) => {
                report.kind = Some(Kind::Media);
                report.unseen.push(unreadable(name, error));
                return;
            }
            Err(error) => {
                report.error = Some(unreadable(name, error));
                return;
            }
        };
        report.kind = Some(document.kind);
        report.unseen.extend(document.unseen.into_iter().map(|unseen| unreadable(name, unseen)));
        for part in document.parts {
            let place = Arc::from(part.place);
            if part.kind == PartKind::Name {
                for line in part.text.lines() {
                    self.row_of_words(report, line, &place);
                }
                continue;
            }
            self.windows.text(&self.detector, &part.text, |hit| report.take(self, hit, part.kind, &place));
        }
    }
}
