//! `sekisho import diet`: records of the Diet, written questions and answers.

use super::files::Files;
use super::tell::tell;
use crate::cli::{Data, Ended, Failed, Voice};
use crate::sharing::Target;
use jiff::civil::Date;
use sekisho_search::shelf::Shelf;
use sekisho_search::source::diet;
use sekisho_search::unit::Corpus;
use std::path::PathBuf;
use std::time::Instant;

/// What help says at its end.
const MORE: &str = "\
ファイルの種類は中身で見分ける: 会議録検索 API の回答（発言・会議単位）、発言の JSON Lines、質問主意書・答弁書の
ページ（元のファイル名のまま）と一覧の JSON Lines、それらの ZIP、zstd。同じものは二度取り込まない。
--from-api は、--since がなければ前回の終わりの 30 日前から取り直す（会議録は遅れて公開されるため）。

What a file is, its content says: answers of the Diet-record API (by speech or meeting), speeches as JSON Lines, pages of
written questions and answers (under their own names) and lists of them, ZIP archives of these, zstd. The same is not
taken twice. Without --since, --from-api begins 30 days before the end of the last time: records appear late.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = MORE)]
pub(crate) struct Args {
    /// ファイルまたはフォルダー / files or folders
    #[arg(value_name = "PATH", required_unless_present = "from_api")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    api: super::api::Options,
    /// この日の会議から（--from-api）/ meetings from this day on
    #[arg(long, value_name = "D", requires = "from_api")]
    since: Option<Date>,
    /// この日の会議まで。なければ今日 / meetings up to this day, by default today
    #[arg(long, value_name = "D", requires = "from_api")]
    until: Option<Date>,
}

pub(super) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let begun = Instant::now();
    let target = Target::of(&args.data)?;
    target.begin(voice, &[Corpus::Diet]).await?;
    let search = target.search();
    let shelf = Shelf::open(&search, Corpus::Diet)?;
    let mut paths = args.paths;
    let mut fetched = if args.api.from_api {
        Some(super::api::diet(voice, &search, &args.api, (args.since, args.until)).await?)
    } else {
        None
    };
    paths.extend(fetched.as_ref().map(|fetched| fetched.folder.clone()));
    let files = Files::below(&paths);
    let (bar, progress) = files.bar(voice, 2);
    let mut report = diet::import(&shelf, &files.inputs, &progress)?;
    bar.finish_and_clear();
    report.rejects.splice(0..0, files.rejects);
    if let Some(fetched) = &mut fetched {
        report.rejects.append(&mut fetched.rejects);
    }
    let ended = tell(voice, &shelf, &report, begun.elapsed().as_secs_f64());
    target.publish(voice, &[Corpus::Diet]).await?;
    if let Some(fetched) = fetched {
        // Only now: what is not published will have to be fetched again.
        fetched.done(&report.rejects)?;
    }
    Ok(ended)
}
