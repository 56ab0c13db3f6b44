//! Vectors of meaning beside a shelf: optional, made elsewhere, and only ever a second opinion on where to look.
//!
//! A file `<corpus>.vectors` lies beside the shelf of a corpus and holds one vector for each text of its passages, as some
//! model gave it. [`Making`] writes it, [`Vectors`] reads it and compares a question with every passage that may be looked
//! through, [`crate::rank`] fuses what it finds with what the words find. Without such a file nothing is different.
//!
//! Passages and not units have vectors: a model reads a thousand characters and forgets the rest of a long speech. Texts
//! and not passages are embedded: what ten revisions of a law say alike is asked for once.

mod code;
mod file;
mod making;
mod places;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sha2::Digest as _;

pub use code::UnfitVector;
pub use making::{Making, Survey, Wanted};
pub(crate) use places::Close;

use crate::unit::Corpus;

/// Why a file of vectors could not be used.
#[derive(Debug, thiserror::Error)]
pub enum VectorsError {
    /// It cannot be read or written.
    #[error("the file of vectors `{}` cannot be read or written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is not what this program wrote.
    #[error(
        "`{}` is no whole file of vectors ({what}); delete it and run `sekisho import vectors` again",
        path.display()
    )]
    Broken {
        /// Which.
        path: PathBuf,
        /// In what way.
        what: &'static str,
    },
    /// It was made of other texts or by another model than is asked for.
    #[error(
        "`{}` was made with the {what} `{found}`, not `{asked}`; ask for that one, or make all of it anew with `--replace`",
        path.display()
    )]
    Other {
        /// Which.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// In the file.
        found: String,
        /// Asked for.
        asked: String,
    },
    /// Another program is making it.
    #[error("another import is making `{}`; wait for its end", path.display())]
    Busy {
        /// Which.
        path: PathBuf,
    },
    /// The shelf beside it.
    #[error(transparent)]
    Shelf(#[from] crate::shelf::ShelfError),
}

/// The file of vectors of a corpus below `search`.
pub fn file_of(search: &Path, corpus: Corpus) -> PathBuf {
    search.join(format!("{}.vectors", corpus.name()))
}

/// Keeps others from making a file of vectors; `None` while somebody does.
pub(crate) fn lock(file: &Path) -> std::io::Result<Option<std::fs::File>> {
    let held = std::fs::File::create(file.with_extension("vectors.lock"))?;
    match held.try_lock() {
        Ok(()) => Ok(Some(held)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

/// What a file of vectors was made with. Vectors of two models, or of texts that were introduced to a model in two ways,
/// cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// The model's name in the register.
    pub model: String,
    /// What stands before every text, where a model wants to be told that it reads a document.
    pub prefix: String,
}

impl Maker {
    /// What is embedded of a passage: it is known by the title and caption of its unit as much as by what it says.
    fn text(&self, heading: &str, passage: &str) -> String {
        format!("{}{heading}\n{passage}", self.prefix)
    }
}

/// A text that was embedded, by the first half of its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct TextHash([u8; 16]);

impl TextHash {
    fn of(text: &str) -> Self {
        let mut half = [0; 16];
        half.iter_mut().zip(sha2::Sha256::digest(text.as_bytes())).for_each(|(half, byte)| *half = byte);
        Self(half)
    }
}

/// A passage by number: its unit, its group (for a law's article has one name in every revision) and its place in them.
fn passage_number(unit: u64, group: u64, part: u64) -> u64 {
    /// Spreads small numbers over all bits.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    (unit ^ group.rotate_left(1)).wrapping_add(part.wrapping_mul(SPREAD))
}

/// The vectors of a corpus, in memory.
pub struct Vectors {
    corpus: Corpus,
    maker: Maker,
    dimensions: usize,
    /// Which row is that of a passage; by number, in order.
    rows: Vec<(u64, u32)>,
    /// What was embedded, row after row.
    texts: Vec<TextHash>,
    /// The vectors as whole numbers, row after row.
    codes: Vec<i8>,
    /// One over the length of each row.
    scales: Vec<f32>,
    places: Mutex<places::Known>,
}

impl std::fmt::Debug for Vectors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (corpus, maker, dimensions) = (&self.corpus, &self.maker, &self.dimensions);
        let mut shown = f.debug_struct("Vectors");
        shown.field("corpus", corpus).field("maker", maker).field("dimensions", dimensions);
        shown.field("passages", &self.rows.len()).field("texts", &self.texts.len()).finish_non_exhaustive()
    }
}

impl Vectors {
    /// Reads the file of a corpus below `search`; `None` where there is none.
    ///
    /// # Errors
    /// [`VectorsError::File`], [`VectorsError::Broken`].
    pub fn open(search: &Path, corpus: Corpus) -> Result<Option<Self>, VectorsError> {
        file::read(&file_of(search, corpus), corpus)
    }

    /// What they were made with.
    pub fn maker(&self) -> &Maker {
        &self.maker
    }

    /// Numbers in each vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Passages that have a vector.
    pub fn passages(&self) -> usize {
        self.rows.len()
    }

    /// A question as a vector, to be looked for among these.
    ///
    /// # Errors
    /// It is no vector of the same model.
    pub fn near(self: &Arc<Self>, question: &[f32]) -> Result<Near, UnfitVector> {
        if question.len() != self.dimensions {
            return Err(UnfitVector::Dimensions { found: question.len(), known: self.dimensions });
        }
        Ok(Near { asked: Arc::new(code::Asked::new(question)?), vectors: Arc::clone(self) })
    }
}

/// A question as a vector, with the vectors it is compared with.
#[derive(Clone, Debug)]
pub struct Near {
    vectors: Arc<Vectors>,
    asked: Arc<code::Asked>,
}
