//! Every shelf of an installation, and the vectors beside it, opened when they are first asked for.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::dense::{self, Vectors, VectorsError};
use crate::shelf::{Shelf, ShelfError};
use crate::unit::Corpus;

/// The shelves below one folder.
#[derive(Debug)]
pub struct Library {
    folder: PathBuf,
    shelves: Mutex<[Option<Arc<Shelf>>; 3]>,
    vectors: Mutex<[Option<Opened>; 3]>,
}

/// A file of vectors as it was opened.
#[derive(Debug)]
struct Opened {
    /// When it was written, and its length: another file has others.
    state: (Option<SystemTime>, u64),
    /// A file that cannot be used is not read again at every question.
    found: Result<Option<Arc<Vectors>>, Arc<VectorsError>>,
}

impl Library {
    /// The library below a folder, which need not be there yet.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), shelves: Mutex::default(), vectors: Mutex::default() }
    }

    /// The shelf of a corpus; made empty where there is none.
    ///
    /// # Errors
    /// As [`Shelf::open`].
    pub fn shelf(&self, corpus: Corpus) -> Result<Arc<Shelf>, ShelfError> {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let place = place(&mut shelves, corpus);
        if let Some(shelf) = place {
            return Ok(Arc::clone(shelf));
        }
        let shelf = Arc::new(Shelf::open(&self.folder, corpus)?);
        *place = Some(Arc::clone(&shelf));
        Ok(shelf)
    }

    /// The vectors of a corpus, as its file is now; `None` where there is none.
    ///
    /// # Errors
    /// As [`Vectors::open`].
    pub fn vectors(&self, corpus: Corpus) -> Result<Option<Arc<Vectors>>, Arc<VectorsError>> {
        let Ok(file) = std::fs::metadata(dense::file_of(&self.folder, corpus)) else {
            // Nothing is kept in memory of what has gone.
            *place(&mut self.vectors.lock().unwrap_or_else(PoisonError::into_inner), corpus) = None;
            return Ok(None);
        };
        let state = (file.modified().ok(), file.len());
        let mut vectors = self.vectors.lock().unwrap_or_else(PoisonError::into_inner);
        let place = place(&mut vectors, corpus);
        if let Some(opened) = place.as_ref().filter(|opened| opened.state == state) {
            return opened.found.clone();
        }
        let found = Vectors::open(&self.folder, corpus).map(|found| found.map(Arc::new)).map_err(Arc::new);
        *place = Some(Opened { state, found: found.clone() });
        found
    }
}

fn place<T>([law, diet, document]: &mut [T; 3], corpus: Corpus) -> &mut T {
    match corpus {
        Corpus::Law => law,
        Corpus::Diet => diet,
        Corpus::Document => document,
    }
}
