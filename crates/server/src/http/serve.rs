//! The socket: HTTP/1.1 with bounded headers and time, and a shutdown that lets running answers finish.

use super::{App, router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long running answers may take once the program was asked to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(30);
/// Most bytes of headers.
const HEADER_BYTES: usize = 64 * 1024;

/// Serves until `stop` resolves.
pub async fn serve(app: App, listener: TcpListener, stop: impl Future<Output = ()>) {
    let router = router(app.clone());
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file handles: wait for some to come free rather than spin.
                tracing::warn!(%error, "cannot accept");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(app.config.limits.header)
            .max_buf_size(HEADER_BYTES)
            .max_header_size(HEADER_BYTES);
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        let connection = graceful.watch(connection);
        app.tasks.spawn(async move {
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
