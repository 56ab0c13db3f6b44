//! Which generation the shelf of this node comes from, and whether it is still that.
//!
//! `<corpus>.generation` is the manifest of the generation that was fetched or published last. `<corpus>.coming` is the one
//! that is being laid: after a crash in the middle, what is there is of either.

use std::path::{Path, PathBuf};

use sekisho_search::dense;
use sekisho_search::shelf::laying;
use sekisho_search::unit::Corpus;

use crate::error::DepotError;
use crate::file;
use crate::manifest::{Hash, Manifest};
use crate::seal::Seal;

pub(crate) fn file_of(search: &Path, corpus: Corpus) -> PathBuf {
    search.join(format!("{}.generation", corpus.name()))
}

fn coming_of(search: &Path, corpus: Corpus) -> PathBuf {
    search.join(format!("{}.coming", corpus.name()))
}

/// The generation that the shelf of this node comes from.
///
/// # Errors
/// What was written about it cannot be read.
pub fn generation_of(search: &Path, corpus: Corpus, seal: &Seal) -> Result<Option<Manifest>, DepotError> {
    Ok(Local::look(search, corpus, seal)?.base)
}

/// Whether the shelf of this node came from a depot or went to one.
pub fn is_shared(search: &Path, corpus: Corpus) -> bool {
    file_of(search, corpus).exists()
}

/// What lies on this node.
#[derive(Debug)]
pub(crate) struct Local {
    /// The generation it comes from.
    pub(crate) base: Option<Manifest>,
    coming: Option<Manifest>,
    /// As the files are; `None` where no shelf is.
    meta: Option<Hash>,
    vectors: Option<Hash>,
    /// Nothing was ever put here.
    pub(crate) is_empty: bool,
}

impl Local {
    pub(crate) fn look(search: &Path, corpus: Corpus, seal: &Seal) -> Result<Self, DepotError> {
        let read = |path: &Path| match std::fs::read_to_string(path) {
            Ok(text) => match Manifest::parse(&text, seal) {
                Ok(manifest) => Ok(Some(manifest)),
                Err(what) => Err(DepotError::Manifest { key: path.display().to_string(), what }),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file::because(path)(error)),
        };
        let folder = search.join(corpus.name());
        let meta = folder.join(laying::META);
        let meta = if meta.is_file() { Some(file::measured(&meta)?.1) } else { None };
        let vectors = file::end(&dense::file_of(search, corpus))?;
        let is_segment = |name: &str| laying::is_name(name) && name != laying::META;
        let names = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let is_empty = vectors.is_none() && !names.into_iter().any(|name| name.to_str().is_some_and(is_segment));
        let base = read(&file_of(search, corpus))?;
        Ok(Self { base, coming: read(&coming_of(search, corpus))?, meta, vectors, is_empty })
    }

    /// Whether this is a generation as it was laid, with nothing added.
    pub(crate) fn is(&self, manifest: &Manifest) -> bool {
        self.meta.as_ref() == manifest.meta() && self.vectors.as_ref() == manifest.vectors_end()
    }

    /// Whether nothing is here that was not fetched or published.
    pub(crate) fn is_clean(&self) -> bool {
        let known = || self.base.iter().chain(&self.coming);
        let meta = known().any(|manifest| self.meta.as_ref() == manifest.meta());
        let vectors = known().any(|manifest| self.vectors.as_ref() == manifest.vectors_end());
        self.is_empty || meta && vectors
    }

    /// Whether the files are still what they were.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let same = self.meta == other.meta && self.vectors == other.vectors;
        (same || self.is_empty && other.is_empty) && self.base == other.base
    }
}

/// Says beforehand what will be laid.
pub(crate) fn announce(search: &Path, manifest: &Manifest, seal: &Seal) -> Result<(), DepotError> {
    file::write_whole(&coming_of(search, manifest.corpus), manifest.sealed(seal)?.as_bytes())
}

/// The shelf is this generation now.
pub(crate) fn write(search: &Path, manifest: &Manifest, seal: &Seal) -> Result<(), DepotError> {
    file::write_whole(&file_of(search, manifest.corpus), manifest.sealed(seal)?.as_bytes())?;
    file::remove(&coming_of(search, manifest.corpus))
}
