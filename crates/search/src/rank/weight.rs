//! The constants of the ranking, found by `sekisho eval` on the development sets; flat around these values.

/// How often a title stands in the head.
pub(crate) const TITLE: usize = 2;
/// How often a caption and an article's number stand in the head.
pub(crate) const CAPTION: usize = 5;
/// How often a heading stands in the head.
pub(crate) const PATH: usize = 1;

/// Saturation of BM25.
pub(crate) const K1: f32 = 1.2;
/// How much the length of a text counts. The head's does not count.
pub(crate) const B: f32 = 0.7;

/// Weight of words, and of pairs of characters.
pub(crate) const WORDS: f32 = 1.0;
pub(crate) const GRAMS: f32 = 0.5;

/// Terms of a question that count, of each way of cutting, the rarest first.
pub(crate) const TERMS: usize = 64;
/// Characters of a question that are read.
pub(crate) const QUESTION: usize = 8_000;
/// Pairs of characters by which an expert's conditions are looked for in the index before the stored text is read.
pub(crate) const PAIRS: usize = 24;
/// Postings read for every passage before the remaining terms are looked up for the best alone.
pub(crate) const POSTINGS: u64 = 100_000;
/// Passages that are looked at more closely.
pub(crate) const CANDIDATES: usize = 500;

/// Units whose best passage is looked at for the question's wording, and how much a passage that has all of it gains.
pub(crate) const WORDED: usize = 40;
pub(crate) const WORDING: f32 = 0.7;

/// Units that are nearest in meaning and are fused with those found by words.
pub(crate) const NEAREST: usize = 100;
/// What is added to a rank before the two rankings are fused: a rank is worth one over it and this, so that no score of one
/// ranking has to be made comparable with one of the other. The smaller, the more the first ranks count. The 60 of the paper
/// that introduced the fusion (Cormack, Clarke, Büttcher 2009) is for rankings of equal worth: with it, what stands in the
/// middle of both beats what is first in one, and a weak model spoils a good ranking by words.
pub(crate) const FUSED: f32 = 5.0;
/// What a rank by meaning is worth of one by words. What is nearest and shares no word comes eighth; a model that knows
/// nothing costs little.
pub(crate) const MEANING: f32 = 0.5;

/// How much the best units of a group lift the others, and how much less each further one counts.
pub(crate) const GROUP: f32 = 0.15;
pub(crate) const GROUP_OF_RECORDS: f32 = 0.4;
pub(crate) const GROUP_SIZE: u32 = 5;
pub(crate) const GROUP_DECAY: f32 = 0.7;

/// What an answer gains over a question in the records of the Diet, and what who presides loses.
pub(crate) const ANSWERS: f32 = 0.8;
pub(crate) const PRESIDES: f32 = -0.2;
