//! Ranking: which units answer a question best, and why.
//!
//! 1. The question is folded and cut both ways, as the texts were; the rarest terms count.
//! 2. Every passage gets BM25F: how often a term stands in its text (by length) and in its head (title, caption,
//!    headings, weighted by repetition at indexing) is added up *before* it saturates, so that one word of a title does
//!    not outweigh three of the text.
//! 3. The best passage stands for its unit; a unit gains by what else of its group (law, meeting) fits the question;
//!    who answers for the government comes before who asks.
//!
//! Terms are taken from the rarest on. Once [`weight::POSTINGS`] have been read, the remaining, common ones are looked
//! up for the best passages so far alone: that bounds the time of any question.

mod evidence;
mod facets;
mod question;
mod score;
pub(crate) mod weight;

use std::collections::HashSet;

use serde::Serialize;

pub use facets::{Count, Counts};

use crate::shelf::{Narrowing, Reading, ShelfError};
use crate::unit::{Role, UnitId};

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// In words.
    pub text: String,
    /// Where.
    pub narrowing: Narrowing,
    /// A unit that is treated as if it were not on the shelf: the question itself, when its answer is looked for.
    pub without: Option<UnitId>,
    /// How many hits at most.
    pub limit: usize,
}

/// A unit found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Which.
    pub unit: UnitId,
    /// How well it fits; the sum of the parts of `why`. Comparable within one answer alone.
    pub score: f32,
    /// Why it stands where it stands.
    pub why: Why,
}

/// What a score is made of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Why {
    /// Its best passage against the best of all, 0 to 1.
    pub passage: f32,
    /// What the other units of its group add.
    pub group: f32,
    /// What the role of the speaker adds.
    pub role: f32,
}

/// A passage with its score.
pub(crate) struct Scored {
    pub(crate) score: f32,
    pub(crate) unit: u64,
    pub(crate) group: u64,
    pub(crate) role: Role,
    /// Segment and place, by which the name is looked up.
    pub(crate) at: (usize, u32),
}

/// What a search finds, for a page: the best units, and how all that fit are spread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The best, best first.
    pub hits: Vec<Hit>,
    /// How many units fit, among the passages that were looked at closely.
    pub units: usize,
    /// Whether more may fit than were looked at closely.
    pub more: bool,
    /// The values of facets among them.
    pub counts: Counts,
}

/// The units that answer a question best, best first.
///
/// # Errors
/// The index cannot be read.
pub fn rank(reading: &Reading, question: &Question) -> Result<Vec<Hit>, ShelfError> {
    let scored = scored(reading, question)?;
    hits(reading, &scored, question.limit)
}

/// As [`rank`], with how the units that fit are spread over the facets.
///
/// # Errors
/// As there.
pub fn find(reading: &Reading, question: &Question) -> Result<Found, ShelfError> {
    let scored = scored(reading, question)?;
    let mut seen = HashSet::new();
    let units: Vec<(usize, u32)> =
        scored.iter().filter(|passage| seen.insert(passage.unit)).map(|passage| passage.at).collect();
    Ok(Found {
        hits: hits(reading, &scored, question.limit)?,
        units: units.len(),
        more: scored.len() >= weight::CANDIDATES,
        counts: facets::count(reading, &units)?,
    })
}

/// The passages that fit, best first.
fn scored(reading: &Reading, question: &Question) -> Result<Vec<Scored>, ShelfError> {
    let terms = question::terms(reading, &question.text)?;
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let mut scored = score::passages(reading, &terms, &question.narrowing)?;
    if let Some(without) = question.without.as_ref().map(UnitId::number) {
        scored.retain(|passage| passage.unit != without);
    }
    Ok(scored)
}

fn hits(reading: &Reading, scored: &[Scored], limit: usize) -> Result<Vec<Hit>, ShelfError> {
    let ranked = evidence::weigh(scored, limit);
    let mut hits = Vec::with_capacity(ranked.len());
    for (at, why) in ranked {
        let unit = reading.name(at)?;
        hits.push(Hit { unit, score: why.passage + why.group + why.role, why });
    }
    Ok(hits)
}
