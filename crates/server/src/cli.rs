//! The command line. Exit codes: 0 ok, 1 the answer is "no", 2 usage or configuration, 3 I/O or upstream.

use crate::command;
use crate::lang::Lang;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// 関所 — 公的機関のための生成AI基盤 / a generative-AI platform a public body can answer for
#[derive(Debug, Parser)]
#[command(name = "sekisho", version, disable_help_subcommand = false, max_term_width = 110)]
pub(crate) struct Cli {
    /// 表示の言語 / language (ja, en)
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,
    /// 結果を JSON で / print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 架空省を作って起動する / make a fictional ministry and start
    Demo(command::demo::Args),
    /// 設定ファイルで起動する / start with a configuration
    Serve(command::serve::Args),
    /// 設定ファイルを調べる / check a configuration
    CheckConfig(command::check_config::Args),
    /// 台帳の書出し・検証・証明 / export, verify and prove the ledger
    #[command(subcommand)]
    Ledger(command::ledger::Ledger),
    /// 保存しているものすべてを突き合わせて点検する（変更しない）/ hold everything that is kept against everything else; changes nothing
    Doctor(command::doctor::Args),
    /// 登録簿を見る / look at the register
    #[command(subcommand)]
    Register(command::register::Register),
    /// 報告を作る / make a report
    #[command(subcommand)]
    Report(command::report::Report),
    /// プロキシーと DNS のログから、承認のない生成AIの利用を調べる / read logs for generative AI that nobody permitted
    #[command(subcommand)]
    Shadow(command::shadow::Shadow),
    /// 記録された利用の判断をやり直す / decide a recorded use again
    Decide(command::decide::Args),
    /// ファイルとフォルダーを、門と同じ検出で調べる / look into files and folders as the gate does
    Scan(command::scan::Args),
    /// 管理基準・公表リスト（API 経由）、法令・会議録を取り込む / import criteria, the published list, law, Diet records
    #[command(subcommand)]
    Import(command::import::Import),
    /// 法令・会議録を検索する / search law and Diet records
    Search(command::search::Args),
    /// 法令・会議録の道具を MCP（標準入出力）で提供する / offer the tools of law and Diet records by MCP on stdio
    Mcp(command::mcp::Args),
    /// 動かしたまま、暗号化した一つのファイルに写す / copy all into one encrypted file while everything runs
    Backup(Box<command::backup::BackupArgs>),
    /// バックアップの鍵を作る / make a key for back-ups
    BackupKey(command::backup::KeyArgs),
    /// バックアップから戻す / restore a back-up
    Restore(Box<command::backup::RestoreArgs>),
    /// SQLite から PostgreSQL へ移る / move from SQLite to PostgreSQL
    MigrateStore(command::migrate_store::Args),
    /// 検索の良さを測る / measure how well the search finds
    Eval(command::eval::Args),
    /// ISMAP の記録を OSCAL で出し入れする（API 経由）/ records of ISMAP as OSCAL, through the API
    #[command(subcommand)]
    Oscal(command::oscal::Oscal),
    /// 登録簿を変える（API 経由）/ change the register, through the API
    #[command(subcommand)]
    Admin(command::admin::Admin),
}

/// Data folder of an installation.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Data {
    /// データの場所 / data folder
    #[arg(long, value_name = "DIR", required_unless_present = "config")]
    pub(crate) data: Option<PathBuf>,
    /// 設定ファイル / configuration file
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub(crate) config: Option<PathBuf>,
}

/// What a command ended with.
#[derive(Debug)]
pub(crate) enum Ended {
    /// 0.
    Ok,
    /// 1: the answer is "no".
    No,
    /// 2: something could not be looked at, and the rest is well.
    Unseen,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failed {
    /// 2: usage or configuration.
    Usage(String),
    /// 3: I/O or upstream.
    Io(anyhow::Error),
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self::Io(error)
    }
}

impl From<crate::config::ConfigError> for Failed {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

macro_rules! io {
    ($($error:ty),* $(,)?) => {
        $( impl From<$error> for Failed {
            fn from(error: $error) -> Self {
                Self::Io(error.into())
            }
        } )*
    };
}
io!(
    std::io::Error,
    sekisho_search::dense::VectorsError,
    sekisho_search::shelf::ShelfError,
    sekisho_store::ReadError,
    sekisho_store::ExportError,
    sekisho_store::JournalError,
    serde_json::Error
);

/// How a command speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    pub(crate) lang: Lang,
    pub(crate) json: bool,
}

impl Voice {
    /// Prints a line for people; nothing when a program listens.
    pub(crate) fn say(self, ja: &str, en: &str) {
        if !self.json {
            line(self.lang.pick(ja, en));
        }
    }

    /// Prints a value for programs.
    pub(crate) fn print(self, value: &serde_json::Value) {
        line(&format!("{value:#}"));
    }
}

/// Prints a line. A reader that has gone (`… | head`) is no failure of ours.
pub(crate) fn line(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Runs the program.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let voice = Voice { lang: Lang::choose(cli.lang, std::env::var("LANG").ok().as_deref()), json: cli.json };
    let ended = match cli.command {
        Command::Demo(args) => block_on(command::demo::run(voice, args)),
        Command::Serve(args) => block_on(command::serve::run(voice, args)),
        Command::CheckConfig(args) => command::check_config::run(voice, &args),
        Command::Ledger(ledger) => command::ledger::run(voice, ledger),
        Command::Doctor(args) => block_on(command::doctor::run(voice, args)),
        Command::Register(register) => block_on(command::register::run(voice, register)),
        Command::Report(report) => block_on(command::report::run(voice, report)),
        Command::Shadow(shadow) => command::shadow::run(voice, shadow),
        Command::Decide(args) => block_on(command::decide::run(voice, args)),
        Command::Scan(args) => command::scan::run(voice, args),
        Command::Import(import) => block_on(command::import::run(voice, import)),
        Command::Search(args) => block_on(command::search::run(voice, args)),
        Command::Mcp(args) => block_on(command::mcp::run(args)),
        Command::Backup(args) => block_on(command::backup::run(voice, *args)),
        Command::BackupKey(args) => command::backup::key(voice, &args),
        Command::Restore(args) => block_on(command::backup::restore(voice, *args)),
        Command::MigrateStore(args) => block_on(command::migrate_store::run(voice, args)),
        Command::Eval(args) => command::eval::run(voice, &args),
        Command::Oscal(oscal) => block_on(command::oscal::run(voice, oscal)),
        Command::Admin(admin) => block_on(command::admin::run(voice, admin)),
    };
    match ended {
        Ok(Ended::Ok) => ExitCode::SUCCESS,
        Ok(Ended::No) => ExitCode::from(1),
        Ok(Ended::Unseen) => ExitCode::from(2),
        Err(Failed::Usage(text)) => {
            eprintln!("{}: {text}", voice.lang.pick("設定または使い方の誤り", "usage or configuration"));
            ExitCode::from(2)
        }
        Err(Failed::Io(error)) => {
            eprintln!("{}: {error:#}", voice.lang.pick("失敗", "failed"));
            ExitCode::from(3)
        }
    }
}

/// Runs an asynchronous command to its end.
pub(crate) fn block_on<F: Future<Output = Result<Ended, Failed>>>(work: F) -> Result<Ended, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(work)
}

/// The configuration of an installation named on the command line.
pub(crate) fn config_of(data: &Data) -> Result<crate::config::Config, Failed> {
    match (&data.config, &data.data) {
        (Some(file), _) => Ok(crate::config::Config::load(file, std::env::vars())?),
        (None, Some(folder)) => {
            if !folder.join("keys").is_dir() {
                let text = format!(
                    "`{}` に関所のデータがありません / holds no installation (no `keys` folder)",
                    folder.display()
                );
                return Err(Failed::Usage(text));
            }
            let mut config = crate::config::Config::for_data_and(folder, std::env::vars())?;
            if let Some(origin) = crate::installation::origin_of(folder) {
                config.origin = origin;
            }
            if matches!(config.database, sekisho_store::Database::Sqlite(ref file) if !file.is_file()) {
                let text = format!(
                    "`{}` に SQLite のデータベースがありません。--config で設定を指定してください / no SQLite database here; give --config",
                    folder.display()
                );
                return Err(Failed::Usage(text));
            }
            Ok(config)
        }
        (None, None) => {
            Err(Failed::Usage("--data DIR または --config FILE を指定してください / give --data or --config".into()))
        }
    }
}

/// Opens an installation beside a server that may be running.
pub(crate) async fn open(data: &Data) -> Result<crate::installation::Installation, Failed> {
    let config = config_of(data)?;
    Ok(crate::installation::Installation::open(config, sekisho_store::Synchronous::Full).await?)
}
