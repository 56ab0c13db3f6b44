//! The whole application in this process: the demo's ministry, a server on a free port, and a last look at the books.
//!
//! When a house is dropped it ends as the program ends, exports its ledger and lets the program verify it: signatures,
//! tree, every decision made again, every use with one end. Then the table of uses is held against the ledger. A panic
//! in any of its threads fails the test as well.

use crate::client::{Client, PATIENCE, Reply};
use crate::database::{self, Database};
use crate::stand_in::StandIn;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use sekisho::config::Config;
use sekisho::demo::founding::{Founding, found};
use sekisho::demo::{self, Demo};
use sekisho::http;
use sekisho::installation::Installation;
use sekisho::world::SystemWorld;
use sekisho_domain::day::in_japan;
use sekisho_domain::organization::Sector;
use sekisho_domain::register::Register;
use sekisho_gate::world::World;
use sekisho_store::Synchronous;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Instant;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Name of the model that goes to the stand-in, there.
pub(crate) const THEIR_MODEL: &str = "their-model";

/// A running installation.
pub(crate) struct House {
    runtime: Runtime,
    app: Option<Arc<Installation>>,
    server: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    name: String,
    clock: Arc<Clock>,
    dir: TempDir,
    pub(crate) database: Database,
    pub(crate) address: SocketAddr,
    pub(crate) demo: Demo,
}

/// The system's clock, ahead by as much as a test says.
#[derive(Default)]
struct Clock {
    system: SystemWorld,
    ahead: AtomicI64,
}

impl World for Clock {
    fn now(&self) -> Timestamp {
        self.system.now() + SignedDuration::from_secs(self.ahead.load(Ordering::SeqCst))
    }

    fn random(&self, bytes: &mut [u8]) {
        self.system.random(bytes);
    }

    fn fresh(&self) -> String {
        self.system.fresh()
    }
}

/// Panics of all houses' threads: name and message.
static PANICS: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

fn watch_for_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let thread = std::thread::current();
            // The journal's threads all have one name: a panic in one of them fails every house that is open then.
            if let Some(name) = thread.name().filter(|name| name.starts_with("house-") || *name == "journal") {
                PANICS.lock().unwrap().push((name.to_owned(), info.to_string()));
            }
            before(info);
        }));
    });
}

impl House {
    /// The demo as it stands.
    pub(crate) fn demo() -> Self {
        Self::build(|_| {}, None)
    }

    /// The demo with `kakuu-upstream`, whose model the stand-in plays.
    pub(crate) fn with(upstream: &StandIn) -> Self {
        Self::build(|_| {}, Some(upstream.url()))
    }

    /// The demo with other settings.
    pub(crate) fn build(settings: impl FnOnce(&mut Config), upstream: Option<String>) -> Self {
        Self::open(settings, async |installation, dir, url| {
            let upstream = upstream.map(|base_url| (base_url, THEIR_MODEL.to_owned()));
            demo::prepare(installation, dir, url, upstream).await.unwrap()
        })
    }

    /// The demo whose people have accounts.
    pub(crate) fn with_accounts() -> Self {
        Self::with_accounts_and(|_| {})
    }

    /// The demo with the parties of ISMAP and their people, all with accounts.
    pub(crate) fn with_scheme() -> Self {
        Self::open(
            |_| {},
            async |installation, dir, url| {
                let demo = demo::prepare(installation, dir, url, None).await.unwrap();
                let demo = demo::scheme(installation, dir, demo).await.unwrap();
                demo::accounts(installation, dir, demo).await.unwrap()
            },
        )
    }

    /// The demo whose people have accounts, with other settings.
    pub(crate) fn with_accounts_and(settings: impl FnOnce(&mut Config)) -> Self {
        Self::open(settings, async |installation, dir, url| {
            let demo = demo::prepare(installation, dir, url, None).await.unwrap();
            demo::accounts(installation, dir, demo).await.unwrap()
        })
    }

    /// The demo whose people have accounts, with `kakuu-upstream`, whose model the stand-in plays.
    pub(crate) fn with_accounts_before(upstream: &StandIn) -> Self {
        let url = upstream.url();
        Self::open(
            |_| {},
            async |installation, dir, here| {
                let upstream = Some((url, THEIR_MODEL.to_owned()));
                let demo = demo::prepare(installation, dir, here, upstream).await.unwrap();
                demo::accounts(installation, dir, demo).await.unwrap()
            },
        )
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The code that someone's phone shows now.
    pub(crate) fn code(&self, role: &str) -> String {
        let secret = self.demo.accounts[role].second_factor.as_ref().unwrap();
        sekisho::account::code_now(secret, self.clock.now()).unwrap()
    }

    /// Nothing at all: the program's very first start.
    pub(crate) fn empty() -> Self {
        Self::open(
            |_| {},
            async |_, _, url| {
                let demo = json!({ "url": url, "models": [], "permits": {}, "keys": {}, "persons": {} });
                serde_json::from_value(demo).unwrap()
            },
        )
    }

    /// A body with an administrator and nothing else. The only key is the administrator's.
    pub(crate) fn fresh() -> Self {
        Self::open(
            |_| {},
            async |installation, _, url| {
                let founding = Founding {
                    organization: "kakuu-shi".into(),
                    name: "架空市".into(),
                    sector: Sector::National,
                    administrator: "管理 一郎".into(),
                    department: "joho".into(),
                };
                let (person, key) = found(installation, founding).await.unwrap();
                let demo = json!({
                    "url": url, "models": [], "permits": {},
                    "keys": { "admin": key.as_str() }, "persons": { "admin": person },
                });
                serde_json::from_value(demo).unwrap()
            },
        )
    }

    fn open(settings: impl FnOnce(&mut Config), prepare: impl AsyncFnOnce(&Installation, &Path, &str) -> Demo) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        watch_for_panics();
        let name = format!("house-{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(name.clone())
            .enable_all()
            .build()
            .unwrap();
        let dir = TempDir::new().unwrap();
        let mut config = Config::for_data(&dir.path().join("data")).unwrap();
        let database = Database::for_folder(&config.data);
        if let Some(url) = database.url() {
            config.database = sekisho_store::Database::Postgres(sekisho_store::Postgres::at(url));
        }
        settings(&mut config);
        let clock = Arc::new(Clock::default());
        let (app, demo, address, server) = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let data = config.data.clone();
            let installation = Installation::open_in(clock.clone(), config, Synchronous::Full).await.unwrap();
            let demo = prepare(&installation, &data, &format!("http://{address}")).await;
            let app = Arc::new(installation);
            let (stop, stopped) = oneshot::channel();
            let serving = http::serve(app.clone(), listener, async move { drop(stopped.await) });
            (app, demo, address, (stop, runtime.spawn(serving)))
        });
        Self { runtime, app: Some(app), server: Some(server), name, clock, dir, database, address, demo }
    }

    /// A caller with the key of a role, or with none.
    pub(crate) fn anyone(&self) -> Client {
        Client { address: self.address, key: None }
    }

    /// A caller with a key.
    pub(crate) fn by_key(&self, key: &str) -> Client {
        Client { address: self.address, key: Some(key.to_owned()) }
    }

    /// A caller of the demo.
    pub(crate) fn by(&self, role: &str) -> Client {
        self.by_key(&self.demo.keys[role])
    }

    /// The pseudonym of a caller of the demo.
    pub(crate) fn person(&self, role: &str) -> &str {
        &self.demo.persons[role]
    }

    /// The permit of the staff for a model.
    pub(crate) fn permit(&self, model: &str) -> &str {
        &self.demo.permits[model]
    }

    pub(crate) fn installation(&self) -> &Installation {
        self.app.as_ref().unwrap()
    }

    /// What is true now.
    pub(crate) fn register(&self) -> Arc<Register> {
        self.installation().journal.register().unwrap()
    }

    /// Runs something on the house's own threads.
    pub(crate) fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// The data folder.
    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    /// A place for a file of the test.
    pub(crate) fn place(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.installation().world.now()
    }

    pub(crate) fn today(&self) -> Date {
        in_japan(self.installation().world.now())
    }

    pub(crate) fn in_a_year(&self) -> Date {
        self.today().checked_add(1.year()).unwrap()
    }

    /// A command of a role that must be accepted.
    #[track_caller]
    pub(crate) fn must(&self, role: &str, name: &str, content: &Value) -> Value {
        let reply = self.by(role).command(name, content);
        assert_eq!(reply.status, 201, "{name}: {}", reply.text());
        reply.json()
    }

    /// Issues a key as the administrator does and gives its secret. `more` adds to the command.
    #[track_caller]
    pub(crate) fn issue_key(&self, person: &str, secret: &str, more: Value) -> String {
        let mut content = json!({ "person": person, "hash": sekisho_gate::identify::hash_of(secret) });
        content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.must("admin", "key.issue", &content);
        secret.to_owned()
    }

    /// A service as the register has it.
    pub(crate) fn service(&self, id: &str) -> Value {
        let all = self.by("admin").get("/api/services").ok();
        let services = all["services"].as_array().unwrap();
        let found = services.iter().find(|s| s["record"]["service"]["service"] == id);
        found.unwrap_or_else(|| panic!("{all}"))["record"]["service"].clone()
    }

    /// An application for a service, for people of one department.
    pub(crate) fn draft(&self, service: &str, purpose: &str, department: &str, ceiling: u8) -> Value {
        let mut draft = json!({
            "services": [service], "purpose": purpose, "users": { "departments": [department] }, "ceiling": ceiling,
            "from": self.today(), "until": self.in_a_year(), "risk_statement": "約款を読み、リスクを許容できると判断した。",
            "risk": { "users": 1, "work": 1, "learning": 0, "judgement": 0 },
        });
        if let Some(sha256) = self.service(service)["terms"]["sha256"].as_str() {
            draft["terms_read"] = json!({ service: sha256 });
        }
        draft
    }

    /// Approves an application with this role's key.
    pub(crate) fn approve(&self, role: &str, application: &Value) -> Reply {
        let content = json!({
            "application": application, "manager": self.person("manager"), "conditions": ["確認して使う"],
            "review_on": self.in_a_year(),
        });
        self.by(role).command("application.approve", &content)
    }

    /// Someone who may read the records of all.
    fn reader(&self) -> Client {
        self.by(if self.demo.keys.contains_key("auditor") { "auditor" } else { "admin" })
    }

    /// All uses, newest first, as the auditor sees them.
    #[track_caller]
    pub(crate) fn uses(&self) -> Vec<Value> {
        self.reader().get("/api/uses?limit=1000").ok()["uses"].as_array().unwrap().clone()
    }

    /// One use with its entries, as the auditor sees it.
    #[track_caller]
    pub(crate) fn recorded(&self, id: &str) -> Value {
        self.reader().get(&format!("/api/uses/{id}")).ok()
    }

    /// Waits until a use has its end; its row and its entries.
    #[track_caller]
    pub(crate) fn ended(&self, id: &str) -> Value {
        let begun = Instant::now();
        loop {
            let recorded = self.recorded(id);
            if recorded["use"]["outcome"] != "open" {
                return recorded;
            }
            assert!(begun.elapsed() < PATIENCE, "still open: {recorded}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// That a refused use stands in the ledger as one entry `use.refused` with this code. Gives the entry.
    #[track_caller]
    pub(crate) fn refusal(&self, id: &str, code: &str) -> Value {
        let recorded = self.recorded(id);
        assert_eq!(
            (&recorded["use"]["outcome"], &recorded["use"]["code"]),
            (&json!("refused"), &json!(code)),
            "{recorded}"
        );
        let entries = recorded["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{recorded}");
        let entry = &entries[0]["entry"];
        assert_eq!((&entry["kind"], &entry["data"]["code"]), (&json!("use.refused"), &json!(code)), "{recorded}");
        entry.clone()
    }

    /// Ends the house, verifies its books and gives the verifier's answer.
    pub(crate) fn closed(mut self) -> Value {
        self.close()
    }

    /// Ends without a look at the books: for a test that has made them false.
    pub(crate) fn abandoned(mut self) {
        if let Some(app) = self.stop() {
            self.runtime.block_on(Arc::unwrap_or_clone(app).close());
        }
    }

    /// Ends as the program ends, and lets somebody look at what is left, without a look at the books.
    pub(crate) fn abandoned_after(mut self, look: impl FnOnce(&Self)) {
        if let Some(app) = self.stop() {
            self.runtime.block_on(Arc::unwrap_or_clone(app).close());
        }
        look(&self);
    }

    /// Ends as the program ends, lets something happen to the data folder, and starts again on it.
    pub(crate) fn restarted(mut self, meanwhile: impl FnOnce(&Path)) -> Self {
        let app = self.stop().unwrap();
        let config = (*app.config).clone();
        self.runtime.block_on(Arc::unwrap_or_clone(app).close());
        meanwhile(&self.data());
        let clock = self.clock.clone();
        let (app, address, stop, serving) = self.runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let app = Arc::new(Installation::open_in(clock, config, Synchronous::Full).await.unwrap());
            let (stop, stopped) = oneshot::channel();
            (app.clone(), address, stop, http::serve(app, listener, async move { drop(stopped.await) }))
        });
        self.server = Some((stop, self.runtime.spawn(serving)));
        (self.app, self.address) = (Some(app), address);
        self
    }

    /// Asks it to stop, as a signal does, and does not wait for the end.
    pub(crate) fn ask_to_stop(&mut self) {
        if let Some((stop, server)) = self.server.take() {
            let _ = stop.send(());
            self.server = Some((oneshot::channel().0, server));
        }
    }

    /// An address at which the house shows its metrics, and nobody else's.
    pub(crate) fn metrics(&self) -> Client {
        let app = self.app.clone().unwrap();
        let address = self.runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let (leaving, shown) = (app.tasks.clone(), app.clone());
            app.tasks.spawn(async move {
                // Until the house is closed for new tasks.
                let closed = async move {
                    while !leaving.is_closed() {
                        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    }
                };
                http::serve_metrics(shown, listener, closed).await;
            });
            address
        });
        Client { address, key: None }
    }

    fn stop(&mut self) -> Option<Arc<Installation>> {
        let app = self.app.take()?;
        if let Some((stop, server)) = self.server.take() {
            let _ = stop.send(());
            self.runtime.block_on(server).unwrap();
        }
        Some(app)
    }

    fn close(&mut self) -> Value {
        let year = self.app.as_ref().map(|app| in_japan(app.world.now()).year());
        let (Some(app), Some(year)) = (self.stop(), year) else { return Value::Null };
        let vkey = app.store.vkey().to_owned();
        // As the program ends: what outlives its caller is waited for in there.
        self.runtime.block_on(Arc::unwrap_or_clone(app).close());
        let mut panics = PANICS.lock().unwrap().clone();
        panics.retain(|(name, _)| *name == self.name || name == "journal");
        assert!(panics.is_empty(), "the program panicked: {panics:?}");

        let copy = self.place("ledger-of-the-last-day");
        // With a use report over all of its days: every figure of it is counted again from the entries.
        let (from, to) = (format!("{}-01-01", year - 2), format!("{}-12-31", year + 2));
        let (data, out) = (text(&self.data()), text(&copy));
        let report = ["--json", "report", "use", "--data", &data, "--from", &from, "--to", &to, "--bundle", &out];
        let exported = sekisho(&report);
        assert_eq!(exported.status.code(), Some(0), "{exported:?}");
        let verified = sekisho(&["--json", "ledger", "verify", &text(&copy), "--vkey", &vkey]);
        assert_eq!(verified.status.code(), Some(0), "{verified:?}");
        let verified: Value = serde_json::from_slice(&verified.stdout).unwrap();
        assert_eq!(verified["ok"], true, "{verified}");
        assert_eq!(verified["uses"]["without_end"], json!([]), "{verified}");
        crate::doctor::nothing_is_broken(&self.data());
        assert_eq!(verified["report"]["differences"], json!([]), "{verified}");

        let sums = |sql: &str| self.database.numbers(sql);
        let outcome = |name: &str| {
            let sql = format!("SELECT count(*) FROM use_row WHERE outcome = '{name}'");
            sums(&sql)[0][0]
        };
        let counted: BTreeMap<&str, i64> = ["completed", "upstream_error", "cut", "open", "aborted", "refused"]
            .map(|name| (name, outcome(name)))
            .into();
        let of = |outcome: &str| counted.get(outcome).copied().unwrap_or(0);
        let closed = of("completed") + of("upstream_error") + of("cut");
        let table = json!({
            "opened": closed + of("open") + of("aborted"), "closed": closed, "refused": of("refused"),
            "aborted": of("aborted"), "without_end": [],
        });
        assert_eq!(verified["uses"], table, "the table of uses and the ledger say different things");
        // What is counted by day, and by reason, is what the rows say.
        let whole = |sum: &str| format!("CAST(coalesce(sum({sum}),0) AS BIGINT)");
        let days = ["uses", "refused", "input_tokens", "output_tokens"].map(whole).join(", ");
        let days = format!("SELECT {days} FROM kind_sum");
        let rows = format!(
            "SELECT count(*) - count(CASE WHEN outcome = 'refused' THEN 1 END), (SELECT count(DISTINCT opened) FROM \
             use_reason), {}, {} FROM use_row",
            whole("input_tokens"),
            whole("output_tokens")
        );
        assert_eq!(sums(&days), sums(&rows), "the counts of days and the table of uses say different things");
        verified
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let database = self.database.clone();
        self.end();
        database.drop_it();
    }
}

impl House {
    fn end(&mut self) {
        if !std::thread::panicking() {
            self.close();
        } else if let Some((stop, server)) = self.server.take() {
            // The test has failed already: only end, and do not wait for ever.
            let _ = stop.send(());
            let app = self.app.take();
            self.runtime.block_on(async {
                let _ = tokio::time::timeout(PATIENCE / 4, server).await;
                if let Some(app) = app {
                    let _ = tokio::time::timeout(PATIENCE / 4, Arc::unwrap_or_clone(app).close()).await;
                }
            });
        }
    }
}

/// Runs the program.
pub(crate) fn sekisho(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sekisho"));
    program.args(arguments).env("LANG", "C").envs(database::variables(arguments)).output().unwrap()
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
