//! How fast sources are imported: `cargo run --release -p sekisho-search --example import_speed -- law|diet PATH…`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use sekisho_search::shelf::{Shelf, ShelfError};
use sekisho_search::source::feed::{Input, Progress};
use sekisho_search::source::{diet, law};
use sekisho_search::unit::Corpus;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let corpus = match arguments.next().as_deref().and_then(|name| name.to_str()) {
        Some("law") => Corpus::Law,
        Some("diet") => Corpus::Diet,
        _ => return Err("usage: import_speed law|diet PATH…".into()),
    };
    let mut inputs = Vec::new();
    for path in arguments {
        below(Path::new(&path), &mut inputs)?;
    }
    let bytes: u64 = inputs.iter().filter_map(|input| Some(input.path.metadata().ok()?.len())).sum();
    let folder = std::env::temp_dir().join(format!("sekisho-import-{}", std::process::id()));
    let shelf = Shelf::open(&folder, corpus)?;
    for what in ["first", "again"] {
        let begun = Instant::now();
        let report = import(corpus, &shelf, &inputs)?;
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{what}: {} files, {:.1} MB, {seconds:.2} s; {} new, {} unchanged, {} units, {:.1} MB of text, {} notes, {} rejects",
            inputs.len(),
            bytes as f64 / 1e6,
            report.new,
            report.unchanged,
            report.written.units,
            report.written.bytes as f64 / 1e6,
            report.notes.len(),
            report.rejects.len()
        );
        report.rejects.iter().take(10).for_each(|reject| println!("  {}: {}", reject.place, reject.en));
    }
    println!("index: {:.1} MB", shelf.bytes() as f64 / 1e6);
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    }
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn import(corpus: Corpus, shelf: &Shelf, inputs: &[Input]) -> Result<sekisho_search::source::Report, ShelfError> {
    let progress: Progress = Arc::new(|_| {});
    match corpus {
        Corpus::Law => law::import(shelf, inputs, &progress),
        Corpus::Diet | Corpus::Document => diet::import(shelf, inputs, &progress),
    }
}

fn below(path: &Path, inputs: &mut Vec<Input>) -> std::io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| below(entry, inputs));
    }
    inputs.push(Input { path: path.to_owned(), name: path.display().to_string(), named: false });
    Ok(())
}
