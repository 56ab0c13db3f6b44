//! What a witness must never forget: its key, and the last checkpoint of each log that it cosigned.
//!
//! ```text
//! keys/witness.seed    32 secret bytes
//! keys/witness.name    the key's name
//! keys/witness.vkey    the verifier key, to hand out
//! cosigned/known       the logs it has ever cosigned, one origin a line
//! cosigned/<sum>.note  the last checkpoint of one of them, with the witness's own cosignature
//! lock                 held while it runs
//! ```
//!
//! A witness that has forgotten is worse than none: it would cosign a second history with a good conscience. Therefore it
//! does not start when a file that was there is gone or altered. Each file carries the witness's own signature, so nothing
//! else is needed to know it again. That the whole folder was put back to an earlier day, it cannot know.

use crate::installation::{keys_folder, secret_file, write_whole};
use anyhow::Context as _;
use sekisho_gate::identify::{hash_of, hex};
use sekisho_gate::world::World;
use sekisho_ledger::checkpoint::{Checkpoint, Origin};
use sekisho_ledger::note::{Cosigner, Note, NoteError};
use sekisho_ledger::witness::Seen;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Why a witness cannot take up its memory.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemoryError {
    /// Another process holds it.
    #[error(
        "`{0}` は別の立会いが使っています。一つのフォルダーは一つの立会いだけが使えます / another witness is using this folder"
    )]
    InUse(PathBuf),
    /// The name is not the one of the first start.
    #[error(
        "この立会いの名前は `{known}` です。--name を外すか、別のフォルダーを指定してください / this witness is called `{known}`, not `{asked}`"
    )]
    OtherName {
        /// What it is called.
        known: String,
        /// What was asked for.
        asked: String,
    },
    /// The name cannot be one.
    #[error("--name: {0}")]
    Name(NoteError),
    /// There is a key and no memory, or a memory and no key.
    #[error(
        "`{0}` がありません。控えを失った立会いは、二つめの歴史に署名してしまうおそれがあるため起動しません。新しい控えから戻すか、\
         空のフォルダーで新しい鍵の立会いを始め、台帳の機関に新しい検証鍵を渡してください \
         / it is gone: a witness that forgot does not start; restore the newest copy, or begin anew in an empty folder with a new key"
    )]
    Lost(PathBuf),
    /// A file is not what this witness wrote.
    #[error(
        "`{path}` は、この立会いが書いたものではありません（{why}）。改変された控えでは起動しません \
         / it is not what this witness wrote: {why}"
    )]
    Altered {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The disk.
    #[error("{0:#}")]
    Disk(anyhow::Error),
}

impl From<anyhow::Error> for MemoryError {
    fn from(error: anyhow::Error) -> Self {
        Self::Disk(error)
    }
}

/// The memory of a running witness.
pub(crate) struct Memory {
    folder: PathBuf,
    known: Mutex<BTreeSet<Origin>>,
    /// Released when the process ends, however it ends.
    _lock: File,
}

const KNOWN: &str = "known";

impl Memory {
    /// Takes up the memory of a folder, making key and memory where there is neither. Answers with what is remembered.
    pub(crate) fn open(
        data: &Path,
        name: Option<&str>,
        world: &dyn World,
    ) -> Result<(Self, Cosigner, BTreeMap<Origin, Seen>), MemoryError> {
        let keys = keys_folder(data)?;
        let lock = hold(&data.join("lock"))?;
        let folder = data.join("cosigned");
        let known_file = folder.join(KNOWN);
        let (seed_file, has_seed) = present(keys.join("witness.seed"))?;
        let known = read_known(&known_file)?;
        match &known {
            None if has_seed => return Err(MemoryError::Lost(known_file)),
            Some(known) if !known.is_empty() && !has_seed => return Err(MemoryError::Lost(seed_file)),
            _ => {}
        }
        let name = named(&keys.join("witness.name"), name, has_seed, world)?;
        if known.is_none() {
            // Before the key: a key without a memory would be taken for a loss.
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
            File::open(data).and_then(|data| data.sync_all()).context("the folder cannot be synced")?;
            write_whole(&known_file, b"")?;
        }
        let seed = secret_file(&seed_file, world)?;
        let cosigner = Cosigner::from_seed(&name, *seed).map_err(MemoryError::Name)?;
        write_whole(&keys.join("witness.vkey"), format!("{}\n", cosigner.vkey()).as_bytes())?;
        let known = known.unwrap_or_default();
        let mut remembered = BTreeMap::new();
        for origin in &known {
            let (read, seen) = read_note(&note_file(&folder, origin), &cosigner)?;
            remembered.insert(read, seen);
        }
        // Nor is a note overlooked whose name was lost from the list: to remember more is never wrong.
        for path in notes_in(&folder)? {
            let (origin, seen) = read_note(&path, &cosigner)?;
            remembered.insert(origin, seen);
        }
        Ok((Self { folder, known: Mutex::new(known), _lock: lock }, cosigner, remembered))
    }

    /// Keeps a cosigned checkpoint; it is on the disk when this returns. One call at a time for each log.
    pub(crate) fn remember(&self, origin: &Origin, cosigned: &str) -> anyhow::Result<()> {
        let file = note_file(&self.folder, origin);
        let mut known = self.known.lock().map_err(|_| anyhow::anyhow!("the memory broke off"))?;
        if !known.contains(origin) {
            // The note first: the name of a log promises that its note is there.
            write_whole(&file, cosigned.as_bytes())?;
            let mut all = known.clone();
            all.insert(origin.clone());
            let lines: String = all.iter().map(|origin| format!("{origin}\n")).collect();
            write_whole(&self.folder.join(KNOWN), lines.as_bytes())?;
            *known = all;
            return Ok(());
        }
        drop(known);
        write_whole(&file, cosigned.as_bytes())
    }
}

fn hold(path: &Path) -> Result<File, MemoryError> {
    let failed = || format!("cannot lock `{}`", path.display());
    let lock = File::create(path).with_context(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(MemoryError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(anyhow::Error::from(error).context(failed()).into()),
    }
}

fn present(path: PathBuf) -> Result<(PathBuf, bool), MemoryError> {
    let there = path.try_exists().with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok((path, there))
}

/// The name given, the name known, or a name of its own: another department should not have to think of one.
fn named(file: &Path, asked: Option<&str>, has_key: bool, world: &dyn World) -> Result<String, MemoryError> {
    let known = match std::fs::read_to_string(file) {
        Ok(known) => Some(known.trim_end_matches('\n').to_owned()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && has_key => {
            return Err(MemoryError::Lost(file.to_owned()));
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(e) => return Err(anyhow::Error::from(e).context(format!("cannot read `{}`", file.display())).into()),
    };
    match (known, asked) {
        (Some(known), Some(asked)) if known != asked && has_key => {
            Err(MemoryError::OtherName { known, asked: asked.to_owned() })
        }
        (Some(known), _) if has_key => Ok(known),
        (_, asked) => {
            let name = asked.map_or_else(
                || {
                    let mut random = [0; 4];
                    world.random(&mut random);
                    format!("sekisho.invalid/witness-{}", hex(&random))
                },
                str::to_owned,
            );
            // Tried before it is kept.
            Cosigner::from_seed(&name, [0; 32]).map_err(MemoryError::Name)?;
            write_whole(file, format!("{name}\n").as_bytes())?;
            Ok(name)
        }
    }
}

fn read_known(path: &Path) -> Result<Option<BTreeSet<Origin>>, MemoryError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(anyhow::Error::from(e).context(format!("cannot read `{}`", path.display())).into()),
    };
    let origins = text.lines().map(Origin::new).collect::<Result<_, _>>();
    origins.map(Some).map_err(|e| MemoryError::Altered { path: path.to_owned(), why: e.to_string() })
}

/// Origins hold slashes; their sums do not.
fn note_file(folder: &Path, origin: &Origin) -> PathBuf {
    folder.join(format!("{}.note", hash_of(origin.as_str())))
}

fn notes_in(folder: &Path) -> Result<Vec<PathBuf>, MemoryError> {
    let failed = || format!("cannot read `{}`", folder.display());
    let mut notes = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "note") {
            notes.push(path);
        }
    }
    Ok(notes)
}

fn read_note(path: &Path, cosigner: &Cosigner) -> Result<(Origin, Seen), MemoryError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(MemoryError::Lost(path.to_owned())),
        Err(e) => return Err(anyhow::Error::from(e).context(format!("cannot read `{}`", path.display())).into()),
    };
    let altered = |why: String| MemoryError::Altered { path: path.to_owned(), why };
    let note = Note::parse(&bytes).map_err(|e| altered(e.to_string()))?;
    note.cosigned_at(&cosigner.verifier()).map_err(|e| altered(e.to_string()))?;
    let checkpoint = Checkpoint::parse_text(note.text()).map_err(|e| altered(e.to_string()))?;
    if path.file_name() != note_file(Path::new(""), &checkpoint.origin).file_name() {
        return Err(altered(format!("it is of `{}`", checkpoint.origin)));
    }
    let seen = Seen::from(&checkpoint);
    Ok((checkpoint.origin, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::SystemWorld;
    use sekisho_ledger::hash::Hash;
    use sekisho_ledger::note::Signer;

    fn open(data: &Path) -> Result<(Memory, Cosigner, BTreeMap<Origin, Seen>), MemoryError> {
        Memory::open(data, None, &SystemWorld::default())
    }

    /// A checkpoint of a log, cosigned.
    fn cosigned(log: &str, size: u64, cosigner: &Cosigner) -> (Origin, String) {
        let origin = Origin::new(log).unwrap();
        let root = Hash([u8::try_from(size).unwrap(); 32]);
        let note = Checkpoint { origin: origin.clone(), size, root }.sign(&Signer::for_log(&origin, [7; 32]));
        let line = cosigner.cosign(&Note::parse(note.as_bytes()).unwrap(), 1_700_000_000).unwrap();
        (origin, format!("{note}{line}"))
    }

    /// A folder that remembers two logs.
    fn remembering() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (memory, cosigner, remembered) = open(folder.path()).unwrap();
        assert!(remembered.is_empty());
        for (log, size) in [("a.example/log", 3), ("a.example/log", 9), ("b.example/log", 4)] {
            let (origin, note) = cosigned(log, size, &cosigner);
            memory.remember(&origin, &note).unwrap();
        }
        folder
    }

    fn notes(data: &Path) -> Vec<PathBuf> {
        notes_in(&data.join("cosigned")).unwrap()
    }

    #[test]
    fn what_was_cosigned_last_is_remembered_by_the_same_key() {
        let folder = remembering();
        let (_memory, cosigner, remembered) = open(folder.path()).unwrap();
        let sizes: Vec<_> = remembered.iter().map(|(origin, seen)| (origin.as_str(), seen.size)).collect();
        assert_eq!(sizes, [("a.example/log", 9), ("b.example/log", 4)]);
        let vkey = std::fs::read_to_string(folder.path().join("keys/witness.vkey")).unwrap();
        assert_eq!(vkey.trim_end(), cosigner.vkey());
    }

    #[test]
    fn a_folder_has_one_witness_and_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let running = Memory::open(folder.path(), Some("w.example/1"), &SystemWorld::default()).unwrap();
        assert!(matches!(open(folder.path()), Err(MemoryError::InUse(_))));
        drop(running);
        let other = Memory::open(folder.path(), Some("w.example/2"), &SystemWorld::default());
        assert!(matches!(other, Err(MemoryError::OtherName { .. })));
        assert!(open(folder.path()).unwrap().1.vkey().starts_with("w.example/1+"));
        let bad = tempfile::tempdir().unwrap();
        assert!(matches!(Memory::open(bad.path(), Some("a b"), &SystemWorld::default()), Err(MemoryError::Name(_))));
        assert!(open(bad.path()).is_ok(), "a bad name leaves nothing behind");
    }

    #[test]
    fn an_altered_memory_is_not_taken_up() {
        let count = notes(remembering().path()).len();
        assert_eq!(count, 2);
        for at in 0..count {
            let folder = remembering();
            let file = notes(folder.path())[at].clone();
            let before = std::fs::read(&file).unwrap();
            for byte in 0..before.len() {
                let mut changed = before.clone();
                changed[byte] ^= 1;
                std::fs::write(&file, &changed).unwrap();
                let opened = open(folder.path());
                // The log's own signature line is not the witness's to vouch for.
                let log_line = String::from_utf8_lossy(&before).find("— ").unwrap();
                let own_line = String::from_utf8_lossy(&before).rfind("— ").unwrap();
                if !(log_line..own_line).contains(&byte) {
                    assert!(matches!(opened, Err(MemoryError::Altered { .. })), "byte {byte}");
                }
            }
            // The note of one log under the name of the other.
            let other = notes(folder.path()).into_iter().find(|path| *path != file).unwrap();
            std::fs::copy(other, &file).unwrap();
            assert!(matches!(open(folder.path()), Err(MemoryError::Altered { .. })));
        }
    }

    #[test]
    fn a_witness_that_forgot_does_not_start() {
        for gone in ["cosigned/known", "keys/witness.seed", "keys/witness.name"] {
            let folder = remembering();
            std::fs::remove_file(folder.path().join(gone)).unwrap();
            assert!(matches!(open(folder.path()), Err(MemoryError::Lost(_))), "{gone}");
        }
        let folder = remembering();
        std::fs::remove_file(&notes(folder.path())[0]).unwrap();
        assert!(matches!(open(folder.path()), Err(MemoryError::Lost(_))));
        let folder = remembering();
        std::fs::remove_dir_all(folder.path().join("cosigned")).unwrap();
        assert!(matches!(open(folder.path()), Err(MemoryError::Lost(_))));
        // An emptied list of names hides nothing.
        let folder = remembering();
        std::fs::write(folder.path().join("cosigned/known"), "").unwrap();
        assert_eq!(open(folder.path()).unwrap().2.len(), 2);
        // Another key is another witness: its memory is not this one's.
        let folder = remembering();
        std::fs::write(folder.path().join("keys/witness.seed"), [5; 32]).unwrap();
        assert!(matches!(open(folder.path()), Err(MemoryError::Altered { .. })));
    }
}
