//! The newest generation becomes the shelf of this node.
//!
//! What is lacking is fetched into a folder beside the shelf, held against the manifest, and opened there; only a shelf that
//! opens takes the place of the old one.

use std::collections::HashSet;
use std::fs::File;
use std::ops::ControlFlow::{self, Break, Continue};
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use sekisho_search::dense::{self, Vectors};
use sekisho_search::shelf::Shelf;
use sekisho_search::shelf::laying::{self, Laying};
use sekisho_search::unit::Corpus;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use crate::error::DepotError;
use crate::file;
use crate::manifest::{Hash, Manifest};
use crate::place::{Depot, file_key};
use crate::publishing::conflict;
use crate::record::{self, Local};

/// What may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Only what came from the depot.
    Fetched,
    /// Whatever is there, imports that were not published too.
    Anything,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The depot has no shelf of this corpus.
    Nothing,
    /// This node has the newest.
    Newest(Manifest),
    /// This node has the newest, and imports that are not published.
    Ahead(Manifest),
    /// It was fetched.
    Taken {
        /// Which.
        manifest: Manifest,
        /// Files that came over the wire.
        files: usize,
        /// Bytes of them.
        bytes: u64,
    },
}

impl Depot {
    /// Fetches the newest generation of a corpus, if this node has an older one or none.
    ///
    /// # Errors
    /// [`DepotError::Conflict`] if this node has imports that were not published and the depot has gone on;
    /// [`DepotError::Damaged`] and others if what is there is not what it should be. The shelf stays as it was.
    pub async fn fetch(&self, search: &Path, corpus: Corpus, over: Over) -> Result<Fetched, DepotError> {
        std::fs::create_dir_all(search).map_err(file::because(search))?;
        // Whoever else fetches for this node does the same work.
        let lock = locked(search.join(format!("{}.fetching", corpus.name()))).await?;
        let fetched = match self.find(search, corpus, over).await? {
            Break(fetched) => fetched,
            Continue((manifest, local)) => self.take(search, manifest, local, over).await?,
        };
        drop(lock);
        Ok(fetched)
    }

    /// Looks what there is to do: nothing more, or to take this generation in the place of what is here.
    async fn find(
        &self,
        search: &Path,
        corpus: Corpus,
        over: Over,
    ) -> Result<ControlFlow<Fetched, (Manifest, Local)>, DepotError> {
        let newest = self.newest(corpus).await?;
        let local = Local::look(search, corpus, &self.seal)?;
        let base = local.base.as_ref().map(|base| base.number);
        let Some(newest) = newest else {
            return match base {
                Some(known) => Err(DepotError::Rollback { known, found: None }),
                None => Ok(Break(Fetched::Nothing)),
            };
        };
        if let Some(known) = base
            && newest.number < known
        {
            return Err(DepotError::Rollback { known, found: Some(newest.number) });
        }
        if newest.index_version != laying::version() {
            let (number, found) = (newest.number, newest.index_version);
            return Err(DepotError::Version { number, found, known: laying::version() });
        }
        if local.is(&newest) {
            if local.base.as_ref() != Some(&newest) {
                record::write(search, &newest, &self.seal)?;
            }
            return Ok(Break(Fetched::Newest(newest)));
        }
        if over == Over::Fetched && !local.is_clean() {
            return if base == Some(newest.number) {
                Ok(Break(Fetched::Ahead(newest)))
            } else {
                Err(conflict(&newest, base))
            };
        }
        Ok(Continue((newest, local)))
    }

    async fn take(&self, search: &Path, manifest: Manifest, local: Local, over: Over) -> Result<Fetched, DepotError> {
        let corpus = manifest.corpus;
        let from = search.join("incoming").join(corpus.name());
        file::remove(&from)?;
        let staged = laying::prepare(&from, corpus)?;
        let (mut files, mut bytes) = (0, 0);
        let mut kept = HashSet::new();
        for listed in &manifest.files {
            let here = search.join(corpus.name()).join(&listed.name);
            let there = staged.join(&listed.name);
            if listed.name != laying::META && is_here(&here, listed.bytes, &listed.sha256, &listed.name, &local).await?
            {
                link(&here, &there)?;
                kept.insert(&*listed.name);
                continue;
            }
            self.bring(&manifest, &listed.name, (&listed.sha256, listed.bytes), &there).await?;
            (files, bytes) = (files + 1, bytes + listed.bytes);
        }
        if let Some(vectors) = &manifest.vectors {
            let (here, there) = (dense::file_of(search, corpus), dense::file_of(&from, corpus));
            let known = local.base.as_ref().and_then(|base| base.vectors.as_ref()) == Some(vectors);
            if known && file::end(&here)?.as_ref() == Some(&vectors.end) {
                link(&here, &there)?;
            } else {
                let name = format!("{}.vectors", corpus.name());
                self.bring(&manifest, &name, (&vectors.sha256, vectors.bytes), &there).await?;
                (files, bytes) = (files + 1, bytes + vectors.bytes);
            }
        }
        let names: Vec<&str> = manifest.files.iter().map(|listed| &*listed.name).collect();
        opens(&from, corpus, &names).await?;
        record::announce(search, &manifest, &self.seal)?;
        let laid = Laying { search, corpus, from: &from, names: &names, kept: &kept }.lay(|| {
            let now = Local::look(search, corpus, &self.seal);
            over == Over::Anything || now.is_ok_and(|now| now.is_like(&local))
        })?;
        file::remove(&from)?;
        if !laid {
            // Somebody imported while it was being fetched.
            return Err(conflict(&manifest, local.base.as_ref().map(|base| base.number)));
        }
        record::write(search, &manifest, &self.seal)?;
        Ok(Fetched::Taken { manifest, files, bytes })
    }

    /// Brings one file, and believes no byte of it before all of it is there.
    async fn bring(
        &self,
        manifest: &Manifest,
        name: &str,
        (hash, bytes): (&Hash, u64),
        to: &Path,
    ) -> Result<(), DepotError> {
        let refused = |what| DepotError::Damaged { name: name.to_owned(), number: manifest.number, what };
        let found = match self.store.get(&file_key(hash)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Err(refused("it is not in the depot")),
            Err(error) => return Err(error.into()),
        };
        if found.meta.size != bytes {
            return Err(refused("it has another size than the manifest says"));
        }
        let because = file::because(to);
        let mut file = tokio::fs::File::create(to).await.map_err(&because)?;
        let (mut sum, mut taken) = (Sha256::new(), 0_u64);
        let mut pieces = found.into_stream();
        while let Some(piece) = pieces.try_next().await? {
            taken += piece.len() as u64;
            if taken > bytes {
                return Err(refused("it is longer than the manifest says"));
            }
            sum.update(&piece);
            file.write_all(&piece).await.map_err(&because)?;
        }
        if taken != bytes {
            return Err(refused("its end is missing"));
        }
        if Hash::of(&sum.finalize().into()) != *hash {
            return Err(refused("its hash is not that of the manifest"));
        }
        file.flush().await.map_err(&because)?;
        file.sync_all().await.map_err(&because)
    }
}

/// Whether a file of the shelf is the one that is wanted. One that came with the generation before is known by its name and
/// size; any other of that name is read.
async fn is_here(path: &Path, bytes: u64, hash: &Hash, name: &str, local: &Local) -> Result<bool, DepotError> {
    let Ok(found) = std::fs::metadata(path) else { return Ok(false) };
    if found.len() != bytes {
        return Ok(false);
    }
    let known = local.base.as_ref().and_then(|base| base.file(name)).is_some_and(|listed| listed.sha256 == *hash);
    if known && local.is_clean() {
        return Ok(true);
    }
    let path = path.to_owned();
    // It may be long: whoever waits for this thread should not wait for that.
    let (_, found) = tokio::task::spawn_blocking(move || file::measured(&path)).await??;
    Ok(found == *hash)
}

/// The same file under a second name; a copy where a file can have but one.
fn link(from: &Path, to: &Path) -> Result<(), DepotError> {
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    std::fs::copy(from, to).and_then(|_| File::open(to)?.sync_all()).map_err(file::because(to))
}

/// Opens what was fetched as a search would, on a thread of its own: whatever becomes of it there, the old shelf stays.
async fn opens(from: &Path, corpus: Corpus, names: &[&str]) -> Result<(), DepotError> {
    let from = from.to_owned();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let open = move || -> Result<(), DepotError> {
        let shelf = Shelf::open(&from, corpus)?;
        shelf.is_made_of(&names.iter().map(|name| &**name).collect::<Vec<_>>())?;
        shelf.read();
        Vectors::open(&from, corpus)?;
        Ok(())
    };
    tokio::task::spawn_blocking(open).await?
}

async fn locked(path: PathBuf) -> Result<File, DepotError> {
    let lock = move || File::create(&path).and_then(|file| file.lock().map(|()| file)).map_err(file::because(&path));
    tokio::task::spawn_blocking(lock).await?
}

impl Fetched {
    /// The generation that is the newest.
    pub fn manifest(&self) -> Option<&Manifest> {
        match self {
            Self::Nothing => None,
            Self::Newest(manifest) | Self::Ahead(manifest) | Self::Taken { manifest, .. } => Some(manifest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Listed;
    use crate::{Place, Seal};
    use jiff::Timestamp;

    /// Given a generation whose seal, sizes and hashes are right, when no shelf can be made of it, then the old one stays.
    #[tokio::test]
    async fn a_generation_that_does_not_open_is_not_laid() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (seal, client) = (Seal::of(&[7; 32]), reqwest::Client::builder().no_proxy().build().unwrap());
        let depot = Depot::open(Place::Folder(there.path().to_owned()), client, seal.clone()).unwrap();
        drop(Shelf::open(here.path(), Corpus::Law).unwrap());
        let meta = here.path().join("law").join(laying::META);
        let before = std::fs::read(&meta).unwrap();

        let wrong = there.path().join("wrong");
        std::fs::write(&wrong, "{}").unwrap();
        let (bytes, sha256) = file::measured(&wrong).unwrap();
        depot.store.put(&file_key(&sha256), "{}".into()).await.unwrap();
        let manifest = Manifest {
            corpus: Corpus::Law,
            number: 1,
            index_version: laying::version().into(),
            made_at: Timestamp::UNIX_EPOCH,
            node: "node-1".into(),
            files: vec![Listed { name: laying::META.into(), bytes, sha256 }],
            vectors: None,
        };
        let key = crate::place::key_of(Corpus::Law, 1);
        depot.store.put(&key, manifest.sealed(&seal).unwrap().into()).await.unwrap();

        let error = depot.fetch(here.path(), Corpus::Law, Over::Fetched).await.unwrap_err();
        assert_eq!(error.code(), "unopened", "{error:?}");
        assert_eq!(std::fs::read(&meta).unwrap(), before);
        // Nor one of another version of the program.
        let other = Manifest { number: 2, index_version: "0".into(), ..manifest };
        let key = crate::place::key_of(Corpus::Law, 2);
        depot.store.put(&key, other.sealed(&seal).unwrap().into()).await.unwrap();
        assert_eq!(depot.fetch(here.path(), Corpus::Law, Over::Fetched).await.unwrap_err().code(), "version");
    }
}
