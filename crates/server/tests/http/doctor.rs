//! 点検: a healthy house has no finding; whatever single thing is damaged is named with its place.

use crate::browser::Browser;
use crate::client::{CHAT, chat};
use crate::database::Database;
use crate::house::{House, sekisho, text};
use bytes::Bytes;
use sekisho_ledger::checkpoint::Checkpoint;
use sekisho_ledger::hash::leaf_hash;
use sekisho_ledger::note::{Cosigner, Note, Signer};
use sekisho_store::{Body, PaperRow, RANDOM_BYTES};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

const LOCAL: &str = "kakuu-local";
const HOUR: i64 = 3_600;
/// Where rows lie while they are damaged.
const ASIDE: &str = "aside";

/// What the doctor says of a data folder, and its exit code.
fn examined(data: &Path) -> (i32, Value) {
    said(&["--data", &text(data)])
}

fn said(of: &[&str]) -> (i32, Value) {
    let output = sekisho(&[&["doctor", "--format", "json"], of].concat());
    let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code().unwrap(), said)
}

/// Code and place of each finding, but for what the surroundings of a test bring with them: the PostgreSQL of the tests
/// runs without `fsync`, and the disk of the machine may be full.
fn found(said: &Value) -> Vec<(String, String)> {
    let field = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let all = said["findings"].as_array().unwrap().iter().map(|one| (field(one, "code"), field(one, "place")));
    let ours = |(code, place): &(String, String)| {
        code != "DISK_LOW"
            && !(code == "SETTING_UNSAFE" && matches!(place.as_str(), "fsync" | "full_page_writes"))
            && !(code == "TABLE_UNKNOWN" && place == ASIDE)
    };
    all.filter(ours).collect()
}

/// Whatever a test did with its house, nothing that is kept contradicts anything else. Tests move
/// clocks, name nobody, lay keys down themselves; their PostgreSQL and their disk are not the house's.
#[track_caller]
pub(crate) fn nothing_is_broken(data: &Path) {
    let (_, mut said) = examined(data);
    let ours = |one: &Value| {
        let of_tests = ["SETTING_UNSAFE", "DISK_LOW", "TIME_AHEAD", "TIME_BACKWARDS", "DIRECTORY_MISSING", "KEY_OPEN"];
        one["severity"] != "note" && !of_tests.iter().any(|code| one["code"] == *code)
    };
    said["findings"].as_array_mut().unwrap().retain(ours);
    assert_eq!(said["findings"], json!([]), "{:#}", said["findings"]);
    assert_eq!(said["not_looked_at"], json!([]));
}

#[track_caller]
fn healthy(house: &House) {
    let (status, said) = examined(&house.data());
    assert_eq!(found(&said), [], "{said:#}");
    assert_eq!(said["not_looked_at"], json!([]), "{said:#}");
    let postgres = matches!(house.database, Database::Postgres { .. });
    assert_eq!(status, i32::from(postgres && said["broken"] != 0), "{said:#}");
}

/// Exactly these codes are found, the first of them at this place.
#[track_caller]
fn names(data: &Path, what: &str, codes: &[&str], place: &str) {
    let (status, said) = examined(data);
    let found = found(&said);
    let are: BTreeSet<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(are, codes.iter().copied().collect(), "{what}: {said:#}");
    assert!(found.iter().any(|(code, at)| code == codes[0] && at.contains(place)), "{what}: {said:#}");
    let broken = said["broken"] != 0;
    assert_eq!(status, if broken { 1 } else { 0 }, "{what}: {said:#}");
}

/// At least this code is found at this place: what it makes impossible is told too.
#[track_caller]
fn names_among_others(data: &Path, what: &str, code: &str, place: &str) {
    let (status, said) = examined(data);
    let found = found(&said);
    assert!(found.iter().any(|(one, at)| one == code && at.contains(place)), "{what}: {said:#}");
    assert_eq!(status, 1, "{what}: {said:#}");
}

/// Changes a table, lets somebody look, and puts every row of it back.
fn with_rows(house: &House, table: &str, change: &str, look: impl FnOnce()) {
    let keep = format!("CREATE TABLE {ASIDE} AS SELECT * FROM {table}");
    house.database.execute(&[keep, change.to_owned()]);
    look();
    let back = [
        format!("DELETE FROM {table}"),
        format!("INSERT INTO {table} SELECT * FROM {ASIDE}"),
        format!("DROP TABLE {ASIDE}"),
    ];
    house.database.execute(&back);
}

/// A house with uses of every end: answered, refused by a rule, masked, unread, erased, and a conversation.
fn lived_in() -> (House, i64) {
    let house = House::with_accounts();
    let staff = house.by("staff");
    let first = staff.chat(LOCAL, "要約してください。").used();
    staff.chat("no-such-model", "要約してください。");
    staff.chat(LOCAL, "電話 03-1234-5678 と mail@example.invalid を直してください。");
    staff.chat(LOCAL, "個人番号は 1234 5678 9018 です。");
    staff.request("POST", CHAT).bytes("{").send();
    let erased = staff.chat(LOCAL, "消去するものです。").used();
    house.must("ciso", "content.erase", &json!({ "use": erased }));
    let mut browser = Browser::signed_in(&house, "staff");
    browser.get("/chat");
    let opened = house.recorded(&first)["use"]["opened"].as_i64().unwrap();
    // All is signed: nobody writes a file or a row while a test has it aside.
    house.block_on(house.installation().journal.checkpoint()).unwrap();
    (house, opened)
}

#[test]
fn a_healthy_house_has_no_finding_and_looking_changes_nothing() {
    let (house, _) = lived_in();
    healthy(&house);
    let before = files(&house.data());
    healthy(&house);
    assert_eq!(files(&house.data()), before, "the look changed a file");
    let output = sekisho(&["--lang", "en", "doctor", "--data", &text(&house.data())]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("looked at:") && said.contains("sealed contents"), "{said}");
    let output = sekisho(&["doctor", "--data", &text(&house.data())]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("点検したもの"));
}

/// Every file with its digest, but for the log and the shared memory of SQLite, which any reader touches.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if !path.to_string_lossy().ends_with("-shm") {
            all.push((text(&path), Sha256::digest(std::fs::read(&path).unwrap()).to_vec()));
        }
    }
    all.sort();
    all
}

#[test]
fn a_damaged_row_of_uses_or_of_what_is_counted_is_named() {
    let (house, opened) = lived_in();
    let data = house.data();
    let at = |table: &str, rest: &str| format!("UPDATE {table} SET {rest} WHERE opened = {opened}");
    let refused = house.database.number("SELECT MIN(opened) FROM use_reason");
    let cases: &[(&str, String, &[&str], String)] = &[
        ("use_row", at("use_row", "code = 'X'"), &["USE_ROW_WRONG"], format!("use_row {opened} ")),
        ("use_row", at("use_row", "closed_at = closed_at + 1"), &["USE_ROW_WRONG"], format!("use_row {opened} ")),
        ("use_row", at("use_row", "endpoint = 'x'"), &["USE_ROW_WRONG"], format!("use_row {opened} ")),
        (
            "use_row",
            at("use_row", "permit = 'k-other'"),
            &["USE_ROW_WRONG", "SUMS_WRONG"],
            format!("use_row {opened} "),
        ),
        (
            "use_row",
            at("use_row", "input_tokens = input_tokens + 1"),
            &["USE_ROW_WRONG", "SUMS_WRONG"],
            format!("use_row {opened} "),
        ),
        (
            "use_row",
            format!("DELETE FROM use_row WHERE opened = {opened}"),
            &["USE_ROW_MISSING", "SUMS_WRONG"],
            format!("use_row {opened}"),
        ),
        (
            "use_row",
            at("use_row", "opened = 0, use_id = 'u-foreign'"),
            &["USE_ROW_ORPHAN", "USE_ROW_MISSING"],
            "use_row 0 ".into(),
        ),
        (
            "use_reason",
            format!("DELETE FROM use_reason WHERE opened = {refused}"),
            &["USE_REASON_WRONG"],
            format!("use_reason {refused} "),
        ),
        ("kind_sum", "UPDATE kind_sum SET uses = uses + 1 WHERE uses > 0".into(), &["SUMS_WRONG"], "kind_sum ".into()),
        ("use_kind", "UPDATE use_kind SET permit = permit || 'x'".into(), &["SUMS_WRONG"], "kind_sum ".into()),
        (
            "use_finding",
            "UPDATE use_finding SET request_hits = request_hits + 1".into(),
            &["FINDINGS_WRONG"],
            "use_finding ".into(),
        ),
        ("use_finding", "DELETE FROM use_finding".into(), &["FINDINGS_WRONG"], "use_finding ".into()),
        (
            "governance_row",
            "UPDATE governance_row SET actor = 'p-other' WHERE idx = 3".into(),
            &["TRAIL_WRONG"],
            "governance_row 3".into(),
        ),
        (
            "governance_subject",
            "DELETE FROM governance_subject WHERE idx = 3".into(),
            &["TRAIL_WRONG"],
            "governance_subject 3".into(),
        ),
        (
            "sealed",
            format!("DELETE FROM sealed WHERE entry = {opened}"),
            &["CONTENT_MISSING"],
            format!("sealed {opened}"),
        ),
        (
            "sealed",
            format!("UPDATE sealed SET box = (SELECT MAX(root) FROM ledger_head) WHERE entry = {opened}")
                .replace("MAX(root)", "root"),
            &["CONTENT_CLOSED"],
            format!("sealed {opened}"),
        ),
        (
            "sealed",
            "INSERT INTO sealed (entry, box) SELECT 0, root FROM ledger_head".into(),
            &["CONTENT_ORPHAN"],
            "sealed 0".into(),
        ),
    ];
    for (table, change, codes, place) in cases {
        with_rows(&house, table, change, || names(&data, change, codes, place));
    }
    healthy(&house);
}

#[test]
fn a_damaged_ledger_is_named_down_to_the_entry() {
    let (house, opened) = lived_in();
    let data = house.data();
    // A full tile, so that one entry can be told from the others.
    let staff = house.by("staff");
    while house.database.number("SELECT size FROM ledger_head") <= 256 {
        staff.chat(LOCAL, "もう一つ。");
    }
    let now = house.block_on(house.installation().journal.checkpoint()).unwrap();
    assert!(!now.is_empty());
    healthy(&house);
    let size = house.database.number("SELECT size FROM ledger_head");
    let exactly: &[(&str, String, &[&str], &str)] = &[
        ("ledger_head", "UPDATE ledger_head SET signed_size = signed_size - 1".into(), &["LEDGER_HEAD"], "ledger_head"),
        (
            "ledger_tile",
            "UPDATE ledger_tile SET hashes = (SELECT root FROM ledger_head)".into(),
            &["TILE_WRONG"],
            "ledger_tile 0 0",
        ),
        ("ledger_tile", "DELETE FROM ledger_tile".into(), &["TILE_WRONG"], "ledger_tile 0 0"),
        (
            "ledger_checkpoint",
            format!("UPDATE ledger_checkpoint SET note = note || 'x' WHERE size = {size}"),
            &["CHECKPOINT_FALSE"],
            "ledger_checkpoint ",
        ),
        (
            "ledger_entry",
            format!("INSERT INTO ledger_entry SELECT {size} + 5, governance, body FROM ledger_entry WHERE idx = 1"),
            &["ENTRY_BEYOND"],
            "ledger_entry ",
        ),
    ];
    for (table, change, codes, place) in exactly {
        with_rows(&house, table, change, || names(&data, change, codes, place));
    }
    let root = "UPDATE ledger_head SET root = (SELECT root FROM ledger_head) || (SELECT root FROM ledger_head)";
    let sqlite = matches!(house.database, Database::Sqlite(_));
    let root = if sqlite { "UPDATE ledger_head SET root = x'00'" } else { root };
    with_rows(&house, "ledger_head", root, || names(&data, root, &["LEDGER_HEAD"], "ledger_head"));
    let other = format!(
        "UPDATE ledger_entry SET body = (SELECT e.body FROM ledger_entry e WHERE e.idx = {opened} + 1) WHERE idx = {opened}"
    );
    with_rows(&house, "ledger_entry", &other, || {
        names_among_others(&data, &other, "ENTRY_ALTERED", &format!("ledger_entry {opened}"));
    });
    let gone = format!("DELETE FROM ledger_entry WHERE idx = {opened} + 1");
    with_rows(&house, "ledger_entry", &gone, || {
        names_among_others(&data, &gone, "ENTRY_MISSING", &format!("ledger_entry {}", opened + 1));
    });
    let torn = format!("UPDATE ledger_entry SET body = (SELECT root FROM ledger_head) WHERE idx = {opened}");
    with_rows(&house, "ledger_entry", &torn, || {
        names_among_others(&data, &torn, "ENTRY_UNREADABLE", &format!("ledger_entry {opened}"));
    });
    // Entries that speak of another content, and of another beginning.
    for (find, other, code, table, at) in [
        ("\"commitment\":\"", "\"commitment\":\"00000000", "CONTENT_FALSE", "sealed", opened),
        ("\"opened\":", "\"opened\":9", "USE_PAIR_WRONG", "ledger_entry", opened + 1),
    ] {
        let body = house.block_on(house.installation().store.entry(at.unsigned_abs())).unwrap();
        let body = String::from_utf8(body).unwrap();
        let (before, after) = body.split_once(find).unwrap();
        let after = if code == "CONTENT_FALSE" { &after[8..] } else { after };
        let hex: String = format!("{before}{other}{after}").bytes().map(|byte| format!("{byte:02x}")).collect();
        let literal = if sqlite { format!("x'{hex}'") } else { format!("decode('{hex}', 'hex')") };
        let change = format!("UPDATE ledger_entry SET body = {literal} WHERE idx = {at}");
        with_rows(&house, "ledger_entry", &change, || {
            names_among_others(&data, code, code, &format!("{table} {at}"));
        });
    }
    healthy(&house);
}

#[test]
fn times_that_lie_ahead_or_go_back_and_entries_nobody_signs_are_named() {
    let house = House::demo();
    let staff = house.by("staff");
    let ahead = staff.chat(LOCAL, "時計が進んでいます。").used();
    let ahead = house.recorded(&ahead)["use"]["opened"].as_i64().unwrap();
    house.pass(-2 * HOUR);
    let back = staff.chat(LOCAL, "時計が戻りました。").used();
    let back = house.recorded(&back)["use"]["opened"].as_i64().unwrap();
    house.block_on(house.installation().journal.checkpoint()).unwrap();
    names(&house.data(), "back", &["TIME_BACKWARDS"], &format!("ledger_entry {back}"));
    // Nothing of the last two hours, as its clock has it, is signed.
    let unsigned = [
        format!("UPDATE ledger_head SET signed_size = {back}"),
        format!("DELETE FROM ledger_checkpoint WHERE size > {back}"),
        format!("INSERT INTO ledger_checkpoint SELECT {back}, MAX(note) FROM ledger_checkpoint WHERE size < {back}"),
    ];
    let at = format!("DELETE FROM ledger_checkpoint WHERE size = {back}");
    with_rows(&house, "ledger_checkpoint", &at, || {
        house.database.execute(&unsigned);
        let (_, said) = examined(&house.data());
        let found = found(&said);
        assert!(found.contains(&("NOT_SIGNED".into(), format!("ledger_entry {back}"))), "{said:#}");
        house.database.execute(&["UPDATE ledger_head SET signed_size = size".to_owned()]);
    });
    house.pass(2 * HOUR + HOUR);
    let late = staff.chat(LOCAL, "時計が進みすぎました。").used();
    let late = house.recorded(&late)["use"]["opened"].as_i64().unwrap();
    house.block_on(house.installation().journal.checkpoint()).unwrap();
    names(&house.data(), "ahead", &["TIME_AHEAD", "TIME_BACKWARDS"], &format!("ledger_entry {late}"));
    assert!(ahead < back && back < late);
    house.abandoned();
}

#[test]
fn people_accounts_and_private_rows_that_do_not_fit_are_named() {
    let (house, _) = lived_in();
    let data = house.data();
    let (staff, admin) = (house.person("staff").to_owned(), house.person("admin").to_owned());
    let exactly: &[(&str, String, &[&str], String)] = &[
        (
            "directory_person",
            format!("DELETE FROM directory_person WHERE person = '{staff}'"),
            &["DIRECTORY_MISSING"],
            staff.clone(),
        ),
        (
            "directory_person",
            "INSERT INTO directory_person (person,name,mail,post) VALUES ('p-foreign','架空 太郎','','')".into(),
            &["DIRECTORY_ORPHAN"],
            "p-foreign".into(),
        ),
        (
            "directory_department",
            "DELETE FROM directory_department".into(),
            &["DEPARTMENT_UNNAMED"],
            "directory".into(),
        ),
        (
            "account",
            format!("UPDATE account SET totp = (SELECT root FROM ledger_head) WHERE person = '{admin}'"),
            &["ACCOUNT_FACTOR"],
            admin.clone(),
        ),
        (
            "account",
            format!("UPDATE account SET password = '' WHERE person = '{admin}'"),
            &["ACCOUNT_MISSING"],
            admin.clone(),
        ),
        (
            "account",
            "INSERT INTO account SELECT 'p-foreign', 'foreign', password, root, totp_step, created_at, changed_at \
             FROM account, ledger_head WHERE login = (SELECT MIN(login) FROM account)"
                .into(),
            &["ACCOUNT_STRANGER", "ACCOUNT_FACTOR"],
            "p-foreign".into(),
        ),
        (
            "recovery_code",
            "INSERT INTO recovery_code (person,hash) VALUES ('p-foreign','x')".into(),
            &["SIGN_IN_ORPHAN"],
            "recovery_code p-foreign".into(),
        ),
        (
            "session",
            "INSERT INTO session VALUES ('x','p-foreign',1,1,2,0,'')".into(),
            &["SIGN_IN_ORPHAN"],
            "session p-foreign".into(),
        ),
        (
            "disposal",
            "INSERT INTO disposal (disposal,contents,papers,through) VALUES ('d-foreign',1,0,5)".into(),
            &["DISPOSAL_WRONG"],
            "d-foreign".into(),
        ),
        (
            "paper",
            "INSERT INTO paper SELECT 'draft','x','p-foreign',1,1,1,1,root FROM ledger_head".into(),
            &["PAPER_CLOSED"],
            "paper draft x".into(),
        ),
        (
            "file",
            "INSERT INTO file SELECT 'file-x','p-foreign',1,9000000000000000,1,1,root FROM ledger_head".into(),
            &["PAPER_CLOSED"],
            "file file-x".into(),
        ),
        (
            "witness",
            "INSERT INTO witness VALUES ('w+0+x',1,1,'','',0,'rollback',1,1,9)".into(),
            &["WITNESS_REFUSES"],
            "witness w".into(),
        ),
        (
            "cosignature",
            "INSERT INTO cosignature SELECT MAX(size),'w+0+x',1,'x' FROM ledger_checkpoint".into(),
            &["COSIGNATURE_FALSE"],
            "cosignature ".into(),
        ),
        (
            "cosignature",
            "INSERT INTO cosignature VALUES (999999,'w+0+x',1,'x')".into(),
            &["COSIGNATURE_ORPHAN"],
            "cosignature 999999 w".into(),
        ),
        ("schema_step", "INSERT INTO schema_step VALUES (99)".into(), &["SCHEMA_NEW"], "schema_step".into()),
        ("schema_floor", "INSERT INTO schema_floor VALUES (1, 99)".into(), &["SCHEMA_NEW"], "schema_floor".into()),
        ("schema_step", "DELETE FROM schema_step WHERE step = 12".into(), &["SCHEMA_OLD"], "schema_step".into()),
    ];
    for (table, change, codes, place) in exactly {
        with_rows(&house, table, change, || names(&data, change, codes, place));
    }
    house.database.execute(&["CREATE TABLE foreign_one (x BIGINT)".to_owned()]);
    names(&data, "a table", &["TABLE_UNKNOWN"], "foreign_one");
    house.database.execute(&["DROP TABLE foreign_one".to_owned()]);
    healthy(&house);
    // Without a table the areas that need it are not looked at, and the others are.
    let move_away = ["ALTER TABLE session RENAME TO aside".to_owned()];
    house.database.execute(&move_away);
    names_among_others(&data, "session", "TABLE_MISSING", "session");
    let (_, said) = examined(&data);
    assert_ne!(said["not_looked_at"], json!([]));
    assert!(said["looked_at"].as_array().unwrap().iter().any(|one| one["what"] == "files"), "{said:#}");
    house.database.execute(&["ALTER TABLE aside RENAME TO session".to_owned()]);
    healthy(&house);
}

/// Keeps a document under a name.
fn document(house: &House, id: &str, content: &'static str) -> PaperRow {
    let owner: sekisho_domain::id::PersonId = house.person("admin").parse().unwrap();
    let at = house.now();
    let row = PaperRow {
        kind: "document".into(),
        id: id.into(),
        owner,
        personal: false,
        version: 1,
        created_at: at,
        changed_at: at,
    };
    let body = Body::new(Bytes::from_static(content.as_bytes()), &[7; RANDOM_BYTES]);
    assert!(house.block_on(house.installation().journal.keep_paper(row.clone(), &body)).unwrap());
    row
}

#[test]
fn documents_contents_and_rows_that_should_be_gone_are_named() {
    let (house, opened) = lived_in();
    let data = house.data();
    let hash: String = Sha256::digest("架空の文書").iter().map(|byte| format!("{byte:02x}")).collect();
    for (id, code) in [("0".repeat(64), "DOCUMENT_FALSE"), (hash, "DOCUMENT_UNUSED")] {
        let row = document(&house, &id, "架空の文書");
        names(&data, code, &[code], &id);
        house.block_on(house.installation().journal.destroy_paper(&row.kind, &row.id, &row.owner)).unwrap();
    }
    // An old copy of the table of contents comes back after an erasure.
    let keep = format!("CREATE TABLE {ASIDE} AS SELECT * FROM sealed WHERE entry = {opened}");
    house.database.execute(&[keep]);
    let id = house.uses().iter().find(|one| one["opened"] == opened).unwrap()["use"].as_str().unwrap().to_owned();
    house.must("ciso", "content.erase", &json!({ "use": id }));
    healthy(&house);
    house.database.execute(&[format!("INSERT INTO sealed SELECT * FROM {ASIDE}")]);
    names(&data, "erased", &["CONTENT_NOT_DESTROYED"], &format!("sealed {opened}"));
    house.database.execute(&[format!("DELETE FROM sealed WHERE entry = {opened}"), format!("DROP TABLE {ASIDE}")]);
    healthy(&house);
    // A person who was forgotten comes back into the directory.
    let manager = house.person("manager").to_owned();
    house.must("admin", "person.leave", &json!({ "person": manager }));
    house.must("admin", "person.forget", &json!({ "person": manager }));
    healthy(&house);
    let back = format!("INSERT INTO directory_person (person,name,mail,post) VALUES ('{manager}','架空 花子','','')");
    with_rows(&house, "directory_person", &back, || names(&data, &back, &["FORGOTTEN_KEPT"], &manager));
}

#[test]
fn a_use_without_an_end_is_named_with_its_node() {
    let house = House::demo();
    let mut body = chat(LOCAL, "続けてください");
    body["stream"] = true.into();
    let id = house.by("staff").request("POST", CHAT).json(&body).send().used();
    house.ended(&id);
    let row = house.recorded(&id);
    let (opened, closed) = (row["use"]["opened"].as_i64().unwrap(), row["use"]["closed"].as_i64().unwrap());
    house.abandoned_after(|house| {
        // As if the program had died before the end of the last use: entry, row and content of the end are not there.
        assert_eq!(house.database.number("SELECT size FROM ledger_head"), closed + 1, "the end is the last entry");
        let open = format!(
            "UPDATE use_row SET outcome = 'open', code = '', closed = 0, closed_at = 0, input_tokens = 0, \
             output_tokens = 0 WHERE opened = {opened}"
        );
        house.database.execute(&[
            open,
            format!("DELETE FROM ledger_entry WHERE idx = {closed}"),
            format!("DELETE FROM sealed WHERE entry = {closed}"),
            format!("UPDATE ledger_head SET size = {closed}"),
        ]);
        let (_, said) = examined(&house.data());
        let found = found(&said);
        let open = found.iter().find(|(code, _)| code == "USE_LEFT_OPEN").unwrap_or_else(|| panic!("{said:#}"));
        assert!(open.1.contains(&format!("use_row {opened} ({id})")), "{said:#}");
        assert!(said.to_string().contains("node-1 (stopped)"), "{said:#}");
        // The memory beside the key knows of the tree that was signed.
        assert!(found.contains(&("LEDGER_ROLLED_BACK".into(), "keys/last-signed".into())), "{said:#}");
    });
}

/// A file, what it holds then (nothing: it is away), and the codes.
type FileCase<'c> = (&'c str, Option<&'c [u8]>, &'c [&'c str]);

/// A file is changed or taken away, somebody looks, and it is put back as it was.
fn with_file(house: &House, name: &str, bytes: Option<&[u8]>, look: impl FnOnce()) {
    let (path, aside) = (house.data().join(name), house.place("file-aside"));
    let was = path.exists();
    if was {
        std::fs::copy(&path, &aside).unwrap();
    }
    match bytes {
        Some(bytes) => std::fs::write(&path, bytes).unwrap(),
        None => std::fs::remove_file(&path).unwrap(),
    }
    look();
    if was {
        // With its mode.
        std::fs::copy(&aside, &path).unwrap();
    } else {
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn keys_the_memory_and_foreign_files_are_named() {
    let (house, _) = lived_in();
    let data = house.data();
    let seed: [u8; 32] = std::fs::read(data.join("keys/log.seed")).unwrap().try_into().unwrap();
    let origin = house.installation().config.origin.clone();
    let signer = Signer::for_log(&origin, seed);
    let signed = |size| Checkpoint { origin: origin.clone(), size, root: leaf_hash(b"another") }.sign(&signer);
    let (ahead, forked) = (signed(1_000_000), signed(5));
    let cases: &[FileCase<'_>] = &[
        ("keys/shadow.key", None, &["KEY_MISSING"]),
        ("keys/shadow.key", Some(b"short"), &["KEY_DAMAGED"]),
        ("keys/log.vkey", Some(b"other"), &["KEY_MISMATCH"]),
        ("keys/last-signed", None, &["MEMORY_MISSING"]),
        ("keys/last-signed", Some(b"nothing"), &["MEMORY_DAMAGED"]),
        ("keys/last-signed", Some(ahead.as_bytes()), &["LEDGER_ROLLED_BACK"]),
        ("keys/last-signed", Some(forked.as_bytes()), &["LEDGER_FORKED"]),
        ("keys/copy-of-a-key", Some(b"x"), &["FILE_UNKNOWN"]),
        ("note.txt", Some(b"x"), &["FILE_UNKNOWN"]),
        ("search/diet.vectors", Some(b"x"), &["VECTORS_UNUSABLE"]),
    ];
    std::fs::create_dir_all(data.join("search")).unwrap();
    for (name, bytes, codes) in cases {
        with_file(&house, name, *bytes, || names(&data, name, codes, name));
    }
    // With another key nothing that was sealed opens.
    with_file(&house, "keys/content.key", Some(&[1; 32]), || {
        names(&data, "content.key", &["CONTENT_CLOSED", "PAPER_CLOSED", "ACCOUNT_FACTOR"], "sealed ");
    });
    // Without it the rest is looked at.
    with_file(&house, "keys/content.key", None, || {
        let (status, said) = examined(&data);
        assert_eq!((status, found(&said)), (1, vec![("KEY_MISSING".into(), "keys/content.key".into())]), "{said:#}");
        assert_ne!(said["not_looked_at"], json!([]));
    });
    let law = data.join("search/law");
    let (made, kept) = (law.exists(), house.place("law-aside"));
    if made {
        std::fs::rename(&law, &kept).unwrap();
    }
    std::fs::create_dir_all(&law).unwrap();
    std::fs::write(law.join("version"), "0\n").unwrap();
    std::fs::write(law.join("meta.json"), "{}").unwrap();
    names(&data, "shelf", &["SHELF_UNUSABLE"], "search/law");
    std::fs::remove_dir_all(&law).unwrap();
    if made {
        std::fs::rename(&kept, &law).unwrap();
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |mode| {
            std::fs::set_permissions(data.join("keys/log.seed"), std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(0o644);
        names(&data, "mode", &["KEY_OPEN"], "keys/log.seed");
        mode(0o600);
    }
    healthy(&house);
}

#[test]
fn a_database_that_is_away_is_told_and_one_that_is_damaged_is_named() {
    let house = House::demo();
    let data = house.data();
    let away = std::process::Command::new(env!("CARGO_BIN_EXE_sekisho"))
        .args(["doctor", "--format", "json", "--data", &text(&data)])
        .env("SEKISHO_DATABASE", "postgres://nobody@127.0.0.1:1/none")
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&away.stdout).unwrap_or_else(|_| panic!("{away:?}"));
    assert_eq!(away.status.code(), Some(2), "{said:#}");
    assert!(said["not_looked_at"].to_string().contains("ledger"), "{said:#}");
    assert!(said["looked_at"].to_string().contains("folder"), "{said:#}");
    let Database::Sqlite(path) = house.database.clone() else { return };
    house.abandoned_after(|_| {
        let mut bytes = std::fs::read(&path).unwrap();
        // Every page but the first, which holds the schema.
        let page = 4096;
        for byte in bytes.iter_mut().skip(page * 2).step_by(97).take(400) {
            *byte ^= 0x55;
        }
        std::fs::write(&path, bytes).unwrap();
        names_among_others(&data, "bytes", "DATABASE_DAMAGED", "sekisho.db");
    });
}

#[test]
fn witnesses_that_are_silent_are_named_and_one_that_cosigned_is_not() {
    let house = House::demo();
    house.by("staff").chat(LOCAL, "立会いの前です。");
    let note = house.block_on(house.installation().journal.checkpoint()).unwrap();
    let witness = Cosigner::from_seed("tachiai.example.lg.jp/w1", [3; 32]).unwrap();
    let config = house.place("sekisho.toml");
    let database = house.database.url().unwrap_or_default();
    let written = format!(
        "data = {data:?}\ndatabase = {database:?}\norigin = {origin:?}\n[[ledger.witness]]\nurl = \"http://127.0.0.1:1\"\nkey = {key:?}\n",
        data = text(&house.data()),
        origin = house.installation().config.origin.as_str(),
        key = witness.vkey(),
    );
    std::fs::write(&config, written).unwrap();
    let looked = || said(&["--config", &text(&config)]).1;
    let silent = looked();
    let named = vec![
        ("WITNESS_SILENT".to_owned(), "witness tachiai.example.lg.jp/w1".to_owned()),
        ("QUORUM_MISSING".to_owned(), "ledger.quorum".to_owned()),
    ];
    assert_eq!(found(&silent), named, "{silent:#}");

    let line = witness.cosign(&Note::parse(note.as_bytes()).unwrap(), 1_800_000_000).unwrap();
    let size: u64 = note.lines().nth(1).unwrap().parse().unwrap();
    let at = house.now().as_microsecond();
    house.database.execute(&[
        format!("INSERT INTO cosignature VALUES ({size}, '{}', {at}, '{}\n')", witness.vkey(), line.trim_end()),
        format!("INSERT INTO witness VALUES ('{}', {size}, {at}, '', '', 0, '', 0, 0, 0)", witness.vkey()),
    ]);
    let speaking = looked();
    assert_eq!(found(&speaking), [], "{speaking:#}");
    house.database.execute(&["UPDATE cosignature SET line = replace(line, 'A', 'B')".to_owned()]);
    let altered = looked();
    assert_eq!(found(&altered)[0].0, "COSIGNATURE_FALSE", "{altered:#}");
    house.database.execute(&["DELETE FROM cosignature".to_owned()]);
}

#[test]
fn a_body_that_nobody_can_administer_is_named() {
    let house = House::demo();
    healthy(&house);
    let register = house.register();
    let administers = |person: &str| {
        use sekisho_domain::person::Role::Administrator;
        register.persons().any(|p| p.person.as_str() == person && p.roles.contains(&Administrator))
    };
    let admin = house.person("admin");
    let mut keys: Vec<_> = register.keys().filter(|key| administers(key.person.as_str())).collect();
    // The one that gives the commands goes last.
    keys.sort_by_key(|key| key.person.as_str() == admin);
    for key in keys {
        house.must("admin", "key.revoke", &json!({ "key": key.key }));
    }
    names(&house.data(), "nobody", &["NO_ADMINISTRATOR"], "register");
    house.abandoned();
}
