//! Reading from a shelf.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use tantivy::collector::DocSetCollector;
use tantivy::columnar::Column;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Value as _};
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::narrowing::{InForce, Open, day_of};
use super::turns::Turns;
use super::{Fields, ShelfError};
use crate::law::LawId;
use crate::law::name::{LawNames, NameTable};
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

/// What the works on a shelf are called, from the dictionary of [`Fields::called`].
pub(super) fn names(searcher: &Searcher, fields: &Fields) -> tantivy::Result<NameTable> {
    let mut laws: BTreeMap<String, LawNames> = BTreeMap::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(fields.called)?;
        let mut terms = index.terms().stream()?;
        while terms.advance() {
            let Some((work, name)) = std::str::from_utf8(terms.key()).ok().and_then(|term| term.split_once('\t'))
            else {
                continue;
            };
            let Some(law_id) = LawId::new(work) else { continue };
            let names = laws.entry(work.to_owned()).or_insert_with(|| LawNames {
                law_id,
                title: name.to_owned(),
                number: None,
                short: Vec::new(),
            });
            if names.title != name {
                names.short.push(name.to_owned());
            }
        }
    }
    Ok(NameTable::new(laws.into_values()))
}

/// The state of a shelf at one moment.
pub struct Reading {
    pub(crate) searcher: Searcher,
    pub(crate) fields: Fields,
    names: Arc<NameTable>,
    pub(crate) turns: Arc<Turns>,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("passages", &self.searcher.num_docs()).finish_non_exhaustive()
    }
}

impl Reading {
    pub(super) fn new(searcher: Searcher, fields: Fields, names: Arc<NameTable>, turns: Arc<Turns>) -> Self {
        Self { searcher, fields, names, turns }
    }

    /// What the laws on the shelf are called.
    pub fn law_names(&self) -> &NameTable {
        &self.names
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
        let mut units = self.stored_on(Term::from_field_text(self.fields.work, name), Some(day))?;
        units.sort_by_key(|unit| unit.order);
        Ok(units)
    }

    /// The first days in force of a work's revisions, in order; `None` for a text without one. No text is read.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn revisions(&self, name: &str) -> Result<Vec<Option<Date>>, ShelfError> {
        let mut days = BTreeSet::new();
        for (segment, places) in self.places(Term::from_field_text(self.fields.work, name))? {
            let from = self.searcher.segment_reader(segment).fast_fields().u64("from")?;
            days.extend(places.into_iter().filter_map(|place| from.first(place)));
        }
        Ok(days.into_iter().map(day_of).collect())
    }

    /// The units that link to a unit, in force on a day; `limit` at most.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn citing(&self, id: &UnitId, day: Date, limit: usize) -> Result<Vec<Unit>, ShelfError> {
        // The term stands in first passages alone, which know everything of their unit but the rest of its text.
        let mut units = self.stored_on(Term::from_field_text(self.fields.cites, id.as_str()), Some(day))?;
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

    /// The first unit of every group whose source is known: what an import compares with.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn heads(&self) -> Result<Vec<Unit>, ShelfError> {
        self.stored(Term::from_field_text(self.fields.facet, super::HEAD))
    }

    /// Where the first passage of a unit stands, if it is looked through.
    pub(crate) fn place(&self, id: &UnitId, open: &Open) -> Result<Option<(usize, u32)>, ShelfError> {
        let term = Term::from_field_text(self.fields.id, id.as_str());
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let postings = segment.inverted_index(self.fields.id)?.read_block_postings(&term, IndexRecordOption::Basic);
            let Some(mut postings) = postings.map_err(tantivy::TantivyError::from)? else { continue };
            while postings.block_len() > 0 {
                if let Some(place) = postings.docs().iter().find(|place| open.holds(number, **place)) {
                    return Ok(Some((number, *place)));
                }
                postings.advance();
            }
        }
        Ok(None)
    }

    /// The whole unit that a passage belongs to.
    pub(crate) fn unit_at(&self, at: (usize, u32)) -> Result<Option<Unit>, ShelfError> {
        let Some(name) = self.names(&[at])?.pop() else { return Ok(None) };
        let Some(segment) = self.searcher.segment_readers().get(at.0) else { return Ok(None) };
        let group = segment.fast_fields().u64("group")?.first(at.1);
        let texts = self.stored(Term::from_field_text(self.fields.id, name.as_str()))?;
        Ok(texts.into_iter().find(|unit| Some(crate::unit::number(&unit.group)) == group))
    }

    /// The title and caption of a passage's unit, and the passage's text.
    pub(crate) fn text_at(&self, (segment, place): (usize, u32)) -> Result<(String, String), ShelfError> {
        let segment = u32::try_from(segment).unwrap_or(u32::MAX);
        let document: TantivyDocument = self.searcher.doc(DocAddress::new(segment, place))?;
        let text = |field| document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Ok((text(self.fields.heading), text(self.fields.passage)))
    }

    /// The names of the units that passages belong to, each given by segment and place, in the order given. The
    /// dictionary of a segment is gone through once for all of them.
    pub(crate) fn names(&self, places: &[(usize, u32)]) -> Result<Vec<UnitId>, ShelfError> {
        let mut names = vec![UnitId::new(""); places.len()];
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let Some(column) = segment.fast_fields().str("id")? else { continue };
            let here = places.iter().enumerate().filter(|(_, (segment, _))| *segment == number);
            let mut wanted: Vec<(u64, usize)> =
                here.filter_map(|(rank, (_, place))| Some((column.ords().first(*place)?, rank))).collect();
            wanted.sort_unstable();
            let ords: Vec<u64> = wanted.iter().map(|(ord, _)| *ord).collect();
            let mut ranks = wanted.into_iter().map(|(_, rank)| rank);
            let found = |name: &[u8]| {
                if let Some(slot) = ranks.next().and_then(|rank| names.get_mut(rank)) {
                    *slot = UnitId::new(String::from_utf8_lossy(name));
                }
            };
            column.dictionary().sorted_ords_to_term_cb(&ords, found).map_err(tantivy::TantivyError::from)?;
        }
        Ok(names)
    }

    /// The units whose passages hold a term, put together again from them.
    fn stored(&self, term: Term) -> Result<Vec<Unit>, ShelfError> {
        self.stored_on(term, None)
    }

    /// As [`Reading::stored`], of the texts in force on a day; those of other days are not read.
    fn stored_on(&self, term: Term, day: Option<Date>) -> Result<Vec<Unit>, ShelfError> {
        let mut units: BTreeMap<(u64, u64), Parts> = BTreeMap::new();
        for (segment, places) in self.places(term)? {
            let reader = self.searcher.segment_reader(segment);
            let columns = reader.fast_fields();
            let (groups, names, parts) = (columns.u64("group")?, columns.u64("unit")?, columns.u64("part")?);
            let in_force = day.map(|day| InForce::on(reader, day)).transpose()?;
            for place in places.into_iter().filter(|place| in_force.as_ref().is_none_or(|on| on.at(*place))) {
                let at = |column: &Column<u64>| column.first(place).unwrap_or_default();
                let document = self.searcher.doc(DocAddress::new(segment, place))?;
                units.entry((at(&groups), at(&names))).or_default().add(at(&parts), &document, &self.fields);
            }
        }
        let whole = units.into_values().map(Parts::whole).collect::<Result<Vec<_>, _>>()?;
        Ok(whole.into_iter().flatten().collect())
    }

    /// Where a term stands: the places of each segment, in order.
    fn places(&self, term: Term) -> Result<BTreeMap<u32, Vec<u32>>, ShelfError> {
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let mut places: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for place in self.searcher.search(&query, &DocSetCollector)? {
            places.entry(place.segment_ord).or_default().push(place.doc_id);
        }
        places.values_mut().for_each(|places| places.sort_unstable());
        Ok(places)
    }
}

/// The passages of a unit as they are found.
#[derive(Default)]
struct Parts {
    head: Option<Vec<u8>>,
    texts: BTreeMap<u64, String>,
}

impl Parts {
    fn add(&mut self, number: u64, document: &TantivyDocument, fields: &Fields) {
        if let Some(body) = document.get_first(fields.body).and_then(|value| value.as_bytes()) {
            self.head = Some(body.to_owned());
        }
        if let Some(text) = document.get_first(fields.passage).and_then(|value| value.as_str()) {
            self.texts.insert(number, text.to_owned());
        }
    }

    fn whole(self) -> Result<Option<Unit>, ShelfError> {
        let Some(head) = self.head else { return Ok(None) };
        let unit: Unit = serde_json::from_slice(&head)?;
        Ok(Some(Unit { text: self.texts.into_values().collect(), ..unit }))
    }
}
