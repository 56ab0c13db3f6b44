//! Reading from a shelf.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::Date;
use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Value as _};
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::{Fields, ShelfError};
use crate::unit::{Role, Unit, UnitId};

/// A role as the index keeps it.
pub(super) fn role_number(role: Role) -> u64 {
    match role {
        Role::Other => 0,
        Role::Answers => 1,
        Role::Asks => 2,
        Role::Presides => 3,
    }
}

/// The role of a number.
pub(crate) fn role_of(number: u64) -> Role {
    match number {
        1 => Role::Answers,
        2 => Role::Asks,
        3 => Role::Presides,
        _ => Role::Other,
    }
}

/// The state of a shelf at one moment.
pub struct Reading {
    pub(crate) searcher: Searcher,
    pub(crate) fields: Fields,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("passages", &self.searcher.num_docs()).finish_non_exhaustive()
    }
}

impl Reading {
    pub(super) fn new(searcher: Searcher, fields: Fields) -> Self {
        Self { searcher, fields }
    }

    /// Passages on the shelf.
    pub fn passages(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// How many works (laws, meetings, documents) lie on the shelf. One that was taken away counts until its segment is
    /// packed.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn works(&self) -> Result<usize, ShelfError> {
        let mut works = HashSet::new();
        for segment in self.searcher.segment_readers() {
            let names = segment.inverted_index(self.fields.work)?;
            let mut names = names.terms().stream().map_err(tantivy::TantivyError::from)?;
            while names.advance() {
                works.insert(names.key().to_owned());
            }
        }
        Ok(works.len())
    }

    /// The unit of a name as it is in force on a day; a name may have a text in every revision of its law.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn unit(&self, id: &UnitId, day: Date) -> Result<Option<Unit>, ShelfError> {
        Ok(self.texts(id)?.into_iter().rfind(|unit| unit.in_force(day)))
    }

    /// Every text of a name, the earliest first.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn texts(&self, id: &UnitId) -> Result<Vec<Unit>, ShelfError> {
        let mut texts = self.stored(Term::from_field_text(self.fields.id, id.as_str()))?;
        texts.sort_by_key(|unit| unit.from);
        Ok(texts)
    }

    /// Every unit of a work (a law, a meeting) as in force on a day, in order.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn work(&self, name: &str, day: Date) -> Result<Vec<Unit>, ShelfError> {
        let mut units = self.stored(Term::from_field_text(self.fields.work, name))?;
        units.retain(|unit| unit.in_force(day));
        units.sort_by_key(|unit| unit.order);
        Ok(units)
    }

    /// The first days in force of a work's revisions, in order; `None` for a text without one.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn revisions(&self, name: &str) -> Result<Vec<Option<Date>>, ShelfError> {
        let units = self.stored(Term::from_field_text(self.fields.work, name))?;
        Ok(units.into_iter().map(|unit| unit.from).collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// The units that link to a unit, in force on a day; `limit` at most.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn citing(&self, id: &UnitId, day: Date, limit: usize) -> Result<Vec<Unit>, ShelfError> {
        let mut units = self.stored(Term::from_field_text(self.fields.cites, id.as_str()))?;
        units.retain(|unit| unit.in_force(day));
        units.sort_by(|a, b| (a.work(), a.order).cmp(&(b.work(), b.order)));
        units.truncate(limit);
        Ok(units)
    }

    /// Every unit of a group, in order.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn group(&self, name: &str) -> Result<Vec<Unit>, ShelfError> {
        let mut units = self.stored(Term::from_field_text(self.fields.group_name, name))?;
        units.sort_by_key(|unit| unit.order);
        Ok(units)
    }

    /// The name of the unit that a passage belongs to.
    pub(crate) fn name(&self, (segment, place): (usize, u32)) -> Result<UnitId, ShelfError> {
        let mut name = String::new();
        let Some(segment) = self.searcher.segment_readers().get(segment) else { return Ok(UnitId::new(name)) };
        if let Some(names) = segment.fast_fields().str("id")?
            && let Some(ord) = names.term_ords(place).next()
        {
            names.ord_to_str(ord, &mut name).map_err(tantivy::TantivyError::from)?;
        }
        Ok(UnitId::new(name))
    }

    /// The units whose first passage holds a term.
    fn stored(&self, term: Term) -> Result<Vec<Unit>, ShelfError> {
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let mut places: Vec<DocAddress> = self.searcher.search(&query, &DocSetCollector)?.into_iter().collect();
        places.sort();
        let mut units = Vec::new();
        for place in places {
            let document: TantivyDocument = self.searcher.doc(place)?;
            if let Some(body) = document.get_first(self.fields.body).and_then(|value| value.as_bytes()) {
                units.push(serde_json::from_slice(body)?);
            }
        }
        Ok(units)
    }
}
