//! Two programs over one PostgreSQL that share their shelves through a folder: what is imported on one is found on the other
//! while it runs, and nothing that lies in the folder makes a node serve what it should not.

use crate::client;
use crate::cluster::{Body, Cluster, Node};
use crate::house::run;
use crate::stand_in::StandIn;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a node may take to find something new, on a loaded machine. It looks every second.
const PATIENCE: Duration = Duration::from_secs(60);
const LAW: &str = "399AC0000000001";

struct Sharing {
    body: Body,
    depot: PathBuf,
    metrics: String,
}

impl Sharing {
    fn new(cluster: &Cluster, upstream: &StandIn) -> Self {
        let mut body = Body::founded(cluster, upstream);
        let depot = body.place("depot");
        std::fs::create_dir(&depot).expect("a folder");
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
        let metrics = port.to_string();
        let shared = format!("[search]\nshared = {:?}\nlook_seconds = 1\n", depot);
        body.configure("b", format!("{shared}[metrics]\nlisten = \"{metrics}\"\n"));
        body.configure("a", shared);
        Self { body, depot, metrics }
    }

    /// Imports an article on a node; answers the exit code and all that was said.
    fn import(&self, node: &str, article: u32, text: &str) -> (Option<i32>, String) {
        let rows = self.body.place("rows.jsonl");
        let row = json!({
            "id": format!("{LAW}/{article}"), "law_id": format!("{LAW}_{article}"), "title": "架空物運搬法",
            "article": format!("第{article}条"), "text": text,
        });
        std::fs::write(&rows, format!("{row}\n")).expect("rows");
        self.command(node, &["import", "units", rows.to_str().expect("text")])
    }

    fn command(&self, node: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let config = self.body.config(node);
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = Vec::new();
        arguments.iter().for_each(|argument| all.push(argument));
        all.push(&"--config");
        all.push(&config);
        let ended = run(&all);
        let said = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (ended.status.code(), said)
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.depot.join("files")).expect("files of the depot");
        files.map(|entry| entry.expect("an entry").path()).collect()
    }

    /// A number of the metrics of node b.
    fn metric(&self, name: &str) -> Option<String> {
        let text = client::call(&self.metrics, "GET", "/metrics", &[], b"").expect("metrics").text();
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned))
    }
}

fn article(node: &Node, number: u32) -> Option<String> {
    let answer = node.client().get("staff", &format!("/api/units/law/{LAW}%2F{number}")).expect("an answer");
    let found: Value = serde_json::from_slice(&answer.body).expect("JSON");
    found["text"].as_str().map(str::to_owned)
}

#[track_caller]
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what} does not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn is_ready(node: &Node) -> bool {
    client::call(&node.address, "GET", "/readyz", &[], b"").expect("an answer").status == 200
}

#[test]
fn what_is_imported_on_one_node_is_served_by_the_other_without_a_restart() {
    let (cluster, upstream) = (Cluster::start(), StandIn::start());
    let sharing = Sharing::new(&cluster, &upstream);
    let (a, b) = (sharing.body.node("a"), sharing.body.node("b"));
    assert_eq!(article(&b, 1), None);
    let (code, said) = sharing.import("a", 1, "架空物を運ぶ者は、届け出る。");
    assert!(code == Some(0) && said.contains("第1世代"), "{said}");
    for node in [&a, &b] {
        wait_for("the new law", || article(node, 1).as_deref() == Some("架空物を運ぶ者は、届け出る。"));
    }
    wait_for("the generation", || {
        sharing.metric("sekisho_search_generation{corpus=\"law\"}").as_deref() == Some("1.0")
    });
    // And the other way round, over what was fetched.
    let (code, said) = sharing.import("b", 2, "届出は、三十日前までにする。");
    assert!(code == Some(0) && said.contains("第2世代"), "{said}");
    wait_for("the second article", || article(&a, 2).is_some() && article(&a, 1).is_some());
    assert!(sharing.metric("sekisho_search_looked_time_seconds{corpus=\"law\"}").is_some());
    // Given by its folder alone, nothing would tell the other node.
    let data = sharing.body.place("a");
    let rows = sharing.body.place("rows.jsonl");
    let alone = run(&[&"import", &"units", &rows, &"--data", &data]);
    assert_eq!(alone.status.code(), Some(2), "{alone:?}");
}

#[test]
fn a_node_refuses_what_is_damaged_serves_its_copy_and_says_so() {
    let (cluster, upstream) = (Cluster::start(), StandIn::start());
    let sharing = Sharing::new(&cluster, &upstream);
    let (_a, b) = (sharing.body.node("a"), sharing.body.node("b"));
    assert_eq!(sharing.import("a", 1, "改正前。").0, Some(0));
    wait_for("the first text", || article(&b, 1).as_deref() == Some("改正前。"));
    assert!(b.stop().success());
    let before = sharing.files();
    assert_eq!(sharing.import("a", 1, "改正後。").0, Some(0));
    let new: Vec<PathBuf> = sharing.files().into_iter().filter(|file| !before.contains(file)).collect();
    new.iter().for_each(|file| change(file));
    let b = sharing.body.node("b");
    let damaged = "sekisho_search_trouble{corpus=\"law\",code=\"damaged\"}";
    wait_for("the refusal", || sharing.metric(damaged).is_some());
    assert_eq!(article(&b, 1).as_deref(), Some("改正前。"));
    assert!(is_ready(&b));
    assert!(sharing.body.log("b").contains("\"code\":\"damaged\""));
    assert_eq!(sharing.command("b", &["search", "fetch"]).0, Some(3));
    let (code, said) = sharing.command("a", &["search", "publish", "--whole"]);
    assert_eq!(code, Some(0), "{said}");
    wait_for("the second text", || article(&b, 1).as_deref() == Some("改正後。"));
    wait_for("the end of the trouble", || sharing.metric(damaged).is_none());
    // Without the folder it goes on, also from its next start.
    assert!(b.stop().success());
    std::fs::rename(&sharing.depot, sharing.body.place("gone")).expect("it can be renamed");
    let b = sharing.body.node("b");
    wait_for("word of it", || sharing.metric("sekisho_search_trouble{corpus=\"law\",code=\"unreached\"}").is_some());
    assert_eq!(article(&b, 1).as_deref(), Some("改正後。"));
    assert!(is_ready(&b));
    assert_eq!(sharing.metric("sekisho_search_generation{corpus=\"law\"}").as_deref(), Some("3.0"));
}

fn change(file: &Path) {
    let mut bytes = std::fs::read(file).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).expect("it can be written");
}
