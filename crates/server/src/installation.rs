//! An installation: the data folder with its keys, the store, the journal and the gate, opened and closed as one.

use crate::account::Accounts;
use crate::config::Config;
use crate::cosignatures::Cosignatures;
use crate::figures::Figures;
use crate::ismap::documents::Opened;
use crate::metrics::{Counted, Metrics};
use crate::observed::Observed;
use crate::research::house::House;
use crate::sharing::{Sharing, search_of};
use crate::traces::Traces;
use crate::world::SystemWorld;
use anyhow::Context as _;
use sekisho_gate::identify::hex;
use sekisho_gate::pipeline::Gate;
use sekisho_gate::record;
use sekisho_gate::upstream::Upstreams;
use sekisho_gate::world::World;
use sekisho_ledger::checkpoint::Origin;
use sekisho_ledger::note::Signer;
use sekisho_search::library::Library;
use sekisho_store::{CheckpointSigner, ContentKey, Gone, Journal, JournalError, LeftOpen, Store, Synchronous};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use zeroize::Zeroizing;

/// Everything a running program holds.
#[derive(Clone)]
pub struct Installation {
    /// The checked configuration.
    pub config: Arc<Config>,
    /// Reads.
    pub store: Store,
    /// Writes.
    pub journal: Journal,
    /// The gate.
    pub gate: Arc<Gate>,
    /// The witnesses of other departments.
    pub(crate) cosignatures: Arc<Cosignatures>,
    /// What signing in remembers between requests.
    pub accounts: Arc<Accounts>,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// The key of the pseudonyms in scans of logs.
    pub(crate) shadow_key: Arc<Zeroizing<[u8; 32]>>,
    /// What was counted of uses.
    pub figures: Arc<Figures>,
    /// Law, Diet records and documents that are searched.
    pub library: Arc<Library>,
    /// The way to the shelves that nodes share, where they do.
    pub(crate) sharing: Option<Arc<Sharing>>,
    /// The places of those who read in it.
    pub(crate) room: Arc<Semaphore>,
    /// Versions of the criteria that were opened.
    pub(crate) documents: Arc<Opened>,
    /// Exports of the whole ledger at one time.
    pub exports: Arc<Semaphore>,
    /// Turns for what reads much at once: decisions made again from the ledger, which fold it from the start, and use
    /// reports.
    pub replays: Arc<Semaphore>,
    /// Requests and connections, which end before the journal does.
    pub tasks: TaskTracker,
    /// What is counted, for whoever runs the program.
    pub metrics: Arc<Metrics>,
    /// Cancelled once the program was asked to stop: `/readyz` says so.
    pub(crate) leaving: CancellationToken,
    traces: Option<Traces>,
    writer: TaskTracker,
}

impl std::fmt::Debug for Installation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Installation").field("data", &self.config.data).finish_non_exhaustive()
    }
}

/// Exports of the whole ledger at one time: each takes as much of the disk as the ledger itself.
const EXPORTS: usize = 2;

/// Places in the library for each processor. More who read at once would be no faster, and the threads they would hold
/// are those that pass words are checked and exports are written on.
const PLACES: usize = 4;

/// Names of the files in `keys/`.
pub(crate) mod names {
    pub(crate) const LOG_SEED: &str = "log.seed";
    pub(crate) const LOG_VKEY: &str = "log.vkey";
    pub(crate) const CONTENT: &str = "content.key";
    pub(crate) const SHADOW: &str = "shadow.key";
    pub(crate) const SIGNED: &str = "last-signed";
    pub(crate) const ORIGIN: &str = "origin";
}

impl Installation {
    /// Opens the data folder, making keys where there are none, folds the ledger and closes uses a crash left open.
    pub async fn open(config: Config, synchronous: Synchronous) -> anyhow::Result<Self> {
        Self::open_in(Arc::new(SystemWorld::default()), config, synchronous).await
    }

    /// The same with another clock and other dice.
    pub async fn open_in(world: Arc<dyn World>, config: Config, synchronous: Synchronous) -> anyhow::Result<Self> {
        let keys = keys_folder(&config.data)?;
        let seed = secret_file(&keys.join(names::LOG_SEED), &*world)?;
        let content = secret_file(&keys.join(names::CONTENT), &*world)?;
        let shadow_key = Arc::new(secret_file(&keys.join(names::SHADOW), &*world)?);
        keep_origin(&keys.join(names::ORIGIN), &config.origin)?;
        let signer = Signer::for_log(&config.origin, *seed);
        let vkey = signer.vkey();
        let signer = CheckpointSigner::open(config.origin.clone(), signer, &keys.join(names::SIGNED))?;
        write_whole(&keys.join(names::LOG_VKEY), format!("{vkey}\n").as_bytes())?;
        let (store, journal, writer) = Store::open(
            &config.database,
            synchronous,
            ContentKey::new(&content),
            (signer, &config.node),
            config.journal,
        )
        .await?;
        let tasks = TaskTracker::new();
        let journal_tasks = TaskTracker::new();
        // The writer has a thread of its own: it waits for the disk, and nobody who waits for it should also wait for
        // its turn among the requests.
        let (runtime, tracked) = (tokio::runtime::Handle::current(), journal_tasks.track_future(writer));
        std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || runtime.block_on(tracked))
            .context("the journal's thread cannot be started")?;
        let library = Arc::new(Library::new(&search_of(&config.data)));
        let sharing = Sharing::new(&config, &content)?.map(Arc::new);
        let room = Arc::new(Semaphore::new(PLACES * std::thread::available_parallelism().map_or(1, usize::from)));
        let upstreams = Upstreams::new(config.upstream, config.extra_roots.as_deref())
            .context("the clients for upstream services cannot be made")?
            .with_house(Arc::new(House::new(library.clone(), room.clone())));
        let cosignatures = Cosignatures::new(&config, store.clone(), journal.clone(), world.clone())
            .context("the client for witnesses cannot be made")?;
        let (counted, leaving) = (Counted::default(), CancellationToken::new());
        let traces = Traces::open(&config, &counted, world.clone()).context("the client for traces cannot be made")?;
        journal.watched_by(Arc::new(counted.clone()));
        let gate = Gate::new(
            (store.clone(), journal.clone()),
            upstreams,
            config.secrets.clone(),
            world.clone(),
            config.node.clone(),
            tasks.clone(),
        )
        .watched_by(Arc::new(Observed { counted: counted.clone(), traces: traces.clone() }));
        let gate = Arc::new(gate);
        let here = (store.clone(), journal.clone());
        let metrics = Metrics::new(&counted, here, gate.clone(), (leaving.clone(), sharing.clone()), world.now());
        Ok(Self {
            library,
            sharing,
            room,
            shadow_key,
            cosignatures: Arc::new(cosignatures),
            config: Arc::new(config),
            store,
            journal,
            gate,
            metrics: Arc::new(metrics),
            leaving,
            traces,
            accounts: Arc::new(Accounts::default()),
            world,
            figures: Arc::new(Figures::default()),
            documents: Arc::new(Opened::default()),
            exports: Arc::new(Semaphore::new(EXPORTS)),
            replays: Arc::new(Semaphore::new(EXPORTS)),
            tasks,
            writer: journal_tasks,
        })
    }

    /// Work in the library, once there is a place, on a thread where no request waits for it.
    ///
    /// # Errors
    /// The work broke off.
    pub(crate) async fn in_library<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Library) -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let place = self.room.clone().acquire_owned().await?;
        let library = self.library.clone();
        let work = move || {
            let _place = place;
            work(&library)
        };
        Ok(self.tasks.spawn_blocking(work).await?)
    }

    /// Closes uses that a crash of this node left open. Only a server does this: a command-line program beside a
    /// running server must not close what the server is serving.
    pub async fn close_left_open(&self) -> anyhow::Result<usize> {
        self.close_all(self.store.left_open(&self.config.node).await?).await
    }

    /// Closes uses that nobody is working on any more: those of this node whose end could not be written, and those of other
    /// nodes that have gone.
    pub(crate) async fn close_abandoned(&self, gone: &Gone) -> anyhow::Result<usize> {
        let mine = self.store.left_open(&self.config.node).await?;
        // Looked up after the reading: what was open then and is not under way now has no end coming.
        let mine = mine.into_iter().filter(|left| !self.gate.is_under_way(left.id())).collect();
        let mut closed = self.close_all(mine).await?;
        for node in self.store.gone_nodes(&self.config.node, gone).await? {
            let left = self.store.left_open(&node).await?;
            tracing::warn!(node, uses = left.len(), "a node has gone; the uses it left open are closed as aborted");
            closed += self.close_all(left).await?;
        }
        Ok(closed)
    }

    async fn close_all(&self, left: Vec<LeftOpen>) -> anyhow::Result<usize> {
        let register = self.journal.register()?;
        let Some(body) = register.organization() else { return Ok(0) };
        let mut closed = 0;
        for one in left {
            let entry = record::aborted(&body.organization, self.world.now(), one)?;
            match self.journal.append(entry).await {
                Ok(_) => closed += 1,
                // Its end came meanwhile.
                Err(JournalError::Ended) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(closed)
    }

    /// Waits for every request, signs a last checkpoint, shows it to the witnesses and closes the database.
    pub async fn close(self) {
        self.tasks.close();
        if tokio::time::timeout(self.config.leaving.grace, self.tasks.wait()).await.is_err() {
            tracing::warn!("some requests did not end in time; they stay open in the ledger until the next start");
        }
        if let Some(traces) = &self.traces {
            traces.finish().await;
        }
        self.cosignatures.last_round().await;
        self.journal.stop().await;
        self.writer.close();
        self.writer.wait().await;
        self.store.close().await;
    }
}

/// A fresh pseudonym: 128 random bits. Only the directory knows who it is, so deleting that row destroys the mapping.
pub fn fresh_pseudonym(world: &dyn World) -> String {
    let mut bytes = [0; 16];
    world.random(&mut bytes);
    format!("p-{}", hex(&bytes))
}

/// A fresh secret for a key: 32 random bytes.
pub fn fresh_secret(world: &dyn World) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    world.random(&mut *bytes);
    Zeroizing::new(format!("sekisho_{}", hex(&*bytes)))
}

/// The name of the log a data folder belongs to, once it was opened.
pub fn origin_of(data: &Path) -> Option<Origin> {
    let text = std::fs::read_to_string(data.join("keys").join(names::ORIGIN)).ok()?;
    Origin::new(text.trim()).ok()
}

/// Records the name of the log the first time and insists on it afterwards: a key that signed under one name must never
/// sign under another.
fn keep_origin(path: &Path, origin: &Origin) -> anyhow::Result<()> {
    match std::fs::read_to_string(path) {
        Ok(known) if known.trim() == origin.as_str() => Ok(()),
        Ok(known) => anyhow::bail!(
            "このデータの台帳の名前は `{}` です。設定の origin `{origin}` を直すか、--config で正しい設定を指定してください \
             / this data belongs to the log `{}`, not to `{origin}`: mend `origin` or give the right --config",
            known.trim(),
            known.trim()
        ),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => write_whole(path, format!("{origin}\n").as_bytes()),
        Err(e) => Err(e).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

/// The folder of keys in a data folder, both private.
pub(crate) fn keys_folder(data: &Path) -> anyhow::Result<PathBuf> {
    let keys = data.join("keys");
    std::fs::create_dir_all(&keys).with_context(|| format!("cannot make the folder `{}`", keys.display()))?;
    restrict(data, 0o700)?;
    restrict(&keys, 0o700)?;
    Ok(keys)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        .with_context(|| format!("cannot restrict who may read `{}`", path.display()))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> anyhow::Result<()> {
    Ok(())
}

/// Writes a private file so that a crash at any moment leaves it as it was or whole: written beside, synced, renamed.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("cannot write `{}`", path.display());
    let beside = path.with_extension("new");
    let mut file = std::fs::File::create(&beside).with_context(failed)?;
    restrict(&beside, 0o600)?;
    file.write_all(bytes).with_context(failed)?;
    file.sync_all().with_context(failed)?;
    std::fs::rename(&beside, path).with_context(failed)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).with_context(failed)
}

/// Reads 32 secret bytes, or makes them when the file does not exist.
pub(crate) fn secret_file(path: &Path, world: &dyn World) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let bytes = Zeroizing::new(bytes);
            let secret: [u8; 32] = bytes.as_slice().try_into().map_err(|_| {
                anyhow::anyhow!("`{}` must hold exactly 32 bytes; restore it from the back-up", path.display())
            })?;
            Ok(Zeroizing::new(secret))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let mut secret = Zeroizing::new([0; 32]);
            world.random(&mut *secret);
            write_whole(path, &*secret)?;
            Ok(secret)
        }
        Err(e) => Err(e).with_context(|| format!("cannot read `{}`", path.display())),
    }
}
