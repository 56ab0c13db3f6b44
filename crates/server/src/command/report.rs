//! `sekisho report`: use reports as files, and with the ledger that proves them.

use crate::cli::{self, Data, Ended, Failed, Voice};
use crate::installation::Installation;
use crate::use_report::{self, Format, Names, NotMade};
use jiff::civil::Date;
use sekisho_domain::id::DepartmentId;
use sekisho_domain::use_report::small_groups::FEWEST;
use sekisho_domain::use_report::{BadScope, Scope};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Report {
    /// 利用報告を作る / make a use report
    Use(Use),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Use {
    #[command(flatten)]
    data: Data,
    /// 初めの日 / first day (2026-04-01)
    #[arg(long, value_name = "DAY")]
    from: Date,
    /// 終わりの日（この日を含む）/ last day, included
    #[arg(long, value_name = "DAY")]
    to: Date,
    /// 部局（下の部局を含む）。なければ全体 / a department with all below it; without it the whole body
    #[arg(long, value_name = "ID")]
    unit: Option<DepartmentId>,
    /// 形式 / format
    #[arg(long = "as", value_enum, default_value = "md")]
    format: Format,
    /// 書出し先のファイル。なければ画面に出す / file to write; without it the screen
    #[arg(long, value_name = "FILE", conflicts_with = "bundle")]
    out: Option<PathBuf>,
    /// 台帳と報告を書き出す先（空または未作成）。第三者が `sekisho ledger verify` で数え直せる / folder for the ledger with the report
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,
    /// 少人数の区分も示す / show small groups too
    #[arg(long)]
    all: bool,
}

impl From<NotMade> for Failed {
    fn from(error: NotMade) -> Self {
        Self::Io(error.into())
    }
}

impl From<BadScope> for Failed {
    fn from(error: BadScope) -> Self {
        let ja = match error {
            BadScope::Backwards => "期間の終わりが初めより前です",
            BadScope::TooLong => "期間が 5 年を超えています",
        };
        Self::Usage(format!("{ja} / {error}"))
    }
}

pub(crate) async fn run(voice: Voice, report: Report) -> Result<Ended, Failed> {
    let Report::Use(args) = report;
    let scope = Scope::new(args.from, args.to, args.unit.clone())?;
    let installation = cli::open(&args.data).await?;
    let made = make(voice, &installation, &args, scope).await;
    installation.close().await;
    made
}

async fn make(voice: Voice, app: &Installation, args: &Use, scope: Scope) -> Result<Ended, Failed> {
    if let Some(unit) = &args.unit
        && app.journal.register().map_err(NotMade::from)?.department(unit).is_none()
    {
        return Err(Failed::Usage(format!("部局 `{unit}` はありません / there is no such department")));
    }
    let fewest = if args.all { 0 } else { FEWEST };
    let (report, register) = use_report::count(app, &scope, fewest).await?;
    if let Some(folder) = &args.bundle {
        app.journal.checkpoint().await?;
        app.cosignatures.settle().await;
        let checkpoint = app.store.export(folder, |_, _| ()).await?;
        std::fs::write(folder.join(use_report::bundle::FILE), serde_json::to_vec_pretty(&report)?)?;
        if voice.json {
            voice.print(&json!({ "out": folder, "size": checkpoint.size, "vkey": app.store.vkey() }));
        }
        let folder = folder.display();
        voice.say(
            &format!("利用報告と台帳を {folder} に書き出しました。検証: sekisho ledger verify {folder}"),
            &format!("report and ledger written to {folder}; verify with: sekisho ledger verify {folder}"),
        );
        return Ok(Ended::Ok);
    }
    let names = Names::of(app, &register).await?;
    let paper = use_report::paper(&report, &register, &names);
    let format = if voice.json { Format::Json } else { args.format };
    let bytes = format.write(&report, &paper, app.world.now()).map_err(|error| Failed::Io(error.into()))?;
    match &args.out {
        Some(out) => {
            std::fs::write(out, bytes)?;
            voice.say(&format!("{} に書きました。", out.display()), &format!("written to {}", out.display()));
        }
        None => {
            use std::io::Write as _;
            // A reader that has gone (`… | head`) is no failure of ours.
            let _ = std::io::stdout().write_all(&bytes);
        }
    }
    Ok(Ended::Ok)
}
