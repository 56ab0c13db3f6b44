//! `sekisho import units`: rows of law or of Diet records onto the shelves of a data folder.

use crate::cli::{self, Data, Ended, Failed, Voice};
use crate::sharing::Target;
use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use sekisho_search::lines::{Line, Lines};
use sekisho_search::rows;
use sekisho_search::shelf::{Shelf, Tally, Writing};
use sekisho_search::unit::Corpus;
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

/// Rejects that are printed one by one; the rest are counted.
const PRINTED: usize = 20;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// JSON Lines、そのままでも zstd でも / JSON Lines, plain or zstd
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    data: Data,
}

/// A line that became no unit.
struct Reject {
    file: String,
    line: u64,
    reason: String,
}

pub(super) async fn run(voice: Voice, args: &Args) -> Result<Ended, Failed> {
    let begun = Instant::now();
    let target = Target::of(&args.data)?;
    target.begin(voice, &[Corpus::Law, Corpus::Diet]).await?;
    let shelves: Vec<Shelf> = [Corpus::Law, Corpus::Diet]
        .into_iter()
        .map(|corpus| Shelf::open(&target.search(), corpus))
        .collect::<Result<_, _>>()?;
    let mut writing: Vec<Option<Writing<'_>>> = shelves.iter().map(|_| None).collect();
    let mut rejects = Vec::new();
    for file in &args.files {
        let failed = || format!("`{}` を読めません / cannot read", file.display());
        let length = std::fs::metadata(file).with_context(failed)?.len();
        let bar = if voice.json { ProgressBar::hidden() } else { ProgressBar::new(length) };
        bar.set_style(
            ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {eta}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let counted = bar.clone();
        let lines = Lines::open(file, move |file| counted.wrap_read(file)).with_context(failed)?;
        let name = file.display().to_string();
        for line in lines {
            let (number, line) = line.with_context(failed)?;
            let mut reject = |reason: String| rejects.push(Reject { file: name.clone(), line: number, reason });
            let text = match line {
                Line::Text(text) => text,
                Line::NotUtf8 => {
                    reject("UTF-8 ではありません / not UTF-8".into());
                    continue;
                }
                Line::TooLong => {
                    reject("32 MiB を超える行です / a line of over 32 MiB".into());
                    continue;
                }
            };
            let (corpus, unit) = match rows::read(&text) {
                Ok(read) => read,
                Err(error) => {
                    reject(error.to_string());
                    continue;
                }
            };
            let at = usize::from(corpus == Corpus::Diet);
            let (Some(shelf), Some(open)) = (shelves.get(at), writing.get_mut(at)) else { continue };
            let open = match open {
                Some(open) => open,
                None => open.insert(shelf.write()?),
            };
            if !open.put(&unit)? {
                reject(format!("`{}` はすでにあります / stands twice", unit.id));
            }
        }
        bar.finish_and_clear();
    }
    let mut told = Vec::new();
    for (shelf, open) in shelves.iter().zip(writing) {
        if let Some(open) = open {
            let tally = open.commit()?;
            told.push((shelf.corpus(), tally, shelf.bytes()));
        }
    }
    tell(voice, &told, &rejects, begun.elapsed().as_secs_f64());
    let written: Vec<Corpus> = told.iter().map(|(corpus, ..)| *corpus).collect();
    target.publish(voice, &written).await?;
    Ok(if rejects.is_empty() { Ended::Ok } else { Ended::No })
}

fn tell(voice: Voice, told: &[(Corpus, Tally, u64)], rejects: &[Reject], seconds: f64) {
    if voice.json {
        let shelves: serde_json::Map<_, _> = told
            .iter()
            .map(|(corpus, tally, bytes)| {
                let value = json!({"units": tally.units, "groups": tally.groups, "text_bytes": tally.bytes, "index_bytes": bytes});
                (corpus.name().to_owned(), value)
            })
            .collect();
        let rejects: Vec<_> =
            rejects.iter().map(|r| json!({"file": r.file, "line": r.line, "reason": r.reason})).collect();
        voice.print(&json!({"shelves": shelves, "seconds": seconds, "rejects": rejects}));
        return;
    }
    for (corpus, tally, bytes) in told {
        let (text, index) = (tally.bytes / 1_000_000, bytes / 1_000_000);
        voice.say(
            &format!(
                "{corpus}: {} 件（{} 組、本文 {text} MB、索引 {index} MB）、{seconds:.1} 秒",
                tally.units, tally.groups
            ),
            &format!(
                "{corpus}: {} units ({} groups, {text} MB of text, {index} MB of index), {seconds:.1} s",
                tally.units, tally.groups
            ),
        );
    }
    for reject in rejects.iter().take(PRINTED) {
        cli::line(&format!("✗ {}:{}: {}", reject.file, reject.line, reject.reason));
    }
    if rejects.len() > PRINTED {
        let more = rejects.len() - PRINTED;
        voice.say(&format!("ほかに {more} 行を取り込めません"), &format!("and {more} more lines"));
    }
}
