//! Collecting cosignatures: every signed checkpoint is shown to the witnesses of other departments.
//!
//! None of this holds up the gate or the signing. A witness that cannot be reached is asked again, ever less often; what it
//! cosigned once stays with that checkpoint. A witness that *refuses* has seen another ledger than this one: that is kept
//! and shown, because it is what witnesses are for.

use crate::config::{Config, Witness};
use jiff::Timestamp;
use sekisho_gate::upstream::{SetupError, peer};
use sekisho_gate::world::World;
use sekisho_ledger::witness::{Answer, MAX_ANSWER_BYTES, Verdict, weigh};
use sekisho_store::{
    Journal, JournalError, ReadError, RefusalKind, Store, WitnessChange, WitnessFault, WitnessRefusal,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long one answer may take.
const LONGEST: Duration = Duration::from_secs(10);
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The pause after the first failure.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How often one checkpoint is shown before something must be wrong: a witness says where it stands, and other nodes may
/// have shown it a newer one meanwhile.
const TRIES: usize = 5;
/// After so long a witness is asked again though nothing was recorded: whether it still stands where this ledger does.
const RENEWAL: Duration = Duration::from_secs(3600);
/// How long an export waits for cosignatures of what was signed a moment ago.
const FOR_AN_EXPORT: Duration = Duration::from_secs(3);
/// How long the end of the program waits for those of the last checkpoint.
const AT_THE_END: Duration = Duration::from_secs(5);

/// The witnesses and what it takes to ask them.
pub(crate) struct Cosignatures {
    seats: Vec<Arc<Seat>>,
    asking: Asking,
    /// A server collects all the time; a command does so when it exports.
    attended: AtomicBool,
}

#[derive(Clone)]
struct Asking {
    http: reqwest::Client,
    store: Store,
    journal: Journal,
    world: Arc<dyn World>,
}

struct Seat {
    witness: Witness,
    vkey: String,
    /// The size this process saw it cosign, and when; and whose turn it is to ask: one at a time.
    turn: Mutex<Option<(u64, Instant)>>,
}

/// Why there is no cosignature yet.
#[derive(Debug, thiserror::Error)]
enum Without {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Keep(#[from] JournalError),
    #[error("{code}: {detail}")]
    Fault { code: &'static str, detail: String },
    #[error("refused: {kind:?}, {theirs} entries there, {ours} here")]
    Refused { kind: RefusalKind, ours: u64, theirs: u64 },
}

fn fault(code: &'static str, detail: impl std::fmt::Display) -> Without {
    Without::Fault { code, detail: detail.to_string().chars().take(300).collect() }
}

impl Cosignatures {
    pub(crate) fn new(
        config: &Config,
        store: Store,
        journal: Journal,
        world: Arc<dyn World>,
    ) -> Result<Self, SetupError> {
        let agent = concat!("sekisho/", env!("CARGO_PKG_VERSION"));
        let http = peer(agent, config.extra_roots.as_deref(), LONGEST)?;
        let seat = |witness: &Witness| {
            Arc::new(Seat { vkey: witness.key.vkey(), witness: witness.clone(), turn: Mutex::new(None) })
        };
        let seats = config.witnesses.all.iter().map(seat).collect();
        Ok(Self { seats, asking: Asking { http, store, journal, world }, attended: AtomicBool::new(false) })
    }

    /// Shows every new checkpoint to every witness until told to stop.
    pub(crate) fn attend(&self, tasks: &TaskTracker, interval: Duration, stop: &CancellationToken) {
        self.attended.store(true, Ordering::Relaxed);
        for seat in &self.seats {
            let (seat, asking, stop) = (seat.clone(), self.asking.clone(), stop.clone());
            tasks.spawn(async move {
                let mut pause = interval;
                loop {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(pause) => {}
                    }
                    // Broken off in the middle nothing is lost: what the witness remembers it says when it is asked again.
                    let asked = tokio::select! {
                        () = stop.cancelled() => return,
                        asked = asking.ask(&seat) => asked,
                    };
                    pause = match asked {
                        Ok(()) => interval,
                        Err(_) => (pause * 2).clamp(FIRST_PAUSE.max(interval), LONGEST_PAUSE.max(interval)),
                    };
                }
            });
        }
    }

    /// Waits a moment for the witnesses of what was signed just now, before it is taken along. Whoever does not answer in
    /// time is missing in it.
    pub(crate) async fn settle(&self) {
        self.round(FOR_AN_EXPORT).await;
    }

    /// The last checkpoint, before the program ends: nobody would collect for it until the next start.
    pub(crate) async fn last_round(&self) {
        if self.seats.is_empty() || !self.attended.load(Ordering::Relaxed) {
            return;
        }
        match self.asking.journal.checkpoint().await {
            Ok(_) => self.round(AT_THE_END).await,
            Err(error) => tracing::warn!(%error, "no last checkpoint for the witnesses"),
        }
    }

    async fn round(&self, within: Duration) {
        let all = self.seats.iter().map(|seat| self.asking.ask(seat));
        let _ = tokio::time::timeout(within, futures_util::future::join_all(all)).await;
    }
}

impl Asking {
    /// Shows the newest checkpoint to a witness that has not cosigned it.
    async fn ask(&self, seat: &Seat) -> Result<(), Without> {
        let mut known = seat.turn.lock().await;
        let Some(size) = self.store.signed_size().await? else { return Ok(()) };
        // That the database holds the cosignature is not enough: it may be an old one that was put back, and the witness
        // further on. So every process asks once, and again from time to time, also while nothing is recorded.
        if known.is_some_and(|(last, at)| last == size && at.elapsed() < RENEWAL) {
            return Ok(());
        }
        let asked = self.cosigned(seat).await;
        match &asked {
            Ok(size) => *known = Some((*size, Instant::now())),
            Err(without) => self.keep(seat, without).await?,
        }
        asked.map(drop)
    }

    /// The size of the checkpoint that was cosigned.
    async fn cosigned(&self, seat: &Seat) -> Result<u64, Without> {
        let mut old = self.store.witness(&seat.vkey).await?.size;
        for _ in 0..TRIES {
            // A witness may stand further than this database knows; it will say where if asked from the start.
            if self.store.signed_size().await?.is_none_or(|size| old > size) {
                old = 0;
            }
            let request = self.store.add_checkpoint(old).await?;
            let ours = request.checkpoint().size;
            let (status, body) = self.post(&seat.witness, request.to_body()).await?;
            match weigh(&request, &seat.witness.key, Answer { status, body: &body }) {
                Verdict::Cosigned(cosignature) => {
                    let at = i64::try_from(cosignature.at).ok().and_then(|at| Timestamp::from_second(at).ok());
                    let at = at.ok_or_else(|| fault("answer", "a time that no clock shows"))?;
                    let (witness, line) = (seat.vkey.clone(), cosignature.line);
                    self.journal.keep_witness(WitnessChange::Cosigned { witness, size: ours, at, line }).await?;
                    return Ok(ours);
                }
                Verdict::AskFrom(size) => old = size,
                // Every checkpoint of this ledger lies in its database before any witness sees it. What another node has
                // signed meanwhile is there by now.
                Verdict::Ahead { theirs } if self.store.signed_size().await?.is_some_and(|now| now >= theirs) => {
                    old = theirs;
                }
                Verdict::Ahead { theirs } => {
                    return Err(Without::Refused { kind: RefusalKind::Rollback, ours, theirs });
                }
                Verdict::Fork { theirs } => return Err(Without::Refused { kind: RefusalKind::Fork, ours, theirs }),
                Verdict::UnknownLog => return Err(fault("unknown-log", "404")),
                Verdict::UnknownKey => return Err(fault("unknown-key", "403")),
                Verdict::FalseCosignature(why) => return Err(fault("cosignature", why)),
                Verdict::Unexpected(status) => return Err(fault("answer", status)),
            }
        }
        Err(fault("answer", "409"))
    }

    async fn post(&self, witness: &Witness, body: String) -> Result<(u16, Vec<u8>), Without> {
        let unreached = |error: reqwest::Error| fault("unreached", chain(&error.without_url()));
        let request = self.http.post(witness.add_checkpoint.clone()).body(body);
        let request = request.header(http::header::CONTENT_TYPE, "text/plain; charset=utf-8");
        let mut response = request.send().await.map_err(unreached)?;
        let status = response.status().as_u16();
        let mut all = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(unreached)? {
            all.extend_from_slice(&piece);
            if all.len() > MAX_ANSWER_BYTES {
                return Err(fault("answer", format!("{status}: more than {MAX_ANSWER_BYTES} bytes")));
            }
        }
        Ok((status, all))
    }

    /// Keeps why there is no cosignature, when it is news: a witness that is away for a week writes nothing every five
    /// minutes.
    async fn keep(&self, seat: &Seat, without: &Without) -> Result<(), Without> {
        let (name, witness, at) = (seat.witness.key.name(), seat.vkey.clone(), self.world.now());
        let before = self.store.witness(&seat.vkey).await?;
        match without {
            Without::Refused { kind, ours, theirs } => {
                // Kept as it was first met: a witness that refuses goes on refusing while the ledger grows.
                if before.refusal.is_some_and(|known| known.kind == *kind && known.theirs == *theirs) {
                    return Ok(());
                }
                tracing::error!(witness = name, ?kind, ours, theirs, "a witness refuses this ledger");
                let refusal = WitnessRefusal { kind: *kind, at, ours: *ours, theirs: *theirs };
                self.journal.keep_witness(WitnessChange::Refused { witness, refusal }).await?;
            }
            Without::Fault { code, detail } => {
                if before.fault.is_some_and(|known| known.code == *code && known.detail == *detail) {
                    return Ok(());
                }
                tracing::warn!(witness = name, code, detail, "no cosignature of a witness");
                let fault = WitnessFault { code: (*code).to_owned(), detail: detail.clone(), at };
                self.journal.keep_witness(WitnessChange::Failed { witness, fault }).await?;
            }
            // The trouble is here, and whoever reads or writes the ledger meets it too.
            Without::Read(error) => tracing::warn!(witness = name, %error, "no request to a witness"),
            Without::Keep(error) => tracing::warn!(witness = name, %error, "a cosignature could not be kept"),
        }
        Ok(())
    }
}

/// Everything an error says, down to its cause.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
