//! A document onto the shelf.

use std::collections::HashSet;

use super::cut::{Part, units};
use crate::shelf::{Reading, Shelf, ShelfError, Writing};
use crate::source::{Place, Reject, Report, hash};

/// What goes with a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Its grade: 機密性2.
    pub grade: String,
    /// Who may read it; empty for all.
    pub readers: Vec<String>,
}

/// A document as its text was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is known by on the shelf: its path below the folder that was named.
    pub name: String,
    /// Its text, in reading order.
    pub parts: Vec<Part>,
}

/// An import of documents under way. Nothing of it is seen until [`Import::finish`]; dropped, it changes nothing.
#[derive(Debug)]
pub struct Import<'s> {
    reading: Reading,
    writing: Writing<'s>,
    mark: Mark,
    /// Names that came in this import.
    seen: HashSet<String>,
    report: Report,
}

impl<'s> Import<'s> {
    /// Begins; what is put on the shelf carries `mark`.
    ///
    /// # Errors
    /// Another import writes, or the shelf cannot be used.
    pub fn begin(shelf: &'s Shelf, mark: Mark) -> Result<Self, ShelfError> {
        let writing = shelf.write()?;
        Ok(Self { reading: shelf.read(), writing, mark, seen: HashSet::new(), report: Report::default() })
    }

    /// Puts a document on the shelf, unless the shelf has it just so. One without text takes away what it said before.
    ///
    /// # Errors
    /// The shelf cannot be read or written.
    pub fn put(&mut self, document: &Document) -> Result<(), ShelfError> {
        let name = &document.name;
        if !self.is_first(name) {
            return Ok(());
        }
        let mut units = units(name, &document.parts, &self.mark);
        let source = hash(&[&serde_json::to_vec(&units)?]);
        let Some(first) = units.first_mut() else {
            self.report.notes.push(Reject::new(
                Place::file(&**name),
                "文字がありません。画像だけの文書なら、文字認識をしてから渡してください。",
                "holds no text; if it is scanned pages, recognise the text first",
            ));
            return self.gone(name);
        };
        first.source.clone_from(&source);
        let stored = self.reading.group(name)?;
        match stored.first() {
            Some(before) if before.source == source => {
                self.report.unchanged += 1;
                return Ok(());
            }
            Some(_) => self.report.changed += 1,
            None => self.report.new += 1,
        }
        for unit in &units {
            self.writing.put(unit)?;
        }
        Ok(())
    }

    /// A document whose text cannot be read. What it said before goes: who may read that may have changed with it.
    ///
    /// # Errors
    /// The shelf cannot be read.
    pub fn unread(&mut self, name: &str, why: Reject) -> Result<(), ShelfError> {
        self.report.rejects.push(why);
        if self.is_first(name) { self.gone(name) } else { Ok(()) }
    }

    /// A file that holds no text by its kind.
    ///
    /// # Errors
    /// The shelf cannot be read.
    pub fn pass_over(&mut self, name: &str) -> Result<(), ShelfError> {
        self.report.passed_over += 1;
        if self.seen.insert(name.to_owned()) { self.gone(name) } else { Ok(()) }
    }

    /// Takes the document of a name off the shelf.
    ///
    /// # Errors
    /// The shelf cannot be read.
    pub fn remove(&mut self, name: &str) -> Result<(), ShelfError> {
        if !self.is_first(name) {
            return Ok(());
        }
        if !self.take_away(name)? {
            self.report.rejects.push(Reject::new(
                Place::file(name),
                "この名前の文書はありません。取り込んだときのフォルダーの名前から書いてください。",
                "no document has this name; begin with the name of the folder that was imported",
            ));
        }
        Ok(())
    }

    /// Notes something that is not as it should be.
    pub fn note(&mut self, note: Reject) {
        self.report.notes.push(note);
    }

    /// Notes something that could not even be found.
    pub fn reject(&mut self, reject: Reject) {
        self.report.rejects.push(reject);
    }

    /// Makes all of it seen at once.
    ///
    /// # Errors
    /// The index cannot be written; then nothing of it is seen.
    pub fn finish(self) -> Result<Report, ShelfError> {
        let Self { writing, mut report, .. } = self;
        report.written = writing.commit()?;
        Ok(report)
    }

    /// Whether a name comes for the first time; told if not, for one of the two would be lost.
    fn is_first(&mut self, name: &str) -> bool {
        let first = self.seen.insert(name.to_owned());
        if !first {
            self.report.rejects.push(Reject::new(
                Place::file(name),
                "同じ名前の文書がもう一つあります。フォルダーの名前を変えてください。",
                "another document of this import has the same name; rename its folder",
            ));
        }
        first
    }

    fn gone(&mut self, name: &str) -> Result<(), ShelfError> {
        if self.take_away(name)? {
            self.report.notes.push(Reject::new(
                Place::file(name),
                "前に取り込んだ本文を検索から除きました。",
                "the text imported before was taken out of the search",
            ));
        }
        Ok(())
    }

    fn take_away(&mut self, name: &str) -> Result<bool, ShelfError> {
        let held = !self.reading.group(name)?.is_empty();
        if held {
            self.writing.remove(name);
            self.report.changed += 1;
        }
        Ok(held)
    }
}
