//! The program itself, started as anyone would start it, on a folder of its own.

use crate::client::{self, Answer, Kept};
use crate::stand_in::{MODEL, StandIn};
use crate::strace::Watch;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// The real binary.
pub(crate) fn sekisho() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_sekisho"))
}

/// The counter-proof's program.
pub(crate) fn unsynced() -> PathBuf {
    example("unsynced")
}

/// A program that only a proof uses, built if need be: `cargo test --test proofs` alone builds no examples.
pub(crate) fn example(name: &str) -> PathBuf {
    let folder = sekisho().parent().expect("a folder");
    let target = folder.parent().expect("the target folder");
    let mut cargo = Command::new(env!("CARGO"));
    // Of the whole workspace, as the test run builds it: chosen alone, the package has other features and half of the
    // workspace would be built once more.
    cargo.args(["build", "--quiet", "--offline", "--workspace", "--example", name, "--target-dir"]).arg(target);
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    // What the outer cargo says of the package it is testing would be a change to the inner one: it would build half of
    // the workspace again, and the outer one after it.
    let outer =
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_", "CARGO_TARGET_TMPDIR"];
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| outer.iter().any(|prefix| name.starts_with(prefix))) {
            cargo.env_remove(name);
        }
    }
    let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
    assert!(status.success(), "the example `{name}` does not build");
    let built = folder.join("examples").join(name);
    assert!(built.is_file(), "`{}` was built and is not there", built.display());
    built
}

/// A folder that a demo has founded, and that no program is using.
pub(crate) fn founded(upstream: &StandIn) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::start(&folder.path().join("data"), upstream);
    house.stop();
    folder
}

/// A folder in memory, where there is such a thing: for what is to survive nothing.
pub(crate) fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder")
}

/// A copy of an installation's folder, as it lies on the disk now.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}

/// A start that did not come to serving.
pub(crate) struct NotServing {
    pub(crate) status: ExitStatus,
    said: String,
}

impl std::fmt::Debug for NotServing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.status, self.said)
    }
}

/// A running installation. Dropped without [`House::stop`], it is killed.
pub(crate) struct House {
    child: Child,
    pub(crate) address: String,
    pub(crate) demo: Value,
}

impl House {
    /// Starts the demo and waits until it serves.
    pub(crate) fn start(data: &Path, upstream: &StandIn) -> Self {
        Self::start_as(data, upstream, &Program::Sekisho, None).expect("the demo starts")
    }

    /// Starts the demo on a database elsewhere.
    pub(crate) fn start_on(data: &Path, upstream: &StandIn, database: &str) -> Self {
        let program = Program::With(vec![("SEKISHO_DATABASE", database.to_owned())]);
        Self::start_as(data, upstream, &program, None).expect("the demo starts")
    }

    /// Starts the demo, configured by variables.
    pub(crate) fn start_with(data: &Path, upstream: &str, variables: Vec<(&'static str, String)>) -> Self {
        Self::start_at(data, upstream, &Program::With(variables), None).expect("the demo starts")
    }

    /// Starts under a watch.
    pub(crate) fn start_watched(data: &Path, upstream: &StandIn, watch: &Watch) -> Result<Self, NotServing> {
        Self::start_as(data, upstream, &Program::Sekisho, Some(watch))
    }

    pub(crate) fn start_as(
        data: &Path,
        upstream: &StandIn,
        program: &Program,
        watch: Option<&Watch>,
    ) -> Result<Self, NotServing> {
        Self::start_at(data, &upstream.url(), program, watch)
    }

    fn start_at(data: &Path, upstream: &str, program: &Program, watch: Option<&Watch>) -> Result<Self, NotServing> {
        let mut command = match watch {
            Some(watch) => watch.command(program.path()),
            None => program.command(),
        };
        match program {
            Program::Sekisho | Program::With(_) | Program::Inside(_) => {
                command.args(["demo", "--port", "0", "--json", "--upstream", upstream, "--upstream-model", MODEL]);
                command.arg("--data").arg(data);
            }
            Program::Other(_) => {
                command.arg(data).args([upstream, MODEL]);
            }
        }
        configured_by_nobody(&mut command);
        if let Program::With(variables) = program {
            command.envs(variables.iter().map(|(name, value)| (name, value)));
        }
        let said = data.with_extension("stderr");
        let log = OpenOptions::new().create(true).append(true).open(&said).expect("a log");
        let before = log.metadata().expect("a length").len();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|e| panic!("`{}` does not start: {e}", program.path().display()));
        // It prints one JSON document, indented, so a lone `}` ends it; the socket listens before that.
        let mut document = String::new();
        let stdout = child.stdout.take().expect("piped");
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { break };
            document.push_str(&line);
            if line == "}" {
                break;
            }
        }
        let demo: Value = match serde_json::from_str(&document) {
            Ok(demo) => demo,
            Err(_) => {
                let status = child.wait().expect("a status");
                let said = std::fs::read_to_string(&said).unwrap_or_default();
                let said = said.get(usize::try_from(before).expect("fits")..).unwrap_or_default().to_owned();
                return Err(NotServing { status, said });
            }
        };
        let url = demo["url"].as_str().expect("a URL");
        let address = url.strip_prefix("http://").expect("http").to_owned();
        Ok(Self { child, address, demo })
    }

    pub(crate) fn client(&self) -> Client {
        Client { address: self.address.clone(), keys: self.demo["keys"].clone() }
    }

    pub(crate) fn get(&self, role: &str, path: &str) -> Answer {
        self.client().get(role, path).expect("an answer")
    }

    /// Gives a command and expects it to be accepted.
    pub(crate) fn command(&self, role: &str, name: &str, content: &Value) -> Value {
        let answer = self.client().command(role, name, content).expect("an answer");
        assert_eq!(answer.status, 201, "{name} by {role}: {}", answer.text());
        answer.json()
    }

    /// Asks it to end and waits; every record of what it served is written then.
    pub(crate) fn stop(mut self) -> ExitStatus {
        // The program listens to signals from when it serves; two answers show that it has come that far.
        for _ in 0..2 {
            let _ = client::call(&self.address, "GET", "/readyz", &[], b"");
        }
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(
            asked.success() || self.child.try_wait().expect("a status").is_some(),
            "the program cannot be signalled"
        );
        self.ended()
    }

    /// Kills it as a power switch would: no handler runs.
    pub(crate) fn kill(mut self) -> ExitStatus {
        self.child.kill().expect("it can be killed");
        self.ended()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How many files and sockets it holds.
    pub(crate) fn handles(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("a process that lives").count()
    }

    /// Its memory in KiB.
    pub(crate) fn memory(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process that lives");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of its memory");
        line.trim_end_matches("kB").trim().parse().expect("a number")
    }

    /// Whether it still runs.
    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().expect("a status").is_none()
    }

    fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status;
            }
            assert!(Instant::now() < deadline, "the program does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What to start.
pub(crate) enum Program {
    Sekisho,
    /// The same, configured by these variables.
    With(Vec<(&'static str, String)>),
    /// The same, run by another program.
    Inside(Vec<String>),
    Other(PathBuf),
}

impl Program {
    fn command(&self) -> Command {
        match self {
            Self::Inside(by) => {
                let mut command = Command::new(&by[0]);
                command.args(&by[1..]).arg(self.path());
                command
            }
            _ => Command::new(self.path()),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Sekisho | Self::With(_) | Self::Inside(_) => sekisho(),
            Self::Other(path) => path,
        }
    }
}

/// What a thread needs to talk to a house that may die meanwhile.
#[derive(Clone)]
pub(crate) struct Client {
    address: String,
    keys: Value,
}

impl Client {
    /// One who knows an address and the keys of the demo.
    pub(crate) fn at(address: String, keys: Value) -> Self {
        Self { address, keys }
    }

    fn call(
        &self,
        role: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Answer> {
        let bearer = self.bearer(role);
        let mut all = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        all.extend_from_slice(headers);
        client::call(&self.address, method, path, &all, body)
    }

    /// What names a role in a header.
    pub(crate) fn bearer(&self, role: &str) -> String {
        format!("Bearer {}", self.keys[role].as_str().expect("a key of that role"))
    }

    /// The same person elsewhere.
    pub(crate) fn moved_to(&self, address: &str) -> Self {
        Self { address: address.to_owned(), keys: self.keys.clone() }
    }

    /// A request to a model over a connection that is kept.
    pub(crate) fn ask_over(&self, kept: &mut Kept, prompt: &str, streamed: bool) -> std::io::Result<Answer> {
        let bearer = self.bearer("staff");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        kept.call("POST", "/v1/chat/completions", &headers, &body(UPSTREAM, prompt, streamed))
    }

    pub(crate) fn get(&self, role: &str, path: &str) -> std::io::Result<Answer> {
        self.call(role, "GET", path, &[], b"")
    }

    /// A request to a model.
    pub(crate) fn ask(&self, model: &str, prompt: &str, headers: &[(&str, &str)]) -> std::io::Result<Answer> {
        self.call("staff", "POST", "/v1/chat/completions", headers, &body(model, prompt, false))
    }

    /// The same, streamed.
    pub(crate) fn ask_streamed(&self, model: &str, prompt: &str) -> std::io::Result<Answer> {
        self.call("staff", "POST", "/v1/chat/completions", &[], &body(model, prompt, true))
    }

    pub(crate) fn command(&self, role: &str, name: &str, content: &Value) -> std::io::Result<Answer> {
        let body = json!({ "content": content, "reason": "証明のための試験" }).to_string();
        self.call(role, "POST", &format!("/api/commands/{name}"), &[], body.as_bytes())
    }
}

/// The body of a request, written here so that its length is known to the test.
pub(crate) fn body(model: &str, prompt: &str, streamed: bool) -> Vec<u8> {
    format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"{prompt}"}}],"stream":{streamed}}}"#)
        .into_bytes()
}

/// The model that leads to the stand-in.
pub(crate) const UPSTREAM: &str = "kakuu-upstream";

/// Variables of the shell that runs the tests must not configure what is tested.
pub(crate) fn configured_by_nobody(command: &mut Command) {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SEKISHO_")) {
        command.env_remove(name);
    }
}

/// Runs a command of the program to its end.
pub(crate) fn run(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new(sekisho());
    configured_by_nobody(&mut command);
    command.args(arguments.iter().map(|a| a.as_ref())).output().expect("sekisho runs")
}

/// Runs a command that must end well, and reads the JSON it prints.
pub(crate) fn run_json(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Value {
    let output = run(arguments);
    assert!(
        output.status.success(),
        "{:?}: {}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}
