//! Making a file of vectors: what of a shelf has none yet, and the file as it grows.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use tantivy::TantivyDocument;
use tantivy::schema::Value as _;

use super::file::{self, Content};
use super::places::Numbers;
use super::{Maker, TextHash, UnfitVector, Vectors, VectorsError, code};
use crate::rank::At;
use crate::shelf::{Reading, Shelf, ShelfError};
use crate::unit::{Corpus, Unit};

/// A text that has no vector yet.
#[derive(Clone, Debug)]
pub struct Wanted {
    text: TextHash,
    at: At,
    /// The grade label of the document it stands in; empty for none.
    pub grade: Arc<str>,
}

impl std::fmt::Debug for TextHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// How much of a shelf has vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Survey {
    /// Passages that may have one.
    pub passages: usize,
    /// Their texts, the same ones counted once.
    pub texts: usize,
    /// Texts that had one before.
    pub known: usize,
    /// Texts that were given one now.
    pub given: usize,
    /// Vectors of texts that are no longer on the shelf.
    pub gone: usize,
    /// Passages that are not for all, on a shelf of public texts.
    pub closed: usize,
}

/// A file of vectors under way. Nobody else makes it meanwhile.
pub struct Making {
    path: PathBuf,
    corpus: Corpus,
    maker: Maker,
    reading: Reading,
    _lock: File,
    /// Every passage that may have a vector, by number, with its text.
    passages: Vec<(u64, TextHash)>,
    dimensions: usize,
    /// The codes of texts, of those that are on the shelf alone.
    codes: HashMap<TextHash, Vec<i8>>,
    left: Vec<Wanted>,
    survey: Survey,
    /// Whether the file says something else than what is here.
    changed: bool,
}

impl std::fmt::Debug for Making {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Making").field("path", &self.path).field("survey", &self.survey).finish_non_exhaustive()
    }
}

impl Making {
    /// Takes up the file beside a shelf, or begins it. With `anew` an earlier file counts for nothing, but it
    /// stays until the first [`Making::save`].
    ///
    /// # Errors
    /// The file cannot be used, was made with something else, or is being made by somebody else.
    pub fn begin(shelf: &Shelf, maker: Maker, anew: bool) -> Result<Self, VectorsError> {
        let (path, corpus) = (shelf.vectors_file(), shelf.corpus());
        let because = |source| VectorsError::File { path: path.with_extension("vectors.lock"), source };
        let Some(held) = super::lock(&path).map_err(because)? else { return Err(VectorsError::Busy { path }) };
        let earlier = if anew { None } else { super::file::read(&path, corpus)? };
        if let Some(earlier) = &earlier {
            let same = |what, found: &str, asked: &str| {
                let (found, asked) = (found.to_owned(), asked.to_owned());
                if found == asked {
                    Ok(())
                } else {
                    Err(VectorsError::Other { path: path.clone(), what, found, asked })
                }
            };
            same("model", &earlier.maker.model, &maker.model)?;
            same("prefix", &earlier.maker.prefix, &maker.prefix)?;
        }
        let mut making = Self {
            path,
            corpus,
            maker,
            reading: shelf.read(),
            _lock: held,
            passages: Vec::new(),
            dimensions: earlier.as_ref().map_or(0, |earlier| earlier.dimensions),
            codes: HashMap::new(),
            left: Vec::new(),
            survey: Survey::default(),
            changed: earlier.is_none(),
        };
        let all = making.look_through()?;
        if let Some(earlier) = earlier {
            making.take_over(&earlier);
        }
        let mut once = HashSet::new();
        making.left = all.into_iter().filter(|one| once.insert(one.text)).collect();
        making.survey.texts = making.left.len();
        making.left.retain(|one| !making.codes.contains_key(&one.text));
        // One request declares one grade.
        making.left.sort_by(|a, b| (&a.grade, a.at).cmp(&(&b.grade, b.at)));
        making.survey.known = making.codes.len();
        Ok(making)
    }

    /// Reads the shelf from end to end: which passages there are, what they say, and under which grade.
    fn look_through(&mut self) -> Result<Vec<Wanted>, ShelfError> {
        let mut found: Vec<(u64, u64, Wanted)> = Vec::new();
        // A unit's grade and readers stand on its first passage alone, which may lie in another segment.
        let mut marked: HashMap<u64, Arc<str>> = HashMap::new();
        let none: Arc<str> = Arc::from("");
        for (segment_number, segment) in self.reading.searcher.segment_readers().iter().enumerate() {
            let numbers = Numbers::of(segment)?;
            let store = segment.get_store_reader(1).map_err(tantivy::TantivyError::from)?;
            let documents = store.iter::<TantivyDocument>(segment.alive_bitset());
            for (place, document) in segment.doc_ids_alive().zip(documents) {
                let document = document?;
                let text = |field| document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default();
                let said = self.maker.text(text(self.reading.fields.heading), text(self.reading.fields.passage));
                let first = |column: &tantivy::columnar::Column<u64>| column.first(place).unwrap_or_default();
                let unit = first(&numbers.units) ^ first(&numbers.groups).rotate_left(1);
                if let Some(body) = document.get_first(self.reading.fields.body).and_then(|value| value.as_bytes()) {
                    let unit_said: Unit = serde_json::from_slice(body)?;
                    if !unit_said.is_for_all() {
                        marked.insert(unit, Arc::from(&*unit_said.grade));
                    }
                }
                let wanted = Wanted { text: TextHash::of(&said), at: (segment_number, place), grade: none.clone() };
                found.push((unit, numbers.passage(place), wanted));
            }
        }
        let mut all = Vec::with_capacity(found.len());
        for (unit, passage, mut wanted) in found {
            if let Some(grade) = marked.get(&unit) {
                // What is not for all is embedded on the shelf of documents alone, where that was asked for by its name.
                if self.corpus != Corpus::Document {
                    self.survey.closed += 1;
                    continue;
                }
                wanted.grade = Arc::clone(grade);
            }
            self.passages.push((passage, wanted.text));
            all.push(wanted);
        }
        self.passages.sort_unstable();
        self.passages.dedup_by_key(|(number, _)| *number);
        self.survey.passages = self.passages.len();
        Ok(all)
    }

    /// Takes over the vectors of texts that are still on the shelf.
    fn take_over(&mut self, earlier: &Vectors) {
        let wanted: HashSet<TextHash> = self.passages.iter().map(|(_, text)| *text).collect();
        for (text, codes) in earlier.texts.iter().zip(earlier.codes.chunks_exact(earlier.dimensions)) {
            if wanted.contains(text) {
                self.codes.insert(*text, codes.to_vec());
            } else {
                self.survey.gone += 1;
            }
        }
        let text_of = |row: u32| earlier.texts.get(row as usize).copied();
        let now = self.passages.iter().filter(|(_, text)| self.codes.contains_key(text)).map(|(n, t)| (*n, Some(*t)));
        self.changed = self.survey.gone > 0 || !now.eq(earlier.rows.iter().map(|(n, row)| (*n, text_of(*row))));
    }

    /// What has no vector yet: by grade, then as it lies on the shelf.
    pub fn left(&self) -> &[Wanted] {
        &self.left
    }

    /// How far it is.
    pub fn survey(&self) -> Survey {
        self.survey
    }

    /// What is to be embedded.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn text(&self, wanted: &Wanted) -> Result<String, ShelfError> {
        let (heading, passage) = self.reading.text_at(wanted.at)?;
        Ok(self.maker.text(&heading, &passage))
    }

    /// Gives a text its vector.
    ///
    /// # Errors
    /// It is no vector, or not like the others.
    pub fn put(&mut self, wanted: &Wanted, vector: &[f32]) -> Result<(), UnfitVector> {
        if self.dimensions != 0 && vector.len() != self.dimensions {
            return Err(UnfitVector::Dimensions { found: vector.len(), known: self.dimensions });
        }
        let mut codes = Vec::with_capacity(vector.len());
        code::encode(vector, &mut codes)?;
        self.dimensions = vector.len();
        if self.codes.insert(wanted.text, codes).is_none() {
            self.survey.given += 1;
        }
        self.changed = true;
        Ok(())
    }

    /// Writes what there is, if the file does not say it already. A server that is running takes it up by itself.
    ///
    /// # Errors
    /// [`VectorsError::File`].
    pub fn save(&mut self) -> Result<(), VectorsError> {
        if !self.changed {
            return Ok(());
        }
        if self.codes.is_empty() {
            // An earlier file of which everything has left the shelf goes; one that was to be made anew, and of which not
            // even a beginning was made, stays.
            if self.survey.gone > 0 {
                std::fs::remove_file(&self.path)
                    .map_err(|source| VectorsError::File { path: self.path.clone(), source })?;
                self.changed = false;
            }
            return Ok(());
        }
        let mut texts: Vec<(TextHash, &[i8])> = self.codes.iter().map(|(text, codes)| (*text, &codes[..])).collect();
        texts.sort_unstable_by_key(|(text, _)| *text);
        let row_of = |text: TextHash| texts.binary_search_by_key(&text, |(text, _)| *text).ok();
        let row = |(number, text): &(u64, TextHash)| Some((*number, u32::try_from(row_of(*text)?).ok()?));
        let rows: Vec<(u64, u32)> = self.passages.iter().filter_map(row).collect();
        let (corpus, maker, dimensions) = (self.corpus, &self.maker, self.dimensions);
        file::write(&self.path, &Content { corpus, maker, dimensions, rows: &rows, texts: &texts })?;
        self.changed = false;
        Ok(())
    }
}
