//! BM25F over passages, term after term.

use std::cell::RefCell;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, SegmentReader, Term};

use super::question::Asked;
use super::{Scored, weight};
use crate::shelf::{Cut, Open, Reading, ShelfError, role_of};

/// Arrays with a place for every passage of a segment, kept by each thread.
#[derive(Default)]
struct Scratch {
    /// The score so far.
    scores: Vec<f32>,
    /// Occurrences of the present term.
    occurrences: Vec<f32>,
    touched: Vec<DocId>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The passages that fit best, best first; [`weight::CANDIDATES`] of each segment at most.
pub(super) fn passages(reading: &Reading, terms: &[Asked], open: &Open) -> Result<Vec<Scored>, ShelfError> {
    let lengths = [average(reading, reading.fields.words)?, average(reading, reading.fields.grams)?];
    let mut found = Vec::new();
    for (number, segment) in reading.searcher.segment_readers().iter().enumerate() {
        let best = SCRATCH
            .with_borrow_mut(|scratch| segment_passages(reading, segment, terms, lengths, open.of(number), scratch))?;
        let (units, groups, roles) = (
            segment.fast_fields().u64("unit")?,
            segment.fast_fields().u64("group")?,
            segment.fast_fields().u64("role")?,
        );
        found.extend(best.into_iter().map(|(score, place)| Scored {
            score,
            unit: units.first(place).unwrap_or_default(),
            group: groups.first(place).unwrap_or_default(),
            role: role_of(roles.first(place).unwrap_or_default()),
            at: (number, place),
        }));
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.unit.cmp(&b.unit)));
    Ok(found)
}

/// The average length of texts in one way of cutting.
fn average(reading: &Reading, cut: Cut) -> Result<f32, ShelfError> {
    let mut tokens = 0;
    for segment in reading.searcher.segment_readers() {
        tokens += segment.inverted_index(cut.text)?.total_num_tokens();
    }
    #[expect(clippy::cast_precision_loss, reason = "a statistic")]
    Ok((tokens as f32 / reading.searcher.num_docs().max(1) as f32).max(1.0))
}

/// For every length a text may have, what an occurrence in it counts.
#[expect(clippy::cast_precision_loss, reason = "a statistic")]
fn by_length(average: f32) -> [f32; 256] {
    let mut table = [0.0; 256];
    for (id, entry) in (0_u8..=255).zip(table.iter_mut()) {
        let length = FieldNormReader::id_to_fieldnorm(id) as f32;
        *entry = 1.0 / (1.0 - weight::B + weight::B * length / average);
    }
    table
}

fn segment_passages(
    reading: &Reading,
    segment: &SegmentReader,
    terms: &[Asked],
    lengths: [f32; 2],
    open: Option<&[bool]>,
    scratch: &mut Scratch,
) -> Result<Vec<(f32, DocId)>, ShelfError> {
    let count = segment.max_doc() as usize;
    // An error on the way may have left something of the question before.
    scratch.touched.clear();
    scratch.occurrences.clear();
    scratch.scores.clear();
    scratch.scores.resize(count, 0.0);
    scratch.occurrences.resize(count, 0.0);
    let tables = lengths.map(by_length);
    let [words, grams] = [reading.fields.words, reading.fields.grams];
    let norms = [segment.get_fieldnorms_reader(words.text)?, segment.get_fieldnorms_reader(grams.text)?];
    let mut read = 0;
    let mut late = terms.len();
    for (number, term) in terms.iter().enumerate() {
        if read > weight::POSTINGS {
            late = number;
            break;
        }
        read += term.postings;
        let (table, norms) = pick(term, &tables, &norms);
        each_posting(segment, &term.text, |place, times| {
            let length = table.get(usize::from(norms.fieldnorm_id(place))).copied().unwrap_or(1.0);
            scratch.add(place, times * length);
        })?;
        each_posting(segment, &term.head, |place, times| scratch.add(place, times))?;
        scratch.saturate(term.weight);
    }
    let late = terms.get(late..).unwrap_or_default();
    let mut best = Best::new(if late.is_empty() { weight::CANDIDATES } else { 2 * weight::CANDIDATES });
    for (place, score) in (0..).zip(&scratch.scores) {
        if *score > best.least && open.is_none_or(|open| open.get(place as usize).copied().unwrap_or(false)) {
            best.add(*score, place);
        }
    }
    let mut best = best.list;
    if !late.is_empty() {
        best.sort_by_key(|(_, place)| *place);
        for term in late {
            let (table, norms) = pick(term, &tables, &norms);
            let (mut text, mut head) = (postings(segment, &term.text)?, postings(segment, &term.head)?);
            for (score, place) in &mut best {
                let length = table.get(usize::from(norms.fieldnorm_id(*place))).copied().unwrap_or(1.0);
                let occurrences = times(&mut text, *place) * length + times(&mut head, *place);
                *score += term.weight * saturated(occurrences);
            }
        }
    }
    keep_best(&mut best, weight::CANDIDATES);
    Ok(best)
}

fn pick<'a>(
    term: &Asked,
    tables: &'a [[f32; 256]; 2],
    norms: &'a [FieldNormReader; 2],
) -> (&'a [f32; 256], &'a FieldNormReader) {
    let ([words, grams], [word_norms, gram_norms]) = (tables, norms);
    if term.by_words { (words, word_norms) } else { (grams, gram_norms) }
}

fn saturated(occurrences: f32) -> f32 {
    occurrences * (weight::K1 + 1.0) / (occurrences + weight::K1)
}

/// The best so far: what is no better than `least` need not be looked at.
struct Best {
    list: Vec<(f32, DocId)>,
    least: f32,
    count: usize,
}

impl Best {
    fn new(count: usize) -> Self {
        Self { list: Vec::with_capacity(2 * count), least: 0.0, count }
    }

    fn add(&mut self, score: f32, place: DocId) {
        self.list.push((score, place));
        if self.list.len() >= 2 * self.count {
            keep_best(&mut self.list, self.count);
            self.least = self.list.iter().map(|(score, _)| *score).fold(f32::INFINITY, f32::min);
        }
    }
}

fn keep_best(best: &mut Vec<(f32, DocId)>, count: usize) {
    if best.len() > count {
        best.select_nth_unstable_by(count, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        best.truncate(count);
    }
}

impl Scratch {
    fn add(&mut self, place: DocId, occurrences: f32) {
        if let Some(slot) = self.occurrences.get_mut(place as usize) {
            if *slot == 0.0 {
                self.touched.push(place);
            }
            *slot += occurrences;
        }
    }

    /// Adds what the present term is worth to the scores and makes ready for the next.
    fn saturate(&mut self, weight: f32) {
        for place in self.touched.drain(..) {
            let place = place as usize;
            if let (Some(score), Some(occurrences)) = (self.scores.get_mut(place), self.occurrences.get_mut(place)) {
                *score += weight * saturated(std::mem::take(occurrences));
            }
        }
    }
}

fn postings(segment: &SegmentReader, term: &Term) -> Result<Option<BlockSegmentPostings>, ShelfError> {
    let field: Field = term.field();
    let index = segment.inverted_index(field)?;
    Ok(index.read_block_postings(term, IndexRecordOption::WithFreqs).map_err(tantivy::TantivyError::from)?)
}

#[expect(clippy::cast_precision_loss, reason = "occurrences in one passage")]
fn each_posting(segment: &SegmentReader, term: &Term, mut each: impl FnMut(DocId, f32)) -> Result<(), ShelfError> {
    let Some(mut postings) = postings(segment, term)? else { return Ok(()) };
    while postings.block_len() > 0 {
        for (place, times) in postings.docs().iter().zip(postings.freqs()) {
            each(*place, *times as f32);
        }
        postings.advance();
    }
    Ok(())
}

/// How often a term stands at a place; places must come in order.
#[expect(clippy::cast_precision_loss, reason = "occurrences in one passage")]
fn times(postings: &mut Option<BlockSegmentPostings>, place: DocId) -> f32 {
    let Some(postings) = postings else { return 0.0 };
    if postings.block_len() == 0 {
        return 0.0;
    }
    let at = postings.seek(place);
    match postings.docs().get(at) {
        Some(found) if *found == place => postings.freqs().get(at).map_or(0.0, |times| *times as f32),
        _ => 0.0,
    }
}
