//! An installation that has outgrown SQLite moves to PostgreSQL with all it holds, and nobody goes on with the old file.

use crate::cluster::Cluster;
use crate::exported::Exported;
use crate::house::{House, Program, UPSTREAM, run, run_json};
use crate::stand_in::StandIn;
use std::process::Output;

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn an_installation_moves_to_postgresql_with_its_ledger_and_goes_on_there() {
    let upstream = StandIn::start();
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let house = House::start(&data, &upstream);
    for round in 0..3 {
        let answer = house.client().ask(UPSTREAM, &format!("before, {round}"), &[]).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let url = cluster.url();
    let refused = run(&[&"migrate-store", &"--data", &data, &"--to", &url]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(said(&refused).contains("stop it first"), "{}", said(&refused));
    house.stop();
    let before = Exported::of(&data, &folder.path().join("before"));

    let moved = run_json(&[&"migrate-store", &"--data", &data, &"--to", &url, &"--json"]);
    assert_eq!(moved["entries"], before.entries.len() as u64, "{moved}");
    assert!(moved["tables"]["account"].as_u64().is_some_and(|rows| rows > 5), "{moved}");
    assert!(data.join("sekisho.db.moved").is_file() && !data.join("sekisho.db").exists());

    // A second time, somebody's data would be overwritten.
    std::fs::copy(data.join("sekisho.db.moved"), data.join("sekisho.db")).expect("a copy");
    let refused = run(&[&"migrate-store", &"--data", &data, &"--to", &url]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(said(&refused).contains("not empty"), "{}", said(&refused));
    std::fs::remove_file(data.join("sekisho.db")).expect("a file to remove");

    let house = House::start_on(&data, &upstream, &url);
    let answer = house.client().ask(UPSTREAM, "after", &[]).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let uses = house.get("auditor", "/api/uses?limit=50").json();
    assert_eq!(uses["uses"].as_array().map(Vec::len), Some(4), "{uses}");
    house.stop();
    let config = folder.path().join("sekisho.toml");
    std::fs::write(&config, format!("data = {data:?}\ndatabase = {url:?}\n")).expect("a configuration");
    let after = Exported::by_config(&config, &folder.path().join("after"));
    assert!(after.bytes.len() > before.bytes.len());
    assert_eq!(after.bytes[..before.bytes.len()], before.bytes, "the ledger goes on where it was");

    // Whoever forgets the new address meets an empty database, and what was signed before.
    let start = House::start_as(&data, &upstream, &Program::Sekisho, None);
    assert!(start.is_err(), "a second history was begun");
}
