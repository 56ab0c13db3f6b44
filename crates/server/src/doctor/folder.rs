//! The data folder: keys, who may read them, and the memory of what was signed.

use super::code::{self, Area};
use super::report::Findings;
use crate::config::Config;
use crate::installation::names;
use sekisho_ledger::checkpoint::Checkpoint;
use sekisho_ledger::note::{Signer, Verifier};
use sekisho_store::{ContentKey, Database};
use std::path::Path;
use zeroize::Zeroizing;

/// What belongs into a data folder, beside the database's files.
const KNOWN: [&str; 3] = ["keys", "search", "demo.json"];
/// What belongs into `keys`.
const KEYS: [&str; 8] = [
    names::LOG_SEED,
    names::LOG_VKEY,
    names::CONTENT,
    names::SHADOW,
    names::SIGNED,
    names::ORIGIN,
    "first-run",
    "last-signed.lock",
];

/// What the keys say. A key that cannot be used is not there.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) content: Option<ContentKey>,
    pub(super) verifier: Option<Verifier>,
    /// What this machine signed last.
    pub(super) memory: Option<Checkpoint>,
    /// There is no file of it.
    pub(super) forgets: bool,
}

pub(super) fn look(config: &Config, findings: &mut Findings) -> Keys {
    let folder = config.data.join("keys");
    let mut keys = Keys::default();
    private(&folder, "keys", 0o077, findings);
    let seed = secret(&folder, names::LOG_SEED, findings);
    keys.content = secret(&folder, names::CONTENT, findings).map(|secret| ContentKey::new(&secret));
    let _ = secret(&folder, names::SHADOW, findings);
    match std::fs::read_to_string(folder.join(names::ORIGIN)) {
        Ok(known) if known.trim() == config.origin.as_str() => {}
        Ok(known) => {
            let detail = format!("`{}`, configured `{}`", known.trim(), config.origin);
            findings.add(&code::KEY_MISMATCH, "keys/origin", detail);
        }
        Err(error) => unread(&error, "keys/origin", findings),
    }
    if let Some(seed) = seed {
        let signer = Signer::for_log(&config.origin, *seed);
        match std::fs::read_to_string(folder.join(names::LOG_VKEY)) {
            Ok(vkey) if vkey.trim() == signer.vkey() => {}
            Ok(_) => findings.add(&code::KEY_MISMATCH, "keys/log.vkey", ""),
            Err(error) => unread(&error, "keys/log.vkey", findings),
        }
        keys.verifier = Some(signer.verifier());
    }
    memory(&folder, &mut keys, findings);
    strangers(config, &folder, findings);
    keys
}

fn memory(folder: &Path, keys: &mut Keys, findings: &mut Findings) {
    let place = "keys/last-signed";
    match std::fs::read(folder.join(names::SIGNED)) {
        Ok(note) => {
            if let Some(verifier) = &keys.verifier {
                match Checkpoint::open(&note, verifier) {
                    Ok(checkpoint) => keys.memory = Some(checkpoint),
                    Err(error) => findings.add(&code::MEMORY_DAMAGED, place, error),
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => keys.forgets = true,
        Err(error) => findings.unseen(Area::Folder, &format!("`{place}`: {error}")),
    }
}

fn unread(error: &std::io::Error, place: &str, findings: &mut Findings) {
    if error.kind() == std::io::ErrorKind::NotFound {
        findings.add(&code::KEY_MISSING, place, "");
    } else {
        findings.unseen(Area::Folder, &format!("`{place}`: {error}"));
    }
}

fn secret(folder: &Path, name: &str, findings: &mut Findings) -> Option<Zeroizing<[u8; 32]>> {
    let (path, place) = (folder.join(name), format!("keys/{name}"));
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) => {
            unread(&error, &place, findings);
            return None;
        }
    };
    private(&path, &place, 0o077, findings);
    match bytes.as_slice().try_into() {
        Ok(secret) => Some(Zeroizing::new(secret)),
        Err(_) => {
            findings.add(&code::KEY_DAMAGED, place, format!("{} / 32 bytes", bytes.len()));
            None
        }
    }
}

#[cfg(unix)]
fn private(path: &Path, place: &str, others: u32, findings: &mut Findings) {
    use std::os::unix::fs::PermissionsExt as _;
    if let Ok(about) = std::fs::metadata(path) {
        let mode = about.permissions().mode() & 0o777;
        if mode & others != 0 {
            findings.add(&code::KEY_OPEN, place, format!("{mode:o}"));
        }
    }
}

#[cfg(not(unix))]
fn private(_: &Path, _: &str, _: u32, _: &mut Findings) {}

/// What is in the folders and not of this program.
fn strangers(config: &Config, keys: &Path, findings: &mut Findings) {
    let database = match &config.database {
        Database::Sqlite(path) => path.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
        Database::Postgres(_) => None,
    };
    let of_database = |name: &str| {
        // `sekisho.db`, its log, and the marks of programs that serve from it.
        let beside = database.as_ref().and_then(|stem| name.strip_prefix(stem.as_str())?.strip_prefix('.'));
        beside.is_some_and(|rest| rest.starts_with("db") || rest.ends_with("serving"))
    };
    let mut count = 0;
    for (folder, prefix) in [(config.data.as_path(), ""), (keys, "keys/")] {
        let Ok(entries) = std::fs::read_dir(folder) else {
            findings.unseen(Area::Folder, &format!("`{}`", folder.display()));
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            count += 1;
            let known = if prefix.is_empty() {
                KNOWN.contains(&name.as_str()) || of_database(&name)
            } else {
                // What a crash left half written is written anew.
                KEYS.contains(&name.as_str()) || name.ends_with(".new") || name.ends_with(".next")
            };
            if !known {
                findings.add(&code::FILE_UNKNOWN, format!("{prefix}{name}"), "");
            }
        }
    }
    findings.looked(Area::Folder, "files", count);
}
