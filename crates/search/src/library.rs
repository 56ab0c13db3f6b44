//! Every shelf of an installation, opened when it is first asked for.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::shelf::{Shelf, ShelfError};
use crate::unit::Corpus;

/// The shelves below one folder.
#[derive(Debug)]
pub struct Library {
    folder: PathBuf,
    shelves: Mutex<[Option<Arc<Shelf>>; 3]>,
}

impl Library {
    /// The library below a folder, which need not be there yet.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), shelves: Mutex::default() }
    }

    /// The shelf of a corpus; made empty where there is none.
    ///
    /// # Errors
    /// As [`Shelf::open`].
    pub fn shelf(&self, corpus: Corpus) -> Result<Arc<Shelf>, ShelfError> {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let [law, diet, document] = &mut *shelves;
        let place = match corpus {
            Corpus::Law => law,
            Corpus::Diet => diet,
            Corpus::Document => document,
        };
        if let Some(shelf) = place {
            return Ok(Arc::clone(shelf));
        }
        let shelf = Arc::new(Shelf::open(&self.folder, corpus)?);
        *place = Some(Arc::clone(&shelf));
        Ok(shelf)
    }
}
