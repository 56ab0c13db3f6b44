//! `sekisho serve --config FILE`.

use crate::cli::{Ended, Failed, Voice};
use crate::config::{Config, Log, LogFormat};
use crate::first_run;
use crate::http;
use crate::installation::Installation;
use anyhow::Context as _;
use sekisho_store::Synchronous;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// 設定ファイル / configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

pub(crate) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let stop = stop_signal()?;
    let config = Config::load(&args.config, std::env::vars())?;
    log(&config.operations.log);
    let listen = config.listen;
    let installation = Installation::open(config, Synchronous::Full).await?;
    let link = match first_run::link(&installation) {
        Ok(link) => link,
        Err(error) => {
            installation.close().await;
            return Err(error.into());
        }
    };
    let listener = match TcpListener::bind(listen).await {
        Ok(listener) => listener,
        Err(error) => {
            installation.close().await;
            return Err(anyhow::Error::from(error).context(format!("cannot listen on {listen}")).into());
        }
    };
    voice.say(&format!("http://{listen} で待ち受けています。"), &format!("listening on http://{listen}"));
    if let Some(link) = link {
        voice.say(
            &format!(
                "まだ管理者がいません。ブラウザーで初回設定を開いてください（一度だけ使えるリンクです）: {}",
                *link
            ),
            &format!("there is no administrator yet; open the first run in a browser (the link works once): {}", *link),
        );
    }
    until_stopped(installation, listener, stop).await
}

/// Serves until asked to stop, then ends in order: last answers, last records, last checkpoint.
pub(crate) async fn until_stopped(
    installation: Installation,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<Ended, Failed> {
    let metrics = match metrics_listener(&installation).await {
        Ok(listener) => listener,
        Err(error) => {
            installation.close().await;
            return Err(error.into());
        }
    };
    // Before anything is closed: a second node of this name would be serving what looks left open.
    let name = match installation.store.hold_name(&installation.config.node).await {
        Ok(name) => name,
        Err(error) => {
            installation.close().await;
            return Err(Failed::Usage(error.to_string()));
        }
    };
    tokio::select! {
        // It is kept to the last record, and does not end by itself.
        () = name => Ok(Ended::Ok),
        ended = serve_and_close(installation, (listener, metrics), stop) => ended,
    }
}

/// The socket of the metrics, where some are wanted.
async fn metrics_listener(installation: &Installation) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = installation.config.operations.metrics else { return Ok(None) };
    let listener = TcpListener::bind(address).await.with_context(|| format!("metrics: cannot listen on {address}"))?;
    Ok(Some(listener))
}

async fn serve_and_close(
    installation: Installation,
    (listener, metrics): (TcpListener, Option<TcpListener>),
    stop: impl Future<Output = ()>,
) -> Result<Ended, Failed> {
    let aborted = installation.close_left_open().await?;
    if aborted > 0 {
        tracing::warn!(aborted, "uses left open by a crash were closed as aborted");
    }
    let app = Arc::new(installation);
    // Metrics are shown as long as anything is served.
    let served = CancellationToken::new();
    let serving = async {
        http::serve(app.clone(), listener, stop).await;
        served.cancel();
    };
    let showing = async {
        if let Some(metrics) = metrics {
            http::serve_metrics(app.clone(), metrics, served.cancelled()).await;
        }
    };
    tokio::select! {
        () = close_abandoned(&app) => {}
        () = follow_shelves(&app) => {}
        ((), ()) = async { tokio::join!(serving, showing) } => {}
    }
    (*app).clone().close().await;
    Ok(Ended::Ok)
}

/// Ends uses that nobody is working on any more, as long as the program serves.
async fn close_abandoned(app: &Installation) {
    let gone = sekisho_store::Gone::default();
    let mut look = tokio::time::interval(ABANDONED);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first tick comes at once, and the start has looked already.
    look.tick().await;
    loop {
        look.tick().await;
        match app.close_abandoned(&gone).await {
            Ok(0) => {}
            Ok(closed) => tracing::warn!(closed, "uses without an end were closed as aborted"),
            Err(error) => tracing::warn!(%error, "uses without an end could not be looked for"),
        }
    }
}

/// Keeps the shelves that nodes share as new as they are, as long as the program serves.
async fn follow_shelves(app: &Installation) {
    match &app.sharing {
        Some(sharing) => sharing.follow(&app.library, &app.world).await,
        None => std::future::pending().await,
    }
}

/// How often uses without an end are looked for.
const ABANDONED: std::time::Duration = std::time::Duration::from_secs(5);

/// Listens for the wish to stop from this call on, not only once someone waits for it.
#[cfg(unix)]
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()>, Failed> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens for the wish to stop.
#[cfg(not(unix))]
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()>, Failed> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Structured logs on standard error; `SEKISHO_LOG` goes before the configuration. Prompt text is never logged.
pub(crate) fn log(log: &Log) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SEKISHO_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(&log.level));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call, as tests make it, changes nothing.
    let _ = match log.format {
        LogFormat::Json => lines.json().try_init(),
        LogFormat::Text => lines.try_init(),
    };
}
