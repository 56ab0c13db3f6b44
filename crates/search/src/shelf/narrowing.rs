//! Narrowing: which part of a shelf is looked through. What the reader may not see is left out here, before ranking.

use std::collections::HashSet;

use jiff::civil::{Date, date};
use tantivy::columnar::Column;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, SegmentReader, Term};

use super::Fields;
use crate::unit::Facet;

/// What is looked through. The default is everything that all may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Any of the values of one facet, and so for every facet named.
    pub facets: Vec<(Facet, String)>,
    /// No earlier than this day.
    pub since: Option<Date>,
    /// No later than this day.
    pub until: Option<Date>,
    /// Units of this group alone.
    pub group: Option<String>,
    /// The texts in force on this day; `None` for those of every day.
    pub as_of: Option<Date>,
    /// The reader's marks: units that name readers are looked through only if one of theirs is among these.
    pub marks: Vec<String>,
}

/// A day as the index keeps it: 0 for none, else days from the year 1 on.
pub(super) fn day_number(day: Option<Date>) -> u64 {
    let since = |day: Date| day.since((jiff::Unit::Day, date(1, 1, 1))).ok().map(|span| span.get_days());
    day.and_then(since).and_then(|days| u64::try_from(days).ok()).map_or(0, |days| days + 1)
}

/// The day of a number; `None` for none.
pub(super) fn day_of(number: u64) -> Option<Date> {
    let span = jiff::Span::new().try_days(i64::try_from(number.checked_sub(1)?).ok()?).ok()?;
    date(1, 1, 1).checked_add(span).ok()
}

/// The year of a day as the index keeps it.
pub(crate) fn year_of(number: u64) -> Option<i16> {
    day_of(number).map(Date::year)
}

/// A facet's value as one term.
pub(super) fn facet_term(facet: Facet, value: &str) -> String {
    format!("{}={value}", facet.name())
}

/// What is looked through on a shelf: for every segment all of it, or one place for each passage.
pub(crate) struct Open(Vec<Option<Vec<bool>>>);

impl Open {
    /// Whether a passage is looked through.
    pub(crate) fn holds(&self, segment: usize, place: u32) -> bool {
        match self.0.get(segment) {
            Some(Some(open)) => open.get(place as usize).copied().unwrap_or(false),
            Some(None) => true,
            None => false,
        }
    }

    /// Leaves out the units that do not hold a term of every pair somewhere: in whichever of their passages, for what is
    /// asked of a unit is asked of it as a whole. Pairs come rarest first.
    pub(crate) fn keep_units(&mut self, searcher: &Searcher, pairs: &[[Term; 2]]) -> tantivy::Result<()> {
        let mut kept: Option<HashSet<u64>> = None;
        for pair in pairs {
            let mut found = HashSet::new();
            for segment in searcher.segment_readers() {
                let of = Whose::of(segment)?;
                for term in pair {
                    mark(segment, term, |place| {
                        let unit = of.unit(place);
                        if kept.as_ref().is_none_or(|kept| kept.contains(&unit)) {
                            found.insert(unit);
                        }
                    })?;
                }
            }
            kept = Some(found);
            if kept.as_ref().is_some_and(HashSet::is_empty) {
                break;
            }
        }
        let Some(kept) = kept else { return Ok(()) };
        for (segment, open) in searcher.segment_readers().iter().zip(&mut self.0) {
            let of = Whose::of(segment)?;
            and(open, (0..segment.max_doc() as usize).map(|place| kept.contains(&of.unit(place))).collect());
        }
        Ok(())
    }

    /// Leaves out the passages of which no value of a facet is wanted. The dictionary is gone through, not the passages.
    pub(crate) fn keep_facet(
        &mut self,
        searcher: &Searcher,
        fields: &Fields,
        facet: Facet,
        wanted: impl Fn(&str) -> bool,
    ) -> tantivy::Result<()> {
        let prefix = facet_term(facet, "");
        for (segment, open) in searcher.segment_readers().iter().zip(&mut self.0) {
            let index = segment.inverted_index(fields.facet)?;
            let mut any = vec![false; segment.max_doc() as usize];
            let mut terms = index.terms().range().ge(prefix.as_bytes()).into_stream()?;
            while terms.advance() && terms.key().starts_with(prefix.as_bytes()) {
                let value = terms.key().get(prefix.len()..).and_then(|value| std::str::from_utf8(value).ok());
                if value.is_some_and(&wanted) {
                    let mut postings =
                        index.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
                    each_place(&mut postings, |place| set(&mut any, place, true));
                }
            }
            and(open, any);
        }
        Ok(())
    }

    /// The places of one segment; `None` for all of them.
    pub(crate) fn of(&self, segment: usize) -> Option<&[bool]> {
        self.0.get(segment).and_then(Option::as_deref)
    }
}

impl Narrowing {
    /// What is looked through on a shelf.
    pub(crate) fn open(&self, searcher: &Searcher, fields: &Fields) -> tantivy::Result<Open> {
        let segments = searcher.segment_readers().iter();
        Ok(Open(segments.map(|segment| self.passages(segment, fields)).collect::<Result<_, _>>()?))
    }

    fn is_all(&self) -> bool {
        self.facets.is_empty() && self.since.is_none() && self.until.is_none() && self.group.is_none()
    }

    /// The passages of a segment that are looked through, one place each; `None` if that is all of them.
    fn passages(&self, segment: &SegmentReader, fields: &Fields) -> tantivy::Result<Option<Vec<bool>>> {
        let count = segment.max_doc() as usize;
        let readers = segment.inverted_index(fields.reader)?;
        let restricted = readers.terms().num_terms() > 0;
        let dated = self.as_of.map(|day| InForce::on(segment, day)).transpose()?.filter(|in_force| !in_force.all());
        if self.is_all() && dated.is_none() && !restricted && segment.alive_bitset().is_none() {
            return Ok(None);
        }
        let mut open = vec![true; count];
        let mut keep = |terms: &[Term]| -> tantivy::Result<()> {
            let mut any = vec![false; count];
            for term in terms {
                mark(segment, term, |place| set(&mut any, place, true))?;
            }
            open.iter_mut().zip(any).for_each(|(open, any)| *open &= any);
            Ok(())
        };
        let mut facets = self.facets.clone();
        facets.sort();
        for same in facets.chunk_by(|a, b| a.0 == b.0) {
            let terms: Vec<Term> = same
                .iter()
                .map(|(facet, value)| Term::from_field_text(fields.facet, &facet_term(*facet, value)))
                .collect();
            keep(&terms)?;
        }
        if let Some(group) = &self.group {
            keep(&[Term::from_field_text(fields.group_name, group)])?;
        }
        if self.since.is_some() || self.until.is_some() {
            let days = segment.fast_fields().u64("day")?;
            let (since, until) =
                (day_number(self.since).max(1), self.until.map_or(u64::MAX, |day| day_number(Some(day))));
            for (place, open) in (0_u32..).zip(open.iter_mut()) {
                *open &= days.first(place).is_some_and(|day| (since..=until).contains(&day));
            }
        }
        if let Some(in_force) = dated {
            (0_u32..).zip(open.iter_mut()).for_each(|(place, open)| *open &= in_force.at(place));
        }
        if restricted {
            let mut closed = vec![false; count];
            let mut terms = readers.terms().stream()?;
            while terms.advance() {
                let mut postings =
                    readers.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
                each_place(&mut postings, |place| set(&mut closed, place, true));
            }
            // A unit with several marks is open to whoever holds one of them.
            for mine in &self.marks {
                mark(segment, &Term::from_field_text(fields.reader, mine), |place| set(&mut closed, place, false))?;
            }
            open.iter_mut().zip(closed).for_each(|(open, closed)| *open &= !closed);
        }
        if let Some(alive) = segment.alive_bitset() {
            for (place, open) in (0_u32..).zip(open.iter_mut()) {
                *open &= alive.is_alive(place);
            }
        }
        Ok(Some(open))
    }
}

/// Which unit a passage belongs to, revisions apart.
struct Whose {
    units: Column<u64>,
    groups: Column<u64>,
}

impl Whose {
    fn of(segment: &SegmentReader) -> tantivy::Result<Self> {
        Ok(Self { units: segment.fast_fields().u64("unit")?, groups: segment.fast_fields().u64("group")? })
    }

    fn unit(&self, place: usize) -> u64 {
        let number = |column: &Column<u64>| u32::try_from(place).ok().and_then(|place| column.first(place));
        number(&self.units).unwrap_or_default() ^ number(&self.groups).unwrap_or_default().rotate_left(1)
    }
}

/// Which texts are in force on a day.
pub(super) struct InForce {
    day: u64,
    from: Column<u64>,
    until: Column<u64>,
}

impl InForce {
    pub(super) fn on(segment: &SegmentReader, day: Date) -> tantivy::Result<Self> {
        let (from, until) = (segment.fast_fields().u64("from")?, segment.fast_fields().u64("until")?);
        Ok(Self { day: day_number(Some(day)), from, until })
    }

    /// Whether that is all of them, as on a shelf without revisions.
    fn all(&self) -> bool {
        self.from.max_value() <= self.day && self.day < self.until.min_value()
    }

    pub(super) fn at(&self, place: u32) -> bool {
        self.from.first(place).is_none_or(|from| from <= self.day)
            && self.until.first(place).is_none_or(|until| self.day < until)
    }
}

/// What is looked through, less what is not in `any`.
fn and(open: &mut Option<Vec<bool>>, any: Vec<bool>) {
    match open {
        Some(open) => open.iter_mut().zip(any).for_each(|(open, any)| *open &= any),
        None => *open = Some(any),
    }
}

fn set(places: &mut [bool], place: usize, to: bool) {
    if let Some(found) = places.get_mut(place) {
        *found = to;
    }
}

fn each_place(postings: &mut BlockSegmentPostings, mut each: impl FnMut(usize)) {
    while postings.block_len() > 0 {
        postings.docs().iter().for_each(|place| each(*place as usize));
        postings.advance();
    }
}

/// Calls `each` with every passage that holds a term.
fn mark(segment: &SegmentReader, term: &Term, each: impl FnMut(usize)) -> tantivy::Result<()> {
    if let Some(mut postings) =
        segment.inverted_index(term.field())?.read_block_postings(term, IndexRecordOption::Basic)?
    {
        each_place(&mut postings, each);
    }
    Ok(())
}
