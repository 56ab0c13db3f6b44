//! Units without a ranking: the latest first.

use std::collections::HashSet;

use super::{At, Ranked, Why, weight};
use crate::shelf::{Open, Reading, ShelfError};

/// The latest units that are looked through, [`weight::CANDIDATES`] at most.
pub(super) fn units(reading: &Reading, open: &Open) -> Result<Vec<Ranked>, ShelfError> {
    let mut found: Vec<(u64, u64, At)> = Vec::new();
    for (number, segment) in reading.searcher.segment_readers().iter().enumerate() {
        let columns = segment.fast_fields();
        let (days, units, parts) = (columns.u64("day")?, columns.u64("unit")?, columns.u64("part")?);
        let first = (0..segment.max_doc()).filter(|place| open.holds(number, *place) && parts.first(*place) == Some(0));
        found.extend(first.map(|place| {
            (days.first(place).unwrap_or_default(), units.first(place).unwrap_or_default(), (number, place))
        }));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    // Where every day's texts are looked through, a unit is told once.
    let mut told = HashSet::new();
    found.retain(|(_, unit, _)| told.insert(*unit));
    found.truncate(weight::CANDIDATES);
    Ok(found.into_iter().map(|(_, unit, at)| (unit, at, Why::default())).collect())
}
