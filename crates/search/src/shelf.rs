//! A shelf: the units of one corpus, their texts and the index over them, in one folder.
//!
//! A unit lies on it as one or more *passages* of about a thousand characters; the best passage stands for its unit.
//! Each passage keeps its own text, the first one also all else of the unit. A group (a law, a meeting) is put on the shelf and taken away as a whole.

pub mod laying;
mod narrowing;
mod passage;
mod reading;
mod schema;
mod turns;
mod writing;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::{Index, IndexReader, ReloadPolicy, Searcher};

pub use narrowing::Narrowing;
pub(crate) use narrowing::Open;
pub use reading::Reading;
use turns::Turns;
pub use writing::{Tally, Writing};

pub(crate) use narrowing::year_of;
pub(crate) use reading::role_of;
pub(crate) use schema::{Cut, Fields};

use crate::law::name::NameTable;
use crate::unit::Corpus;

/// Why a shelf could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The folder could not be made or read.
    #[error("the folder `{}` of the search index cannot be used", folder.display())]
    Folder {
        /// Where.
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The index was made by a program that cuts texts another way.
    #[error("the search index in `{}` is of another version; delete the folder and import again", folder.display())]
    Version {
        /// Where.
        folder: PathBuf,
    },
    /// Another program is importing.
    #[error("another import is writing to the search index in `{}`; wait for its end", folder.display())]
    Busy {
        /// Where.
        folder: PathBuf,
    },
    /// Its files are not those of one commit.
    #[error("the files in `{}` do not make one search index", folder.display())]
    Strange {
        /// Where.
        folder: PathBuf,
    },
    /// The index itself.
    #[error("the search index failed")]
    Index(#[from] tantivy::TantivyError),
    /// A stored unit that cannot be read.
    #[error("a stored unit cannot be read")]
    Stored(#[from] serde_json::Error),
}

/// The term of the first unit of each group whose source is known; no facet has such a name.
pub(crate) const HEAD: &str = "head=1";

/// Counted up whenever passages are cut or fields are laid out another way.
const VERSION: &str = "4\n";

/// One corpus on the disk.
pub struct Shelf {
    corpus: Corpus,
    folder: PathBuf,
    index: Index,
    fields: Fields,
    reader: IndexReader,
    turns: Arc<Turns>,
    /// What the laws on the shelf are called, as of one state of it.
    names: Mutex<Option<(u64, Arc<NameTable>)>>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").field("corpus", &self.corpus).field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Shelf {
    /// Opens the shelf of a corpus below `search`, and makes an empty one where there is none. What another program
    /// commits is seen within a second.
    ///
    /// # Errors
    /// The folder cannot be used, or holds an index of another version.
    pub fn open(search: &Path, corpus: Corpus) -> Result<Self, ShelfError> {
        let folder = search.join(corpus.name());
        let because = |source| ShelfError::Folder { folder: folder.clone(), source };
        std::fs::create_dir_all(&folder).map_err(because)?;
        let mark = folder.join("version");
        match std::fs::read_to_string(&mark) {
            Ok(version) if version == VERSION => {}
            Ok(_) => return Err(ShelfError::Version { folder }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                std::fs::write(&mark, VERSION).map_err(because)?
            }
            Err(error) => return Err(because(error)),
        }
        let directory = tantivy::directory::MmapDirectory::open(&folder).map_err(tantivy::TantivyError::from)?;
        let (schema, fields) = schema::schema();
        let index = Index::open_or_create(directory, schema)?;
        index.tokenizers().register(schema::WORDS, crate::analysis::Words);
        index.tokenizers().register(schema::GRAMS, crate::analysis::Grams);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::OnCommitWithDelay).try_into()?;
        Ok(Self { corpus, folder, index, fields, reader, turns: Arc::default(), names: Mutex::default() })
    }

    /// Which corpus it holds.
    pub fn corpus(&self) -> Corpus {
        self.corpus
    }

    /// The state of now, to search and read in; it does not change while it is held.
    pub fn read(&self) -> Reading {
        let searcher = self.reader.searcher();
        let names = self.names(&searcher);
        Reading::new(searcher, self.fields.clone(), names, Arc::clone(&self.turns))
    }

    /// What the laws on the shelf are called; read anew when the shelf has changed.
    fn names(&self, searcher: &Searcher) -> Arc<NameTable> {
        let generation = searcher.generation().generation_id();
        let mut kept = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, names)) = &*kept
            && *of == generation
        {
            return Arc::clone(names);
        }
        // Without names no place is resolved at once; everything is still found by its words.
        let names = Arc::new(if self.corpus == Corpus::Law {
            reading::names(searcher, &self.fields).unwrap_or_else(|_| NameTable::new([]))
        } else {
            NameTable::new([])
        });
        *kept = Some((generation, Arc::clone(&names)));
        names
    }

    /// Begins to write; one at a time.
    ///
    /// # Errors
    /// [`ShelfError::Busy`] while another import writes.
    pub fn write(&self) -> Result<Writing<'_>, ShelfError> {
        Writing::begin(self)
    }

    /// Where the vectors of its passages lie, if there are any.
    pub(crate) fn vectors_file(&self) -> PathBuf {
        self.folder.with_extension("vectors")
    }

    /// Bytes on the disk.
    pub fn bytes(&self) -> u64 {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return 0 };
        entries.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum()
    }
}
