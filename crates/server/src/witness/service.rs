//! The witness over HTTP.

use super::Memory;
use crate::world::SystemWorld;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use sekisho_gate::world::World as _;
use sekisho_ledger::checkpoint::Origin;
use sekisho_ledger::note::{Cosigner, NoteError, Verifier};
use sekisho_ledger::witness::{AddCheckpoint, MAX_REQUEST_BYTES, Refusal, RequestError, SIZE_CONTENT_TYPE, Seen};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Requests looked at in one moment; the rest are told to come again.
const ROOM: usize = 32;
/// How long a body may take to arrive.
const BODY: Duration = Duration::from_secs(10);
/// The most of a checkpoint that is logged.
const LOGGED: usize = 2_000;

/// A running witness.
pub(crate) struct Service {
    cosigner: Cosigner,
    logs: Vec<Verifier>,
    memory: Memory,
    /// How far each log has been seen. Held from the look at it until the new state is on the disk.
    seen: BTreeMap<String, Mutex<Seen>>,
    world: SystemWorld,
    room: Semaphore,
    tasks: TaskTracker,
}

/// Why a request got no cosignature.
#[derive(Debug, thiserror::Error)]
enum Declined {
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the body did not arrive in time")]
    Slow,
    #[error("too many requests at once")]
    Full,
    #[error("the witness cannot write its memory")]
    Memory(#[source] anyhow::Error),
    #[error("the witness cannot sign")]
    Sign(#[from] NoteError),
}

impl Declined {
    fn status(&self) -> StatusCode {
        match self {
            Self::Request(RequestError::TooLong) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Request(_) => StatusCode::BAD_REQUEST,
            Self::Refused(refusal) => {
                StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
            Self::Memory(_) | Self::Sign(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn japanese(&self) -> &'static str {
        match self {
            Self::Request(RequestError::TooLong) => "要求が長すぎます",
            Self::Request(_) | Self::Refused(Refusal::OldAboveSize { .. }) => "要求の形が正しくありません",
            Self::Refused(Refusal::UnknownOrigin(_)) => "この立会いは、その台帳を知りません",
            Self::Refused(Refusal::NotSigned(_)) => "この立会いが知る鍵による署名がありません",
            Self::Refused(Refusal::OtherSize { .. } | Refusal::OtherRoot { .. }) => "前に署名した要約と合いません",
            Self::Refused(Refusal::Proof(_)) => "前に署名した要約の続きであることが、証明されていません",
            Self::Slow => "要求が時間内に届きませんでした",
            Self::Full => "いま混み合っています",
            Self::Memory(_) | Self::Sign(_) => "立会いの側の障害です",
        }
    }
}

impl IntoResponse for Declined {
    fn into_response(self) -> Response {
        let status = self.status();
        if let Self::Refused(refusal) = &self
            && let Some(size) = refusal.remembered()
        {
            let kind = HeaderValue::from_static(SIZE_CONTENT_TYPE);
            return (status, [(header::CONTENT_TYPE, kind)], format!("{size}\n")).into_response();
        }
        (status, plain(), format!("{} / {self}\n", self.japanese())).into_response()
    }
}

fn plain() -> [(header::HeaderName, HeaderValue); 1] {
    [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))]
}

impl Service {
    /// A witness of these logs, that remembers so much of them. Tasks are tracked: what is being written is written to its
    /// end though the caller hangs up.
    pub(crate) fn new(
        (memory, cosigner, remembered): (Memory, Cosigner, BTreeMap<Origin, Seen>),
        logs: Vec<Verifier>,
        tasks: TaskTracker,
    ) -> Self {
        let seen = |log: &Verifier| {
            let seen = remembered.iter().find(|(origin, _)| origin.as_str() == log.name());
            (log.name().to_owned(), Mutex::new(seen.map_or(Seen::NOTHING, |(_, seen)| *seen)))
        };
        let seen = logs.iter().map(seen).collect();
        Self { cosigner, logs, memory, seen, world: SystemWorld::default(), room: Semaphore::new(ROOM), tasks }
    }

    /// The key to hand out.
    pub(crate) fn vkey(&self) -> String {
        self.cosigner.vkey()
    }

    /// Each log with the size that was cosigned last.
    pub(crate) fn sizes(&self) -> Vec<(String, u64)> {
        let size = |seen: &Mutex<Seen>| seen.lock().map(|seen| seen.size).unwrap_or_default();
        self.seen.iter().map(|(origin, seen)| (origin.clone(), size(seen))).collect()
    }

    /// One request from its bytes to the cosignature. It is meant for a thread where nothing waits for it, and runs to its
    /// end: between the look at the memory and the new memory on the disk no other request for the same log comes in.
    fn add(&self, body: &[u8]) -> Result<String, Declined> {
        let request = AddCheckpoint::parse(body)?;
        let origin = &request.checkpoint().origin;
        let unknown = || Refusal::UnknownOrigin(origin.to_string());
        let mut seen = self
            .seen
            .get(origin.as_str())
            .ok_or_else(unknown)?
            .lock()
            .map_err(|_| Declined::Memory(anyhow::anyhow!("an earlier request broke off")))?;
        let next = request.judge(&self.logs, &seen).inspect_err(|refusal| told(&request, &seen, refusal))?;
        let now = u64::try_from(self.world.now().as_second()).unwrap_or_default();
        let line = self.cosigner.cosign(request.note(), now)?;
        if next != *seen {
            let cosigned = format!("{}{line}", request.signed_by(&self.logs));
            self.memory.remember(origin, &cosigned).map_err(Declined::Memory)?;
            *seen = next;
        }
        Ok(line)
    }
}

/// Logs what a witness is there to notice. Checkpoints are public, so an older one, or a wrong proof beside a good one, may
/// come from anybody; two checkpoints of one size can only come from who holds the log's key.
fn told(request: &AddCheckpoint, seen: &Seen, refusal: &Refusal) {
    let checkpoint = request.checkpoint();
    let (origin, size, remembered) = (checkpoint.origin.as_str(), checkpoint.size, seen.size);
    let note: String = request.text().chars().take(LOGGED).collect();
    let (root, remembered_root) = (checkpoint.root.to_base64(), seen.root.to_base64());
    match refusal {
        Refusal::OtherSize { .. } if size < remembered => {
            tracing::warn!(kind = "rollback", origin, size, remembered, "refused: older than what was cosigned");
        }
        Refusal::OtherRoot { .. } => {
            tracing::error!(
                kind = "fork",
                origin,
                size,
                root,
                remembered_root,
                note,
                "refused: another tree of the size that was cosigned; keep this line as evidence"
            );
        }
        Refusal::Proof(why) => {
            tracing::warn!(
                kind = "not-continued", origin, size, root, remembered, remembered_root, note, %why,
                "refused: not proved to continue what was cosigned"
            );
        }
        _ => tracing::debug!(origin, size, remembered, %refusal, "refused"),
    }
}

/// The door of a witness.
pub(crate) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/healthz", get(async || (plain(), "ok\n")))
        .route("/", get(about))
        .with_state(service)
}

async fn add_checkpoint(State(service): State<Arc<Service>>, body: Body) -> Result<Response, Declined> {
    // Longer than the limit and broken off look alike here; neither is a request.
    let body = tokio::time::timeout(BODY, to_bytes(body, MAX_REQUEST_BYTES)).await.map_err(|_| Declined::Slow)?;
    let body = body.map_err(|_| RequestError::TooLong)?;
    // Only now: a slow body takes nobody's place.
    let _place = service.room.try_acquire().map_err(|_| Declined::Full)?;
    let working = service.clone();
    let added = service.tasks.spawn_blocking(move || working.add(&body)).await;
    let line = added.map_err(|error| Declined::Memory(error.into()))?.inspect_err(|declined| {
        if let Declined::Memory(error) = declined {
            tracing::error!(error = format!("{error:#}"), "nothing was cosigned");
        }
    })?;
    Ok((plain(), line).into_response())
}

/// What anyone may know: the key, and how far each log was cosigned.
async fn about(State(service): State<Arc<Service>>) -> Result<Response, Declined> {
    let working = service.clone();
    // A log may just be being written, and one waits for that.
    let sizes = service.tasks.spawn_blocking(move || working.sizes()).await;
    let sizes = sizes.map_err(|error| Declined::Memory(error.into()))?;
    let mut text = format!("関所の立会い / a witness (C2SP tlog-witness)\n{}\n\n", service.vkey());
    for (origin, size) in sizes {
        text.push_str(&format!("{origin} {size}\n"));
    }
    Ok((plain(), text).into_response())
}
