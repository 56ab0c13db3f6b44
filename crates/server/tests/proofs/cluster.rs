//! A PostgreSQL of the test's own, on the disk and with every sync, that can be killed and started again; and nodes that
//! share a database in it.

use crate::client;
use crate::house::{Client, House, sekisho};
use crate::stand_in::StandIn;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a node may take to serve, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The database server. It ends with the test.
pub(crate) struct Cluster {
    child: Child,
    server: String,
    control: PathBuf,
}

impl Cluster {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with what `tests/postgres/run` understands besides.
    pub(crate) fn start_with(variables: &[(&str, &str)]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/postgres/run");
        let mut child = Command::new(script)
            .args(["sh", "-c", "echo $SEKISHO_TEST_POSTGRES; echo $TEST_POSTGRES_CTL; exec cat"])
            .env_remove("SEKISHO_TEST_POSTGRES")
            .env("POSTGRES_FSYNC", "on")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/postgres/run starts");
        let mut said = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut line = || said.next().expect("PostgreSQL is there: see above what is missing").expect("text");
        let (server, control) = (line(), PathBuf::from(line()));
        Self { child, server, control }
    }

    /// The address of the database that the server begins with.
    pub(crate) fn url(&self) -> String {
        format!("{}/postgres", self.server)
    }

    /// Asks the database something that it answers in one word.
    pub(crate) fn query(&self, sql: &str) -> String {
        let answer = Command::new("psql").args([&self.url(), "-Atqc", sql]).output().expect("psql");
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8_lossy(&answer.stdout).trim().to_owned()
    }

    /// The address of a new, empty database.
    pub(crate) fn database(&self, name: &str) -> String {
        let made = Command::new("psql").args([&self.url(), "-qc", &format!("CREATE DATABASE {name}")]).status();
        assert!(made.is_ok_and(|status| status.success()), "psql");
        format!("{}/{name}", self.server)
    }

    /// Runs a statement in the database that the server begins with.
    pub(crate) fn execute(&self, sql: &str) {
        self.value(sql);
    }

    /// What a statement says, as text.
    pub(crate) fn value(&self, sql: &str) -> String {
        let said = Command::new("psql").args([&self.url(), "-XqtAc", sql]).output().expect("psql");
        assert!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }

    /// `kill -9` of the server and all it has started.
    pub(crate) fn crash(&self) {
        self.control("crash");
    }

    /// Starts it on what the crash left.
    pub(crate) fn start_again(&self) {
        self.control("start");
    }

    fn control(&self, word: &str) {
        let done = Command::new(&self.control).arg(word).stdin(Stdio::null()).status().expect("a program");
        assert!(done.success() || word == "crash", "PostgreSQL: {word}: {done}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of its input is the end of the script.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A body founded in the cluster's database, and the keys that its nodes share.
pub(crate) struct Body {
    folder: tempfile::TempDir,
    keys: Value,
    database: String,
    /// What stands in the configuration of a node besides.
    more: BTreeMap<&'static str, String>,
    elsewhere: BTreeMap<&'static str, Elsewhere>,
}

/// A node that is not run as the others are.
pub(crate) struct Elsewhere {
    /// What runs the program.
    pub(crate) by: Vec<String>,
    /// Where it listens.
    pub(crate) ip: IpAddr,
    /// The database, as it is seen from there.
    pub(crate) database: String,
}

impl Body {
    pub(crate) fn founded(cluster: &Cluster, upstream: &StandIn) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let house = House::start_on(&folder.path().join("founded"), upstream, &cluster.url());
        let keys = house.demo["keys"].clone();
        house.stop();
        Self { folder, keys, database: cluster.url(), more: BTreeMap::new(), elsewhere: BTreeMap::new() }
    }

    /// Puts sections behind the configuration of a node, for its next start.
    pub(crate) fn configure(&mut self, node: &'static str, more: String) {
        self.more.insert(node, more);
    }

    /// Runs a node elsewhere, from its next start.
    pub(crate) fn move_out(&mut self, node: &'static str, elsewhere: Elsewhere) {
        self.elsewhere.insert(node, elsewhere);
    }

    /// A folder of a node: a copy of the keys.
    fn data(&self, node: &str) -> PathBuf {
        let data = self.folder.path().join(node);
        if !data.exists() {
            crate::house::copy(&self.folder.path().join("founded/keys"), &data.join("keys"));
        }
        data
    }

    /// Starts a node and waits until it is ready.
    pub(crate) fn node(&self, name: &str) -> Node {
        self.begin(name).ready()
    }

    /// The same of another program, which is given the configuration alone.
    pub(crate) fn node_of(&self, name: &str, program: &Path) -> Node {
        self.begin_as(name, program, &[]).ready()
    }

    /// Starts a node.
    pub(crate) fn begin(&self, name: &str) -> Node {
        self.begin_as(name, sekisho(), &["serve", "--config"])
    }

    fn begin_as(&self, name: &str, program: &Path, arguments: &[&str]) -> Node {
        let mut port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
        let elsewhere = self.elsewhere.get(name);
        if let Some(elsewhere) = elsewhere {
            port.set_ip(elsewhere.ip);
        }
        let config = self.folder.path().join(format!("{name}.toml"));
        let text = format!(
            "listen = \"{port}\"\ndata = {:?}\ndatabase = {:?}\nnode = {name:?}\n",
            self.data(name),
            elsewhere.map_or(&self.database, |elsewhere| &elsewhere.database)
        );
        let more = self.more.get(name).map_or("", |more| more);
        std::fs::write(&config, text + more).expect("a configuration");
        let log = self.folder.path().join(format!("{name}.log"));
        let log = OpenOptions::new().create(true).append(true).open(log).expect("a log");
        let mut words: Vec<&OsStr> = elsewhere.iter().flat_map(|other| &other.by).map(OsStr::new).collect();
        words.push(program.as_os_str());
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        crate::house::configured_by_nobody(&mut command);
        let child = command
            .args(arguments)
            .arg(&config)
            .env("SEKISHO_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        Node { child, address: port.to_string(), keys: self.keys.clone() }
    }

    /// What a node has logged.
    pub(crate) fn log(&self, node: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("{node}.log"))).unwrap_or_default()
    }

    /// The folder of a node and the file that names the database.
    pub(crate) fn config(&self, node: &str) -> PathBuf {
        self.folder.path().join(format!("{node}.toml"))
    }

    /// A place for a file.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A running node. Dropped, it is killed.
pub(crate) struct Node {
    child: Child,
    pub(crate) address: String,
    keys: Value,
}

impl Node {
    fn ready(mut self) -> Self {
        let begun = Instant::now();
        loop {
            if client::call(&self.address, "GET", "/readyz", &[], b"").is_ok_and(|answer| answer.status == 200) {
                return self;
            }
            let ended = self.child.try_wait().expect("a status");
            assert!(ended.is_none(), "the node has ended: {ended:?}");
            assert!(begun.elapsed() < PATIENCE, "the node is not ready");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::at(self.address.clone(), self.keys.clone())
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("a status");
    }

    /// Asks it to end and waits.
    pub(crate) fn stop(self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(asked.success(), "the node cannot be signalled");
        self.ended()
    }

    /// Waits for a node that ends by itself.
    pub(crate) fn ended(mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the node does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
