//! Units without a ranking: the latest first.

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
    found.truncate(weight::CANDIDATES);
    Ok(found.into_iter().map(|(_, unit, at)| (unit, at, Why::default())).collect())
}
