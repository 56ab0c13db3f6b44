//! Writing and reading the archive. What is read may come from anybody: names, sizes and digests are checked against the
//! manifest, which comes first.

use super::{DATABASE, FORMAT, KEYS, MANIFEST, Manifest, Member};
use sekisho_gate::identify::hex;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Bytes of the manifest, at most.
const LONGEST_MANIFEST: u64 = 1 << 20;
/// Bytes copied at once.
const PIECE: usize = 256 << 10;

/// Why an archive was not written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("`{path}`: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("バックアップが壊れているか、途中で切れています / the back-up is damaged or cut short: {0}")]
    Damaged(std::io::Error),
    #[error("バックアップの中身が目録と違います（{0}） / the back-up does not hold what its list says ({0})")]
    Contents(String),
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> ArchiveError + '_ {
    |source| ArchiveError::File { path: path.to_owned(), source }
}

/// Size and digest of a file.
pub(crate) fn member(name: &str, path: &Path) -> Result<Member, ArchiveError> {
    let mut file = std::fs::File::open(path).map_err(at(path))?;
    let (bytes, sha256) = copy(&mut file, &mut std::io::sink()).map_err(at(path))?;
    Ok(Member { name: name.to_owned(), bytes, sha256 })
}

fn copy(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<(u64, String)> {
    let (mut digest, mut bytes, mut piece) = (Sha256::new(), 0_u64, vec![0; PIECE]);
    loop {
        let read = from.read(&mut piece)?;
        let Some(some) = piece.get(..read).filter(|some| !some.is_empty()) else { break };
        digest.update(some);
        to.write_all(some)?;
        bytes += some.len() as u64;
    }
    Ok((bytes, hex(&digest.finalize())))
}

/// Writes the manifest and the files it lists, which lie at these places.
pub(crate) fn write<W: Write>(
    to: W,
    manifest: &Manifest,
    places: &BTreeMap<String, PathBuf>,
) -> Result<W, ArchiveError> {
    let mut archive = tar::Builder::new(to);
    let text = serde_json::to_vec_pretty(manifest).map_err(|error| ArchiveError::Damaged(error.into()))?;
    let mut append = |name: &str, bytes: u64, from: &mut dyn Read| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_entry_type(tar::EntryType::Regular);
        archive.append_data(&mut header, name, from)
    };
    append(MANIFEST, text.len() as u64, &mut text.as_slice()).map_err(ArchiveError::Damaged)?;
    for member in &manifest.files {
        let Some(path) = places.get(&member.name) else {
            return Err(ArchiveError::Contents(member.name.clone()));
        };
        let mut file = std::fs::File::open(path).map_err(at(path))?;
        append(&member.name, member.bytes, &mut file).map_err(at(path))?;
    }
    archive.into_inner().map_err(ArchiveError::Damaged)
}

/// Unpacks into an empty folder and gives the manifest.
pub(crate) fn read(from: impl Read, folder: &Path) -> Result<Manifest, ArchiveError> {
    let mut archive = tar::Archive::new(from);
    let mut manifest: Option<Manifest> = None;
    let mut missing: BTreeMap<String, Member> = BTreeMap::new();
    for entry in archive.entries().map_err(ArchiveError::Damaged)? {
        let mut entry = entry.map_err(ArchiveError::Damaged)?;
        let name = entry.path().map_err(ArchiveError::Damaged)?.to_string_lossy().into_owned();
        let wrong = |why: &str| ArchiveError::Contents(format!("{name}: {why}"));
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(wrong("no file"));
        }
        if manifest.is_none() {
            if name != MANIFEST {
                return Err(wrong("before the list"));
            }
            let mut text = Vec::new();
            let _ = Read::by_ref(&mut entry)
                .take(LONGEST_MANIFEST)
                .read_to_end(&mut text)
                .map_err(ArchiveError::Damaged)?;
            let read: Manifest = serde_json::from_slice(&text).map_err(|error| wrong(&error.to_string()))?;
            if read.format != FORMAT {
                return Err(wrong(&format!("`{}`, not `{FORMAT}`", read.format)));
            }
            missing = read.files.iter().map(|member| (member.name.clone(), member.clone())).collect();
            manifest = Some(read);
            continue;
        }
        let Some(expected) = missing.remove(&name) else { return Err(wrong("not in the list")) };
        let path = place(folder, &name).ok_or_else(|| wrong("no name of ours"))?;
        let mut file = private(&path).map_err(at(&path))?;
        let (bytes, sha256) = copy(&mut entry, &mut file).map_err(ArchiveError::Damaged)?;
        file.sync_all().map_err(at(&path))?;
        if (Member { name: name.clone(), bytes, sha256 }) != expected {
            return Err(wrong("another digest"));
        }
    }
    let Some(manifest) = manifest else { return Err(ArchiveError::Contents("empty".into())) };
    match missing.into_keys().next() {
        Some(name) => Err(ArchiveError::Contents(format!("{name}: missing"))),
        None => Ok(manifest),
    }
}

/// Where a file of the archive belongs: the database, or a plain name among the keys.
fn place(folder: &Path, name: &str) -> Option<PathBuf> {
    if name == DATABASE {
        return Some(folder.join(DATABASE));
    }
    let key = name.strip_prefix(KEYS)?.strip_prefix('/')?;
    let plain = !key.is_empty()
        && !key.starts_with('.')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    plain.then(|| folder.join(KEYS).join(key))
}

fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(files: Vec<Member>) -> Manifest {
        Manifest {
            format: FORMAT.into(),
            program: "0".into(),
            made_at: String::new(),
            origin: "o".into(),
            vkey: "v".into(),
            entries: 0,
            root: String::new(),
            files,
        }
    }

    fn unpacked(archive: &[u8]) -> Result<Manifest, ArchiveError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(KEYS)).unwrap();
        read(archive, folder.path())
    }

    fn packed(name: &str, listed: &[u8], held: &[u8]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, listed).unwrap();
        let member = Member { name: name.to_owned(), ..member(name, &path).unwrap() };
        std::fs::write(&path, held).unwrap();
        write(Vec::new(), &manifest(vec![member]), &BTreeMap::from([(name.to_owned(), path)])).unwrap()
    }

    #[test]
    fn what_was_packed_is_unpacked_and_what_was_changed_is_not() {
        assert!(unpacked(&packed("keys/log.seed", b"secret", b"secret")).is_ok());
        let changed = unpacked(&packed("keys/log.seed", b"secret", b"zecret")).unwrap_err();
        assert!(changed.to_string().contains("another digest"), "{changed}");
        let whole = packed(DATABASE, b"rows", b"rows");
        assert!(unpacked(&whole).is_ok());
        assert!(unpacked(&whole[..1_600]).is_err(), "cut short");
        assert!(unpacked(&[]).is_err());
    }

    #[test]
    fn no_file_lands_outside_the_folder() {
        for name in ["keys/../x", "/etc/x", "keys/a/b", "x", "keys/", "keys/.x"] {
            assert_eq!(place(Path::new("f"), name), None, "{name}");
        }
        assert_eq!(place(Path::new("f"), "keys/log.seed"), Some(PathBuf::from("f/keys/log.seed")));
    }
}
