//! Putting units on a shelf.

use std::collections::{BTreeSet, HashSet};

use tantivy::{IndexWriter, TantivyDocument, TantivyError, Term};

use super::narrowing::day_number;
use super::{Shelf, ShelfError, passage};
use crate::rank::weight;
use crate::unit::{self, Unit};

/// Threads that cut and index.
const THREADS: usize = 2;
/// Memory of all threads together before a segment is written, in bytes.
const MEMORY: usize = 400_000_000;

/// What an import has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Units put on the shelf.
    pub units: u64,
    /// Groups they belong to.
    pub groups: u64,
    /// Bytes of text in them.
    pub bytes: u64,
}

/// An import under way. Nothing of it is seen until [`Writing::commit`]; dropped, it changes nothing.
pub struct Writing<'s> {
    shelf: &'s Shelf,
    writer: IndexWriter,
    /// Groups that this import replaces, by number.
    replaced: HashSet<u64>,
    written: HashSet<u64>,
    tally: Tally,
}

impl std::fmt::Debug for Writing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing").field("shelf", &self.shelf).field("tally", &self.tally).finish_non_exhaustive()
    }
}

impl<'s> Writing<'s> {
    pub(super) fn begin(shelf: &'s Shelf) -> Result<Self, ShelfError> {
        let writer = shelf.index.writer_with_num_threads(THREADS, MEMORY).map_err(|error| match error {
            TantivyError::LockFailure(..) => ShelfError::Busy { folder: shelf.folder.clone() },
            error => ShelfError::Index(error),
        })?;
        Ok(Self { shelf, writer, replaced: HashSet::new(), written: HashSet::new(), tally: Tally::default() })
    }

    /// Puts a unit on the shelf. The first unit of a group takes away what the group held before. Answers `false`, and
    /// changes nothing, if this import has put a unit of that name there already.
    ///
    /// # Errors
    /// The index cannot be written.
    pub fn put(&mut self, unit: &Unit) -> Result<bool, ShelfError> {
        let fields = &self.shelf.fields;
        // A law's article has one name in every revision.
        if !self.written.insert(unit::number(&format!("{}\n{}", unit.group, unit.id))) {
            return Ok(false);
        }
        let group = unit::number(&unit.group);
        let mut first_of_group = false;
        if self.replaced.insert(group) {
            self.writer.delete_term(Term::from_field_text(fields.group_name, &unit.group));
            self.tally.groups += 1;
            first_of_group = true;
        }
        let mut head = String::new();
        let mut weigh = |text: &str, times: usize| {
            for _ in 0..times {
                head.push_str(text);
                head.push('\n');
            }
        };
        weigh(&unit.title, weight::TITLE);
        unit.also.iter().for_each(|name| weigh(name, weight::TITLE));
        weigh(&unit.caption, weight::CAPTION);
        weigh(&unit.number, weight::CAPTION);
        unit.path.iter().for_each(|heading| weigh(heading, weight::PATH));
        let heading = format!("{}の{}", unit.title, unit.caption);
        let head_only = serde_json::to_vec(&Unit { text: String::new(), ..unit.clone() })?;
        for (place, text) in passage::passages(&unit.text).into_iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_text(fields.words.head, &head);
            document.add_text(fields.grams.head, &head);
            document.add_text(fields.words.text, text);
            document.add_text(fields.grams.text, text);
            document.add_text(fields.passage, text);
            document.add_text(fields.heading, &heading);
            document.add_u64(fields.part, place as u64);
            document.add_text(fields.id, &unit.id);
            document.add_text(fields.group_name, &unit.group);
            document.add_text(fields.work, unit.work());
            document.add_u64(fields.from, day_number(unit.from));
            document.add_u64(fields.until, unit.until.map_or(u64::MAX, |day| day_number(Some(day))));
            document.add_u64(fields.unit, unit::number(&unit.id));
            document.add_u64(fields.group, group);
            document.add_u64(fields.role, super::reading::role_number(unit.role));
            document.add_u64(fields.day, day_number(unit.date));
            for (facet, value) in &unit.facets {
                document.add_text(fields.facet, super::narrowing::facet_term(*facet, value));
            }
            unit.readers.iter().for_each(|mark| document.add_text(fields.reader, mark));
            if place == 0 {
                if first_of_group {
                    for name in std::iter::once(&unit.title).chain(&unit.also) {
                        document.add_text(fields.called, format!("{}\t{name}", unit.work()));
                    }
                }
                let cited: BTreeSet<&str> = unit.links.iter().map(|link| link.to.as_str()).collect();
                cited.into_iter().for_each(|to| document.add_text(fields.cites, to));
                document.add_bytes(fields.body, &head_only);
                if !unit.source.is_empty() {
                    document.add_text(fields.facet, super::HEAD);
                }
            }
            self.writer.add_document(document)?;
        }
        self.tally.units += 1;
        self.tally.bytes += (unit.text.len() + unit.title.len() + unit.caption.len()) as u64;
        Ok(true)
    }

    /// Takes a group away.
    pub fn remove(&mut self, group: &str) {
        self.writer.delete_term(Term::from_field_text(self.shelf.fields.group_name, group));
    }

    /// What has been done so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Makes all of it seen at once, and durable.
    ///
    /// # Errors
    /// The index cannot be written; then nothing of it is seen.
    pub fn commit(mut self) -> Result<Tally, ShelfError> {
        self.writer.commit()?;
        let tally = self.tally;
        self.writer.wait_merging_threads()?;
        self.shelf.reader.reload()?;
        Ok(tally)
    }

    /// As [`Writing::commit`], and then the index is packed into one segment, which makes searching fastest. For a
    /// large import; a small one is packed by and by.
    ///
    /// # Errors
    /// As there.
    pub fn commit_packed(mut self) -> Result<Tally, ShelfError> {
        self.writer.commit()?;
        let segments = self.shelf.index.searchable_segment_ids()?;
        if segments.len() > 1 {
            self.writer.merge(&segments).wait()?;
        }
        let tally = self.tally;
        self.writer.wait_merging_threads()?;
        self.shelf.reader.reload()?;
        Ok(tally)
    }
}
