//! How the units that fit are spread over the facets and the years. Bounded as the candidates are.

use std::collections::{BTreeMap, HashMap};

use crate::shelf::{Reading, ShelfError, year_of};
use crate::unit::Facet;

/// Values of one facet that are told.
const MOST: usize = 30;

/// A value with how many units have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The value.
    pub value: String,
    /// Units with it.
    pub units: usize,
}

/// The values of all facets, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By facet.
    pub facets: BTreeMap<Facet, Vec<Count>>,
    /// Units of each year, the latest first.
    pub years: Vec<(i16, usize)>,
}

/// Counts the values of units; of each unit one passage is given.
pub(super) fn count(reading: &Reading, units: &[(usize, u32)]) -> Result<Counts, ShelfError> {
    let mut places: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    units.iter().for_each(|(segment, place)| places.entry(*segment).or_default().push(*place));
    let (mut values, mut years) = (HashMap::<String, usize>::new(), BTreeMap::<i16, usize>::new());
    for (number, places) in places {
        let Some(segment) = reading.searcher.segment_readers().get(number) else { continue };
        let days = segment.fast_fields().u64("day")?;
        for year in places.iter().filter_map(|place| year_of(days.first(*place)?)) {
            *years.entry(year).or_default() += 1;
        }
        let Some(column) = segment.fast_fields().str("facet")? else { continue };
        let mut ords = HashMap::<u64, usize>::new();
        places.iter().flat_map(|place| column.term_ords(*place)).for_each(|ord| *ords.entry(ord).or_default() += 1);
        for (ord, units) in ords {
            let mut value = String::new();
            column.ord_to_str(ord, &mut value).map_err(tantivy::TantivyError::from)?;
            *values.entry(value).or_default() += units;
        }
    }
    let mut facets: BTreeMap<Facet, Vec<Count>> = BTreeMap::new();
    for (term, units) in values {
        if let Some((facet, value)) = term.split_once('=').and_then(|(name, value)| Some((Facet::named(name)?, value)))
        {
            facets.entry(facet).or_default().push(Count { value: value.to_owned(), units });
        }
    }
    for values in facets.values_mut() {
        values.sort_by(|a, b| b.units.cmp(&a.units).then_with(|| a.value.cmp(&b.value)));
        values.truncate(MOST);
    }
    Ok(Counts { facets, years: years.into_iter().rev().collect() })
}
