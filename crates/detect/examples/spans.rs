//! What is found where, and how fast, for `bench/detect`:
//! `cargo run --release -p sekisho-detect --example spans FILE ROUNDS`.
//!
//! The file holds documents with a form feed between them. Prints `rule`, `start`, `end`, `confidence` of every finding
//! with tabs between, bytes counting from the beginning of the file; then `#`, the bytes and the seconds of each round.

use std::io::{self, Write};
use std::time::Instant;

use sekisho_detect::{Confidence, Detector};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, rounds] = arguments.as_slice() else {
        return Err(io::Error::other("usage: spans FILE ROUNDS"));
    };
    let rounds: u32 = rounds.parse().map_err(io::Error::other)?;
    let text = std::fs::read_to_string(file)?;
    let detector = Detector::new();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut from = 0;
    for document in text.split('\u{C}') {
        for finding in detector.scan(document) {
            let confidence = match finding.confidence {
                Confidence::Low => "low",
                Confidence::Medium => "medium",
                Confidence::High => "high",
            };
            let (start, end) = (from + finding.span.start, from + finding.span.end);
            writeln!(out, "{}\t{start}\t{end}\t{confidence}", finding.rule)?;
        }
        from += document.len() + 1;
    }
    for _ in 0..rounds {
        let begun = Instant::now();
        let found: usize = text.split('\u{C}').map(|document| detector.scan(document).len()).sum();
        writeln!(out, "#\t{}\t{}\t{found}", text.len(), begun.elapsed().as_secs_f64())?;
    }
    out.flush()
}
