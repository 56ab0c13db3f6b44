//! `sekisho import laws`: the standard law XML and answers of the law API, revision by revision.

use super::files::Files;
use super::tell::tell;
use crate::cli::{Data, Ended, Failed, Voice};
use crate::sharing::Target;
use sekisho_search::shelf::Shelf;
use sekisho_search::source::law;
use sekisho_search::unit::Corpus;
use std::path::PathBuf;
use std::time::Instant;

/// What help says at its end.
const MORE: &str = "\
ファイルの種類は中身で見分ける: 法令標準 XML、法令 API（第1版・第2版）の回答、それらの ZIP、zstd、法令一覧の JSON Lines。
同じものは二度取り込まない。改正は施行日ごとの版になり、前の版の終わりも書き直す。途中で止めれば何も変わらない。
終了コード: 0 すべて取り込んだ、1 取り込めないものがあった（ほかは取り込んだ）、3 検索の索引や API を使えない。

What a file is, its content says: standard law XML, answers of the law API (1 and 2), ZIP archives of them, zstd, lists of
laws as JSON Lines. The same is not taken twice. Amendments become revisions by their day in force, and the one before
ends there. Stopped on the way, nothing is changed. Exit codes: 0 all taken, 1 some not (the rest was), 3 index or API.";

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
}

pub(super) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let begun = Instant::now();
    let target = Target::of(&args.data)?;
    target.begin(voice, &[Corpus::Law]).await?;
    let search = target.search();
    let shelf = Shelf::open(&search, Corpus::Law)?;
    let mut paths = args.paths;
    let mut fetched = if args.api.from_api { Some(super::api::laws(voice, &search, &args.api).await?) } else { None };
    paths.extend(fetched.as_ref().map(|fetched| fetched.folder.clone()));
    let files = Files::below(&paths);
    let (bar, progress) = files.bar(voice, 2);
    let mut report = law::import(&shelf, &files.inputs, &progress)?;
    bar.finish_and_clear();
    report.rejects.splice(0..0, files.rejects);
    if let Some(fetched) = &mut fetched {
        report.rejects.append(&mut fetched.rejects);
    }
    let ended = tell(voice, &shelf, &report, begun.elapsed().as_secs_f64());
    target.publish(voice, &[Corpus::Law]).await?;
    if let Some(fetched) = fetched {
        // Only now: what is not published will have to be fetched again.
        fetched.done(&report.rejects)?;
    }
    Ok(ended)
}
