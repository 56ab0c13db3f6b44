//! Putting units on a shelf.

use std::collections::{BTreeSet, HashSet};

use tantivy::indexer::NoMergePolicy;
use tantivy::{IndexWriter, TantivyDocument, TantivyError, Term};

use super::narrowing::day_number;
use super::{Shelf, ShelfError, passage};
use crate::rank::weight;
use crate::unit::{self, Unit};

/// Threads that cut and index.
const THREADS: usize = 2;
/// Memory of all threads together before a segment is written, in bytes.
const MEMORY: usize = 400_000_000;

/// Memory of a writer that only merges, which is next to none of it: the least that is allowed, in bytes.
const PACKING: usize = 15_000_000;
/// Imports of more units than this are packed into one segment.
const LARGE: u64 = 20_000;

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

    /// Makes all of it seen at once, and durable. After a large import the index is packed into one segment, which makes
    /// searching fastest; after a small one it is packed by and by.
    ///
    /// # Errors
    /// The index cannot be written; then nothing of it is seen.
    pub fn commit(self) -> Result<Tally, ShelfError> {
        self.commit_packed_above(LARGE)
    }

    fn commit_packed_above(mut self, most: u64) -> Result<Tally, ShelfError> {
        self.writer.commit()?;
        let Self { shelf, writer, tally, .. } = self;
        // All is on the shelf now: what becomes of the segments is no part of whether the import succeeded.
        drop(writer.wait_merging_threads());
        if tally.units > most {
            drop(pack(shelf));
        }
        shelf.reader.reload()?;
        Ok(tally)
    }
}

/// Merges all segments into one, by a writer that begins no merge of its own: two merges of one segment fail.
fn pack(shelf: &Shelf) -> Result<(), TantivyError> {
    let mut writer: IndexWriter = shelf.index.writer_with_num_threads(1, PACKING)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let segments = shelf.index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.wait_merging_threads()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Corpus;

    #[test]
    fn given_merges_in_the_background_then_packing_waits_for_them_and_leaves_one_segment() {
        for _ in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            let shelf = Shelf::open(folder.path(), Corpus::Document).unwrap();
            // With the eighth segment tantivy begins to merge by itself.
            for number in 1..=8 {
                let mut writing = shelf.write().unwrap();
                let text = "架空の規程である。".repeat(200);
                let group = format!("{number}");
                writing.put(&Unit { id: format!("{number}#1"), group, text, ..Unit::default() }).unwrap();
                let most = if number < 8 { LARGE } else { 0 };
                writing.commit_packed_above(most).unwrap();
            }
            assert_eq!(shelf.index.searchable_segment_ids().unwrap().len(), 1);
            assert_eq!(shelf.reader.searcher().segment_readers().len(), 1);
        }
    }
}
