//! The report, as lines for people or as NDJSON, each line out as soon as it is known.

use super::inspect::{Found, Report};
use super::select::FailOn;
use super::trouble::Trouble;
use super::walk::PassedOver;
use crate::cli::Voice;
use crate::lang::Lang;
use indicatif::DecimalBytes;
use sekisho_detect::document::{Kind, PartKind};
use sekisho_detect::{Confidence, RuleId, Signal, rules};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

/// What all files came to.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    /// Files and what was like one; without folders.
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) with_findings: u64,
    /// Files and folders that could not be looked into, or only in part.
    pub(super) unreadable: u64,
    /// What holds no text that can be looked into: pictures, pipes.
    pub(super) unseen: u64,
    pub(super) passed_over: PassedOver,
    pub(super) findings: u64,
    pub(super) by_rule: BTreeMap<RuleId, Levels>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) failing: u64,
    pub(super) interrupted: bool,
}

/// Findings by confidence.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub(super) struct Levels {
    low: u64,
    medium: u64,
    high: u64,
}

#[derive(Serialize)]
struct FileLine<'r> {
    file: &'r str,
    kind: Option<Kind>,
    bytes: u64,
    findings: Vec<FindingLine<'r>>,
    /// Findings counted and not told.
    #[serde(skip_serializing_if = "is_zero")]
    more: u64,
    unseen: Vec<TroubleLine<'r>>,
    error: Option<TroubleLine<'r>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Serialize)]
struct FindingLine<'r> {
    rule: RuleId,
    title: &'static str,
    signal: Signal,
    confidence: Confidence,
    evidence: &'r [&'static str],
    part: PartKind,
    place: &'r str,
    line: usize,
    column: usize,
    start: usize,
    end: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<&'r str>,
}

#[derive(Serialize)]
struct TroubleLine<'r> {
    path: &'r str,
    code: &'static str,
    message: &'r str,
}

fn title(rule: RuleId) -> &'static str {
    rules().iter().find(|info| info.id == rule).map_or("", |info| info.title)
}

/// Prints reports and adds them up.
pub(super) struct Printer<W> {
    voice: Voice,
    out: W,
    summary: Summary,
}

impl<W: Write> Printer<W> {
    pub(super) fn new(voice: Voice, out: W, fail_on: Option<FailOn>) -> Self {
        Self { voice, out, summary: Summary { fail_on, ..Summary::default() } }
    }

    pub(super) fn report(&mut self, report: &Report) -> std::io::Result<()> {
        self.add(report);
        let file = report.file.to_string_lossy();
        let line = if self.voice.json {
            format!("{}\n", serde_json::to_string(&self.line(report, &file))?)
        } else {
            self.lines(report, &file)
        };
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }

    fn add(&mut self, report: &Report) {
        let summary = &mut self.summary;
        summary.files += 1;
        summary.bytes += report.bytes;
        summary.with_findings += u64::from(!report.counts.is_empty());
        summary.unreadable += u64::from(report.error.is_some());
        summary.unseen += report.unseen.len() as u64;
        summary.failing += report.failing;
        for (&rule, &[low, medium, high]) in &report.counts {
            let levels = summary.by_rule.entry(rule).or_default();
            levels.low += low;
            levels.medium += medium;
            levels.high += high;
            summary.findings += low + medium + high;
        }
    }

    fn line<'r>(&self, report: &'r Report, file: &'r str) -> FileLine<'r> {
        let lang = self.voice.lang;
        let trouble = |trouble: &'r Trouble| TroubleLine {
            path: if trouble.path.is_empty() { file } else { &trouble.path },
            code: trouble.code,
            message: lang.pick(&trouble.ja, &trouble.en),
        };
        let finding = |found: &'r Found| FindingLine {
            rule: found.rule,
            title: title(found.rule),
            signal: found.signal,
            confidence: found.confidence,
            evidence: &found.evidence,
            part: found.part,
            place: &found.place,
            line: found.line,
            column: found.column,
            start: found.start,
            end: found.end,
            excerpt: found.excerpt.as_deref(),
        };
        FileLine {
            file,
            kind: report.kind,
            bytes: report.bytes,
            findings: report.found.iter().map(finding).collect(),
            more: report.more,
            unseen: report.unseen.iter().map(trouble).collect(),
            error: report.error.as_ref().map(trouble),
        }
    }

    /// Nothing for a file in which nothing was found; of pictures only the summary speaks.
    fn lines(&self, report: &Report, file: &str) -> String {
        let lang = self.voice.lang;
        let mut text = String::new();
        for found in &report.found {
            finding(&mut text, lang, found);
        }
        if report.more > 0 {
            let more = report.more;
            let _ = writeln!(text, "  {}", lang.pick(&format!("ほか {more} 件"), &format!("{more} more")));
        }
        if report.kind != Some(Kind::Media) {
            for unseen in &report.unseen {
                trouble(&mut text, lang, lang.pick("見ていません", "not seen"), unseen);
            }
        }
        if let Some(error) = &report.error {
            trouble(&mut text, lang, lang.pick("調べられません", "NOT READ"), error);
        }
        if text.is_empty() { text } else { format!("{}\n{text}", plain(file)) }
    }

    /// The last line, and what the answer rests on.
    pub(super) fn finish(mut self, passed_over: PassedOver, interrupted: bool) -> (Summary, std::io::Result<()>) {
        self.summary.passed_over = passed_over;
        self.summary.interrupted = interrupted;
        let text =
            if self.voice.json { format!("{}\n", serde_json::json!({ "summary": self.summary })) } else { self.sum() };
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        (self.summary, written)
    }

    fn sum(&self) -> String {
        let lang = self.voice.lang;
        let Summary { files, bytes, with_findings, unreadable, unseen, findings, passed_over, .. } = &self.summary;
        let size = DecimalBytes(*bytes);
        let mut text = String::new();
        if self.summary.interrupted {
            text.push_str(lang.pick("中断しました。ここまでの結果:\n", "INTERRUPTED; up to here:\n"));
        }
        text.push_str(lang.pick(
            &format!("{files} ファイル（{size}）、検出 {findings} 件（{with_findings} ファイル）、調べられないもの {unreadable} 件\n"),
            &format!("{files} files ({size}), {findings} findings in {with_findings} files, {unreadable} not read\n"),
        ));
        let most = self.summary.by_rule.keys().map(|rule| rule.len()).max().unwrap_or_default();
        for (rule, Levels { low, medium, high }) in &self.summary.by_rule {
            let _ = match lang {
                Lang::Ja => writeln!(text, "  {rule:most$}  高 {high}  中 {medium}  低 {low}  {}", title(rule)),
                Lang::En => writeln!(text, "  {rule:most$}  high {high}  medium {medium}  low {low}"),
            };
        }
        let PassedOver { hidden, excluded, links } = passed_over;
        for (count, ja, en) in [
            (
                unseen,
                "文字を読めないもの（画像、パイプなど。--json で一覧）",
                "without readable text (pictures, pipes; --json lists them)",
            ),
            (
                hidden,
                "隠しファイル・フォルダー（--hidden で調べる）",
                "hidden files and folders (--hidden looks into them)",
            ),
            (links, "たどらなかったシンボリックリンク", "symbolic links not followed"),
            (excluded, "--exclude で除いたもの", "left out by --exclude"),
        ] {
            if *count > 0 {
                let _ = writeln!(text, "  {}: {count}", lang.pick(ja, en));
            }
        }
        text
    }
}

fn finding(text: &mut String, lang: Lang, found: &Found) {
    let Found { rule, line, column, .. } = found;
    text.push_str("  ");
    if let Some((ja, en)) = part(found.part) {
        let _ = write!(text, "{} ", lang.pick(ja, en));
    }
    if !found.place.is_empty() {
        let _ = write!(text, "{} ", plain(&found.place));
    }
    let evidence = found.evidence.join(lang.pick("、", ", "));
    let confidence = match found.confidence {
        Confidence::Low => lang.pick("低", "low"),
        Confidence::Medium => lang.pick("中", "medium"),
        Confidence::High => lang.pick("高", "high"),
    };
    let _ = match lang {
        Lang::Ja => write!(text, "{line}行{column}字  {rule} {}  確度 {confidence}（{evidence}）", title(rule)),
        Lang::En => write!(text, "{line}:{column}  {rule}  {confidence} ({evidence})"),
    };
    if let Some(excerpt) = &found.excerpt {
        let _ = write!(text, "  {excerpt}");
    }
    text.push('\n');
}

fn trouble(text: &mut String, lang: Lang, what: &str, trouble: &Trouble) {
    let path = if trouble.path.is_empty() { String::new() } else { format!("{}: ", plain(&trouble.path)) };
    let why = plain(lang.pick(&trouble.ja, &trouble.en));
    let _ = writeln!(text, "  {what} [{}] {path}{why}", trouble.code);
}

fn part(part: PartKind) -> Option<(&'static str, &'static str)> {
    Some(match part {
        PartKind::Body => return None,
        PartKind::HeaderFooter => ("［見出し・脚］", "[header or footer]"),
        PartKind::Footnote => ("［注］", "[note]"),
        PartKind::Comment => ("［コメント］", "[comment]"),
        PartKind::Change => ("［変更履歴］", "[tracked change]"),
        PartKind::Notes => ("［ノート］", "[speaker's notes]"),
        PartKind::Property => ("［属性］", "[property]"),
        PartKind::Hidden => ("［隠れた文字］", "[hidden]"),
        PartKind::Name => ("［名前］", "[name]"),
    })
}

/// Whether a character can be printed on a terminal without any effect but being seen.
pub(super) fn is_plain(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A name from a stranger's file, safe to print: no control sequences, no turned text.
fn plain(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) { c } else { '\u{FFFD}' }).collect()
}
