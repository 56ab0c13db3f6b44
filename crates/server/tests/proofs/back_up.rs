//! A back-up is taken while the house works, opens for who may, and a restored old copy signs no second history.

use crate::cluster::Cluster;
use crate::exported::Exported;
use crate::house::{House, Program, UPSTREAM, run, run_json};
use crate::stand_in::StandIn;
use std::path::Path;
use std::process::Output;

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn ask(house: &House, prompt: &str) {
    let answer = house.client().ask(UPSTREAM, prompt, &[]).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// The demo's own note, which is no part of an installation: without it the demo does not start on a folder.
fn with_demo(from: &Path, to: &Path) {
    std::fs::copy(from.join("demo.json"), to.join("demo.json")).expect("a copy");
}

/// A key for back-ups: the secret one lies in the file.
fn key(path: &Path) -> String {
    let made = run_json(&[&"backup-key", &"--out", &path, &"--json"]);
    made["recipient"].as_str().expect("a recipient").to_owned()
}

#[test]
fn a_restored_copy_goes_on_only_where_nothing_newer_was_signed() {
    let upstream = StandIn::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (data, secret) = (folder.path().join("data"), folder.path().join("secret.age"));
    let recipient = key(&secret);
    let house = House::start(&data, &upstream);
    ask(&house, "before the back-up");
    // While the house works, from beside it.
    let file = folder.path().join("backup.age");
    let made = run_json(&[&"backup", &"--data", &data, &"--out", &file, &"--recipient", &recipient, &"--json"]);
    ask(&house, "after the back-up");
    house.stop();
    let bytes = std::fs::read(&file).expect("a back-up");
    assert!(bytes.starts_with(b"age-encryption.org/v1"), "it is not encrypted");

    // Nobody else opens it.
    let other = folder.path().join("other.age");
    key(&other);
    let restored = |name: &str, identity: &Path, more: &[&dyn AsRef<std::ffi::OsStr>]| {
        let to = folder.path().join(name);
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
            vec![&"restore", &file, &"--data", &to, &"--identity", &identity];
        arguments.extend_from_slice(more);
        (run(&arguments), to.clone())
    };
    let (refused, to) = restored("not-theirs", &other, &[&"--nothing-newer"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(!to.exists(), "something of it was left");
    // Whoever does not say what was signed last restores nothing.
    let (refused, to) = restored("unsaid", &secret, &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(!to.exists());

    // The machine signed more after the back-up: the copy is evidence, and does not start.
    let last_signed = data.join("keys/last-signed");
    let (old, to) = restored("old", &secret, &[&"--newest", &last_signed]);
    assert_eq!(old.status.code(), Some(1), "{}", said(&old));
    with_demo(&data, &to);
    let start = House::start_as(&to, &upstream, &Program::Sekisho, None);
    let refused = format!("{:?}", start.err().expect("an old copy signs a second history"));
    assert!(refused.contains("was signed before"), "{refused}");

    // With the checkpoint of that moment it goes on.
    let (fine, to) = restored("same", &secret, &[&"--nothing-newer"]);
    assert_eq!(fine.status.code(), Some(0), "{}", said(&fine));
    let entries = made["entries"].as_u64().expect("a number");
    with_demo(&data, &to);
    let house = House::start(&to, &upstream);
    ask(&house, "after the restoration");
    let uses = house.get("auditor", "/api/uses?limit=50").json();
    assert_eq!(uses["uses"].as_array().map(Vec::len), Some(2), "{uses}");
    house.stop();
    let ledger = Exported::of(&to, &folder.path().join("ledger"));
    assert!(ledger.entries.len() as u64 > entries);
}

#[test]
fn a_damaged_back_up_leaves_nothing_behind() {
    let upstream = StandIn::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (data, password) = (folder.path().join("data"), folder.path().join("password"));
    std::fs::write(&password, "架空の合言葉 1\n").expect("a file");
    House::start(&data, &upstream).stop();
    let file = folder.path().join("backup.age");
    run_json(&[&"backup", &"--data", &data, &"--out", &file, &"--password-file", &password, &"--json"]);
    let whole = std::fs::read(&file).expect("a back-up");
    let to = folder.path().join("restored");
    let damaged = folder.path().join("damaged.age");
    let restore = |bytes: &[u8]| {
        std::fs::write(&damaged, bytes).expect("a file");
        run(&[&"restore", &damaged, &"--data", &to, &"--password-file", &password, &"--nothing-newer"])
    };
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for bytes in [&changed[..], &whole[..whole.len() - 100], b"nothing of it", b""] {
        let refused = restore(bytes);
        assert!(matches!(refused.status.code(), Some(2 | 3)), "{}", said(&refused));
        assert!(!to.exists(), "something of it was left");
    }
    assert!(restore(&whole).status.success());
}

/// A back-up of a PostgreSQL opens on one machine, and one of a machine in a PostgreSQL.
#[test]
fn a_back_up_fits_either_engine() {
    let upstream = StandIn::start();
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (data, secret) = (folder.path().join("data"), folder.path().join("secret.age"));
    let recipient = key(&secret);
    let house = House::start_on(&data, &upstream, &cluster.url());
    ask(&house, "on PostgreSQL");
    let config = folder.path().join("sekisho.toml");
    std::fs::write(&config, format!("data = {data:?}\ndatabase = {:?}\n", cluster.url())).expect("a configuration");
    let file = folder.path().join("backup.age");
    run_json(&[&"backup", &"--config", &config, &"--out", &file, &"--recipient", &recipient, &"--json"]);
    house.stop();
    let on_one = folder.path().join("one");
    run_json(&[&"restore", &file, &"--data", &on_one, &"--identity", &secret, &"--nothing-newer", &"--json"]);
    with_demo(&data, &on_one);
    let house = House::start(&on_one, &upstream);
    ask(&house, "on one machine");
    house.stop();
    let file = folder.path().join("second.age");
    run_json(&[&"backup", &"--data", &on_one, &"--out", &file, &"--recipient", &recipient, &"--json"]);
    let again = folder.path().join("again");
    let url = cluster.database("again");
    run_json(&[
        &"restore",
        &file,
        &"--data",
        &again,
        &"--identity",
        &secret,
        &"--nothing-newer",
        &"--to",
        &url,
        &"--json",
    ]);
    with_demo(&data, &again);
    let house = House::start_on(&again, &upstream, &url);
    ask(&house, "on PostgreSQL again");
    let uses = house.get("auditor", "/api/uses?limit=50").json();
    assert_eq!(uses["uses"].as_array().map(Vec::len), Some(3), "{uses}");
    house.stop();
}
