//! The files of a shelf as one commit left them: to be copied elsewhere, and to be put in the place of those that are there.
//!
//! Segments never change, and which of them count says one small file, `meta.json`. So what is new is laid beside what is
//! there, and the renaming of that one file is the change. A search that is under way holds its segments open to its end.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tantivy::directory::{Directory as _, DirectoryLock, INDEX_WRITER_LOCK, META_LOCK};

use super::{Shelf, ShelfError, VERSION};
use crate::dense;
use crate::unit::Corpus;

/// Which segments count.
pub const META: &str = "meta.json";
/// How the passages were cut.
const MARK: &str = "version";
/// What tantivy may clear away.
const MANAGED: &str = ".managed.json";

/// The version of shelves that this program writes and reads.
pub fn version() -> &'static str {
    VERSION.trim_end()
}

/// Whether a shelf may have a file of this name: nothing that leads out of its folder, and none of the files that this
/// program makes for itself.
pub fn is_name(name: &str) -> bool {
    let segment = |name: &str| {
        let Some((id, kind)) = name.split_once('.') else { return false };
        id.len() == 32
            && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && (1..=48).contains(&kind.len())
            && kind.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    name == META || segment(name)
}

/// A shelf on which nobody writes while this lives.
pub struct Held {
    folder: PathBuf,
    names: Vec<String>,
    _lock: DirectoryLock,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Held {
    /// The files of the last commit, in the order of their names.
    pub fn files(&self) -> impl Iterator<Item = (&str, PathBuf)> {
        self.names.iter().map(|name| (&**name, self.folder.join(name)))
    }
}

impl Shelf {
    /// Holds the shelf as it is.
    ///
    /// # Errors
    /// [`ShelfError::Busy`] while somebody writes.
    pub fn hold(&self) -> Result<Held, ShelfError> {
        let lock = self.writers_lock()?;
        let names = self.living()?.into_iter().filter(|name| self.folder.join(name).is_file()).collect();
        Ok(Held { folder: self.folder.clone(), names, _lock: lock })
    }

    /// The names of the files that the last commit may have.
    fn living(&self) -> Result<BTreeSet<String>, ShelfError> {
        let segments = self.index.load_metas()?.list_segment_files().into_iter();
        Ok(segments.filter_map(|path| path.to_str().map(str::to_owned)).chain([META.to_owned()]).collect())
    }

    fn writers_lock(&self) -> Result<DirectoryLock, ShelfError> {
        let busy = |_| ShelfError::Busy { folder: self.folder.clone() };
        self.index.directory().acquire_lock(&INDEX_WRITER_LOCK).map_err(busy)
    }

    /// Whether the files in its folder are those of its last commit and no others, as far as `names` says.
    ///
    /// # Errors
    /// [`ShelfError::Strange`].
    pub fn is_made_of(&self, names: &[&str]) -> Result<(), ShelfError> {
        let living = self.living()?;
        match names.iter().find(|name| !living.contains(**name)) {
            Some(_) => Err(ShelfError::Strange { folder: self.folder.clone() }),
            None => Ok(()),
        }
    }

    /// Sees at once what was committed.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn renew(&self) -> Result<(), ShelfError> {
        Ok(self.reader.reload()?)
    }
}

/// Makes a folder that [`Shelf::open`] takes for a shelf once the files are there.
///
/// # Errors
/// [`ShelfError::Folder`].
pub fn prepare(search: &Path, corpus: Corpus) -> Result<PathBuf, ShelfError> {
    let folder = search.join(corpus.name());
    let made = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join(MARK), VERSION));
    made.map_err(|source| ShelfError::Folder { folder: folder.clone(), source })?;
    Ok(folder)
}

/// What is to be laid, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Laying<'l> {
    /// The library's folder.
    pub search: &'l Path,
    /// The corpus.
    pub corpus: Corpus,
    /// A library's folder on the same disk, with the whole shelf and its vectors, all of it synced.
    pub from: &'l Path,
    /// The files of the shelf.
    pub names: &'l [&'l str],
    /// Those of them that are there already, with this very content.
    pub kept: &'l HashSet<&'l str>,
}

impl Laying<'_> {
    /// Puts the shelf in the place of the one that is there, which `still` is asked about once nobody can write any more;
    /// answers `false`, and changes nothing, if it says no. What belongs to the old one alone is deleted.
    ///
    /// # Errors
    /// [`ShelfError::Busy`] while somebody writes; the folder cannot be used. A crash in the middle leaves the old shelf or
    /// the new one.
    pub fn lay(&self, still: impl FnOnce() -> bool) -> Result<bool, ShelfError> {
        let live = Shelf::open(self.search, self.corpus)?;
        let folder = &live.folder;
        let because = |source| ShelfError::Folder { folder: folder.clone(), source };
        let _writer = live.writers_lock()?;
        let Some(_vectors) = dense::lock(&live.vectors_file()).map_err(because)? else {
            return Err(ShelfError::Busy { folder: folder.clone() });
        };
        if !still() {
            return Ok(false);
        }
        // Whoever opens segments waits until all of this is done.
        let _readers = live.index.directory().acquire_lock(&META_LOCK).map_err(tantivy::TantivyError::from)?;
        let staged = self.from.join(self.corpus.name());
        for name in self.names.iter().filter(|name| **name != META && !self.kept.contains(**name)) {
            std::fs::rename(staged.join(name), folder.join(name)).map_err(because)?;
        }
        let managed = serde_json::to_vec(self.names)?;
        whole(&folder.join(MANAGED), &managed).map_err(because)?;
        std::fs::rename(staged.join(META), folder.join(META)).and_then(|()| synced(folder)).map_err(because)?;
        let vectors = live.vectors_file();
        match std::fs::rename(dense::file_of(self.from, self.corpus), &vectors) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => remove(&vectors).map_err(because)?,
            Err(error) => return Err(because(error)),
        }
        synced(self.search).map_err(because)?;
        for entry in std::fs::read_dir(folder).map_err(because)? {
            let name = entry.map_err(because)?.file_name();
            if let Some(name) = name.to_str()
                && is_name(name)
                && !self.names.contains(&name)
            {
                remove(&folder.join(name)).map_err(because)?;
            }
        }
        Ok(true)
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn synced(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

fn whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
