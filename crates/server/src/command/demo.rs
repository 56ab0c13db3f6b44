//! `sekisho demo`: everything in one command.

use crate::account;
use crate::cli::{self, Ended, Failed, Voice};
use crate::command::serve;
use crate::config::Config;
use crate::demo;
use crate::installation::Installation;
use crate::world::SystemWorld;
use anyhow::Context as _;
use sekisho_gate::world::World as _;
use sekisho_store::Synchronous;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// データの場所（二度目からは再利用）/ data folder, used again the second time
    #[arg(long, value_name = "DIR", default_value = "sekisho-demo")]
    data: PathBuf,
    /// 待ち受けるポート（0 で空きを選ぶ）/ port; 0 picks a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// 自組織運用の OpenAI 互換サーバーも登録する / also register an OpenAI-compatible server of your own
    #[arg(long, value_name = "URL", requires = "upstream_model")]
    upstream: Option<String>,
    /// 確認コード（二要素目）を表示して終わる。例: approver / print the code of the second factor and end
    #[arg(long, value_name = "NAME", conflicts_with_all = ["upstream", "port"])]
    code: Option<String>,
    /// そのモデル名 / its model
    #[arg(long, value_name = "NAME", requires = "upstream")]
    upstream_model: Option<String>,
}

pub(crate) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    if let Some(name) = &args.code {
        return code(voice, &args.data, name);
    }
    let stop = serve::stop_signal()?;
    let address = SocketAddr::from(([127, 0, 0, 1], args.port));
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("{address} を使えません。--port で別の番号を指定してください / in use; choose another with --port")
    })?;
    let url = format!("http://{}", listener.local_addr()?);
    std::fs::create_dir_all(&args.data).with_context(|| format!("cannot make `{}`", args.data.display()))?;
    let config = Config::for_data_and(&args.data, std::env::vars())?;
    serve::log(&config.operations.log);
    let installation = Installation::open(config, Synchronous::Full).await?;
    let upstream = args.upstream.zip(args.upstream_model);
    let prepared = demo::prepare(&installation, &args.data, &url, upstream).await;
    let prepared = match prepared {
        Ok(demo) => with_people(&installation, &args.data, demo).await,
        Err(error) => Err(error),
    };
    let signed = installation.journal.checkpoint().await;
    let demo = match (prepared, signed) {
        (Ok(demo), Ok(_)) => demo,
        (Err(error), _) => {
            installation.close().await;
            return Err(error.into());
        }
        (_, Err(error)) => {
            installation.close().await;
            return Err(error.into());
        }
    };
    if voice.json {
        voice.print(&demo.to_json());
    } else {
        cli::line(&demo.greeting(voice.lang.pick("ja", "en") == "en", &args.data));
    }
    serve::until_stopped(installation, listener, stop).await
}

/// The parties of ISMAP, everybody's account, and something to search.
async fn with_people(installation: &Installation, data: &Path, demo: demo::Demo) -> anyhow::Result<demo::Demo> {
    let demo = demo::scheme(installation, data, demo).await?;
    demo::ds920(installation, &demo).await?;
    let demo = demo::accounts(installation, data, demo).await?;
    let searched = installation.clone();
    // Indexing is work for a thread of its own.
    tokio::task::spawn_blocking(move || demo::corpus(&searched)).await??;
    demo::logs(installation).await?;
    Ok(demo)
}

/// Plays the phone: the second factor of the demo's people lies beside their passwords.
fn code(voice: Voice, data: &Path, name: &str) -> Result<Ended, Failed> {
    let demo = demo::read(data)?;
    let secret = demo.accounts.get(name).and_then(|account| account.second_factor.as_ref());
    let Some(code) = secret.and_then(|secret| account::code_now(secret, SystemWorld::default().now())) else {
        let known: Vec<&str> =
            demo.accounts.iter().filter(|(_, a)| a.second_factor.is_some()).map(|(name, _)| name.as_str()).collect();
        let text = format!("`{name}` の二要素目はありません / has no second factor: {}", known.join(", "));
        return Err(Failed::Usage(text));
    };
    if voice.json {
        voice.print(&serde_json::json!({ "code": code }));
    } else {
        cli::line(&code);
    }
    Ok(Ended::Ok)
}
