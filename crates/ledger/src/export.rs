//! Writing a ledger as a bundle of files; see [`crate::bundle`] for its layout.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::bundle::{CHECKPOINT, MANIFEST, VKEY, manifest, older_checkpoint_path};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::{Hash, leaf_hash, sha256};
use crate::jcs::JcsError;
use crate::note::{NoteError, Verifier};
use crate::tile::{BundleError, EntryBundleId, TILE_WIDTH, TileId, encode_bundle};
use crate::tree::Tree;

/// An export that failed. What has been written so far stays, without `checkpoint`.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The target exists and is not an empty folder.
    #[error("`{}` is not an empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// A file or folder could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The tile's bytes do not fit its width.
    #[error("{id} was given {length} bytes")]
    TileLength {
        /// The tile.
        id: TileId,
        /// The number of bytes given.
        length: usize,
    },
    /// An entry is too long for a bundle.
    #[error(transparent)]
    Entry(#[from] BundleError),
    /// The verifier key is malformed.
    #[error(transparent)]
    Key(#[from] NoteError),
    /// A checkpoint does not hold.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entries written are not those the checkpoint speaks of.
    #[error("{size} entries with root {root} were written, which is not what the checkpoint says")]
    OtherTree {
        /// Number of entries written.
        size: u64,
        /// Root of their tree.
        root: Hash,
    },
    /// The manifest cannot be written.
    #[error(transparent)]
    Manifest(#[from] JcsError),
}

/// Where the files of a bundle go: a folder, or an archive.
pub trait BundleSink {
    /// Keeps one file under its path in the bundle, with `/` between folders. Each comes once.
    ///
    /// # Errors
    /// What the system says.
    fn keep(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;
}

/// A folder that was new or empty.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl BundleSink for Folder {
    fn keep(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.0.join(path);
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::OpenOptions::new().write(true).create_new(true).open(&path))
            .and_then(|mut file| file.write_all(bytes))
    }
}

/// Writes a bundle, piece by piece, in bounded memory.
///
/// A caller either hands over the tiles and entry bundles as they are stored
/// ([`write_tile`](Self::write_tile), [`write_entries`](Self::write_entries)), which exports faults
/// of the store as they are, or the entries one after the other ([`push`](Self::push)), which builds
/// the tiles anew. [`finish`](Self::finish) comes last in both cases.
#[derive(Debug)]
pub struct BundleWriter<S = Folder> {
    sink: S,
    tree: Tree,
    pending: Vec<Vec<u8>>,
    older: BTreeMap<u64, Vec<u8>>,
}

impl BundleWriter {
    /// Begins a bundle in a new or empty folder.
    ///
    /// # Errors
    /// [`ExportError::NotEmpty`] when there is something already, [`ExportError::Write`] when the
    /// folder cannot be made.
    pub fn create(dir: &Path) -> Result<Self, ExportError> {
        let failed = |source| ExportError::Write { path: dir.to_owned(), source };
        match fs::read_dir(dir) {
            Ok(mut found) => {
                if found.next().is_some() {
                    return Err(ExportError::NotEmpty(dir.to_owned()));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir_all(dir).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(ExportError::NotEmpty(dir.to_owned()));
            }
            Err(error) => return Err(failed(error)),
        }
        Ok(Self::into_sink(Folder(dir.to_owned())))
    }
}

impl<S: BundleSink> BundleWriter<S> {
    /// Begins a bundle elsewhere than in a folder.
    pub fn into_sink(sink: S) -> Self {
        Self { sink, tree: Tree::new(), pending: Vec::new(), older: BTreeMap::new() }
    }

    /// Writes a tile: full ones, and the partial ones of the size to be exported.
    ///
    /// # Errors
    /// [`ExportError::TileLength`], [`ExportError::Write`]; a tile cannot be written twice.
    pub fn write_tile(&mut self, id: TileId, bytes: &[u8]) -> Result<(), ExportError> {
        if bytes.len() != id.byte_len() {
            return Err(ExportError::TileLength { id, length: bytes.len() });
        }
        self.write(&id.path(), bytes)
    }

    /// Writes an entry bundle as [`encode_bundle`] made it.
    ///
    /// # Errors
    /// [`ExportError::Write`]; a bundle cannot be written twice.
    pub fn write_entries(&mut self, id: EntryBundleId, bytes: &[u8]) -> Result<(), ExportError> {
        self.write(&id.path(), bytes)
    }

    /// Adds the next entry; bundles and tiles are written as they fill.
    ///
    /// # Errors
    /// [`ExportError::Entry`], [`ExportError::Write`].
    pub fn push(&mut self, entry: &[u8]) -> Result<(), ExportError> {
        let mut completed = Vec::new();
        self.tree.append_with(leaf_hash(entry), &mut |id, bytes| completed.push((id, bytes)));
        self.pending.push(entry.to_vec());
        if self.pending.len() == usize::from(TILE_WIDTH) {
            let index = (self.tree.size() - 1) / u64::from(TILE_WIDTH);
            self.flush(EntryBundleId::full(index))?;
        }
        for (id, bytes) in completed {
            self.write_tile(id, &bytes)?;
        }
        Ok(())
    }

    /// Encloses an older checkpoint, a signed note as it was published.
    ///
    /// # Errors
    /// None now; [`BundleWriter::finish`] refuses one that does not hold.
    pub fn older_checkpoint(&mut self, size: u64, note: &[u8]) {
        self.older.insert(size, note.to_vec());
    }

    /// Writes what remains: partial tiles, checkpoints, key and manifest. The checkpoint comes
    /// last, so that an export that was broken off is not taken for a whole one.
    ///
    /// # Errors
    /// [`ExportError`]; in particular when the entries pushed are not those the checkpoint speaks
    /// of.
    pub fn finish(mut self, note: &[u8], vkey: &str) -> Result<Checkpoint, ExportError> {
        let vkey = vkey.trim_end_matches('\n');
        let verifier = Verifier::parse(vkey)?;
        let checkpoint = Checkpoint::open(note, &verifier)?;
        let mut sums = BTreeMap::new();
        for (size, note) in std::mem::take(&mut self.older) {
            let older = Checkpoint::open(&note, &verifier)?;
            sums.insert(older.size, sha256(&note));
            self.write(&older_checkpoint_path(size), &note)?;
        }
        let (size, root) = (self.tree.size(), self.tree.root());
        if size > 0 {
            if (size, root) != (checkpoint.size, checkpoint.root) {
                return Err(ExportError::OtherTree { size, root });
            }
            if let Some(id) = EntryBundleId::in_tree(size / u64::from(TILE_WIDTH), size) {
                self.flush(id)?;
            }
            for (id, bytes) in self.tree.partial_tiles() {
                self.write_tile(id, &bytes)?;
            }
        }
        self.write(VKEY, format!("{vkey}\n").as_bytes())?;
        self.write(MANIFEST, &manifest(&checkpoint, note, vkey, &sums)?)?;
        self.write(CHECKPOINT, note)?;
        Ok(checkpoint)
    }

    fn flush(&mut self, id: EntryBundleId) -> Result<(), ExportError> {
        let bytes = encode_bundle(&self.pending)?;
        self.pending.clear();
        self.write_entries(id, &bytes)
    }

    fn write(&mut self, relative: &str, bytes: &[u8]) -> Result<(), ExportError> {
        self.sink.keep(relative, bytes).map_err(|source| ExportError::Write { path: relative.into(), source })
    }
}
