//! Ranking: which units answer a question best, and why.
//!
//! 1. The question is folded and cut both ways, as the texts were; the rarest terms count.
//! 2. Every passage gets BM25F: how often a term stands in its text (by length) and in its head (title, caption,
//!    headings, weighted by repetition at indexing) is added up *before* it saturates, so that one word of a title does
//!    not outweigh three of the text.
//! 3. The best passage stands for its unit; a unit gains by what else of its group (law, meeting) fits the question;
//!    who answers for the government comes before who asks.
//!
//! 4. If the question is given as a vector too, the units nearest in meaning are found as well, and the two rankings are
//!    fused by rank. Without one nothing of this is done.
//!
//! Terms are taken from the rarest on. Once [`weight::POSTINGS`] have been read, the remaining, common ones are looked
//! up for the best passages so far alone: that bounds the time of any question.

mod evidence;
mod expert;
mod facets;
mod fusion;
mod latest;
mod question;
mod score;
pub(crate) mod weight;
mod wording;

use serde::Serialize;

pub use facets::{Count, Counts};

use self::expert::Expert;
use self::wording::Wording;
use crate::dense::Near;
use crate::law::asked;
use crate::shelf::{Narrowing, Open, Reading, ShelfError};
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
    /// The question as a vector: what is near in meaning is looked for as well.
    pub near: Option<Near>,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Why {
    /// That the question names it outright (民法709条); more than everything else together.
    pub named: f32,
    /// Its best passage against the best of all, 0 to 1.
    pub passage: f32,
    /// How much of the question's own wording stands in that passage.
    pub wording: f32,
    /// What the other units of its group add.
    pub group: f32,
    /// What the role of the speaker adds.
    pub role: f32,
    /// Where words and meaning put it, if both were asked; then the score is of these two ranks, and what stands above
    /// tells where the rank by words comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fused: Option<Fused>,
}

/// Two rankings of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fused {
    /// Its rank by words, from 1; `None` where no word led to it.
    pub by_words: Option<usize>,
    /// Its rank by meaning, from 1; `None` where others were nearer.
    pub by_meaning: Option<usize>,
    /// The cosine of its nearest passage to the question.
    pub near: Option<f32>,
    /// What the two ranks are worth together.
    pub score: f32,
}

/// Segment and place of a passage.
pub(crate) type At = (usize, u32);

/// A passage with its score.
pub(crate) struct Scored {
    pub(crate) score: f32,
    pub(crate) unit: u64,
    pub(crate) group: u64,
    pub(crate) role: Role,
    /// Segment and place, by which the name is looked up.
    pub(crate) at: At,
}

impl Why {
    /// The whole score.
    pub fn sum(&self) -> f32 {
        match self.fused {
            Some(fused) => self.named + fused.score,
            None => self.named + self.passage + self.wording + self.group + self.role,
        }
    }
}

/// More than any other score; less one for each further unit that is named.
const NAMED: f32 = 100.0;

/// A unit by number, where its best passage stands, and why it is found.
type Ranked = (u64, At, Why);

/// The best units once more, by how much of the question's wording their best passage has.
fn worded(reading: &Reading, question: &str, mut ranked: Vec<Ranked>) -> Result<Vec<Ranked>, ShelfError> {
    let wording = Wording::of(question);
    for (_, at, why) in ranked.iter_mut().take(weight::WORDED) {
        let (heading, text) = reading.text_at(*at)?;
        why.wording = weight::WORDING * wording.share(&heading, &text);
    }
    ranked.sort_by(|a, b| b.2.sum().total_cmp(&a.2.sum()).then(a.0.cmp(&b.0)));
    Ok(ranked)
}

/// The first of these units that meet what an expert asked for.
fn allowed(reading: &Reading, expert: &Expert, ranked: Vec<Ranked>, limit: usize) -> Result<Vec<Ranked>, ShelfError> {
    let mut allowed = Vec::new();
    for found in ranked {
        if reading.unit_at(found.1)?.is_some_and(|unit| expert.allows(&unit)) {
            allowed.push(found);
            if allowed.len() == limit {
                break;
            }
        }
    }
    Ok(allowed)
}

/// The units that a question names outright, in its order, with where they stand.
fn named(reading: &Reading, question: &Question, open: &Open) -> Result<Vec<(UnitId, At)>, ShelfError> {
    let mut named = Vec::new();
    for place in asked::places(&question.text, reading.law_names()) {
        let unit = UnitId::new(format!("{}/{}", place.law, place.article.key()));
        if question.without.as_ref() != Some(&unit)
            && named.iter().all(|(known, _)| *known != unit)
            && let Some(at) = reading.place(&unit, open)?
        {
            named.push((unit, at));
        }
    }
    Ok(named)
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
    let _turn = reading.turns.take();
    let (mut ranked, _) = ranked(reading, question, question.limit)?;
    ranked.truncate(question.limit);
    hits(reading, ranked)
}

/// As [`rank`], with how the units that fit are spread over the facets.
///
/// # Errors
/// As there.
pub fn find(reading: &Reading, question: &Question) -> Result<Found, ShelfError> {
    let _turn = reading.turns.take();
    let (mut ranked, more) = ranked(reading, question, usize::MAX)?;
    let places: Vec<At> = ranked.iter().map(|(_, at, _)| *at).collect();
    ranked.truncate(question.limit);
    Ok(Found { units: places.len(), more, counts: facets::count(reading, &places)?, hits: hits(reading, ranked)? })
}

/// The units that fit, best first, and whether more may fit than were looked at. Of an expert's question no more than
/// `enough` are looked for.
fn ranked(reading: &Reading, question: &Question, enough: usize) -> Result<(Vec<Ranked>, bool), ShelfError> {
    let expert = expert::read(question::bounded(&question.text));
    let mut open = question.narrowing.open(&reading.searcher, &reading.fields)?;
    open.keep_units(&reading.searcher, &question::must_hold(reading, expert.required())?)?;
    for (facet, wanted) in expert.facets() {
        open.keep_facet(&reading.searcher, &reading.fields, facet, wanted)?;
    }
    let named = named(reading, question, &open)?;
    let terms = question::terms(reading, &expert.free)?;
    let without = question.without.as_ref().map(UnitId::number);
    if expert.free.trim().is_empty() && !expert.is_plain() {
        // Fields alone (院:参議院) rank nothing: what has them is told, the latest first.
        let mut latest = latest::units(reading, &open)?;
        let more = latest.len() >= weight::CANDIDATES;
        latest.retain(|(unit, ..)| Some(*unit) != without);
        return Ok((allowed(reading, &expert, latest, enough)?, more));
    }
    let mut scored = score::passages(reading, &terms, &open)?;
    scored.retain(|passage| Some(passage.unit) != without);
    let more = scored.len() >= weight::CANDIDATES;
    let mut ranked = worded(reading, &expert.free, evidence::weigh(&scored))?;
    if let Some(near) = &question.near {
        let mut nearest = near.nearest(reading, &open, weight::NEAREST)?;
        nearest.retain(|close| Some(close.unit) != without);
        ranked = fusion::fuse(ranked, &fusion::supported(&nearest));
    }
    ranked.retain(|(unit, ..)| named.iter().all(|(name, _)| name.number() != *unit));
    #[expect(clippy::cast_precision_loss, reason = "twenty at most")]
    let first = named.iter().enumerate().map(|(rank, (name, at))| {
        let named = NAMED - rank as f32;
        (name.number(), *at, Why { named, ..Why::default() })
    });
    ranked.splice(0..0, first);
    let ranked = if expert.is_plain() { ranked } else { allowed(reading, &expert, ranked, enough)? };
    Ok((ranked, more))
}

fn hits(reading: &Reading, ranked: Vec<Ranked>) -> Result<Vec<Hit>, ShelfError> {
    let places: Vec<At> = ranked.iter().map(|(_, at, _)| *at).collect();
    let hit = |(unit, (_, _, why)): (UnitId, Ranked)| Hit { unit, score: why.sum(), why };
    Ok(reading.names(&places)?.into_iter().zip(ranked).map(hit).collect())
}
