//! Never sign two histories: what was last signed is kept beside the key, outside the database.
//!
//! A restored old back-up has an older tree. The file beside the key still knows the newer one, so the installation
//! refuses to sign, and says what to do.

use sekisho_ledger::checkpoint::{Checkpoint, Origin};
use sekisho_ledger::hash::Hash;
use sekisho_ledger::note::Signer;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Why a checkpoint was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The tree is older than what was signed before, or another one.
    #[error(
        "a checkpoint of size {signed} was signed before, but the ledger now holds {size} entries that do not continue it; \
         restore the newer database, or keep this one as evidence and start a new ledger under a new origin"
    )]
    Rollback {
        /// Size signed before.
        signed: u64,
        /// Size of the tree now.
        size: u64,
    },
    /// The memory beside the key cannot be read or written.
    #[error("cannot keep the last signed checkpoint in `{path}`: {source}")]
    Memory {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file does not hold a checkpoint of this log.
    #[error("`{0}` does not hold the last signed checkpoint of this log; it was altered or belongs to another")]
    Foreign(PathBuf),
    /// The newest checkpoint in the database has another signature.
    #[error(
        "the newest checkpoint in the database was not signed with this node's key; give every node of a database the same \
         `keys` folder"
    )]
    Stranger,
    /// The note could not be signed.
    #[error("the checkpoint could not be signed: {0}")]
    Note(String),
}

/// The log's signing key with the memory of what it signed last.
#[derive(Debug)]
pub struct CheckpointSigner {
    origin: Origin,
    signer: Signer,
    memory: PathBuf,
    last: Option<Checkpoint>,
}

impl CheckpointSigner {
    /// Takes the key and reads the memory.
    pub fn open(origin: Origin, signer: Signer, memory: &Path) -> Result<Self, SigningError> {
        let last = read_memory(memory, &signer)?;
        Ok(Self { origin, signer, memory: memory.to_owned(), last })
    }

    /// The verifier key to hand to outsiders.
    pub fn vkey(&self) -> String {
        self.signer.vkey()
    }

    /// The size signed last.
    pub fn last(&self) -> Option<&Checkpoint> {
        self.last.as_ref()
    }

    /// A checkpoint that another node with the same key has signed.
    ///
    /// # Errors
    /// [`SigningError::Stranger`].
    pub fn read(&self, note: &str) -> Result<Checkpoint, SigningError> {
        Checkpoint::open(note.as_bytes(), &self.signer.verifier()).map_err(|_| SigningError::Stranger)
    }

    /// Refuses a tree that does not hold what another node signed: `root_at` is this tree's root at that size.
    ///
    /// # Errors
    /// [`SigningError::Rollback`].
    pub fn check_against(&self, signed: &Checkpoint, size: u64, root_at: Option<Hash>) -> Result<(), SigningError> {
        if root_at == Some(signed.root) { Ok(()) } else { Err(SigningError::Rollback { signed: signed.size, size }) }
    }

    /// Refuses a tree that does not hold what was signed: `root_at` gives this tree's root at the size signed before.
    pub fn check(&self, size: u64, root_at_last: Option<Hash>) -> Result<(), SigningError> {
        match &self.last {
            Some(last) if last.size > size || root_at_last != Some(last.root) => {
                Err(SigningError::Rollback { signed: last.size, size })
            }
            _ => Ok(()),
        }
    }

    /// Signs a tree that continues the last one. The memory is on the disk before the signature leaves this function.
    ///
    /// Another process on the same data (a command beside a running server) may have signed meanwhile, so the memory is
    /// read again under a lock of the file system.
    pub fn sign(&mut self, size: u64, root: Hash) -> Result<String, SigningError> {
        let failed = |source| SigningError::Memory { path: self.memory.clone(), source };
        let lock = std::fs::File::create(self.memory.with_extension("lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let last = read_memory(&self.memory, &self.signer)?;
        if let Some(last) = &last
            && (last.size > size || (last.size == size && last.root != root))
        {
            return Err(SigningError::Rollback { signed: last.size, size });
        }
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root };
        let note = checkpoint.sign(&self.signer);
        self.remember(&note).map_err(failed)?;
        self.last = Some(checkpoint);
        Ok(note)
    }

    fn remember(&self, note: &str) -> std::io::Result<()> {
        let next = self.memory.with_extension("next");
        let mut file = std::fs::File::create(&next)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&next, &self.memory)?;
        match self.memory.parent() {
            Some(dir) => std::fs::File::open(dir)?.sync_all(),
            None => Ok(()),
        }
    }
}

fn read_memory(memory: &Path, signer: &Signer) -> Result<Option<Checkpoint>, SigningError> {
    match std::fs::read(memory) {
        Ok(note) => {
            Checkpoint::open(&note, &signer.verifier()).map(Some).map_err(|_| SigningError::Foreign(memory.to_owned()))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SigningError::Memory { path: memory.to_owned(), source }),
    }
}
