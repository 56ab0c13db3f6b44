//! Gate, ledger and store in this process, on a folder in memory, with a clock and dice of the simulation: one life after
//! another on the same files.

use crate::dice::Dice;
use crate::house::{copy, scratch};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use sekisho::config::Config;
use sekisho::demo::{self, Demo};
use sekisho::installation::Installation;
use sekisho_gate::pipeline::Gate;
use sekisho_gate::record;
use sekisho_gate::upstream::{Limits, Upstreams};
use sekisho_gate::world::World;
use sekisho_ledger::checkpoint::Origin;
use sekisho_ledger::note::Signer;
use sekisho_store::{
    CheckpointSigner, ContentKey, Database, Journal, JournalError, JournalSettings, Store, Synchronous,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::task::TaskTracker;
use zeroize::Zeroizing;

/// How long the gate waits for a model to go on.
pub(crate) const IDLE: Duration = Duration::from_millis(60);
/// Entries before a history begins: little below the border of a tile, so that most histories cross it.
const BEFORE: u64 = 240;
const NODE: &str = "node-1";

/// A clock that jumps and dice that repeat.
pub(crate) struct Simulated(Mutex<(Timestamp, Dice, u64)>);

impl Simulated {
    pub(crate) fn new(seed: u64) -> Self {
        let begin: Timestamp = "2026-04-01T09:00:00+09:00".parse().expect("a time");
        Self(Mutex::new((begin, Dice::new(seed), 0)))
    }

    pub(crate) fn jump(&self, by: SignedDuration) {
        let mut inside = self.0.lock().expect("no panic inside");
        inside.0 = inside.0.checked_add(by).expect("in this age");
    }
}

impl World for Simulated {
    fn now(&self) -> Timestamp {
        let mut inside = self.0.lock().expect("no panic inside");
        let step = i64::try_from(inside.1.below(2_000)).expect("fits");
        inside.0 = inside.0.checked_add(SignedDuration::from_micros(step)).expect("in this age");
        inside.0
    }

    fn random(&self, bytes: &mut [u8]) {
        let mut inside = self.0.lock().expect("no panic inside");
        for byte in bytes {
            *byte = inside.1.number().to_le_bytes()[0];
        }
    }

    fn fresh(&self) -> String {
        let mut inside = self.0.lock().expect("no panic inside");
        inside.2 += 1;
        let (count, chance) = (inside.2, inside.1.number());
        format!("{count:08x}{chance:016x}")
    }
}

/// A founded body, to begin every history with.
pub(crate) struct Founded {
    folder: tempfile::TempDir,
    pub(crate) demo: Demo,
    origin: Origin,
    seed: [u8; 32],
    content: Zeroizing<[u8; 32]>,
    /// Entries that stand there already.
    pub(crate) size: u64,
}

impl Founded {
    pub(crate) fn new(model: (String, String)) -> Self {
        let folder = scratch();
        let data = folder.path().join("data");
        std::fs::create_dir_all(&data).expect("a folder");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let demo = runtime.expect("a runtime").block_on(async {
            let config = Config::for_data(&data).expect("a configuration");
            let world = Arc::new(Simulated::new(0));
            let installation = Installation::open_in(world, config, Synchronous::Full).await.expect("it opens");
            let demo =
                demo::prepare(&installation, &data, "http://127.0.0.1", Some(model)).await.expect("it is founded");
            installation.close().await;
            demo
        });
        let keys = data.join("keys");
        let secret =
            |name: &str| -> [u8; 32] { std::fs::read(keys.join(name)).expect("a key").try_into().expect("32 bytes") };
        let mut founded = Self {
            origin: Origin::new(std::fs::read_to_string(keys.join("origin")).expect("a name").trim()).expect("a name"),
            seed: secret("log.seed"),
            content: Zeroizing::new(secret("content.key")),
            demo,
            size: 0,
            folder,
        };
        founded.lengthen(&data);
        founded
    }

    /// Commands that change little, up to the wished length.
    fn lengthen(&mut self, data: &Path) {
        let world = Arc::new(Simulated::new(1));
        let life = Life::open(self, data, &world, JournalSettings::default()).expect("it opens");
        let by = self.demo.persons["admin"].clone();
        for number in 0.. {
            self.size = life.journal.status().size;
            if self.size >= BEFORE {
                break;
            }
            let content = serde_json::json!({ "department": format!("padding-{number}") });
            let done = life.runtime.block_on(govern(&life.journal, &*world, &by, "department.place", &content));
            done.expect("recorded").expect("accepted");
        }
        life.stop();
    }

    fn upstreams(&self) -> Upstreams {
        let (connect, first_byte) = (Duration::from_secs(5), Duration::from_secs(5));
        let limits = Limits { connect, first_byte, idle: IDLE, ..Limits::default() };
        Upstreams::new(limits, None).expect("clients")
    }

    /// A copy of it.
    pub(crate) fn lay(&self, to: &Path) {
        copy(&self.folder.path().join("data"), to);
    }
}

/// Decides a command in the name of a person.
pub(crate) async fn govern(
    journal: &Journal,
    world: &dyn World,
    by: &str,
    name: &str,
    content: &serde_json::Value,
) -> Result<Result<u64, String>, JournalError> {
    let command = sekisho_domain::command::Command::read(name, &content.to_string());
    let occasion = sekisho_domain::command::Occasion {
        actor: sekisho_domain::command::Actor::Person(by.parse().expect("a pseudonym")),
        at: world.now(),
        reason: "シミュレーション".into(),
        documents: Vec::new(),
        fresh: world.fresh(),
    };
    let decided = journal.govern(occasion, command.expect("a command").expect("its content"), Vec::new()).await?;
    Ok(decided.map(|committed| committed.first).map_err(|refusal| refusal.en))
}

/// One life: from opening to a stop or a crash.
pub(crate) struct Life {
    pub(crate) data: PathBuf,
    pub(crate) runtime: Runtime,
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    tasks: TaskTracker,
}

impl Life {
    /// Opens a folder as the program does, and ends what a crash left open.
    pub(crate) fn open(
        founded: &Founded,
        data: &Path,
        world: &Arc<Simulated>,
        settings: JournalSettings,
    ) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let signer = Signer::for_log(&founded.origin, founded.seed);
        let signer = CheckpointSigner::open(founded.origin.clone(), signer, &data.join("keys/last-signed"))
            .map_err(|error| error.to_string())?;
        let opened = runtime.block_on(async {
            let database = Database::Sqlite(data.join("sekisho.db"));
            let key = ContentKey::new(&founded.content);
            let (store, journal, writer) = Store::open(&database, Synchronous::Full, key, (signer, NODE), settings)
                .await
                .map_err(|e| e.to_string())?;
            TaskTracker::new().spawn(writer);
            let register = journal.register().map_err(|e| e.to_string())?;
            let organization = &register.organization().expect("founded").organization;
            for left in store.left_open(NODE).await.map_err(|e| e.to_string())? {
                let end = record::aborted(organization, world.now(), left).map_err(|e| e.to_string())?;
                journal.append(end).await.map_err(|e| e.to_string())?;
            }
            Ok::<_, String>((store, journal))
        });
        let (store, journal) = opened?;
        Ok(Self { data: data.to_owned(), runtime, store, journal, tasks: TaskTracker::new() })
    }

    /// The gate on it. A life that nobody asks needs none.
    pub(crate) fn gate(&self, founded: &Founded, world: &Arc<Simulated>) -> Arc<Gate> {
        let (parts, upstreams) = ((self.store.clone(), self.journal.clone()), founded.upstreams());
        let world: Arc<dyn World> = world.clone();
        Arc::new(Gate::new(parts, upstreams, BTreeMap::new(), world, NODE.to_owned(), self.tasks.clone()))
    }

    /// Ends in order: whoever asked is answered, the last checkpoint is signed.
    pub(crate) fn stop(self) {
        self.runtime.block_on(async {
            self.tasks.close();
            self.tasks.wait().await;
            self.journal.stop().await;
            self.store.close().await;
        });
    }

    /// Ends as if it were killed: the files are taken as they lie, before anything can be tidied up.
    pub(crate) fn crash(self, to: &Path) {
        copy(&self.data, to);
        let _ = std::fs::remove_file(to.join("sekisho.db-shm"));
        self.runtime.shutdown_background();
    }
}

/// A fault of the disk, from another connection: writes to one table fail until it is mended.
pub(crate) struct Broken(PathBuf);

/// What can break, and how.
const TABLES: [&str; 9] = [
    "ledger_entry",
    "ledger_entry",
    "ledger_tile",
    "sealed",
    "use_row",
    "kind_sum",
    "use_kind",
    "ledger_checkpoint",
    "governance_row",
];
const WAYS: [&str; 3] = ["ABORT", "FAIL", "ROLLBACK"];

impl Broken {
    /// Breaks something. It is mended when this is dropped.
    pub(crate) fn new(data: &Path, dice: &mut Dice) -> Self {
        let broken = Self(data.join("sekisho.db"));
        let (table, way) = (dice.one(&TABLES), dice.one(&WAYS));
        // The whole of a batch or every second row of it: then the first is written and must go again.
        let when = if dice.percent(50) { "" } else { "WHEN (NEW.rowid % 2) = 0" };
        let when = if matches!(*table, "ledger_tile" | "kind_sum") { "" } else { when };
        broken.run(&format!(
            "CREATE TRIGGER IF NOT EXISTS broken BEFORE INSERT ON {table} {when} BEGIN SELECT RAISE({way}, 'as told'); END"
        ));
        broken
    }

    fn run(&self, sql: &str) {
        let connection = Connection::open(&self.0).expect("a connection");
        connection.busy_timeout(Duration::from_secs(5)).expect("patience");
        connection.execute_batch(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        if self.0.exists() {
            self.run("DROP TRIGGER IF EXISTS broken");
        }
    }
}
