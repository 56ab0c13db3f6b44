//! The witness as a process of its own, asked by a log that the test plays.

use crate::client::{Client, Reply};
use crate::house::{sekisho, text};
use sekisho_ledger::checkpoint::{Checkpoint, Origin};
use sekisho_ledger::hash::leaf_hash;
use sekisho_ledger::note::{Note, Signer, Verifier};
use sekisho_ledger::tile::MemoryTiles;
use sekisho_ledger::tree::Tree;
use sekisho_ledger::witness::{AddCheckpoint, MAX_REQUEST_BYTES};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A running witness; killed when dropped.
pub(crate) struct Witness {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) vkey: String,
    /// What it remembered when it started.
    pub(crate) said: Value,
    data: std::path::PathBuf,
    logs: Vec<String>,
}

impl Witness {
    pub(crate) fn start(data: &Path, logs: &[&str]) -> Self {
        Self::at(data, logs.iter().map(|log| (*log).to_owned()).collect(), "127.0.0.1:0")
    }

    fn at(data: &Path, logs: Vec<String>, address: &str) -> Self {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(data.with_extension("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
        command.args(["--json", "ledger", "witness", "--listen", address, "--data"]).arg(data);
        for log in &logs {
            command.args(["--log", log]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(log).env("LANG", "C").spawn().unwrap();
        let mut document = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            document.push_str(&line);
            if line == "}" {
                break;
            }
        }
        let said: Value = serde_json::from_str(&document).unwrap_or_else(|e| panic!("{e}: {document}"));
        let address = said["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
        let vkey = said["vkey"].as_str().unwrap().to_owned();
        Self { child, address, vkey, said, data: data.to_owned(), logs }
    }

    /// Killed as by a power cut, and started again at the same address.
    pub(crate) fn again(mut self) -> Self {
        self.kill();
        Self::at(&self.data, self.logs.clone(), &self.address.to_string())
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// What it wrote to its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("log")).unwrap()
    }

    /// The size it has cosigned of a log, as its page says.
    pub(crate) fn size(&self, origin: &str) -> u64 {
        let page = Client { address: self.address, key: None }.get("/").text();
        let line = page.lines().find_map(|line| line.strip_prefix(&format!("{origin} ")));
        line.unwrap_or_else(|| panic!("{page}")).parse().unwrap()
    }

    fn add(&self, body: impl Into<Vec<u8>>) -> Reply {
        Client { address: self.address, key: None }.request("POST", "/add-checkpoint").bytes(body).send()
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.kill();
    }
}

const ORIGIN: &str = "kansa.example.lg.jp/log1";

fn signer() -> Signer {
    Signer::for_log(&Origin::new(ORIGIN).unwrap(), [1; 32])
}

/// The request of a log whose entries are of one story up to `parted`, and of another from there.
fn request(old: u64, parted: u64, story: &str, size: u64) -> AddCheckpoint {
    let (mut tree, mut full) = (Tree::new(), MemoryTiles::new());
    for n in 0..size {
        let told = if n < parted { "first" } else { story };
        tree.append_with(leaf_hash(format!("{told} {n}").as_bytes()), &mut |id, bytes| full.insert(id, bytes).unwrap());
    }
    let origin = Origin::new(ORIGIN).unwrap();
    let note = Checkpoint { origin, size, root: tree.root() }.sign(&signer());
    AddCheckpoint::of_tree(&tree.reader(&full), old, &note).unwrap()
}

fn cosigned(reply: &Reply, request: &AddCheckpoint, vkey: &str) -> bool {
    let note = Note::parse(format!("{}{}", request.text(), reply.text()).as_bytes());
    reply.status == 200 && note.unwrap().cosigned_at(&Verifier::parse(vkey).unwrap()).is_ok()
}

#[test]
fn the_witness_answers_as_the_specification_has_it() {
    let dir = TempDir::new().unwrap();
    let other = Signer::for_log(&Origin::new("other.example/log").unwrap(), [2; 32]);
    let witness = Witness::start(&dir.path().join("w"), &[&other.vkey(), &signer().vkey()]);
    let ask = |request: &AddCheckpoint| witness.add(request.to_body());
    let size = |reply: Reply| {
        assert_eq!((reply.status, reply.header("content-type")), (409, Some("text/x.tlog.size")), "{}", reply.text());
        reply.text()
    };

    // A log that asks for the first time learns where the witness stands.
    assert_eq!(size(ask(&request(3, 99, "", 5))), "0\n");
    let first = request(0, 99, "", 5);
    assert!(cosigned(&ask(&first), &first, &witness.vkey));
    // Asked again, it cosigns again.
    assert_eq!(size(ask(&first)), "5\n");
    let again = request(5, 99, "", 5);
    assert!(cosigned(&ask(&again), &again, &witness.vkey));
    let next = request(5, 99, "", 300);
    assert!(cosigned(&ask(&next), &next, &witness.vkey));
    // Older, forked at the same size, forked further on.
    assert_eq!(size(ask(&request(5, 99, "", 9))), "300\n");
    assert_eq!(size(ask(&request(300, 299, "second", 300))), "300\n");
    assert_eq!(ask(&request(300, 299, "second", 301)).status, 422);
    assert_eq!(ask(&request(300, 98, "second", 301)).status, 422);
    // Nobody's, somebody else's, nonsense, too long, the wrong way.
    let unsigned = next.to_body().replace("kansa", "kensa");
    assert_eq!(witness.add(unsigned).status, 404);
    let stranger = Signer::for_log(&Origin::new(ORIGIN).unwrap(), [9; 32]);
    let (text, _) = next.text().split_once("\n\n").unwrap();
    let forged = format!("old 300\n\n{}", stranger.sign(&format!("{text}\n")).unwrap());
    assert_eq!(witness.add(forged).status, 403);
    assert_eq!(witness.add(next.to_body().replace("old 5\n", "old 301\n")).status, 400);
    for nonsense in ["", "old 5\n", "\n\n\n", "{}"] {
        let reply = witness.add(nonsense);
        assert_eq!(reply.status, 400, "{nonsense}");
        assert!(reply.text().contains("要求の形"), "{}", reply.text());
    }
    assert_eq!(witness.add(vec![b'x'; MAX_REQUEST_BYTES + 1]).status, 413);
    let anyone = Client { address: witness.address, key: None };
    assert_eq!((anyone.get("/add-checkpoint").status, anyone.get("/healthz").status), (405, 200));
    // What it is there to notice stands in its log, the evidence with it.
    let log = witness.log();
    for kind in ["\"kind\":\"rollback\"", "\"kind\":\"fork\"", "\"kind\":\"not-continued\""] {
        assert!(log.contains(kind), "{kind}: {log}");
    }
    assert_eq!(witness.size(ORIGIN), 300);
}

#[test]
fn bodies_that_do_not_come_take_nobodys_place() {
    let dir = TempDir::new().unwrap();
    let witness = Witness::start(&dir.path().join("w"), &[&signer().vkey()]);
    let slow: Vec<_> = (0..40)
        .map(|_| {
            let mut socket = std::net::TcpStream::connect(witness.address).unwrap();
            socket.write_all(b"POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: 500\r\n\r\nold 0").unwrap();
            socket
        })
        .collect();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let first = request(0, 99, "", 5);
    assert!(cosigned(&witness.add(first.to_body()), &first, &witness.vkey));
    drop(slow);
}

#[test]
fn of_two_histories_shown_at_once_one_is_cosigned() {
    let dir = TempDir::new().unwrap();
    let mut witness = Witness::start(&dir.path().join("w"), &[&signer().vkey()]);
    let mut size = 0;
    for round in 0..6 {
        let parts: Vec<AddCheckpoint> =
            (0..8).map(|n| request(size, size, &format!("{round} {n}"), size + 1 + n % 3)).collect();
        // Eight histories that part where the witness stands, each well proved.
        let taken: Vec<bool> = std::thread::scope(|scope| {
            let asking: Vec<_> = parts
                .iter()
                .map(|part| {
                    let witness = &witness;
                    scope.spawn(move || {
                        let reply = witness.add(part.to_body());
                        assert!(matches!(reply.status, 200 | 409), "{}: {}", reply.status, reply.text());
                        cosigned(&reply, part, &witness.vkey)
                    })
                })
                .collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "round {round}: {taken:?}");
        let at = taken.iter().position(|taken| *taken).unwrap();
        assert_eq!(witness.size(ORIGIN), parts[at].checkpoint().size);
        // A witness that was killed remembers the very one.
        witness = witness.again();
        assert_eq!(witness.size(ORIGIN), parts[at].checkpoint().size);
        let kept = &parts[at];
        let same = AddCheckpoint::new(kept.checkpoint().size, Vec::new(), kept.text()).unwrap();
        assert!(cosigned(&witness.add(same.to_body()), &same, &witness.vkey));
        for (n, part) in
            parts.iter().enumerate().filter(|(n, part)| *n != at && part.checkpoint().size == kept.checkpoint().size)
        {
            let other = AddCheckpoint::new(part.checkpoint().size, Vec::new(), part.text()).unwrap();
            assert_eq!(witness.add(other.to_body()).status, 409, "{n}");
        }
        // The next round parts elsewhere, before a witness that knew nothing.
        let fresh = dir.path().join(format!("w{round}"));
        witness = Witness::start(&fresh, &[&signer().vkey()]);
        size = 7 * (round + 1);
        let base = request(0, size, "", size);
        assert!(cosigned(&witness.add(base.to_body()), &base, &witness.vkey));
    }
}

#[test]
fn a_witness_that_cannot_trust_its_memory_or_its_orders_does_not_start() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("w");
    let mut witness = Witness::start(&data, &[&signer().vkey()]);
    let first = request(0, 99, "", 5);
    assert_eq!(witness.add(first.to_body()).status, 200);
    let key = signer().vkey();
    let start = |more: &[&str]| {
        let output =
            sekisho(&[&["ledger", "witness", "--listen", "127.0.0.1:0", "--data", &text(&data)], more].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    };
    let (code, said) = start(&["--log", &key]);
    assert!(code == Some(3) && said.contains("別の立会い"), "{code:?} {said}");
    witness.kill();
    for wrong in [&[][..], &["--log", "nonsense"], &["--log", &witness.vkey], &["--log", &key, "--name", "other"]] {
        let (code, said) = start(wrong);
        assert_eq!(code, Some(2), "{wrong:?}: {said}");
    }
    let notes: Vec<_> = std::fs::read_dir(data.join("cosigned")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let note = notes.iter().find(|path| path.extension().is_some_and(|e| e == "note")).unwrap();
    let whole = std::fs::read_to_string(note).unwrap();
    std::fs::write(note, whole.replacen("\n5\n", "\n4\n", 1)).unwrap();
    let (code, said) = start(&["--log", &key]);
    assert!(code == Some(3) && said.contains("改変された控え"), "{code:?} {said}");
    std::fs::remove_file(note).unwrap();
    let (code, said) = start(&["--log", &key]);
    assert!(code == Some(3) && said.contains("控えを失った立会い"), "{code:?} {said}");
    std::fs::write(note, whole).unwrap();
    assert_eq!(Witness::start(&data, &[&key]).said["logs"][0]["size"], 5);
}
