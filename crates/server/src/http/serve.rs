//! The socket: HTTP/1.1 with bounded headers and time, and a shutdown that lets running answers finish.

use super::identity::Peer;
use super::{App, router};
use axum::Router;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long running answers may take once the program was asked to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(30);
/// Most bytes of headers.
const HEADER_BYTES: usize = 64 * 1024;

/// Serves until `stop` resolves, and shows what is signed meanwhile to the witnesses.
pub async fn serve(app: App, listener: TcpListener, stop: impl Future<Output = ()>) {
    let collecting = CancellationToken::new();
    app.cosignatures.attend(&app.tasks, app.config.journal.checkpoint_interval, &collecting);
    connections(router(app.clone()), app.config.limits.header, &app.tasks, listener, stop).await;
    collecting.cancel();
}

/// Takes connections until `stop` resolves; headers must arrive within `header`.
pub(crate) async fn connections(
    router: Router,
    header: Duration,
    tasks: &TaskTracker,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, Peer(peer.ip().to_canonical())),
            Err(error) => {
                // Out of file handles: wait for some to come free rather than spin.
                tracing::warn!(%error, "cannot accept");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let mut connections = hyper::server::conn::http1::Builder::new();
        connections
            .timer(TokioTimer::new())
            .header_read_timeout(header)
            .max_buf_size(HEADER_BYTES)
            .max_header_size(HEADER_BYTES);
        let router = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.call(request)
        });
        let connection = connections.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tasks.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_ANSWERS, graceful.shutdown()).await.is_err() {
        tracing::warn!("some answers did not finish in time");
    }
}
