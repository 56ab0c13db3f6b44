//! A shelf of this node becomes the next generation.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use object_store::{ObjectStoreExt as _, PutMode, PutPayload};
use sekisho_search::dense::{self, Vectors};
use sekisho_search::shelf::{Shelf, laying};
use sekisho_search::unit::Corpus;
use tokio::io::AsyncReadExt as _;

use crate::error::DepotError;
use crate::file;
use crate::manifest::{Hash, Listed, ListedVectors, Maker, Manifest};
use crate::place::{Depot, file_key, key_of};
use crate::record::{self, Local};

/// Bytes that are sent at once; larger files go up in parts of this size.
const PART: u64 = 32 << 20;

/// Who publishes, and when.
#[derive(Debug, Clone)]
pub struct By {
    /// The node.
    pub node: String,
    /// Now.
    pub at: Timestamp,
}

/// How much is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// What the depot lacks.
    Lacking,
    /// Everything, for a depot that was damaged or lost.
    Everything,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// There is no shelf, or one of which nothing was ever imported.
    Nothing,
    /// The depot has it already.
    Unchanged(Manifest),
    /// It is the newest generation now.
    Made {
        /// Which.
        manifest: Manifest,
        /// Files that were sent.
        sent: usize,
        /// Bytes of them.
        bytes: u64,
        /// Generations that were removed because they are old.
        removed: usize,
    },
}

/// A file of this node that belongs to the generation.
struct Mine {
    path: PathBuf,
    bytes: u64,
    hash: Hash,
}

impl Depot {
    /// Publishes the shelf of a corpus and the vectors beside it. Nobody can write to the shelf meanwhile.
    ///
    /// # Errors
    /// [`DepotError::Conflict`] if the newest generation is not the one this shelf comes from: then nothing is published, and
    /// the shelf stays as it is.
    pub async fn publish(&self, search: &Path, corpus: Corpus, by: By, whole: Whole) -> Result<Published, DepotError> {
        if !search.join(corpus.name()).join(laying::META).is_file() {
            return Ok(Published::Nothing);
        }
        let held = Shelf::open(search, corpus)?.hold()?;
        let local = Local::look(search, corpus, &self.seal)?;
        if local.is_empty && local.base.is_none() {
            return Ok(Published::Nothing);
        }
        let newest = self.generations(corpus).await?.last().map(|(number, _)| *number);
        let base = local.base.as_ref().map(|base| base.number);
        if newest != base {
            match newest {
                Some(theirs) if Some(theirs) > base => {
                    return self.came_first(search, corpus, &local, theirs).await;
                }
                found if whole == Whole::Lacking => {
                    return Err(DepotError::Rollback { known: base.unwrap_or_default(), found });
                }
                _ => {}
            }
        }
        let reused = if whole == Whole::Everything { None } else { local.base.as_ref() };
        if let Some(base) = reused
            && local.is(base)
        {
            return Ok(Published::Unchanged(base.clone()));
        }
        let number = base.unwrap_or_default() + 1;
        let (manifest, mine) = describe(search, corpus, number, by, &held, reused)?;
        let before: HashSet<&Hash> = reused.into_iter().flat_map(Manifest::hashes).map(|(hash, _)| hash).collect();
        let (mut sent, mut bytes) = (0, 0);
        let mut there = HashSet::new();
        for one in &mine {
            // Two segments may have a small file in common.
            let is_new = there.insert(&one.hash);
            if is_new && !(before.contains(&one.hash) && self.has(one).await?) {
                self.send(one).await?;
                (sent, bytes) = (sent + 1, bytes + one.bytes);
            }
        }
        self.name_newest(&manifest).await?;
        record::write(search, &manifest, &self.seal)?;
        drop(held);
        let removed = self.clear(corpus).await?;
        Ok(Published::Made { manifest, sent, bytes, removed })
    }

    /// A newer generation is there. It may be this very shelf, if the program broke off after it was published.
    async fn came_first(
        &self,
        search: &Path,
        corpus: Corpus,
        local: &Local,
        theirs: u64,
    ) -> Result<Published, DepotError> {
        let newest = self.manifest(corpus, theirs).await?;
        if local.is(&newest) {
            record::write(search, &newest, &self.seal)?;
            return Ok(Published::Unchanged(newest));
        }
        Err(conflict(&newest, local.base.as_ref().map(|base| base.number)))
    }

    /// Whether the depot really has what the generation before says.
    async fn has(&self, one: &Mine) -> Result<bool, DepotError> {
        match self.store.head(&file_key(&one.hash)).await {
            Ok(meta) => Ok(meta.size == one.bytes),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn send(&self, one: &Mine) -> Result<(), DepotError> {
        let key = file_key(&one.hash);
        let because = file::because(&one.path);
        let mut file = tokio::fs::File::open(&one.path).await.map_err(&because)?;
        let mut part = async || {
            let mut bytes = Vec::new();
            (&mut file).take(PART).read_to_end(&mut bytes).await.map_err(&because)?;
            Ok::<_, DepotError>(bytes)
        };
        if one.bytes <= PART {
            self.store.put(&key, PutPayload::from(part().await?)).await?;
            return Ok(());
        }
        let mut sending = self.store.put_multipart(&key).await?;
        let sent = async {
            loop {
                let bytes = part().await?;
                if bytes.is_empty() {
                    sending.complete().await?;
                    return Ok(());
                }
                sending.put_part(PutPayload::from(bytes)).await?;
            }
        };
        let sent: Result<(), DepotError> = sent.await;
        if sent.is_err() {
            // The parts would lie there unseen and be paid for.
            let _ = sending.abort().await;
        }
        sent
    }

    /// Makes it the newest, if nobody was faster.
    async fn name_newest(&self, manifest: &Manifest) -> Result<(), DepotError> {
        let key = key_of(manifest.corpus, manifest.number);
        let text = manifest.sealed(&self.seal)?;
        match self.store.put_opts(&key, PutPayload::from(text), PutMode::Create.into()).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                let theirs = self.manifest(manifest.corpus, manifest.number).await?;
                // The answer to our own request was lost, and it was made a second time.
                if theirs == *manifest { Ok(()) } else { Err(conflict(&theirs, manifest.number.checked_sub(1))) }
            }
            Err(error) => Err(error.into()),
        }
    }
}

pub(crate) fn conflict(theirs: &Manifest, ours: Option<u64>) -> DepotError {
    DepotError::Conflict {
        corpus: theirs.corpus,
        ours: ours.filter(|number| *number > 0),
        theirs: theirs.number,
        node: theirs.node.clone(),
        made_at: theirs.made_at,
    }
}

/// The manifest of what is on the shelf, and where its files are. What the generation before had under the same name and of
/// the same size is the same: names of segments are never given twice.
fn describe(
    search: &Path,
    corpus: Corpus,
    number: u64,
    by: By,
    held: &laying::Held,
    base: Option<&Manifest>,
) -> Result<(Manifest, Vec<Mine>), DepotError> {
    let known: HashMap<&str, &Listed> =
        base.into_iter().flat_map(|base| &base.files).map(|listed| (&*listed.name, listed)).collect();
    let (mut files, mut mine) = (Vec::new(), Vec::new());
    for (name, path) in held.files() {
        let bytes = std::fs::metadata(&path).map_err(file::because(&path))?.len();
        let same = known.get(name).filter(|listed| listed.bytes == bytes && name != laying::META);
        let (bytes, hash) = match same {
            Some(listed) => (bytes, listed.sha256.clone()),
            None => file::measured(&path)?,
        };
        files.push(Listed { name: name.to_owned(), bytes, sha256: hash.clone() });
        mine.push(Mine { path, bytes, hash });
    }
    let vectors = vectors(search, corpus, base, &mut mine)?;
    let By { node, at } = by;
    let index_version = laying::version().to_owned();
    Ok((Manifest { corpus, number, index_version, made_at: at, node, files, vectors }, mine))
}

fn vectors(
    search: &Path,
    corpus: Corpus,
    base: Option<&Manifest>,
    mine: &mut Vec<Mine>,
) -> Result<Option<ListedVectors>, DepotError> {
    let path = dense::file_of(search, corpus);
    let Some(end) = file::end(&path)? else { return Ok(None) };
    let bytes = std::fs::metadata(&path).map_err(file::because(&path))?.len();
    let same = base.and_then(|base| base.vectors.as_ref()).filter(|known| known.end == end && known.bytes == bytes);
    if let Some(known) = same {
        mine.push(Mine { path, bytes, hash: known.sha256.clone() });
        return Ok(Some(known.clone()));
    }
    let Some(opened) = Vectors::open(search, corpus)? else { return Ok(None) };
    let maker = Maker { model: opened.maker().model.clone(), prefix: opened.maker().prefix.clone() };
    let (bytes, sha256) = file::measured(&path)?;
    mine.push(Mine { path, bytes, hash: sha256.clone() });
    Ok(Some(ListedVectors { bytes, sha256, end, maker }))
}
