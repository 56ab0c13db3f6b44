//! `sekisho mcp`: MCP on stdio, for programs that start their servers themselves. The key is that of whoever asks.

use super::admin::Server;
use crate::cli::{self, Data, Ended, Failed};
use crate::installation::Installation;
use crate::mcp::{Behind, ByKey, ByServer, Library};
use rmcp::ServiceExt as _;
use sekisho_store::Synchronous;
use std::fs::TryLockError;
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("place").required(true).args(["server", "data"])))]
pub(crate) struct Args {
    /// サーバーのアドレス / address of a running server
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// サーバーを介さずに使うデータの場所 / data folder, without a server
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 鍵 / key
    #[arg(long, env = "SEKISHO_KEY", hide_env_values = true)]
    key: String,
}

pub(crate) async fn run(args: Args) -> Result<Ended, Failed> {
    match (args.server, args.data) {
        (Some(url), _) => speak(ByServer(Arc::new(Server { url, key: args.key }))).await,
        (None, data) => {
            let mut config = cli::config_of(&Data { data, config: None })?;
            // The server beside this process closes what its own node left open; this one has a name of its own.
            config.node = format!("{}-mcp", config.node);
            let lock = std::fs::File::create(config.data.join("mcp.lock"))?;
            if let Err(TryLockError::WouldBlock) = lock.try_lock() {
                let text = "このデータでは、ほかの `sekisho mcp --data` が動いています。`--server` を使ってください / another one runs on this data; use --server";
                return Err(Failed::Usage(text.to_owned()));
            }
            let installation = Installation::open(config, Synchronous::Full).await?;
            let name = match installation.store.hold_name(&installation.config.node).await {
                Ok(name) => name,
                Err(error) => {
                    installation.close().await;
                    return Err(Failed::Usage(error.to_string()));
                }
            };
            installation.close_left_open().await?;
            let app = Arc::new(installation);
            let spoken = tokio::select! {
                // It is kept as long as anything is asked, and does not end by itself.
                () = name => Ok(Ended::Ok),
                spoken = speak(ByKey { app: app.clone(), key: Arc::new(Zeroizing::new(args.key)) }) => spoken,
            };
            if let Some(installation) = Arc::into_inner(app) {
                installation.close().await;
            }
            spoken
        }
    }
}

/// Speaks until the other side closes.
async fn speak(behind: impl Behind) -> Result<Ended, Failed> {
    let failed = |error: &dyn std::fmt::Display| Failed::Io(anyhow::anyhow!("MCP: {error}"));
    let service = Library::new(behind).serve(rmcp::transport::stdio()).await.map_err(|error| failed(&error))?;
    service.waiting().await.map_err(|error| failed(&error))?;
    Ok(Ended::Ok)
}
