//! `sekisho import criteria`.

use super::{bytes, query};
use crate::cli::{Ended, Failed, Voice};
use crate::command::admin::{Sent, Server, call};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// XLSX または CSV / XLSX or CSV
    file: PathBuf,
    /// 版の識別子 / identifier of the version
    #[arg(long)]
    id: String,
    /// 名称 / title
    #[arg(long)]
    title: String,
    /// 版 / version, in the words of the document
    #[arg(long)]
    edition: String,
    /// 施行日（2026-04-01 の形）/ first day in force
    #[arg(long)]
    effective_from: String,
    /// 取り込まずに違いだけを見る / show the difference and import nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    server: Server,
}

pub(super) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let dry = if args.dry_run { "true" } else { "" };
    let query = query(&[
        ("id", &args.id),
        ("title", &args.title),
        ("edition", &args.edition),
        ("effective_from", &args.effective_from),
        ("dry_run", dry),
    ]);
    let file = bytes(&args.file)?;
    call(voice, &args.server, "POST", &format!("ismap/import/criteria?{query}"), Some(Sent::File(file))).await
}
