//! The socket: HTTP/1.1 with bounded headers and time, and a shutdown that lets running answers finish.

use super::identity::Peer;
use super::unread::Read;
use super::{App, router};
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long running answers of what is not a use (metrics, a witness's answers) may take once the program stops.
pub(crate) const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// How often it is looked whether the uses of before have ended.
const LOOK: Duration = Duration::from_millis(50);
/// How long answers may take that began when the grace was over, and how long a connection that an answer has left open may
/// bring another request.
const LAST_MOMENT: Duration = Duration::from_secs(1);
/// Most bytes of headers.
const HEADER_BYTES: usize = 64 * 1024;

/// How long peers are waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Until the headers have arrived.
    pub(crate) header: Duration,
    /// While they take nothing of an answer.
    pub(crate) unread: Duration,
}

/// Serves until `stop` resolves, and shows what is signed meanwhile to the witnesses.
pub async fn serve(app: App, listener: TcpListener, stop: impl Future<Output = ()>) {
    let collecting = CancellationToken::new();
    app.cosignatures.attend(&app.tasks, app.config.journal.checkpoint_interval, &collecting);
    let stop = async {
        stop.await;
        leave(&app).await
    };
    let leaving = app.leaving.clone();
    let router = router(app.clone()).layer(axum::middleware::map_response(move |answer| {
        let leaving = leaving.is_cancelled();
        async move { if leaving { as_the_last(answer) } else { answer } }
    }));
    connections(router, app.config.limits.patience(), &app.tasks, listener, stop).await;
    collecting.cancel();
}

/// Whoever keeps a connection learns that it ends with this answer: his next request then goes elsewhere, rather than into a
/// connection that is just being closed.
fn as_the_last(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// Takes the node out: from now on `/readyz` says that it leaves. Connections are still taken, so that whoever asks hears
/// it and `/healthz` goes on, until the drain is over and the uses that were under way have ended, or the grace is over.
/// Gives the time by which answers must have ended.
///
/// An answer that began before has not said that it is its connection's last one: after the last of them it takes another
/// moment, in which the next request there is told so.
async fn leave(app: &App) -> Instant {
    app.leaving.cancel();
    let (asked, leaving) = (Instant::now(), app.config.leaving);
    let (drained, until) = (asked + leaving.drain, asked + leaving.grace);
    let before = app.gate.under_way();
    tracing::info!(uses = before.len(), "asked to stop; not ready any more");
    let mut told = drained;
    loop {
        let now = Instant::now();
        if before.iter().any(|id| app.gate.is_under_way(id)) {
            told = told.max(now + LOOK + leaving.drain.min(LAST_MOMENT));
        }
        if now >= told.min(until) {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    // Whoever came in the last moment has one.
    until.max(Instant::now() + LAST_MOMENT)
}

/// Takes connections until `stop` resolves with the time by which answers must have ended.
pub(crate) async fn connections(
    router: Router,
    patience: Patience,
    tasks: &TaskTracker,
    listener: TcpListener,
    stop: impl Future<Output = Instant>,
) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    let until = loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            until = &mut stop => break until,
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
            .header_read_timeout(patience.header)
            .max_buf_size(HEADER_BYTES)
            .max_header_size(HEADER_BYTES);
        let router = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.call(request)
        });
        let connection = connections.serve_connection(TokioIo::new(Read::or_cut(stream, patience.unread)), service);
        let connection = graceful.watch(connection);
        tasks.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
        });
    };
    drop(listener);
    if tokio::time::timeout_at(until, graceful.shutdown()).await.is_err() {
        tracing::warn!("some answers did not finish in time");
    }
}
