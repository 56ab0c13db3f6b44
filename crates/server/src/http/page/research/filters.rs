//! Filters: the values among the hits, each with how many hits have it.

use super::asked::Asked;
use super::labels;
use jiff::civil::date;
use sekisho_search::rank::Counts;
use sekisho_search::unit::{Corpus, Facet};

/// Values of a filter that are shown.
const SHOWN: usize = 12;

/// A value to narrow by, or to stop narrowing by.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) label: String,
    pub(super) units: usize,
    pub(super) href: String,
}

/// The values of one filter.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) label: &'static str,
    pub(super) open: bool,
    pub(super) choices: Vec<Choice>,
}

/// What is chosen, and what can be.
pub(super) fn groups(corpus: Corpus, path: &str, asked: &Asked, counts: &Counts) -> (Vec<Choice>, Vec<Group>) {
    let chosen = |facet: Facet, value: &str| asked.facets.iter().any(|(f, v)| (*f, v.as_str()) == (facet, value));
    let choice = |facet: Facet, value: &str, units: usize| Choice {
        label: labels::value(facet, value),
        units,
        href: asked.toggled(facet, value).address(path),
    };
    let on = asked.facets.iter().map(|(facet, value)| {
        let label = format!("{}: {}", labels::facet(corpus, *facet), labels::value(*facet, value));
        Choice { label, ..choice(*facet, value, 0) }
    });
    let mut groups = Vec::new();
    for facet in Facet::ALL {
        let values = counts.facets.get(&facet).into_iter().flatten();
        let choices: Vec<Choice> = values
            .filter(|count| !chosen(facet, &count.value))
            .take(SHOWN)
            .map(|count| choice(facet, &count.value, count.units))
            .collect();
        if !choices.is_empty() {
            let open = groups.len() < 2;
            groups.push(Group { label: labels::facet(corpus, facet), open, choices });
        }
    }
    let years: Vec<Choice> = counts
        .years
        .iter()
        .take(SHOWN)
        .map(|(year, units)| {
            let (since, until) = (date(*year, 1, 1), date(*year, 12, 31));
            let asked = Asked { since: Some(since), until: Some(until), ..asked.turned(1) };
            Choice { label: format!("{year}年"), units: *units, href: asked.address(path) }
        })
        .collect();
    if years.len() > 1 {
        let label = if corpus == Corpus::Law { "公布の年" } else { "年" };
        groups.push(Group { label, open: false, choices: years });
    }
    (on.collect(), groups)
}
