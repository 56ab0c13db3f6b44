//! What others build on: the description of the API, the words of the command line, its exit codes.

use crate::house::{House, sekisho, text};
use sekisho::http::openapi_document;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// Compares with a committed file. `UPDATE=1 cargo test -p sekisho --test http contracts` writes it anew; look at the
/// difference before you commit it.
#[track_caller]
pub(crate) fn agrees(file: &Path, now: &str) {
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, now).unwrap();
        return;
    }
    let before = std::fs::read_to_string(file).unwrap_or_default();
    let differs = before.lines().zip(now.lines()).position(|(a, b)| a != b);
    let at = differs.unwrap_or_else(|| before.lines().count().min(now.lines().count()));
    assert!(
        before == now,
        "{} no longer says what the program says, from line {} on:\n- {}\n+ {}\nif that is meant: UPDATE=1 cargo test -p sekisho --test http contracts",
        file.display(),
        at + 1,
        before.lines().nth(at).unwrap_or("(end)"),
        now.lines().nth(at).unwrap_or("(end)"),
    );
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_description_of_the_api_is_the_committed_one_and_the_served_one() {
    let document = openapi_document();
    agrees(&root().join("docs/openapi.json"), &format!("{document:#}\n"));
    let house = House::demo();
    assert_eq!(house.anyone().get("/api/openapi.json").ok(), document);
    // Every reference leads somewhere.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|v| references(v, found));
            }
            Value::Array(items) => items.iter().for_each(|v| references(v, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 40, "{}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "`{reference}` leads nowhere");
    }
    // What is open says so, what is closed does not.
    for (path, operations) in document["paths"].as_object().unwrap() {
        for operation in operations.as_object().unwrap().values() {
            let open = sekisho::http::OPEN
                .iter()
                .any(|o| o == path || (o.len() > 1 && o.ends_with('/') && path.starts_with(o)));
            assert_eq!(operation.get("security") == Some(&json!([])), open, "{path}");
        }
    }
}

#[test]
fn the_help_of_every_command_is_the_committed_one() {
    let commands: [&[&str]; 19] = [
        &[],
        &["demo"],
        &["serve"],
        &["check-config"],
        &["ledger"],
        &["ledger", "export"],
        &["ledger", "verify"],
        &["ledger", "prove"],
        &["ledger", "witness"],
        &["register"],
        &["register", "at"],
        &["decide"],
        &["scan"],
        &["import"],
        &["import", "laws"],
        &["import", "diet"],
        &["import", "documents"],
        &["import", "vectors"],
        &["admin"],
    ];
    let mut all = String::new();
    for command in commands {
        let output = sekisho(&[command, &["--help"]].concat());
        assert_eq!(output.status.code(), Some(0), "{command:?}: {output:?}");
        let help = String::from_utf8(output.stdout).unwrap();
        all.push_str(&format!("$ sekisho {}\n{help}\n", [command, &["--help"]].concat().join(" ")));
    }
    let lines: Vec<&str> = all.lines().map(str::trim_end).collect();
    agrees(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/help.txt"), &format!("{}\n", lines.join("\n")));
}

/// The bodies of errors, as programs read them.
#[test]
fn the_bodies_of_errors_are_the_committed_ones() {
    let house = House::demo();
    let staff = house.by("staff");
    let mut bodies = serde_json::Map::new();
    for (what, reply) in [
        ("not identified", house.anyone().get("/v1/models")),
        ("not found", staff.get("/nothing")),
        ("wrong method", staff.request("DELETE", "/v1/models").send()),
        ("not JSON", staff.request("POST", "/v1/chat/completions").bytes("{").send()),
        ("refused by the rules", staff.chat("kakuu-open", "【機密性2情報】議事録")),
        ("no approval", house.by("applicant").chat("kakuu-open", "資料")),
        ("no such model", staff.chat("nothing", "資料")),
        ("refused command", staff.command("person.leave", &json!({ "person": "p-1" }))),
        ("not for these eyes", staff.get("/api/uses")),
    ] {
        let mut body = reply.json();
        if let Some(id) = body["error"].get_mut("use") {
            *id = "u-…".into();
        }
        bodies.insert(what.to_owned(), json!({ "status": reply.status, "body": body }));
    }
    let now = format!("{:#}\n", Value::Object(bodies));
    agrees(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/errors.json"), &now);
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn check_config_explains_a_mistake_and_says_when_there_is_none() {
    let dir = TempDir::new().unwrap();
    let check = |content: &str| {
        let file = dir.path().join("sekisho.toml");
        std::fs::write(&file, content).unwrap();
        let output = sekisho(&["--lang", "en", "check-config", &text(&file)]);
        (output.status.code(), said(&output))
    };
    let example = text(&root().join("sekisho.example.toml"));
    let output = sekisho(&["check-config", &example]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let output = sekisho(&["--json", "check-config", &example]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &json["ok"]), (Some(0), &json!(true)));

    assert_eq!(check("").0, Some(0), "everything has a value of its own");
    for (content, parts) in [
        ("listn = \"127.0.0.1:1\"", ["line 1", "did you mean `listen`"]),
        ("data = \"d\"\n\n[limits]\nbody_byte = 1", ["line 4", "did you mean `body_bytes`"]),
        ("[ledgr]\n", ["line 1", "did you mean `ledger`"]),
        ("[upstream]\nidle_second = 1", ["line 2", "did you mean `idle_seconds`"]),
        ("listen = \"here\"", ["`listen`", "127.0.0.1:8080"]),
        ("listen = ", ["line 1", "sekisho.toml"]),
        ("[secrets.azure]\nfile = \"none\"", ["secrets.azure.file", "none"]),
    ] {
        let (code, said) = check(content);
        assert_eq!(code, Some(2), "{content}: {said}");
        for part in parts {
            assert!(said.contains(part), "{content}: `{part}` is missing in {said}");
        }
    }
    let missing = sekisho(&["check-config", &text(&dir.path().join("none.toml"))]);
    assert_eq!(missing.status.code(), Some(2), "{}", said(&missing));
    assert_eq!(sekisho(&["check-config"]).status.code(), Some(2));
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all.sort();
    all
}

#[test]
fn the_exit_code_of_verify_says_what_was_found() {
    let house = House::demo();
    let id = house.by("staff").chat("kakuu-local", "要約してください").used();
    house.by("staff").chat("kakuu-open", "【機密性2情報】");
    // Of a running installation, into a new folder and not into one with something in it.
    let out = house.place("copy");
    let export = |out: &Path| sekisho(&["ledger", "export", "--data", &text(&house.data()), "--out", &text(out)]);
    assert_eq!(export(&out).status.code(), Some(0));
    assert_eq!(export(&out).status.code(), Some(3), "an export never writes over another");
    let verify = |dir: &Path, more: &[&str]| sekisho(&[&["ledger", "verify", &text(dir)], more].concat());

    // 0: it holds.
    let vkey = std::fs::read_to_string(house.data().join("keys/log.vkey")).unwrap();
    for more in [&[][..], &["--vkey", vkey.trim()]] {
        let output = verify(&out, more);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    // 1: one changed byte anywhere, and the file is named.
    for file in files(&out) {
        let name = text(file.strip_prefix(&out).unwrap());
        let changed = house.place("changed");
        copy(&out, &changed);
        let mut bytes = std::fs::read(&file).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        std::fs::write(changed.join(&name), bytes).unwrap();
        let output = sekisho(&["--json", "ledger", "verify", &text(&changed), "--vkey", vkey.trim()]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let faults = told["faults"].as_array().unwrap_or_else(|| panic!("{name}: {told}"));
        assert!(faults.iter().any(|f| f["file"] == name.as_str()), "{name} is not named: {told}");
        std::fs::remove_dir_all(changed).unwrap();
    }
    // 1: the key of somebody else.
    let other = House::demo();
    let others = other.anyone().get("/ledger/vkey").text();
    let output = verify(&out, &["--vkey", others.trim()]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    // 2: used wrongly.
    for more in [&["--vkey", "nonsense"][..], &["--nothing"]] {
        let output = verify(&out, more);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", said(&output));
    }
    assert_eq!(sekisho(&["ledger", "verify"]).status.code(), Some(2));
    assert_eq!(
        sekisho(&["ledger", "export", "--data", &text(&house.place("none")), "--out", "x"]).status.code(),
        Some(2)
    );
    // 3: there is nothing to read.
    let output = verify(&house.place("none"), &[]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let output = verify(&out, &["--old-checkpoint", &text(&house.place("none"))]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));

    // A proof of one use, made here and checked anywhere.
    let proof = text(&house.place("proof"));
    let made = sekisho(&["ledger", "prove", "--data", &text(&house.data()), "--use", &id, "--out", &proof]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let check = |vkey: &str| sekisho(&["ledger", "prove", "--check", &proof, "--vkey", vkey]).status.code();
    assert_eq!((check(vkey.trim()), check(others.trim()), check("nonsense")), (Some(0), Some(1), Some(2)));
    let file = format!("{proof}.json");
    let entry = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, entry.replace("kakuu-local", "kakuu-cloud")).unwrap();
    assert_eq!(check(vkey.trim()), Some(1), "another entry is not proved by it");
}

#[test]
fn a_second_start_uses_the_folder_again() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let start = || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let config = sekisho::config::Config::for_data(&data).unwrap();
            let full = sekisho_store::Synchronous::Full;
            let installation = sekisho::installation::Installation::open(config, full).await.unwrap();
            let demo = sekisho::demo::prepare(&installation, &data, "http://127.0.0.1:1", None).await.unwrap();
            let position = installation.journal.register().unwrap().position();
            sekisho::demo::corpus(&installation).unwrap();
            let shelves = [sekisho_search::unit::Corpus::Law, sekisho_search::unit::Corpus::Diet];
            let passages = shelves.map(|corpus| installation.library.shelf(corpus).unwrap().read().passages());
            installation.close().await;
            (demo.keys, demo.permits, position, passages)
        })
    };
    let first = start();
    assert!(first.3.iter().all(|passages| *passages > 30), "there is something to search: {:?}", first.3);
    assert_eq!(start(), first, "nothing is made twice");
}
