//! How good the detection is: `cargo run --release -p sekisho-detect --example quality [-- [--seed N] [--show RULE] FILE…]`.
//!
//! First recall by rule on generated documents: how many of the planted identifiers are found at exactly their place.
//! Then, for each file, the findings of each rule by confidence and per 100,000 characters, and those of them that
//! would stop a prompt. Files are plain text; of JSON Lines the fields `speech`, `text`, `question` and `query_long`
//! are read. `--show RULE` prints where its findings stand.

use std::collections::BTreeMap;
use std::io::{self, Write};

use sekisho_detect::{Confidence, Detector, Finding};

use generator::dice::Dice;
use generator::{documents, makers, marks, people, secrets};

#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "the tests' generator; a panic ends the run"
)]
#[path = "../tests/synthetic/generator.rs"]
mod generator;

/// How many documents of each kind are made.
const DOCUMENTS: u32 = 500;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut files = Vec::new();
    let (mut seed, mut shown) = (20_251_122, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seed" => seed = arguments.next().and_then(|seed| seed.parse().ok()).unwrap_or(seed),
            "--show" => shown = arguments.next(),
            _ => files.push(argument),
        }
    }
    let detector = Detector::new();
    if files.is_empty() {
        return recall(&mut out, &detector, seed);
    }
    for file in files {
        let text = String::from_utf8_lossy(&std::fs::read(&file)?).into_owned();
        let pieces = if file.ends_with(".jsonl") { text.lines().map(field).collect() } else { vec![text] };
        count(&mut out, &detector, &file, &pieces, shown.as_deref())?;
    }
    Ok(())
}

#[derive(Default)]
struct Score {
    planted: u32,
    found: u32,
    /// Found at Medium or High.
    sure: u32,
}

impl Score {
    fn take(&mut self, finding: Option<&Finding>) {
        self.planted += 1;
        self.found += u32::from(finding.is_some());
        self.sure += u32::from(finding.is_some_and(|finding| finding.confidence > Confidence::Low));
    }
}

fn recall(out: &mut impl Write, detector: &Detector, seed: u64) -> io::Result<()> {
    let mut dice = Dice(seed);
    let mut scores: BTreeMap<(&str, &str), Score> = BTreeMap::new();
    for _ in 0..DOCUMENTS {
        for maker in makers::MAKERS.iter().chain(people::MAKERS) {
            let specimen = maker(&mut dice);
            let planted = documents::document(&mut dice, &specimen);
            let found = detector.scan(&planted.text);
            let hit = found.iter().find(|finding| finding.rule == specimen.rule && finding.span == planted.span);
            scores.entry((specimen.rule, "with its label")).or_default().take(hit);
        }
        for _ in 0..5 {
            let (rule, head, value, tail) = people::in_a_sentence(&mut dice);
            let found = detector.scan(&format!("{head}{value}{tail}"));
            let span = head.len()..head.len() + value.len();
            let hit = found.iter().find(|finding| finding.rule == rule && finding.span == span);
            scores.entry((rule, "in a sentence")).or_default().take(hit);
            let (rule, text, span) = secrets::document(&mut dice);
            let found = detector.scan(&text);
            let hit = found.iter().find(|finding| finding.rule == rule && finding.span == span);
            scores.entry((rule, "")).or_default().take(hit);
            let (rule, text) = marks::document(&mut dice);
            let found = detector.scan(&text);
            scores.entry((rule, "in a document")).or_default().take(found.iter().find(|finding| finding.rule == rule));
            let (rule, name) = marks::file_name(&mut dice);
            let found = detector.scan_name(&name);
            scores
                .entry((rule, "in the name of a file"))
                .or_default()
                .take(found.iter().find(|finding| finding.rule == rule));
        }
    }
    writeln!(out, "recall on generated documents, seed {seed}: planted, found, found at medium or high")?;
    for ((rule, place), Score { planted, found, sure }) in scores {
        let percent = |count: u32| 100.0 * f64::from(count) / f64::from(planted);
        writeln!(out, "{rule:<18} {planted:>6} {:>8.2} % {:>8.2} %  {place}", percent(found), percent(sure))?;
    }
    Ok(())
}

/// The text of one row of JSON Lines.
fn field(line: &str) -> String {
    const FIELDS: &[&str] = &["speech", "text", "question", "query_long"];
    let start = FIELDS.iter().find_map(|name| {
        let key = format!("\"{name}\": \"");
        line.find(&key).map(|at| at + key.len()).or_else(|| {
            let key = format!("\"{name}\":\"");
            line.find(&key).map(|at| at + key.len())
        })
    });
    let Some(value) = start.and_then(|at| line.get(at..)) else { return String::new() };
    let mut text = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('n' | 'r') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('u') => {
                    let code: String = chars.by_ref().take(4).collect();
                    text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                other => text.extend(other),
            },
            _ => text.push(c),
        }
    }
    text
}

/// Whether a finding would stop a prompt.
fn stops(finding: &Finding) -> bool {
    let rule = finding.rule;
    let stops = rule == "ID-MYNUMBER"
        || rule.starts_with("CR-")
        || matches!(rule, "MK-01" | "MK-02" | "MK-03" | "MK-04" | "MK-11");
    stops && finding.confidence > Confidence::Low
}

fn count(
    out: &mut impl Write,
    detector: &Detector,
    file: &str,
    pieces: &[String],
    shown: Option<&str>,
) -> io::Result<()> {
    let mut characters = 0;
    let mut stopping = 0;
    let mut counts: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    for piece in pieces {
        characters += piece.chars().count();
        for finding in detector.scan(piece) {
            stopping += u32::from(stops(&finding));
            if shown == Some(finding.rule) {
                show(out, piece, &finding)?;
            }
            let [low, medium, high] = counts.entry(finding.rule).or_default();
            *match finding.confidence {
                Confidence::Low => low,
                Confidence::Medium => medium,
                Confidence::High => high,
            } += 1;
        }
    }
    let rate = |count: u32| f64::from(count) * 1e5 / characters as f64;
    writeln!(out, "{file}: {} texts, {characters} characters", pieces.len())?;
    writeln!(out, "would stop a prompt: {stopping}, {:.4} per 100,000 characters", rate(stopping))?;
    writeln!(out, "rule: high, medium, low; medium and high, all per 100,000 characters")?;
    for (rule, [low, medium, high]) in counts {
        let (sure, all) = (rate(medium + high), rate(low + medium + high));
        writeln!(out, "{rule:<18} {high:>6} {medium:>6} {low:>6}  {sure:>9.4} {all:>9.4}")?;
    }
    Ok(())
}

fn show(out: &mut impl Write, text: &str, finding: &Finding) -> io::Result<()> {
    let from = text.floor_char_boundary(finding.span.start.saturating_sub(60));
    let until = text.ceil_char_boundary((finding.span.end + 60).min(text.len()));
    let [before, inside, after] = [from..finding.span.start, finding.span.clone(), finding.span.end..until]
        .map(|range| text.get(range).unwrap_or_default().replace('\n', "⏎"));
    writeln!(out, "{:?} {:?} {before}⟦{inside}⟧{after}", finding.confidence, finding.evidence)
}
