//! P5, for the whole program: any changed byte of an exported ledger is found, and the file is named.
//!
//! The mathematics has its own tests in `sekisho-ledger`; here a body's ledger is exported as an auditor would get it.

use crate::exported::Exported;
use crate::house::{House, UPSTREAM, founded, run, run_json};
use crate::stand_in::StandIn;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push(path),
        }
    }
    files.sort();
    files
}

/// Verifies and expects "no".
fn faults(folder: &Path, what: &str) -> Vec<Value> {
    let output = run(&[&"ledger", &"verify", &folder, &"--json"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{what}: {said}{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["ok"], false, "{what}");
    said["faults"].as_array().expect("faults").clone()
}

#[test]
fn a_changed_byte_of_any_file_is_found_and_the_file_named() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let house = House::start(&folder.path().join("data"), &upstream);
    for number in 0..5 {
        let answer = house.client().ask(UPSTREAM, &format!("request {number}"), &[]).expect("an answer");
        assert_eq!(answer.status, 200);
    }
    let out = folder.path().join("ledger");
    // While the program runs, as an auditor would ask for it.
    let ledger = Exported::of(&folder.path().join("data"), &out);
    assert_eq!(ledger.uses().len(), 5);
    house.stop();
    let all = files(&out);
    assert!(all.len() >= 6, "checkpoint, key, manifest, older checkpoints, tiles and entries: {all:?}");
    for file in &all {
        let name = file.strip_prefix(&out).expect("below").display().to_string();
        let whole = std::fs::read(file).expect("a file");
        for position in [0, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[position] ^= 1;
            std::fs::write(file, &changed).expect("a change");
            let what = format!("{name}, byte {position}");
            let faults = faults(&out, &what);
            assert!(faults.iter().any(|f| f["file"] == name.as_str()), "{what}: not named in {faults:?}");
        }
        std::fs::write(file, &whole).expect("the file as it was");
    }
    // Nothing else was wrong with it.
    assert_eq!(run_json(&[&"ledger", &"verify", &out, &"--json"])["ok"], true);
    // A file that vanishes or appears is a change as well.
    for file in &all {
        let name = file.strip_prefix(&out).expect("below").display().to_string();
        let whole = std::fs::read(file).expect("a file");
        std::fs::remove_file(file).expect("a removal");
        let faults = faults(&out, &format!("{name} removed"));
        assert!(faults.iter().any(|f| f["file"] == name.as_str()), "{name} removed: not named in {faults:?}");
        std::fs::write(file, &whole).expect("the file as it was");
    }
    std::fs::write(out.join("tile/0/x"), b"x").expect("a file too many");
    assert!(faults(&out, "a file too many").iter().any(|f| f["file"] == "tile/0/x"));
}

#[test]
fn a_changed_entry_is_named_with_its_index() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let out = folder.path().join("ledger");
    let ledger = Exported::of(&folder.path().join("data"), &out);
    let bundle = files(&out.join("tile/entries")).pop().expect("a bundle");
    let name = bundle.strip_prefix(&out).expect("below").display().to_string();
    let whole = std::fs::read(&bundle).expect("a bundle");
    for index in [0, ledger.entries.len() / 2, ledger.entries.len() - 1] {
        // Each entry follows two bytes of length.
        let start: usize = ledger.bytes[..index].iter().map(|entry| entry.len() + 2).sum::<usize>() + 2;
        let mut changed = whole.clone();
        changed[start + ledger.bytes[index].len() / 2] ^= 1;
        std::fs::write(&bundle, &changed).expect("a change");
        let faults = faults(&out, &format!("entry {index}"));
        let named = faults.iter().any(|f| f["file"] == name.as_str() && f["entry"] == index);
        assert!(named, "entry {index}: not named in {faults:?}");
    }
}
