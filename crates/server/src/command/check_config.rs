//! `sekisho check-config FILE`.

use crate::cli::{Ended, Failed, Voice};
use crate::config::Config;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 設定ファイル / configuration file
    file: PathBuf,
}

pub(crate) fn run(voice: Voice, args: &Args) -> Result<Ended, Failed> {
    let config = Config::load(&args.file, std::env::vars())?;
    if voice.json {
        let secrets: Vec<&String> = config.secrets.keys().collect();
        voice.print(&serde_json::json!({
            "ok": true, "listen": config.listen.to_string(), "data": config.data, "origin": config.origin.as_str(),
            "node": config.node, "secrets": secrets, "quorum": config.witnesses.quorum,
            "witnesses": config.witnesses.all.iter().map(|one| serde_json::json!({
                "name": one.key.name(), "url": one.url })).collect::<Vec<_>>(),
        }));
    }
    voice.say(
        &format!(
            "設定に誤りはありません。{} で待ち受け、データは {} に置きます。",
            config.listen,
            config.data.display()
        ),
        &format!("the configuration is sound; listens on {}, keeps data in {}", config.listen, config.data.display()),
    );
    Ok(Ended::Ok)
}
