//! `sekisho migrate-store`: an installation moves from SQLite to PostgreSQL.

use crate::cli::{self, Ended, Failed, Voice};
use sekisho_store::{Database, MoveError, Password, Postgres, move_to_postgres};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// データの場所（SQLite） / data folder, with SQLite
    #[arg(long, value_name = "DIR", conflicts_with = "config", required_unless_present = "config")]
    data: Option<PathBuf>,
    /// 設定ファイル / configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// 空の PostgreSQL データベース（postgres://…） / an empty PostgreSQL database
    #[arg(long, value_name = "URL")]
    to: String,
    /// その合言葉のファイル / file with its pass word
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

pub(crate) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let config = cli::config_of(&cli::Data { data: args.data, config: args.config })?;
    let Database::Sqlite(from) = &config.database else {
        return Err(Failed::Usage(
            "この設定のデータベースは既に PostgreSQL です / the database of this configuration is PostgreSQL already"
                .into(),
        ));
    };
    if !args.to.starts_with("postgres://") && !args.to.starts_with("postgresql://") {
        return Err(Failed::Usage("--to は postgres://… で指定してください / --to begins with postgres://".into()));
    }
    let password = match &args.password_file {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failed::Usage(format!("`{}`: {error}", path.display())))?;
            Some(Password::of_file(&text))
        }
    };
    let to = Postgres { password, ..Postgres::at(args.to.clone()) };
    let bar = if voice.json { indicatif::ProgressBar::hidden() } else { indicatif::ProgressBar::new_spinner() };
    let moved = move_to_postgres(from, &to, |table, rows| bar.set_message(format!("{table}: {rows}"))).await;
    bar.finish_and_clear();
    let moved = moved.map_err(|error| match error {
        MoveError::Serving(_) | MoveError::NotEmpty { .. } => Failed::Usage(error.to_string()),
        error => Failed::Io(error.into()),
    })?;
    if voice.json {
        let tables: serde_json::Map<_, _> =
            moved.tables.iter().map(|(name, rows)| (name.clone(), json!(rows))).collect();
        voice.print(&json!({
            "entries": moved.entries, "root": moved.root, "tables": tables, "old_database": moved.aside,
        }));
        return Ok(Ended::Ok);
    }
    let rows: u64 = moved.tables.iter().map(|(_, rows)| rows).sum();
    voice.say(
        &format!(
            "{} 行、台帳の記録 {} 件を移し、両方で数え直して同じ根 {} になりました。\n\
             設定ファイルの database を移した先に変えてから始めてください。鍵のフォルダー（keys）はそのまま使います。\n\
             元のファイルは `{}` に残しました。確かめてから消してください。",
            rows,
            moved.entries,
            moved.root,
            moved.aside.display()
        ),
        &format!(
            "moved {rows} rows and {} entries of the ledger; counted again on both sides, the root is {}.\n\
             Set `database` in the configuration to where it is now, then start. The folder `keys` stays in use.\n\
             The old file is kept as `{}`; remove it when you have seen that all is well.",
            moved.entries,
            moved.root,
            moved.aside.display()
        ),
    );
    Ok(Ended::Ok)
}
