//! Which vector is that of which place of the index, and which of them are nearest to a question.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use tantivy::SegmentReader;
use tantivy::columnar::Column;
use tantivy::index::SegmentId;

use super::{Near, TextHash, Vectors, passage_number};
use crate::rank::At;
use crate::shelf::{Open, Reading, ShelfError, role_of};
use crate::unit::Role;

/// The rows of a segment's passages with their places, in the order of rows, so that a search goes through memory once.
type Rows = Arc<[(u32, u32)]>;

/// Segments never change, so what is known of one holds as long as it lives.
pub(super) type Known = HashMap<SegmentId, Rows>;

/// A unit that is near in meaning, by its nearest passage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Close {
    pub(crate) unit: u64,
    pub(crate) group: u64,
    pub(crate) role: Role,
    pub(crate) at: At,
    /// The cosine.
    pub(crate) near: f32,
}

impl Near {
    /// The nearest units that may be looked through, nearest first. What may not is left out before anything is compared.
    ///
    /// A passage that says something else by now than what was embedded is passed over: its vector is of a text that is
    /// gone.
    pub(crate) fn nearest(&self, reading: &Reading, open: &Open, most: usize) -> Result<Vec<Close>, ShelfError> {
        // Of a long unit several passages may be among the nearest, and some may be stale.
        let mut best = Best::new(4 * most);
        for (number, rows) in self.vectors.places(reading)?.iter().enumerate() {
            for (row, place) in rows.iter() {
                if open.holds(number, *place)
                    && let Some(near) = self.cosine(*row)
                {
                    best.add(near, *row, (number, *place));
                }
            }
        }
        let mut close: Vec<Close> = Vec::with_capacity(most);
        for (near, row, at) in best.nearest_first() {
            let (unit, group, role) = unit_at(reading, at)?;
            if close.iter().any(|known| known.unit == unit) || !self.vectors.still_says(reading, row, at)? {
                continue;
            }
            close.push(Close { unit, group, role, at, near });
            if close.len() == most {
                break;
            }
        }
        Ok(close)
    }

    fn cosine(&self, row: u32) -> Option<f32> {
        let (row, dimensions) = (row as usize, self.vectors.dimensions);
        let codes = self.vectors.codes.get(row * dimensions..(row + 1) * dimensions)?;
        Some(self.asked.cosine(codes, *self.vectors.scales.get(row)?))
    }
}

impl Vectors {
    /// Where the rows stand in each segment of a shelf. Found once for each segment.
    fn places(&self, reading: &Reading) -> Result<Vec<Rows>, ShelfError> {
        let segments = reading.searcher.segment_readers();
        let mut known = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|id, _| segments.iter().any(|segment| segment.segment_id() == *id));
        let mut all = Vec::with_capacity(segments.len());
        for segment in segments {
            let rows = match known.get(&segment.segment_id()) {
                Some(rows) => Arc::clone(rows),
                None => {
                    let rows = self.rows_of(segment)?;
                    known.insert(segment.segment_id(), Arc::clone(&rows));
                    rows
                }
            };
            all.push(rows);
        }
        Ok(all)
    }

    fn rows_of(&self, segment: &SegmentReader) -> Result<Rows, ShelfError> {
        let numbers = Numbers::of(segment)?;
        let mut rows: Vec<(u32, u32)> = (0..segment.max_doc())
            .filter_map(|place| {
                let at = self.rows.binary_search_by_key(&numbers.passage(place), |(number, _)| *number).ok()?;
                self.rows.get(at).map(|(_, row)| (*row, place))
            })
            .collect();
        rows.sort_unstable();
        Ok(rows.into())
    }

    fn still_says(&self, reading: &Reading, row: u32, at: At) -> Result<bool, ShelfError> {
        let (heading, passage) = reading.text_at(at)?;
        let says = TextHash::of(&self.maker.text(&heading, &passage));
        Ok(self.texts.get(row as usize) == Some(&says))
    }
}

/// The numbers by which the passages of a segment are known.
pub(super) struct Numbers {
    pub(super) units: Column<u64>,
    pub(super) groups: Column<u64>,
    parts: Column<u64>,
}

impl Numbers {
    pub(super) fn of(segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        Ok(Self { units: columns.u64("unit")?, groups: columns.u64("group")?, parts: columns.u64("part")? })
    }

    pub(super) fn passage(&self, place: u32) -> u64 {
        let number = |column: &Column<u64>| column.first(place).unwrap_or_default();
        passage_number(number(&self.units), number(&self.groups), number(&self.parts))
    }
}

/// The unit of a passage, its group, and what its speaker is there for.
fn unit_at(reading: &Reading, (segment, place): At) -> Result<(u64, u64, Role), ShelfError> {
    let Some(segment) = reading.searcher.segment_readers().get(segment) else { return Ok((0, 0, Role::Other)) };
    let number = |field| Ok::<_, ShelfError>(segment.fast_fields().u64(field)?.first(place).unwrap_or_default());
    Ok((number("unit")?, number("group")?, role_of(number("role")?)))
}

/// The nearest so far: what is no nearer than `least` need not be kept.
struct Best {
    list: Vec<(f32, u32, At)>,
    least: f32,
    count: usize,
}

impl Best {
    fn new(count: usize) -> Self {
        Self { list: Vec::with_capacity(2 * count), least: f32::NEG_INFINITY, count }
    }

    fn add(&mut self, near: f32, row: u32, at: At) {
        if near <= self.least {
            return;
        }
        self.list.push((near, row, at));
        if self.list.len() >= 2 * self.count {
            self.list.select_nth_unstable_by(self.count, nearer);
            self.list.truncate(self.count);
            self.least = self.list.iter().map(|(near, ..)| *near).fold(f32::INFINITY, f32::min);
        }
    }

    fn nearest_first(mut self) -> Vec<(f32, u32, At)> {
        self.list.sort_unstable_by(nearer);
        self.list.truncate(self.count);
        self.list
    }
}

fn nearer(a: &(f32, u32, At), b: &(f32, u32, At)) -> std::cmp::Ordering {
    b.0.total_cmp(&a.0).then(a.2.cmp(&b.2))
}
