//! `sekisho ledger witness`: another department's part.

use crate::cli::{Ended, Failed, Voice};
use crate::command::serve;
use crate::config::Log;
use crate::http;
use crate::witness::{Memory, MemoryError, Service, router};
use crate::world::SystemWorld;
use anyhow::Context as _;
use sekisho_ledger::note::Verifier;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// How long peers are waited for.
const PATIENCE: http::Patience = http::Patience { header: Duration::from_secs(10), unread: Duration::from_secs(60) };
/// How long what is being written may take once the program was asked to stop.
const LAST: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
pub(crate) struct Witness {
    /// 鍵と控えを置くフォルダー。なければ作る / folder of the key and the memory, made if need be
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 待ち受けるアドレス。TLS は手前のリバースプロキシで / address to listen on; TLS ends in a reverse proxy
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// 立ち会う台帳の検証鍵（keys/log.vkey の一行）。繰り返せる / verifier key of a log to witness; may be repeated
    #[arg(long, value_name = "VKEY", required = true)]
    log: Vec<String>,
    /// 立会いの名前（初回だけ）/ name of the witness, at the first start
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(crate) async fn run(voice: Voice, args: Witness) -> Result<Ended, Failed> {
    serve::log(&Log::default());
    let stop = serve::stop_signal()?;
    let logs = args.log.iter().map(|text| log(text)).collect::<Result<Vec<_>, _>>()?;
    let opened =
        Memory::open(&args.data, args.name.as_deref(), &SystemWorld::default()).map_err(|error| match error {
            MemoryError::OtherName { .. } | MemoryError::Name(_) => Failed::Usage(error.to_string()),
            other => Failed::Io(other.into()),
        })?;
    let listener = TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.local_addr()?;
    let tasks = TaskTracker::new();
    let service = Arc::new(Service::new(opened, logs, tasks.clone()));
    let (vkey, sizes) = (service.vkey(), service.sizes());
    if voice.json {
        let logs: Vec<_> = sizes.iter().map(|(log, size)| json!({ "origin": log, "size": size })).collect();
        voice.print(&json!({ "url": format!("http://{address}"), "vkey": vkey, "logs": logs }));
    }
    voice.say(
        &format!("立会いとして http://{address} で待ち受けています。\n検証鍵（台帳を運用する機関に、確かな経路で渡してください）: {vkey}"),
        &format!("witnessing on http://{address}\nverifier key (hand it to who runs the ledger, by a way you trust): {vkey}"),
    );
    for (origin, size) in &sizes {
        voice.say(&format!("  {origin}: {size} 件まで署名済み"), &format!("  {origin}: cosigned up to {size} entries"));
    }
    let stop = async {
        stop.await;
        tokio::time::Instant::now() + http::LAST_ANSWERS
    };
    http::connections(router(service), PATIENCE, &tasks, listener, stop).await;
    tasks.close();
    if tokio::time::timeout(LAST, tasks.wait()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    Ok(Ended::Ok)
}

fn log(text: &str) -> Result<Verifier, Failed> {
    let wrong = |why: &str| Failed::Usage(format!("--log `{text}`: {why}"));
    let key = Verifier::parse(text.trim()).map_err(|e| wrong(&e.to_string()))?;
    if key.is_witness() {
        return Err(wrong("台帳ではなく立会いの鍵です / this is a witness's key, not a log's"));
    }
    Ok(key)
}
