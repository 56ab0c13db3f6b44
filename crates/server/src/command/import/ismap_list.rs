//! `sekisho import ismap-list`.

use super::{bytes, query};
use crate::cli::{Ended, Failed, Voice};
use crate::command::admin::{Sent, Server, call};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// XLSX または CSV（UTF-8・CP932）/ XLSX or CSV (UTF-8, CP932)
    file: PathBuf,
    /// 公表元のアドレス / where it was published
    #[arg(long, default_value = "")]
    source_url: String,
    /// 取得した日（空なら今日）/ the day on which it was fetched; today when not given
    #[arg(long, default_value = "")]
    fetched_on: String,
    /// 取り込まずに違いだけを見る / show the difference and import nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    server: Server,
}

pub(super) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let dry = if args.dry_run { "true" } else { "" };
    let query = query(&[("source_url", &args.source_url), ("fetched_on", &args.fetched_on), ("dry_run", dry)]);
    let file = bytes(&args.file)?;
    call(voice, &args.server, "POST", &format!("ismap/import/list?{query}"), Some(Sent::File(file))).await
}
