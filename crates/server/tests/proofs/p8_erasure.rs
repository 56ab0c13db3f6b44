//! P8: erasure leaves all proofs valid.
//!
//! What was sent and what came back lie sealed; the ledger holds `SHA-256(salt ‖ body)`. Two persons can open them, one
//! order destroys them, and before as after the ledger verifies from its first entry to its last.

use crate::exported::Exported;
use crate::house::{House, UPSTREAM, founded, run_json};
use crate::stand_in::{ANSWER, StandIn, contains};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::Path;

const SECRET: &str = "the-prompt-that-must-not-lie-in-clear-anywhere";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

/// Files below a folder that hold these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if contains(&std::fs::read(&path).unwrap_or_default(), bytes) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// The auditor asks, the CISO agrees, the auditor reads.
fn content(house: &House, id: &str) -> Vec<Value> {
    house.command("auditor", "content.request", &json!({ "use": id }));
    house.command("ciso", "content.grant", &json!({ "use": id }));
    let answer = house.get("auditor", &format!("/api/uses/{id}/content"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["content"].as_array().expect("parts").clone()
}

#[test]
fn erasure_destroys_the_content_and_leaves_every_proof_valid() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let data = folder.path().join("data");
    let house = House::start(&data, &upstream);
    let id = |prompt: &str| {
        let answer = house.client().ask(UPSTREAM, prompt, &[]).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.use_id().expect("the id of the use")
    };
    let (erased, kept) = (id(SECRET), id("another prompt, which stays"));

    // Before: two persons open it, and with its salt anyone can recompute what the ledger holds.
    let before = Exported::of(&data, &folder.path().join("before"));
    let parts = content(&house, &erased);
    for (part, kind, text) in [("request", "use.opened", SECRET), ("answer", "use.closed", ANSWER)] {
        let part = parts.iter().find(|p| p["part"] == part).expect("the part");
        let body = part["text"].as_str().expect("a text");
        assert!(body.contains(text), "{body}");
        let entry = before.of_kind(kind).find(|e| e["data"]["use"] == erased.as_str()).expect("its entry");
        let commitment = Sha256::new().chain_update(unhex(part["salt"].as_str().expect("a salt")));
        let commitment = commitment.chain_update(body.as_bytes()).finalize();
        assert_eq!(unhex(entry["data"]["commitment"].as_str().expect("a commitment")), commitment[..], "{kind}");
    }
    // Sealed means sealed: neither the database nor its write-ahead log shows the text, while the program runs.
    assert_eq!(holding(&data, SECRET.as_bytes()), Vec::<String>::new(), "the prompt lies in clear");
    assert_eq!(holding(&data, ANSWER.as_bytes()), Vec::<String>::new(), "the answer lies in clear");

    // The order, and who may not give it.
    let order = json!({ "use": erased });
    let refused = house.client().command("auditor", "content.erase", &order).expect("an answer");
    assert_eq!(refused.status, 403, "an auditor erases nothing: {}", refused.text());
    house.command("ciso", "content.erase", &order);

    // After: two persons may agree again, and there is nothing left to open.
    for part in content(&house, &erased) {
        assert_eq!(part["kept"], false, "{part}");
        assert!(part.get("text").is_none() && part.get("salt").is_none(), "{part}");
    }
    // Its neighbour is untouched.
    assert_eq!(content(&house, &kept)[0]["kept"], Value::Null);

    let export = folder.path().join("after");
    let after = Exported::of(&data, &export);
    assert_eq!(after.of_kind("content.erased").count(), 1);
    // The entries of the erased use stand where they stood, byte for byte.
    assert!(after.bytes.starts_with(&before.bytes), "an entry changed");
    let verified = run_json(&[&"ledger", &"verify", &export, &"--json"]);
    assert_eq!(verified["ok"], true, "{verified}");
    let kept_checkpoint = folder.path().join("before/checkpoint");
    let continued = run_json(&[&"ledger", &"verify", &export, &"--old-checkpoint", &kept_checkpoint, &"--json"]);
    assert_eq!(continued["ok"], true, "{continued}");
    // The proof of each of its two entries, too.
    let shown = house.get("auditor", &format!("/api/uses/{erased}")).json();
    let vkey = verified["vkey"].as_str().expect("a key");
    let entries = shown["entries"].as_array().expect("its entries");
    assert_eq!(entries.len(), 2);
    for (number, _) in entries.iter().enumerate() {
        let index = entries[number]["index"].to_string();
        let base = folder.path().join(format!("proof-{number}"));
        run_json(&[&"ledger", &"prove", &"--data", &data, &"--index", &index, &"--out", &base, &"--json"]);
        let checked = run_json(&[&"ledger", &"prove", &"--check", &base, &"--vkey", &vkey, &"--json"]);
        assert_eq!(checked["ok"], true, "{checked}");
    }

    house.stop();
    assert_eq!(holding(&data, SECRET.as_bytes()), Vec::<String>::new(), "the prompt lies in clear after the end");
}

/// A use with its two boxes in the database, as they lie there sealed.
fn sealed_use(data: &Path, upstream: &StandIn) -> (String, Vec<Vec<u8>>) {
    let house = House::start(data, upstream);
    let answer = house.client().ask(UPSTREAM, SECRET, &[]).expect("an answer");
    let id = answer.use_id().expect("the id of the use");
    house.stop();
    let boxes = boxes(&data.join("sekisho.db"));
    assert_eq!(boxes.len(), 2, "the request and the answer");
    (id, boxes)
}

/// Files that hold a box, or a piece of one: a page may have been split.
fn remains(data: &Path, boxes: &[Vec<u8>]) -> Vec<String> {
    let pieces = boxes.iter().flat_map(|sealed| sealed.chunks(48)).filter(|piece| piece.len() == 48);
    let mut found: Vec<String> = pieces.flat_map(|piece| holding(data, piece)).collect();
    found.sort();
    found.dedup();
    found
}

/// Erasure reaches the disk: the sealed bytes themselves are overwritten, not only unlinked.
#[test]
fn the_sealed_bytes_do_not_stay_behind_in_the_database() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let data = folder.path().join("data");
    let (id, boxes) = sealed_use(&data, &upstream);
    assert_ne!(remains(&data, &boxes), Vec::<String>::new(), "this proof would not find them");
    let house = House::start(&data, &upstream);
    house.command("ciso", "content.erase", &json!({ "use": id }));
    house.stop();
    assert_eq!(remains(&data, &boxes), Vec::<String>::new(), "a destroyed box can still be read");
}

/// The same while the program goes on running, which may be for months: neither the database nor its write-ahead log
/// holds the boxes once the order was acknowledged.
#[test]
fn the_sealed_bytes_are_gone_when_the_order_is_acknowledged() {
    let upstream = StandIn::start();
    let folder = founded(&upstream);
    let data = folder.path().join("data");
    let house = House::start(&data, &upstream);
    let answer = house.client().ask(UPSTREAM, SECRET, &[]).expect("an answer");
    let id = answer.use_id().expect("the id of the use");
    let boxes = boxes(&data.join("sekisho.db"));
    assert_eq!(boxes.len(), 2, "the request and the answer");
    house.command("ciso", "content.erase", &json!({ "use": id }));
    assert_eq!(remains(&data, &boxes), Vec::<String>::new(), "a destroyed box can still be read");
    house.stop();
}

/// What the database holds sealed, read past the program.
fn boxes(database: &Path) -> Vec<Vec<u8>> {
    let database = rusqlite::Connection::open(database).expect("the database opens");
    let mut rows = database.prepare("SELECT box FROM sealed").expect("the table");
    let rows = rows.query_map((), |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("a box")).collect()
}
