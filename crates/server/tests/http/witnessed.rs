//! A ledger whose checkpoints another department countersigns: the whole way, from the signed tree to the policy of who
//! verifies, and what becomes of a ledger that is not what the witness has seen (P6).

use crate::browser::Browser;
use crate::client::PATIENCE;
use crate::contracts::copy;
use crate::house::{House, sekisho, text};
use crate::witness::Witness;
use sekisho::config::{Config, Witnesses};
use sekisho_ledger::checkpoint::{Checkpoint, Origin};
use sekisho_ledger::note::{Cosigner, Note, Signer, Verifier};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ORIGIN: &str = "sekisho.invalid/log1";
const SEED: [u8; 32] = [3; 32];
/// A witness that nobody runs.
const SILENT: &str = "silent.example/w1";

fn log_vkey() -> String {
    Signer::for_log(&Origin::new(ORIGIN).unwrap(), SEED).vkey()
}

fn silent() -> Cosigner {
    Cosigner::from_seed(SILENT, [8; 32]).unwrap()
}

fn configured(text: &str) -> Witnesses {
    Config::parse(text, "test", Path::new("/"), std::iter::empty()).unwrap().witnesses
}

/// The demo with people, whose log's key is known beforehand.
fn house(witnesses: &str) -> House {
    House::with_accounts_and(|config| {
        let keys = config.data.join("keys");
        std::fs::create_dir_all(&keys).unwrap();
        std::fs::write(keys.join("log.seed"), SEED).unwrap();
        config.journal.checkpoint_interval = Duration::from_millis(50);
        config.witnesses = configured(witnesses);
    })
}

fn entry(url: &str, key: &str) -> String {
    format!("[[ledger.witness]]\nurl = \"{url}\"\nkey = \"{key}\"\n")
}

fn of(witness: &Witness) -> String {
    entry(&format!("http://{}", witness.address), &witness.vkey)
}

#[track_caller]
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The published checkpoint of the whole ledger, and whether the witness has cosigned it.
fn published(house: &House, vkey: &str) -> (u64, bool) {
    house.block_on(house.installation().journal.checkpoint()).unwrap();
    let note = house.anyone().get("/ledger/checkpoint").body;
    let checkpoint = Checkpoint::open(&note, &Verifier::parse(&log_vkey()).unwrap()).unwrap();
    let cosigned = Note::parse(&note).unwrap().cosigned_at(&Verifier::parse(vkey).unwrap());
    (checkpoint.size, cosigned.is_ok())
}

/// Waits until all that is recorded is cosigned; says how much that is.
#[track_caller]
fn cosigned(house: &House, witness: &Witness) -> u64 {
    wait_for("the cosignature", || published(house, &witness.vkey).1);
    published(house, &witness.vkey).0
}

fn used(house: &House, times: u64) {
    for _ in 0..times {
        house.by("staff").chat("kakuu-local", "要約してください").said();
    }
}

/// The auditor at a browser. A code of the second factor is good once, so a moment passes.
fn auditor(house: &House) -> Browser {
    house.pass(31);
    Browser::signed_in(house, "auditor")
}

fn page(auditor: &mut Browser) -> String {
    let reply = auditor.get("/oversight/ledger");
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.text()
}

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

#[test]
fn every_checkpoint_is_cosigned_and_a_policy_can_ask_for_it() {
    let dir = TempDir::new().unwrap();
    let witness = Witness::start(&dir.path().join("w"), &[&log_vkey()]);
    let nobody = entry("http://127.0.0.1:9", &silent().vkey());
    let house = house(&format!("[ledger]\nquorum = 1\n{}{nobody}", of(&witness)));
    used(&house, 3);
    let size = cosigned(&house, &witness);
    assert_eq!(witness.size(ORIGIN), size);
    let shown = page(&mut auditor(&house));
    assert!(shown.contains("2 の立会いのうち 1 の署名を求めています") && shown.contains("足りています"), "{shown}");
    assert!(shown.contains("最新の要約に署名済み") && shown.contains("署名が得られません"), "{shown}");
    assert!(shown.contains("つながりません") && !shown.contains("拒否"), "{shown}");

    // Taken along, the cosignature goes with it, and whoever verifies can ask for it.
    let out = house.place("out");
    let exported = sekisho(&["ledger", "export", "--data", &text(&house.data()), "--out", &text(&out)]);
    assert_eq!(exported.status.code(), Some(0), "{exported:?}");
    let policy = house.place("policy");
    std::fs::write(&policy, house.installation().config.witnesses.policy_file(&log_vkey())).unwrap();
    let verify = |more: &[&str]| sekisho(&[&["--json", "ledger", "verify", &text(&out)], more].concat());
    let verified = verify(&["--policy", &text(&policy)]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let said = json(&verified);
    assert_eq!((&said["vkey_trusted"], &said["cosigned"][0]["witness"]), (&true.into(), &"w1".into()), "{said}");
    assert!(said["cosigned"][0]["at"].as_str().unwrap().starts_with("20"), "{said}");
    assert_eq!(said["not_cosigned"][0], "w2");
    let words = sekisho(&["--lang", "ja", "ledger", "verify", &text(&out), "--policy", &text(&policy)]);
    assert!(String::from_utf8_lossy(&words.stdout).contains("立会い w1 が"), "{words:?}");
    // Keys on the command line: all of them, or as many as one says.
    let (one, two) = (witness.vkey.as_str(), silent().vkey());
    assert_eq!(verify(&["--witness", one]).status.code(), Some(0));
    assert_eq!(verify(&["--witness", one, "--witness", &two, "--quorum", "1"]).status.code(), Some(0));
    let few = verify(&["--witness", one, "--witness", &two]);
    assert_eq!(few.status.code(), Some(1), "{few:?}");
    let said = json(&few);
    assert_eq!(
        (&said["ok"], &said["quorum_met"], &said["not_cosigned"][0]),
        (&false.into(), &false.into(), &SILENT.into())
    );
    // A policy of another log; things that are no policy.
    std::fs::write(&policy, format!("log {}\nquorum none\n", Signer::from_seed(ORIGIN, [9; 32]).unwrap().vkey()))
        .unwrap();
    assert_eq!(verify(&["--policy", &text(&policy)]).status.code(), Some(1));
    std::fs::write(&policy, "quorum some\n").unwrap();
    assert_eq!(verify(&["--policy", &text(&policy)]).status.code(), Some(2));
    assert_eq!(verify(&["--policy", &text(&house.place("none"))]).status.code(), Some(3));
    assert_eq!(verify(&["--witness", one, "--quorum", "2"]).status.code(), Some(2));
    assert_eq!(verify(&["--witness", &log_vkey()]).status.code(), Some(2));
    assert_eq!(verify(&["--quorum", "1"]).status.code(), Some(2));
}

#[test]
fn a_witness_that_is_away_holds_nothing_up_and_remembers_when_it_is_back() {
    let dir = TempDir::new().unwrap();
    let mut witness = Witness::start(&dir.path().join("w"), &[&log_vkey()]);
    let house = house(&of(&witness));
    used(&house, 1);
    let before = cosigned(&house, &witness);
    witness.kill();
    let mut auditor = auditor(&house);
    used(&house, 2);
    let (size, cosigned_now) = published(&house, &witness.vkey);
    assert!(size > before && !cosigned_now, "it is signed and published all the same");
    wait_for("the page that says so", || page(&mut auditor).contains("つながりません"));
    assert!(page(&mut auditor).contains("まだ足りません"));
    let witness = witness.again();
    assert_eq!(witness.said["logs"][0]["size"], before);
    assert_eq!(cosigned(&house, &witness), size);
    wait_for("the page that says so", || page(&mut auditor).contains("最新の要約に署名済み"));
    // The last checkpoint of the day is shown before the program ends.
    used(&house, 1);
    let house = house.restarted(|_| {});
    assert!(published(&house, &witness.vkey).1, "nothing was left without a cosignature");
}

#[test]
fn p6_an_old_backup_with_its_signing_memory_is_refused_by_the_witness_and_so_is_the_fork_that_grows_from_it() {
    let dir = TempDir::new().unwrap();
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    let witness = Witness::start(&dir.path().join("w"), &[&log_vkey()]);
    let house = house(&of(&witness));
    used(&house, 2);
    let before = cosigned(&house, &witness);
    let house = house.restarted(|data| copy(data, &old));
    used(&house, 3);
    let seen = cosigned(&house, &witness);
    assert!(seen > before);

    // The whole folder of an earlier day, the memory beside the key included: nothing on this machine knows better.
    let house = house.restarted(|data| {
        copy(data, &new);
        std::fs::remove_dir_all(data).unwrap();
        copy(&old, data);
    });
    assert!(published(&house, &witness.vkey).0 < seen);
    let mut reader = auditor(&house);
    wait_for("the alarm", || page(&mut reader).contains("署名を拒否しました（巻戻し）"));
    let shown = page(&mut reader);
    assert!(shown.contains(&format!("立会いは {seen} 件までの台帳に署名していますが")), "{shown}");
    assert!(shown.contains("古いバックアップ") && shown.contains("すること"), "{shown}");

    // The gate goes on, and the ledger grows into another history.
    used(&house, 4);
    wait_for("the alarm", || page(&mut reader).contains("署名を拒否しました（分岐）"));
    let (size, cosigned_now) = published(&house, &witness.vkey);
    assert!(size > seen && !cosigned_now, "{size} {seen}");
    assert_eq!(witness.size(ORIGIN), seen, "the witness stands where it stood");
    let log = witness.log();
    assert!(log.contains("\"kind\":\"rollback\"") && log.contains("\"kind\":\"not-continued\""), "{log}");
    // A restart forgets nothing of it.
    let house = house.restarted(|_| {});
    assert!(page(&mut auditor(&house)).contains("署名を拒否しました（分岐）"));

    // The right one put back is cosigned again.
    let house = house.restarted(|data| {
        std::fs::remove_dir_all(data).unwrap();
        copy(&new, data);
    });
    used(&house, 1);
    assert!(cosigned(&house, &witness) > seen);
    let shown = page(&mut auditor(&house));
    assert!(!shown.contains("拒否"), "{shown}");
}

#[test]
fn a_witness_that_does_not_know_the_log_or_signs_with_another_key_is_told_apart() {
    let dir = TempDir::new().unwrap();
    let stranger = Signer::for_log(&Origin::new(ORIGIN).unwrap(), [9; 32]).vkey();
    let elsewhere = Signer::for_log(&Origin::new("other.example/log").unwrap(), [9; 32]).vkey();
    let other_key = Witness::start(&dir.path().join("a"), &[&stranger]);
    let other_log = Witness::start(&dir.path().join("b"), &[&elsewhere]);
    let impostor = Witness::start(&dir.path().join("c"), &[&log_vkey()]);
    let posing = entry(&format!("http://{}", impostor.address), &silent().vkey());
    let house = house(&format!("{}{}{posing}", of(&other_key), of(&other_log)));
    used(&house, 1);
    let words = [
        "立会いが知る鍵と、この台帳の鍵が違います",
        "立会いがこの台帳を知りません",
        "設定した検証鍵で確かめられません",
    ];
    let mut auditor = auditor(&house);
    wait_for("what is wrong with each", || {
        let shown = page(&mut auditor);
        words.iter().all(|words| shown.contains(words))
    });
    assert!(!page(&mut auditor).contains("拒否"));
    let note = house.anyone().get("/ledger/checkpoint").text();
    assert_eq!(Note::parse(note.as_bytes()).unwrap().signatures().len(), 1, "nothing unverified is published: {note}");
}
